"""Years: Buddhist and Christian era, and the fiscal year.

The only module that converts between the eras. Everywhere else a year is an `int` in the Buddhist
era (พ.ศ.) and a day is a Gregorian `datetime.date`.
Rules: the spreadsheet contract, "Reading rules".
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from forum_portal.languages import is_english

YEAR_MIN = 2560
YEAR_MAX = 2599
#: What a round covers: the first half of a fiscal year, or all of it.
HALF_YEAR, WHOLE_YEAR = 6, 12
_BE_AHEAD_OF_CE = 543

Era = Literal["be", "ce"]
_ERA_OF_LETTER: dict[str, Era] = {"พ": "be", "ค": "ce"}
_ERA_NAMES: dict[Era, str] = {"be": "พ.ศ.", "ce": "ค.ศ."}

# One set of digits per alternative, so that mixed sets, ² and ５ do not match.
_YEAR = re.compile(
    r"(?:ปี ?(?:งบ ?ประมาณ ?)?)?"
    r"(?:(?P<era>[พค])\.? ?ศ\.? ?)?"
    r"(?P<digits>[0-9]+|[๐-๙]+|[0-9](?: [0-9])+|[๐-๙](?: [๐-๙])+)"
)


class YearError(ValueError):
    """Text that is not a usable year; `str()` is the Thai message, which says what to write."""

    def __init__(
        self, code: Literal["not_a_year", "two_digits", "out_of_range"], message: str
    ) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class ParsedYear:
    """A parsed year: `be` in พ.ศ., the era as written, and whether the text named the era."""

    be: int
    era: Era
    marked: bool


def one_line(text: str) -> str:
    """Return `text` with runs of white space, ZWSP and BOM as one space, stripped at the ends."""
    return re.sub(r"[\s\u200b\ufeff]+", " ", text).strip()


def as_typed(text: str) -> str:
    """Quote `text` for an error message: one printable line of at most 60 characters.

    A cell may hold 200 KB, or a NUL, which PostgreSQL refuses to store with the error. Unprintable
    characters become "\ufffd".
    """
    line = "".join(c if c.isprintable() else "\ufffd" for c in one_line(text))
    return Truncator(line).chars(60)


def to_be(ce: int) -> int:
    """Christian year to Buddhist year."""
    return ce + _BE_AHEAD_OF_CE


def to_ce(be: int) -> int:
    """Buddhist year to Christian year."""
    return be - _BE_AHEAD_OF_CE


def shown_year(be: int) -> str:
    """A Buddhist year for people: "2568", in English in both eras, "2025 (B.E. 2568)"."""
    return f"{to_ce(be)} (B.E. {be})" if is_english() else str(be)


def parse_year(text: str) -> ParsedYear:
    """Read "2567", "๒๕๖๗", "พ.ศ. 2567", "ปีงบประมาณ พ.ศ. ๒๕๖๗", "ปี งบ ประมาณ 2 5 6 7", "ค.ศ. 2024".

    Without an era word the number decides: no number is within range in both eras.
    Raises YearError: `two_digits` for "67"; `out_of_range` outside YEAR_MIN–YEAR_MAX; `not_a_year`
    for anything else, such as mixed Thai and Arabic digits or "ค.ศ. 2567".
    """
    shown = as_typed(text)
    match = _YEAR.fullmatch(one_line(text))
    digits = match["digits"].replace(" ", "") if match else ""
    if len(digits) == 2:
        raise YearError(
            "two_digits",
            _("ปี “%(value)s” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567") % {"value": shown},
        )
    if not match or len(digits) != 4:
        raise YearError(
            "not_a_year",
            _("อ่านปี “%(value)s” ไม่ได้ ระบุปี พ.ศ. เป็นตัวเลข 4 หลัก เช่น 2567") % {"value": shown},
        )

    number = int(digits)  # int() reads Thai and Arabic digits
    era: Era
    if YEAR_MIN <= number <= YEAR_MAX:
        be, era = number, "be"
    elif YEAR_MIN <= to_be(number) <= YEAR_MAX:
        be, era = to_be(number), "ce"
    else:
        raise YearError(
            "out_of_range",
            _("ปี “%(value)s” อยู่นอกช่วง พ.ศ. %(min)d–%(max)d ระบุปีในช่วงนี้")
            % {"value": shown, "min": YEAR_MIN, "max": YEAR_MAX},
        )

    letter = match["era"]
    if letter and _ERA_OF_LETTER[letter] != era:
        raise YearError(
            "not_a_year",
            _("ปี “%(value)s” ขัดกัน ระบุ “%(era)s %(number)d” หรือแก้ตัวเลข")
            % {"value": shown, "era": _ERA_NAMES[era], "number": number},
        )
    return ParsedYear(be, era, marked=bool(letter))


def other_era(number: int) -> int | None:
    """The same year in the other era, if the number is a year in one of them: 2567 and 2024."""
    if YEAR_MIN <= number <= YEAR_MAX:
        return to_ce(number)
    be = to_be(number)
    return be if YEAR_MIN <= be <= YEAR_MAX else None


def round_code(be: int, months: int = WHOLE_YEAR) -> str:
    """What names a round in addresses, files and keys: "2567", or "2567-6" for its first six months."""
    return str(be) if months == WHOLE_YEAR else f"{be}-{months}"


def parse_round_code(text: str) -> tuple[ParsedYear, int | None]:
    """(year, months) of a round's code. Without months ("2567", "พ.ศ. 2567") they are None.

    Raises YearError, as `parse_year` does.
    """
    year, dash, months = text.strip().rpartition("-")
    if dash and months == str(HALF_YEAR):
        return parse_year(year), HALF_YEAR
    return parse_year(text), None


def fiscal_year_bounds(be: int, months: int = WHOLE_YEAR) -> tuple[date, date]:
    """First and last day of fiscal year `be`: 1 October of the year before to 30 September.

    Of its first six months the last day is 31 March.
    """
    ce = to_ce(be)
    return date(ce - 1, 10, 1), date(ce, 3, 31) if months == HALF_YEAR else date(ce, 9, 30)


def fiscal_year_of(d: date) -> int:
    """The fiscal year (พ.ศ.) that holds `d`, a day in Thailand."""
    return to_be(d.year + (d.month >= 10))


def fiscal_year_today() -> int:
    """The fiscal year (พ.ศ.) that holds today in the project's time zone."""
    return fiscal_year_of(timezone.localdate())
