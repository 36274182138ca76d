"""The report as pages for the web: one for each part, a long part in several.

They are cut once, at publication, and stored one by one, so that a request reads the page that it shows.
A page has at most as many bytes with 30,000 reports in a year as it has with a hundred, or twice as many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from followup.annual_report import pieces

#: Characters of JSON of a forum's part that stays one page.
WHOLE_FORUM = 30_000
#: Characters of any other part that stays one page, and of each page of a longer part.
PAGE = 7_000


@dataclass(frozen=True)
class WebPage:
    """A page: its part (from 1; 0 is the beginning), its number within the part, its content."""

    part: int
    number: int
    content: Mapping[str, Any]


def web_pages(report: Mapping[str, Any]) -> list[WebPage]:
    """Every page of a report.

    The beginning has title, cover, the list of parts (number, title, pages) and the summary. A page of a
    part has `blocks`, each with its `id` within the part, and `headings` (text, id, page) of its part.
    """
    parts, summary = [], None
    made: list[WebPage] = []
    for number, part in enumerate(report["parts"], start=1):
        cut = _pages(part)
        parts.append(
            {
                "number": number,
                "title": part["title"],
                "pages": len(cut),
                "is_contents": part["is_contents"],
            }
        )
        if part.get("is_one_page") and summary is None:
            summary = {"number": number, "title": part["title"], "blocks": cut[0]}
        headings = [
            {"text": block["text"], "id": block["id"], "page": place}
            for place, blocks in enumerate(cut, start=1)
            for block in blocks
            if block["kind"] == "heading" and block["level"] == 2
        ]
        made += [
            WebPage(number, place, {"title": part["title"], "blocks": blocks, "headings": headings})
            for place, blocks in enumerate(cut, start=1)
            if not part["is_contents"]
        ]
    beginning = {
        "title_lines": report["title_lines"],
        "cover": report["cover"],
        "parts": parts,
        "summary": summary,
    }
    return [WebPage(0, 0, beginning), *made]


def _pages(part: Mapping[str, Any]) -> list[Sequence[Mapping[str, Any]]]:
    """A part's blocks by page; a block's place in its part is its `id`."""
    blocks = [{**block, "id": place} for place, block in enumerate(part["blocks"], start=1)]
    if pieces.length(blocks) <= (WHOLE_FORUM if part["is_wide"] else PAGE):
        return [blocks]
    whole = {**part, "blocks": blocks, "is_contents": False}
    cut = pieces.cut({"parts": [whole]}, PAGE, whole_parts=False)
    return [piece.parts[0]["blocks"] for piece in cut]
