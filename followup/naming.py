"""The names of forums and resolutions; a resolution is named with its forum if there are several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from forum_portal.languages import is_english, listed
from forum_portal.years import shown_year
from proposals.models import Forum, Resolution


def item_noun() -> str:
    """The public noun for a resolution, in the page's language."""
    return str(settings.PORTAL_ITEM_NOUN_EN if is_english() else settings.PORTAL_ITEM_NOUN)


def items_noun() -> str:
    """The same for several of them; Thai has one form for both."""
    return f"{item_noun()}s" if is_english() else item_noun()


def item_name(resolution: Resolution, *, several_forums: bool) -> str:
    """`ข้อเสนอที่ 3`, or `เวที 2566 ข้อเสนอที่ 3`."""
    name = {"noun": item_noun(), "number": resolution.number}
    if several_forums:
        name["year"] = shown_year(resolution.forum.year_be)
        return _("เวที %(year)s %(noun)sที่ %(number)s") % name
    return _("%(noun)sที่ %(number)s") % name


def items_name(sizes: Mapping[int, int]) -> str:
    """What all resolutions are called: `ข้อเสนอ 8 ข้อ` of one forum, `ข้อเสนอ` of several.

    `sizes`: forum's year -> its number of resolutions.
    """
    if len(sizes) != 1:
        return items_noun()
    return _("%(noun)s %(count)s ข้อ") % {
        "noun": items_noun().lower(),
        "count": sum(sizes.values()),
    }


def forum_name(forum: Forum) -> str:
    """`เวที 2566`: a forum where it stands among others."""
    return _("เวที %(year)s") % {"year": shown_year(forum.year_be)}


def forum_years(forums: Iterable[Forum]) -> str:
    """`2565`, `2565 และ 2566`, `2565 2566 และ 2567`: the years of forums, the earliest first."""
    *others, last = [shown_year(year) for year in sorted(each.year_be for each in forums)] or [""]
    if not others:
        return last
    return _("%(years)s และ %(last)s") % {
        "years": listed(others),
        "last": last,
    }


def forums_title(forums: Iterable[Forum]) -> str:
    """`CSOs Forum ประจำปี 2565 และ 2566`; without any forum `CSOs Forum`."""
    years = forum_years(forums)
    return _("CSOs Forum ประจำปี %(years)s") % {"years": years} if years else _("CSOs Forum")


def of_all_forums() -> str:
    """The label of a figure that is a sum over forums."""
    return _("รวมทุกเวที")
