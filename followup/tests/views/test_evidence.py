"""Who reads a file of evidence, and where it is shown."""

from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
from django.core.files.storage import storages
from django.urls import reverse

from followup import actions
from followup.models import LinkCheck, StatusReport
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


# A link, its copy and its checks -----------------------------------------------------------------

URL = "https://example.org/minutes"
AT = datetime(2026, 11, 30, 20, tzinfo=UTC)  # the first of December in Bangkok


@pytest.fixture
def linked(open_round, people):
    """A published report with a link that has a copy, and one that has none; returns both."""
    about = {"kind": "minutes", "dated_on": date(2026, 9, 30), "issuer": "กรมประชาสัมพันธ์"}
    copied = files.piece() | about | {"title": "รายงานประชุม", "url": URL}
    report = make(
        open_round,
        people,
        [copied, {"title": "ข่าว", "url": f"{URL}/2", "is_public": True}],
        status="completed",
        state="approved",
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return list(report.evidence.order_by("position"))


def lines_of(visitor, piece, language=""):
    """The items of the evidence on its resolution's page."""
    number = piece.report.measure.resolution.number
    return visitor.page(f"{language}/resolutions/2565/{number}/").select(".files li")


def found(state, url=URL, **more):
    failed = {"failures": 3, "failed_at": AT} if state == "gone" else {}
    return LinkCheck.objects.create(url=url, state=state, checked_at=AT, since=AT, **failed, **more)


def test_a_link_shows_what_it_is_and_its_copy(linked, visitor):
    copied, plain = lines_of(visitor, linked[0])
    assert [a["href"] for a in copied.select("a")] == [URL, linked[0].file_at]
    assert copied.select("a")[0]["rel"] == "nofollow noopener"
    assert "· รายงานการประชุม · กรมประชาสัมพันธ์ · ลงวันที่ 30 ก.ย. 2569" in copied.text
    assert "สำเนาของลิงก์" in copied.text
    assert "ตรวจลิงก์" not in copied.text, "it was not checked yet"
    assert plain.text == "ข่าว ลิงก์"
    response = visitor.get(linked[0].file_at)
    assert b"".join(response) == PDF


def test_a_link_that_opens_says_when_that_was_seen(linked, visitor):
    found("reachable")
    found("unknown", f"{URL}/2")
    copied, plain = lines_of(visitor, linked[0])
    assert "· ตรวจลิงก์ 1 ธ.ค. 2569" in copied.text
    assert plain.text == "ข่าว ลิงก์", "nothing is known of it"


def test_a_dead_link_is_said_and_its_copy_comes_first(linked, visitor):
    found("gone")
    found("gone", f"{URL}/2")
    copied, plain = lines_of(visitor, linked[0])
    assert [(a.text, a["href"]) for a in copied.select("a")] == [
        ("รายงานประชุม", linked[0].file_at),
        ("ลิงก์เดิม รายงานประชุม", URL),
    ]
    assert copied.one(".late").text == "ลิงก์เปิดไม่ได้ ตั้งแต่ 1 ธ.ค. 2569"
    assert copied.one(".late use")["href"].endswith("#i-warn"), "not by colour alone"
    assert [a["href"] for a in plain.select("a")] == [f"{URL}/2"], "still linked"
    assert "ลิงก์เปิดไม่ได้" in plain.text
    assert "ตรวจลิงก์" not in plain.text


def test_a_link_that_moved_says_where_to(linked, visitor):
    found("moved", moved_to="https://new.example.org/minutes")
    copied, _plain = lines_of(visitor, linked[0])
    assert "ลิงก์ย้ายไปที่ https://new.example.org/minutes" in copied.text
    assert copied.select("a")[1]["rel"] == "nofollow noopener"


def test_it_is_said_in_english(linked, visitor):
    found("gone")
    copied, _plain = lines_of(visitor, linked[0], "/en")
    assert "The link cannot be opened since 1 Dec 2026" in copied.text
    assert "Minutes" in copied.text


def test_an_internal_link_and_its_copy_are_shown_to_nobody(open_round, people, visitor):
    hidden = files.piece() | {"title": "ภายใน", "url": URL, "is_public": False}
    report = make(open_round, people, [hidden], status="completed", state="approved")
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    piece = report.evidence.get()
    assert lines_of(visitor, piece) == []
    assert visitor.get(piece.file_at).status_code == 404


def test_the_desk_lists_dead_links(linked, sign_in, people):
    found("gone", status_code=404)
    page = sign_in(people["staff"]).page("/staff/dead-links/")
    (row,) = page.select("tbody tr")
    assert row.one("th a")["href"] == URL
    assert row.one(".late").text == "1 ธ.ค. 2569"
    assert "HTTP 404 · มีสำเนา" in row.text
    LinkCheck.objects.all().delete()
    page = sign_in(people["staff"]).page("/staff/dead-links/")
    assert "ไม่มีลิงก์ของหลักฐานที่เปิดไม่ได้" in page.text
