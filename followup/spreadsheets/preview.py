"""Read every row of a table against what is stored: what would be written, asked and refused.

Nothing here writes, and nothing asks the database: `lookup.look_up` did that once. The result is
plain data, so that it can be kept beside the upload and shown page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from followup.models import ReportState
from followup.models.reports import TEXT_LIMIT
from followup.spreadsheets import recognise, values, words
from followup.spreadsheets.choice import ForumChoice
from followup.spreadsheets.lookup import EMPTY, Lookup, Stored, money_text
from followup.spreadsheets.match import NEW_AGENCY
from followup.spreadsheets.messages import level, located
from followup.spreadsheets.types import (
    SKIP_ROW,
    Cell,
    Column,
    Field,
    Layout,
    Level,
    Option,
    Problem,
    Reading,
    Sheet,
)
from followup.status import Claim, Status, missing
from forum_portal.cells import unsafe_cell
from forum_portal.thai import format_baht

Progress = Callable[[int, int], None]

#: What a report takes from a table, in the order in which differences are shown.
LABELS = {
    "reported_status": _("สถานะ"),
    "results": _("ผลการดำเนินงาน"),
    "obstacles": _("ปัญหา/อุปสรรค"),
    "next_steps": _("ข้อเสนอแนะ/แผนระยะต่อไป"),
    "meeting_ref": _("มติ คสป. ครั้งที่"),
    "budget_received": _("งบประมาณที่ได้รับ (บาท)"),
    "budget_spent": _("เบิกจ่ายแล้ว (บาท)"),
    "no_change": _("ไม่มีการเปลี่ยนแปลงจากปีก่อน"),
    "provinces": _("จังหวัดที่ดำเนินการ"),
    "evidence": _("หลักฐาน"),
}
TEXTS = {
    Field.RESULT: "results",
    Field.PROBLEMS: "obstacles",
    Field.SUGGESTIONS: "next_steps",
    Field.MEETING: "meeting_ref",
}
MONEY = {Field.BUDGET: "budget_received", Field.DISBURSED: "budget_spent"}


@dataclass
class Write:
    """One report to be written: from version `version` of `report` to `values`.

    `report` and `assignment` are 0 where they have to be made first, for `measure` and `agency`
    (whose number is 0 where the agency is new: `new_agency` is its name).
    """

    row: int
    assignment: int
    report: int
    version: int
    measure: int
    agency: int
    new_agency: str
    values: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]
    is_new: bool


@dataclass
class Trouble:
    """A problem in its place. `row` counts from 1, `index` is the column's position from 0."""

    row: int
    column: str
    index: int
    raw: str
    problem: Problem
    read_as: str = ""


@dataclass
class Preview:
    """What a table would do. Every data row is in exactly one of the counts."""

    total: int = 0
    ready: int = 0
    asked: int = 0
    wrong: int = 0
    same: int = 0
    skipped: int = 0
    writes: list[Write] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    learnt: dict[str, int] = field(default_factory=dict)  # alias -> agency
    forum: int = 0  # the year of the one that the sheet speaks of as a whole

    @property
    def questions(self) -> dict[str, list[Trouble]]:
        """The questions by key, each with every row that it is about."""
        grouped: dict[str, list[Trouble]] = {}
        for trouble in self.troubles:
            if level(trouble.problem) is Level.ASK:
                grouped.setdefault(trouble.problem.key, []).append(trouble)
        return grouped


@dataclass
class _Row:
    """A row while it is read."""

    number: int
    cells: Sequence[Cell]
    troubles: list[Trouble] = field(default_factory=list)

    def take(self, reading: Reading[Any], column: Column | None, raw: Cell) -> Any:
        """Note a reading's problems at this row and hand on its value."""
        for problem in reading.problems:
            self.note(problem, column, raw)
        return reading.value

    def note(self, problem: Problem, column: Column | None, raw: Cell) -> None:
        self.troubles.append(
            Trouble(
                row=self.number,
                column=column.heading if column else "",
                index=column.index if column else -1,
                raw="" if raw is None else str(raw),
                problem=problem,
            )
        )

    def stuck(self, answers: Mapping[str, str]) -> Level | None:
        """The gravest thing that keeps this row from being written, answers taken into account."""
        levels = {
            level(trouble.problem)
            for trouble in self.troubles
            if not (level(trouble.problem) is Level.ASK and trouble.problem.key in answers)
        }
        return next((each for each in (Level.ERROR, Level.ASK) if each in levels), None)


@dataclass(frozen=True)
class Choices:
    """What the person decided, apart from the layout."""

    answers: Mapping[str, str] = field(default_factory=dict)
    fixes: Mapping[str, str] = field(default_factory=dict)
    agency: int | None = None
    include_hidden: bool = False
    submit: bool = False


def build(
    sheet: Sheet,
    layout: Layout,
    look: Lookup,
    choices: Choices,
    *,
    keys: Mapping[int, int] | None = None,
    progress: Progress = lambda done, total: None,
) -> Preview:
    """Go through the rows of a table.

    `keys` (row index -> assignment) comes with the portal's own workbook: its rows name their
    assignment, and a cell that is empty there empties the field. In any other file an empty cell
    says nothing, and what is stored stays.
    """
    return _Builder(sheet, layout, look, choices, keys, progress).run()


class _Builder:
    """The state of one pass. Values are read once a distinct cell, whatever the number of rows."""

    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        look: Lookup,
        choices: Choices,
        keys: Mapping[int, int] | None,
        progress: Progress,
    ) -> None:
        self.sheet, self.layout, self.look, self.choices = sheet, layout, look, choices
        self.keys, self.progress = keys, progress
        self.answers = choices.answers
        self.columns = {
            column.field: column for column in layout.columns if column.field is not None
        }
        self.ticks = layout.of(Field.TICK)
        self.memo: dict[tuple[Any, ...], Reading[Any]] = {}
        self.preview = Preview()
        self.repaired: dict[int, int] = {}  # row -> places where broken Thai was mended
        self.seen: dict[tuple[int, int, str], Write] = {}
        self.titled, said = look.forums.titled(sheet, layout.header_first)
        if keys is None:
            self.preview.forum = self.titled
            self.preview.troubles += [Trouble(row, "", -1, "", problem) for row, problem in said]
        self.choice = ForumChoice(
            look.measures, look.roles, look.agency_names, look.round.year_be, self.answers
        )
        year = self.columns.get(Field.FISCAL_YEAR)
        self.both_eras = bool(year) and values.both_eras(
            row[year.index] for row in sheet.rows[layout.header_last + 1 :] if year
        )

    def run(self) -> Preview:
        rows = list(
            recognise.data_rows(self.sheet, self.layout, include_hidden=self.choices.include_hidden)
        )
        for done, (index, cells) in enumerate(rows):
            if done % 500 == 0:
                self.progress(done, len(rows))
            self.read_row(index, cells)
        self.progress(len(rows), len(rows))
        if self.repaired:
            number = sum(self.repaired.values())
            self.preview.troubles += [
                Trouble(row, "", -1, "", Problem("T01", {"n": number})) for row in self.repaired
            ]
        if self.sheet.formulas:
            self.preview.troubles.append(Trouble(1, "", -1, "", Problem("F08")))
        return self.preview

    # Cells ------------------------------------------------------------------------------------

    def raw(self, row: _Row, name: Field) -> Cell:
        column = self.columns.get(name)
        return None if column is None else self.cell(row, column)

    def cell(self, row: _Row, column: Column) -> Cell:
        typed = self.choices.fixes.get(f"{row.number}:{column.index}")
        if typed is not None:
            return typed or None
        value = row.cells[column.index] if column.index < len(row.cells) else None
        return unsafe_cell(value) if isinstance(value, str) else value

    def read(self, row: _Row, name: Field, reader: Callable[..., Reading[Any]], *args: Any) -> Any:
        """The value of a field's cell, through the memo."""
        column = self.columns.get(name)
        if column is None:
            return None
        raw = self.cell(row, column)
        key = (name, type(raw), raw, *args)
        reading = self.memo.get(key)
        if reading is None:
            reading = self.memo[key] = reader(raw, *args)
        return row.take(reading, column, raw) if reading.problems else reading.value

    # Rows -------------------------------------------------------------------------------------

    def read_row(self, index: int, cells: Sequence[Cell]) -> None:
        row = _Row(index + 1, cells)
        preview = self.preview
        preview.total += 1
        if recognise.note_kind(cells, self.layout):
            row.note(Problem("R05"), None, None)
            preview.skipped += 1
            preview.troubles += row.troubles
            return
        targets = self.targets(row)
        found = self.values(row)
        skipped = any(
            self.answers.get(trouble.problem.key) == SKIP_ROW for trouble in row.troubles
        ) or (found.get("reported_status") == Status.NO_REPORT)
        writes = []
        if not skipped and not row.stuck(self.answers):
            for measure, agency, new_agency in targets:
                write = self.write(row, measure, agency, new_agency, found)
                if write:
                    writes.append(write)
        stuck = row.stuck(self.answers)
        skipped = skipped or any(
            self.answers.get(trouble.problem.key) == SKIP_ROW for trouble in row.troubles
        )
        if skipped:
            preview.skipped += 1
        elif stuck is Level.ERROR:
            preview.wrong += 1
        elif stuck is Level.ASK:
            preview.asked += 1
        elif writes:
            preview.ready += 1
            preview.writes += writes
        else:
            preview.same += 1
        preview.troubles += row.troubles

    def targets(self, row: _Row) -> list[tuple[int, int, str]]:
        """(measure, agency, name of a new agency) that the row is about."""
        if self.keys is not None:
            assignment = self.keys.get(row.number - 1)
            if assignment is not None and assignment in self.look.places:
                measure, agency = self.look.places[assignment]
                return [(measure, agency, "")]
        self.check_year(row)
        agencies = self.read_agencies(row)
        item, clause = self.raw(row, Field.ITEM_NO), self.raw(row, Field.CLAUSE_CODE)
        column = self.columns.get(Field.CLAUSE_CODE) or self.columns.get(Field.ITEM_NO)
        raw = clause if clause is not None else item
        if item is None and clause is None:
            row.note(Problem("R08"), column, raw)
            return []
        stated = self.read(row, Field.FORUM, self.look.forums.read)
        if stated is None and Field.FORUM in self.columns:
            return []
        reading = self.look.measures.match(
            item, clause, self.answers, stated=stated or 0, titled=self.titled
        )
        places = row.take(reading, column, raw)
        if stated and any(problem.code == "R14" for problem in reading.problems):
            # Either cell may be the wrong one, so that either can be typed anew.
            row.note(reading.problems[0], self.columns[Field.FORUM], self.raw(row, Field.FORUM))
        if not places or not agencies:
            return []
        place = places[0]
        if len(places) > 1:
            chosen = self.choice.choose(places, tuple(agency for agency, _new in agencies))
            place = row.take(chosen, column, raw)
        if place is None:
            return []
        if place.measure:
            return [(place.measure, agency, new) for agency, new in agencies]
        return [
            (measure, agency, new)
            for agency, new in agencies
            for measure in self.measures_in(row, place.resolution, agency, column, raw)
        ]

    def check_year(self, row: _Row) -> None:
        year = self.read(
            row,
            Field.FISCAL_YEAR,
            self.read_year,
            self.both_eras,
            self.heading(Field.FISCAL_YEAR),
        )
        if year is not None and year != self.look.round.year_be:
            problem = Problem("Y05", {"v": year, "year": self.look.round.year_be})
            row.note(problem, self.columns[Field.FISCAL_YEAR], self.raw(row, Field.FISCAL_YEAR))

    def heading(self, name: Field) -> str:
        column = self.columns.get(name)
        return column.heading if column else ""

    def read_year(self, raw: Cell, both_eras: bool, heading: str) -> Reading[int]:
        return values.read_year(raw, self.answers, both_eras=both_eras, heading=heading)

    def read_agencies(self, row: _Row) -> list[tuple[int, str]]:
        """(agency, "") or (0, name of a new one) that the row names, or the one chosen for all."""
        if self.choices.agency:
            return [(self.choices.agency, "")]
        column = self.columns.get(Field.LEAD_AGENCY)
        raw = self.raw(row, Field.LEAD_AGENCY)
        if column is None or raw is None:
            row.note(Problem("R09"), column, raw)
            return []
        key = (Field.LEAD_AGENCY, type(raw), raw)
        reading = self.memo.get(key)
        if reading is None:
            reading = self.memo[key] = self.look.agencies.match(raw, self.answers)
        found = [(agency, "") for agency in row.take(reading, column, raw) or []]
        for problem in reading.problems:
            answer = self.answers.get(problem.key, "")
            if answer == NEW_AGENCY:
                found.append((0, problem.params["name"]))
            elif problem.code == "A01" and answer.startswith("agency:"):
                name = problem.params["name"]
                self.preview.learnt[name] = int(answer.removeprefix("agency:"))
        return found

    def measures_in(
        self, row: _Row, resolution: int, agency: int, column: Column | None, raw: Cell
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
            row.note(
                Problem("R07", {"agency": name, "v": number, "year": self.look.round.year_be}),
                column,
                raw,
            )
            return []
        if len(mine) == 1:
            return mine
        key = f"R06:{resolution}:{agency}"
        options = [
            Option("all", _("ทุกข้อ: %(codes)s") % {"codes": ", ".join(map(self.code, mine))}),
            *(Option(str(measure), self.look.measures.label(measure)) for measure in mine),
            Option(SKIP_ROW, _("ไม่นำเข้าแถวเหล่านี้")),
        ]
        params = {"i": self.look.measures.number(resolution), "agency": name}
        row.note(Problem("R06", params, key, options), column, raw)
        answer = self.answers.get(key, "")
        if answer == "all":
            return mine
        return [measure for measure in mine if str(measure) == answer]

    def code(self, measure: int) -> str:
        return self.look.measures.code(measure)

    # Values -----------------------------------------------------------------------------------

    def values(self, row: _Row) -> dict[str, Any]:
        """What the row says, by the names of LABELS; a name that it says nothing of is left out."""
        found: dict[str, Any] = {}
        status = self.read_status(row)
        if status is not None:
            found["reported_status"] = status
        for name, target in TEXTS.items():
            if name in self.columns:
                limit = 40 if name is Field.MEETING else TEXT_LIMIT
                text = self.read(row, name, self.read_text, limit)
                mended = values.count_repairs(self.raw(row, name)) if text else 0
                if mended:
                    self.repaired[row.number] = self.repaired.get(row.number, 0) + mended
                if text or self.keys is not None:
                    found[target] = text or ""
        for name, target in MONEY.items():
            if name in self.columns:
                unit = self.columns[name].unit
                amount = self.read(row, name, self.read_money, unit, self.columns[name].heading)
                if amount is not None or self.keys is not None:
                    found[target] = money_text(amount)
        if Field.NO_CHANGE in self.columns:
            flag = self.read(row, Field.NO_CHANGE, values.read_flag)
            if flag is not None or self.keys is not None:
                found["no_change"] = bool(flag)
        if Field.PROVINCE in self.columns:
            provinces = self.read(row, Field.PROVINCE, self.read_provinces)
            if provinces or self.keys is not None:
                found["provinces"] = sorted(provinces or [])
        if Field.EVIDENCE in self.columns:
            links = self.read(row, Field.EVIDENCE, values.read_links)
            if links or self.keys is not None:
                found["evidence"] = [list(link) for link in links or []]
        self.check_numbers(row, found)
        return found

    def read_status(self, row: _Row) -> str | None:
        if Field.STATUS in self.columns:
            heading = self.columns[Field.STATUS].heading
            status = self.read(row, Field.STATUS, self.status_of, heading)
            if status or self.raw(row, Field.STATUS) is not None or self.keys is None:
                return status or None
            return ""
        if self.ticks:
            ticked = [(column, self.cell(row, column)) for column in self.ticks]
            reading = values.read_ticks(ticked, self.answers)
            first = next((pair for pair in ticked if pair[1] is not None), (self.ticks[0], None))
            return row.take(reading, *first)
        return None

    def status_of(self, raw: Cell, heading: str) -> Reading[str]:
        return values.read_status(raw, self.answers, heading=heading)

    def read_text(self, raw: Cell, limit: int) -> Reading[str]:
        return values.read_text(raw, limit=limit)

    def read_money(self, raw: Cell, unit: int, heading: str) -> Reading[Decimal]:
        return values.read_money(raw, self.answers, unit=unit, heading=heading)

    def read_provinces(self, raw: Cell) -> Reading[list[str]]:
        return self.look.provinces.match(raw, self.answers)

    def check_numbers(self, row: _Row, found: Mapping[str, Any]) -> None:
        """What is not stored is still read, so that nobody thinks it was taken as it stands."""
        received, spent = found.get("budget_received"), found.get("budget_spent")
        if received is not None and spent is not None and Decimal(spent) > Decimal(received):
            row.note(Problem("B03"), self.columns[Field.DISBURSED], self.raw(row, Field.DISBURSED))
        if Field.PERCENT in self.columns:
            column = self.columns[Field.PERCENT]
            self.read(
                row,
                Field.PERCENT,
                self.read_percent,
                column.index in self.sheet.percent_columns,
                column.heading,
            )
        dates = {}
        for name in (Field.DATE_START, Field.DATE_END):
            if name in self.columns:
                dates[name] = self.read(row, name, self.read_date, self.look.round.year_be)
        start, end = dates.get(Field.DATE_START), dates.get(Field.DATE_END)
        if start and end and end < start:
            row.note(Problem("D06"), self.columns[Field.DATE_END], self.raw(row, Field.DATE_END))

    def read_percent(self, raw: Cell, is_percent: bool, heading: str) -> Reading[Decimal]:
        return values.read_percent(raw, self.answers, is_percent_format=is_percent, heading=heading)

    def read_date(self, raw: Cell, fiscal_year: int) -> Reading[Any]:
        return values.read_date(raw, self.answers, fiscal_year=fiscal_year)

    # Writes -----------------------------------------------------------------------------------

    def write(
        self, row: _Row, measure: int, agency: int, new_agency: str, found: Mapping[str, Any]
    ) -> Write | None:
        """What the row would write for one measure and agency; None where nothing changes."""
        assignment = self.look.assignments.get((measure, agency), 0)
        if not assignment and not new_agency:
            name = self.look.agency_names.get(agency, "")
            year = self.look.round.year_be
            row.note(
                Problem("R07", {"agency": name, "v": self.code(measure), "year": year}),
                self.columns.get(Field.CLAUSE_CODE) or self.columns.get(Field.ITEM_NO),
                self.code(measure),
            )
            return None
        stored = self.look.stored.get(assignment)
        before = dict(stored.values) if stored else dict(EMPTY)
        after = before | {name: found[name] for name in LABELS if name in found}
        if self.keys is None and "evidence" in found:
            known = [piece[1] for piece in before["evidence"]]
            added = [piece for piece in found["evidence"] if piece[1] not in known]
            after["evidence"] = before["evidence"] + added
        for name in TEXTS.values():
            # What differs only by what reading mends is no difference: export and import must agree.
            if after[name] != before[name] and after[name] == words.repair(before[name]):
                after[name] = before[name]
        changes = {
            name: (before[name], after[name]) for name in LABELS if before[name] != after[name]
        }
        write = Write(
            row=row.number,
            assignment=assignment,
            report=stored.pk if stored else 0,
            version=stored.version if stored else 0,
            measure=measure,
            agency=agency,
            new_agency=new_agency,
            values=after,
            changes=changes,
            is_new=stored is None or stored.version == 0,
        )
        if not self.settle_duplicate(row, write) or not changes:
            return None
        settled = stored and stored.state in {ReportState.SUBMITTED, ReportState.APPROVED}
        if stored and settled and not self.replaces_settled(row, stored, assignment):
            return None
        if self.choices.submit:
            self.check_claim(row, measure, after, stored.files if stored else 0)
            if row.stuck(self.answers):
                return None
        return write

    def settle_duplicate(self, row: _Row, write: Write) -> bool:
        """Whether this row speaks for its report: the first does, unless the person chose another."""
        place = (write.measure, write.agency, write.new_agency)
        first = self.seen.setdefault(place, write)
        if first is write:
            return True
        if first.values == write.values:
            return False
        key = f"R04:{write.measure}:{write.agency}:{write.new_agency}"
        options = [
            Option(str(each.row), _("ใช้แถว %(row)s") % {"row": each.row}) for each in (first, write)
        ]
        row.note(Problem("R04", {"r2": first.row}, key, options), None, None)
        if self.answers.get(key) != str(write.row):
            return False
        self.preview.writes = [
            each
            for each in self.preview.writes
            if (each.measure, each.agency, each.new_agency) != place
        ]
        return True

    def replaces_settled(self, row: _Row, stored: Stored, assignment: int) -> bool:
        """Ask before a report that was submitted or approved becomes a draft again."""
        key = f"U01:{assignment}"
        options = [
            Option("keep", _("คงของเดิม")),
            Option("draft", _("สร้างฉบับร่างใหม่จากไฟล์ (ของเดิมเก็บในประวัติการแก้ไข)")),
        ]
        state = _("ส่งตรวจ") if stored.state == ReportState.SUBMITTED else _("รับรอง")
        row.note(Problem("U01", {"state": state}, key, options), None, None)
        return self.answers.get(key) == "draft"

    def check_claim(self, row: _Row, measure: int, after: Mapping[str, Any], files: int) -> None:
        """Reports that are submitted at once need what the vocabulary asks for."""
        claim = Claim(
            status=after["reported_status"],
            kind=self.look.kinds[measure],
            results=after["results"],
            obstacles=after["obstacles"],
            meeting=after["meeting_ref"],
            evidence=len(after["evidence"]) + files,
        )
        for why in missing(claim).values():
            row.note(Problem("S05", {"why": why}), self.columns.get(Field.STATUS), None)


def shown(name: str, value: Any, provinces: Mapping[str, str]) -> str:
    """A value as a person reads it in a list of differences."""
    if name == "reported_status":
        return str(Status(value).label) if value else ""
    if name in {"budget_received", "budget_spent"}:
        return "" if value is None else format_baht(Decimal(value))
    if name == "no_change":
        return _("ใช่") if value else ""
    if name == "provinces":
        return ", ".join(provinces.get(code, code) for code in value)
    if name == "evidence":
        return "\n".join(f"{title} | {url}" for title, url in value)
    return str(value)


def summary(preview: Preview, choices: Choices) -> dict[str, Any]:
    """The counts that the page opens with."""
    questions = preview.questions
    return {
        "total": preview.total,
        "ready": preview.ready,
        "asked": preview.asked,
        "wrong": preview.wrong,
        "same": preview.same,
        "skipped": preview.skipped,
        "questions": len(questions),
        "open": sum(key not in choices.answers for key in questions),
        "writes": len(preview.writes),
        "new": sum(write.is_new for write in preview.writes),
        "changed": sum(not write.is_new for write in preview.writes),
    }


def messages_of(troubles: Iterable[Trouble]) -> list[str]:
    """Located sentences, for tests and for the workbook of problem rows."""
    return [located(each.problem, each.row, each.column) for each in troubles]
