"""Reading files: every case of the spreadsheet contract that the reader decides, and hostile ones.

Each file is built here. The sentences are those of the wording list, §6.1, and not of the code.
"""

import csv
import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from followup.spreadsheets import messages, reader, sandbox
from followup.spreadsheets.reader import Limits, decode, format_kind, parse_csv, sheet
from followup.spreadsheets.reader.notes import _comments
from followup.spreadsheets.reader.numberformat import telling
from followup.spreadsheets.reader.package import Parts, Styles
from followup.spreadsheets.sandbox import read_file, sample
from followup.spreadsheets.types import Book, CellError, Level, Sheet, Unreadable

DAMAGED = "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่านแล้วลองอีกครั้ง"  # F01
UNSUPPORTED = (  # F02
    "ไม่รองรับไฟล์ .{} เปิดไฟล์แล้วบันทึกเป็น .xlsx ก่อนนำเข้า "
    "(ที่รองรับคือ .xlsx .xlsm .xls .xlsb .ods .csv .tsv .txt .docx)"
)
TOO_BIG = "ไฟล์ใหญ่เกิน 20 MB แบ่งเป็นหลายไฟล์แล้วนำเข้าทีละไฟล์"  # F03
NO_THAI = (  # F05
    "ไม่พบตัวอักษรไทยที่อ่านได้ ไฟล์อาจถูกบันทึกผิดรหัส บันทึกเป็น “CSV UTF-8” แล้วลองอีกครั้ง"
)
EMPTY = "ไฟล์ว่าง ไม่มีแถวข้อมูลให้นำเข้า"  # F11
TOO_MANY = (  # F12
    "ไฟล์มีเซลล์มากเกินกว่าที่ระบบรับได้ (3,000,000 เซลล์) ลบแถวและคอลัมน์ว่างแล้วบันทึกใหม่"
)

HEADER: list[Any] = ["ลำดับ", "หน่วยงาน", "ผลการดำเนินงาน"]
RECORD: list[Any] = [1, "กรมอนามัย", "จัดประชุมแล้ว"]

Build = Callable[[Any], None]


class Files:
    """Makes files in a folder of the test and reads them as an upload would be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def path(self, content: bytes) -> Path:
        # As stored: without the name that its owner gave it.
        self.count += 1
        path = self.folder / f"upload-{self.count}"
        path.write_bytes(content)
        return path

    def read(self, content: bytes, name: str = "รายงาน.xlsx", **options: Any) -> Book:
        return read_file(self.path(content), name=name, **options)

    def sheet(self, content: bytes, name: str = "รายงาน.xlsx", **options: Any) -> Sheet:
        (found,) = self.read(content, name, **options).sheets
        return found

    def refused(self, content: bytes, name: str = "รายงาน.xlsx", **options: Any) -> str:
        with pytest.raises(Unreadable) as caught:
            self.read(content, name, **options)
        return messages.sentence(caught.value.problem)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def openpyxl_book(build: Build) -> bytes:
    book = openpyxl.Workbook()
    build(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsxwriter_book(build: Build, **options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        build(book)
    return out.getvalue()


def table(*rows: list[Any]) -> bytes:
    def build(book: Any) -> None:
        for row in rows:
            book.active.append(row)

    return openpyxl_book(build)


RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def raw(
    body: str = "",
    *,
    styles: str = "",
    strings: str = "",
    properties: str = "",
    prolog: str = "",
    replace: dict[str, bytes | None] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """An .xlsx by hand: one sheet "S" with this body. `replace` exchanges, adds or drops parts."""
    parts: dict[str, bytes | None] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>'.encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{RELATIONSHIP}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": (
            f'<workbook {MAIN} xmlns:r="{RELATIONSHIP}">{properties}'
            '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{RELATIONSHIP}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ).encode(),
        "xl/worksheets/sheet1.xml": f"{prolog}<worksheet {MAIN}>{body}</worksheet>".encode(),
    }
    if styles:
        parts["xl/styles.xml"] = f"<styleSheet {MAIN}>{styles}</styleSheet>".encode()
    if strings:
        parts["xl/sharedStrings.xml"] = f"<sst {MAIN}>{strings}</sst>".encode()
    parts.update(replace or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, content in parts.items():
            if content is not None:
                package.writestr(name, content)
    return out.getvalue()


def data(*cells: str) -> str:
    """<sheetData> with one cell a row, in column A; each is what stands inside <c ...>."""
    rows = (f'<row r="{n}"><c r="A{n}"{cell}</c></row>' for n, cell in enumerate(cells, start=1))
    return f"<sheetData>{''.join(rows)}</sheetData>"


def number_formats(*codes: str) -> str:
    """A style for each: the number of a built-in format, or a code of its own."""
    own = {code: 200 + n for n, code in enumerate(codes) if not code.isdigit()}
    listed = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for code, number in own.items()
    )
    used = "".join(f'<xf numFmtId="{own.get(code, code)}"/>' for code in codes)
    # A percent among the cellStyleXfs belongs to no cell.
    return (
        f'<numFmts>{listed}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
        f"<cellXfs>{used}</cellXfs>"
    )


def first_column(sheet: Sheet) -> list[Any]:
    return [row[0] for row in sheet.rows]


# --- Structure ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["รายงาน.xlsx", "รายงาน.csv", "รายงาน.xls"])
def test_a_file_of_zero_bytes_is_empty(files: Files, name: str) -> None:
    assert files.refused(b"", name) == EMPTY


def test_a_workbook_without_any_cell_is_empty(files: Files) -> None:
    assert files.refused(table()) == EMPTY
    assert files.refused(b"\xef\xbb\xbf\r\n,,\r\n", "a.csv") == EMPTY


def test_a_table_reads_as_written(files: Files) -> None:
    book = files.read(table(HEADER, RECORD))
    assert book.kind == "xlsx"
    assert (book.encoding, book.delimiter) == ("", "")
    assert book.sheets == (Sheet(name="Sheet", rows=[tuple(HEADER), tuple(RECORD)]),)


def test_a_header_alone_is_for_the_next_step_to_judge(files: Files) -> None:
    assert files.sheet(table(HEADER)).rows == [tuple(HEADER)]


def test_a_title_over_a_header_on_row_3_keeps_its_place(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.active
        sheet.append(["ผลการดําเนินงาน ประจําปีงบประมาณ พ.ศ. 2566"])
        sheet.merge_cells("A1:C1")
        sheet.append([])
        sheet.append(HEADER)
        sheet.append(RECORD)

    sheet = files.sheet(openpyxl_book(build))
    assert sheet.rows[0] == ("ผลการดําเนินงาน ประจําปีงบประมาณ พ.ศ. 2566", None, None)  # ํ + า stays
    assert sheet.rows[1] == (None, None, None)
    assert sheet.rows[2] == tuple(HEADER)
    assert sheet.merged == ((0, 0, 0, 2),)


def test_merged_agency_cells_are_told_and_not_filled(files: Files) -> None:
    def build(book: Any) -> None:
        for row in (HEADER, RECORD, [2, None, "ข"], [3, None, "ค"]):
            book.active.append(row)
        book.active.merge_cells("B2:B4")

    sheet = files.sheet(openpyxl_book(build))
    assert sheet.merged == ((1, 1, 3, 1),)
    assert [row[1] for row in sheet.rows] == ["หน่วยงาน", "กรมอนามัย", None, None]


def test_merged_ranges_end_with_the_table(files: Files) -> None:
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:XFD1", "A2:A1048576", "C9:D9"))
    body = data("><v>1</v>", "><v>2</v>", "><v>3</v>").replace(
        "</sheetData>", f"</sheetData><mergeCells>{merges}</mergeCells>"
    )
    assert files.sheet(raw(body)).merged == ((1, 0, 2, 0),)


def test_ranges_that_all_overlap_are_damage(files: Files) -> None:
    merges = '<mergeCell ref="A1:A9"/>' * 50_000
    body = data("><v>1</v>", "><v>2</v>") + f"<mergeCells>{merges}</mergeCells>"
    assert files.refused(raw(body)) == DAMAGED


def test_blank_rows_amid_data_stay_where_they_are(files: Files) -> None:
    sheet = files.sheet(table(HEADER, RECORD, [], [None], RECORD))
    assert sheet.rows[2:4] == [(None, None, None)] * 2
    assert sheet.rows[4] == tuple(RECORD)


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


def test_sheets_keep_their_order_and_visibility(files: Files) -> None:
    def build(book: Any) -> None:
        book.active.title = "สรุป"
        for title, state in (
            ("ข้อมูล", "visible"),
            ("ซ่อน", "hidden"),
            ("_portal", "veryHidden"),
        ):
            sheet = book.create_sheet(title)
            sheet.append(HEADER)
            sheet.sheet_state = state

    sheets = files.read(openpyxl_book(build)).sheets
    assert [(sheet.name, sheet.visible, len(sheet.rows)) for sheet in sheets] == [
        ("สรุป", True, 0),
        ("ข้อมูล", True, 1),
        ("ซ่อน", False, 1),
        ("_portal", False, 1),
    ]


def test_a_chart_sheet_that_comes_first_is_no_sheet(files: Files) -> None:
    def build(book: Any) -> None:
        charts = book.add_chartsheet("กราฟ")
        sheet = book.add_worksheet("ข้อมูล & ผล")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, RECORD)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": ["ข้อมูล & ผล", 1, 0, 1, 0]})
        charts.set_chart(chart)

    (sheet,) = files.read(xlsxwriter_book(build)).sheets
    assert sheet.name == "ข้อมูล & ผล"
    assert sheet.rows == [tuple(HEADER), tuple(RECORD)]


def test_a_workbook_of_charts_alone_is_empty(files: Files) -> None:
    def build(book: Any) -> None:
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Sheet1!$A$1"})
        book.add_chartsheet().set_chart(chart)
        book.add_worksheet()

    assert files.refused(xlsxwriter_book(build)) == EMPTY


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_zip_is_damaged(files: Files, part: float) -> None:
    content = table(HEADER, *[RECORD] * 50)
    assert files.refused(content[: int(len(content) * part)]) == DAMAGED


@pytest.mark.parametrize(
    "missing", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
def test_a_package_without_its_workbook_or_sheet_is_damaged(files: Files, missing: str) -> None:
    assert files.refused(raw(data("><v>1</v>"), replace={missing: None})) == DAMAGED


def test_a_damaged_text_is_never_taken_for_the_text(files: Files) -> None:
    """calamine stops before the CRC of the shared strings."""
    content = raw(
        data(' t="s"><v>0</v>'),
        strings="<si><t>กรมอนามัย</t></si>",
        compression=zipfile.ZIP_STORED,
    )
    assert files.sheet(content).rows == [("กรมอนามัย",)]
    assert files.refused(content.replace("อนามัย".encode(), "อนามาย".encode())) == DAMAGED


def test_data_that_starts_at_c5_keeps_excels_row_and_column(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.active
        for n, (heading, value) in enumerate(zip(HEADER, RECORD, strict=True)):
            sheet.cell(5, 3 + n, heading)
            sheet.cell(6, 3 + n, value)

    sheet = files.sheet(openpyxl_book(build))
    assert len(sheet.rows) == 6
    assert {len(row) for row in sheet.rows} == {5}
    assert sheet.rows[4] == (None, None, *HEADER)
    assert sheet.rows[5] == (None, None, *RECORD)
    assert not any(any(row) for row in sheet.rows[:4])


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


def test_a_prefix_for_the_main_namespace_changes_nothing(files: Files) -> None:
    """As .NET libraries write. `xm:f` belongs to a drawing beside, not to a cell."""
    content = raw(
        replace={
            "xl/worksheets/sheet1.xml": (
                f'<x:worksheet {MAIN.replace("=", ":x=", 1)} xmlns:xm="urn:other"><x:sheetData>'
                '<x:row r="1" hidden="1"><x:c r="A1"><x:f>1+1</x:f></x:c>'
                '<x:c r="B1" t="inlineStr"><x:is><x:t>ก</x:t></x:is></x:c></x:row></x:sheetData>'
                "<x:extLst><xm:f>A1</xm:f></x:extLst></x:worksheet>"
            ).encode()
        }
    )
    sheet = files.sheet(content)
    assert sheet.rows == [(None, "ก")]
    assert sheet.hidden_rows == {0}
    assert (sheet.formulas, sheet.without_value) == (1, ((0, 0),))


def test_formatted_blank_cells_do_not_make_the_table_larger(files: Files) -> None:
    body = (
        '<sheetData><row r="1"><c r="A1" s="1"><v>1</v></c><c r="Z1" s="1"/></row>'
        '<row r="900000" hidden="1"><c r="A900000" s="1"/></row></sheetData>'
    )
    sheet = files.sheet(raw(body))
    assert sheet.rows == [(1,)]
    assert sheet.hidden_rows == frozenset()


def test_a_ragged_csv_becomes_rectangular(files: Files) -> None:
    text = "รายงานประจำปี\nลำดับ,หน่วยงาน,ผล\n1,กรมอนามัย\n2,กรมการแพทย์,ดี,เกิน\n"
    sheet = files.sheet(text.encode(), "a.csv")
    assert sheet.name == "CSV"
    assert sheet.rows == [
        ("รายงานประจำปี", None, None, None),
        ("ลำดับ", "หน่วยงาน", "ผล", None),
        ("1", "กรมอนามัย", None, None),
        ("2", "กรมการแพทย์", "ดี", "เกิน"),
    ]


# --- Types --------------------------------------------------------------------------------------


def test_numbers_texts_and_booleans_keep_their_type(files: Files) -> None:
    row = [True, False, "007", 7, 1.5, -3, "1,000", "1_000", 2.10, "2.10", "", 1234567890123]
    (found,) = files.sheet(table(row)).rows
    assert found == (
        *(True, False, "007", 7, 1.5, -3, "1,000", "1_000", 2.1, "2.10", None),
        1234567890123,
    )
    assert [type(cell) for cell in found[:6]] == [bool, bool, str, int, float, int]
    assert type(found[-1]) is int


def test_numbers_that_are_none_become_text(files: Files) -> None:
    cells = [f"><v>{value}</v>" for value in ("NaN", "inf", "-inf", "1e400", "1E22", "-0")]
    assert first_column(files.sheet(raw(data(*cells)))) == ["nan", "inf", "-inf", "inf", 1e22, 0]


ERRORS = ["#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"]


def test_error_cells_are_neither_blank_nor_text(files: Files) -> None:
    cells = [f' t="e"><v>{value}</v>' for value in ERRORS]
    sheet = files.sheet(raw(data(*cells, ' t="e"><f>1/0</f><v>#DIV/0!</v>', "><v>1</v>")))
    assert first_column(sheet) == [*map(CellError, ERRORS), CellError("#DIV/0!"), 1]
    assert not any(isinstance(cell, str) for cell in first_column(sheet))


def test_an_error_beyond_everything_else_makes_the_table_larger(files: Files) -> None:
    far = '<row r="3"><c r="C3" t="e"><v>#REF!</v></c></row>'
    sheet = files.sheet(raw(f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{far}</sheetData>'))
    assert sheet.rows == [(1, None, None), (None,) * 3, (None, None, CellError("#REF!"))]
    alone = f"<sheetData>{far}</sheetData>"
    assert files.sheet(raw(alone)).rows[2] == (None, None, CellError("#REF!"))


def test_an_error_without_its_text_is_blank(files: Files) -> None:
    assert first_column(files.sheet(raw(data(' t="e"><v></v>', "><v>1</v>")))) == [None, 1]


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#ERROR!", "กรม"])
def test_an_error_that_calamine_refuses_is_named_with_its_cell(files: Files, error: str) -> None:
    content = raw(data("><v>1</v>", f' t="e"><v>{error}</v>', ' t="e"><v>#SPILL!</v>'))
    assert files.refused(content) == (
        f"เซลล์ A2 ในชีต “S” เป็นค่าผิดพลาดที่ระบบไม่รู้จัก ({error}) แก้สูตรหรือพิมพ์ค่าแทน แล้วบันทึกใหม่"
    )


def test_the_case_of_errors_names_each(files: Files) -> None:
    """As Excel stores them: with and without a formula, beside texts."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for n, error in enumerate(ERRORS, start=1):
            sheet.write_row(n, 0, [n, "กรมอนามัย"])
            sheet.write_formula(n, 2, "=NA()", None, error)

    sheet = files.sheet(xlsxwriter_book(build))
    assert [row[2] for row in sheet.rows[1:]] == [*map(CellError, ERRORS)]


def test_texts_keep_every_character(files: Files) -> None:
    texts = [" ก  ข ", "บรรทัด\nสอง", "กรม\u200bอนามัย", "ก\u00a0ข", "เเผน", "😀", "<b>&amp;</b>"]
    assert first_column(files.sheet(table(*[[text] for text in texts]))) == texts


def test_rich_text_is_its_text(files: Files) -> None:
    strings = '<si><r><t>กรม</t></r><r><t xml:space="preserve"> อนามัย</t></r></si>'
    sheet = files.sheet(raw(data(' t="s"><v>0</v>'), strings=strings))
    assert sheet.rows == [("กรม อนามัย",)]


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


def test_times_and_durations_are_texts(files: Files) -> None:
    body = data(' s="0"><v>0.5625</v>', ' s="1"><v>1.5</v>', ' s="0"><v>0.00001</v>')
    content = raw(body, styles=number_formats("h:mm", "[h]:mm"))
    assert first_column(files.sheet(content)) == ["13:30", "36:00", "00:00"]


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


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *(("General", ""), ("0", ""), ("#,##0.00", ""), ('0.0" d%"', ""), ("[Red]0", "")),
        *(("9", "percent"), ("0.0%;[Red]-0.0%", "percent"), ("67", "percent"), ("t0%", "percent")),
        *((r"0\%", ""), ('#,##0 "วัน"', ""), ("0 วัน", ""), ("[$฿-41E]#,##0.00", ""), ("t#,##0", "")),
        *(("d/m/yyyy", "date"), ("14", "date"), ("[$-41E]mmm bbbb", "date"), ("mmm", "date")),
        *(("bbbb", "thai"), ("ว/ด/ปปปป", "thai"), ("71", "thai"), ("G/ทั่วไป", "")),
        *(("h:mm", "time"), ("[h]:mm", "time"), ("mm:ss.0", "time"), ("20", "time")),
        *(
            ("yyyy-mm-dd hh:mm", "date"),
            ("_-* #,##0_-;-* #,##0_-", ""),
            ("@", ""),
            ("0.00E+00", ""),
        ),
    ],
)
def test_what_a_number_format_says(code: str, kind: str) -> None:
    assert format_kind(code) == kind


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("9", {0.75: "75%", -0.755: "-76%", 0: "0%", 1.005: "101%", 0.285: "29%", -0.001: "0%"}),
        ("10", {0.12345: "12.35%"}),
        ("0.0#%", {0.5: "50.0%", 0.51239: "51.24%"}),
        ("t0%", {0.25: "๒๕%"}),
        ("0.0%;[Red](0.0%)", {0.5: "50.0%", -0.5: "(50.0%)"}),
        (
            '#,##0 "ครอบครัว"',
            {1250: "1,250 ครอบครัว", -3: "-3 ครอบครัว", 1234567.5: "1,234,568 ครอบครัว"},
        ),
        (r"0\ \ค\น", {12: "12 คน"}),
        ("#,##0 วัน", {1000: "1,000 วัน"}),
        ('General" แห่ง"', {5: "5 แห่ง", 2.5: "2.5 แห่ง"}),
        ('0.0,,"ล้าน"', {12_500_000: "12.5ล้าน", 1e5: "0.1ล้าน"}),
        ("#,##0,", {1_234_567: "1,235"}),  # in thousands, and nothing says so
        ('_-* #,##0.00\\ "บาท"_-;-* #,##0.00', {12: "12.00 บาท", -3: ""}),
        ('[>=1000000]#,##0.0,,"M";#,##0', {2_500_000: "2.5M", 3: ""}),
        ('[=1]"✔";[=0]"✘";0', {1: "✔", 0: "✘", 2: ""}),
        ('0" คน";-0" คน";"ไม่มี"', {0: "ไม่มี", -2: "-2 คน", 2: "2 คน"}),
        ("[$USD] #,##0", {1234: "USD 1,234"}),
        ('00000" ก"', {12: "00012 ก"}),
        ('0"%"', {75: "75%"}),
        ("0%", {float("inf"): "", float("nan"): "", 1e300: ""}),
    ],
)
def test_what_a_telling_format_shows(code: str, shown: dict[float, str]) -> None:
    told = telling(code)
    assert told
    assert {value: told.render(value) for value in shown} == shown


@pytest.mark.parametrize(
    "code",
    [
        *(
            "General",
            "0",
            "4",
            "44",
            "#,##0.00",
            "0.00;[Red]-0.00",
            ";;;",
            "@",
            "d/m/yyyy",
            "0;-0;-",
        ),
        *("[$฿-41E]#,##0.00", '"฿"#,##0.00', "_-* #,##0_-;-* #,##0_-", "(#,##0)", "0-0000"),
        *("# ?/?", '0.00E+00" ม."', '0-00" ก"', "[h]:mm", f'0"{"ก" * 300}"', "[", '"', ""),
    ],
)
def test_formats_that_say_no_more_than_the_number_or_are_too_odd(code: str) -> None:
    assert telling(code) is None


@hypothesis_settings(deadline=None)
@given(
    code=st.text(st.sampled_from('0#?,.%;-[]>=1$"\\_*@กEทt '), max_size=30),
    value=st.floats(allow_nan=True, allow_infinity=True),
)
def test_any_format_is_rendered_or_left_out(code: str, value: float) -> None:
    told = telling(code)
    assert told is None or len(told.render(value)) < 500


@given(value=st.floats(-1e9, 1e9), decimals=st.integers(0, 6))
def test_percents_round_as_numbers_do(value: float, decimals: int) -> None:
    told = telling(f"0{'.' * (decimals > 0)}{'0' * decimals}%")
    assert told
    shown = told.render(value)
    assert shown.endswith("%")
    assert abs(float(shown[:-1]) - value * 100) <= 0.51 * 10**-decimals + abs(value) * 1e-10


def test_what_formats_say_is_told_by_cell(files: Files) -> None:
    """Formulas, too; but neither texts nor plain numbers."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        percent, families = (
            book.add_format({"num_format": code}) for code in ("0%", '#,##0 "ครอบครัว"')
        )
        sheet.write_row(0, 0, ["ร้อยละ", "จำนวน"])
        sheet.write_number(1, 0, 0.75, percent)
        sheet.write_number(1, 1, 1250, families)
        sheet.write_formula(2, 0, "=3/4", percent, 0.75)
        sheet.write_string(2, 1, "1,250", families)
        sheet.write_number(3, 0, 0.75)
        sheet.write_blank(3, 1, None, families)

    sheet = files.sheet(xlsxwriter_book(build))
    assert sheet.rows[1] == (0.75, 1250)
    assert sheet.shown == {(1, 0): "75%", (1, 1): "1,250 ครอบครัว", (2, 0): "75%"}


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


def related(*targets: tuple[str, str]) -> dict[str, bytes | None]:
    """The relationships of sheet 1: kind and path of each."""
    listed = "".join(
        f'<Relationship Id="r{n}" Type="http://schemas.x/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    text = f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'
    return {"xl/worksheets/_rels/sheet1.xml.rels": text.encode()}


def comments(*found: tuple[str, str]) -> bytes:
    listed = "".join(
        f'<comment ref="{ref}" authorId="0"><text>{text}</text></comment>' for ref, text in found
    )
    return f"<comments {MAIN}><commentList>{listed}</commentList></comments>".encode()


def test_comments_are_told_by_cell(files: Files) -> None:
    def build(book: Any) -> None:
        book.active.append(HEADER)
        book.active.append(RECORD)
        book.active["B2"].comment = openpyxl.comments.Comment("ยุบรวมแล้ว\nดูหนังสือ", "ผู้ใช้")

    sheet = files.sheet(openpyxl_book(build))
    assert sheet.comments == {(1, 1): "ยุบรวมแล้ว\nดูหนังสือ"}


def test_threaded_comments_take_the_place_of_their_notes(files: Files) -> None:
    thread = (
        '<ThreadedComments xmlns="urn:x"><threadedComment ref="A1" id="{1}"><text>ใช้ตัวเลขใด</text>'
        '</threadedComment><threadedComment ref="A1" id="{2}" parentId="{1}"><text>ของปีก่อน</text>'
        "</threadedComment></ThreadedComments>"
    )
    runs = '<r><t>ก</t></r><r><t xml:space="preserve"> ข</t></r><rPh><t>อ่าน</t></rPh>'
    content = raw(
        data("><v>1</v>"),
        replace={
            "xl/comments1.xml": comments(("A1", "<t>[Threaded comment]</t>"), ("C7", runs)),
            "xl/threadedComments/t.xml": thread.encode(),
            **related(
                ("comments", "../comments1.xml"),
                ("threadedComment", "/xl/threadedComments/t.xml"),
                ("comments", "../none.xml"),
            ),
        },
    )
    assert files.sheet(content).comments == {
        (0, 0): "ใช้ตัวเลขใด\nของปีก่อน",
        (6, 2): "ก ข",  # beyond the table
    }


def test_comments_are_capped(files: Files) -> None:
    long = [("A1", f"<t>{'ก' * 10_000}</t>")]
    many = [(f"B{n}", "<t>ข</t>") for n in range(1, 3000)]
    content = raw(
        data("><v>1</v>"),
        replace={
            "xl/c.xml": comments(*long, *many),
            "xl/d.xml": comments(("A2", "<t>ค</t>")),
            **related(("comments", "../c.xml"), ("comments", "../d.xml")),
        },
    )
    found = files.sheet(content).comments
    assert len(found) == 1000
    assert len(_comments(Parts(io.BytesIO(content), Limits()), "xl/c.xml", "comment")) == 1000
    assert found[0, 0] == "ก" * 499 + "…"


@pytest.mark.parametrize("part", [b"<comments><comment ref='A1'>", comments(("XFE1", "<t>x</t>"))])
def test_comments_that_are_damaged_are_damage(files: Files, part: bytes) -> None:
    content = raw(
        data("><v>1</v>"), replace={"xl/c.xml": part, **related(("comments", "../c.xml"))}
    )
    assert files.refused(content) == DAMAGED


CHECK_BOX = '<formControlPr xmlns="urn:x" objectType="{}" checked="Checked"/>'
VML = (
    b'<xml xmlns:x="urn:x"><x:ClientData ObjectType="Checkbox"><br></x:ClientData>'
    b'<x:ClientData ObjectType="Note"/></xml>'
)
ACTIVE_X = '<ax:ocx ax:classid="{{{}}}" xmlns:ax="urn:x"/>'
CONTROLS: dict[str, tuple[list[tuple[str, str, bytes]], int]] = {
    "form controls, each drawn as well": (
        [
            ("ctrlProp", "../ctrlProps/1.xml", CHECK_BOX.format("CheckBox").encode()),
            ("ctrlProp", "../ctrlProps/2.xml", CHECK_BOX.format("CheckBox").encode()),
            ("ctrlProp", "../ctrlProps/3.xml", CHECK_BOX.format("Button").encode()),
            ("vmlDrawing", "../drawings/1.vml", VML),
        ],
        2,
    ),
    "drawn alone": ([("vmlDrawing", "../drawings/1.vml", VML)], 1),
    "ActiveX": (
        [
            (
                "control",
                "../activeX/1.xml",
                ACTIVE_X.format("8BD21D40-EC42-11CE-9E0D-00AA006002F3").encode(),
            ),
            (
                "control",
                "../activeX/2.xml",
                ACTIVE_X.format("8BD21D50-EC42-11CE-9E0D-00AA006002F3").encode(),
            ),
        ],
        1,
    ),
    "of nobody": ([("image", "../ctrlProps/1.xml", CHECK_BOX.format("CheckBox").encode())], 0),
}


@pytest.mark.parametrize("case", CONTROLS)
def test_tick_boxes_drawn_over_cells_are_counted(files: Files, case: str) -> None:
    parts, count = CONTROLS[case]
    content = raw(
        data("><v>1</v>"),
        replace={
            **{path.replace("..", "xl"): part for _, path, part in parts},
            **related(*[(kind, path) for kind, path, _ in parts]),
        },
    )
    assert files.sheet(content).controls == count


def test_tick_boxes_of_a_writer_of_its_own(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.insert_checkbox(1, 1, False)  # of the cell: it holds a boolean
        sheet.write_comment(0, 0, "หมายเหตุ")

    sheet = files.sheet(xlsxwriter_book(build))
    assert (sheet.controls, sheet.rows[1][1]) == (0, False)
    assert sheet.comments == {(0, 0): "หมายเหตุ"}


def test_formulas_are_counted_and_their_stored_results_read(files: Files) -> None:
    body = data(
        "><f>1+1</f><v>2</v>",
        ' t="str"><f>"กรม"&amp;"อนามัย"</f><v>กรมอนามัย</v>',
        ' t="str"><f>""</f><v></v>',  # as Excel stores an empty text
        ' t="b"><f>1=1</f><v>1</v>',
        ' t="e"><f>1/0</f><v>#DIV/0!</v>',
        '><f t="shared" si="0"/><v>0</v>',
    )
    sheet = files.sheet(raw(body))
    assert sheet.formulas == 6
    assert sheet.without_value == ()
    assert first_column(sheet) == [2, "กรมอนามัย", None, True, CellError("#DIV/0!"), 0]


def test_formulas_without_a_stored_result_are_told_with_their_place(files: Files) -> None:
    """As openpyxl and many exports write them; they may stand beyond everything that has a value."""
    sheet = files.sheet(table([*HEADER, None], [1, "=1+1", "x", "=B2"], ["=SUM(A2)"]))
    assert sheet.formulas == 3
    assert sheet.without_value == ((1, 1), (1, 3), (2, 0))
    assert [len(row) for row in sheet.rows] == [4, 4, 4]
    assert sheet.rows[2] == (None,) * 4


def test_a_workbook_of_formulas_without_results_is_not_empty(files: Files) -> None:
    sheet = files.sheet(table(["=1+1"]))
    assert sheet.rows == [(None,)]
    assert sheet.without_value == ((0, 0),)


def long_body(rows: int, *, texts: str, styled: bool) -> tuple[str, sheet.Facts]:
    """A sheet of every kind of cell there is, and what its XML says beside calamine.

    Of the styles, 0 is struck out, 1 is a Thai day and 2 a percent.
    """
    facts = sheet.Facts(last_row=rows - 1, last_column=8)
    body = []
    for n in range(rows):
        at = n + 1
        facts.formulas += 2
        cells = [
            f'<c r="A{at}" s="0"{texts}</c>',
            f'<c r="B{at}"><v>{n}</v></c>',
            f'<c r="C{at}" s="1"/>',
            f'<c r="D{at}" s="{int(styled)}"><v>{60 if n % 2 else 45565}</v></c>',
            f'<c r="E{at}"><f>1+1</f><v>2</v></c>',
            f'<c r="F{at}" t="str"><v>ก</v></c>' if n % 5 else "",
            f'<c r="G{at}"><f>A{at}&lt;1</f></c>',
            f'<c r="H{at}" s="2" t="n"><v>0.25</v></c>',
            f'<c r="I{at}"{texts}</c><c r="J{at}" s="2"></c><c r="ZZ{at}"/>',
        ]
        facts.without_value.append((n, 6))
        if styled:
            facts.override[n] = {3: 60 if n % 2 else date(2024, 9, 30)}
            facts.shown[n, 7] = "25%"
            facts.struck |= {(n, column) for column in (0, 1, 4, 5, 8) if column != 5 or n % 5}
        hidden = ""
        if n % 7 == 3:
            hidden = ' hidden="1"'
            facts.hidden_rows.add(n)
        body.append(f'<row r="{at}"{hidden}>{"".join(cells)}</row>')
    if styled:
        facts.percent_columns = {7}
    return f"<sheetData>{''.join(body)}</sheetData>", facts


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize(
    "texts",
    [
        ' t="s"><v>0</v>',
        ' t="inlineStr"><is><t>กรม &amp; กอง</t></is>',
        ' t="inlineStr"><is><t xml:space="preserve"> ก </t></is>',
    ],
    ids=["shared", "inline", "spaced"],
)
def test_every_fact_of_a_long_sheet_is_told_on_every_python(texts: str, styled: bool) -> None:
    """Several chunks long. CPython before 3.11.5 lost cells where a regular expression skipped some."""
    body, expected = long_body(8000, texts=texts, styled=styled)
    part = f"<worksheet {MAIN}>{body}</worksheet>".encode()
    assert len(part) > 2 * 2**20
    styles = Styles()
    if styled:
        percent = telling("0%")
        assert percent
        styles = Styles({"1": "thai", "2": "percent"}, {"2": percent}, {"0"})
    found = sheet.scan(io.BytesIO(part), styles, (), False, Limits(), 100_000)
    assert found == expected


# --- Encoding -----------------------------------------------------------------------------------

TEXT = "ลำดับ,หน่วยงาน\r\n1,กรมอนามัย “ก” – ฯ\r\n"
ROWS = [("ลำดับ", "หน่วยงาน"), ("1", "กรมอนามัย “ก” – ฯ")]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp874"), "cp874"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16"),
        (TEXT.encode("utf-16-be"), "utf-16"),
    ],
    ids=["utf-8", "utf-8-bom", "cp874", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be"],
)
def test_every_encoding_that_agencies_use(files: Files, content: bytes, encoding: str) -> None:
    book = files.read(content, "รายงาน.CSV")
    assert (book.kind, book.encoding, book.delimiter) == ("csv", encoding, ",")
    assert book.sheets[0].rows == ROWS


def test_utf_16_tab_text_as_excel_saves_unicode_text(files: Files) -> None:
    book = files.read(TEXT.replace(",", "\t").encode("utf-16"), "a.txt")
    assert (book.encoding, book.delimiter) == ("utf-16", "\t")
    assert book.sheets[0].rows == ROWS


def test_plain_ascii_needs_no_thai(files: Files) -> None:
    book = files.read(b"code,year\n1.1,2567\n", "a.csv")
    assert book.encoding == "utf-8"
    assert book.sheets[0].rows == [("code", "year"), ("1.1", "2567")]


def test_cp874_that_happens_to_be_utf_8_is_cp874(files: Files) -> None:
    """ "รก" is a valid two-byte sequence of UTF-8: á."""
    content = "รก,1\n".encode("cp874")
    assert content.decode() == "á,1\n"
    assert files.read(content, "a.csv").encoding == "cp874"


@pytest.mark.parametrize(
    "content",
    [
        f"{TEXT}2,".encode() + "กรมการแพทย์".encode("cp874"),
        TEXT.encode("cp874") + "2,กรมการแพทย์".encode(),
        TEXT.encode("cp874") + "2,สห".encode(),  # would pass for cp874 text: "เธชเธซ"
        "\ufeff".encode() + TEXT.encode("cp874"),
        TEXT.encode("utf-16")[:-1],
        b"caf\xe9\xff,1\n",
    ],
    ids=["utf-8 + cp874", "cp874 + utf-8", "short", "bom + cp874", "utf-16 cut", "latin-1"],
)
def test_mixed_or_unknown_encodings_are_refused(files: Files, content: bytes) -> None:
    assert files.refused(content, "a.csv") == NO_THAI


@pytest.mark.parametrize("encoding", ["utf-8", "cp874", "utf-16"])
def test_a_nul_character_is_damage(files: Files, encoding: str) -> None:
    assert files.refused(TEXT.replace("กรม", "ก\0รม").encode(encoding), "a.csv") == DAMAGED


def test_an_encoding_can_be_forced(files: Files) -> None:
    content = "ชื่อ,สห\n".encode("cp874")
    assert files.read(content, "a.csv", encoding="cp874").sheets[0].rows == [("ชื่อ", "สห")]
    assert files.refused(content, "a.csv", encoding="utf-8") == NO_THAI
    assert files.refused(content, "a.csv", encoding="utf-16") == NO_THAI
    wrong = files.read("สห\n".encode(), "a.csv", encoding="cp874")
    assert sample(wrong) == ["เธชเธซ"]
    with pytest.raises(ValueError, match="latin-1"):
        files.read(content, "a.csv", encoding="latin-1")


def test_a_sample_is_short_and_thai(files: Files) -> None:
    rows: list[list[Any]] = [["no", 1], ["ก" * 100], ["กรม\nอนามัย"], ["กรม\nอนามัย"], ["ข"], ["ค"]]
    assert sample(files.read(table(*rows))) == ["ก" * 60 + "…", "กรม อนามัย", "ข"]
    assert sample(files.read(b"a,b\n", "a.csv")) == []


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ("sep=;\r\nก;ข,ค\r\n1;2\r\n", ";", [("ก", "ข,ค"), ("1", "2")]),
        ('"sep=,"\nก,ข;ค;ง\n', ",", [("ก", "ข;ค;ง")]),
        ("sep=|\nก|ข\n", "|", [("ก", "ข")]),
        ("ก;ข;ค\n1;กรม, กอง;1,000\n2;กรม;2,000\n", ";", None),
        ("ก\tข\n1,5\tx,y;z\n", "\t", None),
        ("ก,ข,ค\n1,กรม;กอง;ฝ่าย,x\n2,กรม,y\n", ",", None),
        ("หัวเรื่อง, ปี 2567\n\nก;ข;ค\n1;2;3\n4;5\n", ";", None),
        ("คำเดียว\n", ",", [("คำเดียว",)]),
    ],
)
def test_delimiters(
    files: Files, text: str, delimiter: str, rows: list[tuple[str, ...]] | None
) -> None:
    book = files.read(text.encode(), "a.csv")
    assert book.delimiter == delimiter
    if rows is not None:
        assert book.sheets[0].rows == rows


def test_a_line_sep_and_nothing_else_is_empty(files: Files) -> None:
    assert files.refused(b"sep=;\r\n", "a.csv") == EMPTY


def test_quoted_line_ends_quotes_and_blank_lines(files: Files) -> None:
    text = 'ชื่อ,ผล\r\n\r\n"กรม ""ก""","บรรทัด 1\nบรรทัด 2"\r\n5" ท่อ,x\r\n,\r\n\r\n'
    assert files.sheet(text.encode(), "a.csv").rows == [
        ("ชื่อ", "ผล"),
        (None, None),
        ('กรม "ก"', "บรรทัด 1\nบรรทัด 2"),
        ('5" ท่อ', "x"),
    ]


def test_a_quote_that_is_never_closed_is_damage_and_swallows_nothing(files: Files) -> None:
    assert files.refused('ก,ข\n1,"ค\n2,ง\n3,จ\n'.encode(), "a.csv") == DAMAGED


def test_a_csv_has_strings_only(files: Files) -> None:
    sheet = files.sheet("ก,007,1e5,TRUE,30/9/2567,=1+1\n".encode(), "a.csv")
    assert sheet.rows == [("ก", "007", "1e5", "TRUE", "30/9/2567", "=1+1")]


THAI_TEXT = st.text(
    st.characters(codec="cp874", exclude_categories=["Cc"], exclude_characters="\ufeff")
)


@hypothesis_settings(deadline=None)
@given(
    rows=st.lists(st.lists(THAI_TEXT, min_size=1, max_size=5), min_size=1, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp874", "utf-16"]),
    delimiter=st.sampled_from(",;\t"),
)
def test_whatever_is_written_reads_back(
    rows: list[list[str]], encoding: str, delimiter: str
) -> None:
    rows = [["หน่วยงาน", "ที่นี่"], *rows, ["จบ"]]
    out = io.StringIO(newline="")
    out.write(f"sep={delimiter}\r\n")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    text, found = decode(out.getvalue().encode(encoding))
    assert found == encoding.removesuffix("-sig")
    back, used = parse_csv(text, Limits())
    assert used == delimiter
    width = max(map(len, back))
    padded = [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows]
    assert [row[:width] for row in padded] == back
    assert not any(cell for row in padded for cell in row[width:])


# --- Other files, and files that lie about what they are ----------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HTML = "<!DOCTYPE html>\n<html><body><table><tr><td>กรม</td></tr></table></body></html>".encode()


@pytest.mark.parametrize("extension", ["doc", "dot", "rtf", "pdf", "html", "zip"])
def test_other_kinds_are_named(files: Files, extension: str) -> None:
    for content in (OLE, HTML, table(HEADER)):
        assert files.refused(content, f"a.{extension.upper()}") == UNSUPPORTED.format(extension)


def test_a_name_without_extension(files: Files) -> None:
    assert files.refused(table(HEADER), "รายงาน") == UNSUPPORTED.format("?")


@pytest.mark.parametrize(
    "content",
    [OLE, HTML, b"%PDF-1.7\n", TEXT.encode(), b"PK\x05\x06" + bytes(18), b"PK\x03\x04", b"\0" * 99],
    ids=["encrypted or .xls", "html", "pdf", "csv", "empty zip", "magic alone", "zeros"],
)
def test_what_is_named_xlsx_and_is_none(files: Files, content: bytes) -> None:
    assert files.refused(content) == DAMAGED


@pytest.mark.parametrize("content", [OLE, HTML, b"%PDF-1.7\n", table(HEADER)])
def test_what_is_named_csv_and_is_none(files: Files, content: bytes) -> None:
    assert files.refused(content, "a.csv") == DAMAGED


def test_another_office_file_named_xlsx(files: Files) -> None:
    moved = raw(replace={"xl/workbook.xml": None, "word/document.xml": b"<document/>"})
    assert files.refused(moved) == DAMAGED


def test_an_encrypted_zip(files: Files) -> None:
    content = bytearray(raw(data("><v>1</v>")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # each part's flag bits
        at = content.find(magic)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(magic, at + 4)
    assert files.refused(bytes(content)) == DAMAGED


# --- Hostile ------------------------------------------------------------------------------------

FORMULAS = ["=cmd|' /C calc'!A0", "==1+1", '=HYPERLINK("http://x")', "<script>alert(1)</script>"]


def test_texts_that_look_like_formulas_or_markup_are_texts(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        for n, text in enumerate(FORMULAS):
            sheet.write_string(n, 0, text)

    sheet = files.sheet(xlsxwriter_book(build))
    assert first_column(sheet) == FORMULAS
    assert sheet.formulas == 0


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DTDS = {
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "external DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "bare": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("dtd", DTDS.values(), ids=DTDS)
def test_a_dtd_is_refused_wherever_it_stands(files: Files, dtd: str) -> None:
    entity = "&l9;" if "l9" in dtd else "&e;" if "ENTITY e " in dtd else "1"
    cell = data(f' t="str"><v>{entity}</v>')
    assert files.refused(raw(cell, prolog=dtd)) == DAMAGED
    assert files.refused(raw(cell, prolog=f'<?xml version="1.0"?>\n<!-- -->{dtd}')) == DAMAGED


def test_a_dtd_is_refused_in_every_part(files: Files) -> None:
    dtd = DTDS["billion laughs"]
    good = zipfile.ZipFile(io.BytesIO(raw(data("><v>1</v>"), strings=" ", styles=" ")))
    for name in good.namelist():
        assert files.refused(
            raw(data("><v>1</v>"), replace={name: dtd.encode() + good.read(name)})
        ) == (DAMAGED), name


def test_an_entity_that_is_not_declared(files: Files) -> None:
    assert files.refused(raw(data(' t="str"><v>&e;</v>'))) == DAMAGED


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-7", "windows-874"])
def test_xml_that_is_not_utf_8_is_never_taken_for_an_empty_sheet(
    files: Files, encoding: str
) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><worksheet {MAIN}>{data("><v>1</v>")}'
    part = f"{text}</worksheet>".encode(encoding.replace("windows-", "cp"))
    assert files.refused(raw(replace={"xl/worksheets/sheet1.xml": part})) == DAMAGED


def test_external_links_are_not_followed(files: Files) -> None:
    link = (
        f'<externalLink {MAIN} xmlns:r="{RELATIONSHIP}"><externalBook r:id="rId1"/></externalLink>'
    )
    target = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONSHIP}/externalLinkPath" Target="http://127.0.0.1:9/x" '
        'TargetMode="External"/></Relationships>'
    )
    content = raw(
        data("><f>[1]S!$A$1</f><v>5</v>"),
        replace={
            "xl/externalLinks/externalLink1.xml": link.encode(),
            "xl/externalLinks/_rels/externalLink1.xml.rels": target.encode(),
        },
    )
    sheet = files.sheet(content)
    assert (sheet.rows, sheet.formulas) == ([(5,)], 1)


@pytest.mark.parametrize("name", ["a.xlsx", "A.XLSM"])
def test_a_workbook_is_read_without_its_macros(files: Files, name: str) -> None:
    book = files.read(raw(data("><v>1</v>"), replace={"xl/vbaProject.bin": b"x"}), name)
    assert (book.kind, book.sheets[0].rows) == ("xlsx", [(1,)])
    assert [messages.sentence(notice) for notice in book.notices] == [
        "ไฟล์มีมาโคร ระบบไม่เปิดและไม่อ่านมาโคร อ่านเฉพาะค่าในเซลล์"
    ]
    assert [messages.level(notice) for notice in book.notices] == [Level.INFO]
    assert files.read(raw(data("><v>1</v>")), name).notices == ()


def test_other_programs_parts_are_left_alone(files: Files) -> None:
    other = '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")
    content = raw(data("><v>1</v>"), replace={"customXml/item1.xml": other, "x.bin": b"\0"})
    assert files.sheet(content).rows == [(1,)]


# --- Size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_100_megabytes_are_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(Unreadable) as caught:
        read_file(path, name=name)
    assert messages.sentence(caught.value.problem) == TOO_BIG


@pytest.mark.parametrize("inline", [False, True])
def test_a_cell_of_200_kilobytes_passes(files: Files, inline: bool) -> None:
    text = "ผลการ ดำเนินงาน" * 5_000
    assert len(text.encode()) > 200_000
    if inline:
        cell, strings = f' t="inlineStr"><is><t>{text}</t></is>', ""
    else:
        cell, strings = ' t="s"><v>0</v>', f'<si><t xml:space="preserve">{text}</t></si>'
    ((found,),) = files.sheet(raw(data(cell), strings=strings)).rows
    assert found == text
    assert files.sheet(f'ก,"{text}"\n'.encode(), "a.csv").rows == [("ก", text)]


def row_of(number: int, cells: str = "") -> str:
    return f'<row r="{number}">{cells or f"""<c r="A{number}"><v>1</v></c>"""}</row>'


LAST = '<c r="XFD1048576"><v>1</v></c>'
FAR = {
    "the last cell alone": row_of(2**20, LAST),
    "the first and the last cell": row_of(1) + row_of(2**20, LAST),
    "the last cell in the first row": row_of(1, LAST),
    "the last before the first, where only the first of a row's cells is too far": row_of(
        1, f'{LAST}<c r="A1"><v>1</v></c>'
    ),
    "a formula in the last cell": row_of(1) + row_of(2**20, '<c r="XFD1048576"><f>1+1</f></c>'),
    "a million rows": "".join(map(row_of, range(1, 10**6 + 1))),
    "a row too many": row_of(200_001),
    "two hundred whole rows": row_of(1) + row_of(184, '<c r="XFD184"><v>1</v></c>'),
}


@pytest.mark.parametrize("body", FAR.values(), ids=FAR)
def test_too_many_cells_are_refused_within_seconds(files: Files, body: str) -> None:
    content = raw(f"<sheetData>{body}</sheetData>")
    assert len(content) < 20 * 2**20
    started = time.monotonic()
    assert files.refused(content) == TOO_MANY
    assert time.monotonic() - started < 20


def test_elements_that_are_no_cells_are_counted_too(files: Files) -> None:
    content = raw(f"<sheetData><row>{'<c/>' * 30_001}</row></sheetData>")
    assert files.refused(content) == EMPTY
    with pytest.raises(Unreadable) as caught:
        files.read(content, limits=Limits(cells=10_000))
    assert caught.value.problem.code == "F12"


@pytest.mark.parametrize("cell", ["><v>1</v>", ' t="inlineStr"><is><t>ก</t></is>'])
def test_plain_cells_count_as_cells_and_not_as_elements(files: Files, cell: str) -> None:
    content = raw(data(*[cell] * 1000))
    assert len(files.sheet(content, limits=Limits(cells=1000)).rows) == 1000
    with pytest.raises(Unreadable) as caught:
        files.read(content, limits=Limits(cells=999))
    assert caught.value.problem.code == "F12"


def test_blank_cells_with_a_format_down_to_the_last_row_are_no_cells(files: Files) -> None:
    blanks = "".join(row_of(n, f'<c r="A{n}" s="1"/><c r="B{n}"/>') for n in range(2, 2**20, 5))
    sheet = files.sheet(raw(f"<sheetData>{row_of(1)}{blanks}</sheetData>"))
    assert sheet.rows == [(1,)]


@pytest.mark.parametrize("reference", ["XFE1", "A1048577", "A0", "ZZZZ99999999", "1A", "", "A"])
def test_cells_that_no_sheet_has_are_damage(files: Files, reference: str) -> None:
    body = f'<sheetData><row r="1"><c r="{reference}"><v>1</v></c></row></sheetData>'
    assert files.refused(raw(body)) == DAMAGED


@pytest.mark.parametrize("row", ["0", "B1", "1048577", "-1", "1.0", "๑"])
def test_rows_that_no_sheet_has_are_damage(files: Files, row: str) -> None:
    body = f'<sheetData><row r="{row}"><c r="A1"><v>1</v></c></row></sheetData>'
    assert files.refused(raw(body)) == DAMAGED


def test_a_cell_that_only_one_parser_sees_is_damage(files: Files) -> None:
    other = f"<x:sheetData {MAIN.replace('=', ':x=', 1)}>"
    body = f'{other}<x:row r="9"><x:c r="C9"><x:v>1</x:v></x:c></x:row></x:sheetData>'
    assert files.refused(raw(body)) == DAMAGED


def test_a_zip_of_300_to_1_is_refused_before_it_is_unpacked(files: Files) -> None:
    part = f"<worksheet {MAIN}>{' ' * 2**25}{data('><v>1</v>')}</worksheet>".encode()
    content = raw(replace={"xl/worksheets/sheet1.xml": part})
    assert len(part) > 300 * len(content)
    assert files.sheet(content).rows == [(1,)]  # 32 MB do no harm
    assert files.refused(content, limits=Limits(unpacked=2**25)) == TOO_MANY


def test_a_zip_that_lies_about_its_sizes_is_damaged(files: Files) -> None:
    content = raw(data("><v>1</v>") + " " * 100_000)
    size = len(zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml"))
    lie = content.replace(size.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert files.refused(lie) == DAMAGED


def test_one_text_in_every_cell_is_bounded_by_memory_or_output(files: Files) -> None:
    """30 KB once, in 100,000 cells: 3 GB when each has its own."""
    body = "".join(row_of(n, f'<c r="A{n}" t="s"><v>0</v></c>') for n in range(1, 100_001))
    content = raw(f"<sheetData>{body}</sheetData>", strings=f"<si><t>{'ก' * 10_000}</t></si>")
    assert files.refused(content) == TOO_MANY


def test_an_endless_tag_and_an_endless_part_list(files: Files) -> None:
    endless = b"<worksheet " + b"a" * (40 * 2**20)
    assert files.refused(raw(replace={"xl/worksheets/sheet1.xml": endless})) == TOO_MANY
    assert files.refused(raw(replace={f"x/{n}": b"" for n in range(10_001)})) == DAMAGED


def test_a_csv_of_too_many_rows_or_columns(files: Files) -> None:
    assert files.refused(b"1,2\n" * 200_001, "a.csv") == TOO_MANY
    assert files.refused(b"1," * 30_000 + b"1\n" + b"1\n" * 100, "a.csv") == TOO_MANY
    assert len(files.sheet(b"1,2\n" * 200_000, "a.csv").rows) == 200_000


def test_the_limits_are_those_asked_for(files: Files) -> None:
    content = table(HEADER, RECORD)
    assert files.read(content, limits=Limits(cells=6))
    with pytest.raises(Unreadable) as caught:
        files.read(content, limits=Limits(cells=5))
    assert caught.value.problem.params == {"max": "5"}
    assert files.refused(content, limits=Limits(rows=1)) == TOO_MANY
    assert files.refused(content, limits=Limits(unpacked=1000)) == TOO_MANY


# --- The child ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_table() -> bytes:
    """20,000 rows of 12 columns."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "d/m/yyyy"})
        for row in range(20_000):
            sheet.write_row(row, 0, [f"ผลการดำเนินงานของหน่วยงาน {row} {n}" for n in range(8)])
            sheet.write_row(row, 8, [row, row * 1.5, "อยู่ระหว่างดำเนินการ"])
            sheet.write_datetime(row, 11, datetime(2024, 9, 30), day)

    return xlsxwriter_book(build)


#: What the parent runs, and then what came of it: modules, peak of memory in KB, user.
OBSERVED = (
    "import json, os, sys; sys.path.append(sys.argv[1])\n"
    "from followup.spreadsheets.reader import main\n"
    "before = sorted(sys.modules)\n"
    "main(sys.argv[2:])\n"
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
    "print(json.dumps([before, sorted(sys.modules), int(peak.split()[1]), os.getuid()]))\n"
)


def test_the_child_stays_small_and_knows_no_django(files: Files, long_table: bytes) -> None:
    out = files.folder / "out"
    ended = subprocess.run(
        [sys.executable, "-I", "-c", OBSERVED, settings.ROOT, files.path(long_table), out],
        capture_output=True,
        check=True,
    )
    before, after, peak, user = json.loads(ended.stdout)
    assert not {"django", "python_calamine", "socket", "ssl", "ctypes"} & set(before)
    assert "python_calamine" in after
    assert not {"django", "socket", "ssl"} & set(after)
    assert peak < 400 * 1024
    assert user == (os.getuid() or reader.NOBODY)


def test_20000_rows_come_back_whole(files: Files, long_table: bytes) -> None:
    sheet = files.sheet(long_table)
    assert len(sheet.rows) == 20_000
    assert sheet.rows[-1] == (
        *(f"ผลการดำเนินงานของหน่วยงาน 19999 {n}" for n in range(8)),
        *(19999, 29998.5, "อยู่ระหว่างดำเนินการ", date(2024, 9, 30)),
    )


def test_it_runs_as_a_module(files: Files) -> None:
    out = files.folder / "out"
    arguments = [os.fspath(files.path(TEXT.encode())), os.fspath(out)]
    subprocess.run(
        [sys.executable, "-m", "followup.spreadsheets.reader", *arguments],
        cwd=settings.ROOT,
        check=True,
    )
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == [
        {"sheet": {"name": "CSV"}},
        [list(row) for row in ROWS],
        {"end": {"kind": "csv", "encoding": "utf-8", "delimiter": ",", "notices": []}},
    ]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(memory=64 * 2**20),
        Limits(seconds=0.05),
        Limits(output=100_000),
    ],
    ids=["memory", "clock", "output"],
)
def test_each_limit_ends_in_the_sentence(files: Files, limits: Limits, long_table: bytes) -> None:
    assert files.refused(long_table, limits=limits) == TOO_MANY


def test_the_processor_time_is_limited(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = sandbox._START.replace("import main;", "import Limits, confine;").partition(
        "sys.exit"
    )
    start = f"{endless[0]}confine(Limits(cpu_seconds=1))\nwhile True: pass"
    monkeypatch.setattr(sandbox, "_START", start)
    assert files.refused(table(HEADER)) == TOO_MANY


def test_the_whole_group_is_killed(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child of the child, were there one, does not outlive the time."""
    note = files.folder / "pid"
    start = (
        "import pathlib, subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(other.pid))\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(sandbox, "_START", start)
    assert files.refused(table(HEADER), limits=Limits(seconds=3)) == TOO_MANY
    for _ in range(50):
        try:
            status = Path(f"/proc/{note.read_text()}/status").read_text()
        except FileNotFoundError:
            return
        if "State:\tZ" in status:  # dead, and nobody's to bury in this container
            return
        time.sleep(0.1)
    pytest.fail("it still runs")


@pytest.mark.parametrize(
    "start",
    [
        "import sys; sys.exit(3)",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "pass",
        *(
            f"import sys; open(sys.argv[3], 'w').write({answer!r})"
            for answer in (
                "",
                "[]\n",
                "[" * 100_000,
                "not JSON\n",
                "7\n",
                '{"end": 1}\n',
                '{"problem": []}\n',
                '[[{"a": 1}]]\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a"}}\n[[1], [1, 2]]\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a", "merged": [[1]]}}\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a", "shown": [[1]]}}\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a", "comments": [[-1, 0, "x"]]}}\n{"end": {"kind": "x"}}\n',
                '{"sheet": {"name": "a"}}\n{"end": {"kind": "xlsx", "notices": [1]}}\n',
                '{"sheet": {"name": "a"}}\n[[{"d": "tomorrow"}]]\n{"end": {"kind": "xlsx"}}\n',
            )
        ),
    ],
)
def test_a_child_gone_wrong_is_a_sentence_too(
    files: Files, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(sandbox, "_START", start)
    assert files.refused(table(HEADER)) == DAMAGED


def test_nothing_is_left_behind(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(files.folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    files.read(table(HEADER))
    files.refused(raw(replace={"xl/workbook.xml": None}))
    assert not list(files.folder.glob("portal-import-*"))


def test_the_environment_decides_nothing(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    (files.folder / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(files.folder))
    monkeypatch.chdir(files.folder)
    assert files.read(table(HEADER))


# --- Damage -------------------------------------------------------------------------------------


def good_files() -> Iterator[tuple[str, bytes]]:
    def build(book: Any) -> None:
        sheet = book.add_worksheet("ข้อมูล")
        sheet.merge_range(0, 0, 0, 2, "ผลการดำเนินงาน")
        for row in range(1, 30):
            sheet.write_row(row, 0, [row, f"กรม {row}", 0.25, True])
            sheet.write_datetime(row, 4, datetime(2024, 9, 30), book.add_format({"num_format": 14}))
            sheet.write_formula(row, 5, "=1+1", None, 2)

    rows = "".join(f'{n},"กรม\n{n}",ผล\r\n' for n in range(60))
    yield "a.xlsx", xlsxwriter_book(build)
    for encoding in ("utf-8-sig", "cp874", "utf-16"):
        yield "a.csv", rows.encode(encoding)


def damage(chance: random.Random, content: bytes) -> bytes:
    """Truncated, or with bytes changed, inserted, dropped or zeroed."""
    damaged = bytearray(content)
    kind = chance.randrange(4)
    at = chance.randrange(len(damaged))
    length = chance.randint(1, 40)
    if kind == 0:
        del damaged[at:]
    elif kind == 1:
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    elif kind == 2:
        damaged[at : at + length] = bytes(chance.randint(0, length))
    else:
        damaged[at:at] = bytes(chance.choices(range(256), k=length))
    return bytes(damaged)


def damage_inside(chance: random.Random, content: bytes) -> bytes:
    """The same to one part of an .xlsx, zipped again: its CRC is right."""
    package = zipfile.ZipFile(io.BytesIO(content))
    victim = chance.choice([name for name in package.namelist() if name.startswith("xl/")])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in package.namelist():
            part = package.read(name)
            again.writestr(name, damage(chance, part) if name == victim else part)
    return out.getvalue()


def test_damaged_files_are_a_book_or_a_sentence(files: Files) -> None:
    chance = random.Random(2567)
    cases = []
    for name, content in good_files():
        assert files.read(content, name)
        cases += [(name, damage(chance, content)) for _ in range(18)]
        if name == "a.xlsx":
            cases += [(name, damage_inside(chance, content)) for _ in range(36)]

    def outcome(case: tuple[int, tuple[str, bytes]]) -> tuple[str, float]:
        number, (name, content) = case
        path = files.folder / f"damaged-{number}"
        path.write_bytes(content)
        started = time.monotonic()
        try:
            book = read_file(path, name=name, limits=Limits(cpu_seconds=10))
        except Unreadable as error:
            said = error.problem.code
        else:
            assert all(len({len(row) for row in sheet.rows}) <= 1 for sheet in book.sheets)
            said = "read"
        return said, time.monotonic() - started

    with ThreadPoolExecutor(4) as pool:  # as many workers would
        outcomes = list(pool.map(outcome, enumerate(cases)))
    assert max(seconds for _, seconds in outcomes) < 30
    said = {code for code, _ in outcomes}
    assert len(outcomes) > 100
    assert {"read", "F01", "F05"} <= said <= {"read", "F01", "F05", "F11", "F12"}
