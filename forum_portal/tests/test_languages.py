"""The language of an answer is that of its address, and of nothing else."""

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from forum_portal import thai, years
from forum_portal.languages import language_of, versions


@pytest.mark.parametrize(
    ("path", "language"),
    [("/", "th"), ("/en/", "en"), ("/en/years/", "en"), ("/en", "th"), ("/energy/", "th")],
)
def test_only_an_address_below_en_is_english(path, language):
    assert language_of(path) == language


def test_a_public_page_has_an_address_in_each_language_with_its_query():
    for path, language in (
        ("/years/2567/?role=lead&q=%3C", "th"),
        ("/en/years/2567/?role=lead&q=%3C", "en"),
    ):
        with translation.override(language):
            found = versions(RequestFactory().get(path))
        assert [each.address for each in found] == [
            "/years/2567/?role=lead&q=%3C",
            "/en/years/2567/?role=lead&q=%3C",
        ]
        assert [each.code for each in found if each.is_shown] == [language]


@pytest.mark.parametrize("path", ["/staff/", "/api/v1/progress", "/nowhere/", "/feed.atom"])
def test_other_addresses_have_one_language(path):
    assert versions(RequestFactory().get(path)) == []


def test_public_addresses_are_english_in_english_and_those_of_staff_never():
    with translation.override("en"):
        assert reverse("years") == "/en/years/"
        assert reverse("staff-queue") == "/staff/"
        assert reverse("api-rows", args=["progress"]) == "/api/v1/progress"
    assert reverse("years") == "/years/"


def test_a_browsers_wish_changes_nothing(db, client):
    for wish in ("th", "en", "de;q=0.5"):
        response = client.get("/privacy/", headers={"accept-language": wish})
        assert response["Content-Language"] == "th"
        assert "Accept-Language" not in response.get("Vary", "")
    response = client.get("/en/privacy/", headers={"accept-language": "th"})
    assert response.status_code == 200
    assert response["Content-Language"] == "en"
    assert client.get("/en/staff/").status_code == 404
    assert translation.get_language() == "th", "the thread keeps no language"


def test_days_and_years_are_written_in_the_pages_language():
    from datetime import date, time

    day = date(2025, 12, 20)
    with translation.override("en"):
        assert thai.format_date(day) == "20 December 2025"
        assert thai.format_date(day, "medium") == "20 Dec 2025"
        assert thai.format_date(day, "short") == "20 Dec 25"
        assert thai.format_time(time(14, 30)) == "14:30"
        assert years.shown_year(2568) == "2025 (B.E. 2568)"
    assert years.shown_year(2568) == "2568"
