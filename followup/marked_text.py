"""A draft's source text as its page shows it: lines, and in each the stretches that are marked.

The characters stay unchanged and in order. Each piece knows its position in the source, so that a
selection is counted from the stored text and never from badges that stand between the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from followup.forum_file import Content
from followup.forum_marks import RESOLUTION, Hint, Mark, hints, marks
from followup.source_words import is_heading


@dataclass(frozen=True)
class Pending:
    """A stretch that was chosen and could not be marked yet; `cut` is where it divides something."""

    start: int
    end: int
    cut: int | None = None


@dataclass(frozen=True)
class Piece:
    """A run of source text from `at` on, and what it is."""

    at: int
    text: str
    mark: Mark | None = None  # the measure whose words these are
    begins: bool = False  # the first piece of the measure: its badge stands before it
    is_hint: bool = False
    is_pending: bool = False
    is_bad: bool = False
    cut_after: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the source, its number from 1, and what stands at its side or below it.

    `proposal` is the mark whose numeral stands here, `hint` the proposed one.
    """

    number: int
    pieces: Sequence[Piece]
    proposal: Mark | None = None
    hint: Hint | None = None
    is_heading: bool = False
    is_outside: bool = False
    below: Sequence[Hint] = ()
    has_pending: bool = False


@dataclass
class _Found:
    """The marks and proposed marks of a text, sorted out."""

    proposals: list[Mark] = field(default_factory=list)
    measures: list[Mark] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)  # that are proposed


def lines_of(content: Content, source: str, pending: Pending | None = None) -> list[Line]:
    """The lines of the source with their marks."""
    found = _Found(hints=hints(content, source))
    for mark in marks(content):
        (found.proposals if mark.measure is None else found.measures).append(mark)
    for hint in found.hints:
        found.spans += hint.clauses or [(hint.start, hint.end)]
    heads: dict[int, Mark | Hint] = {}
    bounds = _bounds(source)
    proposed = [hint for hint in found.hints if hint.kind == RESOLUTION]
    headed: list[Mark | Hint] = [*found.proposals, *proposed]
    for each in headed:
        number = next(n for n, (start, end) in enumerate(bounds) if start <= each.start <= end)
        above = number - 1
        if above >= 0 and is_heading(source[slice(*bounds[above])]):
            number = above
        heads[number] = each
    return [
        _line(number, bounds[number], source, found, heads.get(number), pending)
        for number in range(len(bounds))
        if source[slice(*bounds[number])].strip()
    ]


def _bounds(source: str) -> list[tuple[int, int]]:
    bounds, at = [], 0
    for line in source.split("\n"):
        bounds.append((at, at + len(line)))
        at += len(line) + 1
    return bounds


def _line(
    number: int,
    bounds: tuple[int, int],
    source: str,
    found: _Found,
    head: Mark | Hint | None,
    pending: Pending | None,
) -> Line:
    start, end = bounds
    inside = any(mark.start < end and start < mark.end for mark in found.proposals)
    below = [hint for hint in found.hints if start <= hint.end <= end]
    return Line(
        number=number + 1,
        pieces=_pieces(start, end, source, found, pending),
        proposal=head if isinstance(head, Mark) else None,
        hint=head if isinstance(head, Hint) else None,
        is_heading=is_heading(source[start:end]),
        is_outside=not inside and head is None and not below,
        below=below,
        has_pending=pending is not None and start <= pending.end <= end,
    )


def _pieces(
    start: int, end: int, source: str, found: _Found, pending: Pending | None
) -> list[Piece]:
    spans = [(mark.start, mark.end) for mark in found.measures] + found.spans
    if pending:
        spans += [(pending.start, pending.end)]
        if pending.cut is not None:
            spans.append((pending.cut, pending.cut))
    cuts = sorted({start, end, *(edge for span in spans for edge in span if start < edge < end)})
    pieces = []
    for at, until in pairwise(cuts):
        mark = next((each for each in found.measures if each.start <= at < each.end), None)
        chosen = pending is not None and pending.start <= at < pending.end
        pieces.append(
            Piece(
                at,
                source[at:until],
                mark,
                begins=mark is not None and mark.start == at,
                is_hint=any(first <= at < last for first, last in found.spans),
                is_pending=chosen and pending is not None and pending.cut is None,
                is_bad=chosen and pending is not None and pending.cut is not None,
                cut_after=pending is not None and pending.cut == until,
            )
        )
    return pieces
