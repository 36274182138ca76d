"""Dates as people and Excel write them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    answer_to,
    ask_nothing,
    shows_error,
    skip_option,
    text_of,
    wrong,
)
from followup.spreadsheets.words import repair
from forum_portal import thai, years
from forum_portal.years import as_typed, one_line

_EPOCH = date(1899, 12, 30)  # for Excel's serials from 61 on
_EARLY_EPOCH = date(1899, 12, 31)  # for 1–59; 60 is the 29 February that 1900 did not have
_TYPED_AS_BE = 2400  # from this "Gregorian" year on, the year was typed in พ.ศ.
_TYPED_SHORT = range(1957, 1970)  # the years Excel makes of a two-digit พ.ศ.
_DAY = re.compile(
    r"(?:วันที่ ?)?(?P<day>[0-9]{1,2}|[๐-๙]{1,2}) ?"
    r"(?:[/.-] ?(?P<month>[0-9]{1,2}|[๐-๙]{1,2}) ?[/.-]"
    r"|[-/.]? ?(?P<word>[ก-ฮเ-ไa-zA-Z][ก-๎a-zA-Z. ]*?)[-/]?)"
    r" ?(?:(?P<era>[พค])\.? ?ศ\.? ?)?(?P<year>[0-9]{4}|[๐-๙]{4}|[0-9]{2}|[๐-๙]{2})"
    r"(?:,? [0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?: ?น\.?)?)?"
)
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:[T ][0-9:.Z+]*)?")
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_OF = {
    thai.match_key(name): number
    for names in (thai.MONTHS, thai.MONTHS_SHORT, _ENGLISH)
    for number, name in enumerate(names, start=1)
}


def _month(word: str) -> int:
    """The number of a month by its Thai or English name, in full or short; 0 for no month."""
    key = thai.match_key(repair(word))
    return _MONTH_OF.get(key, 0) or (_MONTH_OF.get(key[:3], 0) if key.isascii() else 0)


def _serial(raw: int | float) -> date | None:
    """The date of an Excel serial; None if there is none."""
    if isinstance(raw, float) and not math.isfinite(raw):
        return None
    days = math.floor(raw)
    if days < 1 or days == 60 or days > 2_958_465:
        return None
    return (_EPOCH if days > 60 else _EARLY_EPOCH) + timedelta(days=days)


def _written(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _moved(day: date, year: int) -> date | None:
    """The same day in another year; None for a 29 February that does not exist there."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _from_calendar(day: date, answers: Answers) -> Reading[date]:
    """A date cell: D02 and D03 undo Excel's misreading of years typed in พ.ศ."""
    if day.year >= _TYPED_AS_BE:
        moved = _moved(day, years.to_ce(day.year))
        if moved is None:
            return wrong("D04", v=_written(day))
        shown = thai.format_date(moved)
        return Reading(moved, (Problem("D02", {"y": day.year, "date": shown}),))
    if day.year in _TYPED_SHORT:
        short = day.year % 100
        problem = Problem(
            "D03",
            {"yy": short},
            f"D03:{short}",
            [
                Option("be", _("พ.ศ. 25%(yy)s") % {"yy": short}),
                Option("ce", _("ค.ศ. 19%(yy)s") % {"yy": short}),
                skip_option(),
            ],
        )
        answer = answer_to(problem, answers)
        if answer in {"", SKIP_ROW}:
            return Reading(None, (problem,))
        moved = day if answer == "ce" else _moved(day, years.to_ce(2500 + short))
        if moved is None:
            return Reading(None, (problem, Problem("D04", {"v": _written(day)})))
        return Reading(moved, (problem,))
    if day.year < _TYPED_SHORT.start:  # a plain number in a cell formatted as a date
        return wrong("D07", v=_written(day))
    return Reading(day)


def _from_text(line: str, answers: Answers) -> Reading[date]:
    """A date as text: D/M/Y with the month in figures or words, or ISO."""
    shown = as_typed(line)
    if iso := _ISO.fullmatch(line):
        line = f"{iso['day']}/{iso['month']}/{iso['year']}"
    found = _DAY.fullmatch(line)
    month = 0 if found is None else int(found["month"] or 0) or _month(found["word"] or "")
    if found is None or (found["word"] and not month):
        return wrong("D07", v=shown)
    year, problems = int(found["year"]), []
    if len(found["year"]) == 2:
        be = 2500 + year
        if found["era"] == "ค" or (
            found["era"] != "พ" and not years.YEAR_MIN <= be <= years.YEAR_MAX
        ):
            be = years.to_be(2000 + year)
        year = be
    try:
        day = thai.parse_date(f"{int(found['day'])}/{month}/{year:04}")
    except thai.DateError:
        return wrong("D04", v=shown)
    if day is not None and len(found["year"]) == 2:
        # One answer is for all dates of a file that have this form.
        form = "words" if found["word"] else "numbers"
        problem = Problem(
            "D01",
            {"v": shown, "date": thai.format_date(day)},
            f"D01:{form}:{year // 100}",
            [
                Option("yes", _("ถูกต้อง ใช้กับทุกวันที่ที่เขียนแบบนี้")),
                Option("blank", _("ไม่ใช่ เว้นวันที่ว่างไว้")),
                skip_option(),
            ],
        )
        problems.append(problem)
        if answer_to(problem, answers) != "yes":
            return Reading(None, problems)
    return Reading(day, problems)


def read_date(raw: Cell, answers: Answers, *, fiscal_year: int | None = None) -> Reading[date]:
    """A date; None for blank and "-".

    Text is D/M/Y in either era, with Thai or English months, or ISO; D01 asks about two-digit years.
    Date cells and Excel serials may raise D02 and D03. D04 is a date that does not exist (including
    serials 60 and -1), D07 text that is not a date; R20 asks about words for "none". With
    `fiscal_year` (พ.ศ.), D05 warns of dates outside it.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    if isinstance(raw, datetime):
        reading = _from_calendar(raw.date(), answers)
    elif isinstance(raw, date):
        reading = _from_calendar(raw, answers)
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        day = _serial(raw)
        reading = wrong("D04", v=text_of(raw)) if day is None else _from_calendar(day, answers)
    else:
        line = one_line(repair(text_of(raw)))
        if not line or line in DASHES:
            return Reading(None)
        if nothing := ask_nothing(line, answers):
            return nothing
        reading = _from_text(line, answers)
    if fiscal_year is not None and reading.value is not None:
        problems = (*reading.problems, *outside_year(reading.value, fiscal_year))
        return Reading(reading.value, problems)
    return reading


def outside_year(day: date, fiscal_year: int) -> list[Problem]:
    """D05 if a date is not in the fiscal year (พ.ศ.), else []."""
    first, last = years.fiscal_year_bounds(fiscal_year)
    if first <= day <= last:
        return []
    params = {"date": thai.format_date(day), "fy": fiscal_year, "before": fiscal_year - 1}
    return [Problem("D05", params)]


def out_of_order(start: date | None, end: date | None) -> list[Problem]:
    """D06 if the end is before the start, else []."""
    return [Problem("D06")] if start and end and end < start else []
