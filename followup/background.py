"""Work that takes too long for a request: a management command in a separate process.

Such a process shows that it lives by a heartbeat, so that its end is noticed, whatever ended it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)

BEAT = 5.0  # seconds between two signs of life
#: Work without a sign of life for this time has lost its process.
LOST_AFTER = timedelta(seconds=25)
#: The priority value of such a process: the web server's requests go first.
POLITE = 10
#: Who waits for SQLite's lock looks again after up to 0.1 seconds; it has no queue.
TURN = 0.12


def start(command: str, *arguments: str) -> None:
    """Start a management command and do not wait; it outlives the request and its web worker.

    The process sees only committed data: start it after the transaction that writes its input.
    """
    process = subprocess.Popen(  # noqa: S603  our own command, no text of a user's
        [sys.executable, "manage.py", command, *arguments],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        cwd=settings.ROOT,
    )
    with suppress(OSError):  # it has ended already, or the system does not allow it
        os.setpriority(os.PRIO_PROCESS, process.pid, POLITE)


def let_others_write() -> None:
    """Between two transactions of long work: leave the lock of the database to whoever waits for it.

    Without a pause the next transaction of SQLite would take it before anybody else looks.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(TURN)


@contextmanager
def heartbeat(beat: Callable[[], object]) -> Iterator[None]:
    """Call `beat` now and every `BEAT` seconds in a thread of its own, until the block ends.

    A beat that fails is logged and the work goes on.
    """
    ended = threading.Event()

    def run() -> None:
        try:
            while not ended.wait(BEAT):
                _try(beat)
        finally:
            connection.close()

    _try(beat)
    thread = threading.Thread(target=run, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _try(beat: Callable[[], object]) -> None:
    try:
        beat()
    except Exception:
        logger.warning("a sign of life could not be given", exc_info=True)
