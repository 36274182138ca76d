"""The main job as people do it: report, review, close and publish a year; edit side by side."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from followup.models import ReportState, Round, StatusReport, User
from followup.tests.factories import PASSWORD, find_report, make_report

REFUSED = pytest.mark.browser_allows(r"the server responded with a status of 422")
CONFLICT = pytest.mark.browser_allows(r"the server responded with a status of 409")
FORBIDDEN = pytest.mark.browser_allows(r"the server responded with a status of 403")

MEASURE = "1.2 พม."  # how the staff pages call the report of this story
RESULTS = "แก้ไขระเบียบแล้ว 2 ฉบับจาก 5 ฉบับ"
MORE_RESULTS = f"{RESULTS} มีผู้เข้าร่วมประชุม 120 คน"


def log_in(page: Page, username: str) -> None:
    page.goto("/staff/login/")
    page.get_by_label("ชื่อผู้ใช้").fill(username)
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ").click()
    expect(page.get_by_role("heading", name="งานของฉัน")).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def status(page: Page) -> Locator:
    """The message after something was done."""
    return page.get_by_role("status")


def measure(page: Page) -> Locator:
    return page.locator("section.measure").filter(
        has=page.get_by_role("heading", name="กฎระเบียบที่ส่งเสริมมากกว่าควบคุม")
    )


@REFUSED
@FORBIDDEN
def test_a_year_from_the_first_report_to_the_public_page(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    # So that the numbers differ: one more waits for review, one is begun.
    make_report(open_round, "2.1", by=people["colleague"], state=ReportState.SUBMITTED)
    make_report(open_round, "3.1", by=people["colleague"], state=ReportState.DRAFT)
    public, staff, reviewer = page_of(), page_of(), page_of()

    public.goto("/")
    expect(public.get_by_text("ยังไม่มีรอบติดตามที่เผยแพร่")).to_be_visible()
    public.goto("/resolutions/2565/1/")
    expect(measure(public)).not_to_contain_text("อยู่ระหว่างดำเนินการ")

    # A member of the secretariat reports, first without saying what was done.
    log_in(staff, "staff")
    follow(staff, f"บันทึกผล {MEASURE}")
    staff.get_by_role("radio", name="อยู่ระหว่างดำเนินการ").check()
    press(staff, "ส่งตรวจ")
    summary = staff.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("ส่งไม่ได้ แก้ไข 1 จุดต่อไปนี้")
    summary.get_by_role("link", name="ระบุผลการดำเนินงาน").click()
    results = staff.get_by_label("ผลการดำเนินงาน")
    expect(results).to_be_focused()
    results.fill(RESULTS)
    add_evidence(staff, 0, "ประกาศที่แก้ไข", "https://example.org/announcement")
    add_evidence(staff, 1, "หนังสือเวียนภายใน", "https://example.org/internal", is_public=False)
    press(staff, "ส่งตรวจ")
    expect(status(staff)).to_contain_text("ส่งตรวจ")

    # Nobody approves their own report, and the secretariat approves none.
    report = find_report(open_round, "1.2")
    staff.goto(f"/staff/reports/{report.pk}/")
    expect(staff.get_by_text("ส่งตรวจแล้ว หากต้องแก้ไข ขอให้ผู้ตรวจส่งกลับก่อน")).to_be_visible()
    expect(staff.get_by_role("button", name="รับรอง")).to_have_count(0)
    staff.goto(f"/staff/reports/{report.pk}/review/")
    expect(staff.get_by_role("heading", name="บัญชีนี้ไม่มีสิทธิ์เปิดหน้านี้")).to_be_visible()

    # A reviewer sends it back, which takes a reason.
    log_in(reviewer, "reviewer")
    follow(reviewer, "ตรวจและรับรอง")
    follow(reviewer, f"ตรวจ {MEASURE}")
    expect(reviewer.get_by_text(RESULTS)).to_be_visible()
    press(reviewer, "ส่งกลับแก้ไข")
    reviewer.get_by_role("link", name="ระบุสิ่งที่ต้องแก้ไข").click()
    expect(reviewer.get_by_label("สิ่งที่ต้องแก้ไข")).to_be_focused()
    reviewer.get_by_label("สิ่งที่ต้องแก้ไข").fill("ระบุจำนวนผู้เข้าร่วม")
    press(reviewer, "ส่งกลับแก้ไข")
    expect(status(reviewer)).to_contain_text("กลับแก้ไขแล้ว")

    staff.goto("/staff/")
    staff.get_by_role("link", name="ถูกส่งกลับ (1)").click()
    follow(staff, f"แก้ไข {MEASURE}")
    expect(staff.get_by_text("ระบุจำนวนผู้เข้าร่วม")).to_be_visible()
    expect(results).to_have_value(RESULTS)
    results.fill(MORE_RESULTS)
    press(staff, "ส่งตรวจ")
    expect(status(staff)).to_contain_text("ส่งตรวจ")

    reviewer.goto("/staff/review/")
    follow(reviewer, f"ตรวจ {MEASURE}")
    reviewer.get_by_role("radio", name="หน่วยงานแจ้ง").check()
    press(reviewer, "รับรอง")
    expect(status(reviewer)).to_contain_text("รับรอง")

    # The secretariat closes the round, a reviewer publishes it; both are told what follows.
    follow(staff, "รอบติดตาม")
    follow(staff, "ปีงบประมาณ 2569")
    follow(staff, "ปิดรับรายงาน")
    expect(staff.get_by_role("main")).to_contain_text("รายการที่ยังไม่ส่ง 101 จาก 103 รายการ")
    expect(staff.get_by_role("main")).to_contain_text("อีก 1 รายการรอตรวจ")
    press(staff, "ยืนยัน: ปิดรับรายงาน")
    expect(status(staff)).to_have_text("ปิดรับรายงาน ปีงบประมาณ 2569 แล้ว")
    expect(staff.get_by_role("link", name="เผยแพร่ทั้งรอบ")).to_have_count(0)
    public.reload()
    expect(measure(public)).not_to_contain_text(RESULTS)

    reviewer.goto("/staff/rounds/2569/")
    follow(reviewer, "เผยแพร่ทั้งรอบ")
    told = reviewer.get_by_role("main")
    expect(told).to_contain_text("ทุกคนจะเห็นรายงานที่รับรองแล้ว 1 จาก 103 รายการ")
    expect(told).to_contain_text("อีก 102 รายการจะแสดงเป็น “ยังไม่ได้รับรายงาน”")
    expect(told).to_contain_text("ในจำนวนนี้ 1 รายการส่งมาแล้วแต่ยังไม่มีใครตรวจ")
    reviewer.get_by_label("การประชุม คสป. ที่รับทราบ ครั้งที่").fill("5/2569")
    press(reviewer, "ยืนยัน: เผยแพร่ทั้งรอบ")
    expect(status(reviewer)).to_have_text("เผยแพร่ทั้งรอบ ปีงบประมาณ 2569 แล้ว")

    # Now everybody sees it, without what was kept inside and without names of people.
    public.reload()
    expect(measure(public)).to_contain_text("อยู่ระหว่างดำเนินการ")
    expect(measure(public)).to_contain_text(MORE_RESULTS)
    expect(measure(public).get_by_role("link", name="ประกาศที่แก้ไข")).to_have_attribute(
        "href", "https://example.org/announcement"
    )
    expect(public.get_by_text("หนังสือเวียนภายใน")).to_have_count(0)
    expect(public.get_by_text("คุณstaff")).to_have_count(0)
    public.get_by_role("navigation", name="เมนูหลัก").get_by_role("link", name="ภาพรวม").click()
    expect(public.get_by_role("main")).to_contain_text("มีความเคลื่อนไหว 1 จาก 34")
    expect(public.get_by_role("link", name="1.2 กฎระเบียบที่ส่งเสริม")).to_contain_text(
        "อยู่ระหว่างดำเนินการ"
    )


def add_evidence(page: Page, row: int, title: str, url: str, *, is_public: bool = True) -> None:
    page.get_by_label("ชื่อหลักฐาน").nth(row).fill(title)
    page.get_by_label("ลิงก์", exact=True).nth(row).fill(url)
    page.get_by_label("เปิดเผยต่อสาธารณะ").nth(row).set_checked(is_public)


@CONFLICT
def test_two_people_who_edit_one_report_lose_nothing(
    open_round: Round, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    report = find_report(open_round, "1.2")
    mine, theirs = page_of(people["staff"]), page_of(people["colleague"])
    for page in mine, theirs:
        page.goto(f"/staff/reports/{report.pk}/")
    theirs.get_by_label("ผลการดำเนินงาน").fill("ฉบับของเพื่อนร่วมงาน")
    press(theirs, "บันทึกร่าง")
    expect(status(theirs)).to_contain_text("บันทึกร่างแล้ว")

    mine.get_by_label("ผลการดำเนินงาน").fill("ฉบับของฉัน")
    mine.get_by_label("ปัญหา/อุปสรรค").fill("ยังไม่มีงบประมาณ")
    add_evidence(mine, 0, "สรุปการประชุม", "https://example.org/minutes")
    press(mine, "บันทึกร่าง")
    clash = mine.get_by_role("region", name="คุณcolleague แก้ไขรายการนี้เมื่อ")
    expect(clash).to_be_focused()
    for text in "ฉบับของเพื่อนร่วมงาน", "ฉบับของฉัน", "ยังไม่มีงบประมาณ":
        expect(clash).to_contain_text(text)
    expect(mine.get_by_label("ผลการดำเนินงาน")).to_have_value("ฉบับของฉัน")
    assert stored(report).results == "ฉบับของเพื่อนร่วมงาน"

    press(mine, "ใช้ของฉัน")
    expect(status(mine)).to_contain_text("บันทึกร่างแล้ว")
    now = stored(report)
    assert (now.results, now.obstacles) == ("ฉบับของฉัน", "ยังไม่มีงบประมาณ")
    assert [piece.title for piece in now.evidence.all()] == ["สรุปการประชุม"]
    assert "ฉบับของเพื่อนร่วมงาน" in now.history.values_list("results", flat=True)

    # The other way round: theirs still stands on the older version, and takes what is stored now.
    theirs.get_by_label("ผลการดำเนินงาน").fill("ฉบับที่สาม")
    press(theirs, "บันทึกร่าง")
    theirs.once("dialog", Dialog.accept)  # leaving what is typed and not saved asks first
    follow(theirs, "ใช้ของ คุณstaff")
    expect(theirs.get_by_role("heading", level=1)).to_be_visible()
    expect(theirs.get_by_label("ผลการดำเนินงาน")).to_have_value("ฉบับของฉัน")


def stored(report: StatusReport) -> Any:
    return StatusReport.objects.get(pk=report.pk)


@REFUSED
def test_what_was_typed_survives_an_error_and_is_not_left_by_mistake(
    open_report: str, everything: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(everything["staff"])
    page.goto(open_report)
    page.get_by_role("radio", name="ชะลอ / ติดปัญหา").check()
    typed = {
        "ผลการดำเนินงาน": "บรรทัดแรก\nบรรทัดที่สอง “ในเครื่องหมายคำพูด” & <b>",
        "ปัญหา/อุปสรรค": "รอระเบียบใหม่",
        "ข้อเสนอแนะ/แผนระยะต่อไป": "เสนอคณะทำงาน",
        "งบประมาณที่ได้รับ (บาท)": "1.25 ล้าน",
        "เบิกจ่ายแล้ว (บาท)": "หลายบาท",
        "มติ คสป. ครั้งที่": "2/2569",
    }
    for label, text in typed.items():
        page.get_by_label(label).fill(text)
    add_evidence(page, 1, "แถวที่สอง", "https://example.org/2", is_public=False)
    page.get_by_text("จังหวัดที่ดำเนินการ (").click()
    page.get_by_label("เชียงใหม่").check()
    press(page, "บันทึกร่าง")

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("บันทึกไม่ได้ แก้ไข 1 จุดต่อไปนี้")
    summary.get_by_role("link", name="“หลายบาท” ไม่ใช่ตัวเลข").click()
    expect(page.get_by_label("เบิกจ่ายแล้ว (บาท)")).to_be_focused()
    expect(page.get_by_role("radio", name="ชะลอ / ติดปัญหา")).to_be_checked()
    for label, text in typed.items():
        expect(page.get_by_label(label)).to_have_value(text)
    expect(page.get_by_label("ชื่อหลักฐาน").nth(1)).to_have_value("แถวที่สอง")
    expect(page.get_by_label("เปิดเผยต่อสาธารณะ").nth(1)).not_to_be_checked()
    expect(page.get_by_label("เชียงใหม่")).to_be_checked()

    # Nothing of it is stored: leaving asks, and staying keeps it.
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    follow(page, "รอบติดตาม")
    expect(page.get_by_label("ปัญหา/อุปสรรค")).to_have_value("รอระเบียบใหม่")
    assert asked == ["beforeunload"]

    page.get_by_label("เบิกจ่ายแล้ว (บาท)").fill("900,000")
    press(page, "บันทึกร่าง")
    expect(status(page)).to_contain_text("บันทึกร่างแล้ว")
    follow(page, "รอบติดตาม")
    expect(page.get_by_role("heading", name="รอบติดตาม")).to_be_visible()
    assert len(asked) == 1  # saved: nothing asks any more
    report = StatusReport.objects.get(pk=open_report.split("/")[-2])
    assert (report.budget_received, report.budget_spent) == (1_250_000, 900_000)
    assert [province.name_th for province in report.provinces.all()] == ["เชียงใหม่"]


def test_leaving_a_form_with_a_single_letter_typed_asks(
    open_report: str, everything: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(everything["staff"])
    page.goto(open_report)
    page.get_by_label("ปัญหา/อุปสรรค").press_sequentially("ก")
    asked = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", leave)
    follow(page, "รอบติดตาม")
    expect(page.get_by_role("heading", name="รอบติดตาม")).to_be_visible()
    assert asked == ["beforeunload"]
