"""Queues: reports to write, and reports to review."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Replace
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, link_checks, permissions, promised
from followup.charts import WorkBar
from followup.first_steps import first_steps
from followup.forms.report import GradeForm
from followup.models import Agency, ReportState, Round, StatusReport
from followup.promised import Promise
from followup.views.paging import Paged, paged
from followup.views.promised import of_caretaker
from followup.views.staff import StaffRequest, staff_page
from followup.views.years import chosen_round, rounds_at_work
from followup.workload import Standing, by_forum, by_resolution, total
from forum_portal.thai import match_key, to_arabic_digits
from proposals.codes import full_code, short_code
from proposals.models import Measure, Resolution

if TYPE_CHECKING:
    from followup.models.reports import StatusReportQuerySet

TICK = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")  # "report.version", as the review queue posts it


@dataclass(frozen=True)
class Task:
    """One expected report in the queue, beside the last one received and the date that was promised."""

    report: StatusReport
    last: StatusReport | None
    promise: Promise | None = None


@dataclass(frozen=True)
class Group:
    """One resolution's tasks on a page, and the progress of its reports."""

    resolution: Resolution
    tasks: list[Task]
    work: WorkBar


PAGE = 50  # reports a page of the queue
REVIEW_PAGE = 30  # reports a page of the review queue, which are approved at once

TABS = (
    ("todo", _l("ค้างทั้งหมด")),
    ("untouched", _l("ยังไม่เริ่มกรอก")),
    ("draft", _l("ฉบับร่าง")),
    ("returned", _l("ถูกส่งกลับ")),
    ("submitted", _l("รอตรวจ")),
    ("approved", _l("รับรองแล้ว")),
)


IN_TAB: dict[str, Q] = {
    "todo": Q(state__in=[ReportState.DRAFT, ReportState.RETURNED]),
    "untouched": Q(version=0),
    **{
        name: Q(state=name, version__gt=0)
        for name in ("draft", "returned", "submitted", "approved")
    },
}


def count_of(numbers: Standing, tab: str) -> int:
    return {
        "todo": numbers.to_do,
        "untouched": numbers.untouched,
        "draft": numbers.drafts,
        "returned": numbers.returned,
        "submitted": numbers.submitted,
        "approved": numbers.approved,
    }[tab]


@dataclass(frozen=True)
class Tasks(Sequence[Task]):
    """The reports of the queue, in the order of resolutions, for `paged`: a slice reads only its own.

    `counts`: resolution -> how many of its reports the filters let in.
    """

    reports: StatusReportQuerySet
    counts: dict[Resolution, int]

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __getitem__(self, cut: slice) -> list[Task]:  # type: ignore[override]
        """Three queries, of the resolutions that the slice is in; and those of what a row shows."""
        start, stop = cut.start, min(cut.stop, len(self))
        here, before, at = [], 0, 0
        for resolution, count in self.counts.items():
            if at < stop and at + count > start:
                here.append(resolution.pk)
                before = at if len(here) == 1 else before
            at += count
        # The keys alone are sorted: whole rows would be carried through the sorting.
        wanted = (
            self.reports.filter(assignment__measure__resolution__in=here)
            # What was sent back first: it was looked at already, and somebody waits for it.
            .annotate(is_new=~Q(state=ReportState.RETURNED))
            .order_by(
                "assignment__measure__resolution__forum__year_be",
                "assignment__measure__resolution__number",
                "is_new",
                "assignment__measure__number",
                "assignment__role",
                "assignment__agency__sort_key",
                "pk",
            )
            .values_list("pk", flat=True)
        )
        keys = list(wanted[start - before : stop - before]) if here else []
        found = StatusReport.objects.with_context().in_bulk(keys)
        rows = [found[pk] for pk in keys if pk in found]
        of_rows = StatusReport.objects.filter(assignment__in={each.assignment_id for each in rows})
        last = of_rows.last_before(list({each.round for each in rows}))
        assignments = [each.assignment_id for each in rows]
        promises = promised.of_assignments(assignments, timezone.localdate())
        return [Task(each, last.of(each), promises.get(each.assignment_id)) for each in rows]


def _on_page(
    counts: dict[Resolution, int], work: dict[Resolution, Standing], shown: Paged[Task]
) -> list[Group]:
    """The groups of one page, each with its tasks there.

    A group without tasks stands between the tasks of its neighbours, or ends the last page.
    """
    tasks: dict[int, list[Task]] = {}
    for task in shown.rows:
        tasks.setdefault(task.report.measure.resolution_id, []).append(task)
    here, at = [], 0
    for resolution, count in counts.items():
        is_here = resolution.pk in tasks or (
            not count and min(at // PAGE + 1, shown.pages) == shown.number
        )
        if is_here:
            bar = WorkBar(work[resolution])
            here.append(Group(resolution, tasks.get(resolution.pk, []), bar))
        at += count
    return here


def _named(words: str, resolutions: Iterable[Resolution]) -> Q:
    """The reports whose measure or agency has the words in its name, or whose measure has that code."""
    key, code = match_key(words), to_arabic_digits(words)
    # Of each measure the title and the numbers: match_key is no function of the database.
    several = {each.pk: each for each in resolutions}
    of_measures = Measure.objects.filter(resolution__in=several).order_by()
    measures = []
    for pk, resolution, number, title in of_measures.values_list(
        "pk", "resolution", "number", "title_th"
    ):
        of = several[resolution]
        codes = short_code(of.number, number), full_code(of.forum.year_be, of.number, number)
        if key in match_key(title) or code in codes:
            measures.append(pk)
    names = Replace("search_text", Value(" "), Value(""), output_field=TextField())
    agencies = Agency.objects.annotate(names=names).filter(names__contains=key)
    return Q(assignment__measure__in=measures) | Q(assignment__agency__in=agencies)


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
    reports = round_.reports.standing()
    work = by_resolution(reports)
    tab = request.GET.get("state", "")
    tab = tab if tab in dict(TABS) else "todo"
    resolution = request.GET.get("resolution", "")
    agency = request.GET.get("agency", "")
    at_work = Agency.objects.filter(Exists(reports.filter(assignment__agency=OuterRef("pk"))))
    cares = at_work.filter(caretaker=request.user).exists()
    # A caretaker sees first what is theirs, unless the address says otherwise.
    mine = request.GET.get("mine", "1" if cares else "0") == "1"
    typed = request.GET.get("q", "").strip()[:100]
    words = match_key(typed)

    fitting = reports.filter(IN_TAB[tab])
    asked = [each for each in work if resolution in {"", each.full_code}]
    if resolution:
        fitting = fitting.filter(assignment__measure__resolution__in=asked)
    if agency:
        of_agency = fitting.filter(assignment__agency__code=agency)
        fitting = of_agency if agency.isprintable() else fitting.none()
    if mine:
        fitting = fitting.filter(assignment__agency__caretaker=request.user)
    if words:
        fitting = fitting.filter(_named(typed, work))
    is_narrow = bool(agency or words or mine)
    fits = {each.pk: count_of(numbers, tab) for each, numbers in work.items()}
    if is_narrow:
        key = "assignment__measure__resolution"
        counted = fitting.order_by().values_list(key).annotate(Count("pk"))
        fits = dict(counted)
    counts = {each: fits.get(each.pk, 0) for each in asked if fits.get(each.pk, 0) or not is_narrow}
    past_due = promised.past_due(timezone.localdate())
    if mine:
        past_due = of_caretaker(request, past_due)
    numbers = total(work.values())
    tasks: Paged[Task] = paged(request, Tasks(fitting, counts), PAGE)
    return render(
        request,
        "staff/queue.html",
        {
            "round": round_,
            "rounds": rounds,
            "dead_links": link_checks.dead().count(),
            "work": WorkBar(numbers),
            "numbers": numbers,
            "by_forum": by_forum(work),
            "tabs": [(name, label, count_of(numbers, name)) for name, label in TABS],
            "tab": tab,
            "groups": _on_page(counts, work, tasks),
            "past_due": past_due.count(),
            "paged": tasks,
            "shown": tasks.total,
            "resolutions": list(work),
            "agencies": at_work.order_by("sort_key", "pk").only("code", "name_th", "abbr_th"),
            "resolution": resolution,
            "agency": agency,
            "mine": mine,
            "first_steps": first_steps(request.user),
            "words": typed,
            "filtered": bool(resolution or is_narrow),
        },
    )


@staff_page
def review_queue(request: StaffRequest) -> HttpResponse:
    """The submitted reports, the oldest first; several can be approved at once, once confirmed."""
    if request.method == "POST":
        return _approve_chosen(request)
    is_all = request.GET.get("select") == "all"
    waiting = StatusReport.objects.waiting()
    # The keys alone are sorted and cut; the page's rows are read by them.
    keys = waiting.order_by("submitted_at", "pk").values_list("pk", flat=True)
    shown: Paged[int] = paged(request, keys, REVIEW_PAGE)
    known = waiting.with_context().select_related("submitted_by").in_bulk(shown.rows)
    links = permissions.links_known_to(request.user)
    tasks = [
        (known[pk], permissions.may_decide(request.user, known[pk], links))
        for pk in shown.rows
        if pk in known
    ]
    return render(
        request,
        "staff/review_queue.html",
        {
            "tasks": tasks,
            "paged": shown,
            "decidable": sum(may_decide for _report, may_decide in tasks),
            "is_all": is_all,
            "mine": waiting.filter(permissions.own_submissions(request.user)).count(),
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
            {
                "rows": [(report, f"{report.pk}.{ticks[str(report.pk)]}") for report in rows],
                "form": GradeForm(),
            },
        )
    form = GradeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("เลือกหลักฐานที่ใช้จากรายการ"))
        return redirect("staff-review")
    try:
        count = actions.approve_many(
            reports=[(report, int(ticks[str(pk)])) for pk, report in chosen.items()],
            by=request.user,
            assessed_grade=form.cleaned_data["assessed_grade"],
        )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("รับรองแล้ว %(count)s รายการ") % {"count": count})
    return redirect("staff-review")
