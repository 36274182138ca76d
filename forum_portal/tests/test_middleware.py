"""What every response needs: pages that no cache keeps, and one address for one year."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from forum_portal.middleware import CanonicalYearMiddleware, PrivatePagesMiddleware


def through(middleware, path, method="get", **query):
    request = getattr(RequestFactory(), method)(path, query)
    return middleware(lambda request: HttpResponse("ok"))(request)


@pytest.mark.parametrize(
    ("path", "is_private"),
    [
        ("/staff/", True),
        ("/admin/followup/round/", True),
        ("/r/abc/", True),
        ("/a/abc/", True),
        ("/follow/leave/abc/", True),
        ("/en/follow/leave/abc/", True),
        ("/en/follow/", False),
        ("/", False),
        ("/resolutions/2565/1/", False),
        ("/reports/2567/", False),
    ],
)
def test_pages_of_people_who_signed_in_or_have_a_link_are_kept_by_no_cache(path, is_private):
    response = through(PrivatePagesMiddleware, path)
    assert ("no-store" in response.get("Cache-Control", "")) == is_private
    assert ("private" in response.get("Cache-Control", "")) == is_private


@pytest.mark.parametrize("path", ["/r/abc/", "/a/abc/", "/en/follow/confirm/abc/"])
def test_a_link_tells_its_address_to_nobody(path):
    response = through(PrivatePagesMiddleware, path)
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "X-Robots-Tag" not in through(PrivatePagesMiddleware, "/staff/")


def test_a_christian_year_is_led_to_the_buddhist_one_with_the_rest_of_the_question():
    response = through(CanonicalYearMiddleware, "/agencies/", year="2024", q="พม.")
    assert response.status_code == 302
    assert response["Location"] == "/agencies/?year=2567&q=%E0%B8%9E%E0%B8%A1."
    assert through(CanonicalYearMiddleware, "/", year="ค.ศ. 2024")["Location"] == "/?year=2567"


@pytest.mark.parametrize("year", ["2567", "67x", "", "9999"])
def test_other_years_are_the_pages_own_to_answer(year):
    assert through(CanonicalYearMiddleware, "/", year=year).status_code == 200


def test_what_is_sent_and_what_programs_ask_is_led_nowhere():
    assert through(CanonicalYearMiddleware, "/", "post", year="2024").status_code == 200
    assert through(CanonicalYearMiddleware, "/api/v1/progress", year="2024").status_code == 200
    assert through(CanonicalYearMiddleware, "/", "head", year="2024").status_code == 302
