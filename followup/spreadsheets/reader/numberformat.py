"""The displayed text of a number whose format adds meaning: 0.75 is "75%"."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MAX_CODE = 255  # characters, as in Excel
_KNOWN = 10_000  # values of a format whose texts are cached: most repeat
_LARGEST = 1e21  # larger numbers are not rendered

#: Built-in formats (ECMA-376, 18.8.30) that add meaning.
_BUILT_IN = {"9": "0%", "10": "0.00%", "67": "t0%", "68": "t0.00%"}
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|\\(?P<escaped>.)"
    r"|(?P<pad>[_*].)"
    r"|\[(?P<bracket>[^\]]*)\]"
    r"|(?P<general>general|g/ทั่วไป)"
    r"|(?P<end>;)"
    r"|(?P<digits>[0#?][0#?,]*)"
    r"|(?P<percent>%)"
    r"|(?P<point>\.)"
    r"|(?P<comma>,)"
    r"|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
}
#: Characters that a format may contain without quotes.
_SIGNS = set("$-+/():!^&'~{}=<> ฿€£¥\u00a0")
#: Literals that add no meaning: signs, brackets, spaces, and the baht.
_SILENT = re.compile(r"[\s\-+()/:.,'฿\u2010-\u2015\u2212]*\Z")
_THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


class _Odd(Exception):
    """A format that this module does not render."""


@dataclass
class _Section:
    """One of the parts between semicolons. Without digits it is `before` alone."""

    before: str = ""
    after: str = ""
    whole: str = ""  # placeholders in front of the point
    fraction: str = ""
    digits: bool = False
    general: bool = False
    grouped: bool = False
    scale: int = 0  # power of ten
    thai: bool = False
    condition: tuple[str, float] | None = None
    tells: bool = False

    def literal(self, text: str) -> None:
        if self.digits or self.general:
            self.after += text
        else:
            self.before += text
        self.tells = self.tells or not _SILENT.match(text)

    def number(self, value: Decimal) -> str:
        if self.general:
            text = f"{value:.10g}"
            if "e" in text.lower():
                raise _Odd
        else:
            value = value.scaleb(self.scale)
            rounded = value.quantize(Decimal(1).scaleb(-len(self.fraction)), ROUND_HALF_UP)
            whole, _, fraction = f"{rounded:f}".partition(".")
            whole = whole.lstrip("0").rjust(self.whole.count("0"), "0")
            if self.grouped and whole:
                first = len(whole) % 3
                groups = [whole[at : at + 3] for at in range(first, len(whole), 3)]
                whole = ",".join([whole[:first], *groups] if first else groups)
            needed = len(self.fraction.rstrip("#?"))
            fraction = fraction[:needed] + fraction[needed:].rstrip("0")
            text = f"{whole}.{fraction}" if fraction else whole
        return text.translate(_THAI_DIGITS) if self.thai else text

    def text(self, value: Decimal) -> str:
        shown = self.number(value) if self.digits or self.general else ""
        return f"{self.before}{shown}{self.after}"


def _sections(code: str) -> list[_Section]:
    """Parse a format. Raises _Odd for anything but digits, signs and literals (fractions, 1E+06)."""
    sections = [_Section()]
    in_fraction = False
    for found in _TOKEN.finditer(code):
        section = sections[-1]
        kind, text = found.lastgroup, found[0]
        if kind == "end":
            sections.append(_Section())
            in_fraction = False
        elif kind == "quoted" or kind == "escaped":
            section.literal(found[kind])
        elif kind == "bracket":
            _bracket(section, found["bracket"])
        elif kind == "general":
            if section.digits or section.general:
                raise _Odd
            section.general = True
        elif kind == "digits":
            _digits(section, text, in_fraction)
        elif kind == "percent":
            section.scale += 2
            section.tells = True
            section.literal("%")
        elif kind == "point":
            if in_fraction or section.after or section.general:
                raise _Odd
            section.digits = in_fraction = True
        elif kind == "comma":
            if not section.digits or section.after:
                raise _Odd
            section.scale -= 3
            section.tells = True
        elif kind == "plain":
            if text in "tT" and not (section.before or section.digits):
                section.thai = True
            elif text in _SIGNS:
                section.literal(text)
            elif text == "@" and len(sections) == 4:
                pass  # the placeholder of texts
            elif ord(text) > 127 and not text.isdigit():
                section.literal(text)
            else:
                raise _Odd
    return sections


def _bracket(section: _Section, text: str) -> None:
    if text.startswith("$"):  # a currency and a language number
        section.literal(text[1:].partition("-")[0])
    elif condition := _CONDITION.fullmatch(text):
        section.condition = condition[1], float(condition[2])
    elif not (text.isascii() and text.rstrip("0123456789").isalpha()):  # else a colour
        raise _Odd


def _digits(section: _Section, text: str, in_fraction: bool) -> None:
    bare = text.rstrip(",")
    thousands = len(text) - len(bare)
    placeholders = bare.replace(",", "")
    if section.after or section.general:
        raise _Odd  # digits on both sides of a literal
    if in_fraction:
        if "," in bare or section.fraction:
            raise _Odd
        section.fraction = placeholders
    else:
        if section.whole:
            raise _Odd
        section.whole = placeholders
        section.grouped = "," in bare
    section.digits = True
    section.scale -= 3 * thousands
    section.tells = section.tells or thousands > 0


class NumberFormat:
    """A format that adds meaning to the number. `telling` creates it."""

    def __init__(self, sections: list[_Section]) -> None:
        self.sections = sections[:3]
        self._known: dict[float, str] = {}

    def render(self, value: float) -> str:
        """The text that a cell of this format shows for `value`; "" if it adds no meaning."""
        shown = self._known.get(value)
        if shown is None:
            shown = self._render(value)
            if len(self._known) < _KNOWN:
                self._known[value] = shown
        return shown

    def _render(self, value: float) -> str:
        if not math.isfinite(value) or abs(value) >= _LARGEST:
            return ""
        section, signed = self._of(value)
        if section is None or not section.tells:
            return ""
        try:
            text = section.text(abs(Decimal(f"{value:.15g}")))
        except _Odd:
            return ""
        if signed and value < 0 and re.search("[1-9๑-๙]", text):
            text = f"-{text}"
        return " ".join(text.split())

    def _of(self, value: float) -> tuple[_Section | None, bool]:
        """The section for a number, and whether a minus sign must be written before it."""
        sections = self.sections
        if any(section.condition for section in sections):
            for section in sections:
                if section.condition is None:
                    return section, True
                sign, bound = section.condition
                if _COMPARE[sign](value, bound):
                    return section, True
            return None, False  # Excel shows ####
        if value < 0 and len(sections) > 1:
            return sections[1], False
        if value == 0 and len(sections) > 2:
            return sections[2], False
        return sections[0], True


def says_more(text: str) -> bool:
    """Whether a displayed text adds meaning to the digits: "75%", "1,250 ครอบครัว"."""
    return not _SILENT.match("".join(each for each in text if not each.isdigit()))


def telling(code: str) -> NumberFormat | None:
    """The format for this code (or built-in format number), if it adds meaning to the digits.

    That is a percent sign, text, a currency other than the baht, or a scale (0.0,, shows millions).
    None for other formats, and for those that are not rendered here.
    """
    code = _BUILT_IN.get(code, code)
    if len(code) > MAX_CODE or code.isdigit():
        return None
    try:
        sections = _sections(code)
    except _Odd:
        return None
    return NumberFormat(sections) if any(each.tells for each in sections[:3]) else None
