"""One report: written, reviewed, sent back."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import actions, history, permissions
from followup.forms import DecisionForm, error_list
from followup.models import ReportState, StatusReport, User
from followup.status import FORM_ORDER
from followup.views import reporting
from followup.views.reporting import last_report, stand_on
from followup.views.staff import StaffRequest, View, get_report, posted, staff_page


def keeps_text(view: View) -> View:
    """What somebody sends whose session has ended is kept on a page until they have signed in."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return reporting.keep(request)
        return view(request, *args, **kwargs)

    return keeping


@keeps_text
@staff_page
def report(request: StaffRequest, pk: int) -> HttpResponse:
    """The form of one report; read-only where it is not to be edited now."""
    if request.method != "POST":
        desk = desk_of(request, get_report(pk))
        if permissions.may_edit(request.user, desk.record):
            return reporting.begin(desk)
        context = _report_context(request, desk.record, desk.last)
        return render(request, "staff/report_read.html", context)
    try:
        return reporting.take(desk_of(request, get_report(pk)))
    except Http404:
        # It went while somebody was writing: its assignment no longer holds.
        return reporting.keep(
            request, status=404, sentence=actions.gone_message(), may_resume=False
        )


@keeps_text
@staff_page
def unsaved(request: StaffRequest, pk: int) -> HttpResponse:
    """What was sent with the token of an earlier login: shown in the form again, never stored."""
    return reporting.resume(desk_of(request, get_report(pk)), status=403)


def desk_of(request: StaffRequest, record: StatusReport) -> reporting.Desk:
    return reporting.Desk(
        request,
        record,
        template="staff/report.html",
        here=reverse("staff-report", args=[record.pk]),
        after=reverse("staff-queue"),
        thanks=_("ส่งตรวจ %(report)s แล้ว ผู้ตรวจคนอื่นจะเป็นผู้รับรอง"),
        by=request.user,
        context=_rights(request, record),
    )


def _rights(request: StaffRequest, record: StatusReport) -> dict[str, bool]:
    return {
        "may_decide": permissions.may_decide(request.user, record),
        "may_send_back": permissions.may_send_back(request.user, record),
        "own": permissions.is_own_submission(request.user, record),
    }


def _report_context(
    request: StaffRequest, record: StatusReport, last: StatusReport | None
) -> dict[str, Any]:
    return reporting.context_of(record, last) | _rights(request, record)


@keeps_text
@staff_page
def review(request: StaffRequest, pk: int) -> HttpResponse:
    """Read what was submitted; approve it, or return it with a reason."""
    if not permissions.may_review(request.user):
        raise PermissionDenied
    record = get_report(pk)
    last = last_report(record)
    form = DecisionForm(posted(request), initial={"version": record.version})
    errors: list[tuple[str, str]] = []
    status = 200
    if request.POST.get("do") == "resume":
        messages.warning(request, reporting.unsaved_message())
    elif request.method == "POST":
        if form.is_valid():
            try:
                return _decide(request, record, form)
            except actions.Conflict:
                form.add_error(None, _("รายการนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดด้านล่างก่อนตัดสินใจ"))
                record = get_report(pk)
                stand_on(form, record.version)
                status = 409
            except actions.Refused as refused:
                for field, sentence in refused.messages.items():
                    form.add_error(field if field in form.fields else None, sentence)
        errors = error_list(form)
        status = status if status != 200 else 422
    return render(
        request,
        "staff/review.html",
        _report_context(request, record, last)
        | {
            "form": form,
            "errors": errors,
            "statuses": FORM_ORDER,
            **_since_last_decision(record),
            **_neighbours(request, record),
        },
        status=status,
    )


def _since_last_decision(record: StatusReport) -> dict[str, Any]:
    """What changed since a reviewer last saw this report, where one did."""
    decided = history.last_decided(record) if record.state == ReportState.SUBMITTED else None
    return {
        "decided": decided,
        "changes": history.compare(decided, record) if decided else [],
    }


def waiting_for(user: User) -> list[StatusReport]:
    """What this person may decide on, the oldest submission first."""
    return [
        report
        for report in StatusReport.objects.waiting().with_context().order_by("submitted_at", "pk")
        if permissions.may_decide(user, report)
    ]


def _neighbours(request: StaffRequest, record: StatusReport) -> dict[str, Any]:
    """The reports before and after this one in the person's queue."""
    queue = waiting_for(request.user)
    place = next((at for at, each in enumerate(queue) if each.pk == record.pk), None)
    if place is None:
        return {"previous": None, "next": queue[0] if queue else None, "left": len(queue)}
    return {
        "previous": queue[place - 1] if place else None,
        "next": queue[place + 1] if place + 1 < len(queue) else None,
        "left": len(queue),
    }


def _decide(request: StaffRequest, record: StatusReport, form: DecisionForm) -> HttpResponse:
    data, submitted_at = form.cleaned_data, record.submitted_at
    if request.POST.get("do") == "return":
        actions.send_back(
            report=record, by=request.user, version=data["version"], reason=data["return_reason"]
        )
        messages.success(request, _("ส่ง %(report)s กลับแก้ไขแล้ว") % {"report": record.assignment})
    else:
        actions.approve(
            report=record,
            by=request.user,
            version=data["version"],
            assessed_status=data["assessed_status"],
            assessed_note=data["assessed_note"],
            assessed_meeting=data["assessed_meeting"],
        )
        messages.success(request, _("รับรอง %(report)s แล้ว") % {"report": record.assignment})
    queue = [each for each in waiting_for(request.user) if each.pk != record.pk]
    if not queue:
        return redirect("staff-review")
    # On with the one that stood after this one; after the last, with the first.
    after = [each for each in queue if (each.submitted_at, each.pk) > (submitted_at, record.pk)]
    return redirect("staff-review-report", pk=(after or queue)[0].pk)
