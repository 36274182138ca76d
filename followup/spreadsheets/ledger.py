"""The fate of every cell that was read: written, asked, wrong, or left out for a reason.

Each cell of the chosen tables that is not blank is counted exactly once. Cells that are left out are
kept with their text, beside the upload, so that check, confirm and result can show them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files import File
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from followup.spreadsheets.types import Cell

_SHOWN_WORDS = 20  # texts shown for each reason on a page; the download has all
_SHOWN_ROWS = 10  # rows shown for each text
_WORDS = 500  # characters of a cell shown on a page


class Fate(StrEnum):
    """The fate of a cell."""

    WRITTEN = "written"
    ASKED = "asked"
    WRONG = "wrong"
    LEFT_OUT = "left_out"


class Reason(StrEnum):
    """The reason why a cell was left out, in the order of the page."""

    UNUSED_COLUMN = "unused_column"
    HIDDEN_ROW = "hidden_row"
    HIDDEN_COLUMN = "hidden_column"
    COVERED = "covered"
    CONTINUATION = "continuation"
    NOT_CHOSEN = "not_chosen"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"
    NO_REPORT = "no_report"
    NO_KEY = "no_key"
    EMPTY = "empty"
    TOTAL = "total"
    NOTE = "note"
    SECTION = "section"
    NO_LINK = "no_link"
    CHECKED_ONLY = "checked_only"
    NOTHING = "nothing"
    DUPLICATE = "duplicate"
    SAME = "same"
    REPEATED = "repeated"
    TITLE = "title"
    HEADING = "heading"


REASONS: dict[Reason, Promise] = {
    Reason.UNUSED_COLUMN: _l("คอลัมน์ที่ไม่นำเข้า"),
    Reason.HIDDEN_ROW: _l("แถวที่ซ่อนหรือกรองไว้"),
    Reason.HIDDEN_COLUMN: _l("คอลัมน์ที่ซ่อนไว้"),
    Reason.COVERED: _l("ค่าที่ซ่อนอยู่ใต้เซลล์ที่ผสาน (ใช้ค่าที่มองเห็น)"),
    Reason.CONTINUATION: _l("แถวต่อท้ายรายการ ที่เลือกไม่รวมกับแถวบน"),
    Reason.NOT_CHOSEN: _l("แถวซ้ำที่ไม่ได้เลือก"),
    Reason.KEPT: _l("รายงานที่ส่งตรวจหรือรับรองแล้ว ซึ่งเลือกคงของเดิม"),
    Reason.WITHDRAWN: _l("รายงานที่ถอนออกจากรอบแล้ว นำกลับเข้ารอบก่อนจึงนำเข้าได้"),
    Reason.SKIPPED: _l("แถวที่ตอบว่าไม่นำเข้า"),
    Reason.NO_REPORT: _l("แถวที่ระบุว่ายังไม่มีรายงาน"),
    Reason.NO_KEY: _l("แถวที่เพิ่มในแบบฟอร์ม (ไม่มีรหัสแถว)"),
    Reason.EMPTY: _l("แถวที่ไม่มีค่าในคอลัมน์ที่นำเข้า"),
    Reason.TOTAL: _l("แถวรวม"),
    Reason.NOTE: _l("แถวหมายเหตุ"),
    Reason.SECTION: _l("แถวหัวข้อ"),
    Reason.NO_LINK: _l("หลักฐานที่ไม่มีลิงก์"),
    Reason.CHECKED_ONLY: _l("ใช้ตรวจเท่านั้น ระบบไม่เก็บ"),
    Reason.NOTHING: _l("ไม่มีค่า เช่น “-”"),
    Reason.DUPLICATE: _l("แถวซ้ำที่มีค่าเหมือนกันทุกช่อง"),
    Reason.SAME: _l("เหมือนข้อมูลในระบบแล้ว"),
    Reason.REPEATED: _l("หัวตารางที่ซ้ำ"),
    Reason.TITLE: _l("บรรทัดเหนือหัวตาราง"),
    Reason.HEADING: _l("หัวตาราง"),
}


#: Reasons that people expect: collapsed on the pages.
EXPECTED = frozenset(
    {Reason.DUPLICATE, Reason.SAME, Reason.NOTHING, Reason.REPEATED, Reason.TITLE, Reason.HEADING}
)


@dataclass
class Ledger:
    """The account of one import. Cells left out are written to `path`, if given, as JSON lines:

    {"reason", "place" (file and sheet), "row" (from 1), "column" (from 0), "heading", "words"}
    """

    path: Path | None = None
    fates: Counter[Fate] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    _shown: dict[Reason, dict[tuple[str, str], dict[str, Any]]] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.path is not None:
            self.path.write_text("", "utf-8")

    @property
    def cells(self) -> int:
        """The number of cells counted."""
        return self.fates.total()

    def count(self, fate: Fate) -> None:
        self.fates[fate] += 1

    def leave_out(
        self, reason: Reason, cell: Cell, *, place: str, row: int, column: int, heading: str
    ) -> None:
        self.fates[Fate.LEFT_OUT] += 1
        self.reasons[reason] += 1
        words = str(cell)
        shown = self._shown.setdefault(reason, {})
        key = (heading, words)
        if key not in shown and len(shown) < _SHOWN_WORDS:
            short = words if len(words) <= _WORDS else f"{words[:_WORDS]}…"
            shown[key] = {"heading": heading, "words": short, "count": 0, "rows": []}
        if key in shown:
            shown[key]["count"] += 1
            if len(shown[key]["rows"]) < _SHOWN_ROWS:
                shown[key]["rows"].append([place, row])
        left_out = {
            "reason": reason.value,
            "place": place,
            "row": row,
            "column": column,
            "heading": heading,
            "words": words,
        }
        self._lines.append(json.dumps(left_out, ensure_ascii=False))
        if len(self._lines) >= 1000:
            self._flush()

    def _flush(self) -> None:
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in self._lines)
        self._lines.clear()

    def close(self) -> dict[str, Any]:
        """Write the remaining lines; return the account as the pages show it."""
        self._flush()
        return {
            "cells": self.cells,
            "fates": {fate.value: self.fates[fate] for fate in Fate},
            "groups": [
                {
                    "reason": reason.value,
                    "count": self.reasons[reason],
                    "words": list(self._shown[reason].values()),
                }
                for reason in Reason
                if self.reasons[reason]
            ],
        }


def left_out(file: File | BinaryIO) -> Iterator[dict[str, Any]]:
    """Every cell that was left out, as `Ledger` wrote it. The file is closed at the end."""
    with file:
        for line in file:
            yield json.loads(line)
