"""Django's own `migrate`, one process at a time."""

from typing import Any

from django.core.management.commands import migrate
from django.db import transaction

from followup.preparing import alone


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> Any:
        with alone(self.stderr, using=options["database"]):
            # A locked SQLite is busy here; the checks that follow would say that it knows no JSON.
            with transaction.atomic(using=options["database"]):
                pass
            return super().execute(*args, **options)
