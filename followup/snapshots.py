"""A published round, frozen: what its public pages read, so that they say the same for ever.

`freeze` writes the rows that the public may see as one JSON text; `thaw` makes unsaved copies of the
models of them, joined as `StatusReport.objects.with_context()` joins stored ones, so that the same
functions count both. What no reviewer approved is frozen as expected and not received, without a word
of it; of internal evidence there is only that it exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from followup.history import in_words, label_of
from followup.models import (
    Agency,
    Assignment,
    Evidence,
    Province,
    ReportState,
    Role,
    Round,
    Ruling,
    Snapshot,
    StatusReport,
    User,
)
from followup.models.annual import slot_label
from followup.status import Status
from forum_portal.thai import format_date
from proposals.codes import Code, anchor_of, parse_code
from proposals.models import Forum, Measure, Resolution

M = TypeVar("M", bound=Model)

FORMAT = 1
#: The columns of each table that a snapshot keeps; personal data is in none of them.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Round: (
        "id",
        "year_be",
        "starts_on",
        "ends_on",
        "due_on",
        "state",
        "is_demo",
        "meeting_ref",
        "meeting_on",
    ),
    Forum: ("id", "year_be", "name_th", "short_name_th"),
    Resolution: ("id", "forum_id", "number", "text", "title_th", "title_phrases", "theme_th"),
    Measure: ("id", "resolution_id", "number", "start", "end", "title_th", "kind"),
    Agency: ("id", "code", "name_th", "abbr_th", "name_en", "abbr_en", "kind", "sort_key"),
    Assignment: ("id", "measure_id", "agency_id", "role", "basis", "valid_from", "valid_to"),
    Province: ("code", "name_th", "sort_key"),
    StatusReport: (
        "id",
        "round_id",
        "assignment_id",
        "reported_status",
        "results",
        "obstacles",
        "next_steps",
        "meeting_ref",
        "budget_received",
        "budget_spent",
        "no_change",
        "reported_on",
        "assessed_status",
        "assessed_note",
        "assessed_meeting",
        "agency_reply",
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
    Ruling: ("id", "round_id", "resolution_id", "measure_id", "status", "meeting_ref", "note"),
}


@dataclass(frozen=True)
class Frozen:
    """A thawed snapshot: models as the counting takes them. Nobody writes to them.

    `narratives` are the texts of the annual report by slot; None where the edition is from before
    they were frozen with it, so that nothing can be said of how they differ.
    """

    round: Round
    resolutions: Sequence[Resolution]
    reports: Sequence[StatusReport]
    rulings: Sequence[Ruling]
    narratives: Mapping[str, str] | None


# Out ------------------------------------------------------------------------------------------


def _row(instance: Model) -> dict[str, Any]:
    return {
        name: str(value) if name == "file" else value
        for name in COLUMNS[type(instance)]
        for value in [getattr(instance, name)]
    }


def _report_row(report: StatusReport) -> dict[str, Any]:
    """An approved report whole; of any other, only that one was expected."""
    if report.state != ReportState.APPROVED:
        kept = ("id", "round_id", "assignment_id")
        return {name: getattr(report, name) for name in kept} | {"state": ReportState.DRAFT}
    return _row(report) | {"provinces": [province.pk for province in report.provinces.all()]}


def _evidence_row(piece: Evidence) -> dict[str, Any]:
    if piece.is_public:
        return _row(piece)
    return {"id": piece.pk, "report_id": piece.report_id, "is_public": False}


def freeze(round_: Round) -> str:
    """What the public may read of a round as it stands now, as JSON of a fixed order."""
    reports = list(round_.reports.with_context())
    approved = [report for report in reports if report.state == ReportState.APPROVED]
    resolutions = list(
        Resolution.objects.for_display()
        .filter(forum__year_be__lte=round_.year_be)
        .prefetch_related("measures")
    )
    tables: dict[str, list[dict[str, Any]]] = {
        "forums": [_row(each) for each in dict.fromkeys(each.forum for each in resolutions)],
        "resolutions": [_row(each) for each in resolutions],
        "measures": [_row(measure) for each in resolutions for measure in each.measures.all()],
        "agencies": [
            _row(each) for each in dict.fromkeys(report.assignment.agency for report in reports)
        ],
        "assignments": [_row(report.assignment) for report in reports],
        "provinces": [
            _row(each)
            for each in dict.fromkeys(
                province for report in approved for province in report.provinces.all()
            )
        ],
        "reports": [_report_row(report) for report in reports],
        "evidence": [
            _evidence_row(piece) for report in approved for piece in report.evidence.all()
        ],
        "rulings": [_row(ruling) for ruling in round_.rulings.order_by("pk")],
    }
    narratives = dict(round_.narratives.order_by("slot").values_list("slot", "text"))
    content = {"format": FORMAT, "round": _row(round_), **tables, "narratives": narratives}
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def take(
    *,
    round_: Round,
    by: User | None,
    at: datetime | None = None,
    reason: str = "",
    changes: Sequence[Mapping[str, str]] = (),
) -> Snapshot:
    """Store a round as it stands as its next published edition."""
    content = freeze(round_)
    return Snapshot.objects.create(
        round=round_,
        number=round_.snapshots.count() + 1,
        made_at=at or timezone.now(),
        made_by=by,
        reason=reason,
        changes=list(changes),
        content=content,
        digest=sha256(content.encode()).hexdigest(),
    )


# In -------------------------------------------------------------------------------------------


def latest(rounds: Iterable[Round]) -> dict[int, Frozen]:
    """The last published edition of each of some rounds that has one, by the round's number.

    One query; the content itself is read once a process, since a snapshot never changes.
    """
    last: dict[int, tuple[int, str]] = {}
    for round_id, pk, digest in (
        Snapshot.objects.filter(round__in=list(rounds))
        .order_by("number")
        .values_list("round_id", "pk", "digest")
    ):
        last[round_id] = pk, digest
    return {round_id: edition(*key) for round_id, key in last.items()}


def public_file(pk: int, name: str) -> Evidence | None:
    """A file that the last edition of some round shows to everybody."""
    for frozen in latest(Round.objects.published()).values():
        for report in frozen.reports:
            for piece in report.public_evidence:
                if piece.pk == pk and piece.file and piece.file_name == name:
                    return piece
    return None


@lru_cache(maxsize=32)
def edition(pk: int, digest: str) -> Frozen:
    """A stored edition, read once a process: it never changes.

    By digest as well, since a number may come again in another database.
    """
    return thaw(Snapshot.objects.values_list("content", flat=True).get(pk=pk))


def thaw(content: str) -> Frozen:
    """The models of a snapshot, joined to each other."""
    data = json.loads(content)
    round_ = _made(Round, data["round"])
    forums = _by_key(Forum, data["forums"])
    resolutions = _by_key(Resolution, data["resolutions"])
    for resolution in resolutions.values():
        resolution.forum = forums[resolution.forum_id]
    measures = _by_key(Measure, data["measures"])
    of_resolution: dict[int, list[Measure]] = {}
    for measure in measures.values():
        measure.resolution = resolutions[measure.resolution_id]
        of_resolution.setdefault(measure.resolution_id, []).append(measure)
    for resolution in resolutions.values():
        _prefetched(resolution, measures=_found(Measure, of_resolution.get(resolution.pk, [])))
    agencies = _by_key(Agency, data["agencies"])
    assignments = _by_key(Assignment, data["assignments"])
    for assignment in assignments.values():
        assignment.measure = measures[assignment.measure_id]
        assignment.agency = agencies[assignment.agency_id]
    provinces = _by_key(Province, data["provinces"])
    of_report: dict[int, list[Evidence]] = {}
    for row in data["evidence"]:
        of_report.setdefault(row["report_id"], []).append(_made(Evidence, row))
    reports = []
    for row in data["reports"]:
        report = _made(StatusReport, row)
        report.round, report.assignment = round_, assignments[report.assignment_id]
        backing = of_report.get(report.pk, [])
        for piece in backing:
            piece.report = report
        _prefetched(
            report,
            evidence=_found(Evidence, backing),
            provinces=_found(Province, [provinces[code] for code in row.get("provinces", ())]),
        )
        reports.append(report)
    rulings = [_made(Ruling, row) for row in data["rulings"]]
    resolved = list(resolutions.values())
    return Frozen(round_, resolved, reports, rulings, data.get("narratives"))


def _made(model: type[M], row: Mapping[str, Any]) -> M:
    """A copy of a row; columns that the snapshot does not know have the model's defaults."""
    values = {}
    for name in COLUMNS[model]:
        if name in row:
            field: Any = model._meta.get_field(name.removesuffix("_id"))
            values[name] = row[name] if field.is_relation else field.to_python(row[name])
    instance = model(**values)
    instance._state.adding = False
    return instance


def _by_key(model: type[M], rows: Iterable[Mapping[str, Any]]) -> dict[Any, M]:
    return {instance.pk: instance for instance in (_made(model, row) for row in rows)}


def _found(model: type[M], instances: Sequence[M]) -> QuerySet[M]:
    """A query set that has already been evaluated."""
    queryset = model._default_manager.none()
    queryset._result_cache = list(instances)
    return queryset


def _prefetched(instance: Model, **related: QuerySet[Any]) -> None:
    instance._prefetched_objects_cache = related  # type: ignore[attr-defined]


# Between two ----------------------------------------------------------------------------------

#: What of a line is compared, in the order in which a correction tells it.
_TOLD = (
    "role",
    "state",
    "reported_status",
    "assessed_status",
    "assessed_note",
    "assessed_meeting",
    "agency_reply",
    "results",
    "obstacles",
    "next_steps",
    "meeting_ref",
    "budget_received",
    "budget_spent",
    "no_change",
    "provinces",
    "evidence",
)

#: What reads the same stored and told.
_PLAIN = {"provinces", "evidence", "ruling_meeting_ref", "ruling_note", "round_meeting_ref"}
#: What of the round itself is compared: the meeting that took note of it.
_OF_ROUND = ("meeting_ref", "meeting_on")
_OF_RULING = ("status", "meeting_ref", "note")
_NARRATIVE = "narrative_"

_SECOND_VOICE = ("assessed_status", "assessed_note", "assessed_meeting", "agency_reply")


#: The row that something is told of: an assignment, a measure or a resolution, by primary key.
_Row = tuple[type[Model], int | None]


@dataclass(frozen=True)
class _Told:
    """What is compared of one report or ruling, by the field's name as a change tells it."""

    measure: str  # full code; of a ruling it may be a resolution's
    agency: str  # code; of a ruling ""
    fields: Mapping[str, str]


def differences(before: Frozen, after: Frozen) -> list[dict[str, str]]:
    """What changed between two editions: {measure, agency, field, before, after}, all text.

    `measure` is a full code, so that the change names its forum. Statuses and roles are codes; a list
    has a line each; what is not there is empty. A line that came or went is told by its `state`; a
    ruling has no agency and may be on a resolution; what is the round's own, its meeting and the texts
    of its annual report, has no measure either.
    """
    old, new = _told_of(before), _told_of(after)
    changes = _round_differences(before, after)
    for key in dict.fromkeys((*old, *new)):
        line = old.get(key) or new[key]
        was = old[key].fields if key in old else {}
        now = new[key].fields if key in new else {}
        changes += [
            {
                "measure": line.measure,
                "agency": line.agency,
                "field": name,
                "before": was.get(name, ""),
                "after": now.get(name, ""),
            }
            for name in line.fields
            if was.get(name, "") != now.get(name, "")
        ]
    return changes


def _round_differences(before: Frozen, after: Frozen) -> list[dict[str, str]]:
    if before.narratives is None or after.narratives is None:
        return []  # an edition from before these were kept
    was, now = (
        {f"round_{name}": _text(getattr(each.round, name)) for name in _OF_ROUND}
        | {f"{_NARRATIVE}{slot}": text for slot, text in (each.narratives or {}).items()}
        for each in (before, after)
    )
    return [
        {
            "measure": "",
            "agency": "",
            "field": name,
            "before": was.get(name, ""),
            "after": now.get(name, ""),
        }
        for name in dict.fromkeys((*was, *now))
        if was.get(name, "") != now.get(name, "")
    ]


def now_and_then(round_: Round) -> tuple[Frozen | None, Frozen | None]:
    """A reopened round's last edition, and what would be the next; neither before the first."""
    published = latest([round_]).get(round_.pk)
    return (published, thaw(freeze(round_))) if published else (None, None)


def _told_of(frozen: Frozen) -> dict[_Row, _Told]:
    """What an edition tells, by the row that it is told of."""
    lines: dict[_Row, _Told] = {}
    for report in frozen.reports:
        told = {name: _text(getattr(report, name)) for name in _TOLD[1:-2]}
        if not report.voices_differ:  # pages show the committee's words beside another status only
            told |= dict.fromkeys(_SECOND_VOICE, "")
        told["role"] = report.assignment.role
        told["provinces"] = "\n".join(each.name_th for each in report.provinces.all())
        told["evidence"] = "\n".join(
            f"{piece.title} {piece.url or piece.sha256}" for piece in report.public_evidence
        )
        lines[Assignment, report.assignment_id] = _Told(
            report.measure.full_code,
            report.assignment.agency.code,
            {name: told[name] for name in _TOLD},
        )
    resolved: dict[_Row, str] = {}
    for each in frozen.resolutions:
        resolved[Resolution, each.pk] = each.full_code
        resolved |= {(Measure, one.pk): one.full_code for one in each.measures.all()}
    for ruling in frozen.rulings:
        key: _Row = (Resolution, ruling.resolution_id)
        if ruling.measure_id:
            key = (Measure, ruling.measure_id)
        lines[key] = _Told(
            resolved[key],
            "",
            {f"ruling_{name}": _text(getattr(ruling, name)) for name in _OF_RULING},
        )
    return lines


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


@dataclass(frozen=True)
class Change:
    """One difference in words, for a page."""

    measure: str  # full code
    agency: str
    label: str
    before: str
    after: str

    @property
    def code(self) -> Code | None:
        """What it is about, taken apart. None where that is the round itself, and where an old short
        code fits several forums, so that there is nothing to link to."""
        code = parse_code(self.measure)
        return code if code and code.year else None

    @property
    def anchor(self) -> str:
        """Where on its resolution's page the measure stands; "" for a resolution."""
        return anchor_of(self.measure) if self.code and self.code.clause else ""


def told(snapshot: Snapshot, *, several_forums: bool) -> list[Change]:
    """What a correction changed, in Thai words; labels name the forum where there are several."""
    names = {
        "role": _("บทบาท"),
        "state": _("การรับรายงาน"),
        "provinces": _("จังหวัดที่ดำเนินการ"),
        "evidence": _("หลักฐาน"),
        "ruling_status": _("คำวินิจฉัยของ คสป."),
        "ruling_meeting_ref": _("การประชุมที่วินิจฉัย"),
        "ruling_note": _("เหตุผลของคำวินิจฉัย"),
        "round_meeting_ref": label_of(Round, "meeting_ref"),
        "round_meeting_on": label_of(Round, "meeting_on"),
    }
    return [
        Change(
            row["measure"],
            row["agency"],
            names.get(row["field"]) or _label(row["field"], several_forums=several_forums),
            _value(row["field"], row["before"]),
            _value(row["field"], row["after"]),
        )
        for row in snapshot.changes
    ]


def _label(name: str, *, several_forums: bool) -> str:
    if name.startswith(_NARRATIVE):
        slot = slot_label(name.removeprefix(_NARRATIVE), several_forums=several_forums)
        return _("รายงานประจำปี: %(slot)s") % {"slot": slot}
    return label_of(StatusReport, name)


def _value(name: str, text: str) -> str:
    if not text or name in _PLAIN or name.startswith(_NARRATIVE):
        return text
    if name == "round_meeting_on":
        return format_date(date.fromisoformat(text))
    if name == "role":
        return str(Role(text).label)
    if name == "state":
        received = text == ReportState.APPROVED
        return str(ReportState.APPROVED.label if received else Status.NO_REPORT.label)
    if name == "ruling_status":
        return str(Status(text).label)
    field: Any = StatusReport._meta.get_field(name)
    return in_words(StatusReport, name, field.to_python(text))
