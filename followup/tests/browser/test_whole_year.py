"""A year from its planning to a correction: two of the secretariat, a reviewer, an agency's link."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from followup.models import Round, User
from followup.tests.browser.test_year import follow, log_in, press, status
from followup.tests.factories import PASSWORD
from proposals.models import Forum

RESULTS = "แก้ไขระเบียบแล้ว 2 ฉบับจาก 5 ฉบับ"
MENDED = "แก้ไขระเบียบแล้ว 3 ฉบับจาก 5 ฉบับ"
REASON = "หน่วยงานแจ้งว่านับระเบียบขาดไปหนึ่งฉบับ"


def report_on(page: Page, name: str, results: str) -> None:
    """Fill in a report of the queue and hand it in."""
    follow(page, name)
    page.get_by_role("radio", name="อยู่ระหว่างดำเนินการ").check()
    page.get_by_label("ผลการดำเนินงาน").fill(results)
    press(page, "ส่งตรวจ")
    expect(status(page)).to_be_visible()


def take_step(page: Page, label: str) -> None:
    follow(page, label)
    press(page, f"ยืนยัน: {label}")
    expect(status(page)).to_have_text(f"{label} ปีงบประมาณ 2569 แล้ว")


@pytest.mark.browser_allows(r"the server responded with a status of 404")
def test_a_whole_year(forum: Forum, people: dict[str, User], page_of: Callable[..., Page]) -> None:
    staff, colleague, reviewer = (page_of() for _each in range(3))
    agency, public = page_of(viewport={"width": 360, "height": 740}), page_of()

    # Planned and opened by the secretariat.
    staff.goto("/staff/login/")
    staff.get_by_label("ชื่อผู้ใช้").fill("staff")
    staff.get_by_label("รหัสผ่าน").fill(PASSWORD)
    press(staff, "เข้าสู่ระบบ")
    staff.goto("/staff/rounds/new/")
    staff.get_by_label("ปีงบประมาณ พ.ศ.").fill("2569")
    press(staff, "สร้างรอบ")
    take_step(staff, "เปิดรอบ")

    # The ministry gets a link and reports on a phone; it needs no account.
    staff.goto("/staff/links/2569/MSDHS/")
    press(staff, "ยืนยัน: ออกลิงก์")
    address = staff.get_by_label("ที่อยู่ของลิงก์").input_value()
    agency.goto(address)
    report_on(agency, "รายงานผล 1.2", RESULTS)
    expect(agency.get_by_role("link", name="เปิดดู 1.2")).to_be_visible()

    # Two colleagues type in what came by letter.
    staff.goto("/staff/?state=untouched")
    report_on(staff, "บันทึกผล 1.1 กสป.", "จัดประชุมหน่วยงาน 2 ครั้ง")
    log_in(colleague, "colleague")
    colleague.goto("/staff/?state=untouched")
    report_on(colleague, "บันทึกผล 1.3 กสป.", "สำรวจเครือข่ายแล้ว 40 จังหวัด")

    # The reviewer goes through the queue by keyboard.
    log_in(reviewer, "reviewer")
    reviewer.goto("/staff/review/")
    reviewer.keyboard.press("j")
    reviewer.keyboard.press("x")
    reviewer.keyboard.press("j")
    reviewer.keyboard.press("x")
    expect(reviewer.get_by_role("checkbox", checked=True)).to_have_count(2)
    press(reviewer, "ดูรายการที่เลือกก่อนรับรอง")
    press(reviewer, "รับรอง 2 รายการ")
    expect(status(reviewer)).to_have_text("รับรองแล้ว 2 รายการ")
    reviewer.keyboard.press("j")
    reviewer.keyboard.press("Enter")
    approve = reviewer.get_by_role("button", name="รับรอง", exact=True)
    expect(approve).to_be_visible()
    reviewer.keyboard.press("a")
    expect(approve).to_be_focused()
    reviewer.get_by_role("radio", name="หน่วยงานแจ้ง").check()
    approve.press("Enter")
    expect(status(reviewer)).to_contain_text("รับรอง")

    # Closed, published: the public reads it, and the link opens nothing any more.
    staff.goto("/staff/rounds/2569/")
    take_step(staff, "ปิดรับรายงาน")
    reviewer.goto("/staff/rounds/2569/")
    take_step(reviewer, "เผยแพร่ทั้งรอบ")
    public.goto("/resolutions/2565/1/")
    for text in RESULTS, "จัดประชุมหน่วยงาน 2 ครั้ง", "สำรวจเครือข่ายแล้ว 40 จังหวัด":
        expect(public.get_by_role("main")).to_contain_text(text)
    for person in people.values():
        expect(public.get_by_text(str(person))).to_have_count(0)
    response = agency.goto(address)
    assert response
    assert response.status == 404

    # An error is found. It is mended in the open: the reason and both versions are public.
    follow(reviewer, "แก้ฉบับที่เผยแพร่แล้ว")
    reviewer.get_by_label("เหตุผลที่เปิดแก้ไข").fill(REASON)
    press(reviewer, "ยืนยัน: แก้ฉบับที่เผยแพร่แล้ว")
    report = Round.objects.get().reports.get(results=RESULTS)
    reviewer.goto(f"/staff/reports/{report.pk}/review/")
    reviewer.get_by_label("สิ่งที่ต้องแก้ไข").fill("นับใหม่")
    press(reviewer, "ส่งกลับแก้ไข")
    staff.goto(f"/staff/reports/{report.pk}/")
    staff.get_by_label("ผลการดำเนินงาน").fill(MENDED)
    press(staff, "ส่งตรวจ")
    reviewer.goto(f"/staff/reports/{report.pk}/review/")
    changed = reviewer.get_by_role("region", name="สิ่งที่เปลี่ยนจากฉบับที่ตรวจครั้งก่อน")
    expect(changed.locator("del")).to_have_text("2")
    expect(changed.locator("ins")).to_have_text("3")
    reviewer.get_by_role("radio", name="หน่วยงานแจ้ง").check()
    press(reviewer, "รับรอง")
    expect(status(reviewer)).to_contain_text("รับรอง")
    public.reload()
    expect(public.get_by_role("main")).to_contain_text(RESULTS)
    expect(public.get_by_role("main")).not_to_contain_text(MENDED)
    staff.goto("/staff/rounds/2569/")
    take_step(staff, "ปิดรับรายงาน")
    reviewer.goto("/staff/rounds/2569/")
    take_step(reviewer, "เผยแพร่ทั้งรอบ")
    public.reload()
    expect(public.get_by_role("main")).to_contain_text(MENDED)
    public.goto("/corrections/")
    for text in REASON, RESULTS, MENDED, "ปีงบประมาณ 2569 ฉบับที่ 2":
        expect(public.get_by_role("main")).to_contain_text(text)

    # Every write is told, with who wrote.
    staff.goto(f"/staff/reports/{report.pk}/history/")
    told = staff.locator("ol.log li")
    expect(told).to_have_count(8)
    expect(told.nth(7)).to_contain_text("เปิดรายการให้รายงาน")
    expect(told.nth(6)).to_contain_text("หน่วยงาน พม. (ลิงก์)")
    expect(told.nth(0)).to_contain_text("รับรอง")
