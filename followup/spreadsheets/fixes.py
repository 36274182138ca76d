"""Fixes: texts that a person typed to replace cells.

A fix belongs to a file, a sheet, a header row, a column and the cell's value. It does not apply to
another sheet, or if the cell's value has changed. Each is an entry of `SpreadsheetImport.fixes`, by
its key:

    {"table": key of the table, "row": from 1, or 0 for every row, "column": from 0,
     "was": digest of the value, "typed": the text, "heading": str, "shown": the value as shown}
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from followup.spreadsheets.types import Cell

EVERY_ROW = 0
_SHOWN = 200  # characters of the replaced value that are kept for the list of fixes


def digest(value: Cell) -> str:
    """A digest that identifies a cell's value; "1" and 1 differ."""
    if value is None:
        return ""
    return hashlib.sha256(f"{type(value).__name__}:{value}".encode()).hexdigest()[:16]


def entry(
    *, table: str, row: int, column: int, was: str, typed: str, heading: str, shown: str
) -> tuple[str, dict[str, Any]]:
    """A fix and its key. `was` is the digest of the value that `typed` replaces."""
    fix = {
        "table": table,
        "row": row,
        "column": column,
        "was": was,
        "typed": typed,
        "heading": heading,
        "shown": shown[:_SHOWN],
    }
    return f"{table}:{row}:{column}:{was}", fix


class Fixes:
    """The fixes of one table."""

    def __init__(self, stored: Mapping[str, Mapping[str, Any]], table: str) -> None:
        self._typed = {
            (fix["row"], fix["column"], fix["was"]): fix["typed"]
            for fix in stored.values()
            if fix["table"] == table
        }
        self.columns = {column for _row, column, _was in self._typed}

    def of(self, row: int, column: int, value: Cell) -> str | None:
        """The text typed for a cell (row from 1) that holds `value`; None without a fix."""
        if column not in self.columns:
            return None
        was = digest(value)
        one_cell = self._typed.get((row, column, was))
        return self._typed.get((EVERY_ROW, column, was)) if one_cell is None else one_cell
