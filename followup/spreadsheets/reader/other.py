"""The sheets of an .xls, .xlsb or .ods: calamine's values plus the facts of our own scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any

from followup.spreadsheets.reader.limits import (
    OLE_MAGIC,
    ZIP_MAGIC,
    Damaged,
    Limits,
    TooLarge,
    become_nobody,
    end,
    in_chunks,
)
from followup.spreadsheets.reader.notes import Beside
from followup.spreadsheets.reader.ods import scan_ods
from followup.spreadsheets.reader.sheet import Facts
from followup.spreadsheets.reader.table import rows_of, sheet_line
from followup.spreadsheets.reader.xls import scan_xls
from followup.spreadsheets.reader.xlsb import scan_xlsb
from followup.spreadsheets.types import Problem, Unreadable

Scan = Callable[[IO[bytes], Limits], list[tuple[Facts, Beside]]]

#: For each kind: its first bytes, its scan, and what it cannot report (see `sandbox.UNTOLD`).
KINDS: dict[str, tuple[bytes, Scan, tuple[str, ...]]] = {
    "xls": (OLE_MAGIC, scan_xls, ("runs",)),
    "xlsb": (ZIP_MAGIC, scan_xlsb, ("comments", "runs")),
    "ods": (ZIP_MAGIC, scan_ods, ()),
}


def read_other(file: IO[bytes], kind: str, limits: Limits) -> Iterator[Any]:
    """The lines of the output. `file` is open for reading at its start.

    Raises Unreadable (F11), Damaged, TooLarge, and what zipfile, expat and calamine raise.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    become_nobody()
    magic, scan, untold = KINDS[kind]
    if file.read(len(magic)) != magic:
        raise Damaged("another kind of file")
    file.seek(0)
    scanned = scan(file, limits)
    file.seek(0)
    anything = False
    left = limits.cells
    with CalamineWorkbook.from_filelike(file) as workbook:
        sheets = [
            (index, sheet)
            for index, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if len(sheets) != len(scanned):
            raise Damaged("sheets out of order")
        for (index, sheet), (facts, beside) in zip(sheets, scanned, strict=True):
            values = workbook.get_sheet_by_index(index)
            height, width = facts.last_row + 1, facts.last_column + 1
            if values.start and values.end:
                height = max(height, values.end[0] + 1)
                width = max(width, values.end[1] + 1)
            left -= height * width
            if height > limits.rows or left < 0:
                raise TooLarge("cells")
            anything = anything or height > 0
            visible = sheet.visible == SheetVisibleEnum.Visible
            yield sheet_line(sheet.name, visible, facts, (height, width), beside)
            yield from in_chunks(rows_of(values, facts.override, height, width))
    if not anything:
        raise Unreadable(Problem("F11"))
    said = [Problem("F18", {"ext": kind, "list": list(untold)})] if untold else []
    yield end(kind, *said)
