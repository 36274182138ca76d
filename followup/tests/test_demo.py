"""The demo data: the same at every load, separate from real data, and removed completely."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import Group

from followup import actions
from followup import demo as demo_data
from followup.actions import Refused
from followup.models import (
    Assignment,
    ChainEntry,
    Evidence,
    Province,
    RecordEntry,
    ReportState,
    Round,
    RoundState,
    Ruling,
    StatusReport,
    User,
)
from followup.status import STORED, missing
from followup.tests.factories import dump, fields_for, find_report, link


def rows(queryset, *fields):
    return sorted(queryset.values_list(*fields), key=repr)


def content():
    """The content of the demo, without keys, passwords and the time of loading."""
    report = "report__round__year_be", "report__assignment"
    plain = [
        field.name
        for field in StatusReport._meta.concrete_fields
        if not field.is_relation and field.name not in {"id", "updated_at"}
    ]
    people = "updated_by", "submitted_by", "approved_by"
    names = [f"{name}__username" for name in people]
    return {
        "reports": rows(
            StatusReport.objects, "round__year_be", "assignment", "provinces", *plain, *names
        ),
        # Of a report that nobody has touched it is the moment of loading.
        "moments": rows(
            StatusReport.objects.exclude(version=0), "round__year_be", "assignment", "updated_at"
        ),
        "evidence": rows(Evidence.objects, *report, "title", "url", "is_public", "position"),
        "rulings": rows(
            Ruling.objects, "round__year_be", "measure", "status", "meeting_ref", "note"
        ),
        "rounds": rows(
            Round.objects,
            *(field.name for field in Round._meta.concrete_fields if field.name != "id"),
        ),
        "users": rows(User.objects, "username", "display_name", "groups__name", "is_demo"),
    }


# What it is ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_after_its_removal_it_loads_again_and_only_the_passwords_differ(demo):
    first = content()
    assert len(first["reports"]) >= 412
    demo_data.remove()
    assert not demo_data.is_loaded()
    again = {user.username: password for user, password in demo_data.load()}
    assert content() == first
    assert set(again) == set(demo)
    assert not set(again.values()) & set(demo.values())
    assert Group.objects.get(name="ผู้ตรวจ").user_set.count() == 1


def test_every_status_and_every_state_occurs(demo):
    reports = StatusReport.objects.all()
    assert {*STORED, ""} == set(reports.values_list("reported_status", flat=True))
    withdrawn = {ReportState.WITHDRAWN}  # only a mistake brings a report to it
    assert set(ReportState) - withdrawn == set(reports.values_list("state", flat=True))
    assert reports.exclude(assessed_status="").exists()
    assert reports.exclude(budget_spent=None).exists()
    assert reports.filter(no_change=True).exists()
    assert reports.exclude(provinces=None).exists()


@pytest.mark.parametrize(
    ("year", "states"),
    [
        (2566, {"draft": 39, "approved": 64}),
        (2567, {"draft": 39, "approved": 64}),
        (2568, {"draft": 38, "approved": 65}),
        (2569, {"draft": 80, "submitted": 8, "returned": 3, "approved": 12}),
    ],
)
def test_counts_per_year(demo, year, states):
    found = StatusReport.objects.filter(round__year_be=year).values_list("state", flat=True)
    assert {state: list(found).count(state) for state in set(found)} == states
    assert sum(states.values()) == Assignment.objects.valid_in(year).count() == 103


def test_three_years_are_published_and_one_is_open(demo):
    found = Round.objects.order_by("year_be").values_list("year_be", "state", "is_demo")
    assert list(found) == [
        (2566, "published", True),
        (2567, "published", True),
        (2568, "published", True),
        (2569, "open", True),
    ]
    one = Round.objects.get(year_be=2567)
    assert (one.starts_on, one.ends_on) == (date(2023, 10, 1), date(2024, 9, 30))
    assert (one.due_on, one.meeting_ref) == (date(2024, 11, 30), "5/2567")
    assert one.meeting_on == date(2024, 12, 20)


def test_what_was_approved_could_have_come_through_the_rules(demo):
    """The demo writes past the actions; what it writes must be what they would have let in."""
    reports = StatusReport.objects.filter(state__in=["submitted", "approved"]).with_context()
    assert reports.count() == 213
    for report in reports.select_related("submitted_by", "approved_by"):
        assert missing(report.claim()) == {}, report
        names = report.submitted_by, report.approved_by
        assert report.reported_on
        if report.state == "approved":
            assert list(map(str, names)) == ["เจ้าหน้าที่ตัวอย่าง ก", "ผู้ตรวจตัวอย่าง ข"]
            assert report.approved_at
            assert report.submitted_at
            assert report.approved_at > report.submitted_at
        if report.assessed_status:
            assert report.voices_differ
            assert report.assessed_note
    for ruling in Ruling.objects.all():
        assert ruling.meeting_ref
        assert ruling.note


def test_its_evidence_leads_nowhere_real(demo):
    urls = Evidence.objects.values_list("url", flat=True)
    assert urls
    assert all(re.match(r"https://example\.org/demo/\d{4}/", url) for url in urls)


def test_nothing_but_rounds_reports_and_people_is_the_demos(forum, request):
    """Agencies, assignments and the forum's words are the real ones before and after."""
    # Grows with the editions, unless they come from an earlier test.
    chain = [ChainEntry._meta.db_table]
    before = dump(without=chain)
    request.getfixturevalue("demo")
    after = dump(without=chain)
    changed = {name for name in before if before[name] != after[name]}
    assert {name.removeprefix("followup_").replace("historical", "") for name in changed} == {
        "round",
        "snapshot",
        "publishedagency",
        "publishedcell",
        "publishededition",
        "publishedevidence",
        "publishedline",
        "publishedmeasure",
        "publishedplace",
        "publishedproject",
        "searchtext",
        "statusreport",
        "statusreport_provinces",
        "evidence",
        "ruling",
        "user",
        "user_groups",
    }
    assert all(set(map(repr, before[name])) <= set(map(repr, after[name])) for name in changed)


def test_people_have_their_groups_and_no_more(demo):
    assert {user.username: [g.name for g in user.groups.all()] for user in User.objects.all()} == {
        "demo-staff": ["เจ้าหน้าที่ฝ่ายเลขานุการ"],
        "demo-reviewer": ["ผู้ตรวจ"],
        "demo-admin": ["ผู้ดูแลระบบ"],
    }
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert all(user.is_demo for user in User.objects.all())


def test_load_demo_refuses_beside_a_real_account_of_the_same_name(forum):
    User.objects.create_user("demo-staff", display_name="คนจริง")
    before = dump()
    with pytest.raises(Refused) as error:
        demo_data.load()
    assert str(error.value) == "มีบัญชีชื่อเดียวกับบัญชีตัวอย่างอยู่แล้ว จึงไม่โหลดข้อมูลตัวอย่าง"
    assert dump() == before


def test_a_load_that_fails_leaves_nothing_behind(forum, monkeypatch):
    before = dump()

    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(demo_data, "_fill", fail)
    with pytest.raises(RuntimeError):
        demo_data.load()
    assert dump() == before


def test_what_people_did_with_the_demo_goes_too(forum, request):
    before = dump()
    request.getfixturevalue("demo")
    staff, reviewer = User.objects.filter(username__in=["demo-staff", "demo-reviewer"]).order_by(
        "-username"
    )
    round_ = Round.objects.get(year_be=2569)
    report = find_report(round_, "7.2")
    actions.save_draft(
        report=report,
        by=staff,
        version=0,
        fields=fields_for("on_hold"),
        evidence=[link(1), link(2)],
        provinces=Province.objects.filter(code__in=["10", "50"]),
    )
    actions.save_draft(
        report=report,
        by=staff,
        version=1,
        fields={},
        evidence=[link(2)],
        provinces=Province.objects.filter(code="10"),
    )
    actions.submit(report=report, by=staff, version=2)
    actions.send_back(report=report, by=reviewer, version=3, reason="ระบุ")
    actions.close_round(round_=round_, by=staff)
    Ruling.objects.create(
        round=round_,
        resolution=report.resolution,
        status="on_hold",
        meeting_ref="1/2569",
    ).delete()
    demo_data.remove()
    after = dump()
    # The record says that it was removed; nothing else is left.
    only_grown = {"followup_recordentry", "followup_chainentry"}
    assert {name for name in before if before[name] != after[name]} == only_grown
    assert {each.act for each in RecordEntry.objects.all()} == {RecordEntry.Act.DEMO_REMOVED}


def test_a_real_round_made_meanwhile_stays_as_it_is(demo, people):
    """Even with demo people at work in it: their names go, what they wrote stays."""
    staff = User.objects.get(username="demo-staff")
    round_ = actions.create_round(by=staff, year=2570)
    actions.open_round(round_=round_, by=staff)
    report = find_report(round_, "1.2")
    actions.save_draft(
        report=report,
        by=staff,
        version=0,
        fields=fields_for("in_progress"),
        evidence=[link()],
        provinces=Province.objects.filter(code="10"),
    )
    actions.submit(report=report, by=staff, version=1)
    ruling = Ruling.objects.create(
        round=round_, measure=report.measure, status="on_hold", meeting_ref="1/2570"
    )

    def of_the_round():
        return {
            "round": rows(Round.objects, "year_be", "state", "opened_at", "due_on"),
            "reports": rows(
                StatusReport.objects.all(), "assignment", "state", "results", "version"
            ),
            "evidence": rows(Evidence.objects, "title", "url", "position"),
            "rulings": rows(Ruling.objects, "pk", "status"),
            "history": rows(
                StatusReport.history, "assignment_id", "state", "version", "history_type"
            ),
            "history of rounds": rows(Round.history, "year_be", "state", "history_type"),
            "history of evidence": rows(Evidence.history, "title", "history_type"),
            "history of rulings": rows(Ruling.history, "status", "history_type"),
        }

    demo_data.remove()
    after = of_the_round()
    assert after["round"] == [(2570, RoundState.OPEN, round_.opened_at, date(2027, 11, 30))]
    assert len(after["reports"]) == 103
    assert (report.assignment_id, "submitted", "จัดเวที 4 ภาค ครบตามแผน", 2) in after["reports"]
    assert after["evidence"] == [(link()["title"], link()["url"], 0)]
    assert after["rulings"] == [(ruling.pk, "on_hold")]
    assert len(after["history"]) >= 103 + 2
    assert {row[1] for row in after["history of rounds"]} == {"planned", "open"}
    assert len(after["history of rounds"]) == 2
    assert len(after["history of evidence"]) == len(after["history of rulings"]) == 1
    stored = StatusReport.objects.get(pk=report.pk)
    assert (stored.submitted_by, stored.updated_by) == (None, None)
    assert [province.pk for province in stored.provinces.all()] == ["10"]
    assert set(User.objects.values_list("username", flat=True)) == set(people)
