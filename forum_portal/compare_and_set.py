"""Compare-and-set: change a stored row only if it still is what the caller has seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model


def compare_and_set(row: Model, *, expected: Mapping[str, Any], **values: Any) -> bool:
    """Set `values` on the stored row if it matches `expected`; returns whether it did.

    `expected` maps lookups to values, such as {"state__in": [...], "version": 3}. One UPDATE compares
    and sets, so of two simultaneous callers with the same expectation exactly one succeeds, on SQLite
    and PostgreSQL alike. After a success `row` has the values too; otherwise it is left as it is, and
    the caller reads it again where it wants to tell who was first.
    """
    if not type(row)._base_manager.filter(pk=row.pk, **expected).update(**values):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True
