"""Messages of the public: their numbers and private addresses, the times of answering, what is shown.

The verbs are in `followup.actions.feedback`. A message is found by its number and the key in its address;
of the key the database has the hash alone, so that nobody who reads the database can open that page.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from followup.models import Agency, Feedback, PublicAnswer, Snapshot
from forum_portal.keys import hmacs
from forum_portal.thai import match_key
from proposals.codes import parse_code
from proposals.models import Forum, Measure

NUMBER = re.compile(r"F-([0-9]{4})-([0-9]{4,9})")
KEY_LENGTH = 24
_SALT = "followup.feedback"

#: Questions and answers that a page shows: at once, and at most.
SHOWN_AT_ONCE, SHOWN = 5, 50


# A form and its message ---------------------------------------------------------------------------


def new_sending() -> str:
    """The signed name of one form: a form that is sent twice is one message."""
    return signing.Signer(salt=_SALT).sign(secrets.token_urlsafe(18))


def is_ours(sending: str) -> bool:
    """Whether `new_sending` made it; somebody else's invention might be another one's too."""
    try:
        signing.Signer(salt=_SALT).unsign(sending)
    except signing.BadSignature:
        return False
    return True


def digest_of(text: str, about: str) -> str:
    """What two messages with the same words about the same thing have in common (SHA-256)."""
    return hashlib.sha256(f"{about}\n{match_key(text)}".encode()).hexdigest()


def keys_of(sending: str, digest: str) -> list[str]:
    """The key in the address of a form's message. The same words in the same form have the same key.

    The first one is a new message's; one that was sent before the SECRET_KEY changed has another.
    """
    return [each[:KEY_LENGTH] for each in hmacs(_SALT, f"{sending} {digest}")]


def hash_of(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def find(number: str, key: str) -> Feedback | None:
    """The message of a private address; None for a wrong number or key, without saying which."""
    parts = NUMBER.fullmatch(number)
    if parts is None:
        return None
    row = (
        Feedback.objects.with_subject()
        .select_related("correction__round")
        .defer("correction__content", "correction__changes")
        .filter(year_be=int(parts[1]), serial=int(parts[2]))
        .first()
    )
    known = row.key_hash if row else hash_of("")
    is_right = constant_time_compare(known, hash_of(key))
    return row if row and is_right and row.number == number else None


# What it is about ---------------------------------------------------------------------------------


def measure_of(code: str) -> Measure | None:
    """The measure of a code as people write it; a short one means the only forum's."""
    parsed = parse_code(code)
    if parsed is None or not parsed.clause:
        return None
    measures = Measure.objects.select_related("resolution__forum").defer(
        "resolution__forum__source_text"
    )
    found = measures.filter(resolution__number=parsed.resolution, number=parsed.clause)
    if parsed.year:
        return found.filter(resolution__forum__year_be=parsed.year).first()
    return None if Forum.objects.are_several() else found.first()


def agency_of(code: str) -> Agency | None:
    """The agency of a code; of a record that was merged the one that stands for it."""
    if not code.isprintable():
        return None
    agency = Agency.objects.select_related("merged_into").filter(code=code).first()
    return (agency.merged_into or agency) if agency else None


# Times --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """The days that a message has taken, of those that the portal promises."""

    used: int
    promised: int
    is_over: bool  # whether it has its answer

    @property
    def late(self) -> int:
        """Days beyond the promise; 0 if there are none."""
        return max(0, self.used - self.promised)


def times_of(row: Feedback, today: date | None = None) -> Times:
    """Until its answer or, without one, until today. Whole days between the local dates."""
    end = timezone.localdate(row.closed_at) if row.closed_at else today or timezone.localdate()
    used = (end - timezone.localdate(row.sent_at)).days
    return Times(used, settings.FEEDBACK_ANSWER_DAYS, row.closed_at is not None)


def overdue() -> Q:
    """The condition on messages that have waited longer than the promise."""
    first = timezone.localdate() - timedelta(days=settings.FEEDBACK_ANSWER_DAYS)
    return Q(sent_at__lt=timezone.make_aware(datetime.combine(first, time.min)))


def outlived(*, closed_before: datetime, sent_before: datetime) -> Q:
    """The condition on messages whose personal data has had its time.

    Of an answered one it ends with the text, unless its sender agreed to that; one that nobody has
    answered keeps its text for the secretariat.
    """
    unpurged = Q(purged_at__isnull=True)
    has_text = Q(may_publish=False) & ~Q(text="")
    return (Q(closed_at__lt=closed_before) & (unpurged | has_text)) | (
        Q(closed_at__isnull=True, sent_at__lt=sent_before) & unpurged
    )


# What the public reads ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """The questions and answers of a page, the latest first."""

    first: list[PublicAnswer]
    rest: list[PublicAnswer]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.first) - len(self.rest)


def shown_of(*, measure: int | None = None, agencies: Collection[int] = ()) -> Answers:
    """What is shown on the page of a measure, or of an agency with its merged records, by key.

    One query; one more to count them if there are more than SHOWN.
    """
    about = Q(measure=measure) if measure is not None else Q(agency__in=agencies)
    every = PublicAnswer.objects.filter(about)
    rows = list(
        every.select_related("correction__round")
        .defer("correction__content", "correction__changes")
        .order_by("-answered_on", "-pk")[: SHOWN + 1]
    )
    total = len(rows) if len(rows) <= SHOWN else every.count()
    return Answers(rows[:SHOWN_AT_ONCE], rows[SHOWN_AT_ONCE:SHOWN], total)


def counts_of(measures: Collection[int]) -> dict[int, int]:
    """How many questions the public reads of each of these measures, by key; one query."""
    shown = PublicAnswer.objects.filter(measure__in=measures).order_by()
    return dict(shown.values_list("measure").annotate(Count("pk")))


def corrections_for(row: Feedback) -> list[Snapshot]:
    """The standing corrections that were published since a message was sent, the latest first."""
    return list(
        Snapshot.objects.corrections()
        .filter(made_at__gte=row.sent_at)
        .select_related("round")
        .defer("content", "changes")
        .order_by("-made_at", "-pk")
    )
