"""A backup of PostgreSQL: pg_dump's custom form, of the moment that a transaction of ours sees.

The transaction exports its snapshot, and pg_dump reads the same one. So what is counted here is what the
dump must have, and a check compares the restored tables with it.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo

from forum_portal.backups.refused import Refused
from forum_portal.one_moment import one_moment
from forum_portal.postgres import programs

NAME = "postgresql"
MEMBER = "database.dump"
#: Where the server is, and how it is reached: what every libpq knows. The one inside psycopg may be newer
#: than that of the programs, which refuse a parameter that they do not know.
_WHERE = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "user",
        "dbname",
        "passfile",
        "connect_timeout",
        "sslmode",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "channel_binding",
        "gssencmode",
        "krbsrvname",
        "target_session_attrs",
    ]
)
#: The server's limits are for requests; a copy takes the time that it needs.
_UNLIMITED = ("statement_timeout", "idle_in_transaction_session_timeout")


def program() -> str:
    """The version of the pg_dump that fits the server. Raises Refused."""
    return str(_found("pg_dump", _server())[1])


def _server() -> int:
    server: Any = connection
    return int(server.pg_version) // 10_000


def _found(name: str, at_least: int) -> tuple[Path, int]:
    try:
        return programs.find(name, at_least=at_least)
    except programs.Unavailable as error:
        raise Refused(
            _(
                "ต้องมีโปรแกรม %(name)s ของ PostgreSQL %(n)s ขึ้นไป ติดตั้ง postgresql-client-%(n)s ก่อน แล้วสั่งใหม่"
            )
            % {"name": name, "n": at_least},
            f"{error}. Install postgresql-client-{at_least} and run this again.",
        ) from error


@contextmanager
def copied(path: Path) -> Iterator[BaseDatabaseWrapper]:
    """Context manager: the database is dumped to `path`; a connection that sees the same moment.

    Raises Refused.
    """
    dump, _version = _found("pg_dump", _server())
    with one_moment():
        with connection.cursor() as cursor:
            for limit in _UNLIMITED:
                cursor.execute(f"SET LOCAL {limit} = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            [moment] = cursor.fetchone()
        _run(
            dump,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--lock-wait-timeout=60s",
            f"--snapshot={moment}",
            f"--file={path}",
        )
        yield connections[DEFAULT_DB_ALIAS]


def _run(program: Path, *arguments: str, into: str = "") -> None:
    """Run a client program on our database, or on another one of this server. Raises Refused."""
    server: Any = connection.connection
    told = server.info.get_parameters()
    target = {name: value for name, value in told.items() if name in _WHERE}
    if into:
        target["dbname"] = into
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    if server.info.password:
        environment["PGPASSWORD"] = (
            server.info.password
        )  # not among the arguments, which all can see
    done = subprocess.run(  # noqa: S603 - a program that was looked for, and arguments without a shell
        [program, "--no-password", f"--dbname={make_conninfo(**target)}", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["?"]
        # The first line is the cause, the last ones tell what follows from it.
        raise Refused(
            _("โปรแกรม %(name)s ทำไม่สำเร็จ") % {"name": program.name},
            f"{program.name} failed: {said[0][:300]}",
        )


# Bringing back ----------------------------------------------------------------------------------


def in_the_way() -> list[str]:
    """The tables that the database has already."""
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor, include_views=True))


def bring_back(chunks: Iterable[bytes], folder: Path, version: int) -> None:
    """Restore the dump, whole or not at all. `version`: of the pg_dump that made it. Raises Refused."""
    connection.ensure_connection()
    _restore(chunks, folder, version)
    with connection.cursor() as cursor:
        for limit in _UNLIMITED:
            cursor.execute(f"SET {limit} = 0")
        cursor.execute("ANALYZE")  # a dump has no statistics, and slow pages until there are some


def _restore(chunks: Iterable[bytes], folder: Path, version: int, *, into: str = "") -> None:
    program, _version = _found("pg_restore", max(version, _server()))
    path = folder / MEMBER
    with path.open("wb") as file:
        file.writelines(chunks)
    _run(
        program,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        str(path),
        into=into,
    )


@contextmanager
def aside(chunks: Iterable[bytes], folder: Path, version: int) -> Iterator[BaseDatabaseWrapper]:
    """Context manager: the dump restored in a database of its own on the same server, removed afterwards.

    Raises Refused, also if the user may not create databases.
    """
    name = f"portal_check_{secrets.token_hex(6)}"
    _create(name)
    try:
        _restore(chunks, folder, version, into=name)
        other = ConnectionHandler({"default": {**deepcopy(connection.settings_dict), "NAME": name}})
        copy = other["default"]
        try:
            with copy.cursor() as cursor:
                for limit in _UNLIMITED:
                    cursor.execute(f"SET {limit} = 0")
            yield copy
        finally:
            copy.close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
            "WHERE datname = current_database()"
        )
        encoding, collate, ctype = cursor.fetchone()
        try:
            cursor.execute(
                f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING %s LC_COLLATE %s LC_CTYPE %s',
                [encoding, collate, ctype],
            )
        except ProgrammingError as error:
            if getattr(error.__cause__, "sqlstate", "") != "42501":  # insufficient privilege
                raise
            raise Refused(
                _("ผู้ใช้ฐานข้อมูลสร้างฐานข้อมูลชั่วคราวไม่ได้ ให้สิทธิ์ก่อน: ALTER ROLE … CREATEDB"),
                "The database's user may not create a database to restore aside. Grant it first: "
                "ALTER ROLE … CREATEDB.",
            ) from error
