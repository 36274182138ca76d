"""What other sites may show: a proposal's status as a badge, and as a small card.

The colours are the style sheet's and the shapes the sprite's, read from there, so that a status has
each of them in one place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import category

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from followup.models import Round
from followup.progress import ResolutionProgress, Tally, year_progress
from followup.status import Status
from proposals.models import Resolution

_STYLE = settings.ROOT / "static" / "css" / "portal.css"
_SPRITE = settings.ROOT / "templates" / "components" / "sprite.html"
_RULE = re.compile(r"^\.st-(\w+)\s*\{([^}]*)\}", re.MULTILINE)
_SYMBOL = re.compile(r'<symbol id="s-(\w+)" viewBox="0 0 24 24">(.*?)</symbol>')
_COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Colours:
    """Of a status: its text, its ground, its bar."""

    ink: str
    tint: str
    fill: str


@cache
def colours() -> dict[Status, Colours]:
    """What the style sheet says under `.st-<code>`. Raises KeyError where a status has no rule."""
    rules = {
        code: {name.removeprefix("st-"): value for name, value in _COLOUR.findall(rule)}
        for code, rule in _RULE.findall(_STYLE.read_text("utf-8"))
    }
    return {status: Colours(**rules[status.value]) for status in Status}


@cache
def token(name: str) -> str:
    """A colour of the style sheet's that belongs to no status, such as `ink`."""
    return dict(_COLOUR.findall(_STYLE.read_text("utf-8").partition(".st-")[0]))[name]


@cache
def symbols() -> dict[Status, SafeString]:
    """The shape of each status, drawn in a square of 24."""
    found = dict(_SYMBOL.findall(_SPRITE.read_text("utf-8")))
    return {status: mark_safe(found[status.value]) for status in Status}  # noqa: S308 - our own


@dataclass(frozen=True)
class Embed:
    """A proposal's standing in the latest published round, or in none."""

    resolution: Resolution
    round: Round | None
    progress: ResolutionProgress | None

    @property
    def status(self) -> Status:
        return self.progress.status if self.progress else Status.NO_REPORT

    @property
    def tally(self) -> Tally:
        return self.progress.tally if self.progress else Tally()

    @property
    def is_demo(self) -> bool:
        return bool(self.round and self.round.is_demo)


def embed(resolution: Resolution) -> Embed:
    rounds = list(Round.objects.published()[:2])
    if not rounds:
        return Embed(resolution, None, None)
    year = year_progress(
        rounds[0], previous=rounds[1] if rounds[1:] else None, resolution=resolution
    )
    return Embed(resolution, rounds[0], year.resolutions[0] if year.resolutions else None)


# The badge: SVG knows no layout, so widths are measured here ----------------------------------

_CHARACTER = 8.4  # units at 15 px, of a wide Thai face: what is too wide is room, never a cut
_GAP = 12


def _width(text: str) -> int:
    upright = [each for each in text if category(each) != "Mn"]  # no vowels above and below
    return round(len(upright) * _CHARACTER) + 2 * _GAP


@dataclass(frozen=True)
class Badge:
    """The words of a badge and where they stand."""

    label: str
    word: str
    title: str
    colours: Colours
    symbol: SafeString
    ink: str
    ground: str
    label_width: int
    inner_width: float
    width: int
    symbol_x: int
    word_x: int


def badge(what: Embed) -> Badge:
    noun = settings.PORTAL_ITEM_NOUN
    label = _("%(noun)sที่ %(number)s") % {"noun": noun, "number": what.resolution.number}
    if what.round:
        word = _("%(status)s (ปี %(year)s)") % {
            "status": what.status.label,
            "year": what.round.year_be,
        }
    else:
        word = _("ยังไม่มีรอบรายงานที่เผยแพร่")
    if what.is_demo:
        word = _("ตัวอย่าง: %(word)s") % {"word": word}
    label_width = _width(label)
    symbol_x = label_width + 12
    width = symbol_x + 14 + _width(word)
    return Badge(
        label=label,
        word=word,
        title=f"{label} {what.resolution.title_th}: {word}",
        colours=colours()[what.status],
        symbol=symbols()[what.status],
        ink=token("accent"),
        ground=token("sheet"),
        label_width=label_width,
        inner_width=width - 1.5,
        width=width,
        symbol_x=symbol_x,
        word_x=symbol_x + 26,
    )
