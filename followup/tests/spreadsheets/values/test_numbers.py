"""Decimal numbers in cells."""

from datetime import date
from decimal import Decimal

import pytest

from followup.spreadsheets.types import CellError
from followup.spreadsheets.values import read_number


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (41.5, "41.5"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        (-3.5, "-3.5"),
        ("๔๑.๒๕", "41.25"),
        ("1,250", "1250"),
        ("−2", "-2"),
        ("-", None),
        (None, None),
    ],
)
def test_numbers_as_tables_hold_them(raw, number):
    reading = read_number(raw, {})
    assert list(reading.problems) == []
    assert reading.value == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("ร้อยละ 41", "N06"),
        ("7 ภาคี", "N06"),
        ("1.2.3", "N06"),
        (True, "N06"),
        (float("nan"), "N06"),
        (date(2026, 1, 1), "N06"),
        ("0.12345", "N07"),
        (1e20, "N05"),
        (CellError("#DIV/0!"), "R19"),
        ("ไม่มี", "R20"),
    ],
)
def test_what_is_none_is_said(raw, code):
    reading = read_number(raw, {})
    assert reading.value is None
    assert [each.code for each in reading.problems] == [code]
