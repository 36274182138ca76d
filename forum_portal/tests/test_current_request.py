"""The request that a thread answers: its number, and who is signed in as far as that is known."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from followup.models import User
from forum_portal import current_request
from forum_portal.current_request import Current, begin, current, end, new_number, number


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    end()


def environ(**more):
    return RequestFactory().get("/").environ | more


def test_a_request_begins_and_ends():
    assert current() is None
    now = begin(environ(PATH_INFO="/ข้อ".encode().decode("latin-1")), is_behind_proxy=False)
    assert current() is now
    assert (now.method, now.path, now.user) == ("GET", "/ข้อ", None)
    assert number() == now.number
    end()
    assert current() is None
    assert number() != now.number


def test_a_number_is_short_and_its_own():
    assert re.fullmatch("[0-9a-f]{12}", new_number())
    assert len({new_number() for _turn in range(100)}) == 100


GIVEN = "7f3c-Proxy_01.a"


def test_our_own_proxys_number_is_kept():
    now = begin(environ(HTTP_X_REQUEST_ID=GIVEN), is_behind_proxy=True)
    assert now.number == GIVEN


@pytest.mark.security
@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "a" * 65,
        'x" 200 "admin logged in',
        "12345678\n",
        "1234\r\n5678",
        "ก" * 8,
        "12345678,87654321",
        "{12345678}",
    ],
)
def test_what_is_no_number_is_none(given):
    now = begin(environ(HTTP_X_REQUEST_ID=given), is_behind_proxy=True)
    assert re.fullmatch("[0-9a-f]{12}", now.number)


@pytest.mark.security
def test_without_a_proxy_nobody_chooses_a_number():
    assert begin(environ(HTTP_X_REQUEST_ID=GIVEN), is_behind_proxy=False).number != GIVEN


def at(user):
    request = RequestFactory().get("/")
    request.user = user
    return Current("12345678", "GET", "/", request)


def test_who_is_signed_in():
    assert at(User(pk=7)).user == 7
    assert at(AnonymousUser()).user is None
    assert Current("12345678", "GET", "/", RequestFactory().get("/")).user is None


def test_a_log_asks_nobody_who_it_is():
    asked = []

    def find():
        asked.append(1)
        return User(pk=7)

    lazy = SimpleLazyObject(find)
    now = at(lazy)
    assert now.user is None
    assert asked == []
    assert lazy.pk == 7, "the view asks"
    assert now.user == 7
    assert current_request.HEADER == "X-Request-ID"
