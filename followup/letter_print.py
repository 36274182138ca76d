"""The letters to many agencies: a zip of DOCX files to edit, or one PDF to print.

The PDF is typeset as the annual report's is (`annual_report.pdf`), from the same words as the DOCX.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone
from django.utils.translation import gettext as _
from docx.enum.text import WD_ALIGN_PARAGRAPH

from followup import letter_document
from followup.annual_report.pdf import as_shown
from followup.annual_report.typesetting import SETTING
from followup.letters import Correspondence, correspondence
from followup.models import Agency, Round, StatusReport
from forum_portal.thai import clean_text, to_thai_digits
from forum_portal.years import one_line
from proposals.models import Forum

HERE = Path(__file__).parent
_SIDES = {WD_ALIGN_PARAGRAPH.CENTER: "center", WD_ALIGN_PARAGRAPH.RIGHT: "right"}


def letters_due(round_: Round, agencies: Collection[Agency]) -> list[Correspondence]:
    """Of these agencies those that still have a report to submit, by name: they get a letter."""
    rows = [row for row in correspondence(round_, agencies) if row.due]
    return sorted(rows, key=lambda row: row.agency.sort_key)


def file_name(round_: Round, agency: Agency, *, ending: str = "docx") -> str:
    """The name of a letter's file; two agencies with one abbreviation have two names."""
    name = _("หนังสือติดตาม_%(year)s_%(agency)s") % {
        "year": round_.code,
        "agency": f"{agency.short}_{agency.code}",
    }
    return f"{one_line(clean_text(name)).replace('/', '-')}.{ending}"


def as_zip(round_: Round, rows: Collection[Correspondence], today: date) -> bytes:
    """The letters as DOCX files; 0.05 s for each."""
    last = StatusReport.objects.last_before([round_])
    several = Forum.objects.are_several()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for row in rows:
            content = letter_document.build(round_, row, last, today, several_forums=several)
            archive.writestr(file_name(round_, row.agency), content)
    return buffer.getvalue()


def as_pdf(round_: Round, rows: Collection[Correspondence], today: date) -> bytes:
    """The letters as one PDF, each on a page of its own."""
    last = StatusReport.objects.last_before([round_])
    several = Forum.objects.are_several()
    letters = []
    for row in rows:
        sheet = _Sheet()
        letter_document.compose(sheet, round_, row, last, today, several_forums=several)
        letters.append(sheet.items)
    title = _("หนังสือติดตาม รอบปีงบประมาณ %(year)s") % {"year": round_.label}
    content: bytes = typst.compile(
        HERE / "letters.typ",
        root=HERE,
        timestamp=timezone.now().replace(microsecond=0),
        sys_inputs={"title": _thai(title), "letters": json.dumps(letters)},
        **SETTING,
    )
    return content


def _thai(words: str) -> str:
    return as_shown(to_thai_digits(words))


class _Sheet:
    """A letter as data for typst, with Thai digits throughout."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def line(
        self,
        words: str,
        *,
        align: WD_ALIGN_PARAGRAPH | None = None,
        before: int = 0,
        indent: Any = None,
    ) -> None:
        self.items.append(
            {
                "kind": "line",
                "text": _thai(words),
                "align": _SIDES.get(align, "left") if align is not None else "left",
                "before": before,
                "indent": indent.cm if indent is not None else 0,
            }
        )

    def paragraph(self, words: str, *, before: int = 6) -> None:
        self.items.append({"kind": "paragraph", "text": _thai(words), "before": before})

    def headed(self, heading: str, items: list[str]) -> None:
        for place, item in enumerate(items, start=1):
            number = f"{place}. " if len(items) > 1 else ""
            self.items.append(
                {
                    "kind": "headed",
                    "heading": _thai(heading if place == 1 else ""),
                    "text": _thai(f"{number}{item}"),
                }
            )

    def table(self, headings: list[str], rows: list[list[str]]) -> None:
        cells = [[_thai(cell) for cell in row] for row in rows]
        self.items.append(
            {"kind": "table", "head": [_thai(each) for each in headings], "rows": cells}
        )
