"""Codes of measures and resolutions: the contract's "References", with the real ones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.measures import MeasureMatcher, MeasureRef, Place
from followup.spreadsheets.types import SKIP_ROW
from followup.tests.spreadsheets.names import MEASURES, measures
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import offered, read, said


@pytest.mark.parametrize(
    ("item", "clause"),
    [
        (None, "3.1"),
        (None, "๓.๑"),
        (None, 3.1),
        (None, "ข้อ 3.1"),
        (None, "03.1"),
        (None, "3.01"),
        (None, "มาตรการย่อย 3.1"),
        (None, "3.1 พัฒนาฐานข้อมูล ปี 2567"),
        (None, "3.1: พัฒนา"),
        ("3.1", None),
        (3.1, None),
        ("ข้อเสนอที่ 3.1", ""),
        ("ข้อเสนอที่ 3 ข้อย่อย 1", None),
        (None, "2565-3.1"),
        (None, "๒๕๖๕-๓.๑"),
        (None, "ข้อ 2565 – 3.1 พัฒนา"),
        ("2565-3", 1),
        ("2566-4", "3.1"),  # numbers the rows, as 17 does
        (3, 1),
        ("3", "1"),
        (3.0, 1.0),
        ("3.0", "1"),
        ("๓", "๑"),
        ("ข้อ 3", "1. พัฒนาฐานข้อมูล"),
        (17, "3.1"),  # a running number
        ("17", "3.1"),
        ("ข้อเสนอที่ 3", "3.1"),
        ("3.1", "พัฒนาฐานข้อมูลใน 3-5 ปี"),
        ("3.1", 1),
    ],
)
def test_a_measure_however_written(item, clause):
    assert read(measures.match(item, clause, {})) == ((Place(31, 3),), [])


@pytest.mark.parametrize(
    ("item", "clause"),
    [
        (3, None),
        (3.0, None),
        ("3", " "),
        ("๓", None),
        ("ข้อ 3", None),
        ("ข้อเสนอที่ 3", None),
        ("มติข้อ 3", None),
        ("3. การพัฒนาฐานข้อมูล", None),
        (None, "3"),
        (None, 3),
    ],
)
def test_a_resolution_as_a_whole(item, clause):
    assert read(measures.match(item, clause, {})) == ((Place(None, 3),), [])


@pytest.mark.parametrize(
    ("item", "clause", "shown"),
    [
        (9, None, "9"),
        ("9", None, "9"),
        ("๙", None, "9"),
        (None, "9.1", "9"),
        (0, None, "0"),
        (9, 1, "9"),
        ("สาม", None, "สาม"),
        (None, "3.1.2", "3.1.2"),
        (None, "1๒.1", "1๒.1"),
        (None, "³.1", "³.1"),
        (True, None, "TRUE"),
        (-3, None, "-3"),
        ("", "พัฒนา", "พัฒนา"),
    ],
)
def test_no_such_resolution(item, clause, shown):
    assert read(measures.match(item, clause, {})) == (
        None,
        [told("R01", v=shown, list="1–8")],
    )


@pytest.mark.parametrize(
    ("item", "clause", "shown", "number", "listed"),
    [
        (None, "3.7", "3.7", 3, "3.1–3.6"),
        (None, 3.7, "3.7", 3, "3.1–3.6"),
        (None, "ข้อ ๓.๗", "3.7", 3, "3.1–3.6"),
        (3, 7, "3.7", 3, "3.1–3.6"),
        (8, "พัฒนา", "พัฒนา", 8, "8.1, 8.2"),
        ("ข้อเสนอที่ 2", "3.1", "3.1", 2, "2.1–2.8"),
        ("3.1", 2, "2", 3, "3.1–3.6"),
    ],
)
def test_no_such_measure(item, clause, shown, number, listed):
    assert read(measures.match(item, clause, {})) == (
        None,
        [told("R02", v=shown, i=number, list=listed)],
    )


@pytest.mark.parametrize(
    "raw",
    [
        *("3.1, 3.2", "3.1–3.6", "3.1 และ 3.2", "3.1/3.2", "3.1\n3.2", "1-3"),
        *("2565-3.1, 2565-3.2", "2565-3.1–3.6"),
    ],
)
def test_several_codes_in_a_cell(raw):
    shown = " ".join(raw.split())
    expected = (None, [told("R10", v=shown)])
    assert read(measures.match(None, raw, {})) == expected
    assert read(measures.match(3, raw, {})) == expected
    assert read(measures.match(raw, None, {})) == expected


def test_neither_proposal_nor_measure():
    for blank in (None, "", " \u200b"):
        assert read(measures.match(blank, blank, {})) == (
            None,
            [told("R08")],
        )


def test_a_cut_zero_is_asked():
    reading = measures.match(None, "2.10", {})
    assert read(reading) == (None, [told("R03", v="2.10", cut="2.1")])
    assert offered(reading) == ["21", SKIP_ROW]
    assert measures.match(None, "2.10", {reading.problems[0].key: "21"}).value == (Place(21, 2),)
    assert measures.match(None, "2.10", {reading.problems[0].key: SKIP_ROW}).value is None
    assert read(measures.match(None, 2.1, {})) == ((Place(21, 2),), [])


def test_a_number_where_the_longer_code_exists():
    with_ten = MeasureMatcher([*MEASURES, MeasureRef(210, 2565, 2, 2, 10)])
    reading = with_ten.match(None, 2.1, {})
    assert read(reading) == (None, [told("R03", v="2.10", cut="2.1")])
    assert offered(reading) == ["210", "21", SKIP_ROW]
    assert with_ten.match(None, 2.1, {reading.problems[0].key: "210"}).value == (Place(210, 2),)
    assert read(with_ten.match(None, "2.10", {})) == ((Place(210, 2),), [])
    assert read(with_ten.match(None, "2.1", {})) == ((Place(21, 2),), [])


def test_a_code_that_became_a_date():
    reading = measures.match(None, date(2024, 1, 3), {})
    assert read(reading) == (None, [told("R03", v="3.1", cut="3/1/2024")])
    assert offered(reading) == ["31", "13", SKIP_ROW]
    assert measures.match(None, date(2024, 1, 3), {reading.problems[0].key: "31"}).value == (
        Place(31, 3),
    )
    assert said(measures.match(date(2024, 12, 31), None, {})) == [
        told("R01", v="31/12/2024", list="1–8")
    ]


def test_true_is_not_one():
    assert measures.match(None, 1, {}).value == (Place(None, 1),)
    assert measures.match(None, True, {}).value is None
    assert measures.match(None, 1.0, {}).value == (Place(None, 1),)


def test_measures_of_a_resolution():
    assert measures.in_resolution(8) == [81, 82]
    assert measures.in_resolution(9) == []


@given(st.sampled_from(MEASURES), st.sampled_from(["{}", " {} ", "ข้อ {}", "รหัส {}", "{} ก"]))
def test_any_measure_in_any_form(measure, form):
    places = (Place(measure.pk, measure.resolution),)
    for code in (measure.short, measure.full):
        assert measures.match(None, form.format(code), {}).value == places
    assert measures.match(None, float(measure.short), {}).value == places
    assert measures.match(measure.resolution_number, measure.number, {}).value == places
