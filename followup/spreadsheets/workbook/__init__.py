"""The workbook for an agency: writing it, and reading it back.

Each row has a key (year, assignment, signature) in a hidden column. The hidden sheet `_portal` holds the
round and agency of the workbook, and a signature over them and all keys. So a filled-in workbook is read
without questions, and a manipulated one is detected.

Text is written with `forum_portal.cells.safe_cell` and read with `unsafe_cell`.
"""

from followup.spreadsheets.workbook.columns import HEADINGS, CellKind, Heading, Record, records
from followup.spreadsheets.workbook.incoming import OwnWorkbook, check_round, read_back
from followup.spreadsheets.workbook.names import (
    CLAUSE_HEADING,
    HELP_SHEET,
    KEY_HEADING,
    META_SHEET,
    SHEET,
    Out,
)
from followup.spreadsheets.workbook.outgoing import (
    HEADER_ROW,
    agency_workbook,
    all_workbooks,
    file_name,
)
from followup.spreadsheets.workbook.signatures import key_parts, row_key
from followup.spreadsheets.workbook.writing import Writer, add_metadata, height_for, put

__all__ = [
    "CLAUSE_HEADING",
    "HEADER_ROW",
    "HEADINGS",
    "HELP_SHEET",
    "KEY_HEADING",
    "META_SHEET",
    "SHEET",
    "CellKind",
    "Heading",
    "Out",
    "OwnWorkbook",
    "Record",
    "Writer",
    "add_metadata",
    "agency_workbook",
    "all_workbooks",
    "check_round",
    "file_name",
    "height_for",
    "key_parts",
    "put",
    "read_back",
    "records",
    "row_key",
]
