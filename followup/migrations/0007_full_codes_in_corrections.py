"""The changes of stored corrections name measures by full codes.

A short code that measures of two forums share in that edition stays as it is: what it meant was not
kept, and a guess would be worse than a code that says less.
"""

import json
from typing import Any

from django.db import migrations


def full_codes(content: str) -> dict[str, str]:
    """Short code -> full code of the resolutions and measures of one edition, where only one fits."""
    data = json.loads(content)
    years = {row["id"]: row["year_be"] for row in data["forums"]}
    numbers = {row["id"]: row["number"] for row in data["resolutions"]}
    forums = {row["id"]: years[row["forum_id"]] for row in data["resolutions"]}
    pairs = [(str(numbers[pk]), f"{forums[pk]}-{numbers[pk]}") for pk in numbers]
    for row in data["measures"]:
        short = f"{numbers[row['resolution_id']]}.{row['number']}"
        pairs.append((short, f"{forums[row['resolution_id']]}-{short}"))
    found: dict[str, set[str]] = {}
    for short, full in pairs:
        found.setdefault(short, set()).add(full)
    return {short: full.pop() for short, full in found.items() if len(full) == 1}


def forwards(apps: Any, schema_editor: Any) -> None:
    for snapshot in apps.get_model("followup", "Snapshot").objects.exclude(changes=[]):
        codes = full_codes(snapshot.content)
        for change in snapshot.changes:
            change["measure"] = codes.get(change["measure"], change["measure"])
        snapshot.save(update_fields=["changes"])


def backwards(apps: Any, schema_editor: Any) -> None:
    for snapshot in apps.get_model("followup", "Snapshot").objects.exclude(changes=[]):
        for change in snapshot.changes:
            change["measure"] = change["measure"].rpartition("-")[2]
        snapshot.save(update_fields=["changes"])


class Migration(migrations.Migration):
    dependencies = [("followup", "0006_print_jobs")]
    operations = [migrations.RunPython(forwards, backwards)]
