"""Measures by years: the grid, the trends, what does not move, and which years are shown."""

from collections import Counter

import pytest
from django.test import RequestFactory

from followup.models import Round
from followup.progress import progress_by_year, tally
from followup.status import Status
from followup.tests.public import SENTENCES
from followup.views.year_grid import grid_of_answers, window
from proposals.models import Measure, MeasureKind

SHAPES = {f"st-{status.value}": status for status in Status}


def statuses(row):
    """The status of each cell of a row; None where there is none."""
    return [
        next((SHAPES[name] for name in cell.classes if name in SHAPES), None)
        for cell in row.select("td .yg__c")
    ]


def measures(page):
    return [row for row in page.select("table.yg tbody tr") if row.has("td")]


def test_the_grid_agrees_with_the_counting_of_each_year(demo, visitor):
    page = visitor.page("/years/")
    rows = measures(page)
    assert len(rows) == 34
    assert page.texts("table.yg thead th") == ["มาตรการย่อย", "2566", "2567", "2568", "ไม่ขยับ"]
    years = progress_by_year(Round.objects.published())
    for place, year in enumerate(years):
        cells = Counter(statuses(row)[place] for row in rows)
        assert cells == Counter(each.status for each in year.measures)
        counted = [
            row for row in rows if "yg__c--out" not in row.select("td .yg__c")[place].classes
        ]
        assert len(counted) == year.tally.n == tally(year.measures).n


def test_a_cell_says_in_words_what_it_shows_and_leads_to_its_year(demo, visitor):
    row = next(row for row in measures(visitor.page("/years/")) if row.one("th b").text == "3.4")
    first, _second, third = row.select("td a.yg__c")
    assert first.text == "3.4 ปี 2566 ไม่ใช้ ไม่นับในตัวหาร"
    assert third.text == "3.4 ปี 2568 กำลังทำ ดีขึ้น"
    assert first["href"] == "/resolutions/2565/3/?year=2566#m2565-3-4"
    ended = next(row for row in measures(visitor.page("/years/")) if row.one("th b").text == "5.2")
    assert ended.select("td a.yg__c")[-1].text == "5.2 ปี 2568 ยุติ ไม่นับในตัวหาร ยุติในปีนี้"


def test_what_has_not_moved_is_listed_longest_first_and_never_what_is_achieved(demo, visitor):
    page = visitor.page("/years/")
    assert page.texts("ol.stays .stay") == [
        "ปีที่ 3 ไม่ขยับ",
        "ปีที่ 3 ไม่ขยับ",
        "ปีที่ 3 ไม่ขยับ",
        "ปีที่ 3 ไม่มีรายงาน",
        "ปีที่ 3 ไม่มีรายงาน",
    ]
    assert page.texts("ol.stays .rows__t b") == ["2.3", "3.5", "6.1", "7.2", "7.3"]
    assert "ตั้งแต่ 3 รอบขึ้นไป 5 จาก 33 ข้อ" in page.one("section[aria-labelledby=h-l] p.meta").text
    for row in measures(page):
        told = row.texts(".stay")
        history = statuses(row)
        same = 1
        while same < 3 and history[-1 - same] is history[-1]:
            same += 1
        still = same > 1 and history[-1] not in (Status.COMPLETED, Status.CONTINUOUS)
        assert bool(told) == still, row.one("th").text
        assert not told or told[0].startswith(f"ปีที่ {same} ")
        assert row.has(".stay--2") == (still and same == 2)


def test_a_year_before_tells_what_had_not_moved_by_then(demo, visitor):
    page = visitor.page("/years/?to=2567")
    assert page.texts("table.yg thead a") == ["2566", "2567"]
    assert not page.has("ol.stays"), "nothing can have stood still for three rounds"
    assert {text[:7] for text in page.texts("table.yg .stay")} == {"ปีที่ 2"}
    assert [a.text for a in page.select("p.yg__nav a")] == ["ดูปีถัดไป"]


def test_the_first_year_alone_has_neither_trend_nor_list(demo, visitor):
    page = visitor.page("/years/?to=2566")
    assert not page.has("figure.trend")
    assert not page.has("ol.stays")
    assert not page.has("table.yg .stay")
    assert not page.has("table.yg .yg__d")
    assert page.texts("table.yg thead th") == ["มาตรการย่อย", "2566"]


@pytest.mark.parametrize(
    ("to", "notice"),
    [
        ("2570", "ปีงบประมาณ 2570 ยังไม่มีรอบที่เผยแพร่ จึงแสดงถึงปีงบประมาณ 2568"),
        ("abc", "ไม่เข้าใจปี “abc” จึงแสดงถึงปีงบประมาณ 2568"),
    ],
)
def test_an_unknown_year_gets_the_latest_ones_and_a_reason(demo, visitor, to, notice):
    for path in ("/years/", "/resolutions/2565/3/", "/agencies/CODI/"):
        page = visitor.page(path, to=to)
        assert page.texts("[role=status] span") == [notice], path
        assert page.texts("table.yg thead a") == ["2566", "2567", "2568"]


def test_the_trends_draw_what_the_table_says(demo, visitor):
    page = visitor.page("/years/")
    rows = [row.texts("td") for row in page.select("section[aria-labelledby=h-t] tbody tr")]
    years = progress_by_year(Round.objects.published())
    assert rows == [
        [str(n) for n in (t.achieved, t.moving, t.silent, t.n)] for t in (y.tally for y in years)
    ]
    for place, figure in enumerate(page.select("figure.trend")):
        drawn = [each.raw().strip() for each in figure.select("text.trend__v")]
        assert drawn == [row[place] for row in rows]
        said = " ".join(figure.one("desc").raw().split())
        assert said == " ".join(
            f"ปี {year} {row[place]} จาก {row[3]}" for year, row in zip(SENTENCES, rows, strict=True)
        )


def test_a_resolution_has_its_own_measures_and_marks_what_does_not_move(demo, visitor):
    page = visitor.page("/resolutions/2565/7/")
    rows = measures(page)
    assert [row.one("th b").text for row in rows] == ["7.1", "7.2", "7.3"]
    assert [row.texts(".stay") for row in rows] == [
        [],
        ["ปีที่ 3 ไม่มีรายงาน"],
        ["ปีที่ 3 ไม่มีรายงาน"],
    ]
    assert page.texts("section.measure .stay") == ["ปีที่ 3 ไม่มีรายงาน"] * 2
    # A page of an earlier year says how long it was by then; its grid has all years.
    earlier = visitor.page("/resolutions/2565/7/?year=2567")
    assert earlier.texts("section.measure .stay") == ["ปีที่ 2 ไม่มีรายงาน"] * 2
    assert earlier.texts("table.yg thead a") == ["2566", "2567", "2568"]
    assert visitor.page("/resolutions/2565/7/2/").texts(".stay") == ["ปีที่ 3 ไม่มีรายงาน"]
    assert visitor.page("/resolutions/2565/7/2/?year=2566").texts(".stay") == []


def test_an_agency_has_what_it_answered_itself(demo, visitor):
    page = visitor.page("/agencies/CODI/")
    rows = measures(page)
    answered = {
        section.one("h3 a")["href"].partition("#")[2]: section.texts(".measure__then .rows__m")
        for section in page.select("section.measure")
    }
    assert len(rows) == len(answered) == 10
    for row in rows:
        told = answered[row.one("th a")["href"].partition("#")[2]]
        assert [str(each.short) for each in statuses(row)] == [
            text.split()[-1] for text in reversed(told)
        ]


def test_two_forums_are_shown_one_at_a_time(two_forums, visitor):
    page = visitor.page("/years/")
    assert page.texts("select[name=forum] option") == ["เวที 2566", "เวที 2565"]
    assert page.texts("table.yg thead a") == ["2567", "2568"], "the years that followed it up"
    other = visitor.page("/years/?forum=2565")
    assert other.texts("table.yg thead a") == ["2566", "2567", "2568"]
    row = next(row for row in measures(other) if row.one("th b").text == "2565-2.2")
    first, *later = row.select("td .yg__c")
    assert first.tag == "a"
    assert [each.text for each in later] == [
        f"ปี {year} ติดตามต่อภายใต้ข้อของเวทีหลัง ย้ายเวที" for year in (2567, 2568)
    ]
    assert all("yg__c--out" in each.classes for each in later)
    assert not row.has(".stay")
    wrong = visitor.page("/years/?forum=2570")
    assert wrong.texts("p.notice[role=status]") == ["ปีที่เผยแพร่ไม่ได้ติดตามเวที 2570 จึงแสดงเวที 2566"]


# Which years -----------------------------------------------------------------------------------


def rounds(*years):
    return [Round(pk=year, year_be=year) for year in years]


def shown(query, every):
    return window(RequestFactory().get(f"/years/{query}"), every)


@pytest.mark.parametrize(
    ("query", "years", "before", "after"),
    [
        ("", [2569, 2570, 2571, 2572], "?to=2569", ""),
        ("?to=2569", [2566, 2567, 2568, 2569], "", "?to=2572"),
        (
            "?to=2570&forum=2565",
            [2567, 2568, 2569, 2570],
            "?to=2569&forum=2565",
            "?to=2572&forum=2565",
        ),
        ("?to=2567", [2566, 2567], "", "?to=2571"),
        ("?to=2027", [2567, 2568, 2569, 2570], "?to=2569", "?to=2572"),
    ],
)
def test_four_years_are_shown_with_the_way_to_the_others(query, years, before, after):
    found = shown(query, rounds(*range(2566, 2573)))
    assert [each.year_be for each in found.rounds] == years
    assert [each.year_be for each in found.upto] == list(range(2566, years[-1] + 1))
    assert (found.before, found.after, found.notice) == (before, after, "")


def test_no_year_at_all_shows_none():
    assert (shown("", []).rounds, shown("?to=2568", []).notice) == ([], "")


def test_an_answer_that_was_not_expected_or_not_used_is_dotted(forum):
    measure = Measure.objects.filter(kind=MeasureKind.DISCRETIONARY).first()
    other = Measure.objects.exclude(kind=MeasureKind.DISCRETIONARY).first()
    every = rounds(2566, 2567, 2568)
    held, unused = Status.ON_HOLD, Status.NOT_STARTED
    grid = grid_of_answers(
        [
            (measure, {2566: held, 2567: unused, 2568: unused}),
            (other, {2567: unused, 2568: unused}),
        ],
        shown("", every),
    )
    (first, second) = sorted(grid.rows, key=lambda row: row.measure != measure)
    assert [bool(cell.out) for cell in first.cells] == [False, True, True]
    assert first.stay is None, "not used is not standing still"
    assert [cell.status for cell in second.cells] == [None, unused, unused]
    assert second.cells[0].out == "ไม่ได้รับมอบหมายในรอบนี้"
    assert (second.stay.rounds, second.stay.since.year_be) == (2, 2567)
