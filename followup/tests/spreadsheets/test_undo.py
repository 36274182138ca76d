"""Undoing an import: everything that it wrote or created, except rows that others use now."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from followup import actions, history
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    Evidence,
    FocalPoint,
    ImportState,
    Letter,
    RememberedMapping,
    SpreadsheetImport,
    StatusReport,
)
from followup.spreadsheets import apply as writing
from followup.spreadsheets import session
from followup.spreadsheets import undo as taking_back
from followup.tests.factories import link
from followup.tests.spreadsheets.imports import (
    RESULTS,
    applied,
    expected,
    joint,
    new_write,
    other_tables,
    picture,
    write_for,
)

pytestmark = pytest.mark.django_db


def another(record, **values):
    return SpreadsheetImport.objects.create(
        round=record.round,
        created_by=record.created_by,
        file_name="อีกไฟล์.xlsx",
        state=ImportState.CHECKED,
        **values,
    )


# Exactly as before ----------------------------------------------------------------------------


@pytest.mark.parametrize("part", [500, 7])
def test_everything_is_as_before(record, people, open_round, parts_of, part):
    """60 reports, some worked on before, new agencies, an alias, two memories, handed in at once."""
    parts_of(part)
    by = people["administrator"]
    typed = expected(open_round, "3.1", "SWF")
    actions.save_draft(
        report=typed,
        by=people["staff"],
        version=0,
        fields={
            "reported_status": "in_progress",
            "results": "ทำอยู่",
            "budget_spent": Decimal("5.25"),
        },
        evidence=[link(1), link(2, is_public=False), link(3)],
        provinces=[],
    )
    actions.submit(report=typed, by=people["staff"], version=1)
    actions.approve(
        report=typed,
        by=people["reviewer"],
        version=2,
        assessed_status="not_started",
        assessed_note="ยังไม่พบหลักฐาน",
        assessed_grade="documented",
        grounds=[each.pk for each in typed.evidence.all() if not each.is_public],
    )
    RememberedMapping.objects.create(signature="b", mapping={"0": "result"})
    record.submit = record.remember = True
    record.mapping = {"a": {"0": "status"}, "b": {"0": "status"}}
    record.save()
    codi = Agency.objects.get(code="CODI")
    reports = list(open_round.reports.with_context()[:60])
    assert typed in reports
    before, others = picture(), other_tables()
    writes = [
        write_for(report, row=row, **RESULTS | {"evidence": [["สรุปเวที", "https://example.org/a"]]})
        for row, report in enumerate(reports, start=2)
    ]
    writes += [
        new_write(open_round, "3.1", row=70),
        new_write(open_round, "3.2", row=71),
        new_write(open_round, "3.2", row=72, name="มูลนิธิที่สอง"),
    ]
    writing.apply(record=record, writes=writes, learnt={"พอชชี่": codi.pk}, by=by)
    after = picture()
    assert [model.__name__ for model in before if before[model] == after[model]] == [], (
        "the import has touched every table"
    )
    takes = taking_back.what_undo_takes(record)
    assert (takes.back, takes.gone, takes.assignments, takes.mappings) == (60, 3, 3, 2)
    assert takes.evidence == 63
    assert takes.agencies == ["มูลนิธิทดสอบ", "มูลนิธิที่สอง"]
    assert takes.aliases == [("พอชชี่", codi.name_th)]
    assert takes.is_possible
    seen = []
    count = taking_back.undo(
        record=record, by=by, progress=lambda done, total: seen.append((done, total))
    )
    assert count == 63
    assert seen[-1] == (63, 63)
    assert picture() == before
    assert other_tables() | {"ImportedRow": 0, "SpreadsheetImport": 0} == others | {
        "ImportedRow": 0,
        "SpreadsheetImport": 0,
    }
    assert record.state == ImportState.UNDONE
    assert (record.made["back"], record.made["gone"], record.made["stays"]) == (60, 3, [])
    restored = expected(open_round, "3.1", "SWF")
    assert restored.approved_by == people["reviewer"]
    assert [(each.title, each.is_public, each.is_ground) for each in restored.evidence.all()] == [
        ("หลักฐานที่ 1", True, False),
        ("หลักฐานที่ 2", False, True),
        ("หลักฐานที่ 3", True, False),
    ]
    assert restored.assessed_grade == "documented"
    assert restored.version == 5, "versions only rise"
    with pytest.raises(actions.Refused, match="ย้อนไปแล้ว"):
        taking_back.undo(record=record, by=by)


def test_the_history_keeps_what_is_gone(made, people, open_round, new_agency, sign_in):
    gone = StatusReport.objects.get(assignment__agency=new_agency, assignment__measure__number=1)
    back = expected(open_round, "3.1", "SWF")
    taking_back.undo(record=made, by=people["administrator"])
    told, _more = history.entries(by=people["administrator"])
    sentences = [(each.subject, each.sentence) for each in told]
    removed = f"ตามการย้อนการนำเข้าที่ {made.pk}"
    assert sentences.count(("รายการที่ลบไปแล้ว", f"ลบรายงานผล {removed}")) == 2
    assert sentences.count(("รายการที่ลบไปแล้ว", f"ลบการมอบหมาย {removed}")) == 2
    assert sentences.count((str(back), f"ย้อนการนำเข้าที่ {made.pk}")) == 1
    assert {each.who for each in told} == {"คุณadministrator"}
    assert StatusReport.history.filter(id=gone.pk).count() == 3
    desk = sign_in(people["staff"])
    page = desk.get(reverse("staff-history"))
    assert f"ลบรายงานผล {removed}" in page.content.decode()
    assert desk.get(reverse("staff-report-history", args=[back.pk])).status_code == 200
    assert desk.get(reverse("staff-report-history", args=[gone.pk])).status_code == 404


def test_an_import_from_before_all_was_recorded_is_put_back(made, people, open_round):
    """It has no lists, and its links no order: reports that it made are empty again."""
    SpreadsheetImport.objects.update(made={}, set_aside=[], counts={"writes": 3})
    for row in made.rows.all():
        row.before["evidence"] = [piece[:3] for piece in row.before["evidence"]]
        row.save()
    made.refresh_from_db()
    takes = taking_back.what_undo_takes(made)
    assert (takes.back, takes.gone, takes.agencies, takes.evidence) == (3, 0, [], 3)
    assert taking_back.undo(record=made, by=people["administrator"]) == 3
    assert not Evidence.objects.exists()
    assert {report.results for report in open_round.reports.all()} == {""}


# What stops it --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["staff", "reviewer", "outsider"])
def test_only_those_who_may_import_take_back(made, people, role):
    with pytest.raises(PermissionDenied):
        taking_back.undo(record=made, by=people[role])


def test_it_refuses_whole_where_somebody_worked_on(made, people, open_round):
    report = expected(open_round, "3.1", "SWF")
    actions.save_draft(
        report=report, by=people["staff"], version=1, fields={"results": "แก้ต่อ"}, evidence=[]
    )
    before = picture(history=True)
    with pytest.raises(actions.Refused) as refused:
        taking_back.undo(record=made, by=people["administrator"])
    assert str(refused.value) == (
        "มีผู้แก้ไขรายการเหล่านี้หลังจากนำเข้า จึงยังไม่ย้อนรายการใด: "
        f"2565-3.1 {report.assignment.agency.short} (คุณstaff)"
    )
    assert picture(history=True) == before
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED
    (changed,) = taking_back.what_undo_takes(made).changed
    report.refresh_from_db()
    assert (changed.report, changed.code, changed.by) == (report.pk, "2565-3.1", "คุณstaff")
    assert changed.at == report.updated_at


def test_a_closed_round_keeps_what_it_has(made, people, open_round):
    actions.close_round(round_=open_round, by=people["staff"])
    before = picture()
    with pytest.raises(actions.Refused, match="ปิดแล้ว ติดต่อผู้ดูแล"):
        taking_back.undo(record=made, by=people["administrator"])
    assert picture() == before
    made.refresh_from_db()
    assert "ปิดแล้ว" in taking_back.what_undo_takes(made).refusal


def test_what_is_only_checked_cannot_be_taken_back(record, people):
    with pytest.raises(actions.Refused, match="ยังไม่ได้นำเข้า"):
        taking_back.undo(record=record, by=people["administrator"])


# What others use by now -----------------------------------------------------------------------


def edit(agency, people):
    Agency.objects.filter(pk=agency.pk).update(code="TESTFOUND", kind="cso")


def meet_somebody(agency, people):
    FocalPoint.objects.create(agency=agency, name="สมหญิง", phone="02")


def write_to(agency, people):
    round_ = StatusReport.objects.filter(assignment__agency=agency)[0].round
    today = timezone.localdate()
    Letter.objects.create(
        round=round_, agency=agency, attempt=1, number="1", sent_on=today, answer_by=today
    )


def give_a_link(agency, people):
    round_ = StatusReport.objects.filter(assignment__agency=agency)[0].round
    actions.issue_link(round_=round_, agency=agency, by=people["staff"])


def assign(agency, people):
    measure = Assignment.objects.exclude(agency=agency)[0].measure
    Assignment.objects.create(measure=measure, agency=agency, role="lead", valid_from=2569)


def name_otherwise(agency, people):
    AgencyAlias.objects.create(agency=agency, name="มนธ.")


def put_below(agency, people):
    Agency.objects.create(code="BELOW", name_th="สาขา", kind="cso", parent=agency)


@pytest.mark.parametrize(
    ("use", "why"),
    [
        (edit, "มีผู้แก้ไขหลังจากนำเข้า"),
        (meet_somebody, "มีผู้ประสานงานของหน่วยงานที่ใช้อยู่"),
        (write_to, "มีหนังสือติดตามที่ใช้อยู่"),
        (give_a_link, "มีลิงก์ให้หน่วยงานกรอกเองที่ใช้อยู่"),
        (assign, "มีการมอบหมายที่ใช้อยู่"),
        (name_otherwise, "มีชื่ออื่นของหน่วยงานที่ใช้อยู่"),
        (put_below, "มีหน่วยงานที่ใช้อยู่"),
    ],
)
def test_an_agency_that_is_used_stays_and_is_named(made, people, new_agency, use, why):
    use(new_agency, people)
    takes = taking_back.what_undo_takes(made)
    assert takes.agencies == []
    assert takes.stays == [taking_back.Stay("หน่วยงาน", "มูลนิธิทดสอบ", why)]
    taking_back.undo(record=made, by=people["administrator"])
    assert made.made["stays"] == [["หน่วยงาน", "มูลนิธิทดสอบ", why]]
    assert Agency.objects.filter(name_th="มูลนิธิทดสอบ").exists()
    assert not StatusReport.objects.filter(pk__in=made.made["reports"]).exists()
    assert not Assignment.objects.filter(pk__in=made.made["assignments"]).exists()


def test_an_assignment_that_was_confirmed_stays_with_an_empty_report(made, people, new_agency):
    kept = Assignment.objects.get(agency=new_agency, measure__number=1)
    Assignment.objects.filter(pk=kept.pk).update(basis="confirmed")
    taking_back.undo(record=made, by=people["administrator"])
    (report,) = StatusReport.objects.filter(assignment__agency=new_agency)
    assert (report.assignment, report.results, report.state) == (kept, "", "draft")
    assert made.made["stays"] == [
        ["การมอบหมาย", "2565-3.1 มูลนิธิทดสอบ", "มีผู้แก้ไขหลังจากนำเข้า"],
        ["หน่วยงาน", "มูลนิธิทดสอบ", "มีการมอบหมายที่ใช้อยู่"],
    ]


@pytest.mark.parametrize("written", [True, False])
def test_an_assignment_reported_on_in_another_round(made, people, new_agency, written):
    """Its expected report there goes with it, unless somebody has written it."""
    later = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=later, by=people["staff"])
    report = later.reports.get(assignment__agency=new_agency, assignment__measure__number=1)
    if written:
        actions.save_draft(
            report=report, by=people["staff"], version=0, fields={"results": "ก"}, evidence=[]
        )
    taking_back.undo(record=made, by=people["administrator"])
    assert later.reports.filter(assignment__agency=new_agency).count() == written
    stays = [
        ["การมอบหมาย", "2565-3.1 มูลนิธิทดสอบ", "มีรายงานผลในรอบปีงบประมาณ 2570"],
        ["หน่วยงาน", "มูลนิธิทดสอบ", "มีการมอบหมายที่ใช้อยู่"],
    ]
    assert made.made["stays"] == (stays if written else [])


@pytest.mark.parametrize("use", ["shared", "edited", "none"])
def test_an_alias_that_another_import_uses_stays(record, people, use):
    codi = Agency.objects.get(code="CODI")
    applied(record, people["administrator"], [], พอชชี่=codi.pk)
    if use == "shared":
        other = applied(another(record), people["administrator"], [], พอชชี่=codi.pk)
        why = f"การนำเข้าที่ {other.pk} ใช้ด้วย"
    elif use == "edited":
        AgencyAlias.objects.filter(name="พอชชี่").update(agency=Agency.objects.get(code="DOPA"))
        why = "มีผู้แก้ไขหลังจากนำเข้า"
    taking_back.undo(record=record, by=people["administrator"])
    assert AgencyAlias.objects.filter(name="พอชชี่").exists() == (use != "none")
    expected_stays = [] if use == "none" else [["ชื่ออื่นของหน่วยงาน", "พอชชี่", why]]
    assert record.made["stays"] == expected_stays


@pytest.mark.parametrize("use", ["shared", "changed", "forgotten", "none"])
def test_a_memory_that_another_import_uses_stays(record, people, use):
    by = people["administrator"]
    memory = {"mapping": {"a": {"0": "status"}}, "remember": True}
    SpreadsheetImport.objects.filter(pk=record.pk).update(**memory)
    applied(record, by, [])
    stays, left = [], []
    if use == "shared":
        other = applied(another(record, **memory), by, [])
        left, why = [{"0": "status"}], f"การนำเข้าที่ {other.pk} ใช้ด้วย"
    elif use == "changed":
        applied(another(record, mapping={"a": {"0": "result"}}, remember=True), by, [])
        left, why = [{"0": "result"}], "มีผู้จำการจับคู่ใหม่หลังจากนำเข้า"
    elif use == "forgotten":
        RememberedMapping.objects.all().delete()
    if left:
        stays = [["การจับคู่คอลัมน์ที่จำไว้", "ผล.xlsx", why]]
    taking_back.undo(record=record, by=by)
    assert list(RememberedMapping.objects.values_list("mapping", flat=True)) == left
    assert record.made["stays"] == stays


def test_what_refers_to_it_unknown_to_the_plan_is_not_guessed(
    made, people, new_agency, monkeypatch
):
    """A kind of row that the plan does not know of, and that the database protects."""
    write_to(new_agency, people)
    monkeypatch.setattr(taking_back, "_used_by", lambda model, pks, but_not: {})
    taking_back.undo(record=made, by=people["administrator"])
    assert Letter.objects.get().agency == new_agency
    assert made.made["stays"] == [["หน่วยงาน", "มูลนิธิทดสอบ", "มีข้อมูลอื่นที่ใช้อยู่"]]
    assert made.state == ImportState.UNDONE


# Its state ------------------------------------------------------------------------------------


def begun(made, by):
    """Claim an import for being taken back, as a long one is, without doing it."""
    return session.begin(made, "undo", by=by, rows=session.INLINE_ROWS + 1)


def test_a_claim_is_made_once_and_given_back_where_it_is_refused(made, people, open_round):
    by = people["administrator"]
    stale = SpreadsheetImport.objects.get(pk=made.pk)
    assert begun(made, by)
    assert not begun(made, by)
    assert not begun(stale, by), "the other tab read it while it was applied"
    made.refresh_from_db()
    assert made.state == ImportState.UNDOING
    actions.close_round(round_=open_round, by=people["staff"])
    session.run(made.pk, "undo", by, attempt=made.attempt)
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED
    assert made.failure == "รอบปีงบประมาณ 2569 ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข"


def test_a_crash_leaves_it_applied(made, people, monkeypatch):
    before = picture(history=True)
    begun(made, people["administrator"])

    def crash(plan):
        raise RuntimeError

    monkeypatch.setattr(taking_back, "_remove", crash)
    with pytest.raises(RuntimeError):
        session.run(made.pk, "undo", people["administrator"], attempt=made.attempt)
    assert picture(history=True) == before
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED
    assert made.failure == "การย้อนหยุดกลางคัน ยังไม่มีรายการใดเปลี่ยน ลองอีกครั้ง"


def test_a_claimed_import_is_taken_back(made, people):
    begun(made, people["administrator"])
    session.run(made.pk, "undo", people["administrator"], attempt=made.attempt)
    made.refresh_from_db()
    assert made.state == ImportState.UNDONE
    assert session.progress_of(made)["done"] == 3


def test_what_it_takes_costs_the_same_however_many_rows(record, people, open_round):
    by = people["administrator"]
    few, many = record, another(record)
    reports = list(open_round.reports.with_context()[:62])

    def writes(part, start):
        return [
            *(write_for(report, row=row, **RESULTS) for row, report in enumerate(part, start)),
            *(
                new_write(open_round, "3.1", row=row, name=f"ใหม่ {start} {row}")
                for row in range(len(part) // 2)
            ),
        ]

    applied(few, by, writes(reports[:2], 2))
    applied(many, by, writes(reports[2:], 4))
    counts = []
    for each in (few, many):
        fresh = SpreadsheetImport.objects.select_related("round").get(pk=each.pk)
        with CaptureQueriesContext(connection) as queries:
            takes = taking_back.what_undo_takes(fresh)
        counts.append(len(queries))
    assert (takes.back, takes.gone, len(takes.agencies)) == (60, 30, 30)
    assert counts[0] == counts[1]
    assert counts[1] <= 20


def test_an_undo_ties_a_joint_report_again_if_its_text_still_is_the_others(
    record, people, open_round
):
    staff, admin = people["staff"], people["administrator"]
    main, _other = joint(open_round, staff)
    writes = [write_for(expected(open_round, "1.3", "DSDW_CSO"), results="ข้อความในไฟล์")]
    applied(record, admin, writes)
    taking_back.undo(record=record, by=admin)
    assert expected(open_round, "1.3", "DSDW_CSO").told_in == main
    second = another(record)
    applied(second, admin, [write_for(expected(open_round, "1.3", "DSDW_CSO"), results="อีกข้อความ")])
    fresh = expected(open_round, "1.1", "DSDW_CSO")
    actions.save_draft(
        report=fresh, by=staff, version=fresh.version, fields={"results": "ใหม่"}, evidence=[]
    )
    taking_back.undo(record=second, by=admin)
    stored = expected(open_round, "1.3", "DSDW_CSO")
    assert (stored.told_in, stored.results) == (None, "จัดเวทีร่วม")
