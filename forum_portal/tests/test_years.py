"""Years: every accepted form, every refusal with its message, and the fiscal year at its edges."""

from datetime import date

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from forum_portal.thai import to_thai_digits
from forum_portal.years import (
    YEAR_MAX,
    YEAR_MIN,
    ParsedYear,
    YearError,
    as_typed,
    fiscal_year_bounds,
    fiscal_year_of,
    fiscal_year_today,
    parse_year,
    to_be,
    to_ce,
)

YEARS = st.integers(YEAR_MIN, YEAR_MAX)


@pytest.mark.parametrize(
    ("text", "be", "era", "marked"),
    [
        ("2567", 2567, "be", False),
        ("๒๕๖๗", 2567, "be", False),
        (" พ.ศ. 2567", 2567, "be", True),
        ("พ.ศ.2567", 2567, "be", True),
        ("พ.ศ. ๒๕๖๗", 2567, "be", True),
        ("ปีงบประมาณ พ.ศ. ๒๕๖๗", 2567, "be", True),
        ("ปีงบประมาณ 2567", 2567, "be", False),
        ("ปีงบประมาณ\n2567", 2567, "be", False),
        ("ปี 2567", 2567, "be", False),
        ("ปี งบ ประมาณ 2 5 6 7", 2567, "be", False),
        ("๒ ๕ ๖ ๗", 2567, "be", False),
        ("2024", 2567, "ce", False),
        ("ค.ศ. 2024", 2567, "ce", True),
        ("ปี ค.ศ. ๒๐๒๔", 2567, "ce", True),
        ("\ufeff\u00a02567\u200b", 2567, "be", False),
        ("พ.ศ.\u00a02567", 2567, "be", True),
        ("2560", 2560, "be", False),
        ("2599", 2599, "be", False),
        ("2017", 2560, "ce", False),
        ("2056", 2599, "ce", False),
    ],
)
def test_accepted(text, be, era, marked):
    assert parse_year(text) == ParsedYear(be, era, marked)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "พ.ศ.",
        "๒๕67",
        "2 5 ๖ 7",
        "25 67",
        "256 7",
        "256",
        "25678",
        "7",
        "²⁵⁶⁷",
        "２５６７",
        "২৫৬৭",
        "256O",
        "FY 2567",
        "2567/2568",
        "2,567",
        "2567.0",
        "-2567",
        "งบประมาณ 2567",
        "2567\x00",
        "9" * 5000,
    ],
)
def test_not_a_year(text):
    with pytest.raises(YearError) as error:
        parse_year(text)
    assert error.value.code == "not_a_year"
    assert str(error.value) == (f"อ่านปี “{as_typed(text)}” ไม่ได้ ระบุปี พ.ศ. เป็นตัวเลข 4 หลัก เช่น 2567")


@pytest.mark.parametrize("text", ["67", "๖๗", "พ.ศ. 67", "ปีงบประมาณ 67", "6 7"])
def test_two_digits(text):
    with pytest.raises(YearError) as error:
        parse_year(text)
    assert error.value.code == "two_digits"
    assert str(error.value) == (f"ปี “{text}” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567")


@pytest.mark.parametrize(
    "text", ["2559", "2600", "2016", "2057", "0067", "๒๕๕๙", "พ.ศ. 1999", "ค.ศ. 2500"]
)
def test_out_of_range(text):
    with pytest.raises(YearError) as error:
        parse_year(text)
    assert error.value.code == "out_of_range"
    assert str(error.value) == f"ปี “{text}” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้"


@pytest.mark.parametrize(
    ("text", "proposal"), [("ค.ศ. 2567", "พ.ศ. 2567"), ("พ.ศ. ๒๐๒๔", "ค.ศ. 2024")]
)
def test_era_word_against_number(text, proposal):
    with pytest.raises(YearError) as error:
        parse_year(text)
    assert error.value.code == "not_a_year"
    assert str(error.value) == f"ปี “{text}” ขัดกัน ระบุ “{proposal}” หรือแก้ตัวเลข"


def test_message_quotes_little_of_a_long_cell():
    assert as_typed(" ปี\x00\nก่อน ") == "ปี\ufffd ก่อน"
    assert as_typed("ก" * 61) == "ก" * 59 + "…"


@given(
    be=YEARS,
    before=st.sampled_from(["", "ปี", "ปี ", "ปีงบประมาณ", "ปีงบประมาณ ", "ปี งบ ประมาณ "]),
    era=st.sampled_from(["", "พ.ศ.", "พ.ศ. ", "พ. ศ. ", "ค.ศ. "]),
    christian=st.booleans(),
    thai=st.booleans(),
    spaced=st.booleans(),
    around=st.text("\u200b\ufeff\u00a0 \n\t", max_size=3),
)
def test_any_accepted_form_reads_back(be, before, era, christian, thai, spaced, around):
    in_ce = era.startswith("ค") or (christian and not era)
    digits = str(to_ce(be) if in_ce else be)
    digits = to_thai_digits(digits) if thai else digits
    text = around + before + era + (" ".join(digits) if spaced else digits) + around
    assert parse_year(text) == ParsedYear(be, "ce" if in_ce else "be", bool(era))


@given(st.text() | st.text("พคศปี. 0126๒๕๖๗\u200b\x00"))
def test_any_text_is_a_year_in_range_or_a_year_error(text):
    message = ""
    try:
        assert YEAR_MIN <= parse_year(text).be <= YEAR_MAX
    except YearError as error:
        message = str(error)
    assert message.isprintable()


@given(YEARS)
def test_fiscal_year_bounds_hold_their_year(be):
    first, last = fiscal_year_bounds(be)
    assert (last - first).days in {364, 365}
    assert fiscal_year_of(first) == fiscal_year_of(last) == be
    assert fiscal_year_bounds(be + 1)[0].toordinal() == last.toordinal() + 1
    assert to_be(to_ce(be)) == be


def test_fiscal_year_2567():
    assert fiscal_year_bounds(2567) == (date(2023, 10, 1), date(2024, 9, 30))


@pytest.mark.parametrize(
    ("moment", "fiscal_year"),
    [
        ("2024-09-30T23:59:59+07:00", 2567),
        ("2024-10-01T00:00:00+07:00", 2568),
        ("2024-12-31T23:59:59+07:00", 2568),
        ("2025-01-01T00:00:00+07:00", 2568),
    ],
)
def test_fiscal_year_turns_at_midnight_in_bangkok(moment, fiscal_year):
    with time_machine.travel(moment, tick=False):
        assert fiscal_year_today() == fiscal_year
