"""Files that are made once and served from disk: a cache of what the database can give.

A file is found by its name and by everything that its content depends on (`key`). It is written beside
and renamed, so that nobody reads half of it, and processes or machines need not agree: each makes what it
lacks. Whatever is deleted is made again. What is text is also kept compressed, for the wire.

A file's tag (ETag) is the digest of its content, so that it is the same from every machine.
"""

from __future__ import annotations

import gzip
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import FileIO
from pathlib import Path

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response, patch_vary_headers

_BLOCK = 64 * 1024
_ATTEMPTS = 3
_PACKAGES = ("forum_portal", "proposals", "followup")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
#: Content-Encoding -> the ending of the file beside, the one to prefer first.
ENCODINGS = {"br": ".br", "gzip": ".gz"}

Chunks = Iterable[bytes]


@dataclass(frozen=True)
class KeptFile:
    path: Path
    digest: str  # of its content

    def etag(self, encoding: str = "") -> str:
        return f'"{self.digest}-{encoding}"' if encoding else f'"{self.digest}"'

    def beside(self, encoding: str) -> Path:
        return self.path.with_name(self.path.name + ENCODINGS[encoding])


@cache
def code_version() -> str:
    """Changes with every installed version of the portal: part of a key of what its code makes."""
    told = sha256()
    for package in _PACKAGES:
        for path in sorted((settings.ROOT / package).rglob("*.py")):
            stat = path.stat()
            told.update(f"{path} {stat.st_size} {stat.st_mtime_ns}".encode())
    return told.hexdigest()


def kept(name: str, key: str, ending: str, make: Callable[[], Chunks], *, packed: bool) -> KeptFile:
    """The file of this name and key; made now if it is not there, and others of its name removed.

    `name`: letters, digits, `-` and `_`, no text of a user's. `packed`: also compressed, for text.
    """
    if found := find(name, key, ending):
        return found
    folder, stem = Path(settings.KEPT_FILES), _stem(name, key)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".new")
    beside: dict[str, Path] = {}
    try:
        told = sha256()
        with os.fdopen(handle, "wb") as file:
            for chunk in make():
                told.update(chunk)
                file.write(chunk)
        if packed:
            beside = {
                encoding: Path(temporary + ending_) for encoding, ending_ in ENCODINGS.items()
            }
            _pack(Path(temporary), beside)
        made = KeptFile(folder / f"{stem}.{told.hexdigest()[:32]}.{ending}", told.hexdigest()[:32])
        for encoding, path in beside.items():
            path.replace(made.beside(encoding))
        Path(temporary).replace(made.path)
    finally:
        for path in (Path(temporary), *beside.values()):
            path.unlink(missing_ok=True)
    _remove_others(folder, name, ending, but=stem)
    return made


def find(name: str, key: str, ending: str) -> KeptFile | None:
    """The file of this name and key if it was made already."""
    for path in Path(settings.KEPT_FILES).glob(f"{_stem(name, key)}.*.{ending}"):
        return KeptFile(path, path.name.split(".")[2])
    return None


def _stem(name: str, key: str) -> str:
    return f"{name}.{sha256(key.encode()).hexdigest()[:24]}"


def _pack(plain: Path, to: dict[str, Path]) -> None:
    import brotli

    compressor = brotli.Compressor(mode=brotli.MODE_TEXT, quality=6)
    with plain.open("rb") as file, to["br"].open("wb") as br, to["gzip"].open("wb") as raw:
        # Without name and time, so that the bytes depend on the content only.
        with gzip.GzipFile("", "wb", 6, raw, mtime=0) as gz:
            while chunk := file.read(_BLOCK):
                br.write(compressor.process(chunk))
                gz.write(chunk)
        br.write(compressor.finish())


def _remove_others(folder: Path, name: str, ending: str, *, but: str) -> None:
    """Remove the files of earlier keys; who is reading one reads it to its end."""
    for path in folder.glob(f"{name}.*.{ending}*"):
        if not path.name.startswith(f"{but}."):
            with suppress(OSError):
                path.unlink()


# Serving --------------------------------------------------------------------------------------


def serve(
    request: HttpRequest, find: Callable[[], KeptFile], content_type: str
) -> HttpResponseBase:
    """`send` what `find` returns; asked again if another process removes the file in between."""
    for _attempt in range(_ATTEMPTS):
        with suppress(FileNotFoundError):
            return send(request, find(), content_type)
    return send(request, find(), content_type)


def send(request: HttpRequest, file: KeptFile, content_type: str) -> HttpResponseBase:
    """The file from disk: 200, 206 for one range, 304, 412 or 416 (RFC 9110)."""
    wanted = request.headers.get("Range", "")
    encoding = "" if wanted else _encoding(request, file)
    etag = file.etag(encoding)
    path = file.beside(encoding) if encoding else file.path
    size = path.stat().st_size
    response: HttpResponseBase
    span = _span(wanted, size) if request.headers.get("If-Range", etag) == etag else None
    head = HttpResponse(content_type=content_type)
    head["ETag"] = etag
    # 304 and 412 come before ranges.
    answer = get_conditional_response(request, etag, response=head)
    if answer is not head and answer is not None:
        response = answer
        response["ETag"] = etag
    elif span == (0, 0):
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    elif request.method == "HEAD":
        response = head
        response["Content-Length"] = str(size)
    elif span:
        response = _PartResponse(_Part(_File(path), *span), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{size}"
        response["Content-Length"] = str(span[1] - span[0])
    else:
        response = _WholeResponse(_File(path), content_type=content_type)
        del response["Content-Disposition"]  # of the name on disk
    if encoding and response.status_code == 200:
        response["Content-Encoding"] = encoding
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _encoding(request: HttpRequest, file: KeptFile) -> str:
    """The encoding that the reader takes and that is there; "" for none."""
    taken = {}
    for each in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _semicolon, weight = (part.strip() for part in each.partition(";"))
        taken[name] = not re.fullmatch(r"q=0(\.0*)?", weight)
    for encoding in ENCODINGS:
        if taken.get(encoding, taken.get("*", False)) and file.beside(encoding).exists():
            return encoding
    return ""


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """(first byte, byte behind the last) of a single range; (0, 0) if there is nothing there.

    None for the whole file: without a range, with several, and with one that cannot be read.
    """
    found = _RANGE.fullmatch(wanted.strip())
    if not found or wanted.strip() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    return (begin, end) if begin < end else (0, 0)


class _File(FileIO):
    """An open file, which the server closes with the response; if nobody reads that, it closes itself."""

    def __del__(self) -> None:
        # Not `self.close`: Django replaces that by the end of the response, which ends the request and
        # closes the database connection, of whoever runs when the garbage is collected.
        super().close()


class _WholeResponse(FileResponse):
    is_from_disk = True  # what `costly` need not take into memory
    block_size = _BLOCK


class _PartResponse(StreamingHttpResponse):
    is_from_disk = True


class _Part:
    """The bytes of an open file from `begin` to before `end`, in blocks; closed with the response."""

    def __init__(self, file: FileIO, begin: int, end: int) -> None:
        self.file, self.left = file, end - begin
        file.seek(begin)

    def __iter__(self) -> Iterator[bytes]:
        while self.left and (chunk := self.file.read(min(_BLOCK, self.left))):
            self.left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()
