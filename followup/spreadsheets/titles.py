"""What stands above a table: the fiscal year that a sheet's name and its titles speak of.

Which forum they name is read by `forums.py`.
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

TITLE_CELLS = 50  # of a title row
_FOUR = r"(?:[0-9](?: ?[0-9]){3}|[๐-๙](?: ?[๐-๙]){3})(?![0-9๐-๙])"
_YEAR = rf"(?:{_FOUR}|(?:[0-9]{{2}}|[๐-๙]{{2}})(?![0-9๐-๙]))"
_ERA = r"(?:[พค] ?\.? ?ศ ?\.? ?)?"
_TO = r" ?(?:[-–—/,&+]|และ|ถึง|กับ) ?"
# "ปีงบประมาณ พ.ศ. 2568", "ปีงบฯ 67-69", "ปี งปม. 2568", "FY2025", "ประจำปี 2568" of a report.
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
    """The fiscal year (พ.ศ.) of figures as a title writes them; 0 for none."""
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
    """What a title or a sheet's name calls fiscal years, as written, with all the years it holds."""
    text = NAMED.sub(" ", text)  # the forum's year is no fiscal year
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
    """The fiscal years other than the round's that stand above a table, to be asked about (Y06).

    The sheet's name and the rows above the header are read; each question comes with its row, from 1.
    A sheet called by nothing but a year is taken to mean it, unless that is one of `forum_years`.
    A title that names the round's year too, in a list or a span of years or beside the other, says
    nothing against it. Answers are "import" (these rows are of this round all the same) or skip.
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
