"""Fiscal and calendar years, in either era."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    answer_to,
    question_key,
    shows_error,
    skip_option,
    text_of,
    wrong,
)
from followup.spreadsheets.words import repair
from forum_portal import years
from forum_portal.years import as_typed, one_line

_CALENDAR = re.compile(
    r"\(?\s*(?:ปี\s*ปฏิทิน|calendar year"
    r"|(?:1\s*)?(?:ม\.?\s?ค\.?|มกราคม)\s*(?:[-–—]|ถึง)\s*(?:31\s*)?(?:ธ\.?\s?ค\.?|ธันวาคม))\s*\)?",
    re.I,
)
_FISCAL_MONTHS = re.compile(r"\(\s*(?:1\s*)?(?:ต\.?\s?ค\.?|ตุลาคม)[^()]*\)")
_BUDGET_YEAR = re.compile(r"^(?:ปี\s*งบ(?:ฯ|\.)?(?! ?ประมาณ)|(?:ปี\s*)?งปม\.?)\s*")
_WHOLE = re.compile(r"([0-9]{4})\.0+")
_TWO_DIGITS = re.compile(r"[0-9]+|[๐-๙]+")


def _year_text(text: str) -> str:
    """The text for `years.parse_year`: without months, "ปีงบ", "ปี งปม." and ".0"."""
    line = _FISCAL_MONTHS.sub("", _CALENDAR.sub(" ", one_line(repair(text))))
    line = _BUDGET_YEAR.sub("", line.strip())
    whole = _WHOLE.fullmatch(line)
    return whole[1] if whole else line


def two_digit_year(line: str) -> int:
    """The Buddhist year of a two-digit year: 67 → 2567, 24 → (ค.ศ. 2024) 2567."""
    found = _TWO_DIGITS.search(line.replace(" ", ""))
    number = int(found[0]) if found else 0
    be = 2500 + number
    says_ce, says_be = "ค" in line, "พ" in line
    likely = years.YEAR_MIN <= be <= years.YEAR_MAX
    return be if says_be or (likely and not says_ce) else years.to_be(2000 + number)


def eras(cells: Iterable[Cell]) -> set[years.Era]:
    """The eras, "be" and "ce", in which the years of a column are written."""
    found: set[years.Era] = set()
    for raw in dict.fromkeys(cell for cell in cells if isinstance(cell, str | int | float)):
        try:
            found.add(years.parse_year(_year_text(text_of(raw))).era)
        except years.YearError:
            continue
        if len(found) == 2:
            break
    return found


def both_eras(cells: Iterable[Cell]) -> bool:
    """Whether a column has years of both eras, so that those of one era must be asked about."""
    return len(eras(cells)) == 2


def read_year(
    raw: Cell,
    answers: Answers,
    *,
    both_eras: bool = False,
    earliest: int = years.YEAR_MIN,
    latest: int = years.YEAR_MAX,
    heading: str = "",
) -> Reading[int]:
    """A fiscal year in พ.ศ.; None for blank and "-".

    Y01 asks about two digits, and about ค.ศ. if the file has both eras; Y02 is a year outside
    `earliest`–`latest`; Y03 asks if cell or heading name the calendar year; Y04 is not a year.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    text = text_of(raw)
    shown = as_typed(text)
    if not one_line(text) or one_line(text) in DASHES:
        return Reading(None)
    if isinstance(raw, bool | date):
        return wrong("Y04", v=shown)
    line = _year_text(text)
    asks_era = False
    try:
        parsed = years.parse_year(line)
    except years.YearError as error:
        if error.code == "out_of_range":
            return wrong("Y02", v=shown, min=earliest, max=latest)
        if error.code != "two_digits":
            return wrong("Y04", v=shown)
        be, asks_era = two_digit_year(line), True
    else:
        be, asks_era = parsed.be, both_eras and parsed.era == "ce"
    if not earliest <= be <= latest:
        return wrong("Y02", v=shown, min=earliest, max=latest)
    problems: list[Problem] = []
    if asks_era:
        problem = Problem(
            "Y01",
            {"v": shown, "be": be, "ce": years.to_ce(be)},
            question_key("Y01", line),
            [Option(str(be), _("พ.ศ. %(be)s") % {"be": be}), skip_option()],
        )
        problems.append(problem)
        if answer_to(problem, answers) in {"", SKIP_ROW}:
            return Reading(None, problems)
    if _CALENDAR.search(one_line(text)) or _CALENDAR.search(heading):
        problem = Problem(
            "Y03",
            {"v": shown},
            question_key("Y03", text),
            [
                Option("fiscal", _("ปีงบประมาณ %(be)s") % {"be": be}),
                Option("calendar", _("ปีปฏิทิน นำเข้าเป็นปีงบประมาณ %(be)s") % {"be": be}),
                Option("calendar_next", _("ปีปฏิทิน นำเข้าเป็นปีงบประมาณ %(be)s") % {"be": be + 1}),
                skip_option(),
            ],
        )
        problems.append(problem)
        answer = answer_to(problem, answers)
        if answer in {"", SKIP_ROW}:
            return Reading(None, problems)
        be += answer == "calendar_next"
    return Reading(be, problems)
