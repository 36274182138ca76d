"""One agency takes over another one's assignments: what ends, begins, goes, and is withdrawn."""

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions, history, permissions
from followup.actions import Refused
from followup.models import Agency, Assignment, StatusReport
from followup.tests.assignments import assignment_of, seen
from followup.tests.factories import dump, find_report, make_report
from followup.tests.groups import assign, make_group, offices
from followup.tests.sentences import ROUND_CLOSED
from followup.workload import standings

pytestmark = pytest.mark.usefixtures("on_20_november")

REASON = "พ.ร.บ. โอนภารกิจ พ.ศ. 2568"


def plan(source, target, year, rows, *, withdraws=True):
    return actions.plan_replacement(
        source=Agency.objects.get(code=source),
        target=Agency.objects.get(code=target),
        first_year=year,
        assignments=[(row.pk, seen(row)) for row in rows],
        withdraws=withdraws,
    )


def replace(by, source, target, year, rows, *, withdraws=True, reason=REASON, effects=None):
    if effects is None:
        effects = plan(source, target, year, rows, withdraws=withdraws).digest
    return actions.replace_agency(
        by=by,
        source=Agency.objects.get(code=source),
        target=Agency.objects.get(code=target),
        first_year=year,
        assignments=[(row.pk, seen(row)) for row in rows],
        reason=reason,
        withdraws=withdraws,
        effects=effects,
    )


def all_of(code):
    return list(Assignment.objects.filter(agency__code=code).order_by("pk"))


def messages(call, *args, **kwargs):
    before = dump()
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    assert dump() == before
    return refused.value.messages


def test_the_old_assignment_ends_and_the_new_one_continues_it(open_round, people):
    admin, rows = people["administrator"], all_of("MSDHS")
    asked = standings([open_round])[open_round].expected
    done = replace(admin, "MSDHS", "THF", 2569, rows)
    assert (done.ended, done.begun, done.succeeds) == (len(rows), len(rows), True)
    assert {row.valid_to for row in all_of("MSDHS")} == {2568}
    for new in all_of("THF"):
        if new.predecessor:
            old = new.predecessor
            assert (new.valid_from, new.valid_to, new.basis) == (2569, None, "proposed")
            assert (new.measure_id, new.role) == (old.measure_id, old.role)
            assert old.agency.code == "MSDHS"
    assert Agency.objects.get(code="MSDHS").successor.code == "THF"
    assert standings([open_round])[open_round].expected == asked
    assert find_report(open_round, "1.2", "THF").is_untouched
    assert not StatusReport.objects.filter(assignment__agency__code="MSDHS").exists()
    sentences = {each.sentence for each in history.entries(by=admin, limit=100)[0]}
    assert {
        "สิ้นสุดการมอบหมาย เพราะหน่วยงานอื่นรับช่วง",
        "รับช่วงการมอบหมายจากหน่วยงานอื่น",
        "แก้ไขหน่วยงาน (หน่วยงานที่รับช่วง)",
    } <= sentences


def test_some_measures_move_and_the_agency_goes_on(open_round, people):
    row = assignment_of("1.2", "MSDHS")
    done = replace(people["administrator"], "MSDHS", "THF", 2570, [row])
    assert not done.succeeds
    assert Agency.objects.get(code="MSDHS").successor is None
    assert assignment_of("1.2", "MSDHS").valid_to == 2569
    assert find_report(open_round, "1.2", "MSDHS").is_untouched, "2569 is still its own"
    assert not open_round.reports.filter(assignment__agency__code="THF", version=0).filter(
        assignment__measure=row.measure
    )


def test_what_was_written_is_withdrawn_or_stays_as_asked(open_round, people):
    admin, staff = people["administrator"], people["staff"]
    first = make_report(open_round, "1.2", "MSDHS", by=staff, state="submitted")
    second = make_report(open_round, "1.1", "MSDHS", by=staff, state="draft")
    replace(admin, "MSDHS", "THF", 2569, [assignment_of("1.2", "MSDHS")])
    first.refresh_from_db()
    assert (first.state, first.withdrawn_reason) == ("withdrawn", REASON)
    assert history.entries(report=first)[0][0].sentence == "ถอนออกจากรอบ"
    assert find_report(open_round, "1.2", "THF").is_untouched
    replace(admin, "MSDHS", "THF", 2569, [assignment_of("1.1", "MSDHS")], withdraws=False)
    second.refresh_from_db()
    assert second.state == "draft"
    actions.restore_report(report=first, by=admin, version=first.version)
    assert StatusReport.objects.get(pk=first.pk).state == "submitted"


def test_one_that_was_wrong_from_the_start_goes_if_nothing_was_written(open_round, people):
    admin = people["administrator"]
    wrong, written = assignment_of("1.2", "MSDHS"), assignment_of("1.1", "MSDHS")
    report = make_report(open_round, "1.1", "MSDHS", by=people["staff"], state="submitted")
    done = replace(admin, "MSDHS", "THF", 2565, [wrong, written])
    assert [row.pk for row in done.removed] == [wrong.pk]
    assert not done.succeeds
    assert not Assignment.objects.filter(pk=wrong.pk).exists()
    assert Assignment.history.filter(id=wrong.pk, history_type="-").get().replaced_reason == REASON
    assert assignment_of("1.2", "THF").predecessor is None, "it continues nothing that was right"
    kept = assignment_of("1.1", "MSDHS")
    assert (kept.valid_from, kept.valid_to, kept.was_never_in_force) == (2565, 2564, True)
    assert not Assignment.objects.valid_in(2565).filter(pk=kept.pk).exists()
    assert StatusReport.objects.get(pk=report.pk).state == "withdrawn"
    # The same again, backwards: the row that was never in force is now.
    replace(admin, "THF", "MSDHS", 2565, [assignment_of("1.1", "THF")])
    back = assignment_of("1.1", "MSDHS")
    assert (back.pk, back.valid_from, back.valid_to) == (kept.pk, 2565, None)
    assert not Assignment.objects.filter(agency__code="THF", measure=kept.measure).exists()


def test_closed_and_published_rounds_are_not_touched(three_reports, people, visitor):
    row = assignment_of("1.2", "MSDHS")
    report = find_report(three_reports, "1.2", "MSDHS")
    page = visitor.page("/resolutions/2565/1/").text
    matrix = visitor.page("/matrix/").text
    done = replace(people["administrator"], "MSDHS", "THF", 2569, [row])
    assert [each.pk for each in done.stays] == [report.pk]
    assert StatusReport.objects.get(pk=report.pk).state == "approved"
    assert visitor.page("/resolutions/2565/1/").text == page
    assert visitor.page("/matrix/").text == matrix
    # Opened for a correction, both are asked; the old one can then be withdrawn.
    actions.reopen_round(round_=three_reports, by=people["reviewer"], reason="เปลี่ยนหน่วยงาน")
    assert find_report(three_reports, "1.2", "THF").is_untouched
    assert find_report(three_reports, "1.2", "MSDHS").state == "approved"


def test_an_agency_that_has_the_measure_already_gets_no_second_row(open_round, people):
    admin, row = people["administrator"], assignment_of("1.2", "MSDHS")
    thf = Agency.objects.get(code="THF")
    other = actions.add_assignment(
        by=admin, measure=row.measure, agency=thf, as_role="support", first_year=2569
    )
    assert messages(replace, admin, "MSDHS", "THF", 2569, [row], effects="") == {
        "tick": f"{thf.short} ได้รับมอบหมาย 2565-1.2 อยู่แล้วในบทบาทหรือช่วงปีที่น้อยกว่า "
        "เปลี่ยนบทบาทหรือปีของการมอบหมายนั้นก่อน หรือไม่เลือกข้อนี้"
    }
    actions.change_role(by=admin, assignment=other, seen=seen(other), new_role="lead")
    done = replace(admin, "MSDHS", "THF", 2569, [row])
    assert (done.ended, done.begun, done.already) == (1, 0, [row])
    assert Assignment.objects.filter(agency=thf, measure=row.measure).count() == 1


def test_what_stands_in_the_way_is_said(open_round, people):
    admin, row = people["administrator"], assignment_of("1.2", "MSDHS")
    for who in ("staff", "reviewer"):
        with pytest.raises(PermissionDenied):
            replace(people[who], "MSDHS", "THF", 2569, [row])
    assert messages(replace, admin, "MSDHS", "THF", 2569, [row], reason="") == {
        "reason": "ระบุเหตุผลที่เปลี่ยนหน่วยงาน เช่น พ.ร.บ. โอนอำนาจหน้าที่ พ.ศ. 2568"
    }
    assert messages(plan, "MSDHS", "MSDHS", 2569, [row]) == {"to": "เลือกหน่วยงานใหม่ที่ไม่ใช่หน่วยงานเดิม"}
    assert messages(plan, "MSDHS", "THF", 2600, [row]) == {"year": "เลือกรอบแรกจากรายการ"}
    assert messages(plan, "MSDHS", "THF", 2569, []) == {
        "tick": "ยังไม่ได้เลือกมาตรการย่อย เลือกอย่างน้อยหนึ่งข้อที่เปลี่ยนหน่วยงาน"
    }
    assert "มีผู้ลบไปแล้ว" in messages(plan, "BOB", "THF", 2569, [row])["tick"]
    Agency.objects.filter(code="THF").update(merged_into=Agency.objects.get(code="CODI"))
    assert "รวมกับหน่วยงานอื่นแล้ว" in messages(plan, "MSDHS", "THF", 2569, [row])["to"]
    Agency.objects.filter(code="THF").update(merged_into=None)
    actions.end_assignment(by=admin, assignment=row, seen=seen(row), last_year=2569)
    row = assignment_of("1.2", "MSDHS")
    assert messages(plan, "MSDHS", "THF", 2570, [row]) == {
        "year": "2565-1.2 พม. สิ้นสุดก่อนรอบ 2570 อยู่แล้ว เลือกรอบก่อนหน้านั้น หรือไม่เลือกข้อนี้"
    }


def test_what_changed_after_the_page_was_read_is_read_again(open_round, people):
    admin, row = people["administrator"], assignment_of("1.2", "MSDHS")
    read = plan("MSDHS", "THF", 2569, [row]).digest
    make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="draft")
    assert messages(replace, admin, "MSDHS", "THF", 2569, [row], effects=read) == {
        "": "สิ่งที่จะเกิดขึ้นเปลี่ยนไปหลังจากเปิดหน้า อ่านรายการล่าสุดด้านล่างแล้วยืนยันอีกครั้ง"
    }
    before = [(row.pk, seen(row))]
    actions.change_role(by=admin, assignment=row, seen=seen(row), new_role="support")
    with pytest.raises(Refused, match=r"มีผู้อื่นแก้ไขหรือยืนยัน 2565-1\.2 พม\."):
        actions.plan_replacement(
            source=row.agency,
            target=Agency.objects.get(code="THF"),
            first_year=2569,
            assignments=before,
            withdraws=True,
        )


def test_a_successor_is_not_succeeded_by_its_predecessor(open_round, people):
    admin = people["administrator"]
    Agency.objects.filter(code="THF").update(successor=Agency.objects.get(code="MSDHS"))
    replace(admin, "MSDHS", "THF", 2569, all_of("MSDHS"))
    assert Agency.objects.get(code="THF").successor is None
    assert Agency.objects.get(code="MSDHS").successor.code == "THF"


def test_a_link_of_the_old_agency_opens_nothing_any_more(open_round, people, issued, msdhs):
    replace(people["administrator"], "MSDHS", "THF", 2569, all_of("MSDHS"))
    assert not permissions.reports_of(issued).exists()
    assert actions.find_link(actions.token_of(issued)) is None


def test_a_withdrawal_waits_for_an_open_round(open_round, people):
    """The withdrawal through a replacement and the single one obey the same rule."""
    report = make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="submitted")
    actions.close_round(round_=open_round, by=people["staff"])
    done = replace(people["administrator"], "MSDHS", "THF", 2569, [assignment_of("1.2", "MSDHS")])
    assert (len(done.written), [each.pk for each in done.stays]) == (0, [report.pk])
    report = StatusReport.objects.with_context().get(pk=report.pk)
    assert report.state == "submitted"
    with pytest.raises(Refused, match=ROUND_CLOSED):
        actions.withdraw_report(
            report=report, by=people["administrator"], version=report.version, reason=REASON
        )


def test_what_follows_from_a_group_is_changed_with_the_group(open_round, people):
    """A member's assignment is the group's; a group has members, not a measure of its own."""
    admin = people["administrator"]
    first, _second = members = offices(2)
    group = make_group(admin, members)
    assign(admin, group, "2565-4.1")
    row = Assignment.objects.get(agency=first)
    assert "มีผู้ลบไปแล้ว" in messages(plan, first.code, "THF", 2569, [row])["tick"]
    said = messages(plan, "MSDHS", group.code, 2569, [assignment_of("1.2", "MSDHS")])
    assert "เป็นกลุ่ม เพิ่มกลุ่มที่หน้าการมอบหมายของแต่ละข้อแทน" in said["to"]
