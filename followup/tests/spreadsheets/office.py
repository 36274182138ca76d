"""LibreOffice in headless mode, and workbooks changed as a person would."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

from followup.spreadsheets import sandbox
from followup.spreadsheets.types import Book, Sheet

SOFFICE = os.environ.get("SOFFICE") or shutil.which("soffice")
WHY = "LibreOffice Calc is not installed (apt-get install libreoffice-calc)"

Change = Callable[[Any], object]


@cache
def profile() -> str:
    """The option for LibreOffice's profile. Creating one takes longer than a conversion, so the tests
    of a process share it; two instances at once cannot use the same one."""
    folder = tempfile.mkdtemp(prefix="portal-office-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return f"-env:UserInstallation={Path(folder).as_uri()}"


def run_office(*options: str | Path, cwd: Path | None = None) -> None:
    """Run LibreOffice in headless mode. Raises `CalledProcessError` or `TimeoutExpired`."""
    assert SOFFICE
    subprocess.run(
        [SOFFICE, "--headless", profile(), *options],
        cwd=cwd,
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def convert(
    source: Path, folder: Path, *options: str, to: str = "xlsx:Calc MS Excel 2007 XML"
) -> Path:
    """Open `source` in LibreOffice and save it in `folder` as .xlsx, or as `to`."""
    folder.mkdir(exist_ok=True)
    run_office(*options, "--convert-to", to, "--outdir", folder, source)
    return folder / f"{source.stem}.{to.partition(':')[0]}"


def changed(content: bytes, *changes: Change) -> bytes:
    """A workbook after changes; each change is a function of the openpyxl workbook."""
    book = openpyxl.load_workbook(BytesIO(content))
    for change in changes:
        change(book)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(content: bytes, *changes: Change) -> Book:
    """The same as a `Book`, without a file and a child process."""
    book = openpyxl.load_workbook(BytesIO(changed(content, *changes)))
    return Book(
        [
            Sheet(
                sheet.title,
                [tuple(row) for row in sheet.iter_rows(values_only=True)],
                visible=sheet.sheet_state == "visible",
            )
            for sheet in book.worksheets
        ],
        kind="xlsx",
    )


def read(content: bytes, folder: Path, name: str = "ไฟล์.xlsx") -> Book:
    """A file as the portal's reader returns it."""
    path = folder / f"upload{Path(name).suffix}"
    path.write_bytes(content)
    return sandbox.read_file(path, name=name)
