"""One import from its upload to its end: the steps that the wizard's pages call.

Decisions are stored on the `SpreadsheetImport`. Results are stored as JSON files beside the upload,
so that any web process can show them and a worker can run a long check or import, also on another host
(`pending_files`, `followup.jobs`). Only what a reader makes of an upload stays on the host that made it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePath
from tempfile import gettempdir
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import background, jobs
from followup.actions import Refused
from followup.models import (
    ImportState,
    RememberedMapping,
    Round,
    SpreadsheetImport,
    User,
)
from followup.models.imports import EDITABLE, KEEP_FOR, PART, WRITTEN
from followup.spreadsheets import apply as writing
from followup.spreadsheets import archive, preview, sandbox
from followup.spreadsheets import undo as taking_back
from followup.spreadsheets.ledger import Ledger
from followup.spreadsheets.lookup import look_up
from followup.spreadsheets.messages import is_row_bound, level, sentence
from followup.spreadsheets.rows import Trouble
from followup.spreadsheets.tables import Source, Table, Tables, find_tables
from followup.spreadsheets.types import Book, Problem, Unreadable
from forum_portal import pending_files, security_log
from forum_portal.compare_and_set import compare_and_set
from forum_portal.security_log import Event
from forum_portal.storage_fault import StorageUnavailable

logger = logging.getLogger(__name__)

MAX_FILES = 100  # files of one import
#: What an upload and the reading of a file have in the system's folder for temporary files.
TEMPORARY = ("tmp*.upload*", "portal-import-*", "portal-list-*")
ALIVE = "alive"  # the file, beside the upload, that a running task touches
LEFT_OUT = "left-out.jsonl"  # the file, beside the upload, of every cell that was left out
#: A table of up to this many rows is checked and written while the browser waits.
INLINE_ROWS = 2000


@dataclass(frozen=True)
class Upload:
    """An uploaded file: its name, and its bytes in chunks."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True)
class Refusal:
    """A file among several that was refused, and why."""

    name: str
    why: str


def start(
    *, by: User, round_: Round, uploads: Sequence[Upload], limit: int = sandbox.MAX_BYTES
) -> SpreadsheetImport:
    """Store one or more uploads; zip archives are unpacked.

    Raises Unreadable if none of them can be read. If some can be read, the others are listed in
    `sources` with the reason, and the import goes on without them.
    """
    purge(everywhere=False)
    record = SpreadsheetImport(round=round_, created_by=by)
    try:
        files, refused = _receive(record, uploads, limit)
        for name, path in files:
            number = len(record.sources)
            os.replace(path, record.upload(number))
            try:
                _read(record, number, name, "")
            except Unreadable as unreadable:
                if len(files) == 1 and not refused:
                    raise
                refused.append(Refusal(name, sentence(unreadable.problem)))
                record.upload(number).unlink()
            else:
                pending_files.share(record.upload_name(number))
                digest = hashlib.sha256(record.upload(number).read_bytes()).hexdigest()
                record.sources.append({"name": name, "sha256": digest})
        if not record.sources:
            raise Unreadable(Problem("F30", {"list": _listed(refused)}))
    except BaseException:
        record.drop_files()
        raise
    record.counts = {"refused": [asdict(each) for each in refused]}
    record.file_name = _name(record.sources)
    record.save()
    return record


def _receive(
    record: SpreadsheetImport, uploads: Sequence[Upload], limit: int
) -> tuple[list[tuple[str, Path]], list[Refusal]]:
    """Store the uploads in the record's folder; return the files, and those that were refused."""
    files: list[tuple[str, Path]] = []
    refused: list[Refusal] = []
    for place, upload in enumerate(uploads):
        path = record.folder / f"arrived-{place}"
        try:
            _store(upload, path, limit)
            if PurePath(upload.name.strip()).suffix.lower() == archive.EXTENSION:
                files += _unpack(record, path, upload.name, refused)
            else:
                files.append((upload.name[-255:], path))
        except Unreadable as unreadable:
            if len(uploads) == 1:
                raise
            refused.append(Refusal(upload.name, sentence(unreadable.problem)))
    if len(files) > MAX_FILES:
        raise Unreadable(Problem("F31", {"max": MAX_FILES}))
    return files, refused


def _unpack(
    record: SpreadsheetImport, path: Path, name: str, refused: list[Refusal]
) -> list[tuple[str, Path]]:
    """Unpack an archive and delete it; entries that are not read are listed as refused."""
    unpacked = archive.unpack(path, name)
    refused += [Refusal(each.name, sentence(each.problem)) for each in unpacked.skipped]
    files = []
    for number, member in enumerate(unpacked.files):
        place = path.with_name(f"{path.name}-{number}")
        _store(Upload(member.name, [member.content]), place, len(member.content))
        files.append((member.name[-255:], place))
    path.unlink()
    return files


def _store(upload: Upload, path: Path, limit: int) -> None:
    """Write an upload to `path`, readable by this user only. Raises Unreadable (F03)."""
    size = 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in upload.chunks:
            size += len(chunk)
            if size > limit:
                raise Unreadable(Problem("F03", {"mb": limit // 1024 // 1024}))
            file.write(chunk)


def _listed(refused: Sequence[Refusal]) -> str:
    return "; ".join(f"{each.name}: {each.why}" for each in refused)


def _name(sources: Sequence[Mapping[str, str]]) -> str:
    """The name of the import: its file, or the first of several and the number of the others."""
    first = str(sources[0]["name"])
    if len(sources) == 1:
        return first[-255:]
    more = _(" และอีก %(n)s ไฟล์") % {"n": len(sources) - 1}
    return f"{first[: 255 - len(more)]}{more}"


def purge(*, everywhere: bool = True) -> int:
    """Remove uploads older than KEEP_FOR; return how many. The records of what they wrote stay.

    `everywhere`: also what only object storage lists; a request does not wait for that.
    """
    old = _old()
    removed = 0
    there = pending_files.folders(everywhere=everywhere)
    for record in old.filter(state__in=WRITTEN).exclude(state=ImportState.UNDOING):
        if record.token in there:
            record.drop_files()
    for record in old.exclude(state__in=WRITTEN).exclude(
        pk__in=SpreadsheetImport.objects.half_done()
    ):
        record.delete()
        removed += 1
    removed += sum(map(_remove_if_old, _abandoned()))
    return removed + (_sweep() if everywhere else 0)


def purgeable() -> int:
    """How many uploads `purge` would remove now."""
    unwritten = (
        _old().exclude(state__in=WRITTEN).exclude(pk__in=SpreadsheetImport.objects.half_done())
    )
    return unwritten.count() + sum(map(_is_old, _abandoned())) + _sweep(dry_run=True)


def _sweep(*, dry_run: bool = False) -> int:
    return pending_files.sweep(_tokens(), until=timezone.now() - KEEP_FOR, dry_run=dry_run)


def _tokens() -> set[str]:
    return set(SpreadsheetImport.objects.values_list("token", flat=True))


def _old() -> QuerySet[SpreadsheetImport]:
    return SpreadsheetImport.objects.filter(created_at__lt=timezone.now() - KEEP_FOR)


def _abandoned() -> list[Path]:
    """What processes left behind that were killed, old or not."""
    # With object storage all that is in the folder are copies.
    known = set() if pending_files.is_remote() else _tokens()
    return [
        # Uploads of the admin's own import that were never confirmed, and folders without a record.
        *(path for path in settings.IMPORT_FOLDER.glob("*") if path.name not in known),
        *(path for name in TEMPORARY for path in Path(gettempdir()).glob(name)),
    ]


def _is_old(path: Path) -> bool:
    a_day_ago = (timezone.now() - KEEP_FOR).timestamp()
    try:
        about = path.stat(follow_symlinks=False)
    except OSError:  # another process was faster
        return False
    return about.st_mtime <= a_day_ago and about.st_uid == os.getuid()


def _remove_if_old(path: Path) -> bool:
    if not _is_old(path):
        return False
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError:  # another process was faster, or may not be disturbed
        return False
    return True


def tables_of(record: SpreadsheetImport) -> Tables:
    """Read the files and find their tables by the person's decisions. Raises Unreadable."""
    sources, failed = [], []
    for number, source in enumerate(record.sources):
        try:
            book = _read(record, number, source["name"], record.encoding)
        except Unreadable as unreadable:
            if len(record.sources) == 1:
                raise
            failed.append((source["name"], unreadable.problem))
        else:
            sources.append(Source(number, source["name"], source["sha256"], book))
    found = find_tables(
        sources,
        round_=record.round,
        chosen=record.tables,
        mappings=record.mapping,
        remembered=dict(RememberedMapping.objects.values_list("signature", "mapping")),
        answers=record.answers,
        include_hidden=record.include_hidden,
    )
    return replace(found, failed=[*found.failed, *failed])


def _read(record: SpreadsheetImport, number: int, name: str, encoding: str) -> Book:
    """A file of the import; the result is stored beside it and reused. Raises Unreadable."""
    digest = record.sources[number]["sha256"] if number < len(record.sources) else ""
    path = pending_files.here(record.upload_name(number), digest)
    keep = path.with_name(f"{path.name}-read{encoding and '-'}{encoding}")
    return sandbox.read_file(path, name=name, encoding=encoding, keep=keep)


def decide(record: SpreadsheetImport, version: int, **decisions: Any) -> bool:
    """Store decisions made on `version` of the import; False if it has changed meanwhile.

    Earlier results are no longer valid: the import has to be checked again.
    """
    changed = compare_and_set(
        record,
        expected={"version": version, "state__in": EDITABLE},
        version=version + 1,
        state=ImportState.UPLOADED,
        failure="",
        **decisions,
    )
    record.refresh_from_db()
    return changed


def earlier_with_the_same_rows(record: SpreadsheetImport) -> SpreadsheetImport | None:
    """An earlier import that wrote exactly the rows of this one (F07), or None."""
    if not record.rows_sha256:
        return None
    return (
        SpreadsheetImport.objects.filter(
            rows_sha256=record.rows_sha256, round=record.round_id, state=ImportState.APPLIED
        )
        .exclude(pk=record.pk)
        .order_by("-applied_at")
        .first()
    )


# Checking and writing -------------------------------------------------------------------------


def begin(
    record: SpreadsheetImport, task: str, *, by: User, rows: int, version: int | None = None
) -> bool:
    """Run a task: at once if it is small, else queue it.

    The import's state changes only if the task may begin in it and its decisions are still those of
    `version`; otherwise returns False and does nothing.
    """
    expected = {"state__in": MAY_BEGIN[task], "attempt": record.attempt}
    if version is not None:
        expected["version"] = version
    report_progress(record, task, 0, rows)  # before the state: pages then read it
    with transaction.atomic():
        if not _next_attempt(record, task, expected, by, rows, state=DOING[task], failure=""):
            return False
        if task == "apply":
            security_log.after_commit(Event.IMPORT_CONFIRMED, user=by, about=record)
    _run_if_small(record, task, by)
    return True


def _next_attempt(
    record: SpreadsheetImport,
    task: str,
    expected: Mapping[str, Any],
    by: User,
    rows: int,
    **values: Any,
) -> bool:
    """Count an attempt at a task, and queue it if it is long; False if the record is not as expected."""
    attempt = record.attempt + 1
    if not compare_and_set(record, expected=expected, attempt=attempt, task=None, **values):
        return False
    if rows > INLINE_ROWS:
        key = jobs.enqueue("run_import", record.pk, task, attempt, by.pk)
        compare_and_set(record, expected={"attempt": attempt}, task=key)
    return True


def _run_if_small(record: SpreadsheetImport, task: str, by: User) -> None:
    if record.task is None:
        run(record.pk, task, by, attempt=record.attempt)


def run(pk: int, task: str, by: User, *, attempt: int, again: UUID | None = None) -> None:
    """Run a task to its end; the record's state then shows the outcome.

    `attempt` is the one that `begin` counted. A process that was given up and woke up late writes
    nothing, because another attempt has begun or may begin. `again`: the job, if it is begun once more
    because its worker was lost. This is an attempt of its own, which goes on with a check and an undo; of
    an import that was being applied it takes back what was written, so that a person decides.
    """
    record = SpreadsheetImport.objects.select_related("round").filter(pk=pk).first()
    if record is None:
        logger.warning("import %s was removed before its %s", pk, task)
        return
    if again and record.task == again and record.state == DOING[task]:
        expected = {"state": DOING[task], "attempt": record.attempt}
        if compare_and_set(record, expected=expected, attempt=record.attempt + 1):
            attempt = record.attempt
            task = "roll_back" if task == "apply" else task
    if (record.state, record.attempt) != (DOING[task], attempt):
        logger.warning("import %s: attempt %s at %s was given up", pk, attempt, task)
        return
    try:
        with background.heartbeat(lambda: pending_files.put(record.stored(ALIVE), b"")):
            TASKS[task](record, by)
    except Unreadable as unreadable:
        _fail(record, task, sentence(unreadable.problem), by=by)
    except Refused as refused:
        _fail(record, task, str(refused), by=by)
    except Exception:
        logger.exception("import %s failed at %s", pk, task)
        _fail(record, task, _stopped(record, task), by=by)
        raise
    if task in DONE:
        security_log.after_commit(DONE[task], user=by, about=record)


def _fail(record: SpreadsheetImport, task: str, why: str, *, by: User | None = None) -> None:
    failed = compare_and_set(
        record,
        expected={"state": DOING[task], "attempt": record.attempt},
        state=FAILED_AT[task],
        failure=why,
    )
    if failed and task in DONE:  # a check writes nothing, whatever becomes of it
        outcome = task if by else f"{task}_lost"
        security_log.after_commit(Event.IMPORT_FAILED, user=by, about=record, outcome=outcome)


def is_lost(record: SpreadsheetImport) -> bool:
    """Whether a task of this import is running by its state, and nobody runs it or will."""
    return record.state in RUNNING and bool(progress_of(record)["lost"])


def give_up(record: SpreadsheetImport, by: User | None = None) -> None:
    """Mark a running task as failed because its process was lost, once all that it wrote is taken back.

    `by` is who asked for it. To take back much is queued, and the import is being applied until then.
    """
    by = by or record.created_by
    rows = record.rows.count() if record.state == ImportState.APPLYING else 0
    if not rows or by is None:
        taking_back.roll_back(record, by)
        _fail(record, _running(record), _stopped(record, _running(record)))
        return
    report_progress(record, "apply", 0, rows)
    expected = {"state": ImportState.APPLYING, "attempt": record.attempt}
    with transaction.atomic():
        if not _next_attempt(record, "roll_back", expected, by, rows):
            return
    _run_if_small(record, "roll_back", by)


def stopped(record: SpreadsheetImport) -> str:
    """The sentence for a running task whose process was lost."""
    task = _running(record)
    if task == "apply" and (written := record.rows.count()):
        return _("งานหยุดกลางคัน เขียนแล้ว %(n)s รายการ กดปุ่มเพื่อย้อนรายการเหล่านั้นกลับ แล้วลองอีกครั้ง") % {
            "n": written
        }
    return _stopped(record, task)


def _running(record: SpreadsheetImport) -> str:
    return next(name for name, state in DOING.items() if state == record.state)


def _stopped(record: SpreadsheetImport, task: str) -> str:
    if task == "undo" and record.rows.count() > PART:
        return _("การย้อนหยุดกลางคัน บางรายการอาจย้อนแล้ว ส่วนที่เหลือยังเป็นไปตามไฟล์ ลองอีกครั้ง")
    if task == "undo":
        return _("การย้อนหยุดกลางคัน ยังไม่มีรายการใดเปลี่ยน ลองอีกครั้ง")
    return _("งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง")


def _check(record: SpreadsheetImport, by: User) -> None:
    found = tables_of(record)
    if not found.tables:
        raise Unreadable(found.problems[0] if found.problems else Problem("F06"))
    for table in found.tables:
        used = {column.index for column in table.layout.columns if column.field}
        first = table.layout.header_last + 1
        if any(row >= first and column in used for row, column in table.sheet.without_value):
            raise Unreadable(Problem("F09"))
    choices = choices_of(record)
    ledger = Ledger(record.folder / LEFT_OUT)
    built = preview.build(
        found.tables,
        look_up(record.round),
        choices,
        ledger,
        progress=lambda done, total: _tell(record, "check", done, total),
    )
    kept = pack(record, found, built, ledger)
    pending_files.share(record.stored(LEFT_OUT))
    _keep(record, "preview", kept)
    compare_and_set(
        record,
        expected={"state": DOING["check"], "attempt": record.attempt},
        state=ImportState.CHECKED,
        rows_sha256=built.rows_sha256,
        set_aside=[],
        counts={**preview.summary(built, choices), "refused": record.counts.get("refused", [])},
        failure="",
    )


def choices_of(record: SpreadsheetImport) -> preview.Choices:
    return preview.Choices(
        answers=record.answers,
        fixes=record.fixes,
        agency=record.agency_id,
        include_hidden=record.include_hidden,
        submit=record.submit,
    )


def _apply(record: SpreadsheetImport, by: User) -> None:
    kept = load_preview(record)
    if kept["version"] != record.version:
        raise Refused(_("คำตอบเปลี่ยนไปหลังตรวจครั้งล่าสุด ตรวจอีกครั้งแล้วจึงยืนยัน"))
    try:
        writing.apply(
            record=record,
            writes=[preview.Write(**each) for each in kept["writes"]],
            learnt=kept["learnt"],
            by=by,
            progress=lambda done, total: _tell(record, "apply", done, total),
        )
    except BaseException as error:
        if stay := taking_back.roll_back(record, by):
            raise Refused(_rolled_back(record, stay)) from error
        raise


def _roll_back(record: SpreadsheetImport, by: User) -> None:
    stay = taking_back.roll_back(record, by)
    _fail(record, "apply", _rolled_back(record, stay))


def _rolled_back(record: SpreadsheetImport, stay: Sequence[str]) -> str:
    if stay:
        return _("งานหยุดกลางคัน รายการที่เขียนแล้วย้อนกลับหมด ยกเว้นที่มีผู้แก้ไขต่อ: %(list)s") % {
            "list": writing.listed(stay)
        }
    return _stopped(record, "apply")


def _undo(record: SpreadsheetImport, by: User) -> None:
    taking_back.undo(
        record=record,
        by=by,
        progress=lambda done, total: _tell(record, "undo", done, total),
    )


TASKS: Mapping[str, Callable[[SpreadsheetImport, User], None]] = {
    "check": _check,
    "apply": _apply,
    "undo": _undo,
    "roll_back": _roll_back,
}
DOING = {
    "check": ImportState.CHECKING,
    "apply": ImportState.APPLYING,
    "undo": ImportState.UNDOING,
    "roll_back": ImportState.APPLYING,
}
#: What the security log says of a task that was done.
DONE = {"apply": Event.IMPORT_APPLIED, "undo": Event.IMPORT_UNDONE}
RUNNING = frozenset(DOING.values())
MAY_BEGIN = {
    "check": EDITABLE,
    "apply": [ImportState.CHECKED],
    "undo": [ImportState.APPLIED],
}
FAILED_AT = {
    "check": ImportState.FAILED,
    "apply": ImportState.FAILED,
    "undo": ImportState.APPLIED,
    "roll_back": ImportState.FAILED,
}


# Files beside the upload ----------------------------------------------------------------------


def _keep(record: SpreadsheetImport, name: str, content: Any) -> None:
    """Write a JSON file; a page may be reading the previous one."""
    text = json.dumps(content, ensure_ascii=False)
    pending_files.put(record.stored(f"{name}.json"), text.encode())


def _kept(record: SpreadsheetImport, name: str) -> dict[str, Any]:
    """What `_keep` wrote last. Raises FileNotFoundError."""
    kept: dict[str, Any] = json.loads(pending_files.fetch(record.stored(f"{name}.json")))
    return kept


def pack(
    record: SpreadsheetImport, found: Tables, built: preview.Preview, ledger: Ledger
) -> dict[str, Any]:
    """The result of a check as JSON, so that pages need not read the files again.

    Questions and errors are grouped: one for each distinct text, with all its rows, each as [index in
    `places`, row].
    """
    rest: dict[str, list[dict[str, Any]]] = {"error": [], "warn": [], "info": [], "skip": []}
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for trouble in built.troubles:
        kind = level(trouble.problem)
        if kind.value in rest:
            _group(trouble, kind.value, rest, groups, found.tables)
    return {
        "version": record.version,
        "tables": [table.key for table in found.tables],
        "places": built.places,
        "forums": built.forums,
        "writes": [asdict(write) for write in built.writes],
        "settled": [asdict(each) for each in built.settled],
        "learnt": built.learnt,
        "questions": [question(key, troubles) for key, troubles in built.questions.items()],
        "rest": rest,
        "ledger": ledger.close(),
        "unread": [
            {"file": each.source.name, "sheet": each.sheet.name, "why": each.why}
            for each in found.unread
        ],
        "failed": [
            *({"name": name, "why": sentence(problem)} for name, problem in found.failed),
            *record.counts.get("refused", []),
        ],
    }


def question(key: str, troubles: Sequence[Trouble]) -> dict[str, Any]:
    """A question as JSON, with its rows as [place of the table, row]."""
    first = troubles[0]
    return {
        "key": key,
        "code": first.problem.code,
        "message": sentence(first.problem),
        "column": first.column,
        "index": first.index,
        "raw": first.raw,
        "rows": _places(troubles),
        "options": [asdict(option) for option in first.problem.options],
    }


def _places(troubles: Iterable[Trouble]) -> list[list[int]]:
    return [list(place) for place in sorted({(each.table, each.row) for each in troubles})]


def _group(
    trouble: Trouble,
    kind: str,
    rest: dict[str, list[dict[str, Any]]],
    groups: dict[tuple[Any, ...], dict[str, Any]],
    tables: Sequence[Table],
) -> None:
    """Add a trouble to the group with the same message, value and column."""
    message = sentence(trouble.problem)
    shape = tables[trouble.table].signature
    key = (kind, message, shape, trouble.index, trouble.raw if kind == "error" else "")
    group = groups.get(key)
    if group is None:
        group = groups[key] = {
            "code": trouble.problem.code,
            "message": message,
            "column": trouble.column,
            "index": trouble.index,
            "raw": trouble.raw,
            "is_row_bound": is_row_bound(trouble.problem),
            "cells": [],
        }
        rest[kind].append(group)
    cell = [trouble.table, trouble.row, trouble.was]
    if cell not in group["cells"][-1:]:
        group["cells"].append(cell)


def load_preview(record: SpreadsheetImport) -> dict[str, Any]:
    """The result of the last check. Raises FileNotFoundError before the first check."""
    return _kept(record, "preview")


def was_checked(record: SpreadsheetImport) -> bool:
    """Whether the current decisions were checked; a failure then happened after the check."""
    try:
        return bool(load_preview(record)["version"] == record.version)
    except FileNotFoundError:
        return False


def report_progress(record: SpreadsheetImport, task: str, done: int, total: int) -> None:
    """Store a task's progress in a file: the import is one transaction, so the database cannot."""
    _keep(record, "progress", {"task": task, "done": done, "total": total, "at": time.time()})


def _tell(record: SpreadsheetImport, task: str, done: int, total: int) -> None:
    """`report_progress` from within a task, which does not end because nobody can see it."""
    try:
        report_progress(record, task, done, total)
    except StorageUnavailable as error:
        logger.warning("the progress of import %s cannot be told: %s", record.pk, error)


def progress_of(record: SpreadsheetImport) -> Mapping[str, Any]:
    """The progress of a running task: done and total; `lost`: whether nobody runs it or will.

    `queued`: whether it waits for a worker, or for another one than the one it lost; `alone`: and there
    is no worker.
    """
    try:
        kept = _kept(record, "progress")
    except FileNotFoundError:
        kept = {"task": "", "done": 0, "total": 0, "at": 0}
    silent_for = timedelta(seconds=time.time() - max(kept["at"], _alive_at(record)))
    is_silent = silent_for > background.LOST_AFTER
    stand = jobs.stand_of(record.task) if record.task else jobs.Stand.ENDED
    kept["lost"] = is_silent and stand == jobs.Stand.ENDED
    kept["queued"] = stand == jobs.Stand.WAITING or (is_silent and stand == jobs.Stand.LOST)
    kept["alone"] = kept["queued"] and not jobs.somebody_works()
    return kept


def _alive_at(record: SpreadsheetImport) -> float:
    """The last sign of life of a task, in seconds since 1970; 0 without one."""
    try:
        return pending_files.storage().get_modified_time(record.stored(ALIVE)).timestamp()
    except FileNotFoundError:
        return 0.0
