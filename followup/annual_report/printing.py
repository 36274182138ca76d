"""Printing: a short report during the request, a long one by a job (`followup.jobs`).

Simultaneous requests for the same file share one job. An edition's file is kept for good (`store`),
a draft's for a day.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from followup import background, jobs
from followup.annual_report import store
from followup.models import Printed, PrintJob, PrintState, Snapshot
from forum_portal.compare_and_set import compare_and_set

logger = logging.getLogger(__name__)

#: A report with at most this many characters of JSON is printed during the request: half a second,
#: four on a slow machine.
INLINE = 100_000
#: Characters printed in a second, roughly, by a worker.
SPEED = 50_000
STARTING = 3  # seconds until a worker has seen the job and loaded the engine
#: For this time every request is told that the job failed; then the next request tries it again.
FAILED_FOR = timedelta(seconds=30)
KEEP_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Print:
    """A file, or the progress of its job. `key` identifies a draft's job (`find`); "" for an edition.

    `is_queued`: its job waits for a worker, or for another one than the one it lost; `is_alone`: and
    there is no worker.
    """

    state: PrintState
    content: bytes = b""
    key: str = ""
    begun_at: datetime | None = None
    characters: int = 0
    is_queued: bool = False
    is_alone: bool = False

    @property
    def seconds(self) -> int:
        """Seconds since its start."""
        return int((timezone.now() - self.begun_at).total_seconds()) if self.begun_at else 0

    @property
    def expected(self) -> int:
        """The usual duration in seconds for a report of this length."""
        return STARTING + self.characters // SPEED


def edition(snapshot: Snapshot, kind: str) -> Print:
    """An edition's file: the bytes of its first printing."""
    if kept := store.printed(snapshot, kind):
        return Print(PrintState.DONE, kept)
    return replace(_asked(store.document(snapshot), kind, snapshot=snapshot), key="")


def draft(report: Mapping[str, Any], kind: str, *, fitted: bool = False) -> Print:
    """A file of an unpublished report. `fitted`: see `pdf.write`."""
    return _asked(report, kind, fitted=fitted)


def find(key: str) -> Print | None:
    """The job with this key; None if it does not exist any more."""
    job = PrintJob.objects.filter(key=key).first()
    return _told(job) if job else None


def ahead(edition: int) -> None:
    """Queue the printing of an edition's files before anybody asks, so that a later engine cannot change
    them. `edition`: the key of its snapshot.
    """
    snapshot = Snapshot.objects.select_related("round").get(pk=edition)
    document = store.document(snapshot)
    for kind in WRITERS:
        if not store.printed(snapshot, kind):
            _asked(document, kind, snapshot=snapshot, is_awaited=False)


class NotPrinted(Exception):
    """The engine could not print a file; the log tells why."""


def run(pk: int) -> None:
    """Print a job's file, for a worker: also if another one was lost at it, or failed. Raises NotPrinted.

    A job that is done, or was removed since, is left as it is.
    """
    job = PrintJob.objects.select_related("snapshot__round").filter(pk=pk).first()
    if job is None or job.state == PrintState.DONE:
        return
    if job.state == PrintState.FAILED and not _begin_again(job, timezone.now()):
        return
    same = PrintJob.objects.filter(pk=pk, begun_at=job.begun_at)
    with background.heartbeat(lambda: same.update(alive_at=timezone.now())):
        if _print(job).state == PrintState.FAILED:
            raise NotPrinted


def lost() -> list[PrintJob]:
    """The jobs whose process has ended before them; the next request for the file begins them again."""
    now = timezone.now()
    jobs = PrintJob.objects.filter(state=PrintState.PRINTING).defer("document", "content")
    return [job for job in jobs if _is_lost(job, now)]


def _is_lost(job: PrintJob, now: datetime) -> bool:
    """Whether nobody prints it, and no worker will: it is silent, and in no queue."""
    return _is_silent(job, now) and jobs.stand_of(job.task) == jobs.Stand.ENDED


def _is_silent(job: PrintJob, now: datetime) -> bool:
    last_sign = job.alive_at or job.begun_at
    return job.state == PrintState.PRINTING and last_sign < now - background.LOST_AFTER


def _print(job: PrintJob) -> Print:
    """Print a job's file. Any exception is logged, and the job is marked as failed."""
    document = json.loads(job.document)
    with translation.override(document.get("language", settings.LANGUAGE_CODE)):
        return _printed(job, document)


def _printed(job: PrintJob, document: Mapping[str, Any]) -> Print:
    """Print in the language of the thread, which is the report's."""
    try:
        content = WRITERS[job.kind](document, job.is_fitted)
    except Exception:
        logger.exception("printing %s of %s failed", job.kind, job.snapshot or "a draft")
        return _ended(job, PrintState.FAILED)
    if job.snapshot is None:
        return _ended(job, PrintState.DONE, content)
    kept = store.keep_printed(job.snapshot, job.kind, content)
    job.delete()
    return Print(PrintState.DONE, kept)


def _pdf(report: Mapping[str, Any], fitted: bool) -> bytes:
    from followup.annual_report import pdf  # typst costs 10 ms and 20 MB to load

    return pdf.write(report, fitted=fitted)


def _docx(report: Mapping[str, Any], fitted: bool) -> bytes:
    if fitted:
        raise ValueError("a DOCX has no fixed pages to fit into")
    from followup.annual_report import word  # python-docx costs 60 ms to load

    return word.write(report)


WRITERS: Mapping[str, Callable[[Mapping[str, Any], bool], bytes]] = {
    Printed.PDF: _pdf,
    Printed.DOCX: _docx,
}


def _asked(
    report: Mapping[str, Any],
    kind: str,
    *,
    fitted: bool = False,
    snapshot: Snapshot | None = None,
    is_awaited: bool = True,
) -> Print:
    """The print of an existing job, or of a new one, which is begun or queued here.

    Of two simultaneous requests only one does so. `is_awaited`: a browser waits, so a short report is
    printed during the request.
    """
    now = timezone.now()
    document = json.dumps(report, ensure_ascii=False)
    of = snapshot.pk if snapshot else "draft"
    key = sha256(f"{of} {kind} {fitted} {document}".encode()).hexdigest()
    there = PrintJob.objects.filter(key=key).first()
    if there and not _may_be_tried_again(there, now):
        return _told(there)  # without a lock: whoever waits asks every two seconds
    is_inline = is_awaited and len(document) <= INLINE
    with transaction.atomic():
        job, is_mine = PrintJob.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "document": document,
                "is_fitted": fitted,
                "snapshot": snapshot,
                "begun_at": now,
            },
        )
        if is_mine and snapshot and (kept := store.printed(snapshot, kind)):
            # Another process stored it, and removed its job, after this request looked for the file.
            job.delete()
            return Print(PrintState.DONE, kept)
        if is_mine:
            PrintJob.objects.filter(begun_at__lt=now - KEEP_FOR).delete()
        elif _may_be_tried_again(job, now):
            is_mine = _begin_again(job, now)
            job.refresh_from_db()
        if is_mine:
            job.task = None if is_inline else jobs.enqueue("print_report", job.pk)
            job.save(update_fields=["task"])
    return _print(job) if is_mine and is_inline else _told(job)


def _begin_again(job: PrintJob, now: datetime) -> bool:
    """Begin a job anew; False if somebody else has."""
    return compare_and_set(
        job,
        expected={"state": job.state, "begun_at": job.begun_at},
        state=PrintState.PRINTING,
        begun_at=now,
        alive_at=None,
        ended_at=None,
    )


def _may_be_tried_again(job: PrintJob, now: datetime) -> bool:
    if job.state == PrintState.FAILED:
        return bool(job.ended_at and job.ended_at < now - FAILED_FOR)
    return _is_lost(job, now)


def _ended(job: PrintJob, state: PrintState, content: bytes = b"") -> Print:
    """Store how a job ended, unless it was counted as lost meanwhile and begun again."""
    compare_and_set(
        job,
        expected={"state": PrintState.PRINTING, "begun_at": job.begun_at},
        state=state,
        ended_at=timezone.now(),
        content=content,
    )
    return _told(job)


def _told(job: PrintJob) -> Print:
    is_queued = (
        job.state == PrintState.PRINTING
        and job.task is not None
        and (job.alive_at is None or _is_silent(job, timezone.now()))
        and jobs.stand_of(job.task) in (jobs.Stand.WAITING, jobs.Stand.LOST)
    )
    return Print(
        PrintState(job.state),
        bytes(job.content),
        job.key,
        job.begun_at,
        len(job.document),
        is_queued=is_queued,
        is_alone=is_queued and not jobs.somebody_works(),
    )
