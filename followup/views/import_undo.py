"""Undoing an import: its effect, the confirmation, its progress."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from followup.models import ImportState, SpreadsheetImport, StatusReport
from followup.spreadsheets import session
from followup.spreadsheets import undo as taking_back
from followup.views.imports import import_page, waiting
from followup.views.staff import StaffRequest

LISTED = 20  # reports that the page lists; of the others it gives the number


@import_page
def undo(request: StaffRequest, record: SpreadsheetImport) -> HttpResponse:
    """Show what the undo would change, and do it once it is confirmed."""
    if record.state == ImportState.UNDOING:
        return waiting(request, record)
    if request.method == "POST":
        rows = record.rows.count()
        if not session.begin(record, "undo", by=request.user, rows=rows):
            messages.error(request, _("การนำเข้านี้ย้อนไปแล้ว หรือกำลังย้อน หรือยังไม่ได้นำเข้า"))
        record.refresh_from_db()
        if record.state == ImportState.UNDONE:
            messages.success(request, _("ย้อนการนำเข้าแล้ว"))
            return redirect("import-result", pk=record.pk)
        return redirect("import-undo", pk=record.pk)  # the page shows what prevents it
    if record.state != ImportState.APPLIED:
        return redirect("import-result", pk=record.pk)
    return render(request, "staff/import/undo.html", _told(record))


def _told(record: SpreadsheetImport) -> dict[str, object]:
    rows = list(record.rows.all()[:LISTED])
    reports = StatusReport.objects.with_context().in_bulk([row.report_id for row in rows])
    takes = taking_back.what_undo_takes(record)
    return {
        "record": record,
        "takes": takes,
        "rows": [(row, reports[row.report_id]) for row in rows],
        "more": max(0, takes.back + takes.gone - LISTED),
        "more_changed": max(0, len(takes.changed) - LISTED),
    }
