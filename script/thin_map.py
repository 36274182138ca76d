#!/usr/bin/env python3
"""Make fixtures/map/thailand.json of the shapes of the npm package @svg-maps/thailand.

    script/thin_map.py PACKAGE/index.js [fixtures/provinces.json]

Prints the JSON: for each province its outline in two degrees of detail as SVG path data, and the point
in it that is farthest from its border, where a number has most room. Borders are cut where provinces
meet, and each piece is thinned once, so that neighbours still share it without a gap. The same input
gives the same bytes. `fixtures/map/VERSION.md` says which version was read.
"""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from math import hypot
from pathlib import Path

Point = tuple[int, int]  # in tenths of the drawing's units
Ring = list[Point]

FINE, COARSE = (
    4.5,
    14.0,
)  # how far a border may move, in tenths: on the map of all, on the small one
SMALLEST = {FINE: 60.0, COARSE: 600.0}  # area of an island that is kept, in square tenths
#: Where the package spells a name in another way than our list.
NAMES = {"Lop Buri": "Lopburi", "Buriram": "Buri Ram"}
LAKE = "lksg"  # Songkhla Lake, which is no province
_TOKEN = re.compile(r"[a-zA-Z]|-?[0-9.]+(?:e-?[0-9]+)?")


def rings_of(path: str) -> list[Ring]:
    """The closed rings of path data that has only m, l, h, v and z, absolute or relative."""
    tokens = _TOKEN.findall(path)
    rings: list[Ring] = []
    x = y = start_x = start_y = 0.0
    command, at = "", 0
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
            if command in "zZ":
                x, y = start_x, start_y
                continue
        is_relative, kind = command.islower(), command.lower()
        if kind in "hv":
            value, at = float(tokens[at]), at + 1
            if kind == "h":
                x = x + value if is_relative else value
            else:
                y = y + value if is_relative else value
        elif kind in "ml":
            given_x, given_y, at = float(tokens[at]), float(tokens[at + 1]), at + 2
            x, y = (x + given_x, y + given_y) if is_relative else (given_x, given_y)
        else:
            raise ValueError(f"path command {command!r} is not known")
        if kind == "m":
            start_x, start_y = x, y
            rings.append([])
            command = "l" if is_relative else "L"
        point = round(x * 10), round(y * 10)
        if not rings[-1] or rings[-1][-1] != point:
            rings[-1].append(point)
    for ring in rings:
        if len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
    return [ring for ring in rings if len(ring) > 2]


def area(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def distance(point: Point, a: Point, b: Point) -> float:
    """From a point to the line from a to b."""
    long_x, long_y = b[0] - a[0], b[1] - a[1]
    square = long_x * long_x + long_y * long_y
    if not square:
        return hypot(point[0] - a[0], point[1] - a[1])
    part = ((point[0] - a[0]) * long_x + (point[1] - a[1]) * long_y) / square
    part = min(1.0, max(0.0, part))
    return hypot(point[0] - a[0] - part * long_x, point[1] - a[1] - part * long_y)


def thinned(line: Ring, tolerance: float) -> Ring:
    """A line by Douglas and Peucker; from the same end whichever way it runs."""
    if line[0] > line[-1]:
        return thinned(line[::-1], tolerance)[::-1]
    kept = {0, len(line) - 1}
    todo = [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        far, where = 0.0, -1
        for at in range(first + 1, last):
            if (here := distance(line[at], line[first], line[last])) > far:
                far, where = here, at
        if far > tolerance:
            kept.add(where)
            todo += [(first, where), (where, last)]
    return [line[at] for at in sorted(kept)]


def thinned_ring(ring: Ring, owners: dict[Point, frozenset[str]], tolerance: float) -> Ring:
    """A ring whose pieces between the points where its neighbours change are thinned singly."""
    size = len(ring)
    nodes = [
        at
        for at in range(size)
        if len(owners[ring[at]]) > 2
        or owners[ring[at]] != owners[ring[at - 1]]
        or owners[ring[at]] != owners[ring[(at + 1) % size]]
    ]
    if len(nodes) < 2:
        # A ring by itself, or along one neighbour: two far points, the same for both.
        first = ring.index(min(ring))
        nodes = sorted(
            {first, max(range(size), key=lambda at: distance(ring[at], ring[first], ring[first]))}
        )
    found: Ring = []
    for here, there in zip(nodes, [*nodes[1:], nodes[0] + size], strict=True):
        piece = [ring[at % size] for at in range(here, there + 1)]
        found += thinned(piece, tolerance)[:-1]
    return found


def data_of(rings: list[Ring]) -> str:
    """SVG path data with one decimal, relative."""

    def number(tenths: int) -> str:
        text = f"{tenths / 10:.1f}".removesuffix(".0")
        return (
            text.replace("-0.", "-.").removeprefix("0") if text.startswith(("0.", "-0.")) else text
        )

    text = ""
    for ring in rings:
        text += f"M{number(ring[0][0])} {number(ring[0][1])}l"
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(ring)]
        words = [number(value) for step in steps for value in step]
        text += "".join(
            word if nth == 0 or word.startswith("-") else f" {word}"
            for nth, word in enumerate(words)
        )
        text += "z"
    return text


def inside(x: float, y: float, ring: Ring) -> bool:
    found = False
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
            found = not found
    return found


def middle(ring: Ring) -> Point:
    """The point of a grid in the ring that is farthest from its border."""
    low_x, low_y = min(x for x, _y in ring), min(y for _x, y in ring)
    high_x, high_y = max(x for x, _y in ring), max(y for _x, y in ring)
    edges = list(zip(ring, ring[1:] + ring[:1], strict=True))
    best, found = -1.0, ring[0]
    for across in range(1, 30):
        for down in range(1, 30):
            point = (
                round(low_x + (high_x - low_x) * across / 30),
                round(low_y + (high_y - low_y) * down / 30),
            )
            if inside(*point, ring):
                near = min(distance(point, a, b) for a, b in edges)
                if near > best:
                    best, found = near, point
    return found


def main(package: str, provinces: str = "fixtures/provinces.json") -> None:
    text = Path(package).read_text("utf-8")
    drawing = json.loads(text.removeprefix("export default ").strip().removesuffix(";"))
    listed = json.loads(Path(provinces).read_text("utf-8"))
    iso = {row["name_en"]: row["iso"] for row in listed}
    rings = {each["id"]: rings_of(each["path"]) for each in drawing["locations"]}
    codes = {
        each["id"]: iso[NAMES.get(each["name"], each["name"])]
        for each in drawing["locations"]
        if each["id"] != LAKE
    }
    if sorted(codes.values()) != sorted(iso.values()):
        raise SystemExit(f"missing: {sorted(set(iso.values()) - set(codes.values()))}")
    owners: dict[Point, set[str]] = {}
    for name, every in rings.items():
        for ring in every:
            for point in ring:
                owners.setdefault(point, set()).add(name)
    fixed = {point: frozenset(names) for point, names in owners.items()}

    def shape(name: str, tolerance: float) -> str:
        every = sorted(rings[name], key=area, reverse=True)
        kept = every[:1] + [ring for ring in every[1:] if area(ring) >= SMALLEST[tolerance]]
        thin = [thinned_ring(ring, fixed, tolerance) for ring in kept]
        return data_of([ring for ring in thin if len(ring) > 2])

    shapes = []
    for name in sorted(codes, key=codes.__getitem__):
        x, y = middle(max(rings[name], key=area))
        shapes.append(
            {
                "code": codes[name],
                "x": round(x / 10),
                "y": round(y / 10),
                "fine": shape(name, FINE),
                "coarse": shape(name, COARSE),
            }
        )
    result = {"view_box": drawing["viewBox"], "lake": shape(LAKE, FINE), "provinces": shapes}
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
