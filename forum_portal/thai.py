"""Thai text: digits, dates, money, repair, comparison, order and line breaks.

Text is normalised with NFC only: NFKC splits ำ. NFC does not join ํ+า, so `clean_text` does.
Written forms: the house style (wording, section 0). Repairs: the spreadsheet contract.
"""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from django.utils.html import conditional_escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from forum_portal.languages import is_english
from forum_portal.years import as_typed, one_line, to_be, to_ce

# --- digits

_THAI_DIGITS, _ARABIC_DIGITS = "๐๑๒๓๔๕๖๗๘๙", "0123456789"
_TO_ARABIC = str.maketrans(_THAI_DIGITS, _ARABIC_DIGITS)
_TO_THAI = str.maketrans(_ARABIC_DIGITS, _THAI_DIGITS)


def to_arabic_digits(text: str) -> str:
    """Return `text` with ๐–๙ as 0–9; other digit-like characters stay unchanged."""
    return text.translate(_TO_ARABIC)


def to_thai_digits(text: str | int) -> str:
    """Return `text` with 0–9 as ๐–๙."""
    return str(text).translate(_TO_THAI)


# --- dates and times

MONTHS = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
MONTHS_SHORT = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)

MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

DateStyle = Literal["long", "medium", "short"]
_DATE_STYLES = {"long": (MONTHS, 4), "medium": (MONTHS_SHORT, 4), "short": (MONTHS_SHORT, 2)}


def format_date(d: date, style: DateStyle = "long") -> str:
    """Write "30 กันยายน 2567", medium "30 ก.ย. 2567" or short "30 ก.ย. 67".

    In English "30 September 2024", "30 Sep 2024", "30 Sep 24", in the Christian era.
    An aware datetime shows the day of its own time zone: convert it first. An unknown style raises
    KeyError.
    """
    months, year_digits = _DATE_STYLES[style]
    if is_english():
        month = MONTHS_EN[d.month - 1]
        return f"{d.day} {month if style == 'long' else month[:3]} {str(d.year)[-year_digits:]}"
    return f"{d.day} {months[d.month - 1]} {str(to_be(d.year))[-year_digits:]}"


def typed_date(d: date) -> str:
    """Write "30/9/2567", as people type a day; in both languages, since it is read in this form."""
    return f"{d.day}/{d.month}/{to_be(d.year)}"


def format_time(dt: datetime | time) -> str:
    """Write "14.30 น.", in English "14:30"; an aware datetime shows the hour of its own time zone."""
    if is_english():
        return f"{dt:%H:%M}"
    return f"{dt:%H.%M} น."


# --- money

_UNIT = r" ?(?P<million>ล้าน)? ?(?:บาท)?"
# One set of digits per pattern: a number that mixes them matches neither. "0,123" is refused.
_AMOUNTS = tuple(
    re.compile(
        rf"(?P<sign>[-−] ?)?"
        rf"(?P<whole>[{first}-{nine}][{zero}-{nine}]{{0,2}}(?:,[{zero}-{nine}]{{3}})+|[{zero}-{nine}]+)"
        rf"(?:\.(?P<part>[{zero}-{nine}]+))?{_UNIT}"
    )
    for zero, first, nine in (("0", "1", "9"), ("๐", "๑", "๙"))
)
_LETTER_FOR_DIGIT = re.compile(
    rf"(?=.*[0-9๐-๙])[0-9๐-๙,. ]*(?P<letter>[OolI])[0-9๐-๙OolI,. ]*{_UNIT}"
)
_SATANG = Decimal("0.01")
_WHOLE_DIGITS = 13  # before the point, in DecimalField(max_digits=15, decimal_places=2)


class AmountError(ValueError):
    """Text that is not an amount of money; `str()` is the Thai message."""

    def __init__(
        self, code: Literal["not_a_number", "negative", "too_precise", "too_large"], message: str
    ) -> None:
        super().__init__(message)
        self.code = code


def parse_baht(text: str) -> Decimal | None:
    """Read an amount in baht with two decimals; None for "" and "-".

    Accepts "1,250,000", "1250000.50", "๑.๒๕ ล้านบาท", "1,250,000 บาท". Raises AmountError:
    `negative`; `too_precise` for a fraction of a satang (so that "1.250" is never taken for 1.25);
    `too_large` for more than 13 digits before the point; `not_a_number` for anything else.
    """
    line = one_line(text)
    if line in {"", "-"}:
        return None
    match = next(filter(None, (pattern.fullmatch(line) for pattern in _AMOUNTS)), None)
    if match is None:
        if look_alike := _LETTER_FOR_DIGIT.fullmatch(line):
            raise AmountError(
                "not_a_number",
                _("งบประมาณ “%(value)s” ไม่ใช่ตัวเลข (มีตัวอักษร %(letter)s)")
                % {"value": as_typed(text), "letter": look_alike["letter"]},
            )
        raise AmountError(
            "not_a_number", _("งบประมาณ “%(value)s” ไม่ใช่ตัวเลข") % {"value": as_typed(text)}
        )
    if match["sign"]:
        raise AmountError("negative", _("จำนวนเงินต้องไม่ติดลบ"))
    whole, part = match["whole"].replace(",", "").lstrip("0๐"), match["part"] or ""
    power = 6 if match["million"] else 0
    if len(part) > power + 2:
        raise AmountError("too_precise", _("จำนวนเงินมีทศนิยมได้ไม่เกิน 2 ตำแหน่ง (สตางค์)"))
    if len(whole) + power > _WHOLE_DIGITS:  # counted first: Decimal overflows on long text
        raise AmountError(
            "too_large",
            _("จำนวนเงินมากเกินไป ระบุไม่เกิน %(max)s บาท")
            % {"max": format_baht(Decimal(10) ** _WHOLE_DIGITS - _SATANG)},
        )
    # Decimal() reads Thai and Arabic digits.
    return Decimal(f"{whole or 0}.{part}").scaleb(power).quantize(_SATANG)


def format_baht(amount: Decimal) -> str:
    """Write "1,250,000", or "1,250,000.50" where there are satang; the caller adds the unit."""
    return f"{amount:,.2f}".removesuffix(".00")


# --- sizes of files

_SIZE_UNITS = (_l("ไบต์"), _l("กิโลไบต์"), _l("เมกะไบต์"), _l("กิกะไบต์"))


COUNT_MAX = 2_147_483_647  # of PositiveIntegerField on both databases
_COUNTS = tuple(
    re.compile(
        rf"(?P<whole>[{first}-{nine}][{zero}-{nine}]{{0,2}}(?:,[{zero}-{nine}]{{3}})+|[{zero}-{nine}]+)"
        r" ?(?:คน|ราย)?"
    )
    for zero, first, nine in (("0", "1", "9"), ("๐", "๑", "๙"))
)


class CountError(ValueError):
    """Text that is no whole number; `str()` is the Thai message."""

    def __init__(self, code: Literal["not_a_count", "too_large"], message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_count(text: str) -> int | None:
    """Read a whole number of people or things; None for "" and "-".

    Accepts "1,250", "๑๒๕๐", "1,250 คน". Raises CountError: `not_a_count` for fractions, signs and
    anything else; `too_large` above COUNT_MAX.
    """
    line = one_line(text)
    if line in {"", "-"}:
        return None
    match = next(filter(None, (pattern.fullmatch(line) for pattern in _COUNTS)), None)
    if match is None:
        raise CountError(
            "not_a_count",
            _("“%(value)s” ไม่ใช่จำนวนเต็ม พิมพ์เป็นตัวเลข เช่น 1,250") % {"value": as_typed(text)},
        )
    digits = match["whole"].replace(",", "").lstrip("0๐") or "0"
    if len(digits) > 10 or int(digits) > COUNT_MAX:  # int() reads both sets of digits
        raise CountError(
            "too_large", _("จำนวนมากเกินไป ระบุไม่เกิน %(max)s") % {"max": f"{COUNT_MAX:,}"}
        )
    return int(digits)


class NumberError(ValueError):
    """Text that is not a decimal number; `str()` is the Thai message."""

    def __init__(
        self, code: Literal["not_a_number", "too_precise", "too_large"], message: str
    ) -> None:
        super().__init__(message)
        self.code = code


#: Digits of a number after and before the point. Together 15: SQLite and a spreadsheet hold no more.
NUMBER_PLACES, _NUMBER_WHOLE = 4, 11
NUMBER_MAX = 10**_NUMBER_WHOLE - 1
_NUMBERS = tuple(
    re.compile(
        rf"(?P<sign>[-−])? ?"
        rf"(?P<whole>[{first}-{nine}][{zero}-{nine}]{{0,2}}(?:,[{zero}-{nine}]{{3}})+|[{zero}-{nine}]+)"
        rf"(?:\.(?P<part>[{zero}-{nine}]+))?"
    )
    for zero, first, nine in (("0", "1", "9"), ("๐", "๑", "๙"))
)


def parse_number(text: str) -> Decimal | None:
    """Read a decimal number without its unit; None for "" and "-".

    Accepts "1,250", "-3.5", "๔๑.๒๕". Raises NumberError: `too_precise` for more than four decimals,
    `too_large` for more than 11 digits before the point, `not_a_number` for anything else.
    """
    line = one_line(text)
    if line in {"", "-"}:
        return None
    match = next(filter(None, (pattern.fullmatch(line) for pattern in _NUMBERS)), None)
    if match is None:
        raise NumberError(
            "not_a_number",
            _("“%(value)s” ไม่ใช่ตัวเลข พิมพ์เฉพาะตัวเลข เช่น 1,250 หรือ 41.5 หน่วยมีช่องของตน")
            % {"value": as_typed(text)},
        )
    whole, part = match["whole"].replace(",", "").lstrip("0๐"), match["part"] or ""
    if len(part.rstrip("0๐")) > NUMBER_PLACES:
        raise NumberError("too_precise", _("ตัวเลขมีทศนิยมได้ไม่เกิน 4 ตำแหน่ง"))
    if len(whole) > _NUMBER_WHOLE:
        raise NumberError("too_large", _("ตัวเลขมากเกินกว่าที่ระบบรับได้ ตรวจจำนวนหลัก"))
    return Decimal(f"{'-' if match['sign'] else ''}{whole or 0}.{part[:NUMBER_PLACES]}")


def format_number(number: Decimal) -> str:
    """Write "1,250", "41.5" or "−3.5", without zeros at the end."""
    return (
        f"{number:,f}".rstrip("0").rstrip(".").replace("-", "−")
        if number % 1
        else (f"{number:,.0f}".replace("-", "−"))
    )


def format_size(size: int) -> str:
    """Write "512 ไบต์", "245 กิโลไบต์" or "1.2 เมกะไบต์"."""
    amount, units = float(size), iter(_SIZE_UNITS)
    unit = next(units)
    while amount >= 1023.95 and unit != _SIZE_UNITS[-1]:
        amount, unit = amount / 1024, next(units)
    return f"{amount:,.1f}".removesuffix(".0") + f" {unit}"


def format_duration(seconds: int) -> str:
    """Write a time in its largest unit that has no remainder: "180 วัน", "12 ชั่วโมง", "90 วินาที"."""
    for size, unit in ((86_400, _("วัน")), (3_600, _("ชั่วโมง")), (60, _("นาที"))):
        if seconds and seconds % size == 0:
            return f"{seconds // size:,} {unit}"
    return f"{seconds:,} {_('วินาที')}"


# --- text as stored, compared and sorted

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")  # includes those of word processors
_DROPPED = re.compile(
    "[\u200b\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPLIT_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")  # ํ, a tone or none, า
_NOT_COMPARED = re.compile(r"[\s.ๆฯ\-‐‑–—'\"‘’“”()]")
_MARKS = re.compile("[\u0e47-\u0e4c]")  # ็ ่ ้ ๊ ๋ ์
_LEADING_VOWEL = re.compile("([เ-ไ])([ก-ฮ])")
_CONSONANT = re.compile("[ก-ฮ]")
_THAI_SCRIPT = re.compile("[ก-๙]")  # with vowels and digits


def is_thai(text: str) -> bool:
    """Whether `text` has a Thai consonant: a sentence of ours, not a library's English message."""
    return bool(_CONSONANT.search(text))


def clean_text(text: str) -> str:
    """Return `text` as a text field stores it. Idempotent.

    Line ends become LF and NBSP a space. Zero-width, control (except tab and LF) and bidirectional
    control characters are removed. ํ(tone)า becomes (tone)ำ, เเ becomes แ, the text NFC; white
    space at the ends is stripped. `xml_text` would remove nothing from the result.
    """
    text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text).replace("\u00a0", " "))
    text = _SPLIT_AM.sub("\\1\u0e33", text).replace("เเ", "แ")
    return unicodedata.normalize("NFC", text).strip()


def xml_text(text: str) -> str:
    """Return `text` without the characters that XML 1.0 forbids even as references.

    For writers of Atom, SVG, XLSX and DOCX: rows stored without `clean_text` may contain them.
    """
    return _NO_XML.sub("", text)


def match_key(text: str) -> str:
    """The key by which names are compared: "ก.บ.จ." equals "กบจ", and ๑ equals 1."""
    return to_arabic_digits(clean_text(_NOT_COMPARED.sub("", text))).lower()


def sort_key(text: str) -> str:
    """A key whose code point order is nearly that of the Royal Institute's dictionary.

    Leading vowels sort after their consonant. ็ ่ ้ ๊ ๋ ์ decide only between otherwise equal
    words. Case is ignored. U+0001, lower than any character of clean text, joins the two levels.
    """
    text = clean_text(text).lower()
    letters = _LEADING_VOWEL.sub(r"\2\1", _MARKS.sub("", text))
    marks = re.sub("[^\u0e47-\u0e4c]", " ", text).rstrip()
    return f"{letters}\x01{marks}"


# --- line breaks

# Terms that browsers, which segment Thai text with a dictionary, were seen to split.
GLUE_TERMS = (
    "มาตรการย่อย",
    "ภาคประชาสังคม",
    "ประชาสังคม",
    "ท้องถิ่น",
    "คณะกรรมการ",
    "กระจายอำนาจ",
    "ส่วนร่วม",
    "ความร่วมมือ",
    "ฝ่ายเลขานุการ",
    "แผนงาน",
    "ดำเนินการ",
    "สถานะ",
    "เข้มแข็ง",
    "เปราะบาง",
    "ดุลพินิจ",
    "ผู้สูงอายุ",
    "ผู้รับประโยชน์",
    "ต่างประเทศ",
    "รวมทั้ง",
    "ปีงบประมาณ",
    "งบประมาณ",
    "เผยแพร่",
    "ดำเนินงาน",
    "ความเป็นมา",
    "หน่วยงาน",
    "ข้อเสนอแนะ",  # else it would break after the next one
    "ข้อเสนอ",
    "ต้นฉบับ",
    "ผู้รับผิดชอบ",
    "ตัวหาร",
    "มอบหมาย",
    "ไม่ได้",
    "CSOs Forum",
    "CSOs FORUM",
)
_GLUED = re.compile(
    "|".join(
        [
            r"ปีงบประมาณ (?:[0-9]{4}|[๐-๙]{4})(?!\d)",
            *map(re.escape, sorted(GLUE_TERMS, key=len, reverse=True)),
        ]
    )
)


def glue(text: str) -> SafeString:
    """Return HTML without line breaks inside GLUE_TERMS or "ปีงบประมาณ 2567", or before ๆ.

    A term that is longer than its line breaks nevertheless: see `.nb` in the style sheet.

    Plain text is escaped first. Safe text with tags is returned unchanged: a term there may be in
    an attribute, or split by a tag. On a page in English, Thai text is marked as Thai.
    """
    return in_thai(glued(text))


def glued(text: str) -> SafeString:
    """`glue` without a word about the language, for a text that stands in a longer one."""
    html = conditional_escape(text)
    return html if "<" in html else _glued(html)


def paragraphs(text: str) -> SafeString:
    """Return `glue`d text as HTML paragraphs, their language said once around them."""
    html = mark_safe(linebreaks(glued(text)))  # noqa: S308 - escaped here
    return _said_thai("div", html)


def in_thai(text: str) -> SafeString:
    """Return HTML that says of Thai text on a page in English that it is Thai. Plain text is escaped."""
    return _said_thai("span", conditional_escape(text))


def _said_thai(tag: str, html: SafeString) -> SafeString:
    if not is_english() or not _THAI_SCRIPT.search(html):
        return html
    return mark_safe(f'<{tag} lang="th">{html}</{tag}>')  # noqa: S308 - escaped by the caller


@lru_cache(maxsize=4096)  # the same names and titles stand on every page
def _glued(html: str) -> SafeString:
    glued = _GLUED.sub(r'<span class="nb">\g<0></span>', html.replace(" ๆ", "\u00a0ๆ"))
    return mark_safe(glued)  # noqa: S308 - escaped by the caller; only our own tags were added


# --- dates as people type them

_DATE_NUMBERS = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
_TYPED_AS_BE = 2400  # from this year on the year is in the Buddhist era
_DATE_WORDS = re.compile(r"(?P<day>[0-9]{1,2}) ?(?P<month>[ก-๙.]+?) ?(?P<year>[0-9]{4})")


class DateError(ValueError):
    """Text that is not a usable date; `str()` is the Thai message."""


def parse_date(text: str) -> date | None:
    """Read a day written D/M/Y or "30 พฤศจิกายน 2569"; None for "".

    Thai digits and months in full or short are accepted; the year has four digits, in either era.
    Raises DateError for anything else and for days that do not exist.
    """
    line = to_arabic_digits(one_line(text))
    if not line:
        return None
    match = _DATE_NUMBERS.fullmatch(line) or _DATE_WORDS.fullmatch(line)
    if match is None:
        raise DateError(
            _("วันที่ “%(value)s” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569")
            % {"value": as_typed(text)}
        )
    month = match["month"]
    if not month.isdecimal():
        key = match_key(month)
        found = [
            number
            for number, names in enumerate(zip(MONTHS, MONTHS_SHORT, strict=True), start=1)
            if key in {match_key(name) for name in names}
        ]
        month = found[0] if found else 0
    year = int(match["year"])
    try:
        return date(to_ce(year) if year >= _TYPED_AS_BE else year, int(month), int(match["day"]))
    except ValueError as error:
        raise DateError(_("ไม่มีวันที่ %(value)s ในปฏิทิน") % {"value": as_typed(text)}) from error
