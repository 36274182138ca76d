"""An organisation assesses on a phone and at a desk, with and without script; the public reads it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from followup import actions
from followup.models import Assessment, Round, User
from followup.tests.assessing import REASON, accept, invite, path_of
from followup.tests.editions import publish_three_reports

pytestmark = pytest.mark.slow


@pytest.mark.browser_allows(r"the server responded with a status of 422")
@pytest.mark.parametrize(("width", "java_script"), [(360, True), (360, False), (1280, True)])
def test_an_assessment_goes_from_the_form_to_the_proposals_page(
    open_round: Round,
    people: dict[str, User],
    page_of: Callable[..., Page],
    axe: Callable[[Page], None],
    width: int,
    java_script: bool,
) -> None:
    page = page_of(viewport={"width": width, "height": 800}, java_script_enabled=java_script)

    def look() -> None:
        if java_script:
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    link = invite(open_round, people["staff"])
    page.goto(path_of(link))
    look()
    page.get_by_role("link", name="ประเมิน 1.2", exact=True).click()
    page.get_by_role("radio", name="ดำเนินการต่อเนื่องทุกปี").check()
    page.get_by_label("เหตุผลที่ประเมินเช่นนี้").fill(REASON)
    page.get_by_role("button", name="ส่งการประเมิน").click()
    page.get_by_role("alert").get_by_role("link", name="ต้องมีหลักฐาน").click()
    expect(page.get_by_label("ชื่อหลักฐาน").first).to_be_focused()
    look()
    page.get_by_role("radio", name="ชะลอ / ติดปัญหา").check()
    page.get_by_role("button", name="ส่งการประเมิน").click()
    expect(page.get_by_role("status")).to_contain_text("ส่งการประเมินแล้ว")
    done = accept(Assessment.objects.get(), people["reviewer"])
    actions.answer_assessment(assessment=done, by=people["reviewer"], seen="", text="จะติดตาม")
    publish_three_reports(open_round, people)
    page.goto("/resolutions/2565/1/#m2565-1-2")
    voice = page.locator("#m2565-1-2 .voice--cso")
    expect(voice).to_contain_text(REASON)
    expect(page.locator("#m2565-1-2")).to_contain_text("จะติดตาม")
    look()
    page.get_by_role("link", name="เห็นต่าง 1 ข้อ").click()
    expect(page.get_by_role("main")).to_contain_text("ต่ำกว่า 1 ขั้น")
    look()
