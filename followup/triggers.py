"""Triggers that the database must have: created where they are missing, after every `migrate`.

SQLite drops a table's triggers when a migration rebuilds the table, so a migration cannot be the only
place that makes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections


class Trigger(NamedTuple):
    """A trigger's table, and the SQL that creates it."""

    table: str
    sql: str


@dataclass(frozen=True)
class Triggers:
    """All triggers of one purpose; their names begin with `prefix`, as no others do."""

    prefix: str
    #: Database vendor -> the triggers by name.
    made: Callable[[str], Mapping[str, Trigger]]
    #: Tables that the triggers use; without them the database was migrated back to before.
    needs: frozenset[str]
    #: PostgreSQL's functions that the triggers call.
    functions: Iterable[str] = field(default=())

    def install(self, using: str = DEFAULT_DB_ALIAS) -> None:
        """Create the triggers that are missing. Idempotent."""
        database = connections[using]
        with database.cursor() as cursor:
            there = set(database.introspection.table_names(cursor))
            if not self.needs <= there:
                return
            present = self.present(using)
            is_postgresql = database.vendor == "postgresql"
            if is_postgresql:
                for function in self.functions:
                    cursor.execute(function)
            for name, (table, sql) in self.made(database.vendor).items():
                if table not in there or present.get(name) == sql:
                    continue
                if _named_columns(sql) - _columns(using, table):
                    continue  # called by an early migration; after the last one it is installed
                if name in present:
                    if is_postgresql:  # it does not keep the SQL as written
                        continue
                    cursor.execute(_drop(database.vendor, name, table))
                cursor.execute(sql)

    def uninstall(self, using: str = DEFAULT_DB_ALIAS) -> None:
        """Remove the triggers: for a migration's way back, and for tests."""
        database = connections[using]
        present = self.present(using)
        with database.cursor() as cursor:
            for name, (table, _sql) in self.made(database.vendor).items():
                if name in present:
                    cursor.execute(_drop(database.vendor, name, table))

    def present(self, using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
        """The names of the triggers in the database, and on SQLite their SQL."""
        database = connections[using]
        if database.vendor == "sqlite":
            sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
        else:
            sql = (
                "SELECT tgname, '' FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND tgname LIKE %s "
                "AND relnamespace = current_schema()::regnamespace"
            )
        with database.cursor() as cursor:
            cursor.execute(sql, [f"{self.prefix}%"])
            return dict(cursor.fetchall())

    def wanted(self, using: str = DEFAULT_DB_ALIAS) -> set[str]:
        """The names of all triggers that the database must have."""
        return set(self.made(connections[using].vendor))


def _named_columns(sql: str) -> set[str]:
    """The columns of a trigger's own table that it reads."""
    return set(re.findall(r'(?:NEW|OLD)\."(\w+)"', sql))


def _columns(using: str, table: str) -> set[str]:
    database = connections[using]
    with database.cursor() as cursor:
        return {
            column.name for column in database.introspection.get_table_description(cursor, table)
        }


def _drop(vendor: str, name: str, table: str) -> str:
    return f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if vendor == "postgresql" else "")
