"""The stored data that an import is compared with, loaded by one query a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from followup import standing
from followup.commitments import Before
from followup.models import Agency, Assignment, Province, Role, Round, StatusReport
from followup.report_fields import FIELDS, Kind, ReportField, Writer
from followup.spreadsheets.fields import REPORT_COLUMNS
from followup.spreadsheets.forums import ForumName, Forums
from followup.spreadsheets.match import (
    AgencyMatcher,
    AgencyName,
    ProvinceMatcher,
    ProvinceName,
)
from followup.spreadsheets.measures import MeasureMatcher, MeasureRef
from followup.spreadsheets.values import links
from followup.status import TAKEN_OVER
from proposals.models import Measure

#: The fields of a report that an import can set, by name.
TAKEN = {
    each.name: each for each in FIELDS.values() if each.writer is Writer.AGENCY and each.column
}
#: Their columns, by name.
COLUMN_OF = {each.name: column for column, each in REPORT_COLUMNS.items()}
#: The values of an untouched report, in the format of `values_of`.
EMPTY: Mapping[str, Any] = {
    name: list(field.empty) if isinstance(field.empty, tuple) else field.empty
    for name, field in TAKEN.items()
}


@dataclass(frozen=True)
class Stored:
    """A stored report: `values` by the names of TAKEN, in plain types."""

    pk: int
    version: int
    state: str
    values: Mapping[str, Any]
    #: The addresses of the files among the evidence, "" for one that is no copy of a link: no table
    #: lists or removes them.
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lookup:
    """The stored data that a table can refer to."""

    round: Round
    agencies: AgencyMatcher
    forums: Forums
    measures: MeasureMatcher
    provinces: ProvinceMatcher
    agency_names: Mapping[int, str]
    groups: frozenset[int]  # agencies that answer through their members only
    kinds: Mapping[int, str]  # measure pk -> kind
    assignments: Mapping[tuple[int, int], int]  # (measure, agency) -> assignment
    roles: Mapping[tuple[int, int], str]  # (measure, agency) -> its role in words
    places: Mapping[int, tuple[int, int]]  # assignment -> (measure, agency)
    stored: Mapping[int, Stored]  # assignment -> report
    last: Mapping[int, Mapping[str, Any]]  # assignment -> the values that "no change" copies
    before: Mapping[int, Before]  # assignment -> what stood before the round
    leads: frozenset[int]  # the assignments of lead agencies


def look_up(round_: Round) -> Lookup:
    """Load the data that rows are matched with: one query a table."""
    agencies = list(Agency.objects.standing().prefetch_related("aliases"))
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
            tuple(piece.url for piece in report.evidence.all() if piece.file),
        )
    earlier = StatusReport.objects.last_before([round_])
    last = {pk: earlier.before(round_, pk) for pk, *_rest in assignments}
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
        groups=frozenset(each.pk for each in agencies if each.is_group),
        kinds={each.pk: each.kind for each in measures},
        assignments={(measure, agency): pk for pk, measure, agency, _role in assignments},
        roles={(measure, agency): role_words[role] for _, measure, agency, role in assignments},
        places={pk: (measure, agency) for pk, measure, agency, _role in assignments},
        stored=stored,
        last={
            pk: {name: getattr(report, name) for name in TAKEN_OVER}
            for pk, report in last.items()
            if report
        },
        before={pk: standing.before(told) for pk, told in standing.said_before(round_).items()},
        leads=frozenset(pk for pk, *_names, role in assignments if role == Role.LEAD),
    )


def values_of(report: StatusReport) -> dict[str, Any]:
    """A report's values for comparison with those of a table. They fit JSON; money is text."""
    return {name: _plain(report, field) for name, field in TAKEN.items()}


def _plain(report: StatusReport, field: ReportField) -> Any:
    match field.kind:
        case Kind.PROVINCES:
            return sorted(each.pk for each in report.provinces.all())
        case Kind.EVIDENCE:
            return [links.plain(piece) for piece in report.evidence.all() if not piece.file]
    return field.plain(getattr(report, field.name))
