"""The verbs on a round: plan, open, close, publish, reopen; and its expected reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from followup import background, jobs, notices, permissions, publication, published
from followup.actions.base import Refused, action, in_steps, locked_round, require
from followup.actions.members import follow_groups
from followup.history import of_this_batch, writer
from followup.models import (
    Assignment,
    Months,
    Round,
    RoundState,
    Snapshot,
    StatusReport,
    User,
)
from forum_portal import security_log
from forum_portal.compare_and_set import compare_and_set
from forum_portal.security_log import Event
from forum_portal.thai import format_date
from forum_portal.years import fiscal_year_bounds

#: The time from the end of what a round covers to the due date.
DUE_AFTER = timedelta(days=61)
#: How many expected reports are created in one transaction: a third of a second's work.
EXPECTED_AT_ONCE = 300
#: How often an edition is prepared anew because somebody saved meanwhile.
PREPARED_AT_MOST = 3


@action
def create_round(
    *,
    by: User | None,
    year: int,
    months: int = Months.WHOLE,
    due_on: date | None = None,
    is_demo: bool = False,
) -> Round:
    """Plan the round of a fiscal year, or of its first six months. Its dates follow from the year; the
    due date may be given.

    Raises `Refused` if the year has such a round already, if the whole year was published before its
    first half, and if the due date is before the first day.
    """
    if by is not None:
        require(permissions.may_run(by))
    new = Round(year_be=year, months=months, is_demo=is_demo)
    already = {"year": _("มีรอบปีงบประมาณ %(year)s อยู่แล้ว") % {"year": new.label}}
    if Round.objects.filter(year_be=year, months=months).exists():
        raise Refused(already)
    if Round.objects.public().filter(year_be=year, months__gt=months).exists():
        raise Refused(
            {
                "months": _("ปีงบประมาณ %(year)s เผยแพร่ผลทั้งปีแล้ว จึงสร้างรอบ 6 เดือนของปีนั้นไม่ได้")
                % {"year": year}
            }
        )
    starts_on, ends_on = fiscal_year_bounds(year, months)
    if due_on and due_on < starts_on:
        raise Refused(
            {"due_on": _("กำหนดส่งต้องไม่ก่อนวันเริ่มรอบ %(day)s") % {"day": format_date(starts_on)}}
        )
    try:
        with transaction.atomic():
            new.starts_on, new.ends_on = starts_on, ends_on
            new.due_on = due_on or ends_on + DUE_AFTER
            new.save()
    except IntegrityError as error:  # somebody else created it at the same time
        raise Refused(already) from error
    return new


@in_steps
def open_round(*, round_: Round, by: User | None) -> Round:
    """Open a round and create its expected reports, one for each assignment in force that year.

    Of many reports all but the last are created in parts, while the round is still planned and nobody
    writes to it. If that breaks off, the next call creates those that are missing.
    """
    if by is not None:
        require(permissions.may_run(by))
    missing = _missing(round_)
    for start in range(0, len(missing) - EXPECTED_AT_ONCE, EXPECTED_AT_ONCE):
        part = missing[start : start + EXPECTED_AT_ONCE]
        _expect_part(round_=round_, by=by, assignments=part)
        background.let_others_write()
    return _open(round_=round_, by=by)


@action
def _expect_part(*, round_: Round, by: User | None, assignments: Sequence[int]) -> None:
    """Create the expected reports of some assignments of a planned round.

    Not those that somebody has created meanwhile, and none of an assignment that has ended. Raises
    `Refused` if the round is not planned any more.
    """
    round_ = locked_round(round_.pk)
    if round_.state != RoundState.PLANNED:
        raise Refused(stale_message())
    _expect(round_, _missing(round_, assignments))


@action
def _open(*, round_: Round, by: User | None) -> Round:
    """Open a round whose expected reports are there, but for a part of them."""
    advance(
        round_,
        by,
        permissions.may_run,
        RoundState.PLANNED,
        RoundState.OPEN,
        opened_at=timezone.now(),
    )
    follow_groups()
    expect_reports(round_=round_)
    return round_


@action
def close_round(*, round_: Round, by: User | None) -> Round:
    """Close a round to new reports; submitted ones can still be reviewed.

    Raises `Refused` while an import has written some of its parts: it goes on, or is taken back.
    """
    if by is not None:
        require(permissions.may_run(by))
    list(Round.objects.locked().filter(pk=round_.pk))  # a part of an import holds the round, too
    half = round_.imports.half_done().first()
    if half:
        raise Refused(
            _(
                "กำลังนำเข้าหรือย้อนไฟล์ %(file)s ในรอบนี้ รอให้เสร็จก่อน "
                "หากงานหยุดค้าง ให้ผู้ดูแลปลดในหน้าการนำเข้า แล้วปิดรับอีกครั้ง"
            )
            % {"file": half.file_name}
        )
    may, now = permissions.may_run, timezone.now()
    return advance(round_, by, may, RoundState.OPEN, RoundState.CLOSED, closed_at=now)


@action
def reopen_round(*, round_: Round, by: User, reason: str = "") -> Round:
    """Reopen a round to reports. Until it is published again, the public reads the last edition.

    Raises `Refused` after a publication without a reason; the reason is public. A round that is being
    corrected and was closed again has its reason already.
    """
    if not round_.is_public or round_.is_reopened:
        may = permissions.may_run
        advance(round_, by, may, RoundState.CLOSED, RoundState.OPEN, closed_at=None)
        security_log.after_commit(Event.REOPENED, user=by, about=round_)
        return round_
    if not reason:
        raise Refused({"reason": _("ระบุเหตุผลที่เปิดแก้ไขหลังเผยแพร่ สาธารณะจะเห็นข้อความนี้")})
    advance(
        round_,
        by,
        permissions.may_publish,
        RoundState.PUBLISHED,
        RoundState.OPEN,
        closed_at=None,
        reopen_reason=reason,
    )
    expect_reports(round_=round_)
    security_log.after_commit(Event.REOPENED, user=by, about=round_, outcome="published_before")
    return round_


@in_steps
def publish_round(
    *, round_: Round, by: User | None, meeting_ref: str = "", meeting_on: date | None = None
) -> Round:
    """Publish a closed round, optionally with the meeting that took note of it.

    Its public pages then read a snapshot. A round that was reopened and is published again gets a new
    edition with the changes and the reason; without any change it keeps the last edition. Meeting and
    date stay unless new ones are given; another meeting requires its own date.

    The edition is prepared without a lock, and stored in one short transaction if all that it was made
    of is as it was; if somebody saved meanwhile, it is prepared anew. Raises `Refused`, also if people
    saved during each of `PREPARED_AT_MOST` attempts.
    """
    if by is not None:
        require(permissions.may_publish(by))
    for _attempt in range(PREPARED_AT_MOST):
        before = Round.objects.filter(pk=round_.pk).first()
        if before is None or before.state != RoundState.CLOSED:
            raise Refused(stale_message())
        meeting = _meeting(before, meeting_ref, meeting_on)
        prepared = publication.prepare(before, meeting_ref=meeting[0], meeting_on=meeting[1])
        edition = _published(round_=round_, by=by, prepared=prepared, meeting=meeting)
        if edition is not None:
            security_log.after_commit(Event.PUBLISHED, user=by, about=edition)
            return round_
    raise Refused(
        _("มีผู้บันทึกข้อมูลของรอบนี้ระหว่างที่เตรียมเผยแพร่ จึงยังไม่เผยแพร่ ตรวจว่าไม่มีใครกำลังแก้ไข แล้วเผยแพร่อีกครั้ง")
    )


def _published(
    *,
    round_: Round,
    by: User | None,
    prepared: publication.Prepared,
    meeting: tuple[str, date | None],
) -> Snapshot | Round | None:
    """`_publish`, with the rows of the edition, which nobody reads before it is stored.

    The rows are thousands, written in parts without a lock. Those of an edition that was not stored go.
    """
    made = prepared.edition
    if made is None:
        return _publish(round_=round_, by=by, prepared=prepared, meeting=meeting)
    rows = published.write(made.content, made.digest)
    try:
        stored = _publish(round_=round_, by=by, prepared=prepared, meeting=meeting)
    except Refused:
        published.discard(rows)
        raise
    if stored is None:
        published.discard(rows)
    else:  # somebody who published the same content in vain may have removed them
        published.write(made.content, made.digest)
    return stored


def _meeting(before: Round, meeting_ref: str, meeting_on: date | None) -> tuple[str, date | None]:
    """The meeting of the next edition: the given one, else that of the last. Raises `Refused`."""
    if before.is_public:
        meeting_ref = meeting_ref or before.meeting_ref
        if meeting_ref == before.meeting_ref:
            meeting_on = meeting_on or before.meeting_on
        elif before.meeting_on and not meeting_on:
            raise Refused({"meeting_on": _("ระบุวันที่ของการประชุมครั้งที่ %(ref)s") % {"ref": meeting_ref}})
    return meeting_ref, meeting_on


@action
def _publish(
    *,
    round_: Round,
    by: User | None,
    prepared: publication.Prepared,
    meeting: tuple[str, date | None],
) -> Snapshot | Round | None:
    """Store what was prepared, and publish the round: the short part that others wait for.

    Returns the edition, the round if it keeps the last one, and None, without having written anything,
    if what it was made of has changed. Raises `Refused`.
    """
    before = locked_round(round_.pk)
    if publication.ground_of(before) != prepared.ground:
        return None
    meeting_ref, meeting_on = meeting
    advance(
        round_,
        by,
        permissions.may_publish,
        RoundState.CLOSED,
        RoundState.PUBLISHED,
        published_at=before.published_at or prepared.at,
        meeting_ref=meeting_ref,
        meeting_on=meeting_on,
    )
    edition = prepared.keep(round_=round_, by=by)
    if edition:
        jobs.enqueue("print_ahead", edition.pk)
        notices.after_edition()
    return edition or round_


def advance(  # type: ignore[no-untyped-def]
    round_, by, allowed, from_, to, *, why="", **fields
):
    """Move a round to its next state, with its fields. The stored state decides, so that an old page or
    a second click changes nothing. `why` marks the row of the history."""
    if by is not None:
        require(allowed(by))
    fields["state"] = to
    stored = Round.objects.locked().filter(pk=round_.pk).first()
    if stored is None or not compare_and_set(stored, expected={"state": from_}, **fields):
        raise Refused(stale_message())
    for name, value in fields.items():
        setattr(round_, name, value)
    if why:
        stored._change_reason = why  # type: ignore[attr-defined]
    stored.save()  # with its history
    return round_


def reopened_at(round_: Round) -> datetime | None:
    """When a published round was reopened last; None if it was not since its last publication."""
    rows = Round.history.filter(id=round_.pk)
    published = rows.filter(state=RoundState.PUBLISHED).order_by("-history_id")
    last = published.values_list("history_id", flat=True).first() or 0
    since = rows.filter(history_id__gt=last, state=RoundState.OPEN).order_by("history_id")
    return since.values_list("history_date", flat=True).first()


def stale_message() -> str:
    """The message for a step that no longer applies, because somebody has moved the round."""
    return _("รอบนี้เปลี่ยนสถานะไปแล้ว เปิดหน้าใหม่เพื่อดูสถานะล่าสุด")


@action
def expect_reports(*, round_: Round) -> tuple[int, int]:
    """Synchronise a round's expected reports with the assignments in force.

    Missing reports are created; untouched ones without a valid assignment are deleted. A report that
    anybody has written stays. Returns (created, deleted).
    """
    round_ = locked_round(round_.pk)
    new = _missing(round_)
    _expect(round_, new)
    removed = 0
    valid = Assignment.objects.valid_in(round_.year_be)
    for report in round_.reports.filter(version=0).exclude(assignment__in=valid):
        # Only if it is still untouched: somebody may have saved it since it was read.
        removed += bool(StatusReport.objects.filter(pk=report.pk, version=0).delete()[0])
    return len(new), removed


def _missing(round_: Round, among: Sequence[int] | None = None) -> list[int]:
    """The assignments in force (of some) of which the round has no report, by primary key."""
    assignments = Assignment.objects.valid_in(round_.year_be)
    reports = round_.reports.all()
    if among is not None:
        assignments = assignments.filter(pk__in=among)
        reports = reports.filter(assignment__in=among)
    valid = set(assignments.values_list("pk", flat=True))
    return sorted(valid - set(reports.values_list("assignment_id", flat=True)))


def _expect(round_: Round, assignments: Sequence[int]) -> None:
    bulk_create_with_history(
        [StatusReport(round=round_, assignment_id=pk) for pk in assignments],
        StatusReport,
        default_change_reason="expected",
        default_user=writer(),
        custom_historical_attrs=of_this_batch(),
    )


@transaction.atomic
def refresh_open_rounds() -> None:
    """Apply a change of assignments to groups' members, and to every round that takes reports."""
    follow_groups()
    for round_ in Round.objects.locked().filter(state=RoundState.OPEN):
        expect_reports(round_=round_)


def expected_by_forum(round_: Round) -> list[tuple[int, int]]:
    """(a forum's year, the number of reports that opening this round would expect of it), in order."""
    forum = "measure__resolution__forum__year_be"
    counted = Assignment.objects.valid_in(round_.year_be).order_by(forum).values_list(forum)
    return list(counted.annotate(Count("pk")))
