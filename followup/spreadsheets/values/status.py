"""Status words, and the ticks of a matrix."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from followup.spreadsheets.recognise import JOINT, status_of_heading
from followup.spreadsheets.types import SKIP_ROW, Cell, Column, Option, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    NO_REPORT,
    Answers,
    answer_to,
    question_key,
    skip_option,
    text_of,
    wrong,
)
from followup.spreadsheets.values.text import damage
from followup.spreadsheets.words import WORDS, repair, word_key
from forum_portal.years import as_typed, one_line


def _status_options() -> list[Option]:
    """All statuses from nothing done to done, then "no report", then skipping the rows."""
    codes = [code for code in WORDS.statuses if code != NO_REPORT]
    return [*(Option(code, WORDS.statuses[code]) for code in (*codes, NO_REPORT)), skip_option()]


def _ask_status(word: str) -> Problem:
    """S02 for "ดำเนินการ" and "ดำเนินการแล้ว", which may mean started or done; else S01.

    ล่าช้า is a flag and no status, a bare "-" or tick says nothing: for those every status is offered.
    """
    if word_key(word) in {word_key("ดำเนินการ"), word_key("ดำเนินการแล้ว")}:
        options = [
            Option("in_progress", _("เริ่มแล้ว (อยู่ระหว่างดำเนินการ)")),
            Option("completed", _("แล้วเสร็จ (ดำเนินการแล้วเสร็จ)")),
            skip_option(),
        ]
        return Problem("S02", {"v": as_typed(word)}, question_key("S02", word), options)
    key = question_key("S01", word)
    return Problem("S01", {"v": as_typed(word)}, key, _status_options())


def read_status(raw: Cell, answers: Answers, *, heading: str = "") -> Reading[str]:
    """The code of a status, "no_report" for words like "ยังไม่รายงาน", "" for blank.

    Words of the alias table are read; all else is asked (S01, S02), TRUE, 1, "-" and bare ticks too.
    `heading`, the column's, decides nothing: a column of ticks is read by `read_ticks`.
    """
    word = one_line(repair(text_of(raw)))
    if not word:
        return Reading("")
    code = WORDS.status_of.get(word_key(word))
    if code is not None:
        broken = damage(word)
        return Reading(code, (broken,) if broken else ())
    problem = _ask_status(word)
    answer = answer_to(problem, answers)
    return Reading(None if answer in {"", SKIP_ROW} else answer, (problem,))


_NOT_TICKED = DASHES | {"0", "FALSE", "☐", "□", "◻", "○", "ไม่ใช่", "no"}


def read_ticks(ticked: Sequence[tuple[Column, Cell]], answers: Answers) -> Reading[str]:
    """The status of the one column in which a row of a tick matrix has a mark; "" when none has.

    Blank, "-", 0, FALSE and an empty box are no mark. Anything else, a plain ✓ too, is asked once for
    each distinct mark (S03: "yes", "no" or skip); the same mark in two columns is S04. A column whose
    heading is ambiguous is asked like that word elsewhere (S02, S01).
    """
    marks: dict[str, list[Column]] = {}
    for column, raw in ticked:
        mark = one_line(repair(text_of(raw))) if raw is not None else ""
        if mark and mark not in _NOT_TICKED:
            marks.setdefault(mark, []).append(column)
    chosen: list[Column] = []
    problems: list[Problem] = []
    is_open = False
    for mark, columns in marks.items():
        heading = columns[0].heading.rpartition(JOINT)[2]
        problem = Problem(
            "S03",
            {"v": as_typed(mark), "c": as_typed(heading)},
            question_key("S03", mark),
            [
                Option("yes", _("ใช่ ใช้หัวคอลัมน์เป็นสถานะ")),
                Option("no", _("ไม่ใช่ ถือว่าว่าง")),
                skip_option(),
            ],
        )
        answer = answer_to(problem, answers)
        if answer != "no":
            if len(columns) > 1:
                return wrong("S04")
            chosen += columns
        is_open |= answer in {"", SKIP_ROW}
        problems.append(problem)
    if is_open:
        return Reading(None, problems)
    if len(chosen) > 1:
        return Reading(None, (*problems, Problem("S04")))
    if not chosen:
        return Reading("", problems)
    column = chosen[0]
    code = column.status or status_of_heading(column.heading)
    if code:
        return Reading(code, problems)
    problem = _ask_status(column.heading.rpartition(JOINT)[2])
    answer = answer_to(problem, answers)
    return Reading(None if answer in {"", SKIP_ROW} else answer, (*problems, problem))
