"""Bringing a backup back into an empty place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from forum_portal.backups import engines, stored_files, surroundings
from forum_portal.backups.archive import Archive
from forum_portal.backups.refused import Refused


class Occupied(NamedTuple):
    """What a restore would overwrite."""

    tables: Sequence[str]
    files: Sequence[str]


def in_the_way(archive: Archive, storage: Storage) -> Occupied:
    """What is where the backup would go. Raises Refused if it can be restored nowhere here."""
    surroundings.refuse_newer(archive.manifest)
    engines.refuse_other(archive.manifest)
    return Occupied(engines.ours().in_the_way(), stored_files.in_the_way(storage, archive))


def refuse_occupied(occupied: Occupied) -> None:
    if occupied.tables or occupied.files:
        raise Refused(
            _(
                "ที่ปลายทางมีข้อมูลอยู่แล้ว: ตาราง %(tables)s รายการ ไฟล์หลักฐาน %(files)s ไฟล์ "
                "จึงไม่ได้นำข้อมูลกลับมา ย้ายของเดิมออก หรือใช้ฐานข้อมูลและที่เก็บหลักฐานใหม่"
            )
            % {"tables": len(occupied.tables), "files": len(occupied.files)},
            f"The place is not empty: {len(occupied.tables)} tables, {len(occupied.files)} evidence "
            "files. Nothing was restored. Move them away, or name a new database and a new storage.",
        )


def restore(archive: Archive, storage: Storage) -> Sequence[str]:
    """Bring a backup back, whole or not at all; returns the names of the files that were stored.

    The files come first: a place that has the database has all of it. Raises Refused, OSError, and the
    database's errors.
    """
    refuse_occupied(in_the_way(archive, storage))
    stored = stored_files.bring_back(storage, archive)
    try:
        with TemporaryDirectory(prefix="portal-restore-") as folder:
            engines.ours().bring_back(
                archive.chunks(archive.manifest.database),
                Path(folder),
                engines.version_of(archive.manifest),
            )
    except BaseException:
        stored_files.take_back(storage, stored)
        raise
    return stored
