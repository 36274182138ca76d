"""An agency fills in its form on a phone; somebody's session ends while they type."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from followup import actions
from followup.models import Agency, ReportState, Round, StatusReport, User
from followup.tests.browser.clicks import leave_by
from followup.tests.factories import find_report, make_report

PHONE = {"width": 360, "height": 740}
RESULTS = "จัดเวทีรับฟังความเห็น 4 ภาค มีผู้เข้าร่วม 320 คน"


@pytest.mark.browser_allows(r"the server responded with a status of (404|409|422)")
@pytest.mark.parametrize("java_script", [True, False])
def test_an_agency_reports_on_a_phone_and_replies(
    open_round: Round,
    people: dict[str, User],
    page_of: Callable[..., Page],
    axe: Callable[[Page], None],
    java_script: bool,
) -> None:
    agency = Agency.objects.get(code="MSDHS")
    link = actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    page = page_of(viewport=PHONE, java_script_enabled=java_script)

    def look() -> None:
        if java_script:
            axe(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], f"{width} px wide"

    page.goto(f"/r/{actions.token_of(link)}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("กระทรวงการพัฒนาสังคม")
    look()
    page.get_by_role("link", name="รายงานผล 1.2").click()
    page.get_by_role("radio", name="อยู่ระหว่างดำเนินการ").check()
    look()
    page.get_by_role("button", name="ส่งตรวจ").click()
    page.get_by_role("alert").get_by_role("link", name="ระบุผลการดำเนินงาน").click()
    page.get_by_label("ผลการดำเนินงาน").fill(RESULTS)
    look()

    # A colleague of the secretariat saves in between.
    report = find_report(open_round, "1.2", "MSDHS")
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=report.version,
        fields={"results": "จากหนังสือของหน่วยงาน", "reported_status": "in_progress"},
        evidence=[],
    )
    page.get_by_role("button", name="ส่งตรวจ").click()
    clash = page.locator(".clash")
    expect(clash).to_contain_text("ฝ่ายเลขานุการ แก้ไขรายการนี้")
    expect(clash).to_contain_text("จากหนังสือของหน่วยงาน")
    look()
    clash.get_by_role("button", name="ใช้ของฉัน").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกร่างแล้ว")
    page.get_by_role("button", name="ส่งตรวจ").click()
    expect(page.get_by_role("status")).to_contain_text("ส่งมาตรการย่อย 1.2 แล้ว")

    report = find_report(open_round, "1.2", "MSDHS")
    assert (report.state, report.results) == (ReportState.SUBMITTED, RESULTS)
    actions.approve(
        report=report,
        by=people["reviewer"],
        version=report.version,
        assessed_status="not_started",
        assessed_note="ยังไม่เห็นผลตามมาตรการ",
        assessed_grade="said",
    )
    page.reload()
    leave_by(page.get_by_role("link", name="อ่านและชี้แจง 1.2"))
    look()
    page.get_by_label("คำชี้แจงของหน่วยงาน").fill("ส่งเอกสารเพิ่มเติมแล้ว")
    page.get_by_role("button", name="บันทึกคำชี้แจง").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกคำชี้แจงแล้ว")
    assert StatusReport.objects.get(pk=report.pk).agency_reply == "ส่งเอกสารเพิ่มเติมแล้ว"

    actions.revoke_link(link=link, by=people["staff"])
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("ลิงก์นี้ใช้ไม่ได้")
    look()


@pytest.mark.browser_allows(r"the server responded with a status of 403")
def test_what_was_typed_before_the_session_ended_is_saved_after_signing_in_again(
    open_round: Round,
    people: dict[str, User],
    page_of: Callable[..., Page],
    context_of: Callable[..., BrowserContext],
    axe: Callable[[Page], None],
) -> None:
    make_report(open_round, "1.2", by=people["colleague"], state=ReportState.DRAFT)
    report = find_report(open_round, "1.2")
    page = page_of(people["staff"])
    page.goto(f"/staff/reports/{report.pk}/")
    page.get_by_label("ผลการดำเนินงาน").fill(RESULTS)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="ส่งตรวจ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ยังไม่ได้บันทึก ข้อความที่พิมพ์อยู่ในหน้านี้")
    expect(page.get_by_role("main")).to_contain_text(RESULTS)
    axe(page)

    # They sign in in another tab, however many steps that takes: a new session and a new token.
    [session] = [
        cookie
        for cookie in context_of(people["staff"]).cookies()
        if cookie["name"] == settings.SESSION_COOKIE_NAME
    ]
    token = {"name": settings.CSRF_COOKIE_NAME, "value": "a" * 32}
    where = {"domain": session["domain"], "path": "/"}
    page.context.add_cookies([session, {**token, **where}])  # type: ignore[list-item]
    page.get_by_role("button", name="ไปที่แบบฟอร์ม").click()
    expect(page.get_by_role("status")).to_contain_text("ยังไม่ได้บันทึก")
    expect(page.get_by_label("ผลการดำเนินงาน")).to_have_value(RESULTS)
    assert StatusReport.objects.get(pk=report.pk).results != RESULTS
    page.get_by_role("button", name="บันทึกร่าง").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกร่างแล้ว")
    assert StatusReport.objects.get(pk=report.pk).results == RESULTS
