"""Snapshots of published rounds: the content of the public pages, which never changes.

`freeze` writes the public rows as one JSON text. `thaw` makes unsaved model instances of them, with
the same relations as `StatusReport.objects.with_context()`, so that the same functions count both.
A report that no reviewer approved is frozen as expected and not received, without its content; of
internal evidence only its existence is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils import timezone

from followup import joint_reports
from followup.history import cover_edition
from followup.models import (
    Agency,
    Assignment,
    Evidence,
    Province,
    ReportState,
    Round,
    Ruling,
    Snapshot,
    StatusReport,
    User,
)
from followup.report_fields import columns_of, statuses_first
from proposals.models import Forum, Measure, Resolution

M = TypeVar("M", bound=Model)

FORMAT = 1
#: The columns of each table that a snapshot keeps. None of them holds personal data.
FROZEN_COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Round: (
        "id",
        "year_be",
        "months",
        "starts_on",
        "ends_on",
        "due_on",
        "state",
        "is_demo",
        "meeting_ref",
        "meeting_on",
    ),
    Forum: ("id", "year_be", "name_th", "short_name_th", "theme_th"),
    Resolution: ("id", "forum_id", "number", "text", "title_th", "title_phrases", "theme_th"),
    Measure: ("id", "resolution_id", "number", "start", "end", "title_th", "kind"),
    Agency: ("id", "code", "name_th", "abbr_th", "name_en", "abbr_en", "kind", "sort_key"),
    Assignment: (
        "id",
        "measure_id",
        "agency_id",
        "role",
        "basis",
        "valid_from",
        "valid_to",
        "confirmed_ref",
        "confirmed_on",
        "of_group_id",  # None in editions from before there were groups
    ),
    Province: ("code", "name_th", "sort_key"),
    StatusReport: (
        "id",
        "round_id",
        "assignment_id",
        *columns_of(each for each in statuses_first() if each.is_public),
        "reported_on",
        "told_in_id",
        "state",
        "source",
        "version",
    ),
    Evidence: (
        "id",
        "report_id",
        "title",
        "url",
        "file",
        "file_name",
        "file_type",
        "size",
        "sha256",
        "is_public",
        "position",
    ),
    Ruling: (
        "id",
        "round_id",
        "resolution_id",
        "measure_id",
        "status",
        "meeting_ref",
        "meeting_on",
        "note",
    ),
}


@dataclass(frozen=True)
class Frozen:
    """A thawed snapshot: read-only model instances for the counting.

    `narratives` are the texts of the annual report by slot. It is None if the edition is older than
    this field, so that the texts cannot be compared. `replaced` are the keys of the measures that a
    later forum's measure replaced by then.
    """

    round: Round
    resolutions: Sequence[Resolution]
    reports: Sequence[StatusReport]
    rulings: Sequence[Ruling]
    narratives: Mapping[str, str] | None
    replaced: frozenset[int] = frozenset()
    #: The public reasons why reports were withdrawn from the round: assignment -> reason.
    withdrawn: Mapping[int, str] = field(default_factory=dict)


# Out ------------------------------------------------------------------------------------------


def row_of(instance: Model) -> dict[str, Any]:
    """The columns of a row that an edition keeps."""
    return {
        name: str(value) if name == "file" else value
        for name in FROZEN_COLUMNS[type(instance)]
        for value in [getattr(instance, name)]
    }


def _report_row(report: StatusReport) -> dict[str, Any]:
    """All columns of an approved report; of any other, only that one was expected."""
    if report.state != ReportState.APPROVED:
        kept = ("id", "round_id", "assignment_id")
        return {name: getattr(report, name) for name in kept} | {"state": ReportState.DRAFT}
    return row_of(report) | {"provinces": [province.pk for province in report.provinces.all()]}


def _evidence_row(piece: Evidence) -> dict[str, Any]:
    if piece.is_public:
        return row_of(piece)
    return {"id": piece.pk, "report_id": piece.report_id, "is_public": False}


def freeze(round_: Round) -> str:
    """The public content of a round as it stands now, as JSON in a fixed order."""
    followed = Forum.objects.followed_in(round_.year_be)
    # A report that was written before its forum left the round stays stored, but is not published.
    every = list(
        round_.reports.with_context().filter(assignment__measure__resolution__forum__in=followed)
    )
    reports = [report for report in every if not report.is_withdrawn]
    approved = [report for report in reports if report.state == ReportState.APPROVED]
    resolutions = list(
        Resolution.objects.for_display().filter(forum__in=followed).prefetch_related("measures")
    )
    # A group's own assignment has no report: it is there for its members' sake.
    groups = [
        each
        for each in dict.fromkeys(report.assignment.of_group for report in reports)
        if each is not None
    ]
    answering = [report.assignment for report in reports]
    tables: dict[str, list[dict[str, Any]]] = {
        "forums": [row_of(each) for each in dict.fromkeys(each.forum for each in resolutions)],
        "resolutions": [row_of(each) for each in resolutions],
        "measures": [row_of(measure) for each in resolutions for measure in each.measures.all()],
        "agencies": [
            row_of(each) for each in dict.fromkeys(one.agency for one in (*answering, *groups))
        ],
        "assignments": [row_of(each) for each in (*answering, *groups)],
        "provinces": [
            row_of(each)
            for each in dict.fromkeys(
                province for report in approved for province in report.provinces.all()
            )
        ],
        "reports": [_report_row(report) for report in reports],
        "evidence": [
            _evidence_row(piece) for report in approved for piece in report.evidence.all()
        ],
        "rulings": [row_of(ruling) for ruling in round_.rulings.order_by("pk")],
    }
    replaced = (
        Measure.objects.replaced_in(round_.year_be).order_by("pk").values_list("pk", flat=True)
    )
    narratives = dict(round_.narratives.order_by("slot").values_list("slot", "text"))
    content = {
        "format": FORMAT,
        "round": row_of(round_),
        **tables,
        "replaced": list(replaced),
        "narratives": narratives,
        # Of a withdrawn report only this: it says in the next correction why the report went.
        "withdrawn": [
            {"assignment_id": each.assignment_id, "reason": each.withdrawn_reason}
            for each in every
            if each.is_withdrawn
        ],
    }
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def store_edition(
    *,
    round_: Round,
    by: User | None,
    at: datetime | None = None,
    reason: str = "",
    changes: Sequence[Mapping[str, str]] = (),
) -> Snapshot:
    """Store the current content of a round as its next published edition."""
    content = freeze(round_)
    edition_ = Snapshot.objects.create(
        round=round_,
        number=round_.snapshots.count() + 1,
        made_at=at or timezone.now(),
        made_by=by,
        reason=reason,
        changes=list(changes),
        content=content,
        digest=sha256(content.encode()).hexdigest(),
    )
    cover_edition(edition_)
    return edition_


# In -------------------------------------------------------------------------------------------


def latest(rounds: Iterable[Round]) -> dict[int, Frozen]:
    """Round pk -> the edition that the public reads; rounds without a standing one are left out.

    One query. A snapshot never changes, so each process parses its content once.
    """
    last: dict[int, tuple[int, str]] = {}
    for round_id, pk, digest in (
        Snapshot.objects.standing()
        .filter(round__in=list(rounds))
        .order_by("number")
        .values_list("round_id", "pk", "digest")
    ):
        last[round_id] = pk, digest
    return {round_id: edition(*key) for round_id, key in last.items()}


@lru_cache(maxsize=32)
def edition(pk: int, digest: str) -> Frozen:
    """A stored edition. It never changes, so each process reads it once.

    The digest is part of the cache key, because another database may use the same pk.
    """
    return thaw(Snapshot.objects.values_list("content", flat=True).get(pk=pk))


def thaw(content: str) -> Frozen:
    """The model instances of a snapshot, with their relations set."""
    data = json.loads(content)
    frame = Frame.of(data)
    reports = frame.reports(
        data["reports"], data["evidence"], data["assignments"], by_key(Agency, data["agencies"])
    )
    joint_reports.mark(reports)
    rulings = [made(Ruling, row) for row in data["rulings"]]
    withdrawn = {each["assignment_id"]: each["reason"] for each in data.get("withdrawn", ())}
    return Frozen(
        frame.round,
        list(frame.resolutions.values()),
        reports,
        rulings,
        data.get("narratives"),
        frozenset(data.get("replaced", ())),
        withdrawn,
    )


@dataclass(frozen=True)
class Frame:
    """What the reports of a round refer to: model instances by key, with their relations set."""

    round: Round
    resolutions: Mapping[int, Resolution]
    measures: Mapping[int, Measure]
    provinces: Mapping[str, Province]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Frame:
        """The frame in an edition's content."""
        forums = by_key(Forum, data["forums"])
        resolutions = by_key(Resolution, data["resolutions"])
        for resolution in resolutions.values():
            resolution.forum = forums[resolution.forum_id]
        measures = by_key(Measure, data["measures"])
        of_resolution: dict[int, list[Measure]] = {}
        for measure in measures.values():
            measure.resolution = resolutions[measure.resolution_id]
            of_resolution.setdefault(measure.resolution_id, []).append(measure)
        for resolution in resolutions.values():
            prefetched(resolution, measures=found(Measure, of_resolution.get(resolution.pk, [])))
        provinces = by_key(Province, data["provinces"])
        return cls(made(Round, data["round"]), resolutions, measures, provinces)

    def assignments(
        self, rows: Iterable[Mapping[str, Any]], agencies: Mapping[int, Agency]
    ) -> dict[int, Assignment]:
        """Assignments by key; a member's comes with its group's own, which is among the rows."""
        assignments = by_key(Assignment, rows)
        for assignment in assignments.values():
            assignment.measure = self.measures[assignment.measure_id]
            assignment.agency = agencies[assignment.agency_id]
            if assignment.of_group_id:
                assignment.of_group = assignments[assignment.of_group_id]
        return assignments

    def reports(
        self,
        rows: Iterable[Mapping[str, Any]],
        evidence: Iterable[Mapping[str, Any]],
        assignments: Iterable[Mapping[str, Any]],
        agencies: Mapping[int, Agency],
    ) -> list[StatusReport]:
        """Reports with their evidence and provinces, in the order of their rows."""
        of_report: dict[int, list[Evidence]] = {}
        for row in evidence:
            of_report.setdefault(row["report_id"], []).append(made(Evidence, row))
        answering = self.assignments(assignments, agencies)
        reports = []
        for row in rows:
            report = made(StatusReport, row)
            report.round, report.assignment = self.round, answering[report.assignment_id]
            backing = of_report.get(report.pk, [])
            for piece in backing:
                piece.report = report
            provinces = [self.provinces[code] for code in row.get("provinces", ())]
            prefetched(
                report, evidence=found(Evidence, backing), provinces=found(Province, provinces)
            )
            reports.append(report)
        return reports


def made(model: type[M], row: Mapping[str, Any]) -> M:
    """An instance of a row; columns missing in the snapshot have the model's defaults."""
    values = {}
    for name in FROZEN_COLUMNS[model]:
        if name in row:
            field: Any = model._meta.get_field(name.removesuffix("_id"))
            values[name] = row[name] if field.is_relation else field.to_python(row[name])
    instance = model(**values)
    instance._state.adding = False
    return instance


def by_key(model: type[M], rows: Iterable[Mapping[str, Any]]) -> dict[Any, M]:
    """Primary key -> the instance of each row."""
    return {instance.pk: instance for instance in (made(model, row) for row in rows)}


def found(model: type[M], instances: Sequence[M]) -> QuerySet[M]:
    """A query set whose result is already loaded."""
    queryset = model._default_manager.none()
    queryset._result_cache = list(instances)
    return queryset


def prefetched(instance: Model, **related: QuerySet[Any]) -> None:
    instance._prefetched_objects_cache = related  # type: ignore[attr-defined]
