"""The second look at a sheet's XML: how large it is, and what calamine does not tell."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO
from xml.parsers import expat

from followup.spreadsheets.reader.cells import as_day, number
from followup.spreadsheets.reader.limits import Damaged, Limits, Rectangle, TooLarge
from followup.spreadsheets.reader.package import local, parse
from followup.spreadsheets.types import Cell

MAX_ROW, MAX_COLUMN = 2**20, 2**14  # of Excel


@dataclass
class Facts:
    """What the XML of a sheet says and calamine does not. Positions count from 0.

    `last_row` and `last_column` are those of the last cells that hold something; -1 without any.
    `override` holds, by row and column, what to put in the place of calamine's value.
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


class _Columns(dict[str, int]):
    """ "A" -> 0."""

    def __missing__(self, letters: str) -> int:
        number = 0
        if not re.fullmatch("[A-Za-z]{1,3}", letters):
            raise Damaged("a cell without a place")
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
        if number > MAX_COLUMN:
            raise Damaged("a column beyond XFD")
        self[letters] = number - 1
        return number - 1


_DIGITS = "0123456789"
_TRUE = {"1", "true"}


def _reference(text: str, columns: _Columns) -> tuple[int, int]:
    """ "B3" -> (2, 1). Raises Damaged."""
    letters = text.rstrip(_DIGITS)
    row = text[len(letters) :]
    if not row or len(row) > 7 or not 1 <= int(row) <= MAX_ROW:
        raise Damaged("a cell without a place")
    return int(row) - 1, columns[letters]


def _zero(text: str | None) -> bool:
    try:
        return text is not None and float(text) == 0
    except ValueError:
        return False


def _plain_cells(kinds: Mapping[str, str]) -> re.Pattern[bytes]:
    """A run of complete cells of which only their place matters; groups: that of the last one.

    Texts as Excel, LibreOffice and the usual libraries write them; numbers, but none that may be a
    date, and none at all where columns of percents have to be told; blank cells with a format,
    which do not count. Dropping them makes the second look five times faster; a cell that is not
    matched is looked at, no more.
    """
    styles = [re.escape(style) for style, kind in kinds.items() if kind != "percent"]
    not_dated = f'(?!(?:{"|".join(styles)})")' if styles else ""
    number = "" if "percent" in kinds.values() else r'|(?:\ t="n")?+'
    return re.compile(
        rf"""(?:<c\ r="([A-Z]{{1,3}}+)([0-9]{{1,7}}+)"(?:\ s="{not_dated}[0-9]++")?+
        (?:(?:\ t="s"{number})><v>[^<]++</v>
        |\ t="inlineStr"><is><t(?:\ xml:space="preserve")?+>[^<]*+</t></is>)</c>
        |<c\ r="[A-Z]{{1,3}}+[0-9]{{1,7}}+"(?:\ s="[0-9]++")?+\ ?/>)++""".encode(),
        re.VERBOSE,
    )


def scan(
    stream: IO[bytes], kinds: Mapping[str, str], date_1904: bool, limits: Limits, cells: int
) -> Facts:
    """Read the XML of one sheet. `kinds` are those of the styles, `cells` how many there may be.

    Stops soon after the first cell beyond a limit. Raises TooLarge, Damaged, ValueError,
    expat.ExpatError.
    """
    facts = Facts()
    columns = _Columns()
    date_kinds = {style: kind for style, kind in kinds.items() if kind != "percent"}
    numbers: set[tuple[int, str]] = set()  # columns and styles of the numbers
    texts: list[str] = []  # of the <v> that is being read
    parser = expat.ParserCreate()
    started = False
    elements = 0
    most_elements = 3 * limits.cells  # <c>, <f> and <v>
    row, row_text, column = -1, "", -1
    cell: dict[str, str] = {}
    kind = ""
    pending = formula = valued = False  # about `cell`: to be settled, has an <f>, has a <v>

    def filled(row: int, column: int) -> None:
        if row > facts.last_row:
            facts.last_row = row
            if row >= limits.rows:
                raise TooLarge("rows")
        if column > facts.last_column:
            facts.last_column = column
        if (facts.last_row + 1) * (facts.last_column + 1) > cells:
            raise TooLarge("cells")

    def listen() -> None:
        nonlocal pending
        pending = True
        parser.CharacterDataHandler = texts.append

    def settle() -> None:
        """The cell with an <f>, or with a number in a date format, is complete."""
        nonlocal pending, formula, valued
        text = "".join(texts).strip() if valued else ""
        # An empty string is a result, written as such.
        if formula and (not valued or (not text and cell.get("t") != "str")):
            facts.without_value.append((row, column))
            filled(row, column)
        elif kind and text and cell.get("t", "n") == "n":
            value = unlike_calamine(float(text), kind, date_1904)
            if value is not None:
                facts.override.setdefault(row, {})[column] = value
        parser.CharacterDataHandler = None
        texts.clear()
        pending = formula = valued = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal started, elements, row, row_text, column, cell, kind, formula, valued
        elements += 1
        if elements > most_elements:
            raise TooLarge("elements")
        if name == "c":
            if pending:
                settle()
            cell = attributes
            reference = attributes.get("r")
            if reference is None:
                column += 1
            else:
                letters = reference.rstrip(_DIGITS)
                column = columns[letters]
                if reference[len(letters) :] != row_text:  # never seen; calamine goes by the cell
                    row_text = reference[len(letters) :]
                    row = _reference(reference, columns)[0]
        elif name == "v":
            filled(row, column)
            style = cell.get("s", "0")
            kind = date_kinds.get(style, "")
            if cell.get("t", "n") == "n":
                numbers.add((column, style))
            if formula or kind:
                texts.clear()
                valued = True
                listen()
        elif name == "is":
            filled(row, column)
        elif name == "f":
            facts.formulas += 1
            kind = ""
            formula = True
            listen()
        elif name == "row":
            if pending:
                settle()
            row_text = attributes.get("r", "")
            row = _reference(f"A{row_text}", columns)[0] if row_text else row + 1
            column = -1
            if attributes.get("hidden") in _TRUE or _zero(attributes.get("ht")):
                facts.hidden_rows.add(row)
        elif name == "col":
            if attributes.get("hidden") in _TRUE or _zero(attributes.get("width")):
                first, last = int(attributes.get("min", 0)), int(attributes.get("max", 0))
                facts.hidden_columns.append((first - 1, last - 1))
        elif name == "mergeCell":
            first_cell, _, last_cell = attributes.get("ref", "").partition(":")
            facts.merged.append(
                (*_reference(first_cell, columns), *_reference(last_cell or first_cell, columns))
            )
        elif not started and (prefix := name.removesuffix(local(name))):
            # Elements of other namespaces have other prefixes (<xm:f> is no formula of a cell).
            parser.StartElementHandler = lambda name, attributes: (
                start(name.removeprefix(prefix), attributes) if name.startswith(prefix) else None
            )
        started = True

    def plain(match: re.Match[bytes]) -> bytes:
        if match[1]:
            filled(*_reference((match[1] + match[2]).decode(), columns))
        return b""

    pattern = _plain_cells(kinds)
    parser.StartElementHandler = start
    parse(stream, parser, lambda chunk: pattern.sub(plain, chunk))
    if pending:
        settle()
    percent = {column for column, style in numbers if kinds.get(style) == "percent"}
    facts.percent_columns = percent - {
        column for column, style in numbers if kinds.get(style) != "percent"
    }
    return facts


def unlike_calamine(serial: float, kind: str, date_1904: bool) -> Cell:
    """What a number in a date format is, where calamine's reading loses it; else None.

    calamine drops the sign and the day of what is before day 1, reads serial 60 (the 29 February
    that 1900 did not have) as the 28th, and does not know Thai format letters. The first two stay
    numbers.
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
