"""The headers of every kind of page, by the rules of Mozilla's Observatory, and the cookies' names."""

import json
import re

import pytest
from django.test import Client

from followup.tests.client import read
from followup.tests.factories import PASSWORD
from forum_portal.tests.test_settings import GOOD, python

pytestmark = pytest.mark.security

HALF_A_YEAR = 15768000
EMBEDS = ["/embed/resolutions/2565/1/", "/embed/resolutions/2565/1.svg"]
OPEN_DATA = [
    "/data/measures.csv",
    "/data/measures.json",
    "/data/datapackage.json",
    "/data/catalog.jsonld",
    "/data/ckan.json",
    "/data/csos-forum-follow-up.zip",
    "/data/csos-forum-follow-up.zip.sha256",
    "/api/v1/measures",
    "/api/v1/openapi.json",
    "/api/v1/nothing",
    "/feed.atom",
]
PUBLIC = ["/", "/resolutions/2565/1/", "/data/", "/api/v1/", "/reports/2567/", "/privacy/"]
STAFF = ["/staff/", "/staff/rounds/", "/staff/password/", "/staff/account/", "/staff/import/"]
ADMIN = ["/admin/", "/admin/followup/agency/", "/admin/followup/agency/add/"]
ERRORS = ["/nowhere/", "/static/nowhere.css", "/staff/login/", "/r/nothing/"]


@pytest.fixture(scope="module")
def production():
    """The settings of production that headers and cookies depend on, from its own process."""
    names = [
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SECURE_HSTS_PRELOAD",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "MESSAGES_COOKIE_NAME",
        "DEVICE_COOKIE_NAME",
        "DISPLAY_COOKIE_NAME",
        "SESSION_COOKIE_PATH",
        "CSRF_COOKIE_PATH",
        "SESSION_COOKIE_DOMAIN",
        "CSRF_COOKIE_DOMAIN",
        "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_SAMESITE",
    ]
    program = (
        "import json\nfrom django.conf import settings\n"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}))"
    )
    done = python("-c", program, DJANGO_SETTINGS_MODULE="forum_portal.settings", **GOOD)
    return json.loads(done.stdout)


@pytest.fixture
def deployed(production, settings):
    for name, value in production.items():
        setattr(settings, name, value)


def policy(response):
    parts = response["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for part in parts if (words := part.split())}


def score(response, *, cookies=()):
    """Mozilla's score of a page; the redirect to HTTPS and the certificate are the proxy's."""
    points, bonus = 100, 0
    csp = policy(response)
    words = [word for values in csp.values() for word in values]
    if any("unsafe" in word for word in words) or {"*", "http:", "https:", "data:"} & {
        *csp.get("script-src", ["*"]),
        *csp.get("object-src", csp.get("default-src", ["*"])),
    }:
        points -= 20
    elif csp["default-src"] == ["'none'"]:
        bonus += 10
    else:
        bonus += 5
    hsts = re.search(r"max-age=(\d+)", response.get("Strict-Transport-Security", ""))
    if not hsts:
        points -= 20
    elif int(hsts[1]) < HALF_A_YEAR:
        points -= 10
    if response.get("X-Content-Type-Options") != "nosniff":
        points -= 5
    if csp.get("frame-ancestors", ["*"]) in (["'none'"], ["'self'"]):
        bonus += 5
    elif response.get("X-Frame-Options") not in {"DENY", "SAMEORIGIN"}:
        points -= 20
    private = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    if response.get("Referrer-Policy") in private:
        bonus += 5
    if response.get("Cross-Origin-Resource-Policy") in {"same-origin", "same-site"}:
        bonus += 10
    for cookie in cookies:
        if not cookie["secure"]:
            points -= 20
        if not cookie["samesite"]:
            points -= 5
    if cookies and all(each["secure"] and each["samesite"] for each in cookies):
        bonus += 5
    if response.get("Access-Control-Allow-Credentials"):
        points -= 50
    return points + bonus if points >= 90 else points


def test_every_kind_of_page_scores_130(demo, people, visitor, sign_in, deployed):
    administrator = sign_in(people["administrator"])
    kinds = [(visitor, [*PUBLIC, *ERRORS]), (administrator, [*PUBLIC, *STAFF, *ADMIN])]
    for client, paths in kinds:
        for path in paths:
            response = client.get(path, secure=True)
            assert score(response, cookies=response.cookies.values()) >= 130, path
            csp = policy(response)
            for name in ("base-uri", "frame-ancestors"):
                assert csp[name] == ["'none'"], path
            assert csp["form-action"] == ["'self'"], path
            assert response["X-Frame-Options"] == "DENY", path
            assert response["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert response["Cross-Origin-Embedder-Policy"] == "require-corp", path
            assert "camera=()" in response["Permissions-Policy"], path


def test_other_sites_may_load_embeds_and_open_data_and_nothing_else(
    demo, people, visitor, sign_in, deployed
):
    administrator = sign_in(people["administrator"])

    def corp(client, path):
        return client.get(path, secure=True)["Cross-Origin-Resource-Policy"]

    assert {corp(visitor, path) for path in EMBEDS + OPEN_DATA} == {"cross-origin"}
    for path in [*PUBLIC, *ERRORS, "/static/portal.css", "/robots.txt", "/reports/2567.docx"]:
        assert corp(visitor, path) == "same-origin", path
    for path in STAFF + ADMIN:
        assert corp(administrator, path) == "same-origin", path


def test_a_card_stays_embeddable_even_in_an_isolated_page(demo, visitor, deployed):
    card = visitor.get(EMBEDS[0], secure=True)
    assert policy(card)["frame-ancestors"] == ["*"]
    assert "X-Frame-Options" not in card
    assert card["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert card["X-Content-Type-Options"] == "nosniff"


def test_every_cookie_is_of_this_host_alone(demo, people, deployed):
    client = Client(enforce_csrf_checks=True)
    page = read(client.get("/staff/login/", secure=True))
    sent = {**page.one("main form").controls(), "username": "staff", "password": PASSWORD}
    headers = {"referer": "https://testserver/staff/login/"}
    response = client.post("/staff/login/", sent, secure=True, headers=headers)
    assert response.status_code == 302
    new = "ดอกปีบ-บานเช้า-77"
    page = read(client.get("/staff/password/", secure=True))
    sent = {**page.one("main form").controls(), "old_password": PASSWORD}
    sent |= {"new_password1": new, "new_password2": new}
    response = client.post("/staff/password/", sent, secure=True, headers=headers)
    assert response.status_code == 302
    client.get("/display/", {"size": "large"}, secure=True)
    names = {"__Host-sessionid", "__Host-csrftoken", "__Host-messages", "__Host-display"}
    assert names <= set(client.cookies)
    assert all(name.startswith("__Host-") for name in client.cookies)
    for cookie in client.cookies.values():
        assert (cookie["path"], cookie["domain"]) == ("/", ""), cookie
        assert cookie["secure"], cookie
        assert cookie["httponly"], cookie
        assert cookie["samesite"] == "Lax", cookie
    assert "เปลี่ยนรหัสผ่านแล้ว" in client.get("/staff/", secure=True).content.decode()


def test_the_privacy_page_names_them_as_they_are(demo, visitor, deployed):
    page = visitor.page("/privacy/")
    assert page.texts("section[aria-labelledby=p6] table tbody th") == [
        "__Host-display",
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-messages",
        "__Host-device",
    ]
