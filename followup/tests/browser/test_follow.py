"""Somebody follows, changes what they follow and leaves: on a phone without script, and at a desk."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from followup.models import Subscriber
from followup.tests.browser.clicks import leave_by
from followup.tests.subscribers import EMAIL, followed, link_in

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False},
    "desk": {"viewport": {"width": 1280, "height": 900}},
}


@pytest.mark.slow
@pytest.mark.browser_allows(r"the server responded with a status of (422|404)")
@pytest.mark.parametrize("size", SIZES)
def test_the_whole_road(
    demo: Mapping[str, str],
    page_of: Callable[..., Page],
    axe: Callable[..., None],
    size: str,
) -> None:
    page = page_of(**SIZES[size])
    main = page.get_by_role("main")
    email = page.get_by_role("textbox", name=re.compile("อีเมล"))

    def sound() -> None:
        if size == "desk":  # axe waits for timers, which a browser without script has not
            axe(page)
        width = SIZES[size]["viewport"]["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto("/resolutions/2565/3/")
    main.get_by_role("link", name="ติดตามข้อเสนอนี้").click()
    third = page.get_by_role("checkbox", name=re.compile("ข้อเสนอที่ 3"))
    expect(third).to_be_checked()
    expect(page.get_by_role("textbox")).to_have_count(1)  # the trap is not for people
    sound()
    email.fill("nok@example")
    page.get_by_role("button", name="ขอรับข่าวทางอีเมล").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(email).to_be_focused()
    expect(third).to_be_checked()
    sound()
    page.get_by_text(re.compile(r"^\s*จังหวัด \(77\)")).click()
    page.get_by_role("checkbox", name="เชียงใหม่").check()
    email.fill(EMAIL)
    email.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("ตรวจอีเมลเพื่อยืนยัน")
    sound()

    (message,) = mail.outbox
    assert message.to == [EMAIL]
    page.goto(link_in("confirm"))
    expect(main).to_contain_text(EMAIL)
    sound()
    main.get_by_role("button", name="ยืนยันการติดตาม").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ยืนยันแล้ว")
    assert followed(Subscriber.objects.get()) == ["2565-3", "TH-50"]
    main.get_by_role("link", name="เปลี่ยนสิ่งที่ติดตาม").click()
    third.uncheck()
    main.get_by_role("button", name="บันทึก").click()
    expect(main.get_by_role("status")).to_contain_text("บันทึกแล้ว")
    sound()
    assert followed(Subscriber.objects.get()) == ["TH-50"]
    leave_by(main.get_by_role("link", name="เลิกติดตามทั้งหมด"))
    sound()
    main.get_by_role("button", name="เลิกติดตาม").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("เลิกติดตามแล้ว")
    assert not Subscriber.objects.exists()
    assert not page.context.cookies()
