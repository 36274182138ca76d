"""A zip → its files. The limits hold whatever sizes the zip declares."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from followup.spreadsheets.sandbox import EXTENSIONS, MAX_BYTES, unsupported
from followup.spreadsheets.types import Problem, Unreadable

EXTENSION = ".zip"


@dataclass(frozen=True)
class ArchiveLimits:
    """The limits for one zip."""

    files: int = 100  # files that are read
    entries: int = 1000  # all entries, read or not
    unpacked: int = 64 * 2**20  # bytes, unpacked, of all files
    file: int = MAX_BYTES  # bytes of one file


DEFAULT_LIMITS = ArchiveLimits()


@dataclass(frozen=True)
class Member:
    """One file. `name` is for people and includes its folders."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Skipped:
    """A file of the zip that is not read, and why."""

    name: str
    problem: Problem


@dataclass(frozen=True)
class Unpacked:
    """Files and what was skipped, each in the zip's order."""

    files: list[Member]
    skipped: list[Skipped]


_CHUNK = 2**16
_LONGEST_NAME = 150  # characters
_ENTRY = b"PK\x01\x02"  # before each entry of the list at the end of the zip
_THAI_LETTER = re.compile("[ก-ฮ]")
_UNICODE_PATH = 0x7075  # an extra field: the name in UTF-8
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}
_ENCRYPTED = 0x1
_UTF8 = 0x800


def unpack(path: Path, name: str, *, limits: ArchiveLimits = DEFAULT_LIMITS) -> Unpacked:
    """The files in the zip at `path`; `name` is the uploaded file's name. Raises Unreadable:

    F01  the zip is damaged, or not a zip
    F11  it holds no readable file, and none to name as skipped
    F22  {"name"} it holds another zip
    F23  {"max"} it holds too many files
    F24  {"mb"}  it unpacks to too many bytes
    F25  {"name"} a file in it is encrypted
    F26  {"skipped"} it holds files, but no readable one
    F28  {"name"} a file in it is damaged, or uses an unsupported compression
    """
    if path.stat().st_size == 0:
        raise Unreadable(Problem("F11"))
    try:
        _count(path, limits)
        with zipfile.ZipFile(path) as package:
            return _unpack(package, limits)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise Unreadable(Problem("F01")) from error


def _count(path: Path, limits: ArchiveLimits) -> None:
    """Refuse too many entries before zipfile reads them: half a million fit into 20 MB."""
    count = 0
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            count += (rest + chunk).count(_ENTRY)
            rest = chunk[-3:]
    # Files that are zips themselves, such as .xlsx, contain entry signatures too.
    if count > 50 * limits.entries:
        raise Unreadable(Problem("F23", {"max": limits.files}))


def _unpack(package: zipfile.ZipFile, limits: ArchiveLimits) -> Unpacked:
    entries = [entry for entry in package.infolist() if not _is_folder(entry)]
    if len(entries) > limits.entries:
        raise Unreadable(Problem("F23", {"max": limits.files}))
    chosen: list[tuple[zipfile.ZipInfo, str]] = []
    skipped: list[Skipped] = []
    names: set[str] = set()
    for entry in entries:
        folders = _folders(_name(entry))
        name = _unique(_shown(folders), names)
        if _is_of_the_system(folders):
            skipped.append(Skipped(name, Problem("F27")))
        elif PurePath(folders[-1]).suffix.lower() == EXTENSION:
            raise Unreadable(Problem("F22", {"name": name}))
        elif problem := unsupported(folders[-1]):
            skipped.append(Skipped(name, problem))
        elif entry.flag_bits & _ENCRYPTED:
            raise Unreadable(Problem("F25", {"name": name}))
        else:
            chosen.append((entry, name))
    if len(chosen) > limits.files:
        raise Unreadable(Problem("F23", {"max": limits.files}))
    files = []
    left = limits.unpacked
    for entry, name in chosen:
        size = 0
        pieces = []
        for piece in _content(package, entry, name):
            size += len(piece)
            left -= len(piece)
            if left < 0:
                raise Unreadable(Problem("F24", {"mb": limits.unpacked // 2**20}))
            if size > limits.file:
                break
            pieces.append(piece)
        if size > limits.file:
            skipped.append(Skipped(name, Problem("F03", {"mb": limits.file // 2**20})))
        else:
            files.append(Member(name, b"".join(pieces)))
    if not files:
        if not skipped:
            raise Unreadable(Problem("F11"))
        names_of = ", ".join(each.name for each in skipped[:3])
        raise Unreadable(
            Problem("F26", {"skipped": names_of, "list": " ".join(EXTENSIONS)}),
        )
    return Unpacked(files, skipped)


def _content(package: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """The bytes of an entry, unpacked in pieces. Raises Unreadable F28."""
    damaged = Unreadable(Problem("F28", {"name": name}))
    # Other compressions may allocate any amount of memory before the first byte.
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise damaged
    try:
        with package.open(entry) as stream:
            while piece := stream.read(_CHUNK):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise damaged from error


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.replace("\\", "/").endswith("/") and not entry.file_size


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as the owner typed it. zipfile decodes a name without the UTF-8 flag as cp437."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    try:
        raw = entry.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.orig_filename
    if said := _unicode_path(entry.extra, raw):
        return said
    for encoding in ("utf-8", "cp874"):  # macOS writes UTF-8 and sets no flag
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _THAI_LETTER.search(text):
            return text
    return entry.orig_filename


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """The UTF-8 name in an extra field, if its checksum matches this name; "" otherwise."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _UNICODE_PATH and len(field) > 5:
            _, checksum = struct.unpack_from("<BI", field)
            if checksum == zlib.crc32(raw):
                try:
                    return field[5:].decode()
                except UnicodeDecodeError:
                    return ""
    return ""


def _folders(name: str) -> list[str]:
    """The parts of a path, without root, drive and "..", for display."""
    parts = []
    for part in name.replace("\\", "/").split("/"):
        cleaned = "".join(each if each.isprintable() else "\ufffd" for each in part).strip()
        if cleaned not in {"", ".", ".."} and not re.fullmatch("[A-Za-z]:", cleaned):
            parts.append(cleaned)
    return parts or ["?"]


def _shown(folders: list[str]) -> str:
    """The path as one name; one that is too long is cut at its beginning."""
    name = " - ".join(folders)
    return name if len(name) <= _LONGEST_NAME else f"…{name[-_LONGEST_NAME + 1 :]}"


def _unique(name: str, names: set[str]) -> str:
    """The name, with a number if it is already in `names`. Adds it to `names`."""
    path = PurePath(name)
    count = 1
    while name in names:
        count += 1
        name = f"{path.stem} ({count}){path.suffix}"
    names.add(name)
    return name


def _is_of_the_system(folders: list[str]) -> bool:
    """Whether this is a hidden system file: of macOS, of Windows, or of a workbook being edited."""
    return (
        folders[0] == "__MACOSX"
        or any(part.startswith(".") for part in folders)
        or folders[-1].startswith("~$")
        or folders[-1].lower() in _OF_THE_SYSTEM
    )
