"""The workload: the number of a round's reports in each step of the workflow, for staff.

It counts drafts as well, so no public page uses it. Statuses, and everything that the public sees,
are counted in `progress.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from followup.models import ReportState, Round, StatusReport
from proposals.models import Forum


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


def standing(reports: Iterable[StatusReport]) -> Standing:
    """Count reports by workflow state. No queries of its own."""
    return _standing((report.state, report.is_untouched) for report in reports)


def by_forum(reports: Iterable[StatusReport]) -> list[tuple[Forum, Standing]]:
    """The standing of each forum's reports, the earliest forum first. Reads each report's measure."""
    found: dict[Forum, list[StatusReport]] = {}
    for report in reports:
        found.setdefault(report.resolution.forum, []).append(report)
    return [
        (forum, standing(found[forum])) for forum in sorted(found, key=lambda each: each.year_be)
    ]


def standings(rounds: Iterable[Round]) -> dict[Round, Standing]:
    """The standing of each given round, from one query."""
    rows: dict[int, list[tuple[str, bool]]] = {}
    reports = StatusReport.objects.standing().filter(round__in=rounds)
    for round_id, state, version in reports.values_list("round_id", "state", "version"):
        rows.setdefault(round_id, []).append((state, version == 0))
    return {round_: _standing(rows.get(round_.pk, [])) for round_ in rounds}


def _standing(rows: Iterable[tuple[str, bool]]) -> Standing:
    every = list(rows)
    states = Counter(state for state, _untouched in every)
    untouched = sum(untouched for _state, untouched in every)
    return Standing(
        expected=len(every),
        untouched=untouched,
        drafts=states[ReportState.DRAFT] - untouched,
        returned=states[ReportState.RETURNED],
        submitted=states[ReportState.SUBMITTED],
        approved=states[ReportState.APPROVED],
    )


def reports_by_agency(round_: Round | None) -> dict[int, list[StatusReport]]:
    """Agency pk -> its reports in a round."""
    found: dict[int, list[StatusReport]] = {}
    if round_:
        for report in round_.reports.standing().select_related("assignment"):
            found.setdefault(report.assignment.agency_id, []).append(report)
    return found
