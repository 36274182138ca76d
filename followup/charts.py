"""Geometry of the charts. Python computes it, the template draws; each chart has a table beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from followup.models import Round
from followup.progress import Cohort, Tally, YearProgress
from followup.status import Status
from followup.workload import Standing
from proposals.models import Forum


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


#: More lines than this are told by the table alone.
MOST_LINES = 4
_COHORT_TOP, _COHORT_HEIGHT = 28, 150  # pixels


@dataclass(frozen=True)
class Point:
    """A forum after a number of rounds.

    `x` is a length of the full width; `y`, and the `label` if there is room for one, are pixels.
    """

    x: str
    y: float
    label: float | None
    tally: Tally


@dataclass(frozen=True)
class CohortLine:
    """The points of one forum; `style` (a, b, c, d) tells it apart without colour."""

    forum: Forum
    style: str
    points: Sequence[Point]

    @property
    def steps(self) -> Iterable[tuple[Point, Point]]:
        return pairwise(self.points)


def cohort_axis(every: Sequence[Cohort]) -> list[str]:
    """The place of each number of rounds, as lengths of the full width."""
    rounds = max((len(each.years) for each in every), default=0)
    return [percent(2 * step + 1, 2 * rounds) for step in range(rounds)]


def cohort_lines(every: Sequence[Cohort]) -> list[CohortLine]:
    """The achieved share of each forum after 1, 2, 3 … rounds, the earliest forum first.

    The greatest share has the full height. Empty for more than `MOST_LINES` forums. After each number
    of rounds the highest point is labelled above, the lowest below, so that labels do not meet.
    """
    if len(every) > MOST_LINES:
        return []
    axis = cohort_axis(every)
    greatest = max((_share(year.tally) for each in every for year in each.years), default=0) or 1
    heights = [
        [
            round(_COHORT_TOP + _COHORT_HEIGHT * (1 - _share(year.tally) / greatest), 1)
            for year in each.years
        ]
        for each in reversed(every)
    ]
    lines = []
    for nth, cohort in enumerate(reversed(every)):
        points = []
        for step, year in enumerate(cohort.years):
            # From the top; of two at one height the earlier forum's is the higher.
            column = sorted(
                (line[step], place) for place, line in enumerate(heights) if step < len(line)
            )
            y = heights[nth][step]
            label = None
            if column[0] == (y, nth):
                label = y - 12
            elif column[-1] == (y, nth):
                label = y + 24
            points.append(Point(axis[step], y, label, year.tally))
        lines.append(CohortLine(cohort.forum, "abcd"[nth], points))
    return lines


def _share(tally: Tally) -> float:
    return tally.achieved / tally.n if tally.n else 0


#: Of the trends, in pixels from the top: the denominator's line where it is the greatest, the base,
#: and where there is no room for a number above a point.
_TREND_TOP, _TREND_BASE, _TREND_FULL = 33.0, 140.0, 62.0
#: The first and the last year in parts of the width, so that their labels stay inside.
_TREND_FIRST, _TREND_LAST = 9, 91


@dataclass(frozen=True)
class TrendPoint:
    """A count of a year. `x` is a length of the full width; `y`, `whole` (of the denominator) and `label`
    are pixels."""

    round: Round
    count: int
    n: int
    x: str
    y: float
    whole: float
    label: float

    @property
    def above(self) -> float:
        """Where the denominator is written: above its line."""
        return round(self.whole - 7, 1)


@dataclass(frozen=True)
class Trend:
    """One count over the years; `kind` is achieved, moving or silent."""

    kind: str
    points: Sequence[TrendPoint]

    @property
    def steps(self) -> Iterable[tuple[TrendPoint, TrendPoint]]:
        return pairwise(self.points)

    @property
    def ends(self) -> Sequence[TrendPoint]:
        """The points at which the denominator is written."""
        return [self.points[0], self.points[-1]]

    @property
    def square(self) -> bool:
        """Whether its points are squares, so that shape tells it apart."""
        return self.kind == "moving"


def trends(years: Sequence[YearProgress]) -> list[Trend]:
    """Three counts of years, the earliest first, on one scale; empty for fewer than two years."""
    if len(years) < 2:
        return []
    counts: dict[str, Callable[[Tally], int]] = {
        "achieved": lambda tally: tally.achieved,
        "moving": lambda tally: tally.moving,
        "silent": lambda tally: tally.silent,
    }
    greatest = max(year.tally.n for year in years) or 1

    def height(count: int) -> float:
        return round(_TREND_BASE - (_TREND_BASE - _TREND_TOP) * count / greatest, 1)

    steps = len(years) - 1
    found = []
    for kind, count in counts.items():
        heights = [height(count(year.tally)) for year in years]
        # Numbers stand on one side of their line, where that has room for all of them.
        below = min(heights) < _TREND_FULL and max(heights) + 31 < _TREND_BASE
        points = []
        for nth, year in enumerate(years):
            y = heights[nth]
            place = _TREND_FIRST * steps + (_TREND_LAST - _TREND_FIRST) * nth
            points.append(
                TrendPoint(
                    round=year.round,
                    count=count(year.tally),
                    n=year.tally.n,
                    x=percent(place, 100 * steps),
                    y=y,
                    whole=height(year.tally.n),
                    label=y + 31 if below or y < _TREND_FULL else y - 11,
                )
            )
        found.append(Trend(kind, points))
    return found


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
