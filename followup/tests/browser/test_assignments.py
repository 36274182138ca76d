"""Assignments are confirmed with and without JavaScript, on a phone as well."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from followup.models import Assignment, User
from followup.tests.assignments import assignment_of
from proposals.models import Forum

PHONE = {"width": 360, "height": 740}


def confirmed() -> int:
    return Assignment.objects.filter(basis="confirmed", confirmed_ref="3/2569").count()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
@pytest.mark.browser_allows(r"the server responded with a status of 422")
def test_a_page_is_selected_one_taken_out_and_the_rest_confirmed(
    second_forum: Forum,
    people: dict[str, User],
    page_of: Callable[..., Page],
    has_script: bool,
) -> None:
    options = {"java_script_enabled": has_script, "viewport": PHONE}
    page = page_of(people["administrator"], **options)
    page.goto("/staff/assignments/")
    page.get_by_role("link", name="เลือกทั้งหน้านี้ (8)").click()
    button = page.locator("[data-confirm]")
    expect(button).to_have_text("ยืนยัน 8 รายการ")
    page.get_by_label("เลือก 2566-3.1 สงป.").uncheck()
    expect(button).to_have_text(f"ยืนยัน {7 if has_script else 8} รายการ")

    page.get_by_label("ครั้งที่").fill("3/2569")
    page.get_by_label("วันที่", exact=True).fill("31/2/2569")
    button.click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("ไม่มีวันที่ 31/2/2569 ในปฏิทิน")
    summary.get_by_role("link").click()
    expect(page.get_by_label("วันที่", exact=True)).to_be_focused()
    expect(page.get_by_label("เลือก 2566-3.1 สงป.")).not_to_be_checked()
    expect(button).to_have_text("ยืนยัน 7 รายการ")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert confirmed() == 0

    page.get_by_label("วันที่", exact=True).fill("12 ตุลาคม 2566")
    button.click()
    expect(page.get_by_role("status")).to_contain_text("ยืนยันแล้ว 7 รายการ ตามมติ คสป. ครั้งที่ 3/2569")
    assert confirmed() == 7
    assert assignment_of("2566-3.1", "BOB").basis == "proposed"


def test_a_role_is_changed_in_its_place(
    second_forum: Forum, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    page = page_of(people["administrator"])
    page.goto("/staff/assignments/?forum=2566")
    page.get_by_role("link", name="เปลี่ยนบทบาท 2566-3.1 สงป.").click()
    form = page.get_by_role("form", name="เปลี่ยนบทบาทของ สงป. ใน 2566-3.1")
    expect(form).to_be_in_viewport()
    form.get_by_role("button", name="เปลี่ยนบทบาท").click()
    expect(page.get_by_role("status")).to_contain_text("เปลี่ยนบทบาทของ 2566-3.1 สงป. แล้ว")
    row = assignment_of("2566-3.1", "BOB")
    expect(page.locator(f"#a{row.pk}")).to_be_in_viewport()
    assert row.role == "support"
