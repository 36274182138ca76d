"""Work that takes too long for a request: a management command in a separate process.

Such a process shows that it lives by a heartbeat, so that its end is noticed, whatever ended it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)

BEAT = 5.0  # seconds between two signs of life
#: Work without a sign of life for this time has lost its process.
LOST_AFTER = timedelta(seconds=25)


def start(command: str, *arguments: str) -> None:
    """Start a management command and do not wait; it outlives the request and its web worker.

    The process sees only committed data: start it after the transaction that writes its input.
    """
    subprocess.Popen(  # noqa: S603  our own command, no text of a user's
        [sys.executable, "manage.py", command, *arguments],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        cwd=settings.ROOT,
    )


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
