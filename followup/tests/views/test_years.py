"""Which year a page shows, and what it says where it cannot show the one that was asked for."""

from urllib.parse import parse_qs, urlsplit

import pytest

from followup.tests.client import Element, read
from followup.tests.public import NBSP, WITH_YEAR


def notice(page: Element) -> str:
    return " ".join(page.texts("p.notice[role=status]"))


NOT_UNDERSTOOD = "ไม่เข้าใจปี “{}” จึงแสดงปีงบประมาณ 2568"


NOT_PUBLISHED = "ปีงบประมาณ {} ยังไม่มีรอบที่เผยแพร่ จึงแสดงปีงบประมาณ 2568"


@pytest.mark.parametrize(
    ("typed", "year", "sentence"),
    [
        ("", 2568, ""),
        ("2568", 2568, ""),
        ("2567", 2567, ""),
        ("๒๕๖๗", 2567, ""),
        ("พ.ศ. ๒๕๖๗", 2567, ""),
        ("ปีงบประมาณ 2567", 2567, ""),
        (f"{NBSP}2567", 2567, ""),
        (f"พ.ศ.{NBSP}2567{NBSP}", 2567, ""),
        ("2565", 2568, NOT_PUBLISHED.format(2565)),
        ("2569", 2568, NOT_PUBLISHED.format(2569)),
        ("2570", 2568, NOT_PUBLISHED.format(2570)),
        ("abc", 2568, NOT_UNDERSTOOD.format("abc")),
        ("67", 2568, NOT_UNDERSTOOD.format("67")),
        ("2๕67", 2568, NOT_UNDERSTOOD.format("2๕67")),
        ("2400", 2568, NOT_UNDERSTOOD.format("2400")),
        ("-2567", 2568, NOT_UNDERSTOOD.format("-2567")),
        ("2567.0", 2568, NOT_UNDERSTOOD.format("2567.0")),
        ("\0", 2568, NOT_UNDERSTOOD.format("\ufffd")),
        ("2567\0", 2568, NOT_UNDERSTOOD.format("2567\ufffd")),
        ("<script>", 2568, NOT_UNDERSTOOD.format("<script>")),
        ("9" * 5000, 2568, NOT_UNDERSTOOD.format("9" * 59 + "…")),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_year_is_shown_or_the_page_says_why_not(demo, visitor, typed, year, sentence):
    for path in ("/resolutions/2565/8/", "/agencies/CSPC/"):
        page = visitor.page(path, year=typed)
        assert notice(page) == sentence
        assert page.texts("select[name=year] option[selected]") == [str(year)]


@pytest.mark.parametrize("path", WITH_YEAR)
def test_every_page_that_shows_a_year_says_why_not(demo, visitor, path):
    assert notice(visitor.page(path, year="abc")) == NOT_UNDERSTOOD.format("abc")
    assert notice(visitor.page(path, year="2570")) == NOT_PUBLISHED.format(2570)
    page = visitor.page(path, year="๒๕๖๗")
    assert page.texts("select[name=year] option[selected]") == ["2567"]


@pytest.mark.parametrize(
    ("path", "year"),
    [
        *((path, "2024") for path in (*WITH_YEAR, "/about/", "/years/")),
        *(("/agencies/", year) for year in ("๒๐๒๔", "ค.ศ. 2024", f"{NBSP}2024")),
    ],
)
def test_a_christian_year_is_led_to_its_buddhist_address(demo, visitor, path, year):
    response = visitor.get(path, {"q": "พอช. & เพื่อน", "year": year, "kind": ""})
    assert response.status_code == 302
    target = urlsplit(response["Location"])
    assert target.path == path
    assert parse_qs(target.query, keep_blank_values=True) == {
        "q": ["พอช. & เพื่อน"],
        "year": ["2567"],
        "kind": [""],
    }
    assert visitor.get(response["Location"]).status_code == 200


def test_of_two_years_the_last_counts(demo, visitor):
    page = visitor.page("/?year=abc&year=2566")
    assert page.texts("select#y option[selected]") == ["2566"]
    assert notice(page) == ""
    response = visitor.get("/?year=2567&year=2023")
    assert response["Location"] == "/?year=2566"


def test_what_is_no_utf_8_is_no_year(demo, visitor):
    page = read(visitor.get("/?year=%ff%fe"))
    assert notice(page).startswith("ไม่เข้าใจปี “")
