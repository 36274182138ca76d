"""The names of forums and resolutions; a resolution is named with its forum if there are several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from proposals.models import Forum, Resolution


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


def forum_name(forum: Forum) -> str:
    """`เวที 2566`: a forum where it stands among others."""
    return _("เวที %(year)s") % {"year": forum.year_be}


def forum_years(forums: Iterable[Forum]) -> str:
    """`2565`, `2565 และ 2566`, `2565 2566 และ 2567`: the years of forums, the earliest first."""
    *others, last = [str(year) for year in sorted(each.year_be for each in forums)] or [""]
    if not others:
        return last
    return _("%(years)s และ %(last)s") % {"years": " ".join(others), "last": last}


def forums_title(forums: Iterable[Forum]) -> str:
    """`CSOs Forum ประจำปี 2565 และ 2566`; without any forum `CSOs Forum`."""
    years = forum_years(forums)
    return _("CSOs Forum ประจำปี %(years)s") % {"years": years} if years else _("CSOs Forum")


def of_all_forums() -> str:
    """The label of a figure that is a sum over forums."""
    return _("รวมทุกเวที")
