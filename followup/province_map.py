"""The map of the provinces: shapes from `fixtures/map/`, and the steps in which it is shaded.

Python decides the step of a province, the template draws; each map has a table beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.conf import settings

STEPS = 5
#: With more reports in one province the steps are twice as wide, and again with twice as many.
MOST_AT_FIRST = 12


class Shape(NamedTuple):
    """A province's outline as SVG path data, in two degrees of detail; (x, y) is well within it."""

    iso: str
    x: int
    y: int
    fine: str
    coarse: str


@dataclass(frozen=True)
class Drawing:
    """The shapes of all provinces, and the lake, which belongs to none."""

    view_box: str
    lake: str
    shapes: Sequence[Shape]


@cache
def drawing() -> Drawing:
    """The vendored shapes; each process reads them once."""
    path = settings.ROOT / "fixtures" / "map" / "thailand.json"
    kept = json.loads(path.read_text("utf-8"))
    shapes = [
        Shape(each["code"], each["x"], each["y"], each["fine"], each["coarse"])
        for each in kept["provinces"]
    ]
    return Drawing(kept["view_box"], kept["lake"], shapes)


@dataclass(frozen=True)
class Step:
    """A step of the shading: from `low` to `high` reports, and the provinces that have so many.

    `high` is None where the last step has no upper end yet. Step 0 is that of no report.
    """

    number: int
    low: int
    high: int | None
    provinces: int

    @property
    def is_range(self) -> bool:
        return self.high is not None and self.high > self.low


@dataclass(frozen=True)
class Shaded:
    """A province on the map; `count` is written on it from the last step up."""

    shape: Shape
    step: int
    count: int

    @property
    def is_numbered(self) -> bool:
        return self.step == STEPS


@dataclass(frozen=True)
class ProvinceMap:
    """The map of a year: its provinces, and the legend, the highest step first."""

    drawing: Drawing
    provinces: Sequence[Shaded]
    steps: Sequence[Step]


def width_of_steps(most: int) -> int:
    """How many counts a step takes: 1, then 2, 4 …, as the largest count passes 12, 24 …"""
    width = 1
    while most > MOST_AT_FIRST * width:
        width *= 2
    return width


def step_of(count: int, width: int) -> int:
    return min(STEPS, -(-count // width))


def province_map(counts: Mapping[str, int]) -> ProvinceMap:
    """The map for the numbers of reports by ISO code; a province without a number has none."""
    kept = drawing()
    most = max(counts.values(), default=0)
    width = width_of_steps(most)
    shaded = [
        Shaded(shape, step_of(count, width), count)
        for shape in kept.shapes
        for count in [counts.get(shape.iso, 0)]
    ]
    last_from = (STEPS - 1) * width + 1
    steps = [
        Step(
            number,
            low=(number - 1) * width + 1,
            high=number * width if number < STEPS else (most if most >= last_from else None),
            provinces=sum(each.step == number for each in shaded),
        )
        for number in range(STEPS, 0, -1)
    ]
    none = Step(0, 0, 0, sum(each.step == 0 for each in shaded))
    return ProvinceMap(kept, shaded, [*steps, none])
