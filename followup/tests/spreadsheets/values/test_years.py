"""Cells of a year, in every form that people write it."""

from datetime import date
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.types import SKIP_ROW
from followup.spreadsheets.values import (
    both_eras,
    eras,
    read_year,
)
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import answered, offered, read
from forum_portal.thai import to_thai_digits
from forum_portal.years import to_ce


@pytest.mark.parametrize(
    "raw",
    [
        2567,
        2567.0,
        "2567",
        "2567.0",
        "๒๕๖๗",
        "พ.ศ. 2567",
        "พ.ศ.๒๕๖๗",
        "ปีงบประมาณ พ.ศ. 2567",
        "ปีงบประมาณ 2567",
        "ปี งบ ประมาณ 2 5 6 7",
        "ปีงบ 2567",
        "ปี งปม. ๒๕๖๗",
        "2024",
        2024,
        "ค.ศ. 2024",
        "2567 (ต.ค. 66 – ก.ย. 67)",
        "2567\u200b",
    ],
)
def test_years(raw):
    assert read(read_year(raw, {}, latest=2568)) == (2567, [])


@pytest.mark.parametrize("raw", [None, "", " ", "-", "–"])
def test_no_year(raw):
    assert read(read_year(raw, {})) == (None, [])


@pytest.mark.parametrize(
    ("raw", "shown", "be", "ce", "eras_mixed"),
    [
        ("2022", "2022", 2565, 2022, True),
        (2022, "2022", 2565, 2022, True),
        ("ค.ศ. 2024", "ค.ศ. 2024", 2567, 2024, True),
        ("65", "65", 2565, 2022, False),
        (67, "67", 2567, 2024, False),
        ("๖๗", "๖๗", 2567, 2024, False),
        ("พ.ศ. 67", "พ.ศ. 67", 2567, 2024, False),
        ("24", "24", 2567, 2024, False),
        ("ค.ศ. 24", "ค.ศ. 24", 2567, 2024, False),
    ],
)
def test_years_that_are_asked(raw, shown, be, ce, eras_mixed):
    reading = read_year(raw, {}, both_eras=eras_mixed, latest=2568)
    assert read(reading) == (None, [told("Y01", v=shown, be=be, ce=ce)])
    assert offered(reading) == [str(be), SKIP_ROW]
    yes = answered(reading, str(be))
    assert read_year(raw, yes, both_eras=eras_mixed, latest=2568).value == be
    skip = answered(reading, SKIP_ROW)
    assert read_year(raw, skip, both_eras=eras_mixed, latest=2568).value is None


@pytest.mark.parametrize(
    "raw", ["2564", "2569", "2600", "1999", 3000, "ค.ศ. 2021", "80", "พ.ศ. 24"]
)
def test_years_out_of_range(raw):
    assert read(read_year(raw, {}, earliest=2565, latest=2568)) == (
        None,
        [told("Y02", v=raw, min="2565", max="2568")],
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ปีที่แล้ว", "ปีที่แล้ว"),
        ("2๕67", "2๕67"),
        ("²⁵⁶⁷", "²⁵⁶⁷"),
        ("２５６７", "２５６７"),
        ("25 67", "25 67"),
        ("ค.ศ. 2567", "ค.ศ. 2567"),
        (2567.5, "2567.5"),
        (True, "TRUE"),
        (inf, "inf"),
        (date(2024, 10, 1), "1 ตุลาคม 2567"),
    ],
)
def test_unreadable_years(raw, shown):
    assert read(read_year(raw, {})) == (
        None,
        [told("Y04", v=shown)],
    )


@pytest.mark.parametrize(
    ("raw", "heading"),
    [
        ("ปีปฏิทิน 2567", "ปี"),
        ("2567 (ม.ค.–ธ.ค.)", "ปี"),
        ("2567 ม.ค. - ธ.ค.", "ปี"),
        ("2567", "ปีปฏิทิน"),
        ("2567", "ปี (มกราคม – ธันวาคม)"),
    ],
)
def test_calendar_years_are_asked(raw, heading):
    reading = read_year(raw, {}, heading=heading)
    assert read(reading) == (None, [told("Y03", v=raw)])
    for answer, year in (("fiscal", 2567), ("calendar", 2567), ("calendar_next", 2568)):
        assert read_year(raw, answered(reading, answer), heading=heading).value == year
    assert read_year(raw, answered(reading, SKIP_ROW), heading=heading).value is None


def test_eras_of_a_column():
    assert eras([2565, "พ.ศ. 2566", None, "x", "67"]) == {"be"}
    assert eras(["2022", 2565.0]) == {"be", "ce"}
    assert both_eras([2022, "๒๕๖๕"])
    assert not both_eras([2022, "2023"])
    assert not both_eras([])


@given(st.integers(2565, 2599), st.integers(0, 9))
def test_any_year_in_any_form(be, form):
    text = str(be)
    written = [
        be,
        float(be),
        text,
        f"{be}.0",
        to_thai_digits(be),
        f"พ.ศ. {be}",
        f"ปีงบประมาณ พ.ศ. {to_thai_digits(be)}",
        f"ปี งบ ประมาณ {' '.join(text)}",
        to_ce(be),
        f"ค.ศ. {to_ce(be)}",
    ][form]
    assert read(read_year(written, {})) == (be, [])
