"""The names of resolutions, with their forum if there are several forums."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from proposals.models import Resolution


def item_name(resolution: Resolution, *, several_forums: bool) -> str:
    """`ข้อเสนอที่ 3`, or `เวที 2566 ข้อเสนอที่ 3`."""
    name = {"noun": settings.PORTAL_ITEM_NOUN, "number": resolution.number}
    if several_forums:
        name["year"] = resolution.forum.year_be
        return _("เวที %(year)s %(noun)sที่ %(number)s") % name
    return _("%(noun)sที่ %(number)s") % name


def items_name(sizes: Mapping[int, int]) -> str:
    """What all resolutions are called: `ข้อเสนอ 8 ข้อ` of one forum, `ข้อเสนอ` of several.

    `sizes`: forum's year -> its number of resolutions.
    """
    if len(sizes) != 1:
        return settings.PORTAL_ITEM_NOUN
    return _("%(noun)s %(count)s ข้อ") % {
        "noun": settings.PORTAL_ITEM_NOUN,
        "count": sum(sizes.values()),
    }
