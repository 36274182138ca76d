"""The preview of an import: its tables compared with the stored reports.

The result lists what would be written, asked and refused. This module neither writes nor queries the
database; `lookup.look_up` loads everything beforehand. The result is plain data, so that it can be
stored with the upload and shown page by page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from followup.commitments import missing_commitments, said_unasked
from followup.models import ReportState
from followup.models.reports import SETTLED
from followup.report_fields import Kind
from followup.spreadsheets import words
from followup.spreadsheets.account import Account, Outcome
from followup.spreadsheets.fields import Field
from followup.spreadsheets.fixes import Fixes
from followup.spreadsheets.ledger import Fate, Ledger, Reason
from followup.spreadsheets.lines import LineKind
from followup.spreadsheets.lookup import COLUMN_OF, EMPTY, TAKEN, Lookup, Stored
from followup.spreadsheets.messages import level
from followup.spreadsheets.row import Row, Trouble, is_answered
from followup.spreadsheets.rows import (
    REPAIRED,
    Shared,
    TableReader,
)
from followup.spreadsheets.tables import Table
from followup.spreadsheets.types import Level, Option, Problem
from followup.spreadsheets.values.links import written
from followup.status import Claim, Status, missing, take_over, wrong_no_change

Progress = Callable[[int, int], None]

#: Answers to U01, which asks about a submitted or approved report.
KEEP, DRAFT = "keep", "draft"


@dataclass
class Write:
    """One report to be written: from version `version` of `report` to `values`.

    `place` names file and sheet if an import has several, else "". `report` and `assignment` are 0 if
    they must be created first, for `measure` and `agency`. `agency` is 0 if it must be created too,
    with the name `new_agency`.
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
    place: str = ""


@dataclass
class Settled:
    """A submitted or approved report that differs from the file (U01)."""

    key: str
    report: int
    state: str
    row: int
    place: str
    changes: dict[str, tuple[Any, Any]]


@dataclass
class Preview:
    """The result of a preview. Every row that is a record or a note is in exactly one of the counts."""

    total: int = 0
    ready: int = 0
    asked: int = 0
    wrong: int = 0
    same: int = 0
    skipped: int = 0
    writes: list[Write] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    learnt: dict[str, int] = field(default_factory=dict)  # alias -> agency
    places: list[str] = field(default_factory=list)  # of the tables
    forums: list[int] = field(default_factory=list)  # the year of the forum of each table
    rows_sha256: str = ""

    @property
    def questions(self) -> dict[str, list[Trouble]]:
        """Key -> all rows of that question; U01 is left out, because it has its own table."""
        grouped: dict[str, list[Trouble]] = {}
        for trouble in self.troubles:
            if level(trouble.problem) is Level.ASK and trouble.problem.code != "U01":
                grouped.setdefault(trouble.problem.key, []).append(trouble)
        return grouped


@dataclass(frozen=True)
class Choices:
    """The person's choices, except sheets and columns."""

    answers: Mapping[str, str] = field(default_factory=dict)
    fixes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    agency: int | None = None
    include_hidden: bool = False
    submit: bool = False


def build(
    tables: Sequence[Table],
    look: Lookup,
    choices: Choices,
    ledger: Ledger,
    *,
    progress: Progress = lambda done, total: None,
) -> Preview:
    """Process the rows of all tables, and record the fate of every cell in `ledger`."""
    return _Builder(tables, look, choices, ledger, progress).run()


class _Builder:
    """The state of one pass over all tables."""

    def __init__(
        self,
        tables: Sequence[Table],
        look: Lookup,
        choices: Choices,
        ledger: Ledger,
        progress: Progress,
    ) -> None:
        self.look, self.choices, self.ledger, self.progress = look, choices, ledger, progress
        self.answers = choices.answers
        self.provinces = {
            code: province.name for code, province in look.provinces.provinces.items()
        }
        self.shared = Shared(look, choices.answers, choices.agency, choices.include_hidden)
        self.readers = [
            TableReader(number, table, self.shared, Fixes(choices.fixes, table.key))
            for number, table in enumerate(tables)
        ]
        self.preview = Preview(
            places=[table.place for table in tables],
            forums=[reader.titled for reader in self.readers],
        )

    def run(self) -> Preview:
        total = sum(len(reader.lines) for reader in self.readers)
        outcomes: list[Outcome] = []
        digests: list[bytes] = []
        for reader in self.readers:
            self.preview.troubles += reader.troubles
            for row in reader.rows():
                if len(outcomes) % 500 == 0:
                    self.progress(len(outcomes), total)
                digests.append(_row_digest(row, reader))
                outcomes.append(Outcome(row))
        self.propose(outcomes)
        self.settle_duplicates(outcomes)
        for outcome in outcomes:
            self.settle(outcome)
            self.conclude(outcome)
        self.account(outcomes)
        self.progress(total, total)
        self.preview.rows_sha256 = hashlib.sha256(b"".join(sorted(digests))).hexdigest()
        self.preview.learnt = self.shared.learnt
        for reader in self.readers:
            self.preview.troubles += reader.notices()
        return self.preview

    # Writes of each row -----------------------------------------------------------------------

    def propose(self, outcomes: Iterable[Outcome]) -> None:
        """Set the writes of every row that has no error or open question."""
        for outcome in outcomes:
            row = outcome.row
            if row.is_skipped(self.answers) or row.stuck(self.answers):
                continue
            if row.found.get("reported_status") == Status.NO_REPORT:
                outcome.reason = Reason.NO_REPORT
                continue
            for measure, agency, new_agency in row.targets:
                write = self.write(row, measure, agency, new_agency)
                if write is not None:
                    outcome.writes.append(write)
            if row.stuck(self.answers):
                outcome.writes.clear()

    def write(self, row: Row, measure: int, agency: int, new_agency: str) -> Write | None:
        """The row's write for one measure and agency; None if they have no assignment (R07)."""
        reader, found = self.readers[row.table], row.found
        assignment = self.look.assignments.get((measure, agency), 0)
        if not assignment and not new_agency:
            name, code = self.look.agency_names.get(agency, ""), self.look.measures.code(measure)
            column = reader.first(Field.CLAUSE_CODE) or reader.first(Field.ITEM_NO)
            params = {"agency": name, "v": code, "year": self.look.round.year_be}
            row.note(Problem("R07", params), column, code, reader.was(row, column))
            return None
        stored = self.look.stored.get(assignment)
        before = dict(stored.values) if stored else dict(EMPTY)
        after = before | {name: found[name] for name in TAKEN if name in found}
        if "evidence" in found:
            copied = stored.files if stored else ()
            pieces = [piece for piece in found["evidence"] if piece[1] not in copied]
            after["evidence"] = _evidence(before["evidence"], pieces, whole=reader.keys is not None)
        last = self.look.last.get(assignment)
        if last and after["no_change"] and not before["no_change"]:
            after = take_over(after, last)
        for name in REPAIRED:
            # Differences that reading repairs do not count: export and import must agree.
            if after[name] != before[name] and after[name] == words.repair(before[name]):
                after[name] = before[name]
        return Write(
            row=row.number,
            assignment=assignment,
            report=stored.pk if stored else 0,
            version=stored.version if stored else 0,
            measure=measure,
            agency=agency,
            new_agency=new_agency,
            values=after,
            changes={
                name: (before[name], after[name]) for name in TAKEN if before[name] != after[name]
            },
            is_new=stored is None or stored.version == 0,
            place=row.place,
        )

    def settle_duplicates(self, outcomes: Iterable[Outcome]) -> None:
        """Of several rows for one report, keep the chosen one; before a choice none (R04).

        Rows with the same values are one version, and its first row is kept.
        """
        groups: dict[tuple[int, int, str], list[tuple[Outcome, Write]]] = {}
        for outcome in outcomes:
            for write in outcome.writes:
                place = (write.measure, write.agency, write.new_agency)
                groups.setdefault(place, []).append((outcome, write))
        for place, group in groups.items():
            if len(group) == 1:
                continue
            versions: list[tuple[Outcome, Write]] = []
            for outcome, write in group:
                if any(write.values == other.values for _outcome, other in versions):
                    outcome.drop(write, Reason.DUPLICATE)
                else:
                    versions.append((outcome, write))
            if len(versions) > 1:
                self.choose_version(place, versions)

    def choose_version(
        self, place: tuple[int, int, str], versions: Sequence[tuple[Outcome, Write]]
    ) -> None:
        key = ":".join(["R04", *map(str, place)])
        writes = [write for _outcome, write in versions]
        options = [
            Option(self.name_of(outcome.row), self.describe(write, writes))
            for outcome, write in versions
        ]
        chosen = self.answers.get(key)
        chosen = chosen if chosen in {option.value for option in options} else None
        for outcome, write in versions:
            rows = ", ".join(self.where(other) for other in writes if other is not write)
            outcome.row.note(Problem("R04", {"r2": rows}, key, options), None, None)
            if chosen is None:
                outcome.fate = Fate.ASKED
                outcome.writes.clear()
            elif chosen != self.name_of(outcome.row):
                outcome.drop(write, Reason.NOT_CHOSEN)

    def name_of(self, row: Row) -> str:
        """The name of a row in an answer: table and number, since each table has its own numbers."""
        return f"{self.readers[row.table].table.key}:{row.number}"

    @staticmethod
    def where(write: Write) -> str:
        return f"{write.row} {write.place}".strip()

    def describe(self, write: Write, versions: Sequence[Write]) -> str:
        """The option of one version: its row and the values that differ from the others."""
        names = [
            name for name in TAKEN if any(write.values[name] != v.values[name] for v in versions)
        ]
        said = "; ".join(
            f"{TAKEN[name].short}: {_short(shown(name, write.values[name], self.provinces)) or '–'}"
            for name in names
        )
        return _("ใช้แถว %(row)s (%(said)s)") % {"row": self.where(write), "said": said}

    # The fate of each row -----------------------------------------------------------------------

    def settle(self, outcome: Outcome) -> None:
        """Drop writes without changes, ask about settled reports, and check the others' claims."""
        for write in list(outcome.writes):
            if not write.changes:
                outcome.drop(write, outcome.reason)
                continue
            stored = self.look.stored.get(write.assignment)
            if stored and stored.state == ReportState.WITHDRAWN:
                outcome.drop(write, Reason.WITHDRAWN)
            elif stored and stored.state in SETTLED and not self.replaces(outcome, stored, write):
                outcome.drop(write, Reason.KEPT)
            else:
                self.check_claim(outcome.row, write, len(stored.files) if stored else 0)

    def replaces(self, outcome: Outcome, stored: Stored, write: Write) -> bool:
        """Ask before a submitted or approved report becomes a draft again; True if that was chosen."""
        key = f"U01:{write.assignment}"
        options = [
            Option(KEEP, _("คงของเดิม")),
            Option(DRAFT, _("สร้างฉบับร่างใหม่จากไฟล์ (ของเดิมเก็บในประวัติการแก้ไข)")),
        ]
        state = _("ส่งตรวจ") if stored.state == ReportState.SUBMITTED else _("รับรอง")
        outcome.row.note(Problem("U01", {"state": state}, key, options), None, None)
        self.preview.settled.append(
            Settled(key, stored.pk, state, write.row, write.place, write.changes)
        )
        return self.answers.get(key) == DRAFT

    def check_claim(self, row: Row, write: Write, files: int) -> None:
        """Check a submission by all rules; a draft only for a valid "no change", and for what is not
        asked of its agency."""
        after, last = write.values, self.look.last.get(write.assignment)
        claim = Claim(
            status=after["reported_status"],
            kind=self.look.kinds[write.measure],
            results=after["results"],
            obstacles=after["obstacles"],
            meeting=after["meeting_ref"],
            evidence=len(after["evidence"]) + files,
            no_change=after["no_change"],
            last=last["reported_status"] if last else None,
        )
        said = {name: each.stored(after[name]) for name, each in TAKEN.items() if each.is_column}
        is_lead = write.assignment in self.look.leads
        if self.choices.submit:
            lacks = missing(claim)
            before = self.look.before.get(write.assignment, {})
            told = missing_commitments(said, before, is_lead=is_lead)
        else:
            lacks = {"no_change": wrong} if (wrong := wrong_no_change(claim)) else {}
            told = said_unasked(said, is_lead=is_lead)
        reader = self.readers[row.table]
        for name, why in lacks.items():
            column = Field.NO_CHANGE if name == "no_change" else Field.STATUS
            row.note(Problem("S05", {"why": why}), reader.first(column), None)
        for name, why in told.items():
            row.note(Problem("S05", {"why": why}), reader.first(COLUMN_OF[name]), None)

    def conclude(self, outcome: Outcome) -> None:
        """Add the row to one of the counts."""
        row, preview = outcome.row, self.preview
        preview.total += 1
        stuck = row.stuck(self.answers)
        if row.is_skipped(self.answers):
            outcome.fate, outcome.reason = Fate.LEFT_OUT, Reason.SKIPPED
            preview.skipped += 1
        elif stuck is Level.ERROR:
            outcome.fate = Fate.WRONG
            preview.wrong += 1
        elif stuck is Level.ASK or outcome.fate is Fate.ASKED:
            outcome.fate = Fate.ASKED
            preview.asked += 1
        elif outcome.writes:
            outcome.fate = Fate.WRITTEN
            preview.ready += 1
            preview.writes += outcome.writes
        elif outcome.reason in {
            Reason.NO_REPORT,
            Reason.NOT_CHOSEN,
            Reason.KEPT,
            Reason.WITHDRAWN,
        }:
            preview.skipped += 1
        else:
            preview.same += 1
        preview.troubles += row.troubles

    # The ledger -----------------------------------------------------------------------------------

    def account(self, outcomes: Iterable[Outcome]) -> None:
        by_table: dict[int, list[Outcome]] = {}
        for outcome in outcomes:
            by_table.setdefault(outcome.row.table, []).append(outcome)
        for reader in self.readers:
            Account(reader, self.ledger, self.answers).of(by_table.get(reader.number, []))
            for line, why in reader.others:
                if why in {LineKind.TOTAL.value, LineKind.NOTE.value, LineKind.SECTION.value}:
                    self.preview.total += 1
                    self.preview.skipped += 1
                    self.preview.troubles.append(
                        Trouble(reader.number, line.index + 1, "", -1, "", Problem("R05"))
                    )


def _row_digest(row: Row, reader: TableReader) -> bytes:
    """A digest of the imported columns of a row; it identifies the same rows in another file."""
    said = [
        (name.value, [str(reader.stands(row, column) or "") for column in columns])
        for name, columns in sorted(reader.columns.items())
    ]
    content = repr((said, [line.text for line in row.joined]))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()


def _short(text: str, limit: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit]}…"


def shown(name: str, value: Any, provinces: Mapping[str, str]) -> str:
    """A value as text for the list of differences."""
    field = TAKEN[name]
    if field.kind is Kind.PROVINCES:
        value = [provinces.get(code, code) for code in value]
    elif field.kind is Kind.EVIDENCE:
        value = [written(*piece) for piece in value]
    return field.in_words(value)


def _evidence(
    before: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]], *, whole: bool
) -> list[Sequence[Any]]:
    """A report's links after an import; `whole`: what was found replaces what there is.

    A line that says nothing of its piece leaves what is stored of it.
    """
    if whole:
        known = {(piece[0], piece[1]): piece for piece in before}
        return [
            piece if len(piece) > 2 else known.get((piece[0], piece[1]), piece) for piece in found
        ]
    said = {piece[1]: piece[2] for piece in found if len(piece) > 2}
    urls = [piece[1] for piece in before]
    return [
        *([*piece[:2], said[piece[1]]] if piece[1] in said else piece for piece in before),
        *(piece for piece in found if piece[1] not in urls),
    ]


def summary(preview: Preview, choices: Choices) -> dict[str, Any]:
    """The counts at the top of the page."""
    questions = preview.questions
    open_settled = sum(each.key not in choices.answers for each in preview.settled)
    open_questions = sum(
        not is_answered(troubles[0].problem, choices.answers) for troubles in questions.values()
    )
    return {
        "total": preview.total,
        "ready": preview.ready,
        "asked": preview.asked,
        "wrong": preview.wrong,
        "same": preview.same,
        "skipped": preview.skipped,
        "questions": len(questions) + bool(preview.settled),
        "open": open_questions + bool(open_settled),
        "writes": len(preview.writes),
        "new": sum(write.is_new for write in preview.writes),
        "changed": sum(not write.is_new for write in preview.writes),
    }
