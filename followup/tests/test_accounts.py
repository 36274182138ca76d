"""Who comes in and how: one-time codes, throttled guesses, sessions that end, passwords."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings as portal_settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import URLResolver, get_resolver

from followup import actions
from followup.middleware import TwoFactorMiddleware
from followup.models import User
from followup.tests.client import Element, PortalClient, read
from followup.tests.factories import PASSWORD

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ENROL = "/staff/account/app/"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MORNING, tick=False) as travelling:
        yield travelling


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_TWO_FACTOR = True


@pytest.fixture
def enrolled(people: dict[str, User], clock: Any) -> User:
    """One of the secretariat with a phone that knows SECRET."""
    TOTP.activate(people["staff"], SECRET)
    return people["staff"]


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def log_in(client: PortalClient, name: str = "staff", password: str = PASSWORD, **more: str) -> Any:
    return client.send(client.page("/staff/login/", **more), username=name, password=password)


def problem(response: Any) -> str:
    return read(response).one(".errs li").text


def said(page: Element) -> list[str]:
    return page.texts("p.msg")


# The second factor -----------------------------------------------------------------------------


def test_enrolling_gives_recovery_codes_that_are_shown_once(people, visitor, clock):
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


def test_the_codes_file_is_there_for_ten_minutes_only(people, visitor, clock):
    log_in(visitor)
    page = visitor.page(ENROL)
    visitor.send(page, code=code(page.one("code").text))
    visitor.page("/staff/account/codes/")
    clock.shift(10 * 60 + 1)
    page = visitor.page("/staff/account/codes/codes.txt", status=404)
    assert "บันทึกรหัสสำรองเป็นไฟล์ได้ครั้งเดียวหลังจากที่แสดง" in page.text


def test_a_wrong_code_enrols_nobody(people, visitor, clock):
    log_in(visitor)
    response = visitor.send(visitor.page(ENROL), code="123456")
    assert said(read(response)) == ["รหัสไม่ถูกต้อง หรือใช้ไปแล้ว รอรหัสถัดไปในแอปแล้วลองใหม่"]
    assert not Authenticator.objects.exists()


def test_the_secret_is_not_readable_in_the_database(enrolled):
    stored = Authenticator.objects.get(type="totp")
    assert SECRET not in str(stored.data)
    assert stored.wrap().validate_code(code())


def test_a_new_key_of_the_server_still_reads_the_old_secrets(enrolled, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [portal_settings.SECRET_KEY]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())


def test_a_login_asks_for_the_code_and_leads_back(enrolled, visitor, clock):
    response = log_in(visitor, next="/staff/rounds/")
    assert response["Location"] == "/staff/login/code/"
    assert visitor.get("/staff/rounds/").status_code == 302, "the password alone opens nothing"
    page = visitor.page("/staff/login/code/")
    response = visitor.send(page, "form[action=/staff/login/code/]", code="000000")
    assert said(read(response)) == ["รหัสไม่ถูกต้อง หรือใช้ไปแล้ว รอรหัสถัดไปในแอปแล้วลองใหม่"]
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


def test_a_recovery_code_opens_once(people, visitor, clock):
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


def test_somebody_half_way_in_can_turn_back(enrolled, visitor, clock):
    log_in(visitor)
    assert visitor.send(visitor.page("/staff/login/code/"), "form#cancel")["Location"] == "/"
    assert visitor.get("/staff/login/code/")["Location"] == "/staff/login/"


def test_codes_cannot_be_guessed(enrolled, visitor, clock):
    log_in(visitor)
    page = visitor.page("/staff/login/code/")
    for _turn in range(5):
        visitor.send(page, "form[action=/staff/login/code/]", code="000000")
    response = visitor.send(page, "form[action=/staff/login/code/]", code=code())
    assert said(read(response)) == ["เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก 15 นาที"]
    assert visitor.get("/staff/").status_code == 302


def test_later_in_the_day_security_asks_for_the_password_again(people, visitor, clock):
    log_in(visitor)
    assert visitor.get(ENROL).status_code == 200, "just came in"
    clock.shift(16 * 60)
    response = visitor.get(ENROL)
    assert response["Location"] == f"/staff/account/confirm/?next={ENROL.replace('/', '%2F')}"
    page = visitor.page("/staff/account/confirm/", next=ENROL)
    response = visitor.send(page, "main form", password="ผิด")
    assert said(read(response)) == ["รหัสผ่านไม่ถูกต้อง"]
    response = visitor.send(page, "main form", password=PASSWORD)
    assert response["Location"] == ENROL
    assert visitor.get(ENROL).status_code == 200


def test_a_new_phone_takes_the_place_of_the_old(enrolled, visitor, required, clock):
    log_in(visitor)
    visitor.send(visitor.page("/staff/login/code/"), "form[action=/staff/login/code/]", code=code())
    visitor.send(visitor.page("/staff/account/app/remove/"))
    assert not Authenticator.objects.exists()
    assert visitor.get("/staff/")["Location"] == ENROL, "and nothing opens before the new one"


# Enforced --------------------------------------------------------------------------------------

SAMPLES = {"int": "1", "agency": "CODI", "path": "1", "object_id": "1", "slug": "x", "year": "2569"}


def addresses(patterns: Any, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """(name, address) of every pattern there is, the admin's included, with something put in."""
    for each in patterns:
        written = str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, prefix + written)
            continue
        filled = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: SAMPLES.get(m[1] or "", "x"), written)
        filled = re.sub(r"\(\?P<\w+>[^)]*\)|\\Z|\$", "", filled)
        yield each.name or "", prefix + filled


EVERY = sorted(set(addresses(get_resolver().url_patterns)))


def test_the_walk_finds_the_admin_and_the_staff_pages():
    found = dict(EVERY)
    assert found["staff-queue"] == "/staff/"
    assert found["staff-report"] == "/staff/reports/1/"
    assert found["followup_user_changelist"] == "/admin/followup/user/"
    assert sum(address.startswith("/admin/") for _name, address in EVERY) > 60


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["staff", "administrator"])
def test_without_a_second_factor_no_address_opens(forum, people, required, who, method):
    open_ones = set()
    for name, address in EVERY:
        client = PortalClient()
        client.force_login(people[who])
        response = getattr(client, method)(address)
        if (response.status_code, response.get("Location")) != (302, ENROL):
            open_ones.add(name)
    assert open_ones == TwoFactorMiddleware.OPEN


def test_where_it_is_not_required_the_same_addresses_open(forum, people):
    """The control, and the demo on a laptop."""
    client = PortalClient()
    client.force_login(people["administrator"])
    for address in ("/staff/", "/staff/rounds/", "/admin/", "/staff/agencies/"):
        assert client.get(address).status_code == 200


def test_the_demo_logins_work_without_a_second_factor(demo, visitor):
    for name, password in demo.items():
        assert log_in(PortalClient(), name, password)["Location"] == "/staff/"


def test_who_must_enrol_is_told_so_and_then_works(people, visitor, required, clock):
    log_in(visitor)
    page = visitor.page(ENROL)
    assert "บัญชีเจ้าหน้าที่ต้องใช้การยืนยันตัวตนสองขั้น" in page.text
    assert not page.has("nav.tabs"), "no menu that leads nowhere"
    visitor.send(page, "main form", code=code(page.one("code").text))
    assert visitor.get("/staff/").status_code == 200
    assert visitor.page("/staff/account/codes/").has("ol.codes")


def test_who_must_enrol_can_leave(people, visitor, required):
    log_in(visitor)
    assert visitor.send(visitor.page(ENROL), "header form")["Location"] == "/"
    assert visitor.get("/staff/")["Location"] == "/staff/login/?next=/staff/"


def test_a_session_from_before_enrolment_ends_with_it(people, sign_in, required):
    """Whoever knew the password alone does not stay in when the owner enrols."""
    other = sign_in(people["staff"])
    TOTP.activate(people["staff"], SECRET)
    assert other.get("/staff/rounds/")["Location"] == "/staff/login/?next=/staff/rounds/"
    assert "_auth_user_id" not in other.session


def test_a_session_of_the_lost_phone_ends_with_the_new_one(enrolled, people, required, clock):
    """Whoever found the phone, and a session open on it, is out when the owner enrols another."""
    thief, owner = PortalClient(), PortalClient()
    log_in(thief)
    thief.send(thief.page("/staff/login/code/"), "form[action=/staff/login/code/]", code=code())
    assert thief.get("/staff/").status_code == 200
    clock.shift(60)
    actions.reset_second_factor(by=people["administrator"], user=enrolled)
    assert thief.get("/staff/")["Location"] == ENROL
    log_in(owner)
    page = owner.page(ENROL)
    owner.send(page, code=code(page.one("code").text))
    assert owner.get("/staff/").status_code == 200
    assert thief.get("/staff/")["Location"] == "/staff/login/?next=/staff/"


def test_strangers_see_the_public_pages_all_the_same(forum, visitor, required):
    for address in ("/", "/resolutions/", "/staff/login/", "/healthz"):
        assert visitor.get(address).status_code == 200


def test_production_requires_it_and_a_laptop_does_not():
    from forum_portal.tests.test_settings import GOOD, python

    program = "from django.conf import settings; print(settings.REQUIRE_TWO_FACTOR)"
    name = {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    for expected, environment in (
        ("True", GOOD),
        ("False", GOOD | {"REQUIRE_TWO_FACTOR": "false"}),
        ("False", {"PORTAL_ENV": "local", "SECRET_KEY": "x"}),
        ("True", {"PORTAL_ENV": "local", "SECRET_KEY": "x", "REQUIRE_TWO_FACTOR": "true"}),
    ):
        assert python("-c", program, **name, **environment).stdout.strip() == expected


# A lost phone ----------------------------------------------------------------------------------


def test_an_administrator_forgets_a_lost_second_factor(enrolled, people, sign_in):
    desk = sign_in(people["administrator"])
    posted = {"action": "forget_second_factor", "_selected_action": [enrolled.pk]}
    page = read(desk.post("/admin/followup/user/", posted, follow=True))
    assert page.texts("ul.messagelist li") == ["ล้างของ คุณstaff แล้ว เมื่อเข้าสู่ระบบครั้งต่อไปจะต้องเปิดใช้ใหม่"]
    assert not Authenticator.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (people["administrator"], str(enrolled.pk))
    assert entry.get_change_message() == "ล้างการยืนยันตัวตนสองขั้น"


def test_nobody_forgets_their_own_or_a_superusers(enrolled, people):
    admin = people["administrator"]
    with pytest.raises(actions.Refused, match="ล้างของตนเองไม่ได้"):
        actions.reset_second_factor(by=admin, user=admin)
    root = User.objects.create_superuser("root", password=PASSWORD)
    with pytest.raises(actions.Refused, match="ผู้ดูแลระดับสูงสุด"):
        actions.reset_second_factor(by=admin, user=root)
    with pytest.raises(PermissionDenied):
        actions.reset_second_factor(by=people["reviewer"], user=enrolled)
    assert Authenticator.objects.count() == 1
    actions.reset_second_factor(by=root, user=admin)


# Guessing --------------------------------------------------------------------------------------


def guess(name: str, address: str, password: str = "ผิดแน่นอน") -> Any:  # noqa: S107
    return PortalClient(REMOTE_ADDR=address).post(
        "/staff/login/", {"username": name, "password": password}
    )


def test_the_sixth_wrong_password_waits_and_says_how_long(people, clock):
    for _turn in range(5):
        response = guess("staff", "192.0.2.1")
        assert (response.status_code, problem(response)) == (
            200,
            "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง",
        )
        clock.shift(60)
    response = guess("staff", "192.0.2.1", PASSWORD)
    assert response.status_code == 429, "even the right one has to wait"
    assert problem(response) == "เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก 10 นาที"
    clock.shift(10 * 60 + 1)
    assert guess("staff", "192.0.2.1", PASSWORD).status_code == 302


def test_one_who_fails_does_not_lock_out_the_office(people, clock):
    for _turn in range(6):
        response = guess("staff", "192.0.2.1")
    assert response.status_code == 429
    assert guess("colleague", "192.0.2.1", PASSWORD).status_code == 302, "the same address"
    assert guess("staff", "192.0.2.2", PASSWORD).status_code == 302, "the same name elsewhere"


def test_an_address_that_tries_many_names_is_stopped_at_last(people, clock):
    for number in range(100):
        assert guess(f"name{number}", "192.0.2.1").status_code == 200
    assert guess("name100", "192.0.2.1").status_code == 429
    assert guess("name100", "192.0.2.2").status_code == 200


def test_a_name_that_is_tried_from_everywhere_is_stopped_at_last(people, clock):
    for number in range(100):
        assert guess("staff", f"192.0.2.{number}").status_code == 200
    response = guess("staff", "198.51.100.1")
    assert problem(response) == "เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก 60 นาที"


def test_right_logins_count_for_nothing(people, clock):
    for _turn in range(120):
        assert guess("staff", "192.0.2.1", PASSWORD).status_code == 302


def test_upper_case_makes_no_fresh_start(people, clock):
    for name in ("staff", "Staff", "STAFF", " staff", "sTaff"):
        guess(name, "192.0.2.1")
    assert guess("staff", "192.0.2.1", PASSWORD).status_code == 429


def test_behind_a_proxy_the_client_counts_not_the_proxy(people, settings, clock):
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


def test_without_a_proxy_nobody_makes_up_an_address(people, clock):
    for number in range(6):
        response = PortalClient(REMOTE_ADDR="192.0.2.1").post(
            "/staff/login/",
            {"username": "staff", "password": "ผิด"},
            headers={"x-forwarded-for": f"203.0.113.{number}"},
        )
    assert response.status_code == 429


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


def test_the_shared_table_counts(people, settings, clock):
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


def test_there_is_no_sign_up_and_no_reset_by_mail(db):
    names = {name for name, _address in EVERY}
    assert not any("signup" in name or "reset" in name or "email" in name for name in names)
    for address in ("/accounts/signup/", "/staff/signup/", "/staff/password/reset/"):
        assert PortalClient().get(address).status_code == 404


# Sessions --------------------------------------------------------------------------------------


def test_a_session_ends_after_two_idle_hours(people, sign_in, clock):
    client = sign_in(people["staff"])
    clock.shift(2 * 60 * 60 - 1)
    assert client.get("/staff/rounds/").status_code == 200
    clock.shift(2 * 60 * 60 - 1)
    assert client.get("/staff/rounds/").status_code == 200, "using it keeps it"
    clock.shift(2 * 60 * 60 + 1)
    response = client.get("/staff/rounds/?year=2569")
    assert response["Location"] == "/staff/login/?next=/staff/rounds/%3Fyear%3D2569"
    page = client.page(response["Location"])
    assert "หมดเวลาการใช้งาน เข้าสู่ระบบอีกครั้ง" in page.text
    response = client.send(page, username="staff", password=PASSWORD)
    assert response["Location"] == "/staff/rounds/?year=2569"


def test_a_session_ends_after_a_working_day_however_busy(people, sign_in, clock):
    client = sign_in(people["staff"])
    for _turn in range(12):
        clock.shift(60 * 60)
        assert client.get("/staff/rounds/").status_code == 200
    clock.shift(1)
    assert client.get("/staff/rounds/").status_code == 302


def test_the_ends_are_settings(people, sign_in, settings, clock):
    settings.SESSION_IDLE_AGE, settings.SESSION_COOKIE_AGE = 600, 3600
    client = sign_in(people["staff"])
    clock.shift(601)
    assert client.get("/staff/rounds/").status_code == 302


def test_a_post_after_the_end_stores_nothing_and_leads_to_the_door(people, sign_in, clock):
    client = sign_in(people["staff"])
    clock.shift(2 * 60 * 60 + 1)
    response = client.post("/staff/rounds/new/", {"year": "2571"})
    assert response["Location"] == "/staff/login/?next=/staff/rounds/new/"


def test_last_use_is_not_written_at_every_request(people, sign_in, django_assert_num_queries):
    client = sign_in(people["staff"])
    client.get("/staff/rounds/")
    with django_assert_num_queries(2):  # the session and the person, nothing written
        client.get("/staff/login/code/")


def test_signing_in_as_another_leaves_nothing_of_the_first(people, sign_in):
    client = sign_in(people["staff"])
    session = client.session
    session["of_the_first"] = True
    session.save()
    log_in(client, "colleague")
    assert client.page("/staff/").texts(".me a")[0] == "คุณcolleague"
    assert "of_the_first" not in client.session


def test_signing_in_as_another_asks_for_the_others_code(enrolled, people, sign_in, clock):
    client = sign_in(people["colleague"])
    assert log_in(client)["Location"] == "/staff/login/code/"
    assert client.get("/staff/").status_code == 302, "no longer the first, not yet the other"
    page = client.page("/staff/login/code/")
    client.send(page, "form[action=/staff/login/code/]", code=code())
    assert client.page("/staff/").texts(".me a")[0] == "คุณstaff"


# Passwords -------------------------------------------------------------------------------------

GUESSABLE = "รหัสผ่านนี้เดาได้ง่าย ใช้คำอื่นที่ไม่เกี่ยวกับระบบนี้ เช่น ประโยคที่จำได้คนเดียว"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password!!2569",
        "1qaz2wsx3edc",
        "123456789012",
        "987654321098",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "csosforum2565",
        "CSOs-Forum-2565!",
        "คสป.2565คสป.2565",
        "ภาคประชาสังคม2569",
        "รหัสผ่านเจ้าหน้าที่",
        "มะลิมะลิมะลิมะลิ",
    ],
)
def test_what_is_tried_first_is_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert refused.value.messages == [GUESSABLE]


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "ฝนตกหนักที่เชียงใหม่",
        "correct horse battery staple",
        "904817263548",  # no rule of composition
        "forum ที่สวนลุมเมื่อวาน",
        "ก" + "ขคงจฉช" * 15 + "z" * 37,  # 128 characters
    ],
)
def test_anything_long_that_is_not_known_is_welcome(password):
    validate_password(password)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("สั้นไปสิบเอ", "12"),
        ("กขคงจฉชซฌญฎฏ" * 11, "รหัสผ่านยาวเกิน 128 อักขระ"),
        ("somsri.jaidee", "ชื่อที่แสดง"),
    ],
)
def test_what_else_is_refused_says_why_in_thai(password, says):
    person = User(username="staff9", display_name="somsri jaidee", email="x@example.org")
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    sentences = " ".join(refused.value.messages)
    assert says in sentences
    assert not re.search("[A-Za-z]{3,}", sentences)
