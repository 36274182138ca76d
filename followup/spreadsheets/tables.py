"""The files of an import → the tables to read, and the names of the sheets not to read.

Of each file the best table is read, and every visible sheet with the same headings in the same order.
The person may choose otherwise for each sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.models import Round
from followup.spreadsheets import recognise, workbook
from followup.spreadsheets.fields import Field
from followup.spreadsheets.lines import has_content
from followup.spreadsheets.types import Book, Column, Layout, Problem, Sheet, Unreadable

#: The person's choice of columns, by the signature of the headings: column index -> choice.
Mappings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Source:
    """A file of an import after reading. `number` is its position among the files."""

    number: int
    name: str
    sha256: str
    book: Book


class Unread(StrEnum):
    """The reason why a sheet is not read."""

    HIDDEN = "hidden"
    EMPTY = "empty"
    NO_TABLE = "no_table"
    OTHER_SHAPE = "other_shape"
    BY_CHOICE = "by_choice"
    OF_THE_FORM = "of_the_form"


UNREAD: Mapping[Unread, Promise] = {
    Unread.HIDDEN: _l("ซ่อนไว้"),
    Unread.EMPTY: _l("ว่าง"),
    Unread.NO_TABLE: _l("ไม่พบหัวตาราง"),
    Unread.OTHER_SHAPE: _l("หัวตารางไม่เหมือนชีตที่เลือก"),
    Unread.BY_CHOICE: _l("เลือกไม่อ่าน"),
    Unread.OF_THE_FORM: _l("ส่วนอื่นของแบบฟอร์ม"),
}


@dataclass(frozen=True)
class Table:
    """A table to read: its location and layout. `own` is set if it is the portal's own form.

    `key` identifies it for decisions: different bytes, another sheet or another header row make a
    different table. `place` is its file and sheet as pages show them, "" if it is the only table.
    """

    id: str
    key: str
    place: str
    source: Source
    sheet: Sheet
    layout: Layout
    problems: Sequence[Problem] = ()
    own: workbook.OwnWorkbook | None = None
    signature: str = ""
    is_remembered: bool = False

    def lacks(self, *, agency_given: bool) -> Problem | None:
        """C01 if a required column is missing, else None."""
        return recognise.missing_problem(self.layout, agency_given=agency_given)


@dataclass(frozen=True)
class Candidate:
    """A sheet of a file as the sheet step lists it. `unread` is None if the sheet is read.

    `id` is the position of file and sheet ("0:2"). `layout` is None if no table was found.
    """

    id: str
    source: Source
    sheet: Sheet
    layout: Layout | None
    unread: Unread | None

    @property
    def is_read(self) -> bool:
        return self.unread is None

    @property
    def why(self) -> str:
        return str(UNREAD[self.unread]) if self.unread else ""


@dataclass(frozen=True)
class Tables:
    """The tables of an import. `problems` tell why nothing is read; `failed` lists the files among
    several that cannot be used, with the reason."""

    sources: Sequence[Source]
    candidates: Sequence[Candidate]
    tables: Sequence[Table]
    problems: Sequence[Problem] = ()
    failed: Sequence[tuple[str, Problem]] = ()

    @property
    def unread(self) -> list[Candidate]:
        """The sheets with content that are not read; every step lists them."""
        return [
            each
            for each in self.candidates
            if each.unread not in {None, Unread.EMPTY, Unread.OF_THE_FORM}
        ]

    @property
    def groups(self) -> list[list[Table]]:
        """Tables with equal headings, which share one mapping; without the portal's own forms."""
        groups: dict[str, list[Table]] = {}
        for table in self.tables:
            if table.own is None:
                groups.setdefault(table.signature, []).append(table)
        return list(groups.values())

    @property
    def are_own(self) -> bool:
        """Whether all are the portal's own forms, which need no decision on sheets and columns."""
        return bool(self.tables) and all(table.own for table in self.tables)

    @property
    def open_columns(self) -> list[Problem]:
        """The unanswered C02 of every group; the wizard waits for them."""
        return [
            problem
            for group in self.groups
            for problem in group[0].problems
            if problem.code == "C02"
        ]


@dataclass
class _Found:
    """The sheets of one file, as found."""

    candidates: list[Candidate] = field(default_factory=list)
    owns: dict[int, workbook.OwnWorkbook] = field(default_factory=dict)  # sheet -> its form
    problems: list[Problem] = field(default_factory=list)


def find_tables(
    sources: Sequence[Source],
    *,
    round_: Round,
    chosen: Mapping[str, Mapping[str, Any]],
    mappings: Mappings,
    remembered: Mappings,
    answers: Mapping[str, str],
    include_hidden: bool,
) -> Tables:
    """The tables of an import into a round.

    `chosen` is the person's choice by `Candidate.id`: {"read": bool, "header_row": from 0 or None}.
    A portal's own form that cannot be used (F13, F14, F15) is listed in `failed`. Raises Unreadable if
    it is the only file.
    """
    found: dict[int, _Found] = {}
    failed = []
    for source in sources:
        try:
            found[source.number] = _look_into(source, round_, chosen, include_hidden)
        except Unreadable as unreadable:
            if len(sources) == 1:
                raise
            failed.append((source.name, unreadable.problem))
    candidates = [each for one in found.values() for each in one.candidates]
    read = [each for each in candidates if each.is_read and each.layout]
    tables = []
    for candidate in read:
        own = found[candidate.source.number].owns.get(_sheet_number(candidate))
        tables.append(
            _table(
                candidate,
                own,
                place=_place(candidate, sources) if len(read) > 1 else "",
                mappings=mappings,
                remembered=remembered,
                answers=answers,
                include_hidden=include_hidden,
            )
        )
    problems = [problem for one in found.values() for problem in one.problems]
    return Tables(sources, candidates, tables, [] if tables else problems, failed)


def _sheet_number(candidate: Candidate) -> int:
    return int(candidate.id.rpartition(":")[2])


def _place(candidate: Candidate, sources: Sequence[Source]) -> str:
    """File and sheet, each only if there are several."""
    names = {"file": candidate.source.name, "sheet": candidate.sheet.name}
    if len(sources) == 1:
        return _("ชีต “%(sheet)s”") % names
    if len(candidate.source.book.sheets) == 1:
        return _("ไฟล์ “%(file)s”") % names
    return _("ไฟล์ “%(file)s” ชีต “%(sheet)s”") % names


def _look_into(
    source: Source, round_: Round, chosen: Mapping[str, Mapping[str, Any]], include_hidden: bool
) -> _Found:
    """The sheets of a file, and which of them to read."""
    found = _Found()
    own = workbook.read_back(source.book)
    if own:
        workbook.check_round(own, round_)
    best = None
    if own is None:
        best, found.problems = recognise.find_layout(source.book, include_hidden=include_hidden)
    alike = recognise.signature(best) if best else ""
    for number, sheet in enumerate(source.book.sheets):
        name = f"{source.number}:{number}"
        choice = chosen.get(name, {})
        layout: Layout | None = None
        if own is not None:
            is_form = sheet.name == own.layout.sheet
            found.candidates.append(
                Candidate(
                    name,
                    source,
                    sheet,
                    own.layout if is_form else None,
                    None if is_form else Unread.OF_THE_FORM,
                )
            )
            if is_form:
                found.owns[number] = own
            continue
        if best and sheet.name == best.sheet and choice.get("header_row") is None:
            layout = best
        else:
            layout, _problems = recognise.find_layout(
                source.book,
                sheet=sheet.name,
                header_row=choice.get("header_row"),
                include_hidden=include_hidden,
            )
        unread = _why_unread(sheet, layout, alike, choice)
        found.candidates.append(Candidate(name, source, sheet, layout, unread))
    return found


def _why_unread(
    sheet: Sheet, layout: Layout | None, alike: str, choice: Mapping[str, Any]
) -> Unread | None:
    """The reason why a sheet is not read; None if it is read."""
    if layout is None:
        filled = any(has_content(cell) for row in sheet.rows for cell in row)
        return Unread.NO_TABLE if filled else Unread.EMPTY
    if "read" in choice:
        return None if choice["read"] else Unread.BY_CHOICE
    if not sheet.visible:
        return Unread.HIDDEN
    is_alike = recognise.signature(layout) == alike or choice.get("header_row") is not None
    return None if is_alike else Unread.OTHER_SHAPE


def _table(
    candidate: Candidate,
    own: workbook.OwnWorkbook | None,
    *,
    place: str,
    mappings: Mappings,
    remembered: Mappings,
    answers: Mapping[str, str],
    include_hidden: bool,
) -> Table:
    """A sheet to read, with the decided or remembered mapping of its columns."""
    layout = candidate.layout
    assert layout is not None  # noqa: S101  such a sheet is not read
    key = f"{candidate.source.sha256[:16]}:{_sheet_number(candidate)}:{layout.header_first}"
    if own is not None:
        return Table(candidate.id, key, place, candidate.source, candidate.sheet, layout, own=own)
    signature = recognise.signature(layout)
    mapping = mappings.get(signature)
    is_remembered = mapping is None and signature in remembered
    if mapping is None:
        mapping = remembered.get(signature, {})
    settled, problems = recognise.find_layout(
        candidate.source.book,
        sheet=candidate.sheet.name,
        header_row=layout.header_first,
        mapping={int(index): choice for index, choice in mapping.items()},
        answers=answers,
        include_hidden=include_hidden,
    )
    return Table(
        candidate.id,
        key,
        place,
        candidate.source,
        candidate.sheet,
        settled or layout,
        problems,
        signature=signature,
        is_remembered=is_remembered,
    )


def field_columns(layout: Layout) -> dict[Field, list[Column]]:
    """The imported columns of a table by field; several for a field if they are joined."""
    columns: dict[Field, list[Column]] = {}
    for column in layout.columns:
        if column.field is not None:
            columns.setdefault(column.field, []).append(column)
    return columns
