"""The sitemap's pages: which there are, and since when they are as they are."""

from datetime import date
from urllib.parse import unquote

import pytest
from django.urls import URLPattern

from followup import sitemaps
from followup.annual_report import store
from followup.discovery import UNLISTED
from followup.models import Agency, Round
from followup.public_urls import urlpatterns
from followup.sitemaps import PAGES, sections
from followup.tests.editions import publish_three_reports, take_back

BASE = "https://portal.example.org"


def paths(name: str) -> list[str]:
    """The Thai addresses of a section, without the portal's own."""
    found = [each["location"].removeprefix(BASE) for each in sections(BASE)[name].urls(1)]
    return [each for each in found if not each.startswith("/en/")]


def days(name: str) -> set[date | None]:
    return {each.changed and each.changed.date() for each in sections(BASE)[name].pages}


def test_every_public_page_without_arguments_is_in_it():
    marked = {
        each.name
        for each in urlpatterns
        if isinstance(each, URLPattern)
        and not each.pattern.converters
        and hasattr(each.callback, "public_page")
    }
    assert marked - UNLISTED == PAGES.keys()


def test_sections(demo):
    assert list(sections(BASE)) == [
        "pages",
        "years",
        "agencies",
        "areas",
        "projects",
        "forum-2565",
    ]
    assert paths("pages")[:2] == ["/", "/resolutions/"]
    years = paths("years")
    assert [each for each in years if each.startswith("/years/")] == [
        "/years/2568/",
        "/years/2567/",
        "/years/2566/",
    ]
    assert "/reports/2568/" in years
    assert "/receipt/2568-1/" in years
    forum = paths("forum-2565")
    assert forum[0] == "/forums/2565/"
    assert "/resolutions/2565/3/" in forum
    assert "/resolutions/2565/3/1/" in forum
    assert len(forum) == 1 + 8 + 34
    assert len(paths("areas")) == 77
    codes = [unquote(each) for each in paths("projects")]
    assert codes == ["/projects/0413670001/", "/projects/17004/", "/projects/2.167/"]


def test_the_parts_of_a_report_are_in_it_once_they_are_stored(demo):
    snapshot = Round.objects.get(year_be=2568).snapshots.get()
    report, _none = store.web_page(snapshot)
    parts = [
        f"/reports/2568/{each['number']}/" for each in report["parts"] if not each["is_contents"]
    ]
    assert len(parts) > 3
    assert [each for each in paths("years") if each.startswith("/reports/2568/")] == [
        "/reports/2568/",
        *parts,
    ]


def test_each_address_names_both_languages(demo):
    thai, english = sections(BASE)["pages"].urls(1)[:2]
    assert (thai["location"], english["location"]) == (f"{BASE}/", f"{BASE}/en/")
    expected = [("th", f"{BASE}/"), ("en", f"{BASE}/en/"), ("x-default", f"{BASE}/")]
    for each in (thai, english):
        assert [(one["lang_code"], one["location"]) for one in each["alternates"]] == expected


def test_a_date_is_that_of_the_last_edition_and_never_of_today(demo):
    assert days("forum-2565") == days("agencies") == {date(2025, 12, 20)}
    assert days("years") == {date(2025, 12, 20), date(2024, 12, 20), date(2023, 12, 20)}
    assert days("pages") == {date(2025, 12, 20), None}


def test_a_forum_has_the_date_of_the_editions_that_follow_it_up(two_forums):
    _first, second = two_forums
    second.concluded_after, second.concluded_reason = 2567, "ครบทุกข้อ"
    second.concluded_ref, second.concluded_on = "1/2568", date(2025, 1, 5)
    second.save()
    assert days("forum-2566") == {date(2024, 12, 20)}
    assert days("forum-2565") == {date(2025, 12, 20)}
    assert "/resolutions/2566/3/1/" in paths("forum-2566")


def test_before_the_first_publication_nothing_has_a_date(forum):
    assert set(sections(BASE)) == {"pages", "agencies", "areas", "forum-2565"}
    assert {day for name in sections(BASE) for day in days(name)} == {None}


def test_an_unpublished_round_is_not_in_it(demo):
    assert Round.objects.get(year_be=2569).state == "open"
    every = [each for name in sections(BASE) for each in paths(name)]
    assert not [each for each in every if "2569" in each]


def test_an_edition_that_was_taken_back_is_not_in_it_and_dates_what_it_changed(
    open_round, people, on_20_november
):
    take_back(publish_three_reports(open_round, people), people["reviewer"])
    assert "years" not in sections(BASE)
    assert len(days("forum-2565")) == 1
    assert days("forum-2565") != {None}


def test_a_merged_agency_is_not_in_it(demo):
    assert "/agencies/MFA/" in paths("agencies")
    into = Agency.objects.get(code="CODI")
    Agency.objects.filter(code="MFA").update(merged_into=into)
    assert "/agencies/MFA/" not in paths("agencies")


def test_a_long_section_has_several_files(demo, monkeypatch):
    monkeypatch.setattr(sitemaps.Section, "limit", 50)
    section = sections(BASE)["areas"]
    assert section.paginator.num_pages == 4  # 77 in two languages
    assert len(section.urls(4)) == 4


@pytest.mark.parametrize("data", ["demo", "grown"], indirect=True)
def test_it_asks_the_same_however_much_there_is(data, django_assert_num_queries):
    with django_assert_num_queries(9):
        for section in sections(BASE).values():
            section.urls(1)
