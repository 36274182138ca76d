"""Groups of agencies: members answer singly for what the group is assigned to."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from followup import actions, history, permissions
from followup.actions import Conflict, Refused
from followup.models import Agency, Assignment, StatusReport
from followup.tests.assignments import assignment_of
from followup.tests.assignments import seen as version
from followup.tests.factories import make_report
from followup.tests.groups import assign, make_group, member, offices, seen

pytestmark = pytest.mark.usefixtures("on_20_november")


@pytest.fixture
def admin(people):
    return people["administrator"]


@pytest.fixture
def three(open_round, admin):
    """Three offices in a group, which leads 1.2 beside its lead agency."""
    agencies = offices(3)
    group = make_group(admin, agencies)
    assign(admin, group, "2565-1.2")
    return group, agencies


def expected(round_, measure="1.2"):
    """The agencies whose reports a round expects on a measure."""
    code = measure.split(".")
    reports = StatusReport.objects.filter(
        round=round_,
        assignment__measure__resolution__number=code[0],
        assignment__measure__number=code[1],
    )
    return set(reports.values_list("assignment__agency__code", flat=True))


def test_members_answer_singly_and_the_group_does_not(three, open_round):
    assert expected(open_round) >= {"PROV01", "PROV02", "PROV03", "MSDHS"}
    assert "PROVS" not in expected(open_round)
    rows = Assignment.objects.filter(of_group__agency__code="PROVS")
    assert {(row.role, row.basis, row.valid_from, row.valid_to) for row in rows} == {
        ("lead", "proposed", 2569, None)
    }


def test_members_follow_the_group_in_role_confirmation_and_end(three, open_round, admin):
    row = assignment_of("1.2", "PROVS")
    meeting = {"meeting_ref": "3/2569", "meeting_on": date(2026, 10, 12)}
    actions.confirm_assignments(by=admin, assignments=[(row.pk, version(row))], **meeting)
    one = assignment_of("1.2", "PROV02")
    assert (one.basis, one.confirmed_ref, one.confirmed_on) == (
        "confirmed",
        "3/2569",
        date(2026, 10, 12),
    )
    row = assignment_of("1.2", "PROVS")
    actions.withdraw_confirmation(by=admin, assignment=row, seen=version(row))
    assert assignment_of("1.2", "PROV02").basis == "proposed"
    row = assignment_of("1.2", "PROVS")
    actions.change_role(by=admin, assignment=row, seen=version(row), new_role="support")
    assert assignment_of("1.2", "PROV03").role == "support"
    row = assignment_of("1.2", "PROVS")
    actions.end_assignment(by=admin, assignment=row, seen=version(row), last_year=2569)
    assert assignment_of("1.2", "PROV03").valid_to == 2569


def test_a_groups_assignment_does_not_end_before_a_members_report(three, open_round, people, admin):
    make_report(open_round, "1.2", "PROV01", by=people["staff"], state="submitted")
    row = assignment_of("1.2", "PROVS")
    row.valid_from = 2568
    row.save()
    with pytest.raises(Refused, match="หน่วยงานส่งรายงานรอบ 2569 แล้ว เลือกปีสุดท้ายตั้งแต่ 2569"):
        actions.end_assignment(by=admin, assignment=row, seen=version(row), last_year=2568)


def test_nobody_changes_a_members_assignment_by_itself(three, admin):
    row = assignment_of("1.2", "PROV01")
    said = "พมจ. 01 ตอบข้อนี้ในฐานะสมาชิกพมจ. ทุกจังหวัด แก้ที่การมอบหมายของกลุ่ม หรือเอาหน่วยงานออกจากกลุ่ม"
    for verb, more in (
        (actions.change_role, {"new_role": "support"}),
        (actions.end_assignment, {"last_year": 2570}),
        (actions.withdraw_confirmation, {}),
    ):
        with pytest.raises(Refused, match=said):
            verb(by=admin, assignment=row, seen=version(row), **more)
    with pytest.raises(Refused, match="บางรายการที่เลือกมีผู้ลบไปแล้ว"):
        actions.confirm_assignments(
            by=admin,
            assignments=[(row.pk, version(row))],
            meeting_ref="3/2569",
            meeting_on=date(2026, 10, 12),
        )


def test_who_joins_is_asked_at_once(three, open_round, admin):
    group, _agencies = three
    late = Agency.objects.get(code="CODI")
    actions.add_members(by=admin, group=group, agencies=[late], first_year=2569)
    assert "CODI" in expected(open_round)
    entry = next(
        each
        for each in history.entries(by=admin)[0]
        if each.sentence == "เพิ่มหน่วยงานเข้ากลุ่ม" and "พอช." in each.subject
    )
    assert entry.subject == "พมจ. ทุกจังหวัด: พอช."


def test_who_leaves_is_asked_no_longer_and_what_was_written_stays(three, open_round, people, admin):
    group, agencies = three
    make_report(open_round, "1.2", "PROV01", by=people["staff"], state="draft")
    for agency in agencies[:2]:
        row = member(group, agency)
        assert actions.leave_group(by=admin, member=row, seen=seen(row), last_year=2568) is None
    assert expected(open_round) & {"PROV01", "PROV02", "PROV03"} == {"PROV01", "PROV03"}
    assert not Assignment.objects.filter(agency__code="PROV02").exists()
    assert assignment_of("1.2", "PROV01").valid_to == 2569
    assert [each.sentence for each in history.entries(by=admin)[0] if "02" in each.subject] == []
    # Who comes back answers in the row that was kept.
    actions.add_members(by=admin, group=group, agencies=agencies[:2], first_year=2569)
    assert assignment_of("1.2", "PROV01").valid_to is None
    assert expected(open_round) >= {"PROV01", "PROV02", "PROV03"}


def test_a_membership_ends_with_a_year(three, open_round, admin, people):
    group, agencies = three
    row = member(group, agencies[0])
    done = actions.leave_group(by=admin, member=row, seen=seen(row), last_year=2570)
    assert done.valid_to == 2570
    assert assignment_of("1.2", "PROV01").valid_to == 2570
    assert assignment_of("1.2", "PROV02").valid_to is None
    with pytest.raises(Conflict):
        actions.leave_group(by=admin, member=row, seen=seen(row), last_year=2571)
    make_report(open_round, "1.2", "PROV01", by=people["staff"], state="submitted")
    row = member(group, agencies[0])
    for year, said in (
        (2568, "หน่วยงานส่งรายงานรอบ 2569 แล้ว เลือกปีสุดท้ายตั้งแต่ 2569"),
        (2567, "เลือกรอบสุดท้ายจากรายการ"),
    ):
        with pytest.raises(Refused) as refused:
            actions.leave_group(by=admin, member=row, seen=seen(row), last_year=year)
        assert refused.value.messages == {"last_year": said}


def test_no_agency_answers_twice(three, open_round, admin):
    group, agencies = three
    msdhs = Agency.objects.get(code="MSDHS")
    said = "หน่วยงานในกลุ่มรับผิดชอบข้อนี้เองอยู่แล้ว: 2565-1.2 พม. สิ้นสุดการมอบหมายเดิมก่อน แล้วทำอีกครั้ง"
    with pytest.raises(Refused) as refused:
        actions.add_members(by=admin, group=group, agencies=[msdhs], first_year=2569)
    assert refused.value.messages == {"agencies": said}
    other = make_group(admin, [msdhs], code="OTHERS")
    with pytest.raises(Refused) as refused:
        assign(admin, other, "2565-1.2")
    assert refused.value.messages == {"agency": said}
    with pytest.raises(Refused, match="ทับซ้อนกันอยู่แล้ว"):
        assign(admin, agencies[0], "2565-1.2")
    # What came about otherwise, by a file of the admin: its own answer stands.
    Assignment.objects.create(
        measure=assignment_of("1.2", "PROVS").measure, agency=other, role="lead", valid_from=2569
    )
    actions.refresh_open_rounds()
    assert Assignment.objects.filter(agency=msdhs, of_group__agency=other).count() == 0


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("none", {"agencies": "ยังไม่ได้เลือกหน่วยงาน เลือกหรือวางชื่ออย่างน้อยหนึ่งหน่วยงาน"}),
        (
            "members",
            {"agencies": "อยู่ในกลุ่มนี้ในช่วงปีที่ทับซ้อนกันแล้ว: พมจ. 01, พมจ. 02, พมจ. 03 เอาออกจากรายการ"},
        ),
        ("group", {"agencies": "กลุ่มเป็นสมาชิกของกลุ่มอื่นไม่ได้: พมจ. ทุกจังหวัด"}),
        ("year", {"first_year": "เลือกรอบแรกจากรายการ"}),
        ("no group", {"": "พมจ. 01 ไม่ใช่กลุ่มหน่วยงาน"}),
    ],
)
def test_what_cannot_join_is_named(three, admin, which, said):
    group, agencies = three
    codi = Agency.objects.get(code="CODI")
    given = {
        "none": (group, [], 2569),
        "members": (group, agencies, 2570),
        "group": (group, [group], 2569),
        "year": (group, [codi], 2026),
        "no group": (agencies[0], [codi], 2569),
    }[which]
    with pytest.raises(Refused) as refused:
        actions.add_members(by=admin, group=given[0], agencies=given[1], first_year=given[2])
    assert refused.value.messages == said


def test_a_group_has_a_name_and_a_code_of_its_own(three, admin):
    agencies = list(Agency.objects.filter(code="CODI"))
    names = {"name_th": "พมจ. ทุกจังหวัด PROVS", "abbr_th": "", "code": "NEW"}
    with pytest.raises(Refused) as refused:
        actions.begin_group(by=admin, **names, agencies=agencies, first_year=2569)
    assert refused.value.messages == {"name_th": "มีหน่วยงานชื่อนี้แล้ว รหัส PROVS ตั้งชื่ออื่น"}
    with pytest.raises(Refused) as refused:
        make_group(admin, agencies, code="CODI")
    assert set(refused.value.messages) == {"code"}


def test_an_empty_group_is_assigned_to_nothing(open_round, admin):
    group = make_group(admin, offices(1), first_year=2571)
    with pytest.raises(Refused) as refused:
        assign(admin, group, "2565-1.2")
    assert refused.value.messages == {
        "agency": "กลุ่มนี้ยังไม่มีหน่วยงานในปีที่เลือก เพิ่มหน่วยงานเข้ากลุ่มก่อน แล้วมอบหมายอีกครั้ง"
    }


def test_a_member_of_later_years_answers_from_then_on(open_round, admin):
    agencies = offices(2)
    group = make_group(admin, agencies[:1], first_year=2569)
    actions.add_members(by=admin, group=group, agencies=agencies[1:], first_year=2570)
    assign(admin, group, "2565-1.2")
    assert assignment_of("1.2", "PROV02").valid_from == 2570
    assert expected(open_round) & {"PROV01", "PROV02"} == {"PROV01"}


def test_a_links_reports_are_its_own_members(three, open_round, people):
    link = actions.issue_link(
        round_=open_round, agency=Agency.objects.get(code="PROV02"), by=people["staff"]
    )
    found = permissions.reports_of(link)
    assert [str(each.assignment) for each in found] == ["2565-1.2 พมจ. 02"]


@pytest.mark.parametrize("who", ["staff", "reviewer"])
def test_only_an_administrator_changes_groups(three, people, who):
    group, agencies = three
    row, by = member(group, agencies[0]), people[who]
    for verb in (
        lambda: make_group(by, agencies, code="MORE"),
        lambda: actions.add_members(by=by, group=group, agencies=agencies, first_year=2570),
        lambda: actions.leave_group(by=by, member=row, seen=seen(row), last_year=2570),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_a_group_stays_a_group_and_what_reports_becomes_none(three, open_round, people):
    group, agencies = three
    group.kind = "media"
    with pytest.raises(ValidationError, match="มีหน่วยงานอยู่ในกลุ่มนี้"):
        group.full_clean()
    agencies[0].kind = "group"
    with pytest.raises(ValidationError, match="จึงเปลี่ยนเป็นกลุ่มไม่ได้"):
        agencies[0].full_clean()
    Agency(code="NEWER", name_th="ใหม่", kind="group").full_clean()


def test_an_opened_round_asks_the_members(forum, admin):
    group = make_group(admin, offices(2), first_year=2569)
    assign(admin, group, "2565-1.2")
    Assignment.objects.filter(agency__code="PROV02").delete()
    round_ = actions.create_round(by=admin, year=2570)
    actions.open_round(round_=round_, by=admin)
    assert expected(round_) >= {"PROV01", "PROV02"}
