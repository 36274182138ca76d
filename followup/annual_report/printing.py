"""Printing: a short report during the request, a long one in a separate process.

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
from django.utils import timezone, translation

from followup import background
from followup.annual_report import store
from followup.models import Printed, PrintJob, PrintState, Snapshot
from forum_portal.compare_and_set import compare_and_set

logger = logging.getLogger(__name__)

#: A report with at most this many characters of JSON is printed during the request: half a second,
#: four on a slow machine.
INLINE = 100_000
#: Characters printed in a second, roughly, in a separate process after its start.
SPEED = 50_000
STARTING = 3  # seconds that the process takes to start
#: For this time every request is told that the job failed; then the next request tries it again.
FAILED_FOR = timedelta(seconds=30)
KEEP_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Print:
    """A file, or the progress of its job. `key` identifies a draft's job (`find`); "" for an edition."""

    state: PrintState
    content: bytes = b""
    key: str = ""
    begun_at: datetime | None = None
    characters: int = 0

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


def ahead(snapshot: Snapshot) -> None:
    """Start printing an edition's files before anybody asks, so that a later engine cannot change them.

    Call it after the snapshot is committed.
    """
    document = store.document(snapshot)
    for kind in WRITERS:
        _asked(document, kind, snapshot=snapshot, is_awaited=False)


def run(pk: int) -> None:
    """Print a job's file, as `manage.py print_report` does."""
    job = PrintJob.objects.select_related("snapshot__round").get(pk=pk)
    same = PrintJob.objects.filter(pk=pk, begun_at=job.begun_at)
    with background.heartbeat(lambda: same.update(alive_at=timezone.now())):
        _print(job)


def lost() -> list[PrintJob]:
    """The jobs whose process has ended before them; the next request for the file starts them again."""
    now = timezone.now()
    jobs = PrintJob.objects.filter(state=PrintState.PRINTING).defer("document", "content")
    return [job for job in jobs if _is_lost(job, now)]


def _is_lost(job: PrintJob, now: datetime) -> bool:
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
    """The print of an existing job, or of a new one, which is started here.

    Of two simultaneous requests only one starts it. `is_awaited`: a browser waits, so a short report
    is printed during the request.
    """
    now = timezone.now()
    document = json.dumps(report, ensure_ascii=False)
    of = snapshot.pk if snapshot else "draft"
    job, is_mine = PrintJob.objects.get_or_create(
        key=sha256(f"{of} {kind} {fitted} {document}".encode()).hexdigest(),
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
        again = {
            "state": PrintState.PRINTING,
            "begun_at": now,
            "alive_at": None,
            "ended_at": None,
        }
        is_mine = compare_and_set(job, expected={"begun_at": job.begun_at}, **again)
        job.refresh_from_db()
    if is_mine and is_awaited and len(document) <= INLINE:
        return _print(job)
    if is_mine:
        background.start("print_report", str(job.pk))
    return _told(job)


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
    state = PrintState(job.state)
    return Print(state, bytes(job.content), job.key, job.begun_at, len(job.document))
