"""Who reads a file of evidence, and where it is shown."""

from urllib.parse import quote

import pytest
from django.core.files.storage import storages
from django.urls import reverse

from followup import actions
from followup.models import StatusReport
from followup.tests import files
from followup.tests.client import PortalClient, read
from followup.tests.desk import path_of
from followup.tests.evidence_files import make
from followup.tests.files import (
    PDF,
    picture,
)

pytestmark = pytest.mark.usefixtures("empty_storage")


@pytest.fixture
def published(open_round, people):
    """A published report with a public and an internal file; returns both."""
    report = make(
        open_round,
        people,
        [
            files.piece(name="รายงาน ปี 2569.pdf"),
            files.piece(picture(), "ภายใน.jpg", title="ภายใน", is_public=False),
        ],
        status="completed",
        state="approved",
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return list(report.evidence.order_by("position"))


def test_a_published_file_is_an_attachment_that_no_browser_runs(published, visitor):
    response = visitor.get(published[0].address)
    assert response.status_code == 200
    assert b"".join(response) == PDF
    assert response["Content-Disposition"] == (
        f"attachment; filename*=utf-8''{quote('รายงาน ปี 2569.pdf')}"
    )
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(PDF))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    assert response.streaming
    assert visitor.post(published[0].address).status_code == 405


def test_what_may_not_be_read_does_not_exist(published, visitor, people):
    public, internal = published
    addresses = [
        internal.address,
        reverse("evidence", args=[internal.pk, public.file_name]),
        reverse("evidence", args=[public.pk, "อื่น.pdf"]),
        reverse("evidence", args=[public.pk, public.file.name]),
        reverse("evidence", args=[99999, public.file_name]),
        f"/evidence/{public.pk}/",
        f"/evidence/{public.pk}/..%2F..%2Fportal.sqlite3",
        f"/evidence/{public.pk}/%2e%2e/{quote(public.file_name)}",
    ]
    for address in addresses:
        assert visitor.get(address).status_code == 404, address
    outsider = PortalClient()
    outsider.force_login(people["outsider"])
    assert outsider.get(internal.address).status_code == 404
    staff = PortalClient()
    staff.force_login(people["staff"])
    assert staff.get(internal.address).status_code == 200


def test_nobody_outside_reads_it_before_its_round_is_public(open_round, people, visitor, sign_in):
    report = make(open_round, people, [files.piece()], status="completed", state="submitted")
    address = report.evidence.get().address
    staff = sign_in(people["staff"])

    def answers():
        return visitor.get(address).status_code, staff.get(address).status_code

    assert answers() == (404, 200)
    report = StatusReport.objects.with_context().get(pk=report.pk)
    actions.approve(report=report, by=people["reviewer"], version=report.version)
    assert answers() == (404, 200)
    actions.close_round(round_=open_round, by=people["staff"])
    assert answers() == (404, 200)
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert answers() == (200, 200)
    # What was published stays readable while it is being corrected, even where the row is gone.
    actions.reopen_round(round_=open_round, by=people["reviewer"], reason="จำนวนผิด")
    report.evidence.get().delete()
    assert answers() == (200, 200)


def test_a_lost_file_is_a_404_and_a_line_in_the_log(published, visitor, caplog):
    storages["evidence"].delete(published[0].file.name)
    assert visitor.get(published[0].address).status_code == 404
    assert f"evidence {published[0].pk} has lost its file" in caplog.text


def test_the_public_page_names_kind_and_size_and_no_internal_file(published, visitor):
    html = visitor.get("/resolutions/2565/1/")
    page = read(html)
    public, internal = published
    row = next(li for li in page.select("ul.files li") if li.has("a") and "สรุปเวที" in li.text)
    assert row.one("a")["href"] == public.address
    assert f"PDF · {len(PDF)} ไบต์" in row.text
    for secret in (internal.file_name, internal.address, public.file.name, internal.file.name):
        assert secret not in html.content.decode()


def test_staff_read_internal_files_on_the_report(published, sign_in, people):
    page = sign_in(people["staff"]).page(path_of(published[0].report))
    assert published[1].address in [a["href"] for a in page.select("main ul.files a")]


def test_the_admin_neither_adds_nor_changes_nor_removes_and_shows_the_portals_address(
    published, sign_in, people
):
    client = sign_in(people["administrator"])
    piece = published[1]
    assert client.get("/admin/followup/evidence/add/").status_code == 403
    change = f"/admin/followup/evidence/{piece.pk}/change/"
    html = client.get(change).content.decode()
    assert piece.address in html
    assert piece.file.name not in html
    assert client.post(change, {"title": "อื่น"}).status_code == 403
    assert (
        client.post(f"/admin/followup/evidence/{piece.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
    html = client.get(f"/admin/followup/statusreport/{piece.report_id}/change/").content.decode()
    assert piece.address in html
    assert client.get("/admin/followup/evidence/").status_code == 200
