"""calamine's value → a cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

from followup.spreadsheets.types import Cell


def number(value: float) -> int | float | str:
    """A whole number as int; infinity and NaN as text."""
    if value.is_integer():
        return int(value) if abs(value) < 2**53 else value
    return value if math.isfinite(value) else str(value)


def as_day(moment: datetime) -> date | datetime:
    return moment if moment.time() != clock() else moment.date()


def as_clock(value: clock) -> str:
    return f"{value:%H:%M:%S}".removesuffix(":00")


def as_duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    text = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text.removesuffix(":00")


#: By exact type, except str: bool is a subclass of int, and datetime of date.
CONVERT: dict[type, Callable[[Any], Cell]] = {
    float: number,
    int: lambda value: value,
    bool: lambda value: value,
    date: lambda value: value,
    datetime: as_day,
    clock: as_clock,
    timedelta: as_duration,
}
