"""Amounts of money, and percentages."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    answer_to,
    ask_nothing,
    question_key,
    shows_error,
    skip_option,
    text_of,
    wrong,
)
from followup.spreadsheets.words import NO_MONEY, repair, word_key
from forum_portal import thai
from forum_portal.years import as_typed, one_line

# Baht. In a column of millions, a thousand million baht for one measure of one agency was probably
# typed in baht: the whole ministry has about 25 thousand million a year.
IMPLAUSIBLE = Decimal(1_000_000_000)
_SATANG = Decimal("0.01")
_MOST = Decimal(10) ** 13  # DecimalField(max_digits=15, decimal_places=2)
_UNITS = {"baht": 1, "thousand": 1000, "million": 1_000_000}
_OWN_UNIT = re.compile("บาท|ล้าน")
# "1,250.- บาท", "บาท 1,000.-", "1,000 บาทถ้วน": words around an amount that is in baht anyway.
_BAHT_BEFORE = re.compile(r"(?:฿|บาท|THB)\s*", re.I)
_BAHT_BEHIND = re.compile(r"(?:\s*[.,]-)?\s*(?:บาท(?:\s*ถ้วน)?|บ\.|฿|THB)?(?:\s*[.,]-)?$", re.I)
_IN_BRACKETS = re.compile(r"\([0-9๐-๙,.]+\)")


def _exactly(raw: int | float) -> Decimal:
    """A cell's number rounded to Excel's 15 digits, without the error of binary fractions."""
    return Decimal(raw) if isinstance(raw, int) else Decimal(f"{raw:.15g}")


def _amount(line: str, unit: int) -> Decimal:
    """An amount in baht from text without its own unit; `unit` is in baht.

    Raises AmountError as `thai.parse_baht` does, except `too_large` if a unit was applied.
    """
    if unit == 1:
        return thai.parse_baht(line) or Decimal(0)
    try:
        millions = thai.parse_baht(f"{line} ล้าน") or Decimal(0)
    except thai.AmountError as error:
        if error.code != "too_large":
            raise
        millions = (thai.parse_baht(line) or Decimal(0)) * 1_000_000
    return millions * unit / 1_000_000


def read_money(
    raw: Cell, answers: Answers, *, unit: int = 1, heading: str = ""
) -> Reading[Decimal]:
    """An amount in baht with two decimals; None for blank and "-".

    `unit` is the unit in baht from the column's heading; text with its own unit ("1.25 ล้าน") keeps
    that. B08 asks, once for each word in all money columns, what "ไม่ใช้งบประมาณ" and the like mean:
    "none" (no amount was given), "zero" or skip. B01 is not a number, B04 negative, B05 a fraction of a
    satang, B06 (a warning) a rounded calculated number, B07 larger than the database allows. B02 asks
    for the unit of amounts from IMPLAUSIBLE on in a column of millions; one answer is for all such
    amounts under a heading, and smaller amounts do not change.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    if isinstance(raw, str) or raw is None:
        line = one_line(repair(raw or "")).replace("ลบ.", "ล้าน")
        shown = as_typed(raw or "")
        if not line or line in DASHES:
            return Reading(None)
        if word_key(line) in NO_MONEY:
            return _no_money(line, answers)
        own_unit = bool(_OWN_UNIT.search(line))
        before = _BAHT_BEFORE.match(line)
        line = _BAHT_BEHIND.sub("", line[before.end() :] if before else line, count=1)
        if line in DASHES:  # "- บาท"
            return Reading(None)
        if not line:
            return wrong("B01", v=shown)
        if _IN_BRACKETS.fullmatch(line):
            return wrong("B04", v=shown)
        try:
            number = _amount(line, 1 if own_unit else unit)
        except thai.AmountError as error:
            codes = {"negative": "B04", "too_precise": "B05", "too_large": "B07"}
            return wrong(codes.get(error.code, "B01"), v=shown)
    else:
        shown, own_unit = text_of(raw), False
        if isinstance(raw, bool | date) or not math.isfinite(raw):
            return wrong("B01", v=shown)
        number = _exactly(raw) * unit
        if number < 0:
            return wrong("B04", v=shown)
    problems: list[Problem] = []
    if unit >= _UNITS["million"] and not own_unit and number >= IMPLAUSIBLE:
        problem = Problem(
            "B02",
            {"v": shown, "baht": thai.format_baht(number)},
            question_key("B02", heading),
            [
                Option("baht", _("บาท")),
                Option("thousand", _("พันบาท")),
                Option("million", _("ล้านบาท")),
                skip_option(),
            ],
        )
        problems.append(problem)
        answer = answer_to(problem, answers)
        if answer not in _UNITS:
            return Reading(None, problems)
        number = number / unit * _UNITS[answer]
    if number >= _MOST:
        return Reading(None, (*problems, Problem("B07", {"v": shown})))
    value = number.quantize(_SATANG, ROUND_HALF_UP)
    if value != number:
        if isinstance(raw, str):
            return Reading(None, (*problems, Problem("B05", {"v": shown})))
        problems.append(Problem("B06", {"v": shown, "baht": thai.format_baht(value)}))
    return Reading(value, problems)


def _no_money(line: str, answers: Answers) -> Reading[Decimal]:
    """B08 about a word in place of an amount."""
    problem = Problem(
        "B08",
        {"v": as_typed(line)},
        question_key("B08", line),
        [
            Option("none", _("ไม่มีหรือไม่ทราบจำนวน เว้นว่างไว้")),
            Option("zero", _("เท่ากับ 0 บาท")),
            skip_option(),
        ],
    )
    zero = answer_to(problem, answers) == "zero"
    return Reading(Decimal(0).quantize(_SATANG) if zero else None, (problem,))


_PERCENT = re.compile(
    r"(?:ร้อยละ ?)?(?P<number>[0-9]+(?:\.[0-9]+)?|[๐-๙]+(?:\.[๐-๙]+)?) ?(?P<sign>%|เปอร์เซ็นต์)?"
)


def read_percent(
    raw: Cell, answers: Answers, *, is_percent_format: bool = False, heading: str = ""
) -> Reading[Decimal]:
    """A percentage from 0 to 100; None for blank and "-".

    A number in a cell formatted as percent is a fraction; "25%" and "ร้อยละ 25" are unambiguous. N02
    asks about a bare number over 0 and up to 1, once for each heading (and once for 1 itself, which may
    be 1 % or 100 %); R20 asks about words for "none"; N01 is anything else.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    shown = as_typed(text_of(raw))
    if isinstance(raw, str) or raw is None:
        line = one_line(repair(raw or ""))
        if not line or line in DASHES:
            return Reading(None)
        if nothing := ask_nothing(line, answers):
            return nothing
        found = _PERCENT.fullmatch(line)
        if found is None or len(found["number"]) > 30:
            return wrong("N01", v=shown)
        number = Decimal(found["number"])
        marked = bool(found["sign"]) or line.startswith("ร้อยละ")
    elif isinstance(raw, bool | date) or not math.isfinite(raw):
        return wrong("N01", v=shown)
    else:
        number, marked = _exactly(raw), is_percent_format
        if is_percent_format:
            number *= 100
    problems: list[Problem] = []
    if 0 < number <= 1 and not marked:
        of_one = "1:" if number == 1 else ""
        problem = Problem(
            "N02",
            {"v": shown},
            question_key("N02", of_one + heading),
            [
                Option("fraction", _("สัดส่วน (0–1) คือร้อยละ %(n)s") % {"n": f"{number * 100:g}"}),
                Option("percent", _("ร้อยละ %(n)s") % {"n": f"{number:g}"}),
                skip_option(),
            ],
        )
        problems.append(problem)
        answer = answer_to(problem, answers)
        if answer in {"", SKIP_ROW}:
            return Reading(None, problems)
        if answer == "fraction":
            number *= 100
    if not 0 <= number <= 100:
        return Reading(None, (*problems, Problem("N01", {"v": shown})))
    return Reading(number, problems)
