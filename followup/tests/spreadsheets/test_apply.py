"""Writing an import: in one transaction, without overwriting what others saved meanwhile."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions, history
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    ImportState,
    RememberedMapping,
    ReportState,
    Source,
    SpreadsheetImport,
    StatusReport,
)
from followup.spreadsheets import apply as writing
from followup.tests.factories import link, make_report
from followup.tests.spreadsheets.imports import (
    RESULTS,
    expected,
    joint,
    new_write,
    picture,
    write_for,
)

pytestmark = pytest.mark.django_db


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


def test_what_a_file_writes_over_an_approval_rests_on_nothing_yet(record, people, open_round):
    """The piece stays, since the file names it as well; the committee has not judged the new text."""
    approved = make_report(
        open_round,
        "3.1",
        "SWF",
        by=people["staff"],
        state="submitted",
        evidence=[link(1)],
    )
    actions.approve(
        report=approved,
        by=people["reviewer"],
        version=approved.version,
        assessed_grade="documented",
        grounds=[each.pk for each in approved.evidence.all()],
    )
    pieces = {"evidence": [[link(1)["title"], link(1)["url"]]]}
    writes = [write_for(expected(open_round, "3.1", "SWF"), **RESULTS | pieces)]
    writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    stored = expected(open_round, "3.1", "SWF")
    assert [(each.pk, each.is_ground) for each in stored.evidence.all()] == [
        (approved.evidence.get().pk, False)
    ]
    assert (stored.state, stored.assessed_grade) == ("draft", "")


def save(report, by, text="พิมพ์เอง"):
    """Somebody saves a report while the import is being looked at."""
    return actions.save_draft(
        report=report, by=by, version=report.version, fields={"results": text}, evidence=[]
    )


def test_what_others_saved_since_the_check_is_set_aside_and_the_rest_goes_in(
    record, people, open_round
):
    first, second = expected(open_round, "3.1", "SWF"), expected(open_round, "3.2", "DOPA")
    third = expected(open_round, "1.2", "MSDHS")
    writes = [
        write_for(first, **RESULTS),
        replace(write_for(second, row=3, **RESULTS), place="ผล.xlsx › แผ่น2"),
        write_for(third, row=4, **RESULTS),
    ]
    save(second, people["staff"], "ของคุณ staff")
    save(third, people["colleague"], "ของ colleague")
    written = writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    assert written == 1
    assert expected(open_round, "3.1", "SWF").results == "จัดเวที 3 ครั้ง"
    kept, other = expected(open_round, "3.2", "DOPA"), expected(open_round, "1.2", "MSDHS")
    assert (kept.results, kept.version, kept.evidence.count()) == ("ของคุณ staff", 1, 0)
    assert (other.results, other.version) == ("ของ colleague", 1)
    assert record.state == ImportState.APPLIED
    assert (record.counts["written"], record.counts["set_aside"]) == (1, 2)
    assert record.set_aside == [
        {
            "row": 3,
            "place": "ผล.xlsx › แผ่น2",
            "code": "2565-3.2",
            "agency": "กรมการปกครอง",
            "report": kept.pk,
            "by": "คุณstaff",
            "at": kept.updated_at.isoformat(),
        },
        {
            "row": 4,
            "place": "",
            "code": "2565-1.2",
            "agency": other.assignment.agency.name_th,
            "report": other.pk,
            "by": "คุณcolleague",
            "at": other.updated_at.isoformat(),
        },
    ]
    assert [each.at for each in writing.set_aside_of(record)] == [
        kept.updated_at,
        other.updated_at,
    ]
    assert [row.report_id for row in record.rows.all()] == [first.pk]


def test_where_all_was_saved_since_nothing_is_applied_and_the_list_says_so(
    record, people, open_round
):
    report = expected(open_round, "3.2", "DOPA")
    writes = [write_for(report, **RESULTS), new_write(open_round, "3.1")]
    save(report, people["staff"])
    # Somebody has made the new agency, too, and its report.
    agency = Agency.objects.create(code="TEST", name_th="มูลนิธิทดสอบ", kind="cso")
    Assignment.objects.create(
        measure_id=writes[1].measure, agency=agency, role="support", valid_from=2569
    )
    actions.expect_reports(round_=open_round)
    save(expected(open_round, "3.1", "TEST"), people["staff"])
    before = picture(history=True)
    with pytest.raises(actions.Refused) as refused:
        writing.apply(
            record=record, writes=writes, learnt={"คำใหม่": agency.pk}, by=people["administrator"]
        )
    assert str(refused.value) == (
        "ทุกรายการที่จะเขียนเปลี่ยนไปหลังจากตรวจไฟล์ จึงยังไม่เขียนรายการใด: "
        "2565-3.2 กรมการปกครอง (บันทึกโดย คุณstaff), 2565-3.1 มูลนิธิทดสอบ (บันทึกโดย คุณstaff) "
        "ตรวจไฟล์อีกครั้ง"
    )
    assert picture(history=True) == before
    record.refresh_from_db()
    assert (record.state, record.applied_at) == (ImportState.CHECKED, None)
    assert [each["code"] for each in record.set_aside] == ["2565-3.2", "2565-3.1"]
    assert not record.rows.exists()


def test_a_report_whose_assignment_ended_is_set_aside(record, people, open_round):
    """One that nobody had touched is gone, one that somebody wrote stays but is not written."""
    gone, ended = expected(open_round, "3.2", "DOPA"), expected(open_round, "1.2", "MSDHS")
    save(ended, people["staff"], "เขียนก่อนสิ้นสุด")
    ended = expected(open_round, "1.2", "MSDHS")
    writes = [
        write_for(expected(open_round, "3.1", "SWF"), **RESULTS),
        write_for(gone, row=3, **RESULTS),
        write_for(ended, row=4, **RESULTS),
    ]
    for report in (gone, ended):
        Assignment.objects.filter(pk=report.assignment_id).update(valid_from=2565, valid_to=2568)
    actions.expect_reports(round_=open_round)
    assert writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"]) == 1
    assert [(each["code"], each["report"], each["by"]) for each in record.set_aside] == [
        ("2565-3.2", 0, ""),
        ("2565-1.2", 0, ""),
    ]
    assert expected(open_round, "1.2", "MSDHS").results == "เขียนก่อนสิ้นสุด"
    assert not StatusReport.objects.filter(pk=gone.pk).exists()


def test_no_change_against_a_report_that_was_returned_since_is_set_aside(
    record, people, open_round
):
    """The check has compared it with a report that is not approved any more."""
    report = expected(open_round, "3.2", "DOPA")
    writes = [
        write_for(report, no_change=True, **RESULTS),
        write_for(expected(open_round, "3.1", "SWF"), row=3, **RESULTS),
    ]
    assert writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"]) == 1
    [aside] = writing.set_aside_of(record)
    assert (aside.code, aside.report) == ("2565-3.2", report.pk)
    assert aside.why == "ไม่มีรายงานก่อนหน้านี้ให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ"
    assert expected(open_round, "3.2", "DOPA").version == 0


@pytest.mark.parametrize("submit", [True, False])
def test_a_date_that_moved_since_the_check_is_not_submitted_without_its_reason(
    record, people, open_round, submit
):
    """The check knew no earlier date, so that it asked for no reason. A draft may lack it."""
    make_report(
        open_round,
        "3.1",
        "SWF",
        by=people["staff"],
        reviewer=people["reviewer"],
        target_on=date(2027, 9, 30),
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    following = actions.create_round(by=people["staff"], year=open_round.year_be + 1)
    actions.open_round(round_=following, by=people["staff"])
    record.round, record.submit = following, submit
    record.save()
    report = expected(following, "3.1", "SWF")
    writes = [write_for(report, target_on="2028-03-31", **RESULTS)]
    write = partial(writing.apply, record=record, writes=writes, learnt={})
    if submit:
        with pytest.raises(actions.Refused, match="ระบุเหตุผลที่เปลี่ยนกำหนด"):
            write(by=people["administrator"])
    else:
        assert write(by=people["administrator"]) == 1


def test_an_agency_that_only_a_set_aside_row_needs_is_not_made(record, people, open_round):
    """Another import has made it since the check, with the assignment and the report."""
    writes = [new_write(open_round, "3.1")]
    other = SpreadsheetImport.objects.create(
        round=open_round, created_by=people["administrator"], file_name="ก", state="checked"
    )
    writing.apply(record=other, writes=writes, learnt={}, by=people["administrator"])
    again = [new_write(open_round, "3.1"), new_write(open_round, "3.2", row=3)]
    assert writing.apply(record=record, writes=again, learnt={}, by=people["administrator"]) == 1
    assert Agency.objects.filter(name_th="มูลนิธิทดสอบ").count() == 1
    assert [each["code"] for each in record.set_aside] == ["2565-3.1"]
    assert (len(record.made["agencies"]), len(record.made["assignments"])) == (0, 1)


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
def test_only_those_who_may_import_import_(record, people, open_round, role):
    report = expected(open_round, "3.1", "SWF")
    with pytest.raises(PermissionDenied):
        writing.apply(
            record=record, writes=[write_for(report, **RESULTS)], learnt={}, by=people[role]
        )


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
    write = new_write(open_round, "3.1")
    writing.apply(record=record, writes=[write], learnt={}, by=people["administrator"])
    report = open_round.reports.get(assignment__agency__name_th="มูลนิธิทดสอบ")
    assert (report.assignment.role, report.assignment.basis) == ("support", "proposed")
    assert report.results == "จัดเวที 3 ครั้ง"
    assert record.made["agencies"] == [report.assignment.agency_id]
    assert record.made["assignments"] == [report.assignment_id]
    assert record.made["reports"] == [report.pk]
    assert (record.made["aliases"], record.made["mappings"]) == ([], [])


def test_a_code_that_somebody_has_taken_is_passed_over(record, people, open_round):
    """The count of agencies is no free number: one was deleted, or somebody chose the code."""
    taken = f"NEW_{Agency.objects.count() + 2}"
    Agency.objects.create(code=taken, name_th="ผู้มาก่อน", kind="cso")
    writing.apply(
        record=record,
        writes=[new_write(open_round, "3.1"), new_write(open_round, "3.2", row=3, name="มูลนิธิที่สอง")],
        learnt={},
        by=people["administrator"],
    )
    codes = list(Agency.objects.filter(code__startswith="NEW_").values_list("code", flat=True))
    assert len(set(codes)) == 3
    assert taken in codes


def test_an_alias_that_was_there_is_not_noted_as_made(record, people):
    codi = Agency.objects.get(code="CODI")
    known = AgencyAlias.objects.create(agency=codi, name="พ อ ช")
    gone = Agency.objects.create(code="GONE", name_th="ยุบแล้ว", kind="cso")
    learnt = {"พ อ ช": codi.pk, "พอชชี่": codi.pk, "ไม่มีแล้ว": gone.pk}
    gone.delete()
    writing.apply(record=record, writes=[], learnt=learnt, by=people["administrator"])
    made = AgencyAlias.objects.get(name="พอชชี่")
    assert record.made["aliases"] == [made.pk]
    assert record.made["shared"]["aliases"] == [known.pk]
    assert not AgencyAlias.objects.filter(name="ไม่มีแล้ว").exists()


@pytest.mark.parametrize(
    ("remember", "unused", "kept"),
    [
        (False, False, None),
        (False, True, None),
        (True, False, {"0": "clause_code", "2": "status"}),
        (True, True, {"0": "clause_code", "1": "", "2": "status"}),
    ],
)
def test_a_mapping_is_remembered_only_where_somebody_says_so(
    record, people, remember, unused, kept
):
    record.mapping = {"ก" * 64: {"0": "clause_code", "1": "", "2": "status"}}
    record.remember, record.remember_unused = remember, unused
    record.save()
    writing.apply(record=record, writes=[], learnt={}, by=people["administrator"])
    stored = list(RememberedMapping.objects.values_list("signature", "mapping"))
    assert stored == ([("ก" * 64, kept)] if kept else [])
    assert record.made["mappings"] == (
        [{"signature": "ก" * 64, "before": None, "after": kept}] if kept else []
    )


def test_a_memory_that_says_the_same_is_left_alone_and_another_is_noted(record, people):
    same = RememberedMapping.objects.create(signature="a", mapping={"0": "status"})
    RememberedMapping.objects.create(signature="b", mapping={"0": "result"})
    record.mapping = {"a": {"0": "status", "1": ""}, "b": {"0": "status"}, "c": {"0": ""}}
    record.remember = True
    record.save()
    writing.apply(record=record, writes=[], learnt={}, by=people["administrator"])
    assert RememberedMapping.objects.get(signature="a").updated_at == same.updated_at
    assert RememberedMapping.objects.get(signature="b").mapping == {"0": "status"}
    assert not RememberedMapping.objects.filter(signature="c").exists(), "nothing to remember"
    assert record.made["mappings"] == [
        {"signature": "b", "before": {"0": "result"}, "after": {"0": "status"}}
    ]


def test_the_history_tells_an_import_as_one_entry_for_each_report(record, people, open_round):
    report = expected(open_round, "3.1", "SWF")
    writes = [write_for(report, **RESULTS), new_write(open_round, "3.2", row=3)]
    writing.apply(record=record, writes=writes, learnt={}, by=people["administrator"])
    new = open_round.reports.get(assignment__agency__name_th="มูลนิธิทดสอบ")
    sentence = f"นำเข้าจากสเปรดชีต การนำเข้าที่ {record.pk}"
    for each, others in ((report, ["เปิดรายการให้รายงาน"]), (new, [])):
        told, _more = history.entries(report=each)
        assert [entry.sentence for entry in told] == [sentence, *others]
        assert told[0].who == "คุณadministrator"
        assert "หลักฐาน: ชื่อหลักฐาน" in [change.label for change in told[0].changes]


@pytest.mark.parametrize(("code", "tied"), [("1.3", None), ("1.1", None), ("1.3 budget", "1.1")])
def test_a_file_with_another_text_parts_a_joint_report(record, people, open_round, code, tied):
    """Of the one that refers to another, and of the one that tells others; an amount parts nothing."""
    staff, admin = people["staff"], people["administrator"]
    joint(open_round, staff)
    code, _space, only = code.partition(" ")
    values = {"budget_spent": "5.00"} if only else {"results": "ข้อความในไฟล์"}
    writes = [write_for(expected(open_round, code, "DSDW_CSO"), **values)]
    writing.apply(record=record, writes=writes, learnt={}, by=admin)
    other = expected(open_round, "1.3", "DSDW_CSO")
    assert (other.told_in.measure.code if other.told_in else None) == tied
    assert other.results == ("ข้อความในไฟล์" if code == "1.3" and not only else "จัดเวทีร่วม")
    assert other.history.first().told_in_id == other.told_in_id
