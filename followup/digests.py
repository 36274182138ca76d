"""Digests: at most one e-mail a day to each member of the secretariat about waiting work."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import jobs, permissions, promised
from followup.feedback import overdue
from followup.models import (
    Agency,
    Digest,
    Feedback,
    ReportState,
    Round,
    RoundState,
    StatusReport,
    User,
)
from followup.promised import Promise
from forum_portal.addresses import absolute
from forum_portal.thai import format_date
from proposals.models import Forum

logger = logging.getLogger(__name__)

#: The number of agencies a mail names, those with the most reports due; the page lists all.
NAMED = 10
#: How many days back a digest tells what was decided, for somebody who got none lately.
NEWS_DAYS = 14
#: Days before the due date (inclusive) from which reports count as due soon.
SOON = 14


@dataclass(frozen=True)
class Due:
    """The reports not submitted in a round whose due date is near or past."""

    round: Round
    days: int  # days left; negative when overdue
    agencies: list[tuple[Agency, int]]
    forums: list[tuple[int, int]]  # (a forum's year, how many of them are its), the earliest first

    @property
    def count(self) -> int:
        return sum(count for _agency, count in self.agencies)

    @property
    def named(self) -> list[tuple[Agency, int]]:
        return self.agencies[:NAMED]

    @property
    def unnamed(self) -> int:
        return len(self.agencies[NAMED:])

    @property
    def days_late(self) -> int:
        return -self.days


@dataclass(frozen=True)
class Approved:
    """That a report was approved: when, and who had submitted and who approved it, by key."""

    report: StatusReport
    at: datetime
    author: int | None
    approver: int | None


@dataclass
class Waiting:
    """The work that waits for one person."""

    overdue: list[Due] = field(default_factory=list)
    soon: list[Due] = field(default_factory=list)
    returned: list[StatusReport] = field(default_factory=list)
    to_review: list[StatusReport] = field(default_factory=list)
    #: Since the last digest: one's own reports that were approved, and what one has approved oneself.
    approved: list[StatusReport] = field(default_factory=list)
    approved_by_me: list[StatusReport] = field(default_factory=list)
    newly_to_review: int = 0
    #: Dates that agencies promised and that have passed since the last digest, the oldest first.
    newly_past_due: list[Promise] = field(default_factory=list)
    #: The public's messages without an answer, and how many of them are overdue.
    messages: int = 0
    messages_overdue: int = 0
    is_of_nobody: bool = False  # the agencies above are those without a caretaker

    def counts(self) -> list[tuple[str, int]]:
        every = [
            (_("เกินกำหนด"), sum(due.count for due in self.overdue)),
            (_("ใกล้ครบกำหนด"), sum(due.count for due in self.soon)),
            (_("เลยกำหนดที่หน่วยงานแจ้ง"), len(self.newly_past_due)),
            (_("ถูกส่งกลับ"), len(self.returned)),
            (_("รอตรวจ"), len(self.to_review)),
            (_("ประชาชนแจ้ง"), self.messages),
        ]
        return [(name, count) for name, count in every if count]

    def news(self) -> list[tuple[str, int]]:
        every = [
            (_("ที่ท่านส่งและรับรองแล้ว"), len(self.approved)),
            (_("ที่ท่านรับรอง"), len(self.approved_by_me)),
        ]
        return [(name, count) for name, count in every if count]


def approvals() -> list[Approved]:
    """What was approved in the last NEWS_DAYS, the earliest first. Two queries."""
    since = timezone.now() - timedelta(days=NEWS_DAYS)
    rows = StatusReport.history.filter(
        history_change_reason="approve", history_date__gt=since
    ).order_by("history_date", "history_id")
    found = list(rows.values_list("id", "history_date", "submitted_by_id", "history_user_id"))
    reports = StatusReport.objects.with_context().in_bulk([pk for pk, *_rest in found])
    return [Approved(reports[pk], *rest) for pk, *rest in found if pk in reports]


def tell_news(
    waiting: Waiting, user: User, approved: Iterable[Approved], last: datetime | None
) -> None:
    """Add what is new to this person since their last digest; `last` is None if they had none."""
    for each in approved:
        if last is not None and each.at <= last:
            continue
        if each.author == user.pk:
            waiting.approved.append(each.report)
        elif each.approver == user.pk:
            waiting.approved_by_me.append(each.report)
    if last is not None:
        waiting.newly_to_review = sum(
            each.submitted_at is not None and each.submitted_at > last for each in waiting.to_review
        )


def just_past_due(today: date) -> list[Promise]:
    """The promises that became past due in the last NEWS_DAYS, the oldest first. Four queries."""
    reports = promised.became_past_due(today - timedelta(days=NEWS_DAYS), today)
    return promised.promises(promised.loaded(reports), today)


def tell_past_due(
    waiting: Waiting, user: User, promises: Iterable[Promise], last: date | None
) -> None:
    """Add the promises of this person's agencies that became past due since their last digest.

    `last` is its day, None without one.
    """
    owner = None if waiting.is_of_nobody else user.pk
    waiting.newly_past_due = [
        each
        for each in promises
        if each.agency.caretaker_id == owner and (last is None or each.on >= last)
    ]


def messages_waiting() -> tuple[int, int]:
    """How many of the public's messages wait, and how many of them are overdue. One query."""
    counted = Feedback.objects.waiting().aggregate(
        every=Count("pk"), late=Count("pk", filter=overdue())
    )
    return counted["every"], counted["late"]


def reports_in_work() -> list[StatusReport]:
    """Every report that is not approved, in the rounds that still take or review reports."""
    return list(
        StatusReport.objects.standing()
        .filter(round__state__in=[RoundState.OPEN, RoundState.CLOSED])
        .exclude(state=ReportState.APPROVED)
        .with_context()
    )


def waiting_for(user: User, reports: Iterable[StatusReport], today: date) -> Waiting:
    """Select what waits for this person from the reports in work. Agencies without a caretaker count
    for everybody who looks after none."""
    reports = list(reports)
    reviews = permissions.may_review(user)
    links = permissions.links_known_to(user) if reviews else ()
    owner = user.pk if user.agencies.exists() else None
    waiting = Waiting(is_of_nobody=owner is None)
    late: dict[Round, Counter[Agency]] = {}
    of_forums: dict[Round, Counter[int]] = {}
    for report in reports:
        if report.state == ReportState.SUBMITTED:
            if reviews and not permissions.is_own_submission(user, report, links):
                waiting.to_review.append(report)
        elif report.round.state != RoundState.OPEN:
            continue  # it no longer takes reports
        elif report.state == ReportState.RETURNED and report.submitted_by_id == user.pk:
            waiting.returned.append(report)
        elif report.assignment.agency.caretaker_id == owner:
            late.setdefault(report.round, Counter())[report.assignment.agency] += 1
            of_forums.setdefault(report.round, Counter())[report.resolution.forum.year_be] += 1
    for round_, agencies in late.items():
        days = round_.days_left(today)
        if days <= SOON:
            most = sorted(agencies.items(), key=lambda item: (-item[1], item[0].sort_key))
            due = Due(round_, days, most, sorted(of_forums[round_].items()))
            (waiting.overdue if days < 0 else waiting.soon).append(due)
    return waiting


def compose(user: User, waiting: Waiting, today: date) -> EmailMessage:
    told = waiting.counts() or waiting.news()
    said = " ".join(f"{name} {count}" for name, count in told)
    home = absolute("")
    mine = "" if waiting.is_of_nobody else "?mine=1"
    body = render_to_string(
        "staff/digest.txt",
        {
            "person": user,
            "today": today,
            "waiting": waiting,
            "several_forums": Forum.objects.are_several(),
            "home": home,
            "queue": home + reverse("staff-queue") + mine,
            "feedback": home + reverse("staff-feedback"),
            "review": home + reverse("staff-review"),
            "promised": home + reverse("staff-promised") + mine,
        },
    )
    subject = (
        _("งานที่รออยู่ %(day)s: %(said)s") if waiting.counts() else _("ข่าวของงาน %(day)s: %(said)s")
    )
    subject %= {"day": format_date(today, "short"), "said": said}
    return EmailMessage(subject, body, to=[user.email])


def send_all(today: date | None = None, failed: list[int] | None = None) -> int:
    """Send today's digests that are not sent yet; returns how many were sent.

    The process that stores the Digest row sends the mail, so that of two processes only one does. The
    keys of those whose mail no server took are added to `failed`.
    """
    failed = [] if failed is None else failed
    today = today or timezone.localdate()
    reports, approved, asked = reports_in_work(), approvals(), messages_waiting()
    past_due = just_past_due(today)
    digests = Digest.objects.values_list("user").annotate(Max("sent_at"), Max("day")).order_by()
    last = {user: (at, day) for user, at, day in digests}
    sent = 0
    for user in User.objects.exclude(email=""):
        if not permissions.may_work(user):  # excludes closed accounts too
            continue
        waiting = waiting_for(user, reports, today)
        at, day = last.get(user.pk, (None, None))
        tell_news(waiting, user, approved, at)
        tell_past_due(waiting, user, past_due, day)
        if permissions.may_answer(user):
            waiting.messages, waiting.messages_overdue = asked
        if waiting.counts() or waiting.news():
            sent += _send(user, waiting, today, failed)
    return sent


def send_or_try_again() -> int:
    """`send_all`, for a job: raises TryAgain if a digest could not be sent."""
    failed: list[int] = []
    sent = send_all(failed=failed)
    if failed:
        raise jobs.TryAgain
    return sent


def _send(user: User, waiting: Waiting, today: date, failed: list[int]) -> bool:
    claim = _claim(user, today)
    if claim is None:
        return False
    try:
        compose(user, waiting, today).send()
    except Exception:  # a failure for one person must not stop the others
        logger.exception("the digest for user %s was not sent", user.pk)
        claim.delete()
        failed.append(user.pk)
        return False
    return True


def _claim(user: User, today: date) -> Digest | None:
    """Create today's row for this person; None if it exists or the account was closed."""
    try:
        with transaction.atomic():
            if not User.objects.select_for_update().filter(pk=user.pk, is_active=True).exists():
                return None
            return Digest.objects.create(user=user, day=today)
    except IntegrityError:
        return None
