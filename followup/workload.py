"""The workload: the number of a round's reports in each step of the workflow, for staff.

It counts drafts as well, so no public page uses it. Statuses, and everything that the public sees,
are counted in `progress.py`. Whatever may be a whole round is counted by the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from followup.grades import Grade
from followup.models import Agency, ReportState, Round, StatusReport
from proposals.models import Forum, Resolution

if TYPE_CHECKING:
    from followup.models.reports import StatusReportQuerySet


@dataclass(frozen=True)
class Standing:
    """The state of a round's work in numbers of reports, for staff pages and confirmations."""

    expected: int
    untouched: int
    drafts: int
    returned: int
    submitted: int
    approved: int

    @property
    def to_do(self) -> int:
        """The reports that are still to be written."""
        return self.untouched + self.drafts + self.returned

    @property
    def is_silent(self) -> bool:
        """Whether no report was submitted."""
        return self.expected == self.untouched

    @property
    def not_received(self) -> int:
        """The reports that would show as "no report" if the round were published now."""
        return self.expected - self.approved


NOTHING = Standing(0, 0, 0, 0, 0, 0)
_columns = attrgetter(*(each.name for each in fields(Standing)))

#: The columns of `Standing` as aggregates over reports; see `standing`, which counts the same.
COUNTS = {
    "expected": Count("pk"),
    "untouched": Count("pk", filter=Q(version=0)),
    "drafts": Count("pk", filter=Q(state=ReportState.DRAFT, version__gt=0)),
    "returned": Count("pk", filter=Q(state=ReportState.RETURNED)),
    "submitted": Count("pk", filter=Q(state=ReportState.SUBMITTED)),
    "approved": Count("pk", filter=Q(state=ReportState.APPROVED)),
}


def standing(reports: Iterable[StatusReport]) -> Standing:
    """Count a few reports, which are at hand, by workflow state. No queries of its own."""
    return _standing(Counter((report.state, report.is_untouched) for report in reports))


def total(parts: Iterable[Standing]) -> Standing:
    """The sum of parts that have no report in common."""
    first, *others = list(parts) or [NOTHING]
    if not others:  # as most often: an agency has reports of one forum
        return first
    every = [_columns(each) for each in (first, *others)]
    return Standing(*map(sum, zip(*every, strict=True)))


def standing_by(reports: StatusReportQuerySet, *keys: str) -> dict[Any, Standing]:
    """The standing of the reports by a column of theirs, or of what they refer to. One query.

    Of several columns the keys are tuples. The reports must not be withdrawn ones.
    """
    counted = reports.order_by().values_list(*keys).annotate(**COUNTS)
    size = len(keys)
    return {(row[0] if size == 1 else tuple(row[:size])): Standing(*row[size:]) for row in counted}


def by_resolution(reports: StatusReportQuerySet) -> dict[Resolution, Standing]:
    """The standing of each resolution's reports, in the order of forums and numbers. Two queries."""
    counted = standing_by(reports, "assignment__measure__resolution")
    resolutions = (
        Resolution.objects.for_display()
        .filter(pk__in=list(counted))
        .defer("text", "forum__source_text")
    )
    return {each: counted[each.pk] for each in resolutions}


def by_forum(of_resolutions: Mapping[Resolution, Standing]) -> list[tuple[Forum, Standing]]:
    """The standing of each forum's reports, the earliest forum first, from that of its resolutions."""
    return _by_forum((each.forum, numbers) for each, numbers in of_resolutions.items())


def _by_forum(parts: Iterable[tuple[Forum, Standing]]) -> list[tuple[Forum, Standing]]:
    found: dict[Forum, list[Standing]] = {}
    for forum, numbers in parts:
        found.setdefault(forum, []).append(numbers)
    return [(forum, total(found[forum])) for forum in sorted(found, key=lambda each: each.year_be)]


def forums_of(reports: Iterable[StatusReport]) -> list[tuple[Forum, Standing]]:
    """The same of a few reports at hand. Reads each report's measure; no queries of its own."""
    return _by_forum((each.resolution.forum, standing([each])) for each in reports)


def by_grade(reports: StatusReportQuerySet) -> dict[Grade, int]:
    """How many of the approved reports rest on what, each grade in order, none left out. One query."""
    approved = reports.received().order_by().values_list("assessed_grade")
    counted = dict(approved.annotate(Count("pk")))
    return {each: counted.get("" if each is Grade.UNGRADED else each.value, 0) for each in Grade}


def standings(rounds: Iterable[Round]) -> dict[Round, Standing]:
    """The standing of each given round, from one query.

    It groups by state, in the order of the index, which costs a fraction of `COUNTS`.
    """
    rounds = list(rounds)
    counted = (
        StatusReport.objects.standing()
        .filter(round__in=rounds)
        .order_by()
        .values_list("round", "state")
        .annotate(all=Count("pk"), untouched=Count("pk", filter=Q(version=0)))
    )
    rows: dict[int, Counter[tuple[str, bool]]] = {}
    for round_id, state, count, untouched in counted:
        of_round = rows.setdefault(round_id, Counter())
        of_round[state, True] += untouched
        of_round[state, False] += count - untouched
    return {round_: _standing(rows.get(round_.pk, {})) for round_ in rounds}


def _standing(counted: Mapping[tuple[str, bool], int]) -> Standing:
    """Of the numbers of reports by (state, whether nobody has touched it)."""
    states: Counter[str] = Counter()
    for (state, _untouched), count in counted.items():
        states[state] += count
    untouched = sum(count for (_state, untouched), count in counted.items() if untouched)
    return Standing(
        expected=states.total(),
        untouched=untouched,
        drafts=states[ReportState.DRAFT] - untouched,
        returned=states[ReportState.RETURNED],
        submitted=states[ReportState.SUBMITTED],
        approved=states[ReportState.APPROVED],
    )


@dataclass(frozen=True)
class ByAgency:
    """The standing of each agency's reports, and of each forum's among them."""

    #: (agency pk, forum) -> standing
    parts: Mapping[tuple[int, Forum], Standing]

    @cached_property
    def total(self) -> Standing:
        return total(self.parts.values())

    @cached_property
    def by_forum(self) -> list[tuple[Forum, Standing]]:
        """The earliest forum first."""
        return _by_forum((forum, numbers) for (_agency, forum), numbers in self.parts.items())

    @cached_property
    def of_agencies(self) -> dict[int, list[tuple[Forum, Standing]]]:
        """Agency pk -> the standing of each forum's reports of it, the earliest forum first."""
        found: dict[int, list[tuple[Forum, Standing]]] = {}
        for (agency, forum), numbers in self.parts.items():
            found.setdefault(agency, []).append((forum, numbers))
        return {agency: _by_forum(parts) for agency, parts in found.items()}

    @cached_property
    def standings(self) -> dict[int, Standing]:
        """Agency pk -> the standing of its reports."""
        return {
            agency: total(numbers for _forum, numbers in parts)
            for agency, parts in self.of_agencies.items()
        }


def by_agency(reports: StatusReportQuerySet) -> ByAgency:
    """The standing of the reports by agency and forum. Two queries."""
    counted = standing_by(reports, "assignment__agency", "assignment__measure__resolution__forum")
    forums = Forum.objects.only("year_be").in_bulk({forum for _agency, forum in counted})
    return ByAgency(
        {(agency, forums[forum]): numbers for (agency, forum), numbers in counted.items()}
    )


def standing_by_agency(round_: Round | None, agency: Agency | None = None) -> dict[int, Standing]:
    """Agency pk -> the standing of its reports in a round; of one agency only, if it is given.

    One query; none without a round.
    """
    if round_ is None:
        return {}
    reports = round_.reports.standing()
    if agency is not None:
        reports = reports.filter(assignment__agency=agency)
    return standing_by(reports, "assignment__agency")
