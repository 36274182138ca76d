"""The secretariat's pages: what waits, one report, the review, the rounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods

from followup import actions, permissions
from followup.charts import WorkBar
from followup.forms import (
    DecisionForm,
    PublishForm,
    RoundForm,
    error_list,
)
from followup.models import ReportState, Round, RoundState, StatusReport, User
from followup.progress import Standing, standing, standings
from followup.status import FORM_ORDER
from followup.views import reporting
from followup.views.reporting import last_report, stand_on
from forum_portal.thai import match_key

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request that `staff_page` has let through: somebody is signed in."""

    user: User


def staff_page(view: View) -> View:
    """For those who log reports; others who are signed in get a 403, strangers the login page."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not permissions.may_work(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(guarded)


class Login(auth.LoginView):
    template_name = "registration/login.html"
    redirect_authenticated_user = False


class PasswordChange(auth.PasswordChangeView):
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("staff-queue")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("เปลี่ยนรหัสผ่านแล้ว"))
        return super().form_valid(form)


# The queue ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """One expected report in the queue, beside last year's."""

    report: StatusReport
    last: StatusReport | None


@dataclass(frozen=True)
class Group:
    """One resolution's tasks, and how far its reports are."""

    resolution: Any
    tasks: list[Task]
    work: WorkBar


TABS = (
    ("todo", _l("ต้องทำทั้งหมด")),
    ("untouched", _l("ต้องรายงาน")),
    ("draft", _l("ฉบับร่าง")),
    ("returned", _l("ถูกส่งกลับ")),
    ("submitted", _l("รอตรวจ")),
    ("approved", _l("รับรองแล้ว")),
)


def tab_of(report: StatusReport) -> str:
    return "untouched" if report.is_untouched else report.state


def is_in_tab(report: StatusReport, tab: str) -> bool:
    if tab == "todo":
        return report.state in {ReportState.DRAFT, ReportState.RETURNED}
    return tab_of(report) == tab


def count_of(numbers: Standing, tab: str) -> int:
    return {
        "todo": numbers.to_do,
        "untouched": numbers.untouched,
        "draft": numbers.drafts,
        "returned": numbers.returned,
        "submitted": numbers.submitted,
        "approved": numbers.approved,
    }[tab]


def last_reports(round_: Round) -> dict[int, StatusReport]:
    """The approved reports of the round before, by assignment."""
    before = Round.objects.filter(year_be__lt=round_.year_be).order_by("-year_be").first()
    if before is None:
        return {}
    return {
        report.assignment_id: report
        for report in before.reports.received().select_related("round").prefetch_related("evidence")
    }


def round_at_work() -> Round | None:
    """The round that staff work on: the earliest open one."""
    return Round.objects.filter(state=RoundState.OPEN).order_by("year_be").first()


@staff_page
def queue(request: StaffRequest) -> HttpResponse:
    """What is waiting in the open round, grouped by resolution."""
    round_ = round_at_work()
    if round_ is None:
        return render(
            request,
            "staff/queue_empty.html",
            {"latest": Round.objects.order_by("-year_be").first()},
        )
    reports = list(round_.reports.with_context())
    last = last_reports(round_)
    tab = request.GET.get("state", "")
    tab = tab if tab in dict(TABS) else "todo"
    resolution = request.GET.get("resolution", "")
    agency = request.GET.get("agency", "")
    words = match_key(request.GET.get("q", "")[:100])

    def fits(report: StatusReport) -> bool:
        measure = report.measure
        return (
            is_in_tab(report, tab)
            and resolution in {"", str(measure.resolution.number)}
            and agency in {"", report.assignment.agency.code}
            and (
                not words
                or words in match_key(f"{measure.title_th} {report.assignment.agency}")
                or request.GET["q"].strip() == measure.code
            )
        )

    by_resolution: dict[Any, list[StatusReport]] = {}
    for report in reports:
        by_resolution.setdefault(report.resolution, []).append(report)
    groups = []
    for each, of_resolution in by_resolution.items():
        shown = [
            Task(report, last.get(report.assignment_id)) for report in of_resolution if fits(report)
        ]
        # What was sent back first: it was looked at already, and somebody waits for it.
        shown.sort(key=lambda task: task.report.state != ReportState.RETURNED)
        filtered_out = resolution not in {"", str(each.number)} or agency or words
        if shown or not filtered_out:
            groups.append(Group(each, shown, WorkBar(standing(of_resolution))))
    numbers = standing(reports)
    return render(
        request,
        "staff/queue.html",
        {
            "round": round_,
            "work": WorkBar(numbers),
            "numbers": numbers,
            "tabs": [(name, label, count_of(numbers, name)) for name, label in TABS],
            "tab": tab,
            "groups": groups,
            "shown": sum(len(group.tasks) for group in groups),
            "resolutions": list(by_resolution),
            "agencies": sorted(
                {report.assignment.agency for report in reports}, key=lambda each: each.sort_key
            ),
            "resolution": resolution,
            "agency": agency,
            "words": request.GET.get("q", "")[:100],
            "filtered": bool(resolution or agency or words),
        },
    )


@staff_page
def review_queue(request: StaffRequest) -> HttpResponse:
    """What was submitted and waits for a reviewer, the oldest first."""
    reports = list(
        StatusReport.objects.filter(
            state=ReportState.SUBMITTED, round__state__in=[RoundState.OPEN, RoundState.CLOSED]
        )
        .with_context()
        .select_related("submitted_by")
        .order_by("submitted_at")
    )
    tasks = [(report, permissions.may_decide(request.user, report)) for report in reports]
    return render(
        request,
        "staff/review_queue.html",
        {
            "tasks": tasks,
            "mine": sum(permissions.is_own_submission(request.user, report) for report in reports),
        },
    )


# One report -----------------------------------------------------------------------------------


def get_report(pk: int) -> StatusReport:
    return get_object_or_404(
        StatusReport.objects.with_context().select_related(
            "updated_by", "submitted_by", "approved_by"
        ),
        pk=pk,
    )


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
        thanks=_("ส่งตรวจ %(report)s แล้ว ผู้ตรวจคนอื่นจะเป็นผู้รับรอง") % {"report": record.assignment},
        by=request.user,
        context=_rights(request, record),
    )


def posted(request: StaffRequest) -> QueryDict | None:
    """What a form is bound to: a POST, even an empty one, or nothing."""
    return request.POST if request.method == "POST" else None


def _rights(request: StaffRequest, record: StatusReport) -> dict[str, bool]:
    return {
        "may_decide": permissions.may_decide(request.user, record),
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
        | {"form": form, "errors": errors, "statuses": FORM_ORDER},
        status=status,
    )


def _decide(request: StaffRequest, record: StatusReport, form: DecisionForm) -> HttpResponse:
    data = form.cleaned_data
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
    return redirect("staff-review")


# Rounds ---------------------------------------------------------------------------------------


@staff_page
def round_list(request: StaffRequest) -> HttpResponse:
    rounds = list(Round.objects.all())
    return render(
        request,
        "staff/rounds.html",
        {"rounds": [(round_, WorkBar(numbers)) for round_, numbers in standings(rounds).items()]},
    )


@staff_page
def round_new(request: StaffRequest) -> HttpResponse:
    if not permissions.may_run(request.user):
        raise PermissionDenied
    form = RoundForm(posted(request), initial={"year": RoundForm.next_year()})
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                round_ = actions.create_round(
                    by=request.user,
                    year=form.cleaned_data["year"],
                    due_on=form.cleaned_data["due_on"],
                )
            except actions.Refused as refused:
                for field, sentence in refused.messages.items():
                    form.add_error(field or None, sentence)
            else:
                messages.success(request, _("สร้าง%(round)s แล้ว") % {"round": round_.name})
                return redirect("staff-round", year=round_.year_be)
        status = 422
    return render(
        request, "staff/round_new.html", {"form": form, "errors": error_list(form)}, status=status
    )


def get_round(year: int) -> Round:
    return get_object_or_404(Round, year_be=year)


@staff_page
def round_detail(request: StaffRequest, year: int) -> HttpResponse:
    """Where a round stands, by agency, and what can be done with it next."""
    round_ = get_round(year)
    reports = list(round_.reports.with_context())
    by_agency: dict[Any, list[StatusReport]] = {}
    for each in reports:
        by_agency.setdefault(each.assignment.agency, []).append(each)
    agencies = [(agency, WorkBar(standing(rows))) for agency, rows in by_agency.items()]
    agencies.sort(key=lambda pair: (-pair[1].standing.to_do, pair[0].sort_key))
    numbers = standing(reports)
    return render(
        request,
        "staff/round.html",
        {
            "round": round_,
            "work": WorkBar(numbers),
            "numbers": numbers,
            "agencies": agencies,
            "steps": [step for step in STEPS.values() if step.is_next(request, round_)],
        },
    )


@dataclass(frozen=True)
class Step:
    """A step of a round's life that asks for confirmation."""

    verb: str
    label: Any
    from_state: RoundState
    allowed: Callable[[Any], bool]
    act: Callable[..., Round]

    def is_next(self, request: StaffRequest, round_: Round) -> bool:
        return round_.state == self.from_state and self.allowed(request.user)


STEPS = {
    step.verb: step
    for step in (
        Step("open", _l("เปิดรอบ"), RoundState.PLANNED, permissions.may_run, actions.open_round),
        Step("close", _l("ปิดรับรายงาน"), RoundState.OPEN, permissions.may_run, actions.close_round),
        Step(
            "publish",
            _l("เผยแพร่ทั้งรอบ"),
            RoundState.CLOSED,
            permissions.may_publish,
            actions.publish_round,
        ),
        Step(
            "reopen",
            _l("เปิดรับรายงานอีกครั้ง"),
            RoundState.CLOSED,
            permissions.may_run,
            actions.reopen_round,
        ),
    )
}


@staff_page
def round_step(request: StaffRequest, year: int, verb: str) -> HttpResponse:
    """Say in numbers what a step will do, and do it once somebody confirms."""
    step = STEPS.get(verb)
    if step is None:
        raise Http404
    if not step.allowed(request.user):
        raise PermissionDenied
    round_ = get_round(year)
    form = PublishForm(posted(request)) if verb == "publish" else None
    status = 200
    if request.method == "POST":
        if form is None or form.is_valid():
            try:
                step.act(round_=round_, by=request.user, **(form.cleaned_data if form else {}))
            except actions.Refused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(
                    request,
                    _("%(step)s ปีงบประมาณ %(year)s แล้ว") % {"step": step.label, "year": year},
                )
            return redirect(reverse("staff-round", kwargs={"year": year}))
        status = 422
    elif round_.state != step.from_state:
        messages.error(
            request, _("รอบนี้อยู่ในขั้น “%(state)s” จึงทำขั้นนี้ไม่ได้") % {"state": round_.get_state_display()}
        )
        return redirect("staff-round", year=year)
    return render(
        request,
        "staff/round_step.html",
        {
            "round": round_,
            "step": step,
            "numbers": standings([round_])[round_],
            "expected": actions.expected_count(round_),
            "form": form,
            "errors": error_list(form) if form else [],
        },
        status=status,
    )
