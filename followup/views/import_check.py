"""Step 4 of the import wizard: the result of the check, the questions, the errors, the fixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from followup.models import ImportState, Province, SpreadsheetImport, StatusReport
from followup.spreadsheets import exports, fixes, preview, session
from followup.spreadsheets.ledger import left_out
from followup.views.downloads import attachment
from followup.views.imports import (
    PAGE,
    Where,
    changed_elsewhere,
    changing_page,
    import_page,
    recheck,
    step_page,
    version_of,
    with_labels,
)
from followup.views.staff import StaffRequest
from forum_portal import pending_files

#: A person's choice for all settled reports at once; "ticked" is for those with a tick.
ALL, TICKED = "all", "ticked"
#: The button of the page that starts a check.
START = "start"


@changing_page
def check(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    if record.state != ImportState.CHECKED or not session.was_checked(record):
        if record.failure:
            messages.error(request, record.failure)
            if not session.was_checked(record):
                return redirect("import-sheet", pk=record.pk)
        if request.method != "POST":  # a link starts nothing
            return step_page(request, record, "import-check", "staff/import/start.html", {})
        recheck(request, record, session.tables_of(record))
        record.refresh_from_db()
        if record.state != ImportState.CHECKED:  # the check still runs, or failed
            return redirect("import-result", pk=record.pk)
        if START in request.POST:
            return redirect("import-check", pk=record.pk)
    kept = session.load_preview(record)
    posted: Mapping[str, str] = {}
    status = 200
    if request.method == "POST":
        answers, fixed = _decisions(record, kept, request.POST)
        if version_of(request) != record.version:
            changed_elsewhere(request)
            posted, status = answers, 409
        elif answers == record.answers and fixed == record.fixes:
            return redirect(
                "import-confirm" if "next" in request.POST else "import-check", pk=record.pk
            )
        elif session.decide(record, record.version, answers=answers, fixes=fixed):
            return _saved(request, record)
        else:
            changed_elsewhere(request)
            return redirect("import-check", pk=record.pk)
    return step_page(
        request,
        record,
        "import-check",
        "staff/import/check.html",
        _context(request, record, kept, posted),
        status,
    )


def _saved(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """Check again with the new answers; go on to confirm if there is no new question or error."""
    open_before = record.counts.get("open", 0) + record.counts.get("wrong", 0)
    response = recheck(request, record, session.tables_of(record))
    record.refresh_from_db()
    if "next" not in request.POST or record.state != ImportState.CHECKED:
        return response
    if record.counts["open"] + record.counts["wrong"] > open_before:
        messages.warning(request, _("คำตอบที่บันทึกทำให้มีจุดที่ต้องดูเพิ่ม ดูด้านล่างก่อนยืนยัน"))
        return response
    return redirect("import-confirm", pk=record.pk)


def _decisions(
    record: SpreadsheetImport, kept: Mapping[str, Any], data: QueryDict
) -> tuple[dict[str, str], dict[str, Any]]:
    """The answers and fixes, updated by the posted form.

    Questions are "answer-<n>" with "key-<n>", settled reports "settled" and "settled-<n>", retyped
    cells "fix-<n>" (the n-th group of errors), stored fixes "edit-<n>" and "unfix-<n>".
    """
    answers, fixed = dict(record.answers), dict(record.fixes)
    for name, value in data.items():
        if name.startswith("answer-"):
            key = data.get(f"key-{name.removeprefix('answer-')}", "")
            if key and value:
                answers[key] = str(value)[:200]
    said = data.get("settled", "")
    if said in {preview.KEEP, ALL, TICKED}:
        for number, each in enumerate(kept["settled"]):
            replaced = said == ALL or (said == TICKED and f"settled-{number}" in data)
            answers[each["key"]] = preview.DRAFT if replaced else preview.KEEP
    for number, key in enumerate(sorted(record.fixes)):
        typed = data.get(f"edit-{number}")
        if f"unfix-{number}" in data:
            del fixed[key]
        elif typed is not None and _plain(str(typed)) != fixed[key]["typed"]:
            fixed[key] = {**fixed[key], "typed": _plain(str(typed))}
    for number, group in enumerate(kept["rest"]["error"]):
        typed = data.get(f"fix-{number}")
        if typed is not None and _plain(str(typed)) != _plain(group["raw"]):
            fixed.update(_fixes(kept, group, _plain(str(typed))))
    return answers, fixed


def _plain(text: str) -> str:
    """The text with LF line ends, because a text area sends CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str, width: int = 60, most: int = 20) -> int:
    """The number of lines in which a text area shows a whole text, at most `most`."""
    return min(most, sum(1 + len(line) // width for line in text.split("\n")))


def _fixes(
    kept: Mapping[str, Any], group: Mapping[str, Any], typed: str
) -> Iterable[tuple[str, dict[str, Any]]]:
    """The fixes of a group: one for each row if the row matters, else one for all equal values."""
    for table, row, was in group["cells"]:
        yield fixes.entry(
            table=kept["tables"][table],
            row=row if group["is_row_bound"] else fixes.EVERY_ROW,
            column=group["index"],
            was=was,
            typed=typed,
            heading=group["column"],
            shown=group["raw"],
        )


def _context(
    request: StaffRequest,
    record: SpreadsheetImport,
    kept: Mapping[str, Any],
    posted: Mapping[str, str],
) -> dict[str, Any]:
    show = request.GET.get("show", "open")
    answers = {**record.answers, **posted}
    where = Where(kept["places"])
    errors = [
        {
            **group,
            "number": number,
            "where": where.of(cell[:2] for cell in group["cells"]),
            "lines": _lines(group["raw"]),
        }
        for number, group in enumerate(kept["rest"]["error"])
    ]
    notices = [
        {**group, "where": where.of(cell[:2] for cell in group["cells"])}
        for kind in ("warn", "info", "skip")
        for group in kept["rest"][kind]
    ]
    return {
        "kept": with_labels(kept),
        "questions": [
            {
                **question,
                "answer": answers.get(question["key"], ""),
                "stored": record.answers.get(question["key"], ""),
                "where": where.of(question["rows"]),
            }
            for question in kept["questions"]
        ],
        "settled": _settled(kept["settled"], answers) if show == "open" else [],
        "more_settled": max(0, len(kept["settled"]) - PAGE),
        "errors": errors[:PAGE],
        "more_errors": max(0, len(errors) - PAGE),
        "notices": notices,
        "fixes": [
            {
                **record.fixes[key],
                "number": number,
                "place": _where_of(record.fixes[key], kept, where),
                "lines": _lines(record.fixes[key]["typed"]),
            }
            for number, key in enumerate(sorted(record.fixes))
        ],
        "changes": _changes(kept["writes"], only_changed=show != "all") if show != "open" else [],
        "show": show,
        "counts": record.counts,
        "earlier": session.earlier_with_the_same_rows(record),
    }


def _where_of(fix: Mapping[str, Any], kept: Mapping[str, Any], where: Where) -> str:
    """The place of a fix in words; a fix of a table that is no longer read is marked as such."""
    row = "" if fix["row"] == fixes.EVERY_ROW else where.rows([fix["row"]])
    if fix["table"] not in kept["tables"]:
        return _("ไม่ได้ใช้ (เป็นของชีตหรือแถวหัวตารางอื่น) %(row)s") % {"row": row}
    place = kept["places"][kept["tables"].index(fix["table"])]
    return f"{place} {row or _('ทุกแถวที่มีค่านี้')}".strip()


def _fields(changes: Mapping[str, Sequence[Any]], provinces: Mapping[str, str]) -> list[Any]:
    return [
        {
            "label": preview.TAKEN[name].short,
            "old": preview.shown(name, old, provinces),
            "new": preview.shown(name, new, provinces),
        }
        for name, (old, new) in changes.items()
    ]


def _named(reports: Iterable[int]) -> dict[int, StatusReport]:
    found = StatusReport.objects.filter(pk__in=list(reports)).with_context()
    return {report.pk: report for report in found}


def _settled(
    settled: Sequence[Mapping[str, Any]], answers: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The settled reports that the file would change, with the changes and their tick."""
    shown = settled[:PAGE]
    reports = _named(each["report"] for each in shown)
    provinces = dict(Province.objects.values_list("code", "name_th"))
    return [
        {
            "number": number,
            "report": reports.get(each["report"]),
            "state": each["state"],
            "row": each["row"],
            "place": each["place"],
            "answer": answers.get(each["key"], ""),
            "fields": _fields(each["changes"], provinces),
        }
        for number, each in enumerate(shown)
    ]


def _changes(writes: Sequence[Mapping[str, Any]], *, only_changed: bool) -> list[dict[str, Any]]:
    """Writes as a page lists them: the changed fields, with old and new value."""
    shown = [each for each in writes if not (only_changed and each["is_new"])][:PAGE]
    reports = _named(each["report"] for each in shown)
    provinces = dict(Province.objects.values_list("code", "name_th"))
    return [
        {
            "row": each["row"],
            "place": each["place"],
            "label": getattr(reports.get(each["report"]), "assignment", each["new_agency"]),
            "is_new": each["is_new"],
            "fields": _fields(each["changes"], provinces),
        }
        for each in shown
    ]


# Downloads ------------------------------------------------------------------------------------------


@import_page
def problems(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """The rows that need fixing as a workbook, with the messages beside the cells."""
    try:
        kept = session.load_preview(record)
        found = session.tables_of(record)
    except (FileNotFoundError, session.Unreadable):
        return redirect("import-check", pk=record.pk)
    content = exports.problem_workbook(found.tables, kept, record.answers)
    response = HttpResponse(content, content_type=exports.XLSX_TYPE)
    return attachment(response, "import-problems.xlsx")


@import_page
def left_out_cells(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """Every cell that was not imported, with the reason, as CSV."""
    try:
        file = pending_files.storage().open(record.stored(session.LEFT_OUT))
    except FileNotFoundError:
        return redirect("import-result", pk=record.pk)
    response = StreamingHttpResponse(
        exports.left_out_csv(left_out(file)), content_type=exports.CSV_TYPE
    )
    return attachment(response, "import-left-out.csv")
