"""The map of the provinces and the ledger of silence, on a phone and a desk, with script and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.once]

WIDTHS = pytest.mark.parametrize("width", [360, 1280])
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@WIDTHS
@SCRIPT
def test_from_the_menu_to_a_province(
    demo: dict[str, str],
    page_of: Callable[..., Page],
    axe: Callable[..., None],
    width: int,
    script: bool,
) -> None:
    page = page_of(java_script_enabled=script, viewport={"width": width, "height": 800})
    page.goto("/")
    menu = page.locator(".menu") if width == 360 else page.locator("nav.nav")
    if width == 360:
        page.locator("summary", has_text="เมนู").click()
    menu.get_by_role("link", name="พื้นที่").click()
    expect(page.get_by_role("img", name="แผนที่ 77 จังหวัด")).to_be_visible()
    page.get_by_role("link", name="ชื่อจังหวัด").click()
    first = page.locator("table.ptab tbody tr").first
    expect(first.get_by_role("rowheader")).to_have_text("กาฬสินธุ์")
    page.get_by_label("ปีงบประมาณ", exact=True).select_option("2567")
    page.get_by_role("button", name="แสดง").click()
    page.get_by_role("rowheader", name="ขอนแก่น").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ขอนแก่น")
    expect(page.get_by_text("รายงาน 4 จาก 64 ฉบับ")).to_be_visible()
    assert "year=2567" in page.url
    assert page.locator("mark").count()
    if script:
        assert not is_too_wide(page)
        axe(page)
        page.go_back()
        assert not is_too_wide(page)
        axe(page)


@WIDTHS
@SCRIPT
def test_the_ledger_is_reached_from_a_silent_agency(
    demo: dict[str, str],
    page_of: Callable[..., Page],
    axe: Callable[..., None],
    width: int,
    script: bool,
) -> None:
    page = page_of(java_script_enabled=script, viewport={"width": width, "height": 800})
    page.goto("/agencies/MFA/")
    page.get_by_role("link", name="ดูหนังสือที่ส่งถึงหน่วยงานนี้และคำตอบ").click()
    expect(page.get_by_role("listitem").filter(has_text="3 รอบติดต่อกัน")).to_be_visible()
    page.get_by_role("link", name="ดูทุกหน่วยงาน").click()
    expect(page.locator("li.led")).to_have_count(3)
    expect(page.get_by_text("ไม่มีรายงานไม่ได้แปลว่าไม่ได้ทำ")).to_be_visible()
    if script:
        assert not is_too_wide(page)
        axe(page)
