"""Our own scan of a sheet's XML: its size, and facts that calamine does not report."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO
from xml.parsers import expat

from followup.spreadsheets.reader.cells import as_day, number
from followup.spreadsheets.reader.limits import Damaged, Limits, Rectangle, TooLarge
from followup.spreadsheets.reader.package import Styles, is_on, local, parse
from followup.spreadsheets.types import Cell, CellError

MAX_ROW, MAX_COLUMN = 2**20, 2**14  # Excel's limits


@dataclass
class Facts:
    """Facts in a sheet's XML that calamine does not report. Positions count from 0.

    `last_row` and `last_column` are those of the last cells with content; -1 without any. `override`
    replaces calamine's values, by row and column: calamine returns an error as blank, and refuses a
    file with `unknown_errors`. The other fields are those of `Sheet`.
    """

    last_row: int = -1
    last_column: int = -1
    formulas: int = 0
    without_value: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last
    merged: list[Rectangle] = field(default_factory=list)
    percent_columns: set[int] = field(default_factory=set)
    override: dict[int, dict[int, Cell]] = field(default_factory=dict)
    unknown_errors: list[tuple[int, int]] = field(default_factory=list)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: set[tuple[int, int]] = field(default_factory=set)


class Columns(dict[str, int]):
    """ "A" -> 0. Raises Damaged for an invalid column."""

    def __missing__(self, letters: str) -> int:
        number = 0
        if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
            raise Damaged("a cell without a place")
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
        if number > MAX_COLUMN:
            raise Damaged("a column beyond XFD")
        self[letters] = number - 1
        return number - 1


_DIGITS = "0123456789"
_TRUE = {"1", "true"}
_OF_A_CELL = 3  # elements of a cell at most: <c> with a <v>, or with an <is> and its <t>
#: Why the <v> of a cell is read, besides the kinds of styles.
_ERROR, _SHOWN, _STRING = "error", "shown", "string"
_LONGEST_ERROR = 30
#: calamine refuses the whole file for any other error, such as #SPILL!
_KNOWN_ERRORS = {
    *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"),
}


def _row(text: str) -> int:
    """ "3" -> 2. Raises Damaged."""
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and 1 <= int(text) <= MAX_ROW):
        raise Damaged("a cell without a place")
    return int(text) - 1


def reference(text: str, columns: Columns) -> tuple[int, int]:
    """ "B3" -> (2, 1). Raises Damaged."""
    letters = text.rstrip(_DIGITS)
    return _row(text[len(letters) :]), columns[letters]


def address(row: int, column: int) -> str:
    """(2, 1) -> "B3"."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def _zero(text: str | None) -> bool:
    try:
        return text is not None and float(text) == 0
    except ValueError:
        return False


def scan(
    stream: IO[bytes],
    styles: Styles,
    struck_strings: Collection[str],
    date_1904: bool,
    limits: Limits,
    cells: int,
) -> Facts:
    """Read the XML of one sheet. `cells` is the maximum number of cells.

    Every element passes through `start`, so it tests the most frequent elements first and does as
    little as possible for a plain cell. Stops at the first cell over a limit. Raises TooLarge,
    Damaged, ValueError, expat.ExpatError.
    """
    facts = Facts()
    columns = Columns()
    percent_styles = {style for style, kind in styles.kinds.items() if kind == "percent"}
    kinds = {style: kind for style, kind in styles.kinds.items() if kind != "percent"}
    kinds |= dict.fromkeys(styles.formats, _SHOWN)
    with_percent = bool(percent_styles)
    struck_styles = styles.struck
    styled = bool(kinds or with_percent or struck_styles)
    numbers: set[tuple[int, str]] = set()  # (column, style) of the numbers
    texts: list[str] = []  # the pieces of the <v> being read
    parser = expat.ParserCreate()
    spare = 3 * limits.cells  # how many more elements are allowed, besides those of plain cells
    last_row = last_column = -1
    row, row_text, column = -1, "", -1
    cell: dict[str, str] = {}
    kind = ""
    pending = formula = valued = False  # `cell` is not yet settled, has an <f>, has a <v>

    def filled() -> None:
        """Extend the table's size to this cell."""
        nonlocal last_row, last_column
        last_row, last_column = max(row, last_row), max(column, last_column)
        if last_row >= limits.rows:
            raise TooLarge("rows")
        if (last_row + 1) * (last_column + 1) > cells:
            raise TooLarge("cells")

    def listen() -> None:
        nonlocal pending
        pending = True
        parser.CharacterDataHandler = texts.append

    def settle() -> None:
        """Finish a cell that has an <f>, or a <v> that had to be read."""
        nonlocal pending, formula, valued, kind
        text = "".join(texts).strip() if valued else ""
        # An empty string is a result; it has the type "str".
        if formula and (not valued or (not text and cell.get("t") != "str")):
            facts.without_value.append((row, column))
            filled()
        elif kind == _ERROR:
            if text:
                facts.override.setdefault(row, {})[column] = CellError(text[:_LONGEST_ERROR])
                if text not in _KNOWN_ERRORS:
                    facts.unknown_errors.append((row, column))
        elif kind == _STRING:
            if text in struck_strings:
                facts.struck.add((row, column))
        elif kind and text and cell.get("t", "n") == "n":
            if kind == _SHOWN:
                if shown := styles.formats[cell.get("s", "0")].render(float(text)):
                    facts.shown[row, column] = shown
            else:
                value = unlike_calamine(float(text), kind, date_1904)
                if value is not None:
                    facts.override.setdefault(row, {})[column] = value
        kind = ""
        parser.CharacterDataHandler = None
        texts.clear()
        pending = formula = valued = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal spare, row, row_text, column, cell, kind, formula, valued
        spare -= 1
        if spare < 0:
            raise TooLarge("elements")
        if name == "c":
            if pending:
                settle()
            cell = attributes
            place = attributes.get("r")
            if place is None:
                column += 1
                return
            spare += _OF_A_CELL
            letters = place.removesuffix(row_text)
            if letters in columns:
                column = columns[letters]
            else:  # a column for the first time, or a row that is not that of the <row>
                letters = place.rstrip(_DIGITS)
                column = columns[letters]
                if place[len(letters) :] != row_text:  # unseen; as calamine does
                    row_text = place[len(letters) :]
                    row = _row(row_text)
        elif name == "v":
            if row > last_row or column > last_column:
                filled()
            if styled:
                style = cell.get("s", "0")
                kind = kinds.get(style, "")
                if with_percent and cell.get("t", "n") == "n":
                    numbers.add((column, style))
                if style in struck_styles:
                    facts.struck.add((row, column))
            if cell.get("t") == "e":
                kind = _ERROR
            elif struck_strings and cell.get("t") == "s":
                kind = _STRING
            if formula or kind:
                texts.clear()
                valued = True
                listen()
        elif name == "t":
            pass
        elif name == "is":
            if row > last_row or column > last_column:
                filled()
            if struck_styles and cell.get("s", "0") in struck_styles:
                facts.struck.add((row, column))
        elif name == "row":
            if pending:
                settle()
            row_text = attributes.get("r", "")
            row = _row(row_text) if row_text else row + 1
            column = -1
            if attributes.get("hidden") in _TRUE or _zero(attributes.get("ht")):
                facts.hidden_rows.add(row)
        elif name == "f":
            facts.formulas += 1
            kind = ""
            formula = True
            listen()
        elif name == "col":
            if attributes.get("hidden") in _TRUE or _zero(attributes.get("width")):
                first, last = int(attributes.get("min", 0)), int(attributes.get("max", 0))
                facts.hidden_columns.append((first - 1, last - 1))
        elif name == "mergeCell":
            first_cell, _, last_cell = attributes.get("ref", "").partition(":")
            facts.merged.append(
                (*reference(first_cell, columns), *reference(last_cell or first_cell, columns))
            )
        elif name == "strike" and is_on(attributes) and min(row, column) >= 0:
            facts.struck.add((row, column))  # one run of the cell's text is struck out

    def root(name: str, attributes: dict[str, str]) -> None:
        if prefix := name.removesuffix(local(name)):
            # Elements of other namespaces have other prefixes (<xm:f> is not a cell's formula).
            parser.StartElementHandler = lambda name, attributes: (
                start(name.removeprefix(prefix), attributes) if name.startswith(prefix) else None
            )
        else:
            parser.StartElementHandler = start

    parser.StartElementHandler = root
    parse(stream, parser)
    if pending:
        settle()
    facts.last_row, facts.last_column = last_row, last_column
    percent = {column for column, style in numbers if style in percent_styles}
    facts.percent_columns = percent - {
        column for column, style in numbers if style not in percent_styles
    }
    return facts


def unlike_calamine(serial: float, kind: str, date_1904: bool) -> Cell:
    """The right value of a number in a date format if calamine reads it wrongly; else None.

    calamine drops the sign and the day of serials before day 1, reads serial 60 (the 29 February that
    1900 did not have) as the 28th, and does not know Thai format letters. In the first two cases the
    value stays a number.
    """
    if not math.isfinite(serial):
        return None
    if serial < 0 or (kind != "time" and serial < 1) or (60 <= serial < 61 and not date_1904):
        return number(serial)
    if kind != "thai":
        return None
    epoch = datetime(1904, 1, 1) if date_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)
    try:
        moment = epoch + timedelta(milliseconds=round(serial * 86_400_000))
    except OverflowError:
        return number(serial)
    return as_day(moment)
