"""Assignments as verbs: confirmed by a meeting, withdrawn, another role, ended, added."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions, history
from followup.actions import Conflict, Refused
from followup.models import Agency, Assignment
from followup.tests.assignments import assignment_of, seen
from followup.tests.factories import find_report, make_report
from proposals.models import Measure

pytestmark = pytest.mark.usefixtures("on_20_november")

MEETING = {"meeting_ref": "3/2569", "meeting_on": date(2026, 10, 12)}


def confirm(by, *rows, **meeting):
    ticks = [(row.pk, seen(row)) for row in rows]
    return actions.confirm_assignments(by=by, assignments=ticks, **(MEETING | meeting))


def test_a_meeting_confirms_what_was_ticked_and_nothing_else(forum, people):
    rows = [assignment_of("1.1", "DSDW_CSO"), assignment_of("1.1", "MSDHS")]
    assert confirm(people["administrator"], *rows) == 2
    done = Assignment.objects.filter(basis="confirmed")
    assert {row.pk for row in done} == {row.pk for row in rows}
    assert {(row.confirmed_ref, row.confirmed_on) for row in done} == {
        ("3/2569", date(2026, 10, 12))
    }
    first, second = history.entries(by=people["administrator"])[0]
    assert first.who == str(people["administrator"])
    assert {first.sentence, second.sentence} == {"ยืนยันการมอบหมาย"}
    assert [(each.label, each.before, each.after) for each in first.changes] == [
        ("ที่มา", "เสนอ รอ คสป. ยืนยัน", "คสป. ยืนยันแล้ว"),
        ("ยืนยันตามมติ คสป. ครั้งที่", "", "3/2569"),
        ("วันที่มีมติยืนยัน", "", "12 ต.ค. 2569"),
    ]
    batches = Assignment.history.filter(history_change_reason="confirmed")
    assert len(set(batches.values_list("batch", flat=True))) == 1


@pytest.mark.parametrize("who", ["staff", "reviewer"])
def test_only_an_administrator_changes_assignments(forum, people, who):
    row, by = assignment_of("1.2", "MSDHS"), people[who]
    version = seen(row)
    for verb in (
        lambda: confirm(by, row),
        lambda: actions.withdraw_confirmation(by=by, assignment=row, seen=version),
        lambda: actions.change_role(by=by, assignment=row, seen=version, new_role="support"),
        lambda: actions.end_assignment(by=by, assignment=row, seen=version, last_year=2570),
        lambda: actions.add_assignment(
            by=by, measure=row.measure, agency=row.agency, as_role="lead", first_year=2570
        ),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert seen(assignment_of("1.2", "MSDHS")) == version


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"meeting_ref": ""}, {"meeting_ref": "ระบุครั้งที่ประชุมของ คสป. เช่น 3/2569"}),
        (
            {"meeting_ref": "ก" * 41},
            {"meeting_ref": "ครั้งที่ยาวเกิน 40 อักขระ ระบุเฉพาะครั้งที่ เช่น 3/2569"},
        ),
        ({"meeting_on": None}, {"meeting_on": "ระบุวันที่ประชุมของ คสป. เช่น 12/10/2569"}),
        (
            {"meeting_on": date(2026, 11, 21)},
            {"meeting_on": "วันที่ 21 พฤศจิกายน 2569 ยังมาไม่ถึง ระบุวันที่ คสป. มีมติแล้ว"},
        ),
    ],
)
def test_a_confirmation_names_a_meeting_that_was_held(forum, people, values, wrong):
    with pytest.raises(Refused) as refused:
        confirm(people["administrator"], assignment_of("1.2", "MSDHS"), **values)
    assert refused.value.messages == wrong
    with pytest.raises(Refused) as refused:
        confirm(people["administrator"])
    assert refused.value.messages == {"tick": "ยังไม่ได้เลือกรายการ เลือกอย่างน้อยหนึ่งรายการที่ คสป. ยืนยัน"}
    assert not Assignment.objects.filter(basis="confirmed").exists()


def test_what_somebody_else_changed_is_not_confirmed_and_neither_is_the_rest(forum, people):
    by = people["administrator"]
    rows = [assignment_of("1.2", "MSDHS"), assignment_of("1.1", "MSDHS")]
    ticks = [(row.pk, seen(row)) for row in rows]
    Assignment.objects.filter(pk=rows[0].pk).update(role="support")
    with pytest.raises(Refused) as refused:
        actions.confirm_assignments(by=by, assignments=ticks, **MEETING)
    assert refused.value.messages == {
        "tick": "มีผู้อื่นแก้ไขหรือยืนยัน 2565-1.2 พม. หลังจากเปิดหน้า จึงยังไม่ยืนยันรายการใด "
        "ดูค่าล่าสุดด้านล่างแล้วยืนยันอีกครั้ง"
    }
    assert not Assignment.objects.filter(basis="confirmed").exists()
    confirm(by, rows[1])
    with pytest.raises(Refused, match=r"มีผู้อื่นแก้ไขหรือยืนยัน 2565-1\.1 พม\."):
        confirm(by, assignment_of("1.1", "MSDHS"), meeting_ref="4/2569")
    assert assignment_of("1.1", "MSDHS").confirmed_ref == "3/2569"
    with pytest.raises(Refused, match="บางรายการที่เลือกมีผู้ลบไปแล้ว"):
        actions.confirm_assignments(by=by, assignments=[(10**9, "")], **MEETING)


def test_many_changed_ones_are_counted(forum, people):
    rows = list(Assignment.objects.order_by("pk")[:7])
    ticks = [(row.pk, "0" * 32) for row in rows]
    with pytest.raises(Refused) as refused:
        actions.confirm_assignments(by=people["administrator"], assignments=ticks, **MEETING)
    assert "และอีก 2 รายการ หลังจากเปิดหน้า" in refused.value.messages["tick"]


def test_a_withdrawn_confirmation_leaves_the_basis_that_was_before(forum, people):
    by = people["administrator"]
    row = assignment_of("1.2", "MSDHS")
    row.basis = "named"
    row.save()
    confirm(by, row)
    row = assignment_of("1.2", "MSDHS")
    actions.withdraw_confirmation(by=by, assignment=row, seen=seen(row))
    row = assignment_of("1.2", "MSDHS")
    assert (row.basis, row.confirmed_ref, row.confirmed_on) == ("named", "", None)
    assert row.history.order_by("-history_id")[0].history_change_reason == "unconfirmed"
    with pytest.raises(Refused, match=r"^การมอบหมายนี้ยังรอ คสป. ยืนยัน จึงไม่มีการยืนยันให้ถอน$"):
        actions.withdraw_confirmation(by=by, assignment=row, seen=seen(row))


def test_another_role_ends_the_confirmation_of_the_first(open_round, people):
    by = people["administrator"]
    confirm(by, assignment_of("1.2", "MSDHS"))
    row = assignment_of("1.2", "MSDHS")
    actions.change_role(by=by, assignment=row, seen=seen(row), new_role="support")
    row = assignment_of("1.2", "MSDHS")
    assert (row.role, row.basis, row.confirmed_ref) == ("support", "proposed", "")
    with pytest.raises(Refused) as refused:
        actions.change_role(by=by, assignment=row, seen=seen(row), new_role="support")
    assert refused.value.messages == {"new_role": "เป็นหน่วยงานสนับสนุนอยู่แล้ว เลือกบทบาทอื่น"}
    with pytest.raises(Refused, match="เลือกบทบาทใหม่จากรายการ"):
        actions.change_role(by=by, assignment=row, seen=seen(row), new_role="boss")


def test_a_change_on_an_old_page_is_a_conflict(forum, people):
    by = people["administrator"]
    row = assignment_of("1.2", "MSDHS")
    before = seen(row)
    confirm(by, row)
    for verb in (
        lambda: actions.change_role(by=by, assignment=row, seen=before, new_role="support"),
        lambda: actions.end_assignment(by=by, assignment=row, seen=before, last_year=2570),
        lambda: actions.withdraw_confirmation(by=by, assignment=row, seen=before),
    ):
        with pytest.raises(Conflict) as conflict:
            verb()
        assert conflict.value.current.basis == "confirmed"


def test_an_open_round_expects_no_report_after_the_last_year(open_round, people):
    by, count = people["administrator"], open_round.reports.count()
    untouched, begun = assignment_of("1.1", "MSDHS"), assignment_of("1.2", "MSDHS")
    draft = make_report(open_round, "1.2", by=people["staff"], state="draft")
    for row in (untouched, begun):
        actions.end_assignment(by=by, assignment=row, seen=seen(row), last_year=2568)
    assert not open_round.reports.filter(assignment=untouched).exists()
    assert open_round.reports.filter(pk=draft.pk).exists(), "somebody wrote it"
    assert open_round.reports.count() == count - 1
    row = assignment_of("1.1", "MSDHS")
    actions.end_assignment(by=by, assignment=row, seen=seen(row), last_year=None)
    assert open_round.reports.count() == count


def test_the_last_year_is_not_before_what_was_reported(open_round, people):
    make_report(open_round, "1.2", by=people["staff"], state="submitted")
    row = assignment_of("1.2", "MSDHS")
    for year, sentence in (
        (2568, "หน่วยงานส่งรายงานรอบ 2569 แล้ว เลือกปีสุดท้ายตั้งแต่ 2569"),
        (2564, "ปีสุดท้ายต้องอยู่ระหว่าง 2565 ถึง 2599"),
        (2600, "ปีสุดท้ายต้องอยู่ระหว่าง 2565 ถึง 2599"),
    ):
        with pytest.raises(Refused) as refused:
            actions.end_assignment(
                by=people["administrator"], assignment=row, seen=seen(row), last_year=year
            )
        assert refused.value.messages == {"last_year": sentence}
    assert assignment_of("1.2", "MSDHS").valid_to is None


def test_an_added_agency_is_asked_at_once(open_round, people):
    by, count = people["administrator"], open_round.reports.count()
    agency, measure = (
        Agency.objects.get(code="THF"),
        Measure.objects.get(resolution__number=8, number=2),
    )
    new = actions.add_assignment(
        by=by, measure=measure, agency=agency, as_role="support", first_year=2569
    )
    assert (new.basis, new.valid_from, new.valid_to) == ("proposed", 2569, None)
    assert open_round.reports.count() == count + 1
    assert find_report(open_round, "8.2", "THF").is_untouched
    with pytest.raises(Refused) as refused:
        actions.add_assignment(
            by=by, measure=measure, agency=agency, as_role="lead", first_year=2570
        )
    assert refused.value.messages == {"agency": "หน่วยงานนี้ได้รับมอบหมายมาตรการย่อยนี้ในช่วงปีที่ทับซ้อนกันอยู่แล้ว"}
    with pytest.raises(Refused) as refused:
        actions.add_assignment(
            by=by, measure=measure, agency=agency, as_role="lead", first_year=2564
        )
    assert refused.value.messages == {
        "first_year": "รอบปีงบประมาณ 2564 ไม่ได้ติดตามเวที 2565 เลือกปีจากรายการ"
    }
    with pytest.raises(Refused, match="เลือกบทบาทจากรายการ"):
        actions.add_assignment(by=by, measure=measure, agency=agency, as_role="", first_year=2569)
    assert open_round.reports.count() == count + 1
