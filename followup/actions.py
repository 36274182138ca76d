"""The verbs that write. Each is keyword-only, atomic and leaves a row in the history.

Whoever writes (form, admin, command) comes through here, so the rules hold on every path. What may
not be done raises `Refused` with a Thai sentence for the person; what somebody has no right to do
raises Django's `PermissionDenied`; a save against an older version raises `Conflict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from followup import permissions
from followup.models import (
    Assignment,
    Evidence,
    Province,
    ReportState,
    Round,
    RoundState,
    StatusReport,
    User,
)
from followup.status import missing
from forum_portal.thai import format_date
from forum_portal.years import fiscal_year_bounds

#: Days after the end of the fiscal year until reports are due.
DUE_AFTER = timedelta(days=61)

#: What an agency reports: the fields of a draft that a person fills in.
REPORT_FIELDS = (
    "reported_status",
    "results",
    "obstacles",
    "next_steps",
    "meeting_ref",
    "budget_received",
    "budget_spent",
    "no_change",
)


class Refused(Exception):
    """The rules do not allow this now. `messages`: field name (or "") -> Thai sentence."""

    def __init__(self, messages: str | Mapping[str, str]) -> None:
        self.messages = {"": messages} if isinstance(messages, str) else dict(messages)
        super().__init__("; ".join(self.messages.values()))


class Conflict(Exception):
    """Somebody else saved this record in the meantime. `current` is what is stored now."""

    def __init__(self, current: StatusReport) -> None:
        self.current = current
        super().__init__(_("มีผู้อื่นแก้ไขรายการนี้ก่อนแล้ว"))


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _claim_version(report: StatusReport, version: int) -> None:
    """Take the next version of a report for this transaction, or raise `Conflict`.

    One statement compares and sets, so of two that save at once exactly one wins on either database.
    """
    taken = StatusReport.objects.filter(pk=report.pk, version=version).update(
        version=F("version") + 1
    )
    if not taken:
        raise Conflict(StatusReport.objects.with_context().get(pk=report.pk))
    report.version = version + 1


def _save(report: StatusReport, *, by: User, why: str) -> None:
    report.updated_by = by
    report._change_reason = why  # type: ignore[attr-defined]  # django-simple-history reads it
    report.save()


# Reports --------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    *,
    report: StatusReport,
    by: User,
    version: int,
    fields: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    provinces: Iterable[Province] = (),
) -> StatusReport:
    """Store what was typed, finished or not.

    `fields` maps names of REPORT_FIELDS to values; `evidence` is the whole list as it shall be, each
    {"title", "url", "is_public"}.
    """
    _check_editable(report, by)
    _claim_version(report, version)
    for name in REPORT_FIELDS:
        if name in fields:
            setattr(report, name, fields[name])
    _save(report, by=by, why="draft")
    report.provinces.set(provinces)
    _set_evidence(report, evidence)
    return report


def _set_evidence(report: StatusReport, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Make the report's evidence this list; rows that stay as they are stay untouched."""
    stored: dict[tuple[str, str], Evidence] = {}
    for piece in report.evidence.all():
        if stored.setdefault((piece.title, piece.url), piece) is not piece:
            piece.delete()
    pieces = {(piece["title"], piece["url"]): piece.get("is_public", True) for piece in wanted}
    for position, (key, public) in enumerate(pieces.items()):
        old = stored.pop(key, None)
        if old is None:
            Evidence.objects.create(
                report=report, title=key[0], url=key[1], is_public=public, position=position
            )
        elif (old.is_public, old.position) != (public, position):
            old.is_public, old.position = public, position
            old.save()
    for gone in stored.values():
        gone.delete()
    # What was prefetched before is no longer true.
    getattr(report, "_prefetched_objects_cache", {}).clear()


@transaction.atomic
def submit(*, report: StatusReport, by: User, version: int) -> StatusReport:
    """Hand a draft to the reviewers. Raises `Refused` with what the vocabulary misses, by field."""
    _check_editable(report, by)
    lacks = missing(report.claim())
    if lacks:
        raise Refused(lacks)
    _claim_version(report, version)
    report.state = ReportState.SUBMITTED
    report.submitted_by, report.submitted_at = by, timezone.now()
    report.reported_on = timezone.localdate()
    report.return_reason = ""
    _save(report, by=by, why="submit")
    return report


@transaction.atomic
def approve(
    *,
    report: StatusReport,
    by: User,
    version: int,
    assessed_status: str = "",
    assessed_note: str = "",
    assessed_meeting: str = "",
) -> StatusReport:
    """Approve a submitted report, with the committee's own status where it finds another."""
    _check_decision(report, by)
    lacks = missing(report.claim())
    if assessed_status and assessed_status != report.reported_status:
        if not assessed_note:
            lacks["assessed_note"] = _("ระบุเหตุผลที่ประเมินต่างจากที่หน่วยงานรายงาน")
        judged = missing(report.claim(status=assessed_status))
        if "meeting_ref" in judged and assessed_meeting:
            del judged["meeting_ref"]  # the assessment's own meeting is the one that ended it
        for field, message in judged.items():
            lacks.setdefault("assessed_status" if field == "reported_status" else field, message)
    else:
        assessed_status = assessed_note = assessed_meeting = ""
    if lacks:
        raise Refused(lacks)
    _claim_version(report, version)
    report.assessed_status = assessed_status
    report.assessed_note = assessed_note
    report.assessed_meeting = assessed_meeting
    report.state = ReportState.APPROVED
    report.approved_by, report.approved_at = by, timezone.now()
    _save(report, by=by, why="approve")
    return report


@transaction.atomic
def send_back(*, report: StatusReport, by: User, version: int, reason: str) -> StatusReport:
    """Return a submitted report to those who wrote it, saying what is to be mended."""
    _check_decision(report, by)
    if not reason:
        raise Refused({"return_reason": _("ระบุสิ่งที่ต้องแก้ไข")})
    _claim_version(report, version)
    report.state = ReportState.RETURNED
    report.return_reason = reason
    _save(report, by=by, why="return")
    return report


def _check_editable(report: StatusReport, by: User) -> None:
    _require(permissions.may_work(by))
    if report.round.state != RoundState.OPEN:
        raise Refused(closed_message(report.round))
    if not permissions.may_edit(by, report):
        raise Refused(
            _("รายการนี้อยู่ในขั้น “%(state)s” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงแก้ไขได้")
            % {"state": report.get_state_display()}
        )


def _check_decision(report: StatusReport, by: User) -> None:
    _require(permissions.may_review(by))
    if permissions.is_own_submission(by, report):
        raise Refused(_("ผู้รายงานตรวจรายการของตนเองไม่ได้"))
    if not permissions.may_decide(by, report):
        raise Refused(_("รายการนี้ไม่ได้รอตรวจ อาจมีผู้ตรวจไปแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"))


def closed_message(round_: Round) -> str:
    """Why a round takes no report now, and whom to ask."""
    if round_.state == RoundState.PLANNED:
        return _("รอบปีงบประมาณ %(year)s ยังไม่เปิด") % {"year": round_.year_be}
    return _("รอบปีงบประมาณ %(year)s ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข") % {"year": round_.year_be}


# Rounds ---------------------------------------------------------------------------------------


@transaction.atomic
def create_round(
    *, by: User | None, year: int, due_on: date | None = None, is_demo: bool = False
) -> Round:
    """Plan the round of a fiscal year: its dates follow from the year, the due date may be given."""
    if by is not None:
        _require(permissions.may_run(by))
    already = {"year": _("มีรอบปีงบประมาณ %(year)s อยู่แล้ว") % {"year": year}}
    if Round.objects.filter(year_be=year).exists():
        raise Refused(already)
    starts_on, ends_on = fiscal_year_bounds(year)
    if due_on and due_on < starts_on:
        raise Refused(
            {"due_on": _("กำหนดส่งต้องไม่ก่อนวันเริ่มรอบ %(day)s") % {"day": format_date(starts_on)}}
        )
    try:
        with transaction.atomic():
            return Round.objects.create(
                year_be=year,
                starts_on=starts_on,
                ends_on=ends_on,
                due_on=due_on or ends_on + DUE_AFTER,
                is_demo=is_demo,
            )
    except IntegrityError as error:  # somebody made it in this very moment
        raise Refused(already) from error


@transaction.atomic
def open_round(*, round_: Round, by: User | None) -> Round:
    """Open a round and make its expected reports, one for each assignment in force that year."""
    _advance(
        round_,
        by,
        permissions.may_run,
        RoundState.PLANNED,
        RoundState.OPEN,
        opened_at=timezone.now(),
    )
    expect_reports(round_=round_)
    return round_


@transaction.atomic
def close_round(*, round_: Round, by: User | None) -> Round:
    """Take no more reports; what was submitted can still be reviewed."""
    may, now = permissions.may_run, timezone.now()
    return _advance(round_, by, may, RoundState.OPEN, RoundState.CLOSED, closed_at=now)


@transaction.atomic
def reopen_round(*, round_: Round, by: User) -> Round:
    """Take reports again after closing, as long as nothing was published."""
    may = permissions.may_run
    return _advance(round_, by, may, RoundState.CLOSED, RoundState.OPEN, closed_at=None)


@transaction.atomic
def publish_round(
    *, round_: Round, by: User | None, meeting_ref: str = "", meeting_on: date | None = None
) -> Round:
    """Show a closed round to the public, with the meeting that took note of it where there was one."""
    return _advance(
        round_,
        by,
        permissions.may_publish,
        RoundState.CLOSED,
        RoundState.PUBLISHED,
        published_at=timezone.now(),
        meeting_ref=meeting_ref,
        meeting_on=meeting_on,
    )


def _advance(  # type: ignore[no-untyped-def]
    round_, by, allowed, from_, to, **fields
):
    """Move a round on, with the fields that go with it. The stored state decides, under a lock, not
    what an old page or a second click believes."""
    if by is not None:
        _require(allowed(by))
    stored = Round.objects.select_for_update().filter(pk=round_.pk, state=from_).first()
    if stored is None:
        raise Refused(_stale_message())
    for row in (stored, round_):
        row.state = to
        for name, value in fields.items():
            setattr(row, name, value)
    stored.save()
    return round_


def _stale_message() -> str:
    return _("รอบนี้เปลี่ยนสถานะไปแล้ว เปิดหน้าใหม่เพื่อดูสถานะล่าสุด")


@transaction.atomic
def expect_reports(*, round_: Round) -> tuple[int, int]:
    """Bring a round's expected reports in line with the assignments in force.

    Missing ones are made; untouched ones whose assignment no longer holds go. What anybody has
    written stays. Returns (made, removed).
    """
    valid = set(Assignment.objects.valid_in(round_.year_be).values_list("pk", flat=True))
    present = set(round_.reports.values_list("assignment_id", flat=True))
    new = [StatusReport(round=round_, assignment_id=pk) for pk in sorted(valid - present)]
    bulk_create_with_history(new, StatusReport, default_change_reason="expected")
    removed = 0
    for report in round_.reports.filter(version=0).exclude(assignment__in=valid):
        # Still untouched in this moment? Somebody may have saved it since it was read.
        removed += bool(StatusReport.objects.filter(pk=report.pk, version=0).delete()[0])
    return len(new), removed


def refresh_open_rounds() -> None:
    """Let a change of assignments reach every round that still takes reports."""
    for round_ in Round.objects.filter(state=RoundState.OPEN):
        expect_reports(round_=round_)


def expected_count(round_: Round) -> int:
    """How many reports opening this round would expect."""
    return Assignment.objects.valid_in(round_.year_be).count()
