"""The facts and values of a sheet → the lines of the output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from followup.spreadsheets.reader.cells import CONVERT
from followup.spreadsheets.reader.limits import Damaged, Rectangle
from followup.spreadsheets.reader.notes import Beside
from followup.spreadsheets.reader.sheet import Facts
from followup.spreadsheets.types import Cell


def sheet_line(
    name: str, visible: bool, facts: Facts, size: tuple[int, int], beside: Beside
) -> dict[str, Any]:
    """The facts of a sheet. `size` is the height and width of its table. Raises Damaged."""
    height, width = size
    return {
        "sheet": {
            "name": name,
            "visible": visible,
            "merged": clip(facts.merged, height, width),
            "hidden_rows": [row for row in facts.hidden_rows if row < height],
            "hidden_columns": _expand(facts.hidden_columns, width),
            "formulas": facts.formulas,
            "without_value": facts.without_value,
            "percent_columns": list(facts.percent_columns),
            "shown": [[*place, text] for place, text in facts.shown.items()],
            "struck": list(facts.struck),
            "comments": [[*place, text] for place, text in beside.comments.items()],
            "controls": beside.controls,
        }
    }


def clip(merged: Iterable[Rectangle], rows: int, columns: int) -> list[Rectangle]:
    """The merged ranges inside the table. Raises Damaged if ranges overlap too much.

    Otherwise a small file could hold a hundred thousand ranges, each as large as the table.
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


def _expand(ranges: Iterable[tuple[int, int]], width: int) -> list[int]:
    """The hidden columns inside the table, each once: hostile files repeat ranges."""
    found: set[int] = set()
    for first, last in ranges:
        if len(found) == width:
            break
        found.update(range(max(first, 0), min(last, width - 1) + 1))
    return list(found)


def rows_of(
    values: Any, override: Mapping[int, Mapping[int, Cell]], height: int, width: int
) -> Iterator[list[Cell]]:
    """Rows of `width` cells from row 1 and column A; calamine's begin at the first used column."""
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
