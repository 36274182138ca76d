"""One record while it is read: its problems, its target and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from followup.spreadsheets.ledger import Reason
from followup.spreadsheets.lines import Line
from followup.spreadsheets.messages import level
from followup.spreadsheets.types import SKIP_ROW, Cell, Column, Level, Problem


def is_answered(problem: Problem, answers: Mapping[str, str]) -> bool:
    """Whether a question has an answer that is one of its options, or names any agency (A01)."""
    if level(problem) is not Level.ASK or problem.key not in answers:
        return False
    answer = answers[problem.key]
    return answer.startswith("agency:") or any(each.value == answer for each in problem.options)


@dataclass
class Trouble:
    """A problem with its location.

    `table` is the table's place in the import; `row` counts from 1, `index` is the column's position
    from 0 (-1: the row as a whole), `was` the digest of the cell's value.
    """

    table: int
    row: int
    column: str
    index: int
    raw: str
    problem: Problem
    was: str = ""


@dataclass
class Row:
    """A record while it is read. `joined` are its continuation rows."""

    table: int
    line: Line
    place: str = ""
    joined: list[Line] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    targets: list[tuple[int, int, str]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    silent: dict[int, Reason] = field(default_factory=dict)  # columns without a usable value
    left_lines: list[Line] = field(default_factory=list)  # rows below that a person did not join

    @property
    def number(self) -> int:
        return self.line.index + 1

    def note(self, problem: Problem, column: Column | None, raw: Cell, was: str = "") -> None:
        self.troubles.append(
            Trouble(
                table=self.table,
                row=self.number,
                column=column.heading if column else "",
                index=column.index if column else -1,
                raw="" if raw is None else str(raw),
                problem=problem,
                was=was,
            )
        )

    def stuck(self, answers: Mapping[str, str]) -> Level | None:
        """The most severe level that prevents writing this row, given the answers; None for none."""
        levels = {
            level(trouble.problem)
            for trouble in self.troubles
            if not is_answered(trouble.problem, answers)
        }
        return next((each for each in (Level.ERROR, Level.ASK) if each in levels), None)

    def is_skipped(self, answers: Mapping[str, str]) -> bool:
        return any(answers.get(trouble.problem.key) == SKIP_ROW for trouble in self.troubles)
