"""One small value of the database, read past Django on connections that stay open.

Who asks at every request cannot afford Django's connection: each of the web process's threads has its
own, and the layers above it cost more than the answer. A process keeps a few connections for all of its
threads. They only read, each statement for itself, so that an answer is what was committed before it.

A read never raises and never waits long: an answer that does not come is None, and for a few seconds
nobody asks again.
"""

from __future__ import annotations

import os
import select
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from django.db import DEFAULT_DB_ALIAS, connections

AT_ONCE = 4  # connections of a process: of PostgreSQL's there are not many
PATIENCE = 1.0  # seconds for a free connection, and for an answer
PAUSE = 3.0  # seconds for which nobody asks after a read that failed


class Failed(Exception):
    """The database did not answer."""


class Reader(Protocol):
    """One open connection."""

    def read(self) -> str | None: ...
    def close(self) -> None: ...


class SideRead:
    """A statement with one text as its answer; calling it returns that text.

    None if there is no row, or if the database did not answer. The statement is SQL of both databases
    without parameters.
    """

    def __init__(self, sql: str, using: str = DEFAULT_DB_ALIAS) -> None:
        self._sql, self._using = sql, using
        self._asks_again_at = 0.0
        self._begin()
        os.register_at_fork(after_in_child=self._forked)

    def __call__(self) -> str | None:
        if time.monotonic() < self._asks_again_at:
            return None
        if not self._places.acquire(timeout=PATIENCE):
            return None
        try:
            return self._read()
        except Failed:
            self._asks_again_at = time.monotonic() + PAUSE
            return None
        finally:
            self._places.release()

    def close(self) -> None:
        """Close the connections that nobody uses now; the next read opens one."""
        while self._free:
            self._free.pop().close()

    def forget(self) -> None:
        """Close the connections, and ask again at once even after a failure."""
        self.close()
        self._asks_again_at = 0.0

    def _begin(self) -> None:
        self._free: list[Reader] = []  # the one used last is the next
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._asks_again_at = 0.0

    def _forked(self) -> None:
        # The parent's connections are the parent's: to close them here would end them there.
        self._inherited = self._free
        self._begin()

    def _read(self) -> str | None:
        """Read on an open connection; on a new one if there is none, or if it has died."""
        with suppress(IndexError):
            reader = self._free.pop()
            try:
                answer = reader.read()
            except Failed:
                reader.close()
            else:
                self._free.append(reader)
                return answer
        reader = self._open()
        try:
            answer = reader.read()
        except Failed:
            reader.close()
            raise
        self._free.append(reader)
        return answer

    def _open(self) -> Reader:
        vendor = connections[self._using].vendor
        return _READERS[vendor](connections[self._using], self._sql)


class _SqliteReader:
    def __init__(self, database: Any, sql: str) -> None:
        path = quote(str(Path(database.settings_dict["NAME"]).absolute()))
        self._sql = sql
        try:
            self._connection = sqlite3.connect(
                f"file:{path}?mode=ro",
                uri=True,
                timeout=PATIENCE,
                isolation_level=None,
                check_same_thread=False,  # one thread after the other
            )
            self._connection.execute("PRAGMA cache_size=-64")
        except sqlite3.Error as error:
            raise Failed from error

    def read(self) -> str | None:
        try:
            rows = self._connection.execute(self._sql).fetchall()
        except sqlite3.Error as error:
            raise Failed from error
        return rows[0][0] if rows else None

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()


class _PostgresReader:
    """libpq without psycopg's cursors, and with an end to waiting for the answer."""

    def __init__(self, database: Any, sql: str) -> None:
        self._sql = sql.encode()
        try:
            parameters = database.get_connection_params()
            self._connection = database.Database.connect(**parameters, autocommit=True)
            self._libpq = self._connection.pgconn
            self._poll = select.poll()
            self._poll.register(self._libpq.socket, select.POLLIN)
        except (
            Exception
        ) as error:  # psycopg's own, and whatever the address of the server makes of it
            raise Failed from error

    def read(self) -> str | None:
        libpq = self._libpq
        try:
            libpq.send_query(self._sql)
            while libpq.flush():
                self._wait(select.POLLIN | select.POLLOUT)
            while True:
                libpq.consume_input()
                if not libpq.is_busy():
                    break
                self._wait(select.POLLIN)
            result = libpq.get_result()
            while libpq.get_result():
                pass
        except Failed:
            raise
        except Exception as error:
            raise Failed from error
        if result is None or result.error_message:
            raise Failed
        value = result.get_value(0, 0) if result.ntuples else None
        return value.decode() if value is not None else None

    def _wait(self, events: int) -> None:
        self._poll.modify(self._libpq.socket, events)
        if not self._poll.poll(PATIENCE * 1000):
            raise Failed

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()


_READERS: dict[str, Callable[[Any, str], Reader]] = {
    "sqlite": _SqliteReader,
    "postgresql": _PostgresReader,
}
