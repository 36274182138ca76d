"""The queue of jobs as tests see it."""

from typing import Any

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from followup import jobs
from followup.worker import Worker

Queued = tuple[Any, ...]  # the kind of a job, and its arguments


def queued() -> list[Queued]:
    """The jobs that wait, also those whose time has not come, in the order in which they were queued."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY).order_by("enqueued_at")
    return [(jobs.kind_of(job), *job.args_kwargs["args"]) for job in waiting]


def work_off() -> int:
    """Run what is due, as a worker does; returns how many jobs were run."""
    return Worker().run_waiting()


def empty_queue() -> None:
    DBTaskResult.objects.all().delete()


def states() -> list[tuple[str, str]]:
    """The kind and the state of each job, in the order in which they were queued."""
    found = DBTaskResult.objects.order_by("enqueued_at")
    return [(jobs.kind_of(job), job.status) for job in found]
