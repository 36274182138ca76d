"""The registry's types: a dataset is its columns and the source of its rows.

Files, API, data dictionary, Data Package and OpenAPI are all generated from it, so a column that is
added to a dataset appears in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from django.utils.functional import Promise

from followup.models import Round
from followup.progress import YearProgress, progress_by_year, year_progress

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
    whose key the column holds.
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

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def rows(self, source: Source) -> list[Row]:
        """Every row as values by column name. All queries are made before this returns."""
        return [
            {column.name: column.value(item) for column in self.columns}
            for item in self.take(source)
        ]


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
    def years(self) -> list[YearProgress]:
        if self.round:
            return [year_progress(self.round, previous=self.previous)]
        return progress_by_year(self.rounds)
