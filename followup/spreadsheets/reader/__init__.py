"""A file -> plain rows. Runs in a child process that `sandbox.py` starts, feeds and, if need be, kills.

    python -m followup.spreadsheets.reader IN OUT [OPTIONS]

IN is a workbook, a Word file or delimited text. OUT receives lines of JSON, UTF-8:

    {"sheet": {...}}            the facts of a sheet: those of `types.Sheet` but its rows
    [[cell, ...], ...]          some of its rows, from Excel's row 1 and column A, all of one width
    {"end": {...}}              the last line: those of `types.Book` but its sheets
    {"problem": [code, params]} the last line of a file that cannot be used

A date is {"d": "2024-09-30"}, a moment {"t": "2024-09-30T10:20:30"}, an error {"e": "#REF!"}; any
other cell is itself. Texts of single cells ("shown", "comments") are lists [row, column, text],
notices lists [code, params].
OPTIONS is JSON: {"limits": those of `Limits`, "encoding": one of ENCODINGS or "", "kind": "xlsx",
"xls", "xlsb", "ods", "docx", "csv", "tsv" (text cut by tabs alone), or "" for what the first bytes
say: an .xlsx or delimited text}.

The standard library, calamine and types.py, nothing of Django: the child starts in a twentieth of
a second. calamine reads the values. A second look, at the sheet's XML, comes first: it measures the
sheet (calamine allocates the whole rectangle, and a rectangle can be stated in 4 KB), refuses
DTDs, and learns what calamine does not tell.
"""

from followup.spreadsheets.reader.child import main
from followup.spreadsheets.reader.delimited import decode, parse_csv
from followup.spreadsheets.reader.limits import (
    DEFAULT_LIMITS,
    ENCODINGS,
    NOBODY,
    OLE_MAGIC,
    ZIP_MAGIC,
    Limits,
    confine,
    too_large,
)
from followup.spreadsheets.reader.package import format_kind

__all__ = [
    "DEFAULT_LIMITS",
    "ENCODINGS",
    "NOBODY",
    "OLE_MAGIC",
    "ZIP_MAGIC",
    "Limits",
    "confine",
    "decode",
    "format_kind",
    "main",
    "parse_csv",
    "too_large",
]
