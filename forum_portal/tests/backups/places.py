"""Backups of the test's database, and empty places to bring them back into."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.files.storage import Storage
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from followup.backups import COLUMNS
from forum_portal.backups import reading
from forum_portal.backups.archive import Archive, Writer
from forum_portal.backups.checking import default_is
from forum_portal.backups.making import Made, make
from forum_portal.backups.manifest import Manifest

#: The real engines copy what is committed: pg_dump is another program, and SQLite copies nothing out of
#: its own open transaction.
committed = pytest.mark.django_db(transaction=True)


class PlainEngine:
    """Copies the database to a short file, and takes the test's own database for its copy.

    For tests of what stands around an engine: they need no committed rows, which cost seconds.
    """

    NAME, MEMBER = connection.vendor, "database.plain"

    def __init__(self) -> None:
        self.tables: list[str] = []  # that are in the way
        self.brought: list[bytes] = []

    def program(self) -> str:
        return "15"

    @contextmanager
    def copied(self, path: Path) -> Iterator[BaseDatabaseWrapper]:
        path.write_bytes(b"rows")
        yield connections["default"]

    def in_the_way(self) -> list[str]:
        return self.tables

    def bring_back(self, chunks: Iterable[bytes], folder: Path, version: int) -> None:
        self.brought = [*chunks]

    @contextmanager
    def aside(
        self, chunks: Iterable[bytes], folder: Path, version: int
    ) -> Iterator[BaseDatabaseWrapper]:
        yield connections["default"]


def back_up(path: Path, storage: Storage, **more: object) -> Made:
    return make(path, storage=storage, columns=COLUMNS, **more)


@contextmanager
def empty_database(folder: Path) -> Iterator[None]:
    """Context manager: the default database is an empty one of the same engine."""
    name = f"portal_place_{secrets.token_hex(4)}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    place = name if connection.vendor == "postgresql" else str(folder / "new" / "portal.sqlite3")
    handler = ConnectionHandler(
        {"default": {**deepcopy(connection.settings_dict), "NAME": place, "TEST": {}}}
    )
    try:
        with default_is(handler["default"]):
            try:
                yield
            finally:
                connection.close()
    finally:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def rewritten(path: Path, **changes: object) -> Iterator[Archive]:
    """Context manager: the same backup with other things in its manifest, sealed again."""
    with reading.opened(path) as archive:
        manifest = archive.manifest
        other = path.with_name("rewritten.tar")
        with other.open("wb") as file:
            writer = Writer(file)
            for name, member in manifest.members.items():
                writer.add(name, member.size, archive.chunks(name))
            fields = {
                name: changes.get(name, getattr(manifest, name))
                for name in Manifest.__dataclass_fields__
            }
            writer.close(Manifest(**fields).as_json())
    with reading.opened(other) as archive:
        yield archive
