"""A Word file: its tables, each read as a sheet; or its whole text, one row for each line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from followup.spreadsheets.reader.limits import (
    Damaged,
    Limits,
    TooLarge,
    become_nobody,
    end,
    in_chunks,
)
from followup.spreadsheets.reader.notes import Beside
from followup.spreadsheets.reader.package import Parts, check_prolog, is_on, local, parse
from followup.spreadsheets.reader.sheet import Facts
from followup.spreadsheets.reader.table import sheet_line
from followup.spreadsheets.types import Cell, Problem, Unreadable

MAX_SPAN = 1000  # columns; Word's own limit is 63
_QUOTED = 60  # characters quoted of the text outside the tables

#: Ticks of the symbol fonts, by the last byte of their code.
_SYMBOLS = {
    "wingdings": {0xFC: "✔", 0xFE: "☑", 0xFD: "☒", 0xFB: "✘", 0xA8: "☐", 0x6F: "☐"},
    "wingdings 2": {0x50: "✔", 0x52: "☑", 0x53: "☒", 0x4F: "✘", 0xA3: "☐"},
}
#: Tracked changes: text moved away, former formatting; and fallbacks for older programs.
_SKIPPED = {"moveFrom", "rPrChange", "pPrChange", "tcPrChange", "Fallback"}


@dataclass
class _Cell:
    left: int
    paragraphs: list[str] = field(default_factory=list)
    span: int = 1
    merge: str = ""  # "restart", "continue", or "" for a cell that is not merged vertically
    struck: bool = False


@dataclass
class _Table:
    rows: list[dict[int, Cell]] = field(default_factory=list)
    width: int = 0
    facts: Facts = field(default_factory=Facts)
    open: dict[int, tuple[int, int]] = field(default_factory=dict)  # column: first row, last column


class _Document:
    """Collects what `parse` finds. A table inside a cell becomes text of that cell."""

    def __init__(self, limits: Limits) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.tables: list[_Table] = []
        self.outside = ""
        self.numbered = False
        self._left = limits.cells
        self._rows = limits.rows
        self._depth = 0
        self._skipped = 0
        self._of_paragraph = False
        self._cell: _Cell | None = None
        self._column = 0
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name in _SKIPPED:
            self._skipped += 1
        if self._skipped:
            return
        if name == "t":
            self.parser.CharacterDataHandler = self._text.append
        elif name == "p":
            self._paragraph()
        elif name == "tbl":
            self._paragraph()
            self._depth += 1
            if self._depth == 1:
                self.tables.append(_Table())
        elif name in {"tab", "ptab"}:
            if not attributes:  # with attributes it is a tab stop of the paragraph
                self._text.append("\t")
        elif name in {"br", "cr"}:
            self._text.append("\n")
        elif name in {"noBreakHyphen", "softHyphen"}:
            self._text.append("-" if name == "noBreakHyphen" else "")
        elif name == "sym":
            self._text.append(_symbol(_of(attributes, "font"), _of(attributes, "char")))
        elif name == "pPr":
            self._of_paragraph = True
        elif name in {"strike", "dstrike"}:
            on = is_on({"val": _of(attributes) or "1"})
            if on and self._cell is not None and not self._of_paragraph:  # else: of its mark
                self._cell.struck = True
        elif self._depth == 1:
            self._structure(name, attributes)

    def _structure(self, name: str, attributes: dict[str, str]) -> None:
        cell = self._cell
        if name == "tr":
            self.tables[-1].rows.append({})
            self._column = 0
            if len(self.tables[-1].rows) > self._rows:
                raise TooLarge("rows")
        elif name == "gridBefore":
            self._column += _number(attributes)
        elif name == "tc":
            if not self.tables[-1].rows:
                raise Damaged("a cell outside a row")
            self._cell = _Cell(self._column)
        elif cell is None:
            return
        elif name == "gridSpan":
            cell.span = max(_number(attributes), 1)
        elif name == "vMerge":
            cell.merge = _of(attributes) or "continue"
        elif name == "numPr":
            self.numbered = True

    def end(self, name: str) -> None:
        name = local(name)
        if name in _SKIPPED:
            self._skipped -= 1
        elif self._skipped:
            return
        elif name == "t":
            self.parser.CharacterDataHandler = None
        elif name == "p":
            self._paragraph()
        elif name == "pPr":
            self._of_paragraph = False
        elif name == "tbl":
            self._depth -= 1
            if not self._depth:
                self._finish(self.tables[-1])
        elif name == "tc" and self._depth == 1 and self._cell is not None:
            self._place(self.tables[-1], self._cell)
            self._cell = None

    def _paragraph(self) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        if not text:
            return
        if self._cell is not None:
            self._cell.paragraphs.append(text)
        elif not self.outside:
            line = " ".join(text.split())
            self.outside = line if len(line) <= _QUOTED else f"{line[: _QUOTED - 1]}…"

    def _place(self, table: _Table, cell: _Cell) -> None:
        row, left, right = len(table.rows) - 1, cell.left, cell.left + cell.span - 1
        self._column = right + 1
        if self._column > table.width:
            table.width = self._column
        if len(table.rows) * table.width > self._left:
            raise TooLarge("cells")
        text = "\n".join(cell.paragraphs) or None
        first = table.open.get(left)
        if cell.merge == "continue" and first and first[1] == right:
            if text is not None:  # Word does not show it
                table.rows[row][left] = text
        else:
            self._close(table, left, row)
            if text is not None:
                table.rows[row][left] = text
            if cell.merge:
                table.open[left] = row, right
            elif cell.span > 1:
                table.facts.merged.append((row, left, row, right))
        if cell.struck and text is not None:
            table.facts.struck.add((row, left))

    def _close(self, table: _Table, left: int, row: int) -> None:
        """Close the merged cell that began above at this column: it ends above this row."""
        if left in table.open:
            top, right = table.open.pop(left)
            if row - 1 > top or right > left:
                table.facts.merged.append((top, left, row - 1, right))

    def _finish(self, table: _Table) -> None:
        for left in list(table.open):
            self._close(table, left, len(table.rows))
        self._left -= len(table.rows) * table.width


def _of(attributes: dict[str, str], name: str = "val") -> str:
    """An attribute by its local name, with any prefix."""
    return next((value for key, value in attributes.items() if local(key) == name), "")


def _number(attributes: dict[str, str]) -> int:
    """The column span. Raises Damaged above MAX_SPAN."""
    text = _of(attributes)
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return 0
    if int(text) > MAX_SPAN:
        raise Damaged("a cell too wide")
    return int(text)


def _symbol(font: str, code: str) -> str:
    try:
        number = int(code, 16)
        character = chr(number)
    except (ValueError, OverflowError):
        return ""
    known = _SYMBOLS.get(font.lower(), {}).get(number & 0xFF)
    return known or (character if character.isprintable() else "\ufffd")


class _Text:
    """Collects the text of the document as it stands, paragraph by paragraph, those of tables too."""

    def __init__(self, limits: Limits) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.paragraphs: list[str] = []
        self.numbered = False
        self._left = limits.rows
        self._skipped = 0
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name in _SKIPPED:
            self._skipped += 1
        if self._skipped:
            return
        if name == "t":
            self.parser.CharacterDataHandler = self._text.append
        elif name in {"tab", "ptab"}:
            if not attributes:  # with attributes it is a tab stop of the paragraph
                self._text.append("\t")
        elif name in {"br", "cr"}:
            self._text.append("\n")
        elif name == "noBreakHyphen":
            self._text.append("-")
        elif name == "sym":
            self._text.append(_symbol(_of(attributes, "font"), _of(attributes, "char")))
        elif name == "numPr":
            self.numbered = True

    def end(self, name: str) -> None:
        name = local(name)
        if name in _SKIPPED:
            self._skipped -= 1
        elif self._skipped:
            return
        elif name == "t":
            self.parser.CharacterDataHandler = None
        elif name == "p":
            lines = "".join(self._text).split("\n")
            self._text.clear()
            self.paragraphs += lines
            self._left -= len(lines)
            if self._left < 0:
                raise TooLarge("lines")


def read_text(file: IO[bytes], limits: Limits) -> Iterator[Any]:
    """The lines of the output: one sheet of one column, a row for each line of the text.

    Raises Unreadable (F11), Damaged, TooLarge, and zipfile's and expat's errors.
    """
    text = _Text(limits)
    _parse_document(file, limits, text.parser)
    if not any(line.strip() for line in text.paragraphs):
        raise Unreadable(Problem("F11"))
    yield sheet_line("text", True, Facts(), (len(text.paragraphs), 1), Beside())
    yield from in_chunks([line] for line in text.paragraphs)
    yield end("docx", *([Problem("F21")] if text.numbered else []))


def _parse_document(file: IO[bytes], limits: Limits, parser: expat.XMLParserType) -> None:
    """Feed the main document to the parser. Raises Damaged, TooLarge, zipfile's and expat's errors."""
    become_nobody()
    parts = Parts(file, limits)
    for path, entry in parts.parts.items():
        if path.endswith((".xml", ".rels")) and not path.startswith("customxml/"):
            check_prolog(parts.zip, entry)
    paths = [path for kind, _, path in parts.related("") if kind == "officeDocument"]
    if not paths or not paths[0].lower().startswith("word/"):
        raise Damaged("no document")
    with parts.zip.open(parts.name(paths[0])) as stream:
        parse(stream, parser)


def read_docx(file: IO[bytes], limits: Limits) -> Iterator[Any]:
    """The lines of the output, one table after the other.

    Raises Unreadable (F11, F20), Damaged, TooLarge, and zipfile's and expat's errors.
    """
    document = _Document(limits)
    _parse_document(file, limits, document.parser)
    if not document.tables:
        raise Unreadable(Problem("F20"))
    if not any(any(table.rows) for table in document.tables):
        raise Unreadable(Problem("F11"))
    for number, table in enumerate(document.tables, start=1):
        size = len(table.rows), table.width
        yield sheet_line(f"ตาราง {number}", True, table.facts, size, Beside())
        yield from in_chunks(_rows(table))
    notices = []
    if document.outside:
        notices.append(Problem("F19", {"text": document.outside}))
    if document.numbered:
        notices.append(Problem("F21"))
    yield end("docx", *notices)


def _rows(table: _Table) -> Iterator[list[Cell]]:
    for found in table.rows:
        row: list[Cell] = [None] * table.width
        for column, text in found.items():
            row[column] = text
        yield row
