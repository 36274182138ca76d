"""Whether the portal's parts work, found out within two seconds.

Each check runs in a thread of its own, because a part that is broken may not answer at all. A check that
is still waiting from an earlier request is not begun again.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from followup.annual_report import printing
from followup.models import SpreadsheetImport
from followup.spreadsheets import session

LIMIT = 1.5  # seconds for all checks together
FREE = 200 * 1024 * 1024  # bytes that must be free on each disk


class Fault(Exception):
    """A part does not work; the text says why, for the person who runs the portal."""


@dataclass(frozen=True)
class Finding:
    """What a check found: `detail` is the fault, or a remark."""

    is_ok: bool
    detail: str = ""


def database() -> str:
    """The database answers, and it is the portal's: an empty file is not."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).exists():
        raise Fault("the database file does not exist")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        if not cursor.fetchone():
            raise Fault("no migration was ever applied")
    return ""


def cache_answers() -> str:
    cache.get("health")
    return ""


def disk() -> str:
    """Every folder that the portal writes to has room, and takes a file."""
    for folder in _folders():
        free = shutil.disk_usage(folder).free
        if free < FREE:
            raise Fault(f"{folder}: only {free // 1024**2} MB are free")
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
            file.flush()
    return ""


def _folders() -> list[Path]:
    """The folders of the database, the evidence and the imports, those that exist."""
    folders = {Path(settings.IMPORT_FOLDER)}
    if connection.vendor == "sqlite":
        folders.add(Path(connection.settings_dict["NAME"]).parent)
    storage: Any = settings.STORAGES["evidence"]
    options = storage.get("OPTIONS", {})
    if "location" in options:
        folders.add(Path(options["location"]))
    return sorted(folder for folder in folders if folder.is_dir())


def migrations() -> str:
    """The tables are those of this version of the code."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Fault(f"{len(waiting)} migrations are not applied, from {waiting[0][0]} on")
    return ""


def backup() -> str:
    """The backup job has touched the file that BACKUP_MARK names."""
    if not settings.BACKUP_MARK:
        return "not watched: BACKUP_MARK is not set"
    try:
        made_at = Path(settings.BACKUP_MARK).stat().st_mtime
    except FileNotFoundError:
        raise Fault("there is no backup yet") from None
    hours = int((time.time() - made_at) // 3600)
    if hours >= settings.BACKUP_HOURS:
        raise Fault(f"the last backup was made {hours} hours ago")
    return f"made {hours} hours ago"


def jobs() -> str:
    """No import and no printing has lost its process."""
    stuck = [
        f"import {record.pk}"
        for record in SpreadsheetImport.objects.filter(state__in=session.RUNNING)
        if session.is_lost(record)
    ]
    stuck += [f"print job {job.pk}" for job in printing.lost()]
    if stuck:
        raise Fault("stuck: " + ", ".join(stuck))
    return ""


Check = Callable[[], str]
CHECKS: dict[str, Check] = {
    "database": database,
    "cache": cache_answers,
    "disk": disk,
    "migrations": migrations,
    "backup": backup,
    "jobs": jobs,
}
_waiting: set[str] = set()  # the checks that are running
_lock = threading.Lock()


def examine(names: Iterable[str] = CHECKS) -> dict[str, Finding]:
    """Run these checks at once; one without a result in `LIMIT` seconds has failed."""
    until = time.monotonic() + LIMIT
    found: dict[str, Finding] = {}
    threads = {name: _begin(name, found) for name in names}
    for thread in filter(None, threads.values()):
        thread.join(max(0.0, until - time.monotonic()))
    return {name: found.get(name, Finding(False, "no answer")) for name in threads}


def _begin(name: str, found: dict[str, Finding]) -> threading.Thread | None:
    """Start a check in a thread; None if it still runs for an earlier request."""
    with _lock:
        if name in _waiting:
            return None
        _waiting.add(name)

    def run() -> None:
        try:
            found[name] = Finding(True, CHECKS[name]())
        except Fault as fault:
            found[name] = Finding(False, str(fault))
        except Exception as error:  # any failure is the finding
            found[name] = Finding(False, f"{type(error).__name__}: {error}")
        finally:
            connection.close()
            with _lock:
                _waiting.discard(name)

    thread = threading.Thread(target=run, name=f"health-{name}", daemon=True)
    thread.start()
    return thread
