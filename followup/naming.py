"""The name of a resolution, with its forum if there are several forums."""

from __future__ import annotations

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
