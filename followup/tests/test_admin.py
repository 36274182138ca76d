"""The admin: who gets in, what its pages hold, what they leave alone, and its spreadsheets."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from import_export import tmp_storages

from followup import actions
from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assignment,
    Digest,
    Evidence,
    FocalPoint,
    Letter,
    LinkUse,
    Narrative,
    PrintJob,
    RenderedReport,
    ReportState,
    Round,
    RoundState,
    Ruling,
    Snapshot,
    StatusReport,
    User,
)
from followup.roles import ADMINISTRATOR
from followup.tests.factories import PASSWORD, find_report, grow, link, make_report
from forum_portal import import_storage
from proposals.models import EditorNote, Forum, Measure, Resolution

OURS: list[Any] = [
    model for model in admin.site._registry if model._meta.app_label in {"proposals", "followup"}
]
EVERY: list[Any] = [*OURS, Group]
VIEW_ONLY = {
    StatusReport,
    Evidence,
    Round,
    Group,
    Snapshot,
    Letter,
    AgencyLink,
    LinkUse,
    Digest,
    Narrative,
    PrintJob,
    RenderedReport,
}  # as far as adding and deleting goes
SHEETS: list[Any] = [Agency, Assignment, Resolution, Measure]
XLSX, CSV = "0", "1"

#: What the security policy forbids: style elements and attributes, inline scripts, handlers.
INLINE = re.compile(
    r"<style\b|<[^>]*\sstyle\s*=|<script\b(?![^>]*\ssrc=)|<[^>]*\son[a-z]+\s*=|javascript:", re.I
)


def label(model: Any) -> str:
    return model._meta.label_lower


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def no_inline(response: Any) -> None:
    """Nothing in the page that the security policy forbids, and a policy that forbids it."""
    found = INLINE.search(response.content.decode())
    assert not found, found
    policy = response["Content-Security-Policy"]
    assert "unsafe-" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy


def field_values(response: Any) -> dict[str, Any]:
    """What a browser would send back from the admin form that this response shows."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            if isinstance(value, list):
                value = [getattr(each, "pk", each) for each in value]
            values[bound.html_name] = "on" if value is True else value
    return values


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def desk(client: Client, forum: Forum, people: Mapping[str, User]) -> Client:
    """An administrator's browser."""
    client.force_login(people["administrator"])
    return client


@pytest.fixture
def report(open_round: Round, people: Mapping[str, User]) -> StatusReport:
    return make_report(
        open_round,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        evidence=[link()],
    )


@pytest.fixture
def ruling(report: StatusReport, people: Mapping[str, User]) -> Ruling:
    """With a row of everything else that a year leaves behind."""
    round_, agency, now = report.round, report.assignment.agency, timezone.now()
    snapshot = Snapshot.objects.create(round=round_, number=1, made_at=now)
    RenderedReport.objects.create(snapshot=snapshot, kind="pdf", content=b"%PDF", digest="0" * 64)
    PrintJob.objects.create(key="0" * 64, kind="docx", snapshot=snapshot, begun_at=now)
    Narrative.objects.create(round=round_, slot="preface", text="คำนำ", accepted_at=now)
    FocalPoint.objects.create(agency=agency, name="มะลิ", phone="02 000 0000")
    Digest.objects.create(user=people["staff"], day=now.date())
    Letter.objects.create(
        round=round_,
        agency=agency,
        attempt=1,
        number="พม 1",
        sent_on=now.date(),
        answer_by=now.date(),
    )
    LinkUse.objects.create(
        link=AgencyLink.objects.create(
            round=round_,
            agency=agency,
            key="k",
            issued_at=now,
            expires_at=now + timedelta(days=1),
        ),
        act=LinkUse.Act.OPENED,
    )
    return Ruling.objects.create(
        round=report.round, measure=report.measure, status="on_hold", meeting_ref="2/2569"
    )


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Any) -> Path:
    """Uploads that wait for their confirmation, away from the real ones."""
    settings.IMPORT_FOLDER = tmp_path / "imports"
    return tmp_path / "imports"


def test_a_ruling_on_a_published_round_needs_it_reopened(desk, ruling, people):
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
    assert "ปีงบประมาณ 2569 เผยแพร่แล้ว เปิดแก้ไขรอบพร้อมเหตุผลก่อน จึงบันทึกคำวินิจฉัยได้" in page
    assert Ruling.objects.get().status == "on_hold"
    assert desk.post(url(Ruling, "delete", ruling.pk), {"post": "yes"}).status_code == 403
    assert Ruling.objects.exists()


# Pages ----------------------------------------------------------------------------------------


def test_every_model_is_in_the_admin():
    """But for the history, and the working tables of the spreadsheet import, which has its pages."""
    ours = {
        model
        for app in ("proposals", "followup")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
        and model.__module__ != "followup.models.imports"
    }
    assert ours == set(OURS)


@pytest.mark.parametrize("model", EVERY, ids=label)
def test_pages_open_without_anything_inline(model, desk, ruling):
    row = model._default_manager.order_by("pk").last()
    pages = {"changelist": [], "add": [], "change": [row.pk], "delete": [row.pk]}
    pages["history"] = [row.pk]
    if model in SHEETS:
        pages |= {"import": [], "export": []}
    for page, args in pages.items():
        response = desk.get(url(model, page, *args))
        forbidden = page in {"add", "delete"} and model in VIEW_ONLY
        assert response.status_code == (403 if forbidden else 200), page
        no_inline(response)
        if page in {"import", "export"}:
            verb = {"import": "นำเข้า", "export": "ส่งออก"}[page]
            assert f"<h1>{verb}{model._meta.verbose_name}</h1>" in response.content.decode()


def test_other_pages_open_without_anything_inline(desk, people):
    for page in (
        reverse("admin:index"),
        reverse("admin:app_list", args=["followup"]),
        reverse("admin:app_list", args=["proposals"]),
        reverse("admin:auth_user_password_change", args=[people["staff"].pk]),
        url(Agency, "changelist") + "?q=พ.ม.&kind__exact=ministry",
        url(Agency, "add") + "?_popup=1",
    ):
        response = desk.get(page)
        assert response.status_code == 200, page
        no_inline(response)
    actions = {"action": "delete_selected", "_selected_action": [Agency.objects.earliest("pk").pk]}
    no_inline(desk.post(url(Agency, "changelist"), actions))
    popup = {"name_th": "ใหม่", "code": "NEW", "kind": "cso", "_popup": "1"}
    for inline in ("aliases", "focal_points"):
        popup |= {f"{inline}-TOTAL_FORMS": "0", f"{inline}-INITIAL_FORMS": "0"}
    response = desk.post(url(Agency, "add") + "?_popup=1", popup)
    assert Agency.objects.filter(code="NEW").exists()
    no_inline(response)


def test_superusers_see_the_same_pages(client, forum, ruling):
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    for model in EVERY:
        row = model._default_manager.order_by("pk").first()
        assert client.get(url(model, "changelist")).status_code == 200
        assert client.get(url(model, "change", row.pk)).status_code == 200


def test_demo_banner_on_every_page(desk):
    pages = [
        reverse("admin:index"),
        url(Agency, "changelist"),
        url(Agency, "add"),
        url(Agency, "add") + "?_popup=1",
        url(Agency, "import"),
        url(Agency, "export"),
    ]
    banner = '<aside class="demo"'
    assert [desk.get(page).content.decode().count(banner) for page in pages] == [0] * len(pages)
    Round.objects.create(
        year_be=2566,
        starts_on=date(2022, 10, 1),
        ends_on=date(2023, 9, 30),
        due_on=date(2023, 11, 30),
        is_demo=True,
    )
    assert [desk.get(page).content.decode().count(banner) for page in pages] == [1] * len(pages)


def test_header_leads_to_the_site_and_the_staff_pages(desk, people):
    html = desk.get(reverse("admin:index")).content.decode()
    for name in ("home", "staff-queue", "password_change", "logout"):
        assert f'"{reverse(name)}"' in html, name
    assert people["administrator"].display_name in html
    assert "css/admin.css" in html


@pytest.mark.parametrize(
    "model", [Agency, Assignment, Measure, Resolution, StatusReport], ids=label
)
def test_lists_ask_no_more_for_more_rows(model, desk, report, monkeypatch):
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", 10_000)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = desk.get(url(model, "changelist"))
        assert len(response.context["cl"].result_list) == model.objects.count()
        return len(queries)

    queries()  # what is kept after the first time
    before, rows = queries(), model.objects.count()
    grow(3)
    assert model.objects.count() >= 3 * rows
    assert queries() == before


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


# Doors ----------------------------------------------------------------------------------------


def every_address(row_of: Callable[[Any], Any]) -> list[str]:
    names = ("index", "login", "jsi18n", "autocomplete", "password_change", "logout")
    found = [reverse(f"admin:{name}") for name in names if name not in {"login"}]
    found.append(reverse("admin:auth_user_password_change", args=[row_of(User).pk]))
    for model in EVERY:
        found += [url(model, "changelist"), url(model, "add")]
        found += [url(model, page, row_of(model).pk) for page in ("change", "delete", "history")]
        if model in SHEETS:
            found += [url(model, page) for page in ("import", "export", "process_import")]
    return [*found, reverse("admin:index") + "no/such/page/"]


@pytest.fixture
def addresses(ruling: Ruling) -> list[str]:
    return every_address(lambda model: model._default_manager.order_by("pk").first())


@pytest.mark.parametrize("who", ["staff", "reviewer", "outsider"])
def test_the_admin_is_for_administrators(who, client, people, addresses):
    client.force_login(people[who])
    for address in [*addresses, reverse("admin:login")]:
        assert client.get(address).status_code == 403, address
    for address in (reverse("admin:login"), url(User, "add"), url(Agency, "process_import")):
        assert client.post(address).status_code == 403, address


def test_strangers_go_to_the_one_login_page(client, addresses):
    login = reverse("login")
    for address in addresses:
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 302, address
            assert response["Location"] == f"{login}?next={address}"
    response = client.get(reverse("admin:login"), {"next": "/admin/followup/agency/?q=พม"})
    assert response["Location"].startswith(f"{login}?next=/admin/followup/agency/%3Fq%3D")
    credentials = {"username": "administrator", "password": PASSWORD}
    response = client.post(reverse("admin:login"), credentials)
    assert response["Location"] == f"{login}?next=/admin/"
    assert "_auth_user_id" not in client.session


def test_administrators_pass_by_the_login_page(desk):
    assert desk.get(reverse("admin:login"))["Location"] == reverse("admin:index")
    response = desk.get(reverse("admin:password_change"))
    assert response["Location"] == reverse("password_change")
    assert desk.post(reverse("admin:logout"))["Location"] == reverse("home")


@pytest.mark.parametrize("model", SHEETS, ids=label)
def test_spreadsheets_need_their_permissions(model, desk):
    name = model._meta.model_name
    group = Group.objects.get(name=ADMINISTRATOR)
    pages = {"import": ["import", "process_import"], "export": ["export"]}
    for verb, closed in pages.items():
        assert url(model, verb) in desk.get(url(model, "changelist")).content.decode()
        permission = Permission.objects.get(codename=f"{verb}_{name}")
        group.permissions.remove(permission)
        for page in closed:
            assert desk.get(url(model, page)).status_code in {403, 405}
            assert desk.post(url(model, page)).status_code == 403
        html = desk.get(url(model, "changelist")).content.decode()
        assert url(model, verb) not in html
        group.permissions.add(permission)
        assert desk.get(url(model, verb)).status_code == 200


# The source stays as it is --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "fixed"),
    [
        (Forum, {"source_text": "ข้อความอื่น"}),
        (Resolution, {"text": "ข้อความอื่น", "forum": "99"}),
        (Measure, {"start": "1", "end": "3", "resolution": "99"}),
    ],
    ids=["forum", "resolution", "measure"],
)
def test_verbatim_fields_are_only_written_when_added(model, fixed, desk):
    row = model.objects.order_by("pk").first()
    page = url(model, "change", row.pk)
    before = model.objects.values(*fixed).get(pk=row.pk)
    response = desk.get(page)
    assert not set(fixed) & set(response.context["adminform"].form.fields)
    values = field_values(response)
    changed = "short_name_th" if model is Forum else "title_th"
    response = desk.post(page, values | fixed | {changed: "ชื่อใหม่"})
    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()
    assert getattr(row, changed) == "ชื่อใหม่"
    assert model.objects.values(*fixed).get(pk=row.pk) == before


def test_a_new_forum_its_resolution_and_its_measure(desk):
    """Browsers send line ends as CR LF; the source has LF, and every place in it counts them."""
    lines = "คำนำ\nข้อ ๑ พัฒนากลไก \nให้เข้มแข็ง\n"
    response = desk.get(url(Forum, "add"))
    values = {"year_be": "2570", "name_th": "ก", "short_name_th": "ก", "partners_th": ""}
    values |= {"source_text": lines.replace("\n", "\r\n")}
    response = desk.post(url(Forum, "add"), field_values(response) | values)
    assert response.status_code == 302, response.context["errors"]
    forum = Forum.objects.get(year_be=2570)
    assert forum.source_text == lines
    assert forum.partners_th == []

    text = "พัฒนากลไก \nให้เข้มแข็ง"
    values = {"forum": str(forum.pk), "number": "1", "title_th": "กลไก", "text": "พัฒนา กลไก"}
    values |= {"legal_references": "[]", "named_parties": "[]"}
    response = desk.post(url(Resolution, "add"), values)
    assert response.context["adminform"].form.errors == {
        "text": ["ข้อความนี้ไม่ตรงกับเอกสารต้นฉบับทุกตัวอักษร"]
    }
    response = desk.post(url(Resolution, "add"), values | {"text": text.replace("\n", "\r\n")})
    assert response.status_code == 302, response.context["errors"]
    resolution = forum.resolutions.get()
    assert resolution.text == text

    values = {"resolution": str(resolution.pk), "number": "1", "start": "5", "end": "900"}
    values |= {"title_th": "กลไก", "kind": "output"}
    response = desk.post(url(Measure, "add"), values)
    assert response.context["adminform"].form.errors == {
        "end": ["ตำแหน่งสิ้นสุดเกินความยาวของข้อความต้นฉบับ"]
    }
    response = desk.post(url(Measure, "add"), values | {"end": "9"})
    assert response.status_code == 302, response.context["errors"]
    assert resolution.measures.get().span == "กลไก"


def test_lists_stay_lists(desk, forum):
    page = url(Forum, "change", forum.pk)
    values = field_values(desk.get(page))
    response = desk.post(page, values | {"partners_th": '{"ก": 1}'})
    assert response.context["adminform"].form.errors == {
        "partners_th": ['ต้องเป็นรายการในรูปแบบ JSON เช่น ["ก", "ข"]']
    }
    assert desk.post(page, values | {"partners_th": ""}).status_code == 302
    forum.refresh_from_db()
    assert forum.partners_th == []


def test_a_note_belongs_to_its_resolutions_forum(desk, forum):
    resolution = forum.resolutions.get(number=4)
    page = url(Resolution, "change", resolution.pk)
    values = field_values(desk.get(page))
    count = int(values["editor_notes-TOTAL_FORMS"])
    values["editor_notes-TOTAL_FORMS"] = count + 1
    values[f"editor_notes-{count}-position"] = "9"
    values[f"editor_notes-{count}-text_th"] = "หมายเหตุใหม่"
    values[f"editor_notes-{count}-quotation"] = "คำที่ไม่มี"
    response = desk.post(page, values)
    assert "คำนี้ไม่มีในข้อความต้นฉบับ" in response.content.decode()
    values[f"editor_notes-{count}-quotation"] = resolution.text[:5]
    assert desk.post(page, values).status_code == 302
    assert EditorNote.objects.get(text_th="หมายเหตุใหม่").forum == forum


def test_an_empty_note_says_what_it_needs(desk):
    response = desk.post(url(EditorNote, "add"), {})
    assert set(response.context["adminform"].form.errors) >= {"forum", "text_th"}


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
    assert set(values) == {"due_on", "meeting_ref", "meeting_on"} - {"meeting_on"}
    assert values["due_on"] == "30/11/2569"
    values |= {"due_on": "๑๕/๑๒/๒๕๖๙", "meeting_ref": "5/2569", "meeting_on": "30 พ.ย. 2569"}
    forged = {"state": "published", "year_be": "2570", "starts_on": "1/1/2560", "is_demo": "on"}
    assert desk.post(page, values | forged).status_code == 302
    open_round.refresh_from_db()
    assert (open_round.due_on, open_round.meeting_on) == (date(2026, 12, 15), date(2026, 11, 30))
    assert (open_round.state, open_round.year_be) == (RoundState.OPEN, 2569)
    assert not open_round.is_demo
    assert open_round.history.count() == 3

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
    for said in ("5/2569", "20 ธ.ค. 2569", "30 พ.ย. 2569"):
        assert said in html
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
    values |= {"valid_from": "2570"}
    assert desk.post(url(Assignment, "change", assignment.pk), values).status_code == 302
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


# People ---------------------------------------------------------------------------------------


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD, display_name="ผู้ติดตั้ง")


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
    fields = desk.get(page).context["adminform"].form.fields
    assert set(fields) == {
        "username", "password", "display_name", "email", "is_active", "groups"
    }  # fmt: skip
    changed = {"username": "somsri", "display_name": "สมศรี ข", "email": "s@example.org"}
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


def test_whoever_has_a_part_in_a_report_is_not_deleted(desk, report, people, root):
    site_admin = admin.site._registry[User]
    for name, deletable in {"staff": False, "reviewer": False, "colleague": True}.items():
        user = people[name]
        response = desk.post(url(User, "delete", user.pk), {"post": "yes"})
        assert response.status_code == (302 if deletable else 403)
        assert User.objects.filter(pk=user.pk).exists() != deletable
    request = RequestFactory().get("/")
    request.user = root
    assert site_admin.has_delete_permission(request, people["staff"])


def test_whoever_submitted_first_is_not_deleted_either(desk, open_round, people):
    staff, colleague = people["staff"], people["colleague"]
    returned = make_report(
        open_round, by=staff, reviewer=people["reviewer"], state=ReportState.RETURNED
    )
    StatusReport.objects.filter(pk=returned.pk).update(submitted_by=colleague)
    assert desk.post(url(User, "delete", staff.pk), {"post": "yes"}).status_code == 403


def test_groups_are_fixed(desk, root, client):
    group = Group.objects.get(name=ADMINISTRATOR)
    for person in (None, root):
        if person:
            client.force_login(person)
        for page, args in {"add": [], "change": [group.pk], "delete": [group.pk]}.items():
            assert desk.post(url(Group, page, *args), {"name": "x"}).status_code == 403
    assert "นำเข้าหน่วยงาน" in desk.get(url(Group, "change", group.pk)).content.decode()


# Spreadsheets ---------------------------------------------------------------------------------


def export(desk: Client, model: Any, file_format: str, query: str = "") -> bytes:
    sent = {"format": file_format, "resource": "0"}
    response = desk.post(url(model, "export") + query, sent)
    assert "attachment" in response["Content-Disposition"]
    return response.content


def preview(desk: Client, model: Any, content: bytes, file_format: str) -> Any:
    name = {XLSX: "file.xlsx", CSV: "file.csv"}[file_format]
    sent = {"format": file_format, "import_file": SimpleUploadedFile(name, content)}
    return desk.post(url(model, "import"), sent | {"resource": "0"})


def confirm(desk: Client, model: Any, checked: Any, **changes: str) -> Any:
    sent = checked.context["confirm_form"].initial | changes
    return desk.post(url(model, "process_import"), sent, follow=True)


def sheet(*rows: Iterable[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def counts(response: Any) -> dict[str, int]:
    assert "result" in response.context, response.context["form"].errors
    result = response.context["result"]
    assert not result.has_errors(), [each.error for each in result.base_errors]
    return {name: count for name, count in result.totals.items() if count}


def faults(response: Any) -> list[str]:
    """Every message about a row, in order."""
    return [
        message
        for row in response.context["result"].invalid_rows
        for messages in row.error_dict.values()
        for message in messages
    ]


COLUMNS = {
    Agency: ("code,name_th,abbr_th,name_en,abbr_en,kind,parent,successor,province,aliases"),
    Assignment: "forum,measure,agency,role,basis,valid_from,valid_to",
    Resolution: "forum,number,title_th,title_phrases,theme_th,title_en,summary_en,text",
    Measure: "forum,code,title_th,title_en,kind,suggested_evidence_th,start,end",
}


@pytest.mark.parametrize("file_format", [XLSX, CSV], ids=["xlsx", "csv"])
@pytest.mark.parametrize("model", SHEETS, ids=label)
def test_what_went_out_comes_back_unchanged(model, file_format, desk, uploads):
    grow(2)  # a second forum, with the same numbers
    response = desk.get(url(model, "export"))
    formats = response.context["form"].fields["format"].choices
    assert formats == [("", "---"), (XLSX, "xlsx"), (CSV, "csv")]
    content = export(desk, model, file_format)
    if file_format == CSV:
        assert content.startswith(b"\xef\xbb\xbf")
        assert ",".join(rows_of(content)[0]) == COLUMNS[model]
    checked = preview(desk, model, content, file_format)
    assert counts(checked) == {"skip": model.objects.count()}
    no_inline(checked)
    assert len(list(uploads.iterdir())) == 1
    if file_format == XLSX:
        return
    done = confirm(desk, model, checked)
    assert said(done) == [
        f"นำเข้า{model._meta.verbose_name}แล้ว: เพิ่ม 0 แก้ไข 0 ไม่เปลี่ยนแปลง {model.objects.count()}"
    ]
    assert not LogEntry.objects.exists()
    assert not list(uploads.iterdir())


def test_an_export_holds_what_the_list_shows(desk):
    content = export(desk, Assignment, CSV, "?role__exact=lead&q=พอช")
    expected = Assignment.objects.filter(role="lead", agency__abbr_th__contains="พอช")
    assert len(rows_of(content)) - 1 == expected.count() > 0


def test_numbers_stay_numbers_and_codes_stay_text(desk):
    book = openpyxl.load_workbook(BytesIO(export(desk, Assignment, XLSX)))
    first = [cell.value for cell in book.active[2]]
    assert first[0] == first[5] == 2565
    assert re.fullmatch(r"2565-\d\.\d", first[1])


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "  =1+1", "＝1+1", "'=1+1", "''-1"]


@pytest.mark.parametrize("file_format", [XLSX, CSV], ids=["xlsx", "csv"])
def test_formulas_never_live(file_format, desk):
    for number, text in enumerate(FORMULAS):
        Agency.objects.create(code=f"F{number}", name_th=text, kind="cso", abbr_th="'ธรรมดา")
    content = export(desk, Agency, file_format)
    if file_format == CSV:
        cells = [cell for row in rows_of(content) for cell in row]
    else:
        book = openpyxl.load_workbook(BytesIO(content))
        every = [cell for row in book.active.rows for cell in row]
        assert not [cell for cell in every if cell.data_type == "f"]
        cells = [cell.value for cell in every if isinstance(cell.value, str)]
    assert {f"'{text}" for text in FORMULAS} <= set(cells)
    assert not [cell for cell in cells if re.match(r"\s*[=+\-@＝]", cell)]
    assert counts(preview(desk, Agency, content, file_format)) == {"skip": Agency.objects.count()}


def test_a_changed_row_is_shown_then_written(desk):
    agency = Agency.objects.get(code="CODI")
    titles = ["code", "name_th", "aliases", "parent", "kind"]
    changed = ["CODI", "<b>พอช.</b>\u200b ใหม่ ", "ข; ก;ก ;", "MSDHS", agency.kind]
    content = sheet(titles, changed, [None] * 5, ["NEW_ONE", None, None, None, None])
    checked = preview(desk, Agency, content, XLSX)
    needed = "ฟิลด์นี้เว้นว่างไม่ได้"
    assert faults(checked) == [f"คอลัมน์ “{name}”: {needed}" for name in ("name_th", "kind")]
    assert "<td>4</td>" in checked.content.decode()  # the row's number in the spreadsheet
    content = content_csv(titles, changed, ["NEW_ONE", "'=1+1", "", "", "cso"])
    checked = preview(desk, Agency, content, CSV)
    assert counts(checked) == {"new": 1, "update": 1}
    no_inline(checked)
    html = checked.content.decode()
    assert f"<del>{agency.name_th}</del> <ins>&lt;b&gt;พอช.&lt;/b&gt; ใหม่</ins>" in html
    agency.refresh_from_db()
    assert "ใหม่" not in agency.name_th  # not before it is confirmed

    done = confirm(desk, Agency, checked)
    assert said(done) == ["นำเข้าหน่วยงานแล้ว: เพิ่ม 1 แก้ไข 1 ไม่เปลี่ยนแปลง 0"]
    agency.refresh_from_db()
    assert agency.name_th == "<b>พอช.</b> ใหม่"
    assert [alias.name for alias in agency.aliases.all()] == ["ก", "ข"]
    assert Agency.objects.matching("พ อ ช .").exists()
    assert Agency.objects.get(code="NEW_ONE").name_th == "=1+1"
    assert LogEntry.objects.count() == 2
    again = confirm(desk, Agency, checked)  # a second click on the same button
    assert said(again) == ["ไฟล์ที่ตรวจไว้ไม่อยู่แล้ว เลือกไฟล์แล้วตรวจอีกครั้ง"]


def content_csv(*rows: Iterable[Any], mark: bool = True) -> bytes:
    stream = StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode("utf-8-sig" if mark else "utf-8")


@pytest.mark.parametrize(
    ("model", "row", "message"),
    [
        (Agency, {"parent": "XXX"}, "คอลัมน์ “parent”: ไม่พบหน่วยงานรหัส “XXX”"),
        (Agency, {"successor": "<b>"}, "คอลัมน์ “successor”: ไม่พบหน่วยงานรหัส “<b>”"),
        (Agency, {"province": "99"}, "คอลัมน์ “province”: ไม่พบจังหวัดรหัส “99”"),
        (
            Agency,
            {"aliases": "ก" * 201},
            "คอลัมน์ “aliases”: ชื่ออื่นยาว 201 อักขระ เกินกำหนด 200 อักขระ",
        ),
        (Agency, {"code": "ไทย"}, "คอลัมน์ “code”: ใช้อักษร A–Z ตัวเลข และ _ เท่านั้น"),
        (Assignment, {"agency": "XXX"}, "คอลัมน์ “agency”: ไม่พบหน่วยงานรหัส “XXX”"),
        (Assignment, {"measure": "9.9"}, "คอลัมน์ “measure”: ไม่พบมาตรการย่อย “9.9”"),
        (
            Assignment,
            {"measure": "ข้อสาม"},
            "คอลัมน์ “measure”: อ่านรหัส “ข้อสาม” ไม่ได้ เขียนปีของเวที ขีด เลขข้อ จุด เลขข้อย่อย เช่น 2565-3.4",
        ),
        (
            Assignment,
            {"valid_from": "67"},
            "คอลัมน์ “valid_from”: ปี “67” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567",
        ),
        (Resolution, {"forum": "2599"}, "คอลัมน์ “forum”: ไม่พบการประชุมปี “2599”"),
        (Resolution, {"number": "สาม"}, "คอลัมน์ “number”: “สาม” ไม่ใช่จำนวนเต็ม"),
        (
            Resolution,
            {"number": "3", "text": "ข้อความอื่น"},
            "คอลัมน์ “text”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
        ),
        (
            Resolution,
            {"number": "3", "text": ""},
            "คอลัมน์ “text”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
        ),
        (Resolution, {"text": "ข้อความอื่น"}, "คอลัมน์ “text”: ข้อความนี้ไม่ตรงกับเอกสารต้นฉบับทุกตัวอักษร"),
        (
            Measure,
            {"code": "3.4", "start": "1"},
            "คอลัมน์ “start”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
        ),
        (
            Measure,
            {"code": "3.4", "end": "999"},
            "คอลัมน์ “end”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
        ),
        (Measure, {"code": "9.1"}, "คอลัมน์ “code”: ไม่พบข้อเสนอที่ 9"),
        (Measure, {"end": "9999"}, "คอลัมน์ “end”: ตำแหน่งสิ้นสุดเกินความยาวของข้อความต้นฉบับ"),
    ],
)
def test_what_is_wrong_with_a_row(model, row, message, desk, forum):
    good = {
        Agency: {"code": "NEW_ONE", "name_th": "ก", "kind": "cso"},
        Assignment: {"measure": "3.4", "agency": "THF", "role": "lead", "valid_from": "2590"},
        Resolution: {
            "forum": "2565",
            "number": "9",
            "title_th": "ก",
            "text": forum.resolutions.get(number=1).text,
        },
        Measure: {"code": "3.9", "title_th": "ก", "kind": "output", "start": "0", "end": "5"},
    }[model]
    if model is Measure and row.get("code") == "3.4":
        stored = Measure.objects.get(resolution__number=3, number=4)
        good |= {"start": stored.start, "end": stored.end}
    right = good | dict.fromkeys(set(row) - set(good), "")
    wrong = good | row
    checked = preview(desk, model, sheet(list(wrong), wrong.values()), XLSX)
    assert faults(checked) == [message]
    assert "confirm_form" not in checked.context
    assert "<td>2</td>" in checked.content.decode()  # the row's number in the spreadsheet
    checked = preview(desk, model, sheet(list(right), right.values()), XLSX)
    assert counts(checked) == {"new": 1} or "code" in row or "number" in row


def test_one_code_in_two_forums(desk, forum):
    grow(2)
    row = ["3.4", "THF", "support", "named", 2590]
    titles = ["measure", "agency", "role", "basis", "valid_from"]
    checked = preview(desk, Assignment, sheet(titles, row), XLSX)
    assert faults(checked) == [
        "คอลัมน์ “measure”: มีรหัส “3.4” ในการประชุมมากกว่าหนึ่งปี เขียนรหัสเต็ม เช่น 2565-3.4"
    ]
    checked = preview(
        desk, Assignment, sheet([*titles, "forum"], ["2565-3.4", *row[1:], 2566]), XLSX
    )
    assert faults(checked) == [
        "คอลัมน์ “measure”: รหัส “2565-3.4” เป็นของเวทีอื่น คอลัมน์ “forum” ระบุปี 2566 แก้ให้ตรงกัน"
    ]
    for code, year in (("2566-3.4", 2588), ("๒๕๖๕-๓.๔", 2589)):
        ends = [*titles, "valid_to"], [code, *row[1:4], year, year]
        confirm(desk, Assignment, preview(desk, Assignment, sheet(*ends), XLSX))
    assert [Assignment.objects.get(valid_from=year).measure.full_code for year in (2588, 2589)] == [
        "2566-3.4",
        "2565-3.4",
    ]
    checked = preview(desk, Assignment, sheet([*titles, "forum"], [*row, 2566]), XLSX)
    assert counts(checked) == {"new": 1}
    confirm(desk, Assignment, checked)
    assert Assignment.objects.get(valid_from=2590).measure.resolution.forum.year_be == 2566


def test_a_new_measure_and_its_resolution(desk, forum):
    text = forum.resolutions.get(number=1).text
    titles = ["forum", "number", "title_th", "text"]
    checked = preview(desk, Resolution, sheet(titles, [2565, 9, "ใหม่", text]), XLSX)
    confirm(desk, Resolution, checked)
    titles = ["code", "title_th", "kind", "start", "end"]
    checked = preview(desk, Measure, sheet(titles, ["9.1", "ใหม่", "output", 2, 7]), XLSX)
    confirm(desk, Measure, checked)
    assert Measure.objects.get(resolution__number=9).span == text[2:7]


def test_imported_assignments_reach_the_open_round(desk, open_round, people, monkeypatch):
    before = open_round.reports.count()
    titles = ["measure", "agency", "role", "basis", "valid_from"]
    content = sheet(titles, ["8.2", "THF", "support", "confirmed", "2026"])  # either era
    with monkeypatch.context() as patch:
        patch.setattr("followup.resources.refresh_open_rounds", lambda: pytest.fail("too early"))
        checked = preview(desk, Assignment, content, XLSX)
    assert counts(checked) == {"new": 1}
    assert open_round.reports.count() == before
    confirm(desk, Assignment, checked)
    assert open_round.reports.count() == before + 1
    assignment = Assignment.objects.get(valid_from=2569)
    assert assignment.history.get().history_user == people["administrator"]
    content = sheet([*titles, "valid_to"], ["8.2", "THF", "support", "confirmed", 2569, 2569])
    confirm(desk, Assignment, preview(desk, Assignment, content, XLSX))
    assert assignment.history.count() == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            content_csv(["code", "name"], ["X", "ก"]),
            "ไม่รู้จักคอลัมน์ “name” คอลัมน์ที่ใช้ได้: " + COLUMNS[Agency].replace(",", ", "),
        ),
        (content_csv(["name_th"], ["ก"]), "ไฟล์ต้องมีคอลัมน์ “code”"),
    ],
)
def test_what_is_wrong_with_the_columns(content, message, desk):
    checked = preview(desk, Agency, content, CSV)
    assert [str(each.error) for each in checked.context["result"].base_errors] == [message]
    assert "confirm_form" not in checked.context
    assert "Traceback" not in checked.content.decode()


DAMAGED = "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่านแล้วลองอีกครั้ง"


@pytest.mark.parametrize(
    ("content", "file_format", "message"),
    [
        (sheet(["code"], ["X"]), CSV, DAMAGED),
        (b"code\nX\n", XLSX, DAMAGED),
        (content_csv(["code"]), CSV, "ไฟล์นี้ไม่มีแถวข้อมูล"),
        (sheet(["code"], [None]), XLSX, "ไฟล์นี้ไม่มีแถวข้อมูล"),
        (sheet(), XLSX, "ไฟล์ว่าง ไม่มีแถวข้อมูลให้นำเข้า"),
        (sheet(["code"], *[["X"]] * 5001), XLSX, "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว"),
        (content_csv(["code"], *[["X"]] * 5001), CSV, "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว"),
    ],
)
def test_what_is_wrong_with_the_file(content, file_format, message, desk):
    checked = preview(desk, Agency, content, file_format)
    assert checked.context["form"].errors == {"import_file": [message]}
    assert "result" not in checked.context


def test_a_csv_file_may_lack_the_mark(desk):
    content = content_csv(["code", "name_th", "kind"], ["X", "ก", "cso"], mark=False)
    assert counts(preview(desk, Agency, content, CSV)) == {"new": 1}


def test_a_sheet_may_state_fewer_rows_than_it_has(desk):
    content = sheet(["code", "name_th", "kind"], *[[f"X{n}", "ก", "cso"] for n in range(9)])
    stream = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"A1:C10"', b'"A1:C3"'))
    assert stream.getvalue() != content
    assert counts(preview(desk, Agency, stream.getvalue(), XLSX)) == {"new": 9}


def test_only_a_file_that_was_checked_is_imported(desk, uploads, tmp_path, monkeypatch):
    content = content_csv(["code", "name_th", "kind"], ["X", "ก", "cso"])
    checked = preview(desk, Agency, content, CSV)
    for place in (uploads, tmp_path):
        (place / "canary").write_bytes(content)
    own = checked.context["confirm_form"].initial["import_file_name"]
    stem = signing.loads(own, salt=import_storage.SALT)
    forged = ["canary", "../../canary", str(uploads / "canary"), stem, own[:-1]]
    forged += [signing.dumps("canary"), signing.dumps("canary", salt="another")]
    refused = ["ไฟล์ที่ตรวจไว้ไม่อยู่แล้ว เลือกไฟล์แล้วตรวจอีกครั้ง"]
    opened: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(tmp_storages, "open", lambda *args, **_: opened.append(args), raising=False)
        for name in forged:
            response = confirm(desk, Agency, checked, import_file_name=name)
            assert response.redirect_chain == [(url(Agency, "import"), 302)], name
            assert said(response) == refused
        patch.setattr(import_storage, "MAX_AGE", -1)
        assert said(confirm(desk, Agency, checked)) == refused
    assert opened == []
    assert {path.name for path in uploads.iterdir()} == {"canary", stem}
    assert not Agency.objects.filter(code="X").exists()
    done = confirm(desk, Agency, checked)
    assert said(done) == ["นำเข้าหน่วยงานแล้ว: เพิ่ม 1 แก้ไข 0 ไม่เปลี่ยนแปลง 0"]


def test_all_of_a_file_or_none_of_it(desk):
    """What was right at the preview may be wrong at the confirmation."""
    parent = Agency.objects.create(code="PARENT", name_th="ก", kind="cso")
    content = content_csv(
        ["code", "name_th", "kind", "parent"], ["X", "ก", "cso", ""], ["Y", "ข", "cso", "PARENT"]
    )
    checked = preview(desk, Agency, content, CSV)
    assert counts(checked) == {"new": 2}
    parent.delete()
    done = confirm(desk, Agency, checked)
    assert said(done) == ["ข้อมูลในระบบเปลี่ยนไปหลังการตรวจ จึงยังไม่ได้นำเข้า เลือกไฟล์แล้วตรวจอีกครั้ง"]
    assert not Agency.objects.filter(code__in=["X", "Y"]).exists()
    assert not AgencyAlias.objects.filter(agency__code="X").exists()
