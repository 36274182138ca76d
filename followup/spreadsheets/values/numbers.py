"""A decimal number with its sign, such as the value of an indicator."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

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

_CODES = {"not_a_number": "N06", "too_precise": "N07", "too_large": "N05"}


def read_number(raw: Cell, answers: Answers) -> Reading[Decimal]:
    """A number with up to four decimals; None for blank and "-".

    N06 is no number, N07 too many decimals, N05 more than the database holds; R20 asks about words for
    "none". A number that the spreadsheet computed is rounded to four decimals.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    shown = as_typed(text_of(raw))
    if isinstance(raw, bool | date) or (isinstance(raw, float) and not math.isfinite(raw)):
        return wrong("N06", v=shown)
    if isinstance(raw, int | float):
        line = f"{raw:.{thai.NUMBER_PLACES}f}" if isinstance(raw, float) else str(raw)
    else:
        line = one_line(repair(raw or ""))
        if not line or line in DASHES:
            return Reading(None)
        if nothing := ask_nothing(line, answers):
            return nothing
    try:
        return Reading(thai.parse_number(line))
    except thai.NumberError as error:
        return wrong(_CODES[error.code], v=shown)
