"""One import from its upload to its end: the steps that the wizard's pages call.

What is decided is on the `SpreadsheetImport`; what was found lies beside the upload as plain JSON, so
that any web process can show it and a long check or import can run in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from followup import background
from followup.actions import Refused
from followup.models import ImportState, RememberedMapping, Round, SpreadsheetImport, User
from followup.models.imports import KEEP_FOR
from followup.spreadsheets import apply as writing
from followup.spreadsheets import preview, recognise, sandbox, workbook
from followup.spreadsheets.lookup import look_up
from followup.spreadsheets.messages import level, sentence
from followup.spreadsheets.types import Book, Layout, Problem, Sheet, Unreadable

logger = logging.getLogger(__name__)

#: A table of up to this many rows is checked and written while the browser waits.
INLINE_ROWS = 2000
#: Seconds without a sign of life after which a background process counts as lost.
LOST_AFTER = 120


def start(
    *, by: User, round_: Round, name: str, chunks: Iterable[bytes], limit: int = sandbox.MAX_BYTES
) -> SpreadsheetImport:
    """Keep an upload. Raises Unreadable where it is empty, too large or no spreadsheet at all."""
    purge()
    record = SpreadsheetImport(round=round_, created_by=by, file_name=name[-255:])
    digest, size = hashlib.sha256(), 0
    try:
        with open(record.upload, "xb") as upload:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise Unreadable(Problem("F03", {"mb": limit // 1024 // 1024}))
                digest.update(chunk)
                upload.write(chunk)
        os.chmod(record.upload, 0o600)
        sandbox.read_file(record.upload, name=name)
    except Unreadable:
        record.drop_files()
        raise
    record.sha256 = digest.hexdigest()
    record.save()
    return record


def purge() -> int:
    """Remove the uploads that are a day old; the records of what they wrote stay."""
    old = SpreadsheetImport.objects.filter(created_at__lt=timezone.now() - KEEP_FOR)
    removed = 0
    for record in old.filter(state__in=[ImportState.APPLIED, ImportState.UNDONE]):
        record.drop_files()
    for record in old.exclude(state__in=[ImportState.APPLIED, ImportState.UNDONE]):
        record.delete()
        removed += 1
    # What the admin's own import was given and never confirmed.
    a_day_ago = (timezone.now() - KEEP_FOR).timestamp()
    for path in settings.IMPORT_FOLDER.glob("*"):
        if path.is_file() and path.stat().st_mtime < a_day_ago:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


@dataclass(frozen=True)
class Table:
    """The table of a file as it is understood now. `own` where it is the portal's own workbook."""

    book: Book
    sheet: Sheet | None
    layout: Layout | None
    problems: list[Problem]
    own: workbook.OwnWorkbook | None = None

    def lacks(self, *, agency_given: bool) -> Problem | None:
        """C01 where a column is missing without which no row can be placed."""
        if self.layout is None:
            return Problem("F06")
        return recognise.missing_problem(self.layout, agency_given=agency_given)


def table_of(record: SpreadsheetImport) -> Table:
    """Read the file and find its table, with what the person decided. Raises Unreadable."""
    book = sandbox.read_file(record.upload, name=record.file_name, encoding=record.encoding)
    own = workbook.read_back(book)
    if own:
        workbook.check_round(own, record.round.year_be)
        return Table(book, _sheet(book, own.layout), own.layout, [], own)
    mapping = {int(index): name for index, name in record.mapping.items()}
    layout, problems = recognise.find_layout(
        book, sheet=record.sheet, header_row=record.header_row, mapping=mapping or None
    )
    if layout and not mapping:
        remembered = RememberedMapping.objects.filter(signature=recognise.signature(layout)).first()
        if remembered:
            layout, problems = recognise.find_layout(
                book,
                sheet=record.sheet,
                header_row=record.header_row,
                mapping={int(index): name for index, name in remembered.mapping.items()},
            )
    return Table(book, _sheet(book, layout) if layout else None, layout, problems)


def _sheet(book: Book, layout: Layout) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == layout.sheet)


def remember(record: SpreadsheetImport, layout: Layout) -> None:
    """Keep this mapping for the next file whose headings are the same."""
    RememberedMapping.objects.update_or_create(
        signature=recognise.signature(layout), defaults={"mapping": record.mapping}
    )


# Checking and writing -------------------------------------------------------------------------


def begin(record: SpreadsheetImport, task: str, *, by: User, rows: int) -> None:
    """Check or apply: here and now where the table is small, else in a process of its own."""
    states = {"check": ImportState.CHECKING, "apply": ImportState.APPLYING}
    SpreadsheetImport.objects.filter(pk=record.pk).update(state=states[task], failure="")
    report_progress(record, task, 0, rows)
    if rows <= INLINE_ROWS:
        run(record.pk, task, by)
    else:
        background.start("run_import", str(record.pk), task, "--user", str(by.pk))


def run(pk: int, task: str, by: User) -> None:
    """Do a task to its end and leave the record in a state that says how it went."""
    record = SpreadsheetImport.objects.select_related("round").get(pk=pk)
    try:
        {"check": _check, "apply": _apply}[task](record, by)
    except Unreadable as unreadable:
        _fail(record, sentence(unreadable.problem))
    except Refused as refused:
        _fail(record, str(refused))
    except Exception:
        logger.exception("import %s failed at %s", pk, task)
        _fail(record, "")
        raise


def _fail(record: SpreadsheetImport, why: str) -> None:
    SpreadsheetImport.objects.filter(pk=record.pk).update(state=ImportState.FAILED, failure=why)


def _check(record: SpreadsheetImport, by: User) -> None:
    table = table_of(record)
    if table.layout is None or table.sheet is None:
        raise Unreadable(table.problems[0] if table.problems else Problem("F06"))
    used = {column.index for column in table.layout.columns if column.field}
    first = table.layout.header_last + 1
    if any(row >= first and column in used for row, column in table.sheet.without_value):
        raise Unreadable(Problem("F09"))
    found = preview.build(
        table.sheet,
        table.layout,
        look_up(record.round),
        # A filter hides rows of our own workbook; they are still rows.
        replace(choices_of(record), include_hidden=bool(table.own) or record.include_hidden),
        keys=table.own.keys if table.own else None,
        progress=lambda done, total: report_progress(record, "check", done, total),
    )
    _keep(record, "preview", pack(found))
    counts = preview.summary(found, choices_of(record))
    SpreadsheetImport.objects.filter(pk=record.pk).update(
        state=ImportState.CHECKED, counts=counts, failure=""
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
    writes = [preview.Write(**each) for each in kept["writes"]]
    writing.apply(
        record=record,
        writes=writes,
        learnt=kept["learnt"],
        by=by,
        progress=lambda done, total: report_progress(record, "apply", done, total),
    )


# What lies beside the upload ------------------------------------------------------------------


def _keep(record: SpreadsheetImport, name: str, content: Any) -> None:
    """Write a JSON file whole or not at all: a page may be reading the one before."""
    path = record.folder / f"{name}.json"
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    part.replace(path)


def pack(found: preview.Preview) -> dict[str, Any]:
    """A preview as JSON: writes, learnt aliases, the sheet's forum, questions, problems, notices."""
    questions = []
    for key, troubles in found.questions.items():
        first = troubles[0]
        questions.append(
            {
                "key": key,
                "code": first.problem.code,
                "message": sentence(first.problem),
                "column": first.column,
                "raw": first.raw,
                "rows": sorted({trouble.row for trouble in troubles}),
                "options": [asdict(option) for option in first.problem.options],
            }
        )
    rest: dict[str, list[dict[str, Any]]] = {"error": [], "warn": [], "info": [], "skip": []}
    for trouble in found.troubles:
        kind = level(trouble.problem)
        if kind.value in rest:
            rest[kind.value].append(
                {
                    "row": trouble.row,
                    "column": trouble.column,
                    "index": trouble.index,
                    "raw": trouble.raw,
                    "code": trouble.problem.code,
                    "message": sentence(trouble.problem),
                }
            )
    return {
        "writes": [asdict(write) for write in found.writes],
        "learnt": found.learnt,
        "forum": found.forum,
        "questions": questions,
        "rest": rest,
    }


def load_preview(record: SpreadsheetImport) -> dict[str, Any]:
    """What the last check found. Raises FileNotFoundError where nothing was checked yet."""
    kept: dict[str, Any] = json.loads((record.folder / "preview.json").read_text("utf-8"))
    return kept


def report_progress(record: SpreadsheetImport, task: str, done: int, total: int) -> None:
    """Say how far a task is, outside the database: the import itself is one transaction there."""
    _keep(record, "progress", {"task": task, "done": done, "total": total, "at": time.time()})


def progress_of(record: SpreadsheetImport) -> Mapping[str, Any]:
    """How far a running task is: done, total, and whether it was lost."""
    try:
        kept = json.loads((record.folder / "progress.json").read_text("utf-8"))
    except FileNotFoundError:
        kept = {"task": "", "done": 0, "total": 0, "at": 0}
    kept["lost"] = timedelta(seconds=time.time() - kept["at"]) > timedelta(seconds=LOST_AFTER)
    return kept
