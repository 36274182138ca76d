"""What the steps hand to each other. No Django models, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar


@dataclass(frozen=True)
class CellError:
    """An error that a cell shows, such as #REF!. It is neither blank nor text."""

    text: str

    def __str__(self) -> str:
        return self.text


#: A cell as a reader gives it. Numbers of .xlsx are floats; a CSV has strings only; None is blank.
Cell = str | float | int | bool | date | datetime | CellError | None
T = TypeVar("T")
Position = tuple[int, int]  # row and column, from 0


class Level(StrEnum):
    """What a message asks of the person, the gravest first."""

    STOP = "stop"  # หยุด: the file cannot be used
    ERROR = "error"  # ผิด: this row cannot be written as it stands
    ASK = "ask"  # ถาม: somebody has to choose; nothing is guessed
    WARN = "warn"  # เตือน: read on, but look
    INFO = "info"  # แจ้ง: the portal did something for you
    SKIP = "skip"  # ข้าม: not a record


class Field(StrEnum):
    """What a column can be. Most names are those of the column alias table."""

    FORUM = "forum"  # the year of the CSOs Forum whose proposals the row speaks of
    ITEM_NO = "item_no"
    CLAUSE_CODE = "clause_code"
    LEAD_AGENCY = "lead_agency"
    SUPPORT_AGENCIES = "support_agencies"
    FISCAL_YEAR = "fiscal_year"
    PERIOD = "period"
    STATUS = "status"
    PERCENT = "percent"
    RESULT = "result"
    PROBLEMS = "problems"
    SUGGESTIONS = "suggestions"
    BUDGET = "budget"
    DISBURSED = "disbursed"
    PROVINCE = "province"
    REGION = "region"
    DATE_START = "date_start"
    DATE_END = "date_end"
    EVIDENCE = "evidence"
    REPORTER = "reporter"
    REMARK = "remark"
    MEETING = "meeting"  # the committee's meeting that ended a measure
    NO_CHANGE = "no_change"
    ROW_KEY = "row_key"  # of the portal's own workbook
    TICK = "tick"  # one column of a tick matrix; `Column.status` says which status


@dataclass(frozen=True)
class Option:
    """One possible answer to a question; `value` is what is stored."""

    value: str
    label: str


SKIP_ROW = "skip"  # the answer "do not import these rows"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value, or what has to be asked about it.

    `key` is the same for every row that is written the same, so that one answer serves them all.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    options: Sequence[Option] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows` is rectangular; positions count from 0.

    `merged` holds (first row, first column, last row, last column). `without_value` are the
    positions of formulas that the file holds no result for; `formulas` counts all formulas. `shown`
    is what a cell shows where its number format says more than the number ("75%", "1,250 ครอบครัว").
    `controls` counts the tick boxes that are drawn over the cells: no cell holds their state.
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
    struck: frozenset[Position] = frozenset()  # cells whose text is struck out, in whole or in part
    comments: Mapping[Position, str] = field(default_factory=dict)
    controls: int = 0


@dataclass(frozen=True)
class Book:
    """A file as read. `encoding` and `delimiter` are empty for all but delimited text.

    `notices` say what of the file was not read or cannot be told (macros, merges of an .xls).
    """

    sheets: Sequence[Sheet]
    kind: str  # "xlsx", "csv", "xls", "xlsb", "ods" or "docx"
    encoding: str = ""
    delimiter: str = ""
    notices: Sequence[Problem] = ()


@dataclass(frozen=True)
class Column:
    """A column of the table as understood: its place, its heading and what it is.

    `status` is set for TICK; `unit` is what one stands for in baht (1 or 1_000_000), from the heading.
    `field` None is a column that is not imported. `sure` says that the alias table decided.
    """

    index: int
    heading: str
    field: Field | None = None
    status: str = ""
    unit: int = 1
    sure: bool = False


@dataclass(frozen=True)
class Layout:
    """Where the table is: sheet, header rows (from 0, inclusive), first row of data, columns."""

    sheet: str
    header_first: int
    header_last: int
    columns: Sequence[Column]

    def of(self, field: Field) -> list[Column]:
        return [column for column in self.columns if column.field is field]


@dataclass(frozen=True)
class Reading(Generic[T]):
    """A value as read, with whatever is to be said about it. An asked or wrong value is None."""

    value: T | None = None
    problems: Sequence[Problem] = ()


class Unreadable(Exception):
    """A file that cannot be used at all; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)
