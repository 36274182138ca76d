"""The import wizard: file → sheet and header row → columns → check and fix → confirm."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import permissions
from followup.actions import Refused
from followup.models import (
    Agency,
    ImportState,
    Province,
    Round,
    RoundState,
    SpreadsheetImport,
    StatusReport,
)
from followup.spreadsheets import apply as writing
from followup.spreadsheets import exports, preview, recognise, sandbox, session, words
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import Column, Field, Problem, Unreadable
from followup.status import FORM_ORDER
from followup.views.staff import StaffRequest, View, staff_page
from forum_portal.uploads import TooLarge

PAGE = 100  # problem rows shown at once
SAMPLE_ROWS = 15  # rows shown when choosing the header

STEPS = (
    ("import", _l("เลือกไฟล์")),
    ("import-sheet", _l("เลือกชีตและแถวหัวตาราง")),
    ("import-columns", _l("จับคู่คอลัมน์")),
    ("import-check", _l("ตรวจและแก้ไข")),
    ("import-confirm", _l("ยืนยันนำเข้า")),
)

#: The columns that a person may choose, in the order of the list; a tick column comes with a status.
CHOICES = (
    Field.CLAUSE_CODE,
    Field.ITEM_NO,
    Field.FORUM,
    Field.LEAD_AGENCY,
    Field.STATUS,
    Field.RESULT,
    Field.PROBLEMS,
    Field.SUGGESTIONS,
    Field.BUDGET,
    Field.DISBURSED,
    Field.PROVINCE,
    Field.EVIDENCE,
    Field.MEETING,
    Field.NO_CHANGE,
)
#: Read to find mistakes, and not stored.
CHECKED_ONLY = (Field.FISCAL_YEAR, Field.PERCENT, Field.DATE_START, Field.DATE_END)


def chosen_for(column: Column) -> str:
    """What a column is now, as the list of choices writes it."""
    if column.field is Field.TICK:
        return f"tick:{column.status}"
    return column.field.value if column.field else ""


def column_choices() -> list[tuple[str, str]]:
    """(value, label) of what a column can be."""
    labels = words.FIELD_LABELS
    return [
        *((name.value, str(labels[name])) for name in CHOICES),
        *((name.value, _("%(name)s (ใช้ตรวจ)") % {"name": labels[name]}) for name in CHECKED_ONLY),
        *(
            (f"tick:{status.value}", _("เครื่องหมาย: %(status)s") % {"status": status.label})
            for status in FORM_ORDER
        ),
        ("tick:", _("เครื่องหมาย: ถามจากหัวคอลัมน์")),
    ]


def import_page(view: View) -> View:
    """For those who may import; the record must be their own, and to others does not exist."""

    @wraps(view)
    @staff_page
    def guarded(request: StaffRequest, *args: Any, pk: int = 0, **kwargs: Any) -> HttpResponse:
        if not permissions.may_import(request.user):
            raise PermissionDenied
        if pk:
            kwargs["record"] = get_object_or_404(
                SpreadsheetImport.objects.select_related("round", "agency"),
                pk=pk,
                created_by=request.user,
            )
        return view(request, *args, **kwargs)

    return guarded


def step_page(
    request: StaffRequest,
    record: SpreadsheetImport | None,
    step: str,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render a step with the bar that says where one is and leads back."""
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


# 1 File -----------------------------------------------------------------------------------------


@import_page
def upload(request: StaffRequest) -> HttpResponse:
    rounds = list(Round.objects.filter(state=RoundState.OPEN).order_by("year_be"))
    error, status = "", 200
    if request.method == "POST":
        chosen = next(
            (each for each in rounds if str(each.year_be) == request.POST.get("round")), None
        )
        file = request.FILES.get("file")
        if chosen is None:
            error = _("เลือกรอบที่เปิดรับรายงาน")
        elif file is None:
            error = _("เลือกไฟล์ .xlsx หรือ .csv")
        elif isinstance(file, TooLarge):  # dropped while it arrived, and not empty
            error = sentence(Problem("F03", {"mb": settings.EVIDENCE_MAX_BYTES // 2**20}))
        else:
            try:
                record = session.start(
                    by=request.user, round_=chosen, name=file.name or "", chunks=file.chunks()
                )
            except Unreadable as unreadable:
                error = sentence(unreadable.problem)
            else:
                return redirect("import-sheet", pk=record.pk)
        status = 422
    mine = SpreadsheetImport.objects.filter(created_by=request.user).select_related("round")[:20]
    context = {
        "rounds": rounds,
        "error": error,
        "mine": mine,
        "max_mb": sandbox.MAX_BYTES // 1024 // 1024,
        "agencies": _agencies_of(rounds),
    }
    return step_page(request, None, "import", "staff/import/upload.html", context, status)


def _agencies_of(rounds: list[Round]) -> list[Agency]:
    """The agencies that have a workbook to be sent: those with an expected report."""
    return list(
        Agency.objects.filter(assignments__reports__round__in=rounds)
        .distinct()
        .order_by("sort_key")
    )


# 2 Sheet and header row -------------------------------------------------------------------------


@import_page
def sheet(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if not record.can_change:
        return _closed(request, record)
    if request.method == "POST":
        row = request.POST.get("header_row", "")
        record.sheet = request.POST.get("sheet", "")[:100]
        record.header_row = int(row) - 1 if row.isdecimal() and 0 < int(row) < 1000 else None
        record.include_hidden = "include_hidden" in request.POST
        encoding = request.POST.get("encoding", "")
        record.encoding = encoding if encoding in sandbox.ENCODINGS else ""
        record.mapping = {}
        record.save()
        return redirect(
            "import-columns" if "next" in request.POST else "import-sheet", pk=record.pk
        )
    try:
        table = session.table_of(record)
    except Unreadable as unreadable:
        return _unreadable(request, record, unreadable)
    if table.own:
        return redirect("import-check", pk=record.pk)
    shown = table.sheet or next(
        (each for each in table.book.sheets if each.name == record.sheet), table.book.sheets[0]
    )
    earlier = (
        SpreadsheetImport.objects.filter(
            sha256=record.sha256, round=record.round, state=ImportState.APPLIED
        )
        .exclude(pk=record.pk)
        .first()
    )
    context = {
        "table": table,
        "shown": shown,
        "rows": [
            (number + 1, list(cells)[:12]) for number, cells in enumerate(shown.rows[:SAMPLE_ROWS])
        ],
        "hidden": len(shown.hidden_rows) + len(shown.hidden_columns),
        "sample": sandbox.sample(table.book) if table.book.encoding else [],
        "encodings": sandbox.ENCODINGS,
        "earlier": earlier,
        "problems": [sentence(problem) for problem in table.problems if problem.code != "C02"],
    }
    return step_page(request, record, "import-sheet", "staff/import/sheet.html", context)


# 3 Columns --------------------------------------------------------------------------------------


@import_page
def columns(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if not record.can_change:
        return _closed(request, record)
    try:
        table = session.table_of(record)
    except Unreadable as unreadable:
        return _unreadable(request, record, unreadable)
    if table.layout is None:
        return redirect("import-sheet", pk=record.pk)
    error, status = "", 200
    if request.method == "POST":
        record.mapping = {
            str(column.index): request.POST.get(f"column-{column.index}", "")[:40]
            for column in table.layout.columns
        }
        chosen = request.POST.get("agency", "")
        record.agency = Agency.objects.filter(code=chosen).first() if chosen else None
        record.submit = "submit_reports" in request.POST
        record.save()
        table = session.table_of(record)
        lack = table.lacks(agency_given=bool(record.agency_id))
        if lack:
            error, status = sentence(lack), 422
        else:
            if "remember" in request.POST and table.layout:
                session.remember(record, table.layout)
            return _recheck(request, record)
    layout = table.layout
    assert layout is not None  # noqa: S101  a mapping does not lose the header row
    assert table.sheet is not None  # noqa: S101  a layout is of a sheet
    data = [cells for _row, cells in islice(recognise.data_rows(table.sheet, layout), 3)]
    context = {
        "table": table,
        "columns": [
            {
                "column": column,
                "chosen": chosen_for(column),
                "samples": [
                    str(cells[column.index])[:60]
                    for cells in data
                    if column.index < len(cells) and cells[column.index] is not None
                ],
            }
            for column in layout.columns
        ],
        "choices": column_choices(),
        "agencies": Agency.objects.order_by("sort_key"),
        "error": error,
        "problems": [sentence(problem) for problem in table.problems],
    }
    return step_page(
        request, record, "import-columns", "staff/import/columns.html", context, status
    )


def _recheck(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """Check the table with the decisions as they are now, and show what was found."""
    try:
        table = session.table_of(record)
    except Unreadable as unreadable:
        return _unreadable(request, record, unreadable)
    session.begin(
        record, "check", by=request.user, rows=len(table.sheet.rows) if table.sheet else 0
    )
    return redirect("import-check", pk=record.pk)


# 4 Check and fix --------------------------------------------------------------------------------


@import_page
def check(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if record.state in {ImportState.CHECKING, ImportState.APPLYING}:
        return _waiting(request, record)
    if not record.can_change:
        return _closed(request, record)
    if request.method == "POST":
        _take_answers(record, request.POST)
        record.save()
        return _recheck(request, record)
    if record.state != ImportState.CHECKED:
        if record.state == ImportState.FAILED and record.failure:
            messages.error(request, record.failure)
            return redirect("import-sheet", pk=record.pk)
        return _recheck(request, record)
    try:
        kept = session.load_preview(record)
    except FileNotFoundError:
        return _recheck(request, record)
    show = request.GET.get("show", "open")
    context = {
        "kept": kept,
        "questions": [
            {**question, "answer": record.answers.get(question["key"], "")}
            for question in kept["questions"]
        ],
        "errors": kept["rest"]["error"][:PAGE],
        "more_errors": max(0, len(kept["rest"]["error"]) - PAGE),
        "notices": _grouped(kept["rest"]["warn"] + kept["rest"]["info"] + kept["rest"]["skip"]),
        "changes": _changes(kept["writes"], only_changed=show != "all")[:PAGE],
        "show": show,
        "counts": record.counts,
        "fixes": record.fixes,
    }
    return step_page(request, record, "import-check", "staff/import/check.html", context)


def _take_answers(record: SpreadsheetImport, data: Mapping[str, str]) -> None:
    """Questions answered ("answer-<n>" beside "key-<n>") and cells typed anew ("fix-<row>:<col>")."""
    answers, fixes = dict(record.answers), dict(record.fixes)
    for name, value in data.items():
        if name.startswith("answer-"):
            key = data.get(f"key-{name.removeprefix('answer-')}", "")
            if key and value:
                answers[key] = value[:200]
        elif name.startswith("fix-") and value.strip():
            fixes[name.removeprefix("fix-")[:20]] = value[:4000]
    record.answers, record.fixes = answers, fixes


def _grouped(notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Notices with the same sentence once, with the rows that they are about."""
    grouped: dict[str, dict[str, Any]] = {}
    for each in notices:
        entry = grouped.setdefault(each["message"], {"message": each["message"], "rows": []})
        entry["rows"].append(each["row"])
    return list(grouped.values())


def _changes(writes: list[dict[str, Any]], *, only_changed: bool) -> list[dict[str, Any]]:
    """Writes as a page lists them: the fields that change, from what to what."""
    shown = [each for each in writes if not (only_changed and each["is_new"])]
    names = {
        report.pk: report.assignment
        for report in StatusReport.objects.filter(
            pk__in=[each["report"] for each in shown[:PAGE]]
        ).with_context()
    }
    provinces = dict(Province.objects.values_list("code", "name_th"))
    return [
        {
            "row": each["row"],
            "label": names.get(each["report"]) or each["new_agency"],
            "is_new": each["is_new"],
            "fields": [
                {
                    "label": preview.LABELS[name],
                    "old": preview.shown(name, old, provinces),
                    "new": preview.shown(name, new, provinces),
                }
                for name, (old, new) in each["changes"].items()
            ],
        }
        for each in shown[:PAGE]
    ]


@import_page
def problems(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """The rows that need fixing as a workbook, with the messages beside the cells."""
    try:
        kept = session.load_preview(record)
        table = session.table_of(record)
    except (FileNotFoundError, Unreadable):
        return redirect("import-check", pk=record.pk)
    content = exports.problem_workbook(table, kept, record.answers)
    response = HttpResponse(content, content_type=exports.XLSX_TYPE)
    response["Content-Disposition"] = 'attachment; filename="import-problems.xlsx"'
    return response


# 5 Confirm, result, undo ------------------------------------------------------------------------


@import_page
def confirm(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if record.state in {ImportState.CHECKING, ImportState.APPLYING}:
        return _waiting(request, record)
    if record.state != ImportState.CHECKED or record.is_expired:
        return redirect("import-result", pk=record.pk)
    if request.method == "POST" and record.counts.get("writes"):
        session.begin(record, "apply", by=request.user, rows=record.counts["writes"])
        return redirect("import-result", pk=record.pk)
    return step_page(
        request, record, "import-confirm", "staff/import/confirm.html", {"counts": record.counts}
    )


@import_page
def result(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """What was written; the same address shows progress while it runs."""
    if record.state in {ImportState.CHECKING, ImportState.APPLYING}:
        return _waiting(request, record)
    rows = list(record.rows.all()[:PAGE])
    reports = {
        report.pk: report
        for report in StatusReport.objects.filter(
            pk__in=[row.report_id for row in rows]
        ).with_context()
    }
    context = {
        "rows": [(row, reports[row.report_id]) for row in rows],
        "written": record.rows.count(),
    }
    return step_page(request, record, "import-confirm", "staff/import/result.html", context)


@import_page
def undo(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if request.method == "POST":
        try:
            count = writing.undo(record=record, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("ย้อนการนำเข้าแล้ว %(n)s รายการกลับเป็นอย่างเดิม") % {"n": count})
    return redirect("import-result", pk=record.pk)


def _waiting(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """A task is running: the page asks again by itself, and can be left and returned to."""
    progress = session.progress_of(record)
    if progress["lost"]:
        SpreadsheetImport.objects.filter(pk=record.pk, state=record.state).update(
            state=ImportState.FAILED, failure=_("งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง")
        )
        return redirect("import-check", pk=record.pk)
    step = "import-check" if progress["task"] == "check" else "import-confirm"
    return step_page(request, record, step, "staff/import/waiting.html", {"progress": progress})


def _closed(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if record.is_expired and record.state not in {ImportState.APPLIED, ImportState.UNDONE}:
        messages.error(request, _("ไฟล์นี้ถูกลบแล้วเพราะเกิน 24 ชั่วโมง เลือกไฟล์ใหม่"))
        return redirect("import")
    return redirect("import-result", pk=record.pk)


def _unreadable(
    request: StaffRequest, record: SpreadsheetImport, unreadable: Unreadable
) -> HttpResponse:
    messages.error(request, sentence(unreadable.problem))
    return redirect("import")
