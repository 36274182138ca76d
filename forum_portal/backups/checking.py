"""Proving a backup: restored aside, counted, hashed, and compared with what its manifest says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from forum_portal.backups import engines, stored_files, surroundings
from forum_portal.backups.archive import Archive
from forum_portal.backups.content import content_of
from forum_portal.backups.manifest import Manifest, Table
from forum_portal.backups.stored_files import Column


def faults(
    archive: Archive, *, columns: Sequence[Column], own_check: Callable[[], str] | None = None
) -> list[str]:
    """Restore a backup aside; a sentence for each way in which it is not what its manifest says.

    `own_check` runs with the restored database as the default one, and returns a sentence or "". Raises
    Refused if the backup cannot be restored at all.
    """
    manifest = archive.manifest
    with (
        TemporaryDirectory(prefix="portal-check-") as folder,
        engines.of(manifest).aside(
            archive.chunks(manifest.database), Path(folder), engines.version_of(manifest)
        ) as copy,
    ):
        found = [
            *_of_tables(manifest, content_of(copy)),
            *stored_files.faults(archive, stored_files.named_by(copy, columns)),
        ]
        if own_check is not None:
            with default_is(copy):
                found += filter(None, [own_check()])
    return found


def knows(manifest: Manifest) -> bool:
    """Whether the backup has the tables of this code, so that the code can read them."""
    return not surroundings.missing_migrations(manifest) and (
        set(manifest.migrations) <= surroundings.known()
    )


@contextmanager
def default_is(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Context manager: models of this thread read from another database."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def _of_tables(manifest: Manifest, found: dict[str, Table]) -> Iterator[str]:
    for name in sorted(manifest.tables.keys() | found.keys()):
        said, is_ = manifest.tables.get(name), found.get(name)
        if said is None or is_ is None:
            yield (
                _("ตาราง %(name)s ไม่ตรงกับรายการ") % {"name": name}
                + f" · The table {name} is "
                + ("missing." if is_ is None else "not in the manifest.")
            )
        elif said.rows != is_.rows:
            yield (
                _("ตาราง %(name)s มี %(is)s แถว แต่ควรมี %(said)s แถว")
                % {"name": name, "is": is_.rows, "said": said.rows}
                + f" · The table {name} has {is_.rows} rows instead of {said.rows}."
            )
        elif said != is_:
            yield (
                _("เนื้อหาของตาราง %(name)s ไม่ตรงกับที่บันทึกไว้") % {"name": name}
                + f" · The content of the table {name} differs."
            )
