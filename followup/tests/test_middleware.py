"""Sessions that end, and the second factor asked for at every address."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from followup import actions
from followup.middleware import TwoFactorMiddleware
from followup.tests.addresses import EVERY
from followup.tests.client import PortalClient
from followup.tests.factories import PASSWORD
from followup.tests.two_factor import ENROL, SECRET, code, log_in


def test_the_walk_finds_the_admin_and_the_staff_pages():
    found = dict(EVERY)
    assert found["staff-queue"] == "/staff/"
    assert found["staff-report"] == "/staff/reports/1/"
    assert found["followup_user_changelist"] == "/admin/followup/user/"
    assert sum(address.startswith("/admin/") for _name, address in EVERY) > 60


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["staff", "administrator"])
@pytest.mark.slow
@pytest.mark.once
def test_without_a_second_factor_no_address_opens(forum, people, required, who, method):
    open_ones = set()
    client = None
    for name, address in EVERY:
        if client is None:  # signing in anew for each of them takes most of the time
            client = PortalClient()
            client.force_login(people[who])
        response = getattr(client, method)(address)
        if (response.status_code, response.get("Location")) != (302, ENROL):
            open_ones.add(name)
            client = None  # it may have ended the session
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


def test_who_must_enrol_is_told_so_and_then_works(people, visitor, required, morning):
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


def test_a_session_of_the_lost_phone_ends_with_the_new_one(enrolled, people, required, morning):
    """Whoever found the phone, and a session open on it, is out when the owner enrols another."""
    thief, owner = PortalClient(), PortalClient()
    log_in(thief)
    thief.send(thief.page("/staff/login/code/"), "form[action=/staff/login/code/]", code=code())
    assert thief.get("/staff/").status_code == 200
    morning.shift(60)
    actions.reset_second_factor(by=people["administrator"], user=enrolled)
    assert thief.get("/staff/")["Location"] == ENROL
    log_in(owner)
    page = owner.page(ENROL)
    owner.send(page, code=code(page.one("code").text))
    assert owner.get("/staff/").status_code == 200
    assert thief.get("/staff/")["Location"] == "/staff/login/?next=/staff/"


def test_strangers_see_the_public_pages_all_the_same(forum, visitor, required, working):
    for address in ("/", "/resolutions/", "/staff/login/", "/healthz", "/readyz"):
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


def test_a_session_ends_after_two_idle_hours(people, sign_in, morning):
    client = sign_in(people["staff"])
    morning.shift(2 * 60 * 60 - 1)
    assert client.get("/staff/rounds/").status_code == 200
    morning.shift(2 * 60 * 60 - 1)
    assert client.get("/staff/rounds/").status_code == 200, "using it keeps it"
    morning.shift(2 * 60 * 60 + 1)
    response = client.get("/staff/rounds/?year=2569")
    assert response["Location"] == "/staff/login/?next=/staff/rounds/%3Fyear%3D2569"
    page = client.page(response["Location"])
    assert "หมดเวลาการใช้งาน เข้าสู่ระบบอีกครั้ง" in page.text
    response = client.send(page, username="staff", password=PASSWORD)
    assert response["Location"] == "/staff/rounds/?year=2569"


def test_a_session_ends_after_a_working_day_however_busy(people, sign_in, morning):
    client = sign_in(people["staff"])
    for _turn in range(12):
        morning.shift(60 * 60)
        assert client.get("/staff/rounds/").status_code == 200
    morning.shift(1)
    assert client.get("/staff/rounds/").status_code == 302


def test_the_ends_are_settings(people, sign_in, settings, morning):
    settings.SESSION_IDLE_AGE, settings.SESSION_COOKIE_AGE = 600, 3600
    client = sign_in(people["staff"])
    morning.shift(601)
    assert client.get("/staff/rounds/").status_code == 302


def test_a_post_after_the_end_stores_nothing_and_leads_to_the_door(people, sign_in, morning):
    client = sign_in(people["staff"])
    morning.shift(2 * 60 * 60 + 1)
    response = client.post("/staff/rounds/new/", {"year": "2571"})
    assert response["Location"] == "/staff/login/?next=/staff/rounds/new/"


def test_last_use_is_not_written_at_every_request(people, sign_in, django_assert_num_queries):
    client = sign_in(people["staff"])
    client.get("/staff/rounds/")
    with django_assert_num_queries(2):  # the session and the person, nothing written
        client.get("/staff/login/code/")
