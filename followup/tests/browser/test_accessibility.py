"""Every page at both widths: no finding of axe, no horizontal overflow, readable text."""

import re
from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Page, expect

from followup.models import User
from followup.tests.browser.pages import (
    YEARLY,
    Sample,
    admin_pages,
    pages_of_forums,
    public_pages,
    staff_pages,
)
from proposals.models import Forum

Findings = dict[str, list[str]]
Inspect = Callable[..., Findings]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

# What Django's own parts of the admin lack: the inputs of a tabular inline are named by their column
# alone, the choice of an autocomplete field by its empty text, the search box by an icon.
DJANGOS_OWN = (
    "aria-input-field-name",
    "empty-table-header",
    "label",
    "label-title-only",
    "select-name",
)
BROKEN_RULE = re.compile(r"^([a-z-]+) \((?:minor|moderate|serious|critical)\): ", re.M)

# Chromium reports pages that answer a refused form or a wrong address as errors.
pytestmark = pytest.mark.browser_allows(r"the server responded with a status of (403|404|409|422)")


@pytest.fixture
def inspect(
    page_of: Callable[..., Page],
    visit: Callable[[Page, Sample], None],
    axe: Callable[..., None],
    people: dict[str, User],
) -> Inspect:
    """Return a function that checks pages at both widths: rule -> findings.

    axe reads them unfolded, where it sees everything; folded they may not be too wide either. Pages for
    the desk are read at its width alone (`at_desk`), and only measured on a phone.
    """

    def inspect_all(samples: list[Sample], *, at_desk: bool = False) -> Findings:
        findings: Findings = {}

        def look(page: Page, where: str, **options: Any) -> None:
            try:
                axe(page, **options)
            except pytest.fail.Exception as failure:
                for rule in BROKEN_RULE.findall(failure.msg or ""):
                    findings.setdefault(rule, []).append(f"{where}: {failure.msg}")
            fits(page, where)

        def fits(page: Page, where: str) -> None:
            width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            if width > room:
                findings.setdefault("width", []).append(f"{where}: {width} px wide")

        pages: dict[str, Page] = {}
        for sample in samples:
            if sample.who not in pages:
                pages[sample.who] = page_of(people.get(sample.who))
            page = pages[sample.who]
            page.set_viewport_size(WIDE)
            visit(page, sample)
            fits(page, f"{sample} at 1280 px")
            unfold(page)
            # Colours are the same at both widths, and the costliest rule: one width asks for them.
            twice = [] if at_desk else ["color-contrast"]
            look(page, f"{sample} at 1280 px, unfolded", without=twice)
            page.set_viewport_size(PHONE)
            unfold(page)
            if at_desk:
                fits(page, f"{sample} at 360 px, unfolded")
            else:
                look(page, f"{sample} at 360 px, unfolded")
        return findings

    return inspect_all


def check(findings: Findings, *, known: Collection[str] = ()) -> None:
    """Fail with all findings, and also if a known flaw has disappeared."""
    new = [text for rule, texts in findings.items() if rule not in known for text in texts]
    if new:
        pytest.fail("\n".join(dict.fromkeys(new)), pytrace=False)
    assert set(known) <= set(findings), "mended: take it off the list"


def unfold(page: Page) -> None:
    """Open all `<details>`, including the phone's menu, if the main part has a folded one."""
    if page.locator("main details:not([open]) > summary:visible").count():
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


def telling(samples: list[Sample]) -> list[Sample]:
    return [sample for sample in samples if not sample.is_alike]


def test_public_pages(everything: dict[str, User], inspect: Inspect) -> None:
    check(inspect(telling(public_pages())))


def test_public_pages_before_any_round_is_published(forum: Forum, inspect: Inspect) -> None:
    yearly = [sample for sample in telling(public_pages()) if sample.name in YEARLY]
    first_of_name = {sample.name: sample for sample in reversed(yearly)}
    check(inspect(list(first_of_name.values())))


def test_pages_of_two_forums(two_forums: tuple[Forum, Forum], inspect: Inspect) -> None:
    check(inspect(pages_of_forums()))


def test_staff_pages(everything: dict[str, User], inspect: Inspect) -> None:
    check(inspect(telling(staff_pages())))


def test_staff_pages_before_the_first_round(forum: Forum, inspect: Inspect) -> None:
    names = {"staff-queue", "staff-review", "staff-rounds"}
    check(inspect([sample for sample in telling(staff_pages()) if sample.name in names]))


# axe copies a style sheet that imports another, as the admin's forms.css does. What a page itself
# does against the policy is reported with an address, and not allowed.
@pytest.mark.browser_allows(r"Applying inline style violates .* \[\]$")
def test_admin(
    everything: dict[str, User], inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model_admin in admin.site._registry.values():
        monkeypatch.setattr(model_admin, "list_per_page", 10)
    check(inspect(admin_pages(), at_desk=True), known=DJANGOS_OWN)


# What axe does not look at ----------------------------------------------------------------------

LINES = """() => [document.body, ...document.querySelectorAll("main p:not([class])")].map(each => {
    const style = getComputedStyle(each);
    return [parseFloat(style.lineHeight) / parseFloat(style.fontSize), each.textContent.slice(0, 40)];
})"""


def test_running_text_has_room_between_its_lines(
    everything: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(everything["staff"])
    for path in "/", "/resolutions/2565/3/", "/about/", "/privacy/", "/staff/":
        page.goto(path)
        tight = [(ratio, text) for ratio, text in page.evaluate(LINES) if ratio < 1.699]
        assert not tight, path


def test_text_is_set_in_the_looped_font_that_the_portal_serves(
    forum: Forum, page_of: Callable[..., Page]
) -> None:
    page = page_of()
    page.goto("/")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('1em \"Noto Sans Thai Looped Variable\"', 'กA1')")
    # What Chromium has really drawn with, which `check` does not tell.
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    for selector in "h1", ".brand__name", ".prop__no", "main p", ".foot a":
        found = devtools.send("DOM.querySelector", {"nodeId": root, "selector": selector})
        fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": found["nodeId"]})["fonts"]
        drawn = {(font["familyName"], font["isCustomFont"]) for font in fonts}
        assert drawn == {("Noto Sans Thai Looped", True)}, selector


@pytest.mark.parametrize("path", ["/", "/resolutions/2565/3/"])
def test_pages_print_without_what_is_only_for_the_screen(
    path: str, everything: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of()
    page.goto(path)
    expect(page.get_by_role("navigation", name="เมนูหลัก")).to_be_visible()
    page.emulate_media(media="print")
    for selector in ".nav", ".menu", ".skip", "form", ".foot nav":
        assert page.locator(selector).count(), selector
        assert not page.locator(f"{selector}:visible").count(), selector
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # A folded part opens on paper.
    inside = page.locator("main details:not([open], .cite) > :not(summary)").first
    expect(inside).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) > 0
