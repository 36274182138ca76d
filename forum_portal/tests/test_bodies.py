"""A body over what its address takes is refused before anything reads it."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from followup import actions
from followup.models import Agency
from followup.tests.client import read
from forum_portal.bodies import SMALL, TYPED, form_bytes, upload_bytes

MB = 1024 * 1024


class Unread(BytesIO):
    """The input of a server, which fails whoever reads it."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read  # type: ignore[assignment]


def send(path: str, length: int, *, by: Any = None, **extra: Any) -> Any:
    """POST a body of this declared length, which nobody may read."""
    client = Client(raise_request_exception=False)
    if by is not None:
        client.force_login(by)
    environ = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(length)}
    return client.generic("POST", path, **environ | {"wsgi.input": Unread()} | extra)


@pytest.mark.parametrize(
    "path", ["/", "/staff/login/", "/staff/rounds/new/", "/staff/import/", "/admin/", "/data/"]
)
def test_a_stranger_sends_nothing_large(forum, path):
    response = send(path, SMALL + 1)
    assert response.status_code == 413
    page = read(response)
    assert page.one("h1").text == "ข้อมูลที่ส่งใหญ่เกินไป"
    assert "กดปุ่มย้อนกลับของเบราว์เซอร์ ข้อความที่พิมพ์ยังอยู่" in page.text


def test_the_api_says_so_as_a_problem(forum):
    response = send("/api/v1/", 100 * MB)
    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("path", ["/r/abc/1/", "/staff/reports/1/", "/staff/reports/1/review/"])
def test_text_of_an_ended_session_or_link_is_read_and_no_more(forum, path):
    assert send(path, TYPED + 1).status_code == 413
    assert send(path, 100 * MB).status_code == 413


def test_who_may_upload_has_the_limit_of_the_view(open_round, people):
    agency = Agency.objects.get(code="MSDHS")
    issued = actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    report = open_round.reports.filter(assignment__agency=agency)[0]
    by_link = f"/r/{actions.token_of(issued)}/{report.pk}/"
    desk = reverse("staff-report", args=[report.pk])
    for path, by in (
        (by_link, None),
        (desk, people["staff"]),
        ("/admin/", people["administrator"]),
    ):
        assert send(path, upload_bytes() + 1, by=by).status_code == 413
    for path, by in (("/staff/rounds/new/", people["staff"]), (desk, people["outsider"])):
        assert send(path, form_bytes() + 1, by=by).status_code == 413


def test_what_an_address_takes_is_read(open_round, people):
    """The positive control: the same request is read where it is small enough."""
    client = Client()
    client.force_login(people["staff"])
    environ = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(MB)}
    with pytest.raises(AssertionError, match="the body was read"):
        client.generic("POST", "/staff/rounds/new/", **environ | {"wsgi.input": Unread()})


def test_a_length_that_is_no_number_is_none(forum):
    assert send("/healthz", "many").status_code != 413  # type: ignore[arg-type]
