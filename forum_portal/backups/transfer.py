"""Copying every file of one storage into another, so that the portal can change between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from forum_portal.backups.refused import Refused
from forum_portal.backups.stored_files import Named, stored_in


@dataclass(frozen=True)
class Copied:
    """What became of the files. Those in the lists were not copied."""

    copied: int
    there: int  # with the same content before
    changed: Sequence[str]  # differ from the SHA-256 of their row
    differ: Sequence[str]  # the other storage has another file of this name
    gone: Sequence[str]  # a row needs them, and neither storage has them

    @property
    def is_whole(self) -> bool:
        return not (self.changed or self.differ or self.gone)


def copy(source: Storage, target: Storage, named: Named) -> Copied:
    """Copy what `target` lacks, and read each copy again. Nothing is deleted or overwritten.

    It can be run again, also after an interruption: a file is in the other storage whole or not at all.
    `named`: what the rows need. Raises Refused for a copy that differs, and OSError.
    """
    here, there = set(stored_in(source)), set(stored_in(target))
    copied = same = 0
    changed, differ = [], []
    for name in sorted(here):
        digest = _digest(source, name)
        if named.needed.get(name, set()) - {digest}:
            changed.append(name)
        elif name not in there:
            _copy(source, target, name, digest)
            copied += 1
        elif _digest(target, name) == digest:
            same += 1
        else:
            differ.append(name)
    gone = sorted(named.needed.keys() - here - there)
    return Copied(copied, same, changed, differ, gone)


def _copy(source: Storage, target: Storage, name: str, digest: str) -> None:
    with source.open(name) as file:
        kept = target.save(name, file)
    if kept != name or _digest(target, name) != digest:
        target.delete(kept)
        raise Refused(
            _("สำเนาของไฟล์ %(name)s ไม่ตรงกับต้นฉบับ จึงลบสำเนานั้นแล้ว") % {"name": name},
            f"The copy of the file {name} differs from it, and was deleted.",
        )


def _digest(storage: Storage, name: str) -> str:
    told = sha256()
    with storage.open(name) as file:
        for chunk in file.chunks():
            told.update(chunk)
    return told.hexdigest()
