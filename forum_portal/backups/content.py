"""What is in a database, table by table, so that two copies can be compared.

The database itself writes each row as text (SQLite's `quote`, PostgreSQL's output of a row), so that no
type is converted on the way. A table's hash is the sum of its rows' hashes: rows have no order, and a
text sorts differently under another collation. So only copies on the same engine are comparable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from forum_portal.backups.manifest import Table

_MODULUS = 1 << 256
_AT_ONCE = 500


def tables_of(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def columns_of(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608
        return sorted(column[0] for column in cursor.description)


def content_of(connection: BaseDatabaseWrapper) -> dict[str, Table]:
    """Every table with the number of its rows and the hash of its columns and rows."""
    return {table: _content(connection, table) for table in tables_of(connection)}


def _content(connection: BaseDatabaseWrapper, table: str) -> Table:
    columns = columns_of(connection, table)
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        # Hashed there: a row may have many megabytes.
        row = ", ".join(quote(column) for column in columns)
        wanted = f"encode(sha256(convert_to(ROW({row})::text, 'UTF8')), 'hex')"
    else:
        wanted = ", ".join(f"quote({quote(column)})" for column in columns)
    number, total = 0, 0
    for found in rows_of(connection, f"SELECT {wanted} FROM {quote(table)}"):  # noqa: S608 - names
        if connection.vendor == "postgresql":
            digest = int(found[0], 16)
        else:
            digest = int.from_bytes(sha256(repr(found).encode()).digest(), "big")
        number += 1
        total = (total + digest) % _MODULUS
    told = sha256(repr((columns, number, total)).encode()).hexdigest()
    return Table(number, told)


def rows_of(
    connection: BaseDatabaseWrapper, sql: str, values: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a part at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values or None)
        if connection.vendor == "sqlite":
            while row := cursor.fetchone():  # one may be large
                yield row
        else:
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows
