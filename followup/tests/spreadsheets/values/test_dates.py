"""Cells of a day, in every form that people write it."""

from datetime import date, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.messages import level, sentence
from followup.spreadsheets.types import SKIP_ROW, Level
from followup.spreadsheets.values import (
    out_of_order,
    read_date,
)
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import SEP_30, answered, read, said
from forum_portal.thai import MONTHS, MONTHS_SHORT, to_thai_digits
from forum_portal.years import to_be


@pytest.mark.parametrize(
    "raw",
    [
        "30/9/2567",
        "30/09/2567",
        "30-9-2567",
        "30.9.2567",
        "30 / 9 / 2567",
        "30/9/2024",
        "30 กันยายน 2567",
        "30 ก.ย. 2567",
        "30 กย 2567",
        "30ก.ย.2567",
        "30-ก.ย.-2567",
        "๓๐ กันยายน ๒๕๖๗",
        "๓๐/๙/๒๕๖๗",
        "วันที่ 30 กันยายน พ.ศ. 2567",
        "30 Sep 2024",
        "30-September-2024",
        "2024-09-30",
        "2567-09-30",
        "2024-09-30 00:00:00",
        "2024-09-30T10:20:30",
        "30/9/2567 14.30 น.",
        "30\u00a0กันยายน\u200b  2567",
        date(2024, 9, 30),
        datetime(2024, 9, 30, 14, 30),
        45565,
        45565.75,
    ],
)
def test_dates(raw):
    assert read(read_date(raw, {})) == (SEP_30, [])


def test_more_dates():
    assert read(read_date("01/10/2565", {})) == (date(2022, 10, 1), [])
    assert read(read_date("29/02/2567", {})) == (date(2024, 2, 29), [])
    for raw in (None, "", "-", " – "):
        assert read(read_date(raw, {})) == (None, [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("31/2/2567", "31/2/2567"),
        ("9/30/2567", "9/30/2567"),
        ("29/2/2566", "29/2/2566"),
        ("31 เมษายน 2567", "31 เมษายน 2567"),
        ("31/2/67", "31/2/67"),
        ("0/9/2567", "0/9/2567"),
        ("2567-02-31", "2567-02-31"),
        (60, "60"),
        (60.5, "60.5"),
        (-1, "-1"),
        (0, "0"),
        (nan, "nan"),
        (inf, "inf"),
        (10**9, "1000000000"),
        (date(2568, 2, 29), "29/2/2568"),  # 2568 is leap as a Gregorian year, 2025 is not
    ],
)
def test_days_that_no_calendar_has(raw, shown):
    assert read(read_date(raw, {})) == (None, [told("D04", v=shown)])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("สิ้นปี", "สิ้นปี"),
        ("ก.ย. 2567", "ก.ย. 2567"),
        ("๓0/9/2567", "๓0/9/2567"),
        ("³⁰/9/2567", "³⁰/9/2567"),
        ("30 กันยา 2567", "30 กันยา 2567"),
        ("30/9", "30/9"),
        ("1e400", "1e400"),
        ("00:00", "00:00"),
        (True, "TRUE"),
        (2567, "10/1/1907"),  # a year that stands in a column of dates
        (date(1900, 2, 28), "28/2/1900"),
    ],
)
def test_what_is_no_date(raw, shown):
    assert read(read_date(raw, {})) == (
        None,
        [told("D07", v=shown)],
    )


@pytest.mark.parametrize(
    ("raw", "day", "read_as"),
    [
        ("30 ก.ย. 67", SEP_30, "30 กันยายน 2567"),
        ("1 ต.ค. 65", date(2022, 10, 1), "1 ตุลาคม 2565"),
        ("๓๐ ก.ย. ๖๗", SEP_30, "30 กันยายน 2567"),
        ("30/9/67", SEP_30, "30 กันยายน 2567"),
        ("29/2/67", date(2024, 2, 29), "29 กุมภาพันธ์ 2567"),
        ("30-Sep-24", SEP_30, "30 กันยายน 2567"),
    ],
)
def test_two_digit_years_are_asked(raw, day, read_as):
    reading = read_date(raw, {})
    assert read(reading) == (
        None,
        [told("D01", v=raw, date=read_as)],
    )
    assert read_date(raw, answered(reading, "yes")).value == day
    assert read_date(raw, answered(reading, "blank")).value is None
    assert read_date(raw, answered(reading, SKIP_ROW)).value is None


def test_one_answer_serves_all_dates_of_a_form():
    answers = answered(read_date("30 ก.ย. 67", {}), "yes")
    assert read_date("1 ต.ค. 65", answers).value == date(2022, 10, 1)
    assert read_date("1/10/65", answers).value is None


@pytest.mark.parametrize("raw", [date(2567, 9, 30), datetime(2567, 9, 30, 8, 0), 243891])
def test_a_cell_that_was_typed_in_buddhist_years(raw):
    reading = read_date(raw, {})
    assert read(reading) == (
        SEP_30,
        [told("D02", y="2567", date="30 กันยายน 2567")],
    )
    assert level(reading.problems[0]) is Level.WARN


def test_a_cell_that_was_typed_in_two_digit_years():
    reading = read_date(date(1967, 9, 30), {})
    assert read(reading) == (
        None,
        [told("D03", yy="67")],
    )
    assert read_date(date(1967, 9, 30), answered(reading, "be")).value == SEP_30
    assert read_date(date(1967, 1, 2), answered(reading, "be")).value == date(2024, 1, 2)
    assert read_date(date(1967, 9, 30), answered(reading, "ce")).value == date(1967, 9, 30)
    assert read_date(date(1957, 1, 1), {}).value is None
    assert read(read_date(date(1970, 1, 1), {})) == (date(1970, 1, 1), [])
    leap = read_date(date(1964, 2, 29), {})
    assert said(read_date(date(1964, 2, 29), answered(leap, "be")))[-1] == (
        told("D04", v="29/2/1964")
    )


def test_days_outside_the_fiscal_year():
    for inside in ("1/10/2566", "30/9/2567"):
        assert said(read_date(inside, {}, fiscal_year=2567)) == []
    assert read(read_date("1/10/2567", {}, fiscal_year=2567)) == (
        date(2024, 10, 1),
        [told("D05", date="1 ตุลาคม 2567", fy="2567", before="2566")],
    )


def test_the_end_before_the_start():
    later = SEP_30 + timedelta(days=1)
    assert out_of_order(SEP_30, SEP_30) == out_of_order(None, SEP_30) == []
    assert out_of_order(SEP_30, later) == out_of_order(later, None) == []
    assert [sentence(problem) for problem in out_of_order(later, SEP_30)] == [told("D06")]


@given(st.dates(date(2017, 1, 1), date(2056, 12, 31)), st.integers(0, 10), st.booleans())
def test_any_date_in_any_form(day, form, thai_digits):
    be, ce = to_be(day.year), day.year
    month, short = MONTHS[day.month - 1], MONTHS_SHORT[day.month - 1]
    written = [
        f"{day.day}/{day.month}/{be}",
        f"{day:%d/%m}/{be}",
        f"{day.day}-{day.month}-{ce}",
        f"{day.day}.{day.month}.{be}",
        f"{day.day} {month} {be}",
        f"{day.day} {month} พ.ศ. {be}",
        f"{day.day} {short} {be}",
        f"{day.day}{short}{ce}",
        f"วันที่ {day.day} {month} {be}",
        day,
        (day - date(1899, 12, 30)).days,
    ][form]
    if thai_digits and isinstance(written, str):
        written = to_thai_digits(written)
    assert read(read_date(written, {})) == (day, [])


@given(st.dates(date(2017, 1, 1), date(2056, 12, 31)), st.booleans())
def test_any_date_with_a_two_digit_year(day, in_words):
    be = to_be(day.year)
    month = f" {MONTHS_SHORT[day.month - 1]} " if in_words else f"/{day.month}/"
    written = f"{day.day}{month}{be % 100:02}"
    reading = read_date(written, {})
    assert read_date(written, answered(reading, "yes")).value == day
