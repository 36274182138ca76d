"""A group of agencies, as people use it: made by pasting names, assigned, answered, and left."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from followup import actions
from followup.models import AgencyLink, Round, User
from followup.tests.browser.clicks import leave_by
from followup.tests.groups import offices

PHONE = {"width": 360, "height": 740}


def test_a_group_is_made_answers_and_loses_a_member(
    open_round: Round,
    people: dict[str, User],
    page_of: Callable[..., Page],
    axe: Callable[[Page], None],
) -> None:
    offices(3)
    page = page_of(people["administrator"], java_script_enabled=False, viewport=PHONE)

    def fits(page: Page) -> None:
        assert page.locator("html").evaluate("e => e.scrollWidth") <= PHONE["width"]

    page.goto("/staff/groups/")
    page.get_by_role("link", name="สร้างกลุ่ม").click()
    page.get_by_label("ชื่อกลุ่ม").fill("พมจ. ทุกจังหวัด")
    page.locator("#id_code").fill("provs")
    page.get_by_label("วางชื่อหรือรหัสหน่วยงาน").fill("พมจ. 01\nPROV02")
    page.get_by_label("ชื่อหรือชื่อย่อ").fill("จังหวัดที่ 03")
    page.get_by_role("button", name="แสดงหน่วยงานให้เลือก").click()
    page.get_by_label("สำนักงานพัฒนาสังคมจังหวัดที่ 03").check()
    fits(page)
    page.get_by_role("button", name="สร้างกลุ่ม").click()
    expect(page.get_by_role("status")).to_contain_text("สร้างพมจ. ทุกจังหวัดแล้ว 3 หน่วยงาน")
    fits(page)

    page.goto("/staff/assignments/?resolution=2565-1")
    page.get_by_role("link", name="เพิ่มหน่วยงาน ให้ 2565-1.2").click()
    page.locator("#step #id_agency").fill("พมจ. ทุกจังหวัด")
    page.locator("#step").get_by_role("button", name="เพิ่มหน่วยงาน").click()
    expect(page.get_by_role("status")).to_contain_text("พมจ. ทุกจังหวัด")
    fits(page)

    # A member answers through its own link.
    page.goto("/staff/links/2569/PROV02/")
    leave_by(page.get_by_role("button", name="ยืนยัน: ออกลิงก์"))
    office = page_of(java_script_enabled=False, viewport=PHONE)
    office.goto(f"/r/{actions.token_of(AgencyLink.objects.get())}/")
    office.get_by_role("link", name="รายงานผล 1.2").click()
    office.get_by_role("radio", name="อยู่ระหว่างดำเนินการ").check()
    office.get_by_label("ผลการดำเนินงาน").fill("จัดเวทีระดับจังหวัดแล้ว")
    fits(office)
    office.get_by_role("button", name="ส่งตรวจ").click()
    expect(office.get_by_role("status")).to_contain_text("ส่งมาตรการย่อย 1.2 แล้ว")

    reviewer = page_of(people["reviewer"], java_script_enabled=False)
    reviewer.goto("/staff/review/")
    reviewer.get_by_role("link", name="ตรวจ 1.2").click()
    reviewer.get_by_role("radio", name="หน่วยงานแจ้ง").check()
    leave_by(reviewer.get_by_role("button", name="รับรอง", exact=True))
    for step in "ปิดรับรายงาน", "เผยแพร่ทั้งรอบ":
        reviewer.goto("/staff/rounds/2569/")
        reviewer.get_by_role("link", name=step).click()
        leave_by(reviewer.get_by_role("button", name=f"ยืนยัน: {step}"))
    public = page_of(viewport=PHONE)
    public.goto("/resolutions/2565/1/")
    answers = public.locator(".answers")
    expect(answers).to_contain_text("ตอบแล้ว 1 จาก 3 หน่วยงาน")
    fits(public)
    axe(public)

    # A member leaves after the round; what was published stays.
    page.goto("/staff/groups/PROVS/")
    page.get_by_role("link", name="ออกจากกลุ่ม พมจ. 01").click()
    page.get_by_label("รอบสุดท้ายในกลุ่ม").select_option("2569")
    fits(page)
    page.get_by_role("button", name="กำหนดรอบสุดท้าย").click()
    expect(page.get_by_role("status")).to_contain_text("กำหนดรอบสุดท้ายของ พมจ. 01 ในกลุ่มแล้ว")
    expect(page.get_by_role("main")).to_contain_text("2569–2569")
    public.reload()
    expect(answers).to_contain_text("ตอบแล้ว 1 จาก 3 หน่วยงาน")
