"""The table in which the web processes share what they count (settings.CACHES)."""

from typing import Any

from django.core.management import call_command
from django.db import migrations

TABLE = "portal_cache"


def make(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(f"DROP TABLE IF EXISTS {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("followup", "0002_a_year_of_follow_up")]

    operations = [migrations.RunPython(make, drop)]
