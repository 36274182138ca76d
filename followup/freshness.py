"""How fresh a public page is: which edition it shows, when that was made, and what is being collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from followup.models import Round, RoundState, Snapshot, StatusReport


@dataclass(frozen=True)
class Collecting:
    """An open round as far as the public may know: how many of its expected reports were received.

    Counted to the end of `counted_to`, which is yesterday. So all pages of a day tell the same number,
    and a page that was made in the morning is as true as one that is made in the evening.
    """

    round: Round
    received: int
    expected: int
    counted_to: date


@dataclass(frozen=True)
class Freshness:
    """The round that a page shows, the number of its standing edition, and when that corrected an
    earlier one; and the round that is being collected, if PORTAL_SHOW_OPEN_ROUND lets the public know."""

    round: Round | None
    edition: int | None = None
    corrected_at: datetime | None = None
    collecting: Collecting | None = None


def freshness(round_: Round | None) -> Freshness:
    """The freshness of a page that shows a public round; None is before the first publication."""
    collecting = _collecting() if settings.PORTAL_SHOW_OPEN_ROUND else None
    if round_ is None:
        return Freshness(None, collecting=collecting)
    editions = list(
        Snapshot.objects.standing()
        .filter(round=round_)
        .order_by("-number")
        .values_list("number", "made_at")[:2]
    )
    if not editions:
        return Freshness(round_, collecting=collecting)
    number, made_at = editions[0]
    return Freshness(round_, number, made_at if len(editions) > 1 else None, collecting)


def _collecting() -> Collecting | None:
    """The earliest round that is open for the first time; a reopened one is public in its edition."""
    open_ = Round.objects.filter(state=RoundState.OPEN, published_at__isnull=True)
    round_ = open_.order_by("year_be", "months").first()
    if round_ is None:
        return None
    today = timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    received = Q(pk__in=StatusReport.objects.received().filter(approved_at__lt=midnight))
    counts = StatusReport.objects.standing().filter(round=round_)
    found = counts.aggregate(expected=Count("pk"), received=Count("pk", filter=received))
    return Collecting(
        round_, found["received"], found["expected"], counted_to=today - timedelta(days=1)
    )
