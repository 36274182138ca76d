"""How the portal runs: figures for `/metrics` and for the administrators' page."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django_tasks import TaskResultStatus

from followup import health, jobs, permissions
from followup.models import (
    AgencyLink,
    AssessorLink,
    ImportState,
    LinkCheck,
    LinkState,
    NewsMail,
    ReportState,
    RoundState,
    SentMail,
    SignedLink,
    SpreadsheetImport,
    StatusReport,
)
from forum_portal.metrics import Gauge
from forum_portal.version import VERSION

SOON = timedelta(days=14)  # before a link ends
LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Mails:
    """E-mails to focal points and subscribers: those that wait, and those that failed lately."""

    waiting: int
    failed: int

    @classmethod
    def now(cls) -> Mails:
        since = timezone.now() - LATELY
        to_agencies, to_subscribers = SentMail.Outcome, NewsMail.Outcome
        return cls(
            waiting=SentMail.objects.filter(
                outcome__in=[to_agencies.WAITING, to_agencies.SENDING]
            ).count()
            + NewsMail.objects.filter(
                outcome__in=[to_subscribers.WAITING, to_subscribers.SENDING]
            ).count(),
            failed=SentMail.objects.filter(
                outcome__in=[to_agencies.FAILED, to_agencies.REFUSED], at__gte=since
            ).count()
            + NewsMail.objects.filter(
                outcome__in=[to_subscribers.EXPIRED, to_subscribers.REFUSED],
                news__queued_at__gte=since,
            ).count(),
        )


@dataclass(frozen=True)
class LinkChecks:
    """The checks of the links of evidence: whether there are any, the dead ones, and the last run.

    `told` is what that run did, as `link_checks.Told.plain` keeps it.
    """

    is_on: bool
    dead: int
    ended_at: datetime | None
    told: Mapping[str, Any]

    @classmethod
    def now(cls) -> LinkChecks:
        done = jobs.in_state(TaskResultStatus.SUCCESSFUL, "check_links")
        last = done.order_by("-finished_at").first()
        return cls(
            is_on=settings.LINK_CHECKS,
            dead=LinkCheck.objects.filter(state=LinkState.GONE).count(),
            ended_at=last.finished_at if last else None,
            told=(last.return_value or {}) if last else {},
        )


@dataclass(frozen=True)
class Links:
    """The links of one kind that work: how many, how many end soon, and the first last day."""

    working: int
    ending: int
    next_end: date | None

    @classmethod
    def of(cls, working: Sequence[SignedLink]) -> Links:
        until = timezone.now() + SOON
        return cls(
            working=len(working),
            ending=sum(link.expires_at < until for link in working),
            next_end=min((link.last_day for link in working), default=None),
        )


def agency_links() -> Links:
    links = AgencyLink.objects.filter(revoked_at=None).select_related("round")
    return Links.of([link for link in links if permissions.link_works(link)])


def organisation_links() -> Links:
    links = AssessorLink.objects.filter(revoked_at=None).select_related("round", "organisation")
    return Links.of([link for link in links if permissions.assessor_link_works(link)])


def programs() -> dict[str, str]:
    """What runs, and its version, beside the portal's own."""
    if connection.vendor == "postgresql":
        number = connection.pg_version  # type: ignore[attr-defined]
        engine, version = "PostgreSQL", f"{number // 10000}.{number % 10000}"
    else:
        engine, version = "SQLite", sqlite3.sqlite_version
    return {"Python": platform.python_version(), "Django": django.get_version(), engine: version}


def gauges(found: Mapping[str, health.Finding]) -> list[Gauge]:
    """The figures of this moment for Prometheus; without the database only what needs none.

    `found` is what `health.examine` found.
    """
    told = [
        Gauge("portal_info", "The version that runs.", ("version",), {(VERSION,): 1}),
        Gauge(
            "portal_check_ok",
            "Whether a part of the portal works, as /readyz finds it.",
            ("check",),
            {(name,): float(finding.is_ok) for name, finding in found.items()},
        ),
    ]
    made_at = health.backup_made_at()
    if made_at is not None:
        told.append(
            Gauge(
                "portal_backup_timestamp_seconds",
                "When the last backup was made, in seconds of the epoch.",
                (),
                {(): made_at},
            )
        )
    return told + (_of_the_database() if found["database"].is_ok else [])


def _of_the_database() -> list[Gauge]:
    standing = StatusReport.objects.standing().filter(round__state=RoundState.OPEN)
    reports = dict(standing.order_by().values_list("state").annotate(Count("pk")))
    imports = dict(SpreadsheetImport.objects.order_by().values_list("state").annotate(Count("pk")))
    mails, queue = Mails.now(), jobs.figures()
    return [
        Gauge(
            "portal_jobs",
            "Jobs of the queue, by state.",
            ("state",),
            {
                ("waiting",): queue.waiting,
                ("running",): queue.running,
                ("failed",): queue.failed,
            },
        ),
        Gauge(
            "portal_jobs_oldest_waiting_seconds",
            "For how long the oldest job that is due has waited.",
            (),
            {(): queue.oldest_waiting_seconds},
        ),
        Gauge(
            "portal_workers",
            "Workers that live, and that were lost and not seen to.",
            ("state",),
            {("living",): queue.workers, ("lost",): queue.lost_workers},
        ),
        Gauge(
            "portal_reports",
            "Reports of the rounds that take reports, by state: `submitted` ones wait for a review.",
            ("state",),
            {(state,): reports.get(state, 0) for state in ReportState.values},
        ),
        Gauge(
            "portal_imports",
            "Spreadsheet imports that are kept, by state.",
            ("state",),
            {(state,): imports.get(state, 0) for state in ImportState.values},
        ),
        Gauge(
            "portal_mails",
            "E-mails to focal points and subscribers that wait, and that failed in seven days.",
            ("outcome",),
            {("waiting",): mails.waiting, ("failed",): mails.failed},
        ),
    ]
