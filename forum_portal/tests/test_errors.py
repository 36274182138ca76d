"""Error pages: in Thai, with a way on, and without internal details."""

import logging
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection
from django.urls import reverse

from followup.models import User
from followup.tests.client import Element, PortalClient, read
from forum_portal.storage_fault import StorageUnavailable

DETAIL = "password authentication failed for user portal"
RESTING = "ฐานข้อมูลไม่ตอบในขณะนี้ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่"

PAGES = (
    "/",
    "/?year=2567",
    "/resolutions/",
    "/resolutions/2565/3/",
    "/agencies/",
    "/agencies/CODI/",
    "/matrix/",
    "/years/",
    "/years/2567/",
    "/about/",
    "/privacy/",
    "/staff/login/",
    "/nowhere/",
)
STAFF_PAGES = ("/", "/staff/", "/staff/rounds/", "/staff/reports/1/", "/admin/", "/nowhere/")


@pytest.fixture
def visitor(db: None) -> PortalClient:
    """A visitor who gets the error page, as a browser does, instead of the exception."""
    return PortalClient(raise_request_exception=False)


@pytest.fixture
def signed_in(visitor: PortalClient) -> PortalClient:
    visitor.force_login(User.objects.create_user("somebody", password="x"))
    return visitor


@pytest.fixture(params=[OperationalError, InterfaceError])
def down(db: None, request: Any, monkeypatch: Any) -> Iterator[None]:
    """Make every connection to the database fail, as if its server were down."""

    def refuse() -> None:
        raise request.param(DETAIL)

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refuse)
        yield


def looks_like_503(response: Any) -> bool:
    page = read(response)
    assert page.one("h1").text == "ระบบหยุดพักชั่วคราว"
    assert RESTING in page.text
    assert response["Retry-After"] == "60"
    return response.status_code == 503 and hides_the_machine(page)


def hides_the_machine(page: Element) -> bool:
    text = page.raw()
    hidden = (DETAIL, "Traceback", "Error", ".py", "line ", str(portal_settings.ROOT))
    assert not any(each in text for each in hidden)
    assert page.select("main a")[-1]["href"] == "/"
    return True


# The database is down --------------------------------------------------------------------------


def test_every_page_says_so_in_thai(visitor, down):
    for path in PAGES:
        assert looks_like_503(visitor.get(path)), path
        assert looks_like_503(visitor.post(path)), path


def test_it_says_so_to_those_who_are_signed_in(signed_in, down):
    for path in STAFF_PAGES:
        assert looks_like_503(signed_in.get(path)), path
        assert looks_like_503(signed_in.post(path, {"results": "ข้อความ"})), path
    assert signed_in.cookies["sessionid"].value, "and they stay signed in"


TYPED = {"results": "จัดเวที 4 ภาค\nครบตามแผน", "version": "3", "do": "draft"}


def sent_again(page: Element) -> dict[str, list[str]]:
    held = page.one("main form").controls()
    return {name: value for name, value in held.items() if name != "csrfmiddlewaretoken"}


def test_what_was_typed_is_on_the_page_and_can_be_sent_again(signed_in, down):
    path = "/staff/reports/1/?year=2569"
    response = signed_in.post(path, TYPED | {"provinces": ["10", "50"]})
    assert looks_like_503(response)
    page = read(response)
    assert "ยังไม่ได้บันทึก ข้อความที่พิมพ์อยู่ในหน้านี้" in page.text
    assert page.texts("main form li") == ["จัดเวที 4 ภาค ครบตามแผน", "draft"]
    form = page.one("main form")
    assert (form["method"], form["action"]) == ("post", path)
    assert form.controls()["csrfmiddlewaretoken"]
    assert "provinces" in sent_again(page)


def test_a_page_repeats_no_secret(visitor, down):
    for name in ("password", "new_password1", "otp_code", "code", "recovery_code"):
        response = visitor.post("/staff/login/", {"login": "somsri-of-the-office", name: "geheim"})
        assert looks_like_503(response)
        assert "geheim" not in response.content.decode()
        assert "somsri-of-the-office" not in response.content.decode()


def test_a_cookie_of_no_session_changes_nothing(visitor, down):
    visitor.cookies["sessionid"] = "of-nobody"
    for path in STAFF_PAGES:
        assert looks_like_503(visitor.get(path)), path


def test_what_asks_no_database_goes_on(visitor, down):
    assert visitor.get("/robots.txt").status_code == 200
    assert visitor.get("/favicon.ico").status_code == 301
    assert visitor.get("/staff/")["Location"] == "/staff/login/?next=/staff/"


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"postgresql://portal:geheim-1234@127.0.0.1:{listening.getsockname()[1]}/portal"


def ask_without_a_database(url: str) -> subprocess.CompletedProcess[str]:
    """What a process of its own answers whose database is at this address, with nothing patched."""
    program = (
        "import time\n"
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "client = Client(raise_request_exception=False)\n"
        "for path in ('/healthz', '/readyz', '/', '/staff/login/', '/robots.txt'):\n"
        "    began = time.monotonic()\n"
        "    response = client.get(path, headers={'host': 'localhost'})\n"
        "    page = response.content.decode()\n"
        "    told = 'ระบบหยุดพักชั่วคราว' in page\n"
        "    in_time = time.monotonic() - began < 20\n"
        "    print(path, response.status_code, told, 'geheim' in page, in_time)\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "forum_portal.settings_test",
        "DATABASE_URL": url,
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=portal_settings.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.faults
@pytest.mark.parametrize("where", ["nobody", "silent", "no folder"])
def test_a_database_that_is_really_not_there(where, silent_server):
    done = ask_without_a_database(
        {
            "nobody": "postgresql://portal:geheim-1234@127.0.0.1:9/portal",
            "silent": silent_server,
            "no folder": "sqlite:////nowhere/at/all/portal.sqlite3",
        }[where]
    )
    assert done.stdout.splitlines() == [
        "/healthz 503 False False True",
        "/readyz 503 False False True",
        "/ 503 True False True",
        "/staff/login/ 503 True False True",
        "/robots.txt 200 False False True",
    ], done.stderr[-2000:]
    assert "geheim-1234" not in done.stderr


@pytest.fixture
def breaks(monkeypatch: Any) -> Callable[[Exception], None]:
    """Return a function that makes the privacy page raise the given exception from now on."""

    def broken(error: Exception) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise error

        monkeypatch.setattr("followup.views.privacy.chosen_year", fail)

    return broken


# Something that the portal needs is not there now ------------------------------------------------


class Unreachable(Exception):
    """As the package redis raises it, which is installed only where Redis is used."""

    __module__ = "redis.exceptions"


class Postgres(Exception):
    """An error of PostgreSQL, by its code."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def of_postgres(sqlstate: str) -> OperationalError:
    error = OperationalError(DETAIL)
    error.__cause__ = Postgres(sqlstate)
    return error


FULL = "พื้นที่เก็บข้อมูลของระบบเต็ม จึงบันทึกไม่ได้ แจ้งผู้ดูแลระบบ ข้อมูลที่บันทึกแล้วยังอยู่ครบ"
BUSY = "ระบบกำลังบันทึกงานอื่นอยู่ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่"


@pytest.mark.faults
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, DETAIL), FULL),
        (of_postgres("53100"), FULL),
        (of_postgres("55P03"), BUSY),
        (of_postgres("57014"), BUSY),
        (Unreachable(DETAIL), "ระบบส่วนหนึ่งไม่ตอบในขณะนี้"),
        (StorageUnavailable(DETAIL), "ที่เก็บไฟล์ไม่ตอบในขณะนี้"),
    ],
    ids=["full disk", "full disk of PostgreSQL", "lock", "statement", "redis", "object storage"],
)
def test_a_page_says_what_is_wrong_now_and_keeps_what_was_typed(visitor, breaks, error, sentence):
    breaks(error)
    response = visitor.post("/privacy/", TYPED)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    page = read(response)
    assert sentence in page.text
    assert page.texts("main form li") == ["จัดเวที 4 ภาค ครบตามแผน", "draft"]
    assert hides_the_machine(page)


def of_sqlite(tmp_path: Path) -> OperationalError:
    """A real one: the file may not grow."""
    error = OperationalError(DETAIL)
    with closing(sqlite3.connect(tmp_path / "small.sqlite3")) as database:
        database.execute("PRAGMA max_page_count=2")
        database.execute("CREATE TABLE texts (text)")
        with pytest.raises(sqlite3.OperationalError) as full:
            database.execute("INSERT INTO texts VALUES (?)", ["ก" * 100_000])
    error.__cause__ = full.value
    return error


@pytest.mark.faults
def test_a_database_without_room_says_so(visitor, breaks, tmp_path):
    breaks(of_sqlite(tmp_path))
    response = visitor.post("/privacy/", TYPED)
    assert response.status_code == 503
    assert FULL in read(response).text


@pytest.mark.faults
def test_throttles_that_cannot_count_let_nobody_in(visitor, monkeypatch):
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Unreachable(DETAIL)

    User.objects.create_user("somsri", password="correct horse battery")
    monkeypatch.setattr("django.core.cache.cache.add", refuse)
    response = visitor.post(
        "/staff/login/", {"username": "somsri", "password": "correct horse battery"}
    )
    assert response.status_code == 503
    page = read(response)
    assert "ขณะนี้เข้าสู่ระบบไม่ได้" in page.text
    assert "correct horse" not in page.raw()
    assert "sessionid" not in visitor.cookies


# Something of ours is broken -------------------------------------------------------------------


def test_a_fault_has_a_number_that_the_log_has_too(visitor, breaks, caplog):
    breaks(RuntimeError(DETAIL))
    numbers = []
    for _turn in range(2):
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            response = visitor.get("/privacy/")
        assert response.status_code == 500
        page = read(response)
        assert page.one("h1").text == "ระบบขัดข้อง"
        assert hides_the_machine(page)
        number = page.one("main b").text
        assert re.fullmatch("[0-9a-f]{12}", number)
        assert (
            f"บันทึกเหตุการณ์แล้ว รหัส {number} ลองใหม่ในอีกสักครู่ หากยังขัดข้อง แจ้งรหัสนี้แก่ผู้ดูแลระบบ"
        ) in page.text
        assert f"error {number} at /privacy/" in caplog.text
        numbers.append(number)
    assert numbers[0] != numbers[1]


def test_the_pages_of_last_resort_ask_no_database(
    visitor, breaks, caplog, django_assert_num_queries
):
    breaks(RuntimeError(DETAIL))
    with django_assert_num_queries(0):
        assert visitor.get("/privacy/").status_code == 500
        assert visitor.get("/", headers={"host": "evil.example.org"}).status_code == 400


def test_a_fault_that_is_no_connections_is_no_503(visitor, breaks):
    breaks(ValueError(DETAIL))
    response = visitor.get("/privacy/")
    assert response.status_code == 500
    assert "Retry-After" not in response


# Refused ---------------------------------------------------------------------------------------


def test_a_form_without_its_token_says_what_to_do(db):
    client = PortalClient(enforce_csrf_checks=True)
    response = client.post(reverse("login"), {"username": "ก"})
    assert response.status_code == 403
    page = read(response)
    assert page.one("h1").text == "ส่งแบบฟอร์มไม่ได้"
    assert "กดปุ่มย้อนกลับของเบราว์เซอร์ ข้อความที่พิมพ์ยังอยู่" in page.text
    assert "CSRF" not in page.raw()
    assert hides_the_machine(page)


def test_what_is_not_allowed_says_whom_to_ask(signed_in, breaks):
    breaks(PermissionDenied(DETAIL))
    response = signed_in.get("/privacy/")
    assert response.status_code == 403
    page = read(response)
    assert page.one("h1").text == "บัญชีนี้ไม่มีสิทธิ์เปิดหน้านี้"
    assert "ขอให้ผู้ดูแลระบบเพิ่มสิทธิ์ให้บัญชี" in page.text
    assert DETAIL not in page.raw()


@pytest.mark.parametrize(
    "host", ["evil.example.org", "testserver.evil.example.org", "localhost@evil.example.org", "a b"]
)
def test_another_hosts_name_gets_a_thai_400(visitor, host):
    response = visitor.get("/", headers={"host": host})
    assert response.status_code == 400
    page = read(response)
    assert page.one("h1").text == "คำขอไม่ถูกต้อง"
    assert hides_the_machine(page)
    assert host not in response.content.decode()


def test_a_form_of_too_many_fields_gets_a_thai_400(visitor):
    fields = "&".join(f"f{n}=x" for n in range(1001))
    form = "application/x-www-form-urlencoded"
    response = visitor.post(reverse("login"), fields, content_type=form)
    assert response.status_code == 400
    assert read(response).one("h1").text == "คำขอไม่ถูกต้อง"


def test_a_form_that_is_too_large_gets_a_thai_400_before_its_token_is_looked_for(db, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000  # below what the address takes
    client = PortalClient(enforce_csrf_checks=True, raise_request_exception=False)
    response = client.send(client.page(reverse("login")), username="ก" * 2000)
    assert response.status_code == 400
    page = read(response)
    assert page.one("h1").text == "คำขอไม่ถูกต้อง"
    assert "ข้อความอาจยาวเกินไปหรือที่อยู่ไม่ถูกต้อง" in page.text


def test_an_unknown_address_has_a_way_home(visitor):
    response = visitor.get("/ไม่มี/")
    assert response.status_code == 404
    assert read(response).select("main a")[0]["href"] == "/"


def test_all_pages_keep_to_the_policy_even_broken_ones(visitor, breaks):
    """The test client fails any response without the policy; this covers the error handlers'."""
    breaks(RuntimeError(DETAIL))
    seen = {
        visitor.get(path, headers=headers).status_code
        for path, headers in (
            ("/privacy/", {}),
            ("/nowhere/", {}),
            ("/", {"host": "evil.example.org"}),
            ("/staff/logout/", {}),
        )
    }
    assert seen == {500, 404, 400, 405}
