"""The verbs on follow-up letters: record one, correct it or note its answer, remove it."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, locked_as_seen, locked_round, require
from followup.models import Agency, Letter, Round, RoundState, User
from forum_portal.thai import format_date

#: What a person corrects in a letter.
LETTER_FIELDS = ("number", "sent_on", "answer_by", "answered_on", "explanation", "note")


@action
def record_letter(
    *,
    round_: Round,
    agency: Agency,
    by: User,
    attempt: int,
    number: str,
    sent_on: date,
    answer_by: date,
    note: str = "",
) -> Letter:
    """Record a letter that was sent: the first, then the second, then the third.

    Raises `Refused` for an attempt out of order, and if its dates contradict each other.
    """
    _check(round_.pk, by)
    done = Letter.objects.filter(round=round_, agency=agency).count()
    expected = done + 1
    if attempt != expected or attempt not in Letter.ATTEMPTS:
        raise Refused(_out_of_turn(done))
    letter = Letter(round=round_, agency=agency, attempt=attempt)
    _fill(letter, number, sent_on, answer_by, None, note)
    try:
        with transaction.atomic():
            _save(letter, "letter sent")
    except IntegrityError as error:  # somebody else recorded it at the same time
        raise Refused(_out_of_turn(attempt)) from error
    return letter


@action
def correct_letter(
    *,
    letter: Letter,
    by: User,
    seen: str,
    number: str,
    sent_on: date,
    answer_by: date,
    answered_on: date | None,
    explanation: str = "",
    note: str = "",
) -> Letter:
    """Note the answer, or correct a wrong entry; the history keeps the former values.

    `explanation`: the agency's own words, which are published with the round.

    `seen`: the `version_of` LETTER_FIELDS that the person has seen; another one raises `Conflict`.
    Raises `Refused` if the dates contradict each other.
    """
    _check(letter.round_id, by)
    letter = locked_as_seen(letter, LETTER_FIELDS, seen)
    letter.explanation = explanation
    _fill(letter, number, sent_on, answer_by, answered_on, note)
    return _save(letter, "letter changed")


@action
def remove_letter(*, letter: Letter, by: User, seen: str) -> None:
    """Remove a letter that was recorded by mistake. `seen`: see `correct_letter`.

    Raises `Refused` unless it is the last one: no number may be skipped.
    """
    _check(letter.round_id, by)
    letter = locked_as_seen(letter, LETTER_FIELDS, seen)
    if Letter.objects.filter(
        round=letter.round_id, agency=letter.agency_id, attempt__gt=letter.attempt
    ).exists():
        raise Refused(_("มีหนังสือครั้งถัดไปแล้ว ลบได้เฉพาะครั้งล่าสุด"))
    letter._change_reason = "letter removed"  # type: ignore[attr-defined]
    letter.delete()


def _check(pk: int, by: User) -> None:
    """Lock the round with this key, and check that it takes letters. Raises `Refused`."""
    require(permissions.may_work(by))
    round_ = locked_round(pk)
    if round_.state not in {RoundState.OPEN, RoundState.CLOSED}:
        raise Refused(
            _("บันทึกหนังสือติดตามได้เมื่อเปิดรอบแล้วจนถึงก่อนเผยแพร่ รอบนี้อยู่ในขั้น “%(state)s”")
            % {"state": round_.get_state_display()}
        )


def _fill(
    letter: Letter,
    number: str,
    sent_on: date,
    answer_by: date,
    answered_on: date | None,
    note: str,
) -> None:
    """Set the letter's values. Raises `Refused` if its dates contradict each other."""
    today, wrong = timezone.localdate(), {}
    others = Letter.objects.filter(round=letter.round, agency=letter.agency)
    before = others.filter(attempt=letter.attempt - 1).first()
    after = others.filter(attempt=letter.attempt + 1).first()
    if not number:
        wrong["number"] = _("ระบุเลขที่หนังสือ เช่น พม 0305/1234")
    if sent_on < letter.round.starts_on:
        wrong["sent_on"] = _("ลงวันที่ต้องไม่ก่อนวันเริ่มรอบ %(day)s") % {
            "day": format_date(letter.round.starts_on)
        }
    elif sent_on > today:
        wrong["sent_on"] = _("ลงวันที่ต้องไม่เป็นวันในอนาคต")
    elif before and sent_on < before.sent_on:
        wrong["sent_on"] = _("ลงวันที่ต้องไม่ก่อนหนังสือครั้งก่อน %(day)s") % {
            "day": format_date(before.sent_on)
        }
    elif after and sent_on > after.sent_on:
        wrong["sent_on"] = _("ลงวันที่ต้องไม่หลังหนังสือครั้งถัดไป %(day)s") % {
            "day": format_date(after.sent_on)
        }
    if answer_by < sent_on:
        wrong["answer_by"] = _("วันที่ขอคำตอบต้องไม่ก่อนวันที่ของหนังสือ")
    if answered_on and not sent_on <= answered_on <= today:
        wrong["answered_on"] = _("วันที่ได้รับคำตอบต้องไม่ก่อนวันที่ของหนังสือ และไม่เป็นวันในอนาคต")
    if wrong:
        raise Refused(wrong)
    letter.number, letter.note = number, note
    letter.sent_on, letter.answer_by, letter.answered_on = sent_on, answer_by, answered_on


def _save(letter: Letter, why: str) -> Letter:
    letter._change_reason = why  # type: ignore[attr-defined]  # django-simple-history reads it
    letter.save()
    return letter


def _out_of_turn(done: int) -> str:
    if done >= Letter.ATTEMPTS[-1]:
        return _("บันทึกครบ 3 ครั้งแล้ว")
    return _("มีผู้บันทึกหนังสือถึงครั้งที่ %(done)s แล้ว เปิดหน้าใหม่เพื่อดูรายการล่าสุด") % {"done": done}
