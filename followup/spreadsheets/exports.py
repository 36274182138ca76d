"""Exports as .xlsx and .csv: a round's reports, and the rows and cells of an import.

Exported reports can be imported again: they contain the row keys of `workbook`. The caller checks
permissions.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from followup.models import ReportState, Round, StatusReport
from followup.spreadsheets.fields import Field
from followup.spreadsheets.ledger import REASONS, Reason
from followup.spreadsheets.reader.sheet import address
from followup.spreadsheets.tables import Table
from followup.spreadsheets.types import Cell, CellError
from followup.spreadsheets.workbook import (
    CLAUSE_HEADING,
    HEADINGS,
    SHEET,
    CellKind,
    Heading,
    Out,
    Writer,
    add_metadata,
    height_for,
    put,
    records,
)
from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.years import to_be

CSV, XLSX = KINDS = ("csv", "xlsx")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # without it Excel reads a CSV file as cp874
_CHUNK = 500  # rows of a CSV file in one chunk


# Lists ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """A list ready to be written. `title` is the name of its file and its sheet.

    With `metadata` (round, agency, keys) an import recognises the workbook.
    """

    title: str
    columns: Sequence[Heading]
    items: Iterable[Any]
    metadata: tuple[str, str, Sequence[str]] | None = None

    def rows(self) -> Iterator[list[Out]]:
        for item in self.items:
            yield [column.value(item) for column in self.columns]


_STAGE = Heading("ขั้นตอน", lambda item: str(ReportState(item.report.state).label), width=14)
# As in the workbook, but with a measure's title instead of its text, so that the list of a large round
# is small enough to be imported.
_SHARED = tuple(
    replace(column, value=lambda item: item.measure.title_th)
    if column.text == CLAUSE_HEADING
    else column
    for column in HEADINGS
    if not column.hidden
)
REPORT_COLUMNS = (*_SHARED, _STAGE, *(column for column in HEADINGS if column.hidden))


def reports(round_: Round, kind: str) -> tuple[str, str, Iterable[bytes]]:
    """(file name, content type, content) of a round's reports.

    Raises LookupError for a kind that is not in KINDS. All queries are made before this returns.
    """
    if kind not in KINDS:
        raise LookupError(kind)
    items = records(StatusReport.objects.standing().filter(round=round_))
    title = f"{SHEET}_{round_.code}"
    metadata = (round_.code, "", [item.key for item in items])
    listing = Listing(title, REPORT_COLUMNS, items, metadata)
    if kind == CSV:
        return f"{title}.csv", CSV_TYPE, to_csv(listing)
    return f"{title}.xlsx", XLSX_TYPE, [to_xlsx(listing)]


# Files ----------------------------------------------------------------------------------------


def to_csv(listing: Listing) -> Iterator[bytes]:
    """The list in UTF-8 with a byte order mark, in chunks of rows."""
    return _csv([column.text for column in listing.columns], listing.rows())


def _csv(titles: Sequence[Out], rows: Iterable[Sequence[Out]]) -> Iterator[bytes]:
    buffer = StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    writer.writerow(titles)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) for cell in row])
        if number % _CHUNK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


#: In place of the moment at which a workbook is written.
NO_DATE = datetime(1980, 1, 1)


def to_xlsx(listing: Listing) -> bytes:
    """One sheet with a heading row; rows are written to disk, not kept in memory.

    The same rows have the same bytes, whenever and wherever they are written.
    """
    writer = Writer(in_memory=False, constant_memory=True)
    writer.book.set_properties({"created": NO_DATE})
    sheet = writer.add_sheet(listing.title[:31])
    for at, column in enumerate(listing.columns):
        put(sheet, 0, at, column.text, writer.heading_style())
        sheet.set_column(at, at, column.width, None, {"hidden": column.hidden})
    styles = [writer.cell_style(column.kind) for column in listing.columns]
    widths = [column.width for column in listing.columns]
    number = 0
    for number, row in enumerate(listing.rows(), start=1):
        sheet.set_row(number, height_for(row, widths))
        for at, value in enumerate(row):
            put(sheet, number, at, value, styles[at])
    _finish(sheet, number, len(listing.columns))
    if listing.metadata:
        add_metadata(writer, *listing.metadata)
    return writer.done()


def _finish(sheet: Any, rows: int, columns: int) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, max(columns - 1, 0))
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{rows + 1}"})


# The rows of an import that need fixing -------------------------------------------------------


def problem_workbook(
    tables: Sequence[Table], kept: Mapping[str, Any], answers: Mapping[str, str] | None = None
) -> bytes:
    """The rows of an import that have errors or open questions, each message beside its cell.

    `kept` is the result of the check, as stored by `session.pack`. Tables with the same headings share
    a sheet. The headings are those of the file, so that the corrected workbook can be imported.
    """
    said = _said(kept, answers or {})
    writer = Writer()
    shapes: dict[tuple[Any, ...], list[int]] = {}
    for number, table in enumerate(tables):
        if said.get(number):
            headings = tuple((each.index, each.heading) for each in table.layout.columns)
            shapes.setdefault((headings, kept["forums"][number]), []).append(number)
    for place, numbers in enumerate(shapes.values(), start=1):
        name = _("รายการที่ต้องแก้")
        if len(shapes) > 1:
            name = _("%(name)s %(n)s") % {"name": name, "n": place}
        if forum := kept["forums"][numbers[0]]:  # the title rows that named it are left out
            name = _("%(name)s เวที %(year)s") % {"name": name, "year": forum}
        _problem_sheet(writer, name, [(tables[number], said[number]) for number in numbers])
    if not shapes:
        writer.add_sheet(_("ไม่มีรายการที่ต้องแก้"))
    return writer.done()


#: row -> column (-1: the row itself) -> messages
Said = dict[int, dict[int, list[str]]]


def _said(kept: Mapping[str, Any], answers: Mapping[str, str]) -> dict[int, Said]:
    """Table number -> the messages on its rows and cells."""
    said: dict[int, Said] = {}

    def note(table: int, row: int, at: int, message: str) -> None:
        messages = said.setdefault(table, {}).setdefault(row, {}).setdefault(at, [])
        if message not in messages:
            messages.append(message)

    for group in kept["rest"]["error"]:
        for table, row, _was in group["cells"]:
            note(table, row, group["index"], group["message"])
    for question in kept["questions"]:
        if question["key"] not in answers:
            for table, row in question["rows"]:
                note(table, row, question["index"], question["message"])
    return said


def _problem_sheet(writer: Writer, name: str, tables: Sequence[tuple[Table, Said]]) -> None:
    """Write one sheet with the problem rows of tables that have the same headings."""
    layout = tables[0][0].layout
    columns = [each for each in layout.columns if each.field is not Field.ROW_KEY]
    shown = {each.index for each in columns}
    spoken_of = {
        at for _table, said in tables for of_row in said.values() for at in of_row if at in shown
    }
    sheet = writer.add_sheet(name)
    titles: list[tuple[str, int, bool]] = [(_("แถวในไฟล์เดิม"), 12, False), (_("ทั้งแถว"), 36, False)]
    if has_places := any(table.place for table, _said in tables):
        titles.insert(0, (_("ไฟล์และชีตเดิม"), 24, False))
    for column in columns:
        titles.append((column.heading, 24, True))
        if column.index in spoken_of:
            titles.append((_("ต้องแก้: %(column)s") % {"column": column.heading}, 36, False))
    for at, (title, width, theirs) in enumerate(titles):
        put(sheet, 0, at, title, writer.heading_style(is_input=theirs))
        sheet.set_column(at, at, width)
    widths = [width for _title, width, _theirs in titles]
    plain, faulty = (
        writer.cell_style(CellKind.TEXT),
        writer.cell_style(CellKind.TEXT, fill="#F6E1DE"),
    )
    number = 0
    for table, said in tables:
        for row in sorted(said):
            number += 1
            of_row = said[row]
            cells = table.sheet.rows[row - 1] if row <= len(table.sheet.rows) else ()
            loose = [text for at in of_row if at not in shown for text in of_row[at]]
            line: list[tuple[Out, Any]] = [(table.place, plain)] if has_places else []
            line += [
                (row, writer.cell_style(CellKind.NUMBER)),
                ("\n".join(loose), faulty if loose else plain),
            ]
            for column in columns:
                cell = cells[column.index] if column.index < len(cells) else None
                messages = of_row.get(column.index, [])
                line.append((_as_read(cell), faulty if messages else plain))
                if column.index in spoken_of:
                    line.append(("\n".join(messages), faulty if messages else plain))
            sheet.set_row(number, height_for([value for value, _style in line], widths))
            for at, (value, style) in enumerate(line):
                put(sheet, number, at, value, style)
    _finish(sheet, number, len(titles))


def left_out_csv(cells: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Every cell that an import left out: the reason, its position, its column and its text.

    It is CSV, because a text may exceed the limit of a workbook's cell, and there may be a million.
    """
    titles = [_("เหตุผล"), _("ไฟล์และชีต"), _("เซลล์"), _("คอลัมน์"), _("ข้อความในเซลล์")]
    rows = (
        [
            str(REASONS[Reason(cell["reason"])]),
            cell["place"],
            address(cell["row"] - 1, cell["column"]),
            cell["heading"],
            cell["words"],
        ]
        for cell in cells
    )
    return _csv(titles, rows)


def _as_read(cell: Cell) -> Out:
    """A cell of an uploaded file as a cell of ours.

    Text beyond a cell's limit is cut. The rest is still too long for any field, so that it cannot be
    mistaken for the whole text.
    """
    if isinstance(cell, date):
        year = cell.year if cell.year >= 2400 else to_be(cell.year)  # typed in the Buddhist era
        return f"{cell.day}/{cell.month}/{year}"
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, CellError):
        return cell.text
    if isinstance(cell, float):
        return Decimal(str(cell)) if isfinite(cell) else str(cell)
    return unsafe_cell(cell)[:32_000] if isinstance(cell, str) else cell
