"""Work that takes too long for a request: a management command in a separate process."""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings


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
