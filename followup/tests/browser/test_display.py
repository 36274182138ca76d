"""Pages as a reader wants them: dark, larger, in the reader's own colours; the phone's menu and Esc."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from followup.models import User

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}
#: One of each kind of public page.
KINDS = (
    "/",
    "/resolutions/2565/3/",
    "/agencies/CODI/",
    "/matrix/",
    "/years/2568/",
    "/reports/2568/7/",
    "/follow-up/",
    "/corrections/",
    "/data/",
    "/display/?next=/years/",
)


@pytest.fixture
def choosing(context_of: Callable[..., BrowserContext], live_server: Any) -> Callable[..., Page]:
    """Return a function that makes a page of somebody who has chosen a display."""

    def make(value: str = "", who: User | None = None, **options: Any) -> Page:
        context = context_of(who, **options)
        if value:
            name = settings.DISPLAY_COOKIE_NAME
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        return context.new_page()

    return make


def fits(page: Page) -> bool:
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return bool(width <= room)


def test_pages_are_sound_in_the_dark_and_at_every_size(
    everything: dict[str, User], choosing: Callable[..., Page], axe: Callable[..., None]
) -> None:
    page = choosing("larger.dark.thai", viewport={"width": 1280, "height": 900})
    wide = []
    for path in KINDS:
        for width in (1280, 768, 360, 320):
            page.set_viewport_size({"width": width, "height": 900})
            if width == 1280:
                page.goto(path)
                ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert ground == "rgb(21, 22, 31)", path
            if width in (1280, 320):
                axe(page)
            if not fits(page):
                wide.append((path, width))
    assert wide == []
    page = choosing(who=everything["staff"], color_scheme="dark")
    page.goto("/staff/")
    axe(page)


def test_the_devices_scheme_holds_until_another_is_chosen_and_never_on_paper(
    everything: dict[str, User], choosing: Callable[..., Page]
) -> None:
    page = choosing(color_scheme="dark")

    def ground() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.goto("/years/")
    assert ground() == "rgb(21, 22, 31)"
    page.emulate_media(media="print")
    assert ground() == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    page.get_by_role("link", name="การแสดงผล").first.click()
    page.get_by_label("สว่าง").check()
    page.get_by_label("ใหญ่มาก").check()
    page.get_by_role("button", name="ใช้การแสดงผลนี้").click()
    expect(page).to_have_url(re.compile("/years/$"))
    assert ground() == "rgb(250, 247, 240)"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20.8px"


# Forced colours -----------------------------------------------------------------------------------

COVERED = """() => [...document.querySelectorAll('a[href], button, summary, select')].filter(each => {
    const seen = each.checkVisibility({contentVisibilityAuto: true});
    if (!seen || each.closest('.skip, .sr, details:not([open]) > :not(summary)')) return false;
    each.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = [...each.getClientRects()].find(box => box.width > 2 && box.height > 2);
    const top = box && document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box && !each.contains(top);
}).map(each => each.outerHTML.slice(0, 120))"""
# What is painted over another part, such as the plate behind a large numeral, is no element at the
# point: the part has to look the same if nothing else of the page is seen.
ALONE = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('main * { visibility: hidden } .crumbs, .crumbs * { visibility: visible }');
    document.adoptedStyleSheets = [sheet];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_covered_or_lost_where_colours_are_forced(
    scheme: str,
    everything: dict[str, User],
    choosing: Callable[..., Page],
    axe: Callable[..., None],
) -> None:
    page = choosing(color_scheme=scheme, forced_colors="active")
    for path in KINDS:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            if width == 1280:
                axe(page)
            assert page.evaluate(COVERED) == [], (path, width)
            page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            crumbs = page.locator(".crumbs")
            if crumbs.count():
                together = crumbs.screenshot()
                page.evaluate(ALONE)
                assert crumbs.screenshot() == together, (path, width)
    page.goto("/matrix/")
    # The inside of a symbol is not what it is drawn with, and a bar is not what it stands on.
    assert page.evaluate(
        """() => {
            const at = document.createElement('i');
            document.body.append(at);
            const of = name => { at.style.color = `var(${name})`; return getComputedStyle(at).color; };
            return [of('--sy-in') !== of('--ink'), of('--st-fill') !== of('--paper')];
        }"""
    ) == [True, True]
    tabs = page.evaluate(
        """() => [...document.querySelectorAll('.nav a')].map(
            each => [each.hasAttribute('aria-current'), getComputedStyle(each).borderBottomColor])"""
    )
    here = {colour for current, colour in tabs if current}
    assert here.isdisjoint(colour for current, colour in tabs if not current)


# The menu -----------------------------------------------------------------------------------------


def test_esc_closes_the_phones_menu_and_gives_the_focus_back(
    forum: Any, page_of: Callable[..., Page]
) -> None:
    page = page_of(viewport=PHONE)
    page.goto("/about/")
    menu = page.locator("details.menu")
    menu.locator("summary").click()
    menu.get_by_role("link").first.focus()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    expect(menu.locator("summary")).to_be_focused()
