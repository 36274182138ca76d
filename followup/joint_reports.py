"""One activity that is told once and reported on several measures: which reports belong together.

`StatusReport.told_in` is the report, of the same agency and round, in which the shared texts
(`SHARED`) are typed; the others hold a copy of them, so that every reader finds them in place. Status,
amounts and evidence are each report's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from followup.models import ReportState, StatusReport
from followup.models.reports import SETTLED
from proposals.models import Measure

#: The columns that are typed once.
SHARED = ("results", "obstacles", "next_steps")


def mark(reports: Iterable[StatusReport]) -> None:
    """Set `joint_with` of received reports, from a round's reports in the source's order. No queries.

    What was not received is named at no report.
    """
    groups: dict[int, list[StatusReport]] = {}
    for report in reports:
        if report.state == ReportState.APPROVED:
            groups.setdefault(report.told_in_id or report.pk, []).append(report)
    for group in groups.values():
        for report in group:
            report.joint_with = _measures(group, report)


def partners(report: StatusReport) -> list[StatusReport]:
    """The other reports of its activity, received or not, in the source's order. One query."""
    root = report.told_in_id or report.pk
    of_activity = StatusReport.objects.standing().filter(
        Q(pk=root) | Q(told_in=root), round=report.round_id
    )
    return list(of_activity.exclude(pk=report.pk).with_context().prefetch_related(None))


def mark_one(report: StatusReport) -> list[StatusReport]:
    """Set `joint_with` of one report for its own agency and for staff; returns its partners."""
    found = partners(report)
    report.joint_with = _measures(found, report)
    return found


def candidates(report: StatusReport) -> list[StatusReport]:
    """The reports in which this one's activity may be told: the agency's others of the round that
    can be written to and refer to none themselves."""
    every = (
        StatusReport.objects.standing()
        .filter(round=report.round_id, assignment__agency=report.assignment.agency_id, told_in=None)
        .exclude(pk=report.pk)
        .filter(~Q(state__in=SETTLED) | Q(pk=report.told_in_id))
    )
    return list(every.with_context().prefetch_related(None))


def part_strays(reports: Mapping[int, StatusReport]) -> None:
    """Tell those on their own again whose texts are no longer those of the report that tells them.

    `reports` (by key) are about to be stored, as after an undo. One query.
    """
    tied = [each for each in reports.values() if each.told_in_id is not None]
    mains = {**StatusReport.objects.in_bulk({each.told_in_id for each in tied}), **reports}
    for each in tied:
        main = mains.get(each.told_in_id or 0)
        if (
            main is None
            or main.told_in_id is not None
            or any(getattr(main, name) != getattr(each, name) for name in SHARED)
        ):
            each.told_in = None


def in_words(measures: Sequence[Measure], *, several_forums: bool) -> str:
    """`รายงานร่วมกับ 3.2 และ 3.5`; "" for a report of its own."""
    codes = [each.shown_code(several_forums=several_forums) for each in measures]
    if not codes:
        return ""
    *others, last = codes
    listed = _("%(codes)s และ %(last)s") % {"codes": ", ".join(others), "last": last}
    return _("รายงานร่วมกับ %(codes)s") % {"codes": listed if others else last}


def _measures(group: Iterable[StatusReport], report: StatusReport) -> list[Measure]:
    return [each.measure for each in group if each.pk != report.pk]
