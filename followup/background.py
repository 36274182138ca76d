"""What long work needs: a heartbeat, so that its end is noticed, whatever ended it, and manners."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import close_old_connections, connection

logger = logging.getLogger(__name__)

BEAT = 5.0  # seconds between two signs of life
#: Work without a sign of life for this time has lost its process.
LOST_AFTER = timedelta(seconds=25)
#: The priority value of a process that does such work: the web server's requests go first.
POLITE = 10
#: Who waits for SQLite's lock looks again after up to 0.1 seconds; it has no queue.
TURN = 0.12


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
                # The server may have been started anew, and this thread has no request that would notice.
                close_old_connections()
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
