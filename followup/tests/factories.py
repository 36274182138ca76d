"""Test data: reports with everything that their status demands, and larger amounts of data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.db import connection, models

from followup import actions, published, snapshots
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    Evidence,
    PublicRevision,
    ReportState,
    Role,
    Round,
    Ruling,
    Snapshot,
    StatusReport,
    User,
)
from followup.status import ACHIEVED, Status
from followup.tests.doors import unguarded
from proposals.codes import parse_code
from proposals.models import EditorNote, Forum, Measure, SdgTarget

PASSWORD = "มะลิซ้อน-42-ดอก"
ON_20_NOVEMBER = date(2026, 11, 20)
HALF_PAST_TWO = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)  # in Bangkok

Row = TypeVar("Row", bound=models.Model)


def link(number: int = 1, *, is_public: bool = True) -> dict[str, Any]:
    """One piece of evidence as `actions.save_draft` takes it."""
    return {
        "title": f"หลักฐานที่ {number}",
        "url": f"https://example.org/evidence/{number}",
        "is_public": is_public,
    }


def fields_for(status: str) -> dict[str, Any]:
    """The fields that a report of this status must have before submission, without evidence."""
    needed = {
        Status.IN_PROGRESS: {"results": "จัดเวที 4 ภาค ครบตามแผน"},
        Status.ON_HOLD: {"obstacles": "รอระเบียบใหม่ประกาศใช้"},
        Status.CANCELLED: {"meeting_ref": "2/2569"},
    }
    return {"reported_status": status} | needed.get(Status(status), {})


def find_report(round_: Round, measure: str, agency: str = "") -> StatusReport:
    """The expected report on a measure (`3.4` of 2565, or `2566-3.1`) by the agency with this code,
    or by its lead agency."""
    code = parse_code(measure)
    assert code, measure
    who = {"assignment__agency__code": agency} if agency else {"assignment__role": Role.LEAD}
    return StatusReport.objects.with_context().get(
        round=round_,
        assignment__measure__resolution__forum__year_be=code.year or 2565,
        assignment__measure__resolution__number=code.resolution,
        assignment__measure__number=code.clause,
        **who,
    )


def make_report(
    round_: Round,
    measure: str = "1.2",
    agency: str = "",
    *,
    by: User,
    reviewer: User | None = None,
    status: str = Status.IN_PROGRESS,
    state: str = ReportState.APPROVED,
    evidence: Sequence[Mapping[str, Any]] | None = None,
    assessed: Mapping[str, Any] | None = None,
    **fields: Any,
) -> StatusReport:
    """Take an expected report of an open round through the actions up to `state`.

    `assessed` is the committee's assessment, as `actions.approve` takes it: assessed_status,
    assessed_note, assessed_meeting, assessed_grade ("said" by default beside another status).
    """
    report = find_report(round_, measure, agency)
    if evidence is None:
        evidence = [link()] if status in ACHIEVED else []
    actions.save_draft(
        report=report,
        by=by,
        version=report.version,
        fields=fields_for(status) | fields,
        evidence=evidence,
    )
    if state == ReportState.DRAFT:
        return report
    actions.submit(report=report, by=by, version=report.version)
    if state == ReportState.SUBMITTED:
        return report
    assert reviewer, f"a report that is {state} needs a reviewer"
    if state == ReportState.RETURNED:
        return actions.send_back(
            report=report, by=reviewer, version=report.version, reason="ระบุจำนวนผู้เข้าร่วม"
        )
    found: dict[str, Any] = {"assessed_grade": "said"} if assessed else {}
    found |= assessed or {}
    return actions.approve(report=report, by=reviewer, version=report.version, **found)


def measure_of(full_code: str) -> Measure:
    """The measure with a full code, `2565-3.1`."""
    code = parse_code(full_code)
    assert code is not None, full_code
    return Measure.objects.get(
        resolution__forum__year_be=code.year, resolution__number=code.resolution, number=code.clause
    )


def republish() -> None:
    """Freeze the published rounds again with their current content."""
    with unguarded():
        Snapshot.objects.all().delete()
    for round_ in Round.objects.published():
        edition = snapshots.store_edition(round_=round_, by=None, at=round_.published_at)
        published.write(edition.content, edition.digest)


def dump(*, without: Iterable[str] = ()) -> dict[str, list[Any]]:
    """Every row of every table, for comparing the database before and after.

    Not the stamp of what the public reads: triggers replace it by another random one at each write.
    """
    without = {*without, PublicRevision._meta.db_table}
    contents = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in without:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
                contents[table] = sorted(cursor.fetchall(), key=repr)
    return contents


def grow(times: int) -> None:
    """Multiply resolutions, measures, agencies, assignments, reports and evidence by `times`.

    The copies belong to another forum, of the year after the last one. They take part in every
    existing round, with reports equal to the originals'.
    """
    last = Forum.objects.latest("year_be")
    year = last.year_be + 1
    name = f"{last.short_name_th} (เพิ่ม)"
    extra = copy_of(last, year_be=year, followed_from=year, short_name_th=name)
    extra.save()
    for turn in range(1, times):
        _grow_once(last, extra, turn)
    republish()


def _grow_once(last: Forum, extra: Forum, turn: int) -> None:
    numbers = last.resolutions.count() * (turn - 1)
    resolution = _copies(
        last.resolutions.all(), lambda row: {"forum": extra, "number": row.number + numbers}
    )
    of_resolution = {"resolution__in": list(resolution)}
    measure = _copies(
        Measure.objects.filter(**of_resolution),
        lambda row: {"resolution": resolution[row.resolution_id]},
    )
    _copies(
        SdgTarget.objects.filter(**of_resolution),
        lambda row: {"resolution": resolution[row.resolution_id]},
    )
    _copies(
        EditorNote.objects.filter(**of_resolution),
        lambda row: {"forum": extra, "resolution": resolution[row.resolution_id]},
    )
    _copies(
        Ruling.objects.filter(measure__in=list(measure)),
        lambda row: {"measure": measure[row.measure_id]},
    )
    agency = _copies(
        Agency.objects.exclude(code__regex="_X[0-9]+$"),
        lambda row: {"code": f"{row.code[:16]}_X{turn}", "name_th": f"{row.name_th} (เพิ่ม {turn})"},
    )
    _copies(
        AgencyAlias.objects.filter(agency__in=list(agency)),
        lambda row: {"agency": agency[row.agency_id]},
    )
    assignment = _copies(
        Assignment.objects.filter(measure__in=list(measure)),
        lambda row: {
            "measure": measure[row.measure_id],
            "agency": agency[row.agency_id],
            "valid_from": extra.year_be,
        },
    )
    report = _copies(
        StatusReport.objects.filter(assignment__in=list(assignment)),
        lambda row: {"assignment": assignment[row.assignment_id]},
    )
    _copies(
        Evidence.objects.filter(report__in=list(report)),
        lambda row: {"report": report[row.report_id]},
    )
    _copies(
        StatusReport.provinces.through.objects.filter(statusreport__in=list(report)),
        lambda row: {"statusreport": report[row.statusreport_id]},
    )


def copy_of(row: Row, **changes: Any) -> Row:
    """An unsaved row with the same values, some of them changed."""
    same = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    fresh = type(row)(**same)
    for name, value in changes.items():
        setattr(fresh, name, value)
    return fresh


def _copies(rows: Iterable[Row], changes: Any) -> dict[Any, Row]:
    """Store copies of rows; returns original key -> copy."""
    old = list(rows)
    new = [copy_of(row, **changes(row)) for row in old]
    if new:
        type(new[0])._base_manager.bulk_create(new)
    return {before.pk: after for before, after in zip(old, new, strict=True)}
