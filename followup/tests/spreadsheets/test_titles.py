"""The fiscal year named by a sheet's name and its titles."""

import pytest

from followup.spreadsheets.messages import level, sentence
from followup.spreadsheets.titles import titled_year
from followup.spreadsheets.types import SKIP_ROW, Level, Sheet
from followup.tests.spreadsheets.told import told


def asked(*titles, name="แผ่น1", **more):
    """(row, year) of each question about a table under these titles, for the round 2569."""
    rows = [[None, title] for title in titles]
    found = titled_year(Sheet(name, rows), len(rows), 2569, **more)
    return [(row, problem.params["v"]) for row, problem in found]


@pytest.mark.parametrize(
    "title",
    [
        *("ประจำปีงบประมาณ พ.ศ. 2568", "ปีงบประมาณ ๒๕๖๘", "ปีงบประมาณ 2025", "ปีงบประมาณ ค.ศ. 2025"),
        *(
            "FY2025",
            "FY 2568",
            "FY25",
            "fy68",
            "Fiscal Year 2025",
            "ปีงบ 68",
            "ปีงบฯ 68",
            "ปี งปม. 2568",
        ),
        *("ปีงบประมาณ พ.ศ. ๒ ๕ ๖ ๘", "ประจําปีงบประมาณ พ.ศ. 2568 (1 ต.ค. 2567 - 30 ก.ย. 2568)"),
        *("รายงานผลการดำเนินงาน ประจำปี 2568", "ข้อเสนอ CSOs Forum 2565 ปีงบประมาณ 2568"),
        "ปีงบประมาณ 2568 ณ วันที่ 30 กันยายน 2569",
    ],
)
def test_a_title_of_another_year_is_asked_about(title):
    assert asked(title) == [(1, "2568")]


@pytest.mark.parametrize(
    "title",
    [
        *("ปีงบประมาณ พ.ศ. 2569", "FY2026", "ปีงบ 69", "CSOs Forum ประจำปี 2565", "เวที 2566"),
        *(
            "สรุปผลฟอรั่ม ประจำปี 2565",
            "ข้อเสนอเชิงนโยบาย ประจำปี 2565",
            "งบประมาณ 2568 บาท",
            "ข้อมูล ณ วันที่ 30 กันยายน 2568",
        ),
        *("(1 ต.ค. 2567 - 30 ก.ย. 2568)", "ปีงบประมาณ 2567-2570", "ปีงบประมาณ 2567, 2568 และ 2569"),
        *("ปีงบประมาณ 2569 เทียบกับปีงบประมาณ 2568", "ตั้งแต่ปีงบประมาณ 2566", "ปีงบประมาณ 2566 เป็นต้นไป"),
        *("ปีงบประมาณ 2566 ถึงปัจจุบัน", "แบบรายงาน", ""),
    ],
)
def test_titles_that_say_nothing_against_the_round(title):
    assert asked(title) == []


def test_a_span_that_does_not_hold_the_round_is_asked_about_as_it_is_written():
    assert asked("แผนปีงบประมาณ ๒๕๖๕ – ๒๕๖๗") == [(1, "2565 – 2567")]


def test_the_name_of_the_sheet():
    assert asked(name="ปีงบ68") == [(1, "2568")]
    assert asked("ปีงบประมาณ 2569", name="2568") == [(1, "2568")]
    assert asked(name="2569") == asked(name="กสป. 2568") == []
    assert asked(name="2565", forum_years={2565, 2566}) == []
    assert asked(name="ปีงบ 2565", forum_years={2565, 2566}) == [(1, "2565")]


def test_each_year_once_with_its_first_row():
    titles = ("รายงาน", "ปีงบประมาณ 2568", "ปีงบประมาณ 2567", "ปีงบประมาณ 2568")
    assert asked(*titles) == [(2, "2568"), (3, "2567")]


def test_rows_of_the_table_are_no_titles():
    one = Sheet("ก", [["ปีงบประมาณ"], ["ปีงบประมาณ 2568"]])
    assert titled_year(one, 0, 2569) == []


def test_the_question():
    [(_row, problem)] = titled_year(Sheet("กสป", [["ปีงบประมาณ 2568"]]), 1, 2569)
    assert level(problem) is Level.ASK
    assert sentence(problem) == (told("Y06", sheet="กสป", v="2568", year="2569"))
    assert [option.value for option in problem.options] == ["import", SKIP_ROW]
    keys = {
        titled_year(Sheet(name, [[title]]), 1, 2569)[0][1].key
        for name in ("กสป", "พม")
        for title in ("ปีงบประมาณ 2568", "ปีงบประมาณ 2567")
    }
    assert len(keys) == 4
