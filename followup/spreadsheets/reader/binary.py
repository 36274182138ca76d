"""Facts about cells of the binary formats that calamine does not report, as for an .xlsx."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from followup.spreadsheets.reader.limits import Limits, TooLarge
from followup.spreadsheets.reader.numberformat import telling
from followup.spreadsheets.reader.package import Styles, format_kind
from followup.spreadsheets.reader.sheet import MAX_COLUMN, MAX_ROW, Facts, unlike_calamine
from followup.spreadsheets.types import CellError

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


@dataclass
class StyleTable:
    """Collects the cell styles of a workbook while it is read."""

    codes: dict[int, str] = field(default_factory=dict)
    struck_fonts: set[int] = field(default_factory=set)
    styles: Styles = field(default_factory=Styles)
    count: int = 0

    def add(self, font: int, number: int) -> None:
        """Add the next cell style by its font and its number format."""
        style = str(self.count)
        code = self.codes.get(number, str(number))
        kind = format_kind(code)
        if kind:
            self.styles.kinds[style] = kind
        if kind in {"", "percent"} and (told := telling(code)):
            self.styles.formats[style] = told
        if font in self.struck_fonts:
            self.styles.struck.add(style)
        self.count += 1


class Collector:
    """Collects the cells of one sheet, in any order. Raises TooLarge at the first over a limit."""

    def __init__(self, styles: Styles, date_1904: bool, limits: Limits, left: int) -> None:
        self.facts = Facts()
        self._styles = styles
        self._date_1904 = date_1904
        self._limits = limits
        self._left = left
        self._percent: set[int] = set()
        self._plain: set[int] = set()

    def filled(self, row: int, column: int, style: int) -> str:
        """Record that the cell has content; return the name of its style."""
        facts = self.facts
        facts.last_row, facts.last_column = max(row, facts.last_row), max(column, facts.last_column)
        if facts.last_row >= self._limits.rows:
            raise TooLarge("rows")
        if (facts.last_row + 1) * (facts.last_column + 1) > self._left:
            raise TooLarge("cells")
        name = str(style)
        if name in self._styles.struck:
            facts.struck.add((row, column))
        return name

    def number(self, row: int, column: int, style: int, value: float) -> None:
        name = self.filled(row, column, style)
        kind = self._styles.kinds.get(name, "")
        (self._percent if kind == "percent" else self._plain).add(column)
        if told := self._styles.formats.get(name):
            if shown := told.render(value):
                self.facts.shown[row, column] = shown
        elif kind and kind != "percent":
            other = unlike_calamine(value, kind, self._date_1904)
            if other is not None:
                self.facts.override.setdefault(row, {})[column] = other

    def error(self, row: int, column: int, style: int, code: int) -> None:
        self.filled(row, column, style)
        self.facts.override.setdefault(row, {})[column] = CellError(ERRORS.get(code, "#N/A"))

    def merged(self, top: int, bottom: int, left: int, right: int) -> None:
        if top <= bottom < MAX_ROW and left <= right < MAX_COLUMN:
            self.facts.merged.append((top, left, bottom, right))

    def hidden_columns(self, first: int, last: int) -> None:
        self.facts.hidden_columns.append((first, last))

    def done(self) -> Facts:
        self.facts.percent_columns = self._percent - self._plain
        return self.facts


def rk(packed: int) -> float:
    """Decode a number that is packed into 30 bits (an RK value)."""
    if packed & 2:
        value = float(packed - 2**32 >> 2 if packed & 2**31 else packed >> 2)
    else:
        value = float(struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0])
    return value / 100 if packed & 1 else value
