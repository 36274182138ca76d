"""Write what a preview says, all of it or nothing, and take it back again exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Field
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from followup import permissions
from followup.actions import Refused, closed_message
from followup.models import (
    Agency,
    AgencyAlias,
    AgencyKind,
    Assignment,
    Basis,
    Evidence,
    ImportedRow,
    ImportState,
    ReportState,
    Role,
    Round,
    RoundState,
    Source,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.spreadsheets.lookup import money_text
from followup.spreadsheets.preview import Write
from forum_portal.thai import match_key

BATCH = 1000  # rows a statement; SQLite takes at most 32,766 values at once
Progress = Callable[[int, int], None]

#: The fields of a report that an import may change, and so has to be able to put back.
KEPT = (
    "reported_status",
    "results",
    "obstacles",
    "next_steps",
    "meeting_ref",
    "budget_received",
    "budget_spent",
    "no_change",
    "state",
    "source",
    "return_reason",
    "reported_on",
    "assessed_status",
    "assessed_note",
    "assessed_meeting",
    "agency_reply",
    "submitted_at",
    "submitted_by_id",
    "approved_at",
    "approved_by_id",
)
_COLUMNS = [
    field.name
    for field in StatusReport._meta.concrete_fields
    if field.name not in {"id", "round", "assignment"}
]


@transaction.atomic
def apply(
    *,
    record: SpreadsheetImport,
    writes: Sequence[Write],
    learnt: dict[str, int],
    by: User,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write everything in this transaction, as drafts or as submitted reports; never published.

    Returns how many reports were written. Raises `Refused`, and has then written nothing, where the
    round is closed, the import was applied already, or a report was changed since the preview (the
    message lists them).
    """
    if not permissions.may_import(by):
        raise PermissionDenied
    round_ = Round.objects.select_for_update().get(pk=record.round_id)
    if round_.state != RoundState.OPEN:
        raise Refused(closed_message(round_))
    taken = SpreadsheetImport.objects.filter(
        pk=record.pk, state__in=[ImportState.CHECKED, ImportState.APPLYING]
    ).update(state=ImportState.APPLIED, applied_at=timezone.now())
    if not taken:
        raise Refused(_("ไฟล์นี้นำเข้าไปแล้ว หรือยังไม่ได้ตรวจ"))
    made = _make_missing(writes, round_)
    _learn(learnt)
    done = 0
    for batch in _batches(writes):
        _write_batch(record, batch, made, by)
        done += len(batch)
        progress(done, len(writes))
    record.refresh_from_db()
    return done


def _batches(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _make_missing(writes: Sequence[Write], round_: Round) -> set[int]:
    """Make the agencies, assignments and reports that writes are for and that are not there yet.

    Fills in their numbers; returns the numbers of the reports that were made.
    """
    agencies: dict[str, Agency] = {}
    for write in writes:
        if write.new_agency and write.new_agency not in agencies:
            agency = Agency(
                code=f"NEW_{Agency.objects.count() + 1}",
                name_th=write.new_agency,
                kind=AgencyKind.STATE_AGENCY,
                note=_("เพิ่มจากการนำเข้าสเปรดชีต ตรวจประเภทและรหัส"),
            )
            agency.save()
            agencies[write.new_agency] = agency
    reports = []
    for write in writes:
        if write.new_agency:
            assignment = Assignment.objects.create(
                measure_id=write.measure,
                agency=agencies[write.new_agency],
                role=Role.SUPPORT,
                basis=Basis.PROPOSED,
                valid_from=round_.year_be,
            )
            write.assignment = assignment.pk
        if not write.report:
            reports.append(StatusReport(round=round_, assignment_id=write.assignment))
    made = bulk_create_with_history(reports, StatusReport, default_change_reason="expected")
    by_assignment = {report.assignment_id: report.pk for report in made}
    for write in writes:
        write.report = write.report or by_assignment[write.assignment]
    return set(by_assignment.values())


def _learn(learnt: dict[str, int]) -> None:
    for name, agency in learnt.items():
        if match_key(name):
            AgencyAlias.objects.get_or_create(agency_id=agency, name=name[:200])


def _locked(pks: Iterable[int]) -> dict[int, StatusReport]:
    """Reports by number, kept from others until the transaction ends."""
    return {
        report.pk: report
        for report in StatusReport.objects.select_for_update()
        .filter(pk__in=list(pks))
        .prefetch_related("evidence", "provinces")
    }


def _refuse_stale(stale: Sequence[StatusReport]) -> None:
    shown = StatusReport.objects.filter(pk__in=[each.pk for each in stale[:20]]).with_context()
    listed = ", ".join(str(each.assignment) for each in shown)
    more = _(" และอีก %(n)s รายการ") % {"n": len(stale) - 20} if len(stale) > 20 else ""
    raise Refused(
        _("มีผู้แก้ไขรายการเหล่านี้หลังจากนั้นแล้ว จึงยังไม่เขียนรายการใด: %(list)s%(more)s")
        % {"list": listed, "more": more}
    )


def _write_batch(
    record: SpreadsheetImport, writes: Sequence[Write], made: set[int], by: User
) -> None:
    reports = _locked(write.report for write in writes)
    stale = [
        reports[write.report] for write in writes if reports[write.report].version != write.version
    ]
    if stale:
        _refuse_stale(stale)
    now = timezone.now()
    rows = []
    for write in writes:
        report = reports[write.report]
        rows.append(
            ImportedRow(
                spreadsheet_import=record,
                report=report,
                row=write.row,
                before=_before(report),
                version_after=report.version + 1,
                made=report.pk in made,
            )
        )
        _fill(report, write.values)
        report.source = Source.SPREADSHEET
        report.return_reason = ""
        report.assessed_status = report.assessed_note = report.assessed_meeting = ""
        report.approved_by_id = report.approved_at = None
        if record.submit:
            report.state = ReportState.SUBMITTED
            report.submitted_by, report.submitted_at = by, now
            report.reported_on = timezone.localdate()
        else:
            report.state = ReportState.DRAFT
            report.submitted_by_id = report.submitted_at = None
        _touch(report, by)
    every = [reports[write.report] for write in writes]
    _set_evidence(
        [(reports[write.report], write.values["evidence"]) for write in writes], keep_flags=True
    )
    _set_provinces([(reports[write.report], write.values["provinces"]) for write in writes])
    _store(every, by, f"import {record.pk}")
    ImportedRow.objects.bulk_create(rows, batch_size=BATCH)


def _before(report: StatusReport) -> dict[str, Any]:
    """What is needed to put a report back exactly, as JSON holds it."""
    kept: dict[str, Any] = {}
    for name in KEPT:
        value = getattr(report, name)
        if isinstance(value, Decimal):
            value = money_text(value)
        elif value is not None and not isinstance(value, bool | int | str):
            value = value.isoformat()
        kept[name] = value
    kept["evidence"] = [
        [piece.title, piece.url, piece.is_public] for piece in report.evidence.all() if piece.url
    ]
    kept["provinces"] = sorted(each.pk for each in report.provinces.all())
    return kept


def _fill(report: StatusReport, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name in {"evidence", "provinces"}:
            continue
        if name in {"budget_received", "budget_spent"}:
            value = None if value is None else Decimal(value)
        setattr(report, name, value)


def _touch(report: StatusReport, by: User) -> None:
    report.version += 1
    report.updated_by = by


def _store(reports: Sequence[StatusReport], by: User, reason: str) -> None:
    """Write whole rows in one statement a batch, and a history row for each."""
    if not reports:
        return
    StatusReport.objects.bulk_create(
        reports,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_COLUMNS,
        batch_size=BATCH,
    )
    entries = StatusReport.history.bulk_history_create(
        reports, batch_size=BATCH, update=True, default_user=by, default_change_reason=reason
    )
    # The library's bulk call leaves out many-to-many fields.
    entry_of = {entry.id: entry for entry in entries}
    kept = apps.get_model("followup", "HistoricalStatusReport_provinces")
    links = StatusReport.provinces.through.objects.filter(statusreport__in=list(entry_of))
    kept.objects.bulk_create(
        [
            kept(
                id=link.pk,
                history=entry_of[link.statusreport_id],
                statusreport_id=link.statusreport_id,
                province_id=link.province_id,
            )
            for link in links
        ],
        batch_size=BATCH,
    )


def _set_evidence(
    wanted: Sequence[tuple[StatusReport, Sequence[Sequence[Any]]]], *, keep_flags: bool
) -> None:
    """Make each report's links the list given: (title, url) or (title, url, is_public).

    Files stay: no table holds them.
    """
    new: list[Evidence] = []
    gone: list[int] = []
    for report, pieces in wanted:
        pieces_now = report.evidence.all()
        stored = {(piece.title, piece.url): piece for piece in pieces_now if piece.url}
        keys = [(piece[0], piece[1]) for piece in pieces]
        if list(stored) == keys:
            continue
        gone += [piece.pk for key, piece in stored.items() if key not in keys]
        for position, piece in enumerate(pieces):
            key = (piece[0], piece[1])
            if key in stored:
                continue
            public = piece[2] if len(piece) > 2 and not keep_flags else True
            new.append(
                Evidence(
                    report=report, title=key[0], url=key[1], is_public=public, position=position
                )
            )
    if gone:
        Evidence.objects.filter(pk__in=gone).delete()
    if new:
        bulk_create_with_history(new, Evidence, batch_size=BATCH)


def _set_provinces(wanted: Sequence[tuple[StatusReport, Sequence[str]]]) -> None:
    """Make each report's provinces the list given."""
    through = StatusReport.provinces.through
    changed = [
        (report, codes)
        for report, codes in wanted
        if sorted(each.pk for each in report.provinces.all()) != sorted(codes)
    ]
    if changed:
        through.objects.filter(statusreport__in=[report.pk for report, _codes in changed]).delete()
        through.objects.bulk_create(
            [
                through(statusreport_id=report.pk, province_id=code)
                for report, codes in changed
                for code in codes
            ],
            batch_size=BATCH,
        )


@transaction.atomic
def undo(*, record: SpreadsheetImport, by: User) -> int:
    """Put every report that an import wrote back as it was; returns how many.

    Raises `Refused` with a list where one was changed since: then nothing is put back.
    """
    if not permissions.may_import(by):
        raise PermissionDenied
    round_ = Round.objects.select_for_update().get(pk=record.round_id)
    if round_.state != RoundState.OPEN:
        raise Refused(closed_message(round_))
    taken = SpreadsheetImport.objects.filter(pk=record.pk, state=ImportState.APPLIED).update(
        state=ImportState.UNDONE, undone_at=timezone.now()
    )
    if not taken:
        raise Refused(_("การนำเข้านี้ย้อนไปแล้ว หรือยังไม่ได้นำเข้า"))
    rows = list(record.rows.all())
    for batch in _batches(rows):
        reports = _locked(row.report_id for row in batch)
        stale = [
            reports[row.report_id]
            for row in batch
            if reports[row.report_id].version != row.version_after
        ]
        if stale:
            _refuse_stale(stale)
        for row in batch:
            report = reports[row.report_id]
            for name in KEPT:
                setattr(report, name, _revived(name, row.before[name]))
            _touch(report, by)
        _set_evidence(
            [(reports[row.report_id], row.before["evidence"]) for row in batch], keep_flags=False
        )
        _set_provinces([(reports[row.report_id], row.before["provinces"]) for row in batch])
        _store([reports[row.report_id] for row in batch], by, f"undo import {record.pk}")
    record.refresh_from_db()
    return len(rows)


def _revived(name: str, value: Any) -> Any:
    """A kept value as the field takes it; dates and money were kept as text."""
    if value is None or isinstance(value, bool | int):
        return value
    field: Field[Any, Any] = StatusReport._meta.get_field(name.removesuffix("_id"))  # type: ignore[assignment]
    return field.to_python(value)
