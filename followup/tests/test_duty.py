"""Which resolution obliges the committee, and what the pages say of it."""

import pytest

from followup.duty import duty

#: Page: the part of it that names the resolution.
PAGES = {
    "/about/": "section[aria-labelledby=mandate]",
    "/privacy/": "section[aria-labelledby=p4]",
    "/follow-up/": ".hero",
}


def test_the_setting_names_the_resolution(second_forum, settings):
    assert duty().full_code == "2565-8"
    settings.PORTAL_DUTY = "2566-5"
    assert duty().full_code == "2566-5"
    assert duty().forum == second_forum


@pytest.mark.parametrize("code", ["", "2570-8", "2565-80"])
def test_without_such_a_resolution_there_is_none(forum, settings, code):
    settings.PORTAL_DUTY = code
    assert duty() is None


@pytest.mark.parametrize(("path", "part"), PAGES.items())
def test_the_pages_name_the_resolution_of_the_setting(second_forum, visitor, settings, path, part):
    settings.PORTAL_DUTY = "2566-5"
    said = visitor.page(path).one(part).text
    assert "เวที 2566 ข้อเสนอที่ 5" in said
    assert "ข้อเสนอที่ 8" not in said


@pytest.mark.parametrize(("path", "part"), PAGES.items())
def test_the_pages_of_one_forum_name_no_forum(forum, visitor, path, part):
    said = visitor.page(path).one(part).text
    assert "ข้อเสนอที่ 8" in said
    assert "เวที 2565" not in said


@pytest.mark.parametrize(("path", "part"), PAGES.items())
def test_the_pages_stand_without_such_a_resolution(forum, visitor, settings, path, part):
    settings.PORTAL_DUTY = ""
    assert "ข้อเสนอที่" not in visitor.page(path).one(part).text


def test_the_duty_page_begins_with_the_forum_that_obliges(
    second_forum, visitor, settings, time_machine
):
    time_machine.move_to("2026-11-22")
    settings.PORTAL_DUTY = "2566-5"
    assert "ปีงบประมาณที่สิ้นสุดแล้ว 3 ปี" in visitor.page("/follow-up/").text


def test_about_counts_the_measures_of_each_forum(second_forum, visitor):
    said = visitor.page("/about/").one("section[aria-labelledby=counting]").text
    assert "เวที 2565 รวม 34 ข้อ เวที 2566 รวม 9 ข้อ" in said
    assert "(2565-3.4)" in said
