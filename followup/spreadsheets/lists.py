"""Plain lists for the admin's imports: headings in row 1, records below (`settings.TABLE_READER`).

Unlike the import of reports, nothing is guessed: a value out of place is refused, with the cell's
address. Values that were read in a way that may surprise are reported as notices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from followup.spreadsheets.messages import sentence
from followup.spreadsheets.reader.sheet import address
from followup.spreadsheets.recognise import letter
from followup.spreadsheets.sandbox import read_file, unsupported
from followup.spreadsheets.types import Book, Cell, CellError, Problem, Sheet, Unreadable
from followup.spreadsheets.values.base import text_of
from followup.spreadsheets.workbook.names import CELL_LIMIT
from forum_portal.tables import Table
from forum_portal.years import as_typed

#: Only formats that are recognised by content: when a list is confirmed, its file name is not known.
EXTENSIONS = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt")


def read_list(content: bytes, name: str) -> Table:
    """The list in an uploaded file called `name`. Raises ValidationError, in Thai."""
    book = _read(content, name)
    sheet, unread = _sheet(book)
    _refuse_unknown(sheet)
    columns = _columns(sheet)
    _refuse_cells(sheet, columns)
    return Table(
        headings=[text_of(sheet.rows[0][column]) for column in columns],
        rows=[
            [_plain(row[column]) for column in columns] for row in sheet.rows[1 : _height(sheet)]
        ],
        notices=list(_notices(book, sheet, unread)),
    )


def _read(content: bytes, name: str) -> Book:
    if content and (problem := unsupported(name, EXTENSIONS)):
        raise _refusal(problem)
    with TemporaryDirectory(prefix="portal-list-") as folder:
        path = Path(folder, "upload")
        path.write_bytes(content)
        try:
            return read_file(path, name=name)
        except Unreadable as error:
            raise _refusal(error.problem) from error


def _refusal(problem: Problem) -> ValidationError:
    return ValidationError(sentence(problem), code=problem.code)


def _in(row: int, column: int, problem: object) -> str:
    """The error message with the address of its cell."""
    place = {"cell": address(row, column), "problem": problem}
    return _("เซลล์ %(cell)s: %(problem)s") % place


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _plain(cell: Cell) -> Cell:
    """A cell's value. Numbers stay numbers, because a numeric code may have lost a final zero."""
    if _is_blank(cell):
        return None
    return text_of(cell) if isinstance(cell, bool) else cell


def _height(sheet: Sheet) -> int:
    """The number of rows up to the last one with content."""
    height = len(sheet.rows)
    while height and all(map(_is_blank, sheet.rows[height - 1])):
        height -= 1
    return height


def _sheet(book: Book) -> tuple[Sheet, list[str]]:
    """The first visible sheet with content, and the names of the other ones."""
    filled = [sheet for sheet in book.sheets if _height(sheet)]
    if not filled:
        raise _refusal(Problem("F11"))
    visible = [sheet for sheet in filled if sheet.visible]
    if not visible:
        raise ValidationError(
            _("ชีต “%(name)s” ซ่อนอยู่ และไม่มีชีตอื่นที่มีข้อมูล เลิกซ่อนชีตแล้วบันทึกใหม่")
            % {"name": as_typed(filled[0].name)}
        )
    return visible[0], [sheet.name for sheet in filled if sheet is not visible[0]]


def _columns(sheet: Sheet) -> list[int]:
    """The columns with a heading. Raises ValidationError for content without a heading."""
    if sheet.merged:
        top, left, bottom, right = min(sheet.merged)
        raise ValidationError(
            _(
                "เซลล์ %(first)s:%(last)s ผสานกันอยู่ จึงไม่รู้ว่าค่าเป็นของแถวหรือคอลัมน์ใด "
                "ยกเลิกการผสานเซลล์ ใส่ค่าให้ครบทุกเซลล์แล้วบันทึกใหม่"
            )
            % {"first": address(top, left), "last": address(bottom, right)}
        )
    header = sheet.rows[0]
    if all(map(_is_blank, header)):
        raise ValidationError(
            _("แถว 1 ว่าง หัวคอลัมน์ต้องอยู่ในแถว 1 ลบแถวว่างที่อยู่เหนือหัวคอลัมน์แล้วเลือกไฟล์อีกครั้ง")
        )
    found: dict[str, int] = {}
    for column, cell in enumerate(header):
        if _is_blank(cell):
            _refuse_without_heading(sheet, column)
            continue
        heading = text_of(cell).strip()
        if heading in found:
            raise ValidationError(
                _(
                    "หัวคอลัมน์ “%(heading)s” ซ้ำกันที่เซลล์ %(first)s และ %(second)s เหลือไว้คอลัมน์เดียวแล้วบันทึกใหม่"
                )
                % {
                    "heading": as_typed(heading),
                    "first": address(0, found[heading]),
                    "second": address(0, column),
                }
            )
        found[heading] = column
    return list(found.values())


def _refuse_without_heading(sheet: Sheet, column: int) -> None:
    for number, row in enumerate(sheet.rows):
        if not _is_blank(row[column]):
            raise ValidationError(
                _(
                    "คอลัมน์ %(column)s ไม่มีหัวคอลัมน์ในแถว 1 แต่เซลล์ %(cell)s มีข้อมูล "
                    "ใส่หัวคอลัมน์ หรือลบข้อมูลในคอลัมน์นี้ (หากหัวคอลัมน์อยู่แถวอื่น ลบแถวที่อยู่เหนือ) แล้วบันทึกใหม่"
                )
                % {
                    "column": letter(column),
                    "cell": address(number, column),
                }
            )


def _refuse_unknown(sheet: Sheet) -> None:
    """Refuse error values, and formulas without a stored result. Raises ValidationError."""
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, CellError):
                problem = _("เป็นค่าผิดพลาดของ Excel (%(error)s) แก้สูตรหรือพิมพ์ค่าแทน แล้วบันทึกใหม่")
                raise ValidationError(_in(row, column, problem % {"error": as_typed(cell.text)}))
    for row, column in sorted(sheet.without_value):
        raise ValidationError(_in(row, column, sentence(Problem("F09"))), code="F09")


def _refuse_cells(sheet: Sheet, columns: Sequence[int]) -> None:
    """Refuse texts that are too long, and dates: Excel makes them of codes such as 3.4, and reads a
    year B.E. as one of its own era. A column of dates takes text."""
    for number, cells in enumerate(sheet.rows):
        for column in columns:
            cell = cells[column]
            if isinstance(cell, str) and len(cell) > CELL_LIMIT:
                problem = sentence(Problem("T04", {"max": f"{CELL_LIMIT:,}"}))
                raise ValidationError(_in(number, column, problem), code="T04")
            if isinstance(cell, date):
                problem = _("Excel อ่านเป็นวันที่ (%(day)s) จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์ค่าใหม่") % {
                    "day": text_of(cell)
                }
                raise ValidationError(_in(number, column, problem))


def _notices(book: Book, sheet: Sheet, unread: Sequence[str]) -> Iterator[str]:
    if unread:
        names = ", ".join(as_typed(name) for name in unread)
        yield _("อ่านเฉพาะชีต “%(read)s” ไม่ได้อ่านชีต: %(names)s") % {
            "read": as_typed(sheet.name),
            "names": names,
        }
    yield from map(sentence, book.notices)
    if book.encoding not in {"", "utf-8"}:
        yield sentence(Problem("F04", {"enc": book.encoding}))
    if sheet.formulas:
        yield sentence(Problem("F08"))
    if hidden := len(sheet.hidden_rows) + len(sheet.hidden_columns):
        yield _("อ่านแถว/คอลัมน์ที่ซ่อนไว้ด้วย %(n)s รายการ") % {"n": hidden}
