"""Django's SQLite backend, which can still read when there is no room beside the database.

The first connection to a database in WAL mode makes two files beside it (-wal, -shm). On a full disk that
fails, and with it every page. If no commit waits in a -wal file, the database file alone is whole: then a
connection reads it without those files, for one request, and writes nothing. A -wal file with content is
never passed over, because its commits would be missing on the page.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base

#: Names of SQLite's errors when files beside the database cannot be made or grow.
NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


class DatabaseWrapper(base.DatabaseWrapper):
    is_reading_only = False
    init_commands: list[str]

    def connect(self) -> None:
        super().connect()
        if self.is_reading_only:
            self.close_at = time.monotonic()  # the next request looks whether there is room again

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection as Django makes it, or one that only reads. Raises sqlite3.OperationalError."""
        self.is_reading_only = False
        try:
            return super().get_new_connection(conn_params)
        except sqlite3.OperationalError as error:
            path = Path(conn_params["database"])
            if not error.sqlite_errorname.startswith(NO_ROOM) or not _is_whole(path):
                raise
        commands, self.init_commands = self.init_commands, ["PRAGMA query_only=ON"]
        try:
            alone = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
            connection = super().get_new_connection({**conn_params, "database": alone})
        finally:
            self.init_commands = commands
        self.is_reading_only = True
        return connection


def _is_whole(path: Path) -> bool:
    """Whether the database file has every commit: no -wal file with content is beside it."""
    waiting = Path(f"{path}-wal")
    return path.is_file() and (not waiting.exists() or waiting.stat().st_size == 0)
