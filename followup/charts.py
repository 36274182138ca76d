"""Geometry of the charts. Python computes it, the template draws; each chart has a table beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from followup.indicators import Reading, Stretch
from followup.models import Round
from followup.progress import Cohort, Tally, YearProgress
from followup.status import Status
from followup.workload import Standing
from forum_portal.thai import format_number
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


#: Of an indicator, in pixels from the top: the greatest value, the least one, the whole chart.
_INDICATOR_TOP, _INDICATOR_BASE, INDICATOR_HEIGHT = 28.0, 92.0, 124
#: Years that a narrow chart has room for, and its width in pixels, less than it is on any screen.
MOST_YEARS, _INDICATOR_WIDTH = 7, 260
_DIGIT = 10  # pixels that a digit of a value is wide, at most


@dataclass(frozen=True)
class IndicatorYear:
    """A year of an indicator; `x` is its middle, `start` and `end` its column, in lengths of the width.

    In pixels: `y` is the value's height and `target` and `baseline` those of what it is compared with,
    None without one. `is_labelled`: there is room for the value.
    """

    reading: Reading
    x: str
    start: str
    end: str
    y: float | None
    target: float | None
    baseline: float | None
    is_labelled: bool

    @property
    def label(self) -> float | None:
        """Where the value is written: above its point."""
        return None if self.y is None or not self.is_labelled else round(self.y - 11, 1)


@dataclass(frozen=True)
class IndicatorChart:
    """The line of an indicator in one unit; `zero` is where 0 is, in pixels."""

    stretch: Stretch
    years: Sequence[IndicatorYear]
    zero: float

    @property
    def steps(self) -> Iterable[tuple[IndicatorYear, IndicatorYear]]:
        """The pieces of the line: a year without a value is a gap in it."""
        return [(a, b) for a, b in pairwise(self.years) if a.y is not None and b.y is not None]

    @property
    def points(self) -> Iterable[IndicatorYear]:
        return [each for each in self.years if each.y is not None]


def indicator_chart(stretch: Stretch) -> IndicatorChart | None:
    """The last years of an indicator, on a scale with 0; None for fewer than two values."""
    readings = stretch.readings[-MOST_YEARS:]
    values = [each.value for each in readings if each.value is not None]
    if len(values) < 2:
        return None
    defined = [each.definition for each in readings]
    every = [
        Decimal(0),
        *values,
        *(each.target for each in defined if each.target is not None),
        *(each.baseline for each in defined if each.baseline is not None),
    ]
    least, span = min(every), (max(every) - min(every)) or Decimal(1)

    def height(value: Decimal | None) -> float | None:
        if value is None:
            return None
        share = float((value - least) / span)
        return round(_INDICATOR_BASE - (_INDICATOR_BASE - _INDICATOR_TOP) * share, 1)

    n = len(readings)
    widest = max(len(format_number(value)) for value in values) * _DIGIT
    years = [
        IndicatorYear(
            reading=each,
            x=percent(2 * nth + 1, 2 * n),
            start=percent(nth, n),
            end=percent(nth + 1, n),
            y=height(each.value),
            target=height(each.definition.target),
            baseline=height(each.definition.baseline),
            is_labelled=widest <= _INDICATOR_WIDTH / n,
        )
        for nth, each in enumerate(readings)
    ]
    return IndicatorChart(stretch, years, height(Decimal(0)) or 0.0)


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
