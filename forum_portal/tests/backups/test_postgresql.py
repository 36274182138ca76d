"""PostgreSQL's own programs: found, told where the server is, and their failures told."""

import subprocess
from types import SimpleNamespace

import pytest
from django.db import connection, connections

from forum_portal.backups import postgresql
from forum_portal.backups.content import content_of
from forum_portal.backups.refused import Refused
from forum_portal.postgres import programs
from forum_portal.tests.backups.places import committed

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL"),
]


def databases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database ORDER BY 1")
        return cursor.fetchall()


def test_a_missing_pg_dump_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "folders", lambda program: iter([str(tmp_path)]))
    server = postgresql._server()
    with pytest.raises(Refused) as refused, postgresql.copied(tmp_path / "dump"):
        pass
    assert str(refused.value).rpartition(" · ")[2] == (
        f"pg_dump of PostgreSQL {server} or newer is needed; there is none here. Install "
        f"postgresql-client-{server} and run this again."
    )
    with pytest.raises(Refused, match=f"pg_restore of PostgreSQL {server + 5} or newer is needed"):
        postgresql.bring_back([], tmp_path, server + 5)


def test_a_program_that_fails_is_told_by_its_first_line(tmp_path):
    with pytest.raises(Refused, match="pg_restore failed: pg_restore: error: input file does not"):
        postgresql.bring_back([b"no dump" * 500], tmp_path, 0)


def test_the_password_is_no_argument(tmp_path, monkeypatch):
    asked = []

    def run(arguments, **more):
        asked.append((arguments, more["env"].get("PGPASSWORD")))
        return SimpleNamespace(returncode=0)

    told = SimpleNamespace(
        password="มะลิ42",
        get_parameters=lambda: (
            {"host": "db.example.org", "dbname": "portal", "options": "-c x=1"}
            | {"sslcertmode": "allow"}
        ),
    )
    monkeypatch.setattr(subprocess, "run", run)
    with monkeypatch.context() as patch:
        patch.setattr(connections["default"], "connection", SimpleNamespace(info=told))
        postgresql._run("/usr/bin/pg_dump", "--format=custom", into="other")
    assert asked == [
        (
            [
                "/usr/bin/pg_dump",
                "--no-password",
                "--dbname=host=db.example.org dbname=other",
                "--format=custom",
            ],
            "มะลิ42",
        )
    ]


@committed
def test_a_user_who_may_not_create_databases_is_told(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE tests_bare; SET ROLE tests_bare")
        try:
            with (
                pytest.raises(Refused, match="Grant it first: ALTER ROLE … CREATEDB"),
                postgresql.aside([], tmp_path, 0),
            ):
                pass
        finally:
            cursor.execute("RESET ROLE; DROP ROLE tests_bare")


@committed
def test_no_database_is_left_of_a_dump_that_cannot_be_restored(tmp_path):
    before = databases()
    with pytest.raises(Refused), postgresql.aside([b"no dump" * 500], tmp_path, 0):
        pass
    assert databases() == before


@committed
def test_a_row_that_comes_between_counting_and_dumping_is_in_neither(tmp_path, monkeypatch):
    real, other = postgresql._run, connections.create_connection("default")

    def write_and_run(*arguments, **more):
        with other.cursor() as cursor:
            cursor.execute("INSERT INTO django_session VALUES ('meanwhile', '', now())")
        return real(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(postgresql, "_run", write_and_run)
        with postgresql.copied(tmp_path / "dump") as copy:
            counted = content_of(copy)
    other.close()
    (tmp_path / "aside").mkdir()
    dump = (tmp_path / "dump").read_bytes()
    with postgresql.aside([dump], tmp_path / "aside", 0) as restored:
        assert content_of(restored) == counted
    assert (counted["django_session"].rows, content_of(connection)["django_session"].rows) == (0, 1)


@committed
def test_the_limits_for_requests_are_none_for_a_copy(tmp_path):
    with postgresql.copied(tmp_path / "dump") as copy, copy.cursor() as cursor:
        found = []
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {limit}")
            found += cursor.fetchone()
        assert found == ["0", "0"]
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("1min",)
    assert (tmp_path / "dump").read_bytes().startswith(b"PGDMP")
    assert postgresql.program() == str(postgresql._found("pg_dump", postgresql._server())[1])
