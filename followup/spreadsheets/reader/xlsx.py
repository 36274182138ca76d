"""The sheets of an .xlsx, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from followup.spreadsheets.reader.cells import CONVERT
from followup.spreadsheets.reader.limits import Damaged, Limits, Rectangle, become_nobody, in_chunks
from followup.spreadsheets.reader.package import Package, Part
from followup.spreadsheets.reader.sheet import Facts, scan
from followup.spreadsheets.types import Cell, Problem, Unreadable


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
    package = Package(file, limits)
    left = limits.cells
    scanned: list[tuple[Part, Facts]] = []
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
                    "errors": facts.errors,
                    "percent_columns": list(facts.percent_columns),
                }
            }
            yield from in_chunks(_rows(values, facts.override, height, width))
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
    convert = CONVERT
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
