"""What the database knows, as far as a table can refer to it; asked once a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from followup.models import Agency, Assignment, Province, Role, Round, StatusReport
from followup.spreadsheets.forums import ForumName, Forums
from followup.spreadsheets.match import (
    AgencyMatcher,
    AgencyName,
    ProvinceMatcher,
    ProvinceName,
)
from followup.spreadsheets.measures import MeasureMatcher, MeasureRef
from proposals.models import Measure

#: An expected report that nobody has touched, in the terms of `values_of`.
EMPTY: Mapping[str, Any] = {
    "reported_status": "",
    "results": "",
    "obstacles": "",
    "next_steps": "",
    "meeting_ref": "",
    "budget_received": None,
    "budget_spent": None,
    "no_change": False,
    "provinces": [],
    "evidence": [],
}


@dataclass(frozen=True)
class Stored:
    """An expected report as it stands: `values` by the names of LABELS, in plain types."""

    pk: int
    version: int
    state: str
    values: Mapping[str, Any]
    files: int = (
        0  # pieces of evidence that are files: no table lists them, and none takes them away
    )


@dataclass(frozen=True)
class Lookup:
    """What the database knows, as far as a table can refer to it."""

    round: Round
    agencies: AgencyMatcher
    forums: Forums
    measures: MeasureMatcher
    provinces: ProvinceMatcher
    agency_names: Mapping[int, str]
    kinds: Mapping[int, str]  # measure pk -> kind
    assignments: Mapping[tuple[int, int], int]  # (measure, agency) -> assignment
    roles: Mapping[tuple[int, int], str]  # (measure, agency) -> its role in words
    places: Mapping[int, tuple[int, int]]  # assignment -> (measure, agency)
    stored: Mapping[int, Stored]  # assignment -> report


def look_up(round_: Round) -> Lookup:
    """Load what rows are matched against: one query a table."""
    agencies = list(Agency.objects.prefetch_related("aliases"))
    measures = list(Measure.objects.select_related("resolution__forum"))
    forums = {each.resolution.forum_id: each.resolution.forum for each in measures}
    provinces = list(Province.objects.all())
    assignments = list(
        Assignment.objects.valid_in(round_.year_be).values_list(
            "pk", "measure_id", "agency_id", "role"
        )
    )
    role_words = {role.value: str(role.label) for role in Role}
    stored = {}
    for report in round_.reports.prefetch_related("evidence", "provinces"):
        stored[report.assignment_id] = Stored(
            report.pk,
            report.version,
            report.state,
            values_of(report),
            sum(bool(piece.file) for piece in report.evidence.all()),
        )
    return Lookup(
        round=round_,
        agencies=AgencyMatcher(
            [
                AgencyName(
                    each.pk,
                    each.code,
                    each.name_th,
                    each.abbr_th,
                    [alias.name for alias in each.aliases.all()],
                )
                for each in agencies
            ]
        ),
        forums=Forums(
            ForumName(each.year_be, [each.name_th, each.short_name_th]) for each in forums.values()
        ),
        measures=MeasureMatcher(
            [
                MeasureRef(
                    each.pk,
                    each.resolution.forum.year_be,
                    each.resolution_id,
                    each.resolution.number,
                    each.number,
                    each.title_th,
                    each.resolution.title_th,
                )
                for each in measures
            ]
        ),
        provinces=ProvinceMatcher(
            [ProvinceName(each.code, each.name_th, each.aliases_th) for each in provinces]
        ),
        agency_names={each.pk: each.short for each in agencies},
        kinds={each.pk: each.kind for each in measures},
        assignments={(measure, agency): pk for pk, measure, agency, _role in assignments},
        roles={(measure, agency): role_words[role] for _, measure, agency, role in assignments},
        places={pk: (measure, agency) for pk, measure, agency, _role in assignments},
        stored=stored,
    )


def values_of(report: StatusReport) -> dict[str, Any]:
    """A report's values as a table's are compared with them. JSON can hold them, money as text."""
    return {
        "reported_status": report.reported_status,
        "results": report.results,
        "obstacles": report.obstacles,
        "next_steps": report.next_steps,
        "meeting_ref": report.meeting_ref,
        "budget_received": money_text(report.budget_received),
        "budget_spent": money_text(report.budget_spent),
        "no_change": report.no_change,
        "provinces": sorted(each.pk for each in report.provinces.all()),
        "evidence": [[piece.title, piece.url] for piece in report.evidence.all() if piece.url],
    }


def money_text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
