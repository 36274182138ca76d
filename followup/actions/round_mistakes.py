"""The verbs that undo a mistake with a round: delete, un-open, extend its date, take back an edition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from followup import background, notices, permissions, snapshots
from followup.actions.base import Refused, action, in_steps, locked_as_seen, require
from followup.actions.rounds import advance, stale_message
from followup.history import cover
from followup.models import (
    Assessment,
    AssessorLink,
    Evidence,
    Round,
    RoundState,
    Snapshot,
    StatusReport,
    TakenBack,
    User,
)
from forum_portal import security_log
from forum_portal.security_log import Event
from forum_portal.thai import format_date

#: How long the person who published an edition may take it back.
TAKE_BACK_WITHIN = timedelta(hours=1)
#: How many expected reports are deleted in one transaction: half a second's work.
REMOVED_AT_ONCE = 300
#: What a person sees of a round before extending its due date.
DUE_FIELDS = ("due_on", "due_reason")


# Nothing was written ---------------------------------------------------------------------------


def written_in(round_: Round) -> list[str]:
    """What was written in a round, as Thai phrases with their counts; empty if nothing was.

    The untouched reports that it expects do not count. A fixed number of queries.
    """
    found = [
        (_("รายงานที่มีผู้บันทึก %(n)s รายการ"), round_.reports.exclude(version=0).count()),
        (
            _("หลักฐาน %(n)s รายการ"),
            Evidence.objects.filter(report__round=round_, report__version=0).count(),
        ),
        (_("หนังสือติดตาม %(n)s ฉบับ"), round_.letters.count()),
        (_("ลิงก์ของหน่วยงาน %(n)s ลิงก์"), round_.links.count()),
        (_("ลิงก์ขององค์กรผู้ประเมิน %(n)s ลิงก์"), AssessorLink.objects.filter(round=round_).count()),
        (
            _("การประเมินของภาคประชาสังคม %(n)s รายการ"),
            Assessment.objects.filter(round=round_).count(),
        ),
        (_("ข้อความในรายงานประจำปี %(n)s ข้อความ"), round_.narratives.count()),
        (_("มติ คสป. ที่กำหนดสถานะ %(n)s รายการ"), round_.rulings.count()),
        (_("การนำเข้าสเปรดชีต %(n)s ครั้ง"), round_.imports.count()),
        (_("ฉบับที่เคยเผยแพร่ %(n)s ฉบับ"), round_.snapshots.count()),
    ]
    return [words % {"n": count} for words, count in found if count]


def _empty_round(round_: Round, by: User, states: set[RoundState]) -> Round:
    """The stored round, locked against every new row, if it is in one of the states and empty."""
    require(permissions.may_run(by))
    # The full lock: a row that refers to the round is either counted here, or waits and finds it gone.
    stored = Round.objects.select_for_update().filter(pk=round_.pk).first()
    if stored is None or stored.state not in states or stored.is_public:
        raise Refused(stale_message())
    if in_the_way := written_in(stored):
        raise Refused(
            _("ทำไม่ได้ เพราะในรอบนี้มี%(list)s ผู้ที่บันทึกต้องลบหรือถอนก่อน หรือใช้รอบนี้ต่อไป")
            % {"list": ", ".join(in_the_way)}
        )
    return stored


@in_steps
def delete_round(*, round_: Round, by: User) -> None:
    """Delete a planned or open round in which nothing was written, with the reports that it expects.

    Of a round that expects many, the reports go first, see `unopen_round`. Raises `Refused` with what
    stands in the way: see `written_in`.
    """
    require(permissions.may_run(by))
    if round_.reports.count() > REMOVED_AT_ONCE:
        if Round.objects.filter(pk=round_.pk, state=RoundState.OPEN).exists():
            _plan_again(round_=round_, by=by)
        _remove_in_parts(round_, by)
    _delete(round_=round_, by=by)


@action
def _delete(*, round_: Round, by: User) -> None:
    stored = _empty_round(round_, by, {RoundState.PLANNED, RoundState.OPEN})
    _remove(stored.reports.all())
    stored.delete()


@in_steps
def unopen_round(*, round_: Round, by: User) -> Round:
    """Take an open round back to planned, and delete the reports that it expects.

    Of many reports all but some are deleted in parts, once nobody can write to the round. If that breaks
    off, the others stay until it is opened again, or deleted. Raises `Refused` if anything was written
    in it, and after its publication.
    """
    _plan_again(round_=round_, by=by)
    _remove_in_parts(round_, by)
    return round_


@action
def _plan_again(*, round_: Round, by: User) -> Round:
    stored = _empty_round(round_, by, {RoundState.OPEN})
    if stored.reports.count() <= REMOVED_AT_ONCE:
        _remove(stored.reports.all())
    may = permissions.may_run
    return advance(
        round_, by, may, RoundState.OPEN, RoundState.PLANNED, why="unopened", opened_at=None
    )


def _remove_in_parts(round_: Round, by: User) -> None:
    while _remove_part(round_=round_, by=by):
        background.let_others_write()


@action
def _remove_part(*, round_: Round, by: User) -> bool:
    """Delete some of a planned round's expected reports; returns whether there were any."""
    stored = _empty_round(round_, by, {RoundState.PLANNED})
    return _remove(stored.reports.all()[:REMOVED_AT_ONCE]) > 0


def _remove(reports: Iterable[StatusReport]) -> int:
    removed = 0
    for report in reports:
        report.delete()  # one by one, each with its history
        removed += 1
    return removed


# The due date ----------------------------------------------------------------------------------


@action
def extend_due(*, round_: Round, by: User, seen: str, due_on: date, reason: str) -> Round:
    """Extend the due date of a planned or open round; agencies are told the reason, the public is not.

    `seen`: the `version_of` DUE_FIELDS that the person has seen; another one raises `Conflict`. Raises
    `Refused` if the new date is not later, or a reason is missing.
    """
    require(permissions.may_run(by))
    stored = locked_as_seen(round_, DUE_FIELDS, seen)
    if stored.state not in {RoundState.PLANNED, RoundState.OPEN}:
        raise Refused(
            _("เลื่อนกำหนดส่งได้ก่อนปิดรับรายงาน รอบนี้อยู่ในขั้น “%(state)s”")
            % {"state": stored.get_state_display()}
        )
    wrong = {}
    if due_on <= stored.due_on:
        wrong["due_on"] = _("กำหนดส่งใหม่ต้องหลังกำหนดเดิม %(day)s") % {
            "day": format_date(stored.due_on)
        }
    if not reason:
        wrong["due_reason"] = _("ระบุเหตุผลที่เลื่อนกำหนดส่ง หน่วยงานจะเห็นข้อความนี้")
    if wrong:
        raise Refused(wrong)
    stored.due_first_on = stored.due_first_on or stored.due_on
    stored.due_on, stored.due_reason = due_on, reason
    stored._change_reason = "extended"  # type: ignore[attr-defined]
    stored.save()
    return stored


# A publication ---------------------------------------------------------------------------------


def why_not_taken_back(edition: Snapshot | None, by: User) -> str:
    """Why this person cannot take this edition back now; "" if they can."""
    if edition is None:
        return stale_message()
    if edition.made_by_id != by.pk:
        return _("ผู้ที่เผยแพร่ฉบับนี้เท่านั้นที่ถอนได้ คนอื่นแก้ได้โดยเปิดแก้ไขหลังเผยแพร่")
    if timezone.now() - edition.made_at > TAKE_BACK_WITHIN:
        return _("ถอนการเผยแพร่ได้ภายใน 1 ชั่วโมง เกินเวลาแล้ว แก้ได้โดยเปิดแก้ไขหลังเผยแพร่พร้อมเหตุผล")
    return ""


def last_edition(round_: Round) -> Snapshot | None:
    """The edition that the public reads now, without its content; None if there is none."""
    return round_.snapshots.standing().order_by("-number").defer("content", "changes").first()


@action
def take_back(*, round_: Round, by: User, edition: int, note: str) -> Round:
    """Take back the edition with this key, which this person has published within the last hour.

    The round is then closed. The edition before is public again; without one nothing of the round is.
    The note is public. Raises `Refused`.
    """
    require(permissions.may_publish(by))
    stored = Round.objects.locked().filter(pk=round_.pk).first()
    last = last_edition(stored) if stored else None
    if stored is None or stored.state != RoundState.PUBLISHED or not last or last.pk != edition:
        raise Refused(stale_message())
    if why_not := why_not_taken_back(last, by):
        raise Refused(why_not)
    if not note:
        raise Refused({"note": _("ระบุเหตุผลที่ถอนการเผยแพร่ สาธารณะจะเห็นข้อความนี้")})
    taken = TakenBack.objects.create(snapshot=last, at=timezone.now(), by=by, note=note)
    cover(taken)
    before = last_edition(stored)
    if before is None:
        fields: dict[str, Any] = {"published_at": None, "reopen_reason": ""}
    else:
        frozen = snapshots.edition(before.pk, before.digest).round
        # What the round tells of its meeting is again what the public reads.
        fields = {"meeting_ref": frozen.meeting_ref, "meeting_on": frozen.meeting_on}
    may = permissions.may_publish
    advance(round_, by, may, RoundState.PUBLISHED, RoundState.CLOSED, why="taken back", **fields)
    notices.after_edition()
    security_log.after_commit(Event.TAKEN_BACK, user=by, about=last)
    return round_
