"""A cell → Reading: its value, what is wrong with it, or what has to be asked about it.

Rules: the spreadsheet contract, "Reading rules"; sentences: `messages.py`. Every reader is a pure
function of the cell and the answers, so that callers may read each distinct cell once (mind that
`1 == 1.0 == True`: the type belongs into the key).

A question stays among a reading's problems after it was answered, so that the answer can be changed;
the value is then there beside it. An answer that is none of the options counts as none.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from followup.spreadsheets.recognise import (
    JOINT,
    REPAIRS,
    WORDS,
    repair,
    status_of_heading,
    word_key,
)
from followup.spreadsheets.types import SKIP_ROW, Cell, Column, Option, Problem, Reading
from forum_portal import thai, years
from forum_portal.years import as_typed, one_line

Answers = Mapping[str, str]
T = TypeVar("T")

NO_REPORT = "no_report"  # the word says that there is no report: nothing is written for the row
FIRST_YEAR = 2565  # the forum's own; no report can be older
DASHES = frozenset({"-", "–", "—", "−"})


def skip_option() -> Option:
    return Option(SKIP_ROW, _("ไม่นำเข้าแถวเหล่านี้"))


def question_key(code: str, text: str) -> str:
    """The key of a question about `text`: the same for all that is written the same.

    Spaces, dots and broken Thai do not count. Long text is cut and told apart by a hash.
    """
    key = word_key(text)
    if len(key) > 80:
        key = f"{key[:60]}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return f"{code}:{key}"


def answer_to(problem: Problem, answers: Answers) -> str:
    """The answer that was given to a question, if it is one of its options; else ""."""
    answer = answers.get(problem.key, "")
    return answer if any(option.value == answer for option in problem.options) else ""


def _wrong(code: str, **params: object) -> Reading[T]:
    return Reading(None, (Problem(code, params),))


# --- text


def text_of(raw: Cell) -> str:
    """A cell as text: "" for blank, whole numbers without ".0", days as "30 กันยายน 2567"."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return f"{raw:.15g}"
    return thai.format_date(raw)


def count_repairs(raw: Cell) -> int:
    """In how many places `repair` mends a cell's text."""
    text = text_of(raw).strip()
    return sum(len(pattern.findall(text)) for pattern in REPAIRS)


# Text that was copied from a PDF: ำ came apart and lost its ring ("ล าปาง"), a mark stands apart from
# its consonant ("ท ี่"), or the ring alone is lost ("ดาเนินงาน"). Words are listed only where the
# broken form is nothing else in Thai, or only after certain letters ("ราคาสั่งซื้อ" is sound).
_WORDS_WITH_RING = re.findall(
    r"\S+",
    "ดำเนิน กำหนด สำนัก จำนวน อำนาจ อำเภอ ตำบล ตำแหน่ง ตำรวจ สำคัญ สำหรับ กำกับดูแล"
    " กำกับติดตาม ประจำปี ประจำเดือน ประจำจังหวัด คำแนะนำ คำสั่ง บำรุง จำกัด จำเป็น ชำนาญ สำรวจ สำเร็จ"
    " อำนวย ลำดับ ลำปาง ลำพูน กำแพงเพชร หนองบัวลำภู",
)
_SOUND_AFTER = {
    "สำนัก": "อา",
    "คำสั่ง": "รา",
    "จำเป็น": "จร|วา",
    "ลำดับ": "ศา",
    "ลำปาง": "ศา",
    "ลำพูน": "ศา",
}
_RINGLESS = {word.replace("ำ", "า"): word for word in _WORDS_WITH_RING}
_GLYPHS = {  # Thai in the private use area: marks drawn higher or lower, ญ and ฐ without their foot
    **dict(zip(range(0xF701, 0xF705), "ิีึื", strict=True)),
    **dict(zip(range(0xF705, 0xF70A), "่้๊๋์", strict=True)),
    **dict(zip(range(0xF70A, 0xF70F), "่้๊๋์", strict=True)),
    **dict(zip(range(0xF710, 0xF713), "ัํ็", strict=True)),
    **dict(zip(range(0xF713, 0xF718), "่้๊๋์", strict=True)),
    **dict(zip(range(0xF718, 0xF71B), "ฺุู", strict=True)),
    0xF700: "ฐ",
    0xF70F: "ญ",
}
_RING = re.compile(
    "|".join(
        (f"(?<!{_SOUND_AFTER[word]})" if word in _SOUND_AFTER else "") + broken
        for broken, word in _RINGLESS.items()
    )
)
_APART_AA = re.compile("([ก-ฮ]) ([่-๋]?)า")
_APART_MARK = re.compile("([ก-ฮ][ัิ-ฺ็]?) ([ัำิ-ฺ็-ํ])")
_APART = re.compile("[เ-ไ]?[ก-ฮ][ัิ-ฺ็]? [ัาำิ-ฺ็-ํ]า?[ก-ฺเ-๎]{0,12}")
_GLYPH = re.compile("[ก-ฺเ-๎]{0,6}[\uf700-\uf71a][ก-ฺเ-๎\uf700-\uf71a]{0,12}")
_RING_LOST = re.compile(f"(?:{_RING.pattern})[ก-ฺเ-๎]{{0,12}}")
# Cheap signs that one of the three may be there.
_MARK_APART = re.compile(" [ัาำิ-ฺ็-ํ]")
_ANY_GLYPH = re.compile("[\uf700-\uf71a]")
_ANY_RINGLESS = re.compile(
    "า(?:" + "|".join(word.partition("ำ")[2].replace("ำ", "า") for word in _WORDS_WITH_RING) + ")"
)


def damage(text: str) -> Problem | None:
    """T02 for the first word of repaired `text` that a PDF seems to have broken, with a guess."""
    found = None
    if _MARK_APART.search(text):
        found = _APART.search(text)
    if found is None and _ANY_GLYPH.search(text):
        found = _GLYPH.search(text)
    if found is None and _ANY_RINGLESS.search(text):
        found = _RING_LOST.search(text)
    if found is None:
        return None
    guess = _APART_AA.sub("\\1\\2ำ", found[0].translate(_GLYPHS))
    guess = _APART_MARK.sub("\\1\\2", guess)
    guess = _RING.sub(lambda match: _RINGLESS[match[0]], guess)
    return Problem("T02", {"v": found[0], "guess": repair(guess)})


_LONG_NUMBER = re.compile("[0-9๐-๙](?:[ -]?[0-9๐-๙]){8}")
_CITIZEN = re.compile(r"(?<![\d.,])\d(?:[ -]?\d){12}(?![ -]?\d)")
_PHONE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"0[689]\d[ -]?\d{3}[ -]?\d{4}|0[ -]?[689][ -]?\d{4}[ -]?\d{4}"  # mobile: ten digits
    r"|0[ -]?2[ -]?\d{3}[ -]?\d{4}|0[ -]?[3457]\d[ -]?\d{3}[ -]?\d{3}|0[ -][3457]\d{3}[ -]?\d{4}"
    r"|\+66[ -]?\d(?:[ -]?\d){7,8}"
    r")(?![\d,/])(?!\.\d)"
)


def _is_citizen_id(digits: str) -> bool:
    """Whether 13 digits end in the check digit of a Thai identity number (weights 13 … 2, mod 11)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False)
    )
    return digits[0] != "0" and (11 - total % 11) % 10 == int(digits[12])


def has_personal_data(text: str) -> bool:
    """Whether `text` seems to hold an identity number or a Thai telephone number."""
    if not _LONG_NUMBER.search(text):
        return False
    text = thai.to_arabic_digits(text)
    return bool(_PHONE.search(text)) or any(
        _is_citizen_id(re.sub("[ -]", "", number)) for number in _CITIZEN.findall(text)
    )


def read_text(raw: Cell, *, limit: int = 4000) -> Reading[str]:
    """Text as it is stored, "" for blank.

    T01 says how often it was repaired, T02 suspects damage from a PDF (left as it is), T03 personal
    data; T04, more than `limit` characters, is wrong and leaves no value.
    """
    text = text_of(raw)
    value = repair(text)
    if len(value) > limit:
        return _wrong("T04", max=limit)
    problems = []
    if value != text.strip() and (repairs := count_repairs(text)):
        problems.append(Problem("T01", {"n": repairs}))
    if broken := damage(value):
        problems.append(broken)
    if has_personal_data(value):
        problems.append(Problem("T03"))
    return Reading(value, problems)


# --- status


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
                return _wrong("S04")
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


# --- years

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
    """What `years.parse_year` may be given: the months aside, "ปีงบ" and "ปี งปม." aside, no ".0"."""
    line = _FISCAL_MONTHS.sub("", _CALENDAR.sub(" ", one_line(repair(text))))
    line = _BUDGET_YEAR.sub("", line.strip())
    whole = _WHOLE.fullmatch(line)
    return whole[1] if whole else line


def _two_digit_year(line: str) -> int:
    """The Buddhist year that a year of two digits stands for: 67 → 2567, 24 → (ค.ศ. 2024) 2567."""
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
    """Whether a column holds years of both eras, so that those of one of them have to be asked."""
    return len(eras(cells)) == 2


def read_year(
    raw: Cell,
    answers: Answers,
    *,
    both_eras: bool = False,
    latest: int = years.YEAR_MAX,
    heading: str = "",
) -> Reading[int]:
    """A fiscal year in พ.ศ.; None for blank and "-".

    Y01 asks about two digits, and about ค.ศ. where the file has both eras; Y02 is a year outside
    FIRST_YEAR–`latest`; Y03 asks where cell or heading speak of the calendar year; Y04 is no year.
    """
    text = text_of(raw)
    shown = as_typed(text)
    if not one_line(text) or one_line(text) in DASHES:
        return Reading(None)
    if isinstance(raw, bool | date):
        return _wrong("Y04", v=shown)
    line = _year_text(text)
    asks_era = False
    try:
        parsed = years.parse_year(line)
    except years.YearError as error:
        if error.code == "out_of_range":
            return _wrong("Y02", v=shown, max=latest)
        if error.code != "two_digits":
            return _wrong("Y04", v=shown)
        be, asks_era = _two_digit_year(line), True
    else:
        be, asks_era = parsed.be, both_eras and parsed.era == "ce"
    if not FIRST_YEAR <= be <= latest:
        return _wrong("Y02", v=shown, max=latest)
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


# --- dates

_EPOCH = date(1899, 12, 30)  # of Excel's serials from 61 on
_EARLY_EPOCH = date(1899, 12, 31)  # of 1–59; 60 is the 29 February that 1900 did not have
_TYPED_AS_BE = 2400  # a Gregorian year that nobody means
_TYPED_SHORT = range(1957, 1970)  # what Excel makes of a พ.ศ. of two digits
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
    """The number of a month by its name, Thai or English, whole or short; 0 for none."""
    key = thai.match_key(repair(word))
    return _MONTH_OF.get(key, 0) or (_MONTH_OF.get(key[:3], 0) if key.isascii() else 0)


def _serial(raw: int | float) -> date | None:
    """The day of an Excel serial; None for what is no day."""
    if isinstance(raw, float) and not math.isfinite(raw):
        return None
    days = math.floor(raw)
    if days < 1 or days == 60 or days > 2_958_465:
        return None
    return (_EPOCH if days > 60 else _EARLY_EPOCH) + timedelta(days=days)


def _written(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _moved(day: date, year: int) -> date | None:
    """The same day in another year; None for a 29 February that the other has not."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _from_calendar(day: date, answers: Answers) -> Reading[date]:
    """A cell that holds a day: D02 and D03 undo what Excel makes of years typed in พ.ศ."""
    if day.year >= _TYPED_AS_BE:
        moved = _moved(day, years.to_ce(day.year))
        if moved is None:
            return _wrong("D04", v=_written(day))
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
    if day.year < _TYPED_SHORT.start:  # a plain number in a cell that is shown as a date
        return _wrong("D07", v=_written(day))
    return Reading(day)


def _from_text(line: str, answers: Answers) -> Reading[date]:
    """A day as text: D/M/Y with a month in figures or words, or ISO."""
    shown = as_typed(line)
    if iso := _ISO.fullmatch(line):
        line = f"{iso['day']}/{iso['month']}/{iso['year']}"
    found = _DAY.fullmatch(line)
    month = 0 if found is None else int(found["month"] or 0) or _month(found["word"] or "")
    if found is None or (found["word"] and not month):
        return _wrong("D07", v=shown)
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
        return _wrong("D04", v=shown)
    if day is not None and len(found["year"]) == 2:
        # One decision for all dates of a file that are written in this form.
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
    """A day; None for blank and "-".

    Text is D/M/Y in either era, with Thai or English months, or ISO; two-digit years are asked (D01).
    Days and Excel serials go through D02 and D03. D04 is a day that no calendar has (serials 60 and
    -1 too), D07 no date at all. With `fiscal_year`, D05 warns of days outside it.
    """
    if isinstance(raw, datetime):
        reading = _from_calendar(raw.date(), answers)
    elif isinstance(raw, date):
        reading = _from_calendar(raw, answers)
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        day = _serial(raw)
        reading = _wrong("D04", v=text_of(raw)) if day is None else _from_calendar(day, answers)
    else:
        line = one_line(repair(text_of(raw)))
        if not line or line in DASHES:
            return Reading(None)
        reading = _from_text(line, answers)
    if fiscal_year is not None and reading.value is not None:
        problems = (*reading.problems, *outside_year(reading.value, fiscal_year))
        return Reading(reading.value, problems)
    return reading


def outside_year(day: date, fiscal_year: int) -> list[Problem]:
    """D05 where a day is not in the fiscal year (พ.ศ.), else nothing."""
    first, last = years.fiscal_year_bounds(fiscal_year)
    if first <= day <= last:
        return []
    params = {"date": thai.format_date(day), "fy": fiscal_year, "before": fiscal_year - 1}
    return [Problem("D05", params)]


def out_of_order(start: date | None, end: date | None) -> list[Problem]:
    """D06 where the end is before the start, else nothing."""
    return [Problem("D06")] if start and end and end < start else []


# --- money and percent

# In a column of millions this much, a thousand million baht for one measure of one agency, is rather
# an amount in baht: the whole ministry has some 25 thousand million a year.
IMPLAUSIBLE = Decimal(1_000_000_000)
_SATANG = Decimal("0.01")
_MOST = Decimal(10) ** 13  # DecimalField(max_digits=15, decimal_places=2)
_UNITS = {"baht": 1, "thousand": 1000, "million": 1_000_000}
_OWN_UNIT = re.compile("บาท|ล้าน")
_BAHT_SIGN = re.compile(r"^฿ ?|(?: ?\.-| ?บ\.| ?฿)$")
_IN_BRACKETS = re.compile(r"\([0-9๐-๙,.]+\)")


def _exactly(raw: int | float) -> Decimal:
    """A number of a cell, without the noise of binary fractions: Excel shows 15 digits."""
    return Decimal(raw) if isinstance(raw, int) else Decimal(f"{raw:.15g}")


def _amount(line: str, unit: int) -> Decimal:
    """An amount in baht of text without a unit of its own, one of which is `unit` baht.

    Raises AmountError as `thai.parse_baht` does, but for `too_large` where a unit was applied.
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

    `unit` is what one stands for by the column's heading; text that names its own ("1.25 ล้าน") keeps
    that. B01 no number, B04 negative, B05 satang in fractions, B06 (warns) a calculated number was
    rounded, B07 more than the database holds. B02 asks for the unit of amounts of IMPLAUSIBLE and more
    in a column of millions; one answer serves all such amounts of a heading, smaller ones stay.
    """
    if isinstance(raw, str) or raw is None:
        line = one_line(repair(raw or "")).replace("ลบ.", "ล้าน")
        line = _BAHT_SIGN.sub("", line)
        if not line or line in DASHES:
            return Reading(None)
        shown = as_typed(raw or "")
        own_unit = bool(_OWN_UNIT.search(line))
        if _IN_BRACKETS.fullmatch(line):
            return _wrong("B04", v=shown)
        try:
            number = _amount(line, 1 if own_unit else unit)
        except thai.AmountError as error:
            codes = {"negative": "B04", "too_precise": "B05", "too_large": "B07"}
            return _wrong(codes.get(error.code, "B01"), v=shown)
    else:
        shown, own_unit = text_of(raw), False
        if isinstance(raw, bool | date) or not math.isfinite(raw):
            return _wrong("B01", v=shown)
        number = _exactly(raw) * unit
        if number < 0:
            return _wrong("B04", v=shown)
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


_PERCENT = re.compile(
    r"(?:ร้อยละ ?)?(?P<number>[0-9]+(?:\.[0-9]+)?|[๐-๙]+(?:\.[๐-๙]+)?) ?(?P<sign>%|เปอร์เซ็นต์)?"
)


def read_percent(
    raw: Cell, answers: Answers, *, is_percent_format: bool = False, heading: str = ""
) -> Reading[Decimal]:
    """A percentage from 0 to 100; None for blank and "-".

    A number in a cell formatted as percent is a fraction; "25%" and "ร้อยละ 25" say what they are.
    N02 asks what a bare number over 0 and up to 1 is, once a heading (and once for 1 itself, which
    is a whole or a hundredth); N01 is anything else.
    """
    shown = as_typed(text_of(raw))
    if isinstance(raw, str) or raw is None:
        line = one_line(repair(raw or ""))
        if not line or line in DASHES:
            return Reading(None)
        found = _PERCENT.fullmatch(line)
        if found is None or len(found["number"]) > 30:
            return _wrong("N01", v=shown)
        number = Decimal(found["number"])
        marked = bool(found["sign"]) or line.startswith("ร้อยละ")
    elif isinstance(raw, bool | date) or not math.isfinite(raw):
        return _wrong("N01", v=shown)
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


# --- yes or no

_YES = frozenset(
    map(
        word_key,
        [
            *("ใช่", "✓", "✔", "√", "☑", "TRUE", "1", "yes", "y", "x", "/", "ไม่เปลี่ยนแปลง"),
            *("ไม่มีการเปลี่ยนแปลง", "ไม่มีการเปลี่ยนแปลงจากปีก่อน", "เหมือนเดิม", "คงเดิม"),
        ],
    )
)
_NO = frozenset(
    map(word_key, ["ไม่ใช่", "ไม่", "FALSE", "0", "no", "n", "☐", "มีการเปลี่ยนแปลง", *DASHES])
)


def read_flag(raw: Cell) -> Reading[bool]:
    """Whether the "nothing has changed" column is ticked; None for blank, N03 for other words."""
    word = one_line(repair(text_of(raw)))
    if not word:
        return Reading(None)
    key = word_key(word)
    if key in _YES or key in _NO:
        return Reading(key in _YES)
    return _wrong("N03", v=as_typed(word))


# --- links

_URL = re.compile(r"https?://[^\s<>\"“”|]+", re.I)
_STRICT_LINK = re.compile(r"(?P<title>.*\S) \| (?P<url>https?://\S+)", re.I)
_URL_JOINT = re.compile(r"[,;](?=https?://)", re.I)
_AFTER_URL = ".,;:!?'’”)]}>"
# What seems to be meant as an address but is none that a browser may be given.
_ALMOST = re.compile(
    r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://\S*|(?:javascript|data|vbscript|file|mailto|ftp|blob|about):\S+|\bwww\.\S+"
    r"|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:th|com|org|net|info|gov|io|ly|gl|me)(?![\w.])(?:/\S*)?|\\\\\S+"
    r"|\b[a-z]:\\\S+|https?:\S*",
    re.I,
)
_BULLET = re.compile(r"[0-9๐-๙]{1,2}[.)](?:\s+|$)")
_is_web_address = URLValidator(schemes=["http", "https"])
#: Begins the line of a file that the portal keeps: named for the reader, and no address to read.
FILE_MARK = "[ไฟล์ในระบบ]"
_URL_LIMIT, _TITLE_LIMIT = 500, 200  # of Evidence


def _trim(url: str) -> str:
    """An address found in prose, without the punctuation that follows it."""
    trimmed = url.rstrip(_AFTER_URL)
    closes = url[len(trimmed) :].startswith(")") and "(" in trimmed  # …/wiki/Thai_(language)
    return f"{trimmed})" if closes else trimmed


def read_links(raw: Cell) -> Reading[list[tuple[str, str]]]:
    """The web addresses in a cell as (title, address), in order; [] for blank.

    One a line as "title | address", or with titles before them in any other way; an address without
    a title has its host's name. T05 is what looks like an address but is not http or https (nothing of
    the cell is then read), T04 a title too long, T06 (warns) text without any address: not kept.
    """
    text = repair(text_of(raw))
    if not text or text in DASHES:
        return Reading([])
    links: list[tuple[str, str]] = []
    leftovers: list[str] = []
    for line in text.splitlines():
        if line.strip().startswith(FILE_MARK):
            continue
        strict = _STRICT_LINK.fullmatch(line.strip())
        if strict and not _URL.match(strict["title"]):
            links.append((one_line(strict["title"]), strict["url"]))
        else:
            links += _links_in(line, leftovers)
    if almost := next(filter(None, map(_ALMOST.search, leftovers)), None):
        return _wrong("T05", v=as_typed(almost[0]))
    for title, url in links:
        try:
            _is_web_address(url)
        except ValidationError:
            return _wrong("T05", v=as_typed(url))
        if len(url) > _URL_LIMIT:
            return _wrong("T05", v=as_typed(url))
        if len(title) > _TITLE_LIMIT:
            return _wrong("T04", max=_TITLE_LIMIT)
    titled = [(title or urlsplit(url).hostname or url, url) for title, url in links]
    words = any(re.search(r"\w", leftover) for leftover in leftovers)
    if not links and words:
        return Reading([], (Problem("T06", {"v": as_typed(text)}),))
    return Reading(titled)


def _links_in(line: str, leftovers: list[str]) -> list[tuple[str, str]]:
    """The addresses in a line of prose, each with the words before it; other words are left over."""
    links = []
    line = _URL_JOINT.sub(" ", line)
    at = 0
    for found in _URL.finditer(line):
        url = _trim(found[0])
        words = line[at : found.start()]
        if _ALMOST.search(words):
            leftovers.append(words)
        title = one_line(words).lstrip(" ,;|)•*–-").rstrip(" :：|(,;=–-")
        title = "" if title.startswith("=") else _BULLET.sub("", title)  # =HYPERLINK("…
        links.append((title, url))
        at = found.start() + len(url)
    leftovers.append(line[at:])
    return links
