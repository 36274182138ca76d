"""Reading as of one moment, without keeping anybody from writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Context manager: all queries inside see the database as of the first one. For reading only.

    It holds no lock: on SQLite a transaction of this portal otherwise takes the one lock of writers as
    it begins. Inside a transaction it is part of that one.
    """
    if connection.in_atomic_block:
        yield
        return
    with ExitStack() as stack:
        _begin(stack)
        yield


def _begin(stack: ExitStack) -> None:
    if connection.vendor == "sqlite":
        database: Any = connection
        mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
        try:
            stack.enter_context(transaction.atomic())
        finally:
            database.transaction_mode = mode
    else:
        stack.enter_context(transaction.atomic())
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
