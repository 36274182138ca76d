"""Geometry of the charts. Python computes it, the template draws; each chart has a table beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from followup.progress import Tally
from followup.status import Status
from followup.workload import Standing


def percent(part: int, whole: int) -> str:
    """An SVG length: a percentage of the width with three decimals and a decimal point."""
    return f"{100 * part / whole:.3f}%" if whole else "0%"


@dataclass(frozen=True)
class Segment:
    """One status of a stacked bar; `x`, `width`, `middle` and `end` are lengths of the full width."""

    status: Status
    count: int
    x: str
    width: str
    middle: str
    end: str


@dataclass(frozen=True)
class Bar:
    """A stacked bar of a tally; `achieved` and `moving` are the ends of its two brackets."""

    segments: list[Segment]
    achieved: str
    moving: str

    @property
    def gaps(self) -> Iterable[str]:
        """The positions of the thin lines between segments."""
        return [segment.x for segment in self.segments[1:]]


def stacked_bar(tally: Tally) -> Bar:
    segments, before = [], 0
    for status, count in tally.rows:
        if count:
            segments.append(
                Segment(
                    status=status,
                    count=count,
                    x=percent(before, tally.n),
                    width=percent(count, tally.n),
                    middle=percent(2 * before + count, 2 * tally.n),
                    end=percent(before + count, tally.n),
                )
            )
            before += count
    return Bar(segments, percent(tally.achieved, tally.n), percent(tally.moving, tally.n))


@dataclass(frozen=True)
class WorkBar:
    """The progress of a round's work: approved reports, then those waiting for review."""

    standing: Standing

    @property
    def approved(self) -> str:
        return percent(self.standing.approved, self.standing.expected)

    @property
    def waiting(self) -> str:
        return percent(self.standing.approved + self.standing.submitted, self.standing.expected)
