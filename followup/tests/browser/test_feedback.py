"""A visitor tells something, is asked for what lacks, and reads the secretariat's answer."""

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from followup.models import Feedback, User
from followup.tests.browser.clicks import leave_by
from followup.tests.files import PDF
from followup.tests.visitors import TEXT

pytestmark = pytest.mark.slow


@pytest.mark.browser_allows(r"the server responded with a status of 422")
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("script", [True, False])
def test_from_the_measure_to_the_answer(
    three_reports: object,
    people: dict[str, User],
    page_of: Callable[..., Page],
    axe: Callable[[Page], None],
    width: int,
    script: bool,
) -> None:
    cache.clear()
    page = page_of(java_script_enabled=script, viewport={"width": width, "height": 800})
    page.goto("/resolutions/2565/1/")
    page.get_by_role("link", name=re.compile(r"^แจ้งข้อมูลเพิ่มเติม .*1\.2$")).click()
    expect(page.get_by_role("main")).to_contain_text("1.2")
    assert page.locator(".trap").bounding_box()["x"] < 0, "off screen"
    page.get_by_role("button", name="ส่งให้ฝ่ายเลขานุการ").click()
    page.get_by_role("alert").get_by_role("link", name="ระบุรายละเอียดอย่างน้อย 20 อักขระ").click()
    text = page.get_by_label("รายละเอียด")
    expect(text).to_be_focused()
    if script:
        axe(page)
    page.get_by_role("radio", name="ขอแก้ไข").check()
    text.fill(TEXT)
    page.get_by_label("ไฟล์หลักฐาน").set_input_files(
        {"name": "หลักฐาน.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_label("ให้เผยแพร่เรื่องและคำตอบได้").check()
    leave_by(page.get_by_role("button", name="ส่งให้ฝ่ายเลขานุการ"))
    row = Feedback.objects.get()
    expect(page.get_by_role("heading", level=1)).to_have_text(row.number)
    expect(page).to_have_url(re.compile(rf"/feedback/{row.number}/[0-9a-f]+/$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if script:
        axe(page)

    desk = page_of(people["staff"], java_script_enabled=script)
    desk.goto("/staff/feedback/")
    desk.get_by_role("link", name=row.number, exact=True).click()
    desk.get_by_label("คำตอบ", exact=False).first.fill("ตรวจแล้ว ตัวเลขที่ถูกต้องคือ 193 ชั่วโมง")
    desk.get_by_label("เผยแพร่เรื่องและคำตอบบนหน้าสาธารณะ").check()
    desk.get_by_role("button", name="บันทึกคำตอบ").click()
    expect(desk.get_by_role("status")).to_contain_text("บันทึกคำตอบ")

    page.reload()
    expect(page.get_by_role("main")).to_contain_text("193 ชั่วโมง")
    page.goto("/resolutions/2565/1/2/")
    asked = page.get_by_role("region", name="คำถามจากประชาชนและคำตอบ")
    expect(asked).to_contain_text(TEXT)
    expect(asked).to_contain_text("193 ชั่วโมง")
