"""The registry's types: a dataset is its columns and the source of its rows.

Files, API, data dictionary, Data Package and OpenAPI are all generated from it, so a column that is
added to a dataset appears in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from django.db.models import QuerySet
from django.utils.functional import Promise

from followup.models import Round
from followup.progress import YearProgress
from followup.published import Edition, editions, progress_by_year, year_progress

T = TypeVar("T")
Value: TypeAlias = str | int | Decimal | bool | date | datetime | None
Row: TypeAlias = dict[str, Value]
Words: TypeAlias = str | Promise


class Type(StrEnum):
    """The Table Schema types used here."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True)
class Column:
    """A column: its English name, its Thai title, and the function that gives a row's value.

    Every value satisfies `minimum`, `maximum`, `pattern` and `choices`. `refers_to` is the dataset
    whose key the column holds. `superseded_by`: the column of the same dataset to read instead; this one
    stays, because programs read it.
    """

    name: str
    title: Words
    value: Callable[[Any], Value]
    type: Type = Type.STRING
    about: Words = ""
    is_required: bool = False
    is_url: bool = False
    choices: Sequence[str] = ()
    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None
    refers_to: str = ""
    superseded_by: str = ""


@dataclass(frozen=True)
class Dataset:
    """A table. `take` returns its items in order, one for each row; `key` is a row's key.

    `example` is the name of an example of a key (see `followup.opendata.examples`).
    """

    name: str
    title: Words
    about: Words
    key: str
    example: str
    columns: Sequence[Column]
    take: Callable[[Source], Iterable[Any]]
    by_year: bool = False  # rows belong to rounds, so a year may be requested
    #: Of a dataset that grows with the number of agencies: its items with the wanted values by column,
    #: as a sequence of which a slice is read from the database.
    select: Callable[[Source, Mapping[str, Value]], Sequence[Any]] | None = None
    #: The wanted values that a row's key implies, by column; None for a text that is no key.
    implied: Callable[[str], Mapping[str, Value] | None] | None = None

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def count(self, source: Source) -> int:
        """The number of its rows."""
        if self.select is not None:
            return len(self.select(source, {}))
        taken = self.take(source)
        return taken.count() if isinstance(taken, QuerySet) else len(list(taken))

    def row(self, item: Any) -> Row:
        """An item as values by column name."""
        return {column.name: column.value(item) for column in self.columns}

    def rows(self, source: Source, wanted: Mapping[str, Value] | None = None) -> Sequence[Row]:
        """The rows whose columns have the wanted values. A slice reads no others, where `select` is."""
        wanted = wanted or {}
        if self.select is not None:
            return Selected(self, self.select(source, wanted))
        values = {column.name: column.value for column in self.columns}
        items = self.take(source)
        return Selected(
            self,
            [each for each in items if all(values[name](each) == wanted[name] for name in wanted)],
        )

    def find(self, source: Source, key: str) -> Row | None:
        """The row of a key; of the others no more than the keys are made. None if there is none."""
        (value,) = (column.value for column in self.columns if column.name == self.key)
        implied = (self.implied(key) or {}) if self.implied else {}
        items = self.select(source, implied) if self.select else list(self.take(source))
        found = (each for each in in_chunks(items) if str(value(each)) == key)
        return next(map(self.row, found), None)


class Queried(Sequence[Any]):
    """A query set of which each slice is a query, and its length another, asked once."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self.rows = rows

    @cached_property
    def _total(self) -> int:
        return self.rows.count()

    def __len__(self) -> int:
        return self._total

    def __getitem__(self, index: Any) -> Any:
        found = self.rows[index]
        return list(found) if isinstance(index, slice) else found


CHUNK = 1000  # rows that are read at a time


def in_chunks(rows: Sequence[T]) -> Iterator[T]:
    """The rows, some at a time, so that no more are in memory."""
    for start in range(0, len(rows), CHUNK):
        yield from rows[start : start + CHUNK]


@dataclass(frozen=True)
class Selected(Sequence[Row]):
    """The rows of selected items, read in chunks."""

    dataset: Dataset
    items: Sequence[Any]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self.dataset.row(item) for item in self.items[index]]
        return self.dataset.row(self.items[index : index + 1][0])

    def __iter__(self) -> Iterator[Row]:
        return map(self.dataset.row, in_chunks(self.items))


@dataclass
class Source:
    """The state of each published year, or one public round, counted once.

    The figures are those of `followup.progress`, as on the pages.
    """

    round: Round | None = None  # the requested year's round; None for all
    previous: Round | None = None  # the published round before it, to compare with

    @cached_property
    def rounds(self) -> list[Round]:
        """The requested published rounds, the earliest first."""
        if self.round:
            return [self.round]
        return list(reversed(Round.objects.published()))

    @cached_property
    def editions(self) -> dict[Round, Edition]:
        """The edition of each of its rounds."""
        return editions(self.rounds)

    @cached_property
    def years(self) -> list[YearProgress]:
        if self.round:
            return [year_progress(self.round, previous=self.previous)]
        return progress_by_year(self.rounds)
