"""The second look at a sheet's XML: its size, and what calamine does not tell."""

from datetime import date, datetime
from typing import Any

import pytest

from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    HEADER,
    RECORD,
    Files,
    data,
    first_column,
    number_formats,
    openpyxl_book,
    raw,
    xlsxwriter_book,
)


def test_hidden_rows_and_columns(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.active
        for row in (HEADER, RECORD, RECORD, RECORD):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[900].hidden = True  # nothing there
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions.group("D", "XFD", hidden=True)

    sheet = files.sheet(openpyxl_book(build))
    assert sheet.hidden_rows == {2}
    assert sheet.hidden_columns == {1}
    assert sheet.rows[2] == tuple(RECORD)  # read all the same


def test_no_height_and_no_width_hide_as_well(files: Files) -> None:
    body = '<cols><col min="1" max="1" width="9"/><col min="2" max="9" width="0"/></cols>'
    rows = '<row r="1" ht="0"><c r="A1"><v>1</v></c></row><row r="2" ht="15"><c r="C2"><v>1</v></c></row>'
    sheet = files.sheet(raw(f"{body}<sheetData>{rows}</sheetData>"))
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({0}, {1, 2})


def test_rows_that_a_filter_hides_are_hidden(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        for n, row in enumerate((HEADER, RECORD, RECORD)):
            sheet.write_row(n, 0, row)
        sheet.autofilter(0, 0, 2, 2)
        sheet.set_row(1, options={"hidden": True})

    assert files.sheet(xlsxwriter_book(build)).hidden_rows == {1}


@pytest.mark.parametrize("said", ["A1", "A1:A1", "A1:XFD1048576", "C5:D6"])
def test_a_dimension_that_lies_drops_nothing(files: Files, said: str) -> None:
    body = f'<dimension ref="{said}"/>' + data("><v>1</v>", "><v>2</v>", "><v>3</v>")
    assert first_column(files.sheet(raw(body))) == [1, 2, 3]


def test_a_dimension_that_is_none_is_damage(files: Files) -> None:
    assert files.refused(raw('<dimension ref="nonsense"/>' + data("><v>1</v>"))) == DAMAGED


def test_cells_without_a_reference_follow_each_other(files: Files) -> None:
    body = (
        '<sheetData><row><c t="inlineStr"><is><t>ก</t></is></c><c><f>1+1</f></c><c><v>5</v></c>'
        "</row><row><c><v>7</v></c></row></sheetData>"
    )
    sheet = files.sheet(raw(body))
    assert sheet.rows == [("ก", None, 5), (7, None, None)]
    assert sheet.without_value == ((0, 1),)


def test_dates_are_what_the_file_holds(files: Files) -> None:
    """A year typed as พ.ศ. stays a Gregorian 2567 here: to read it is the next step's."""
    values = [
        date(2024, 9, 30),
        datetime(2024, 9, 30, 13, 30),
        date(2567, 9, 30),
        date(1967, 9, 30),
    ]

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        for n, value in enumerate(values):
            sheet.write_datetime(n, 0, value, book.add_format({"num_format": "d/m/yyyy"}))

    found = first_column(files.sheet(xlsxwriter_book(build)))
    assert found == values
    assert [type(value) for value in found] == [date, datetime, date, date]
    assert first_column(files.sheet(xlsxwriter_book(build, date_1904=True))) == values


def test_a_thai_calendar_format_holds_a_gregorian_serial(files: Files) -> None:
    formats = [
        *("[$-41E]d mmm bbbb", "[$-D07041E]d mmmm yyyy;@", "[$-107041E]d mmm yy", "dd/mm/bbbb"),
        *("bbbb", "ว/ด/ปปปป", "ว ดดดด ปปปป", "71", "72", "81", "14"),
    ]
    cells = [f' s="{n}"><v>45565</v>' for n in range(len(formats))]
    content = raw(data(*cells), styles=number_formats(*formats))
    assert first_column(files.sheet(content)) == [date(2024, 9, 30)] * len(formats)


def test_a_thai_calendar_format_with_a_time_or_of_the_1904_system(files: Files) -> None:
    body = data(' s="0"><v>44103.25</v>', ' s="1"><v>44103</v>', ' s="0"><v>1e12</v>')
    content = raw(
        body, styles=number_formats("77", "bbbb"), properties='<workbookPr date1904="1"/>'
    )
    assert first_column(files.sheet(content)) == [
        datetime(2024, 9, 30, 6, 0),
        date(2024, 9, 30),
        10**12,
    ]


def test_serials_that_are_no_day_stay_numbers(files: Files) -> None:
    serials = ["60", "-1", "-0.5", "0", "0.5", "59", "61", "2958465", "2958466", "60.5"]
    body = data(*[f' s="0"><v>{serial}</v>' for serial in serials])
    found = first_column(files.sheet(raw(body, styles=number_formats("d/m/yyyy"))))
    assert found == [
        *(60, -1, -0.5, 0, 0.5, date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31)),
        *(2958466, 60.5),
    ]
    assert type(found[0]) is int


def test_iso_dates_of_a_strict_workbook(files: Files) -> None:
    body = data(*[f' t="d"><v>{value}</v>' for value in ("2024-09-30", "2567-09-30T00:00:00")])
    assert first_column(files.sheet(raw(body))) == [date(2024, 9, 30), date(2567, 9, 30)]


def test_percent_is_told_by_column(files: Files) -> None:
    """0.25 shown as 25%, "25%" as text, 25; and a column that mixes is not called percent."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        percent = book.add_format({"num_format": "0%"})
        sheet.write_row(0, 0, ["เป็นร้อยละ", "ข้อความ", "ตัวเลข", "ปนกัน", "ร้อยละติดลบ"])
        for row in (1, 2):
            sheet.write_number(row, 0, 0.25, percent)
            sheet.write_string(row, 1, "25%", percent)
            sheet.write_number(row, 2, 25)
            sheet.write_number(row, 3, 0.25, percent if row == 1 else None)
            sheet.write_number(row, 4, -0.25, percent)

    sheet = files.sheet(xlsxwriter_book(build))
    assert sheet.percent_columns == {0, 4}
    assert sheet.rows[1] == (0.25, "25%", 25, 0.25, -0.25)


def test_struck_out_cells_are_told(files: Files) -> None:
    """By the font of the cell, or by a part of its text; what is struck out is read all the same."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        struck = book.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, ["หัว", "หัว", "หัว"])
        sheet.write_string(1, 0, "กรมเดิม", struck)
        sheet.write_number(1, 1, 7, struck)
        sheet.write_blank(1, 2, None, struck)
        sheet.write_rich_string(2, 0, "กรม", struck, "เดิม", "ใหม่")
        sheet.write_string(2, 1, "strike")

    sheet = files.sheet(xlsxwriter_book(build))
    assert sheet.struck == {(1, 0), (1, 1), (2, 0)}
    assert sheet.rows[1:] == [("กรมเดิม", 7, None), ("กรมเดิมใหม่", "strike", None)]


def test_struck_out_inline_texts_and_fonts_that_are_none_of_a_cell(files: Files) -> None:
    run = "<r><rPr><strike{}/></rPr><t>ก</t></r>"
    styles = (
        '<fonts><font/><font><strike val="0"/></font><font><strike/></font></fonts>'
        '<cellXfs><xf/><xf fontId="1"/><xf fontId="2"/></cellXfs>'
        "<dxfs><dxf><font><strike/></font></dxf></dxfs>"
    )
    cells = [
        f' t="inlineStr"><is>{run.format("")}</is>',
        f' t="inlineStr"><is>{run.format(""" val="0" """)}</is>',
        ' t="inlineStr" s="1"><is><t>ก</t></is>',
        ' t="inlineStr" s="2"><is><t>ก</t></is>',
        ' s="2"><v>1</v>',
        ' s="2">',
    ]
    content = raw(data(*cells), styles=styles)
    assert files.sheet(content).struck == {(0, 0), (3, 0), (4, 0)}


@pytest.mark.parametrize("reference", ["XFE1", "A1048577", "A0", "ZZZZ99999999", "1A", "", "A"])
def test_cells_that_no_sheet_has_are_damage(files: Files, reference: str) -> None:
    body = f'<sheetData><row r="1"><c r="{reference}"><v>1</v></c></row></sheetData>'
    assert files.refused(raw(body)) == DAMAGED


@pytest.mark.parametrize("row", ["0", "B1", "1048577", "-1", "1.0", "๑"])
def test_rows_that_no_sheet_has_are_damage(files: Files, row: str) -> None:
    body = f'<sheetData><row r="{row}"><c r="A1"><v>1</v></c></row></sheetData>'
    assert files.refused(raw(body)) == DAMAGED
