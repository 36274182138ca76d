"""What other sites may embed: a proposal's status as a badge, and as a small card."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from followup.appearance import Colours, colours, symbols, token
from followup.models import Round
from followup.naming import item_name
from followup.progress import ResolutionProgress, Tally
from followup.published import year_progress
from followup.status import Status
from forum_portal.thai import xml_text
from proposals.models import Forum, Resolution


@dataclass(frozen=True)
class Embed:
    """A proposal's status in the latest published round that followed its forum up.

    `NO_REPORT` before the first one. `name` has the forum if there are several.
    """

    resolution: Resolution
    name: str
    round: Round | None
    progress: ResolutionProgress | None

    @property
    def status(self) -> Status:
        return self.progress.status if self.progress else Status.NO_REPORT

    @property
    def tally(self) -> Tally:
        return self.progress.tally if self.progress else Tally()

    @property
    def is_replaced(self) -> bool:
        return bool(self.progress and self.progress.is_replaced)

    @property
    def is_demo(self) -> bool:
        return bool(self.round and self.round.is_demo)


def embed(resolution: Resolution) -> Embed:
    name = item_name(resolution, several_forums=Forum.objects.are_several())
    followed = resolution.forum.is_followed_in
    rounds = [each for each in Round.objects.published() if followed(each.year_be)]
    if not rounds:
        return Embed(resolution, name, None, None)
    year = year_progress(
        rounds[0], previous=rounds[1] if rounds[1:] else None, resolution=resolution
    )
    return Embed(resolution, name, rounds[0], year.resolutions[0] if year.resolutions else None)


# The badge: SVG has no layout, so widths are calculated here -----------------------------------

_CHARACTER = 8.4  # units at 15 px, for a wide Thai font: space to spare is harmless
_GAP = 12


def _width(text: str) -> int:
    upright = [each for each in text if category(each) != "Mn"]  # without vowels above and below
    return round(len(upright) * _CHARACTER) + 2 * _GAP


@dataclass(frozen=True)
class Badge:
    """The texts of a badge and their positions."""

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
    label = what.name
    if what.is_replaced:
        word = _("ติดตามต่อภายใต้ข้อเสนอของเวทีหลัง")
    elif what.round:
        word = _("%(status)s (ปี %(year)s)") % {
            "status": what.status.label,
            "year": what.round.label,
        }
    else:
        word = _("ยังไม่มีรอบติดตามที่เผยแพร่")
    if what.is_demo:
        word = _("ตัวอย่าง: %(word)s") % {"word": word}
    label_width = _width(label)
    symbol_x = label_width + 12
    width = symbol_x + 14 + _width(word)
    return Badge(
        label=label,
        word=word,
        title=xml_text(f"{label} {what.resolution.title}: {word}"),
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
