"""The fate of each record, and the ledger entry of every cell of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from followup.spreadsheets.ledger import Fate, Ledger, Reason
from followup.spreadsheets.lines import Line, LineKind, has_content
from followup.spreadsheets.row import Row
from followup.spreadsheets.rows import CHECKED_ONLY, NOT_STORED, TableReader

if TYPE_CHECKING:
    from followup.spreadsheets.preview import Write


@dataclass
class Outcome:
    """A record, what it would write, and its fate."""

    row: Row
    writes: list[Write] = field(default_factory=list)
    fate: Fate = Fate.LEFT_OUT
    reason: Reason = Reason.SAME

    def drop(self, write: Write, reason: Reason) -> None:
        self.writes = [each for each in self.writes if each is not write]
        self.reason = reason


class Account:
    """Enters every cell of one table into the ledger."""

    def __init__(self, reader: TableReader, ledger: Ledger, answers: Mapping[str, str]) -> None:
        self.reader, self.ledger, self.answers = reader, ledger, answers
        self.sheet, self.layout, self.place = reader.sheet, reader.layout, reader.table.place
        self.columns = {column.index: column for column in self.layout.columns}
        self.hidden = frozenset() if reader.include_hidden else self.sheet.hidden_columns

    def of(self, outcomes: Iterable[Outcome]) -> None:
        header_first, header_last = self.layout.header_first, self.layout.header_last
        for index in range(min(header_last + 1, len(self.sheet.rows))):
            self.leave_row(index, Reason.TITLE if index < header_first else Reason.HEADING)
        for outcome in outcomes:
            self.enter(outcome)
        for line, why in self.reader.others:
            self.leave_row(line.index, _REASON_OF[why])

    def leave_row(self, index: int, reason: Reason) -> None:
        for column, cell in enumerate(self.sheet.rows[index]):
            if has_content(cell):
                self.leave(reason, index, column)

    def leave(self, reason: Reason, index: int, column: int) -> None:
        known = self.columns.get(column)
        self.ledger.leave_out(
            reason,
            self.sheet.rows[index][column],
            place=self.place,
            row=index + 1,
            column=column,
            heading=known.heading if known else "",
        )

    def enter(self, outcome: Outcome) -> None:
        """Enter the cells of a record and of the continuation rows below it."""
        self.enter_line(outcome.row.line, outcome)
        left = {line.index for line in outcome.row.left_lines}
        for line in outcome.row.joined:
            if line.index in left:
                self.leave_row(line.index, Reason.CONTINUATION)
            elif outcome.fate is Fate.LEFT_OUT:
                self.leave_row(line.index, outcome.reason)
            else:
                for column, cell in enumerate(self.sheet.rows[line.index]):
                    if not has_content(cell):
                        continue
                    if column in self.hidden:
                        self.leave(Reason.HIDDEN_COLUMN, line.index, column)
                    elif column in line.covered:
                        self.leave(Reason.COVERED, line.index, column)
                    else:
                        self.ledger.count(outcome.fate)

    def enter_line(self, line: Line, outcome: Outcome) -> None:
        for at, cell in enumerate(self.sheet.rows[line.index]):
            if not has_content(cell):
                continue
            reason = self.why_left_out(line, at, outcome)
            if reason is None:
                self.ledger.count(outcome.fate)
            else:
                self.leave(reason, line.index, at)

    def why_left_out(self, line: Line, at: int, outcome: Outcome) -> Reason | None:
        """The reason why a record's cell is left out; None if it shares the row's fate."""
        column = self.columns.get(at)
        name = column.field if column else None
        reason = None
        if at in self.hidden and name is None:
            reason = Reason.HIDDEN_COLUMN
        elif name is None:
            reason = Reason.UNUSED_COLUMN
        elif at in line.covered:
            reason = Reason.COVERED
        elif outcome.fate is Fate.LEFT_OUT:
            reason = outcome.reason
        elif name in CHECKED_ONLY or name in NOT_STORED:
            reason = Reason.CHECKED_ONLY
        elif outcome.fate is Fate.WRITTEN:
            reason = outcome.row.silent.get(at)
        return reason


_REASON_OF: Mapping[str, Reason] = {
    LineKind.HIDDEN.value: Reason.HIDDEN_ROW,
    LineKind.HEADING.value: Reason.REPEATED,
    LineKind.NUMBERING.value: Reason.REPEATED,
    LineKind.EMPTY.value: Reason.EMPTY,
    LineKind.TOTAL.value: Reason.TOTAL,
    LineKind.NOTE.value: Reason.NOTE,
    LineKind.SECTION.value: Reason.SECTION,
    Reason.NO_KEY.value: Reason.NO_KEY,
}
