"""Keyboard only: a skip link, a visible focus, a sensible order, no focus outside the view."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from followup.models import Round, User
from followup.tests.factories import find_report

# What has the focus: its name, whether one can see it, and whether its outline shows. A radio button
# leaves the outline to the box around it.
FOCUS = """() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return null;
    const ring = getComputedStyle(focused.closest(".radio") || focused);
    const boxes = [...focused.getClientRects()].filter(box => box.width > 1 && box.height > 1);
    const seen = boxes.some(box => {
        const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return hit && (focused.contains(hit) || hit.contains(focused));
    });
    const text = focused.name || focused.innerText || focused.getAttribute("aria-label") || "";
    return {
        what: `${focused.tagName.toLowerCase()} ${text.trim().split("\\n")[0].slice(0, 40)}`,
        seen: seen && focused.checkVisibility({opacityProperty: true, visibilityProperty: true}),
        ring: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2,
        main: Boolean(focused.closest("main")),
    };
}"""


def tab_through(page: Page, limit: int = 250) -> list[dict[str, Any]]:
    """Every stop of the Tab key, from the top of the page until the browser's own frame."""
    stops = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"more than {limit} stops")


def check_stops(stops: list[dict[str, Any]]) -> None:
    assert stops
    assert not [stop["what"] for stop in stops if not stop["seen"]], "focused out of sight"
    assert not [stop["what"] for stop in stops if not stop["ring"]], "no outline"


def test_the_skip_link_comes_first_and_leads_past_the_menu(
    everything: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(everything["staff"])
    for path in "/", "/resolutions/2565/1/", "/staff/":
        page.goto(path)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="ข้ามไปยังเนื้อหาหลัก")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)["main"], path


def test_the_focus_is_always_seen(
    everything: dict[str, User], open_report: str, page_of: Callable[..., Page]
) -> None:
    for path, size in (
        ("/", (1280, 900)),
        ("/resolutions/2565/3/", (1280, 900)),
        ("/matrix/", (1280, 900)),
        ("/agencies/", (360, 740)),
        ("/staff/rounds/", (360, 740)),
        (open_report, (1280, 900)),
        (open_report, (360, 740)),
    ):
        # Without the smooth scrolling, which would still be on its way.
        page = page_of(everything["staff"], reduced_motion="reduce")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(path)
        check_stops(tab_through(page))
        page.close()


def test_the_form_of_a_report_is_filled_in_from_top_to_bottom(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    report = find_report(open_round, "1.2")
    page = page_of(people["staff"])
    page.goto(f"/staff/reports/{report.pk}/")
    assert [stop["what"] for stop in tab_through(page) if stop["main"]] == [
        "a งานของฉัน",
        "a ข้อเสนอที่ 1",
        "input reported_status",
        "select told_in",
        "textarea results",
        "textarea obstacles",
        "textarea next_steps",
        "input budget_received",
        "input budget_spent",
        "input beneficiaries",
        "input meeting_ref",
        "input evidence-0-title",
        "input evidence-0-url",
        "input evidence-0-upload",
        "input evidence-0-issuer",
        "select evidence-0-kind",
        "input evidence-0-dated_on",
        "input evidence-0-is_public",
        "input evidence-1-title",
        "input evidence-1-url",
        "input evidence-1-upload",
        "input evidence-1-issuer",
        "select evidence-1-kind",
        "input evidence-1-dated_on",
        "input evidence-1-is_public",
        "summary คำตอบของหน่วยงาน ใช้อยู่: ยังไม่ตอบ",
        "summary กำหนดแล้วเสร็จ ใช้อยู่: ยังไม่ได้แจ้งกำห",
        "summary ตัวชี้วัด ใช้อยู่: ยังไม่มีตัวชี้วัด",
        "summary รหัสโครงการ",
        "summary จังหวัดที่ดำเนินการ (เว้นว่างถ้าเป็นระดั",
        "input no_change",
        "button do",
        "button do",
    ]


def test_a_status_is_chosen_with_the_arrow_keys(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(people["staff"])
    page.goto(f"/staff/reports/{find_report(open_round, '1.2').pk}/")
    radios = page.get_by_role("radio")
    radios.first.focus()
    page.keyboard.press("ArrowDown")
    expect(radios.nth(1)).to_be_checked()
    expect(radios.nth(1)).to_be_focused()


def test_the_menu_of_a_phone_opens_by_keyboard(forum: Any, page_of: Callable[..., Page]) -> None:
    page = page_of(viewport={"width": 360, "height": 740})
    page.goto("/")
    item = page.locator(".menu").get_by_role("link", name="ข้อเสนอ 8 ข้อ")
    expect(item).to_be_hidden()
    for _ in range(3):  # the skip link, the name of the site, the menu
        page.keyboard.press("Tab")
    expect(page.locator("summary", has_text="เมนู")).to_be_focused()
    page.keyboard.press("Enter")
    expect(item).to_be_visible()
    for _ in range(4):  # the search and its button, the overview, the proposals
        page.keyboard.press("Tab")
    expect(item).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/resolutions/")
