"""Geometry of the charts. Python measures, the template draws; each stands beside its table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from followup.progress import Standing, Tally
from followup.status import Status


def percent(part: int, whole: int) -> str:
    """A length in an SVG: a share of the width, with three decimals and a point in any language."""
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
    """A stacked bar of a tally; `achieved` and `moving` are where its two brackets end."""

    segments: list[Segment]
    achieved: str
    moving: str

    @property
    def gaps(self) -> Iterable[str]:
        """Where a thin line parts two segments."""
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
    """How far a round's work is: approved, and on top of it what waits for review."""

    standing: Standing

    @property
    def approved(self) -> str:
        return percent(self.standing.approved, self.standing.expected)

    @property
    def waiting(self) -> str:
        return percent(self.standing.approved + self.standing.submitted, self.standing.expected)
