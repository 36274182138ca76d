"""A GET changes no row: every staff page and every page of the admin, by a hash of all tables."""

import hashlib
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from followup import actions
from followup.models import ImportState, PrintJob, RenderedReport, SpreadsheetImport
from followup.tests.addresses import EVERY
from followup.tests.factories import make_report
from followup.tests.focal_points import fields
from followup.tests.spreadsheets.wizard import HEADINGS, record_of, upload, xlsx

pytestmark = pytest.mark.security

#: Not what is recorded: sessions, and prints, which are kept copies of what a GET shows.
EXCEPT = {Session, PrintJob, RenderedReport}


def digest() -> str:
    """A canonical hash of every row of every table."""
    found = hashlib.sha256()
    for model in sorted(
        apps.get_models(include_auto_created=True), key=lambda each: each._meta.label
    ):
        if model not in EXCEPT:
            for row in model._default_manager.order_by("pk").values_list():
                found.update(repr((model._meta.label, row)).encode())
    return found.hexdigest()


@pytest.fixture
def world(open_round, people, settings, tmp_path) -> dict[str, Any]:
    """A row of each kind, and an import whose check has not begun."""
    settings.IMPORT_FOLDER = tmp_path
    staff, administrator = people["staff"], people["administrator"]
    report = make_report(open_round, "1.2", by=staff, state="submitted")
    # A reviewer who opens a submission is recorded, the first time.
    actions.note_review_opened(report=report, by=people["reviewer"])
    agency = report.assignment.agency
    person = actions.save_focal_point(agency=agency, by=staff, fields=fields())
    link = actions.issue_link(round_=open_round, agency=agency, by=staff)
    client = Client()
    client.force_login(administrator)
    row = [1, "1.2", agency.name_th, "ชะลอ", "ก", "รอ", None, None]
    record = record_of(upload(client, xlsx(HEADINGS, row)))
    return {
        "client": client,
        "record": record,
        "agency": agency,
        "pks": {
            "import": record.pk,
            "staff-link": link.pk,
            "staff-contact": person.pk,
            "staff-report": report.pk,
            "staff-review-report": report.pk,
        },
    }


def real(name: str, address: str, world: dict[str, Any]) -> str:
    """The address with the key of a row that is there."""
    for prefix, pk in sorted(world["pks"].items(), key=lambda pair: -len(pair[0])):
        if name.startswith(prefix):
            address = address.replace("/1/", f"/{pk}/")
            break
    if address.startswith("/staff/rounds/1/"):
        address = address.replace("/rounds/1/", "/rounds/2569/")
    if name == "staff-link-issue":
        address = f"/staff/links/2569/{world['agency'].code}/"
    if address.startswith("/admin/"):
        label = name.rpartition("_")[0]
        for model in apps.get_models():
            if f"{model._meta.app_label}_{model._meta.model_name}" == label:
                first = model._default_manager.first()
                address = address.replace("/1/", f"/{first.pk}/") if first else address
    return address.replace("/CODI/", f"/{world['agency'].code}/")


@pytest.mark.slow
@pytest.mark.once
def test_no_get_of_staff_or_administrators_changes_a_row(world):
    client, changed, opened = world["client"], [], 0
    before = digest()
    for name, address in EVERY:
        if not address.startswith(("/staff/", "/admin/")):
            continue
        path = real(name, address, world)
        response = client.get(path)
        opened += response.status_code == 200
        after = digest()
        if after != before:
            changed.append((name, path))
            before = after
        if not client.session.session_key or "_auth_user_id" not in client.session:
            client.force_login(world["record"].created_by)
            before = digest()  # the time of the last login
    assert changed == []
    assert opened > 60


def test_the_hash_sees_a_change(world):
    """The control: the same address by POST."""
    before = digest()
    assert digest() == before
    world["client"].post(reverse("staff-review"), {})
    world["record"].failure = "ก"
    world["record"].save()
    assert digest() != before


def test_a_check_begins_by_a_button_only(world):
    client, record = world["client"], world["record"]
    url = reverse("import-check", args=[record.pk])
    state = record.state
    page = client.get(url)
    assert page.status_code == 200
    assert "ยังไม่ได้ตรวจไฟล์นี้ตามตัวเลือกล่าสุด การตรวจไม่เปลี่ยนรายงานใด" in page.content.decode()
    record.refresh_from_db()
    assert (record.state, record.attempt) == (state, 0)
    assert client.post(url, {"start": "1"})["Location"] == url
    record.refresh_from_db()
    assert (record.state, record.attempt) == (ImportState.CHECKED, 1)
    assert "เริ่มตรวจ" not in client.get(url).content.decode()


def test_our_own_workbook_is_checked_when_it_is_uploaded(world):
    """It needs no decisions, and its upload is a POST."""
    code = world["agency"].code
    book = world["client"].get(f"/staff/rounds/2569/workbooks/{code}.xlsx")
    response = upload(world["client"], book.getvalue())
    record = SpreadsheetImport.objects.latest("pk")
    assert response["Location"] == reverse("import-check", args=[record.pk])
    assert (record.state, record.attempt) == (ImportState.CHECKED, 1)


def test_nothing_typed_is_lost_on_the_way(world):
    """Decisions that are sent before the check has run are judged after it, as before."""
    client, record = world["client"], world["record"]
    response = client.post(
        reverse("import-check", args=[record.pk]), {"version": record.version, "next": "1"}
    )
    assert response["Location"] == reverse("import-confirm", args=[record.pk])
