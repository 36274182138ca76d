"""Starting the child that reads a file, feeding it, and ending it; kinds of files that are refused."""

import time
from pathlib import Path
from typing import Any

import pytest

from followup.spreadsheets import sandbox
from followup.spreadsheets.reader import Limits
from followup.spreadsheets.sandbox import DEFAULT_LIMITS, EXTENSIONS, usual_limits
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    HEADER,
    HTML,
    OLE,
    TEXT,
    TOO_MANY,
    UNSUPPORTED,
    Files,
    raw,
    table,
)
from followup.tests.spreadsheets.told import told


@pytest.mark.parametrize("extension", ["doc", "dot", "rtf", "pdf", "html", "zip"])
def test_other_kinds_are_named(files: Files, extension: str) -> None:
    for content in (OLE, HTML, table(HEADER)):
        assert files.refused(content, f"a.{extension.upper()}") == UNSUPPORTED.format(extension)


def test_a_name_without_extension(files: Files) -> None:
    assert files.refused(table(HEADER), "รายงาน") == UNSUPPORTED.format("?")


@pytest.mark.parametrize(
    "content",
    [OLE, HTML, b"%PDF-1.7\n", TEXT.encode(), b"PK\x05\x06" + bytes(18), b"PK\x03\x04", b"\0" * 99],
    ids=["encrypted or .xls", "html", "pdf", "csv", "empty zip", "magic alone", "zeros"],
)
def test_what_is_named_xlsx_and_is_none(files: Files, content: bytes) -> None:
    assert files.refused(content) == DAMAGED


@pytest.mark.parametrize("content", [OLE, HTML, b"%PDF-1.7\n", table(HEADER)])
def test_what_is_named_csv_and_is_none(files: Files, content: bytes) -> None:
    assert files.refused(content, "a.csv") == DAMAGED


def test_another_office_file_named_xlsx(files: Files) -> None:
    moved = raw(replace={"xl/workbook.xml": None, "word/document.xml": b"<document/>"})
    assert files.refused(moved) == DAMAGED


def test_the_whole_group_is_killed(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child of the child, were there one, does not outlive the time."""
    note = files.folder / "pid"
    start = (
        "import pathlib, subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(other.pid))\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(sandbox, "_START", start)
    assert files.refused(table(HEADER), limits=Limits(seconds=3)) == TOO_MANY
    for _ in range(50):
        try:
            status = Path(f"/proc/{note.read_text()}/status").read_text()
        except FileNotFoundError:
            return
        if "State:\tZ" in status:  # dead, and nobody's to bury in this container
            return
        time.sleep(0.1)
    pytest.fail("it still runs")


@pytest.mark.parametrize(
    "start",
    [
        "import sys; sys.exit(3)",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "pass",
        *(
            f"import sys; open(sys.argv[3], 'w').write({answer!r})"
            for answer in (
                "",
                "[]\n",
                "[" * 100_000,
                "not JSON\n",
                "7\n",
                '{"end": 1}\n',
                '{"problem": []}\n',
                '[[{"a": 1}]]\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a"}}\n[[1], [1, 2]]\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a", "merged": [[1]]}}\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a", "shown": [[1]]}}\n{"end": {"kind": "xlsx"}}\n',
                '{"sheet": {"name": "a", "comments": [[-1, 0, "x"]]}}\n{"end": {"kind": "x"}}\n',
                '{"sheet": {"name": "a"}}\n{"end": {"kind": "xlsx", "notices": [1]}}\n',
                '{"sheet": {"name": "a"}}\n[[{"d": "tomorrow"}]]\n{"end": {"kind": "xlsx"}}\n',
            )
        ),
    ],
)
def test_a_child_gone_wrong_is_a_sentence_too(
    files: Files, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(sandbox, "_START", start)
    assert files.refused(table(HEADER)) == DAMAGED


@pytest.mark.security
def test_the_log_tells_where_and_not_what_a_cell_says(
    files: Files, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sandbox, "_START", "def read():\n    int('ความลับ')\nread()")
    assert files.refused(table(HEADER)) == DAMAGED
    assert "line 2, in read" in caplog.text
    assert "ValueError" in caplog.text
    assert "ความลับ" not in caplog.text


def test_nothing_is_left_behind(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(files.folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    files.read(table(HEADER))
    files.refused(raw(replace={"xl/workbook.xml": None}))
    assert not list(files.folder.glob("portal-import-*"))


def test_the_environment_decides_nothing(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    (files.folder / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(files.folder))
    monkeypatch.chdir(files.folder)
    assert files.read(table(HEADER))


def test_the_accepted_extensions_are_those_of_the_sentence(files: Files) -> None:
    assert files.refused(b"x", "a.pdf") == (
        told("F02", ext="pdf", list=".xlsx .xlsm .xls .xlsb .ods .csv .tsv .txt .docx")
    )
    assert " ".join(EXTENSIONS) in files.refused(b"x", "a.pdf")


def test_the_settings_say_how_long_a_file_may_take(settings: Any, files: Files) -> None:
    settings.IMPORT_SECONDS, settings.IMPORT_CPU_SECONDS = 7, 5
    assert (usual_limits().seconds, usual_limits().cpu_seconds) == (7, 5)
    assert usual_limits().cells == DEFAULT_LIMITS.cells
    settings.IMPORT_SECONDS = 0.01
    assert files.refused(table(HEADER)) == TOO_MANY
