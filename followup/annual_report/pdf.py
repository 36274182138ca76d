"""The report as PDF: tagged (PDF/UA-1), with bundled fonts, without network access.

Typst gets the text as JSON, so that user input is never part of its program. The same report gives
the same bytes: the file's creation time comes from the report.

Typst's memory grows with the length of what it typesets. So a long report is typeset in pieces
(`pieces`), each by a process of its own, and joined (`joining`). What a piece says of others is given to
it: its first page's number, and to the contents the headings with their pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from followup.annual_report import pieces
from followup.annual_report.blocks import drafted_note, mended, signature_lines
from followup.annual_report.typesetting import SETTING, typeset, typeset_apart
from followup.appearance import colours
from followup.status import Status
from forum_portal.languages import language
from forum_portal.thai import GLUE_TERMS, xml_text

if TYPE_CHECKING:
    from followup.annual_report import joining

#: Characters of JSON that are typeset in one run, without another process: 165 MB of memory.
ONE_RUN = 100_000
#: Characters of a piece of a longer report: 105 MB of memory beside this process's.
PIECE = 60_000
UNKNOWN = "\ufffd"  # replaces a character that our fonts do not have
_COMMON = re.compile(r"[\n -~\u0e01-\u0e3a\u0e3f-\u0e5b‘’“”…–]+")  # ASCII, Thai, quotation marks


def write(report: Mapping[str, Any], *, fitted: bool = False) -> bytes:
    """Typeset a report. `fitted`: every part on one page, in a smaller font size if necessary."""
    report = mended(report, as_shown)
    inputs = {
        "colours": json.dumps({each.value: asdict(colours()[each]) for each in Status}),
        "words": json.dumps(_words()),
        "fitted": "yes" if fitted else "",
    }
    if pieces.length(report) <= ONE_RUN:
        return typeset({"report": json.dumps(report), **inputs}, report["made_at"])
    with TemporaryDirectory() as folder:
        return _InPieces(report, inputs, Path(folder), fitted=fitted).write()


class _InPieces:
    """A report typeset in pieces. The first one has the contents; it is typeset again at the end."""

    #: A page number in the contents before the real ones are known: none is longer.
    WIDEST = 99_999
    #: Runs of the first piece: its length decides the page numbers that it tells.
    ATTEMPTS = 4

    def __init__(
        self, report: Mapping[str, Any], inputs: Mapping[str, str], folder: Path, *, fitted: bool
    ) -> None:
        self.report, self.inputs, self.folder = report, inputs, folder
        self.pieces = pieces.cut(report, PIECE, whole_parts=fitted)
        self.has_contents = any(part["is_contents"] for part in self.pieces[0].parts)
        self.titles = [title for piece in self.pieces for title in piece.titles]
        own = len(self.pieces[0].titles)
        #: The headings of other pieces that the contents list: their numbers in the whole report.
        self.listed = [
            number
            for number, title in enumerate(self.titles)
            if self.has_contents and number >= own and title.level <= 2
        ]

    def write(self) -> bytes:
        from followup.annual_report import joining  # pikepdf is costly to import

        sources = self._sources()
        made = BytesIO()
        joining.join(sources, [(each.level, each.text) for each in self.titles], made)
        return made.getvalue()

    def _sources(self) -> Sequence[joining.Source]:
        from followup.annual_report.joining import NotJoined

        first = self._set(0, 0, [self.WIDEST] * len(self.listed))
        for _attempt in range(self.ATTEMPTS):
            sources = [first]
            for place in range(1, len(self.pieces)):
                before = sum(each.pages for each in sources)
                sources.append(self._set(place, before))
            if not self.has_contents:
                return sources
            counts, length = [each.pages for each in sources], first.pages
            starts = accumulate(counts, initial=0)
            pages = [
                start + spot.page + 1
                for start, source in zip(starts, sources, strict=False)
                for spot in source.headings
            ]
            first = self._set(0, 0, [pages[number] for number in self.listed])
            if first.pages == length:
                return [first, *sources[1:]]
        raise NotJoined("the contents do not come to rest")

    def _set(self, place: int, before: int, pages: Sequence[int] = ()) -> joining.Source:
        """Typeset a piece. `before`: pages before it. `pages`: those of the headings of other pieces."""
        from followup.annual_report.joining import Source

        piece = self.pieces[place]
        leads = 0 if piece.lead is None else 1
        listed = self.listed if pages else ()
        told = {
            "before": before - leads,
            "has_cover": piece.has_cover,
            "lead": piece.lead,
            "elsewhere": [
                {**asdict(self.titles[number]), "page": page}
                for number, page in zip(listed, pages, strict=True)
            ],
        }
        report = {**self.report, "parts": piece.parts}
        path = self.folder / f"{place}.pdf"
        typeset_apart(
            {"report": json.dumps(report), "piece": json.dumps(told), **self.inputs},
            report["made_at"],
            path,
        )
        return Source(path, leads, listed).read()


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
    import typst

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
        "language": language(),
    }
