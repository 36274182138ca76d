"""What an agency said in earlier reports and what stands of it: its response, its dates, its indicator.

A report says something in a section of `report_fields.STANDING` if the section's head is filled in. That
stands until a later report of the same assignment says something else; what was said before is kept in
the reports of its rounds, and each edition has it with its own reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils import timezone

from followup.commitments import Before, missing_commitments, said_unasked
from followup.models import Role, Round, RoundState, StatusReport
from followup.report_fields import FIELDS, HEAD, STANDING, Section, of_section
from followup.responses import Response
from followup.targets import Due, due_on_day

#: The fields of each section, and of all.
_OF: Mapping[Section, tuple[str, ...]] = {
    section: tuple(each.name for each in of_section(section)) for section in STANDING
}
_NAMES = tuple(name for section in STANDING for name in _OF[section])


@dataclass(frozen=True)
class Told:
    """What the report of a round said; `values` are its filled fields of all sections.

    `told_on` is the day of the report, None if it has none.
    """

    year_be: int
    months: int
    told_on: date | None
    values: Mapping[str, Any]

    @property
    def round(self) -> Round:
        """The round, for its label and its order; not a stored row."""
        return Round(year_be=self.year_be, months=self.months)

    def get(self, name: str) -> Any:
        """A field's value, the empty one if the report left it out."""
        return self.values.get(name, FIELDS[name].empty)

    def says(self, section: Section) -> bool:
        return bool(self.values.get(HEAD[section]))

    def same(self, other: Told, section: Section) -> bool:
        """Whether both say the same in a section."""
        return all(self.get(name) == other.get(name) for name in _OF[section])

    @property
    def plain(self) -> dict[str, Any]:
        """It as JSON, for an edition."""
        values = {name: FIELDS[name].plain(value) for name, value in self.values.items()}
        return {"year_be": self.year_be, "months": self.months, "told_on": self.told_on, **values}

    @classmethod
    def of_plain(cls, row: Mapping[str, Any]) -> Told:
        """Of an edition's JSON; names that are no field any more are left out."""
        values = {name: FIELDS[name].stored(row[name]) for name in _NAMES if name in row}
        told_on = date.fromisoformat(row["told_on"]) if row["told_on"] else None
        return cls(row["year_be"], row["months"], told_on, values)

    @classmethod
    def of_report(cls, report: StatusReport) -> Told:
        values = {
            name: value
            for name in _NAMES
            if not FIELDS[name].is_empty(value := getattr(report, name))
        }
        day = report.reported_on
        if day is None and report.submitted_at:
            day = timezone.localdate(report.submitted_at)
        return cls(report.round.year_be, report.round.months, day, values)


def all_told(report: StatusReport, section: Section) -> list[Told]:
    """What was said in a section up to this report, the first first; a repetition is left out.

    `earlier` must be set, by `mark` or by an edition.
    """
    return in_section((*report.earlier, Told.of_report(report)), section)


def told_before(report: StatusReport, section: Section) -> list[Told]:
    """What earlier reports said in a section, as `all_told`; its last stands if this one is silent."""
    return in_section(report.earlier, section)


def in_section(told: Iterable[Told], section: Section) -> list[Told]:
    """Of what reports said, in their order, what they said in a section; a repetition is left out."""
    found: list[Told] = []
    for each in told:
        if each.says(section) and not (found and each.same(found[-1], section)):
            found.append(each)
    return found


def standing(report: StatusReport, section: Section) -> Told | None:
    """What stands in a section by this report; None if nothing was ever said."""
    told = all_told(report, section)
    return told[-1] if told else None


def before(earlier: Sequence[Told]) -> Before:
    """What stood after some reports, section by section; they are in the order of their rounds."""
    found: dict[Section, Mapping[str, Any]] = {}
    for section in STANDING:
        for each in reversed(earlier):
            if each.says(section):
                found[section] = {name: each.get(name) for name in _OF[section]}
                break
    return found


def lacks(report: StatusReport) -> dict[str, str]:
    """What prevents the report's submission: field name -> Thai sentence. One query."""
    mark([report])
    values = {name: getattr(report, name) for name in _NAMES}
    return missing_commitments(values, before(report.earlier), is_lead=is_lead(report))


def unasked(report: StatusReport) -> dict[str, str]:
    """What the report says without being asked, as `said_unasked`."""
    values = {name: getattr(report, name) for name in _NAMES}
    return said_unasked(values, is_lead=is_lead(report))


def is_lead(report: StatusReport) -> bool:
    """Whether its agency leads, so that it is asked for a response."""
    return report.assignment.role == Role.LEAD


def response(report: StatusReport) -> Response:
    """The response that stands."""
    told = standing(report, Section.RESPONSE)
    return Response(told.get("response")) if told else Response.NO_ANSWER


def target_on(report: StatusReport) -> date | None:
    """The day that the agency promised, as it stands."""
    told = standing(report, Section.TARGET)
    return told.get("target_on") if told else None


def due(report: StatusReport, today: date) -> Due:
    """Where the promise stands on a day, by the report's own status."""
    return due_on_day(target_on(report), report.status, today)


def times_postponed(told: Sequence[Told]) -> int:
    """How often the date moved to a later day; `told` are the target's, the first first."""
    days = [each.get("target_on") for each in told]
    return sum(later > day for day, later in pairwise(days))


# Earlier reports ------------------------------------------------------------------------------


#: The reports that say anything of it. A value alone is one of the indicator that stands.
_SAYS = Q(indicator_value__isnull=False)
for _section in STANDING:
    _SAYS |= ~Q(**{HEAD[_section]: FIELDS[HEAD[_section]].empty})


def mark(reports: Iterable[StatusReport]) -> None:
    """Set `earlier` of a few stored reports: what earlier rounds' received reports of theirs said.

    One query.
    """
    found = list(reports)
    of = {each.assignment_id for each in found}
    _mark(found, _told(StatusReport.objects.received().filter(assignment__in=of)))


def mark_agencies(reports: Iterable[StatusReport], agencies: Collection[int]) -> None:
    """`mark` for all reports of some agencies, which are fewer than their assignments. One query."""
    of = StatusReport.objects.received().filter(assignment__agency__in=agencies)
    _mark(reports, _told(of))


def mark_rounds(reports: Iterable[StatusReport]) -> None:
    """`mark` for the reports of whole rounds: their assignments are too many to be named. One query."""
    found = list(reports)
    if found:
        _mark(found, said_before(max((each.round for each in found), key=lambda each: each.order)))


def _mark(reports: Iterable[StatusReport], told: Mapping[int, Sequence[Told]]) -> None:
    for report in reports:
        report.earlier = _before(told.get(report.assignment_id, ()), report.round)


def said_before(round_: Round) -> dict[int, list[Told]]:
    """Assignment -> what its received reports of rounds before this one said. One query."""
    return _told(StatusReport.objects.received().filter(round__in=Round.objects.before(round_)))


def earlier_for_edition(round_: Round) -> dict[int, list[Told]]:
    """Assignment -> what the public may read of it from rounds before this one. One query.

    Only rounds that are published: while one is being corrected, what it said is not settled.
    """
    reports = StatusReport.objects.received().filter(
        round__in=Round.objects.before(round_), round__state=RoundState.PUBLISHED
    )
    return _told(reports)


def _told(reports: Any) -> dict[int, list[Told]]:
    """Assignment -> what its reports said, the first first."""
    found: dict[int, list[Told]] = {}
    rows = (
        reports.filter(_SAYS)
        .select_related("round")
        .only(
            *_NAMES,
            "assignment_id",
            "reported_on",
            "submitted_at",
            "round__year_be",
            "round__months",
        )
        .order_by("round__year_be", "round__months")
    )
    for report in rows:
        found.setdefault(report.assignment_id, []).append(Told.of_report(report))
    return found


def _before(told: Iterable[Told], round_: Round) -> Sequence[Told]:
    return [each for each in told if each.round.order < round_.order]
