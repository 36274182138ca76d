"""A record while it is read: what keeps it from being written."""

import pytest

from followup.spreadsheets.lines import Line, LineKind
from followup.spreadsheets.row import Row, is_answered
from followup.spreadsheets.types import SKIP_ROW, Column, Level, Option, Problem

ASKED = Problem("S01", {"v": "x"}, "S01:x", [Option("on_hold", "ชะลอ"), Option(SKIP_ROW, "ข้าม")])
UNKNOWN_AGENCY = Problem("A01", {"v": "x", "list": ""}, "A01:x", [Option("new", "ใหม่")])


def a_row(*problems):
    row = Row(0, Line(4, [], LineKind.RECORD, frozenset(), {}))
    for problem in problems:
        row.note(problem, Column(2, "สถานะ"), "x", "digest")
    return row


def test_a_trouble_is_in_its_place():
    [trouble] = a_row(ASKED).troubles
    assert (trouble.table, trouble.row, trouble.column, trouble.index) == (0, 5, "สถานะ", 2)
    assert (trouble.raw, trouble.was, trouble.problem) == ("x", "digest", ASKED)


def test_a_trouble_of_the_whole_row_is_in_no_column():
    row = a_row()
    row.note(Problem("R09"), None, None)
    [trouble] = row.troubles
    assert (trouble.column, trouble.index, trouble.raw) == ("", -1, "")


@pytest.mark.parametrize(
    ("problem", "answers", "answered"),
    [
        (ASKED, {}, False),
        (ASKED, {"S01:x": "on_hold"}, True),
        (ASKED, {"S01:x": SKIP_ROW}, True),
        (ASKED, {"S01:x": "completed"}, False),  # none of the options
        (ASKED, {"S01:y": "on_hold"}, False),
        (UNKNOWN_AGENCY, {"A01:x": "agency:7"}, True),  # any agency may be named
        (Problem("B01", {"v": "x"}, "B01:x"), {"B01:x": "on_hold"}, False),  # no question
    ],
)
def test_a_question_is_answered_by_its_own_options(problem, answers, answered):
    assert is_answered(problem, answers) is answered


@pytest.mark.parametrize(
    ("problems", "answers", "level"),
    [
        ([], {}, None),
        ([Problem("T01")], {}, None),
        ([ASKED], {}, Level.ASK),
        ([ASKED], {"S01:x": "on_hold"}, None),
        ([ASKED, Problem("B01")], {}, Level.ERROR),
        ([Problem("B01")], {}, Level.ERROR),
    ],
)
def test_the_gravest_thing_keeps_a_row_back(problems, answers, level):
    assert a_row(*problems).stuck(answers) == level


def test_one_answer_to_leave_it_out_leaves_out_the_row():
    row = a_row(ASKED, UNKNOWN_AGENCY)
    assert not row.is_skipped({"S01:x": "on_hold"})
    assert row.is_skipped({"S01:x": "on_hold", "A01:x": SKIP_ROW})
