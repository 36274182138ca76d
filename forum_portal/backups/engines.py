"""The part of a backup that differs from one database to the other."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from forum_portal.backups import postgresql, sqlite
from forum_portal.backups.manifest import Manifest
from forum_portal.backups.refused import Refused


class Engine(Protocol):
    """A module of this package; its functions are explained there."""

    NAME: str
    MEMBER: str

    def program(self) -> str: ...
    def copied(self, path: Path) -> AbstractContextManager[BaseDatabaseWrapper]: ...
    def in_the_way(self) -> list[str]: ...
    def bring_back(self, chunks: Iterable[bytes], folder: Path, version: int) -> None: ...
    def aside(
        self, chunks: Iterable[bytes], folder: Path, version: int
    ) -> AbstractContextManager[BaseDatabaseWrapper]: ...


_ENGINES: dict[str, Engine] = {sqlite.NAME: sqlite, postgresql.NAME: postgresql}


def ours() -> Engine:
    """The engine of the portal's database."""
    return _ENGINES[connection.vendor]


def of(manifest: Manifest) -> Engine:
    """The engine of a backup, if it can be restored aside here. Raises Refused.

    SQLite needs no server: its backups can be checked beside any database.
    """
    if manifest.engine != sqlite.NAME:
        refuse_other(manifest)
    return _ENGINES[manifest.engine]


def refuse_other(manifest: Manifest) -> None:
    """Raises Refused for a backup of another engine than the portal's database."""
    if manifest.engine != connection.vendor:
        raise Refused(
            _("ไฟล์สำรองเป็นของ %(theirs)s แต่ DATABASE_URL เป็น %(ours)s ตั้ง DATABASE_URL ให้ตรงกันก่อน")
            % {"theirs": manifest.engine, "ours": connection.vendor},
            f"The backup is of {manifest.engine}, and DATABASE_URL names {connection.vendor}. "
            "Name a database of the same engine first.",
        )


def version_of(manifest: Manifest) -> int:
    """The major version of the program that made the copy."""
    first = manifest.program.partition(".")[0]
    return int(first) if first.isdecimal() else 0
