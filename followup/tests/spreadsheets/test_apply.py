"""Writing an import and taking it back: all of it or nothing, and exactly."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.models import (
    Agency,
    AgencyAlias,
    Evidence,
    ImportState,
    ReportState,
    Source,
    SpreadsheetImport,
    StatusReport,
)
from followup.spreadsheets import apply as writing
from followup.spreadsheets.lookup import EMPTY, values_of
from followup.spreadsheets.preview import Write

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(open_round, people):
    return SpreadsheetImport.objects.create(
        round=open_round,
        created_by=people["administrator"],
        file_name="ผล.xlsx",
        state=ImportState.CHECKED,
    )


def expected(round_, code, agency):
    return round_.reports.with_context().get(
        assignment__measure__resolution__number=code.split(".")[0],
        assignment__measure__number=code.split(".")[1],
        assignment__agency__code=agency,
    )


def write_for(report, row=2, **values):
    before = values_of(report)
    after = {**before, **values}
    return Write(
        row=row,
        assignment=report.assignment_id,
        report=report.pk,
        version=report.version,
        measure=report.measure.pk,
        agency=report.assignment.agency_id,
        new_agency="",
        values=after,
        changes={
            name: (before[name], after[name]) for name in after if before[name] != after[name]
        },
        is_new=report.version == 0,
    )


def picture():
    """Everything of every report that an import may touch, for comparing before and after."""
    return {
        report.pk: (
            values_of(report),
            [(piece.title, piece.url, piece.is_public) for piece in report.evidence.all()],
            {name: getattr(report, name) for name in writing.KEPT},
        )
        for report in StatusReport.objects.prefetch_related("evidence", "provinces")
    }


RESULTS = {
    "reported_status": "in_progress",
    "results": "จัดเวที 3 ครั้ง",
    "budget_received": "1250000.00",
    "provinces": ["10", "50"],
    "evidence": [["สรุปเวที", "https://example.org/a"]],
}


def test_a_draft_is_written_whole_and_recorded(record, people, open_round):
    report = expected(open_round, "3.1", "SWF")
    written = writing.apply(
        record=record, writes=[write_for(report, **RESULTS)], learnt={}, by=people["administrator"]
    )
    stored = expected(open_round, "3.1", "SWF")
    assert written == 1
    assert stored.state == ReportState.DRAFT
    assert stored.source == Source.SPREADSHEET
    assert stored.results == "จัดเวที 3 ครั้ง"
    assert stored.budget_received == Decimal("1250000.00")
    assert [each.name_th for each in stored.provinces.all()] == ["กรุงเทพมหานคร", "เชียงใหม่"]
    assert [piece.url for piece in stored.evidence.all()] == ["https://example.org/a"]
    assert stored.version == 1
    assert stored.updated_by == people["administrator"]
    entry = stored.history.first()
    assert (entry.results, entry.history_change_reason) == (
        "จัดเวที 3 ครั้ง",
        f"import {record.pk}",
    )
    assert entry.history_user == people["administrator"]
    assert {each.province_id for each in entry.provinces.all()} == {"10", "50"}
    assert record.state == ImportState.APPLIED
    assert record.applied_at


def test_submitted_at_once_waits_for_a_reviewer(record, people, open_round):
    record.submit = True
    record.save()
    report = expected(open_round, "3.1", "SWF")
    writing.apply(
        record=record, writes=[write_for(report, **RESULTS)], learnt={}, by=people["administrator"]
    )
    stored = expected(open_round, "3.1", "SWF")
    assert stored.state == ReportState.SUBMITTED
    assert stored.submitted_by == people["administrator"]
    with pytest.raises(actions.Refused, match="ผู้รายงานตรวจรายการของตนเองไม่ได้"):
        actions.approve(report=stored, by=people["administrator"], version=stored.version)


def test_a_report_changed_since_the_preview_stops_all_of_it(record, people, open_round):
    first, second = expected(open_round, "3.1", "SWF"), expected(open_round, "3.2", "DOPA")
    writes = [write_for(first, **RESULTS), write_for(second, row=3, **RESULTS)]
    actions.save_draft(
        report=second,
        by=people["staff"],
        version=0,
        fields={"results": "พิมพ์เอง"},
        evidence=[],
    )
    before = picture()
    with pytest.raises(actions.Refused) as refused:
        writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    assert str(refused.value) == ("มีผู้แก้ไขรายการเหล่านี้หลังจากนั้นแล้ว จึงยังไม่เขียนรายการใด: 2565-3.2 ปค.")
    assert picture() == before
    record.refresh_from_db()
    assert record.state == ImportState.CHECKED
    assert not record.rows.exists()


def test_the_same_import_is_written_once(record, people, open_round):
    report = expected(open_round, "3.1", "SWF")
    writes = [write_for(report, **RESULTS)]
    writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    with pytest.raises(actions.Refused, match="ไฟล์นี้นำเข้าไปแล้ว"):
        writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    assert expected(open_round, "3.1", "SWF").version == 1


def test_a_closed_round_takes_nothing(record, people, open_round):
    report = expected(open_round, "3.1", "SWF")
    actions.close_round(round_=open_round, by=people["staff"])
    with pytest.raises(actions.Refused, match="ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข"):
        writing.apply(
            record=record,
            writes=[write_for(report, **RESULTS)],
            learnt={},
            by=people["administrator"],
        )
    assert expected(open_round, "3.1", "SWF").is_untouched


@pytest.mark.parametrize("role", ["staff", "reviewer", "outsider"])
def test_only_those_who_may_import_import_and_undo(record, people, open_round, role):
    report = expected(open_round, "3.1", "SWF")
    with pytest.raises(PermissionDenied):
        writing.apply(
            record=record, writes=[write_for(report, **RESULTS)], learnt={}, by=people[role]
        )
    with pytest.raises(PermissionDenied):
        writing.undo(record=record, by=people[role])


def test_undo_puts_everything_back_exactly(record, people, open_round):
    """A report that was typed, reviewed and has internal evidence; and one that nobody touched."""
    typed, untouched = expected(open_round, "3.1", "SWF"), expected(open_round, "3.2", "DOPA")
    actions.save_draft(
        report=typed,
        by=people["staff"],
        version=0,
        fields={
            "reported_status": "in_progress",
            "results": "ทำอยู่",
            "budget_spent": Decimal("5.25"),
        },
        evidence=[{"title": "ภายใน", "url": "https://example.org/in", "is_public": False}],
    )
    actions.submit(report=typed, by=people["staff"], version=1)
    actions.approve(
        report=typed,
        by=people["reviewer"],
        version=2,
        assessed_status="not_started",
        assessed_note="ยังไม่พบหลักฐาน",
    )
    before = picture()
    typed = expected(open_round, "3.1", "SWF")
    writes = [write_for(typed, **RESULTS), write_for(untouched, row=3, **RESULTS)]
    writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    assert picture() != before
    assert writing.undo(record=record, by=people["administrator"]) == 2
    assert picture() == before
    assert record.state == ImportState.UNDONE
    restored = expected(open_round, "3.1", "SWF")
    assert restored.approved_by == people["reviewer"]
    assert restored.assessed_note == "ยังไม่พบหลักฐาน"
    assert Evidence.objects.get(report=restored).is_public is False
    assert restored.history.first().history_change_reason == f"undo import {record.pk}"
    with pytest.raises(actions.Refused, match="ย้อนไปแล้ว"):
        writing.undo(record=record, by=people["administrator"])


def test_undo_refuses_with_a_list_where_somebody_worked_on(record, people, open_round):
    first, second = expected(open_round, "3.1", "SWF"), expected(open_round, "3.2", "DOPA")
    writes = [write_for(first, **RESULTS), write_for(second, row=3, **RESULTS)]
    writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    second = expected(open_round, "3.2", "DOPA")
    actions.save_draft(
        report=second, by=people["staff"], version=1, fields={"results": "แก้ต่อ"}, evidence=[]
    )
    before = picture()
    with pytest.raises(actions.Refused) as refused:
        writing.undo(record=record, by=people["administrator"])
    assert "3.2 ปค." in str(refused.value)
    assert "3.1" not in str(refused.value)
    assert picture() == before


def test_an_answered_name_is_learnt(record, people):
    codi = Agency.objects.get(code="CODI")
    writing.apply(
        record=record,
        writes=[],
        learnt={"สถาบัน พอช. (มหาชน)": codi.pk},
        by=people["administrator"],
    )
    assert AgencyAlias.objects.get(name="สถาบัน พอช. (มหาชน)").agency == codi


def test_a_new_agency_comes_with_a_proposed_assignment_and_its_report(record, people, open_round):
    measure = expected(open_round, "3.1", "SWF").measure
    write = Write(
        row=2,
        assignment=0,
        report=0,
        version=0,
        measure=measure.pk,
        agency=0,
        new_agency="มูลนิธิทดสอบ",
        values={**EMPTY, **RESULTS},
        changes={},
        is_new=True,
    )
    writing.apply(record=record, writes=[write], learnt={}, by=people["administrator"])
    report = open_round.reports.get(assignment__agency__name_th="มูลนิธิทดสอบ")
    assert (report.assignment.role, report.assignment.basis) == ("support", "proposed")
    assert report.results == "จัดเวที 3 ครั้ง"
