"""300 agencies, 77 of them in a group and 77 lead agencies of one measure: what pages say of them."""

import pytest

from followup.models import Agency
from followup.tests.ground import ground, layer
from followup.tests.many_agencies import MEMBERS, many_rounds, published
from followup.tests.public import measure_section


@layer
def many() -> None:
    many_rounds()


@pytest.fixture(name="many")
def many_fixture(forum, people):
    """The round of 2569, published; see `many_agencies.many_rounds`."""
    ground.lay("many")
    return published()


def test_a_measures_page_says_how_many_of_a_group_answered(many, visitor):
    page = visitor.page("/resolutions/2565/1/")
    group = page.one("div.answers")
    assert "พมจ. ทุกจังหวัด" in group.text
    assert f"ตอบแล้ว 12 จาก {MEMBERS} หน่วยงาน ยังไม่ได้รับรายงาน {MEMBERS - 12} หน่วยงาน" in group.text
    behind = group.select("details li")
    assert len(behind) == MEMBERS
    assert "จัดเวทีระดับจังหวัดครบตามแผน" in behind[0].text
    assert "พมจ. 013" in behind[12].text
    assert "ยังไม่ได้รับรายงาน" in behind[12].text


def test_a_measure_with_many_leads_says_how_many_and_has_them_behind(many, visitor):
    page = visitor.page("/resolutions/2565/1/")
    section = measure_section(page, "1.1")
    assert section.texts("dl.who dd")[0] == f"{MEMBERS + 1} หน่วยงาน"
    details = section.one("details")
    assert details.one("summary").text == f"หน่วยงานหลัก ตอบแล้ว 0 จาก {MEMBERS + 1}"
    assert len(details.select("li")) == MEMBERS + 1


def test_a_member_says_for_which_group_it_answers_and_the_group_lists_it(many, visitor):
    said = visitor.page("/agencies/PRV001/").one("main")
    assert "ในฐานะสมาชิกกลุ่ม พมจ. ทุกจังหวัด" in " ".join(said.text.split())
    group = visitor.page("/agencies/PROVS/").one("main")
    assert f"ปีงบประมาณ 2569 ตอบแล้ว 12 จาก {MEMBERS} รายการ" in group.text
    assert f"รายชื่อหน่วยงานในกลุ่ม ({MEMBERS})" in group.text
    assert "ยังไม่มีมาตรการย่อยที่ได้รับมอบหมาย" not in group.text


def test_the_matrix_has_one_row_for_the_group(many, visitor):
    page = visitor.page("/matrix/?kind=group")
    rows = page.select("ul.cards li.card")
    assert [row.one("p.card__t a").text for row in rows] == ["พมจ. ทุกจังหวัด"]
    assert f"12/{MEMBERS}" in rows[0].text
    assert "พมจ. 001" not in page.one("main").text


def test_open_data_names_the_group_of_a_member(many, visitor):
    rows = visitor.get("/api/v1/assignments?year=2569&agency=PRV001").json()["results"]
    assert [(row["agency_code"], row["group_code"]) for row in rows] == [("PRV001", "PROVS")]
    every = visitor.get("/api/v1/assignments?year=2569&agency=PROVS").json()["results"]
    assert every == []


def test_a_spreadsheets_row_of_a_member_finds_its_assignment(many):
    assert Agency.objects.get(code="PRV001").assignments.get().of_group.agency.code == "PROVS"
