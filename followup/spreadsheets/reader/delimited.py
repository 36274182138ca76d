"""Delimited text, in the encodings that Thai files come in."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import chain, islice
from typing import IO, Any

from followup.spreadsheets.reader.limits import (
    MIB,
    Damaged,
    Limits,
    TooLarge,
    become_nobody,
    end,
    in_chunks,
)
from followup.spreadsheets.types import Problem, Unreadable

_THAI_LETTER = re.compile("[ก-ฮ]")
#: Two successive Thai letters in UTF-8. Read as cp874 they would be "เธชเธซ", which is not Thai.
_UTF8_RUN = re.compile(rb"(?:\xe0[\xb8\xb9][\x80-\xbf]){2}")
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_DELIMITERS = "\t;,"  # tried in this order if they tie: commas occur in text


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text without its BOM, and the name of its encoding, one of ENCODINGS.

    A BOM decides; else strict UTF-8 with Thai letters (or plain ASCII); else strict cp874 with Thai
    letters; else UTF-16 if nearly all of it is plausible. With `encoding` given, only that one is
    tried, and Thai letters are not required. Raises Unreadable: F05, or F01 for NUL characters.
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
    """The text in the byte order that makes nearly all of it Latin, Thai or punctuation, or None."""
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
    """Tab, semicolon or comma: the one that splits most of the first 100 rows into equally many.

    It is the comma if none of them splits the text.
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

    A first line "sep=;" sets the delimiter and is dropped, as in Excel. Raises TooLarge, and Damaged
    for a quote that is never closed, because it would swallow the rest of the file.
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


#: A field of Excel's clipboard text. Excel quotes only fields with a tab or a line end; a quote at
#: the start of any other field belongs to the cell's text.
_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^\t\r\n]*))(\t|\r\n|\r|\n|\Z)')


def parse_tabs(text: str, limits: Limits) -> tuple[list[list[str | None]], str]:
    """The same for text that only tabs delimit, such as a single column with commas in it.

    A quote that is never closed is an ordinary character. Raises TooLarge.
    """
    rows: list[list[str | None]] = []
    row: list[str | None] = []
    width = last = 0
    for found in _FIELD.finditer(text):
        quoted, plain, stop = found.groups()
        if not stop and found.start() == len(text) and not row:
            break
        row.append((plain if quoted is None else quoted.replace('""', '"')) or None)
        if stop == "\t":
            continue
        while row and not row[-1]:
            row.pop()
        rows.append(row)
        if row:
            last = len(rows)
            width = max(width, len(row))
            if last > limits.rows or last * width > limits.cells:
                raise TooLarge("cells")
        row = []
        if not stop:
            break
    del rows[last:]
    for row in rows:
        row.extend([None] * (width - len(row)))
    return rows, "\t"


def read_csv(
    file: IO[bytes], encoding: str, limits: Limits, *, tabs: bool = False
) -> Iterator[Any]:
    """The lines of the output for delimited text; with `tabs`, only tabs delimit.

    Raises Unreadable (F01, F05, F11), Damaged, TooLarge.
    """
    become_nobody()
    text, encoding = decode(file.read(), encoding)
    rows, delimiter = parse_tabs(text, limits) if tabs else parse_csv(text, limits)
    if not rows:
        raise Unreadable(Problem("F11"))
    yield {"sheet": {"name": "CSV"}}
    yield from in_chunks(rows)  # type: ignore[arg-type]  # list is invariant
    yield end("csv", encoding=encoding, delimiter=delimiter)
