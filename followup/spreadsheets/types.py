"""The data types that the steps exchange. No Django models, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from followup.spreadsheets.fields import Field


@dataclass(frozen=True)
class CellError:
    """An error value of a cell, such as #REF!. It is neither blank nor text."""

    text: str

    def __str__(self) -> str:
        return self.text


#: A cell as a reader returns it. Numbers of .xlsx are floats; a CSV has strings only; None is blank.
Cell = str | float | int | bool | date | datetime | CellError | None
T = TypeVar("T")
Position = tuple[int, int]  # row and column, from 0


class Level(StrEnum):
    """What a message asks of the person, the most severe first."""

    STOP = "stop"  # หยุด: the file cannot be used
    ERROR = "error"  # ผิด: this row cannot be written as it stands
    ASK = "ask"  # ถาม: somebody has to choose; nothing is guessed
    WARN = "warn"  # เตือน: the row is imported, but should be looked at
    INFO = "info"  # แจ้ง: the portal did something for you
    SKIP = "skip"  # ข้าม: not a record


@dataclass(frozen=True)
class Option:
    """One possible answer to a question; `value` is stored."""

    value: str
    label: str


SKIP_ROW = "skip"  # the answer "do not import these rows"


@dataclass(frozen=True)
class Problem:
    """An error in a value, or a question about it.

    `key` is the same for every row with the same text, so that one answer serves them all.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    options: Sequence[Option] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows` is rectangular; positions count from 0.

    `merged` holds (first row, first column, last row, last column). `without_value` are the
    positions of formulas without a stored result; `formulas` counts all formulas. `shown` is the
    displayed text of cells whose number format adds meaning ("75%", "1,250 ครอบครัว"). `controls`
    counts tick boxes drawn over the cells, whose state is in no cell.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    visible: bool = True
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formulas: int = 0
    without_value: Sequence[Position] = ()
    percent_columns: frozenset[int] = frozenset()  # columns whose numbers are formatted as percent
    shown: Mapping[Position, str] = field(default_factory=dict)
    struck: frozenset[Position] = frozenset()  # cells whose text is struck out, wholly or partly
    comments: Mapping[Position, str] = field(default_factory=dict)
    controls: int = 0


@dataclass(frozen=True)
class Book:
    """A file after reading. `encoding` and `delimiter` are "" except for delimited text.

    `notices` list what was not read or cannot be reported (macros, merges of an .xls).
    """

    sheets: Sequence[Sheet]
    kind: str  # "xlsx", "csv", "xls", "xlsb", "ods" or "docx"
    encoding: str = ""
    delimiter: str = ""
    notices: Sequence[Problem] = ()


@dataclass(frozen=True)
class Column:
    """A column of the table: its position, its heading and its meaning.

    `status` is set for TICK; `unit` is the unit in baht (1 or 1_000_000) from the heading. A column
    with `field` None is not imported. `sure` means that the alias table decided.
    """

    index: int
    heading: str
    field: Field | None = None
    status: str = ""
    unit: int = 1
    sure: bool = False


@dataclass(frozen=True)
class Layout:
    """The table's location: sheet, header rows (from 0, inclusive), first row of data, columns."""

    sheet: str
    header_first: int
    header_last: int
    columns: Sequence[Column]

    def of(self, field: Field) -> list[Column]:
        return [column for column in self.columns if column.field is field]


@dataclass(frozen=True)
class Reading(Generic[T]):
    """A value with its problems. A value that is wrong or still asked about is None."""

    value: T | None = None
    problems: Sequence[Problem] = ()


class Unreadable(Exception):
    """A file that cannot be used at all; `problem` is the reason."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)
