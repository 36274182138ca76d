"""Resource limits of the child process, and how it drops privileges."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from followup.spreadsheets.types import Cell, Problem

ENCODINGS = ("utf-8", "cp874", "utf-16")
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"  # .xls, and encrypted .xlsx and .docx
MIB = 2**20
CHUNK_ROWS = 500  # rows in one line of the output
NOBODY = 65534  # the uid and gid to switch to if the portal runs as root

Rectangle = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0


@dataclass(frozen=True)
class Limits:
    """Limits for one file. Units are bytes unless named; cells include blanks inside the table."""

    megabytes: int = 20  # the file itself
    cells: int = 3_000_000  # in all sheets, each counted as the rectangle from A1
    rows: int = 200_000  # in one sheet
    unpacked: int = 512 * MIB  # all parts of an .xlsx, unpacked
    memory: int = 768 * MIB  # address space of the child: 3 million cells need 384 MiB
    output: int = 256 * MIB  # output of the child
    cpu_seconds: int = 30
    seconds: float = 90.0  # wall-clock time


DEFAULT_LIMITS = Limits()


class Damaged(Exception):
    """The file violates its format, or contains what no spreadsheet program writes."""


class TooLarge(Exception):
    """The file needs more cells, rows, text or time than the limits allow."""


def too_large(limits: Limits) -> Problem:
    return Problem("F12", {"max": f"{limits.cells:,}"})


def confine(limits: Limits) -> None:
    """Lower this process's limits for good. Call it before calamine is loaded or a file is read."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),  # no child, no thread (root is exempt until `become_nobody`)
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))


def become_nobody() -> None:
    """Drop root, if the portal runs as root. Call it when all files are open and code is loaded."""
    if os.geteuid() == 0:
        with suppress(OSError):  # a container may have no such user
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


def in_chunks(rows: Iterable[list[Cell]]) -> Iterator[list[list[Cell]]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


def end(kind: str, *notices: Problem, encoding: str = "", delimiter: str = "") -> dict[str, Any]:
    """The last line of the output for a file that was read."""
    said = [[notice.code, dict(notice.params)] for notice in notices]
    facts = {"kind": kind, "encoding": encoding, "delimiter": delimiter, "notices": said}
    return {"end": facts}
