"""What offices send beside .xlsx: .xls, .xlsb and .ods, tables of Word files, pasted tables."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from followup.spreadsheets import messages
from followup.spreadsheets.reader import Limits
from followup.spreadsheets.reader.delimited import parse_tabs
from followup.spreadsheets.reader.limits import TooLarge
from followup.spreadsheets.reader.xlsb import scan_xlsb
from followup.spreadsheets.sandbox import EXTENSIONS
from followup.spreadsheets.types import Book, CellError, Level, Unreadable
from followup.tests.spreadsheets import office
from followup.tests.spreadsheets.test_reader import (
    DAMAGED,
    EMPTY,
    HTML,
    OLE,
    TOO_MANY,
    Files,
    data,
    raw,
)

needs_office = pytest.mark.skipif(not office.SOFFICE, reason=office.WHY)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def said(book: Book) -> list[str]:
    return [messages.sentence(notice) for notice in book.notices]


UNTOLD = "ไฟล์ .{} มีสิ่งที่ระบบอ่านไม่ได้: {} หากในไฟล์มีสิ่งเหล่านี้ ให้บันทึกเป็น .xlsx แล้วเลือกไฟล์อีกครั้ง"
RUNS = "ข้อความที่ขีดฆ่าเพียงบางส่วนของเซลล์"


# --- .xls and .ods, as LibreOffice writes them --------------------------------------------------

SAVED_AS = {"xls": "xls:MS Excel 97", "ods": "ods:calc8"}


@pytest.fixture(scope="session", params=SAVED_AS)
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workbook of everything, as .xls and as .ods."""
    folder = tmp_path_factory.mktemp(request.param)
    source = folder / "book.xlsx"
    with xlsxwriter.Workbook(str(source)) as book:
        sheet = book.add_worksheet("ข้อมูล")
        day, percent, families, struck = (
            book.add_format(options)
            for options in (
                {"num_format": "d/m/yyyy"},
                {"num_format": "0%"},
                {"num_format": '#,##0 "ครอบครัว"'},
                {"font_strikeout": True},
            )
        )
        sheet.merge_range("A1:C1", "รายงานผล ปี 2567")
        sheet.write_row(1, 0, ["หน่วยงาน", "จำนวน", "วันที่", "ร้อยละ", "ผล", "ครอบครัว"])
        for row in (2, 3, 4):
            sheet.write_row(row, 0, [f"กรม {row}", row * 1.5])
            sheet.write_datetime(row, 2, date(2024, 9, 30), day)
            sheet.write_number(row, 3, 0.75, percent)
            sheet.write_number(row, 5, 1250, families)
        sheet.write_string(2, 0, "กรมเดิม", struck)
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 4, "=NA()", None, "#N/A")
        sheet.write_formula(4, 4, "=1+1", None, 2)
        sheet.write_comment(4, 0, "ยุบรวมแล้ว")
        sheet.set_row(3, options={"hidden": True})
        sheet.set_column(1, 1, options={"hidden": True})
        hidden = book.add_worksheet("ซ่อน")
        hidden.write_string(4, 2, "ค")
        hidden.hide()
    return office.convert(source, folder / "out", to=SAVED_AS[request.param])


@needs_office
def test_a_workbook_of_another_format_reads_as_the_xlsx_does(files: Files, saved: Path) -> None:
    book = files.read(saved.read_bytes(), f"รายงาน{saved.suffix}")
    assert book.kind == saved.suffix[1:]
    sheet, hidden = book.sheets
    assert sheet.rows == [
        ("รายงานผล ปี 2567", None, None, None, None, None),
        ("หน่วยงาน", "จำนวน", "วันที่", "ร้อยละ", "ผล", "ครอบครัว"),
        ("กรมเดิม", 3, date(2024, 9, 30), 0.75, CellError("#DIV/0!"), 1250),
        ("กรม 3", 4.5, date(2024, 9, 30), 0.75, CellError("#N/A"), 1250),
        ("กรม 4", 6, date(2024, 9, 30), 0.75, 2, 1250),
    ]
    assert (sheet.name, sheet.visible) == ("ข้อมูล", True)
    assert sheet.merged == ((0, 0, 0, 2),)
    assert sheet.hidden_rows == {3}
    assert sheet.hidden_columns == {1}
    assert sheet.percent_columns == {3}
    assert sheet.shown == {
        **{(row, 3): "75%" for row in (2, 3, 4)},
        **{(row, 5): "1,250 ครอบครัว" for row in (2, 3, 4)},
    }
    assert sheet.struck == {(2, 0)}
    assert sheet.comments == {(4, 0): "ยุบรวมแล้ว"}
    assert sheet.formulas == 3
    assert (hidden.name, hidden.visible) == ("ซ่อน", False)
    assert hidden.rows == [(None, None, None)] * 4 + [(None, None, "ค")]


@needs_office
def test_what_cannot_be_told_is_said(files: Files, saved: Path) -> None:
    book = files.read(saved.read_bytes(), saved.name)
    expected = {"xls": [UNTOLD.format("xls", RUNS)], "ods": []}
    assert said(book) == expected[saved.suffix[1:]]
    assert {messages.level(notice) for notice in book.notices} <= {Level.WARN}


@needs_office
def test_other_formats_keep_the_limits(files: Files, saved: Path) -> None:
    content = saved.read_bytes()
    assert files.read(content, saved.name, limits=Limits(cells=45))  # 5 × 6 and 5 × 3
    for limits in (Limits(cells=44), Limits(rows=4), Limits(output=200), Limits(seconds=0.01)):
        with pytest.raises(Unreadable) as caught:
            files.read(content, saved.name, limits=limits)
        assert caught.value.problem.code == "F12", limits


@needs_office
def test_damaged_files_of_other_formats_are_a_book_or_a_sentence(files: Files, saved: Path) -> None:
    content = saved.read_bytes()
    chance = random.Random(2569)
    outcomes = set()
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 5, 200))):
            damaged[chance.randrange(8, len(damaged))] = chance.randrange(256)
        del damaged[chance.choice((len(damaged), chance.randrange(600, len(damaged)))) :]
        try:
            book = files.read(bytes(damaged), saved.name, limits=Limits(cpu_seconds=10))
        except Unreadable as error:
            outcomes.add(error.problem.code)
        else:
            outcomes.add(book.kind)
    assert outcomes <= {"F01", "F11", "F12", saved.suffix[1:]}
    assert len(outcomes) > 1


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.ods", "a.docx"])
@pytest.mark.parametrize(
    "content",
    [HTML, b"%PDF-1.7\n", "ก,ข\n".encode(), OLE, raw(data("><v>1</v>"))],
    ids=["html", "pdf", "text", "ole", "xlsx"],
)
def test_files_that_are_not_what_their_name_says(files: Files, name: str, content: bytes) -> None:
    assert files.refused(content, name) == DAMAGED


def test_the_accepted_extensions_are_those_of_the_sentence(files: Files) -> None:
    assert files.refused(b"x", "a.pdf") == (
        "ไม่รองรับไฟล์ .pdf เปิดไฟล์แล้วบันทึกเป็น .xlsx ก่อนนำเข้า "
        "(ที่รองรับคือ .xlsx .xlsm .xls .xlsb .ods .csv .tsv .txt .docx)"
    )
    assert " ".join(EXTENSIONS) in files.refused(b"x", "a.pdf")


# --- .ods by hand -------------------------------------------------------------------------------

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "form")
)


def ods(body: str, *, styles: str = "", prolog: str = "") -> bytes:
    content = (
        f"{prolog}<office:document-content {NAMESPACES}>"
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='urn:x'/>")
    return out.getvalue()


def ods_cell(text: str, kind: str = "string", **more: str) -> str:
    attributes = "".join(f' {key}="{value}"' for key, value in more.items())
    value = f' office:value="{text}"' if kind == "float" else ""
    return (
        f'<table:table-cell office:value-type="{kind}"{value}{attributes}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def ods_table(*rows: str, name: str = "S") -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def ods_row(*cells: str, **more: str) -> str:
    attributes = "".join(f' table:{key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def test_repeated_cells_and_rows_of_an_ods(files: Files) -> None:
    """A filled cell three times, blank rows between, and the blank rest of the sheet."""
    blank = '<table:table-cell table:number-columns-repeated="16381"/>'
    struck = (
        '<style:style style:name="x">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    )
    body = ods_table(
        ods_row(ods_cell("ก", **{"table:number-columns-repeated": "3"}), blank),
        ods_row(
            '<table:table-cell table:number-columns-repeated="16384"/>', number_rows_repeated="2"
        ),
        ods_row(
            '<table:table-cell office:value-type="string" table:style-name="x" '
            'table:number-columns-repeated="2"><text:p>ข</text:p></table:table-cell>',
            blank,
            number_rows_repeated="2",
        ),
        ods_row(
            '<table:table-cell table:number-columns-repeated="16384"/>',
            number_rows_repeated="1048571",
        ),
    )
    sheet = files.sheet(ods(body, styles=struck), "a.ods")
    assert sheet.rows[0] == ("ก", "ก", "ก")
    assert sheet.rows[1:3] == [(None,) * 3] * 2
    assert sheet.rows[3:] == [("ข", "ข", None)] * 2
    assert sheet.struck == {(3, 0), (3, 1), (4, 0), (4, 1)}


@pytest.mark.parametrize(
    "body",
    [
        ods_table(ods_row(ods_cell("ก"), number_rows_repeated="1048576")),
        ods_table(
            ods_row(
                '<table:table-cell office:value-type="string" '
                'table:number-columns-repeated="16384"><text:p>ก</text:p></table:table-cell>',
                number_rows_repeated="200000",
            )
        ),
        ods_table(
            ods_row("<table:table-cell/>", number_rows_repeated="1048575"), ods_row(ods_cell("ก"))
        ),
        "".join(
            ods_table(ods_row(ods_cell("ก"), number_rows_repeated="190000"), name=f"S{n}")
            for n in range(20)
        ),
    ],
    ids=["rows", "everything", "the last row", "many sheets"],
)
def test_an_ods_that_states_a_rectangle_is_refused(files: Files, body: str) -> None:
    content = ods(body)
    assert len(content) < 10_000
    assert files.refused(content, "a.ods") == TOO_MANY


def test_an_ods_with_a_dtd_or_without_content(files: Files) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY e "ha">]>'
    assert (
        files.refused(ods(ods_table(ods_row(ods_cell("&e;"))), prolog=laughs), "a.ods") == DAMAGED
    )
    assert files.refused(ods(ods_table()), "a.ods") == EMPTY
    assert files.refused(ods("<table:table"), "a.ods") == DAMAGED


def test_tick_boxes_of_an_ods_are_counted(files: Files) -> None:
    boxes = "<office:forms><form:form><form:checkbox/><form:checkbox/></form:form></office:forms>"
    assert files.sheet(ods(ods_table(boxes, ods_row(ods_cell("ก")))), "a.ods").controls == 2


# --- .xlsb by hand ------------------------------------------------------------------------------


def record(kind: int, content: bytes = b"") -> bytes:
    """A record as [MS-XLSB] 2.1.4 has it."""
    out = bytearray()
    out += bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    while size >= 128:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*out, size]) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(*rows: list[tuple[int, int, bytes]], beside: bytes = b"") -> bytes:
    """One sheet "ข้อมูล" of rows of cells: kind of record, style, value. See `xlsb_styles`."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{relation}/{{}}" Target="{{}}"/></Relationships>'
    )
    cells = b""
    for number, row in enumerate(rows):
        hidden = 0x10 if number == 2 else 0
        cells += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, hidden, 0, 0))
        for column, (kind, style, value) in enumerate(row):
            cells += record(kind, struct.pack("<II", column, style) + value)
    last = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = (
        record(129)
        + record(148, last)
        + beside
        + record(145)
        + cells
        + record(146)
        + record(176, struct.pack("<IIII", 0, 0, 0, 1))
        + record(130)
    )
    fonts = [struct.pack("<HHHHBBBB", 200, flags, 400, 0, 0, 0, 0, 0) for flags in (0, 8)]
    formats = struct.pack("<H", 164) + wide('#,##0 "คน"')
    xfs = [(0, 0), (9, 0), (14, 0), (164, 0), (0, 1)]
    styles = (
        record(278)
        + record(615, struct.pack("<I", 1))
        + record(44, formats)
        + record(616)
        + record(611, struct.pack("<I", 2))
        + b"".join(record(43, font + bytes(9) + wide("Sarabun")) for font in fonts)
        + record(612)
        + record(617, struct.pack("<I", len(xfs)))
        + b"".join(record(47, struct.pack("<HHHHHHI", 0, *xf, 0, 0, 0, 0)) for xf in xfs)
        + record(618)
        + record(279)
    )
    bundle = struct.pack("<II", 0, 1) + wide("rId1") + wide("ข้อมูล")
    workbook = record(131) + record(143) + record(156, bundle) + record(144) + record(132)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_rels/.rels", listed.format("officeDocument", "xl/workbook.bin"))
        package.writestr("xl/workbook.bin", workbook)
        package.writestr(
            "xl/_rels/workbook.bin.rels", listed.format("worksheet", "worksheets/sheet1.bin")
        )
        package.writestr("xl/styles.bin", styles)
        package.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()


def real(value: float) -> bytes:
    return struct.pack("<d", value)


XLSB_ROWS: list[list[tuple[int, int, bytes]]] = [
    [(6, 0, wide("หัว")), (1, 0, b""), (6, 4, wide("ผล"))],
    [(5, 1, real(0.75)), (5, 2, real(45565)), (3, 0, b"\x17")],
    [(2, 1, struct.pack("<I", 1 << 2 | 2)), (5, 3, real(1250)), (4, 0, b"\x01")],
    [(9, 1, real(0.5) + bytes(8)), (11, 0, b"\x2a" + bytes(8)), (6, 0, wide("ข้อความ"))],
]


def test_an_xlsb_reads_as_the_xlsx_would(files: Files) -> None:
    columns = record(390) + record(60, struct.pack("<IIIIH", 1, 1, 0, 0, 1)) + record(391)
    book = files.read(xlsb(*XLSB_ROWS, beside=columns), "a.xlsb")
    (sheet,) = book.sheets
    assert (book.kind, sheet.name) == ("xlsb", "ข้อมูล")
    assert sheet.rows == [
        ("หัว", None, "ผล"),
        (0.75, date(2024, 9, 30), CellError("#REF!")),
        (1, 1250, True),
        (0.5, CellError("#N/A"), "ข้อความ"),
    ]
    assert sheet.percent_columns == {0}
    assert sheet.shown == {(1, 0): "75%", (2, 0): "100%", (2, 1): "1,250 คน", (3, 0): "50%"}
    assert sheet.struck == {(0, 2)}
    assert sheet.hidden_rows == {2}
    assert sheet.hidden_columns == {1}
    assert sheet.merged == ((0, 0, 0, 1),)
    assert sheet.formulas == 2
    assert said(book) == [UNTOLD.format("xlsb", f"ข้อคิดเห็นในเซลล์, {RUNS}")]


def test_an_xlsb_that_states_a_rectangle_is_refused(files: Files) -> None:
    far = record(0, struct.pack("<IIHBBBI", 2**20 - 1, 0, 300, 0, 0, 0, 0))
    far += record(5, struct.pack("<II", 2**14 - 1, 0) + real(1))
    content = xlsb([(5, 0, real(1))], beside=record(145) + far)
    assert files.refused(content, "a.xlsb") == TOO_MANY
    with pytest.raises(TooLarge, match="cells"):  # before calamine allocates anything
        scan_xlsb(io.BytesIO(content), Limits(rows=2**20))
    assert files.refused(xlsb([(6, 0, wide("ก"))])[:-200], "a.xlsb") == DAMAGED


# --- .docx --------------------------------------------------------------------------------------


def word(build: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def filled(document: Any, *rows: list[str]) -> Any:
    table = document.add_table(len(rows), len(rows[0]))
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(line, column).text = text
    return table


def test_a_table_of_a_word_file_is_a_sheet(files: Files) -> None:
    book = files.read(word(lambda document: filled(document, ["ก", "ข"], ["1.1", " "])), "a.docx")
    (sheet,) = book.sheets
    assert (book.kind, sheet.name, sheet.visible) == ("docx", "ตาราง 1", True)
    assert sheet.rows == [("ก", "ข"), ("1.1", None)]
    assert book.notices == ()


def test_cells_merged_across_and_down(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(
            document,
            ["หัวเรื่อง", "", "", ""],
            ["กรม", "1", "2", "3"],
            ["", "", "5", "6"],
            ["", "7", "8", "9"],
        )
        table.cell(0, 0).merge(table.cell(0, 3))
        table.cell(1, 0).merge(table.cell(3, 0))
        table.cell(1, 1).merge(table.cell(2, 2))

    sheet = files.sheet(word(build), "a.docx")
    assert set(sheet.merged) == {(0, 0, 0, 3), (1, 0, 3, 0), (1, 1, 2, 2)}
    assert sheet.rows == [
        ("หัวเรื่อง", None, None, None),
        ("กรม", "1\n2\n5", None, "3"),
        (None, None, None, "6"),
        (None, "7", "8", "9"),
    ]


def test_rows_that_begin_or_end_elsewhere_keep_their_columns(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["ก", "ข", "ค"], ["1", "2", "3"])
        row = table.rows[1]._tr
        row.remove(row.tc_lst[0])
        properties = row.get_or_add_trPr()
        before = OxmlElement("w:gridBefore")
        before.set(qn("w:val"), "1")
        properties.append(before)

    assert files.sheet(word(build), "a.docx").rows == [("ก", "ข", "ค"), (None, "2", "3")]


def test_paragraphs_breaks_tabs_and_ticks_in_a_cell(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["", "ก"])
        cell = table.cell(0, 0)
        cell.text = "บรรทัด 1\nต่อ\tแท็บ"
        cell.add_paragraph("ย่อหน้า 2")
        run = table.cell(0, 1).paragraphs[0].add_run()
        run._r.append(parse_xml(f'<w:sym {nsdecls("w")} w:font="Wingdings" w:char="F0FC"/>'))

    ((first, second),) = files.sheet(word(build), "a.docx").rows
    assert (first, second) == ("บรรทัด 1\nต่อ\tแท็บ\nย่อหน้า 2", "ก✔")


def test_a_table_in_a_cell_is_text_of_that_cell(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["ก", "ข"], ["1", "ก่อน"])
        inner = table.cell(1, 1).add_table(1, 2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "ใน 1", "ใน 2"

    (sheet,) = files.read(word(build), "a.docx").sheets
    assert sheet.rows == [("ก", "ข"), ("1", "ก่อน\nใน 1\nใน 2")]


def test_text_outside_tables_is_said_and_each_table_is_a_sheet(files: Files) -> None:
    def build(document: Any) -> None:
        document.add_paragraph("รายงานผลการดำเนินงาน ปีงบประมาณ 2567")
        filled(document, ["ก"])
        document.add_paragraph(" ")
        filled(document, ["ข"])

    book = files.read(word(build), "a.docx")
    assert [(sheet.name, sheet.rows) for sheet in book.sheets] == [
        ("ตาราง 1", [("ก",)]),
        ("ตาราง 2", [("ข",)]),
    ]
    assert said(book) == [
        "อ่านเฉพาะตารางในไฟล์ Word ไม่ได้อ่านข้อความนอกตาราง เช่น “รายงานผลการดำเนินงาน ปีงบประมาณ 2567”"
    ]


def test_numbers_that_word_counts_itself_are_said_to_be_missing(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["ลำดับ", "ผล"], ["", "ดี"])
        paragraph = table.cell(1, 0).paragraphs[0]._p
        paragraph.get_or_add_pPr().get_or_add_numPr()

    assert said(files.read(word(build), "a.docx")) == [
        "ตารางมีเลขลำดับอัตโนมัติของ Word ซึ่งระบบอ่านไม่ได้ หากเลขนั้นเป็นรหัส ให้พิมพ์รหัสลงในเซลล์แทน"
    ]


def test_struck_and_deleted_text_of_a_word_file(files: Files) -> None:
    """Struck out is read and told. Deleted while changes are recorded is not there any more."""

    def build(document: Any) -> None:
        table = filled(document, ["", "ข", "ค"])
        table.cell(0, 0).paragraphs[0].add_run("เดิม").font.strike = True
        paragraph = table.cell(0, 1).paragraphs[0]._p
        paragraph.append(
            parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>ลบ</w:delText></w:r></w:del>")
        )
        paragraph.append(
            parse_xml(f"<w:moveFrom {nsdecls('w')}><w:r><w:t>ย้าย</w:t></w:r></w:moveFrom>")
        )
        mark = table.cell(0, 2).paragraphs[0]._p.get_or_add_pPr()  # the end of the paragraph
        mark.append(parse_xml(f"<w:rPr {nsdecls('w')}><w:strike/></w:rPr>"))

    sheet = files.sheet(word(build), "a.docx")
    assert sheet.rows == [("เดิม", "ข", "ค")]
    assert sheet.struck == {(0, 0)}


def test_a_word_file_without_a_table_or_with_a_blank_one(files: Files) -> None:
    assert files.refused(word(lambda document: document.add_paragraph("ก")), "a.docx") == (
        "ไฟล์ Word ไม่มีตาราง ระบบอ่านเฉพาะตาราง ใส่ข้อมูลลงในตารางหรือใช้ไฟล์ .xlsx แล้วเลือกไฟล์อีกครั้ง"
    )
    assert files.refused(word(lambda document: document.add_table(2, 2)), "a.docx") == EMPTY


def document_of(body: str, prolog: str = "") -> bytes:
    """A Word file whose document is this XML."""
    old = zipfile.ZipFile(io.BytesIO(word(lambda document: None)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in old.namelist():
            if name != "word/document.xml":
                package.writestr(name, old.read(name))
        package.writestr(
            "word/document.xml",
            f"{prolog}<w:document {nsdecls('w')}><w:body>{body}</w:body></w:document>",
        )
    return out.getvalue()


CELL = "<w:tc><w:p><w:r><w:t>ก</w:t></w:r></w:p></w:tc>"


def test_hostile_word_files_stay_within_the_limits(files: Files) -> None:
    wide_cell = CELL.replace("<w:p>", '<w:tcPr><w:gridSpan w:val="{}"/></w:tcPr><w:p>')
    for span, said in (("999999999", EMPTY), ("1001", DAMAGED), ("-1", None), ("x", None)):
        content = document_of(f"<w:tbl><w:tr>{wide_cell.format(span)}</w:tr></w:tbl>")
        if said == DAMAGED:
            assert files.refused(content, "a.docx") == said
        else:
            assert files.sheet(content, "a.docx").rows == [("ก",)]
    rows = f"<w:tr>{wide_cell.format(1000)}</w:tr>" * 3001
    assert files.refused(document_of(f"<w:tbl>{rows}</w:tbl>"), "a.docx") == TOO_MANY
    many = "<w:tr/>" * 200_001
    assert files.refused(document_of(f"<w:tbl>{many}</w:tbl>"), "a.docx") == TOO_MANY
    deep = "<w:tbl><w:tr><w:tc>" * 5000
    assert files.refused(document_of(deep), "a.docx") == DAMAGED
    dtd = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    assert files.refused(document_of(f"<w:p>{CELL}</w:p>", dtd), "a.docx") == DAMAGED
    assert files.refused(document_of(f"<w:tbl>{CELL}</w:tbl>"), "a.docx") == DAMAGED


def test_another_office_file_named_docx(files: Files) -> None:
    assert files.refused(raw(data("><v>1</v>")), "a.docx") == DAMAGED


# --- A table pasted from the clipboard ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ก\tข\r\n1\t2\r\n", [("ก", "ข"), ("1", "2")]),
        ('ก\t"บรรทัด 1\nบรรทัด ""2"""\r\n1\t2', [("ก", 'บรรทัด 1\nบรรทัด "2"'), ("1", "2")]),
        ("ผล, ปัญหา\r\nดี, มาก; ที่สุด\r\nx\r\n", [("ผล, ปัญหา",), ("ดี, มาก; ที่สุด",), ("x",)]),
        ("ก\t\tค\r\n\r\n\t2\t\r\n", [("ก", None, "ค"), (None, None, None), (None, "2", None)]),
        ('"ก" ข\tค\n"ไม่ปิด\tง\n', [('"ก" ข', "ค"), ('"ไม่ปิด', "ง")]),
        ("คำเดียว", [("คำเดียว",)]),
        ('"ก\tข"\tค', [("ก\tข", "ค")]),
    ],
)
def test_what_excel_puts_on_the_clipboard(
    files: Files, text: str, rows: list[tuple[str | None, ...]]
) -> None:
    book = files.read(text.encode(), "วาง.tsv")
    assert (book.kind, book.encoding, book.delimiter) == ("csv", "utf-8", "\t")
    assert book.sheets[0].rows == rows


def clipboard(cell: str) -> str:
    """As Excel writes a cell: quoted only where it holds a tab or a line end."""
    if "\t" in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


@hypothesis_settings(deadline=None)
@given(
    st.lists(
        st.lists(st.text('ก "\t\nข,;', max_size=6), min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_every_pasted_cell_reads_back(rows: list[list[str]]) -> None:
    rows = [
        # A cell that is quoted as a whole cannot be told from one that Excel has quoted.
        [cell if "\t" in cell or "\n" in cell else cell.lstrip('"') for cell in row]
        for row in rows
    ]
    text = "".join("\t".join(map(clipboard, row)) + "\r\n" for row in [*rows, ["จบ"]])
    found, _ = parse_tabs(text, Limits())
    width = max(map(len, found))
    padded = [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows]
    assert [row[:width] for row in padded] == found[:-1]
    assert found[-1][0] == "จบ"


def test_an_empty_paste_and_one_too_long(files: Files) -> None:
    assert files.refused(b"\r\n\t\r\n", "a.tsv") == EMPTY
    assert files.refused("ก\n".encode() * 200_001, "a.tsv") == TOO_MANY
    assert files.refused(b"\t" * 30_000 + b"1\n" + b"1\n" * 100, "a.tsv") == TOO_MANY
