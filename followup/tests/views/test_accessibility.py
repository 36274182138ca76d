"""The accessibility statement tells what the tests do, what is lacking, and how to complain."""

import re

import pytest

from conftest import AXE_TAGS
from followup.tests.browser import test_accessibility as of_pages
from followup.tests.browser import test_layout as of_widths
from followup.tests.browser.pages import IN_ENGLISH
from followup.tests.client import read
from followup.views.accessibility import REVIEWED_ON
from forum_portal.deployment import contact
from forum_portal.thai import format_date
from forum_portal.version import RELEASED_ON, VERSION


def section(page, which):
    return page.one(f"section[aria-labelledby={which}]").text


def test_it_names_the_standard_that_the_tests_check(forum, visitor):
    assert {"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"} <= set(AXE_TAGS)
    page = visitor.page("/accessibility/")
    said = section(page, "standard")
    assert "WCAG 2.2 ระดับ AA" in said
    assert "สอดคล้องบางส่วน" in said, "no more than is so"
    assert "ยังไม่มีผู้ตรวจภายนอก" in said
    assert "WCAG 2.0, 2.1 และ 2.2 ระดับ A และ AA" in section(page, "tested")


def test_its_figures_are_those_of_the_tests(forum, visitor):
    said = section(visitor.page("/accessibility/"), "tested")
    wide, phone = of_pages.WIDE["width"], of_pages.PHONE["width"]
    assert f"ความกว้าง {wide} และ {phone} พิกเซล" in said
    widths = of_widths.SCREENS
    assert f"กว้าง {min(min(widths.values()))} ถึง {max(max(widths.values()))} พิกเซล" in said
    assert "1.3 เท่า" in said
    assert round(max(widths) / min(widths), 1) == 1.3
    assert "ห้าแบบหน้า" in said
    assert len(IN_ENGLISH) == 5


def test_it_tells_what_was_not_tested_and_what_does_not_conform(forum, visitor):
    page = visitor.page("/accessibility/")
    assert "ยังไม่ได้ทดสอบกับโปรแกรมอ่านหน้าจอจริง" in section(page, "untested")
    gaps = page.one("section[aria-labelledby=gaps]")
    assert [re.match(r"\S+", each.text)[0] for each in gaps.select("li")] == [
        "หลักฐานที่หน่วยงานแนบ",
        "รายงานประจำปีแบบ",
        "ไฟล์",
        "หน้าจัดการระบบของผู้ดูแล",
    ]
    assert of_pages.DJANGOS_OWN, "once they are mended, the last line goes"


def test_a_problem_is_told_by_the_form_to_the_office_and_then_to_others(forum, settings, visitor):
    settings.FEEDBACK_START_DAYS, settings.FEEDBACK_ANSWER_DAYS = 3, 12
    settings.PORTAL_CONTACT = contact(phone="0 2659 6399", email="office@example.org", address="")
    steps = visitor.page("/accessibility/").select("section[aria-labelledby=complain] li")
    form, office, others = steps
    assert form.one("a")["href"] == "/feedback/new/"
    assert "ภายใน 3 วันทำการ และตอบภายใน 12 วัน" in form.text
    assert [each["href"] for each in office.select("a")] == [
        "tel:+6626596399",
        "mailto:office@example.org",
    ]
    assert "ผู้ตรวจการแผ่นดิน" in others.text


def test_it_is_dated_and_names_the_version(forum, visitor):
    said = section(visitor.page("/accessibility/"), "date")
    assert f"{format_date(REVIEWED_ON)} ใช้กับระบบรุ่น {VERSION}" in said
    assert REVIEWED_ON >= RELEASED_ON, "a release is a reason to read it again"


@pytest.mark.parametrize("path", ["/", "/about/", "/en/", "/en/about/"])
def test_every_public_page_leads_to_it(forum, visitor, path):
    links = [each["href"] for each in visitor.page(path).select("footer a")]
    assert path.replace("about/", "") + "accessibility/" in links


def test_it_says_the_same_in_english(forum, visitor):
    thai = visitor.page("/accessibility/")
    page = read(visitor.get("/en/accessibility/"))
    assert page.one("h1").text == "Accessibility"
    assert "conforms to them partially" in section(page, "standard")
    for which in ("tested", "untested", "gaps", "complain"):
        counted = [
            len(each.select(f"section[aria-labelledby={which}] li")) for each in (thai, page)
        ]
        assert counted[0] == counted[1] > 0, which
