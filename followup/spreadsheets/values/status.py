"""Status words, and the ticks of a matrix."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from followup.spreadsheets.headings import JOINT, status_of_heading
from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Column, Option, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    NO_REPORT,
    Answers,
    answer_to,
    question_key,
    shows_error,
    skip_option,
    text_of,
    wrong,
)
from followup.spreadsheets.values.text import damage
from followup.spreadsheets.words import LIKELY_STATUS, WORDS, repair, word_key
from forum_portal.years import as_typed, one_line

if TYPE_CHECKING:
    from followup.spreadsheets.lines import Line


def _status_options() -> list[Option]:
    """The options: all statuses in order, then "no report", then skipping the rows."""
    codes = [code for code in WORDS.statuses if code != NO_REPORT]
    return [*(Option(code, WORDS.statuses[code]) for code in (*codes, NO_REPORT)), skip_option()]


def _ask_status(word: str) -> Problem:
    """S02 for "ดำเนินการ" and "ดำเนินการแล้ว", which may mean started or done; else S01.

    The likely status of a word like ตามแผน is offered first. For ล่าช้า, which is a flag and not a
    status, and for a bare "-" or tick, all statuses are offered in their order.
    """
    if word_key(word) in {word_key("ดำเนินการ"), word_key("ดำเนินการแล้ว")}:
        options = [
            Option("in_progress", _("เริ่มแล้ว (อยู่ระหว่างดำเนินการ)")),
            Option("completed", _("แล้วเสร็จ (ดำเนินการแล้วเสร็จ)")),
            skip_option(),
        ]
        return Problem("S02", {"v": as_typed(word)}, question_key("S02", word), options)
    key = question_key("S01", word)
    likely = LIKELY_STATUS.get(word_key(word), "")
    options = sorted(_status_options(), key=lambda option: option.value != likely)
    return Problem("S01", {"v": as_typed(word)}, key, options)


def read_status(raw: Cell, answers: Answers, *, heading: str = "") -> Reading[str]:
    """The code of a status, "no_report" for words like "ยังไม่รายงาน", "" for blank.

    Words of the alias table are read. Anything else is asked about (S01, S02), including TRUE, 1, "-"
    and bare ticks. The column's `heading` decides nothing: `read_ticks` reads tick columns.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
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


# Cell texts of a tick matrix that are not a mark.
_NOT_TICKED = DASHES | {"0", "FALSE", "☐", "□", "◻", "○", "ไม่ใช่", "no"}


def _mark(raw: Cell) -> str:
    """The mark in a cell of a tick matrix; "" for none."""
    mark = one_line(repair(text_of(raw))) if raw is not None else ""
    return "" if mark in _NOT_TICKED else mark


def _named(column: Column) -> str:
    return column.heading.rpartition(JOINT)[2]


def tick_columns(lines: Iterable[Line], columns: Sequence[Column]) -> Mapping[str, Sequence[str]]:
    """Mark (its `word_key`) -> the headings of the tick columns in which the records have it.

    `columns` are the tick columns; headings are in their order.
    """
    found: dict[str, set[int]] = {}
    marks: dict[tuple[type, Cell], str] = {}
    for line in lines:
        if line.kind != "record":
            continue
        for place, column in enumerate(columns):
            raw = line.cells[column.index] if column.index < len(line.cells) else None
            if raw is None:
                continue
            key = (type(raw), raw)
            if key not in marks:
                marks[key] = "" if isinstance(raw, CellError) else _mark(raw)
            if mark := marks[key]:
                found.setdefault(word_key(mark), set()).add(place)
    return {
        mark: [_named(columns[place]) for place in sorted(places)] for mark, places in found.items()
    }


def _ask_mark(
    mark: str, columns: Sequence[Column], ticks: Sequence[Column], headings: Sequence[str]
) -> Problem:
    """S03 about a mark. Its key includes the tick columns: other tables may use marks otherwise."""
    names = headings or [_named(column) for column in columns]
    table = "\x1f".join(word_key(column.heading) for column in ticks)
    return Problem(
        "S03",
        {"v": as_typed(mark), "c": ", ".join(f"“{as_typed(name)}”" for name in names)},
        f"{question_key('S03', mark)}:{hashlib.sha256(table.encode()).hexdigest()[:12]}",
        [
            Option("yes", _("ใช่ ใช้หัวคอลัมน์เป็นสถานะ")),
            Option("no", _("ไม่ใช่ ถือว่าว่าง")),
            skip_option(),
        ],
    )


def read_ticks(
    ticked: Sequence[tuple[Column, Cell]],
    answers: Answers,
    *,
    headings: Mapping[str, Sequence[str]] | None = None,
) -> Reading[str]:
    """The status of the one column with a mark in a row of a tick matrix; None without a mark.

    `ticked` holds every tick column with the row's cell. Blank, "-", 0, FALSE and an empty box are not
    marks. Anything else, including a plain ✓, is asked about once for each distinct mark of a table
    (S03: "yes", "no" or skip), with the `headings` of the columns concerned, as `tick_columns` finds
    them. Marks in two columns are S04. A column with an ambiguous heading is asked about like that word
    in a status column (S02, S01).
    """
    marks: dict[str, list[Column]] = {}
    for column, raw in ticked:
        if isinstance(raw, CellError):
            return shows_error(raw)
        if mark := _mark(raw):
            marks.setdefault(mark, []).append(column)
    ticks = [column for column, _raw in ticked]
    chosen: list[Column] = []
    problems: list[Problem] = []
    is_open = False
    for mark, columns in marks.items():
        problem = _ask_mark(mark, columns, ticks, (headings or {}).get(word_key(mark), ()))
        answer = answer_to(problem, answers)
        if answer != "no":
            if len(columns) > 1:
                return wrong("S04")
            chosen += columns
        is_open |= answer in {"", SKIP_ROW}
        problems.append(problem)
    if is_open or not chosen:
        return Reading(None, problems)
    if len(chosen) > 1:
        return Reading(None, (*problems, Problem("S04")))
    column = chosen[0]
    code = column.status or status_of_heading(column.heading)
    if code:
        return Reading(code, problems)
    problem = _ask_status(_named(column))
    answer = answer_to(problem, answers)
    return Reading(None if answer in {"", SKIP_ROW} else answer, (*problems, problem))
