"""Datasets as files: CSV, XLSX and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from followup.opendata.registry import Column, Dataset, Row, Type, Value
from followup.spreadsheets.exports import CSV_TYPE, XLSX_TYPE, Listing, to_csv, to_xlsx
from followup.spreadsheets.workbook import CellKind, Heading, Out

JSON_TYPE = "application/json"
_KINDS = {Type.INTEGER: CellKind.NUMBER, Type.NUMBER: CellKind.MONEY}


def stamp(value: date) -> str:
    """A date as 2024-09-30, a datetime as 2024-09-30T10:00:00Z."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat()


def cell(value: Value) -> Out:
    """A value as a table cell; the writers escape texts that could run as a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return stamp(value) if isinstance(value, date) else value


def json_value(value: Value) -> Any:
    if isinstance(value, Decimal):
        return float(value)  # at most 15 digits (forum_portal.thai): a double is precise enough
    return stamp(value) if isinstance(value, date) else value


def json_row(row: Row) -> dict[str, Any]:
    return {name: json_value(value) for name, value in row.items()}


def listing(dataset: Dataset, rows: Iterable[Row]) -> Listing:
    return Listing(dataset.name, [_heading(column) for column in dataset.columns], rows)


def _heading(column: Column) -> Heading:
    kind = _KINDS.get(column.type, CellKind.TEXT)
    width = 28 if kind is CellKind.TEXT else 14
    return Heading(column.name, lambda row: cell(row[column.name]), kind, width)


def as_csv(dataset: Dataset, rows: Iterable[Row]) -> Iterable[bytes]:
    return to_csv(listing(dataset, rows))


def as_xlsx(dataset: Dataset, rows: Iterable[Row]) -> Iterable[bytes]:
    return [to_xlsx(listing(dataset, rows))]


def as_json(dataset: Dataset, rows: Iterable[Row]) -> Iterator[bytes]:
    """An array of objects, one on each line."""
    yield b"["
    for number, row in enumerate(rows):
        line = json.dumps(json_row(row), ensure_ascii=False)
        yield f"{',' if number else ''}\n{line}".encode()
    yield b"\n]\n"


Write = Callable[[Dataset, Iterable[Row]], Iterable[bytes]]
#: Kind of file -> its content type, and what writes it.
FORMATS: Mapping[str, tuple[str, Write]] = {
    "csv": (CSV_TYPE, as_csv),
    "xlsx": (XLSX_TYPE, as_xlsx),
    "json": (JSON_TYPE, as_json),
}


def content(dataset: Dataset, kind: str, rows: Iterable[Row]) -> tuple[str, Iterable[bytes]]:
    """(content type, content in chunks) of rows of a dataset. The rows are read once, one by one."""
    content_type, write = FORMATS[kind]
    return content_type, write(dataset, rows)
