"""A round of six months beside that of its whole year, as people see them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from followup.models import User
from followup.tests.browser.clicks import leave_by
from proposals.models import Forum

PHONE = {"width": 360, "height": 740}


def test_six_months_are_published_before_the_whole_year(
    forum: Forum, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    staff = page_of(people["staff"], java_script_enabled=False, viewport=PHONE)
    reviewer = page_of(people["reviewer"], java_script_enabled=False, viewport=PHONE)

    def fits(page: Page) -> None:
        assert page.locator("html").evaluate("e => e.scrollWidth") <= PHONE["width"]

    def begin(months: str, code: str) -> None:
        staff.goto("/staff/rounds/new/")
        staff.locator("#id_year").fill("2569")
        staff.locator("#id_months").select_option(months)
        fits(staff)
        leave_by(staff.get_by_role("button", name="สร้างรอบ"))
        if staff.get_by_label("ยืนยันว่าเป็นปีงบประมาณ 2569").count():
            staff.get_by_label("ยืนยันว่าเป็นปีงบประมาณ 2569").check()
            leave_by(staff.get_by_role("button", name="สร้างรอบ"))
        move(staff, code, "เปิดรอบ")

    def move(page: Page, code: str, step: str) -> None:
        page.goto(f"/staff/rounds/{code}/")
        leave_by(page.get_by_role("link", name=step))
        fits(page)
        page.get_by_role("button", name=f"ยืนยัน: {step}").click()
        expect(page.get_by_role("status")).to_be_visible()

    begin("6", "2569-6")
    staff.goto("/staff/?resolution=2565-1")
    staff.get_by_role("link", name="บันทึกผล 1.2 พม.").click()
    staff.get_by_role("radio", name="อยู่ระหว่างดำเนินการ").check()
    staff.get_by_label("ผลการดำเนินงาน").fill("ยกร่างประกาศใน 6 เดือนแรก")
    leave_by(staff.get_by_role("button", name="ส่งตรวจ"))
    reviewer.goto("/staff/review/")
    reviewer.get_by_role("link", name="ตรวจ 1.2").click()
    reviewer.get_by_role("radio", name="หน่วยงานแจ้ง").check()
    leave_by(reviewer.get_by_role("button", name="รับรอง", exact=True))
    move(staff, "2569-6", "ปิดรับรายงาน")
    move(reviewer, "2569-6", "เผยแพร่ทั้งรอบ")

    public = page_of(java_script_enabled=False, viewport=PHONE)
    public.goto("/years/2569/")
    expect(public.get_by_role("heading", level=1)).to_have_text(
        "ผลการดำเนินงาน ปีงบประมาณ 2569 (6 เดือน)"
    )
    fits(public)
    public.goto("/resolutions/2565/1/")
    expect(public.get_by_text("ยกร่างประกาศใน 6 เดือนแรก")).to_be_visible()

    begin("12", "2569")
    staff.goto("/staff/?resolution=2565-1")
    staff.get_by_role("link", name="บันทึกผล 1.2 พม.").click()
    expect(staff.get_by_role("main")).to_contain_text("รายงานล่าสุด (ปีงบประมาณ 2569 (6 เดือน))")
    expect(staff.get_by_role("main")).to_contain_text("ยกร่างประกาศใน 6 เดือนแรก")
    fits(staff)
    public.goto("/years/2569/")
    expect(public.get_by_role("heading", level=1)).to_contain_text("(6 เดือน)")
