"""Sends the mails to subscribers: one about each edition, to each of them once, of what they follow.

A job (`followup.jobs`) sends them after a publication, again with growing pauses if the server does not
take them all, and once a day for what was left then, for GIVEN_UP_AFTER. `manage.py send_news` does so
by hand.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from followup import actions, jobs
from followup.models import Following, News, NewsMail, Snapshot, Subscriber, TakenBack
from followup.movements import Act, Event, Kind, Movement, Record, Subject
from forum_portal.addresses import absolute
from forum_portal.compare_and_set import compare_and_set

logger = logging.getLogger(__name__)

#: News that are older than this are told no more.
GIVEN_UP_AFTER = timedelta(days=3)
#: Mails that are read at a time.
AT_ONCE = 200
#: After so many failures one after the other the mail server is taken to be down.
FAILURES_MAX = 3

Outcome = NewsMail.Outcome


def send_all() -> int:
    """Queue what is new, and send what waits; returns how many mails were sent.

    Two processes send each mail once.
    """
    queue_new()
    return send_waiting()


def send_or_try_again() -> int:
    """`send_all`, for a job: raises TryAgain if mails are left that no server took."""
    sent = send_all()
    if NewsMail.objects.filter(outcome=Outcome.WAITING).exists():
        raise jobs.TryAgain
    return sent


def queue_new() -> None:
    """Queue the mails about every standing edition that is new, and about those that were taken back.

    That one was taken back is told if its publication was.
    """
    since = timezone.now() - GIVEN_UP_AFTER
    known = set(News.objects.filter(queued_at__gte=since).values_list("snapshot_id", "kind"))
    editions = Snapshot.objects.standing().filter(made_at__gte=since).defer("content", "changes")
    for snapshot in editions.order_by("made_at", "pk"):
        if (snapshot.pk, News.Kind.EDITION) not in known:
            actions.queue_news(snapshot=snapshot, kind=News.Kind.EDITION, told_at=snapshot.made_at)
    gone = TakenBack.objects.filter(at__gte=since).select_related("snapshot")
    for taken in gone.defer("snapshot__content", "snapshot__changes").order_by("at", "pk"):
        told = News.objects.filter(snapshot=taken.snapshot_id, kind=News.Kind.EDITION).exists()
        if told and (taken.snapshot_id, News.Kind.TAKEN_BACK) not in known:
            actions.queue_news(snapshot=taken.snapshot, kind=News.Kind.TAKEN_BACK, told_at=taken.at)


def send_waiting() -> int:
    """Send the mails that wait; returns how many were sent."""
    writers: dict[str, Writer] = {}
    sent, failed = 0, 0
    for mail in _waiting():
        if mail.news.queued_at < timezone.now() - GIVEN_UP_AFTER:
            compare_and_set(mail, expected={"outcome": Outcome.WAITING}, outcome=Outcome.EXPIRED)
            continue
        if not compare_and_set(
            mail, expected={"outcome": Outcome.WAITING}, outcome=Outcome.SENDING
        ):
            continue  # another process sends it, or its subscriber has left
        language = mail.subscriber.language
        with translation.override(language):
            outcome = _send(mail, writers.setdefault(language, Writer()))
        compare_and_set(mail, expected={"outcome": Outcome.SENDING}, outcome=outcome)
        sent += outcome == Outcome.SENT
        failed = failed + 1 if outcome == Outcome.WAITING else 0
        if failed == FAILURES_MAX:
            break
    return sent


def _waiting() -> Iterator[NewsMail]:
    """Each mail that waits, once, in the order in which they were queued."""
    last = 0
    rows = (
        NewsMail.objects.filter(outcome=Outcome.WAITING)
        .select_related("subscriber", "news__snapshot__round")
        .defer("news__snapshot__content", "news__snapshot__changes")
        .prefetch_related(
            "subscriber__followings__resolution__forum",
            "subscriber__followings__agency__merged_into",
            "subscriber__followings__province",
        )
        .order_by("pk")
    )
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        yield from some
        last = some[-1].pk


def _send(mail: NewsMail, writer: Writer) -> str:
    """Send one mail; what became of it. No log names the address or a key."""
    try:
        told = writer.told(mail)
        if not told:
            return Outcome.NOTHING
        _message(mail.subscriber, told).send()
    except SMTPRecipientsRefused:
        return Outcome.REFUSED
    except Exception as error:  # a failure for one person must not stop the others
        logger.error("the news %s was not sent: %s", mail.pk, type(error).__name__)
        return Outcome.WAITING
    return Outcome.SENT


@dataclass
class Writer:
    """Words what subscribers follow, in one language; what many follow is worded once."""

    record: Record = field(default_factory=Record)
    _subjects: dict[tuple[str, int | str], Subject] = field(default_factory=dict)
    _told: dict[tuple[int, str, str], Movement | None] = field(default_factory=dict)

    def told(self, mail: NewsMail) -> list[Movement]:
        """What one edition says of all that a subscriber follows; [] if it touches none of it."""
        event = self._event(mail.news)
        if event is None:
            return []
        found: dict[tuple[str, str], Movement] = {}
        for subject in self._followed(mail.subscriber):
            key = mail.news.pk, subject.kind.value, subject.code
            if key not in self._told:
                self._told[key] = self._movement(event, subject)
            if movement := self._told[key]:
                found[key[1:]] = movement
        return list(found.values())

    def _movement(self, event: Event, subject: Subject) -> Movement | None:
        movement = self.record.movement(event, subject)
        if movement is None or subject.kind is not Kind.ALL or event.act is not Act.PUBLISHED:
            return movement
        lines = [*movement.lines, *self.record.figures(event.round)]
        return Movement(event, movement.title, lines, movement.path)

    def _event(self, news: News) -> Event | None:
        """What the public was told; None if the edition was taken back since."""
        for event in self.record.events:
            if news.kind == News.Kind.TAKEN_BACK or event.act is Act.TAKEN_BACK:
                is_it = (
                    news.kind == News.Kind.TAKEN_BACK
                    and event.taken is not None
                    and event.taken.snapshot_id == news.snapshot_id
                )
            else:
                is_it = (event.round.pk, event.number) == (
                    news.snapshot.round_id,
                    news.snapshot.number,
                )
            if is_it:
                return event
        return None

    def _followed(self, subscriber: Subscriber) -> Iterator[Subject]:
        if subscriber.follows_all:
            yield Subject(Kind.ALL)
        for each in subscriber.followings.all():
            yield self._subject(each)

    def _subject(self, each: Following) -> Subject:
        row = each.resolution or each.agency or each.province
        key = type(row).__name__, row.pk if row else 0
        if key not in self._subjects:
            self._subjects[key] = Subject.of(row)
        return self._subjects[key]


def links_of(subscriber: Subscriber) -> dict[str, str]:
    """The paths with which a subscriber changes what they follow, and leaves."""
    token = actions.own_token(subscriber)
    return {
        "change": reverse("follow-change", args=[token]),
        "leave": reverse("follow-leave", args=[token]),
    }


def _message(subscriber: Subscriber, told: Sequence[Movement]) -> EmailMessage:
    links = {name: absolute(path) for name, path in links_of(subscriber).items()}
    body = render_to_string(
        "follow/news.txt",
        {
            "told": [(each, absolute(each.path)) for each in told],
            "links": links,
            "contact": settings.DATA_CONTACT_EMAIL,
        },
    )
    subject = told[0].title
    if len(told) > 1:
        subject = _("%(title)s และอีก %(more)s เรื่องที่ติดตาม") % {
            "title": subject,
            "more": len(told) - 1,
        }
    return EmailMessage(
        " ".join(subject.split()),
        body,
        to=[subscriber.email],
        reply_to=[settings.DATA_CONTACT_EMAIL] if settings.DATA_CONTACT_EMAIL else None,
        headers={
            "List-Unsubscribe": f"<{links['leave']}>",  # RFC 2369 and 8058
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def ask_to_confirm(subscriber: Subscriber, names: Sequence[str]) -> None:
    """Send the mail that asks an address for a confirmation. Raises what the mail server raises.

    `names`: what is to be followed. The mail is the same for an address that is confirmed already.
    """
    body = render_to_string(
        "follow/confirm.txt",
        {
            "names": names,
            "address": absolute(
                reverse("follow-confirm", args=[actions.confirm_token(subscriber)])
            ),
            "days": actions.CONFIRM_WITHIN.days,
            "kept": settings.RETENTION_DAYS["unconfirmed"],
            "portal": absolute(""),
        },
    )
    subject = _("ยืนยันการติดตามผลข้อเสนอ CSOs Forum")
    EmailMessage(
        subject, body, to=[subscriber.email], headers={"Auto-Submitted": "auto-generated"}
    ).send()
