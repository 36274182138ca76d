"""The workbook that goes out to an agency, and its way back.

A row carries a key (year, assignment, signature) in a hidden column; the hidden sheet `_portal` says for
which round and agency the workbook was made, and is signed with all its keys. So a filled-in workbook
is read without any question, and one that was tampered with is known as such.

Text goes out through `forum_portal.cells.safe_cell`; whoever reads cells takes `unsafe_cell`.
"""

from followup.spreadsheets.workbook.columns import COLUMNS, Heading, Kind, Record, records
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
    "COLUMNS",
    "HEADER_ROW",
    "HELP_SHEET",
    "KEY_HEADING",
    "META_SHEET",
    "SHEET",
    "Heading",
    "Kind",
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
