"""Which forum a table or a row names.

Forums share codes: 2565 and 2566 both have a measure 3.1. If none is named, `choice.py` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from followup.spreadsheets.types import Cell, CellError, Problem, Reading, Sheet
from followup.spreadsheets.values import DASHES, shows_error, text_of
from followup.spreadsheets.words import repair, word_key
from forum_portal import years
from forum_portal.years import as_typed, one_line

_TITLE_CELLS = 50  # cells of a title row that are read
_WORD = r"(?:เวที|CSOs?[\s_-]*Forum|ฟอรั่?ม)"
_DIGITS = r"(?P<year>[0-9]{4}|[๐-๙]{4})"

#: A forum named by its year. "ปีงบประมาณ" before the digits does not match, because a fiscal year
#: is not a forum; a list of several years does not match either.
NAMED = re.compile(
    rf"{_WORD}[\s:_–-]*\(?(?:ครั้งที่\s*[0-9๐-๙]{{1,3}}[\s/,]*)?"
    rf"(?:(?:ของ|ประจำ)?\s*ปี\s*)?(?:[พค]\.?\s*ศ\.?\s*)?{_DIGITS}\)?"
    r"(?![0-9๐-๙]|\s*(?:[-–—/,&]|และ|ถึง)\s*(?:ปี\s*)?[0-9๐-๙])",
    re.IGNORECASE,
)
#: The same at the beginning of a code: "เวที 2566 ข้อ 3.1", "เวที 2566-3.1".
BEFORE_CODE = re.compile(
    rf"{_WORD}\s*(?:(?:ประจำ)?ปี\s*)?{_DIGITS}[\s:,–—-]+(?=\D*[0-9๐-๙])", re.IGNORECASE
)


def year_of(text: str) -> int:
    """The year (B.E.) of a text that is nothing but a year; 0 otherwise."""
    try:
        return years.parse_year(text).be
    except years.YearError:
        return 0


@dataclass(frozen=True)
class ForumName:
    """A forum by its year (B.E.) and its names."""

    year: int
    names: Sequence[str] = ()


class Forums:
    """The existing forums. Build it once for each file."""

    def __init__(self, forums: Iterable[ForumName]) -> None:
        named = sorted(forums, key=lambda forum: forum.year)
        self.years = [forum.year for forum in named]
        self._by_name = {
            word_key(name): forum.year for forum in named for name in forum.names if name
        }

    @property
    def are_several(self) -> bool:
        return len(self.years) > 1

    @property
    def _listed(self) -> str:
        return ", ".join(map(str, self.years))

    def read(self, raw: Cell) -> Reading[int]:
        """The year (B.E.) of the forum named in a cell of the forum column; 0 for blank and "-".

        R12 is a forum that does not exist, or text that names no forum. If there is only one forum,
        a cell without a year is ignored, because such a column may hold anything.
        """
        if isinstance(raw, CellError):
            return shows_error(raw)
        text = one_line(repair(text_of(raw)))
        if not text or text in DASHES:
            return Reading(0)
        year = self._by_name.get(word_key(text), 0)
        if not year and not isinstance(raw, bool | date) and "งบ" not in text:
            named = NAMED.fullmatch(text)
            year = year_of(named["year"] if named else text.removesuffix(".0"))
        if year in self.years:
            return Reading(year)
        if not year and not self.are_several:
            return Reading(0)
        return Reading(None, (Problem("R12", {"v": as_typed(text), "list": self._listed}),))

    def titled(self, sheet: Sheet, header_first: int) -> tuple[int, list[tuple[int, Problem]]]:
        """The year (B.E.) of the forum named by the sheet or the rows above its header; problems.

        It is 0 if they name no forum, several, or one that does not exist, and always if there is
        only one forum. Each problem comes with its row, from 1: R18 the forum found, R17 a forum
        that does not exist.
        """
        if not self.are_several:
            return 0, []
        found: dict[int, int] = {}  # year -> row
        for row, cells in enumerate(([sheet.name], *sheet.rows[:header_first])):
            for cell in cells[:_TITLE_CELLS]:
                if isinstance(cell, str):
                    for named in NAMED.finditer(one_line(repair(cell))):
                        found.setdefault(year_of(named["year"]), max(row, 1))
        said = [
            (row, Problem("R17", {"v": year, "list": self._listed}))
            for year, row in found.items()
            if year and year not in self.years
        ]
        known = [year for year in found if year in self.years]
        if len(known) != 1 or said:
            return 0, said
        return known[0], [(found[known[0]], Problem("R18", {"v": known[0]}))]
