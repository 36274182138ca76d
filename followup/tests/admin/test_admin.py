"""The rows of a year in the admin: found, looked at, protected; and the people."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup import actions, snapshots
from followup.models import (
    Agency,
    Assignment,
    Evidence,
    Province,
    ReportState,
    Round,
    RoundState,
    Ruling,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    User,
)
from followup.roles import ADMINISTRATOR
from followup.spreadsheets import session
from followup.tests.admin.pages import field_values, label, said, url
from followup.tests.doors import unguarded
from followup.tests.factories import PASSWORD, find_report, grow, make_report
from followup.tests.subscribers import asked, subscribed
from forum_portal.thai import match_key
from proposals.models import Measure, Resolution


def test_a_ruling_on_a_published_round_needs_it_reopened(desk, ruling, people):
    with unguarded():
        Snapshot.objects.all().delete()
    actions.close_round(round_=ruling.round, by=people["staff"])
    actions.publish_round(round_=ruling.round, by=people["reviewer"])
    address = url(Ruling, "change", ruling.pk)
    form = {
        "round": ruling.round_id,
        "measure": ruling.measure_id,
        "status": "completed",
        "meeting_ref": "3/2569",
    }
    page = desk.post(address, form).content.decode()
    assert "ปีงบประมาณ 2569 เผยแพร่แล้ว เปิดแก้ไขรอบพร้อมเหตุผลก่อน จึงบันทึกมติได้" in page
    assert Ruling.objects.get().status == "on_hold"
    assert desk.post(url(Ruling, "delete", ruling.pk), {"post": "yes"}).status_code == 403
    assert Ruling.objects.exists()


def test_lists_ask_no_more_for_more_rows(desk, report, monkeypatch):
    models = [Agency, Assignment, Measure, Resolution, StatusReport]
    for model in models:
        monkeypatch.setattr(admin.site._registry[model], "list_per_page", 10_000)

    def queries(model: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = desk.get(url(model, "changelist"))
        assert len(response.context["cl"].result_list) == model.objects.count()
        return len(queries)

    def every() -> dict[str, int]:
        return {label(model): queries(model) for model in models}

    every()  # what is kept after the first time
    before, rows = every(), [model.objects.count() for model in models]
    grow(3)
    for model, count in zip(models, rows, strict=True):
        assert model.objects.count() >= 3 * count
    assert every() == before


def test_autocomplete_asks_no_more_for_more_rows(desk, forum):
    def ask(term: str) -> tuple[list[str], int]:
        query = {"app_label": "followup", "model_name": "assignment", "field_name": "measure"}
        with CaptureQueriesContext(connection) as queries:
            answer = desk.get(reverse("admin:autocomplete"), query | {"term": term})
        return [row["text"] for row in answer.json()["results"]], len(queries)

    one, few = ask("3.4")
    many, more = ask("")
    assert one == [str(Measure.objects.get(resolution__number=3, number=4))]
    assert len(many) == 20
    assert few == more
    assert [name.split()[0] for name in ask("3.")[0]] == [f"2565-3.{n}" for n in range(1, 7)]


@pytest.mark.parametrize("words", ["พอช.", "พอช", "พ อ ช"])
def test_agencies_are_found_however_people_write_them(words, desk):
    response = desk.get(url(Agency, "changelist"), {"q": words})
    assert "CODI" in [agency.code for agency in response.context["cl"].result_list]


# A year's work stays on its own pages ---------------------------------------------------------


def test_reports_are_only_looked_at(desk, report):
    page = url(StatusReport, "change", report.pk)
    html = desk.get(page).content.decode()
    assert f'href="{reverse("staff-report", args=[report.pk])}"' in html
    assert report.evidence.get().title in html
    assert "<textarea" not in html
    before = StatusReport.objects.values().get(pk=report.pk)
    evidence = url(Evidence, "change", report.evidence.get().pk)
    for address in (page, evidence, url(StatusReport, "delete", report.pk)):
        assert desk.post(address, {"state": "draft", "post": "yes"}).status_code == 403
    assert desk.post(url(StatusReport, "add"), {}).status_code == 403
    actions = {"action": "delete_selected", "_selected_action": [report.pk], "post": "yes"}
    desk.post(url(StatusReport, "changelist"), actions)
    assert StatusReport.objects.values().get(pk=report.pk) == before


def test_a_round_keeps_all_but_its_meeting_and_its_due_date(desk, open_round):
    page = url(Round, "change", open_round.pk)
    values = field_values(desk.get(page))
    assert set(values) == {"due_on", "meeting_ref", "seen"}
    assert values["due_on"] == "30/11/2569"
    values |= {"due_on": "๑๕/๑๒/๒๕๖๙", "meeting_ref": "5/2569", "meeting_on": "30 พ.ย. 2569"}
    forged = {"state": "published", "year_be": "2570", "starts_on": "1/1/2560", "is_demo": "on"}
    assert desk.post(page, values | forged).status_code == 302
    open_round.refresh_from_db()
    assert (open_round.due_on, open_round.meeting_on) == (date(2026, 12, 15), date(2026, 11, 30))
    assert (open_round.state, open_round.year_be) == (RoundState.OPEN, 2569)
    assert not open_round.is_demo
    assert open_round.history.count() == 3

    values = field_values(desk.get(page))
    for due_on, message in {
        "30/9/2568": "กำหนดส่งรายงานต้องไม่ก่อนวันเริ่มรอบ (1 ตุลาคม 2568)",
        "31/2/2569": "ไม่มีวันที่ 31/2/2569 ในปฏิทิน",
    }.items():
        response = desk.post(page, values | {"due_on": due_on})
        assert response.context["adminform"].form.errors == {"due_on": [message]}


def test_a_round_that_the_public_has_read_changes_by_a_correction_alone(desk, open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(
        round_=open_round,
        by=people["reviewer"],
        meeting_ref="5/2569",
        meeting_on=date(2026, 12, 20),
    )
    page = url(Round, "change", open_round.pk)
    before = Round.objects.values().get(pk=open_round.pk)
    posted = {"due_on": "15/12/2569", "meeting_ref": "6/2569", "meeting_on": "30/12/2569"}
    assert desk.post(page, posted).status_code == 403
    assert Round.objects.values().get(pk=open_round.pk) == before
    html = desk.get(page).content.decode()
    for words in ("5/2569", "20 ธ.ค. 2569", "30 พ.ย. 2569"):
        assert words in html
    assert "2026" not in re.sub(r'(?:href|src)="[^"]*"', "", html)
    assert 'name="meeting_ref"' not in html


def test_days_are_written_in_the_buddhist_era(desk, report, people):
    assert "30 พ.ย. 2569" in desk.get(url(Round, "changelist")).content.decode()
    html = desk.get(url(Round, "change", report.round.pk)).content.decode()
    assert "1 ต.ค. 2568" in html
    html = desk.get(url(StatusReport, "change", report.pk)).content.decode()
    assert people["staff"].display_name in html
    assert str(date.today().year + 543) in html
    assert re.search(r"\d\d\.\d\d น\.", html)


def test_a_ruling_is_on_one_thing(desk, ruling):
    page = url(Ruling, "change", ruling.pk)
    values = field_values(desk.get(page))
    message = {"measure": ["เลือกข้อเสนอหรือมาตรการย่อยอย่างใดอย่างหนึ่ง"]}
    both = values | {"resolution": ruling.measure.resolution_id}
    for wrong in (both, values | {"measure": ""}):
        response = desk.post(page, wrong)
        assert response.context["adminform"].form.errors == message
    assert desk.post(page, values | {"status": "cancelled"}).status_code == 302
    ruling.refresh_from_db()
    assert ruling.status == "cancelled"


def test_assignments_reach_the_open_round(desk, open_round, forum):
    agency, measure = Agency.objects.get(code="THF"), find_report(open_round, "8.2").measure
    expected = open_round.reports.filter(assignment__agency=agency, assignment__measure=measure)
    assert not expected.exists()
    values = {"measure": measure.pk, "agency": agency.pk, "role": "support", "basis": "confirmed"}
    response = desk.post(url(Assignment, "add"), values | {"valid_from": "2569"})
    assert response.status_code == 302, response.context["errors"]
    assert expected.get().is_untouched

    assignment = expected.get().assignment
    page = url(Assignment, "change", assignment.pk)
    values = field_values(desk.get(page)) | {"valid_from": "2570"}
    assert desk.post(page, values).status_code == 302
    assert not expected.exists()

    assert desk.post(url(Assignment, "delete", assignment.pk), {"post": "yes"}).status_code == 302
    assert not Assignment.objects.filter(pk=assignment.pk).exists()


def test_deleting_reaches_the_open_round_as_well(desk, open_round, forum, monkeypatch):
    """A deletion that leaves a round short of nothing would hide that nothing was refreshed."""
    refreshed = []
    monkeypatch.setattr("followup.admin.refresh_open_rounds", lambda: refreshed.append(1))
    rows = [
        Assignment.objects.create(
            measure=Measure.objects.earliest("pk"), agency=agency, role="support", valid_from=2590
        )
        for agency in Agency.objects.filter(assignments=None)[:3]
    ]
    desk.post(url(Assignment, "delete", rows[0].pk), {"post": "yes"})
    assert len(refreshed) == 1
    desk.post(
        url(Assignment, "changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [row.pk for row in rows[1:]],
            "post": "yes",
        },
    )
    assert len(refreshed) == 2
    assert not Assignment.objects.filter(pk__in=[row.pk for row in rows]).exists()
    assert Assignment.history.filter(history_type="-").count() == 3


def test_an_assignment_with_reports_is_protected(desk, report):
    assignment = report.assignment
    for address, sent in {
        url(Assignment, "delete", assignment.pk): {"post": "yes"},
        url(Assignment, "changelist"): {
            "action": "delete_selected",
            "_selected_action": [assignment.pk],
            "post": "yes",
        },
    }.items():
        response = desk.post(address, sent)
        assert response.status_code == 200
        assert not response.context["perms_lacking"]
        assert reverse("admin:followup_statusreport_change", args=[report.pk]) in "".join(
            response.context["protected"]
        )
    assert Assignment.objects.filter(pk=assignment.pk).exists()


def test_what_was_reported_stays_with_its_agency(desk, report, open_round):
    untouched = find_report(open_round, "1.3").assignment
    forged = {"agency": Agency.objects.get(code="THF").pk, "role": "support", "basis": "named"}
    for assignment in (report.assignment, untouched):
        values = field_values(desk.get(url(Assignment, "change", assignment.pk)))
        response = desk.post(url(Assignment, "change", assignment.pk), values | forged)
        assert response.status_code == 302, response.context["errors"]
    agencies = Assignment.objects.filter(pk__in=[report.assignment.pk, untouched.pk])
    assert dict(agencies.values_list("pk", "agency__code")) == {
        report.assignment.pk: report.assignment.agency.code,
        untouched.pk: "THF",
    }


def test_overlapping_assignments_are_refused(desk, forum):
    first = Assignment.objects.earliest("pk")
    values = {"measure": first.measure_id, "agency": first.agency_id, "role": "lead"}
    values |= {"basis": "named", "valid_from": "2567"}
    response = desk.post(url(Assignment, "add"), values)
    assert response.context["adminform"].form.errors == {
        "__all__": ["หน่วยงานนี้ได้รับมอบหมายมาตรการย่อยนี้ในช่วงปีที่ทับซ้อนกันอยู่แล้ว"]
    }


POWERS = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1", "2"]}


def powers(user: User) -> list[str]:
    """What they have beyond their groups."""
    ticks = [name for name in ("is_superuser", "is_staff") if getattr(user, name)]
    return [*ticks, *user.user_permissions.values_list("codename", flat=True)]


def test_administrators_make_and_change_users(desk):
    group = Group.objects.get(name=ADMINISTRATOR)
    new = {"username": "somsri", "display_name": "สมศรี", "groups": [group.pk]}
    new |= {"password1": PASSWORD, "password2": PASSWORD}
    response = desk.post(url(User, "add"), new | POWERS)
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(username="somsri")
    assert (user.display_name, [*user.groups.all()]) == ("สมศรี", [group])
    assert user.check_password(PASSWORD)
    assert powers(user) == []

    page = url(User, "change", user.pk)
    form = desk.get(page).context["adminform"].form
    assert set(form.fields) == {
        "username", "password", "display_name", "email", "is_active", "groups", "seen"
    }  # fmt: skip
    changed = {
        "seen": form["seen"].value(),
        "username": "somsri",
        "display_name": "สมศรี ข",
        "email": "s@example.org",
    }
    assert desk.post(page, changed | POWERS).status_code == 302
    user.refresh_from_db()
    assert (user.display_name, user.is_active, user.groups.count()) == ("สมศรี ข", False, 0)
    assert powers(user) == []


def test_administrators_set_passwords(desk, people):
    user, page = (
        people["staff"],
        reverse("admin:auth_user_password_change", args=[people["staff"].pk]),
    )
    new = "ดอกแก้ว-77-ริมรั้ว"
    unusable = {"usable_password": "false", "unset-password": "1"}
    assert desk.post(page, unusable).status_code == 200  # no way to leave somebody without one
    assert desk.post(page, {"password1": new, "password2": "x"}).status_code == 200
    assert desk.post(page, {"password1": new, "password2": new}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_superusers_are_out_of_reach(desk, root):
    page = url(User, "change", root.pk)
    html = desk.get(page).content.decode()
    assert "ผู้ติดตั้ง" in html
    assert '<input type="text"' not in html
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    sent = {"username": "root", "password1": "x" * 20, "password2": "x" * 20, "post": "yes"}
    for address in (page, password, url(User, "delete", root.pk)):
        assert desk.post(address, sent).status_code == 403
    assert desk.get(password).status_code == 403
    actions = {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    assert desk.post(url(User, "changelist"), actions).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)
    assert (root.username, root.is_active) == ("root", True)


def test_superusers_give_rights(client, root, people):
    client.force_login(root)
    page = url(User, "change", people["staff"].pk)
    values = field_values(client.get(page))
    assert client.post(page, values | {"is_superuser": "on"}).status_code == 302
    people["staff"].refresh_from_db()
    assert people["staff"].is_superuser


def refusals(desk, row):
    """What the page says that keeps the row from being deleted."""
    response = desk.post(url(type(row), "delete", row.pk), {"post": "yes"})
    assert response.status_code == 200
    assert type(row).objects.filter(pk=row.pk).exists()
    return [str(each) for each in response.context["protected"]]


def test_whoever_has_a_part_in_a_report_is_not_deleted(desk, report, people, root):
    instead = "ปิดการใช้งานบัญชี หรือใช้ “ลบข้อมูลส่วนบุคคล” แทน ประวัติจะคงอยู่"
    for name in ("staff", "reviewer"):
        user = people[name]
        said = [f"รายงานผล 1 ฉบับในรอบ 2569 อ้างถึง “{user}”", instead]
        assert refusals(desk, user) == said
    user = people["colleague"]
    assert desk.post(url(User, "delete", user.pk), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()
    desk.force_login(root)
    assert refusals(desk, people["staff"])[1:] == [instead], "a superuser's account is no exception"


def test_what_published_editions_show_is_not_deleted(desk, three_reports, msdhs, forum):
    report = find_report(three_reports, "1.2")
    province = Province.objects.get(code="50")
    actions.reopen_round(
        round_=three_reports, by=User.objects.get(username="reviewer"), reason="แก้จังหวัด"
    )
    report.provinces.add(province)
    snapshots.store_edition(round_=three_reports, by=None, reason="แก้จังหวัด")
    report.provinces.clear()  # the edition alone names it now
    shown = "ฉบับที่เผยแพร่ของปีงบประมาณ 2569 แสดง “{}”".format
    assert refusals(desk, province) == [shown(province)]
    said = refusals(desk, msdhs)
    assert said[0] == shown(msdhs)
    assert said[1] == f"รายงานผล 1 ฉบับในรอบ 2569 อ้างถึง “{msdhs}”"
    assert said[2].startswith("หากหน่วยงานยุบหรือบันทึกซ้ำ ใช้ “เปลี่ยนเป็นหน่วยงานอื่น”")
    said = refusals(desk, forum)
    assert said[:1] == [shown(forum)]
    assert "หากไม่ติดตามต่อ ใช้ “สรุปการติดตาม” ที่หน้าเวทีแทน" in said
    publisher = three_reports.snapshots.exclude(made_by=None)[0].made_by
    assert f"“{publisher}” เผยแพร่ฉบับของปีงบประมาณ 2569" in refusals(desk, publisher)
    unused = Province.objects.get(code="10")
    assert desk.post(url(Province, "delete", unused.pk), {"post": "yes"}).status_code == 302


def test_whoever_submitted_first_is_not_deleted_either(desk, open_round, people):
    staff, colleague = people["staff"], people["colleague"]
    returned = make_report(
        open_round, by=staff, reviewer=people["reviewer"], state=ReportState.RETURNED
    )
    StatusReport.objects.filter(pk=returned.pk).update(submitted_by=colleague)
    assert f"รายงานผล 1 ฉบับในรอบ 2569 อ้างถึง “{staff}”" in refusals(desk, staff)


def test_groups_are_fixed(desk, root, client):
    group = Group.objects.get(name=ADMINISTRATOR)
    for person in (None, root):
        if person:
            client.force_login(person)
        for page, args in {"add": [], "change": [group.pk], "delete": [group.pk]}.items():
            assert desk.post(url(Group, page, *args), {"name": "x"}).status_code == 403
    assert "นำเข้าหน่วยงาน" in desk.get(url(Group, "change", group.pk)).content.decode()


def test_an_import_without_its_process_is_seen_and_freed(desk, everything, uploads):
    lost, running = SpreadsheetImport.objects.get(), SpreadsheetImport(file_name="ข")
    running.round = lost.round
    running.save()
    SpreadsheetImport.objects.update(state="applying")
    session.report_progress(running, "apply", 1, 2)
    page = url(SpreadsheetImport, "changelist")
    shown = desk.get(page).content.decode()
    assert shown.count(">ใช่<") == shown.count(">ไม่ใช่<") == 1
    free = {"action": "free", "_selected_action": [lost.pk, running.pk]}
    response = desk.post(page, free, follow=True)
    assert said(response) == ["ปลดแล้ว 1 งาน ผู้นำเข้าลองอีกครั้งได้"]
    lost.refresh_from_db()
    running.refresh_from_db()
    assert (lost.state, running.state) == ("failed", "applying")


def new_agency(desk, **values):
    page = url(Agency, "add")
    given = {"code": "NEW", "name_th": "หน่วยงานใหม่", "kind": "department"}
    return desk.post(page, field_values(desk.get(page)) | given | values)


def test_a_second_agency_of_a_name_is_warned_of_before_it_is_stored(desk, forum, codi):
    for values in ({"name_th": codi.name_th}, {"abbr_th": "พอช"}, {"name_en": codi.abbr_en}):
        response = new_agency(desk, **values)
        assert response.status_code == 200
        [sentence] = response.context["adminform"].form.errors["is_another"]
        assert sentence.startswith("ชื่อนี้เป็นของหน่วยงานอื่นด้วย: ")
        assert f"{codi} [CODI]" in sentence
        assert field_values(response)["code"] == "NEW", "what was typed is still there"
    alias = {"aliases-TOTAL_FORMS": "1", "aliases-0-name": "พอช"}
    assert "is_another" in new_agency(desk, **alias).context["adminform"].form.errors
    assert not Agency.objects.filter(code="NEW").exists()
    assert new_agency(desk, abbr_th="พอช", is_another="on").status_code == 302
    made = Agency.objects.get(code="NEW")
    page = url(Agency, "change", made.pk)
    opened = field_values(desk.get(page))
    assert desk.post(page, opened | {"note": "เรื่องอื่น"}).status_code == 302, "asked once only"


def test_a_renamed_agency_keeps_its_name_as_an_alias_and_in_editions(
    desk, three_reports, msdhs, visitor
):
    before = visitor.page("/resolutions/2565/1/").text
    page = url(Agency, "change", msdhs.pk)
    opened = field_values(desk.get(page))
    response = desk.post(page, opened | {"name_th": "กระทรวงสังคม", "abbr_th": "กส."})
    assert response.status_code == 302
    former = msdhs.own_keys
    msdhs.refresh_from_db()
    assert former <= Agency.objects.get(pk=msdhs.pk).name_keys
    assert not former & msdhs.own_keys - {"", *map(match_key, (msdhs.name_en, msdhs.abbr_en))}
    assert visitor.page("/resolutions/2565/1/").text == before
    opened = field_values(desk.get(page))
    desk.post(page, opened | {"abbr_th": "กส"})  # the same name, written differently
    assert not msdhs.aliases.filter(name="กส.").exists()


def test_a_merged_record_is_nothing_to_choose(desk, forum, codi, msdhs):
    Agency.objects.filter(pk=codi.pk).update(merged_into=msdhs)
    asked = {"app_label": "followup", "model_name": "agency", "field_name": "parent", "term": "พอช"}
    assert desk.get(reverse("admin:autocomplete"), asked).json()["results"] == []
    assert codi.name_th in desk.get(url(Agency, "changelist"), {"q": "พอช"}).content.decode()


def test_a_subscriber_is_found_by_the_whole_address_alone_and_removed(desk, forum):
    row = subscribed(email="nok@example.org")
    asked(email="dao@example.org")
    page = desk.get(url(Subscriber, "changelist")).content.decode()
    assert "ผู้ติดตามทางอีเมล: ยืนยันแล้ว 1 รอยืนยัน 1" in page
    for term in ("nok", "example.org", "@"):
        page = desk.get(url(Subscriber, "changelist"), {"q": term})
        assert list(page.context["cl"].result_list) == [], term
    page = desk.get(url(Subscriber, "changelist"), {"q": " NOK@example.org"})
    assert list(page.context["cl"].result_list) == [row]
    shown = desk.get(url(Subscriber, "change", row.pk)).content.decode()
    assert "nok@example.org" not in shown
    assert desk.post(url(Subscriber, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert [each.email for each in Subscriber.objects.all()] == ["dao@example.org"]
    assert "nok@example.org" not in str(list(LogEntry.objects.values()))
