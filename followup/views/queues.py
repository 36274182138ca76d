"""Queues: reports to write, and reports to review."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, permissions
from followup.charts import WorkBar
from followup.first_steps import first_steps
from followup.models import ReportState, Round, StatusReport
from followup.views.paging import Paged, paged
from followup.views.staff import StaffRequest, staff_page
from followup.views.years import chosen_round, rounds_at_work
from followup.workload import Standing, by_forum, standing
from forum_portal.thai import match_key, to_arabic_digits

TICK = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")  # "report.version", as the review queue posts it


@dataclass(frozen=True)
class Task:
    """One expected report in the queue, beside the last one received."""

    report: StatusReport
    last: StatusReport | None


@dataclass(frozen=True)
class Group:
    """One resolution's tasks, and the progress of its reports."""

    resolution: Any
    tasks: list[Task]
    work: WorkBar


PAGE = 50  # reports a page of the queue

TABS = (
    ("todo", _l("ค้างทั้งหมด")),
    ("untouched", _l("ยังไม่เริ่มกรอก")),
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


def _on_page(groups: list[Group], shown: Paged[Task]) -> list[Group]:
    """The groups of one page, each with its tasks there.

    A group without tasks stands between the tasks of its neighbours, or ends the last page.
    """
    here, at = [], 0
    for group in groups:
        first, last = max(shown.first - 1, at), min(shown.last, at + len(group.tasks))
        is_here = first < last or (
            not group.tasks and min(at // PAGE + 1, shown.pages) == shown.number
        )
        if is_here:
            here.append(Group(group.resolution, group.tasks[first - at : last - at], group.work))
        at += len(group.tasks)
    return here


@staff_page
def queue(request: StaffRequest) -> HttpResponse:
    """The reports to write in the open round, grouped by resolution."""
    rounds = rounds_at_work()
    round_ = chosen_round(request, rounds, next(iter(rounds), None))
    if round_ is None:
        return render(
            request,
            "staff/queue_empty.html",
            {
                "latest": Round.objects.order_by("-year_be", "-months").first(),
                "first_steps": first_steps(request.user),
            },
        )
    reports = list(round_.reports.standing().with_context())
    last = StatusReport.objects.last_before([round_])
    tab = request.GET.get("state", "")
    tab = tab if tab in dict(TABS) else "todo"
    resolution = request.GET.get("resolution", "")
    agency = request.GET.get("agency", "")
    cares = any(report.assignment.agency.caretaker_id == request.user.pk for report in reports)
    # A caretaker sees first what is theirs, unless the address says otherwise.
    mine = request.GET.get("mine", "1" if cares else "0") == "1"
    typed = request.GET.get("q", "").strip()[:100]
    words, code = match_key(typed), to_arabic_digits(typed)

    def fits(report: StatusReport) -> bool:
        measure = report.measure
        return (
            is_in_tab(report, tab)
            and resolution in {"", measure.resolution.full_code}
            and agency in {"", report.assignment.agency.code}
            and (not mine or report.assignment.agency.caretaker_id == request.user.pk)
            and (
                not words
                or words in match_key(f"{measure.title_th} {report.assignment.agency}")
                or code in {measure.code, measure.full_code}
            )
        )

    by_resolution: dict[Any, list[StatusReport]] = {}
    for report in reports:
        by_resolution.setdefault(report.resolution, []).append(report)
    groups = []
    for each, of_resolution in by_resolution.items():
        shown = [Task(report, last.of(report)) for report in of_resolution if fits(report)]
        # What was sent back first: it was looked at already, and somebody waits for it.
        shown.sort(key=lambda task: task.report.state != ReportState.RETURNED)
        filtered_out = resolution not in {"", each.full_code} or agency or words or mine
        if shown or not filtered_out:
            groups.append(Group(each, shown, WorkBar(standing(of_resolution))))
    numbers = standing(reports)
    tasks = paged(request, [task for group in groups for task in group.tasks], PAGE)
    return render(
        request,
        "staff/queue.html",
        {
            "round": round_,
            "rounds": rounds,
            "work": WorkBar(numbers),
            "numbers": numbers,
            "by_forum": by_forum(reports),
            "tabs": [(name, label, count_of(numbers, name)) for name, label in TABS],
            "tab": tab,
            "groups": _on_page(groups, tasks),
            "paged": tasks,
            "shown": tasks.total,
            "resolutions": list(by_resolution),
            "agencies": sorted(
                {report.assignment.agency for report in reports}, key=lambda each: each.sort_key
            ),
            "resolution": resolution,
            "agency": agency,
            "mine": mine,
            "first_steps": first_steps(request.user),
            "words": typed,
            "filtered": bool(resolution or agency or words or mine),
        },
    )


@staff_page
def review_queue(request: StaffRequest) -> HttpResponse:
    """The submitted reports, the oldest first; several can be approved at once, once confirmed."""
    if request.method == "POST":
        return _approve_chosen(request)
    is_all = request.GET.get("select") == "all"
    reports = list(
        StatusReport.objects.waiting()
        .with_context()
        .select_related("submitted_by")
        .order_by("submitted_at", "pk")
    )
    links = permissions.links_known_to(request.user)
    tasks = [(report, permissions.may_decide(request.user, report, links)) for report in reports]
    return render(
        request,
        "staff/review_queue.html",
        {
            "tasks": tasks,
            "decidable": sum(may_decide for _report, may_decide in tasks),
            "is_all": is_all,
            "mine": sum(
                permissions.is_own_submission(request.user, report, links) for report in reports
            ),
        },
    )


def _approve_chosen(request: StaffRequest) -> HttpResponse:
    """List the ticked reports, and approve them once that is confirmed.

    Each tick carries the version that was on the page.
    """
    if not permissions.may_review(request.user):
        raise PermissionDenied
    ticks = dict(tick.split(".") for tick in request.POST.getlist("report") if TICK.fullmatch(tick))
    chosen = StatusReport.objects.waiting().with_context().in_bulk([int(pk) for pk in ticks])
    if len(chosen) < len(ticks) or not ticks:
        messages.error(
            request,
            _("บางรายการไม่ได้รอตรวจแล้ว ดูรายการล่าสุดแล้วเลือกอีกครั้ง") if ticks else _("ยังไม่ได้เลือกรายการ"),
        )
        return redirect("staff-review")
    if request.POST.get("do") != "confirm":
        # In the order of the queue, which has the oldest first.
        rows = sorted(chosen.values(), key=lambda each: (each.submitted_at, each.pk))
        return render(
            request,
            "staff/review_confirm.html",
            {"rows": [(report, f"{report.pk}.{ticks[str(report.pk)]}") for report in rows]},
        )
    try:
        count = actions.approve_many(
            reports=[(report, int(ticks[str(pk)])) for pk, report in chosen.items()],
            by=request.user,
        )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("รับรองแล้ว %(count)s รายการ") % {"count": count})
    return redirect("staff-review")
