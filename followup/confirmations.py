"""Which assignments the committee has confirmed, and how pages say so.

A page of a published round reads its assignments from the edition, but says today's confirmation: the
committee may confirm an assignment after the round was published, and the sentence bears the meeting
and its date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from followup.models import Assignment, Basis
from forum_portal.thai import format_date
from forum_portal.years import fiscal_year_today
from proposals.models import Forum, Resolution


@dataclass(frozen=True)
class Confirmed:
    """How many of some assignments the committee has confirmed, and how many are proposed only."""

    confirmed: int
    proposed: int
    total: int

    @classmethod
    def of(cls, bases: Iterable[str]) -> Confirmed:
        every = list(bases)
        return cls(every.count(Basis.CONFIRMED), every.count(Basis.PROPOSED), len(every))

    @classmethod
    def counted(cls, assignments: QuerySet[Assignment]) -> Confirmed:
        """Of all that a query set has, counted by the database. One query."""
        bases = dict(assignments.order_by().values_list("basis").annotate(Count("pk")))
        confirmed, proposed = (bases.get(each, 0) for each in (Basis.CONFIRMED, Basis.PROPOSED))
        return cls(confirmed, proposed, sum(bases.values()))

    @property
    def waiting(self) -> int:
        return self.total - self.confirmed

    @property
    def share(self) -> str:
        """The confirmed ones as a length of a bar, such as `7.8%`."""
        return f"{100 * self.confirmed / self.total:.1f}%" if self.total else "0%"

    def in_words(self, *, all_forums: bool = False) -> str:
        """The sentence of public pages; "" if nothing is assigned.

        `all_forums`: they are of several forums, which a sum has to say.
        """
        if not self.total:
            return ""
        if not self.confirmed:
            said = _("รายชื่อหน่วยงานเป็นการเสนอเบื้องต้น ยังไม่ได้ยืนยันโดย คสป. ทั้ง %(total)s รายการ")
        elif self.waiting:
            said = _("คสป. ยืนยันแล้ว %(confirmed)s จาก %(total)s รายการ ที่เหลือรอ คสป. ยืนยัน")
        else:
            said = _("คสป. ยืนยันหน่วยงานที่รับผิดชอบแล้วทั้ง %(total)s รายการ")
        said %= {"confirmed": self.confirmed, "total": self.total}
        return _("รวมทุกเวที %(said)s") % {"said": said} if all_forums else said


def confirmed_in(
    year: int | None, *, forum: Forum | None = None, resolution: Resolution | None = None
) -> Confirmed:
    """The assignments in force in a fiscal year (B.E.), of a forum or a resolution or of all.

    A group's assignment counts once. Without a year: those that have not ended. One query.
    """
    if year is None:
        ongoing = Q(valid_to__isnull=True) | Q(valid_to__gte=fiscal_year_today())
        found = Assignment.objects.as_given().filter(ongoing)
    else:
        found = Assignment.objects.in_force(year).as_given()
    if resolution is not None:
        found = found.filter(measure__resolution=resolution)
    elif forum is not None:
        found = found.filter(measure__resolution__forum=forum)
    return Confirmed.counted(found)


def current_assignments(keys: Iterable[int]) -> dict[int, Assignment]:
    """The stored assignments by key, with what `today` reads. One query."""
    stored = Assignment.objects.only("role", "basis", "confirmed_ref", "confirmed_on")
    return stored.in_bulk(list(keys))


def today(assignment: Assignment, current: Mapping[int, Assignment]) -> Assignment:
    """The stored row of an edition's assignment: it says whether that is confirmed.

    The edition's own row if the stored one is gone, or has another role now: the committee has then
    confirmed something else.
    """
    stored = current.get(assignment.pk)
    return stored if stored is not None and stored.role == assignment.role else assignment


def basis_in_words(assignment: Assignment) -> str:
    """`คสป. ยืนยันแล้ว ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569`, or another basis; no meeting if none is known."""
    said = str(Basis(assignment.basis).label)
    return f"{said} {meeting}" if (meeting := meeting_of(assignment)) else said


def meeting_of(assignment: Assignment) -> str:
    """`ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569`; "" if the assignment names no meeting."""
    if not assignment.confirmed_on:
        return ""
    return _("ครั้งที่ %(ref)s วันที่ %(day)s") % {
        "ref": assignment.confirmed_ref,
        "day": format_date(assignment.confirmed_on, "medium"),
    }
