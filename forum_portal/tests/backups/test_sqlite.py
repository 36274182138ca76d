"""Copies of SQLite: of one moment, with the newest rows, and only of a sound file."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from copy import deepcopy
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from forum_portal.backups import sqlite
from forum_portal.backups.checking import default_is
from forum_portal.backups.content import rows_of
from forum_portal.backups.refused import Refused

pytestmark = [
    pytest.mark.once,
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite"),
]


@contextmanager
def at(path: Path):
    """The default database is the file of this name, as the portal opens it."""
    settings = {**deepcopy(connection.settings_dict), "NAME": str(path), "TEST": {}}
    with default_is(ConnectionHandler({"default": settings})["default"]):
        try:
            yield
        finally:
            connection.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "portal # ๑.sqlite3"


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def texts(copy):
    return [text for (text,) in rows_of(copy, "SELECT text FROM report ORDER BY 1")]


CREATE = "CREATE TABLE report (id integer PRIMARY KEY, text, of REFERENCES report (id))"


def test_rows_that_wait_in_the_wal_file_are_in_the_copy(path, tmp_path):
    with at(path):
        run(CREATE, "INSERT INTO report (text) VALUES ('ใหม่')")
        assert Path(f"{path}-wal").stat().st_size > 0
        plain = shutil.copy(path, tmp_path / "plain")
        with closing(sqlite3.connect(plain)) as database:
            assert database.execute("SELECT name FROM sqlite_master").fetchall() == [], (
                "a copy of the file alone lacks them"
            )
        with sqlite.copied(tmp_path / "copy") as copy:
            assert texts(copy) == ["ใหม่"]
            assert not (tmp_path / "copy-wal").exists(), "the copy is one file"


def test_a_writer_in_between_keeps_nobody_waiting_and_is_not_in_it(path, tmp_path):
    with at(path):
        run(CREATE, "INSERT INTO report (text) VALUES ('ก่อน')")
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO report (text) VALUES ('ระหว่าง')")
            with sqlite.copied(tmp_path / "copy") as copy:
                writer.execute("COMMIT")
                assert texts(copy) == ["ก่อน"]


def test_a_locked_database_is_told(path, tmp_path):
    with at(path):
        run(CREATE, "PRAGMA busy_timeout=50", "PRAGMA journal_mode=DELETE")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with (
                pytest.raises(Refused, match="another program has locked it"),
                sqlite.copied(tmp_path / "copy"),
            ):
                pass


def test_a_damaged_database_is_told(path, tmp_path):
    with at(path):
        run(CREATE, *["INSERT INTO report (text) VALUES (hex(randomblob(900)))"] * 20)
        run("CREATE INDEX of_text ON report (text)", "PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(path)) as database:  # as if the index had lost a row
        database.execute("PRAGMA writable_schema=ON")
        database.execute("DELETE FROM sqlite_master WHERE name = 'of_text'")
        database.commit()
    with (
        at(path),
        pytest.raises(Refused, match="The SQLite database is damaged"),
        sqlite.copied(tmp_path / "copy"),
    ):
        pass


def test_a_row_that_refers_to_nothing_is_told_aside(path, tmp_path):
    with closing(sqlite3.connect(path)) as database:
        database.execute(CREATE)
        database.execute("INSERT INTO report (text, of) VALUES ('x', 7)")
        database.commit()
    with (
        pytest.raises(Refused, match="report 1 refers to a row of report that does not exist"),
        sqlite.aside([path.read_bytes()], tmp_path, 3),
    ):
        pass


def test_what_is_in_the_way(path):
    with at(path):
        assert sqlite.in_the_way() == []
        path.touch()
        assert sqlite.in_the_way() == [], "an empty file is an empty place"
        path.write_bytes(b"something else" * 100)
        assert sqlite.in_the_way() == [str(path)]
        path.unlink()
        run(CREATE)
        assert sqlite.in_the_way() == [f"{path}: report"]
        connection.close()
        path.unlink()
        Path(f"{path}-wal").write_bytes(b"commits of a lost file")
        assert sqlite.in_the_way() == [f"{path}-wal"]


def test_it_comes_back_into_a_folder_that_is_made_for_it(tmp_path):
    path = tmp_path / "new" / "portal.sqlite3"
    with at(path):
        sqlite.bring_back([b"abc", b"def"], tmp_path, 3)
    assert path.read_bytes() == b"abcdef"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_disk_that_fills_up_leaves_no_database(path, tmp_path):
    def chunks():
        yield b"abc"
        raise OSError(28, "No space left on device")

    with at(path), pytest.raises(OSError, match="No space"):
        sqlite.bring_back(chunks(), tmp_path, 3)
    assert list(tmp_path.iterdir()) == []
