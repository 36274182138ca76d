"""Workbooks of .xlsx: sheets, rows and the values that calamine gives."""

import io
from datetime import date
from typing import Any

import pytest

from followup.spreadsheets import messages
from followup.spreadsheets.reader import Limits, sheet
from followup.spreadsheets.reader.numberformat import telling
from followup.spreadsheets.reader.package import Styles
from followup.spreadsheets.types import CellError, Level, Sheet
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    EMPTY,
    HEADER,
    MAIN,
    RECORD,
    Files,
    data,
    first_column,
    openpyxl_book,
    raw,
    table,
    xlsxwriter_book,
)
from followup.tests.spreadsheets.told import told


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


def test_blank_rows_amid_data_stay_where_they_are(files: Files) -> None:
    sheet = files.sheet(table(HEADER, RECORD, [], [None], RECORD))
    assert sheet.rows[2:4] == [(None, None, None)] * 2
    assert sheet.rows[4] == tuple(RECORD)


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
    assert files.refused(content) == (told("F17", cell="A2", sheet="S", error=error))


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


FORMULAS = ["=cmd|' /C calc'!A0", "==1+1", '=HYPERLINK("http://x")', "<script>alert(1)</script>"]


def test_texts_that_look_like_formulas_or_markup_are_texts(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        for n, text in enumerate(FORMULAS):
            sheet.write_string(n, 0, text)

    sheet = files.sheet(xlsxwriter_book(build))
    assert first_column(sheet) == FORMULAS
    assert sheet.formulas == 0


@pytest.mark.parametrize("name", ["a.xlsx", "A.XLSM"])
def test_a_workbook_is_read_without_its_macros(files: Files, name: str) -> None:
    book = files.read(raw(data("><v>1</v>"), replace={"xl/vbaProject.bin": b"x"}), name)
    assert (book.kind, book.sheets[0].rows) == ("xlsx", [(1,)])
    assert [messages.sentence(notice) for notice in book.notices] == [told("F16")]
    assert [messages.level(notice) for notice in book.notices] == [Level.INFO]
    assert files.read(raw(data("><v>1</v>")), name).notices == ()


def test_a_cell_that_only_one_parser_sees_is_damage(files: Files) -> None:
    other = f"<x:sheetData {MAIN.replace('=', ':x=', 1)}>"
    body = f'{other}<x:row r="9"><x:c r="C9"><x:v>1</x:v></x:c></x:row></x:sheetData>'
    assert files.refused(raw(body)) == DAMAGED


def test_20000_rows_come_back_whole(files: Files, long_table: bytes) -> None:
    sheet = files.sheet(long_table)
    assert len(sheet.rows) == 20_000
    assert sheet.rows[-1] == (
        *(f"ผลการดำเนินงานของหน่วยงาน 19999 {n}" for n in range(8)),
        *(19999, 29998.5, "อยู่ระหว่างดำเนินการ", date(2024, 9, 30)),
    )
