"""The jobs that are not done within a request: what waits, runs, failed and was done lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from followup import actions, jobs, permissions
from followup.views.staff import StaffRequest, staff_page

#: Rows of each list.
MOST = 50


@dataclass(frozen=True)
class Shown:
    """A job as its list shows it. `spent`: how long it runs or has run."""

    job: DBTaskResult
    label: str
    tries: int
    tried_next: datetime | None
    spent: timedelta | None
    is_lost: bool
    why: str
    may_run_again: bool


@staff_page
def jobs_list(request: StaffRequest) -> HttpResponse:
    """The jobs by state, of all kinds or of one; a POST by an administrator has one run again."""
    if request.method == "POST":
        return _run_again(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in jobs.KINDS else ""
    now, living = timezone.now(), jobs.living_workers()

    def of(status: TaskResultStatus, *order: str) -> list[Shown]:
        return list(_shown(jobs.in_state(status, kind).order_by(*order)[:MOST], now, living))

    return render(
        request,
        "staff/jobs.html",
        {
            "figures": jobs.figures(),
            "running": of(TaskResultStatus.RUNNING, "started_at"),
            "waiting": of(TaskResultStatus.READY, "-priority", "enqueued_at"),
            "failed": of(TaskResultStatus.FAILED, "-finished_at"),
            "done": of(TaskResultStatus.SUCCESSFUL, "-finished_at"),
            "most": MOST,
            "kinds": {name: each.label for name, each in jobs.KINDS.items()},
            "kind": kind,
            "may_run_again": permissions.may_administer(request.user),
            "keep_days": jobs.KEEP_DAYS,
            "keep_failed_days": jobs.KEEP_FAILED_DAYS,
        },
    )


def _shown(found: Iterable[DBTaskResult], now: datetime, living: frozenset[str]) -> Iterable[Shown]:
    for job in found:
        is_running = job.status == TaskResultStatus.RUNNING
        until = job.finished_at or now
        yield Shown(
            job=job,
            label=jobs.label_of(job),
            tries=len(job.worker_ids),
            tried_next=jobs.moment_due(job),
            # To whole seconds; a clock that was set back counts as none.
            spent=timedelta(seconds=max(0, int((until - job.started_at).total_seconds())))
            if job.started_at
            else None,
            is_lost=is_running and jobs.worker_of(job) not in living,
            why=jobs.why_failed(job) if job.status == TaskResultStatus.FAILED else "",
            may_run_again=jobs.may_be_run_again(job),
        )


def _run_again(request: StaffRequest) -> HttpResponse:
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    try:
        key = UUID(request.POST.get("job", ""))
    except ValueError:
        raise BadRequest(_("ไม่ได้ระบุงานที่จะทำอีกครั้ง")) from None
    try:
        job = actions.run_job_again(job=key, by=request.user)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("เข้าคิวแล้ว: %(kind)s") % {"kind": jobs.label_of(job)})
    return redirect("staff-jobs")
