"""How to cite a part of the portal: what, year, edition, publication date, whole address.

A page is made once for all its readers, so a citation has no day of access: the edition says more, for
what is cited stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from forum_portal.thai import format_date
from forum_portal.years import to_be


@dataclass(frozen=True)
class Cited:
    """What is cited. `what` names it, `year` is a round's label; `number` and `made_at` are its
    edition's, 0 and None of what belongs to none."""

    what: str
    address: str
    year: str = ""
    number: int = 0
    made_at: datetime | None = None

    @property
    def text(self) -> str:
        """The citation as one line of text, which ends with the address."""
        values: dict[str, str | int] = {
            "what": self.what,
            "address": self.address,
            "year": self.year,
        }
        if not (self.number and self.made_at):
            return _("คสป. %(what)s %(address)s") % values
        published = timezone.localtime(self.made_at).date()
        values |= {
            "number": self.number,
            "day": format_date(published, "medium"),
            "published": to_be(published.year),
        }
        return (
            _(
                "คสป. (%(published)s) %(what)s ปีงบประมาณ %(year)s ฉบับที่ %(number)s "
                "เผยแพร่ %(day)s %(address)s"
            )
            % values
        )
