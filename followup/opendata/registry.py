"""What a dataset is: its columns, and where its rows come from.

Everything that goes out reads this: files, API, data dictionary, datapackage, OpenAPI. A column that
is added to a dataset is in all of them.
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
    """The types of Table Schema that are in use here."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True)
class Column:
    """A column: its English name, what it is called in Thai, and what a row holds in it.

    `minimum`, `maximum`, `pattern` and `choices` are promises that every value keeps; `refers_to` is
    the dataset whose key stands here.
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
    """A table. `take` gives its items in their order, one for each row; `key` names each row.

    `example` is how such a key looks.
    """

    name: str
    title: Words
    about: Words
    key: str
    example: str
    columns: Sequence[Column]
    take: Callable[[Source], Iterable[Any]]
    by_year: bool = False  # its rows belong to rounds, so that a year may be asked for

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
    """What the public may read: the published rounds, or one of them, counted once.

    The figures are those of `followup.progress`, from which the pages read as well.
    """

    round: Round | None = None  # the year asked for; None: every one
    previous: Round | None = None  # the published round before it, to compare with

    @cached_property
    def rounds(self) -> list[Round]:
        """The published rounds that are asked for, the earliest first."""
        if self.round:
            return [self.round]
        return list(reversed(Round.objects.published()))

    @cached_property
    def years(self) -> list[YearProgress]:
        if self.round:
            return [year_progress(self.round, previous=self.previous)]
        return progress_by_year(self.rounds)
