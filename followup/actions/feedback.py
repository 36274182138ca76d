"""The verbs on the public's messages: send, take up, answer, decline, note the correction, purge."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Conflict, Refused, action, require
from followup.evidence import StoredFile, drop_after_commit
from followup.feedback import digest_of, hash_of, keys_of
from followup.history import note_write
from followup.models import (
    Agency,
    Feedback,
    FeedbackCount,
    FeedbackState,
    PublicAnswer,
    RecordEntry,
    Round,
    Snapshot,
    User,
)
from forum_portal.compare_and_set import compare_and_set
from forum_portal.years import to_be
from proposals.models import Measure

PURGED_AT_ONCE = 200  # messages
HOUR = timedelta(hours=1)

_Act = RecordEntry.Act
#: The columns whose changes the history names.
_TOLD = ("state", "answer", "needs_correction", "correction")
_ANSWERABLE = (
    FeedbackState.NEW,
    FeedbackState.CHECKING,
    FeedbackState.ANSWERED,
    FeedbackState.CORRECTED,
    FeedbackState.DECLINED,
)


class Throttled(Refused):
    """Too many messages of late; `seconds` until the next one is taken."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


@action
def send_feedback(
    *,
    sending: str,
    sender: str,
    kind: str,
    text: str,
    measure: Measure | None = None,
    agency: Agency | None = None,
    round_: Round | None = None,
    url: str = "",
    file: StoredFile | None = None,
    contact: str = "",
    may_publish: bool = False,
) -> tuple[Feedback, str]:
    """Take a visitor's message; returns it with the key of its private address.

    `sending` is the form's `new_sending`: the same words sent again in the same form are the message
    that is there. `sender` is the `hashed_address`. Raises `Throttled` over the limits of an hour, and
    `Refused` for words that somebody has sent about the same thing before.
    """
    now = timezone.now()
    year = to_be(timezone.localdate(now).year)
    about = measure.full_code if measure else agency.code if agency else ""
    digest = digest_of(text, about)
    by_hash = {hash_of(each): each for each in keys_of(sending, digest)}
    key_hash, key = next(iter(by_hash.items()))
    FeedbackCount.objects.get_or_create(year_be=year)
    # One at a time from here on: the numbers have no twins, and the limits are what they say.
    turn = FeedbackCount.objects.select_for_update(no_key=True).get(pk=year)
    if stored := Feedback.objects.filter(key_hash__in=by_hash).first():
        return stored, by_hash[stored.key_hash]
    _check_limits(sender)
    if Feedback.objects.filter(digest=digest).exists():
        raise Refused({"text": _already_sent()})
    turn.last += 1
    turn.save(update_fields=["last"])
    row = Feedback.objects.create(
        year_be=year,
        serial=turn.last,
        key_hash=key_hash,
        kind=kind,
        measure=measure,
        agency=agency,
        about=about,
        round=round_,
        text=text,
        digest=digest,
        url=url,
        contact=contact,
        may_publish=may_publish,
        sender=sender,
        sent_at=now,
        **(_columns_of(file) if file else {}),
    )
    note_write(_Act.ADDED, Feedback, {row.pk: {}})
    return row, key


def _columns_of(file: StoredFile) -> dict[str, Any]:
    return {
        "file": file.name,
        "file_name": file.file_name,
        "file_type": file.file_type,
        "size": file.size,
    }


def _check_limits(sender: str) -> None:
    """Raise `Throttled` if this sender, or everybody together, has sent enough in the last hour."""
    lately = Feedback.objects.filter(sent_at__gt=timezone.now() - HOUR).order_by("-sent_at")
    for rows, limit, sentence in (
        (
            lately.filter(sender=sender),
            settings.FEEDBACK_FROM_ONE,
            _("เครือข่ายนี้ส่งเรื่องครบ %(limit)s เรื่องในหนึ่งชั่วโมงแล้ว ส่งใหม่ได้ในอีก %(minutes)s นาที"),
        ),
        (
            lately,
            settings.FEEDBACK_FROM_ALL,
            _("ขณะนี้มีผู้ส่งเรื่องเข้ามามาก ระบบจึงพักรับชั่วคราว ส่งใหม่ได้ในอีก %(minutes)s นาที"),
        ),
    ):
        sent = list(rows.values_list("sent_at", flat=True)[:limit])
        if len(sent) >= limit:
            # The next one is taken when the oldest of these is an hour old.
            oldest = sent[-1] if sent else timezone.now()
            seconds = max(1, round((oldest + HOUR - timezone.now()).total_seconds()))
            minutes = -(-seconds // 60)
            raise Throttled(sentence % {"limit": limit, "minutes": minutes}, seconds)


def _already_sent() -> str:
    return _(
        "มีผู้ส่งข้อความเดียวกันนี้เรื่องเดียวกันแล้ว ระบบจึงไม่รับซ้ำ ถ้าท่านเป็นผู้ส่ง ดูคำตอบที่ที่อยู่ซึ่งได้รับพร้อมเลขรับ "
        "ถ้ามีข้อมูลใหม่ เขียนเพิ่มแล้วส่งอีกครั้ง"
    )


# The secretariat --------------------------------------------------------------------------------


@action
def take_up_feedback(*, feedback: Feedback, by: User, version: int) -> Feedback:
    """Begin to look into a new message. Raises `Conflict` for another version, as all these verbs do."""
    row = _locked(feedback, by, version)
    return _move(row, [FeedbackState.NEW], by, state=FeedbackState.CHECKING, **_taken(row, by))


@action
def answer_feedback(
    *,
    feedback: Feedback,
    by: User,
    version: int,
    answer: str,
    needs_correction: bool = False,
    shows: bool = False,
    public_text: str = "",
) -> Feedback:
    """Answer a message, or change its answer and whether the public reads both.

    `shows`: on the page of its measure or agency, with `public_text` in the place of the message's words
    (those if it is empty). Raises `Refused` by field: without an answer; to show it without the sender's
    consent, or if it is about nothing that has a page.
    """
    row = _locked(feedback, by, version)
    if not answer:
        raise Refused({"answer": _("พิมพ์คำตอบ")})
    if shows and not row.may_publish:
        raise Refused({"shows": _("ผู้แจ้งไม่ได้ยอมให้เผยแพร่ จึงเผยแพร่ไม่ได้")})
    if shows and not (row.measure_id or row.agency_id):
        raise Refused({"shows": _("เรื่องนี้ไม่ได้เกี่ยวกับมาตรการย่อยหรือหน่วยงาน จึงไม่มีหน้าที่จะแสดง")})
    is_corrected = row.state == FeedbackState.CORRECTED
    closed = {} if row.is_answered else {"closed_at": timezone.now(), "closed_by": by}
    row = _move(
        row,
        _ANSWERABLE,
        by,
        state=FeedbackState.CORRECTED if is_corrected else FeedbackState.ANSWERED,
        answer=answer,
        needs_correction=needs_correction or is_corrected,
        **closed,
        **_taken(row, by),
    )
    _show(row, public_text or row.text) if shows else _hide(row)
    return row


@action
def decline_feedback(*, feedback: Feedback, by: User, version: int, reason: str) -> Feedback:
    """Decline to answer a message that waits. Raises `Refused` without a reason."""
    row = _locked(feedback, by, version)
    if not reason:
        raise Refused({"reason": _("ระบุเหตุผลที่ไม่รับไว้ตอบ ผู้แจ้งจะเห็นเหตุผลนี้")})
    return _move(
        row,
        [FeedbackState.NEW, FeedbackState.CHECKING],
        by,
        state=FeedbackState.DECLINED,
        answer=reason,
        closed_at=timezone.now(),
        closed_by=by,
        **_taken(row, by),
    )


@action
def note_correction(*, feedback: Feedback, by: User, version: int, edition: Snapshot) -> Feedback:
    """Note that this edition corrects what an answered message was about.

    Raises `Refused` for an edition that is no standing correction, or is older than the message.
    """
    row = _locked(feedback, by, version)
    corrections = Snapshot.objects.corrections().filter(made_at__gte=row.sent_at)
    if not corrections.filter(pk=edition.pk).exists():
        raise Refused({"edition": _("เลือกฉบับแก้ไขที่เผยแพร่หลังวันที่แจ้งเรื่องนี้")})
    row = _move(
        row,
        [FeedbackState.ANSWERED, FeedbackState.CORRECTED],
        by,
        state=FeedbackState.CORRECTED,
        needs_correction=True,
        corrected_at=edition.made_at,
        correction=edition,
    )
    PublicAnswer.objects.filter(feedback=row).update(correction=edition)
    return row


def _locked(feedback: Feedback, by: User, version: int) -> Feedback:
    """The stored message, locked, in the version that the person has seen. Raises `Conflict`."""
    require(permissions.may_answer(by))
    row = Feedback.objects.select_for_update(no_key=True).get(pk=feedback.pk)
    if row.version != version:
        raise Conflict(row)
    if not row.text:
        raise Refused(_("ข้อมูลของผู้แจ้งถูกลบตามกำหนดแล้ว เรื่องนี้จึงแก้ไขไม่ได้"))
    return row


def _move(row: Feedback, states: Collection[str], by: User, **values: Any) -> Feedback:
    """Set these columns of a locked row if it is in one of these states. Raises `Refused`."""
    before = {name: getattr(row, name) for name in values}
    expected = {"version": row.version, "state__in": list(states)}
    if not compare_and_set(row, expected=expected, version=row.version + 1, **values):
        raise Refused(
            _("เรื่องนี้อยู่ในขั้น “%(state)s” จึงทำขั้นนี้ไม่ได้ เปิดหน้าใหม่เพื่อดูรายการล่าสุด")
            % {"state": row.get_state_display()}
        )
    changed = [name for name in _TOLD if name in values and before[name] != values[name]]
    note_write(_Act.CHANGED, Feedback, {row.pk: {"fields": changed}})
    return row


def _taken(row: Feedback, by: User) -> dict[str, Any]:
    return {} if row.taken_at else {"taken_at": timezone.now(), "taken_by": by}


def _show(row: Feedback, text: str) -> None:
    assert row.closed_at is not None  # noqa: S101 - an answered message has it, by a constraint
    shown, made = PublicAnswer.objects.update_or_create(
        feedback=row,
        defaults={
            "number": row.number,
            "measure_id": row.measure_id,
            "agency_id": row.agency_id,
            "kind": row.kind,
            "text": text,
            "is_cut": text != row.text,
            "answer": row.answer,
            "sent_on": timezone.localdate(row.sent_at),
            "answered_on": timezone.localdate(row.closed_at),
            "correction_id": row.correction_id,
        },
    )
    note_write(_Act.ADDED if made else _Act.CHANGED, PublicAnswer, {shown.pk: {"feedback": row.pk}})


def _hide(row: Feedback) -> None:
    for shown in PublicAnswer.objects.filter(feedback=row):
        note_write(_Act.REMOVED, PublicAnswer, {shown.pk: {"feedback": row.pk}})
        shown.delete()


# The end of personal data -----------------------------------------------------------------------


@action
def purge_feedback(*, messages: Collection[int]) -> int:
    """Remove contact, file and sender of these messages (by key), up to PURGED_AT_ONCE.

    The text and the link stay if the sender agreed to their publication, or while nobody has answered;
    else they go as well. Returns how many messages there were.
    """
    rows = list(
        Feedback.objects.select_for_update(no_key=True)
        .filter(pk__in=messages)
        .order_by("pk")[:PURGED_AT_ONCE]
    )
    drop_after_commit([row.file.name or "" for row in rows if row.file])
    for row in rows:
        row.contact = row.sender = row.file_name = row.file_type = ""
        row.file, row.size, row.purged_at = "", None, timezone.now()
        if not row.may_publish and not row.is_waiting:
            row.text = row.url = row.digest = ""
    Feedback.objects.bulk_update(rows, _PURGED)
    note_write(_Act.ERASED, Feedback, {row.pk: {"fields": _PURGED} for row in rows})
    return len(rows)


_PURGED = [
    "contact",
    "sender",
    "file",
    "file_name",
    "file_type",
    "size",
    "text",
    "url",
    "digest",
    "purged_at",
]
