"""Read an uploaded file as a plain table: headings in row 1, records below.

The portal has one reader of untrusted files, in `followup`, which `proposals` must not import. The
setting TABLE_READER names it, so that `proposals` calls it through this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Table:
    """`rows` start at row 2, each as long as `headings`; `notices` are Thai sentences."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notices: Sequence[str] = ()


def read_table(content: bytes, name: str) -> Table:
    """Read the table in `content`; `name` is the uploaded file's name.

    Raises ValidationError in Thai, with the import message's code (such as F12) where one applies.
    """
    table: Table = import_string(settings.TABLE_READER)(content, name)
    return table
