"""One process at a time prepares a database: its tables, the Forum's proposals, the demo data.

Two starts may overlap: two terminals, or two containers with one PostgreSQL. The second waits, and then
finds what the first has made. The lock ends with the process that holds it, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

PATIENCE = 600.0  # seconds
PAUSE = 0.2  # seconds between two attempts
KEY = 25650848  # of the advisory lock: any number, the same in every process


@contextmanager
def alone(say: OutputWrapper, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Wait until no other process prepares this database, and say so once.

    Not to be nested. Raises CommandError if the other one has not ended after `PATIENCE` seconds.
    """
    connection = connections[using]
    take, give_back = _lock(connection)
    until, told = time.monotonic() + PATIENCE, False
    while not take():
        if not told:
            say.write(
                _("อีกโปรเซสหนึ่งกำลังเตรียมฐานข้อมูลอยู่ รอให้เสร็จก่อน")
                + " · Another process is preparing the database; waiting for it"
            )
            say.flush()
            told = True
        if time.monotonic() > until:
            raise CommandError(
                _("ฐานข้อมูลไม่ว่าง อีกโปรเซสหนึ่งยังเตรียมฐานข้อมูลไม่เสร็จ ลองใหม่ในอีกสักครู่")
                + " · The database is busy: another process is still preparing it. Try again later."
            )
        time.sleep(PAUSE)
    try:
        yield
    finally:
        give_back()


def make_folder(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the folder of SQLite's file, which only its owner enters, if it is not there.

    Only for commands that may begin a database. Any other one says that there is none: a folder that
    was made for a mistyped DATABASE_URL would hide the mistake. Raises CommandError.
    """
    connection = connections[using]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
        return
    folder = Path(name).parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(
            _("สร้างโฟลเดอร์ %(folder)s ของฐานข้อมูลไม่ได้ ตรวจสอบ DATABASE_URL และสิทธิ์ของผู้ใช้")
            % {"folder": folder}
            + f" · The folder {folder} of the database cannot be made ({error.strerror}): "
            "check DATABASE_URL and the user's rights."
        ) from None


def _lock(connection: BaseDatabaseWrapper) -> tuple[Callable[[], bool], Callable[[], None]]:
    """How to try to take the lock of this database, and how to give it back."""
    if connection.vendor == "postgresql":
        return _advisory_lock(connection)
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name == ":memory:":
        return lambda: True, lambda: None  # no other process knows it
    return _file_lock(Path(f"{name}.preparing"))


def _advisory_lock(
    connection: BaseDatabaseWrapper,
) -> tuple[Callable[[], bool], Callable[[], None]]:
    """A lock of the connection, not of a transaction: a migration is several transactions."""

    def take() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
            return bool(cursor.fetchone()[0])

    def give_back() -> None:
        with suppress(Error), connection.cursor() as cursor:  # a lost connection has given it back
            cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])

    return take, give_back


def _file_lock(path: Path) -> tuple[Callable[[], bool], Callable[[], None]]:
    """A lock on a file beside the database, which its holder removes.

    Not on the database itself: to close a second handle of it would end SQLite's own locks.
    """
    held: list[int] = []

    def take() -> bool:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # no folder, or none of ours: SQLite says it better
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), path.stat()):
                held.append(handle)
                return True
        except OSError:  # another process has it, or has just removed the file
            pass
        os.close(handle)
        return False

    def give_back() -> None:
        while held:
            path.unlink(missing_ok=True)
            os.close(held.pop())

    return take, give_back
