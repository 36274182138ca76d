"""What a citation says."""

from datetime import UTC, datetime

from followup.citing import Cited

ADDRESS = "https://portal.example.org/resolutions/2565/4/?year=2568#m2565-4-1"


def test_a_citation_says_what_year_edition_publication_and_address():
    # Late in the evening of 31 December in London it is the new year in Bangkok.
    made_at = datetime(2025, 12, 31, 18, 0, tzinfo=UTC)
    cited = Cited("ผลการดำเนินงาน มาตรการย่อย 4.1", ADDRESS, "2568", 2, made_at)
    assert cited.text == (
        "คสป. (2569) ผลการดำเนินงาน มาตรการย่อย 4.1 ปีงบประมาณ 2568 ฉบับที่ 2 เผยแพร่ 1 ม.ค. 2569 "
        + ADDRESS
    )


def test_what_belongs_to_no_edition_is_cited_without_one():
    assert Cited("การแก้ไขหลังเผยแพร่", ADDRESS).text == f"คสป. การแก้ไขหลังเผยแพร่ {ADDRESS}"
