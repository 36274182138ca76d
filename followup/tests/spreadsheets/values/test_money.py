"""Cells of an amount or a percentage, with the unit of their heading."""

from decimal import Decimal
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.types import SKIP_ROW
from followup.spreadsheets.values import (
    read_money,
    read_percent,
)
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import SEP_30, answered, offered, read, said
from forum_portal.thai import to_thai_digits


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        (1250000, "1250000"),
        (1250000.0, "1250000"),
        ("1250000.0", "1250000"),
        ("1,250,000", "1250000"),
        ("1,000", "1000"),
        ("๑,๒๕๐,๐๐๐ บาท", "1250000"),
        ("1.25 ล้าน", "1250000"),
        ("๑.๒๕ ล้านบาท", "1250000"),
        ("1.25 ลบ.", "1250000"),
        ("1,250.-", "1250"),
        ("1,250,000.- บาท", "1250000"),
        ("1,250,000 บาท", "1250000"),
        ("1,250,000 บาทถ้วน", "1250000"),
        ("1,250,000,- บาท", "1250000"),
        ("บาท 1,000.-", "1000"),
        ("1,000 บ.", "1000"),
        ("1,000.-บาท", "1000"),
        ("THB 1,000", "1000"),
        ("฿1,250.50", "1250.50"),
        ("0", "0"),
        (0.1 + 0.2, "0.3"),
        (1234.56, "1234.56"),
        (9999999999999.99, "9999999999999.99"),
    ],
)
def test_amounts(raw, amount):
    assert read(read_money(raw, {})) == (Decimal(amount), [])


@pytest.mark.parametrize("raw", [None, "", " ", "-", "–", "- บาท"])
def test_no_amount(raw):
    assert read(read_money(raw, {})) == (None, [])
    assert read(read_money(raw, {}, unit=1_000_000)) == (None, [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("1_000", "1_000"),
        ("NaN", "NaN"),
        ("inf", "inf"),
        ("1e400", "1e400"),
        (nan, "nan"),
        (inf, "inf"),
        (1e400, "inf"),
        ("1,25", "1,25"),
        ("1O0", "1O0"),
        ("1๐0", "1๐0"),
        ("บาท", "บาท"),
        (".-", ".-"),
        ("ใช้งบปกติ", "ใช้งบปกติ"),
        ("=1+1", "=1+1"),
        (True, "TRUE"),
        (SEP_30, "30 กันยายน 2567"),
    ],
)
def test_what_is_no_amount(raw, shown):
    for unit in (1, 1_000_000):
        assert read(read_money(raw, {}, unit=unit)) == (
            None,
            [told("B01", v=shown)],
        )


@pytest.mark.parametrize("raw", [-1, -0.5, "-1,000", "−5", "(1,250)"])
def test_negative_amounts(raw):
    assert read(read_money(raw, {})) == (None, [told("B04", v=raw)])


@pytest.mark.parametrize(
    "word",
    [
        *("ไม่ใช้งบประมาณ", "ไม่ได้ใช้งบประมาณ", "ไม่ได้รับจัดสรร", "ไม่ได้รับการจัดสรร", "ไม่มีงบประมาณ"),
        *("ไม่มี", "N/A", "n.a.", "NA", "ไม่ระบุ", "ไม่เกี่ยวข้อง", "..", "รอจัดสรร", "อยู่ระหว่างพิจารณา"),
        *("(ไม่มี)", "ไม่ ใช้งบประมาณ"),
    ],
)
def test_words_for_no_amount_are_asked_once_for_all_columns(word):
    reading = read_money(word, {}, heading="งบประมาณ")
    assert read(reading) == (None, [told("B08", v=word)])
    assert offered(reading) == ["none", "zero", SKIP_ROW]
    other = read_money(word, {}, unit=1_000_000, heading="เบิกจ่าย (ล้านบาท)")
    assert [problem.key for problem in other.problems] == [reading.problems[0].key]
    assert read_money(word, answered(reading, "none")).value is None
    assert read_money(word, answered(reading, "zero")).value == Decimal("0.00")


def test_satang():
    assert said(read_money("1.250", {})) == [told("B05", v="1.250")]
    assert read(read_money(1000 / 3, {})) == (
        Decimal("333.33"),
        [told("B06", v="333.333333333333", baht="333.33")],
    )
    for raw in (10**13, "10,000,000,000,000", "10000000 ล้าน"):
        assert read(read_money(raw, {})) == (
            None,
            [told("B07", v=raw)],
        )


@pytest.mark.parametrize(
    ("raw", "unit", "amount"),
    [
        (1.25, 1_000_000, "1250000"),
        ("1.25", 1_000_000, "1250000"),
        ("๑.๒๕", 1_000_000, "1250000"),
        ("1.250", 1_000_000, "1250000"),
        (999.99, 1_000_000, "999990000"),
        (12.5, 1000, "12500"),
        ("12.5", 1000, "12500"),
        ("1,250,000 บาท", 1_000_000, "1250000"),
        ("1.25 ล้าน", 1_000_000, "1250000"),
        ("1200 ล้าน", 1_000_000, "1200000000"),
    ],
)
def test_the_unit_of_the_heading(raw, unit, amount):
    assert read(read_money(raw, {}, unit=unit)) == (Decimal(amount), [])


@pytest.mark.parametrize(
    ("raw", "shown", "baht"),
    [
        (1250000, "1250000", "1,250,000,000,000"),
        ("1,250,000", "1,250,000", "1,250,000,000,000"),
        (1000, "1000", "1,000,000,000"),
        ("1250000000000", "1250000000000", "1,250,000,000,000,000,000"),
    ],
)
def test_implausible_millions_are_asked(raw, shown, baht):
    reading = read_money(raw, {}, unit=1_000_000)
    assert read(reading) == (
        None,
        [
            told("B02", v=shown, baht=baht),
        ],
    )
    assert offered(reading) == ["baht", "thousand", "million", SKIP_ROW]


def test_the_unit_that_was_chosen():
    reading = read_money(1250000, {}, unit=1_000_000)
    for answer, amount in (
        ("baht", 1_250_000),
        ("thousand", 1_250_000_000),
        ("million", 1_250_000_000_000),
    ):
        answers = answered(reading, answer)
        assert read_money(1250000, answers, unit=1_000_000).value == amount
        assert (
            read_money("1.25", answers, unit=1_000_000).value == 1_250_000
        )  # plausible: as it says
    assert read_money(1250000, answered(reading, SKIP_ROW), unit=1_000_000).value is None


@given(
    st.decimals(0, Decimal("9999999999999.99"), places=2),
    st.sampled_from(["{:.2f}", "{:,.2f}", "{:.2f} บาท", "{:,.2f}บาท"]),
    st.booleans(),
)
def test_any_amount_in_any_form(amount, form, thai_digits):
    written = form.format(amount)
    assert read(read_money(to_thai_digits(written) if thai_digits else written, {})) == (amount, [])


@given(st.integers(0, 10**15 - 1))
def test_any_amount_as_a_number(satang):
    assert read(read_money(satang / 100, {})) == (Decimal(satang) / 100, [])


@given(st.decimals(0, Decimal("999.99999999"), places=8))
def test_any_amount_in_millions(millions):
    for written in (f"{millions:.8f} ล้านบาท", f"{millions:.8f}ล้าน"):
        assert read_money(written, {}).value == millions * 1_000_000
    assert read_money(f"{millions:.8f}", {}, unit=1_000_000).value == millions * 1_000_000


@pytest.mark.parametrize(
    ("raw", "formatted", "percent"),
    [
        (0.25, True, "25"),
        (1, True, "100"),
        (0.07, True, "7"),
        ("25%", False, "25"),
        ("0.5%", False, "0.5"),
        ("๒๕ %", False, "25"),
        ("ร้อยละ 25", False, "25"),
        ("ร้อยละ 1", False, "1"),
        (25, False, "25"),
        ("25", False, "25"),
        (0, False, "0"),
        (100.0, False, "100"),
    ],
)
def test_percent(raw, formatted, percent):
    assert read(read_percent(raw, {}, is_percent_format=formatted)) == (Decimal(percent), [])


@pytest.mark.parametrize(
    ("raw", "shown"), [(0.25, "0.25"), ("0.25", "0.25"), (1, "1"), (1.0, "1"), ("๐.๕", "๐.๕")]
)
def test_a_bare_fraction_is_asked(raw, shown):
    reading = read_percent(raw, {})
    assert read(reading) == (None, [told("N02", v=shown)])
    fraction = read_percent(raw, answered(reading, "fraction")).value
    percent = read_percent(raw, answered(reading, "percent")).value
    assert fraction == percent * 100
    assert read_percent(raw, answered(reading, SKIP_ROW)).value is None


@pytest.mark.parametrize(
    ("raw", "shown", "formatted"),
    [
        (101, "101", False),
        (-1, "-1", False),
        ("-5%", "-5%", False),
        (25, "25", True),
        ("มาก", "มาก", False),
        ("1e400", "1e400", False),
        (nan, "nan", False),
        (inf, "inf", True),
        (True, "TRUE", False),
        ("1,000", "1,000", False),
    ],
)
def test_what_is_no_percentage(raw, shown, formatted):
    assert read(read_percent(raw, {}, is_percent_format=formatted)) == (
        None,
        [told("N01", v=shown)],
    )
    assert read(read_percent(None, {})) == read(read_percent("-", {})) == (None, [])
