"""What a report is made of. Plain values: stored as JSON, and read by every writer alike.

Text is as it will be read, with Thai digits where the house style asks for them; only a `Quote` is
somebody's words letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from followup.charts import stacked_bar
from followup.progress import Tally
from forum_portal.thai import format_date, to_thai_digits

_WORDS_AND_ADDRESSES = re.compile(r"(https?://\S+)")


def thai(text: object) -> str:
    """Text with Thai digits; those of an address on the web are part of it."""
    parts = _WORDS_AND_ADDRESSES.split(str(text))
    return "".join(part if place % 2 else to_thai_digits(part) for place, part in enumerate(parts))


def mended(data: Any, mend: Callable[[str], str]) -> Any:
    """A report's data, or a part of it, with every text mended."""
    if isinstance(data, str):
        return mend(data)
    if isinstance(data, Mapping):
        return {name: mended(value, mend) for name, value in data.items()}
    return [mended(value, mend) for value in data] if isinstance(data, list | tuple) else data


def thai_day(day: date | None) -> str:
    return thai(format_date(day)) if day else ""


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2
    kind: str = "heading"


@dataclass(frozen=True)
class Text:
    """Paragraphs, one a line. `is_drafted`: from the figures, and nobody has accepted it yet."""

    text: str
    is_drafted: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Quote:
    text: str
    kind: str = "quote"


@dataclass(frozen=True)
class Items:
    items: Sequence[str]
    kind: str = "items"


@dataclass(frozen=True)
class Boxes:
    """What may be ticked by hand."""

    items: Sequence[str]
    kind: str = "boxes"


@dataclass(frozen=True)
class Table:
    """`widths` are shares of the page's width; the first column heads its row.

    `numbers` are the columns that hold counts; `has_total`: the last row sums up the others.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: Sequence[int] = ()
    has_total: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class Segment:
    status: str
    label: str
    count: str
    x: str
    width: str


@dataclass(frozen=True)
class Row:
    label: str
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Bars:
    """Stacked bars of the same whole; `told` says in words what they show."""

    caption: str
    told: str
    rows: Sequence[Row]
    kind: str = "bars"


@dataclass(frozen=True)
class Signatures:
    roles: Sequence[str]
    kind: str = "signatures"


Block = Heading | Text | Quote | Items | Boxes | Table | Bars | Signatures


@dataclass(frozen=True)
class Part:
    """What begins on a page of its own.

    `is_contents`: the writer lists the headings here. `is_one_page`: where pages are fixed, all of
    it stands on one, in smaller letters if need be.
    """

    title: str
    blocks: Sequence[Block] = ()
    is_wide: bool = False
    is_contents: bool = False
    is_one_page: bool = False


@dataclass(frozen=True)
class Report:
    title_lines: Sequence[str]  # cut where a cover may break them
    cover: Sequence[str]
    year: int
    made_at: str  # ISO; what a file says of when it was made
    parts: Sequence[Part]
    watermark: str = ""

    @property
    def title(self) -> str:
        return "".join(self.title_lines)

    def as_data(self) -> dict[str, Any]:
        return {"title": self.title, **asdict(self)}


def row_of(label: str, tally: Tally) -> Row:
    """A tally as a bar, measured where the portal's other charts are."""
    return Row(
        label,
        [
            Segment(each.status.value, str(each.status.label), thai(each.count), each.x, each.width)
            for each in stacked_bar(tally).segments
        ],
    )
