"""A full disk: what is stored is still read, and nothing that is not stored is passed over."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from forum_portal.errors import is_full
from forum_portal.sqlite.base import DatabaseWrapper

pytestmark = [
    pytest.mark.faults,
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for one megabyte."""
    disk = tmp_path / "disk # ๑"
    disk.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True
    )
    if not made or made.returncode or not unmount:
        pytest.skip("this machine mounts no disk for us")
    yield disk
    subprocess.run([unmount, "-l", disk], check=True)


def opened(path: Path) -> Any:
    return DatabaseWrapper(
        {**connection.settings_dict, "NAME": str(path), "CONN_MAX_AGE": None}, "of_this_test"
    )


def run(database: Any, *statements: str) -> list[Any]:
    """What the last statement finds, as in a request of its own."""
    try:
        with database.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())
    finally:
        database.close_if_unusable_or_obsolete()


CREATE = ("CREATE TABLE report (text)", "INSERT INTO report VALUES ('เดิม')")
READ, WRITE = "SELECT text FROM report", "INSERT INTO report VALUES ('ใหม่')"


def fill(disk: Path) -> Path:
    """Leave no byte; the file that takes all the room."""
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filling


def test_a_first_connection_on_a_full_disk_reads_and_says_that_it_cannot_write(folder):
    path = folder / "portal.sqlite3"
    first = opened(path)
    run(first, *CREATE)
    first.close()
    filling = fill(folder)
    late = opened(path)
    assert run(late, READ) == [("เดิม",)]
    assert late.connection is None, "the next request looks again"
    with pytest.raises(OperationalError) as refused:
        run(late, WRITE)
    assert is_full(refused.value)
    late.close()
    filling.unlink()
    assert run(late, WRITE, READ) == [("เดิม",), ("ใหม่",)]
    late.close()


def test_a_connection_from_before_reads_on_and_writes_when_there_is_room(folder):
    database = opened(folder / "portal.sqlite3")
    run(database, *CREATE)
    filling = fill(folder)
    assert run(database, READ) == [("เดิม",)]
    with pytest.raises(OperationalError) as refused:
        run(database, "INSERT INTO report VALUES (zeroblob(1000000))")
    assert is_full(refused.value)
    filling.unlink()
    assert ("ใหม่",) in run(database, WRITE, READ)
    database.close()


def test_commits_that_wait_in_a_wal_file_are_never_passed_over(folder, tmp_path):
    """After a power cut: a page without them would be a lie, an error is none."""
    path, copy = tmp_path / "portal.sqlite3", folder / "after.sqlite3"
    database = opened(path)
    run(database, *CREATE, "PRAGMA wal_checkpoint(TRUNCATE)", WRITE)
    shutil.copy(path, copy)
    shutil.copy(f"{path}-wal", f"{copy}-wal")
    database.close()
    assert Path(f"{copy}-wal").stat().st_size > 0
    fill(folder)
    with pytest.raises(OperationalError):
        run(opened(copy), READ)


def test_a_database_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OperationalError):
        run(opened(tmp_path / "no folder" / "portal.sqlite3"), READ)


def test_other_errors_stay_errors(tmp_path):
    path = tmp_path / "portal.sqlite3"
    path.write_bytes(b"no database" * 500)
    with pytest.raises(Exception, match="not a database") as refused:
        run(opened(path), READ)
    assert isinstance(refused.value.__cause__, sqlite3.DatabaseError)
