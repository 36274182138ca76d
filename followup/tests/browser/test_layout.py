"""No title, name or status makes a page wider than its screen, whatever the browser's font size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from followup.models import Agency, Evidence, FocalPoint, Letter, SpreadsheetImport, User
from followup.tests.browser.pages import Sample, public_pages, staff_pages
from followup.tests.factories import republish
from proposals.models import Forum, Measure, Resolution

pytestmark = [
    pytest.mark.browser_allows(r"the server responded with a status of (403|404|409|422)"),
    pytest.mark.once,
]

#: Pixels of the browser's default font, as it is and 130 % of it -> the widths of the screen.
#: With the larger font the breakpoints are at 1008 and 1344 px: these are the widest and the narrowest
#: screens of each layout.
SCREENS = {16: (320, 360, 768, 1024, 1200, 1280), 21: (320, 1024, 1280)}
#: 120 characters without a space, of which no dictionary knows a word.
NAME = "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ" * 2 + "W" * 32

# What is wider than the screen, the innermost elements only, for the message of a failure.
TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll("body *")].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width && box.right > room + 1 && !each.closest(".sr, .sprite, svg svg");
    });
    const inner = wide.filter((each) => !wide.some((other) => other !== each && each.contains(other)));
    return [document.documentElement.scrollWidth, ...inner.slice(0, 4).map((each) =>
        `${each.parentElement.tagName}.${each.parentElement.className} > ` +
        `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 30)}`)];
}"""


@pytest.fixture
def long_names(everything: dict[str, User], second_forum: Forum) -> dict[str, User]:
    """A portal in use with two forums, in which nothing has a short name."""
    assert len(NAME) == 120
    Resolution.objects.update(title_th=NAME, title_phrases="", theme_th=NAME[-100:])
    Measure.objects.update(title_th=NAME, suggested_evidence_th=NAME)
    Forum.objects.update(short_name_th=NAME, name_th=NAME, theme_th=NAME)
    for agency in Agency.objects.all():
        agency.name_th, agency.abbr_th, agency.name_en = NAME, NAME[-40:], NAME
        agency.save()
    Evidence.objects.update(title=NAME)
    Evidence.objects.exclude(file="").update(file_name=f"{NAME}.pdf")
    FocalPoint.objects.update(name=NAME, position=NAME)
    Letter.objects.update(number=NAME[-60:])
    User.objects.update(display_name=NAME)
    SpreadsheetImport.objects.update(file_name=f"{NAME}.xlsx")
    republish()
    return {name: User.objects.get(username=name) for name in everything}


def fits(page: Page, where: str) -> list[str]:
    """Where the page is too wide, at each width and font, loaded once."""
    devtools = page.context.new_cdp_session(page)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = []
    for font, widths in SCREENS.items():
        devtools.send("Page.setFontSizes", {"fontSizes": {"standard": font}})
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            if wide := page.evaluate(TOO_WIDE):
                found.append(f"{where} at {width} px, font {font}: {wide}")
    devtools.detach()
    return found


def one_of_each(samples: list[Sample]) -> list[Sample]:
    """The first sample of each address, and every answer to a refused form."""
    first: dict[str, Sample] = {}
    for sample in samples:
        first.setdefault(sample.name or str(sample), sample)
    return [sample for sample in first.values() if not sample.is_alike]


def test_every_page_fits_its_screen(
    long_names: dict[str, User], page_of: Callable[..., Page], visit: Callable[[Page, Sample], Any]
) -> None:
    pages: dict[str, Page] = {}
    wide = []
    for sample in one_of_each(public_pages() + staff_pages()):
        if sample.who not in pages:
            pages[sample.who] = page_of(long_names.get(sample.who))
        visit(pages[sample.who], sample)
        wide += fits(pages[sample.who], str(sample))
    assert wide == []


# The height of each term in lines, where it has room for one: it is no longer than its block.
BROKEN_TERMS = """() => [...document.querySelectorAll("main p .nb, main li .nb, main h2 .nb")].filter(
    (each) => {
        const style = getComputedStyle(each);
        const room = each.parentElement.closest("p, li, h2").clientWidth;
        const before = each.getBoundingClientRect();
        each.style.whiteSpace = "nowrap";
        each.style.maxWidth = "none";
        const width = each.getBoundingClientRect().width;
        each.style.whiteSpace = each.style.maxWidth = "";
        return width < room && before.height > 1.6 * parseFloat(style.lineHeight);
    }).map((each) => each.textContent)"""


def test_a_term_breaks_only_where_its_line_is_too_short(
    demo: dict[str, str], page_of: Callable[..., Page]
) -> None:
    page = page_of(viewport={"width": 360, "height": 740})
    for path, word in (("/about/", "ต้นฉบับ"), ("/reports/2568/", "ดำเนินงาน")):
        page.goto(path)
        assert page.locator("main .nb", has_text=word).count(), "it is kept together"
        assert page.evaluate(BROKEN_TERMS) == []
    term = page.locator("main p .nb").first
    before = term.bounding_box()
    term.evaluate("each => { each.parentElement.style.width = '1.5rem'; }")
    after = term.bounding_box()
    assert before
    assert after
    assert after["height"] > 1.5 * before["height"], "a term yields"
