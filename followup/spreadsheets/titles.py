"""The fiscal year named by a sheet's name and by the rows above its table.

`forums.py` reads the forum that they name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from followup.spreadsheets.forums import NAMED
from followup.spreadsheets.types import Option, Problem, Sheet
from followup.spreadsheets.values import question_key, skip_option
from followup.spreadsheets.words import repair
from forum_portal import thai, years
from forum_portal.years import YEAR_MAX, YEAR_MIN, one_line

TITLE_CELLS = 50  # cells of a title row that are read
_FOUR = r"(?:[0-9](?: ?[0-9]){3}|[๐-๙](?: ?[๐-๙]){3})(?![0-9๐-๙])"
_YEAR = rf"(?:{_FOUR}|(?:[0-9]{{2}}|[๐-๙]{{2}})(?![0-9๐-๙]))"
_ERA = r"(?:[พค] ?\.? ?ศ ?\.? ?)?"
_TO = r" ?(?:[-–—/,&+]|และ|ถึง|กับ) ?"
# "ปีงบประมาณ พ.ศ. 2568", "ปีงบฯ 67-69", "ปี งปม. 2568", "FY2025", or a report's "ประจำปี 2568".
_FISCAL = re.compile(
    r"(?P<open>ตั้งแต่ ?)?(?:ปี ?งบ ?(?:ประมาณ|ฯ|\.)?|(?:ปี )?งปม ?\.?|fiscal year|\bFY)[ :'’]*"
    rf"(?P<years>{_ERA}{_YEAR}(?:{_TO}(?:ปี ?(?:งบ ?ประมาณ )?)?{_ERA}{_YEAR})*)"
    r"(?P<on> ?(?:เป็นต้น|ถึง ?ปัจจุบัน|[-–—] ?ปัจจุบัน))?",
    re.I,
)
_ANNUAL = re.compile(rf"ประจำ ?ปี ?{_ERA}(?P<years>{_FOUR})")
_OF_A_REPORT = re.compile("รายงาน|ผลการ|สรุปผล|ความก้าวหน้า")
_OF_PROPOSALS = re.compile(r"ข้อเสนอ|สมัชชา|เวที|Forum|มติ", re.I)
_NAME_IS_YEAR = re.compile(rf"(?:ปี ?)?{_ERA}(?P<years>{_FOUR})")
_ONE = re.compile(rf"(?P<era>[พค])?[ .]*(?:ศ[ .]*)?(?P<digits>{_YEAR})")
_IS_RANGE = re.compile(r"[-–—]|ถึง")


def _buddhist(digits: str, era: str, *, is_ce: bool) -> int:
    """The fiscal year (พ.ศ.) of the digits in a title; 0 if they are not one."""
    number = int(digits.replace(" ", ""))
    if number < 100:
        be = years.to_be(2000 + number) if is_ce or era == "ค" else 2500 + number
        if not YEAR_MIN <= be <= YEAR_MAX:  # "FY68" is พ.ศ. as well
            be = 2500 + number
        return be if YEAR_MIN <= be <= YEAR_MAX else 0
    try:
        return years.parse_year(str(number)).be
    except years.YearError:
        return 0


def _named(text: str, *, is_sheet: bool) -> Iterator[tuple[str, set[int]]]:
    """The fiscal years in a title or a sheet's name: as written, and as the set of years."""
    text = NAMED.sub(" ", text)  # a forum's year is not a fiscal year
    found = list(_FISCAL.finditer(text))
    if not found and _OF_A_REPORT.search(text) and not _OF_PROPOSALS.search(text):
        found = list(_ANNUAL.finditer(text))
    if not found and is_sheet and (whole := _NAME_IS_YEAR.fullmatch(text)):
        found = [whole]
    for each in found:
        groups = each.groupdict()
        is_ce = each[0][:1].isascii()  # "FY25"
        held = [
            year
            for one in _ONE.finditer(each["years"])
            if (year := _buddhist(one["digits"], one["era"] or "", is_ce=is_ce))
        ]
        if groups.get("open") or groups.get("on"):
            held += range(min(held, default=YEAR_MAX), YEAR_MAX + 1)
        elif held and _IS_RANGE.search(each["years"]):
            held += range(min(held), max(held) + 1)
        if held:
            yield thai.to_arabic_digits(one_line(each["years"])), set(held)


def titled_year(
    sheet: Sheet, header_first: int, round_year: int, *, forum_years: Collection[int] = ()
) -> list[tuple[int, Problem]]:
    """Y06 for each fiscal year above a table that is not the round's year.

    The sheet's name and the rows above the header are read; each question comes with its row, from 1.
    A sheet whose name is only a year names that fiscal year, unless it is one of `forum_years`. A
    title that also names the round's year, in a list or a range, raises no question. Answers are
    "import" (these rows belong to this round) or skip.
    """
    asked: dict[str, tuple[int, Problem]] = {}
    for row, cells in enumerate(([sheet.name], *sheet.rows[:header_first])):
        for cell in cells[:TITLE_CELLS]:
            if not isinstance(cell, str):
                continue
            named = list(_named(one_line(repair(cell)), is_sheet=row == 0))
            if any(round_year in held for _written, held in named):
                continue
            if (
                row == 0
                and named
                and one_line(cell).isdecimal()
                and named[0][1] <= set(forum_years)
            ):
                continue
            for written, held in named:
                shown = str(min(held)) if len(held) == 1 else written
                params = {"v": shown, "year": round_year, "sheet": sheet.name}
                key = question_key("Y06", f"{sheet.name}|{shown}|{round_year}")
                options = [
                    Option("import", _("ใช่ นำเข้าให้รอบ %(year)s") % {"year": round_year}),
                    skip_option(),
                ]
                asked.setdefault(key, (max(row, 1), Problem("Y06", params, key, options)))
    return list(asked.values())
