"""Members' assignments, which follow those of their groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from followup.history import of_this_batch, writer
from followup.models import AgencyKind, Assignment, GroupMember, RoundState, StatusReport

BATCH = 500  # rows a statement
#: What a member's assignment has from the group's.
FOLLOWED = ("role", "basis", "confirmed_ref", "confirmed_on")
_WRITTEN = (*FOLLOWED, "valid_from", "valid_to")


@dataclass(frozen=True)
class _Span:
    """Fiscal years (B.E.), both included; without `last` it goes on."""

    first: int
    last: int | None

    def within(self, other: _Span) -> _Span | None:
        """The years of both; None if they have none in common."""
        lasts = [last for last in (self.last, other.last) if last is not None]
        both = _Span(max(self.first, other.first), min(lasts, default=None))
        return None if both.last is not None and both.last < both.first else both


def _span(row: Assignment | GroupMember) -> _Span:
    return _Span(row.valid_from, row.valid_to)


@transaction.atomic
def follow_groups() -> None:
    """Make the assignments of groups' members what memberships and the groups' assignments say.

    A member has an assignment of its own for each of the group's, in the years in which it is a member,
    with the group's role and confirmation. One that no longer follows from them is deleted; if a report
    of it was written or its round is over, it ends with that round. An agency that has an assignment of
    its own to the measure in these years keeps that one: it answers once.

    Whatever changes an assignment calls this, after it has locked the rounds. A fixed number of queries,
    one if there is no group.
    """
    own = list(
        Assignment.objects.filter(agency__kind=AgencyKind.GROUP)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    present: dict[tuple[int, int], list[Assignment]] = {}
    for row in (
        Assignment.objects.filter(of_group__isnull=False).order_by("valid_from", "pk")
        if own
        else ()
    ):
        present.setdefault((row.of_group_id or 0, row.agency_id), []).append(row)
    if not own:
        return
    memberships: dict[int, dict[int, list[GroupMember]]] = {}
    for each in GroupMember.objects.order_by("valid_from", "pk"):
        memberships.setdefault(each.group_id, {}).setdefault(each.agency_id, []).append(each)
    elsewhere = _elsewhere(own)
    new: list[Assignment] = []
    changed: list[Assignment] = []
    for group in own:
        for agency, rows in memberships.get(group.agency_id, {}).items():
            spans = [span for row in rows if (span := _span(row).within(_span(group)))]
            kept = present.pop((group.pk, agency), [])
            taken = elsewhere.get((group.measure_id, agency), [])
            spans = [span for span in spans if not any(span.within(one) for one in taken)]
            for place, span in enumerate(spans):
                row = kept[place] if place < len(kept) else _begin(group, agency)
                if _set(row, group, span):
                    (changed if row.pk else new).append(row)
            if kept[len(spans) :]:
                present[group.pk, agency] = kept[len(spans) :]
            elsewhere.setdefault((group.measure_id, agency), []).extend(spans)
    ended = _without([row for rows in present.values() for row in rows])
    bulk_create_with_history(
        new,
        Assignment,
        batch_size=BATCH,
        default_user=writer(),
        default_change_reason="member",
        custom_historical_attrs=of_this_batch() if new else None,
    )
    if changed or ended:
        bulk_update_with_history(
            [*changed, *ended],
            Assignment,
            list(_WRITTEN),
            batch_size=BATCH,
            default_user=writer(),
            default_change_reason="member",
            custom_historical_attrs=of_this_batch(),
        )


def _elsewhere(own: Sequence[Assignment]) -> dict[tuple[int, int], list[_Span]]:
    """(measure, agency) -> the years in which the agency answers for it without a group."""
    found: dict[tuple[int, int], list[_Span]] = {}
    for row in Assignment.objects.as_given().filter(measure__in={each.measure_id for each in own}):
        found.setdefault((row.measure_id, row.agency_id), []).append(_span(row))
    return found


def _begin(group: Assignment, agency: int) -> Assignment:
    return Assignment(measure_id=group.measure_id, agency_id=agency, of_group=group)


def _set(row: Assignment, group: Assignment, span: _Span) -> bool:
    """Set what follows from the group; whether anything differs."""
    wanted = {name: getattr(group, name) for name in FOLLOWED}
    wanted |= {"valid_from": span.first, "valid_to": span.last}
    differs = any(getattr(row, name) != value for name, value in wanted.items())
    for name, value in wanted.items():
        setattr(row, name, value)
    return differs or row.pk is None


def _without(rows: Iterable[Assignment]) -> list[Assignment]:
    """Delete these, or let them end: returns those that end and were not ended yet."""
    rows = list(rows)
    last: dict[int, int] = {}
    for report in StatusReport.objects.filter(assignment__in=rows).select_related("round"):
        if report.version or report.round.state in {RoundState.CLOSED, RoundState.PUBLISHED}:
            year = report.round.year_be
            last[report.assignment_id] = max(year, last.get(report.assignment_id, 0))
    ended = []
    for row in rows:
        if row.pk in last:
            final = max(row.valid_from, last[row.pk])
            if row.valid_to is None or row.valid_to > final:
                row.valid_to = final
                ended.append(row)
            continue
        for untouched in StatusReport.objects.filter(assignment=row.pk):
            untouched.delete()
        row.delete()
    return ended
