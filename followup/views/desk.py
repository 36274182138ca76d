"""The secretariat's pages on one report: write, review, send back."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import actions, history, permissions, shared_codes, standing
from followup.forms.fields import error_list
from followup.forms.report import DecisionForm, WithdrawForm
from followup.models import ReportState, StatusReport, User
from followup.views import report_form, rulings
from followup.views.refusals import show_refusal
from followup.views.report_form import stand_on
from followup.views.staff import (
    StaffRequest,
    View,
    get_report,
    posted,
    report_of_staff,
    staff_page,
)
from forum_portal.bodies import takes_body

if TYPE_CHECKING:
    from followup.models.reports import StatusReportQuerySet


def keeps_text(view: View) -> View:
    """Decorate a view: if the session has ended, a page holds the typed text until the next sign-in."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return report_form.keep(request)
        return view(request, *args, **kwargs)

    return keeping


@keeps_text
@staff_page
@takes_body(report_of_staff)
def report(request: StaffRequest, pk: int) -> HttpResponse:
    """The form of one report; read-only if it cannot be edited now."""
    if request.method != "POST":
        desk = desk_of(request, get_report(pk))
        if permissions.may_edit(request.user, desk.record):
            return report_form.begin(desk)
        context = _report_context(request, desk.record, desk.last)
        return render(request, "staff/report_read.html", context)
    try:
        if request.POST.get("do") == "recall":
            return report_form.recall(desk_of(request, get_report(pk)))
        return report_form.take(desk_of(request, get_report(pk)))
    except Http404:
        # It was deleted while somebody was writing, because its assignment is no longer valid.
        return report_form.keep(
            request, status=404, sentence=actions.gone_message(), may_resume=False
        )


@keeps_text
@staff_page
def unsaved(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a form that was sent with an earlier login's CSRF token; nothing is stored."""
    return report_form.resume(desk_of(request, get_report(pk)), status=403)


def desk_of(request: StaffRequest, record: StatusReport) -> report_form.Desk:
    return report_form.Desk(
        request,
        record,
        template="staff/report.html",
        here=reverse("staff-report", args=[record.pk]),
        after=reverse("staff-queue"),
        thanks=_("ส่งตรวจ %(report)s แล้ว ผู้ตรวจคนอื่นจะเป็นผู้รับรอง"),
        by=request.user,
        context=_rights(request, record),
    )


def _rights(request: StaffRequest, record: StatusReport) -> dict[str, Any]:
    return {
        "may_decide": permissions.may_decide(request.user, record),
        "may_send_back": permissions.may_send_back(request.user, record),
        "may_withdraw": permissions.may_withdraw(request.user, record),
        "may_restore": permissions.may_restore(request.user, record),
        **report_form.recall_of(record, by=request.user),
        "own": (
            actions.own_message(record)
            if permissions.is_own_submission(request.user, record)
            else ""
        ),
    }


def _report_context(
    request: StaffRequest, record: StatusReport, last: StatusReport | None
) -> dict[str, Any]:
    standing.mark([record])
    return report_form.context_of(record, last) | {
        "sharing": shared_codes.sharing(record),
        **_rights(request, record),
    }


@keeps_text
@staff_page
@takes_body(report_of_staff)
def review(request: StaffRequest, pk: int) -> HttpResponse:
    """Read a submitted report; approve it, or return it with a reason."""
    if not permissions.may_review(request.user):
        raise PermissionDenied
    record = get_report(pk)
    is_first = record.review_opened_at is None and request.method == "GET"
    if is_first and permissions.may_decide(request.user, record):
        actions.note_review_opened(report=record, by=request.user)
    last = record.last
    form = DecisionForm(
        posted(request),
        kind=record.measure.kind,
        evidence=record.evidence.all(),
        initial={"version": record.version},
    )
    errors: list[tuple[str, str]] = []
    status = 200
    if request.POST.get("do") == "resume":
        messages.warning(request, report_form.unsaved_message())
    elif request.method == "POST":
        if form.is_valid():
            try:
                return _decide(request, record, form)
            except actions.Conflict:
                form.add_error(None, _("รายการนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดด้านล่างก่อนตัดสินใจ"))
                record = get_report(pk)
                stand_on(form, record.version)
                form.offer(record.evidence.all())
                status = 409
            except actions.Refused as refused:
                show_refusal(form, refused)
        errors = error_list(form)
        status = status if status != 200 else 422
    return render(
        request,
        "staff/review.html",
        _report_context(request, record, last)
        | {
            "form": form,
            "errors": errors,
            **rulings.context_of(record.round, record.measure),
            **_since_last_decision(record),
            **_neighbours(request, record),
        },
        status=status,
    )


@keeps_text
@staff_page
@takes_body(report_of_staff)
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a report out of its round with a reason, or put a withdrawn one back."""
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    record = get_report(pk)
    form = WithdrawForm(posted(request), initial={"version": record.version})
    do, status = request.POST.get("do"), 200
    if do == "resume":
        messages.warning(request, report_form.unsaved_message())
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            version = form.cleaned_data["version"]
            try:
                if do == "restore":
                    actions.restore_report(report=record, by=request.user, version=version)
                    done = _("นำ %(report)s กลับเข้ารอบแล้ว")
                else:
                    reason = form.cleaned_data["withdrawn_reason"]
                    actions.withdraw_report(
                        report=record, by=request.user, version=version, reason=reason
                    )
                    done = _("ถอน %(report)s ออกจากรอบแล้ว")
            except actions.Conflict:
                form.add_error(None, _("รายการนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดด้านล่างก่อนตัดสินใจ"))
                record = get_report(pk)
                stand_on(form, record.version)
                status = 409
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, done % {"report": record.assignment})
                return redirect("staff-report", pk=pk)
    return render(
        request,
        "staff/report_withdraw.html",
        _report_context(request, record, record.last)
        | {"form": form, "errors": error_list(form) if status != 200 else []},
        status=status,
    )


def _since_last_decision(record: StatusReport) -> dict[str, Any]:
    """The last decided version of a submitted report, the changes since, and its last approval's ground.

    None and [] without one.
    """
    decided = history.last_decided(record) if record.state == ReportState.SUBMITTED else None
    return {
        "decided": decided,
        "changes": history.compare(decided, record) if decided else [],
        "last_ground": history.last_ground(record) if decided else None,
    }


def to_decide(user: User) -> StatusReportQuerySet:
    """The reports that this person may decide on, as `may_decide` has it, the oldest submission first."""
    if not permissions.may_review(user):
        return StatusReport.objects.none()
    waiting = StatusReport.objects.waiting().filter(~permissions.own_submissions(user))
    return waiting.order_by("submitted_at", "pk")


def _first(queue: StatusReportQuerySet) -> StatusReport | None:
    """The first of a queue with what a link to it says. The keys alone are sorted."""
    pk = queue.values_list("pk", flat=True).first()
    context = StatusReport.objects.with_context().prefetch_related(None)
    return context.filter(pk=pk).first() if pk else None


def _after(record: StatusReport) -> Q:
    """What stands behind a submitted report in the order of `to_decide`."""
    at = record.submitted_at
    return Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=record.pk)


def _neighbours(request: StaffRequest, record: StatusReport) -> dict[str, Any]:
    """The reports before and after this one in the person's queue."""
    queue = to_decide(request.user)
    left = queue.count()
    if not queue.filter(pk=record.pk).exists():
        return {"previous": None, "next": _first(queue), "left": left}
    others = queue.exclude(pk=record.pk)
    return {
        "previous": _first(others.exclude(_after(record)).reverse()),
        "next": _first(others.filter(_after(record))),
        "left": left,
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
            assessed_grade=data["assessed_grade"],
            grounds=data["grounds"],
            needs_grade=True,
        )
        messages.success(request, _("รับรอง %(report)s แล้ว") % {"report": record.assignment})
    record.submitted_at = submitted_at
    queue = to_decide(request.user).exclude(pk=record.pk)
    # Continue with the report after this one; after the last, with the first.
    following = _first(queue.filter(_after(record))) or _first(queue)
    if following is None:
        return redirect("staff-review")
    return redirect("staff-review-report", pk=following.pk)
