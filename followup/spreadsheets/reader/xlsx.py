"""The sheets of an .xlsx, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from followup.spreadsheets.reader.limits import (
    Damaged,
    Limits,
    become_nobody,
    end,
    in_chunks,
)
from followup.spreadsheets.reader.notes import read_beside
from followup.spreadsheets.reader.package import Package, Part
from followup.spreadsheets.reader.sheet import Facts, address, scan
from followup.spreadsheets.reader.table import rows_of, sheet_line
from followup.spreadsheets.types import Problem, Unreadable


def read_xlsx(file: IO[bytes], limits: Limits) -> Iterator[Any]:
    """The lines of the output, one sheet after the other. `file` is open for reading at its start.

    Raises Unreadable (F11, F17), Damaged, TooLarge, and zipfile's, expat's and calamine's errors.
    """
    from python_calamine import CalamineWorkbook  # imported after the limits are set

    become_nobody()
    package = Package(file, limits)
    left = limits.cells
    scanned: list[tuple[Part, Facts]] = []
    for part in package.sheets:
        with package.zip.open(package.name(part.path)) as stream:
            facts = scan(stream, package.styles, package.struck, package.date_1904, limits, left)
        if facts.unknown_errors:
            raise Unreadable(_refused_error(part, facts))
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
            # calamine omits a formula without a value, but its cell belongs to the table.
            height = max([height, *(row + 1 for row, _ in facts.without_value)])
            width = max([width, *(column + 1 for _, column in facts.without_value)])
            beside = read_beside(package, part.path)
            anything = anything or height > 0
            yield sheet_line(part.name, part.visible, facts, (height, width), beside)
            yield from in_chunks(rows_of(values, facts.override, height, width))
    if not anything:
        raise Unreadable(Problem("F11"))
    yield end("xlsx", *([Problem("F16")] if package.macros else ()))


def _refused_error(part: Part, facts: Facts) -> Problem:
    row, column = min(facts.unknown_errors)
    error = facts.override[row][column]
    params = {"cell": address(row, column), "sheet": part.name[:60], "error": str(error)}
    return Problem("F17", params)
