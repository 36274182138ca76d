"""Helpers for all cell readers: answers, questions, the cell as text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.words import NOTHING, word_key
from forum_portal import thai
from forum_portal.years import as_typed

Answers = Mapping[str, str]
T = TypeVar("T")

NO_REPORT = "no_report"  # the word means "no report": nothing is written for the row
DASHES = frozenset({"-", "–", "—", "−"})


def skip_option() -> Option:
    return Option(SKIP_ROW, _("ไม่นำเข้าแถวเหล่านี้"))


def question_key(code: str, text: str) -> str:
    """The key of a question about `text`: equal for equal texts.

    Spaces, dots and broken Thai are ignored. Long text is cut, with a hash to keep keys distinct.
    """
    key = word_key(text)
    if len(key) > 80:
        key = f"{key[:60]}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return f"{code}:{key}"


def answer_to(problem: Problem, answers: Answers) -> str:
    """The answer given to a question if it is one of its options; else ""."""
    answer = answers.get(problem.key, "")
    return answer if any(option.value == answer for option in problem.options) else ""


def ask_nothing(line: str, answers: Answers, *, empty: Any = None) -> Reading[Any] | None:
    """R20 about a word for "nothing", once for all columns; None for other words.

    After the answer "none" the value is `empty`.
    """
    if word_key(line) not in NOTHING:
        return None
    problem = Problem(
        "R20",
        {"v": as_typed(line)},
        question_key("R20", line),
        [Option("none", _("ไม่มีข้อมูล เว้นว่างไว้")), skip_option()],
    )
    return Reading(empty if answer_to(problem, answers) == "none" else None, (problem,))


def shows_error(raw: CellError) -> Reading[Any]:
    """R19: a spreadsheet error such as #REF! is neither a value nor blank."""
    return wrong("R19", v=raw.text)


def wrong(code: str, **params: object) -> Reading[T]:
    return Reading(None, (Problem(code, params),))


def text_of(raw: Cell) -> str:
    """A cell as text: "" for blank, whole numbers without ".0", days as "30 กันยายน 2567".

    A spreadsheet error is returned as displayed; no reader accepts it as a value.
    """
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return f"{raw:.15g}"
    if isinstance(raw, CellError):
        return raw.text
    return thai.format_date(raw)
