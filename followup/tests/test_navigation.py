"""The menus: which tab each page lights, and who sees which."""

from types import SimpleNamespace

import pytest

from followup import navigation, public_urls, urls
from followup.tests.browser.pages import NO_PAGES, public_pages, staff_pages
from followup.tests.client import PortalClient

NAMES = {each.name for each in [*public_urls.urlpatterns, *urls.urlpatterns]}
EVERYTHING = dict.fromkeys(["work", "review", "run", "publish", "import", "administer"], True)


ONE, TWO = {2565: 8}, {2565: 8, 2566: 5}  # forum's year: its number of resolutions


def menu_on(
    name: str, may: dict[str, bool] | None = None, sizes: dict[int, int] = TWO
) -> navigation.Menu:
    request = SimpleNamespace(resolver_match=SimpleNamespace(view_name=name))
    return navigation.Menu(request, may or EVERYTHING, sizes)  # type: ignore[arg-type]


def lit_by(name: str) -> list[str]:
    """The tabs that a page lights, by the name of their address."""
    tabs = (*navigation.PUBLIC, *navigation.STAFF)
    menu = menu_on(name)
    places = (*menu.public, *menu.staff)
    return [tab.name for tab, place in zip(tabs, places, strict=True) if place.current]


def test_every_page_lights_one_tab_or_is_named_as_one_that_lights_none():
    declared = {
        name for tab in (*navigation.PUBLIC, *navigation.STAFF) for name in (tab.name, *tab.lit_by)
    }
    assert declared & navigation.WITHOUT_TAB == set()
    assert NAMES - NO_PAGES - declared - navigation.WITHOUT_TAB == set(), "no tab, and not named"
    assert (declared | navigation.WITHOUT_TAB) - NAMES == {"admin:index"}, "no such page"
    lit = {name: lit_by(name) for name in NAMES}
    assert {name: tabs for name, tabs in lit.items() if len(tabs) > 1} == {}
    assert {name for name in navigation.WITHOUT_TAB if lit[name]} == set()


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        ("resolution", "resolutions"),
        ("api", "data"),
        ("staff-queue", "staff-queue"),
        ("staff-report", "staff-queue"),
        ("staff-review-report", "staff-review"),
        ("staff-round-step", "staff-rounds"),
        ("staff-contact-new", "staff-agencies"),
        ("staff-link-revoke", "staff-links"),
        ("staff-letters-letter", "staff-letters"),
        ("import-check", "import"),
    ],
)
def test_a_page_below_a_tab_lights_it(page, tab):
    assert lit_by(page) == [tab]


def test_the_page_of_a_tab_is_told_from_those_below_it():
    assert [place.current for place in menu_on("years").public if place.current] == ["page"]
    assert [place.current for place in menu_on("year").public if place.current] == ["true"]


def test_a_page_without_an_address_lights_nothing():
    request = SimpleNamespace(resolver_match=None)
    menu = navigation.Menu(request, EVERYTHING, TWO)  # type: ignore[arg-type]
    assert not any(place.current for place in (*menu.public, *menu.staff))


def test_each_sees_the_tabs_that_they_may_open():
    nobody = menu_on("home", dict.fromkeys(EVERYTHING, False), ONE)
    assert [place.label for place in nobody.public] == [
        "ภาพรวม",
        "ข้อเสนอ 8 ข้อ",
        "หน่วยงาน",
        "ตารางรวม",
        "รายปี",
        "พื้นที่",
        "ข้อมูลเปิด",
        "เกี่ยวกับระบบ",
    ]
    assert nobody.desk == []
    assert [place.label for place in nobody.staff] == [
        "งานของฉัน",
        "กำหนดของหน่วยงาน",
        "ตรวจและรับรอง",
        "รอบติดตาม",
        "การมอบหมาย",
        "ลิงก์ให้หน่วยงานกรอกเอง",
        "หนังสือติดตาม",
        "เรื่องที่ประชาชนแจ้ง",
        "ประวัติ",
        "งานเบื้องหลัง",
    ]
    everybody = menu_on("home")
    assert [place.label for place in everybody.desk] == ["งานของฉัน"]
    more = {place.label for place in everybody.staff} - {place.label for place in nobody.staff}
    assert more == {
        "เวที",
        "หน่วยงาน",
        "ภาคประชาสังคมประเมิน",
        "นำเข้าสเปรดชีต",
        "สถานะของระบบ",
        "จัดการระบบ",
    }


def test_several_forums_have_a_tab_and_their_proposals_no_number():
    assert [place.label for place in menu_on("home").public][:3] == ["ภาพรวม", "ข้อเสนอ", "เวที"]
    assert [place.label for place in menu_on("home", sizes={2566: 5}).public][:3] == [
        "ภาพรวม",
        "ข้อเสนอ 5 ข้อ",
        "หน่วยงาน",
    ]


#: One page of a tab, one below a tab, one without a tab, public and of the staff.
DRAWN = {
    "home",
    "resolution",
    "corrections",
    "staff-links",
    "staff-round-new",
    "staff-report-history",
}


def test_the_menus_of_a_page_are_drawn_from_the_declaration(demo, people):
    """What lights is what the declaration says, in every menu that a page has."""
    samples = {
        sample.name: sample for sample in public_pages() + staff_pages() if sample.name in DRAWN
    }
    for name, sample in samples.items():
        client = PortalClient()
        if sample.who:
            client.force_login(people[sample.who])
        page = client.page(sample.path)
        menus = page.select("header nav.nav") + page.select("details.menu nav")
        menus += page.select("header nav.tabs")
        assert len(menus) == (1 if sample.who else 2)  # a public page has the mobile menu as well
        expected = [place.url for place in menu_on(name).public if place.current]
        expected += [place.url for place in menu_on(name).staff if place.current]
        for menu in menus:
            lit = [link["href"] for link in menu.select("a[aria-current]")]
            assert lit == expected, sample
    assert set(samples) == DRAWN
