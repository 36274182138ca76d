"""Workbooks and lists that staff take away."""

from __future__ import annotations

from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.models import Agency
from followup.spreadsheets import exports
from followup.spreadsheets import workbook as books
from followup.views.staff import StaffRequest, get_round, staff_page
from forum_portal.thai import clean_text
from forum_portal.years import one_line


def attachment(response: HttpResponse | StreamingHttpResponse, name: str) -> HttpResponse:
    """Give a response its (Thai) file name, in the form that every browser reads."""
    quoted = quote(one_line(clean_text(name)), safe="")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quoted}"
    return response  # type: ignore[return-value]


@staff_page
def workbook(request: StaffRequest, year: int, code: str) -> HttpResponse:
    """One agency's workbook for a round."""
    round_ = get_round(year)
    agency = get_object_or_404(
        Agency.objects.filter(assignments__reports__round=round_).distinct(), code=code
    )
    content = books.agency_workbook(round_, agency)
    return attachment(
        HttpResponse(content, content_type=exports.XLSX_TYPE), books.file_name(round_, agency)
    )


@staff_page
def workbooks(request: StaffRequest, year: int) -> HttpResponse:
    """Every agency's workbook for a round, as a zip."""
    round_ = get_round(year)
    content = books.all_workbooks(round_)
    return attachment(
        HttpResponse(content, content_type="application/zip"),
        _("แบบฟอร์ม_%(year)s.zip") % {"year": round_.year_be},
    )


@staff_page
def reports(request: StaffRequest, year: int, kind: str) -> HttpResponse:
    """All reports of a round as they stand; the file imports back unchanged."""
    if kind not in exports.KINDS:
        raise Http404
    if not permissions.may_work(request.user):
        raise PermissionDenied
    round_ = get_round(year)
    name, content_type, content = exports.export("reports", kind, round_=round_)
    stamp = timezone.localdate().isoformat()
    return attachment(StreamingHttpResponse(content, content_type=content_type), f"{stamp}_{name}")
