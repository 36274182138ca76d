"""The plain rows of published editions: written at publication, read by the public's pages.

`write` makes them of an edition's stored content, with the counting of `progress`. Readers get the same
dataclasses as from `progress`: of a published year without the lines of its measures, which are as
many as there are agencies, and the lines that they ask for, page by page. So what a page costs does
not grow with the number of reports.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.utils import timezone

from followup import link_checks, snapshots
from followup.grades import Grade
from followup.models import (
    Agency,
    AgencyKind,
    Answering,
    Assignment,
    Evidence,
    Organisation,
    PublishedAgency,
    PublishedAssessment,
    PublishedCell,
    PublishedEdition,
    PublishedEvidence,
    PublishedLine,
    PublishedMeasure,
    PublishedPlace,
    PublishedProject,
    PublishedRequest,
    Role,
    Round,
    Ruling,
    SearchKind,
    SearchText,
    Snapshot,
    StatusReport,
)
from followup.progress import (
    FEW_PROVINCES,
    NAMED,
    Answers,
    BriefLine,
    GroupLines,
    Independent,
    Line,
    Material,
    MeasureProgress,
    Named,
    Places,
    Promise,
    Promises,
    Unit,
    Unmoved,
    YearProgress,
    counted,
    edition_progress,
    unmoved_in,
)
from followup.project_codes import ProjectCode, System, stored_codes
from followup.report_fields import FIELDS, Kind, Writer
from followup.responses import Response
from followup.search_words import heads, normal_lines
from followup.snapshots import Frozen, row_of
from followup.status import Status
from followup.targets import Due
from proposals.models import Forum, Measure, Resolution

M = TypeVar("M", bound=Model)

#: Rows that are stored in one statement, and in one transaction if there is none around it.
CHUNK = 500
#: After this time rows that were never completed are those of a process that has ended.
GIVEN_UP_AFTER = timedelta(hours=1)
JSON: dict[str, Any] = {"cls": DjangoJSONEncoder, "ensure_ascii": False, "separators": (",", ":")}
#: How agencies answer, on pages where a group stands for its members, and where each is by itself.
GROUPED = (Answering.ALONE, Answering.GROUP)
SINGLY = (Answering.ALONE, Answering.MEMBER)


# Out: at publication --------------------------------------------------------------------------


def write(content: str, digest: str) -> PublishedEdition:
    """Store the rows of an edition's content, unless they are there. They are read once complete.

    In chunks, each its own transaction if there is none around. Of two processes that write the same
    edition, both finish, and the later one removes its rows.
    """
    if edition := _ready(digest):
        return edition
    for left in PublishedEdition.objects.filter(
        digest=digest, ready_at=None, begun_at__lt=timezone.now() - GIVEN_UP_AFTER
    ):
        _remove(left)
    data = json.loads(content)
    frozen = snapshots.thawed(data)
    progress = edition_progress(frozen)
    edition = PublishedEdition.objects.create(
        digest=digest,
        content=_head(progress, frozen, data),
        expected=len(frozen.reports),
        received=sum(Line.of(report).report is not None for report in frozen.reports),
    )
    _store(
        PublishedMeasure(
            edition=edition,
            measure_id=each.measure.pk,
            content=json.dumps(_answers_row(each.answers), **JSON),
        )
        for each in progress.measures
        if each.lines
    )
    _store(_lines(edition, frozen, data))
    _store(_evidence(edition, frozen))
    _store(_assessments(edition, frozen, progress, data))
    _store(_places(edition, frozen))
    _store(_projects(edition, frozen))
    _store(_requests(edition, frozen))
    agencies = [
        PublishedAgency(
            edition=edition,
            agency_id=row["id"],
            code=row["code"],
            kind=row["kind"],
            sort_key=row["sort_key"],
            content=json.dumps(row, **JSON),
        )
        for row in data["agencies"]
    ]
    _store(agencies)
    _store(_cells(edition, progress, {each.agency_id: each for each in agencies}))
    _store(_searched(edition, frozen.round))
    with transaction.atomic():
        if other := _ready(digest):
            _remove(edition)
            return other
        edition.ready_at = timezone.now()
        edition.save(update_fields=["ready_at"])
    return edition


def write_missing() -> int:
    """Store the rows of every standing edition that has none, and remove those of none. How many."""
    missing = [
        (pk, digest)
        for pk, digest in Snapshot.objects.standing().values_list("pk", "digest")
        if _ready(digest) is None
    ]
    for pk, digest in missing:
        write(Snapshot.objects.values_list("content", flat=True).get(pk=pk), digest)
    _write_missing_texts()
    # Rows are written before their edition is stored: those of a publication that goes on stay.
    _remove_unused(PublishedEdition.objects.filter(begun_at__lt=timezone.now() - GIVEN_UP_AFTER))
    return len(missing)


def after_migrations(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Store the rows of editions that an older portal has published (a receiver of post_migrate)."""
    if using != DEFAULT_DB_ALIAS:
        return
    # To an earlier state, some tables are not there; and the first start has nothing to do.
    with suppress(DatabaseError):
        write_missing()


def remove_rows(digests: Collection[str]) -> None:
    """Remove the rows of editions that were deleted; those that another edition shares stay."""
    _remove_unused(PublishedEdition.objects.filter(digest__in=digests))


def discard(rows: PublishedEdition) -> None:
    """Remove rows whose edition was not stored; not those that another process is writing of it."""
    _remove_unused(PublishedEdition.objects.filter(pk=rows.pk))


def _remove_unused(editions: QuerySet[PublishedEdition]) -> None:
    for edition in editions.exclude(digest__in=Snapshot.objects.values("digest")):
        _remove(edition)


def _ready(digest: str) -> PublishedEdition | None:
    found = PublishedEdition.objects.filter(digest=digest, ready_at__isnull=False)
    return found.order_by("pk").first()


def _remove(edition: PublishedEdition) -> None:
    for model in (
        PublishedAssessment,
        SearchText,
        PublishedCell,
        PublishedAgency,
        PublishedEvidence,
        PublishedLine,
        PublishedMeasure,
        PublishedPlace,
        PublishedProject,
        PublishedRequest,
    ):
        model._default_manager.filter(edition=edition)._raw_delete(using=edition._state.db)
    edition.delete()


def _store(rows: Iterable[Model]) -> None:
    """Insert rows of one model, a chunk at a time, so that no more are in memory."""
    chunk: list[Model] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            _insert(chunk)
            chunk = []
    if chunk:
        _insert(chunk)


def _insert(chunk: list[Model]) -> None:
    with transaction.atomic():
        type(chunk[0])._default_manager.bulk_create(chunk)


def _head(progress: YearProgress, frozen: Frozen, data: Mapping[str, Any]) -> str:
    """An edition's content without the tables that grow with the number of agencies."""
    named = [unit for each in progress.measures for unit in _named_units(each.answers)]
    groups = {unit.assignment.pk for unit in named if unit.is_group}
    agencies = {unit.agency.pk for unit in named}
    kept = ("format", "round", "forums", "resolutions", "measures", "provinces", "rulings")
    head = {name: data[name] for name in kept} | {
        "replaced": data.get("replaced", []),
        "assignments": [row for row in data["assignments"] if row["id"] in groups],
        "agencies": [row for row in data["agencies"] if row["id"] in agencies],
        "leading": {each.resolution.pk: each.lead_count for each in progress.resolutions},
        "independent": _independent(data.get("assessments", ())),
        "has_letters": frozen.letters is not None,
        "as_of": frozen.as_of,
        "places": {forum: asdict(Places.of(lines)) for forum, lines in _by_forum(frozen).items()},
    }
    return json.dumps(head, **JSON)


def _independent(assessments: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Measure -> what independent organisations found of it, for the counting."""
    found: dict[int, list[str]] = {}
    for row in assessments:
        found.setdefault(row["measure_id"], []).append(row["status"])
    return found


def _by_forum(frozen: Frozen) -> dict[int, list[Line]]:
    """Forum -> its lines, without those of measures that a later forum's measure replaced."""
    found: dict[int, list[Line]] = {each.forum_id: [] for each in frozen.resolutions}
    for report in frozen.reports:
        if report.assignment.measure_id not in frozen.replaced:
            found[report.assignment.measure.resolution.forum_id].append(Line.of(report))
    return found


def _named_units(answers: Answers) -> list[Named]:
    return [*answers.lead_units, *answers.support_units]


def _answers_row(answers: Answers) -> dict[str, Any]:
    row = {name: getattr(answers, name) for name in _NUMBERS}
    row["rolled"] = answers.rolled.value
    if answers.promises is not None:
        row["promises"] = asdict(answers.promises)
    for name in ("lead_units", "support_units"):
        row[name] = [_unit_row(unit) for unit in getattr(answers, name)]
    return row


_NUMBERS = (
    "single_leads",
    "leads_reported",
    "single_supports",
    "supports",
    "support_reports",
    "is_heard",
    "is_answered",
)
_OF_GROUP = ("is_lead", "expected", "answered", "voices_differ")


def _unit_row(unit: Named) -> dict[str, Any]:
    """A group by the key of its own assignment; another agency with its assignment."""
    row: dict[str, Any] = {"status": unit.status.value}
    if isinstance(unit, GroupLines):
        row |= {name: getattr(unit, name) for name in _OF_GROUP}
        return row | {"group": unit.assignment.pk}
    return row | {"voices_differ": unit.voices_differ, "assignment": row_of(unit.assignment)}


def _lines(
    edition: PublishedEdition, frozen: Frozen, data: Mapping[str, Any]
) -> Iterable[PublishedLine]:
    evidence: dict[int, list[Any]] = {}
    for row in data["evidence"]:
        evidence.setdefault(row["report_id"], []).append(row)
    assignments = {row["id"]: row for row in data["assignments"]}
    at = _measures_of_codes(frozen)
    nth: dict[tuple[int, int | None, str], int] = {}
    for position, (report, row) in enumerate(zip(frozen.reports, data["reports"], strict=True)):
        line, assignment = Line.of(report), report.assignment
        place = assignment.measure_id, assignment.of_group_id, assignment.role
        nth[place] = nth.get(place, 0) + 1
        content: dict[str, Any] = {"assignment": assignments[assignment.pk]}
        if line.report is None and row.get("earlier"):
            content["earlier"] = row["earlier"]
        if line.report is not None:
            content |= {
                "report": row,
                "evidence": evidence.get(report.pk, []),
                "joint": [measure.pk for measure in report.joint_with],
            }
            codes = (each.key for each in stored_codes(report.project_codes))
            shared = {key: len(at[key]) for key in codes if len(at.get(key, ())) > 1}
            content |= {"shared_codes": shared} if shared else {}
        yield PublishedLine(
            edition=edition,
            position=position,
            nth=nth[place],
            report_id=report.pk,
            assignment_id=assignment.pk,
            measure_id=assignment.measure_id,
            resolution_id=assignment.measure.resolution_id,
            forum_id=assignment.measure.resolution.forum_id,
            agency_id=assignment.agency_id,
            group_id=assignment.of_group_id,
            role=assignment.role,
            status=line.status.value,
            is_received=line.report is not None,
            reported_on=line.report.reported_on if line.report else None,
            content=json.dumps(content, **JSON),
        )


def _evidence(edition: PublishedEdition, frozen: Frozen) -> Iterable[PublishedEvidence]:
    for position, report in enumerate(frozen.reports):
        if Line.of(report).report is None:
            continue
        measure = report.assignment.measure
        for number, piece in enumerate(report.public_evidence, start=1):
            yield PublishedEvidence(
                edition=edition,
                line_position=position,
                number=number,
                evidence_id=piece.pk,
                measure_id=measure.pk,
                resolution_id=measure.resolution_id,
                forum_id=measure.resolution.forum_id,
                agency_id=report.assignment.agency_id,
                content=json.dumps(row_of(piece), **JSON),
            )


def _assessments(
    edition: PublishedEdition, frozen: Frozen, progress: YearProgress, data: Mapping[str, Any]
) -> Iterable[PublishedAssessment]:
    organisations = {row["id"]: row for row in data.get("organisations", ())}
    status_of = progress.status_of
    rows = zip(frozen.assessments, data.get("assessments", ()), strict=True)
    for position, (assessment, row) in enumerate(rows):
        each = Independent(assessment, status_of[assessment.measure_id])
        resolution = assessment.measure.resolution
        yield PublishedAssessment(
            edition=edition,
            position=position,
            assessment_id=assessment.pk,
            measure_id=assessment.measure_id,
            resolution_id=resolution.pk,
            forum_id=resolution.forum_id,
            organisation_id=assessment.organisation_id,
            status=each.found.value,
            published=each.published.value,
            differs=each.differs,
            steps=each.steps,
            content=json.dumps(
                {"assessment": row, "organisation": organisations[assessment.organisation_id]},
                **JSON,
            ),
        )


def _places(edition: PublishedEdition, frozen: Frozen) -> Iterable[PublishedPlace]:
    for position, report in enumerate(frozen.reports):
        line = Line.of(report)
        provinces = line.report.provinces.all() if line.report else ()
        for province in provinces:
            yield PublishedPlace(
                edition=edition,
                line_position=position,
                province_code=province.pk,
                named=len(provinces),
                measure_id=report.assignment.measure_id,
                agency_id=report.assignment.agency_id,
            )


def _coded(frozen: Frozen) -> Iterable[tuple[int, Line, StatusReport]]:
    """(position, line, report) of the received reports, without measures that were replaced."""
    for position, report in enumerate(frozen.reports):
        line = Line.of(report)
        if line.report is not None and report.assignment.measure_id not in frozen.replaced:
            yield position, line, line.report


def _measures_of_codes(frozen: Frozen) -> dict[str, set[int]]:
    """Key of a project code -> the measures of the reports that give it."""
    found: dict[str, set[int]] = {}
    for _position, line, report in _coded(frozen):
        for code in stored_codes(report.project_codes):
            found.setdefault(code.key, set()).add(line.assignment.measure_id)
    return found


def _projects(edition: PublishedEdition, frozen: Frozen) -> Iterable[PublishedProject]:
    for position, line, report in _coded(frozen):
        measure = report.assignment.measure
        for number, code in enumerate(stored_codes(report.project_codes), start=1):
            yield PublishedProject(
                edition=edition,
                line_position=position,
                number=number,
                key=code.key,
                system=code.system.value,
                code=code.code,
                url=code.url,
                measure_id=measure.pk,
                resolution_id=measure.resolution_id,
                forum_id=measure.resolution.forum_id,
                agency_id=report.assignment.agency_id,
                role=report.assignment.role,
                status=line.status.value,
            )


def _requests(edition: PublishedEdition, frozen: Frozen) -> Iterable[PublishedRequest]:
    for row in frozen.letters or ():
        yield PublishedRequest(edition=edition, **row)
    for row in frozen.mails:
        yield PublishedRequest(edition=edition, attempt=0, number="", **row)


#: The texts of a report that a search reads: what the agency wrote.
SEARCHED = tuple(
    name
    for name, each in FIELDS.items()
    if each.kind in {Kind.TEXT, Kind.CODES} and each.writer is Writer.AGENCY and each.is_public
)


def _searched(edition: PublishedEdition, round_: Round) -> Iterable[SearchText]:
    """The texts of an edition's approved reports, as its stored lines have them."""
    rows = PublishedLine.objects.filter(edition=edition, is_received=True).order_by("position")
    for row in rows.iterator(chunk_size=CHUNK):
        report = json.loads(row.content)["report"]
        for place, name in enumerate(SEARCHED):
            text = report.get(name) or ""
            if not (lines := normal_lines(text)):
                continue
            yield SearchText(
                kind=SearchKind.RESULT,
                part=name,
                edition=edition,
                subject_id=row.report_id,
                position=row.position,
                forum_id=row.forum_id,
                measure_id=row.measure_id,
                agency_id=row.agency_id,
                round_id=round_.pk,
                role=row.role,
                status=row.status,
                text=text,
                normal="\n".join(lines),
                heads=heads(text),
                sort=f"{9999 - round_.year_be:04}{99 - round_.months:02}{row.position:010}{place}",
            )


def _write_missing_texts() -> None:
    """Store the texts of editions whose rows an older portal has written."""
    texts = SearchText.objects.filter(edition=OuterRef("pk"))
    without = PublishedEdition.objects.filter(
        ~Exists(texts), ready_at__isnull=False, received__gt=0
    )
    for edition in without:
        row = json.loads(edition.content)["round"]
        _store(_searched(edition, snapshots.instance_of(Round, row)))


def _cells(
    edition: PublishedEdition, progress: YearProgress, agencies: Mapping[int, PublishedAgency]
) -> Iterable[PublishedCell]:
    for each in progress.resolutions:
        units: dict[tuple[int, Answering], list[tuple[Measure, Unit]]] = {}
        for measure in each.measures:
            for unit in measure.units:
                for answering, one in _answering(unit):
                    units.setdefault((one.agency.pk, answering), []).append((measure.measure, one))
        for (agency, answering), found in units.items():
            lines = [line for _measure, unit in found for line in unit.lines]
            leads = sum(unit.is_lead for _measure, unit in found)
            yield PublishedCell(
                edition=edition,
                agency=agencies[agency],
                answering=answering,
                forum_id=each.resolution.forum_id,
                resolution_id=each.resolution.pk,
                leads=leads,
                supports=len(found) - leads,
                expected=len(lines),
                received=sum(line.report is not None for line in lines),
                content=json.dumps([_cell_row(measure, unit) for measure, unit in found], **JSON),
            )


def _answering(unit: Unit) -> list[tuple[Answering, Unit]]:
    """Under which agency's name, and how, a unit is found: a group's also under each member's."""
    if not isinstance(unit, GroupLines):
        return [(Answering.ALONE, unit)]
    members = [(Answering.MEMBER, line) for line in unit.lines]
    return [(Answering.GROUP, unit), *members]


def _cell_row(measure: Measure, unit: Unit) -> dict[str, Any]:
    row: dict[str, Any] = {
        "measure": measure.pk,
        "role": unit.assignment.role,
        "is_lead": unit.is_lead,
        "status": unit.status.value,
    }
    if isinstance(unit, GroupLines):
        return row | {"answered": unit.answered, "expected": unit.expected}
    if unit.report is not None and unit.voices_differ:
        row["reported"] = unit.report.reported.value
    return row


# In: for the public's pages -------------------------------------------------------------------


Key: TypeAlias = tuple[int, str]  # of an edition: of its rows, and its digest


@dataclass(frozen=True)
class Edition:
    """A published edition as pages read it: everything but its lines, in model instances.

    `agencies` are those that it names without asking for lines; `groups` the groups' own assignments.
    `number` and `made_at` are those of the snapshot that was asked for: two may have the same content.
    """

    pk: int
    digest: str
    frame: snapshots.Frame
    material: Material
    agencies: Mapping[int, Agency]
    groups: Mapping[int, Mapping[str, Any]]  # assignment -> its row
    expected: int
    received: int
    #: Measure -> what independent organisations found of it; none in an edition from before them.
    independent: Mapping[int, Sequence[Status]] = field(default_factory=dict)
    places: Mapping[int, Places] = field(default_factory=dict)  # forum -> what its reports name
    has_letters: bool = False  # whether the edition kept what was sent to agencies
    number: int = 0
    made_at: datetime | None = None

    @property
    def as_of(self) -> date | None:
        """The day on which promised dates are judged; None in an edition from before they were kept."""
        return self.material.day

    @property
    def key(self) -> Key:
        return self.pk, self.digest

    def lines(self, rows: Iterable[PublishedLine]) -> list[Line]:
        """The lines of some rows, in their order. One query for the agencies that are not at hand."""
        rows = list(rows)
        contents = [json.loads(row.content) for row in rows]
        agencies = self.named({row.agency_id for row in rows})
        of_groups = {row.group_id for row in rows if row.group_id}
        assignments = self.frame.assignments(
            [
                *(each["assignment"] for each in contents),
                *(self.groups[pk] for pk in of_groups),
            ],
            agencies,
        )
        received = [each for each in contents if "report" in each]
        reports = self.frame.reports(
            [each["report"] for each in received],
            [row for each in received for row in each["evidence"]],
            [each["assignment"] for each in received] + [self.groups[pk] for pk in of_groups],
            agencies,
        )
        link_checks.mark_of(reports)
        by_assignment = {}
        for report, each in zip(reports, received, strict=True):
            report.assignment = assignments[report.assignment_id]
            report.joint_with = [self.frame.measures[pk] for pk in each["joint"]]
            report.shared_codes = each.get("shared_codes", {})
            by_assignment[report.assignment_id] = report
        lines = []
        for row, content in zip(rows, contents, strict=True):
            own = by_assignment.get(row.assignment_id)
            earlier = own.earlier if own else snapshots.earlier_of(content)
            lines.append(Line(assignments[row.assignment_id], own, earlier))
        return lines

    def named(self, keys: Collection[int]) -> dict[int, Agency]:
        """Agencies as the edition names them, by key, with those at hand."""
        found = dict(self.agencies)
        if missing := set(keys) - found.keys():
            rows = PublishedAgency.objects.filter(edition=self.pk, agency_id__in=missing)
            found |= snapshots.by_key(
                Agency, map(json.loads, rows.values_list("content", flat=True))
            )
        return found

    def rows(self) -> QuerySet[PublishedLine]:
        """Its lines, in the source's clause order, the lead agency first."""
        return PublishedLine.objects.filter(edition=self.pk)

    def wanted(self, rows: QuerySet[M], values: Mapping[str, Any]) -> QuerySet[M]:
        """Of lines, or of pieces of evidence, those of a forum, resolution, measure, agency or status.

        `values` are by column of the open data.
        """
        keys: dict[str, Any] = {}
        for name, value in values.items():
            match name:
                case "forum_year_be":
                    forums = (each.forum for each in self.frame.resolutions.values())
                    keys["forum_id__in"] = {each.pk for each in forums if each.year_be == value}
                case "resolution_id":
                    keys["resolution_id__in"] = [
                        pk for pk, each in self.frame.resolutions.items() if each.full_code == value
                    ]
                case "measure_id":
                    keys["measure_id__in"] = [
                        pk for pk, each in self.frame.measures.items() if each.full_code == value
                    ]
                case "agency_code":
                    keys["agency_id__in"] = PublishedAgency.objects.filter(
                        edition=self.pk, code=value
                    ).values("agency_id")
                case "status_code":
                    keys["status"] = value
                case _:
                    raise KeyError(name)
        return rows.filter(**keys)

    def evidence(self) -> QuerySet[PublishedEvidence]:
        """Its public pieces of evidence, in the order of its lines."""
        rows = PublishedEvidence.objects.filter(edition=self.pk)
        return rows.exclude(measure_id__in=self.material.replaced)

    def projects(self) -> QuerySet[PublishedProject]:
        """The project codes of its reports, in the order of its lines."""
        return PublishedProject.objects.filter(edition=self.pk)

    def assessments(self) -> QuerySet[PublishedAssessment]:
        """Its independent assessments, in the source's order."""
        return PublishedAssessment.objects.filter(edition=self.pk)

    def disagreements(self) -> QuerySet[PublishedAssessment]:
        """Those that differ from the published status: what is found furthest below it first.

        Those that cannot be compared in steps come last.
        """
        rows = self.assessments().filter(differs=True)
        return rows.order_by(F("steps").asc(nulls_last=True), "position")

    def voices(self, rows: Iterable[PublishedAssessment]) -> list[Independent]:
        """The assessments of some rows, in their order."""
        rows = list(rows)
        contents = [json.loads(row.content) for row in rows]
        organisations = snapshots.by_key(Organisation, (each["organisation"] for each in contents))
        found = self.frame.assessments((each["assessment"] for each in contents), organisations)
        link_checks.mark(piece for each in found for piece in each.pieces)
        return [
            Independent(assessment, Status(row.published))
            for assessment, row in zip(found, rows, strict=True)
        ]

    def of_agencies(self, first: Collection[int], then: Collection[int]) -> QuerySet[PublishedLine]:
        """The lines of some agencies, then those of others, an agency after the other by name."""
        name = PublishedAgency.objects.filter(
            edition=self.pk, agency_id=OuterRef("agency_id")
        ).values("sort_key")
        return (
            self.rows()
            .filter(agency_id__in={*first, *then})
            .annotate(
                place=Case(
                    When(agency_id__in=first, then=Value(0)),
                    default=Value(1),
                    output_field=IntegerField(),
                ),
                name=Case(When(agency_id__in=first, then=Value("")), default=Subquery(name)),
            )
            .order_by("place", "name", "position")
        )

    def assigned(self) -> QuerySet[PublishedAgency, Any]:
        """The keys of the agencies that answer for anything in it, by themselves or in a group."""
        return PublishedAgency.objects.filter(edition=self.pk, cells__isnull=False).values(
            "agency_id"
        )

    def counted_rows(self) -> QuerySet[PublishedLine]:
        """Its lines without those of measures that a later forum's measure replaced."""
        return self.rows().exclude(measure_id__in=self.material.replaced)


@lru_cache(maxsize=32)
def _edition(pk: int, digest: str) -> Edition:
    """A stored edition. It never changes, so each process reads it once.

    The digest is part of the cache key, because another database may use the same pk.
    """
    kept = PublishedEdition.objects.get(pk=pk, digest=digest)
    data = json.loads(kept.content)
    frame = snapshots.Frame.of(data)
    agencies = snapshots.by_key(Agency, data["agencies"])
    groups = frame.assignments(data["assignments"], agencies)
    answers = {
        measure: _answers(json.loads(content), frame, agencies, groups)
        for measure, content in PublishedMeasure.objects.filter(edition=kept).values_list(
            "measure_id", "content"
        )
    }
    material = Material(
        resolutions=list(frame.resolutions.values()),
        reports=(),
        rulings=[snapshots.instance_of(Ruling, row) for row in data["rulings"]],
        replaced=frozenset(data["replaced"]),
        answers=answers,
        leading={int(pk): count for pk, count in data["leading"].items()},
        day=snapshots.day_of(data),
    )
    own = {row["id"]: row for row in data["assignments"]}
    independent = {
        int(measure): [Status(each) for each in found]
        for measure, found in data.get("independent", {}).items()
    }
    places = {
        int(forum): Places(**each | {"widest": [tuple(one) for one in each["widest"]]})
        for forum, each in data["places"].items()
    }
    return Edition(
        kept.pk,
        digest,
        frame,
        material,
        agencies,
        own,
        kept.expected,
        kept.received,
        independent,
        places,
        data["has_letters"],
    )


def _answers(
    row: Mapping[str, Any],
    frame: snapshots.Frame,
    agencies: Mapping[int, Agency],
    groups: Mapping[int, Assignment],
) -> Answers:
    def unit(each: Mapping[str, Any]) -> Named:
        status = Status(each["status"])
        if "group" in each:
            return GroupLines(
                groups[each["group"]], status=status, **{name: each[name] for name in _OF_GROUP}
            )
        own = {**each["assignment"], "of_group_id": None}
        (assignment,) = frame.assignments([own], agencies).values()
        return BriefLine(assignment, status, each["voices_differ"])

    return Answers(
        rolled=Status(row["rolled"]),
        lead_units=[unit(each) for each in row["lead_units"]],
        support_units=[unit(each) for each in row["support_units"]],
        promises=_promises(row["promises"]) if "promises" in row else None,
        **{name: row[name] for name in _NUMBERS},
    )


def _promises(row: Mapping[str, Any]) -> Promises:
    return Promises(
        {Response(code): count for code, count in row["responses"].items()},
        {Due(code): count for code, count in row["due"].items()},
        {Grade(code): count for code, count in row["grades"].items()},
        row["postponed"],
    )


def promises(edition: Edition, measures: Iterable[MeasureProgress]) -> dict[int, list[Promise]]:
    """Measure -> what its lead agencies that pages name answer and promise; their lines are loaded.

    {} for an edition from before it was kept. One query, if an agency is silent: how often it was asked.
    """
    day = edition.as_of
    if day is None:
        return {}
    of = {each.measure.pk: each.leads_told_singly for each in measures if each.is_counted}
    silent = {
        line.agency.pk
        for lines in of.values()
        for line in lines
        if line.response is Response.NO_ANSWER
    }
    asked = Counter(
        PublishedRequest.objects.filter(
            edition=edition.pk, agency_id__in=silent, attempt__gt=0
        ).values_list("agency_id", flat=True)
        if silent and edition.has_letters
        else ()
    )
    return {
        measure: [Promise(line, day, asked[line.agency.pk]) for line in lines]
        for measure, lines in of.items()
    }


def agency_of(row: PublishedAgency) -> Agency:
    """An agency as an edition names it."""
    return snapshots.instance_of(Agency, json.loads(row.content))


#: What a request knows of the editions already: readers do not ask for those again.
Known: TypeAlias = "Mapping[Round, Edition]"


def editions(rounds: Iterable[Round], known: Known | None = None) -> dict[Round, Edition]:
    """The standing edition of each public round, in the rounds' order.

    One query, none if all are `known`, and two for each edition that this process has not read yet.
    """
    rounds = list(rounds)
    if known is not None and all(each in known for each in rounds):
        return {each: known[each] for each in rounds}
    last = {
        round_id: (pk, digest, number, made_at, rows)
        for round_id, pk, digest, number, made_at, rows in Snapshot.objects.standing()
        .filter(round__in=[each.pk for each in rounds])
        .order_by("number")
        .values_list("round_id", "pk", "digest", "number", "made_at", Subquery(_READY))
    }
    return {
        each: replace(
            _edition(rows or _rows_of(pk, digest), digest), number=number, made_at=made_at
        )
        for each in rounds
        if each.pk in last
        for pk, digest, number, made_at, rows in [last[each.pk]]
    }


def edition_of_snapshot(snapshot: Snapshot) -> Edition:
    """Any stored edition, corrected since or not. Its content need not be loaded."""
    kept = _edition(_rows_of(snapshot.pk, snapshot.digest), snapshot.digest)
    return replace(kept, number=snapshot.number, made_at=snapshot.made_at)


_READY = (
    PublishedEdition.objects.filter(digest=OuterRef("digest"), ready_at__isnull=False)
    .order_by("pk")
    .values("pk")[:1]
)


def _rows_of(pk: int, digest: str) -> int:
    """The key of the rows of a stored edition; they are stored now if they are not yet.

    That is so after a restored backup of an older portal.
    """
    if edition := _ready(digest):
        return edition.pk
    return write(Snapshot.objects.values_list("content", flat=True).get(pk=pk), digest).pk


def edition_of(round_: Round, known: Known | None = None) -> Edition:
    """The standing edition of a public round."""
    return editions([round_], known)[round_]


def progress_by_year(
    rounds: Iterable[Round], *, resolution: Resolution | None = None, known: Known | None = None
) -> list[YearProgress]:
    """`progress.progress_by_year` of public rounds, without the lines of their measures.

    `known`, if given, has the last published round of every year.
    """
    rounds = sorted(rounds, key=lambda each: each.order)
    if not rounds:
        return []
    last = Round.objects.published() if known is None else known
    earlier = [each for each in last if each.year_be < rounds[0].year_be]
    found = editions([*rounds, *earlier], known)
    of_rounds, before = (tuple(found[each].key for each in few) for few in (rounds, earlier))
    years: list[YearProgress] = []
    for year, round_ in zip(_counted(of_rounds, before), rounds, strict=True):
        wanted = [each for each in year.resolutions if resolution in (None, each.resolution)]
        # The round as it is now: it may have been reopened since.
        previous = years[-1] if years else None
        years.append(replace(year, round=round_, resolutions=wanted, before=previous))
    return years


def with_next(before: Round | None, round_: Round, material: Material) -> YearProgress:
    """A round that is not published yet, compared with the published one before it."""
    if before is None:
        return counted([round_], {round_: material})[-1]
    earlier = [each for each in Round.objects.published() if each.year_be < before.year_be]
    found = editions([before, *earlier])
    materials = {before: found[before].material, round_: material}
    return counted([before, round_], materials, _heard(found[each].key for each in earlier))[-1]


def _heard(editions: Iterable[Key]) -> set[int]:
    """The measures on which a lead agency's report was received in any of some editions."""
    return {
        measure
        for key in editions
        for measure, answers in (_edition(*key).material.answers or {}).items()
        if answers.is_heard
    }


@lru_cache(maxsize=32)
def _counted(rounds: tuple[Key, ...], earlier: tuple[Key, ...]) -> list[YearProgress]:
    """Stored editions, counted one after the other. They never change, so each process counts once.

    `earlier`: those published before the first of them.
    """
    editions = [_edition(*key) for key in rounds]
    materials = {each.frame.round: each.material for each in editions}
    return counted(list(materials), materials, _heard(earlier))


@lru_cache(maxsize=64)
def edition_progress_of(pk: int, digest: str) -> YearProgress:
    """`progress.edition_progress` of a stored edition (its key and digest), without its lines."""
    return edition_counted(_edition(_rows_of(pk, digest), digest))


def edition_counted(edition: Edition) -> YearProgress:
    """`progress.edition_progress` of an edition, without its lines. No queries."""
    (year,) = counted([edition.frame.round], {edition.frame.round: edition.material})
    return year


def year_progress(
    round_: Round,
    *,
    previous: Round | None = None,
    resolution: Resolution | None = None,
    known: Known | None = None,
) -> YearProgress:
    """`progress.year_progress` of a public round, without the lines of its measures."""
    rounds = [previous, round_] if previous else [round_]
    return progress_by_year(rounds, resolution=resolution, known=known)[-1]


def unmoved(
    round_: Round, rounds: Iterable[Round], known: Known | None = None
) -> dict[int, Unmoved]:
    """Measure pk -> how long its status has not moved, up to a public round.

    `rounds`: the last published round of each year; those after `round_` do not matter.
    """
    earlier = [each for each in rounds if each.year_be < round_.year_be]
    return unmoved_in(progress_by_year([*earlier, round_], known=known))


# A page's lines -------------------------------------------------------------------------------


def with_lines(
    year: YearProgress,
    measures: Sequence[MeasureProgress],
    *,
    first: int = NAMED,
    known: Known | None = None,
) -> list[MeasureProgress]:
    """Published measures with the first lines of each: of the single lead agencies, of the single
    supporting ones, and of each group; and with those of the single lead agencies the year before."""
    wanted = Q(measure_id__in=[each.measure.pk for each in measures])
    if not measures:
        return []
    now = _lines_by_measure(edition_of(year.round, known), wanted & Q(nth__lte=first))
    then: Mapping[int, Sequence[Line]] = {}
    if year.before:
        then = _lines_by_measure(
            edition_of(year.before.round, known),
            wanted & Q(nth__lte=NAMED, group_id=None, role=Role.LEAD),
        )
    return [
        replace(
            each,
            lines=now.get(each.measure.pk, ()),
            before=replace(each.before, lines=then.get(each.measure.pk, ()))
            if each.before
            else None,
        )
        for each in measures
    ]


def _lines_by_measure(edition: Edition, wanted: Q) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {}
    for line in edition.lines(edition.rows().filter(wanted)):
        found.setdefault(line.assignment.measure_id, []).append(line)
    return found


def independent_voices(edition: Edition, measures: Collection[int]) -> dict[int, list[Independent]]:
    """Measure -> its independent assessments in an edition. One query, none if no measure has any."""
    assessed = [pk for pk in measures if pk in edition.independent]
    if not assessed:
        return {}
    found: dict[int, list[Independent]] = {}
    for each in edition.voices(edition.assessments().filter(measure_id__in=assessed)):
        found.setdefault(each.assessment.measure_id, []).append(each)
    return found


@dataclass(frozen=True)
class AgencyYear:
    """How many reports were expected of an agency in one round, and received."""

    round: Round
    expected: int
    received: int

    @property
    def is_complete(self) -> bool:
        return self.received == self.expected


def agency_years(
    agencies: Collection[int], rounds: Iterable[Round], known: Known | None = None
) -> list[AgencyYear]:
    """An agency's reports in each of the rounds, in their order; rounds without any are left out.

    `agencies`: its key, and those of records that were merged into it since. One query.
    """
    found = editions(rounds, known)
    counts = {
        edition: (expected, received)
        for edition, expected, received in PublishedLine.objects.filter(
            edition__in=[each.pk for each in found.values()], agency_id__in=agencies
        )
        .order_by()
        .values_list("edition")
        .annotate(every=Count("pk"), those=Count("pk", filter=Q(is_received=True)))
    }
    return [
        AgencyYear(round_, *counts[edition.pk])
        for round_, edition in found.items()
        if edition.pk in counts
    ]


def statuses(
    assignments: Collection[int], rounds: Iterable[Round], known: Known | None = None
) -> dict[int, list[tuple[Round, Status]]]:
    """Assignment -> its status in each of the rounds in which a report was expected. One query."""
    of_edition = {edition.pk: round_ for round_, edition in editions(rounds, known).items()}
    rows = PublishedLine.objects.filter(
        edition__in=of_edition, assignment_id__in=assignments
    ).values_list("assignment_id", "edition", "status")
    found: dict[int, dict[Round, Status]] = {}
    for assignment, edition, status in rows:
        found.setdefault(assignment, {})[of_edition[edition]] = Status(status)
    return {
        assignment: [
            (round_, by_round[round_]) for round_ in of_edition.values() if round_ in by_round
        ]
        for assignment, by_round in found.items()
    }


def groups_of(agency: int, year: YearProgress) -> list[GroupLines]:
    """What a group's members answer in its place in a round, measure by measure; without their lines."""
    return [
        unit
        for each in year.measures
        for unit in (*each.answers.lead_units, *each.answers.support_units)
        if isinstance(unit, GroupLines) and unit.agency.pk == agency
    ]


def with_members(
    groups: Sequence[GroupLines], edition: Edition, *, first: int = NAMED
) -> list[GroupLines]:
    """Groups with the lines of their first members."""
    rows = edition.rows().filter(
        group_id__in=[each.assignment.pk for each in groups], nth__lte=first
    )
    found: dict[int, list[Line]] = {}
    for line in edition.lines(rows):
        found.setdefault(line.assignment.of_group_id or 0, []).append(line)
    return [replace(each, lines=found.get(each.assignment.pk, ())) for each in groups]


def public_evidence(pk: int, name: str) -> Evidence | None:
    """A public file of the standing edition of any round; None if there is no such file."""
    standing = [each.pk for each in editions(Round.objects.public()).values()]
    for content in PublishedEvidence.objects.filter(
        edition__in=standing, evidence_id=pk
    ).values_list("content", flat=True):
        piece = snapshots.instance_of(Evidence, json.loads(content))
        if piece.file and piece.file_name == name:
            return piece
    return None


class EditionRows(Sequence[Any]):
    """Rows of several editions one after the other, as what `read` makes of a part of an edition's.

    A slice reads no others; the length is one query for all.
    """

    def __init__(
        self,
        parts: Iterable[tuple[Edition, QuerySet[Any]]],
        read: Callable[[Edition, Sequence[Any]], Sequence[Any]],
    ) -> None:
        self.parts, self.read = list(parts), read

    @cached_property
    def sizes(self) -> list[int]:
        if not self.parts:
            return []
        counts = [
            rows.order_by().values_list("edition_id").annotate(size=Count("pk"))
            for _edition, rows in self.parts
        ]
        found = dict(counts[0].union(*counts[1:], all=True))
        return [found.get(edition.pk, 0) for edition, _rows in self.parts]

    def __len__(self) -> int:
        return sum(self.sizes)

    def __getitem__(self, index: Any) -> Any:
        start, stop, _step = index.indices(len(self))
        found: list[Any] = []
        for (edition, rows), size in zip(self.parts, self.sizes, strict=True):
            if start < size and stop > 0:
                found += self.read(edition, list(rows[max(0, start) : min(stop, size)]))
            start, stop = start - size, stop - size
        return found


# Agencies -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CellUnit:
    """Who answers for a measure with which status, as the matrix shows it.

    `reported`: what the agency reported, if that differs. `answered` of `expected`: a group's members.
    """

    measure: Measure
    role: Role
    is_lead: bool
    status: Status
    reported: Status | None = None
    answered: int = 0
    expected: int = 0

    @property
    def is_group(self) -> bool:
        return bool(self.expected)

    @property
    def place(self) -> tuple[int, int, int]:
        """Sorts units in clause order, the earliest forum first."""
        resolution = self.measure.resolution
        return resolution.forum.year_be, resolution.number, self.measure.number


class Reporting(TextChoices):
    """Agencies by the share of expected reports received."""

    SILENT = "silent"
    PARTIAL = "partial"
    COMPLETE = "complete"


@dataclass(frozen=True)
class AgencyCount:
    """One agency in one year: numbers of its units (a group is one) and of its lines.

    `cells`: resolution -> its units there, the lead ones first, where they were asked for.
    """

    agency: Agency
    leads: int
    supports: int
    expected: int
    reported: int
    cells: Mapping[int, Sequence[CellUnit]] = field(default_factory=dict)

    @property
    def silent(self) -> int:
        return self.expected - self.reported

    @property
    def reporting(self) -> Reporting:
        if not self.reported:
            return Reporting.SILENT
        return Reporting.PARTIAL if self.silent else Reporting.COMPLETE

    @property
    def units(self) -> list[CellUnit]:
        """All units of its cells, in clause order."""
        every = [unit for units in self.cells.values() for unit in units]
        return sorted(every, key=attrgetter("place"))


@dataclass(frozen=True)
class AgencyCounts(Sequence[AgencyCount]):
    """The agencies with an assignment in a year, most missing reports first, then by lead assignments.

    Each slice is a query.
    """

    edition: Edition
    rows: QuerySet[Any]  # of `PublishedAgency`, annotated

    def __len__(self) -> int:
        return self._numbers["every"]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """All numbers that are asked of the agencies, in one query."""
        return self.rows.order_by().aggregate(
            every=Count("pk"),
            leading=Count("pk", filter=Q(leads__gt=0)),
            units=Sum(F("leads") + F("supports"), default=0),
            **{kind.value: Count("pk", filter=Q(reporting=kind)) for kind in Reporting},
            **{f"of_{kind}": Count("pk", filter=Q(kind=kind)) for kind in AgencyKind.values},
        )

    @property
    def units(self) -> int:
        """How many units they have: the chips of the matrix."""
        return self._numbers["units"]

    @property
    def leading(self) -> int:
        """How many of them lead any measure."""
        return self._numbers["leading"]

    @property
    def reporting(self) -> dict[str, int]:
        """How many agencies there are of each kind of `Reporting`."""
        return {kind.value: self._numbers[kind.value] for kind in Reporting}

    @property
    def kinds(self) -> set[str]:
        """The kinds of agencies among them."""
        return {kind for kind in AgencyKind.values if self._numbers[f"of_{kind}"]}

    def __getitem__(self, index: Any) -> Any:
        return [
            AgencyCount(
                snapshots.instance_of(Agency, json.loads(row.content)),
                row.leads,
                row.supports,
                row.expected,
                row.received,
            )
            for row in self.rows[index]
        ]

    def of(self, *reporting: Reporting) -> AgencyCounts:
        return replace(self, rows=self.rows.filter(reporting__in=reporting))

    def without_leads(self) -> AgencyCounts:
        """Those of them that lead no measure."""
        return replace(self, rows=self.rows.filter(leads=0))


def agency_counts(
    edition: Edition,
    *,
    answering: Collection[Answering] = GROUPED,
    forum: Forum | None = None,
    only: QuerySet[Agency] | None = None,
    kind: str = "",
    role: str = "",
) -> AgencyCounts:
    """The agencies of an edition; `role` keeps those with an assignment in it, with all of theirs."""
    cells = Q(cells__answering__in=answering)
    if forum is not None:
        cells &= Q(cells__forum_id=forum.pk)
    rows = PublishedAgency.objects.filter(cells, edition=edition.pk)
    if kind:
        rows = rows.filter(kind=kind)
    if only is not None:
        rows = rows.filter(agency_id__in=only.order_by().values("pk"))
    rows = rows.annotate(
        leads=Sum("cells__leads"),
        supports=Sum("cells__supports"),
        expected=Sum("cells__expected"),
        received=Sum("cells__received"),
    )
    if role:
        rows = rows.filter(**{"leads__gt" if role == Role.LEAD else "supports__gt": 0})
    rows = rows.annotate(
        silent=F("expected") - F("received"),
        reporting=Case(
            When(received=0, then=Value(Reporting.SILENT)),
            When(received__lt=F("expected"), then=Value(Reporting.PARTIAL)),
            default=Value(Reporting.COMPLETE),
        ),
        place=Case(
            When(received=0, then=0),
            When(received__lt=F("expected"), then=1),
            default=2,
            output_field=IntegerField(),
        ),
        leads_none=Case(When(leads=0, then=1), default=0, output_field=IntegerField()),
    )
    return AgencyCounts(edition, rows.order_by("place", "-silent", "leads_none", "sort_key", "pk"))


def counts_of(agencies: Collection[int], edition: Edition) -> dict[int, tuple[int, int]]:
    """Agency -> how many reports were expected of it, and received. One query."""
    rows = edition.counted_rows().filter(agency_id__in=agencies).order_by()
    counts = rows.values_list("agency_id").annotate(
        every=Count("pk"), those=Count("pk", filter=Q(is_received=True))
    )
    return {agency: (every, those) for agency, every, those in counts}


def with_cells(
    counts: Sequence[AgencyCount],
    edition: Edition,
    *,
    forum: Forum | None = None,
    answering: Collection[Answering] = GROUPED,
) -> list[AgencyCount]:
    """The counts of a page with their agencies' cells. One query."""
    rows = PublishedCell.objects.filter(
        edition=edition.pk,
        answering__in=answering,
        agency__agency_id__in=[each.agency.pk for each in counts],
    )
    if forum is not None:
        rows = rows.filter(forum_id=forum.pk)
    cells: dict[int, dict[int, list[CellUnit]]] = {}
    for agency, resolution, content in rows.values_list(
        "agency__agency_id", "resolution_id", "content"
    ):
        units = [_cell_unit(edition, each) for each in json.loads(content)]
        cells.setdefault(agency, {}).setdefault(resolution, []).extend(units)
    for by_resolution in cells.values():
        for units in by_resolution.values():
            units.sort(key=lambda unit: not unit.is_lead)
    return [replace(each, cells=cells.get(each.agency.pk, {})) for each in counts]


def _cell_unit(edition: Edition, row: Mapping[str, Any]) -> CellUnit:
    return CellUnit(
        measure=edition.frame.measures[row["measure"]],
        role=Role(row["role"]),
        is_lead=row["is_lead"],
        status=Status(row["status"]),
        reported=Status(row["reported"]) if "reported" in row else None,
        answered=row.get("answered", 0),
        expected=row.get("expected", 0),
    )


# Provinces ------------------------------------------------------------------------------------


def named_places(edition: Edition, province: str) -> QuerySet[PublishedPlace]:
    """Where an edition's reports name a province: those that name few first, each in clause order."""
    wide = Case(When(named__gt=FEW_PROVINCES, then=1), default=0, output_field=IntegerField())
    return (
        PublishedPlace.objects.filter(edition=edition.pk, province_code=province)
        .exclude(measure_id__in=edition.material.replaced)
        .annotate(wide=wide)
        .order_by("wide", "line_position")
    )


@dataclass(frozen=True)
class Naming:
    """An agency whose reports name a province: how many do, and on which measures the first of them."""

    agency: Agency
    reports: int
    measures: Sequence[Measure]


def naming_agencies(edition: Edition, province: str, first: int) -> tuple[list[Naming], int]:
    """(the first agencies whose reports name a province, how many more there are).

    Most reports first. Three queries at most.
    """
    rows = named_places(edition, province).order_by()
    name = PublishedAgency.objects.filter(
        edition=edition.pk, agency_id=OuterRef("agency_id")
    ).values("sort_key")
    counts = list(
        rows.values_list("agency_id")
        .annotate(reports=Count("pk"), name=Subquery(name))
        .order_by("-reports", "name", "agency_id")
    )
    shown = counts[:first]
    keys = [agency for agency, _reports, _name in shown]
    on: dict[int, list[int]] = {}
    told = rows.filter(agency_id__in=keys).order_by("line_position")
    for agency, measure in told.values_list("agency_id", "measure_id"):
        if measure not in on.setdefault(agency, []):
            on[agency].append(measure)
    agencies = edition.named(keys)
    return [
        Naming(agencies[agency], reports, [edition.frame.measures[pk] for pk in on[agency]])
        for agency, reports, _name in shown
    ], len(counts) - len(shown)


# Project codes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Project:
    """A project code in an edition, as the first report writes it, with what it stands at.

    `agencies` are the first of `agency_count`.
    """

    code: ProjectCode
    reports: int
    measures: Sequence[Measure]
    agencies: Sequence[Agency]
    agency_count: int

    @property
    def more_agencies(self) -> int:
        return self.agency_count - len(self.agencies)


def project_keys(edition: Edition, system: System | None = None) -> QuerySet[Any]:
    """The keys of an edition's codes, those at most measures first; of one system, or of all (None)."""
    rows = edition.projects().order_by()
    if system is not None:
        rows = rows.filter(system=system)
    counted_ = rows.values("key").annotate(measures=Count("measure_id", distinct=True))
    return counted_.order_by("-measures", "key").values_list("key", flat=True)


def project_systems(edition: Edition) -> dict[System, int]:
    """System -> how many different codes of it an edition has; without those that have none."""
    rows = edition.projects().order_by().values_list("system")
    counts = dict(rows.annotate(every=Count("key", distinct=True)))
    return {system: counts[system.value] for system in System if counts.get(system.value)}


def every_project_key(digests: Collection[str]) -> list[str]:
    """The keys of the codes of some editions, named by the digests of their contents. One query."""
    rows = PublishedProject.objects.filter(
        edition__digest__in=digests, edition__ready_at__isnull=False
    )
    return list(rows.order_by("key").values_list("key", flat=True).distinct())


def projects(edition: Edition, keys: Sequence[str], *, first: int = NAMED) -> list[Project]:
    """The codes with some keys, in their order, each with its `first` agencies. Two queries at most."""
    found: dict[str, list[PublishedProject]] = {}
    for row in edition.projects().filter(key__in=keys):
        found.setdefault(row.key, []).append(row)
    answering = {
        key: list(dict.fromkeys(row.agency_id for row in rows)) for key, rows in found.items()
    }
    agencies = edition.named({pk for every in answering.values() for pk in every[:first]})
    return [
        Project(
            code=_project_code(rows[0]),
            reports=len(rows),
            measures=[
                edition.frame.measures[pk] for pk in dict.fromkeys(row.measure_id for row in rows)
            ],
            agencies=[agencies[pk] for pk in answering[key][:first]],
            agency_count=len(answering[key]),
        )
        for key in keys
        for rows in [found[key]]
    ]


@dataclass(frozen=True)
class ProjectReport:
    """A report of a round that gives a project code, with its own status."""

    round: Round
    code: ProjectCode
    measure: Measure
    agency: Agency
    role: Role
    status: Status


def with_code(key: str, editions: Known) -> QuerySet[PublishedProject]:
    """Where a code stands in some editions, in their order, then in clause order."""
    order = [When(edition=each.pk, then=Value(nth)) for nth, each in enumerate(editions.values())]
    rows = PublishedProject.objects.filter(
        key=key, edition__in=[each.pk for each in editions.values()]
    )
    if not order:
        return rows.none()
    return rows.annotate(nth=Case(*order, output_field=IntegerField())).order_by(
        "nth", "line_position"
    )


def project_reports(rows: Sequence[PublishedProject], editions: Known) -> list[ProjectReport]:
    """The reports of some rows, in their order. One query."""
    of_edition = {each.pk: (round_, each) for round_, each in editions.items()}
    named: dict[tuple[int, int], Agency] = {}
    for row in PublishedAgency.objects.filter(
        edition__in={row.edition_id for row in rows}, agency_id__in={row.agency_id for row in rows}
    ):
        named[row.edition_id, row.agency_id] = agency_of(row)
    found = []
    for each in rows:
        round_, edition = of_edition[each.edition_id]
        found.append(
            ProjectReport(
                round_,
                _project_code(each),
                edition.frame.measures[each.measure_id],
                named[each.edition_id, each.agency_id],
                Role(each.role),
                Status(each.status),
            )
        )
    return found


def _project_code(row: PublishedProject) -> ProjectCode:
    return ProjectCode(System(row.system), row.code, row.url)


# The committee's duty -------------------------------------------------------------------------


@dataclass(frozen=True)
class DutyYear:
    """The committee's own yearly duty (`followup.duty`) in one fiscal year, and whether it was met."""

    year: int
    round: Round | None
    expected: int = 0
    received: int = 0


def duty_years(rounds: Iterable[Round], years: Iterable[int]) -> list[DutyYear]:
    """Each fiscal year with its round, the latest first; counts come from public content only."""
    # The round that tells the year: a public one rather than one at work, then the longer one.
    by_year = {
        each.year_be: each for each in sorted(rounds, key=lambda each: (each.is_public, each.order))
    }
    counts = {
        each.year_be: (edition.expected, edition.received)
        for each, edition in editions(each for each in by_year.values() if each.is_public).items()
    }
    return [
        DutyYear(year, by_year.get(year), *counts.get(year, (0, 0)))
        for year in sorted({*by_year, *years}, reverse=True)
    ]
