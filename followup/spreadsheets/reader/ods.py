"""Facts in the XML of an .ods that calamine does not report."""

from __future__ import annotations

import re
from typing import IO
from xml.parsers import expat

from followup.spreadsheets.reader.limits import Limits, TooLarge
from followup.spreadsheets.reader.notes import MAX_COMMENT, MAX_COMMENTS, Beside
from followup.spreadsheets.reader.numberformat import says_more
from followup.spreadsheets.reader.package import Parts, parse
from followup.spreadsheets.reader.sheet import MAX_COLUMN, MAX_ROW, Facts
from followup.spreadsheets.types import CellError

_NUMBERS = {"float", "percentage", "currency"}
_ERROR = re.compile(r"(?:#[A-Z/0]+[!?]?|Err:[0-9]{3})")
_LONGEST = 300  # characters of a cell's displayed text


def _repeated(attributes: dict[str, str], name: str, most: int) -> int:
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdigit()):
        return 1
    return most if len(text) > 7 else max(1, min(int(text), most))


class _Content:
    """The sheets of content.xml, in order: their facts, and their comments and tick boxes."""

    def __init__(self, limits: Limits) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.sheets: list[tuple[Facts, Beside]] = []
        self._limits = limits
        self._left = limits.cells
        self._struck: set[str] = set()  # names of styles
        self._style = ""
        self._tables = 0  # nesting depth
        self._row = self._column = 0
        self._rows = self._columns = 1  # repetitions of the row and of the cell
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._length = 0
        self._note: list[str] | None = None
        self._paragraph = False
        self._marked = False  # a run of the cell's text is struck out
        self._percent: set[tuple[int, bool]] = set()
        self._column_at = 0

    @property
    def facts(self) -> Facts:
        return self.sheets[-1][0]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:text-properties":
            if attributes.get("style:text-line-through-style", "none") != "none":
                self._struck.add(self._style)
        elif name == "table:table":
            self._tables += 1
            if self._tables == 1:
                self.sheets.append((Facts(), Beside()))
                self._row = self._column_at = 0
                self._percent = set()
        elif self._tables != 1:
            return
        elif name == "table:table-column":
            count = _repeated(attributes, "table:number-columns-repeated", MAX_COLUMN)
            if attributes.get("table:visibility", "visible") != "visible":
                self.facts.hidden_columns.append((self._column_at, self._column_at + count - 1))
            self._column_at += count
        elif name == "table:table-row":
            self._rows = _repeated(attributes, "table:number-rows-repeated", MAX_ROW)
            self._column = 0
            if attributes.get("table:visibility", "visible") != "visible" and self._row < MAX_ROW:
                last = min(self._row + self._rows, MAX_ROW, self._row + self._limits.rows)
                self.facts.hidden_rows.update(range(self._row, last))
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._columns = _repeated(attributes, "table:number-columns-repeated", MAX_COLUMN)
            self._cell = attributes
            self._text.clear()
            self._length = 0
            self._marked = False
        elif name == "office:annotation":
            self._note = []
        elif name == "text:p":
            self._paragraph = True
            lines = self._text if self._note is None else self._note
            if lines:
                lines.append("\n")
        elif name == "text:span" and self._note is None:
            self._marked |= attributes.get("text:style-name", "") in self._struck
        elif name == "form:checkbox":
            self.sheets[-1][1].controls += 1

    def text(self, data: str) -> None:
        if self._cell is None or self._tables != 1 or not self._paragraph:
            return  # a comment's author and date are outside its paragraphs
        if self._note is not None:
            if len(self._note) <= MAX_COMMENT:
                self._note.append(data)
        elif self._length <= _LONGEST:
            self._text.append(data)
            self._length += len(data)

    def end(self, name: str) -> None:
        if name == "table:table":
            self._tables -= 1
            if not self._tables:
                facts = self.facts
                self._left -= (facts.last_row + 1) * (facts.last_column + 1)
                plain = {column for column, percent in self._percent if not percent}
                facts.percent_columns = {column for column, _ in self._percent} - plain
        elif self._tables != 1:
            return
        elif name == "text:p":
            self._paragraph = False
        elif name == "office:annotation" and self._note is not None:
            comments = self.sheets[-1][1].comments
            text = "".join(self._note).strip()
            if text and len(comments) < MAX_COMMENTS:
                if len(text) > MAX_COMMENT:
                    text = f"{text[: MAX_COMMENT - 1]}…"
                comments[self._row, self._column] = text
            self._note = None
        elif name in {"table:table-cell", "table:covered-table-cell"} and self._cell is not None:
            self._settle(self._cell)
            self._cell = None
            self._column += self._columns
        elif name == "table:table-row":
            self._row += self._rows

    def _settle(self, cell: dict[str, str]) -> None:
        facts = self.facts
        kind = cell.get("office:value-type", "")
        text = "".join(self._text).strip()
        formula = "table:formula" in cell
        facts.formulas += formula
        down, across = (
            _repeated(cell, f"table:number-{which}-spanned", most)
            for which, most in (("rows", MAX_ROW), ("columns", MAX_COLUMN))
        )
        row, column = self._row, self._column
        if down > 1 or across > 1:
            facts.merged.append((row, column, row + down - 1, column + across - 1))
        if not (kind or text):
            return
        facts.last_row = max(facts.last_row, row + self._rows - 1)
        facts.last_column = max(facts.last_column, column + self._columns - 1)
        if facts.last_row >= self._limits.rows:
            raise TooLarge("rows")
        if (facts.last_row + 1) * (facts.last_column + 1) > self._left:
            raise TooLarge("cells")
        wrong = cell.get("calcext:value-type") == "error" or (
            formula and kind in {"string", "float", ""} and _ERROR.fullmatch(text)
        )
        number = kind in _NUMBERS and not wrong
        struck = self._marked or cell.get("table:style-name", "") in self._struck
        shown = text if number and len(text) <= _LONGEST and says_more(text) else ""
        for at in range(column, column + self._columns):
            if number:
                self._percent.add((at, kind == "percentage"))
            if not (wrong or struck or shown):
                continue
            for line in range(row, row + self._rows):
                if wrong:
                    facts.override.setdefault(line, {})[at] = CellError(text[:30] or "#N/A")
                if struck:
                    facts.struck.add((line, at))
                if shown:
                    facts.shown[line, at] = shown


def scan_ods(file: IO[bytes], limits: Limits) -> list[tuple[Facts, Beside]]:
    """The sheets of the file. Raises Damaged, TooLarge, zipfile's and expat's errors."""
    parts = Parts(file, limits)
    content = _Content(limits)
    with parts.zip.open(parts.name("content.xml")) as stream:
        parse(stream, content.parser)
    return content.sheets
