"""Everything works without JavaScript, on a phone as well."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from followup.models import ReportState, Round, StatusReport, User
from followup.tests.factories import PASSWORD, find_report


@pytest.mark.browser_allows(r"the server responded with a status of 422")
def test_a_report_is_drafted_refused_and_submitted(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(java_script_enabled=False)
    report = find_report(open_round, "1.2")
    page.goto(f"/staff/reports/{report.pk}/")
    expect(page.get_by_text("หน้านี้สำหรับเจ้าหน้าที่")).to_be_visible()
    page.get_by_label("ชื่อผู้ใช้").fill("staff")
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ").click()

    page.get_by_label("ข้อเสนอแนะ/แผนระยะต่อไป").fill("เสนอคณะทำงาน")
    page.get_by_role("button", name="บันทึกร่าง").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกร่างแล้ว")

    page.get_by_role("radio", name="ชะลอ / ติดปัญหา").check()
    page.get_by_role("button", name="ส่งตรวจ").click()
    page.get_by_role("alert").get_by_role("link", name="ระบุปัญหา/อุปสรรคที่ทำให้ชะลอ").click()
    obstacles = page.get_by_label("ปัญหา/อุปสรรค")
    expect(obstacles).to_be_focused()
    expect(page.get_by_label("ข้อเสนอแนะ/แผนระยะต่อไป")).to_have_value("เสนอคณะทำงาน")
    obstacles.fill("รอระเบียบใหม่")
    page.get_by_role("button", name="ส่งตรวจ").click()
    expect(page.get_by_role("status")).to_contain_text("ส่งตรวจ")
    assert StatusReport.objects.get(pk=report.pk).state == ReportState.SUBMITTED


def test_the_menu_and_the_year_picker_work_on_a_phone(
    demo: dict[str, str], page_of: Callable[..., Page]
) -> None:
    page = page_of(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/")
    item = page.locator(".menu").get_by_role("link", name="ข้อเสนอ 8 ข้อ")
    expect(item).to_be_hidden()
    page.locator("summary", has_text="เมนู").click()
    expect(item).to_be_visible()
    item.click()
    expect(page).to_have_url(re.compile(r"/resolutions/$"))

    page.get_by_label("ปีงบประมาณ").select_option("2567")
    page.get_by_role("button", name="แสดง").click()
    expect(page).to_have_url(re.compile(r"/resolutions/\?year=2567$"))
    expect(page.get_by_text("สถานะปีงบประมาณ 2567")).to_be_visible()
    page.get_by_role("link", name="งบประมาณ กองทุน และการระดมทุนสาธารณะ").click()
    expect(page.get_by_role("main")).to_contain_text("ข้อมูลถึงวันที่ 30 กันยายน 2567")
