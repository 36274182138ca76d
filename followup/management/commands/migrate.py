"""Django's own `migrate`, one process at a time."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction

from followup.preparing import alone, make_folder


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> Any:
        make_folder(options["database"])
        with alone(self.stderr, using=options["database"]):
            # A locked SQLite is busy here; the checks that follow would say that it knows no JSON.
            with transaction.atomic(using=options["database"]):
                pass
            _take_all_the_time_it_needs(options["database"])
            return super().execute(*args, **options)


def _take_all_the_time_it_needs(using: str) -> None:
    """Lift PostgreSQL's limit on statements, which is for requests; the one on locks stays."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
