"""Django's PostgreSQL backend, with an end to waiting for a server that does not answer.

The server's own time limits (`settings.DATABASES`) end slow statements and waits for locks; a server
that is stopped, or a network that swallows packets, keeps none of them. A statement without an answer
for `GRACE` seconds asks whether the server still accepts connections: if it does, the statement is slow
and is waited for; if not, it fails with OperationalError, and for `PAUSE` seconds new connections fail
at once. So a few requests wait for a few seconds, and the process goes on with what needs no database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from typing import Any

import psycopg
from django.db.backends.postgresql import base

GRACE = 3.0  # seconds without an answer
ASKING = 2  # seconds for a new connection that only asks (libpq's shortest)
PAUSE = 3.0  # seconds for which an answer, or its absence, is believed


class Watch:
    """What this process knows about the server's answering; one thread at a time asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked_at = -PAUSE
        self._answers = True

    def is_silent(self) -> bool:
        """Whether the server is known not to answer; asks nothing."""
        return not self._answers and time.monotonic() - self._asked_at < PAUSE

    def note_silence(self) -> None:
        """Believe for a while that the server does not answer."""
        self._answers, self._asked_at = False, time.monotonic()

    def answers(self, conninfo: str, password: str | None) -> bool:
        """Whether the server accepts connections now."""
        with self._lock:
            if time.monotonic() - self._asked_at < PAUSE:
                return self._answers
            try:
                psycopg.connect(conninfo, password=password, connect_timeout=ASKING).close()
                self._answers = True
            except psycopg.OperationalError:
                self._answers = False
            self._asked_at = time.monotonic()
            return self._answers


watch = Watch()


class WatchedConnection(psycopg.Connection[Any]):
    """A connection whose statements fail when the server has stopped answering everybody."""

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._watched(gen), *args, **kwargs)

    def _watched(self, gen: Any) -> Generator[Any, Any, Any]:
        """The same generator, which looks at the clock whenever nothing has arrived for a moment."""
        asks_at = time.monotonic() + GRACE
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() > asks_at:
                    if not watch.answers(self.info.dsn, self.info.password or None):
                        self.pgconn.finish()  # a rollback would wait as well
                        raise psycopg.OperationalError("the server does not answer")
                    asks_at = time.monotonic() + GRACE
                state = gen.send(ready)
        except StopIteration as end:
            return end.value


class _Driver:
    """The module psycopg with another way to connect, as Django's backend uses it."""

    def connect(self, **parameters: Any) -> psycopg.Connection[Any]:
        if watch.is_silent():
            raise psycopg.OperationalError("the server did not answer a moment ago")
        try:
            return WatchedConnection.connect(**parameters)
        except psycopg.errors.ConnectionTimeout:
            watch.note_silence()
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    Database = _Driver()
