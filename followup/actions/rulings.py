"""The verbs on the committee's decision that sets a status: store or change it, withdraw it."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import (
    Conflict,
    Refused,
    action,
    locked_as_seen,
    locked_round,
    require,
)
from followup.models import Round, RoundState, Ruling, User, future_meeting
from followup.status import FORM_ORDER, Status, ruled_out
from forum_portal.stored_version import version_of
from proposals.models import Forum, Measure, Resolution

#: What a person sees and changes of a ruling.
RULING_FIELDS = ("status", "meeting_ref", "meeting_on", "note")


@action
def rule(
    *,
    round_: Round,
    subject: Measure | Resolution,
    by: User,
    seen: str,
    status: str,
    meeting_ref: str,
    meeting_on: date | None,
    note: str = "",
) -> Ruling:
    """Store the committee's decision on the status of a measure or resolution in a round, or change it.

    `seen`: the `version_of` RULING_FIELDS that the person has seen, "" if there was none; another one
    raises `Conflict`. Raises `Refused` in a published round, for a subject that the round does not
    follow up, and with what the decision lacks, by field.
    """
    _locked(round_.pk, by)
    of_measure = isinstance(subject, Measure)
    _check_followed(round_, subject)
    on = {"measure": subject} if of_measure else {"resolution": subject}
    # The round's lock lets only one person at a time find no ruling here.
    stored = Ruling.objects.select_for_update().filter(round=round_.pk, **on).first()
    if stored and seen != version_of(stored, RULING_FIELDS):
        raise Conflict(stored)
    if seen and stored is None:
        raise Refused(_("มตินี้มีผู้ถอนไปแล้ว เปิดหน้าใหม่ แล้วบันทึกอีกครั้งหากยังต้องการ"))
    kind = subject.kind if isinstance(subject, Measure) else ""
    if wrong := wrong_with_ruling(status, kind, meeting_ref, meeting_on):
        raise Refused(wrong)
    ruling = stored or Ruling(round=round_, **on)
    ruling.status, ruling.note = status, note
    ruling.meeting_ref, ruling.meeting_on = meeting_ref, meeting_on
    ruling.save()
    return ruling


@action
def withdraw_ruling(*, ruling: Ruling, by: User, seen: str) -> None:
    """Withdraw a ruling: the status follows the reports again. `seen`: see `rule`."""
    _locked(ruling.round_id, by)
    ruling = locked_as_seen(ruling, RULING_FIELDS, seen)
    ruling._change_reason = "withdrawn"  # type: ignore[attr-defined]
    ruling.delete()


def wrong_with_ruling(
    status: str, kind: str, meeting_ref: str, meeting_on: date | None
) -> dict[str, str]:
    """What a decision lacks: field name -> Thai sentence.

    `kind` is the measure's; "" for a resolution.
    """
    wrong = {}
    if status not in {each.value for each in FORM_ORDER}:
        wrong["status"] = _("เลือกสถานะที่ คสป. กำหนด")
    elif never := ruled_out(Status(status), kind):
        wrong["status"] = never
    if not meeting_ref:
        wrong["meeting_ref"] = _("ระบุครั้งที่ประชุม คสป. ที่มีมติ เช่น 2/2567")
    if meeting_on is None:
        wrong["meeting_on"] = _("ระบุวันที่ประชุมที่มีมติ เช่น 20/12/2567")
    elif meeting_on > timezone.localdate():
        wrong["meeting_on"] = future_meeting(meeting_on)
    return wrong


def _locked(pk: int, by: User) -> None:
    """Lock the round with this key, and check that rulings may change. Raises `Refused`."""
    require(permissions.may_rule(by))
    round_ = locked_round(pk)
    if round_.state == RoundState.PUBLISHED:
        raise Refused(published_message(round_))


def published_message(round_: Round) -> str:
    """Why no ruling of a published round changes, and what helps."""
    return _("ปีงบประมาณ %(year)s เผยแพร่แล้ว เปิดแก้ไขรอบพร้อมเหตุผลก่อน จึงบันทึกมติได้") % {
        "year": round_.label
    }


def _check_followed(round_: Round, subject: Measure | Resolution) -> None:
    resolution = subject.resolution if isinstance(subject, Measure) else subject
    followed = Forum.objects.followed_in(round_.year_be).filter(pk=resolution.forum_id).exists()
    if isinstance(subject, Measure) and followed:
        followed = not Measure.objects.replaced_in(round_.year_be).filter(pk=subject.pk).exists()
    if not followed:
        raise Refused(_("รอบนี้ไม่ได้ติดตามเรื่องนี้ ดูเวทีและปีที่ติดตามในหน้าเวที"))
