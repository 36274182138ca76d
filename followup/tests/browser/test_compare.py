"""Two years are compared, and the years looked through: phone and desk, with and without script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.mark.parametrize(("width", "script"), [(360, False), (360, True), (1280, False)])
def test_from_the_years_to_what_moved_between_two_of_them(
    demo: dict[str, str], page_of: Callable[..., Page], width: int, script: bool
) -> None:
    page = page_of(java_script_enabled=script, viewport={"width": width, "height": 740})

    def fits() -> None:
        assert page.locator("html").evaluate("e => e.scrollWidth") <= width

    page.goto("/years/")
    # On a phone too all cells of a measure stand side by side, each wide enough for its word.
    cells = page.locator("table.yg tbody tr:has(td)").first.locator(".yg__c")
    boxes = [cell.bounding_box() for cell in cells.all()]
    assert len({round(box["y"]) for box in boxes if box}) == 1
    assert all(box and box["width"] >= 70 and box["height"] >= 40 for box in boxes)
    fits()
    page.get_by_role("link", name="เปรียบเทียบสองปี").click()
    page.get_by_label("ปีตั้งต้น").select_option("2568")
    page.get_by_label("เทียบกับ").select_option("2566")
    page.get_by_role("button", name="เปรียบเทียบ").click()
    expect(page).to_have_url(re.compile(r"/compare/\?from=2568&to=2566$"))
    expect(page.get_by_role("status")).to_contain_text("สลับ")
    page.locator(".kinds").get_by_role("link", name="ดีขึ้น").click()
    expect(page).to_have_url(re.compile("#k-up$"))
    expect(page.get_by_role("heading", name="ดีขึ้น 11 จาก 34")).to_be_in_viewport()
    fits()
    before, now = (page.locator(f"#m2565-1-2 .vs__{side}").bounding_box() for side in "ab")
    assert before
    assert now
    assert (now["y"] > before["y"]) == (width == 360), "one under the other on a phone only"
    page.get_by_role("link", name="กลับไปที่สรุป").first.click()
    page.get_by_text("ย้ายจากสถานะใดไปสถานะใด").click()
    expect(page.get_by_role("region", name="ตารางการย้ายสถานะ")).to_be_visible()
    fits()
