"""Facts in the records of an .xls that calamine does not report."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from followup.spreadsheets.reader.binary import Collector, StyleTable, rk
from followup.spreadsheets.reader.limits import Damaged, Limits
from followup.spreadsheets.reader.notes import MAX_COMMENT, MAX_COMMENTS, Beside
from followup.spreadsheets.reader.sheet import Facts

_END = 0xFFFFFFFA  # from this number on, not a sector
_BIFF8 = 0x0600
_WORKSHEET = 0
_CHECK_BOX = 0x0B  # type of a drawn object


class _Container:
    """An OLE file, which is a file system within a file. Raises Damaged."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        try:
            self._sector = 1 << min(struct.unpack_from("<H", data, 30)[0], 16)
            self._mini_sector = 1 << min(struct.unpack_from("<H", data, 32)[0], 16)
            directory, _, self._cutoff, mini_fat = struct.unpack_from("<IIII", data, 48)
            more = struct.unpack_from("<I", data, 68)[0]
            sectors = list(struct.unpack_from("<109I", data, 76))
            seen = set()
            while more < _END and more not in seen:
                seen.add(more)
                *found, more = self._numbers(self._at(more))
                sectors += found
            self._fat = [
                number
                for sector in sectors
                if sector < _END
                for number in self._numbers(self._at(sector))
            ]
            self._directory = self._chain(directory)
            self._mini_fat = self._numbers(self._chain(mini_fat))
        except (struct.error, ValueError) as error:  # no number where one must stand
            raise Damaged("an OLE file cut short") from error

    def _at(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector
        return self.data[start : start + self._sector]

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _chain(self, first: int) -> bytes:
        pieces = []
        seen = set()
        while first < _END:
            if first in seen or first >= len(self._fat):
                raise Damaged("a broken chain of sectors")
            seen.add(first)
            pieces.append(self._at(first))
            first = self._fat[first]
        return b"".join(pieces)

    def stream(self, *names: str) -> bytes:
        """The first of these streams that exists."""
        entries: dict[str, tuple[int, int]] = {}
        root = (0, 0)
        for at in range(0, len(self._directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", self._directory, at + 64)
            name = self._directory[at : at + max(min(length, 64) - 2, 0)].decode(
                "utf-16-le", "replace"
            )
            first, size = struct.unpack_from("<II", self._directory, at + 116)
            if kind == 5:
                root = first, size
            elif kind == 2:
                entries.setdefault(name.lower(), (first, size))
        for name in names:
            if name.lower() in entries:
                first, size = entries[name.lower()]
                if size >= self._cutoff:
                    return self._chain(first)[:size]
                return self._mini(first, self._chain(root[0]))[:size]
        raise Damaged("no workbook")

    def _mini(self, first: int, stream: bytes) -> bytes:
        pieces = []
        seen = set()
        while first < _END:
            if first in seen or first >= len(self._mini_fat):
                raise Damaged("a broken chain of sectors")
            seen.add(first)
            at = first * self._mini_sector
            pieces.append(stream[at : at + self._mini_sector])
            first = self._mini_fat[first]
        return b"".join(pieces)


def _records(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4 : at + 4 + length]
        at += 4 + length


def _text(data: bytes, length: int) -> str:
    """The characters of a BIFF8 string, which follow its flag byte."""
    if data[:1] and data[0] & 1:
        return data[1 : 1 + 2 * length].decode("utf-16-le", "replace")
    return data[1 : 1 + length].decode("latin-1")


def scan_xls(file: IO[bytes], limits: Limits) -> list[tuple[Facts, Beside]]:
    """The worksheets of the file, in order. Raises Damaged, TooLarge."""
    data = _Container(file.read()).stream("Workbook", "Book")
    table = StyleTable()
    sheets: list[int] = []
    date_1904 = False
    biff8 = True
    fonts = 0
    for kind, record in _records(data, 0):
        if kind == 0x0809 and len(record) >= 4:  # BOF
            biff8 = struct.unpack_from("<H", record)[0] == _BIFF8
        elif kind == 0x0A:  # EOF
            break
        elif kind == 0x22:  # DATEMODE
            date_1904 = record[:1] == b"\x01"
        elif kind == 0x31 and len(record) >= 4:  # FONT; there is no font 4
            if record[2] & 8:
                table.struck_fonts.add(fonts + (fonts > 3))
            fonts += 1
        elif kind == 0x041E and len(record) >= 5:  # FORMAT
            number, length = struct.unpack_from("<HH", record)
            if biff8:
                table.codes[number] = _text(record[4:], length)
            else:
                table.codes[number] = record[3 : 3 + record[2]].decode("cp874", "replace")
        elif kind == 0xE0 and len(record) >= 4:  # XF
            table.add(*struct.unpack_from("<HH", record))
        elif kind == 0x85 and len(record) >= 6 and record[5] == _WORKSHEET:  # BOUNDSHEET
            sheets.append(struct.unpack_from("<I", record)[0])
    found = []
    left = limits.cells
    for at in sheets:
        collector = Collector(table.styles, date_1904, limits, left)
        beside = _scan_sheet(data, at, collector)
        facts = collector.done()
        left -= (facts.last_row + 1) * (facts.last_column + 1)
        found.append((facts, beside))
    return found


def _scan_sheet(data: bytes, at: int, sheet: Collector) -> Beside:
    """Pass the cells of one sheet to `sheet`. A truncated record is ignored, as by calamine."""
    beside = Beside()
    depth = 0  # a chart in the sheet has its own records
    drawn = length = 0  # number of the object whose text follows, and the text's length
    texts: dict[int, str] = {}
    notes: list[tuple[int, int, int]] = []
    for kind, record in _records(data, at):
        if kind == 0x0809:
            depth += 1
        elif kind == 0x0A:
            depth -= 1
            if depth <= 0:
                break
        if depth > 1:
            continue
        try:
            if kind == 0x3C and length:  # CONTINUE, of a TXO
                texts[drawn] = _text(record, length)
                length = 0
            elif kind == 0x5D:  # OBJ
                shape, drawn = struct.unpack_from("<HH", record, 4)
                beside.controls += shape == _CHECK_BOX
            elif kind == 0x01B6:  # TXO
                length = struct.unpack_from("<H", record, 10)[0]
            elif kind == 0x1C:  # NOTE
                row, column, _, number = struct.unpack_from("<HHHH", record)
                notes.append((row, column, number))
            elif kind == 0x0208:  # ROW
                if struct.unpack_from("<H", record, 12)[0] & 0x20:
                    sheet.facts.hidden_rows.add(struct.unpack_from("<H", record)[0])
            elif kind == 0x7D:  # COLINFO
                first, last, _, _, options = struct.unpack_from("<HHHHH", record)
                if options & 1:
                    sheet.hidden_columns(first, last)
            elif kind == 0xE5:  # MERGEDCELLS
                for number in range(struct.unpack_from("<H", record)[0]):
                    sheet.merged(*struct.unpack_from("<HHHH", record, 2 + 8 * number))
            else:
                _cell(kind, record, sheet)
        except struct.error:
            continue
    for row, column, number in notes[:MAX_COMMENTS]:
        if text := texts.get(number, "").replace("\r", "\n").strip():
            if len(text) > MAX_COMMENT:
                text = f"{text[: MAX_COMMENT - 1]}…"
            beside.comments[row, column] = text
    return beside


def _cell(kind: int, record: bytes, sheet: Collector) -> None:
    if kind == 0x0203:  # NUMBER
        row, column, style, value = struct.unpack_from("<HHHd", record)
        sheet.number(row, column, style, value)
    elif kind == 0x027E:  # RK
        row, column, style, packed = struct.unpack_from("<HHHI", record)
        sheet.number(row, column, style, rk(packed))
    elif kind == 0xBD:  # MULRK
        row, column = struct.unpack_from("<HH", record)
        for number in range((len(record) - 6) // 6):
            style, packed = struct.unpack_from("<HI", record, 4 + 6 * number)
            sheet.number(row, column + number, style, rk(packed))
    elif kind in {0xFD, 0x0204, 0xD6}:  # LABELSST, LABEL, RSTRING
        sheet.filled(*struct.unpack_from("<HHH", record))
    elif kind == 0x0205:  # BOOLERR
        row, column, style, value, is_error = struct.unpack_from("<HHHBB", record)
        if is_error:
            sheet.error(row, column, style, value)
        else:
            sheet.filled(row, column, style)
    elif kind in {0x06, 0x0206, 0x0406}:  # FORMULA
        row, column, style, result = struct.unpack_from("<HHH8s", record)
        sheet.facts.formulas += 1
        if result[6:] != b"\xff\xff":
            sheet.number(row, column, style, struct.unpack("<d", result)[0])
        elif result[0] == 2:
            sheet.error(row, column, style, result[2])
        else:
            sheet.filled(row, column, style)
