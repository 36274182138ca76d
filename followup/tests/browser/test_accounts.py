"""Enrolling a phone, saving the recovery codes, and coming in with a code, in a browser."""

import time
from collections.abc import Callable

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from followup.models import User
from followup.tests.browser.clicks import leave_by
from followup.tests.factories import PASSWORD


def log_in(page: Page) -> None:
    page.goto("/staff/login/")
    page.get_by_label("ชื่อผู้ใช้").fill("staff")
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="เข้าสู่ระบบ").click()


def code_of(secret: str) -> str:
    """The code that a phone shows, early in its 30 seconds: it works in these alone."""
    while time.time() % 30 > 10:
        time.sleep(1)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_a_phone_is_enrolled_and_then_asked_for(
    everything: dict[str, User],
    page_of: Callable[..., Page],
    axe: Callable[..., None],
    settings: LazySettings,
) -> None:
    settings.REQUIRE_TWO_FACTOR = True
    page = page_of()
    log_in(page)
    expect(page).to_have_title("เปิดการยืนยันตัวตนสองขั้น | ระบบติดตามผลข้อเสนอ CSOs Forum")
    axe(page)
    secret = page.locator("code").inner_text()
    page.get_by_label("รหัส 6 หลัก").fill(code_of(secret))
    page.get_by_role("button", name="เปิดใช้").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    axe(page)
    spare = page.locator("ol.codes li").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="บันทึกเป็นไฟล์ข้อความ").click()
    assert spare in download.value.path().read_text("utf-8")
    leave_by(page.get_by_role("link", name="เก็บไว้แล้ว ไปที่งานของฉัน"))
    page.goto("/staff/account/")
    axe(page)
    leave_by(page.get_by_role("link", name="เปลี่ยนโทรศัพท์หรือปิดใช้"))
    axe(page)

    another = page_of()
    log_in(another)
    expect(another.get_by_role("heading", level=1)).to_have_text("ยืนยันตัวตนขั้นที่สอง")
    axe(another)
    another.get_by_label("รหัส", exact=True).fill(spare)
    another.get_by_role("button", name="เข้าสู่ระบบ").click()
    expect(another.get_by_role("heading", level=1)).to_have_text("งานของฉัน")
