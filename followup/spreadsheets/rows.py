"""The rows of a table → what each is about and what it says, with everything that is to be said of it.

Nothing here decides between rows or compares with what is stored: `preview.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from followup.models.reports import TEXT_LIMIT
from followup.spreadsheets import lines as reading
from followup.spreadsheets import values
from followup.spreadsheets.choice import ForumChoice
from followup.spreadsheets.fixes import Fixes, digest
from followup.spreadsheets.ledger import Reason
from followup.spreadsheets.lines import Line, LineKind
from followup.spreadsheets.lookup import Lookup, money_text
from followup.spreadsheets.match import NEW_AGENCY
from followup.spreadsheets.row import Row, Trouble
from followup.spreadsheets.tables import Table, field_columns
from followup.spreadsheets.titles import titled_year
from followup.spreadsheets.types import (
    SKIP_ROW,
    Cell,
    CellError,
    Column,
    Field,
    Option,
    Problem,
    Reading,
)
from followup.spreadsheets.words import FIELD_LABELS
from forum_portal.cells import unsafe_cell
from forum_portal.thai import match_key

MEETING_LIMIT = 40  # characters of StatusReport.meeting_ref
TEXTS = {
    Field.RESULT: "results",
    Field.PROBLEMS: "obstacles",
    Field.SUGGESTIONS: "next_steps",
    Field.MEETING: "meeting_ref",
}
MONEY = {Field.BUDGET: "budget_received", Field.DISBURSED: "budget_spent"}
#: Read to find mistakes, and not stored: a report has no room for them.
CHECKED_ONLY = (Field.PERCENT, Field.DATE_START, Field.DATE_END)
#: Recognised, so that they are not taken for something else; neither read nor stored.
NOT_STORED = frozenset(
    {Field.PERIOD, Field.REGION, Field.REPORTER, Field.REMARK, Field.SUPPORT_AGENCIES}
)
ABOVE = "above"  # the answer "as in the row above"
JOIN = "join"  # the answer "this row belongs to the one above"
LEAVE = "leave"


@dataclass
class Shared:
    """What all tables of one import share while they are read."""

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
    """Reads the rows of one table. Values are read once a distinct cell, whatever the number of rows."""

    def __init__(self, number: int, table: Table, shared: Shared, fixes: Fixes) -> None:
        self.number, self.table, self.shared, self.fixes = number, table, shared, fixes
        self.sheet, self.layout, self.look = table.sheet, table.layout, shared.look
        self.answers = shared.answers
        self.keys = table.own.keys if table.own else None
        self.unkeyed = frozenset(table.own.unkeyed if table.own else ())
        self.columns = field_columns(self.layout)
        self.ticks = self.columns.get(Field.TICK, [])
        # A filter hides rows of the portal's own form; they are still rows.
        self.include_hidden = shared.include_hidden or table.own is not None
        self.lines = list(
            reading.lines(self.sheet, self.layout, include_hidden=self.include_hidden)
        )
        self.marks = values.tick_columns(self.lines, self.ticks) if self.ticks else {}
        self.troubles: list[Trouble] = []  # of the table as a whole
        self.others: list[tuple[Line, str]] = []  # rows that are no record, with why
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
        self.repaired: dict[int, int] = {}  # row -> places where broken Thai was mended

    def _read_titles(self) -> None:
        """Which forum and fiscal year the sheet's name and the rows above the header speak of."""
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
        """Every record with what it is about and what it says; those beneath it are joined."""
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
        """The texts of the rows beneath that belong to this one, by field; asked once a word."""
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
        """What the file holds there, merged cells carried down."""
        cells = row.line.cells
        value = cells[column.index] if column.index < len(cells) else None
        return unsafe_cell(value) if isinstance(value, str) else value

    def cell(self, row: Row, column: Column) -> Cell:
        """What counts there: the text that somebody typed instead, else what the file holds.

        An error such as #REF! says nothing, and keeps its row from being written (R19).
        """
        value = self.stands(row, column)
        typed = self.fixes.of(row.number, column.index, value)
        if typed is not None:
            return typed or None
        return value

    def take(self, row: Row, reading: Reading[Any], column: Column | None, raw: Cell) -> Any:
        """Note a reading's problems at this row and hand on its value; mended Thai is counted (T01)."""
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
        """The value of a cell, through the memo."""
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

    # What a row is about ------------------------------------------------------------------------

    def targets(self, row: Row) -> list[tuple[int, int, str]]:
        """(measure, agency, name of a new agency) that the row is about."""
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
            # Either cell may be the wrong one, so that either can be typed anew.
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
        """The cells that name proposal and measure, or those of the row above where somebody says so."""
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
        """Whether a blank cell says what the row above says (R24, asked once a column and table).

        A merged cell comes like that out of a program that saves it as CSV.
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
        return values.read_year(raw, self.answers, both_eras=both_eras, heading=heading)

    def read_agencies(self, row: Row) -> list[tuple[int, str]]:
        """(agency, "") or (0, name of a new one) that the row names, or the one chosen for all."""
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
        for problem in reading.problems:
            answer = self.answers.get(problem.key, "")
            if answer == NEW_AGENCY:
                found.append((0, problem.params["name"]))
            elif problem.code == "A01" and answer.startswith("agency:"):
                name = problem.params["name"]
                self.shared.learnt[name] = int(answer.removeprefix("agency:"))
        if not found and reading.value is not None:  # "-" and the like name nobody
            row.note(Problem("R09"), column, raw, self.was(row, column))
        return found

    def measures_in(
        self, row: Row, resolution: int, agency: int, column: Column | None, raw: Cell
    ) -> list[int]:
        """An agency's measures in a resolution that the row only names as a whole: asked once."""
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

    # What a row says ------------------------------------------------------------------------------

    def values(self, row: Row, joined: Mapping[Field, Sequence[str]]) -> dict[str, Any]:
        """What the row says, by the names of LABELS; a name that it says nothing of is left out.

        In the portal's own form an empty cell empties the field; elsewhere it says nothing.
        """
        found: dict[str, Any] = {}
        is_own = self.keys is not None
        status = self.read_status(row)
        if status is not None:
            found["reported_status"] = status
        for name, target in TEXTS.items():
            if name in self.columns or name in joined:
                text = self.read_texts(row, name, joined.get(name, ()))
                if text or is_own:
                    found[target] = text or ""
        for name, target in MONEY.items():
            if column := self.first(name):
                amount = self.read_cell(row, column, self.read_money, column.unit, column.heading)
                self.is_silent(row, column, amount)
                shown = self.sheet.shown.get((row.line.index, column.index))
                if amount is not None and shown is not None:
                    number = values.text_of(self.cell(row, column))
                    row.note(Problem("B09", {"v": shown, "n": number}), column, shown)
                if amount is not None or is_own:
                    found[target] = money_text(amount)
        if column := self.first(Field.NO_CHANGE):
            flag = self.read_cell(row, column, self.read_flag)
            self.is_silent(row, column, flag)
            if flag is not None or is_own:
                found["no_change"] = bool(flag)
        if column := self.first(Field.PROVINCE):
            provinces = self.read_cell(row, column, self.read_provinces)
            self.is_silent(row, column, provinces or None)
            if provinces or is_own:
                found["provinces"] = sorted(provinces or [])
        if Field.EVIDENCE in self.columns or Field.EVIDENCE in joined:
            links = self.read_evidence(row, joined.get(Field.EVIDENCE, ()))
            if links or is_own:
                found["evidence"] = [list(link) for link in links]
        self.check_numbers(row, found)
        return found

    def is_silent(self, row: Row, column: Column, value: Any) -> None:
        """Note for the ledger that a cell with content gave no value, as "-" does."""
        if value is None:
            row.silent[column.index] = Reason.NOTHING

    def read_texts(self, row: Row, name: Field, joined: Sequence[str]) -> str:
        """The text of a field: of its columns in order, then of the rows that were joined."""
        limit = MEETING_LIMIT if name is Field.MEETING else TEXT_LIMIT
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

    def read_evidence(self, row: Row, joined: Sequence[str]) -> list[tuple[str, str]]:
        links: list[tuple[str, str]] = []
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

    def read_flag(self, raw: Cell) -> Reading[bool]:
        return values.read_flag(raw, self.answers)

    def read_links(self, raw: Cell) -> Reading[list[tuple[str, str]]]:
        return values.read_links(raw, self.answers)

    def read_provinces(self, raw: Cell) -> Reading[list[str]]:
        return self.look.provinces.match(raw, self.answers)

    def check_numbers(self, row: Row, found: Mapping[str, Any]) -> None:
        """What is not stored is still read, so that nobody thinks it was taken as it stands."""
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

    def read_date(self, raw: Cell, fiscal_year: int) -> Reading[Any]:
        return values.read_date(raw, self.answers, fiscal_year=fiscal_year)

    # What a row shows and does not say ------------------------------------------------------------

    def note_what_is_seen(self, row: Row) -> None:
        """Struck-out text and covered values of the row, said where it is decided about it."""
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
        """What is to be said of the table as a whole, once its rows were read."""
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
