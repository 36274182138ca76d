"""What a worker runs: one function for each kind of job of `followup.jobs`, by which jobs are stored.

Each is small: the work itself is in the module that it calls. A job may be begun more than once, so that
what it calls is harmless the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django_tasks import TaskContext, task

from followup import digests, evidence, jobs, link_checks, mailings, news, notices, retention
from followup.annual_report import printing
from followup.models import User
from followup.spreadsheets import session


def job(function: Callable[..., Any]) -> Any:
    """Decorate a function: a task in the queue of its kind. It gets the task's context first."""
    lane = jobs.KINDS[function.__name__].lane
    return task(queue_name=lane, takes_context=True)(function)


def _is_last(context: TaskContext) -> bool:
    return jobs.is_last_try(context.task_result.task.name, context.attempt)


@job
def run_import(context: TaskContext, pk: int, what: str, attempt: int, user: int) -> None:
    """Check, apply, undo or take back an import. Begun again, it takes back what it had applied."""
    key = UUID(context.task_result.id) if context.attempt > 1 else None
    session.run(pk, what, User.objects.get(pk=user), attempt=attempt, again=key)


@job
def print_report(context: TaskContext, pk: int) -> None:
    """Print a file that somebody waits for."""
    printing.run(pk)


@job
def print_ahead(context: TaskContext, edition: int) -> None:
    """Print an edition's files before anybody asks."""
    printing.ahead(edition)


@job
def send_mails(context: TaskContext, sending: str) -> int:
    """Send the queued e-mails of one sending. Raises TryAgain for those that no server took."""
    return mailings.send(UUID(sending), is_last=_is_last(context))


@job
def tell_returned(context: TaskContext, report: int, contact: int) -> None:
    """Tell one focal point that a report was returned. Raises TryAgain if no server took the mail."""
    notices.tell_returned(report, contact)


@job
def tell_dead_links(context: TaskContext, contact: int, checks: list[int]) -> None:
    """Tell one focal point of links that died. Raises TryAgain if no server took the mail."""
    notices.tell_dead_links(contact, checks)


@job
def send_news(context: TaskContext) -> int:
    """Send the mails to subscribers. Raises TryAgain if some are left."""
    return news.send_or_try_again()


@job
def send_digests(context: TaskContext) -> int:
    """Send today's digests. Raises TryAgain if some are left."""
    return digests.send_or_try_again()


@job
def sweep_evidence(context: TaskContext) -> int:
    return evidence.sweep()


@job
def check_links(context: TaskContext) -> dict[str, int | bool]:
    """Open the links of evidence that are due."""
    return link_checks.run().plain


@job
def purge_personal_data(context: TaskContext) -> int:
    return sum(retention.purge().values())


@job
def prune_jobs(context: TaskContext) -> None:
    jobs.prune()
