"""A code of a measure as people write it: "3.1", "ข้อ ๓.๑", "เวที 2566 ข้อ 3.1", "*1.2", "1.2 ๑/".

`measures.py` finds what a code names; `lines.py` decides whether a row has a code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from followup.spreadsheets.forums import BEFORE_CODE, NAMED
from followup.spreadsheets.types import Cell, CellError
from followup.spreadsheets.values import text_of
from followup.spreadsheets.words import repair
from forum_portal.years import YEAR_MAX, YEAR_MIN, one_line

_DIGITS = "[0-9]{1,4}|[๐-๙]{1,4}"
_YEAR = r"(?:[0-9]{4}|[๐-๙]{4})"
DASH = "[-‐‑–—−]"
_NUMBER = re.compile(
    r"(?:(?:ข้อเสนอ|ข้อ|มติ|มาตรการ|ประเด็น|รหัส|ย่อย|ที่)\s*)*"
    rf"(?:(?P<year>{_YEAR})\s*{DASH}\s*)?"
    rf"(?P<first>{_DIGITS})(?:\.(?P<second>{_DIGITS})"
    rf"|\s*(?:ข้อย่อย|มาตรการย่อย|ประเด็นย่อย)\s*(?:ที่\s*)?(?P<sub>{_DIGITS}))?(?P<rest>.*)"
)
_ANOTHER = re.compile(
    r"^\s*\.?\d|^\s*(?:[,;/&+–—-]|และ|ถึง)\s*\d|\d+\.\d+"  # 3.1.2, "3.1–3.6", "3.1, 3.2"
)
_EXPLICIT = re.compile("ข้อ|มติ")
# Footnote marks: stars and daggers before or after, superscript figures, "1/" after a space.
_MARK_BEFORE = re.compile(r"(?:[*†‡]\s*)+")
_MARK_BEHIND = re.compile(
    r"\s*(?:[*†‡]+|[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+/?|(?<=\s)(?:[0-9]{1,2}|[๐-๙]{1,2})/)$"
)


@dataclass(frozen=True)
class Written:
    """ "3", "3.10" or "2566-3.1" as written; `second` keeps its zeros, `year` is 0 without a forum.

    `has_words` is true if the cell has words besides the code.
    """

    first: int
    second: str = ""
    is_explicit: bool = False
    year: int = 0
    has_words: bool = False


def without_marks(text: str) -> str:
    """Strip footnote marks around `text`: "** 1.3" → "1.3", "1.2 ¹" → "1.2"."""
    marks = _MARK_BEFORE.match(text)
    return _MARK_BEHIND.sub("", text[marks.end() :] if marks else text)


def read_code(raw: Cell) -> Written | None:
    """The code at a cell's start; None for none, for several, or for mixed sets of digits."""
    if raw is None or isinstance(raw, bool | date | CellError):
        return None
    if isinstance(raw, int):
        return Written(raw) if 0 <= raw <= 9999 else None
    text = without_marks(one_line(repair(text_of(raw))))
    before = BEFORE_CODE.match(text)
    if before:
        text = text[before.end() :]
    found = _NUMBER.fullmatch(text)
    if found is None or found["rest"][:1].isdigit() or _ANOTHER.search(found["rest"]):
        return None
    rest = found["rest"].strip(" ()[]:,")
    after = NAMED.fullmatch(rest)
    years = {int(each["year"]) for each in (before, found, after) if each and each["year"]}
    if len(years) > 1 or not all(YEAR_MIN <= year <= YEAR_MAX for year in years):
        return None
    second = found["second"] or found["sub"] or ""
    if second and not int(second):
        second = ""  # "3.0" in a CSV
    return Written(
        int(found["first"]),
        "".join(str(int(digit)) for digit in second),
        bool(_EXPLICIT.match(text)),
        years.pop() if years else 0,
        after is None and any(map(str.isalpha, rest)),
    )
