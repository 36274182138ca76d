"""The one file of a backup: a plain tar, whose last two members are the manifest and the seal.

The manifest has the SHA-256 and the size of every other member, and the seal the SHA-256 of every byte
before its own header. The bytes from there on follow from that hash and their place. So each byte of the
file is known, those between the members included, and a file that ends early has no seal.

The hashes prove that a file is as it was written. They do not prove by whom: whoever can replace the file
can write another one.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from tarfile import BLOCKSIZE, GNU_FORMAT, RECORDSIZE, TarInfo
from typing import BinaryIO, Protocol

from django.utils.translation import gettext as _

from forum_portal.backups.manifest import Manifest, Member
from forum_portal.backups.refused import Refused

MANIFEST, SEAL = "manifest.json", "seal.sha256"
_CHUNK = 1024 * 1024
_LONGEST_MANIFEST = 256 * 1024 * 1024  # bytes


class Sink(Protocol):
    """What an archive is written to: a file, or a program's standard input."""

    def write(self, data: bytes, /) -> object: ...


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


# Writing ----------------------------------------------------------------------------------------


class Writer:
    """Writes members one after the other; `close` adds the manifest and the seal."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._whole, self._at = sink, sha256(), 0
        self.members: dict[str, Member] = {}

    def add(self, name: str, size: int, chunks: Iterable[bytes]) -> Member:
        """Write a member. Raises ValueError if the content is not of this size, and OSError."""
        self._write(_header(name, size))
        told, written = sha256(), 0
        for chunk in chunks:
            told.update(chunk)
            written += len(chunk)
            self._write(chunk)
        if written != size:
            raise ValueError(f"{name} has {written} bytes, not {size}")
        self._write(bytes(-size % BLOCKSIZE))
        self.members[name] = Member(size, told.hexdigest())
        return self.members[name]

    def close(self, manifest: bytes) -> None:
        self.add(MANIFEST, len(manifest), [manifest])
        self._sink.write(_tail(self._at, self._whole.hexdigest()))

    def _write(self, data: bytes) -> None:
        self._whole.update(data)
        self._at += len(data)
        self._sink.write(data)


def _header(name: str, size: int) -> bytes:
    info = TarInfo(name)
    info.size, info.mode = size, 0o600  # no time and no owner: the same content, the same bytes
    return info.tobuf(GNU_FORMAT)


def _tail(at: int, digest: str) -> bytes:
    """The bytes from the seal's header, which begins at `at`, to the end of the file."""
    text = f"{digest}\n".encode()
    tail = _header(SEAL, len(text)) + text + bytes(-len(text) % BLOCKSIZE) + bytes(2 * BLOCKSIZE)
    return tail + bytes(-(at + len(tail)) % RECORDSIZE)


# Reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Archive:
    """A file that was found whole. Keep it open: its members are read from where they were checked."""

    manifest: Manifest
    size: int  # bytes of the file
    _file: BinaryIO
    _infos: dict[str, TarInfo]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member. Raises Refused if they are no longer those that were checked."""
        info, told = self._infos[name], sha256()
        for chunk in _chunks(self._file, info.offset_data, info.size):
            told.update(chunk)
            yield chunk
        if told.hexdigest() != self.manifest.members[name].sha256:
            raise _is_damaged(name)


def whole(file: BinaryIO) -> Archive:
    """Check every byte of a backup. Raises Refused with the first fault, and OSError."""
    infos = _infos(file)
    if [info.name for info in infos[-2:]] != [MANIFEST, SEAL]:
        raise Refused(
            _("ไฟล์สำรองไม่ครบหรือเสียหาย: ไม่มีส่วนท้าย"),
            "The backup is not whole: its end is missing or damaged.",
        )
    seal, listed = infos[-1], infos[-2]
    if listed.size > _LONGEST_MANIFEST:
        raise _is_damaged(MANIFEST)
    manifest = Manifest.of_json(b"".join(_chunks(file, listed.offset_data, listed.size)))
    _refuse_strangers({info.name for info in infos[:-2]}, manifest)
    told, at = sha256(), 0
    for info in infos[:-1]:
        _update(told, file, at, info.offset_data)
        own = sha256()
        for chunk in _chunks(file, info.offset_data, info.size):
            own.update(chunk)
            told.update(chunk)
        at = info.offset_data + info.size
        found = Member(info.size, own.hexdigest())
        if info is not listed and manifest.members[info.name] != found:
            raise _is_damaged(info.name)
    _update(told, file, at, seal.offset)
    file.seek(seal.offset)
    tail = _tail(seal.offset, told.hexdigest())
    if file.read(len(tail) + 1) != tail:
        raise Refused(
            _("ไฟล์สำรองเสียหาย: ค่าแฮชของทั้งไฟล์ไม่ตรง"),
            "The backup is damaged: the hash of the whole file differs.",
        )
    named = {info.name: info for info in infos}
    return Archive(manifest, seal.offset + len(tail), file, named)


def _infos(file: BinaryIO) -> list[TarInfo]:
    file.seek(0)
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            infos = list(tar)
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise Refused(
            _("ไฟล์นี้ไม่ใช่ไฟล์สำรองของระบบ หรือเสียหาย"),
            "The file is no backup of the portal, or it is damaged.",
        ) from error
    seen: set[str] = set()
    for info in infos:
        if not is_safe(info.name) or not info.isreg() or info.issparse() or info.size < 0:
            raise Refused(
                _("ไฟล์สำรองมีรายการที่ไม่ปลอดภัย: %(name)r") % {"name": info.name},
                f"The backup has a member that is not safe: {info.name!r}.",
            )
        if info.name in seen:
            raise Refused(
                _("ไฟล์สำรองมีรายการซ้ำ: %(name)s") % {"name": info.name},
                f"The backup has a member twice: {info.name}.",
            )
        seen.add(info.name)
    return infos


def is_safe(name: str) -> bool:
    """Whether a name stays inside whatever folder it is put into, and can be printed."""
    return (
        name.isprintable()
        and "\\" not in name
        and ":" not in name
        and all(part not in {"", ".", ".."} for part in name.split("/"))
    )


def _refuse_strangers(found: set[str], manifest: Manifest) -> None:
    if missing := sorted(manifest.members.keys() - found):
        raise Refused(
            _("ไฟล์สำรองไม่ครบ: ขาด %(name)s") % {"name": missing[0]},
            f"The backup is not whole: {missing[0]} is missing.",
        )
    if added := sorted(found - manifest.members.keys()):
        raise Refused(
            _("ไฟล์สำรองมีรายการแปลกปลอม: %(name)s") % {"name": added[0]},
            f"The backup has a member that it does not list: {added[0]}.",
        )
    if manifest.database not in found:
        raise Refused(
            _("ไฟล์สำรองไม่มีฐานข้อมูล"),
            "The backup has no database.",
        )


def _is_damaged(name: str) -> Refused:
    return Refused(
        _("ไฟล์สำรองเสียหาย: %(name)s ไม่ตรงกับที่บันทึกไว้") % {"name": name},
        f"The backup is damaged: {name} is not as it was written.",
    )


def _update(told: _Hash, file: BinaryIO, begin: int, end: int) -> None:
    for chunk in _chunks(file, begin, end - begin):
        told.update(chunk)


def _chunks(file: BinaryIO, begin: int, size: int) -> Iterator[bytes]:
    """The bytes from `begin` on; fewer than `size` if the file ends."""
    while size > 0:
        file.seek(begin)
        chunk = file.read(min(_CHUNK, size))
        if not chunk:
            return
        begin, size = begin + len(chunk), size - len(chunk)
        yield chunk
