"""A backup of SQLite: its online backup, which is of one moment and keeps no writer waiting."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from django.utils.translation import gettext as _

from forum_portal.backups.refused import Refused
from forum_portal.backups.whole_file import whole_file

NAME = "sqlite"
MEMBER = "database.sqlite3"
_BESIDE = ("-wal", "-shm", "-journal")


def program() -> str:
    return sqlite3.sqlite_version


@contextmanager
def copied(path: Path) -> Iterator[BaseDatabaseWrapper]:
    """Context manager: the database is copied to `path`; a connection to the copy.

    Raises Refused for a damaged or locked database, and sqlite3.Error on a full disk.
    """
    connection.ensure_connection()
    source: Any = connection.connection
    with closing(sqlite3.connect(path)) as to:
        # All pages in one step, as of the moment when it begins: in steps it would begin again
        # whenever somebody else writes.
        source.backup(to, pages=-1, progress=_refuse_locked)
        to.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm
    with opened(path) as copy:
        if found := damage(copy):
            raise Refused(
                _("ฐานข้อมูล SQLite เสียหาย: %(what)s") % {"what": found},
                f"The SQLite database is damaged: {found}.",
            )
        yield copy


def _refuse_locked(status: int, remaining: int, total: int) -> None:
    if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:  # after the connection's own wait
        raise Refused(
            _("ฐานข้อมูลไม่ว่าง มีโปรแกรมอื่นล็อกไว้ ลองใหม่ในอีกสักครู่"),
            "The database is busy: another program has locked it. Try again later.",
        )


@contextmanager
def opened(path: Path) -> Iterator[BaseDatabaseWrapper]:
    """Context manager: a connection of Django's to a file, under the alias of the default one."""
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    handler = ConnectionHandler({"default": database})
    copy = handler["default"]
    try:
        yield copy
    finally:
        copy.close()


def damage(copy: BaseDatabaseWrapper, *, with_keys: bool = False) -> str:
    """The first fault that SQLite's own checks find; "" for none. `with_keys`: of foreign keys, too."""
    with copy.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(1)")
        [said] = cursor.fetchone()
        if said != "ok":
            return str(said)
        if with_keys:
            cursor.execute("PRAGMA foreign_key_check")
            if row := cursor.fetchone():
                return f"{row[0]} {row[1]} refers to a row of {row[2]} that does not exist"
    return ""


# Bringing back ----------------------------------------------------------------------------------


def _place() -> Path:
    return Path(connection.settings_dict["NAME"])


def in_the_way() -> list[str]:
    """What a restore would overwrite: tables of the file, or files of a database beside its name."""
    path = _place()
    if not path.exists():
        return [str(beside) for beside in _beside(path) if beside.exists()]
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
            sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            return [f"{path}: {name}" for (name,) in database.execute(sql)]
    except sqlite3.Error:
        return [str(path)]


def _beside(path: Path) -> list[Path]:
    return [Path(f"{path}{ending}") for ending in _BESIDE]


def bring_back(chunks: Iterable[bytes], folder: Path, version: int) -> None:
    """Put the database in its place, whole or not at all. Raises OSError."""
    connection.close()
    path = _place()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(path, replace=True) as file:
        for chunk in chunks:
            file.write(chunk)
        for beside in _beside(path):  # of an empty database
            beside.unlink(missing_ok=True)


@contextmanager
def aside(chunks: Iterable[bytes], folder: Path, version: int) -> Iterator[BaseDatabaseWrapper]:
    """Context manager: the database restored in a folder, found sound; a connection to it."""
    path = folder / MEMBER
    with path.open("wb") as file:
        file.writelines(chunks)
    with opened(path) as copy:
        if found := damage(copy, with_keys=True):
            raise Refused(
                _("ฐานข้อมูลในไฟล์สำรองเสียหาย: %(what)s") % {"what": found},
                f"The database of the backup is damaged: {found}.",
            )
        yield copy
