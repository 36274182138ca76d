"""What the records of an .xlsb say and calamine does not."""

import io
import struct
import zipfile
from datetime import date

import pytest

from followup.spreadsheets.reader import Limits
from followup.spreadsheets.reader.limits import TooLarge
from followup.spreadsheets.reader.xlsb import scan_xlsb
from followup.spreadsheets.types import CellError
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    TOO_MANY,
    Files,
)
from followup.tests.spreadsheets.reader.formats import RUNS, UNTOLD, said


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
