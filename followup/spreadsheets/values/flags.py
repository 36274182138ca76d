"""Yes or no."""

from __future__ import annotations

from followup.spreadsheets.types import Cell, CellError, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    ask_nothing,
    shows_error,
    text_of,
    wrong,
)
from followup.spreadsheets.words import repair, word_key
from forum_portal.years import as_typed, one_line

_YES = frozenset(
    map(
        word_key,
        [
            *("ใช่", "✓", "✔", "√", "☑", "TRUE", "1", "yes", "y", "x", "/", "ไม่เปลี่ยนแปลง"),
            *("ไม่มีการเปลี่ยนแปลง", "ไม่มีการเปลี่ยนแปลงจากปีก่อน", "เหมือนเดิม", "คงเดิม"),
        ],
    )
)
_NO = frozenset(map(word_key, ["ไม่ใช่", "ไม่", "FALSE", "0", "no", "n", "☐", "มีการเปลี่ยนแปลง"]))


def read_flag(raw: Cell, answers: Answers) -> Reading[bool]:
    """Whether the "nothing has changed" column is ticked; None for blank and "-".

    R20 asks about words for "nothing"; N03 is any other word.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    word = one_line(repair(text_of(raw)))
    if not word or word in DASHES:
        return Reading(None)
    if nothing := ask_nothing(word, answers):
        return nothing
    key = word_key(word)
    if key in _YES or key in _NO:
        return Reading(key in _YES)
    return wrong("N03", v=as_typed(word))
