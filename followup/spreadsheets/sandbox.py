"""Read an untrusted file in a child process with limits: a malicious file yields an error message.

The child gets the path, its limits and an empty environment. It returns JSON, which is validated
here. It can write only one file of limited size, cannot start a process, and is killed when its time
is over. If the portal runs as root, the child drops root before it reads the file.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext_lazy as _l

from followup.spreadsheets.reader import (
    DEFAULT_LIMITS,
    ENCODINGS,
    OLE_MAGIC,
    ZIP_MAGIC,
    Limits,
    too_large,
)
from followup.spreadsheets.types import Book, Cell, CellError, Position, Problem, Sheet, Unreadable
from forum_portal import thai

__all__ = [
    "DEFAULT_LIMITS",
    "ENCODINGS",
    "EXTENSIONS",
    "MAX_BYTES",
    "Limits",
    "read_file",
    "sample",
    "unsupported",
]

logger = logging.getLogger(__name__)

MAX_BYTES = DEFAULT_LIMITS.megabytes * 2**20

#: The file extensions that `read_file` reads.
EXTENSIONS = (
    *(".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt"),
    ".docx",  # its tables
)
_KINDS = {".xlsm": "xlsx", ".txt": "csv"}  # extension -> the reader's kind, if they differ
_TEXT = {".csv", ".tsv", ".txt"}
#: What a format cannot report (F18).
UNTOLD = {
    "comments": _l("ข้อคิดเห็นในเซลล์"),
    "runs": _l("ข้อความที่ขีดฆ่าเพียงบางส่วนของเซลล์"),
}
_ROOT = Path(__file__).parent.parent.parent
# -I: neither the environment nor the working directory affects what is imported.
_START = (
    "import sys; sys.path.append(sys.argv[1]); from followup.spreadsheets.reader import main; "
    "sys.exit(main(sys.argv[2:]))"
)
#: The first bytes of files that are not text: zip, OLE (.xls, encrypted .xlsx), PDF, HTML and XML.
_NO_TEXT = re.compile(
    rb"PK\x03\x04|\xd0\xcf\x11\xe0|%PDF"
    rb"|(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|head|body|meta|table)",
    re.IGNORECASE,
)
_PLACE = re.compile(r'^  File "[^"]*", line \d+, in \S+|^[\w.]+(?=:|$)', re.M)
_ERROR_TAIL = 4000  # bytes of the child's stderr that are read
_SHARED = 64  # characters; equal texts up to this length are shared between the cells of a chunk


def read_file(
    path: Path,
    *,
    name: str,
    encoding: str = "",
    limits: Limits | None = None,
    keep: Path | None = None,
    as_text: bool = False,
) -> Book:
    """Read the file at `path`; `name` is the uploaded file's name. `limits`: without any `usual_limits`.

    `as_text` reads the whole text of a Word file instead of its tables: one sheet of one column.
    The child's output is stored at `keep`, if given, and reused the next time; nobody but the owner of
    the file may write there. `encoding`, one of ENCODINGS, forces that of a text file; "" detects it.
    Sheets keep the order of the workbook, including hidden ones; chart sheets are left out. Raises
    Unreadable:

    F01  damaged, encrypted, hostile, or not the format of its extension
    F02  {"ext", "list"} an unsupported extension
    F03  {"mb"}  more bytes than `limits.megabytes`
    F05  no encoding gives Thai letters, or the text mixes two
    F11  the file is empty
    F17  {"cell", "sheet", "error"} an error value for which calamine refuses the file
    F12  {"max"} more cells, rows, text, memory or time than `limits` allows
    """
    if encoding not in {"", *ENCODINGS}:
        raise ValueError(f"encoding {encoding!r}")
    if keep is not None and keep.exists():
        return _load(keep)
    limits = limits or usual_limits()
    _check(path, name, limits)
    extension = _extension(name)
    kind = _KINDS.get(extension, extension[1:]) + (" text" if as_text else "")
    options = json.dumps({"limits": asdict(limits), "encoding": encoding, "kind": kind})
    with TemporaryDirectory(prefix="portal-import-") as folder:
        out = Path(folder, "out")
        _run([os.fspath(path.resolve()), os.fspath(out), options], Path(folder, "err"), limits)
        try:
            book = _load(out)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
            what = type(error).__name__
            logger.error("Reading %s: the child's answer makes no sense: %s", path.name, what)
            raise Unreadable(Problem("F01")) from error
        if keep is not None:
            part = keep.with_suffix(f".{os.getpid()}.part")
            shutil.copyfile(out, part)
            part.replace(keep)
        return book


def usual_limits() -> Limits:
    """DEFAULT_LIMITS with the times that the settings allow."""
    return replace(
        DEFAULT_LIMITS, cpu_seconds=settings.IMPORT_CPU_SECONDS, seconds=settings.IMPORT_SECONDS
    )


def sample(book: Book) -> list[str]:
    """Up to three short Thai texts from the book, by which people notice a wrong encoding."""
    found: dict[str, None] = {}
    for sheet in book.sheets:
        for row in sheet.rows:
            for cell in row:
                if isinstance(cell, str) and thai.is_thai(cell):
                    text = " ".join(cell.split())
                    found[text if len(text) <= 60 else f"{text[:60]}…"] = None
                    if len(found) == 3:
                        return list(found)
    return list(found)


def _extension(name: str) -> str:
    return PurePath(name.strip()).suffix.lower()


def unsupported(name: str, accepted: Iterable[str] = EXTENSIONS) -> Problem | None:
    """F02 for a file name without an accepted extension, else None."""
    extension = _extension(name)
    if extension in accepted:
        return None
    return Problem("F02", {"ext": extension[1:10] or "?", "list": " ".join(accepted)})


def _check(path: Path, name: str, limits: Limits) -> None:
    """Size, extension and first bytes. Raises Unreadable F01, F02, F03, F11."""
    size = path.stat().st_size
    if size > limits.megabytes * 2**20:
        raise Unreadable(Problem("F03", {"mb": limits.megabytes}))
    if size == 0:
        raise Unreadable(Problem("F11"))
    if problem := unsupported(name):
        raise Unreadable(problem)
    with path.open("rb") as file:
        head = file.read(1024)
    extension = _extension(name)
    if extension in _TEXT:
        as_named = not _NO_TEXT.match(head)
    else:
        as_named = head.startswith(OLE_MAGIC if extension == ".xls" else ZIP_MAGIC)
    if not as_named:
        raise Unreadable(Problem("F01"))


def _run(arguments: list[str], errors: Path, limits: Limits) -> None:
    """Run the child to its end. Raises Unreadable if it failed."""
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
    if "LD_LIBRARY_PATH" in os.environ:  # some Pythons need it to find their own library
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    with errors.open("wb") as stderr:
        child = subprocess.Popen(  # noqa: S603  # our own code; the path is an argument, no shell
            [sys.executable, "-I", "-B", "-c", _START, os.fspath(_ROOT), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
        try:
            status = child.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            status = -signal.SIGKILL
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    tail = _tail(errors)
    if status or tail:
        logger.warning("Reading a spreadsheet: the child ended with %s: %s", status, _places(tail))
    if status:
        _died(status, tail, limits)


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _ERROR_TAIL, 0))
        return file.read().decode(errors="replace")


def _places(stderr: str) -> str:
    """The places and kinds of errors in a traceback, without messages: those can quote a cell."""
    return " ".join(_PLACE.findall(stderr))


def _died(status: int, stderr: str, limits: Limits) -> NoReturn:
    """Handle a child that ended without an outcome, or by a signal (`status` < 0).

    Raises Unreadable.
    """
    # SIGKILL comes from the timeout, the hard CPU limit or a lack of memory; Rust aborts on panics.
    by_limit = status in {-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGXFSZ}
    if by_limit or "memory allocation" in stderr or "MemoryError" in stderr:
        raise Unreadable(too_large(limits))
    raise Unreadable(Problem("F01"))


def _load(out: Path) -> Book:
    """Build the book from the output lines described in `reader`.

    Raises Unreadable with the problem that the child reported, and ValueError, KeyError, TypeError or
    AttributeError for any other content.
    """
    sheets: list[Sheet] = []
    facts: dict[str, Any] = {}
    rows: list[tuple[Cell, ...]] = []

    def complete() -> None:
        if facts:
            sheets.append(_sheet(facts, rows))

    with out.open("rb") as file:
        for line in file:
            content = json.loads(line, object_hook=_untag)
            if isinstance(content, list):
                rows.extend(_rows(content))
            elif "sheet" in content:
                complete()
                facts, rows = content["sheet"], []
            elif "problem" in content:
                code, params = content["problem"]
                raise Unreadable(Problem(str(code), dict(params)))
            else:
                complete()
                facts = content["end"]
                return Book(
                    tuple(sheets),
                    kind=str(facts["kind"]),
                    encoding=str(facts.get("encoding", "")),
                    delimiter=str(facts.get("delimiter", "")),
                    notices=tuple(_notice(*found) for found in facts.get("notices", ())),
                )
    raise ValueError("no last line")


def _notice(code: str, params: Mapping[str, Any]) -> Problem:
    if code == "F18":
        params = {**params, "list": ", ".join(str(UNTOLD[what]) for what in params["list"])}
    return Problem(str(code), dict(params))


def _untag(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if "d" in found:
            return date.fromisoformat(found["d"])
        if "t" in found:
            return datetime.fromisoformat(found["t"])
        if "e" in found:
            return CellError(str(found["e"]))
    return found


_CELLS = {str, int, float, bool, date, datetime, CellError, type(None)}


def _rows(chunk: list[list[Cell]]) -> Iterator[tuple[Cell, ...]]:
    """The rows of a chunk. Equal short texts share one object, because a status is in every row."""
    known: dict[str, str] = {}
    for row in chunk:
        if not {type(cell) for cell in row} <= _CELLS:
            raise TypeError("no cell")
        yield tuple(
            known.setdefault(cell, cell) if type(cell) is str and len(cell) <= _SHARED else cell
            for cell in row
        )


def _sheet(facts: Mapping[str, Any], rows: list[tuple[Cell, ...]]) -> Sheet:
    if len({len(row) for row in rows}) > 1:
        raise ValueError("rows of several widths")
    return Sheet(
        name=str(facts["name"]),
        rows=rows,
        visible=bool(facts.get("visible", True)),
        merged=tuple(_of(4, found) for found in facts.get("merged", ())),  # type: ignore[misc]
        hidden_rows=frozenset(_of(None, facts.get("hidden_rows", ()))),
        hidden_columns=frozenset(_of(None, facts.get("hidden_columns", ()))),
        formulas=int(facts.get("formulas", 0)),
        without_value=tuple(
            _of(2, found)  # type: ignore[misc]
            for found in facts.get("without_value", ())
        ),
        percent_columns=frozenset(_of(None, facts.get("percent_columns", ()))),
        shown=_texts(facts.get("shown", ())),
        struck=frozenset(
            _of(2, found)  # type: ignore[misc]
            for found in facts.get("struck", ())
        ),
        comments=_texts(facts.get("comments", ())),
        controls=int(facts.get("controls", 0)),
    )


def _texts(found: list[list[Any]]) -> dict[Position, str]:
    """The texts of single cells. Raises ValueError for an invalid position."""
    known: dict[str, str] = {}
    texts = {}
    for *place, text in found:
        row, column = _of(2, place)
        texts[row, column] = known.setdefault(text, str(text))
    return texts


def _of(length: int | None, numbers: list[Any]) -> tuple[int, ...]:
    """The list as a tuple of `length` positions (None: any number). Raises ValueError otherwise."""
    if length not in {None, len(numbers)} or not all(type(n) is int and n >= 0 for n in numbers):
        raise ValueError("no position")
    return tuple(numbers)
