"""Workbooks and lists for staff to download."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from followup import permissions
from followup.models import Agency
from followup.spreadsheets import exports
from followup.spreadsheets import workbook as books
from followup.views.staff import StaffRequest, staff_page
from followup.views.years import any_round
from forum_portal.thai import clean_text
from forum_portal.years import one_line


def attachment(response: HttpResponseBase, name: str) -> HttpResponse:
    """Give a response its (Thai) file name, as a file to be saved."""
    name = one_line(clean_text(name)).replace("/", "-")  # a folder would be cut off
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = str(header)
    return response  # type: ignore[return-value]


@staff_page
def workbook(request: StaffRequest, round_code: str, code: str) -> HttpResponse:
    """One agency's workbook for a round."""
    round_ = any_round(round_code)
    agency = get_object_or_404(
        Agency.objects.filter(
            assignments__reports__in=round_.reports.standing().values("pk")
        ).distinct(),
        code=code,
    )
    content = books.agency_workbook(round_, agency)
    return attachment(
        HttpResponse(content, content_type=exports.XLSX_TYPE), books.file_name(round_, agency)
    )


@staff_page
def workbooks(request: StaffRequest, round_code: str) -> HttpResponse:
    """Every agency's workbook for a round, as a zip."""
    round_ = any_round(round_code)
    content = books.all_workbooks(round_)
    return attachment(
        HttpResponse(content, content_type="application/zip"),
        _("แบบฟอร์ม_%(year)s.zip") % {"year": round_.code},
    )


@staff_page
def reports(request: StaffRequest, round_code: str, kind: str) -> HttpResponse:
    """All reports of a round with their current content; the file can be imported unchanged."""
    if kind not in exports.KINDS:
        raise Http404
    if not permissions.may_work(request.user):
        raise PermissionDenied
    round_ = any_round(round_code)
    name, content_type, content = exports.reports(round_, kind)
    stamp = timezone.localdate().isoformat()
    return attachment(StreamingHttpResponse(content, content_type=content_type), f"{stamp}_{name}")
