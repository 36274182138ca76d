"""The verbs of following by e-mail: ask, confirm, change, leave; and the queue of mails about an edition.

Strangers call them, so nothing is asked of a user. What they may do follows from the key in their mail.
The record keeps keys of rows, never an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, require
from followup.history import note_write
from followup.models import (
    Agency,
    Following,
    News,
    NewsMail,
    Province,
    RecordEntry,
    Snapshot,
    Subscriber,
    User,
)
from forum_portal.languages import language
from proposals.models import Resolution

_Act = RecordEntry.Act
_LOCK = 0x666F6C6C6F77  # PostgreSQL's advisory lock; SQLite has one writer at a time

#: How long a link that confirms works.
CONFIRM_WITHIN = timedelta(days=3)
#: Mails that ask one address for a confirmation: at most so many in that time.
PER_ADDRESS = ((1, timedelta(hours=1)), (3, timedelta(days=1)))
#: What one address may follow. Who wants more follows everything.
FOLLOWED_MAX = 100
#: Rows that one statement inserts.
AT_ONCE = 500


class TooMany(Refused):
    """A limit of confirmation mails is reached; `seconds` until the next try."""

    def __init__(self, messages: str, seconds: int) -> None:
        super().__init__(messages)
        self.seconds = seconds


@dataclass(frozen=True)
class Choice:
    """What somebody wants to follow."""

    everything: bool = False
    resolutions: Collection[Resolution] = field(default_factory=tuple)
    agencies: Collection[Agency] = field(default_factory=tuple)
    provinces: Collection[Province] = field(default_factory=tuple)

    @property
    def count(self) -> int:
        return len(self.resolutions) + len(self.agencies) + len(self.provinces)

    def rows(self, subscriber: Subscriber) -> list[Following]:
        return [
            *(Following(subscriber=subscriber, resolution=each) for each in self.resolutions),
            *(Following(subscriber=subscriber, agency=each) for each in self.agencies),
            *(Following(subscriber=subscriber, province=each) for each in self.provinces),
        ]


# Keys ------------------------------------------------------------------------------------------


def _signer(purpose: str) -> Signer:
    """Each purpose has its own signature: a link that confirms neither changes nor ends anything."""
    return Signer(salt=f"followup.subscription.{purpose}", sep=".")


def confirm_token(subscriber: Subscriber) -> str:
    """The key in the link of the mail that asks for a confirmation."""
    return _signer("confirm").sign(subscriber.key)


def own_token(subscriber: Subscriber) -> str:
    """The key in the links of all later mails, with which the owner changes and leaves."""
    return _signer("own").sign(subscriber.key)


def is_own_token(token: str) -> bool:
    """Whether we have made it, for a row that may be gone by now."""
    try:
        _signer("own").unsign(token)
    except BadSignature:
        return False
    return True


def _found(purpose: str, token: str) -> Subscriber | None:
    try:
        key = _signer(purpose).unsign(token)
    except BadSignature:
        return None
    return Subscriber.objects.filter(key=key).first()


def find_request(token: str) -> Subscriber | None:
    """The row that a confirmation link is about, while it works; a confirmed one is told so again."""
    row = _found("confirm", token)
    return row if row and row.asked_at > timezone.now() - CONFIRM_WITHIN else None


def find_subscriber(token: str) -> Subscriber | None:
    """The confirmed subscriber of a later mail's link; None if they have left."""
    row = _found("own", token)
    return row if row and row.confirmed_at else None


# Asking ----------------------------------------------------------------------------------------


@action
def ask_to_follow(*, email: str, choice: Choice) -> Subscriber:
    """Store a request, which the owner of the address confirms. `email` is in lower case.

    It is the same for an address that is confirmed already: nobody learns whether it is. Raises `Refused`
    for an empty or too long choice, and `TooMany` over the limits of mails.
    """
    _check(choice)
    _one_at_a_time()
    now = timezone.now()
    asked = Subscriber.objects.filter(asked_at__gt=now - timedelta(hours=1))
    if asked.count() >= settings.FOLLOW_MAILS_PER_HOUR:
        first = asked.order_by("asked_at").values_list("asked_at", flat=True)[0]
        raise _too_many(
            first + timedelta(hours=1) - now,
            _("มีผู้ขอติดตามจำนวนมากในชั่วโมงนี้ จึงยังไม่ส่งอีเมลยืนยัน ข้อความที่กรอกยังอยู่ ส่งอีกครั้งในอีก %(m)d นาที"),
        )
    mine = Subscriber.objects.filter(email=email)
    for most, time in PER_ADDRESS:
        times = list(
            mine.filter(asked_at__gt=now - time)
            .order_by("-asked_at")
            .values_list("asked_at", flat=True)[:most]
        )
        if len(times) == most:
            raise _too_many(
                times[-1] + time - now,
                _("เพิ่งส่งอีเมลยืนยันไปที่อยู่นี้ ตรวจกล่องจดหมายและโฟลเดอร์สแปม ถ้าไม่พบ ส่งอีกครั้งในอีก %(m)d นาที"),
            )
    row = Subscriber.objects.create(
        email=email,
        key=secrets.token_hex(16),
        follows_all=choice.everything,
        language=language(),
        asked_at=now,
    )
    Following.objects.bulk_create(choice.rows(row))
    note_write(_Act.ADDED, Subscriber, {row.pk: {}})
    return row


def _check(choice: Choice) -> None:
    if not (choice.everything or choice.count):
        raise Refused({"what": _("เลือกสิ่งที่ต้องการติดตามอย่างน้อยหนึ่งอย่าง")})
    if choice.count > FOLLOWED_MAX:
        raise Refused(
            {
                "what": _("เลือกได้ไม่เกิน %(most)d รายการ ถ้าต้องการมากกว่านี้ เลือก “ทุกอย่างที่เผยแพร่”")
                % {"most": FOLLOWED_MAX}
            }
        )


def _one_at_a_time() -> None:
    """The limits are counted and a row is added by one transaction at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _too_many(wait: timedelta, sentence: str) -> TooMany:
    seconds = max(1, ceil(wait.total_seconds()))
    return TooMany(sentence % {"m": ceil(seconds / 60)}, seconds)


@action
def forget_request(*, subscriber: Subscriber) -> None:
    """Delete a request whose mail could not be sent, so that its owner may ask again."""
    Subscriber.objects.unconfirmed().filter(pk=subscriber.pk).delete()
    note_write(_Act.REMOVED, Subscriber, {subscriber.pk: {}})


@action
def confirm_following(*, subscriber: Subscriber) -> Subscriber:
    """Confirm a request; returns the confirmed row of the address.

    If the address has one already, what was asked is added to that, and its mails are in the language in
    which it was asked. A second confirmation changes
    nothing. Raises `Refused` if the request is gone.
    """
    rows = Subscriber.objects.select_for_update().filter(email=subscriber.email).order_by("pk")
    by_key = {each.pk: each for each in rows}
    row = by_key.get(subscriber.pk)
    if row is None:
        raise Refused(_("คำขอนี้ยืนยันไปแล้ว หรือหมดอายุแล้ว"))
    if row.confirmed_at:
        return row
    before = next((each for each in by_key.values() if each.confirmed_at), None)
    if before is None:
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at"])
        note_write(_Act.CHANGED, Subscriber, {row.pk: {"fields": ["confirmed_at"]}})
        return row
    before.follows_all |= row.follows_all
    before.language = row.language
    before.save(update_fields=["follows_all", "language"])
    has = {_what(each) for each in before.followings.all()}
    new = [each for each in row.followings.all() if _what(each) not in has]
    # An address that follows more than it may choose at once loses nothing.
    Following.objects.filter(pk__in=[each.pk for each in new]).update(subscriber=before)
    row.delete()
    note_write(_Act.CHANGED, Subscriber, {before.pk: {"fields": ["followings"]}})
    return before


def _what(each: Following) -> tuple[int | str | None, ...]:
    return each.resolution_id, each.agency_id, each.province_id


@action
def change_following(*, subscriber: Subscriber, choice: Choice) -> Subscriber:
    """Replace what a confirmed subscriber follows. Raises `Refused` if they have left, or of a choice."""
    _check(choice)
    row = Subscriber.objects.confirmed().select_for_update().filter(pk=subscriber.pk).first()
    if row is None:
        raise Refused(gone_subscriber())
    row.follows_all = choice.everything
    row.save(update_fields=["follows_all"])
    row.followings.all().delete()
    Following.objects.bulk_create(choice.rows(row))
    note_write(_Act.CHANGED, Subscriber, {row.pk: {"fields": ["followings"]}})
    return row


def gone_subscriber() -> str:
    return _("อีเมลนี้เลิกติดตามไปแล้ว จึงยังไม่บันทึก ขอติดตามใหม่ได้ที่หน้าติดตามความเคลื่อนไหว")


@action
def leave(*, subscriber: Subscriber) -> None:
    """Delete a subscriber, and everything that is kept of them; also requests of the same address."""
    _remove(Subscriber.objects.filter(email=subscriber.email))


@action
def remove_subscribers(*, by: User, subscribers: Iterable[int]) -> int:
    """Delete subscribers (by key) at their request to the office; returns how many."""
    require(permissions.may_administer(by))
    return _remove(Subscriber.objects.filter(pk__in=list(subscribers)))


@action
def purge_requests(*, asked_before: datetime) -> int:
    """Delete some of the requests that nobody has confirmed; returns how many. 0: none is left."""
    old = Subscriber.objects.unconfirmed().filter(asked_at__lt=asked_before).order_by("pk")
    return _remove(
        Subscriber.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE]))
    )


def _remove(rows) -> int:  # type: ignore[no-untyped-def]
    keys = list(rows.select_for_update().values_list("pk", flat=True))
    Subscriber.objects.filter(pk__in=keys).delete()
    note_write(_Act.REMOVED, Subscriber, {key: {} for key in keys})
    return len(keys)


# News ------------------------------------------------------------------------------------------


@action
def queue_news(*, snapshot: Snapshot, kind: str, told_at: datetime) -> bool:
    """Queue one mail about an edition to everybody who has confirmed before; whether it is new.

    `kind` is a `News.Kind`, `told_at` when the public was told. An edition is queued once: a second call
    queues nothing.
    """
    try:
        with transaction.atomic():
            news = News.objects.create(snapshot=snapshot, kind=kind, queued_at=timezone.now())
    except IntegrityError:  # it was, perhaps by another process just now
        return False
    readers = Subscriber.objects.confirmed().filter(confirmed_at__lte=told_at)
    keys = list(readers.values_list("pk", flat=True))
    NewsMail.objects.bulk_create(
        [NewsMail(news=news, subscriber_id=pk) for pk in keys], batch_size=AT_ONCE
    )
    note_write(_Act.ADDED, News, {news.pk: {"snapshot": snapshot.pk, "mails": len(keys)}})
    return True
