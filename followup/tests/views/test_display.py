"""Choosing how pages look: remembered, led back, seen on the next page; nowhere else than here."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from followup.tests.client import read
from forum_portal.deployment import contact
from forum_portal.display import EVERY

PAGE = "/display/"


def choose(client, **said):
    return client.get(PAGE, said)


def test_the_form_shows_what_is_chosen_and_leads_back(forum, visitor):
    page = visitor.page("/years/")
    [address] = {each.get("href") for each in page.select("a") if each.text == "การแสดงผล"}
    assert address == "/display/?next=%2Fyears%2F"
    form = visitor.page(address).one("main form").controls()
    assert form == {"next": "/years/", "size": "normal", "scheme": "device", "digits": "arabic"}
    answer = choose(visitor, **form | {"size": "larger", "scheme": "dark", "digits": "thai"})
    assert (answer.status_code, answer["Location"]) == (302, "/years/")
    assert visitor.cookies["display"].value == "larger.dark.thai"
    form = visitor.page(PAGE).one("main form").controls()
    assert form == {"size": "larger", "scheme": "dark", "digits": "thai"}


def test_what_is_not_said_stays_and_the_ordinary_display_needs_no_cookie(forum, visitor):
    choose(visitor, scheme="dark")
    answer = choose(visitor, size="large")
    assert visitor.cookies["display"].value == "large.dark.arabic"
    assert answer["Location"] == PAGE
    choose(visitor, size="normal", scheme="device")
    assert visitor.cookies["display"].value == ""
    assert visitor.cookies["display"]["max-age"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example/",
        "evil",
        "javascript:1",
        "/a\n",
        "/" + "x" * 3000,
    ],
)
@pytest.mark.security
def test_it_leads_nowhere_else(address, forum, visitor):
    assert choose(visitor, size="large", next=address)["Location"] == PAGE
    assert (
        visitor.page(f"{PAGE}?{urlencode({'next': address})}")
        .one("main form")
        .controls()
        .get("next")
        is None
    )


def test_a_value_that_there_is_not_is_told_and_the_others_are_kept(forum, visitor):
    answer = choose(visitor, size="huge", scheme="dark", next="/years/")
    assert answer.status_code == 422
    page = read(answer)
    assert "หัวข้อ “ขนาดตัวอักษร”: เลือกจากตัวเลือกที่มี" in page.one(".errs").text
    assert page.one("main form").controls()["scheme"] == "dark"
    assert "display" not in visitor.cookies


@pytest.mark.security
def test_another_site_changes_nothing(forum, visitor):
    answer = visitor.get(PAGE, {"size": "large"}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, "display" in visitor.cookies) == (200, False)
    assert read(answer).one("main form").controls()["size"] == "large"
    visitor.get(PAGE, {"size": "large"}, headers={"sec-fetch-site": "same-origin"})
    assert set(visitor.cookies) == {"display"}


def test_the_footer_says_how_to_reach_the_office_where_that_is_set(forum, visitor, settings):
    assert not visitor.page("/").has(".foot__to")
    settings.PORTAL_CONTACT = contact(
        phone="0 2659 6399", email="office@example.go.th", address="เลขที่ 1034 กรุงเทพฯ 10100"
    )
    to = visitor.page("/").one(".foot address.foot__to")
    assert [each["href"] for each in to.select("a")] == [
        "tel:+6626596399",
        "mailto:office@example.go.th",
    ]
    assert to.text == "เลขที่ 1034 กรุงเทพฯ 10100 โทร. 0 2659 6399 อีเมล office@example.go.th"


def test_pages_look_as_chosen(demo, visitor):
    def seen(value):
        visitor.cookies["display"] = value
        page = visitor.page("/resolutions/2565/3/")
        dark = [each.get("media") for each in page.select("link") if "dark" in each.get("href", "")]
        return page.one("html").get("data-size"), dark, page

    assert seen("")[:2] == ("", [EVERY[""].dark_media])
    assert seen("normal.light.arabic")[:2] == ("", [])
    size, dark, page = seen("large.dark.thai")
    assert (size, dark) == ("large", ["screen and (forced-colors: none)"])
    head = page.one("main h1").text
    assert not any(digit in head for digit in "0123456789")
    plain = seen("large.dark.arabic")[2]
    # The source keeps its words, and a measure its code.
    assert page.one(".source__txt").text == plain.one(".source__txt").text
    assert page.texts(".measure__c") == plain.texts(".measure__c")
    assert page.one("main").text != plain.one("main").text
    assert reverse("display") in {
        each.get("href", "").partition("?")[0] for each in page.select("a")
    }
