"""A file -> plain rows. Runs in a child process that `sandbox.py` starts and, if need be, kills.

    python -m followup.spreadsheets.reader IN OUT [OPTIONS]

IN is a workbook, a Word file or delimited text. OUT receives lines of JSON in UTF-8:

    {"sheet": {...}}            the fields of `types.Sheet` except its rows
    [[cell, ...], ...]          some of its rows, from Excel's row 1 and column A, all of one width
    {"end": {...}}              the last line: the fields of `types.Book` except its sheets
    {"problem": [code, params]} the last line for a file that cannot be used

A date is {"d": "2024-09-30"}, a datetime {"t": "2024-09-30T10:20:30"}, an error {"e": "#REF!"}; any
other cell is its JSON value. Texts of single cells ("shown", "comments") are lists [row, column,
text]; notices are lists [code, params].
OPTIONS is JSON: {"limits": the fields of `Limits`, "encoding": one of ENCODINGS or "", "kind":
"xlsx", "xls", "xlsb", "ods", "docx", "docx text" (all of it, one column), "csv", "tsv" (only tabs
delimit), or "" to decide between .xlsx and delimited text by the first bytes}.

The package imports only the standard library, calamine and types.py, not Django, so the child starts
in 50 ms. calamine reads the values. Before it, our own scan of the sheet's XML measures the sheet
(calamine allocates the whole rectangle, and a file of 4 KB can declare a huge one), refuses DTDs, and
collects what calamine does not report.
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
