"""A plain table of somebody's file: headings in row 1, records below.

The portal has one reader of strangers' files, in a package that others must not know. A setting
names it, so that whoever needs a table asks here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Table:
    """`rows` are those from row 2 on, each as wide as `headings`. `notices` are for people to read."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notices: Sequence[str] = ()


def read_table(content: bytes, name: str) -> Table:
    """The table in a file that its owner called `name`.

    Raises ValidationError, in Thai and with the code of the import's messages where one fits.
    """
    table: Table = import_string(settings.TABLE_READER)(content, name)
    return table
