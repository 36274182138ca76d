"""Snapshots of published rounds: the content of the public pages, which never changes.

`freeze` writes the public rows as one JSON text. `thaw` makes unsaved model instances of them, with
the same relations as `StatusReport.objects.with_context()`, so that the same functions count both.
A report that no reviewer approved is frozen as expected and not received, without its content; of
internal evidence only its existence is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, Generic, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import (
    BooleanField,
    CharField,
    FileField,
    IntegerField,
    JSONField,
    Model,
    QuerySet,
    TextField,
)
from django.db.models.base import ModelState
from django.utils import timezone

from followup import joint_reports, standing
from followup.history import cover_edition
from followup.models import (
    Agency,
    Assessment,
    AssessmentAnswer,
    AssessmentEvidence,
    AssessmentState,
    Assignment,
    Evidence,
    Organisation,
    Province,
    ReportState,
    Round,
    Ruling,
    SentMail,
    Snapshot,
    StatusReport,
    User,
)
from followup.report_fields import FIELDS, columns_of, statuses_first
from proposals.models import Forum, Measure, Resolution

M = TypeVar("M", bound=Model)

#: 2: a report leaves out the fields that are empty, and has what its assignment said earlier.
FORMAT = 2
READABLE = frozenset({1, 2})
_AT_ONCE = 1_000_000  # characters of a content that are encoded at a time
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
    Forum: ("id", "year_be", "name_th", "short_name_th", "name_en", "theme_th"),
    Resolution: (
        "id",
        "forum_id",
        "number",
        "text",
        "title_th",
        "title_en",  # empty in editions from before there were pages in English
        "title_phrases",
        "theme_th",
    ),
    Measure: ("id", "resolution_id", "number", "start", "end", "title_th", "title_en", "kind"),
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
    Province: ("code", "name_th", "name_en", "sort_key"),
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
        "kind",  # empty in editions from before evidence was described, like the next two
        "dated_on",
        "issuer",
        "url",
        "file",
        "file_name",
        "file_type",
        "size",
        "sha256",
        "is_public",
        "is_ground",
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
    Organisation: ("id", "name_th", "name_en", "registration_number", "website"),
    Assessment: ("id", "measure_id", "organisation_id", "status", "reason", "submitted_at"),
    AssessmentEvidence: ("id", "assessment_id", "title", "url", "position"),
    AssessmentAnswer: ("id", "assessment_id", "text", "meeting_ref", "answered_on"),
}


class UnreadableEdition(ValueError):
    """An edition in a format that this version of the portal does not know."""

    def __init__(self, format_: object) -> None:
        super().__init__(f"an edition of format {format_}; this version reads {sorted(READABLE)}")


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
    #: The accepted independent assessments, in the source's order; none in an edition from before them.
    assessments: Sequence[Assessment] = ()
    #: What was sent to agencies: see `_correspondence`. None in an edition from before it was kept.
    letters: Sequence[Mapping[str, Any]] | None = None
    mails: Sequence[Mapping[str, Any]] = ()
    #: The day on which promised dates are judged: that of the edition. None before they were kept.
    as_of: date | None = None


# Out ------------------------------------------------------------------------------------------


_ENCODER = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str:
    """A value as the JSON of an edition."""
    return _ENCODER.encode(value)


def _listed(texts: Iterable[str]) -> Iterator[str]:
    """The pieces of a list of such texts."""
    yield "["
    for number, text in enumerate(texts):
        if number:
            yield ","
        yield text
    yield "]"


def _pieces(content: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The pieces of an object: it is joined once, since the whole is long."""
    for number, (name, pieces) in enumerate(content.items()):
        yield f'{"," if number else "{"}"{name}":'
        yield from pieces
    yield "}"


def row_of(instance: Model) -> dict[str, Any]:
    """The columns of a row that an edition keeps."""
    return {
        name: str(value) if name == "file" else value
        for name in FROZEN_COLUMNS[type(instance)]
        for value in [getattr(instance, name)]
    }


def _rows(queryset: QuerySet[Any], *more: str) -> Iterator[dict[str, Any]]:
    """The frozen columns of each row, and more: as values, since 30,000 instances fill the memory."""
    yield from queryset.values(*FROZEN_COLUMNS[queryset.model], *more).iterator(chunk_size=2000)


def _evidence_row(row: dict[str, Any]) -> dict[str, Any]:
    if row["is_public"]:
        return row | {"file": row["file"] or ""}
    internal = {"id": row["id"], "report_id": row["report_id"], "is_public": False}
    # The public may know that an assessment rests on an internal piece, and not on what.
    return internal | ({"is_ground": True} if row["is_ground"] else {})


def _of_reports(approved: QuerySet[StatusReport]) -> tuple[dict[int, list[str]], dict[str, str]]:
    """(report -> its provinces' codes, code -> the frozen province) of some reports, in their order."""
    through = StatusReport.provinces.through.objects.filter(statusreport__in=approved)
    codes: dict[int, list[str]] = {}
    for report, code in through.order_by("province__sort_key").values_list(
        "statusreport_id", "province_id"
    ):
        codes.setdefault(report, []).append(code)
    return codes, {row["code"]: _text(row) for row in _rows(Province.objects.all())}


def _assessments(round_: Round, measures: Iterable[int]) -> tuple[list[str], list[str]]:
    """The accepted assessments of some measures, and their organisations, each a text. Five queries."""
    accepted = Assessment.objects.filter(
        round=round_, state=AssessmentState.ACCEPTED, measure__in=measures
    )
    rows = list(
        _rows(
            accepted.order_by(
                "measure__resolution__forum__year_be",
                "measure__resolution__number",
                "measure__number",
                "organisation__sort_key",
                "pk",
            )
        )
    )
    evidence: dict[int, list[dict[str, Any]]] = {}
    for row in _rows(AssessmentEvidence.objects.filter(assessment__in=accepted)):
        evidence.setdefault(row["assessment_id"], []).append(row)
    answers = {
        row["assessment_id"]: row
        for row in _rows(AssessmentAnswer.objects.filter(assessment__in=accepted))
    }
    more = [
        row | {"evidence": evidence.get(row["id"], []), "answer": answers.get(row["id"])}
        for row in rows
    ]
    wanted = {row["organisation_id"] for row in rows}
    organisations = _rows(Organisation.objects.filter(pk__in=wanted).order_by("pk"))
    return [_text(row) for row in more], [_text(row) for row in organisations]


#: Of a letter its number, its dates and what the agency explained are public. The note is the
#: secretariat's own.
LETTER_COLUMNS = (
    "agency_id",
    "attempt",
    "number",
    "sent_on",
    "answer_by",
    "answered_on",
    "explanation",
)


def _correspondence(
    round_: Round, agencies: Iterable[int]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(the letters, the days on which e-mails were sent) to the agencies of an edition.

    Nothing says to whom in an agency they went.
    """
    known = set(agencies)
    letters = round_.letters.order_by("agency_id", "attempt").values(*LETTER_COLUMNS)
    sent = round_.mails.filter(outcome=SentMail.Outcome.SENT).values_list("agency_id", "at")
    days = {(agency, timezone.localdate(at)) for agency, at in sent.order_by()}
    return (
        [row for row in letters if row["agency_id"] in known],
        [{"agency_id": agency, "sent_on": day} for agency, day in sorted(days) if agency in known],
    )


def freeze(round_: Round, day: date | None = None) -> str:
    """The public content of a round as it stands now, as JSON in a fixed order.

    `day`: on which promised dates are judged, the edition's own; today if there is none yet. The number
    of queries does not depend on the rows, and each row is text at once.
    """
    followed = Forum.objects.followed_in(round_.year_be)
    # A report that was written before its forum left the round stays stored, but is not published.
    every = round_.reports.filter(assignment__measure__resolution__forum__in=followed).order_by()
    approved = every.received()
    answering = {
        row["id"]: row
        for row in _rows(Assignment.objects.filter(pk__in=every.values("assignment")))
    }
    codes, of_code = _of_reports(approved)
    evidence: dict[int, list[str]] = {}
    for row in _rows(Evidence.objects.filter(report__in=approved)):
        evidence.setdefault(row["report_id"], []).append(_text(_evidence_row(row)))
    resolutions = list(
        Resolution.objects.for_display().filter(forum__in=followed).prefetch_related("measures")
    )

    earlier = standing.earlier_for_edition(round_)
    reports: list[str] = []
    told: list[str] = []  # the evidence, in the order of the reports
    asked: list[dict[str, Any]] = []  # the assignments, likewise
    provinces: dict[str, None] = {}
    withdrawn = []
    for row in _rows(every.in_source_order(), "withdrawn_reason"):
        reason, assignment = row.pop("withdrawn_reason"), row["assignment_id"]
        if row["state"] == ReportState.WITHDRAWN:
            # Of a withdrawn report only this: it says in the next correction why the report went.
            withdrawn.append({"assignment_id": assignment, "reason": reason})
            continue
        asked.append(answering[assignment])
        if row["state"] == ReportState.APPROVED:
            row["provinces"] = codes.get(row["id"], [])
            provinces |= dict.fromkeys(row["provinces"])
            told += evidence.get(row["id"], ())
        else:  # only that a report was expected
            row = {name: row[name] for name in ("id", "round_id", "assignment_id")}
            row["state"] = ReportState.DRAFT
        row = {
            name: value
            for name, value in row.items()
            if name not in FIELDS or not FIELDS[name].is_empty(value)
        }
        if said := earlier.get(assignment):
            row["earlier"] = [each.plain for each in said]
        reports.append(_text(row))
    # A group's own assignment has no report: it is there for its members' sake.
    of_groups = [pk for pk in dict.fromkeys(row["of_group_id"] for row in asked) if pk is not None]
    groups = {row["id"]: row for row in _rows(Assignment.objects.filter(pk__in=of_groups))}
    asked += [groups[pk] for pk in of_groups]
    answers = list(dict.fromkeys(row["agency_id"] for row in asked))
    agencies = {row["id"]: row for row in _rows(Agency.objects.all())}
    letters, mails = _correspondence(round_, answers)
    replaced = (
        Measure.objects.replaced_in(round_.year_be).order_by("pk").values_list("pk", flat=True)
    )
    followed_up = {measure.pk for each in resolutions for measure in each.measures.all()}
    assessments, organisations = _assessments(round_, followed_up - set(replaced))
    content: dict[str, Iterable[str]] = {
        "format": [_text(FORMAT)],
        "as_of": [_text(day or timezone.localdate())],
        "round": [_text(row_of(round_))],
        "forums": _listed(
            _text(row_of(each)) for each in dict.fromkeys(each.forum for each in resolutions)
        ),
        "resolutions": _listed(_text(row_of(each)) for each in resolutions),
        "measures": _listed(
            _text(row_of(measure)) for each in resolutions for measure in each.measures.all()
        ),
        "agencies": _listed(_text(agencies[pk]) for pk in answers),
        "assignments": _listed(map(_text, asked)),
        "provinces": _listed(of_code[code] for code in provinces),
        "reports": _listed(reports),
        "evidence": _listed(told),
        "rulings": _listed(_text(row_of(ruling)) for ruling in round_.rulings.order_by("pk")),
        "replaced": [_text(list(replaced))],
        "narratives": [_text(dict(round_.narratives.order_by("slot").values_list("slot", "text")))],
        "withdrawn": [_text(withdrawn)],
        "organisations": _listed(organisations),
        "assessments": _listed(assessments),
        "letters": [_text(letters)],
        "mails": [_text(mails)],
    }
    return "".join(_pieces(content))


def store_edition(
    *,
    round_: Round,
    by: User | None,
    at: datetime | None = None,
    reason: str = "",
    changes: Sequence[Mapping[str, str]] = (),
) -> Snapshot:
    """Store the current content of a round as its next published edition."""
    at = at or timezone.now()
    edition = made(
        round_=round_,
        content=freeze(round_, timezone.localdate(at)),
        at=at,
        reason=reason,
        changes=changes,
    )
    edition.made_by = by
    return keep(edition)


def made(
    *,
    round_: Round,
    content: str,
    at: datetime,
    reason: str = "",
    changes: Sequence[Mapping[str, str]] = (),
) -> Snapshot:
    """The next edition of a round with this content, not stored yet."""
    return Snapshot(
        round=round_,
        number=round_.snapshots.count() + 1,
        made_at=at,
        reason=reason,
        changes=list(changes),
        content=content,
        digest=digest_of(content),
    )


def digest_of(content: str) -> str:
    """The SHA-256 of an edition's content, without a copy of all of it."""
    taken = sha256()
    for start in range(0, len(content), _AT_ONCE):
        taken.update(content[start : start + _AT_ONCE].encode())
    return taken.hexdigest()


def eights(digest: str) -> list[str]:
    """A digest in pieces of eight characters, which people can read aloud."""
    return [digest[start : start + 8] for start in range(0, len(digest), 8)]


def keep(edition: Snapshot) -> Snapshot:
    """Store an edition, and put it into the chain."""
    edition.save(force_insert=True)
    cover_edition(edition)
    return edition


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
    return thawed(json.loads(content))


def thawed(data: Mapping[str, Any]) -> Frozen:
    """`thaw` of content that is parsed already. The instances share its values.

    Raises UnreadableEdition for a format of a later version of the portal.
    """
    if data["format"] not in READABLE:
        raise UnreadableEdition(data["format"])
    frame = Frame.of(data)
    reports = frame.reports(
        data["reports"], data["evidence"], data["assignments"], by_key(Agency, data["agencies"])
    )
    joint_reports.mark(reports)
    rulings = [instance_of(Ruling, row) for row in data["rulings"]]
    withdrawn = {each["assignment_id"]: each["reason"] for each in data.get("withdrawn", ())}
    return Frozen(
        frame.round,
        list(frame.resolutions.values()),
        reports,
        rulings,
        data.get("narratives"),
        frozenset(data.get("replaced", ())),
        withdrawn,
        frame.assessments(
            data.get("assessments", ()), by_key(Organisation, data.get("organisations", ()))
        ),
        data.get("letters"),
        data.get("mails", ()),
        day_of(data),
    )


def day_of(data: Mapping[str, Any]) -> date | None:
    """The day of an edition's content; None in one from before it was kept."""
    return date.fromisoformat(data["as_of"]) if data.get("as_of") else None


def earlier_of(row: Mapping[str, Any]) -> list[standing.Told]:
    """What an assignment's earlier reports said, of a report's row or a published line's content."""
    return [standing.Told.of_plain(each) for each in row.get("earlier", ())]


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
            _related(resolution, forum=forums[resolution.forum_id])
        measures = by_key(Measure, data["measures"])
        of_resolution: dict[int, list[Measure]] = {}
        for measure in measures.values():
            _related(measure, resolution=resolutions[measure.resolution_id])
            of_resolution.setdefault(measure.resolution_id, []).append(measure)
        for resolution in resolutions.values():
            prefetched(resolution, measures=loaded(Measure, of_resolution.get(resolution.pk, [])))
        provinces = by_key(Province, data["provinces"])
        return cls(instance_of(Round, data["round"]), resolutions, measures, provinces)

    def assignments(
        self, rows: Iterable[Mapping[str, Any]], agencies: Mapping[int, Agency]
    ) -> dict[int, Assignment]:
        """Assignments by key; a member's comes with its group's own, which is among the rows."""
        assignments = by_key(Assignment, rows)
        for assignment in assignments.values():
            _related(
                assignment,
                measure=self.measures[assignment.measure_id],
                agency=agencies[assignment.agency_id],
            )
            if assignment.of_group_id:
                _related(assignment, of_group=assignments[assignment.of_group_id])
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
            of_report.setdefault(row["report_id"], []).append(instance_of(Evidence, row))
        answering = self.assignments(assignments, agencies)
        reports = []
        for row in rows:
            report = instance_of(StatusReport, row)
            _related(report, round=self.round, assignment=answering[report.assignment_id])
            report.earlier = earlier_of(row)
            backing = of_report.get(report.pk, [])
            for piece in backing:
                _related(piece, report=report)
            provinces = [self.provinces[code] for code in row.get("provinces", ())]
            prefetched(
                report, evidence=loaded(Evidence, backing), provinces=loaded(Province, provinces)
            )
            reports.append(report)
        return reports

    def assessments(
        self, rows: Iterable[Mapping[str, Any]], organisations: Mapping[int, Organisation]
    ) -> list[Assessment]:
        """Assessments with their organisation, evidence and answer, in the order of their rows."""
        assessments = []
        for row in rows:
            assessment = instance_of(Assessment, row)
            assessment.state = AssessmentState.ACCEPTED
            _related(
                assessment,
                round=self.round,
                measure=self.measures[assessment.measure_id],
                organisation=organisations[assessment.organisation_id],
            )
            pieces = [instance_of(AssessmentEvidence, each) for each in row["evidence"]]
            prefetched(assessment, evidence=loaded(AssessmentEvidence, pieces))
            answer = instance_of(AssessmentAnswer, row["answer"]) if row["answer"] else None
            assessment._state.fields_cache["answer"] = answer
            assessments.append(assessment)
        return assessments


def _drained(rows: list[Any]) -> Iterator[Any]:
    """The rows of a list, each taken out of it: of 30,000 the memory is needed for what they become."""
    rows.reverse()
    while rows:
        yield rows.pop()


class _Maker(Generic[M]):
    """Makes instances of a frozen model as its constructor does, without the descriptors' work.

    30,000 reports are made in a second instead of ten.
    """

    #: Fields whose JSON value is their Python value.
    NATIVE = (CharField, TextField, IntegerField, BooleanField, JSONField, FileField)

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self.names = FROZEN_COLUMNS[model]
        self.plain: dict[str, Any] = {}
        self.called: list[tuple[str, Callable[[], Any]]] = []  # a new value for each instance
        for each in model._meta.concrete_fields:
            if each.has_default() and callable(each.default):
                self.called.append((each.attname, each.get_default))
            else:
                self.plain[each.attname] = each.get_default()
        self.from_json: dict[str, Callable[[Any], Any]] = {}
        for name in self.names:
            column: Any = model._meta.get_field(name.removesuffix("_id"))
            if not column.is_relation and not isinstance(column, self.NATIVE):
                self.from_json[name] = column.to_python

    def __call__(self, row: Mapping[str, Any]) -> M:
        instance = self.model.__new__(self.model)
        values = self.plain | {name: default() for name, default in self.called}
        for name in self.names:
            if name in row:  # a column that the snapshot has not keeps the model's default
                values[name] = row[name]
        for name, convert in self.from_json.items():
            values[name] = convert(values[name])
        vars(instance).update(values)
        instance._state = ModelState()
        instance._state.adding = False
        return instance


_maker = cache(_Maker)


def instance_of(model: type[M], row: Mapping[str, Any]) -> M:
    """An instance of a row; columns missing in the snapshot have the model's defaults."""
    made: M = _maker(model)(row)
    return made


def by_key(model: type[M], rows: Iterable[Mapping[str, Any]]) -> dict[Any, M]:
    """Primary key -> the instance of each row."""
    return {instance.pk: instance for instance in (instance_of(model, row) for row in rows)}


@cache
def _none(model: type[M]) -> QuerySet[M]:
    return model._default_manager.none()


def loaded(model: type[M], instances: Sequence[M]) -> QuerySet[M]:
    """A query set whose result is already loaded. All share one query: each has its copy elsewhere."""
    empty = _none(model)
    queryset = type(empty)(model=model, query=empty.query)
    queryset._result_cache = list(instances)
    return queryset


def _related(instance: Model, **related: Model) -> None:
    """Set relations whose keys the instance has already."""
    instance._state.fields_cache.update(related)


def prefetched(instance: Model, **related: QuerySet[Any]) -> None:
    instance._prefetched_objects_cache = related  # type: ignore[attr-defined]
