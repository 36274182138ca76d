"""Many at once, as a person does it: links, e-mails, approvals, shared evidence, a joint report."""

from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from followup.models import Agency, FocalPoint, Round, StatusReport, User
from followup.tests.browser.clicks import leave_by
from followup.tests.factories import link, make_report
from followup.tests.queued import work_off

PHONE = {"width": 360, "height": 740}


def fits(page: Page) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.slow
def test_the_work_on_many_is_done_on_a_phone(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    codi = Agency.objects.get(code="CODI")
    FocalPoint.objects.create(agency=codi, name="สมศรี", email="s@codi.example.org")
    page = page_of(people["staff"], viewport=PHONE)
    page.goto("/staff/agencies/?q=กรม")
    page.get_by_role("link", name="เลือกทั้งหน้านี้").click()
    picked = page.locator("[data-picked]")
    before = int(picked.inner_text())
    page.locator("input[name=tick]").first.uncheck()
    expect(picked).to_have_text(str(before - 1))
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="หนังสือติดตาม (PDF สำหรับพิมพ์)").click()
    assert download.value.suggested_filename == "หนังสือติดตาม_2569.pdf"
    page.get_by_role("button", name="ออกลิงก์").click()  # the download did not end the form
    expect(page.get_by_role("main")).to_contain_text(f"ออกลิงก์ใหม่ {before - 1} แห่ง")
    fits(page)

    page.goto("/staff/agencies/?q=พอช")
    page.get_by_label("เลือก พอช.").check()
    page.get_by_role("button", name="ส่งอีเมลถึงผู้ประสานงาน").click()
    page.get_by_label("ลิงก์ให้หน่วยงานกรอกเอง").check()
    fits(page)
    page.get_by_role("button", name="ส่ง 1 ฉบับ").click()
    expect(page.get_by_role("main")).to_contain_text("รอส่ง 1 ฉบับ")
    work_off()
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("ส่งแล้ว 1 จาก 1 รายการ")
    assert len(mail.outbox) == 1

    # One piece of evidence, and one activity, for two measures of พม.
    report = make_report(open_round, "1.2", by=people["staff"], state="draft", evidence=[link(1)])
    own = open_round.reports.filter(assignment__agency=report.assignment.agency)
    other = own.exclude(pk=report.pk).with_context()[0]
    page.goto(f"/staff/reports/{report.pk}/")
    page.get_by_role("link", name="แนบหลักฐานเดียวกันกับมาตรการอื่น").click()
    page.get_by_label("หลักฐานที่ 1").check()
    page.locator(f"input[value='{other.pk}.0']").check()
    fits(page)
    page.get_by_role("button", name="แนบหลักฐาน").click()
    expect(page.get_by_role("status")).to_contain_text("แนบหลักฐานเพิ่ม 1 รายการ กับ 1 มาตรการแล้ว")
    page.goto(f"/staff/reports/{other.pk}/")
    page.get_by_label("รายงานร่วมกับมาตรการย่อยอื่น").select_option(str(report.pk))
    page.get_by_role("button", name="บันทึกร่าง").click()
    results = page.locator("#id_results")
    expect(results).to_have_value(report.results)
    expect(results).not_to_be_editable()
    fits(page)

    make_report(open_round, "2.4", by=people["staff"], state="submitted")
    reviewer = page_of(people["reviewer"], viewport=PHONE)
    reviewer.goto("/staff/review/")
    reviewer.get_by_role("link", name="เลือกทั้งหมด (1)").click()
    leave_by(reviewer.get_by_role("button", name="ดูรายการที่เลือกก่อนรับรอง"))
    fits(reviewer)
    reviewer.get_by_role("button", name="รับรอง 1 รายการ").click()
    expect(reviewer.get_by_role("status")).to_contain_text("รับรองแล้ว 1 รายการ")
    assert StatusReport.objects.filter(state="approved").count() == 1
