"""A file -> plain rows. Runs in a child process that `sandbox.py` starts, feeds and, if need be, kills.

    python -m followup.spreadsheets.reader IN OUT [OPTIONS]

IN is an .xlsx (told by its first bytes) or delimited text. OUT receives lines of JSON, UTF-8:

    {"sheet": {...}}            the facts of a sheet: those of `types.Sheet` but its rows
    [[cell, ...], ...]          some of its rows, from Excel's row 1 and column A, all of one width
    {"end": {...}}              the last line: those of `types.Book` but its sheets
    {"problem": [code, params]} the last line of a file that cannot be used

A date is {"d": "2024-09-30"}, a moment {"t": "2024-09-30T10:20:30"}; any other cell is itself.
OPTIONS is JSON: {"limits": those of `Limits`, "encoding": one of ENCODINGS or ""}.

The standard library, calamine and types.py, nothing of Django: the child starts in a twentieth of
a second. calamine reads the values. A second look, at the sheet's XML, comes first: it measures the
sheet (calamine allocates the whole rectangle, and a rectangle can be stated in 4 KB), refuses
DTDs, and learns what calamine does not tell.
"""

from __future__ import annotations

import codecs
import csv
import errno
import json
import math
import os
import posixpath
import re
import resource
import sys
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from io import StringIO
from itertools import chain, islice
from typing import IO, Any, NoReturn
from xml.parsers import expat

from followup.spreadsheets.types import Cell, Problem, Unreadable

ENCODINGS = ("utf-8", "cp874", "utf-16")
ZIP_MAGIC = b"PK\x03\x04"
MIB = 2**20
CHUNK_ROWS = 500  # in one line of the output
NOBODY = 65534  # the user and group to become where the portal runs as root

Rectangle = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0


@dataclass(frozen=True)
class Limits:
    """What one file may cost. Bytes where no unit is named; cells count blanks inside the table."""

    megabytes: int = 20  # the file itself
    cells: int = 3_000_000  # in all sheets, each counted as a rectangle from A1
    rows: int = 200_000  # in one sheet
    unpacked: int = 512 * MIB  # all parts of an .xlsx
    memory: int = 768 * MIB  # address space of the child: 3 million cells need 384
    output: int = 256 * MIB  # what the child may write
    cpu_seconds: int = 30
    seconds: float = 90.0  # by the clock


DEFAULT_LIMITS = Limits()


class Damaged(Exception):
    """The file breaks its own format, or holds what no spreadsheet program writes."""


class TooLarge(Exception):
    """More cells, rows, text or time than the limits grant."""


def too_large(limits: Limits) -> Problem:
    return Problem("F12", {"max": f"{limits.cells:,}"})


# --- .xlsx: the package -------------------------------------------------------------------------

MAX_PARTS = 10_000
MAX_TOKEN = 8 * MIB  # one tag or comment; expat reads an unfinished one again with every chunk
MAX_ROW, MAX_COLUMN = 2**20, 2**14
_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"


@dataclass
class _Part:
    """One sheet as workbook.xml lists it; `index` is its place there, `path` that of its XML."""

    name: str
    index: int
    path: str
    visible: bool


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_dtd(*_: object) -> NoReturn:
    raise Damaged("a document type declaration")


def _parse(
    stream: IO[bytes],
    parser: expat.XMLParserType,
    prepare: Callable[[bytes], bytes] = lambda chunk: chunk,
) -> None:
    """Feed all of `stream`, which also checks its CRC. Refuses DTDs and anything but UTF-8.

    `prepare` may drop complete elements from a chunk. calamine takes UTF-16 for an
    empty sheet. Raises Damaged, TooLarge, expat.ExpatError.
    """
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.EntityDeclHandler = _refuse_dtd
    parser.XmlDeclHandler = _check_declaration
    fed = 0
    while chunk := stream.read(MIB):
        if not fed and chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise Damaged("XML that is not UTF-8")
        chunk = prepare(chunk)
        parser.Parse(chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > MAX_TOKEN:
            raise TooLarge("an endless tag")
    parser.Parse(b"", True)


def _check_declaration(version: str, encoding: str | None, standalone: int) -> None:
    if encoding and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Damaged("XML that is not UTF-8")


class _RootReached(Exception):
    pass


def _root_reached(name: str, attributes: object) -> NoReturn:
    raise _RootReached


def _elements(
    package: zipfile.ZipFile, path: str, handle: Callable[[str, dict[str, str]], None]
) -> None:
    """Call `handle` with the local name and the attributes of every element of a small part."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: handle(_local(name), attributes)
    with package.open(path) as stream:
        _parse(stream, parser)


class _Package:
    """The zip of an .xlsx, checked before calamine sees it.

    `sheets` are its worksheets in the workbook's order; other kinds of sheet are left out.
    Raises Unreadable F02 for a workbook with macros, Damaged, TooLarge, and whatever zipfile and
    expat raise on damaged data.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.zip = zipfile.ZipFile(file)
        entries = self.zip.infolist()
        if len(entries) > MAX_PARTS:
            raise Damaged("too many parts")
        if sum(entry.file_size for entry in entries) > limits.unpacked:
            raise TooLarge("unpacked size")
        # As calamine finds them: whatever the case, and with Windows' separators.
        self.parts = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}
        if any(posixpath.basename(path) == "vbaproject.bin" for path in self.parts):
            raise Unreadable(Problem("F02", {"ext": "xlsm"}))  # which is what it is
        for path, entry in self.parts.items():
            # customXml is other programs' own, may be UTF-16, and nobody here opens it.
            if path.endswith((".xml", ".rels")) and not path.startswith("customxml/"):
                self._check_prolog(entry)
            if "sharedstrings" in path:  # calamine stops before its CRC
                with self.zip.open(entry) as stream:
                    while stream.read(MIB):
                        pass
        self.date_1904 = False
        self.sheets = self._sheets()
        self.kinds = self._kinds()

    def name(self, path: str) -> str:
        """The name of a part in the zip. Raises Damaged where there is none."""
        try:
            return self.parts[path.lower()].filename
        except KeyError:
            raise Damaged(f"no part {path}") from None

    def _check_prolog(self, entry: zipfile.ZipInfo) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = _root_reached
        with self.zip.open(entry) as stream, suppress(_RootReached):
            _parse(stream, parser)

    def _sheets(self) -> list[_Part]:
        worksheets: dict[str, str] = {}  # relationship id: path
        sheets: list[dict[str, str]] = []

        def relationship(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                # An absolute target replaces "xl".
                path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
                worksheets[attributes.get("Id", "")] = path.lstrip("/")

        def element(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self.date_1904 = attributes.get("date1904") in {"1", "true"}
            elif name == "sheet":
                sheets.append(attributes)

        _elements(self.zip, self.name(_RELATIONSHIPS), relationship)
        _elements(self.zip, self.name("xl/workbook.xml"), element)
        found = []
        for index, attributes in enumerate(sheets):
            ids = [value for name, value in attributes.items() if name.endswith(":id")]
            path = worksheets.get(ids[0]) if ids else None
            if path is not None:
                visible = attributes.get("state", "visible") == "visible"
                found.append(_Part(attributes.get("name", ""), index, path, visible))
        return found

    def _kinds(self) -> dict[str, str]:
        """What the number format of a cell style makes of a number, by the `s` of a cell."""
        if "xl/styles.xml" not in self.parts:
            return {}
        codes: dict[str, str] = {}
        kinds: dict[str, str] = {}
        in_cell_formats = False
        count = 0

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal in_cell_formats, count
            if name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and in_cell_formats:
                number = attributes.get("numFmtId", "0")
                if kind := format_kind(codes.get(number, number)):
                    kinds[str(count)] = kind
                count += 1
            elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
                in_cell_formats = name == "cellXfs"

        _elements(self.zip, self.name("xl/styles.xml"), element)
        return kinds


#: Formats that exist without a code (ECMA-376, 18.8.30), those of Thai included.
_BUILT_IN = {
    **dict.fromkeys(("9", "10", "67", "68"), "percent"),
    **dict.fromkeys(("14", "15", "16", "17", "22"), "date"),
    **dict.fromkeys(("18", "19", "20", "21", "45", "46", "47"), "time"),
    **dict.fromkeys(("71", "72", "73", "74", "77", "81"), "thai"),
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|general|g/ทั่วไป')


def format_kind(code: str) -> str:
    """ "percent", "date", "time", "thai" (a date that calamine takes for a number), or "".

    `code` is a number format as Excel stores it, or the number of a built-in one.
    """
    if code in _BUILT_IN:
        return _BUILT_IN[code]
    bare = _LITERAL.sub("", code.lower()).partition(";")[0]
    if "%" in bare:
        return "percent"
    letters = set(bare)
    if letters & set("0#?") and not letters & set("hs"):  # "ss.00" is the one with both
        return ""
    if letters & set("dy") or ("m" in letters and not letters & set("hs")):
        return "date"
    if letters & set("hs"):
        return "time"
    return "thai" if letters & set("bวดป") else ""


# --- .xlsx: the second look ---------------------------------------------------------------------


@dataclass
class _Facts:
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
) -> _Facts:
    """Read the XML of one sheet. `kinds` are those of the styles, `cells` how many there may be.

    Stops soon after the first cell beyond a limit. Raises TooLarge, Damaged, ValueError,
    expat.ExpatError.
    """
    facts = _Facts()
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
        elif not started and (prefix := name.removesuffix(_local(name))):
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
    _parse(stream, parser, lambda chunk: pattern.sub(plain, chunk))
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


# --- .xlsx: the values --------------------------------------------------------------------------


def number(value: float) -> int | float | str:
    """A whole number as int; one that is none at all ("1e400", "NaN") as text."""
    if value.is_integer():
        return int(value) if abs(value) < 2**53 else value
    return value if math.isfinite(value) else str(value)


def as_day(moment: datetime) -> date | datetime:
    return moment if moment.time() != clock() else moment.date()


def as_clock(value: clock) -> str:
    return f"{value:%H:%M:%S}".removesuffix(":00")


def as_duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    text = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text.removesuffix(":00")


#: By exact type, for all but str: bool is an int and datetime a date.
_CONVERT: dict[type, Callable[[Any], Cell]] = {
    float: number,
    int: lambda value: value,
    bool: lambda value: value,
    date: lambda value: value,
    datetime: as_day,
    clock: as_clock,
    timedelta: as_duration,
}


def clip(merged: Iterable[Rectangle], rows: int, columns: int) -> list[Rectangle]:
    """The merged ranges inside the table. Raises Damaged where ranges overlap badly.

    Without that, a small file could hold a hundred thousand ranges of the whole table each.
    """
    inside = []
    area = 0
    for top, left, bottom, right in merged:
        bottom, right = min(bottom, rows - 1), min(right, columns - 1)
        cells = max(bottom - top + 1, 0) * max(right - left + 1, 0)
        if cells > 1:
            inside.append((top, left, bottom, right))
            area += cells
    if area > rows * columns:
        raise Damaged("merged ranges overlap")
    return inside


def read_xlsx(file: IO[bytes], limits: Limits) -> Iterator[Any]:
    """The lines of the output, one sheet after the other. `file` is open for reading at its start.

    Raises Unreadable (F02, F11), Damaged, TooLarge, and what zipfile, expat and calamine raise.
    """
    from python_calamine import CalamineWorkbook  # after the limits are set

    become_nobody()
    package = _Package(file, limits)
    left = limits.cells
    scanned: list[tuple[_Part, _Facts]] = []
    for part in package.sheets:
        with package.zip.open(package.name(part.path)) as stream:
            facts = scan(stream, package.kinds, package.date_1904, limits, left)
        left -= (facts.last_row + 1) * (facts.last_column + 1)
        scanned.append((part, facts))
    file.seek(0)
    anything = False
    with CalamineWorkbook.from_filelike(file) as workbook:
        for part, facts in scanned:
            if workbook.sheet_names[part.index : part.index + 1] != [part.name]:
                raise Damaged("sheets out of order")
            values = workbook.get_sheet_by_index(part.index)
            height, width = 0, 0
            if values.start and values.end:
                height, width = values.end[0] + 1, values.end[1] + 1
            if height > facts.last_row + 1 or width > facts.last_column + 1:
                raise Damaged("cells that only calamine sees")
            # A formula without a value is not among calamine's cells; its place is in the table.
            height = max([height, *(row + 1 for row, _ in facts.without_value)])
            width = max([width, *(column + 1 for _, column in facts.without_value)])
            anything = anything or height > 0
            yield {
                "sheet": {
                    "name": part.name,
                    "visible": part.visible,
                    "merged": clip(facts.merged, height, width),
                    "hidden_rows": [row for row in facts.hidden_rows if row < height],
                    "hidden_columns": _expand(facts.hidden_columns, width),
                    "formulas": facts.formulas,
                    "without_value": facts.without_value,
                    "percent_columns": list(facts.percent_columns),
                }
            }
            yield from _in_chunks(_rows(values, facts.override, height, width))
    if not anything:
        raise Unreadable(Problem("F11"))
    yield {"end": {"kind": "xlsx", "encoding": "", "delimiter": ""}}


def _expand(ranges: Iterable[tuple[int, int]], width: int) -> list[int]:
    """The hidden columns inside the table; hostile files repeat ranges."""
    found: set[int] = set()
    for first, last in ranges:
        if len(found) == width:
            break
        found.update(range(max(first, 0), min(last, width - 1) + 1))
    return list(found)


def _rows(
    values: Any, override: Mapping[int, Mapping[int, Cell]], height: int, width: int
) -> Iterator[list[Cell]]:
    """Rows of `width` cells from row 1. calamine's start there too, but from its first column."""
    convert = _CONVERT
    before: list[Cell] = [None] * (values.start[1] if values.start else 0)
    count = 0
    for count, cells in enumerate(values.iter_rows(), start=1):
        row = before + [
            (value or None) if type(value) is str else convert[type(value)](value)
            for value in cells
        ]
        row.extend([None] * (width - len(row)))
        for column, value in override.get(count - 1, {}).items():
            row[column] = value
        yield row
    for _ in range(height - count):
        yield [None] * width


def _in_chunks(rows: Iterable[list[Cell]]) -> Iterator[list[list[Cell]]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


# --- CSV ----------------------------------------------------------------------------------------

_THAI_LETTER = re.compile("[ก-ฮ]")
#: Two Thai letters in UTF-8, one after the other: as cp874 "เธชเธซ", which nobody writes.
_UTF8_RUN = re.compile(rb"(?:\xe0[\xb8\xb9][\x80-\xbf]){2}")
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_DELIMITERS = "\t;,"  # in this order where nothing else decides: commas occur in text


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text without its BOM, and the name of its encoding, one of ENCODINGS.

    A BOM decides; else strict UTF-8 with Thai letters (or plain ASCII), else strict cp874 with
    Thai letters, else UTF-16 that looks like it. Naming an `encoding` leaves no choice, and asks
    for no Thai letters. Raises Unreadable: F05, or F01 for NUL characters.
    """
    text, found = _decode(data, encoding)
    if "\0" in text:
        raise Unreadable(Problem("F01"))
    return text.removeprefix("\ufeff"), found


def _decode(data: bytes, encoding: str) -> tuple[str, str]:
    if not encoding:
        if data.startswith(b"\xef\xbb\xbf"):
            encoding = "utf-8"
        elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
            encoding = "utf-16"
    if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _utf16_without_bom(data)
    elif encoding:
        text = _strictly(data, encoding)
    elif b"\0" in data:
        text, encoding = _utf16_without_bom(data), "utf-16"
        if text is None:
            raise Unreadable(Problem("F01"))
    else:
        text, encoding = _strictly(data, "utf-8"), "utf-8"
        if text is None or not (text.isascii() or _THAI_LETTER.search(text)):
            text, encoding = _strictly(data, "cp874"), "cp874"
            if text is None or _UTF8_RUN.search(data) or not _THAI_LETTER.search(text):
                text, encoding = _utf16_without_bom(data), "utf-16"
    if text is None:
        raise Unreadable(Problem("F05"))
    return text, encoding


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _utf16_without_bom(data: bytes) -> str | None:
    """The text, in the byte order that makes nearly all of it Latin, Thai or punctuation."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _strictly(data, encoding)
        if text is None or "\0" in text:
            continue
        sample = text[:4000]
        likely = len(re.findall("[\t\r\n -\u00ff\u0e01-\u0e5b\u2000-\u20cf\ufeff]", sample))
        if likely >= 0.9 * len(sample):
            return text
    return None


def find_delimiter(text: str) -> str:
    """Tab, semicolon or comma: the one that cuts most of the first 100 rows into equally many.

    A comma for text that none of them cuts.
    """
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        rows = islice(csv.reader(StringIO(text[:MIB], newline=""), delimiter=delimiter), 100)
        widths = [len(row) for row in rows if row]
        for width, count in Counter(widths).items():
            score = (count / len(widths)) ** 2 * (width - 1)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def parse_csv(text: str, limits: Limits) -> tuple[list[list[str | None]], str]:
    """The rows, all of one width, without blank rows and columns at the end; and the delimiter.

    A first line "sep=;" is obeyed and dropped, as Excel does. Raises TooLarge; Damaged for a quote
    that is never closed: it swallows all that follows.
    """
    csv.field_size_limit(len(text) + 100)
    if separator := _SEPARATOR_LINE.match(text):
        delimiter, text = separator[1], text[separator.end() :]
    else:
        delimiter = find_delimiter(text)
    sentinel = "\x02end of the text\x03"
    if not text.endswith(("\n", "\r")):
        text += "\n"
    lines = chain(StringIO(text, newline=""), [sentinel])
    rows: list[list[str | None]] = []
    width = last = 0
    ended = False
    for cells in csv.reader(lines, delimiter=delimiter):
        if cells == [sentinel]:
            ended = True
            break
        while cells and not cells[-1]:
            cells.pop()
        rows.append([cell or None for cell in cells])
        if cells:
            last = len(rows)
            width = max(width, len(cells))
            if last > limits.rows or last * width > limits.cells:
                raise TooLarge("cells")
    if not ended:
        raise Damaged("an open quote")
    del rows[last:]
    for row in rows:
        row.extend([None] * (width - len(row)))
    return rows, delimiter


def read_csv(file: IO[bytes], encoding: str, limits: Limits) -> Iterator[Any]:
    """The lines of the output for delimited text. Raises Unreadable (F01, F05, F11), TooLarge."""
    become_nobody()
    text, encoding = decode(file.read(), encoding)
    rows, delimiter = parse_csv(text, limits)
    if not rows:
        raise Unreadable(Problem("F11"))
    yield {"sheet": {"name": "CSV"}}
    yield from _in_chunks(rows)  # type: ignore[arg-type]  # list is invariant
    yield {"end": {"kind": "csv", "encoding": encoding, "delimiter": delimiter}}


# --- The child ----------------------------------------------------------------------------------


def confine(limits: Limits) -> None:
    """Lower this process's own limits, for good. Before anything is read or calamine is loaded."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),  # no child, no thread (root is exempt until it is nobody)
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))


def become_nobody() -> None:
    """Give up root, where the portal runs as root. All files are open and all code is loaded."""
    if os.geteuid() == 0:
        with suppress(OSError):  # a container may know no such user
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


def _date(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    raise TypeError(type(value))


def _write(lines: Iterable[Any], target: int) -> None:
    """Write to a file descriptor, unbuffered: after an error nothing waits to be written."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_date).encode
    for line in lines:
        left = memoryview(encode(line).encode() + b"\n")
        while left:
            left = left[os.write(target, left) :]


def _outcome(error: BaseException, limits: Limits) -> Problem:
    """What to say about a file whose reading ended so. What nobody foresaw goes to stderr too."""
    if isinstance(error, Unreadable):
        return error.problem
    if isinstance(error, expat.ExpatError):
        out_of_memory = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
        return too_large(limits) if error.code == out_of_memory else Problem("F01")
    if isinstance(error, TooLarge | MemoryError):
        return too_large(limits)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:  # Python ignores the signal
        return too_large(limits)
    if not isinstance(error, Damaged | zipfile.BadZipFile):
        traceback.print_exception(error)
    return Problem("F01")


def main(arguments: list[str]) -> int:
    """Read IN, write OUT. OUT ends with an outcome, or something killed this process."""
    options = json.loads(arguments[2]) if len(arguments) > 2 else {}
    limits = Limits(**options.get("limits", {}))
    confine(limits)
    for codec in ("cp437", "cp874", "utf-16", "utf-16-le", "utf-16-be"):
        codecs.lookup(codec)  # loads it: nobody may not be allowed to read Python's own files
    with open(arguments[0], "rb") as source, open(arguments[1], "wb") as out:
        target = out.fileno()
        try:
            is_zip = source.read(len(ZIP_MAGIC)) == ZIP_MAGIC
            source.seek(0)
            if is_zip:
                _write(read_xlsx(source, limits), target)
            else:
                _write(read_csv(source, options.get("encoding", ""), limits), target)
        except BaseException as error:  # a panic in Rust is no Exception
            problem = _outcome(error, limits)
            # Afresh: what was written until now is of no use, and may fill all that may be written.
            os.lseek(target, 0, os.SEEK_SET)
            os.ftruncate(target, 0)
            _write([{"problem": [problem.code, dict(problem.params)]}], target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
