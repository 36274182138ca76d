"""A reviewer undoes mistakes and sets a status, on a phone and without JavaScript."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from followup import actions
from followup.models import Agency, Letter, Round, Ruling, StatusReport, User
from followup.tests.browser.clicks import leave_by
from followup.tests.factories import make_report

PHONE = {"width": 360, "height": 740}


def test_a_year_of_mistakes_is_undone(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(people["reviewer"], java_script_enabled=False, viewport=PHONE)

    def fits() -> bool:
        return bool(page.locator("html").evaluate("e => e.scrollWidth") <= PHONE["width"])

    page.goto("/staff/rounds/2569/")
    page.get_by_role("link", name="เลื่อนกำหนดส่ง").click()
    page.get_by_label("กำหนดส่งใหม่").fill("15/1/2570")
    page.get_by_label("เหตุผลที่เลื่อน").fill("ที่ประชุมเลื่อน")
    page.get_by_role("button", name="เลื่อนกำหนดส่ง").click()
    expect(page.get_by_role("status")).to_contain_text("เลื่อนกำหนดส่งเป็น 15 มกราคม 2570 แล้ว")
    assert fits()

    page.get_by_role("link", name="กลับไปเตรียมการ").click()
    page.get_by_role("button", name="ยืนยัน: กลับไปเตรียมการ").click()
    page.get_by_role("link", name="เปิดรอบ").click()
    leave_by(page.get_by_role("button", name="ยืนยัน: เปิดรอบ"))

    # Somebody's own submission is taken back, and sent again.
    round_ = Round.objects.get()
    own = make_report(round_, "1.2", by=people["reviewer"], state="submitted")
    page.goto(f"/staff/reports/{own.pk}/")
    page.get_by_role("button", name="ดึงกลับมาแก้ไข").click()
    expect(page.get_by_role("status")).to_contain_text("ดึงรายงานกลับมาเป็นฉบับร่างแล้ว")
    assert StatusReport.objects.get(pk=own.pk).state == "draft"

    # A status is set from a colleague's report, and withdrawn on the same page.
    other = make_report(round_, "1.1", by=people["staff"], state="submitted")
    page.goto(f"/staff/reports/{other.pk}/review/")
    page.get_by_role("link", name="บันทึกมติ").click()
    page.get_by_label("สถานะที่ คสป. กำหนด").select_option("on_hold")
    page.get_by_label("การประชุม คสป. ครั้งที่").fill("3/2569")
    page.get_by_label("วันที่ประชุม").fill("1/10/2568")
    page.get_by_role("button", name="บันทึกมติ").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกมติ คสป. ที่กำหนดสถานะแล้ว")
    assert fits()
    page.get_by_role("link", name="แก้หรือถอนมติ").click()
    leave_by(page.get_by_role("button", name="ถอนมติ"))
    assert not Ruling.objects.exists()

    # A publication is taken back within the hour.
    page.goto("/staff/rounds/2569/")
    page.get_by_role("link", name="ปิดรับรายงาน").click()
    page.get_by_role("button", name="ยืนยัน: ปิดรับรายงาน").click()
    page.get_by_role("link", name="เผยแพร่ทั้งรอบ").click()
    page.get_by_role("button", name="ยืนยัน: เผยแพร่ทั้งรอบ").click()
    page.get_by_role("link", name="ถอนการเผยแพร่").click()
    page.get_by_label("เหตุผลที่ถอนการเผยแพร่").fill("เผยแพร่ก่อนที่ประชุมรับทราบ")
    assert fits()
    leave_by(page.get_by_role("button", name="ยืนยัน: ถอนการเผยแพร่"))
    assert not Round.objects.get().is_public
    page.goto("/corrections/")
    expect(page.locator("main")).to_contain_text("เผยแพร่ก่อนที่ประชุมรับทราบ")
    assert fits()


def test_what_was_issued_by_mistake_is_removed(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    agency = Agency.objects.get(code="MSDHS")
    link = actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    actions.record_letter(
        round_=open_round,
        agency=agency,
        by=people["staff"],
        attempt=1,
        number="พม 0305/1",
        sent_on=open_round.starts_on,
        answer_by=open_round.due_on,
    )
    planned = actions.create_round(by=people["staff"], year=2570)
    page = page_of(people["reviewer"], java_script_enabled=False, viewport=PHONE)

    page.goto(f"/staff/links/{link.pk}/")
    page.get_by_role("link", name="ยกเลิกลิงก์").click()
    page.get_by_label("เหตุผล").fill("ออกให้ผิดหน่วยงาน")
    assert page.locator("html").evaluate("e => e.scrollWidth") <= PHONE["width"]
    leave_by(page.get_by_role("button", name="ยืนยัน: ยกเลิกลิงก์"))
    page.goto(f"/staff/links/{link.pk}/")
    expect(page.get_by_role("main")).to_contain_text("ลิงก์นี้ถูกยกเลิกแล้ว ออกให้ผิดหน่วยงาน")

    page.goto("/staff/letters/MSDHS/1/")
    leave_by(page.get_by_role("button", name="ลบรายการที่บันทึกผิด"))
    assert not Letter.objects.exists()

    page.goto(f"/staff/rounds/{planned.code}/")
    page.get_by_role("link", name="ลบรอบ").click()
    page.get_by_role("button", name="ยืนยัน: ลบรอบ").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert list(Round.objects.all()) == [open_round]
