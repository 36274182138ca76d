"""The blocks of a report: plain values, stored as JSON and read by every writer.

Blocks are built with ASCII digits. `Report.as_data`, the input of every writer, turns them into Thai
digits, except in `Verbatim` text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from followup.charts import stacked_bar
from followup.progress import Tally
from forum_portal.languages import is_english, language
from forum_portal.thai import to_thai_digits

_WORDS_AND_ADDRESSES = re.compile(r"(https?://\S+)")


class Verbatim(str):
    """Text that keeps its digits: a quotation, a file name, an address, a value for programs."""

    __slots__ = ()


def thai(text: str) -> str:
    """Text with Thai digits, in English as it is; the digits of a web address stay."""
    if isinstance(text, Verbatim) or is_english():
        return str(text)
    parts = _WORDS_AND_ADDRESSES.split(text)
    return "".join(part if place % 2 else to_thai_digits(part) for place, part in enumerate(parts))


def mended(data: Any, mend: Callable[[str], str]) -> Any:
    """A report's data, or a part of it, with Thai digits in every text but `Verbatim`."""
    if isinstance(data, str):
        return mend(data)
    if isinstance(data, Mapping):
        return {name: mended(value, mend) for name, value in data.items()}
    return [mended(value, mend) for value in data] if isinstance(data, list | tuple) else data


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2
    kind: str = "heading"


@dataclass(frozen=True)
class Text:
    """Paragraphs, one a line. `is_drafted`: generated from the figures and not accepted yet."""

    text: str
    is_drafted: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Quote:
    """A verbatim quotation."""

    text: Verbatim
    kind: str = "quote"


@dataclass(frozen=True)
class Items:
    items: Sequence[str]
    kind: str = "items"


@dataclass(frozen=True)
class Boxes:
    """Check boxes, to be ticked by hand."""

    items: Sequence[str]
    kind: str = "boxes"


@dataclass(frozen=True)
class Table:
    """A table. `widths` are shares of the page's width; the first column is the row header.

    `numbers` are the columns with counts; `has_total`: the last row is the sum of the others.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: Sequence[int] = ()
    has_total: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class BarSegment:
    status: str
    label: str
    count: str
    x: Verbatim
    width: Verbatim


@dataclass(frozen=True)
class BarRow:
    label: str
    segments: Sequence[BarSegment]


@dataclass(frozen=True)
class Bars:
    """Stacked bars of one scale; `told` describes them in words."""

    caption: str
    told: str
    rows: Sequence[BarRow]
    kind: str = "bars"


@dataclass(frozen=True)
class Signatures:
    roles: Sequence[str]
    kind: str = "signatures"


Block = Heading | Text | Quote | Items | Boxes | Table | Bars | Signatures


@dataclass(frozen=True)
class Part:
    """A part of the report; it begins on a new page.

    `is_contents`: the writer lists the headings here. `is_one_page`: in a paged format the part fits
    on one page, in a smaller font size if necessary.
    """

    title: str
    blocks: Sequence[Block] = ()
    is_wide: bool = False
    is_contents: bool = False
    is_one_page: bool = False


@dataclass(frozen=True)
class Report:
    title_lines: Sequence[str]  # split where a cover may break the line
    cover: Sequence[str]
    year: int
    made_at: Verbatim  # ISO; the creation time in a file's metadata
    parts: Sequence[Part]
    watermark: str = ""

    @property
    def title(self) -> str:
        return "".join(self.title_lines)

    def as_data(self) -> dict[str, Any]:
        """The report as stored, and as the writers read it: with Thai digits, unless in English."""
        about = {"title": self.title, "language": language()}
        data: dict[str, Any] = mended({**about, **asdict(self)}, thai)
        return data


def bar_row(label: str, tally: Tally) -> BarRow:
    """A tally as a bar, with the geometry of the portal's other charts."""
    return BarRow(
        label,
        [
            BarSegment(
                each.status.value,
                str(each.status.label),
                str(each.count),
                Verbatim(each.x),
                Verbatim(each.width),
            )
            for each in stacked_bar(tally).segments
        ],
    )


# Fixed texts of every writer ------------------------------------------------------------------


def drafted_note() -> str:
    """The note under a text that was generated from the figures."""
    return _("ข้อความร่างจากตัวเลข ยังไม่มีผู้รับรอง")


def signature_lines() -> list[str]:
    """The lines under a role, to be filled in by hand."""
    return [
        "(…………………………………………)",
        _("ตำแหน่ง ………………………………………"),
        _("วันที่ ……… / ……… / ………"),
    ]
