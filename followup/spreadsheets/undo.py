"""Undo an import: everything it wrote or created, except rows that others have used since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Model, ProtectedError, QuerySet, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import background, joint_reports, permissions
from followup.actions import Refused, closed_message
from followup.history import one_batch
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    Evidence,
    ImportedRow,
    ImportState,
    RememberedMapping,
    RoundState,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.models.imports import PART
from followup.spreadsheets import report_rows
from followup.spreadsheets.apply import Progress, listed, open_round_of
from forum_portal.compare_and_set import compare_and_set


@dataclass(frozen=True)
class Stay:
    """A row that an import created and that stays: its kind, its name, and what uses it now."""

    what: str
    name: str
    why: str
    report: int = 0  # the key, if it is a report


@dataclass(frozen=True)
class Changed:
    """A written report that somebody has saved since, which prevents the undo."""

    report: int
    code: str
    agency: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Undoing:
    """What undoing an import would do now. `refusal` and `changed` tell what prevents it."""

    back: int  # reports to restore
    gone: int  # reports to delete, which the import created
    evidence: int  # links to delete, which it added
    assignments: int
    agencies: Sequence[str]
    aliases: Sequence[tuple[str, str]]  # (as people write it, the agency)
    mappings: int
    stays: Sequence[Stay]
    changed: Sequence[Changed]
    refusal: str = ""

    @property
    def is_possible(self) -> bool:
        return not self.refusal and not self.changed


@dataclass
class _Plan:
    """Primary keys of rows to delete, and rows that stay. Reports not in `reports` are restored."""

    reports: set[int] = field(default_factory=set)  # made by the import, or expected because of it
    assignments: list[Assignment] = field(default_factory=list)
    agencies: list[Agency] = field(default_factory=list)
    aliases: list[AgencyAlias] = field(default_factory=list)
    mappings: list[Mapping[str, Any]] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)

    def keep(self, row: Model, why: str) -> None:
        self.stays.append(Stay(str(row._meta.verbose_name), str(row), why))


def what_undo_takes(record: SpreadsheetImport) -> Undoing:
    """What undoing an import would do now. The number of queries does not depend on the rows."""
    plan = _plan(record)
    written = dict(record.rows.values_list("report_id", "before"))
    links = Evidence.objects.filter(report__in=record.rows.values("report")).filter(file="")
    kept = {
        (report, title, url)
        for report, before in written.items()
        for title, url, *_rest in before["evidence"]
    }
    found = links.values_list("report_id", "title", "url")
    refusal = "" if record.round.state == RoundState.OPEN else closed_message(record.round)
    return Undoing(
        back=len(written.keys() - plan.reports),
        gone=len(written.keys() & plan.reports),
        evidence=sum(each not in kept for each in found),
        assignments=len(plan.assignments),
        agencies=[str(each) for each in plan.agencies],
        aliases=[(each.name, each.agency.name_th) for each in plan.aliases],
        mappings=len(plan.mappings),
        stays=plan.stays,
        changed=_changed(record),
        refusal=refusal,
    )


def _changed(record: SpreadsheetImport, rows: Sequence[ImportedRow] | None = None) -> list[Changed]:
    """The written reports, of these rows or of all, that somebody has saved since."""
    of = record.rows if rows is None else record.rows.filter(pk__in=[row.pk for row in rows])
    found = (
        of.exclude(report__version=F("version_after"))
        .defer("before")
        .select_related(
            "report__updated_by",
            "report__assignment__agency",
            "report__assignment__measure__resolution__forum",
        )
    )
    return [
        Changed(
            report=row.report_id,
            code=row.report.measure.full_code,
            agency=row.report.assignment.agency.short,
            by=row.report.last_writer,
            at=row.report.updated_at,
        )
        for row in found
    ]


# What goes and what stays ---------------------------------------------------------------------


def _plan(record: SpreadsheetImport, kept: Collection[int] = ()) -> _Plan:
    """Decide what is deleted and what stays, by the foreign keys that refer to it now.

    `kept`: reports that somebody has saved since, and with them what they need.
    """
    plan = _Plan()
    _plan_assignments(record, plan, kept)
    _plan_aliases(record, plan)
    _plan_agencies(record, plan)
    _plan_mappings(record, plan)
    return plan


def _made(record: SpreadsheetImport, kind: str) -> list[int]:
    """Primary keys that an import created; [] if it was applied before these were recorded."""
    numbers: list[int] = record.made.get(kind, [])
    return numbers


def _is_edited(record: SpreadsheetImport, kind: str, row: Model) -> bool:
    return bool(record.made["as_made"][kind][str(row.pk)] != report_rows.as_made(row))


def _plan_assignments(record: SpreadsheetImport, plan: _Plan, kept: Collection[int]) -> None:
    """Delete assignments together with their expected reports, if nobody wrote these."""
    made = set(_made(record, "assignments"))
    reports = set(_made(record, "reports")).difference(kept)
    others: dict[int, list[int]] = {}
    used: dict[int, str] = {}
    elsewhere = StatusReport.objects.filter(assignment__in=made).exclude(pk__in=reports)
    for report in elsewhere.select_related("round"):
        if report.is_untouched and report.round.state == RoundState.OPEN:
            others.setdefault(report.assignment_id, []).append(report.pk)
        else:
            used[report.assignment_id] = _("มีรายงานผลในรอบปีงบประมาณ %(year)s") % {
                "year": report.round.label
            }
    used |= _used_by(Assignment, made, but_not={StatusReport: None})
    found = Assignment.objects.filter(pk__in=made).select_related(
        "agency", "measure__resolution__forum"
    )
    going = set()
    for assignment in found:
        if _is_edited(record, "assignments", assignment):
            plan.keep(assignment, _("มีผู้แก้ไขหลังจากนำเข้า"))
        elif assignment.pk in used:
            plan.keep(assignment, used[assignment.pk])
        else:
            plan.assignments.append(assignment)
            plan.reports.update(others.get(assignment.pk, ()))
            going.add(assignment.pk)
    # A report whose assignment stays is expected, so it stays too, empty as it was created.
    plan.reports.update(
        pk
        for pk, assignment in StatusReport.objects.filter(pk__in=reports).values_list(
            "pk", "assignment_id"
        )
        if assignment in going or assignment not in made
    )


def _plan_aliases(record: SpreadsheetImport, plan: _Plan) -> None:
    made = _made(record, "aliases")
    shared = _shared(record, "aliases") if made else {}
    for alias in AgencyAlias.objects.filter(pk__in=made).select_related("agency"):
        if _is_edited(record, "aliases", alias):
            plan.keep(alias, _("มีผู้แก้ไขหลังจากนำเข้า"))
        elif alias.pk in shared:
            plan.keep(alias, shared[alias.pk])
        else:
            plan.aliases.append(alias)


def _plan_agencies(record: SpreadsheetImport, plan: _Plan) -> None:
    made = _made(record, "agencies")
    going = {
        Assignment: {each.pk for each in plan.assignments},
        AgencyAlias: {each.pk for each in plan.aliases},
    }
    used = _used_by(Agency, made, but_not=going)
    for agency in Agency.objects.filter(pk__in=made):
        if _is_edited(record, "agencies", agency):
            plan.keep(agency, _("มีผู้แก้ไขหลังจากนำเข้า"))
        elif agency.pk in used:
            plan.keep(agency, used[agency.pk])
        else:
            plan.agencies.append(agency)


def _plan_mappings(record: SpreadsheetImport, plan: _Plan) -> None:
    learnt = record.made.get("mappings", [])
    shared = _shared(record, "mappings") if learnt else {}
    now = dict(
        RememberedMapping.objects.filter(
            signature__in=[each["signature"] for each in learnt]
        ).values_list("signature", "mapping")
    )
    for each in learnt:
        signature = each["signature"]
        if signature not in now:
            continue  # it was forgotten meanwhile
        why = shared.get(signature, "")
        if now[signature] != each["after"]:
            why = _("มีผู้จำการจับคู่ใหม่หลังจากนำเข้า")
        if why:
            what = str(RememberedMapping._meta.verbose_name)
            plan.stays.append(Stay(what, record.file_name, why))
        else:
            plan.mappings.append(each)


def _shared(record: SpreadsheetImport, kind: str) -> dict[Any, str]:
    """Rows that other imports also needed and found existing, with the name of that import."""
    others = (
        SpreadsheetImport.objects.filter(state__in=[ImportState.APPLIED, ImportState.UNDOING])
        .exclude(pk=record.pk)
        .values_list("pk", f"made__shared__{kind}")
    )
    return {
        each: _("การนำเข้าที่ %(number)s ใช้ด้วย") % {"number": pk}
        for pk, found in others
        for each in found or ()
    }


def _used_by(
    model: type[Model],
    pks: Collection[int],
    *,
    but_not: Mapping[type[Model], Collection[int] | None],
) -> dict[int, str]:
    """Which of these rows are referenced, and by what. References from `but_not` (all rows of a
    model, if None) do not count. One query for each model that may refer to them."""
    used: dict[int, str] = {}
    for relation in model._meta.related_objects:
        kind = cast("type[Model]", relation.related_model)
        if not pks or but_not.get(kind, ()) is None:
            continue
        name = relation.field.attname
        referring = kind._base_manager.filter(**{f"{relation.field.name}__in": pks})
        referring = referring.exclude(pk__in=but_not.get(kind) or ())
        for pk in referring.values_list(name, flat=True).distinct():
            used.setdefault(pk, _("มี%(what)sที่ใช้อยู่") % {"what": kind._meta.verbose_name})
    return used


# Doing it -------------------------------------------------------------------------------------


def _not_applied() -> str:
    return _("การนำเข้านี้ย้อนไปแล้ว หรือกำลังย้อน หรือยังไม่ได้นำเข้า")


def undo(
    *, record: SpreadsheetImport, by: User, progress: Progress = lambda done, total: None
) -> int:
    """Restore what an import wrote and delete what it created.

    Of up to `PART` reports it is one transaction. More are restored in parts, so that nobody else's save
    waits for the whole: an undo that breaks off leaves the import applied, with some reports restored
    already, and the next one restores all. A report that somebody saves meanwhile stays.

    Rows that others use now stay; the record lists them in `made["stays"]`. Returns the number of
    reports restored or deleted. Raises `Refused`, without any change, if the round is closed, the
    import is not applied, or a report was changed since (the message lists them); `PermissionDenied`
    without the right to import.
    """
    if not permissions.may_import(by):
        raise PermissionDenied
    mark = f"undo import {record.pk}"
    total = record.rows.count()
    stays: list[Stay] = []
    if total > PART:
        with transaction.atomic():
            _claimed(record, ImportState.APPLIED, ImportState.UNDOING)
            _refuse_changed(record)
        stays = _put_back_in_parts(
            record,
            by,
            mark,
            lambda done: progress(done, total),
            ImportState.APPLIED,
            ImportState.UNDOING,
        )
    with transaction.atomic(), one_batch(by, why=mark):
        _claimed(
            record,
            ImportState.APPLIED,
            ImportState.UNDOING,
            state=ImportState.UNDONE,
            undone_at=timezone.now(),
            failure="",
        )
        _lock(record)
        if total <= PART:
            _refuse_changed(record)
        plan = _plan(record, {each.report for each in stays})
        gone = [pk for pk in record.rows.values_list("report_id", flat=True) if pk in plan.reports]
        if total <= PART:
            back = [row for row in record.rows.all() if row.report_id not in plan.reports]
            _put_back(back, by, mark)
        _remove(plan)
        progress(total, total)
        told = [*stays, *plan.stays]
        SpreadsheetImport.objects.filter(pk=record.pk).update(
            made={
                **record.made,
                "back": total - len(gone) - len(stays),
                "gone": len(gone),
                "stays": [[each.what, each.name, each.why] for each in told],
            },
        )
    record.refresh_from_db()
    return total - len(stays)


def roll_back(record: SpreadsheetImport, by: User | None) -> list[str]:
    """Take back the parts of an import that were written before it broke off.

    Returns the names of reports that somebody has saved since: they stay. Does nothing unless the
    import is being applied, by the attempt of this record. Idempotent.
    """
    mark = f"undo import {record.pk}"
    if not record.rows.exists():
        return []
    try:
        stays = _put_back_in_parts(record, by, mark, lambda done: None, ImportState.APPLYING)
        with transaction.atomic(), one_batch(by, why=mark):
            _claimed(record, ImportState.APPLYING)
            _lock(record)
            _remove(_plan(record, {each.report for each in stays}))
            record.rows.all().delete()
            SpreadsheetImport.objects.filter(pk=record.pk).update(made={}, set_aside=[])
    except Refused:  # another attempt has begun, or the import was applied
        return []
    return [each.name for each in stays]


def _claimed(record: SpreadsheetImport, *states: ImportState, **values: Any) -> None:
    """Hold the round, and the import in one of these states, until the transaction ends.

    Raises `Refused` if the round is closed, or if the import is in another state or attempt.
    """
    open_round_of(record)
    expected = {"state__in": states, "attempt": record.attempt}
    if not compare_and_set(record, expected=expected, **values or {"attempt": record.attempt}):
        raise Refused(_not_applied())
    record.refresh_from_db()


def _refuse_changed(record: SpreadsheetImport) -> None:
    if changed := _changed(record):
        names = [f"{each.code} {each.agency} ({each.by})" for each in changed]
        raise Refused(
            _("มีผู้แก้ไขรายการเหล่านี้หลังจากนำเข้า จึงยังไม่ย้อนรายการใด: %(list)s") % {"list": listed(names)}
        )


def _put_back_in_parts(
    record: SpreadsheetImport,
    by: User | None,
    mark: str,
    progress: Callable[[int], None],
    *states: ImportState,
) -> list[Stay]:
    """Restore the written reports, each part in a transaction; returns those that changed meanwhile.

    A restored report gets its version as `version_after`, so that it may be restored once more.
    """
    stays: list[Stay] = []
    pks = list(record.rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), PART):
        with transaction.atomic(), one_batch(by, why=mark):
            _claimed(record, *states)
            rows = list(record.rows.filter(pk__in=pks[start : start + PART]))
            report_rows.locked(row.report_id for row in rows)
            changed = {each.report: each for each in _changed(record, rows)}
            back = [row for row in rows if row.report_id not in changed]
            _put_back(back, by, mark)
            for row in back:
                row.version_after += 1
            ImportedRow.objects.bulk_update(back, ["version_after"], batch_size=PART)
        stays += [
            Stay(
                str(StatusReport._meta.verbose_name),
                f"{each.code} {each.agency} ({each.by})",
                _("มีผู้แก้ไขหลังจากนำเข้า"),
                each.report,
            )
            for each in changed.values()
        ]
        progress(min(len(pks), start + PART))
        background.let_others_write()
    return stays


def _lock(record: SpreadsheetImport) -> None:
    """Lock the reports and the created rows, so that nobody writes or references them meanwhile."""
    held: list[QuerySet[Any]] = [
        Agency.objects.filter(pk__in=_made(record, "agencies")),
        AgencyAlias.objects.filter(pk__in=_made(record, "aliases")),
        Assignment.objects.filter(pk__in=_made(record, "assignments")),
        StatusReport.objects.filter(pk__in=record.rows.values("report")),
        StatusReport.objects.filter(assignment__in=_made(record, "assignments")),
        RememberedMapping.objects.filter(
            signature__in=[each["signature"] for each in record.made.get("mappings", [])]
        ),
    ]
    for each in held:
        list(each.select_for_update().order_by("pk").values_list("pk"))


def _put_back(batch: Sequence[ImportedRow], by: User | None, mark: str) -> None:
    reports = report_rows.locked(row.report_id for row in batch)
    for row in batch:
        report = reports[row.report_id]
        report_rows.revive(report, row.before)
        report_rows.touch(report, by)
    joint_reports.part_strays(reports)
    report_rows.set_evidence(
        [(reports[row.report_id], row.before["evidence"]) for row in batch], by=by, reason=mark
    )
    report_rows.set_grounds(
        [(reports[row.report_id], row.before.get("grounds", ())) for row in batch],
        by=by,
        reason=mark,
    )
    report_rows.set_provinces([(reports[row.report_id], row.before["provinces"]) for row in batch])
    report_rows.store([reports[row.report_id] for row in batch], by, mark)


def _remove(plan: _Plan) -> None:
    """Delete the planned rows. A row with a reference that `_used_by` did not cover stays."""
    for batch in report_rows.batches(sorted(plan.reports)):
        StatusReport.objects.filter(pk__in=batch).delete()
    groups: tuple[Sequence[Model], ...] = (plan.assignments, plan.aliases, plan.agencies)
    for group in groups:
        for part in report_rows.batches(group):
            for row in _delete(part):
                plan.keep(row, _("มีข้อมูลอื่นที่ใช้อยู่"))
    for each in plan.mappings:
        kept = RememberedMapping.objects.filter(signature=each["signature"])
        if each["before"] is None:
            kept.delete()
        else:
            kept.update(mapping=each["before"])


def _delete(group: Sequence[Model]) -> list[Model]:
    """Delete rows of one model; return those that a protected reference keeps."""
    if not group:
        return []
    try:
        with transaction.atomic():
            type(group[0])._base_manager.filter(pk__in=[each.pk for each in group]).delete()
    except (ProtectedError, RestrictedError):
        if len(group) == 1:
            return list(group)
        half = len(group) // 2
        return _delete(group[:half]) + _delete(group[half:])
    return []
