"""The admin as a whole: who gets in, and that its pages open without anything inline."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from followup.models import (
    Agency,
    AgencyLink,
    ChainEntry,
    Digest,
    DoorPass,
    Evidence,
    Feedback,
    FeedbackCount,
    Following,
    GroupMember,
    Letter,
    LinkUse,
    Narrative,
    News,
    NewsMail,
    OpenDoor,
    PrintJob,
    PublicAnswer,
    PublicRevision,
    PublicTouch,
    RecordEntry,
    RenderedReport,
    Round,
    Ruling,
    SentMail,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    TakenBack,
    User,
)
from followup.roles import ADMINISTRATOR
from followup.tests.admin.pages import SHEETS, label, no_inline, url
from followup.tests.factories import PASSWORD
from forum_portal import urls
from proposals.models import Forum, Measure, Resolution

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
    ChainEntry,
    LinkUse,
    Digest,
    Feedback,
    GroupMember,
    Narrative,
    News,
    NewsMail,
    PrintJob,
    PublicAnswer,
    RecordEntry,
    RenderedReport,
    SentMail,
    SpreadsheetImport,
    TakenBack,
}  # as far as adding and deleting goes
#: At /staff/forums/, as a draft; by strangers, who follow by e-mail.
ENTERED_ELSEWHERE = {Forum, Resolution, Measure, Subscriber}


def test_every_model_is_in_the_admin():
    """But for the history, what has pages (the import, drafts, published rows, assessments, jobs, checks
    of links), the doors, and what somebody follows."""
    paged = {
        f"followup.models.{name}"
        for name in (
            "assessments",
            "imports",
            "jobs",
            "drafts",
            "link_checks",
            "published",
            "search",
        )
    }
    ours = {
        model
        for app in ("proposals", "followup")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
        and model.__module__ not in paged
        and model not in {OpenDoor, DoorPass, FeedbackCount, PublicRevision, PublicTouch, Following}
    }
    assert ours | {SpreadsheetImport} == set(OURS)


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
        forbidden |= page == "add" and model in ENTERED_ELSEWHERE
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


def bare(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(status=403)


@pytest.mark.parametrize("who", ["staff", "reviewer", "outsider"])
def test_the_admin_is_for_administrators(who, client, people, addresses, monkeypatch):
    client.force_login(people[who])
    assert "<h1" in client.get(addresses[0]).content.decode()
    monkeypatch.setattr(urls, "handler403", bare)  # one page for all addresses was drawn already
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
