"""Cuts a report into pieces of limited length, which are typeset one after another.

A piece begins on a new page, so a cut is made where the report has one anyway (a part, a proposal), and
only if there is none, between the rows of a table or the lines of a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

Block = Mapping[str, Any]

#: From this share of its length on, a piece ends at the next heading of a proposal.
FULL_ENOUGH = 0.7
#: What a cut block leaves behind is no shorter than this share of a piece, so that no page has two rows.
LEFTOVER = 0.15
#: Kind of block -> the name of its list, which may be cut.
_LISTS = {"table": "rows", "bars": "rows", "items": "items", "boxes": "items"}
_LINES = {"text", "quote"}


@dataclass(frozen=True)
class Title:
    """A heading, as bookmarks and contents list it."""

    level: int
    text: str


@dataclass
class Piece:
    """Parts of a report, typeset in one run. `lead`: the title of the part within which it begins."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    lead: str | None = None
    has_cover: bool = False
    length: int = 0

    @property
    def titles(self) -> list[Title]:
        """Its headings that the contents and bookmarks know."""
        found = []
        for part in self.parts:
            if not part["is_contents"] and not part.get("is_continued"):
                found.append(Title(1, part["title"]))
            found += [
                Title(block["level"], block["text"])
                for block in part["blocks"]
                if block["kind"] == "heading"
            ]
        return found


def length(of: Any) -> int:
    """The characters of a report or of a part of it, as JSON: what time and memory grow with."""
    return len(json.dumps(of, ensure_ascii=False))


def cut(report: Mapping[str, Any], size: int, *, whole_parts: bool) -> list[Piece]:
    """A report's pieces in order, each of about `size` characters. `whole_parts`: no part is cut.

    If the report has contents, the first piece ends with them.
    """
    parts = report["parts"]
    front = next((place for place, part in enumerate(parts, 1) if part["is_contents"]), 0)
    pieces = [Piece(list(parts[:front]), has_cover=True)] if front else []
    now = Piece(has_cover=not front)
    for part in parts[front:]:
        if whole_parts:
            if now.parts and now.length + length(part) > size:
                pieces.append(now)
                now = Piece()
            now.parts.append(dict(part))
            now.length += length(part)
            continue
        if now.length > size * FULL_ENOUGH:
            pieces.append(now)
            now = Piece()
        now.parts.append({**part, "blocks": []})
        for block in part["blocks"]:
            for bit, is_new in _bits(block, now, size):
                if is_new:
                    pieces.append(now)
                    now = _next(now, part)
                now.parts[-1]["blocks"].append(bit)
                now.length += length(bit)
    return [*pieces, now]


def _next(piece: Piece, part: Mapping[str, Any]) -> Piece:
    """The piece that goes on within a part; headings at the end of `piece` move to it."""
    moved: list[Any] = []
    blocks = piece.parts[-1]["blocks"]
    while blocks and blocks[-1]["kind"] == "heading":
        moved.insert(0, blocks.pop())
    return Piece(
        [{**part, "blocks": moved, "is_continued": True}], lead=part["title"], length=length(moved)
    )


def _bits(block: Block, piece: Piece, size: int) -> Iterator[tuple[Block, bool]]:
    """A block, cut if it is too long: (a piece of it, whether it begins a new piece of the report)."""
    long, used = length(block), piece.length
    if block["kind"] == "heading":
        yield block, block["level"] == 2 and used > size * FULL_ENOUGH
        return
    if used + long <= size or not (parts := _cuttable(block)):
        yield block, used > 0 and used + long > size
        return
    is_new = used > 0 and size - used < size * LEFTOVER
    room = size if is_new or not used else size - used
    taken: list[Any] = []
    first, weight = True, 0
    for place, each in enumerate(parts):
        long = length(each)
        if taken and weight + long > room:
            yield _bit(block, taken, is_first=first, is_last=False), is_new
            first, is_new, room, taken, weight = False, True, size, [], 0
        taken.append(each)
        weight += long
        if place == len(parts) - 1:
            yield _bit(block, taken, is_first=first, is_last=True), is_new


def _cuttable(block: Block) -> Sequence[Any]:
    if block["kind"] in _LINES:
        return block["text"].splitlines()
    name = _LISTS.get(block["kind"])
    return block[name] if name else ()


def _bit(block: Block, taken: list[Any], *, is_first: bool, is_last: bool) -> Block:
    """A block with only some of its rows, items or lines."""
    bit = dict(block)
    if block["kind"] in _LINES:
        bit["text"] = "\n".join(taken)
    else:
        bit[_LISTS[block["kind"]]] = taken
    if not is_first and "caption" in block:
        bit["caption"] = _("%(caption)s (ต่อ)") % {"caption": block["caption"]}
    for last_only in ("has_total", "is_drafted"):  # the sum, or the note below a text
        if not is_last and bit.get(last_only):
            bit[last_only] = False
    return bit
