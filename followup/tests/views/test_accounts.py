"""The door: logging in and out, and changing a password."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from followup.models import User
from followup.tests.client import Element, PortalClient, read
from followup.tests.desk import errors, path_of, said
from followup.tests.factories import PASSWORD, find_report
from followup.tests.sentences import WRONG_CODE, WRONG_LOGIN
from followup.tests.two_factor import ENROL, code, log_in


def test_logging_in_leads_to_the_work(open_round, people):
    client = PortalClient(enforce_csrf_checks=True)
    response = client.get("/staff/rounds/")
    assert response["Location"] == "/staff/login/?next=/staff/rounds/"
    page = client.page(response["Location"])
    assert "หน้านี้สำหรับเจ้าหน้าที่ เข้าสู่ระบบก่อนแล้วจะกลับไปหน้าที่เลือก" in page.text
    response = client.send(page, username="staff", password=PASSWORD)
    assert response["Location"] == "/staff/rounds/"
    page = client.page("/staff/")
    assert page.texts(".me a")[0] == "คุณstaff"
    report = find_report(open_round, "1.2")
    assert (
        client.send(client.page(path_of(report)), "form#f", do="draft", results="ก").status_code
        == 302
    )
    assert client.send(page, "header form")["Location"] == "/"
    assert client.get("/staff/").status_code == 302, "signed out"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("staff", "ผิด"),
        ("nobody", PASSWORD),
        ("STAFF", PASSWORD),
        ("retired", PASSWORD),
        ("\0", "\0"),
    ],
)
def test_a_wrong_login_says_the_same_whatever_is_wrong(people, visitor, name, password):
    User.objects.create_user("retired", password=PASSWORD, is_active=False)
    response = log_in(visitor, name, password)
    assert response.status_code == 200
    page = read(response)
    assert errors(page) == [("#id_username", WRONG_LOGIN)]
    assert page.one(".errs h2").text == "เข้าสู่ระบบไม่ได้"
    assert page.one("input#id_password").get("value") == ""
    assert visitor.get("/staff/").status_code == 302


def test_a_login_form_sent_empty_says_what_is_wrong(people, visitor):
    page = read(log_in(visitor, "", ""))
    assert errors(page) == [("#id_username", WRONG_LOGIN)]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org",
        "javascript:alert(1)",
    ],
)
def test_the_door_leads_to_no_other_house(people, visitor, target):
    page = visitor.page("/staff/login/", next=target)
    assert target not in page.one("main form").controls().values()
    response = visitor.send(page, username="staff", password=PASSWORD, next=target)
    assert response["Location"] == "/staff/"


def test_logging_out_takes_a_button_not_a_link(people, staff):
    assert staff.get("/staff/logout/").status_code == 405
    assert staff.get("/staff/rounds/").status_code == 200, "still signed in"
    assert staff.post("/staff/logout/")["Location"] == "/"
    assert staff.get("/staff/rounds/").status_code == 302


NEW = "ดอกปีบ-บานเช้า-77"


def test_a_password_is_changed_and_one_stays_signed_in(people, staff, visitor):
    page = staff.page("/staff/password/")
    response = staff.send(page, old_password=PASSWORD, new_password1=NEW, new_password2=NEW)
    assert response["Location"] == "/staff/"
    assert said(staff.page("/staff/")) == ["เปลี่ยนรหัสผ่านแล้ว"]
    assert log_in(visitor, "staff", PASSWORD).status_code == 200
    assert log_in(visitor, "staff", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("ผิด", NEW, NEW), (PASSWORD, NEW, "อื่น"), (PASSWORD, "สั้นไป", "สั้นไป"), (PASSWORD, "", "")],
)
def test_a_password_that_is_not_changed_says_why_in_thai(people, staff, old, new, again):
    page = staff.page("/staff/password/")
    response = staff.send(page, old_password=old, new_password1=new, new_password2=again)
    assert response.status_code == 200
    sentences = read(response).texts("p.msg")
    assert sentences
    assert not re.search("[A-Za-z]{3,}", " ".join(sentences)), sentences
    people["staff"].refresh_from_db()
    assert people["staff"].check_password(PASSWORD)


def problem(response: Any) -> str:
    return read(response).one(".errs li").text


def told(page: Element) -> list[str]:
    return page.texts("p.msg")


def test_enrolling_gives_recovery_codes_that_are_shown_once(people, visitor, morning):
    log_in(visitor)
    page = visitor.page("/staff/account/")
    assert "ยังไม่ได้เปิดใช้" in page.text
    page = visitor.page(ENROL)
    assert page.has(".qr svg path")
    secret = page.one("code").text
    response = visitor.send(page, code=code(secret))
    assert response["Location"] == "/staff/account/codes/"
    response = visitor.get("/staff/account/codes/")
    assert "no-store" in response["Cache-Control"]
    codes = read(response).texts("ol.codes li")
    assert len(codes) == 10
    assert all(re.fullmatch(r"\d{8}", each) for each in codes)

    file = visitor.get("/staff/account/codes/codes.txt")
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    lines = file.content.decode().splitlines()
    assert lines[0] == "รหัสสำรองของ staff ใช้ได้รหัสละครั้งเดียว เก็บไว้ในที่ปลอดภัย"
    assert lines[2:] == codes

    assert visitor.get("/staff/account/codes/codes.txt").status_code == 404
    page = visitor.page("/staff/account/codes/")
    assert not any(each in page.raw() for each in codes)
    assert "เหลือ 10 รหัส และแสดงไปแล้ว จึงไม่แสดงซ้ำ" in page.text
    assert "เปิดใช้อยู่ · รหัสสำรองเหลือ 10 รหัส" in visitor.page("/staff/account/").text


def test_the_codes_file_is_there_for_ten_minutes_only(people, visitor, morning):
    log_in(visitor)
    page = visitor.page(ENROL)
    visitor.send(page, code=code(page.one("code").text))
    visitor.page("/staff/account/codes/")
    morning.shift(10 * 60 + 1)
    page = visitor.page("/staff/account/codes/codes.txt", status=404)
    assert "บันทึกรหัสสำรองเป็นไฟล์ได้ครั้งเดียวหลังจากที่แสดง" in page.text


def test_a_wrong_code_enrols_nobody(people, visitor, morning):
    log_in(visitor)
    response = visitor.send(visitor.page(ENROL), code="123456")
    assert told(read(response)) == [WRONG_CODE]
    assert not Authenticator.objects.exists()


def test_a_login_asks_for_the_code_and_leads_back(enrolled, visitor, morning):
    response = log_in(visitor, next="/staff/rounds/")
    assert response["Location"] == "/staff/login/code/"
    assert visitor.get("/staff/rounds/").status_code == 302, "the password alone opens nothing"
    page = visitor.page("/staff/login/code/")
    response = visitor.send(page, "form[action=/staff/login/code/]", code="000000")
    assert told(read(response)) == [WRONG_CODE]
    used = code()
    response = visitor.send(page, "form[action=/staff/login/code/]", code=used)
    assert response["Location"] == "/staff/rounds/"
    assert visitor.get("/staff/rounds/").status_code == 200

    another = PortalClient()
    log_in(another)
    page = another.page("/staff/login/code/")
    response = another.send(page, "form[action=/staff/login/code/]", code=used)
    assert response.status_code == 200, "the same code once more"
    assert another.get("/staff/").status_code == 302


def test_a_recovery_code_opens_once(people, visitor, morning):
    log_in(visitor)
    page = visitor.page(ENROL)
    visitor.send(page, code=code(page.one("code").text))
    spare = visitor.page("/staff/account/codes/").texts("ol.codes li")[3]
    for expected in (302, 200):
        client = PortalClient()
        log_in(client)
        page = client.page("/staff/login/code/")
        response = client.send(page, "form[action=/staff/login/code/]", code=spare)
        assert response.status_code == expected
    assert "รหัสสำรองเหลือ 9 รหัส" in visitor.page("/staff/account/").text


def test_somebody_half_way_in_can_turn_back(enrolled, visitor, morning):
    log_in(visitor)
    assert visitor.send(visitor.page("/staff/login/code/"), "form#cancel")["Location"] == "/"
    assert visitor.get("/staff/login/code/")["Location"] == "/staff/login/"


def test_codes_cannot_be_guessed(enrolled, visitor, morning):
    log_in(visitor)
    page = visitor.page("/staff/login/code/")
    for _turn in range(5):
        visitor.send(page, "form[action=/staff/login/code/]", code="000000")
    response = visitor.send(page, "form[action=/staff/login/code/]", code=code())
    assert told(read(response)) == ["เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก 15 นาที"]
    assert visitor.get("/staff/").status_code == 302


def test_later_in_the_day_security_asks_for_the_password_again(people, visitor, morning):
    log_in(visitor)
    assert visitor.get(ENROL).status_code == 200, "just came in"
    morning.shift(16 * 60)
    response = visitor.get(ENROL)
    assert response["Location"] == f"/staff/account/confirm/?next={ENROL.replace('/', '%2F')}"
    page = visitor.page("/staff/account/confirm/", next=ENROL)
    response = visitor.send(page, "main form", password="ผิด")
    assert told(read(response)) == ["รหัสผ่านไม่ถูกต้อง"]
    response = visitor.send(page, "main form", password=PASSWORD)
    assert response["Location"] == ENROL
    assert visitor.get(ENROL).status_code == 200


def test_a_new_phone_takes_the_place_of_the_old(enrolled, visitor, required, morning):
    log_in(visitor)
    visitor.send(visitor.page("/staff/login/code/"), "form[action=/staff/login/code/]", code=code())
    visitor.send(visitor.page("/staff/account/app/remove/"))
    assert not Authenticator.objects.exists()
    assert visitor.get("/staff/")["Location"] == ENROL, "and nothing opens before the new one"


def guess(name: str, address: str, password: str = "ผิดแน่นอน") -> Any:  # noqa: S107
    return PortalClient(REMOTE_ADDR=address).post(
        "/staff/login/", {"username": name, "password": password}
    )


def test_the_sixth_wrong_password_waits_and_says_how_long(people, morning):
    for _turn in range(5):
        response = guess("staff", "192.0.2.1")
        assert (response.status_code, problem(response)) == (
            200,
            WRONG_LOGIN,
        )
        morning.shift(60)
    response = guess("staff", "192.0.2.1", PASSWORD)
    assert response.status_code == 429, "even the right one has to wait"
    assert problem(response) == "เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก 10 นาที"
    morning.shift(10 * 60 + 1)
    assert guess("staff", "192.0.2.1", PASSWORD).status_code == 302


def test_one_who_fails_does_not_lock_out_the_office(people, morning):
    for _turn in range(6):
        response = guess("staff", "192.0.2.1")
    assert response.status_code == 429
    assert guess("colleague", "192.0.2.1", PASSWORD).status_code == 302, "the same address"
    assert guess("staff", "192.0.2.2", PASSWORD).status_code == 302, "the same name elsewhere"


def test_an_address_that_tries_many_names_is_stopped_at_last(people, morning):
    for number in range(100):
        assert guess(f"name{number}", "192.0.2.1").status_code == 200
    assert guess("name100", "192.0.2.1").status_code == 429
    assert guess("name100", "192.0.2.2").status_code == 200


def test_a_name_that_is_tried_from_everywhere_is_stopped_at_last(people, morning):
    for number in range(100):
        assert guess("staff", f"192.0.2.{number}").status_code == 200
    response = guess("staff", "198.51.100.1")
    assert problem(response) == "เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก 60 นาที"


def test_right_logins_count_for_nothing(people, morning):
    for _turn in range(120):
        assert guess("staff", "192.0.2.1", PASSWORD).status_code == 302


def test_upper_case_makes_no_fresh_start(people, morning):
    for name in ("staff", "Staff", "STAFF", " staff", "sTaff"):
        guess(name, "192.0.2.1")
    assert guess("staff", "192.0.2.1", PASSWORD).status_code == 429


def test_behind_a_proxy_the_client_counts_not_the_proxy(people, settings, morning):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def through(client: str, password: str) -> Any:
        # What a client makes up stands before what the proxy adds.
        headers = {"x-forwarded-for": f"203.0.113.9, {client}"}
        data = {"username": "staff", "password": password}
        return PortalClient(REMOTE_ADDR="127.0.0.1").post("/staff/login/", data, headers=headers)

    for _turn in range(5):
        through("192.0.2.1", "ผิด")
    assert through("192.0.2.1", PASSWORD).status_code == 429
    assert through("192.0.2.2", PASSWORD).status_code == 302


def test_all_web_processes_count_together():
    """In production the counts are in a table that `migrate` has made, or in Redis."""
    from forum_portal.tests.test_settings import GOOD, python

    program = "from django.conf import settings; print(settings.CACHES['default'])"
    name = {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    assert (
        "db.DatabaseCache', 'LOCATION': 'portal_cache'"
        in python("-c", program, **name, **GOOD).stdout
    )
    shared = GOOD | {"CACHE_URL": "rediscache://cache.example.org:6379/0"}
    assert "redis" in python("-c", program, **name, **shared).stdout.lower()


def test_the_shared_table_counts(people, settings, morning):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
        }
    }
    for _turn in range(5):
        guess("staff", "192.0.2.1")
    assert guess("staff", "192.0.2.1", PASSWORD).status_code == 429


def test_an_old_password_is_not_guessed_on_an_open_screen(people, sign_in):
    client = sign_in(people["staff"])
    wrong = {"old_password": "ผิด", "new_password1": "ก", "new_password2": "ก"}
    for _turn in range(5):
        assert client.post("/staff/password/", wrong).status_code == 200
    page = read(client.post("/staff/password/", wrong))
    assert page.one("h1").text == "ลองหลายครั้งเกินไป"


def test_signing_in_as_another_leaves_nothing_of_the_first(people, sign_in):
    client = sign_in(people["staff"])
    session = client.session
    session["of_the_first"] = True
    session.save()
    log_in(client, "colleague")
    assert client.page("/staff/").texts(".me a")[0] == "คุณcolleague"
    assert "of_the_first" not in client.session


def test_signing_in_as_another_asks_for_the_others_code(enrolled, people, sign_in, morning):
    client = sign_in(people["colleague"])
    assert log_in(client)["Location"] == "/staff/login/code/"
    assert client.get("/staff/").status_code == 302, "no longer the first, not yet the other"
    page = client.page("/staff/login/code/")
    client.send(page, "form[action=/staff/login/code/]", code=code())
    assert client.page("/staff/").texts(".me a")[0] == "คุณstaff"
