"""The report as PDF: tagged (PDF/UA-1), from our own typeface, without a network.

The text travels as JSON: nothing that somebody wrote is ever part of the program that sets it. The
same report gives the same bytes: what a file says of when it was made comes from the report.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from followup.annual_report.colours import status_colours
from followup.status import Status

HERE = Path(__file__).parent
logger = logging.getLogger(__name__)


class PrintingFailed(Exception):
    """The engine gave no file. What it said is in the log."""


def write(report: Mapping[str, Any], *, fitted: bool = False) -> bytes:
    """Set a report. `fitted`: every part on one page, in smaller letters where it must be."""
    try:
        content = typst.compile(
            HERE / "report.typ",
            root=HERE,
            font_paths=[HERE / "fonts"],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=datetime.fromisoformat(report["made_at"]).replace(microsecond=0),
            sys_inputs={
                "report": json.dumps(report),
                "colours": json.dumps(status_colours()),
                "words": json.dumps(
                    {
                        "drafted": drafted_note(),
                        "signature": signature_lines(),
                        "statuses": [(each.value, str(each.label)) for each in Status],
                    }
                ),
                "fitted": "yes" if fitted else "",
            },
        )
    except Exception as error:
        logger.exception("the PDF of %s failed", report["title"])
        raise PrintingFailed(str(error)) from error
    return content


def drafted_note() -> str:
    return _("ข้อความร่างจากตัวเลข ยังไม่มีผู้รับรอง")


def signature_lines() -> list[str]:
    return [
        "(…………………………………………)",
        _("ตำแหน่ง ………………………………………"),
        _("วันที่ ……… / ……… / ………"),
    ]
