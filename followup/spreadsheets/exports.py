"""Lists as .xlsx and .csv. What goes out has the shape in which it comes in again.

Reports go back through the import (they carry the row keys of `workbook`), agencies, assignments,
proposals and measures through the admin's (their columns are those of its resources). Who may have a
list is for the caller to decide.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from math import isfinite
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]

from followup.models import Agency, ReportState, Round, RoundState, StatusReport
from followup.progress import standings
from followup.resources import AgencyResource, AssignmentResource
from followup.spreadsheets.ledger import REASONS, Reason
from followup.spreadsheets.tables import Table
from followup.spreadsheets.types import Cell, CellError, Field
from followup.spreadsheets.workbook import (
    CLAUSE_HEADING,
    COLUMNS,
    SHEET,
    Heading,
    Kind,
    Out,
    Record,
    Writer,
    add_metadata,
    height_for,
    put,
    records,
)
from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.thai import format_time
from forum_portal.years import to_be
from proposals.models import Resolution
from proposals.resources import MeasureResource, ResolutionResource, SheetResource

CSV, XLSX = KINDS = ("csv", "xlsx")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # without it Excel takes a CSV file for cp874
_CHUNK = 500  # rows of a CSV file that are handed on at a time


# Lists ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """A list ready to be written. `title` names its file and its sheet.

    `metadata` (year, agency, keys) makes its workbook one that is known when it comes back.
    """

    title: str
    columns: Sequence[Heading]
    items: Sequence[Any]
    metadata: tuple[int, str, Sequence[str]] | None = None

    def rows(self) -> Iterator[list[Out]]:
        for item in self.items:
            yield [column.value(item) for column in self.columns]


@dataclass(frozen=True)
class Dataset:
    """A list that can be had: its columns, and where its rows come from.

    `take` is given the caller's filters and loads everything the columns need.
    """

    title: str | Promise
    columns: Sequence[Heading]
    take: Callable[..., Sequence[Any]]

    def listing(self, **filters: Any) -> Listing:
        return Listing(str(self.title), self.columns, self.take(**filters))


@dataclass(frozen=True)
class ReportDataset(Dataset):
    """Reports with their keys, as `Record`s."""

    def listing(self, **filters: Any) -> Listing:
        items: Sequence[Record] = self.take(**filters)
        years = {item.report.round.year_be for item in items}
        title = f"{self.title}_{next(iter(years))}" if len(years) == 1 else str(self.title)
        if len(years) != 1:  # one import goes into one round
            return Listing(title, self.columns, items)
        agency: Agency | None = filters.get("agency")
        keys = [item.key for item in items]
        metadata = (years.pop(), agency.code if agency else "", keys)
        return Listing(title, self.columns, items, metadata)


@dataclass(frozen=True)
class ResourceDataset(Dataset):
    """Rows that the admin's import takes; its resource knows the columns."""

    resource: type[SheetResource] = SheetResource

    def listing(self, **filters: Any) -> Listing:
        data = self.resource().export()
        columns = [
            Heading(name, _plain(position), width=18) for position, name in enumerate(data.headers)
        ]
        return Listing(str(self.title), columns, list(data))


def _plain(position: int) -> Callable[[Sequence[Any]], Out]:
    """A cell of a resource's row as it was before the resource made it safe: the writers do that."""

    def value(row: Sequence[Any]) -> Out:
        cell = row[position]
        if cell is None or isinstance(cell, int | Decimal):
            return cell
        return str(unsafe_cell(cell))

    return value


def _reports(
    *, round_: Round, agency: Agency | None = None, resolution: Resolution | None = None
) -> list[Record]:
    """The reports of a round, of one agency or one resolution where these are given."""
    reports = StatusReport.objects.filter(round=round_)
    if agency is not None:
        reports = reports.filter(assignment__agency=agency)
    if resolution is not None:
        reports = reports.filter(assignment__measure__resolution=resolution)
    return records(reports)


def _review(*, round_: Round | None = None) -> list[Record]:
    """What waits for a reviewer, the oldest first."""
    reports = StatusReport.objects.filter(
        state=ReportState.SUBMITTED, round__state__in=[RoundState.OPEN, RoundState.CLOSED]
    )
    if round_ is not None:
        reports = reports.filter(round=round_)
    waiting = records(reports.select_related("submitted_by"))
    return sorted(waiting, key=lambda item: _moment(item.report.submitted_at))


def _moment(value: datetime | None) -> float:
    return value.timestamp() if value else 0


def _rounds() -> list[Any]:
    """(round, its standing), the latest first."""
    return list(standings(list(Round.objects.all())).items())


def _day(value: date | None) -> str:
    """D/M/Y in the Buddhist era, as forms and imports read it."""
    if value is None:
        return ""
    value = timezone.localdate(value) if isinstance(value, datetime) else value
    return f"{value.day}/{value.month}/{to_be(value.year)}"


def _hour(value: datetime | None) -> str:
    return f"{_day(value)} {format_time(timezone.localtime(value))}" if value else ""


_STAGE = Heading("ขั้นตอน", lambda item: str(ReportState(item.report.state).label), width=14)
# As the workbook, but of a measure's text the title only: the list of a large round shall still be
# small enough to be imported.
_SHARED = tuple(
    replace(column, value=lambda item: item.measure.title_th)
    if column.text == CLAUSE_HEADING
    else column
    for column in COLUMNS[:-1]
)
_KEY = COLUMNS[-1]

DATASETS: Mapping[str, Dataset] = {
    "reports": ReportDataset(SHEET, (*_SHARED, _STAGE, _KEY), _reports),
    "review": ReportDataset(
        _l("รายการรอตรวจ"),
        (
            Heading("ปีงบประมาณ", lambda item: item.report.round.year_be, Kind.NUMBER, width=12),
            *_SHARED,
            _STAGE,
            Heading("ส่งตรวจโดย", lambda item: str(item.report.submitted_by or ""), width=20),
            Heading("ส่งตรวจเมื่อ", lambda item: _hour(item.report.submitted_at), width=18),
            _KEY,
        ),
        _review,
    ),
    "rounds": Dataset(
        _l("รอบติดตาม"),
        (
            Heading("ปีงบประมาณ พ.ศ.", lambda row: row[0].year_be, Kind.NUMBER),
            Heading("สถานะ", lambda row: row[0].get_state_display()),
            Heading("เริ่มรอบ", lambda row: _day(row[0].starts_on)),
            Heading("สิ้นสุดรอบ", lambda row: _day(row[0].ends_on)),
            Heading("กำหนดส่งรายงาน", lambda row: _day(row[0].due_on), width=18),
            Heading("เปิดเมื่อ", lambda row: _day(row[0].opened_at)),
            Heading("ปิดเมื่อ", lambda row: _day(row[0].closed_at)),
            Heading("เผยแพร่เมื่อ", lambda row: _day(row[0].published_at)),
            Heading("การประชุม คสป. ครั้งที่", lambda row: row[0].meeting_ref, width=18),
            Heading("วันที่ประชุม", lambda row: _day(row[0].meeting_on)),
            Heading("รายงานทั้งหมด", lambda row: row[1].expected, Kind.NUMBER),
            Heading("ต้องทำ", lambda row: row[1].to_do, Kind.NUMBER),
            Heading("รอตรวจ", lambda row: row[1].submitted, Kind.NUMBER),
            Heading("รับรองแล้ว", lambda row: row[1].approved, Kind.NUMBER),
        ),
        _rounds,
    ),
    "agencies": ResourceDataset(_l("หน่วยงาน"), (), list, AgencyResource),
    "assignments": ResourceDataset(_l("การมอบหมาย"), (), list, AssignmentResource),
    "resolutions": ResourceDataset(_l("ข้อเสนอ"), (), list, ResolutionResource),
    "measures": ResourceDataset(_l("มาตรการย่อย"), (), list, MeasureResource),
}


def export(name: str, kind: str, **filters: Any) -> tuple[str, str, Iterable[bytes]]:
    """(file name, content type, content) of a list. Raises LookupError for one that there is not.

    Filters: `reports` needs round_ and takes agency and resolution; `review` takes
    round_; the others take none. All queries are made before this returns.
    """
    if kind not in KINDS:
        raise LookupError(kind)
    listing = DATASETS[name].listing(**filters)
    if kind == CSV:
        return f"{listing.title}.csv", CSV_TYPE, to_csv(listing)
    return f"{listing.title}.xlsx", XLSX_TYPE, [to_xlsx(listing)]


# Files ----------------------------------------------------------------------------------------


def to_csv(listing: Listing) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, some rows at a time."""
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


def to_xlsx(listing: Listing) -> bytes:
    """One sheet with a heading row; rows go to disk as they are written, not to memory."""
    writer = Writer(in_memory=False, constant_memory=True)
    sheet = writer.add_sheet(listing.title[:31])
    for at, column in enumerate(listing.columns):
        put(sheet, 0, at, column.text, writer.heading_style())
        sheet.set_column(at, at, column.width, None, {"hidden": column.hidden})
    styles = [writer.cell_style(column.kind) for column in listing.columns]
    widths = [column.width for column in listing.columns]
    for number, row in enumerate(listing.rows(), start=1):
        sheet.set_row(number, height_for(row, widths))
        for at, value in enumerate(row):
            put(sheet, number, at, value, styles[at])
    _finish(sheet, len(listing.items), len(listing.columns))
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

    `kept` is what the check found, as `session.pack` put it. Tables with the same headings share a sheet.
    The headings are the file's own: once the cells are mended, this workbook can be imported itself.
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
        if forum := kept["forums"][numbers[0]]:  # the title rows, which said so, are left out
            name = _("%(name)s เวที %(year)s") % {"name": name, "year": forum}
        _problem_sheet(writer, name, [(tables[number], said[number]) for number in numbers])
    if not shapes:
        writer.add_sheet(_("ไม่มีรายการที่ต้องแก้"))
    return writer.done()


#: row -> column (-1: the row itself) -> messages
Said = dict[int, dict[int, list[str]]]


def _said(kept: Mapping[str, Any], answers: Mapping[str, str]) -> dict[int, Said]:
    """What is to be mended, by the table's place."""
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
    """One sheet with the problem rows of tables that have the same headings."""
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
    plain, faulty = writer.cell_style(Kind.TEXT), writer.cell_style(Kind.TEXT, fill="#F6E1DE")
    number = 0
    for table, said in tables:
        for row in sorted(said):
            number += 1
            of_row = said[row]
            cells = table.sheet.rows[row - 1] if row <= len(table.sheet.rows) else ()
            loose = [text for at in of_row if at not in shown for text in of_row[at]]
            line: list[tuple[Out, Any]] = [(table.place, plain)] if has_places else []
            line += [
                (row, writer.cell_style(Kind.NUMBER)),
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
    """Every cell that an import left out: why, where it stands, its column and its words.

    Text and no workbook: a cell may hold more than a cell of ours, and there may be a million of them.
    """
    titles = [_("เหตุผล"), _("ไฟล์และชีต"), _("เซลล์"), _("คอลัมน์"), _("ข้อความในเซลล์")]
    rows = (
        [
            str(REASONS[Reason(cell["reason"])]),
            cell["place"],
            xl_rowcol_to_cell(cell["row"] - 1, cell["column"]),
            cell["heading"],
            cell["words"],
        ]
        for cell in cells
    )
    return _csv(titles, rows)


def _as_read(cell: Cell) -> Out:
    """A cell of somebody's file as one of ours. Text beyond what a cell can hold is cut; what is left
    is still too long for any field, so that it is not taken for the whole."""
    if isinstance(cell, date):
        year = cell.year if cell.year >= 2400 else to_be(cell.year)  # typed in that era already
        return f"{cell.day}/{cell.month}/{year}"
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, CellError):
        return cell.text
    if isinstance(cell, float):
        return Decimal(str(cell)) if isfinite(cell) else str(cell)
    return unsafe_cell(cell)[:32_000] if isinstance(cell, str) else cell
