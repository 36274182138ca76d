"""Work that takes longer than a request may: a management command in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings


def start(command: str, *arguments: str) -> None:
    """Start one of our commands and do not wait for it; it outlives the request and its worker.

    It sees what is committed: start it after the transaction that writes what it needs.
    """
    subprocess.Popen(  # noqa: S603  our own command, no text of a user's
        [sys.executable, "manage.py", command, *arguments],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        cwd=settings.ROOT,
    )
