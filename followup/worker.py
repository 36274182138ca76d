"""The process that runs jobs: a thread for each queue, so that a long job keeps no others waiting.

The engine's own worker (`db_worker`) has one loop, ends when SQLite is locked for long, locks SQLite
every second to look for jobs, and says nothing of its life. So the loop is ours, on `followup.jobs`; how
a task is called, and the signals around it, are the engine's (`Worker.run_task`).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import Error, close_old_connections, connections
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import retry

from followup import background, jobs

logger = logging.getLogger(__name__)

#: Seconds between two looks into a queue, and at the signs that the worker is to end.
LOOK = 1.0
#: Seconds between two looks for jobs of lost workers.
CHECK_OTHERS = 15.0
#: Seconds after an error of the database before it is asked again.
AFTER_ERROR = 5.0


class Worker:
    """Runs the jobs of some queues. `grace`: seconds that jobs have to end once the worker is to end."""

    def __init__(
        self, lanes: Sequence[str] = jobs.LANES, *, grace: float = 25.0, parent: int | None = None
    ) -> None:
        self.name = get_random_string(32)
        self.lanes, self.grace, self.parent = lanes, grace, parent
        self._end = threading.Event()
        self._busy: set[str] = set()  # lanes with a job
        self._broken = False
        self._unended: list[DBTaskResult] = []  # that it does not run, though their rows say so

    def end(self, *_signal: object) -> None:
        """Begin no other job. A signal may call it."""
        self._end.set()

    def run(self) -> bool:
        """Run jobs until `end` is called, or the parent process is gone; whether nothing broke.

        Jobs that do not end within `grace` are given back, for another worker.
        """
        jobs.sign_on(self.name)
        logger.info("worker %s runs the queues %s", self.name, ", ".join(self.lanes))
        threads = [
            threading.Thread(target=self._lane, args=[lane], name=f"jobs {lane}", daemon=True)
            for lane in self.lanes
        ]
        try:
            with background.heartbeat(lambda: jobs.renew(self.name)):
                for thread in threads:
                    thread.start()
                self._watch()
                until = time.monotonic() + self.grace
                for thread in threads:
                    thread.join(max(0.0, until - time.monotonic()))
        finally:
            if self._busy:
                logger.warning("jobs did not end in time and are given back: %s", self._busy)
            with suppress(Error):  # else the lease ends by itself
                jobs.sign_off(self.name)
        return not self._broken

    def run_waiting(self) -> int:
        """Run what is due in this thread until nothing is; returns how many jobs were run."""
        jobs.sign_on(self.name)
        done = 0
        try:
            while job := next(
                filter(None, (jobs.claim(each, self.name) for each in self.lanes)), None
            ):
                self.run_job(job)
                done += 1
        finally:
            jobs.sign_off(self.name)
        return done

    def run_job(self, job: DBTaskResult) -> None:
        """Run a job that this worker holds, and store how it ended."""
        held: Any = job
        # The engine stores an end whatever another worker has stored meanwhile.
        held.set_successful = retry()(lambda value: jobs.succeed(job, value))
        held.set_failed = retry()(lambda error: jobs.fail(job, error))
        db_worker.Worker(
            queue_names=[job.queue_name],
            interval=LOOK,
            batch=False,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=self.name,
            excluded_queue_names=[],
        ).run_task(job)

    # Threads ------------------------------------------------------------------------------------

    def _lane(self, lane: str) -> None:
        """Run the jobs of one queue, one after the other."""
        try:
            while not self._end.is_set():
                self._end.wait(self._turn(lane))
        finally:
            connections.close_all()

    def _turn(self, lane: str) -> float:
        """Run the next job, if there is one; returns the seconds until the next look."""
        close_old_connections()
        job = None
        try:
            job = jobs.claim(lane, self.name)
            if job is None:
                return LOOK
            self._busy.add(lane)
            try:
                self.run_job(job)
            finally:
                self._busy.discard(lane)
            return 0
        except Error as error:
            if job:
                # Its end could not be stored: while this worker lives, nobody takes the job for lost.
                self._unended.append(job)
            logger.warning("the queue %s cannot be read: %s", lane, type(error).__name__)
            connections.close_all()
            return AFTER_ERROR
        except BaseException:
            # The end of a job could not be stored, or worse: the process ends, and another one goes on.
            logger.exception("the queue %s has stopped", lane)
            self._broken = True
            self.end()
            return 0

    def _watch(self) -> None:
        """Look after the jobs that nobody runs until this one is to end."""
        checked = -CHECK_OTHERS
        while not self._end.wait(LOOK):
            if self.parent is not None and not _lives(self.parent):
                self.end()
            elif time.monotonic() - checked >= CHECK_OTHERS:
                checked = time.monotonic()
                self._look_after_others()

    def _look_after_others(self) -> None:
        """Give back what no worker runs: what others have lost, and what the database did not let end."""
        close_old_connections()
        try:
            while self._unended:
                jobs.give_back(self._unended[0])
                self._unended.pop(0)
            for job in jobs.take_up_lost():
                logger.warning(
                    "job %s (%s) had lost its worker: %s", job.pk, jobs.kind_of(job), job.status
                )
        except Error as error:
            logger.warning("lost jobs cannot be looked for: %s", type(error).__name__)
            connections.close_all()


def _lives(process: int) -> bool:
    """Whether a process runs. One that has ended may keep its number until somebody asks how it ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        told = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:  # a system without such files
        return True
    return not told.rpartition(")")[2].lstrip().startswith("Z")
