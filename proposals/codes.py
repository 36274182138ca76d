"""The codes of resolutions and measures, made and read in this one place.

A *full code* begins with the year of the forum, so it names one thing whatever forums there are:
`2565-3` is a resolution, `2565-3.1` a measure of it. Programs compare full codes or primary keys.
The *short code* `3.1` is for people, and only where its forum stands beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,4})(?:\.([0-9]{1,4}))?")


@dataclass(frozen=True)
class Code:
    """A code taken apart. `year` (B.E.) is 0 where the code is short, `clause` 0 for a resolution."""

    year: int
    resolution: int
    clause: int

    def __str__(self) -> str:
        return full_code(self.year, self.resolution, self.clause)


def short_code(resolution: int, clause: int = 0) -> str:
    """`3.1`, or `3` for the resolution itself."""
    return f"{resolution}.{clause}" if clause else str(resolution)


def full_code(year: int, resolution: int, clause: int = 0) -> str:
    """`2565-3.1`, or `2565-3` for the resolution itself; short without a year (B.E.)."""
    short = short_code(resolution, clause)
    return f"{year}-{short}" if year else short


def shown_code(code: str, *, several_forums: bool) -> str:
    """A full code for a page or a document: as it is where it speaks of several forums, else short."""
    return code if several_forums else code.rpartition("-")[2]


def anchor_of(code: str) -> str:
    """The fragment that leads to what a full code names, on any page: `m2565-3-4`."""
    return f"m{code.replace('.', '-')}"


def parse_code(text: str) -> Code | None:
    """The code that a text is, in ASCII digits and without anything around it; None for no code."""
    match = _CODE.fullmatch(text)
    return Code(*(int(part or 0) for part in match.groups())) if match else None
