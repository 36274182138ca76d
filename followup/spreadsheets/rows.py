"""Parse the rows of a table: the reports that each is about, its values and its problems.

This module does not choose between rows or compare them with stored reports: `preview.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from followup.report_fields import Kind, ReportField
from followup.spreadsheets import lines as reading
from followup.spreadsheets import values
from followup.spreadsheets.choice import ForumChoice
from followup.spreadsheets.fields import Field
from followup.spreadsheets.fixes import Fixes, digest
from followup.spreadsheets.ledger import Reason
from followup.spreadsheets.lines import Line, LineKind
from followup.spreadsheets.lookup import COLUMN_OF, EMPTY, TAKEN, Lookup
from followup.spreadsheets.match import NEW_AGENCY
from followup.spreadsheets.row import Row, Trouble
from followup.spreadsheets.tables import Table, field_columns
from followup.spreadsheets.titles import titled_year
from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Column, Option, Problem, Reading
from followup.spreadsheets.words import FIELD_LABELS
from forum_portal.cells import unsafe_cell
from forum_portal.thai import match_key
from forum_portal.years import YEAR_MIN

#: The fields of a report whose Thai is repaired when it is read.
REPAIRED = frozenset(
    name for name, each in TAKEN.items() if each.kind in {Kind.TEXT, Kind.WORD, Kind.CODES}
)
#: Read to find mistakes, but not stored: a report has no field for them.
CHECKED_ONLY = (Field.PERCENT, Field.DATE_START, Field.DATE_END)
#: Recognised so that they are not mistaken for another field; neither read nor stored.
NOT_STORED = frozenset(
    {Field.PERIOD, Field.REGION, Field.REPORTER, Field.REMARK, Field.SUPPORT_AGENCIES}
)
ABOVE = "above"  # the answer "as in the row above"
JOIN = "join"  # the answer "this row belongs to the one above"
LEAVE = "leave"


@dataclass
class Shared:
    """The state shared by all tables of one import while they are read."""

    look: Lookup
    answers: Mapping[str, str]
    agency: int | None = None
    include_hidden: bool = False
    choice: ForumChoice = field(init=False)
    memo: dict[tuple[Any, ...], Reading[Any]] = field(default_factory=dict)
    learnt: dict[str, int] = field(default_factory=dict)  # alias -> agency

    def __post_init__(self) -> None:
        look = self.look
        self.choice = ForumChoice(
            look.measures, look.roles, look.agency_names, look.round.year_be, self.answers
        )


class TableReader:
    """Reads the rows of one table. Each distinct cell value is parsed once, for any number of rows."""

    def __init__(self, number: int, table: Table, shared: Shared, fixes: Fixes) -> None:
        self.number, self.table, self.shared, self.fixes = number, table, shared, fixes
        self.sheet, self.layout, self.look = table.sheet, table.layout, shared.look
        self.answers = shared.answers
        self.keys = table.own.keys if table.own else None
        self.unkeyed = frozenset(table.own.unkeyed if table.own else ())
        self.columns = field_columns(self.layout)
        self.ticks = self.columns.get(Field.TICK, [])
        # A filter can hide rows of the portal's own workbook; they still count.
        self.include_hidden = shared.include_hidden or table.own is not None
        self.lines = list(
            reading.lines(self.sheet, self.layout, include_hidden=self.include_hidden)
        )
        self.marks = values.tick_columns(self.lines, self.ticks) if self.ticks else {}
        self.troubles: list[Trouble] = []  # of the table as a whole
        self.others: list[tuple[Line, str]] = []  # rows that are not records, and the reason
        self.titled = 0
        self.year_questions: list[Problem] = []
        if self.keys is None:
            self._read_titles()
        year = self.columns.get(Field.FISCAL_YEAR)
        self.both_eras = bool(year) and values.both_eras(
            line.cells[year[0].index]
            for line in self.lines
            if year and line.kind is LineKind.RECORD
        )
        self.above: dict[Field, Cell] = {}
        self.repaired: dict[int, int] = {}  # row -> number of repairs of broken Thai

    def _read_titles(self) -> None:
        """Read forum and fiscal year from the sheet's name and the rows above the header."""
        header = self.layout.header_first
        self.titled, said = self.look.forums.titled(self.sheet, header)
        for row, problem in said:
            self.troubles.append(Trouble(self.number, row, "", -1, "", problem))
        asked = titled_year(
            self.sheet,
            header,
            self.look.round.year_be,
            forum_years=self.look.forums.years,
        )
        self.year_questions = [problem for _row, problem in asked]

    def rows(self) -> Iterator[Row]:
        """Every record with its targets and values; continuation rows below it are joined."""
        row: Row | None = None
        for line in self.lines:
            if row is not None and self.keys is None and line.of == row.line.index:
                row.joined.append(line)
                continue
            if line.index in self.unkeyed:
                self.others.append((line, Reason.NO_KEY.value))
                continue
            is_keyed = self.keys is not None and line.index in self.keys
            if not is_keyed and line.kind not in {LineKind.RECORD, LineKind.CONTINUATION}:
                self.others.append((line, line.kind.value))
                continue
            if row is not None:
                yield self.read(row)
            row = Row(self.number, line, self.table.place)
        if row is not None:
            yield self.read(row)

    def read(self, row: Row) -> Row:
        for problem in self.year_questions:
            row.note(problem, None, None)
        if row.line.kind is LineKind.CONTINUATION and self.keys is None:
            row.note(Problem("R23", {"v": row.line.word or row.line.text[:60]}), None, None)
            return row
        joined = self.joined(row)
        row.targets = self.targets(row)
        row.found = self.values(row, joined)
        self.note_what_is_seen(row)
        return row

    def joined(self, row: Row) -> dict[Field, list[str]]:
        """Field -> texts of the continuation rows below this one; one question for each word."""
        texts: dict[Field, list[str]] = {}
        for line in row.joined:
            name = line.field or Field.RESULT
            code = "R21" if line.word else "R22"
            key = f"{code}:{name}:{match_key(line.word)}"
            options = [
                Option(JOIN, _("รวมเข้ากับรายการในแถวบน")),
                Option(LEAVE, _("ไม่นำเข้าข้อความเหล่านี้")),
            ]
            params = {"v": line.word, "c": str(FIELD_LABELS[name])}
            column = self.columns.get(name, [None])[0]
            row.note(Problem(code, params, key, options), column, line.text)
            answer = self.answers.get(key)
            if answer == JOIN:
                texts.setdefault(name, []).append(line.text)
            elif answer == LEAVE:
                row.left_lines.append(line)
        return texts

    # Cells ------------------------------------------------------------------------------------

    def first(self, name: Field) -> Column | None:
        columns = self.columns.get(name)
        return columns[0] if columns else None

    def raw(self, row: Row, name: Field) -> Cell:
        column = self.first(name)
        return None if column is None else self.cell(row, column)

    def stands(self, row: Row, column: Column) -> Cell:
        """The file's value of a cell; merged cells are filled down."""
        cells = row.line.cells
        value = cells[column.index] if column.index < len(cells) else None
        return unsafe_cell(value) if isinstance(value, str) else value

    def cell(self, row: Row, column: Column) -> Cell:
        """The effective value of a cell: the correction typed by a person, else the file's value.

        An error such as #REF! has no value, and its row is not written (R19).
        """
        value = self.stands(row, column)
        typed = self.fixes.of(row.number, column.index, value)
        if typed is not None:
            return typed or None
        return value

    def take(self, row: Row, reading: Reading[Any], column: Column | None, raw: Cell) -> Any:
        """Note a reading's problems on the row, count repairs of Thai (T01), and return its value."""
        for problem in reading.problems:
            if problem.code == "T01":
                mended = self.repaired.get(row.number, 0) + problem.params["n"]
                self.repaired[row.number] = mended
            else:
                row.note(problem, column, raw, self.was(row, column))
        return reading.value

    def was(self, row: Row, column: Column | None) -> str:
        return digest(self.stands(row, column)) if column else ""

    def read_cell(
        self, row: Row, column: Column, reader: Callable[..., Reading[Any]], *args: Any
    ) -> Any:
        """The parsed value of a cell, from the cache if possible."""
        raw = self.cell(row, column)
        key = (column.field, type(raw), raw, *args)
        reading = self.shared.memo.get(key)
        if reading is None:
            reading = self.shared.memo[key] = reader(raw, *args)
        if reading.problems:
            return self.take(row, reading, column, raw)
        return reading.value

    def read_field(
        self, row: Row, name: Field, reader: Callable[..., Reading[Any]], *args: Any
    ) -> Any:
        column = self.first(name)
        return None if column is None else self.read_cell(row, column, reader, *args)

    # Targets of a row ---------------------------------------------------------------------------

    def targets(self, row: Row) -> list[tuple[int, int, str]]:
        """The targets of a row: (measure, agency, name of a new agency)."""
        if self.keys is not None:
            assignment = self.keys.get(row.line.index)
            if assignment is not None and assignment in self.look.places:
                measure, agency = self.look.places[assignment]
                return [(measure, agency, "")]
        self.check_year(row)
        agencies = self.read_agencies(row)
        item, clause = self.place_cells(row)
        code_column, item_column = self.first(Field.CLAUSE_CODE), self.first(Field.ITEM_NO)
        column = code_column if clause is not None or not item_column else item_column
        column = column or code_column
        raw = clause if clause is not None else item
        if any(isinstance(each, CellError) for each in (item, clause)):
            return []
        if item is None and clause is None:
            row.note(Problem("R08"), column, raw)
            return []
        stated = self.read_field(row, Field.FORUM, self.look.forums.read)
        if stated is None and Field.FORUM in self.columns:
            return []
        reading = self.look.measures.match(
            item, clause, self.answers, stated=stated or 0, titled=self.titled
        )
        places = self.take(row, reading, column, raw)
        if stated and any(problem.code == "R14" for problem in reading.problems):
            # Either cell may be the wrong one, so both can be corrected.
            forum = self.first(Field.FORUM)
            row.note(reading.problems[0], forum, self.raw(row, Field.FORUM), self.was(row, forum))
        if not places or not agencies:
            return []
        place = places[0]
        if len(places) > 1:
            chosen = self.shared.choice.choose(places, tuple(agency for agency, _new in agencies))
            place = self.take(row, chosen, column, raw)
        if place is None:
            return []
        if place.measure:
            return [(place.measure, agency, new) for agency, new in agencies]
        return [
            (measure, agency, new)
            for agency, new in agencies
            for measure in self.measures_in(row, place.resolution, agency, column, raw)
        ]

    def place_cells(self, row: Row) -> tuple[Cell, Cell]:
        """The cells of proposal and measure; those of the row above if a person chose that."""
        item, clause = self.raw(row, Field.ITEM_NO), self.raw(row, Field.CLAUSE_CODE)
        for name, value in ((Field.ITEM_NO, item), (Field.CLAUSE_CODE, clause)):
            if isinstance(value, CellError):
                column = self.first(name)
                row.note(Problem("R19", {"v": value.text}), column, value, self.was(row, column))
        if item is None and clause is None:
            above = self.above.get(Field.CLAUSE_CODE), self.above.get(Field.ITEM_NO)
            if any(above) and self.is_as_above(row, Field.CLAUSE_CODE):
                return above[1], above[0]
            return None, None
        self.above[Field.ITEM_NO], self.above[Field.CLAUSE_CODE] = item, clause
        return item, clause

    def is_as_above(self, row: Row, name: Field) -> bool:
        """Whether a blank cell means the value of the row above (R24, asked once a column and table).

        Programs that save merged cells as CSV leave such blanks.
        """
        column = self.first(name) or self.first(Field.ITEM_NO)
        heading = column.heading if column else ""
        key = f"R24:{name}:{self.table.key}"
        options = [
            Option(ABOVE, _("เหมือนแถวบน")),
            Option("blank", _("ไม่ใช่ จะพิมพ์ค่าของแต่ละแถวเอง")),
            Option(SKIP_ROW, _("ไม่นำเข้าแถวเหล่านี้")),
        ]
        if self.answers.get(key) == "blank":
            return False
        row.note(Problem("R24", {"c": heading}, key, options), column, None, self.was(row, column))
        return True

    def check_year(self, row: Row) -> None:
        year = self.read_field(
            row,
            Field.FISCAL_YEAR,
            self.read_year,
            self.both_eras,
            self.heading(Field.FISCAL_YEAR),
        )
        if year is not None and year != self.look.round.year_be:
            problem = Problem("Y05", {"v": year, "year": self.look.round.year_be})
            column = self.first(Field.FISCAL_YEAR)
            row.note(problem, column, self.raw(row, Field.FISCAL_YEAR), self.was(row, column))

    def heading(self, name: Field) -> str:
        column = self.first(name)
        return column.heading if column else ""

    def read_year(self, raw: Cell, both_eras: bool, heading: str) -> Reading[int]:
        """No report can be older than the first forum."""
        earliest = min(self.look.forums.years, default=YEAR_MIN)
        return values.read_year(
            raw, self.answers, both_eras=both_eras, earliest=earliest, heading=heading
        )

    def read_agencies(self, row: Row) -> list[tuple[int, str]]:
        """The agencies of a row, as (pk, "") or (0, name of a new one); else the one chosen for all."""
        if self.shared.agency:
            return [(self.shared.agency, "")]
        column = self.first(Field.LEAD_AGENCY)
        raw = self.raw(row, Field.LEAD_AGENCY)
        if raw is None and column is not None and self.above.get(Field.LEAD_AGENCY) is not None:
            if self.is_as_above(row, Field.LEAD_AGENCY):
                raw = self.above[Field.LEAD_AGENCY]
        elif raw is not None:
            self.above[Field.LEAD_AGENCY] = raw
        if column is None or raw is None:
            row.note(Problem("R09"), column, raw, self.was(row, column))
            return []
        key = (Field.LEAD_AGENCY, type(raw), raw)
        reading = self.shared.memo.get(key)
        if reading is None:
            reading = self.shared.memo[key] = self.look.agencies.match(raw, self.answers)
        found = [(agency, "") for agency in self.take(row, reading, column, raw) or []]
        if groups := [agency for agency, _name in found if agency in self.look.groups]:
            # Of the whole row nothing is taken: who of the group answers in it is not known.
            for group in groups:
                params = {"v": self.look.agency_names[group]}
                row.note(Problem("R29", params), column, raw, self.was(row, column))
            return []
        for problem in reading.problems:
            answer = self.answers.get(problem.key, "")
            if answer == NEW_AGENCY:
                found.append((0, problem.params["name"]))
            elif problem.code == "A01" and answer.startswith("agency:"):
                name = problem.params["name"]
                self.shared.learnt[name] = int(answer.removeprefix("agency:"))
        if not found and reading.value is not None:  # "-" and the like name no agency
            row.note(Problem("R09"), column, raw, self.was(row, column))
        return found

    def measures_in(
        self, row: Row, resolution: int, agency: int, column: Column | None, raw: Cell
    ) -> list[int]:
        """An agency's measures in a resolution that the row names without a measure: asked once."""
        mine = [
            measure
            for measure in self.look.measures.in_resolution(resolution)
            if (measure, agency) in self.look.assignments
        ]
        name = self.look.agency_names.get(agency, "")
        if not mine:
            number = self.look.measures.number(resolution)
            params = {"agency": name, "v": number, "year": self.look.round.year_be}
            row.note(Problem("R07", params), column, raw, self.was(row, column))
            return []
        if len(mine) == 1:
            return mine
        key = f"R06:{resolution}:{agency}"
        codes = ", ".join(map(self.look.measures.code, mine))
        options = [
            Option("all", _("ทุกข้อ: %(codes)s") % {"codes": codes}),
            *(Option(str(measure), self.look.measures.label(measure)) for measure in mine),
            values.skip_option(),
        ]
        params = {"i": self.look.measures.number(resolution), "agency": name}
        row.note(Problem("R06", params, key, options), column, raw)
        answer = self.answers.get(key, "")
        if answer == "all":
            return mine
        return [measure for measure in mine if str(measure) == answer]

    # Values of a row ------------------------------------------------------------------------------

    def values(self, row: Row, joined: Mapping[Field, Sequence[str]]) -> dict[str, Any]:
        """The row's values by the names of TAKEN; a field without a value is left out.

        In the portal's own workbook an empty cell clears the field; in other files it has no meaning.
        """
        found: dict[str, Any] = {}
        said: Any
        for name, declared in TAKEN.items():
            column = COLUMN_OF[name]
            if declared.kind is Kind.STATUS:
                said = self.read_status(row)
            elif column in self.columns or column in joined:
                said = self.read_as(row, declared, column, joined.get(column, ()))
                if said is None and self.keys is not None:
                    found[name] = EMPTY[name]
                    continue
            else:
                continue
            if said is not None:
                found[name] = said
        self.check_numbers(row, found)
        return found

    def read_as(
        self, row: Row, declared: ReportField, name: Field, joined: Sequence[str]
    ) -> str | int | bool | list[Any] | None:
        """The row's value of a field, in the format of `lookup.values_of`; None without a value."""
        if declared.kind in {Kind.TEXT, Kind.WORD}:
            return self.read_texts(row, name, declared.limit, joined) or None
        if declared.kind is Kind.EVIDENCE:
            found = self.read_evidence(row, joined)
            return [[title, url, *map(list, about)] for title, url, *about in found] or None
        column = self.first(name)
        if column is None:
            return None
        value: Any = None
        match declared.kind:
            case Kind.MONEY:
                value = self.read_amount(row, declared, column)
            case Kind.COUNT:
                value = self.read_cell(row, column, self.read_count)
            case Kind.NUMBER:
                value = declared.plain(self.read_cell(row, column, self.read_number))
            case Kind.DATE:
                value = declared.plain(self.read_cell(row, column, self.read_date, None))
            case Kind.CODES:
                value = self.read_cell(row, column, self.read_codes)
            case Kind.CHOICE:
                value = self.read_cell(row, column, self.read_choice, declared)
            case Kind.FLAG:
                value = self.read_cell(row, column, self.read_flag)
            case Kind.PROVINCES:
                value = sorted(self.read_cell(row, column, self.read_provinces) or []) or None
        self.is_silent(row, column, value)
        return value

    def read_amount(self, row: Row, declared: ReportField, column: Column) -> str | None:
        amount = self.read_cell(row, column, self.read_money, column.unit, column.heading)
        shown = self.sheet.shown.get((row.line.index, column.index))
        if amount is not None and shown is not None:
            number = values.text_of(self.cell(row, column))
            row.note(Problem("B09", {"v": shown, "n": number}), column, shown)
        return declared.plain(amount)

    def is_silent(self, row: Row, column: Column, value: Any) -> None:
        """Note for the ledger that a cell has content but no value, such as "-"."""
        if value is None:
            row.silent[column.index] = Reason.NOTHING

    def read_texts(self, row: Row, name: Field, limit: int, joined: Sequence[str]) -> str:
        """The text of a field: its columns in order, then the joined rows."""
        columns = self.columns.get(name, [])
        texts = []
        for column in columns:
            shown = self.sheet.shown.get((row.line.index, column.index))
            raw = self.cell(row, column)
            if shown is not None and raw is not None and not isinstance(raw, str | CellError):
                row.note(Problem("T09", {"v": shown, "n": values.text_of(raw)}), column, raw)
                text = shown
            else:
                text = self.read_cell(row, column, self.read_text, limit) or ""
                if not text:
                    self.is_silent(row, column, None)
            texts.append(text)
        for text in joined:
            first = columns[0] if columns else None
            texts.append(self.take(row, self.read_text(text, limit), first, text) or "")
        whole = "\n".join(filter(None, texts))
        if (len(columns) > 1 or joined) and len(whole) > limit:
            row.note(Problem("T04", {"max": limit}), columns[0] if columns else None, whole)
        return whole

    def read_evidence(self, row: Row, joined: Sequence[str]) -> list[tuple[Any, ...]]:
        links: list[tuple[Any, ...]] = []
        for column in self.columns.get(Field.EVIDENCE, []):
            found = self.read_cell(row, column, self.read_links) or []
            if not found:
                row.silent[column.index] = Reason.NO_LINK
            links += found
        first = self.first(Field.EVIDENCE)
        for text in joined:
            links += self.take(row, self.read_links(text), first, text) or []
        return list(dict.fromkeys(links))

    def read_status(self, row: Row) -> str | None:
        column = self.first(Field.STATUS)
        if column is not None:
            status = self.read_cell(row, column, self.status_of, column.heading)
            if status or self.raw(row, Field.STATUS) is not None or self.keys is None:
                return status or None
            return ""
        if not self.ticks:
            return None
        ticked = []
        for tick in self.ticks:
            cell = self.cell(row, tick)
            if isinstance(cell, CellError):
                row.note(Problem("R19", {"v": cell.text}), tick, cell, self.was(row, tick))
                cell = None
            ticked.append((tick, cell))
        reading = values.read_ticks(ticked, self.answers, headings=self.marks)
        first = next((pair for pair in ticked if pair[1] is not None), (self.ticks[0], None))
        status = self.take(row, reading, *first)
        for tick, _cell in ticked:
            if not status:
                row.silent[tick.index] = Reason.NOTHING
        return status or None

    def status_of(self, raw: Cell, heading: str) -> Reading[str]:
        return values.read_status(raw, self.answers, heading=heading)

    def read_text(self, raw: Cell, limit: int) -> Reading[str]:
        return values.read_text(raw, limit=limit)

    def read_money(self, raw: Cell, unit: int, heading: str) -> Reading[Decimal]:
        return values.read_money(raw, self.answers, unit=unit, heading=heading)

    def read_count(self, raw: Cell) -> Reading[int]:
        return values.read_count(raw, self.answers)

    def read_number(self, raw: Cell) -> Reading[Decimal]:
        return values.read_number(raw, self.answers)

    def read_codes(self, raw: Cell) -> Reading[str]:
        return values.read_codes(raw, self.answers)

    def read_choice(self, raw: Cell, declared: ReportField) -> Reading[str]:
        return values.read_choice(
            raw, self.answers, choices=declared.choices, heading=declared.heading
        )

    def read_flag(self, raw: Cell) -> Reading[bool]:
        return values.read_flag(raw, self.answers)

    def read_links(self, raw: Cell) -> Reading[list[tuple[str, str]]]:
        return values.read_links(raw, self.answers)

    def read_provinces(self, raw: Cell) -> Reading[list[str]]:
        return self.look.provinces.match(raw, self.answers)

    def check_numbers(self, row: Row, found: Mapping[str, Any]) -> None:
        """Check the amounts, and read the columns that are not stored, to report their mistakes."""
        received, spent = found.get("budget_received"), found.get("budget_spent")
        if received is not None and spent is not None and Decimal(spent) > Decimal(received):
            row.note(Problem("B03"), self.first(Field.DISBURSED), self.raw(row, Field.DISBURSED))
        if column := self.first(Field.PERCENT):
            is_percent = column.index in self.sheet.percent_columns
            self.read_cell(row, column, self.read_percent, is_percent, column.heading)
        dates: dict[Field, date | None] = {}
        for name in (Field.DATE_START, Field.DATE_END):
            dates[name] = self.read_field(row, name, self.read_date, self.look.round.year_be)
        start, end = dates[Field.DATE_START], dates[Field.DATE_END]
        if start and end and end < start:
            ends = self.first(Field.DATE_END)
            row.note(Problem("D06"), ends, self.raw(row, Field.DATE_END), self.was(row, ends))

    def read_percent(self, raw: Cell, is_percent: bool, heading: str) -> Reading[Decimal]:
        return values.read_percent(raw, self.answers, is_percent_format=is_percent, heading=heading)

    def read_date(self, raw: Cell, fiscal_year: int | None) -> Reading[Any]:
        return values.read_date(raw, self.answers, fiscal_year=fiscal_year)

    # Content of a row that is not imported --------------------------------------------------------

    def note_what_is_seen(self, row: Row) -> None:
        """Note struck-out text and covered values on the row, where a person decides about it."""
        if not self.sheet.struck and not row.line.covered:
            return
        for column in self.layout.columns:
            if column.field is None:
                continue
            if (row.line.index, column.index) in self.sheet.struck:
                row.note(Problem("T07", {"c": column.heading}), column, self.stands(row, column))
            hidden = row.line.covered.get(column.index)
            if hidden is not None:
                problem = Problem("R28", {"v": str(hidden)})
                row.note(problem, column, hidden)

    def notices(self) -> Iterator[Trouble]:
        """The notices on the table as a whole, after its rows were read."""
        headings = {column.index: column.heading for column in self.layout.columns}
        for (index, at), comment in sorted(self.sheet.comments.items()):
            problem = Problem("T08", {"v": comment})
            yield Trouble(self.number, index + 1, headings.get(at, ""), at, comment, problem)
        if self.repaired:
            problem = Problem("T01", {"n": sum(self.repaired.values())})
            for number in self.repaired:
                yield Trouble(self.number, number, "", -1, "", problem)
        if self.sheet.formulas:
            yield Trouble(self.number, 1, "", -1, "", Problem("F08"))
        if self.sheet.controls:
            problem = Problem("S06", {"n": self.sheet.controls})
            yield Trouble(self.number, 1, "", -1, "", problem)
        for problem in self.table.source.book.notices:
            yield Trouble(self.number, 1, "", -1, "", problem)
