"""The import wizard: files → sheets and header rows → columns → check and fix → confirm → result.

Columns (`import_columns.py`), the check (`import_check.py`) and the undo (`import_undo.py`) have their
own modules.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import permissions
from followup.models import (
    Agency,
    ImportState,
    Round,
    RoundState,
    SpreadsheetImport,
    StatusReport,
)
from followup.models.imports import WRITTEN
from followup.spreadsheets import apply as writing
from followup.spreadsheets import report_rows, sandbox, session
from followup.spreadsheets.ledger import EXPECTED, REASONS, Reason
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.tables import Candidate, Tables
from followup.spreadsheets.types import Problem, Unreadable
from followup.views.staff import StaffRequest, View, staff_page, upload_of_staff
from forum_portal.bodies import takes_body
from forum_portal.uploads import TOGETHER, TooLarge

PAGE = 100  # rows of a list shown at once
SAMPLE_ROWS = 15  # rows shown when choosing the header
MOST_HEADER_ROW = 1000

STEPS = (
    ("import", _l("เลือกไฟล์")),
    ("import-sheet", _l("เลือกชีตและแถวหัวตาราง")),
    ("import-columns", _l("จับคู่คอลัมน์")),
    ("import-check", _l("ตรวจและแก้ไข")),
    ("import-confirm", _l("ยืนยันนำเข้า")),
)


def import_page(view: View) -> View:
    """Decorate a page for people who may import; somebody else's import is a 404."""

    @wraps(view)
    @staff_page
    def guarded(
        request: StaffRequest, *args: Any, pk: int | None = None, **kwargs: Any
    ) -> HttpResponse:
        if not permissions.may_import(request.user):
            raise PermissionDenied
        if pk is not None:
            kwargs["record"] = get_object_or_404(
                SpreadsheetImport.objects.select_related("round", "agency"),
                pk=pk,
                created_by=request.user,
            )
        return view(request, *args, **kwargs)

    return guarded


def changing_page(view: View) -> View:
    """An `import_page` on which decisions are made. It redirects if none can be made any more, and
    shows the reason if a file cannot be read."""

    @wraps(view)
    @import_page
    def guarded(request: StaffRequest, record: SpreadsheetImport, **kwargs: Any) -> HttpResponse:
        if record.state in session.RUNNING:
            return waiting(request, record)
        if not record.can_change:
            return _closed(request, record)
        try:
            return view(request, record=record, **kwargs)
        except Unreadable as unreadable:
            messages.error(request, sentence(unreadable.problem))
            return redirect("import")

    return guarded


def step_page(
    request: StaffRequest,
    record: SpreadsheetImport | None,
    step: str,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render a step with the bar that shows the current step and links to earlier ones."""
    names = [name for name, _label in STEPS]
    here = names.index(step)
    steps = [
        {
            "label": label,
            "done": place < here,
            "current": place == here,
            "url": reverse(name, args=[record.pk]) if record and 0 < place < here else "",
        }
        for place, (name, label) in enumerate(STEPS)
    ]
    return render(request, template, {"record": record, "steps": steps, **context}, status=status)


def version_of(request: StaffRequest) -> int:
    """The version of the decisions that the posted page was rendered from; -1 for none."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else -1


def changed_elsewhere(request: StaffRequest) -> None:
    messages.warning(
        request,
        _(
            "การนำเข้านี้ถูกแก้ไขจากหน้าต่างอื่นหลังจากเปิดหน้านี้ จึงยังไม่บันทึกสิ่งที่ส่งมา "
            "ด้านล่างคือข้อมูลล่าสุด ตรวจแล้วส่งอีกครั้ง"
        ),
    )


class Where:
    """Rows as the page names them: "แถว 3, 4", with file and sheet if there are several."""

    def __init__(self, places: Sequence[str]) -> None:
        self.places = places

    def of(self, rows: Iterable[Sequence[int]]) -> list[str]:
        """One text for each table that has some of the rows."""
        by_table: dict[int, list[int]] = {}
        for table, row in rows:
            by_table.setdefault(table, []).append(row)
        return [
            f"{self.places[table]} {self.rows(numbers)}".strip()
            for table, numbers in by_table.items()
        ]

    @staticmethod
    def rows(numbers: Sequence[int], most: int = 20) -> str:
        listed = ", ".join(map(str, numbers[:most]))
        if len(numbers) > most:
            return _("แถว %(rows)s และอีก %(n)s แถว") % {"rows": listed, "n": len(numbers) - most}
        return _("แถว %(rows)s") % {"rows": listed}


def with_labels(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a check, with the labels by which pages show what is left out."""
    ledger = kept["ledger"]
    groups = []
    for group in ledger["groups"]:
        shown = [
            {
                **each,
                "where": [f"{place} {Where.rows([row])}".strip() for place, row in each["rows"]],
                "more": each["count"] - len(each["rows"]),
            }
            for each in group["words"]
        ]
        reason = Reason(group["reason"])
        groups.append(
            {
                **group,
                "label": str(REASONS[reason]),
                "words": shown,
                "more": group["count"] - sum(each["count"] for each in shown),
                "is_open": reason not in EXPECTED,
            }
        )
    return {**kept, "ledger": {**ledger, "groups": groups}}


# 1 Files ------------------------------------------------------------------------------------------


@import_page
@takes_body(upload_of_staff)
def upload(request: StaffRequest) -> HttpResponse:
    rounds = list(Round.objects.filter(state=RoundState.OPEN).order_by("year_be", "months"))
    error, status = "", 200
    if request.method == "POST":
        chosen = next((each for each in rounds if each.code == request.POST.get("round")), None)
        uploads, error = _uploads(request)
        if chosen is None:
            error = _("เลือกรอบที่เปิดรับรายงาน")
        if not error and chosen is not None:
            try:
                record = session.start(by=request.user, round_=chosen, uploads=uploads)
            except Unreadable as unreadable:
                error = sentence(unreadable.problem)
            else:
                return _begin(request, record)
        status = 422
    mine = SpreadsheetImport.objects.filter(created_by=request.user).select_related("round")[:20]
    context = {
        "rounds": rounds,
        "error": error,
        "mine": mine,
        "max_mb": sandbox.MAX_BYTES // 1024 // 1024,
        "accepted": sandbox.EXTENSIONS,
        "pasted": request.POST.get("pasted", ""),
        "round": request.POST.get("round", ""),
        "agencies": _agencies_of(rounds),
    }
    return step_page(request, None, "import", "staff/import/upload.html", context, status)


def _begin(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """On to the sheets; the portal's own workbooks, which need no decisions, are checked at once."""
    try:
        found = session.tables_of(record)
    except Unreadable:  # the next page says why
        return redirect("import-sheet", pk=record.pk)
    if found.are_own and not record.failure:
        return recheck(request, record, found)
    return redirect("import-sheet", pk=record.pk)


def _uploads(request: StaffRequest) -> tuple[list[session.Upload], str]:
    """The chosen files and the pasted table, and an error message or ""."""
    files = request.FILES.getlist("file")
    pasted = request.POST.get("pasted", "")
    limit = settings.EVIDENCE_MAX_BYTES
    dropped = [file.size or 0 for file in files if isinstance(file, TooLarge)]
    if dropped:  # on arrival: one file, or all together, was too large
        together = max(dropped) <= limit
        params = {"mb": (TOGETHER if together else 1) * limit // 2**20}
        return [], sentence(Problem("F32" if together else "F03", params))
    uploads = [session.Upload(file.name or "", file.chunks()) for file in files]
    if pasted.strip():
        uploads.append(session.Upload(_("ตารางที่วาง.tsv"), [BOM_UTF8, pasted.encode()]))
    return uploads, "" if uploads else _("เลือกไฟล์ หรือวางตารางที่คัดลอกมา")


def _agencies_of(rounds: list[Round]) -> list[Agency]:
    """The agencies that have a workbook: those with an expected report."""
    theirs = StatusReport.objects.standing().filter(
        round__in=rounds, assignment__agency=OuterRef("pk")
    )
    return list(Agency.objects.filter(Exists(theirs)).order_by("sort_key"))


# 2 Sheets and header rows -------------------------------------------------------------------------


@changing_page
def sheet(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    found = session.tables_of(record)
    if request.method == "POST":
        encoding = request.POST.get("encoding", "")
        stored = session.decide(
            record,
            version_of(request),
            tables=_chosen_tables(request, found),
            include_hidden="include_hidden" in request.POST,
            encoding=encoding if encoding in sandbox.ENCODINGS else "",
        )
        if not stored:
            changed_elsewhere(request)
        elif "next" in request.POST:
            return redirect("import-columns", pk=record.pk)
        url = reverse("import-sheet", args=[record.pk])
        shown = request.POST.get("show", "")
        return redirect(f"{url}?show={shown}" if shown in _ids(found) else url)
    if found.are_own and not record.failure:
        return redirect("import-check", pk=record.pk)
    context = {
        "found": found,
        "failed": _failed(record, found),
        "candidates": [_listed(each, found) for each in found.candidates],
        "shown": _shown(request, found),
        "hidden": sum(
            len(each.sheet.hidden_rows) + len(each.sheet.hidden_columns)
            for each in found.candidates
            if each.is_read
        ),
        "encodings": sandbox.ENCODINGS,
        "texts": [
            (source.book.encoding, sandbox.sample(source.book))
            for source in found.sources
            if source.book.encoding
        ],
        "notices": list(
            dict.fromkeys(
                sentence(problem) for source in found.sources for problem in source.book.notices
            )
        ),
        "problems": [sentence(problem) for problem in found.problems],
    }
    return step_page(request, record, "import-sheet", "staff/import/sheet.html", context)


def _ids(found: Tables) -> set[str]:
    return {each.id for each in found.candidates}


def _chosen_tables(request: StaffRequest, found: Tables) -> dict[str, Any]:
    """The form's choice for each sheet: whether to read it, and its header row."""
    read = set(request.POST.getlist("read"))
    chosen = {}
    for each in found.candidates:
        row = request.POST.get(f"header-{each.id}", "")
        is_row = row.isdecimal() and len(row) < 5 and 0 < int(row) <= MOST_HEADER_ROW
        found_row = each.layout.header_first + 1 if each.layout else None
        earlier = request.POST.get(f"was-{each.id}", "")
        header_row = int(row) - 1 if is_row and (row != earlier or int(row) == found_row) else None
        chosen[each.id] = {"read": each.id in read, "header_row": header_row}
    return chosen


def _listed(candidate: Candidate, found: Tables) -> dict[str, Any]:
    layout = candidate.layout
    return {
        "id": candidate.id,
        "file": candidate.source.name if len(found.sources) > 1 else "",
        "sheet": candidate.sheet.name,
        "rows": len(candidate.sheet.rows),
        "is_read": candidate.is_read,
        "why": candidate.why,
        "header": layout.header_first + 1 if layout else "",
        "header_last": layout.header_last + 1 if layout else "",
    }


def _shown(request: StaffRequest, found: Tables) -> dict[str, Any] | None:
    """The first rows of the requested sheet, else of the first one that is read."""
    asked = request.GET.get("show", "")
    ordered = sorted(found.candidates, key=lambda each: (each.id != asked, not each.is_read))
    if not ordered:
        return None
    candidate = ordered[0]
    rows = candidate.sheet.rows[:SAMPLE_ROWS]
    return {
        **_listed(candidate, found),
        "layout": candidate.layout,
        "formulas": candidate.sheet.formulas,
        "sample": [(number, list(cells)[:12]) for number, cells in enumerate(rows, start=1)],
    }


def _failed(record: SpreadsheetImport, found: Tables) -> list[dict[str, str]]:
    """The files that are not read, with the reason: refused at upload, or failed later."""
    return [
        *({"name": name, "why": sentence(problem)} for name, problem in found.failed),
        *record.counts.get("refused", []),
    ]


def recheck(request: StaffRequest, record: SpreadsheetImport, found: Tables) -> HttpResponse:
    """Check the tables with the current decisions, and show the result."""
    rows = sum(len(table.sheet.rows) for table in found.tables)
    session.begin(record, "check", by=request.user, rows=rows)
    return redirect("import-check", pk=record.pk)


# 5 Confirm, result ----------------------------------------------------------------------------------


@import_page
def confirm(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if record.state in session.RUNNING:
        return waiting(request, record)
    if record.state != ImportState.CHECKED or record.is_expired:
        return redirect("import-result", pk=record.pk)
    try:
        kept = session.load_preview(record)
    except FileNotFoundError:
        return redirect("import-check", pk=record.pk)
    if request.method == "POST" and record.counts.get("writes"):
        begun = session.begin(
            record,
            "apply",
            by=request.user,
            rows=record.counts["writes"],
            version=version_of(request),
        )
        if begun:
            return redirect("import-result", pk=record.pk)
        changed_elsewhere(request)
        return redirect("import-confirm", pk=record.pk)
    context = {
        "counts": record.counts,
        "kept": with_labels(kept),
        "stale": _changed_since(kept),
        "earlier": session.earlier_with_the_same_rows(record),
    }
    return step_page(request, record, "import-confirm", "staff/import/confirm.html", context)


def _changed_since(kept: Mapping[str, Any]) -> list[StatusReport]:
    """The reports that somebody saved after the check; they are set aside, the rest is written."""
    versions = {each["report"]: each["version"] for each in kept["writes"] if each["report"]}
    stale: list[int] = []
    for batch in report_rows.batches(list(versions)):
        now = StatusReport.objects.filter(pk__in=batch).values_list("pk", "version")
        stale += [pk for pk, version in now if version != versions[pk]]
    return list(
        StatusReport.objects.filter(pk__in=stale[:PAGE]).with_context().select_related("updated_by")
    )


@import_page
def result(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """The result of the import; the same address shows its progress while it runs."""
    if record.state in session.RUNNING:
        return waiting(request, record)
    if record.can_change and record.failure and not session.was_checked(record):
        return redirect("import-check", pk=record.pk)
    rows = list(record.rows.all()[:PAGE])
    reports = {
        report.pk: report
        for report in StatusReport.objects.filter(
            pk__in=[row.report_id for row in rows]
        ).with_context()
    }
    try:
        kept: Mapping[str, Any] = with_labels(session.load_preview(record))
    except FileNotFoundError:  # removed after a day
        kept = {}
    context = {
        "rows": [(row, reports[row.report_id]) for row in rows],
        "written": record.rows.count(),
        "kept": kept,
        "aside": writing.set_aside_of(record),
    }
    return step_page(request, record, "import-confirm", "staff/import/result.html", context)


def waiting(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """The page of a running task: it reloads itself, and can be left and opened again.

    A task that nobody runs any more is told; a click frees the import.
    """
    progress = session.progress_of(record)
    if progress["lost"] and request.method == "POST":
        session.give_up(record, request.user)
        return redirect("import-result", pk=record.pk)
    step = "import-check" if progress["task"] == "check" else "import-confirm"
    context = {"progress": progress, "stopped": session.stopped(record) if progress["lost"] else ""}
    return step_page(request, record, step, "staff/import/waiting.html", context)


def _closed(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if record.is_expired and record.state not in WRITTEN:
        messages.error(request, _("ไฟล์นี้ถูกลบแล้วเพราะเกิน 24 ชั่วโมง เลือกไฟล์ใหม่"))
        return redirect("import")
    return redirect("import-result", pk=record.pk)
