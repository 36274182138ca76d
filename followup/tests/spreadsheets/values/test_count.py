"""Whole numbers in cells."""

import pytest

from followup.spreadsheets.types import CellError
from followup.spreadsheets.values import read_count


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (1250.0, 1250),
        (0, 0),
        ("1,250", 1250),
        ("๑,๒๕๐ คน", 1250),
        ("", None),
        ("-", None),
        (None, None),
    ],
)
def test_whole_numbers_as_tables_hold_them(raw, number):
    reading = read_count(raw, {})
    assert (reading.value, list(reading.problems)) == (number, [])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (12.5, "N04"),
        (-1, "N04"),
        (True, "N04"),
        (float("inf"), "N04"),
        ("หลายคน", "N04"),
        ("12.5", "N04"),
        (1e10, "N05"),
        ("99999999999", "N05"),
        (CellError("#REF!"), "R19"),
    ],
)
def test_what_is_none_is_said(raw, code):
    reading = read_count(raw, {})
    assert reading.value is None
    assert [problem.code for problem in reading.problems] == [code]


def test_a_word_for_nothing_is_asked_once():
    asked = read_count("ไม่มีข้อมูล", {})
    [problem] = asked.problems
    assert (asked.value, problem.code) == (None, "R20")
    assert read_count("ไม่มีข้อมูล", {problem.key: "none"}).value is None
