"""How long personal data is kept: each kind with its time, and what removes it.

`manage.py purge_personal_data` runs every purge once a day; the privacy page tells the times. Rows go in
short transactions, so that nobody who saves meanwhile waits long. What the public record is made of
(reports, their history, editions) is kept; an account that is erased loses its name there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from followup import actions, feedback
from followup.models import (
    Agency,
    AgencyLink,
    Digest,
    Feedback,
    FocalPoint,
    LinkUse,
    NewsMail,
    RoundState,
    SentMail,
    StatusReport,
    Subscriber,
    User,
)
from followup.spreadsheets import session
from forum_portal.years import fiscal_year_of

AT_ONCE = 500  # rows in one transaction


@dataclass(frozen=True)
class Kind:
    """A kind of personal data: `due` counts what has outlived its time, `purge` removes it."""

    label: Promise
    due: Callable[[], int]
    purge: Callable[[], int]


def days(kind: str) -> timedelta:
    """The time for which a kind of data in settings.RETENTION_DAYS is kept."""
    return timedelta(days=settings.RETENTION_DAYS[kind])


def before(kind: str) -> datetime:
    """The moment before which data of this kind is too old."""
    return timezone.now() - days(kind)


def purge() -> dict[Kind, int]:
    """Remove all that has outlived its time; kind -> how many. A second call finds nothing."""
    return {kind: kind.purge() for kind in KINDS}


def due() -> dict[Kind, int]:
    """What `purge` would remove; nothing is written."""
    return {kind: kind.due() for kind in KINDS}


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows, some at a time; return how many."""
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
    return deleted


# Sessions and counters: as soon as they have expired ----------------------------------------------


def _sessions() -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=timezone.now())


def _counters(words: str) -> int:
    """Run a statement on the expired rows of the cache's table, which nothing else removes on its own."""
    cache = caches["default"]
    if not isinstance(cache, DatabaseCache):  # the others forget by themselves
        return 0
    model: Any = cache.cache_model_class
    connection = connections[router.db_for_write(model)]
    table, expires = map(connection.ops.quote_name, (model._meta.db_table, "expires"))
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"{words} FROM {table} WHERE {expires} < %s", [now])
        return int(cursor.fetchone()[0] if cursor.description else cursor.rowcount)


# E-mails, links, contacts ---------------------------------------------------------------------------


def _digests() -> QuerySet[Any]:
    return Digest.objects.filter(day__lt=timezone.localdate(before("digests")))


def _mails() -> QuerySet[Any]:
    return SentMail.objects.filter(at__lt=before("mails"))


def _requests() -> QuerySet[Any]:
    """Requests to follow that nobody has confirmed. The limits of mails count those of a day."""
    then = min(before("unconfirmed"), timezone.now() - timedelta(days=1))
    return Subscriber.objects.unconfirmed().filter(asked_at__lt=then)


def _purge_requests() -> int:
    then = min(before("unconfirmed"), timezone.now() - timedelta(days=1))
    purged = 0
    while some := actions.purge_requests(asked_before=then):
        purged += some
    return purged


def _news() -> QuerySet[Any]:
    """Notes of mails to subscribers. That an edition was told stays, so that it is not told again."""
    return NewsMail.objects.filter(news__queued_at__lt=before("news"))


def _ended_links() -> QuerySet[Any]:
    """Links that ended long ago. Who used a link may not approve what came through it: the uses stay
    until its round is published."""
    then = before("link_uses")
    ended = Q(revoked_at__lt=then) | Q(expires_at__lt=then)
    return AgencyLink.objects.filter(ended, round__state=RoundState.PUBLISHED)


def _uses() -> int:
    return LinkUse.objects.filter(link__in=_ended_links()).count()


def _erase_uses() -> int:
    links, erased = list(_ended_links().values_list("pk", flat=True)), 0
    while some := actions.erase_uses(links=links):
        erased += some
    return erased


def _contacts() -> QuerySet[Any]:
    """The focal points of agencies that ended long ago, and have no report left to give."""
    then = timezone.localdate(before("focal_points"))
    ended = Agency.objects.ended_before(fiscal_year_of(then))
    at_work = StatusReport.objects.standing().exclude(round__state=RoundState.PUBLISHED)
    return FocalPoint.objects.filter(agency__in=ended).exclude(
        agency__in=at_work.values("assignment__agency")
    )


def _purge_contacts() -> int:
    contacts = list(_contacts())
    for contact in contacts:
        actions.purge_focal_point(focal_point=contact)
    return len(contacts)


# Messages of the public -----------------------------------------------------------------------------


def _senders() -> QuerySet[Any]:
    """Messages of earlier days that still have the hash of that day's address: it counts nothing now."""
    today = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    return Feedback.objects.filter(sent_at__lt=today).exclude(sender="")


def _messages() -> QuerySet[Any]:
    return Feedback.objects.filter(
        feedback.outlived(
            closed_before=before("feedback"), sent_before=before("feedback_unanswered")
        )
    )


def _purge_messages() -> int:
    purged = 0
    while keys := list(_messages().order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        purged += actions.purge_feedback(messages=keys)
    return purged


# Accounts -------------------------------------------------------------------------------------------


def _accounts() -> QuerySet[Any]:
    then = before("accounts")
    return User.objects.filter(is_active=False, erased_at=None, inactive_since__lt=then).exclude(
        last_login__gte=then
    )


def _note_inactive() -> None:
    """Note since when each account is inactive: from the first purge that finds it so, on any path."""
    User.objects.filter(is_active=False, inactive_since=None).update(inactive_since=timezone.now())
    User.objects.filter(is_active=True).exclude(inactive_since=None).update(inactive_since=None)


def _erase_accounts() -> int:
    _note_inactive()
    erased = 0
    for user in list(_accounts()):
        try:
            actions.erase_person(by=None, user=user)
        except actions.Refused:  # somebody has opened it again meanwhile
            continue
        erased += 1
    return erased


KINDS = (
    Kind(_l("การเข้าสู่ระบบที่หมดอายุ"), lambda: _sessions().count(), lambda: _delete(_sessions())),
    Kind(
        _l("ตัวนับความถี่ที่หมดอายุ"),
        lambda: _counters("SELECT COUNT(*)"),
        lambda: _counters("DELETE"),
    ),
    Kind(_l("ไฟล์นำเข้าที่ค้าง"), session.purgeable, session.purge),
    Kind(
        _l("บันทึกการส่งอีเมลสรุป"),
        lambda: _digests().count(),
        lambda: _delete(_digests()),
    ),
    Kind(_l("บันทึกการใช้ลิงก์ที่สิ้นสุดแล้ว"), _uses, _erase_uses),
    Kind(
        _l("ผู้ประสานงานของหน่วยงานที่สิ้นสุดแล้ว"),
        lambda: _contacts().count(),
        _purge_contacts,
    ),
    Kind(_l("บัญชีที่ปิดแล้ว"), lambda: _accounts().count(), _erase_accounts),
    Kind(
        _l("บันทึกการส่งอีเมลถึงผู้ประสานงาน"),
        lambda: _mails().count(),
        lambda: _delete(_mails()),
    ),
    Kind(
        _l("ค่าแฮชของที่อยู่เครือข่ายของผู้แจ้งเรื่อง"),
        lambda: _senders().count(),
        lambda: _senders().update(sender=""),
    ),
    Kind(_l("ข้อมูลของผู้แจ้งเรื่อง"), lambda: _messages().count(), _purge_messages),
    Kind(
        _l("คำขอติดตามที่ไม่มีผู้ยืนยัน"),
        lambda: _requests().count(),
        _purge_requests,
    ),
    Kind(
        _l("บันทึกการส่งข่าวถึงผู้ติดตาม"),
        lambda: _news().count(),
        lambda: _delete(_news()),
    ),
)
