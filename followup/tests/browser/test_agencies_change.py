"""An agency is replaced, its report withdrawn and brought back, and two records merged, on a phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from followup.models import Agency, Round, StatusReport, User
from followup.tests.browser.clicks import leave_by
from followup.tests.factories import make_report

PHONE = {"width": 360, "height": 740}


def test_agencies_change_without_script_on_a_phone(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    report = make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="submitted")
    Agency.objects.create(code="THF2", name_th="มูลนิธิซ้ำ", kind="cso")
    page = page_of(people["administrator"], java_script_enabled=False, viewport=PHONE)

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.goto("/staff/agencies/MSDHS/")
    page.get_by_role("link", name="เปลี่ยนเป็นหน่วยงานอื่น").click()
    page.locator("#id_to").fill("มูลนิธิซ้ำ")
    page.locator("#id_year").select_option("2569")
    page.locator("#id_reason").fill("พ.ร.บ. โอนภารกิจ พ.ศ. 2568")
    fits()
    page.get_by_role("button", name="ต่อไป: ดูผลก่อนยืนยัน").click()
    expect(page.locator("#effects")).to_contain_text("รายงาน 1 ฉบับในรอบที่เปิดอยู่ถูกถอนออกจากรอบ")
    fits()
    page.get_by_role("button", name="ยืนยัน: เปลี่ยนหน่วยงาน").click()
    expect(page.get_by_role("status")).to_contain_text("มูลนิธิซ้ำ รับช่วงจาก พม.")

    page.goto(f"/staff/reports/{report.pk}/")
    expect(page.get_by_text("ถอนออกจากรอบ: พ.ร.บ. โอนภารกิจ พ.ศ. 2568")).to_be_visible()
    leave_by(page.get_by_role("link", name="นำกลับเข้ารอบ"))
    fits()
    page.get_by_role("button", name="นำกลับเข้ารอบ").click()
    expect(page.get_by_role("status")).to_contain_text("กลับเข้ารอบแล้ว")
    page.get_by_role("link", name="ถอนรายงานนี้ออกจากรอบ").click()
    page.get_by_label("เหตุผลที่ถอนออกจากรอบ").fill("หน่วยงานอื่นรายงานแทน")
    fits()
    leave_by(page.get_by_role("button", name="ถอนออกจากรอบ"))
    assert StatusReport.objects.get(pk=report.pk).state == "withdrawn"

    page.goto("/staff/agencies/THF2/")
    page.get_by_role("link", name="รวมกับหน่วยงานอื่น").click()
    page.get_by_label("หน่วยงานที่จะรวมเข้า").fill("THF")
    leave_by(page.get_by_role("button", name="ดูสิ่งที่จะเกิดขึ้น"))
    fits()
    page.get_by_role("button", name="ยืนยัน: รวมหน่วยงาน").click()
    expect(page.get_by_role("status")).to_contain_text("แล้ว")
    page.goto("/agencies/THF2/")
    assert page.url.endswith("/agencies/THF/")
    expect(page.get_by_text("ภารกิจต่อจาก")).to_be_visible()
    fits()
