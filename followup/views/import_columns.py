"""Step 3 of the import wizard: the meaning of each column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from followup.models import Agency, RememberedMapping, SpreadsheetImport
from followup.spreadsheets import lines, session, words
from followup.spreadsheets.fields import REPORT_COLUMNS, Field
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.rows import CHECKED_ONLY, NOT_STORED
from followup.spreadsheets.tables import Table, Tables
from followup.spreadsheets.types import Column, Problem
from followup.status import FORM_ORDER
from followup.views.imports import (
    changed_elsewhere,
    changing_page,
    recheck,
    step_page,
    version_of,
)
from followup.views.staff import StaffRequest

NONE_OF_THEM = "none"  # of several columns that claim one field

#: The fields that a person may choose, in the list's order; a tick column has a status as well.
CHOICES = (
    Field.CLAUSE_CODE,
    Field.ITEM_NO,
    Field.FORUM,
    Field.LEAD_AGENCY,
    *REPORT_COLUMNS,
)
#: Fields that are read to find errors, and are not stored.
CHECKED = (Field.FISCAL_YEAR, *CHECKED_ONLY)


def chosen_for(column: Column) -> str:
    """The current choice of a column, as a value of the list."""
    if column.field is Field.TICK:
        return f"tick:{column.status}"
    return column.field.value if column.field else ""


def column_choices() -> list[tuple[str, str]]:
    """(value, label) of each choice for a column."""
    labels = words.FIELD_LABELS
    return [
        *((name.value, str(labels[name])) for name in CHOICES),
        *((name.value, _("%(name)s (ใช้ตรวจ)") % {"name": labels[name]}) for name in CHECKED),
        *(
            (f"tick:{status.value}", _("เครื่องหมาย: %(status)s") % {"status": status.label})
            for status in FORM_ORDER
        ),
        ("tick:", _("เครื่องหมาย: ถามจากหัวคอลัมน์")),
    ]


@changing_page
def columns(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    found = session.tables_of(record)
    if not found.tables:
        return redirect("import-sheet", pk=record.pk)
    error, status = "", 200
    if request.method == "POST" and "forget" in request.POST:
        RememberedMapping.objects.filter(signature=request.POST["forget"]).delete()
        messages.success(request, _("ลืมการจับคู่ที่จำไว้แล้ว คอลัมน์ด้านล่างจับคู่จากหัวคอลัมน์"))
        return redirect("import-columns", pk=record.pk)
    if request.method == "POST":
        agency = request.POST.get("agency", "")
        stored = session.decide(
            record,
            version_of(request),
            mapping=_mapping(request, record, found),
            answers={**record.answers, **_column_answers(request, found)},
            agency=Agency.objects.answering().filter(code=agency).first() if agency else None,
            submit="submit_reports" in request.POST,
            remember="remember" in request.POST,
            remember_unused="remember_unused" in request.POST,
        )
        if not stored:
            changed_elsewhere(request)
            return redirect("import-columns", pk=record.pk)
        found = session.tables_of(record)
        error = _lacking(record, found)
        if not error:
            return recheck(request, record, found)
        status = 422
    context = {
        "found": found,
        "groups": [_group(number, group) for number, group in enumerate(found.groups)],
        "choices": column_choices(),
        "agencies": Agency.objects.answering().order_by("sort_key"),
        "error": error,
    }
    return step_page(
        request, record, "import-columns", "staff/import/columns.html", context, status
    )


def _name(group: int, index: int) -> str:
    return f"column-{group}-{index}" if group else f"column-{index}"


def _claimed(problem: Problem) -> list[int]:
    """The indexes of the columns that C02 asks about."""
    return [int(option.value) for option in problem.options if option.value.isdecimal()]


def _mapping(
    request: StaffRequest, record: SpreadsheetImport, found: Tables
) -> dict[str, dict[str, str]]:
    """The choice for every column in the form; other columns stay unchanged."""
    mapping = {signature: dict(chosen) for signature, chosen in record.mapping.items()}
    for number, group in enumerate(found.groups):
        table = group[0]
        chosen = mapping.setdefault(table.signature, {})
        for column in table.layout.columns:
            posted = request.POST.get(_name(number, column.index))
            if posted is not None:
                chosen[str(column.index)] = posted[:40]
        for problem in table.problems:
            if problem.code == "C02" and request.POST.get(problem.key) == NONE_OF_THEM:
                chosen.update(dict.fromkeys(map(str, _claimed(problem)), ""))
    return mapping


def _column_answers(request: StaffRequest, found: Tables) -> dict[str, str]:
    """The answers to C02: which of several columns for one field is meant."""
    return {
        problem.key: request.POST[problem.key]
        for problem in found.open_columns
        if request.POST.get(problem.key) in {option.value for option in problem.options}
    }


def _lacking(record: SpreadsheetImport, found: Tables) -> str:
    """The reason why the wizard cannot go on from the columns, or ""."""
    for problem in found.open_columns:
        return sentence(problem)
    for table in found.tables:
        lack = table.lacks(agency_given=bool(record.agency_id)) if table.own is None else None
        if lack:
            place = f"{table.place}: " if table.place else ""
            return f"{place}{sentence(lack)}"
    return ""


def _group(number: int, group: Sequence[Table]) -> dict[str, Any]:
    """The columns of tables with the same headings, as the form shows them."""
    table = group[0]
    records = (
        line.cells
        for line in lines.lines(table.sheet, table.layout)
        if line.kind is lines.LineKind.RECORD
    )
    data = list(islice(records, 3))
    questions = [problem for problem in table.problems if problem.code == "C02"]
    claimed = {index for problem in questions for index in _claimed(problem)}
    return {
        "tables": group,
        "places": [each.place for each in group if each.place],
        "signature": table.signature,
        "is_remembered": table.is_remembered,
        "questions": [
            {
                "key": problem.key,
                "message": sentence(problem),
                "options": [
                    *((option.value, option.label) for option in problem.options),
                    (NONE_OF_THEM, _("ไม่นำเข้าทั้งหมดนี้")),
                ],
            }
            for problem in questions
        ],
        "problems": [
            sentence(problem) for problem in table.problems if problem.code not in {"C02", "F10"}
        ],
        "columns": [
            {
                "name": _name(number, column.index),
                "column": column,
                "chosen": chosen_for(column),
                "is_sure": column.sure and column.field not in NOT_STORED,
                "is_not_stored": column.field in NOT_STORED,
                "samples": [
                    str(cells[column.index])[:60]
                    for cells in data
                    if column.index < len(cells) and cells[column.index] is not None
                ],
            }
            for column in table.layout.columns
            if column.index not in claimed
        ],
    }
