"""The display that a reader chooses: the cookie's values, Thai digits, one kept page for each choice."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from forum_portal.display import (
    DIGITS,
    EVERY,
    MARK,
    SCHEMES,
    SIZES,
    Display,
    ThaiDigitsMiddleware,
    display_of,
    in_thai_digits,
    remember,
    value_in,
)


def asked(cookie):
    return RequestFactory().get("/", HTTP_COOKIE=cookie)


def test_there_are_as_many_pages_as_choices_and_the_ordinary_one_has_no_name():
    assert len(EVERY) == len(SIZES) * len(SCHEMES) * len(DIGITS)
    assert EVERY[""] == Display()
    assert all(EVERY[value].value == value for value in EVERY)


@pytest.mark.parametrize(
    ("cookies", "value"),
    [
        ("display=large.dark.thai", "large.dark.thai"),
        ("a=b;  display=normal.dark.arabic ; c=d", "normal.dark.arabic"),
        ("display=normal.device.arabic", ""),  # nothing is chosen
        ("display=huge.dark.thai", ""),
        ("display=large.dark.thai.more", ""),
        ("display=", ""),
        ("mydisplay=large.dark.thai", ""),
        ("", ""),
    ],
)
def test_only_known_values_change_a_page(cookies, value):
    assert value_in(cookies) == value
    assert display_of(asked(cookies)) == EVERY[value]


def test_it_is_remembered_for_a_year_by_this_site_alone_and_taken_back(settings):
    settings.SESSION_COOKIE_SECURE = True
    response = HttpResponse()
    remember(response, Display(size="large"))
    cookie = response.cookies["display"]
    assert cookie.value == "large.device.arabic"
    kept = {key: cookie[key] for key in ("max-age", "samesite", "httponly", "secure", "path")}
    assert kept == {
        "max-age": 31536000,
        "samesite": "Lax",
        "httponly": True,
        "secure": True,
        "path": "/",
    }
    remember(response, Display())
    taken = response.cookies["display"]
    assert (taken.value, taken["max-age"], taken["secure"]) == ("", 0, True)


@pytest.mark.parametrize(
    ("scheme", "dark"),
    [
        ("device", "screen and (forced-colors: none) and (prefers-color-scheme: dark)"),
        ("light", ""),
        ("dark", "screen and (forced-colors: none)"),
    ],
)
def test_paper_and_forced_colours_are_never_dark(scheme, dark):
    assert Display(scheme=scheme).dark_media == dark


# Thai digits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("<p>บรรลุแล้ว 11 จาก 33</p>", "<p>บรรลุแล้ว ๑๑ จาก ๓๓</p>"),
        ("<p>ปี 2568 ครั้งที่ 3/2568</p>", "<p>ปี ๒๕๖๘ ครั้งที่ ๓/๒๕๖๘</p>"),
        ("<b>1,250,000.50</b>", "<b>๑,๒๕๐,๐๐๐.๕๐</b>"),
        ("14.30 น. 1.2 เมกะไบต์", "๑๔.๓๐ น. ๑.๒ เมกะไบต์"),
        ("ข้อ 3.1 (2565-3.1)", "ข้อ 3.1 (2565-3.1)"),
        ("ดู https://example.org/2568/ หรือ a2@example.org", None),
        ("2025-11-30", None),
        ("it&#x27;s &#39;3&#39;", "it&#x27;s &#39;๓&#39;"),
        (
            '<a href="/years/2568/" title="ปี 2568">2568</a>',
            '<a href="/years/2568/" title="ปี 2568">๒๕๖๘</a>',
        ),
        ('<a title="1 > 2">3</a>', '<a title="1 > 2">๓</a>'),
        ("<code>2568</code> 1", "<code>2568</code> ๑"),
        ("<textarea>\n2 < 3</textarea> 1", "<textarea>\n2 < 3</textarea> ๑"),
        ("<script>if (1 < 2) {}</script> 1", "<script>if (1 < 2) {}</script> ๑"),
        (
            "<div data-as-written><div>1</div><br>2</div>3",
            "<div data-as-written><div>1</div><br>2</div>๓",
        ),
        ("<!-- 1 --><!DOCTYPE html>2", "<!-- 1 --><!DOCTYPE html>๒"),
        ("ปี 2568.", "ปี ๒๕๖๘."),
    ],
)
def test_what_a_page_says_itself_gets_thai_digits(html, seen):
    assert in_thai_digits(html) == (html if seen is None else seen)


def through(cookie, page, **headers):
    response = HttpResponse(page, headers=headers)
    return ThaiDigitsMiddleware(lambda request: response)(asked(cookie)).content.decode()


def test_only_pages_that_carry_the_mark_are_rewritten():
    page = f"<html {MARK}>1"
    thai = "display=normal.device.thai"
    assert through(thai, page) == f"<html {MARK}>๑"
    assert through("", page) == page
    assert through(thai, "<html>1") == "<html>1"
    assert through(thai, page, **{"Content-Type": "text/csv"}) == page
