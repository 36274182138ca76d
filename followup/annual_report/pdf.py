"""The report as PDF: tagged (PDF/UA-1), with bundled fonts, without network access.

Typst gets the text as JSON, so that user input is never part of its program. The same report gives
the same bytes: the file's creation time comes from the report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from followup.annual_report.blocks import drafted_note, mended, signature_lines
from followup.appearance import colours
from followup.status import Status
from forum_portal.thai import GLUE_TERMS, xml_text

HERE = Path(__file__).parent
SETTING: dict[str, Any] = {
    "font_paths": [HERE / "fonts"],
    "ignore_system_fonts": True,
    "format": "pdf",
    "pdf_standards": ["ua-1"],
}
UNKNOWN = "\ufffd"  # replaces a character that our fonts do not have
_COMMON = re.compile(r"[\n -~\u0e01-\u0e3a\u0e3f-\u0e5b‘’“”…–]+")  # ASCII, Thai, quotation marks


def write(report: Mapping[str, Any], *, fitted: bool = False) -> bytes:
    """Typeset a report. `fitted`: every part on one page, in a smaller font size if necessary."""
    report = mended(report, as_shown)
    content: bytes = typst.compile(
        HERE / "report.typ",
        root=HERE,
        timestamp=datetime.fromisoformat(report["made_at"]).replace(microsecond=0),
        sys_inputs={
            "report": json.dumps(report),
            "colours": json.dumps({each.value: asdict(colours()[each]) for each in Status}),
            "words": json.dumps(_words()),
            "fitted": "yes" if fitted else "",
        },
        **SETTING,
    )
    return content


def as_shown(text: str) -> str:
    """Text with only characters of our fonts: PDF/UA requires that, and typst fails otherwise."""
    text = xml_text(text)
    for character in set(_COMMON.sub("", text)):
        if not _can_show(character):
            text = text.replace(character, UNKNOWN)
    return text


@cache
def _can_show(character: str) -> bool:
    """Whether typst can show a character. Its built-in fonts may have it if ours do not."""
    probe = b'#set document(title: "-")\n#set text(font: "Laksaman")\n#sys.inputs.character'
    try:
        typst.compile(probe, sys_inputs={"character": character}, **SETTING)
    except typst.TypstError:
        return False
    return True


def _words() -> dict[str, Any]:
    """The fixed texts of the typst program."""
    return {
        "drafted": drafted_note(),
        "signature": signature_lines(),
        "statuses": [(each.value, str(each.label)) for each in Status],
        "terms": [*GLUE_TERMS],
    }
