"""Citing, receipts and paper in a browser: at both widths, with and without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.slow
WIDTHS = (1280, 360)
CITED = "/resolutions/2565/3/?year=2568#m2565-3-1"


def test_a_link_is_copied_and_said_and_without_a_script_it_can_be_selected(
    demo: dict[str, str], context_of: Callable[..., BrowserContext]
) -> None:
    for width in WIDTHS:
        view = {"width": width, "height": 800}
        context = context_of(viewport=view, permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto("/resolutions/2565/3/")
        part = page.locator("#m2565-3-1 .cite")
        expect(part.get_by_role("button")).to_have_count(0)
        part.locator("summary").click()
        copy = part.get_by_role("button", name="คัดลอก", exact=True)
        expect(copy).to_have_count(2)
        copy.first.click()
        expect(part.get_by_role("status").first).to_have_text("คัดลอกแล้ว")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.endswith(CITED)
        copy.last.click()
        expect(part.get_by_role("status").last).to_have_text("คัดลอกแล้ว")
        citation = page.evaluate("navigator.clipboard.readText()")
        assert citation.startswith("คสป. (2568) ผลการดำเนินงาน มาตรการย่อย 2565-3.1")
        assert citation.endswith(CITED)
        # Closing and opening again makes no further buttons.
        part.locator("summary").click()
        part.locator("summary").click()
        expect(copy).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

        plain = context_of(viewport=view, java_script_enabled=False).new_page()
        plain.goto("/resolutions/2565/3/")
        part = plain.locator("#m2565-3-1 .cite")
        part.locator("summary").click()
        expect(part.locator("[data-copy]").first).to_be_visible()
        expect(part.locator("[data-copy]").first).to_contain_text(CITED)
        expect(part.get_by_role("button")).to_have_count(0)
        part.locator("xpath=..").get_by_role("link", name="ใบรับรองตัวเลข มาตรการย่อย 3.1").click()
        expect(plain.locator("h1")).to_have_text("ตัวเลขนี้มาจากไหน")
        for each in plain.locator("details.more summary").all():
            each.click()
        expect(plain.locator(".rrows")).to_have_count(2)


@pytest.mark.browser_allows(r"the server responded with a status of 404")
def test_a_receipt_fits_a_phone_with_everything_open(
    demo: dict[str, str], page_of: Callable[..., Page]
) -> None:
    for width in (*WIDTHS, 320):
        page = page_of(viewport={"width": width, "height": 800})
        for figure in ("achieved", "status-2565-3.1", "agencies_silent", "nothing"):
            page.goto(f"/receipt/2568-1/{figure}/")
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, figure)


def test_paper_says_address_edition_and_day_and_has_no_page_for_each_measure(
    demo: dict[str, str], page_of: Callable[..., Page], tmp_path: Path
) -> None:
    page = page_of()
    for path, most in {
        "/resolutions/2565/3/": 11,
        "/resolutions/2565/3/1/": 2,
        "/agencies/CODI/": 8,
        "/years/2568/": 6,
        "/": 6,
        "/reports/2568/": 2,
    }.items():
        page.goto(path)
        pdf = tmp_path / "page.pdf"
        page.pdf(path=pdf, prefer_css_page_size=True)
        with pypdfium2.PdfDocument(pdf) as document:
            texts = [each.get_textpage().get_text_range() for each in document]
            assert len(texts) <= most, path
            assert path in texts[0], path
            assert "2568" in texts[0]
            assert all(len(each.strip()) > 60 for each in texts), path
    day = page.locator("[data-printed]")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(day).to_be_visible()
    year = page.evaluate("new Date().getFullYear()")
    said = day.text_content() or ""
    assert said.startswith("พิมพ์เมื่อ ")
    assert int(said.split()[-1]) > year + 500  # in the Buddhist era
    # The addresses of evidence stand behind its links, and behind no others.
    page.goto("/resolutions/2565/3/")
    after = "e => getComputedStyle(e, '::after').content"
    assert "https://" in page.locator(".files a").first.evaluate(after)
    assert page.locator(".who a").first.evaluate(after) == "none"
    expect(page.locator(".foot")).to_be_hidden()
    expect(page.locator(".acts").first).to_be_hidden()
