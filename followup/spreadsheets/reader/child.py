"""The child process: read one file, write its rows, exit."""

from __future__ import annotations

import codecs
import errno
import json
import os
import traceback
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any
from xml.parsers import expat

from followup.spreadsheets.reader.delimited import read_csv
from followup.spreadsheets.reader.docx import read_docx, read_text
from followup.spreadsheets.reader.limits import (
    ZIP_MAGIC,
    Damaged,
    Limits,
    TooLarge,
    confine,
    too_large,
)
from followup.spreadsheets.reader.other import KINDS, read_other
from followup.spreadsheets.reader.xlsx import read_xlsx
from followup.spreadsheets.types import CellError, Problem, Unreadable


def _tag(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, CellError):
        return {"e": value.text}
    raise TypeError(type(value))


def _write(lines: Iterable[Any], target: int) -> None:
    """Write to a file descriptor, unbuffered, so that no data are pending after an error."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_tag).encode
    for line in lines:
        left = memoryview(encode(line).encode() + b"\n")
        while left:
            left = left[os.write(target, left) :]


def _outcome(error: BaseException, limits: Limits) -> Problem:
    """The problem for a file whose reading raised `error`. Unexpected errors also go to stderr."""
    if isinstance(error, Unreadable):
        return error.problem
    if isinstance(error, expat.ExpatError):
        out_of_memory = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
        return too_large(limits) if error.code == out_of_memory else Problem("F01")
    if isinstance(error, TooLarge | MemoryError) or "capacity overflow" in str(error):
        return too_large(limits)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:  # Python ignores the signal
        return too_large(limits)
    if not isinstance(error, Damaged | zipfile.BadZipFile):
        traceback.print_exception(error)
    return Problem("F01")


def _lines(source: IO[bytes], options: dict[str, Any], limits: Limits) -> Iterable[Any]:
    kind = options.get("kind", "")
    if not kind:
        is_zip = source.read(len(ZIP_MAGIC)) == ZIP_MAGIC
        source.seek(0)
        kind = "xlsx" if is_zip else "csv"
    if kind in KINDS:
        return read_other(source, kind, limits)
    if kind == "docx":
        return read_docx(source, limits)
    if kind == "docx text":
        return read_text(source, limits)
    if kind == "xlsx":
        return read_xlsx(source, limits)
    return read_csv(source, options.get("encoding", ""), limits, tabs=kind == "tsv")


def main(arguments: list[str]) -> int:
    """Read IN, write OUT. OUT ends with an outcome line, unless this process was killed."""
    options = json.loads(arguments[2]) if len(arguments) > 2 else {}
    limits = Limits(**options.get("limits", {}))
    confine(limits)
    for codec in ("cp437", "cp874", "utf-16", "utf-16-le", "utf-16-be"):
        codecs.lookup(codec)  # loads it now: "nobody" may not be able to read Python's files
    with open(arguments[0], "rb") as source, open(arguments[1], "wb") as out:
        target = out.fileno()
        try:
            _write(_lines(source, options, limits), target)
        except BaseException as error:  # a Rust panic is not an Exception
            problem = _outcome(error, limits)
            # Start over: the rows written so far are useless, and may have reached the size limit.
            os.lseek(target, 0, os.SEEK_SET)
            os.ftruncate(target, 0)
            _write([{"problem": [problem.code, dict(problem.params)]}], target)
    return 0
