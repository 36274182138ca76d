"""The import wizard in a browser: a messy file, its questions, the import, and taking it back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from followup.models import Round, StatusReport, User
from followup.tests.browser.test_year import follow, log_in, press

HEADINGS = ["ลำดับ", "รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ", "สถานะ", "ผลการดำเนินงาน", "ปัญหา/อุปสรรค"]
ROWS = [
    ["แบบรายงานผลการดําเนินงาน ประจําปีงบประมาณ พ.ศ. 2569"],
    HEADINGS,
    [1, "3.1", "กสจ.", "กำลังดำเนินการ", "อนุมัติ 12 โครงการ", None],
    [2, "3.2", "กรมการปกครองง", "ดำเนินการแล้ว", "จัดประชุม 2 ครั้ง", None],
    [3, "3.7", "กสป.", "ชะลอ", None, "รอแนวทาง"],
    ["รวม", None, None, None, None, None],
]


@pytest.fixture
def messy(tmp_path: Path, settings: Any) -> Path:
    settings.IMPORT_FOLDER = tmp_path / "imports"
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    path = tmp_path / "ผลการดำเนินงาน.xlsx"
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())
    return path


def test_a_messy_file_from_upload_to_stored_and_back(
    open_round: Round,
    people: dict[str, User],
    page_of: Callable[..., Page],
    messy: Path,
    axe: Callable[[Page], None],
) -> None:
    page = page_of()
    log_in(page, "administrator")
    follow(page, "นำเข้าสเปรดชีต")
    axe(page)
    page.get_by_label("เลือกไฟล์").set_input_files(messy)
    press(page, "อ่านไฟล์")

    expect(page.get_by_text("หัวตารางแถวที่ 2")).to_be_visible()
    axe(page)
    press(page, "ไปขั้นจับคู่คอลัมน์")
    expect(page.get_by_label("ข้อมูลในระบบของคอลัมน์ สถานะ")).to_have_value("status")
    axe(page)
    press(page, "ตรวจข้อมูล")

    expect(page.get_by_role("heading", name="ตรวจและแก้ไข")).to_be_visible()
    axe(page)
    page.get_by_role("radio", name="กรมการปกครอง (ปค.)").check()
    page.get_by_role("radio", name="เริ่มแล้ว").check()
    page.get_by_label("พิมพ์ค่าที่ถูกต้อง แถว 5").fill("3.6")
    press(page, "บันทึกคำตอบแล้วตรวจใหม่")

    expect(page.get_by_text("พร้อมเขียน 3 รายการ")).to_be_visible()
    page.get_by_role("link", name="ทุกรายการที่จะเขียน (3)").click()
    expect(page.get_by_text("จัดประชุม 2 ครั้ง")).to_be_visible()
    axe(page)
    follow(page, "ไปขั้นยืนยัน")
    expect(page.get_by_text("นำเข้า 3 รายการเป็นฉบับร่าง")).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    for link in ("กลับไปตรวจ",):  # back and forth
        follow(page, link)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    follow(page, "ไปขั้นยืนยัน")
    press(page, "ยืนยันนำเข้า")

    expect(page.get_by_role("heading", name="นำเข้าแล้ว 3 รายการ")).to_be_visible()
    axe(page)
    assert StatusReport.objects.exclude(version=0).count() == 3
    press(page, "ย้อนการนำเข้านี้")
    expect(page.get_by_text("ย้อนการนำเข้าแล้ว 3 รายการกลับเป็นอย่างเดิม")).to_be_visible()
    assert not StatusReport.objects.exclude(reported_status="").exists()
