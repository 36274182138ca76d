"""Files for the reader, built by hand or by other programs, and the sentences of §6.1 about them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from followup.spreadsheets import messages
from followup.spreadsheets.sandbox import read_file
from followup.spreadsheets.types import Book, Sheet, Unreadable
from followup.tests.spreadsheets.told import told

DAMAGED = told("F01")  # F01


UNSUPPORTED = (  # F02
    told("F02", ext="{}", list=".xlsx .xlsm .xls .xlsb .ods .csv .tsv .txt .docx")
)


TOO_BIG = told("F03", mb="20")  # F03


NO_THAI = (  # F05
    told("F05")
)


EMPTY = told("F11")  # F11


TOO_MANY = (  # F12
    told("F12", max="3,000,000")
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


TEXT = "ลำดับ,หน่วยงาน\r\n1,กรมอนามัย “ก” – ฯ\r\n"


ROWS = [("ลำดับ", "หน่วยงาน"), ("1", "กรมอนามัย “ก” – ฯ")]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


HTML = "<!DOCTYPE html>\n<html><body><table><tr><td>กรม</td></tr></table></body></html>".encode()
