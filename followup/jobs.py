"""The queue of jobs: work that is not done within a request, because it takes long or may fail.

The queue is the table of Django's tasks (`django_tasks_db`). A job is a row, written in the transaction
that writes what it is about: either both are committed or neither is. `followup.tasks` has the functions,
and `manage.py work` (`followup.worker`) runs them.

The engine does not notice a worker that was killed: its job would run for ever. So a worker holds a
lease, its row of `JobWorker`, which it renews every few seconds. A running job whose last worker has no
valid lease is lost: another worker puts it back, if its kind may be repeated, or notes that it failed
(`take_up_lost`). Every change of a job's state compares the state and the workers it has had
(`compare_and_set`). So two workers never hold one job, and one that was given up and wakes does not
change how it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from followup.models import DailyDuty, JobWorker
from forum_portal.compare_and_set import compare_and_set
from forum_portal.errors import is_busy
from forum_portal.logs import trace_of

#: A worker without a sign of life for this time is lost. It renews its lease every few seconds, but may
#: have to wait 20 seconds for SQLite's lock before it does, and twice in a row.
LEASE = timedelta(seconds=60)
#: The pauses before a job is tried again: 1, 4, 16 … minutes, at most these.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
#: Days for which ended jobs are kept, and failed ones.
KEEP_DAYS, KEEP_FAILED_DAYS = 14, 60
_MODULE = "followup.tasks"


class TryAgain(Exception):
    """A job could not be done now: a mail server does not answer. Raised by a job to be run once more."""


class WorkerLost(Exception):
    """The process that ran a job ended before it."""


class FromBackup(Exception):
    """A job that waited or ran when the backup was made that was restored here."""


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    `lane` is its queue. `tries`: so often it is begun at most. `repeats`: whether it may be begun again
    by itself if nobody knows how far a lost worker came. `by_hand`: whether a person may have it run
    again.
    """

    label: Promise
    lane: str
    tries: int = 3
    repeats: bool = True
    by_hand: bool = True


#: The name of a function in `followup.tasks` -> its kind. Jobs are stored by that name: it stays.
KINDS: Mapping[str, Kind] = {
    # Its own page offers what can be done about it.
    "run_import": Kind(_l("ตรวจหรือนำเข้าสเปรดชีต"), "imports", tries=5, by_hand=False),
    "print_report": Kind(_l("จัดทำไฟล์รายงานประจำปี"), "files"),
    "print_ahead": Kind(_l("เตรียมไฟล์ของฉบับที่เผยแพร่"), "files"),
    "send_mails": Kind(_l("ส่งอีเมลถึงผู้ประสานงาน"), "mail", tries=6),
    # One mail: if its worker is lost, nobody knows whether it was sent.
    "tell_returned": Kind(_l("แจ้งผู้ประสานงานว่ารายงานถูกส่งกลับ"), "mail", tries=6, repeats=False),
    "tell_dead_links": Kind(
        _l("แจ้งผู้ประสานงานว่าลิงก์ของหลักฐานเปิดไม่ได้"), "mail", tries=6, repeats=False
    ),
    "send_news": Kind(_l("ส่งข่าวถึงผู้ติดตาม"), "mail", tries=6),
    "send_digests": Kind(_l("ส่งอีเมลสรุปงานที่รออยู่"), "mail", tries=6),
    "sweep_evidence": Kind(_l("ลบไฟล์หลักฐานที่ไม่มีรายงานใดใช้"), "files"),
    # In a queue of its own: it asks other machines, and takes up to twenty minutes.
    "check_links": Kind(_l("ตรวจลิงก์ของหลักฐาน"), "links"),
    "purge_personal_data": Kind(_l("ลบข้อมูลส่วนบุคคลที่พ้นกำหนด"), "files"),
    "prune_jobs": Kind(_l("ลบบันทึกงานเบื้องหลังที่พ้นกำหนด"), "files"),
}
LANES: tuple[str, ...] = tuple(settings.TASKS["default"]["QUEUES"])

#: What is queued once a day -> the days of the week on which it is due (0 is Monday).
DAILY: Mapping[str, range] = {
    "send_digests": range(5),
    "send_news": range(7),
    "sweep_evidence": range(7),
    "check_links": range(7),
    "purge_personal_data": range(7),
    "prune_jobs": range(7),
}


# Queueing ---------------------------------------------------------------------------------------


def enqueue(kind: str, *arguments: Any) -> UUID:
    """Queue a job; returns its key. Call it in the transaction that writes what it is about.

    `arguments` are keys and words, as JSON has them: no personal data, since staff and backups see them.
    """
    return UUID(import_string(f"{_MODULE}.{kind}").enqueue(*arguments).id)


def queue_daily_work() -> list[str]:
    """Queue what is due today and not queued yet, each kind once a day; returns the kinds."""
    today = timezone.localdate()
    return [kind for kind, days in DAILY.items() if today.weekday() in days and _first(kind)]


def _first(kind: str) -> bool:
    try:
        with transaction.atomic():
            DailyDuty.objects.create(kind=kind, day=timezone.localdate())
            enqueue(kind)
    except IntegrityError:  # another process was first, or an earlier call
        return False
    return True


def prune() -> None:
    """Remove jobs that ended long ago, and the notes of earlier days' work."""
    call_command(
        "prune_db_task_results",
        queue_name="*",
        min_age_days=KEEP_DAYS,
        failed_min_age_days=KEEP_FAILED_DAYS,
        verbosity=0,
    )
    DailyDuty.objects.filter(day__lt=timezone.localdate() - timedelta(days=KEEP_DAYS)).delete()


# What has become of them ------------------------------------------------------------------------


class Stand(Enum):
    """Where a job is. A lost one runs by its row only."""

    WAITING = auto()
    RUNNING = auto()
    LOST = auto()
    ENDED = auto()  # well or badly, or there is no such job


def stand_of(key: UUID | None) -> Stand:
    """Where the job with this key is."""
    job = DBTaskResult.objects.filter(pk=key).only("status", "worker_ids").first() if key else None
    if job is None or job.status in (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED):
        return Stand.ENDED
    if job.status == TaskResultStatus.READY:
        return Stand.WAITING
    return (
        Stand.RUNNING
        if JobWorker.objects.filter(_held(), pk=worker_of(job)).exists()
        else Stand.LOST
    )


def somebody_works() -> bool:
    """Whether any worker lives."""
    return JobWorker.objects.filter(_held()).exists()


def _held() -> Q:
    """Workers whose lease is valid."""
    return Q(alive_at__gt=timezone.now() - LEASE)


def living_workers() -> frozenset[str]:
    """The names of the workers whose lease is valid."""
    return frozenset(JobWorker.objects.filter(_held()).values_list("pk", flat=True))


def worker_of(job: DBTaskResult) -> str:
    """The worker that runs a job, or ran it last; "" if it never ran."""
    return job.worker_ids[-1] if job.worker_ids else ""


def in_state(status: TaskResultStatus, kind: str = "") -> QuerySet[DBTaskResult]:
    """The jobs in a state, of all kinds or of one."""
    found = DBTaskResult.objects.filter(status=status)
    return found.filter(task_path=f"{_MODULE}.{kind}") if kind else found


@dataclass(frozen=True)
class Figures:
    """The queue in numbers.

    `failed`: those that are kept. `lost_workers`: those whose end nobody has dealt with yet.
    `oldest_waiting_seconds`: since when the oldest job that is due waits; 0 if none does.
    """

    waiting: int
    running: int
    failed: int
    workers: int
    lost_workers: int
    oldest_waiting_seconds: int


def figures() -> Figures:
    """How the queue is; two queries. Jobs whose time has not come are `waiting`, and not the oldest."""
    now = timezone.now()
    ready = Q(status=TaskResultStatus.READY)
    is_now = Q(run_after=get_date_max())
    told = DBTaskResult.objects.order_by().aggregate(
        waiting=Count("pk", filter=ready),
        running=Count("pk", filter=Q(status=TaskResultStatus.RUNNING)),
        failed=Count("pk", filter=Q(status=TaskResultStatus.FAILED)),
        oldest=Min(
            Case(When(is_now, then=F("enqueued_at")), default=F("run_after")),
            filter=ready & (is_now | Q(run_after__lte=now)),
        ),
    )
    oldest = told.pop("oldest")
    workers = JobWorker.objects.aggregate(
        workers=Count("pk", filter=_held()), lost_workers=Count("pk", filter=~_held())
    )
    waited = int((now - oldest).total_seconds()) if oldest else 0
    return Figures(**told, **workers, oldest_waiting_seconds=max(0, waited))


def kind_of(job: DBTaskResult) -> str:
    """The name of a job's kind; it may be one that this version does not know."""
    return str(job.task_path.rpartition(".")[2])


def label_of(job: DBTaskResult) -> str:
    """What kind of work a job is, in words."""
    kind = KINDS.get(kind_of(job))
    return str(kind.label) if kind else kind_of(job)


def why_failed(job: DBTaskResult) -> str:
    """The sentence for staff; the traceback is in the log."""
    name = job.exception_class_path.rpartition(".")[2]
    if name in _WHY:
        return _WHY[name]()
    return _("เกิดข้อผิดพลาดในโปรแกรม (%(name)s) ผู้ดูแลเซิร์ฟเวอร์ดูรายละเอียดได้ในบันทึกของระบบ") % {
        "name": name
    }


_WHY: Mapping[str, Callable[[], str]] = {
    "TryAgain": lambda: _("ลองครบทุกครั้งแล้วยังไม่สำเร็จ ตรวจว่าเซิร์ฟเวอร์อีเมลทำงาน แล้วสั่งทำอีกครั้ง"),
    "WorkerLost": lambda: _("โปรแกรมที่ทำงานนี้หยุดกลางคัน ไม่ทราบว่าทำไปแค่ไหน ตรวจผลก่อนสั่งทำอีกครั้ง"),
    "NotPrinted": lambda: _("จัดทำไฟล์ไม่สำเร็จ ผู้ดูแลเซิร์ฟเวอร์ดูรายละเอียดได้ในบันทึกของระบบ"),
    "FromBackup": lambda: _(
        "งานนี้มาจากไฟล์สำรองข้อมูล ระบบจึงไม่ทำเอง ถ้ายังไม่ได้ทำหลังจากวันที่สำรองข้อมูล สั่งทำอีกครั้ง"
    ),
}


# Workers ----------------------------------------------------------------------------------------


def sign_on(name: str) -> None:
    """Note that a worker has begun."""
    now = timezone.now()
    JobWorker.objects.create(name=name, started_at=now, alive_at=now)


def renew(name: str) -> None:
    """Renew a worker's lease; also of one that was taken for lost meanwhile."""
    now = timezone.now()
    if not JobWorker.objects.filter(pk=name).update(alive_at=now):
        JobWorker.objects.create(name=name, started_at=now, alive_at=now)


def sign_off(name: str) -> None:
    """End a worker: what it still holds is given back, and its row goes."""
    for job in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if worker_of(job) == name:
            give_back(job)
    JobWorker.objects.filter(pk=name).delete()


def claim(lane: str, worker: str) -> DBTaskResult | None:
    """The next job of a queue, which this worker now holds; None if there is none.

    The queue is looked at without a lock, so that an idle worker keeps no writer of SQLite waiting.
    """
    while job := _ready(lane).first():
        if compare_and_set(
            job,
            expected={"status": TaskResultStatus.READY, "worker_ids": job.worker_ids},
            status=TaskResultStatus.RUNNING,
            started_at=timezone.now(),
            worker_ids=[*job.worker_ids, worker],
        ):
            return job
    return None


def _ready(lane: str) -> QuerySet[DBTaskResult]:
    return DBTaskResult.objects.ready().filter(
        queue_name=lane, backend_name=DEFAULT_TASK_BACKEND_ALIAS
    )


def succeed(job: DBTaskResult, value: Any) -> bool:
    """Note that a job that this process holds has ended well; False if it holds it no more."""
    return _end(
        job,
        status=TaskResultStatus.SUCCESSFUL,
        finished_at=timezone.now(),
        return_value=value,
        exception_class_path="",
        traceback="",
    )


def fail(job: DBTaskResult, error: BaseException) -> bool:
    """Put a job back that is to be tried again, or note that it failed; False if it is held no more.

    What is stored has no message of an exception: that might repeat what somebody typed.
    """
    told = {"exception_class_path": _path(error), "traceback": trace_of(error)}
    kind = KINDS.get(kind_of(job))
    if (
        kind
        and len(job.worker_ids) < kind.tries
        and (isinstance(error, TryAgain) or (kind.repeats and is_busy(error)))
    ):
        after = timezone.now() + pause(len(job.worker_ids))
        return _end(job, status=TaskResultStatus.READY, run_after=after, **told)
    now = timezone.now()
    return _end(job, status=TaskResultStatus.FAILED, finished_at=now, return_value=None, **told)


def pause(tries: int) -> timedelta:
    """How long a job waits that was tried so often."""
    return min(FIRST_PAUSE * 4 ** (tries - 1), LONGEST_PAUSE)


def is_last_try(kind: str, tries: int) -> bool:
    """Whether a job that was begun so often is not begun again."""
    return tries >= KINDS[kind].tries


def take_up_lost() -> list[DBTaskResult]:
    """Put back, or give up, the jobs of workers without a valid lease; returns these jobs.

    Any worker calls it now and then, and a row of a lost worker goes when its jobs are seen to.
    """
    lost = set(JobWorker.objects.exclude(_held()).values_list("pk", flat=True))
    living = living_workers()
    found = [
        job
        for job in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
        if worker_of(job) not in living and give_back(job)
    ]
    JobWorker.objects.exclude(_held()).filter(pk__in=lost).delete()
    return found


def give_back(job: DBTaskResult) -> bool:
    """Let another worker begin a job again, if its kind allows it and it was not begun too often."""
    kind = KINDS.get(kind_of(job))
    if kind and kind.repeats and len(job.worker_ids) < kind.tries:
        return _end(job, status=TaskResultStatus.READY, run_after=get_date_max())
    return _end(
        job,
        status=TaskResultStatus.FAILED,
        finished_at=timezone.now(),
        exception_class_path=_path(WorkerLost()),
        traceback="",
    )


def _end(job: DBTaskResult, **values: Any) -> bool:
    """End a job's running, if it still runs with the same workers."""
    expected = {"status": TaskResultStatus.RUNNING, "worker_ids": job.worker_ids}
    return compare_and_set(job, expected=expected, **values)


def _path(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


# By hand ----------------------------------------------------------------------------------------


def may_be_run_again(job: DBTaskResult) -> bool:
    """Whether a person may have this job run again."""
    kind = KINDS.get(kind_of(job))
    return job.status == TaskResultStatus.FAILED and bool(kind and kind.by_hand)


def run_again(job: DBTaskResult) -> bool:
    """Queue a failed job again, as if it had never run; False if it is not failed any more."""
    return compare_and_set(
        job,
        expected={"status": TaskResultStatus.FAILED, "worker_ids": job.worker_ids},
        status=TaskResultStatus.READY,
        worker_ids=[],
        run_after=get_date_max(),
        started_at=None,
        finished_at=None,
        exception_class_path="",
        traceback="",
    )


def put_aside() -> int:
    """Note every job that has not ended as failed, because a backup was restored; returns how many.

    It may have run since the backup was made: mails would be sent twice. Workers of that time are no
    more. A backup of an earlier version has no jobs.
    """
    if JobWorker._meta.db_table not in connection.introspection.table_names():
        return 0
    JobWorker.objects.all().delete()
    return DBTaskResult.objects.filter(
        status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    ).update(
        status=TaskResultStatus.FAILED,
        finished_at=timezone.now(),
        exception_class_path=_path(FromBackup()),
        traceback="",
    )


def moment_due(job: DBTaskResult) -> datetime | None:
    """When a job that waits is tried next; None if it is due."""
    return job.run_after if timezone.now() < job.run_after != get_date_max() else None
