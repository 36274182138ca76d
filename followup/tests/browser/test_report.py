"""Fetching a long annual report: a page that waits, and then the file."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from followup.annual_report import printing
from followup.models import User
from followup.tests.queued import queued, work_off


@pytest.fixture
def printer(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[], None]]:
    """Every report is long; call it to do what was started in another process."""
    monkeypatch.setattr(printing, "INLINE", 0)

    yield lambda: print(work_off())
    assert queued() == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_waits_and_gets_the_file(
    javascript: bool,
    everything: dict[str, User],
    context_of: Callable[..., BrowserContext],
    printer: Callable[[], None],
    axe: Callable[[Page], None],
) -> None:
    page = context_of(java_script_enabled=javascript, accept_downloads=True).new_page()
    page.goto("/reports/2567/")
    page.get_by_role("link", name="ดาวน์โหลด DOCX").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("กำลังจัดทำไฟล์ DOCX")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("รายงานยาวขนาดนี้ใช้เวลาราว 4 วินาที")).to_be_visible()
    if javascript:
        axe(page)
    with page.expect_download() as download:
        printer()
    assert download.value.suggested_filename == "csos-forum-report-2567-1.docx"
    expect(page.get_by_role("heading", level=1)).to_have_text("ไฟล์พร้อมแล้ว")
    expect(page.get_by_role("link", name="ดาวน์โหลด DOCX")).to_have_attribute(
        "href", "/reports/2567.docx"
    )
    if javascript:
        expect(page.get_by_role("status")).to_have_text("ไฟล์พร้อมแล้ว")
        axe(page)


@pytest.mark.browser_allows(r"the server responded with a status of 503")
def test_a_failure_ends_the_wait_where_one_stands(
    everything: dict[str, User],
    page_of: Callable[..., Page],
    printer: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: Any) -> bytes:
        raise RuntimeError("full disk")

    monkeypatch.setattr(printing, "WRITERS", {"pdf": broken, "docx": broken})
    page = page_of(everything["staff"])
    page.goto("/staff/rounds/2569/report/")
    page.get_by_role("link", name="ฉบับร่าง PDF").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("กำลังจัดทำไฟล์ PDF")
    printer()
    expect(page.get_by_role("heading", level=1)).to_have_text("สร้างไฟล์ไม่สำเร็จ")
    expect(page.get_by_role("alert")).to_contain_text("บันทึกเหตุการณ์แล้ว ลองใหม่ภายหลัง")
    page.get_by_role("link", name="กลับไปหน้ารายงาน").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("รายงานประจำปีงบประมาณ 2569")
