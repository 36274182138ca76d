"""The files of a storage that a database names: put into an archive, compared with it, brought back.

They are reached through Django's storage alone, which need not be a folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

from django.core.files import File
from django.core.files.storage import Storage
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from forum_portal.backups.archive import Archive, Writer, is_safe
from forum_portal.backups.content import columns_of, rows_of, tables_of
from forum_portal.backups.refused import Refused

#: Of the names of members.
FOLDER = "evidence/"
_IN_MEMORY = 8 * 1024 * 1024  # bytes of a file; a larger one waits on the disk


class Column(NamedTuple):
    """A column that names files of the storage.

    `digest`: the column with the file's SHA-256, if there is one. Without `is_needed` the files are those
    that may be gone by design, and are taken along while they are there.
    """

    table: str
    name: str
    digest: str = ""
    is_needed: bool = True


@dataclass(frozen=True)
class Named:
    """The files that a database names: those it needs, with their SHA-256 if it is known, and others."""

    needed: dict[str, set[str]]
    others: set[str]

    @property
    def every(self) -> list[str]:
        return sorted(self.needed.keys() | self.others)


def named_by(connection: BaseDatabaseWrapper, columns: Iterable[Column]) -> Named:
    """What these columns name; a table or a column that an older database lacks names nothing."""
    needed: dict[str, set[str]] = {}
    others: set[str] = set()
    there = set(tables_of(connection))
    for column in columns:
        has = columns_of(connection, column.table) if column.table in there else []
        if column.name not in has:
            continue
        quote = connection.ops.quote_name
        name, digest = quote(column.name), quote(column.digest) if column.digest in has else "''"
        sql = f"SELECT DISTINCT {name}, {digest} FROM {quote(column.table)} WHERE {name} <> ''"  # noqa: S608
        for file, told in rows_of(connection, sql):
            if column.is_needed:
                needed.setdefault(file, set()).update({told} - {""})
            else:
                others.add(file)
    return Named(needed, others - needed.keys())


@dataclass(frozen=True)
class Added:
    """Of the files that a database needs: those that are not there, and those with other content."""

    gone: set[str]
    changed: set[str]


def add_to(writer: Writer, storage: Storage, named: Named) -> Added:
    """Put every named file that is there into the archive. Raises Refused, and OSError."""
    gone, changed = set(), set()
    for name in named.every:
        if not is_safe(name):
            raise Refused(
                _("ชื่อไฟล์หลักฐานในฐานข้อมูลไม่ปลอดภัย: %(name)r") % {"name": name},
                f"A file's name in the database is not safe: {name!r}.",
            )
        try:
            file = storage.open(name)
        except FileNotFoundError:
            if name in named.needed:
                gone.add(name)
            continue
        with file:
            member = writer.add(FOLDER + name, file.size, file.chunks())
        if named.needed.get(name, set()) - {member.sha256}:
            changed.add(name)
    return Added(gone, changed)


def names_of(archive: Archive) -> list[str]:
    """The names that the files of an archive have in the storage."""
    return [
        name.removeprefix(FOLDER) for name in archive.manifest.members if name.startswith(FOLDER)
    ]


def faults(archive: Archive, named: Named) -> list[str]:
    """A sentence for each way in which an archive's files are not those that its database names."""
    there, lost = set(names_of(archive)), set(archive.manifest.lost)
    found = [
        _("ขาดไฟล์หลักฐาน %(name)s") % {"name": name} + f" · The evidence file {name} is missing."
        for name in sorted(named.needed.keys() - there - lost)
    ]
    found += [
        _("ไม่มีแถวใดอ้างถึงไฟล์หลักฐาน %(name)s") % {"name": name}
        + f" · No row names the evidence file {name}."
        for name in sorted(there - set(named.every))
    ]
    found += [
        _("ไฟล์หลักฐาน %(name)s ไม่ตรงกับค่าแฮชในแถว") % {"name": name}
        + f" · The evidence file {name} differs from the hash in its row."
        for name in sorted(there & named.needed.keys() - lost)
        if named.needed[name] - {archive.manifest.members[FOLDER + name].sha256}
    ]
    return found


# Bringing back ----------------------------------------------------------------------------------


def in_the_way(storage: Storage, archive: Archive) -> list[str]:
    """The stored files that a restore does not expect.

    A file with the name and the content of one of the archive's is expected: it is of a restore that was
    interrupted, or of a storage that outlived the database.
    """
    wanted = set(names_of(archive))
    return [
        name
        for name in sorted(stored_in(storage))
        if name not in wanted or not _is_same(storage, archive, name)
    ]


def stored_in(storage: Storage, folder: str = "") -> Iterator[str]:
    """The names of all files of a storage."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    for name in files:
        yield f"{folder}{name}"
    for name in folders:
        yield from stored_in(storage, f"{folder}{name}/")


def _is_same(storage: Storage, archive: Archive, name: str) -> bool:
    member = archive.manifest.members[FOLDER + name]
    if storage.size(name) != member.size:
        return False
    told = sha256()
    with storage.open(name) as file:
        for chunk in file.chunks():
            told.update(chunk)
    return told.hexdigest() == member.sha256


def bring_back(storage: Storage, archive: Archive) -> Sequence[str]:
    """Store the archive's files that are not there yet; returns their names.

    After an error none of those that it stored is left. Raises Refused, and OSError.
    """
    stored: list[str] = []
    there = set(stored_in(storage))
    try:
        for name in sorted(set(names_of(archive)) - there):
            with SpooledTemporaryFile(_IN_MEMORY) as content:  # a storage may read it twice
                content.writelines(archive.chunks(FOLDER + name))
                content.seek(0)
                stored.append(name)
                kept = storage.save(name, File(content, name))
            if kept != name:
                stored.append(kept)
                raise Refused(
                    _("ที่เก็บหลักฐานเก็บไฟล์ %(name)s ด้วยชื่ออื่น") % {"name": name},
                    f"The storage keeps the file {name} under another name.",
                )
    except BaseException:
        take_back(storage, stored)
        raise
    return stored


def take_back(storage: Storage, names: Iterable[str]) -> None:
    """Remove files that `bring_back` has stored."""
    for name in names:
        storage.delete(name)
