"""What the cells of the binary formats say beside calamine."""

from datetime import date

import pytest

from followup.spreadsheets.reader.binary import Collector, StyleTable, rk
from followup.spreadsheets.reader.limits import Limits, TooLarge
from followup.spreadsheets.types import CellError


def collector(*, limits=None, left=1000, date_1904=False):
    """With four styles: plain, percent, a thousand families, and a struck-out font."""
    table = StyleTable(codes={200: '#,##0 "ครอบครัว"'}, struck_fonts={7})
    for font, number in [(0, 0), (0, 9), (0, 200), (7, 0)]:
        table.add(font, number)
    return Collector(table.styles, date_1904, limits or Limits(), left)


@pytest.mark.parametrize(
    ("packed", "value"),
    [
        (5 << 2 | 2, 5),
        ((-5 & 0x3FFFFFFF) << 2 | 2, -5),
        (12345 << 2 | 3, 123.45),
        (0x3FF00000, 1.0),
        (0x3FF00001, 0.01),
        (2, 0),
    ],
)
def test_a_packed_number(packed, value):
    assert rk(packed) == value


def test_what_formats_say_and_what_is_struck_out():
    sheet = collector()
    sheet.number(1, 0, 0, 3.5)
    sheet.number(1, 1, 1, 0.75)
    sheet.number(1, 2, 2, 1250)
    sheet.filled(1, 3, 3)
    facts = sheet.done()
    assert facts.shown == {(1, 1): "75%", (1, 2): "1,250 ครอบครัว"}
    assert facts.struck == {(1, 3)}
    assert (facts.last_row, facts.last_column) == (1, 3)


def test_a_column_is_one_of_percents_only_where_all_its_numbers_are():
    sheet = collector()
    for row in (1, 2):
        sheet.number(row, 0, 1, 0.5)
        sheet.number(row, 1, 1 if row == 1 else 0, 0.5)
    assert sheet.done().percent_columns == {0}


@pytest.mark.parametrize(("code", "text"), [(0x17, "#REF!"), (0x2A, "#N/A"), (0xEE, "#N/A")])
def test_an_error_is_an_error_whatever_its_number(code, text):
    sheet = collector()
    sheet.error(2, 1, 0, code)
    assert sheet.done().override == {2: {1: CellError(text)}}


def test_merges_beyond_any_sheet_are_none():
    sheet = collector()
    sheet.merged(0, 1, 0, 2)
    sheet.merged(0, 2**20, 0, 1)
    sheet.merged(3, 2, 0, 1)
    sheet.hidden_columns(2, 4)
    facts = sheet.done()
    assert facts.merged == [(0, 0, 1, 2)]
    assert facts.hidden_columns == [(2, 4)]


@pytest.mark.parametrize(("row", "column"), [(10, 0), (9, 3)])
def test_the_first_cell_beyond_a_limit_ends_it(row, column):
    sheet = collector(limits=Limits(rows=10), left=30)
    sheet.filled(9, 2, 0)
    with pytest.raises(TooLarge):
        sheet.filled(row, column, 0)


def test_a_date_of_the_1904_system_is_not_four_years_early():
    table = StyleTable()
    table.add(0, 14)
    sheet = Collector(table.styles, True, Limits(), 100)
    sheet.number(0, 0, 0, 44104)
    told = sheet.done().override.get(0, {}).get(0)
    assert told is None or told == date(2024, 10, 1)
