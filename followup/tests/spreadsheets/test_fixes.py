"""Texts typed in the place of cells: bound to the table, the column and the value that stood there."""

from datetime import date

import pytest

from followup.spreadsheets.fixes import EVERY_ROW, Fixes, digest, entry
from followup.spreadsheets.types import CellError


def fixes(*typed, table="t"):
    """Of (row, column, the value that stood there, the text)."""
    stored = dict(
        entry(
            table="t",
            row=row,
            column=column,
            was=digest(was),
            typed=text,
            heading="",
            shown=str(was),
        )
        for row, column, was, text in typed
    )
    return Fixes(stored, table)


def test_a_fix_is_for_its_cell_only():
    typed = fixes((3, 5, "สิบบาท", "10"))
    assert typed.of(3, 5, "สิบบาท") == "10"
    assert typed.of(4, 5, "สิบบาท") is None
    assert typed.of(3, 4, "สิบบาท") is None
    assert typed.columns == {5}


def test_a_fix_of_a_value_that_stands_there_no_more_does_not_apply():
    assert fixes((3, 5, "สิบบาท", "10")).of(3, 5, "ยี่สิบบาท") is None
    assert fixes((3, 5, "1", "10")).of(3, 5, 1) is None, "a text and a number are two values"


def test_a_fix_for_every_row_gives_way_to_that_of_one_cell():
    typed = fixes((EVERY_ROW, 5, "x", "10"), (4, 5, "x", "20"))
    assert [typed.of(row, 5, "x") for row in (3, 4, 5)] == ["10", "20", "10"]


def test_an_emptied_cell_is_a_fix_too():
    typed = fixes((EVERY_ROW, 5, "x", "10"), (4, 5, "x", ""))
    assert typed.of(4, 5, "x") == ""


def test_a_blank_cell_can_be_filled():
    assert fixes((3, 5, None, "10")).of(3, 5, None) == "10"


def test_another_tables_fixes_are_none_of_this_one():
    assert fixes((3, 5, "x", "10"), table="other").of(3, 5, "x") is None


def test_the_list_of_fixes_keeps_no_more_than_the_beginning_of_a_value():
    key, fix = entry(
        table="t", row=3, column=5, was="w", typed="ก" * 500, heading="ผล", shown="ข" * 500
    )
    assert key == "t:3:5:w"
    assert (len(fix["shown"]), len(fix["typed"])) == (200, 500)


@pytest.mark.parametrize("value", ["1", 1, 1.5, True, date(2024, 9, 30), CellError("#REF!")])
def test_values_are_known_by_a_digest_that_shows_nothing_of_them(value):
    assert len(digest(value)) == 16
    assert digest(value) == digest(value)
    others = ["1", 1, 1.5, True, date(2024, 9, 30), CellError("#REF!")]
    assert sum(digest(value) == digest(other) for other in others) == 1
    assert digest(None) == ""
