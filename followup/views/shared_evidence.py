"""The page on which evidence of one report is attached to others of the agency, for staff and by link."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.models import AgencyLink, StatusReport
from followup.views.agency_link import link_page
from followup.views.report_form import unsaved_message
from followup.views.staff import StaffRequest, get_report, staff_page
from forum_portal.row_ids import read_id

_TICK = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")  # "report.version", as the page posts it
#: The ticks, which an address may carry after a login has ended.
TICKS = ("piece", "to")


def address_with_ticks(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in TICKS:
        query.setlist(name, request.POST.getlist(name)[:100])
    return f"{request.path}?{query.urlencode()}"


def by_staff(request: HttpRequest, pk: int) -> HttpResponse:
    """For the secretariat; what was ticked when the login ended is ticked once signed in."""
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(address_with_ticks(request))
    return _by_staff(request, pk)


def unsaved(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A form with an earlier login's CSRF token: the page again with its ticks, nothing is attached."""
    messages.warning(request, unsaved_message())
    return redirect(address_with_ticks(request))


@staff_page
def _by_staff(request: StaffRequest, pk: int) -> HttpResponse:
    writer = {"by": request.user}
    return _page(request, get_report(pk), writer, "staff/report_evidence.html", {})


@link_page
def by_link(request: HttpRequest, link: AgencyLink, token: str, pk: int) -> HttpResponse:
    """For the agency of a link."""
    record = permissions.reports_of(link).with_context().filter(pk=pk).first()
    if record is None:
        raise Http404
    context = {
        "link": link,
        "home": reverse("agency-reports", args=[token]),
        "preview": not permissions.may_write_by_link(request.user),
    }
    return _page(request, record, {"link": link}, "agency/report_evidence.html", context)


def _page(
    request: HttpRequest,
    record: StatusReport,
    writer: dict[str, Any],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    link = writer.get("link")
    others = [each for each in _others(record) if each.takes_text]
    sent = request.POST if request.method == "POST" else request.GET
    pieces = {key for key in map(read_id, sent.getlist("piece")) if key}
    versions = {
        int(found[1]): int(found[2])
        for each in sent.getlist("to")
        if (found := _TICK.fullmatch(each))
    }
    if link is None:
        back = reverse("staff-report", args=[record.pk])
    else:
        back = reverse("agency-report", args=[actions.token_of(link), record.pk])
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        chosen = {each.pk: each for each in _others(record) if each.pk in versions}
        try:
            added = actions.attach_evidence(
                report=record,
                pieces=pieces,
                to=[(each, versions[pk]) for pk, each in chosen.items()],
                **writer,
            )
        except actions.Refused as refused:
            errors = [(f"id_{name}", text) for name, text in refused.messages.items()]
        else:
            messages.success(
                request,
                _("แนบหลักฐานเพิ่ม %(added)d รายการ กับ %(n)d มาตรการแล้ว")
                % {"added": added, "n": len(chosen)},
            )
            return redirect(back)
    hidden = permissions.evidence_hidden_from(link, record)
    shown = [each for each in record.evidence.all() if each.pk not in hidden]
    if not (shown and others):  # the page has no form to which an error could lead
        errors = [("", text) for _target, text in errors]
    return render(
        request,
        template,
        {
            "report": record,
            "measure": record.measure,
            "round": record.round,
            "pieces": [(each, each.pk in pieces) for each in shown],
            "others": [(each, each.pk in versions) for each in others],
            "errors": errors,
            "submitting": False,
            "stored": False,
            "here": request.path,
            "back": back,
            **context,
        },
        status=422 if errors else 200,
    )


def _others(record: StatusReport) -> list[StatusReport]:
    """The agency's other reports of the round, read anew with their evidence."""
    every = StatusReport.objects.standing().filter(
        round=record.round_id, assignment__agency=record.assignment.agency_id
    )
    return list(every.exclude(pk=record.pk).with_context())
