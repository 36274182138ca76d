"""Facts in the records of an .xlsb that calamine does not report."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from typing import IO

from followup.spreadsheets.reader.binary import Collector, StyleTable, rk
from followup.spreadsheets.reader.limits import MIB, Damaged, Limits
from followup.spreadsheets.reader.notes import Beside, read_beside
from followup.spreadsheets.reader.package import Parts
from followup.spreadsheets.reader.sheet import MAX_COLUMN, MAX_ROW, Facts

_WORKBOOK = "xl/workbook.bin"
_STYLES = "xl/styles.bin"
_LONGEST = 2**26  # bytes of a record


def _number(stream: IO[bytes], most: int) -> int | None:
    """A number of up to `most` bytes with seven bits each; None at the end of the stream."""
    value = 0
    for place in range(most):
        byte = stream.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << 7 * place
        if not byte[0] & 0x80:
            break
    return value


def _records(parts: Parts, path: str) -> Iterator[tuple[int, bytes]]:
    """Kind and data of each record. Kinds are numbered as in [MS-XLSB], both bytes in full."""
    with parts.zip.open(parts.name(path)) as part:
        stream = BufferedReader(part, MIB)  # type: ignore[type-var]  # it has what is needed
        while True:
            kind = _number(stream, 2)
            length = _number(stream, 4)
            if kind is None or length is None:
                return
            if length > _LONGEST:
                raise Damaged("an endless record")
            yield kind, stream.read(length)


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A string, and the position after it. Raises struct.error."""
    (length,) = struct.unpack_from("<I", data, at)
    if length == 0xFFFFFFFF:
        length = 0
    end = at + 4 + 2 * length
    if end > len(data):
        raise struct.error("a string cut short")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _styles(parts: Parts) -> StyleTable:
    table = StyleTable()
    fonts = 0
    used = False
    if _STYLES in parts.parts:
        for kind, record in _records(parts, _STYLES):
            if kind == 43:  # BrtFont
                if struct.unpack_from("<H", record, 2)[0] & 8:
                    table.struck_fonts.add(fonts)
                fonts += 1
            elif kind == 44:  # BrtFmt
                table.codes[struct.unpack_from("<H", record)[0]] = _text(record, 2)[0]
            elif kind in {617, 618}:  # BrtBeginCellXFs, BrtEndCellXFs
                used = kind == 617
            elif kind == 47 and used:  # BrtXF
                _, number, font = struct.unpack_from("<HHH", record)
                table.add(font, number)
    return table


def scan_xlsb(file: IO[bytes], limits: Limits) -> list[tuple[Facts, Beside]]:
    """The worksheets of the file, in order. Raises Damaged, TooLarge, zipfile's errors."""
    parts = Parts(file, limits)
    try:
        return _scan(parts, limits)
    except struct.error as error:
        raise Damaged("a record cut short") from error


def _scan(parts: Parts, limits: Limits) -> list[tuple[Facts, Beside]]:
    table = _styles(parts)
    paths = {id_: path for kind, id_, path in parts.related(_WORKBOOK) if kind == "worksheet"}
    date_1904 = False
    sheets = []
    for kind, record in _records(parts, _WORKBOOK):
        if kind == 153:  # BrtWbProp
            date_1904 = bool(struct.unpack_from("<I", record)[0] & 1)
        elif kind == 156:  # BrtBundleSh
            relationship, _ = _text(record, 8)
            if relationship in paths:
                sheets.append(paths[relationship])
    found = []
    left = limits.cells
    for path in sheets:
        sheet = Collector(table.styles, date_1904, limits, left)
        _scan_sheet(parts, path, sheet)
        facts = sheet.done()
        left -= (facts.last_row + 1) * (facts.last_column + 1)
        found.append((facts, read_beside(parts, path)))
    return found


def _scan_sheet(parts: Parts, path: str, sheet: Collector) -> None:
    """Pass the cells of one sheet to `sheet`. A truncated record is ignored, as in an .xls."""
    row = 0
    for kind, record in _records(parts, path):
        with suppress(struct.error):
            if kind == 0:  # BrtRowHdr
                (row,) = struct.unpack_from("<I", record)
                if row >= MAX_ROW:
                    raise Damaged("a row too far down")
                if len(record) > 11 and record[11] & 0x10:
                    sheet.facts.hidden_rows.add(row)
            elif 2 <= kind <= 11:
                _cell(kind, record, row, sheet)
            elif kind == 60:  # BrtColInfo
                first, last, _, _, options = struct.unpack_from("<IIIIH", record)
                if options & 1:
                    sheet.hidden_columns(first, min(last, MAX_COLUMN))
            elif kind == 176:  # BrtMergeCell
                sheet.merged(*struct.unpack_from("<IIII", record))


def _cell(kind: int, record: bytes, row: int, sheet: Collector) -> None:
    column, style = struct.unpack_from("<II", record)
    if column >= MAX_COLUMN:
        raise Damaged("a column beyond XFD")
    style &= 0xFFFFFF
    if kind >= 8:
        sheet.facts.formulas += 1
    if kind == 2:
        sheet.number(row, column, style, rk(struct.unpack_from("<I", record, 8)[0]))
    elif kind in {5, 9}:
        sheet.number(row, column, style, struct.unpack_from("<d", record, 8)[0])
    elif kind in {3, 11}:
        sheet.error(row, column, style, struct.unpack_from("<B", record, 8)[0])
    else:
        sheet.filled(row, column, style)
