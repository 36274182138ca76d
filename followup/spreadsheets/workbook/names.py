"""Names that identify our workbooks, and the limits of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

#: Increased when earlier workbooks can no longer be read like current ones.
TEMPLATE_VERSION = 1
# Names that identify a workbook of ours; they must not be translated.
SHEET, HELP_SHEET, META_SHEET = "รายงานผล", "คำแนะนำ", "_portal"
KEY_HEADING, CLAUSE_HEADING = "รหัสแถว", "ข้อความมาตรการย่อย"
YES = "ใช่"

CELL_LIMIT = 32_767  # characters; Excel's limit for a cell
MONEY_MAX = Decimal("9999999999999.99")
SALT = "followup.spreadsheets.workbook"
SIGNATURE = 16  # characters of a row's signature: 96 bits
HEADER_WITHIN = 50  # rows; the header is not searched further down
KEY = re.compile(rf"(\d{{4}}(?:-\d)?)-(\d{{1,18}})-([\w-]{{{SIGNATURE}}})", re.ASCII)

Out: TypeAlias = str | int | Decimal | None  # the content of a written cell
Rows: TypeAlias = Iterable[Sequence[Out]]
