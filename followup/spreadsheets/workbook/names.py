"""What workbooks are known by, and what a cell can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

#: Goes up when a workbook of the shape before can no longer be read as one of today's.
TEMPLATE_VERSION = 1
# Names by which a workbook is known when it comes back: not to be translated.
SHEET, HELP_SHEET, META_SHEET = "รายงานผล", "คำแนะนำ", "_portal"
KEY_HEADING, CLAUSE_HEADING = "รหัสแถว", "ข้อความมาตรการย่อย"
YES = "ใช่"
LINK = " | "  # between the title of a piece of evidence and its address

CELL_LIMIT = 32_767  # characters that Excel has room for in a cell
MONEY_MAX = Decimal("9999999999999.99")
SALT = "followup.spreadsheets.workbook"
SIGNATURE = 16  # characters of a row's signature: 96 bits
HEADER_WITHIN = 50  # rows; further down nobody looks for it
KEY = re.compile(rf"(\d{{4}})-(\d{{1,18}})-([\w-]{{{SIGNATURE}}})", re.ASCII)

Out: TypeAlias = str | int | Decimal | None  # what a cell can hold on its way out
Rows: TypeAlias = Iterable[Sequence[Out]]
