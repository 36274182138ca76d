"""Two records of one agency become one: what goes over, what stands in the way, what stays."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions, history
from followup.actions import Refused
from followup.models import Agency, AgencyLink, Assignment, FocalPoint, Letter, StatusReport
from followup.tests.assignments import assignment_of
from followup.tests.factories import dump, find_report, make_report
from followup.tests.focal_points import fields
from followup.tests.groups import make_group, member, offices
from followup.tests.groups import seen as member_seen

pytestmark = pytest.mark.usefixtures("on_20_november")


@pytest.fixture
def pair(open_round, msdhs):
    """พม., and a second record of it with one measure of its own and one of the first's."""
    second = Agency.objects.create(code="MSDHS2", name_th="พม. (ซ้ำ)", kind="ministry")
    second.aliases.create(name="กระทรวงพัฒนาสังคม")
    both = assignment_of("1.2", "MSDHS").measure
    alone = assignment_of("3.1", "BOB").measure
    for measure, role in ((both, "support"), (alone, "lead")):
        Assignment.objects.create(measure=measure, agency=second, role=role, valid_from=2565)
    actions.expect_reports(round_=open_round)
    return second, msdhs


def merge(by, duplicate, into, effects=None):
    if effects is None:
        effects = actions.plan_merge(duplicate=duplicate, into=into).digest
    return actions.merge_agencies(by=by, duplicate=duplicate, into=into, effects=effects)


def messages(call, *args, **kwargs):
    before = dump()
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    assert dump() == before
    return refused.value.messages


def test_everything_goes_over_to_the_first_record(pair, open_round, people, send_letter):
    second, first = pair
    admin, staff = people["administrator"], people["staff"]
    report = make_report(open_round, "3.1", "MSDHS2", by=staff, state="submitted")
    written = make_report(open_round, "1.2", "MSDHS2", by=staff, state="draft")
    for agency, name in ((first, "ก"), (second, "ข")):
        actions.save_focal_point(by=staff, agency=agency, fields=fields(name=name))
    Agency.objects.filter(pk=second.pk).update(caretaker=staff)
    child = Agency.objects.create(code="C", name_th="ค", kind="division", parent=second)
    link = actions.issue_link(round_=open_round, agency=second, by=staff)
    count = Assignment.objects.filter(agency=first).count()
    done = merge(admin, second, first)
    assert (len(done.joined), done.reports, done.given_way) == (2, 2, 1)
    report.refresh_from_db()
    assert (report.assignment.agency, report.state) == (first, "submitted")
    joined = assignment_of("1.2", "MSDHS")
    assert StatusReport.objects.get(pk=written.pk).assignment == joined
    assert (joined.role, open_round.reports.filter(assignment=joined).count()) == ("lead", 1)
    assert Assignment.objects.filter(agency=first).count() == count + 1
    assert not Assignment.objects.filter(agency=second).exists()
    people_of = FocalPoint.objects.filter(agency=first)
    assert {each.name: each.is_main for each in people_of} == {"ก": True, "ข": False}
    link.refresh_from_db()
    assert link.revoked_at is not None
    assert not AgencyLink.objects.filter(agency=first).exists()
    child.refresh_from_db()
    second.refresh_from_db()
    first.refresh_from_db()
    assert (child.parent, second.merged_into, second.caretaker) == (first, first, None)
    assert first.caretaker == staff
    names = set(first.aliases.values_list("name", flat=True))
    assert {"พม. (ซ้ำ)", "MSDHS2", "กระทรวงพัฒนาสังคม"} <= names
    sentences = {each.sentence for each in history.entries(by=admin, limit=100)[0]}
    assert {"รวมเข้ากับหน่วยงานอื่น", "ย้ายการมอบหมาย เพราะรวมสองหน่วยงาน"} <= sentences
    assert second not in Agency.objects.standing()
    assert list(Agency.objects.named(["MSDHS2"])) == [first]


def test_letters_are_numbered_by_their_dates(pair, open_round, people):
    second, first = pair
    for agency, attempt, day in ((first, 1, 1), (second, 1, 5), (first, 2, 9)):
        Letter.objects.create(
            round=open_round,
            agency=agency,
            attempt=attempt,
            number=f"พม {day}",
            sent_on=date(2026, 11, day),
            answer_by=date(2026, 12, 1),
        )
    merge(people["administrator"], second, first)
    found = Letter.objects.filter(agency=first).order_by("attempt")
    assert [(each.attempt, each.number) for each in found] == [
        (1, "พม 1"),
        (2, "พม 5"),
        (3, "พม 9"),
    ]


def test_what_stands_in_the_way_is_said_and_nothing_moves(pair, open_round, people):
    second, first = pair
    admin, staff = people["administrator"], people["staff"]
    make_report(open_round, "1.2", "MSDHS", by=staff, state="submitted")
    theirs = make_report(open_round, "1.2", "MSDHS2", by=staff, state="submitted")
    for agency, attempts in ((first, (1, 2)), (second, (1, 2))):
        for attempt in attempts:
            Letter.objects.create(
                round=open_round,
                agency=agency,
                attempt=attempt,
                number="พม 1",
                sent_on=date(2026, 11, attempt),
                answer_by=date(2026, 12, 1),
            )
    (said,) = messages(merge, admin, second, first).values()
    assert (
        f"2565-1.2 {open_round.name}: ทั้งสองหน่วยงานเขียนรายงานไว้ "
        "ผู้ดูแลถอนรายงานของ พม. (ซ้ำ) ออกจากรอบก่อน" in said
    )
    assert "หนังสือติดตามถึงสองหน่วยงานรวมกัน 4 ฉบับ เกิน 3 ครั้ง" in said
    Letter.objects.filter(agency=second).delete()
    actions.withdraw_report(report=theirs, by=admin, version=theirs.version, reason="ซ้ำ")
    merge(admin, second, first)
    kept = Assignment.objects.get(agency=second)
    assert (kept.was_never_in_force, kept.reports.get().pk) == (True, theirs.pk)
    assert find_report(open_round, "1.2", "MSDHS").state == "submitted"
    actions.expect_reports(round_=open_round)
    assert not open_round.reports.standing().filter(assignment__agency=second).exists()


def test_only_two_records_that_stand_are_merged_by_an_administrator(pair, people, codi):
    second, first = pair
    admin = people["administrator"]
    for who in ("staff", "reviewer"):
        with pytest.raises(PermissionDenied):
            merge(people[who], second, first)
    assert messages(actions.plan_merge, duplicate=first, into=first) == {
        "into": "เลือกหน่วยงานอื่นที่จะรวมเข้า ไม่ใช่หน่วยงานนี้เอง"
    }
    assert messages(merge, admin, second, first, effects="") == {
        "": "สิ่งที่จะเกิดขึ้นเปลี่ยนไปหลังจากเปิดหน้า อ่านรายการล่าสุดด้านล่างแล้วยืนยันอีกครั้ง"
    }
    merge(admin, second, first)
    second.refresh_from_db()
    assert "รวมกับหน่วยงานอื่นไปแล้ว" in messages(actions.plan_merge, duplicate=second, into=codi)[""]
    assert "รวมกับหน่วยงานอื่นแล้ว" in messages(actions.plan_merge, duplicate=codi, into=second)["into"]


def test_ties_between_the_two_end(pair, people):
    second, first = pair
    Agency.objects.filter(pk=first.pk).update(parent=second, successor=second)
    row = Assignment.objects.get(agency=second, measure__resolution__number=3)
    row.predecessor = assignment_of("1.2", "MSDHS")
    row.save()
    twice = Agency.objects.create(code="X", name_th="x", kind="media", merged_into=second)
    merge(people["administrator"], second, first)
    first.refresh_from_db()
    row.refresh_from_db()
    twice.refresh_from_db()
    assert (first.parent, first.successor, row.predecessor) == (None, None, None)
    assert twice.merged_into == first


def test_groups_stand_in_the_way(open_round, people, codi):
    admin = people["administrator"]
    first, second = offices(2)
    group = make_group(admin, [first, second])
    [obstacle] = actions.plan_merge(duplicate=first, into=codi).obstacles
    assert obstacle.startswith("พมจ. 01 เป็นสมาชิกพมจ. ทุกจังหวัด PROVS")
    [obstacle] = actions.plan_merge(duplicate=group, into=codi).obstacles
    assert "เป็นกลุ่มหน่วยงาน จึงรวมไม่ได้" in obstacle
    assert "เป็นสมาชิก" in messages(merge, admin, first, codi)[""]
    row = member(group, first)
    actions.leave_group(by=admin, member=row, seen=member_seen(row), last_year=2568)
    assert actions.plan_merge(duplicate=first, into=codi).obstacles == []
