"""Real worker processes on the database of a test with real transactions."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django_tasks_db.models import DBTaskResult

from followup.models import JobWorker

#: Runs a command after a patch, which a test gives as Python.
PROGRAM = """
import sys
import django
django.setup()
exec(sys.argv[1])
from django.core.management import call_command
call_command("work", *sys.argv[2:])
"""


def begin(folder: Path, *arguments: str, patch: str = "") -> subprocess.Popen[str]:
    """Start `manage.py work` with these settings of the test; `patch` is run before it."""
    module = folder / "worker_settings.py"
    module.write_text(
        "from pathlib import Path\n"
        "from forum_portal.settings_test import *\n"
        f"DATABASES['default']['NAME'] = {str(connection.settings_dict['NAME'])!r}\n"
        f"IMPORT_FOLDER = Path({str(settings.IMPORT_FOLDER)!r})\n"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "worker_settings",
        "PYTHONPATH": f"{folder}{os.pathsep}{settings.ROOT}",
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, patch, *arguments],
        cwd=settings.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def worker(folder: Path, *arguments: str, patch: str = "") -> Iterator[subprocess.Popen[str]]:
    """Such a process, which is killed at the end if it still runs."""
    process = begin(folder, *arguments, patch=patch)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until(is_true: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for something that another process does. Fails after a minute, or if that has ended."""
    until = time.monotonic() + 60
    while not is_true():
        assert process is None or process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until, list(DBTaskResult.objects.values())
        time.sleep(0.05)


def lose_every_worker() -> None:
    """As if a minute had passed since the workers' last sign of life."""
    from django.utils import timezone

    from followup import jobs

    JobWorker.objects.update(alive_at=timezone.now() - jobs.LEASE)
