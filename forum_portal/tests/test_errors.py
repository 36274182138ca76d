"""What people see when something is wrong: Thai, and a way on."""

import logging
import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def lenient():
    """A client that gets the error page, as a browser does, instead of the exception."""
    return Client(raise_request_exception=False)


@pytest.fixture
def database_down(monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(connection, "chunked_cursor", refuse)


@pytest.mark.parametrize(
    "address", ["/", "/resolutions/2565/1/", "/agencies/", "/staff/", "/nope/"]
)
@pytest.mark.parametrize("cookie", ["", "a-session-of-somebody"])
def test_without_its_database_every_page_is_a_thai_503(lenient, database_down, address, cookie):
    if cookie:
        lenient.cookies["sessionid"] = cookie
    response = lenient.get(address)
    if address == "/staff/" and not cookie:
        assert response.status_code == 302  # nobody to look up: to the login page
        return
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    page = response.content.decode()
    assert "ระบบหยุดพักชั่วคราว" in page
    assert "ฐานข้อมูลไม่ตอบในขณะนี้" in page
    assert "closed the connection" not in page


def test_healthz_says_how_the_database_is(lenient, monkeypatch, request):
    assert (lenient.get("/healthz").status_code, lenient.get("/healthz").content) == (200, b"ok\n")
    request.getfixturevalue("database_down")
    assert lenient.get("/healthz").status_code == 503


def test_a_fault_has_a_number_that_the_log_has_too(lenient, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("followup.views.public.chosen_year", fail)
    with caplog.at_level(logging.ERROR):
        response = lenient.get(reverse("privacy"))
    page = response.content.decode()
    assert response.status_code == 500
    assert "ระบบขัดข้อง" in page
    assert "secret detail" not in page
    number = re.search(r"รหัส <b>([0-9a-f]{8})</b>", page)[1]
    assert f"error {number} at /privacy/" in caplog.text


def test_an_unknown_address_has_a_way_home(lenient):
    response = lenient.get("/ไม่มี/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "ไม่พบหน้าที่ต้องการ" in page
    assert f'href="{reverse("home")}"' in page


def test_a_form_without_its_token_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "x"})
    assert response.status_code == 403
    assert "ส่งแบบฟอร์มไม่ได้" in response.content.decode()


def test_a_request_too_large_is_a_thai_400(lenient, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = lenient.post(reverse("login"), {"username": "ก" * 2000})
    assert response.status_code == 400
    assert "คำขอไม่ถูกต้อง" in response.content.decode()
