"""Whole numbers."""

from __future__ import annotations

import math
from datetime import date

from followup.spreadsheets.types import Cell, CellError, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    ask_nothing,
    shows_error,
    text_of,
    wrong,
)
from followup.spreadsheets.words import repair
from forum_portal import thai
from forum_portal.years import as_typed, one_line


def read_count(raw: Cell, answers: Answers) -> Reading[int]:
    """A whole number from 0; None for blank and "-".

    N04 is no whole number, N05 more than the database holds; R20 asks about words that say that there
    is none.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    shown = as_typed(text_of(raw))
    if isinstance(raw, str) or raw is None:
        line = one_line(repair(raw or ""))
        if not line or line in DASHES:
            return Reading(None)
        if nothing := ask_nothing(line, answers):
            return nothing
        try:
            return Reading(thai.parse_count(line))
        except thai.CountError as error:
            return wrong("N05" if error.code == "too_large" else "N04", v=shown)
    if isinstance(raw, bool | date) or not math.isfinite(raw) or raw < 0 or raw != int(raw):
        return wrong("N04", v=shown)
    return wrong("N05", v=shown) if raw > thai.COUNT_MAX else Reading(int(raw))
