"""LibreOffice without a window, and workbooks as a person would change them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

from followup.spreadsheets import sandbox
from followup.spreadsheets.types import Book, Sheet

SOFFICE = os.environ.get("SOFFICE") or shutil.which("soffice")
WHY = "LibreOffice Calc is not installed (apt-get install libreoffice-calc)"

Change = Callable[[Any], object]


def convert(source: Path, folder: Path, *options: str) -> Path:
    """`source` opened and saved as .xlsx by LibreOffice, in `folder`."""
    assert SOFFICE
    folder.mkdir(exist_ok=True)
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [
            SOFFICE,
            "--headless",
            f"-env:UserInstallation={profile}",
            *options,
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return folder / f"{source.stem}.xlsx"


def changed(content: bytes, *changes: Change) -> bytes:
    """A workbook after somebody has changed it: each change is given the openpyxl workbook."""
    book = openpyxl.load_workbook(BytesIO(content))
    for change in changes:
        change(book)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(content: bytes, *changes: Change) -> Book:
    """The same as a `Book`, without a file and a reader in between."""
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
    """A file as the portal's own reader sees it."""
    path = folder / f"upload{Path(name).suffix}"
    path.write_bytes(content)
    return sandbox.read_file(path, name=name)
