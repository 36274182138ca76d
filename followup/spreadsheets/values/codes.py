"""The codes of other systems: one a line."""

from __future__ import annotations

from followup.project_codes import CodeError, normal_codes
from followup.spreadsheets.types import Cell, CellError, Reading
from followup.spreadsheets.values.base import Answers, ask_nothing, shows_error, text_of, wrong
from followup.spreadsheets.words import repair
from forum_portal.years import one_line


def read_codes(raw: Cell, answers: Answers) -> Reading[str]:
    """Codes as they are stored; None for blank and "-".

    V02 is a line that is no code, or a link that is no address; R20 asks about words for "none".
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    text = repair(text_of(raw))
    if nothing := ask_nothing(one_line(text), answers):
        return nothing
    try:
        return Reading(normal_codes(text) or None)
    except CodeError as error:
        return wrong("V02", why=str(error))
