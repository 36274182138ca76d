"""Which reports give the same project code, as pages tell it, and messages to staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from django.db.models import F, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from followup.models import StatusReport
from followup.project_codes import IGNORED, ProjectCode, stored_codes
from forum_portal.thai import to_thai_digits
from proposals.models import Forum

NAMED = 5  # reports that a message names

#: Key of a code -> the other reports of the round that give it, in the source's order.
Sharing = Mapping[str, Sequence[StatusReport]]


@dataclass(frozen=True)
class ShownCode:
    """A code of a report; `measures`: at how many of its edition it stands, if at several, else 0.

    `others`: the other reports of the round that give it, where staff read.
    """

    code: ProjectCode
    measures: int
    others: Sequence[StatusReport]


def shown_codes(report: StatusReport, sharing: Sharing | None = None) -> list[ShownCode]:
    """The codes of a report as a page shows them."""
    return [
        ShownCode(each, report.shared_codes.get(each.key, 0), (sharing or {}).get(each.key, ()))
        for each in stored_codes(report.project_codes)
    ]


def sharing(report: StatusReport) -> Sharing:
    """The other reports of a stored report's round that give one of its codes.

    One query, of the reports that may; none for a report without codes.
    """
    keys = [each.key for each in stored_codes(report.project_codes)]
    if not keys:
        return {}
    wanted = Q()
    for key in keys:
        wanted |= Q(as_compared__icontains=key)
    rows = (
        StatusReport.objects.standing()
        .filter(round=report.round_id)
        .exclude(pk=report.pk)
        .exclude(project_codes="")
        .annotate(as_compared=_as_compared())
        .filter(wanted)
        .select_related("assignment__agency", "assignment__measure__resolution__forum")
        .in_source_order()
    )
    found: dict[str, list[StatusReport]] = {}
    for row in rows:
        theirs = {each.key for each in stored_codes(row.project_codes)}
        for key in keys:
            if key in theirs:
                found.setdefault(key, []).append(row)
    return found


def _as_compared() -> Combinable:
    """The column as `project_codes.code_key` makes it of a code, but for the case of its letters."""
    replaced = [(each, "") for each in IGNORED]
    replaced += [(to_thai_digits(digit), str(digit)) for digit in range(10)]

    def without(text: Combinable, each: tuple[str, str]) -> Combinable:
        return Replace(text, Value(each[0]), Value(each[1]), output_field=TextField())

    column: Combinable = F("project_codes")
    return reduce(without, replaced, column)


def in_words(report: StatusReport) -> list[str]:
    """A sentence for each code of a report that other reports of its round give.

    Two queries; none for a report without codes.
    """
    found = sharing(report)
    several_forums = bool(found) and Forum.objects.are_several()
    return [
        _("รหัส %(code)s ใช้ใน %(reports)s ด้วย")
        % {"code": each.code, "reports": _named(found[each.key], several_forums=several_forums)}
        for each in stored_codes(report.project_codes)
        if each.key in found
    ]


def _named(reports: Sequence[StatusReport], *, several_forums: bool) -> str:
    named = ", ".join(
        _("%(measure)s ของ %(agency)s")
        % {
            "measure": each.measure.shown_code(several_forums=several_forums),
            "agency": each.assignment.agency.short,
        }
        for each in reports[:NAMED]
    )
    more = len(reports) - NAMED
    return named + (_(" และอีก %(n)s รายการ") % {"n": more} if more > 0 else "")
