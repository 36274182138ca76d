"""The import wizard in a browser: questions, fixes, another sheet, a memory, and taking it all back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from followup.models import RememberedMapping, Round, StatusReport, User
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
    return saved(tmp_path / "ผลการดำเนินงาน.xlsx", {"สรุป": ROWS})


def saved(path: Path, sheets: dict[str, list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())
    return path


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
    expect(page.get_by_text("ค่าที่พิมพ์แทน 1 จุด")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="ทุกรายการที่จะเขียน (3)").click()
    expect(page.get_by_text("จัดประชุม 2 ครั้ง")).to_be_visible()
    axe(page)
    press(page, "ไปขั้นยืนยัน")
    expect(page.get_by_text("นำเข้า 3 รายการเป็นฉบับร่าง")).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    for link in ("กลับไปตรวจ",):  # back and forth
        follow(page, link)
        fits(page)
    press(page, "ไปขั้นยืนยัน")
    fits(page)
    press(page, "ยืนยันนำเข้า")

    expect(page.get_by_role("heading", name="นำเข้าแล้ว 3 รายการ")).to_be_visible()
    fits(page)
    axe(page)
    assert StatusReport.objects.exclude(version=0).count() == 3
    follow(page, "ย้อนการนำเข้านี้")
    expect(page.get_by_text("กรมการปกครองง")).to_be_visible()  # the alias that goes
    fits(page)
    axe(page)
    press(page, "ย้อนการนำเข้า")
    expect(page.get_by_role("heading", name="ย้อนการนำเข้านี้แล้ว")).to_be_visible()
    assert not StatusReport.objects.exclude(reported_status="").exists()


def test_another_sheet_a_walk_back_and_a_memory_that_is_forgotten(
    open_round: Round,
    people: dict[str, User],
    page_of: Callable[..., Page],
    tmp_path: Path,
    settings: Any,
    axe: Callable[[Page], None],
) -> None:
    settings.IMPORT_FOLDER = tmp_path / "imports"
    head = ["รหัสมาตรการย่อย", "หน่วยงาน", "สถานะ", "งานที่ทำ"]
    path = saved(
        tmp_path / "สองชีต.xlsx",
        {
            "ก": [head, ["3.9", "กสจ.", "ชะลอ", "อนุมัติ"], ["1.1", "กสป.", "ชะลอ", "อบรม"]],
            "ข": [["ลำดับ", *head], [1, "3.8", "กสจ.", "ชะลอ", "อนุมัติ"]],
        },
    )

    def upload(page: Page) -> None:
        follow(page, "นำเข้าสเปรดชีต")
        page.get_by_label("เลือกไฟล์").set_input_files(path)
        press(page, "อ่านไฟล์")

    page = page_of()
    log_in(page, "administrator")
    upload(page)
    expect(page.get_by_role("checkbox", name="ข 2 แถว")).not_to_be_checked()
    axe(page)
    press(page, "ไปขั้นจับคู่คอลัมน์")
    page.get_by_label("ข้อมูลในระบบของคอลัมน์ งานที่ทำ").select_option("result")
    page.get_by_label("จำการจับคู่นี้").check()
    press(page, "ตรวจข้อมูล")
    page.get_by_label("พิมพ์ค่าที่ถูกต้อง แถว 2").fill("3.1")
    press(page, "บันทึกคำตอบแล้วตรวจใหม่")
    expect(page.get_by_text("พร้อมเขียน 2 รายการ")).to_be_visible()

    follow(page, "เลือกชีตและแถวหัวตาราง")  # back to the sheets, and to the other one
    page.get_by_role("checkbox", name="ก 3 แถว").uncheck()
    page.get_by_role("checkbox", name="ข 2 แถว").check()
    press(page, "ไปขั้นจับคู่คอลัมน์")
    page.get_by_label("ข้อมูลในระบบของคอลัมน์ งานที่ทำ").select_option("result")
    press(page, "ตรวจข้อมูล")
    expect(page.get_by_text("ไม่พบมาตรการย่อย “3.8”")).to_be_visible()  # no fix of the first sheet
    expect(page.get_by_text("ไม่ได้ใช้ (เป็นของชีตหรือแถวหัวตารางอื่น)").first).to_be_visible()
    axe(page)

    follow(page, "เลือกชีตและแถวหัวตาราง")
    page.get_by_role("checkbox", name="ก 3 แถว").check()
    page.get_by_role("checkbox", name="ข 2 แถว").uncheck()
    press(page, "ไปขั้นจับคู่คอลัมน์")
    press(page, "ตรวจข้อมูล")
    expect(page.get_by_text("พร้อมเขียน 2 รายการ")).to_be_visible()  # the fix is there again
    press(page, "ไปขั้นยืนยัน")
    press(page, "ยืนยันนำเข้า")
    assert RememberedMapping.objects.exists()

    upload(page)
    press(page, "ไปขั้นจับคู่คอลัมน์")
    expect(page.get_by_text("ใช้การจับคู่ที่จำไว้")).to_be_visible()
    axe(page)
    press(page, "ลืมการจับคู่นี้")
    expect(page.get_by_text("ลืมการจับคู่ที่จำไว้แล้ว")).to_be_visible()
    expect(page.get_by_label("ข้อมูลในระบบของคอลัมน์ งานที่ทำ")).to_have_value("")
