"""Build and parse the codes of resolutions and measures; no other module does.

A *full code* begins with the forum's year, so it is unique across forums: `2565-3` is a resolution,
`2565-3.1` one of its measures. Programs compare full codes or primary keys. The *short code* `3.1`
is display only, beside the name of its forum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,4})(?:\.([0-9]{1,4}))?")


@dataclass(frozen=True)
class Code:
    """A parsed code. `year` (B.E.) is 0 for a short code; `clause` is 0 for a resolution."""

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
    """A full code as a page shows it: in full if the page covers several forums, else short."""
    return code if several_forums else code.rpartition("-")[2]


def anchor_of(code: str) -> str:
    """The HTML id of the measure with this full code, the same on every page: `m2565-3-4`."""
    return f"m{code.replace('.', '-')}"


def parse_code(text: str) -> Code | None:
    """Parse a code in ASCII digits with nothing around it; None if `text` is not a code."""
    match = _CODE.fullmatch(text)
    return Code(*(int(part or 0) for part in match.groups())) if match else None
