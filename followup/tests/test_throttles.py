"""Strangers who fail lock nobody out of their own device; every limit says when to come back."""

import re
from hashlib import sha256
from typing import Any

import pytest
from allauth.core.internal.ratelimit import get_ip
from django.core import signing
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory

from followup import devices
from followup.tests.client import PortalClient
from followup.tests.factories import PASSWORD
from followup.tests.two_factor import ENROL, code, log_in
from forum_portal.client import client_address, daily_hash
from forum_portal.costly import visits

pytestmark = pytest.mark.security

CACHE_TABLE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}


def attempt(client: Client, password: str, name: str = "staff", address: str = "192.0.2.1") -> Any:
    data = {"username": name, "password": password}
    return client.post("/staff/login/", data, REMOTE_ADDR=address)


def lock_out(name: str = "staff") -> None:
    """Strangers fail from everywhere, until no stranger may try any more."""
    for number in range(101):
        attempt(Client(), "ผิด", name, f"198.51.100.{number}")
    assert attempt(Client(), PASSWORD, name, "203.0.113.1").status_code == 429


def known_device(name: str = "staff") -> Client:
    client = Client()
    assert attempt(client, PASSWORD, name).status_code == 302
    client.post("/staff/logout/")
    assert "device" in client.cookies
    return client


def test_who_has_signed_in_here_before_is_locked_out_by_no_stranger(people, morning):
    client = known_device()
    lock_out()
    assert attempt(client, PASSWORD).status_code == 302


def test_not_even_by_a_stranger_at_the_same_address(people, morning):
    client = known_device()
    for number in range(101):
        attempt(Client(), "ผิด", f"name{number}")
    assert attempt(Client(), PASSWORD).status_code == 429, "the control"
    assert attempt(client, PASSWORD).status_code == 302


def test_a_known_device_guesses_no_more_than_ten_times(people, morning):
    client = known_device()
    answers = [attempt(client, "ผิด").status_code for _turn in range(11)]
    assert answers == [200] * 10 + [429]
    assert attempt(client, PASSWORD).status_code == 429
    morning.shift(15 * 60 + 1)
    assert attempt(client, PASSWORD).status_code == 302


def test_a_device_counts_for_the_people_who_signed_in_on_it_alone(people, morning):
    client = known_device("colleague")
    lock_out()
    assert attempt(client, PASSWORD).status_code == 429
    assert attempt(client, PASSWORD, "colleague").status_code == 302


def test_colleagues_share_a_computer(people, morning):
    client = known_device()
    assert attempt(client, PASSWORD, "colleague").status_code == 302
    lock_out()
    assert attempt(client, PASSWORD).status_code == 302


@pytest.mark.parametrize("cookie", ["", "x", "signed for something else"])
def test_a_cookie_that_we_did_not_sign_is_worth_nothing(people, morning, cookie):
    lock_out()
    client = Client()
    signed = signing.dumps(["x", ["y"]], salt="another")
    client.cookies["device"] = signed if cookie.startswith("signed") else cookie
    assert attempt(client, PASSWORD).status_code == 429


def test_the_cookie_is_no_login_and_names_nobody(people, morning):
    client = Client()
    client.cookies["device"] = known_device().cookies["device"].value
    assert client.get("/staff/")["Location"] == "/staff/login/?next=/staff/"
    content = str(signing.loads(client.cookies["device"].value, salt=devices.SALT))
    assert "staff" not in content


def test_every_limit_says_when_to_come_back(people, sign_in, open_round, morning):
    for _turn in range(6):
        locked = attempt(Client(), "ผิด")
    client = sign_in(people["staff"])
    wrong = {"old_password": "ผิด", "new_password1": "ก", "new_password2": "ก"}
    for _turn in range(6):
        changed = client.post("/staff/password/", wrong)
    for _turn in range(11):
        again = client.post("/staff/account/confirm/", {"password": "ผิด"})
    for _turn in range(21):
        dead = Client().get("/r/nothing/")
    for response, seconds in ((locked, "900"), (changed, "60"), (dead, "600")):
        assert (response.status_code, response["Retry-After"]) == (429, seconds)
    assert again.status_code != 429 or again["Retry-After"] == "60"


def test_a_code_that_enrolled_a_phone_signs_nobody_in(people, required, morning):
    owner, thief = PortalClient(), PortalClient()
    log_in(owner)
    page = owner.page(ENROL)
    secret = page.one("code").text
    seen = code(secret)
    owner.send(page, "main form", code=seen)
    assert owner.get("/staff/").status_code == 200
    log_in(thief)
    form = "form[action=/staff/login/code/]"
    response = thief.send(thief.page("/staff/login/code/"), form, code=seen)
    assert response.status_code == 200
    assert "รหัสไม่ถูกต้อง หรือใช้ไปแล้ว" in response.content.decode()
    assert thief.get("/staff/").status_code == 302
    morning.shift(30)
    response = thief.send(thief.page("/staff/login/code/"), form, code=code(secret))
    assert response.status_code == 302, "the next one does"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (0, "nonsense", "192.0.2.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "10.0.0.1, 198.51.100.9", "198.51.100.9"),
        (1, "<script>, 127.0.0.1, 198.51.100.9", "198.51.100.9"),
        (1, "192.0.2.77 , 2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "nonsense", "unknown"),
        (2, "198.51.100.9, 10.1.1.1", "198.51.100.9"),
        (2, "127.0.0.1, 198.51.100.9, 10.1.1.1", "198.51.100.9"),
        (2, "198.51.100.9, 10.1.1.1, 10.1.1.2", "10.1.1.1"),
        (2, "x, ,10.1.1.1", "unknown"),
    ],
)
def test_all_throttles_count_the_same_address(settings, proxies, forwarded, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers=headers)
    assert (client_address(request), get_ip(request)) == (address, daily_hash(address))


@pytest.fixture
def kept(settings, monkeypatch):
    """Return a function that tells every key that the cache was given since."""
    keys: list[str] = []
    made = caches["default"].make_key
    monkeypatch.setattr(
        caches["default"], "make_key", lambda key, **kw: keys.append(key) or made(key, **kw)
    )
    return lambda: keys


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("192.0.2.77", ["192.0.2.77"]),
        ("::ffff:192.0.2.77", ["192.0.2.77", "ffff"]),
        ("2001:db8:1:2:3:4:5:6", ["2001:db8", "20010db8"]),
    ],
)
def test_no_key_in_the_cache_tells_an_address(people, morning, kept, address, parts):
    client = Client(REMOTE_ADDR=address)
    data = {"username": "staff", "password": "ผิด"}
    for _turn in range(7):
        client.post("/staff/login/", data)
    assert client.get("/r/guess/").status_code == 404
    assert client.get("/data/reports.xlsx").status_code in {200, 404}
    keys = kept()
    assert any(":login_failed:" in key and ":ip:" in key for key in keys), "the control: by address"
    assert any(":login_failed:" in key and ":ip:" not in key for key in keys), "by address and name"
    assert any(key.startswith("dead-link:") for key in keys)
    stored = " ".join(keys) + repr(visits._seen)
    plain = str(client_address(RequestFactory().get("/", REMOTE_ADDR=address)))
    for secret in (address, *parts, plain, sha256(f"{plain} staff".encode()).hexdigest()):
        assert secret not in stored
    assert sha256(b"staff").hexdigest() not in stored, "nor a name, which any list of names finds"


def test_nor_does_the_table_of_the_cache(settings, people, morning):
    settings.CACHES = {"default": CACHE_TABLE}
    attempt(Client(), "ผิด", address="192.0.2.77")
    Client(REMOTE_ADDR="192.0.2.77").get("/r/guess/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM portal_cache")
        keys = [key for (key,) in cursor.fetchall()]
    assert len(keys) >= 4, "three limits of a login, and one of the link"
    assert not [key for key in keys if "192.0.2" in key]


def test_the_form_of_a_limit_is_a_sentence_with_minutes(people, morning):
    for _turn in range(6):
        response = attempt(Client(), "ผิด")
    assert re.search("ลองใหม่ในอีก 15 นาที", response.content.decode())
