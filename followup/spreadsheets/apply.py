"""Write a preview's reports, in short transactions; reports that others saved meanwhile are set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import background, joint_reports, permissions, standing, transitions
from followup.actions import Refused, closed_message
from followup.commitments import missing_commitments
from followup.history import one_batch
from followup.models import (
    Agency,
    AgencyAlias,
    AgencyKind,
    Assignment,
    Basis,
    ImportedRow,
    ImportState,
    RememberedMapping,
    Role,
    Round,
    RoundState,
    Source,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.models.imports import PART
from followup.report_fields import FIELDS
from followup.spreadsheets import report_rows
from followup.spreadsheets.lookup import TAKEN
from followup.spreadsheets.preview import Write
from followup.status import Claim, wrong_no_change
from forum_portal.compare_and_set import compare_and_set
from forum_portal.thai import match_key
from proposals.models import Measure

Progress = Callable[[int, int], None]
LISTED = 20  # maximum number of reports named in a message; the rest is counted
NEW_CODE = "NEW_"


@dataclass(frozen=True)
class Aside:
    """A report that an import did not write, as stored in `set_aside`.

    It was saved since the check, by `by` at `at`. `report` is 0 if its assignment has ended. `why` says
    why its "no change" no longer holds; it is empty for the others.
    """

    row: int
    place: str
    code: str
    agency: str
    report: int
    by: str
    at: datetime | None
    why: str = ""


def set_aside_of(record: SpreadsheetImport) -> list[Aside]:
    """The reports that an import set aside, for its result page."""
    return [
        Aside(**{**each, "at": datetime.fromisoformat(each["at"]) if each["at"] else None})
        for each in record.set_aside
    ]


@dataclass
class _Far:
    """How far an import has come, over its parts.

    `touched` counts what parts before did to reports besides writing them, so that this is not taken for
    a colleague's save.
    """

    total: int
    written: int = 0
    aside: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    touched: Counter[int] = field(default_factory=Counter)


def apply(
    *,
    record: SpreadsheetImport,
    writes: Sequence[Write],
    learnt: Mapping[str, int],
    by: User,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write everything, as drafts or as submitted reports; never published.

    Each `PART` of the writes is a transaction of its own, so that nobody else's save waits for the
    others; the record is applied with the last one. If one fails, or the process is lost, the caller
    takes back those before (`undo.roll_back`).

    A report that was saved since the check, whose assignment has ended, or whose "no change" no longer
    holds, is set aside. The record lists it in `set_aside`, and in `made` everything created besides
    the values of reports. Returns the number of written reports. Raises `Refused`, without writing a
    report, if the round is closed, the import was applied already, or every report was set aside (the
    message lists them).
    """
    if not permissions.may_import(by):
        raise PermissionDenied
    far = _Far(len(writes))
    parts = [writes[start : start + PART] for start in range(0, len(writes), PART)] or [[]]
    for part in parts:
        _apply_part(record, part, learnt, by, far, is_last=part is parts[-1])
        progress(min(far.total, far.written + len(far.aside)), far.total)
        if part is not parts[-1]:
            background.let_others_write()
    record.refresh_from_db()
    if far.aside and not far.written:
        # Outside the transaction, so that the page can show the reports and who saved them.
        raise Refused(
            _("ทุกรายการที่จะเขียนเปลี่ยนไปหลังจากตรวจไฟล์ จึงยังไม่เขียนรายการใด: %(list)s ตรวจไฟล์อีกครั้ง")
            % {"list": listed([_aside_words(each) for each in far.aside])}
        )
    return far.written


def _apply_part(
    record: SpreadsheetImport,
    writes: Sequence[Write],
    learnt: Mapping[str, int],
    by: User,
    far: _Far,
    *,
    is_last: bool,
) -> None:
    """Write one part in a transaction. Raises `Refused` if the import may not go on."""
    expected = {
        "state__in": [ImportState.CHECKED, ImportState.APPLYING],
        "attempt": record.attempt,
    }
    with transaction.atomic(), one_batch(by, why=_mark(record)):
        round_ = open_round_of(record)
        record.refresh_from_db()
        kept, aside = _judge(writes, round_, far.touched, submit=record.submit)
        written, every = far.written + len(kept), far.aside + aside
        outcome: dict[str, Any] = {
            "set_aside": every,
            "counts": {**record.counts, "written": written, "set_aside": len(every)},
        }
        is_applied = is_last and (written or not far.total)
        if is_applied:
            outcome |= {"state": ImportState.APPLIED, "applied_at": timezone.now()}
        if not compare_and_set(record, expected=expected, **outcome):
            raise Refused(_("ไฟล์นี้นำเข้าไปแล้ว หรือยังไม่ได้ตรวจ"))
        made, touched = far.made, Counter(far.touched)
        if kept or is_applied:
            # What is learnt goes in with the first reports.
            told = {} if far.made else learnt
            made = _write_part(record, kept, told, round_, by, made, touched)
    far.written, far.aside, far.made, far.touched = written, every, made, touched


def open_round_of(record: SpreadsheetImport) -> Round:
    """The round of an import, locked until the transaction ends.

    The lock allows only one import at a time to write to a round, or to be undone. Raises `Refused`
    if the round takes no reports.
    """
    round_ = Round.objects.locked().get(pk=record.round_id)
    if round_.state != RoundState.OPEN:
        raise Refused(closed_message(round_))
    return round_


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and the number of the others."""
    more = _(" และอีก %(n)s รายการ") % {"n": len(names) - LISTED} if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _mark(record: SpreadsheetImport) -> str:
    """The change reason of an import's history rows."""
    return f"import {record.pk}"


# Check before writing -------------------------------------------------------------------------


def _judge(
    writes: Sequence[Write], round_: Round, touched: Mapping[int, int], *, submit: bool
) -> tuple[list[Write], list[dict[str, Any]]]:
    """(the writes to apply, the records of those set aside).

    The reports of the former are locked until the transaction ends. `touched`: see `_Far`. `submit`:
    whether they are submitted, so that they must have what their answers and dates demand.
    """
    writes = _as_of_now(writes, round_)
    in_force: set[int] = set()
    stored: dict[int, tuple[int, int]] = {}
    for batch in report_rows.batches(
        sorted({each.assignment for each in writes if each.assignment})
    ):
        valid = Assignment.objects.valid_in(round_.year_be).filter(pk__in=batch)
        in_force.update(valid.values_list("pk", flat=True))
        found = (
            StatusReport.objects.select_for_update()
            .filter(round=round_, assignment__in=batch)
            .order_by("pk")
        )
        stored |= {
            assignment: (pk, version)
            for assignment, pk, version in found.values_list("assignment_id", "pk", "version")
        }
    kept, aside = [], []
    for write in writes:
        pk, version = stored.get(write.assignment, (0, 0))
        has_ended = write.assignment and write.assignment not in in_force
        if has_ended or (write.report and pk != write.report):
            aside.append(replace(write, report=0))
        elif version - touched.get(pk, 0) != write.version:
            aside.append(replace(write, report=pk))
        else:
            kept.append(replace(write, report=pk))
    wrong = _wrong_no_changes(kept, round_) | (_wrong_commitments(kept, round_) if submit else {})
    told = _told(aside) + [
        each | {"why": wrong[each["report"]]}
        for each in _told([write for write in kept if write.report in wrong])
    ]
    return [write for write in kept if write.report not in wrong], told


def _wrong_no_changes(writes: Sequence[Write], round_: Round) -> dict[int, str]:
    """Report -> why its "no change" does not hold now: the last report may have been returned since.

    One query, if there is any such write.
    """
    claimed = [write for write in writes if write.report and write.values["no_change"]]
    if not claimed:
        return {}
    of_assignments = StatusReport.objects.filter(
        assignment__in={each.assignment for each in claimed}
    )
    last_reports = of_assignments.last_before([round_])
    wrong = {}
    for write in claimed:
        last = last_reports.before(round_, write.assignment)
        claim = Claim(
            status=write.values["reported_status"],
            kind="",
            results="",
            obstacles="",
            meeting="",
            evidence=0,
            no_change=True,
            last=last.reported_status if last else None,
        )
        if why := wrong_no_change(claim):
            wrong[write.report] = why
    return wrong


def _wrong_commitments(writes: Sequence[Write], round_: Round) -> dict[int, str]:
    """Report -> what its answer or date lacks now: another one may stand since the check. Two queries."""
    said = standing.said_before(round_)
    leads = set(
        round_.reports.filter(assignment__role=Role.LEAD).values_list("assignment_id", flat=True)
    )
    wrong = {}
    for write in writes:
        if not write.report:
            continue
        values = {
            name: each.stored(write.values[name]) for name, each in TAKEN.items() if each.is_column
        }
        before = standing.before(said.get(write.assignment, ()))
        if lacks := missing_commitments(values, before, is_lead=write.assignment in leads):
            wrong[write.report] = "; ".join(lacks.values())
    return wrong


def _as_of_now(writes: Sequence[Write], round_: Round) -> list[Write]:
    """The writes, those for new agencies mapped to existing ones of the same name.

    Another import or a person may have created such an agency since the check.
    """
    names = {write.new_agency for write in writes if write.new_agency}
    if not names:
        return list(writes)
    known = dict(Agency.objects.standing().filter(name_th__in=names).values_list("name_th", "pk"))
    assigned = {
        (measure, agency): pk
        for pk, measure, agency in Assignment.objects.valid_in(round_.year_be)
        .filter(agency__in=list(known.values()))
        .values_list("pk", "measure_id", "agency_id")
    }
    return [
        replace(
            write,
            agency=known[write.new_agency],
            assignment=assigned.get((write.measure, known[write.new_agency]), 0),
        )
        if write.new_agency in known
        else write
        for write in writes
    ]


def _told(aside: Sequence[Write]) -> list[dict[str, Any]]:
    """The writes set aside, as the record stores them. A report of 0: its assignment has ended."""
    measures = Measure.objects.select_related("resolution__forum").in_bulk(
        [write.measure for write in aside]
    )
    agencies = Agency.objects.in_bulk([write.agency for write in aside])
    reports = StatusReport.objects.select_related("updated_by", "assignment__agency").in_bulk(
        [write.report for write in aside if write.report]
    )
    told = []
    for write in aside:
        agency, report = agencies.get(write.agency), reports.get(write.report)
        told.append(
            {
                "row": write.row,
                "place": write.place,
                "code": measures[write.measure].full_code,
                "agency": agency.name_th if agency else write.new_agency,
                "report": write.report,
                "by": report.last_writer if report else "",
                "at": report.updated_at.isoformat() if report else "",
            }
        )
    return told


def _aside_words(each: Mapping[str, Any]) -> str:
    name = f"{each['code']} {each['agency']}"
    if each.get("why"):
        return _("%(name)s (%(why)s)") % {"name": name, "why": each["why"]}
    if each["report"]:
        return _("%(name)s (บันทึกโดย %(by)s)") % {"name": name, "by": each["by"]}
    return _("%(name)s (การมอบหมายสิ้นสุดแล้ว)") % {"name": name}


# Writing --------------------------------------------------------------------------------------


def _write_part(
    record: SpreadsheetImport,
    writes: Sequence[Write],
    learnt: Mapping[str, int],
    round_: Round,
    by: User,
    before: Mapping[str, Any],
    touched: Counter[int],
) -> dict[str, Any]:
    """Write the reports of a part, and what they need. Returns all that was made so far."""
    made = _make_missing(record, writes, round_, by)
    _learn(learnt, made)
    if not before:
        _remember(record, made)
    for batch in report_rows.batches(writes):
        touched.update(_write_batch(record, batch, set(made["reports"]), by))
    made = _joined(before, made)
    SpreadsheetImport.objects.filter(pk=record.pk).update(made=made)
    record.made = made
    return made


def _joined(before: Mapping[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """What was made in earlier parts and in this one: lists are joined, and so are those inside."""
    joined = dict(more)
    for name, value in before.items():
        if name in more and isinstance(value, Mapping):
            joined[name] = _joined(value, more[name])
        elif name in more and isinstance(value, list):
            joined[name] = [*value, *more[name]]
        else:
            joined[name] = value
    return joined


def _make_missing(
    record: SpreadsheetImport, writes: Sequence[Write], round_: Round, by: User
) -> dict[str, Any]:
    """Create the missing agencies, assignments and reports of the writes.

    Sets their primary keys in the writes. Returns the created objects as the record stores them: their
    primary keys, and under `as_made` their values, so that undoing can detect later changes.
    """
    mark = _mark(record)
    agencies: dict[str, Agency] = {}
    for write in writes:
        if not write.agency and write.new_agency not in agencies:
            agencies[write.new_agency] = _add_agency(write.new_agency)
    for write in writes:
        write.agency = write.agency or agencies[write.new_agency].pk
    assignments = report_rows.make(
        [
            Assignment(
                measure_id=write.measure,
                agency_id=write.agency,
                role=Role.SUPPORT,
                basis=Basis.PROPOSED,
                valid_from=round_.year_be,
            )
            for write in writes
            if not write.assignment
        ],
        Assignment,
        by=by,
        reason=mark,
    )
    assigned = {(each.measure_id, each.agency_id): each.pk for each in assignments}
    for write in writes:
        write.assignment = write.assignment or assigned[write.measure, write.agency]
    reports = report_rows.make(
        [
            StatusReport(round=round_, assignment_id=write.assignment)
            for write in writes
            if not write.report
        ],
        StatusReport,
        by=by,
        reason="expected",
    )
    expected = {report.assignment_id: report.pk for report in reports}
    for write in writes:
        write.report = write.report or expected[write.assignment]
    return {
        "agencies": [each.pk for each in agencies.values()],
        "assignments": [each.pk for each in assignments],
        "reports": [each.pk for each in reports],
        "aliases": [],
        "mappings": [],
        "as_made": {
            "agencies": {str(each.pk): report_rows.as_made(each) for each in agencies.values()},
            "assignments": {str(each.pk): report_rows.as_made(each) for each in assignments},
            "aliases": {},
        },
        "shared": {"aliases": [], "mappings": []},
    }


def _add_agency(name: str) -> Agency:
    """Create an agency with the next free code; retry if another process takes the code first."""
    while True:
        taken = Agency.objects.filter(code__regex=f"^{NEW_CODE}[0-9]+$")
        numbers = [
            int(code.removeprefix(NEW_CODE)) for code in taken.values_list("code", flat=True)
        ]
        agency = Agency(
            code=f"{NEW_CODE}{max(numbers, default=0) + 1}",
            name_th=name,
            kind=AgencyKind.STATE_AGENCY,
            note=_("เพิ่มจากการนำเข้าสเปรดชีต ตรวจประเภทและรหัส"),
        )
        try:
            with transaction.atomic():
                agency.save()
        except IntegrityError:
            if not Agency.objects.filter(code=agency.code).exists():
                raise  # another constraint than the code's
            continue
        return agency


def _learn(learnt: Mapping[str, int], made: dict[str, Any]) -> None:
    """Store the answers to "which agency is this?" as aliases.

    An existing alias is recorded as shared: it stays if the import that created it is undone.
    """
    there = set(
        Agency.objects.standing().filter(pk__in=learnt.values()).values_list("pk", flat=True)
    )
    for name, agency in learnt.items():
        if not match_key(name) or agency not in there:
            continue
        alias, is_new = AgencyAlias.objects.get_or_create(agency_id=agency, name=name[:200])
        if is_new:
            made["aliases"].append(alias.pk)
            made["as_made"]["aliases"][str(alias.pk)] = report_rows.as_made(alias)
        else:
            made["shared"]["aliases"].append(alias.pk)


def _remember(record: SpreadsheetImport, made: dict[str, Any]) -> None:
    """Store the mapping for the next file with the same headings, if the person chose that."""
    if not record.remember:
        return
    for signature, columns in record.mapping.items():
        wanted = {
            index: choice for index, choice in columns.items() if choice or record.remember_unused
        }
        if not wanted:
            continue
        kept, is_new = RememberedMapping.objects.select_for_update().get_or_create(
            signature=signature, defaults={"mapping": wanted}
        )
        if not is_new and kept.mapping == wanted:
            made["shared"]["mappings"].append(signature)
            continue
        made["mappings"].append(
            {
                "signature": signature,
                "before": None if is_new else kept.mapping,
                "after": wanted,
            }
        )
        kept.mapping = wanted
        kept.save()


def _write_batch(
    record: SpreadsheetImport, writes: Sequence[Write], made: Iterable[int], by: User
) -> list[int]:
    """Write reports; returns the keys of others that lost the one in which they were told."""
    reports = report_rows.locked(write.report for write in writes)
    now = timezone.now()
    written = []
    retold: list[int] = []
    for write in writes:
        report = reports[write.report]
        written.append(
            ImportedRow(
                spreadsheet_import=record,
                report=report,
                row=write.row,
                place=write.place[:300],
                before=report_rows.as_it_was(report),
                version_after=report.version + 1,
                made=report.pk in made,
            )
        )
        before = [getattr(report, name) for name in joint_reports.SHARED]
        _fill(report, write.values)
        if before != [getattr(report, name) for name in joint_reports.SHARED]:
            report.told_in = None  # the file has a text of its own for it
            retold.append(report.pk)
        report.source = Source.SPREADSHEET
        transitions.take_up(report)
        if record.submit:
            transitions.submit(report, by=by, at=now)
        report_rows.touch(report, by)
    report_rows.set_evidence(
        [(reports[write.report], write.values["evidence"]) for write in writes],
        by=by,
        reason=_mark(record),
    )
    report_rows.set_grounds(
        [(reports[write.report], ()) for write in writes], by=by, reason=_mark(record)
    )
    report_rows.set_provinces(
        [(reports[write.report], write.values["provinces"]) for write in writes]
    )
    report_rows.store([reports[write.report] for write in writes], by, _mark(record))
    # What was told in a report that a file has changed keeps its text, as a report of its own.
    others = StatusReport.objects.filter(told_in__in=retold).values_list("pk", flat=True)
    left = list(report_rows.locked(others).values())
    for report in left:
        report.told_in = None
        report_rows.touch(report, by)
    report_rows.store(left, by, _mark(record))
    ImportedRow.objects.bulk_create(written, batch_size=report_rows.BATCH)
    return [report.pk for report in left]


def _fill(report: StatusReport, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        field = FIELDS[name]
        if field.is_column:
            setattr(report, name, field.stored(value))
