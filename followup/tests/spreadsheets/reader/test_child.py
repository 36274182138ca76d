"""The child process that reads a file: small, bounded, and without anything of Django."""

import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings

from followup.spreadsheets import reader, sandbox
from followup.spreadsheets.reader import Limits
from followup.spreadsheets.sandbox import read_file
from followup.spreadsheets.types import Unreadable
from followup.tests.spreadsheets.reader.books import (
    HEADER,
    ROWS,
    TEXT,
    TOO_MANY,
    Files,
    table,
    xlsxwriter_book,
)

#: What the parent runs, and then what came of it: modules, peak of memory in KB, user.
OBSERVED = (
    "import json, os, sys; sys.path.append(sys.argv[1])\n"
    "from followup.spreadsheets.reader import main\n"
    "before = sorted(sys.modules)\n"
    "main(sys.argv[2:])\n"
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
    "print(json.dumps([before, sorted(sys.modules), int(peak.split()[1]), os.getuid()]))\n"
)


def test_the_child_stays_small_and_knows_no_django(files: Files, long_table: bytes) -> None:
    out = files.folder / "out"
    ended = subprocess.run(
        [sys.executable, "-I", "-c", OBSERVED, settings.ROOT, files.path(long_table), out],
        capture_output=True,
        check=True,
    )
    before, after, peak, user = json.loads(ended.stdout)
    assert not {"django", "python_calamine", "socket", "ssl", "ctypes"} & set(before)
    assert "python_calamine" in after
    assert not {"django", "socket", "ssl"} & set(after)
    assert peak < 400 * 1024
    assert user == (os.getuid() or reader.NOBODY)


def test_it_runs_as_a_module(files: Files) -> None:
    out = files.folder / "out"
    arguments = [os.fspath(files.path(TEXT.encode())), os.fspath(out)]
    subprocess.run(
        [sys.executable, "-m", "followup.spreadsheets.reader", *arguments],
        cwd=settings.ROOT,
        check=True,
    )
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == [
        {"sheet": {"name": "CSV"}},
        [list(row) for row in ROWS],
        {"end": {"kind": "csv", "encoding": "utf-8", "delimiter": ",", "notices": []}},
    ]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(memory=64 * 2**20),
        Limits(seconds=0.05),
        Limits(output=100_000),
    ],
    ids=["memory", "clock", "output"],
)
def test_each_limit_ends_in_the_sentence(files: Files, limits: Limits, long_table: bytes) -> None:
    assert files.refused(long_table, limits=limits) == TOO_MANY


def test_the_processor_time_is_limited(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = sandbox._START.replace("import main;", "import Limits, confine;").partition(
        "sys.exit"
    )
    start = f"{endless[0]}confine(Limits(cpu_seconds=1))\nwhile True: pass"
    monkeypatch.setattr(sandbox, "_START", start)
    assert files.refused(table(HEADER)) == TOO_MANY


def good_files() -> Iterator[tuple[str, bytes]]:
    def build(book: Any) -> None:
        sheet = book.add_worksheet("ข้อมูล")
        sheet.merge_range(0, 0, 0, 2, "ผลการดำเนินงาน")
        for row in range(1, 30):
            sheet.write_row(row, 0, [row, f"กรม {row}", 0.25, True])
            sheet.write_datetime(row, 4, datetime(2024, 9, 30), book.add_format({"num_format": 14}))
            sheet.write_formula(row, 5, "=1+1", None, 2)

    rows = "".join(f'{n},"กรม\n{n}",ผล\r\n' for n in range(60))
    yield "a.xlsx", xlsxwriter_book(build)
    for encoding in ("utf-8-sig", "cp874", "utf-16"):
        yield "a.csv", rows.encode(encoding)


def damage(chance: random.Random, content: bytes) -> bytes:
    """Truncated, or with bytes changed, inserted, dropped or zeroed."""
    damaged = bytearray(content)
    kind = chance.randrange(4)
    at = chance.randrange(len(damaged))
    length = chance.randint(1, 40)
    if kind == 0:
        del damaged[at:]
    elif kind == 1:
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    elif kind == 2:
        damaged[at : at + length] = bytes(chance.randint(0, length))
    else:
        damaged[at:at] = bytes(chance.choices(range(256), k=length))
    return bytes(damaged)


def damage_inside(chance: random.Random, content: bytes) -> bytes:
    """The same to one part of an .xlsx, zipped again: its CRC is right."""
    package = zipfile.ZipFile(io.BytesIO(content))
    victim = chance.choice([name for name in package.namelist() if name.startswith("xl/")])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in package.namelist():
            part = package.read(name)
            again.writestr(name, damage(chance, part) if name == victim else part)
    return out.getvalue()


def test_damaged_files_are_a_book_or_a_sentence(files: Files) -> None:
    chance = random.Random(2567)
    cases = []
    for name, content in good_files():
        assert files.read(content, name)
        cases += [(name, damage(chance, content)) for _ in range(18)]
        if name == "a.xlsx":
            cases += [(name, damage_inside(chance, content)) for _ in range(36)]

    def outcome(case: tuple[int, tuple[str, bytes]]) -> tuple[str, float]:
        number, (name, content) = case
        path = files.folder / f"damaged-{number}"
        path.write_bytes(content)
        started = time.monotonic()
        try:
            book = read_file(path, name=name, limits=Limits(cpu_seconds=10))
        except Unreadable as error:
            said = error.problem.code
        else:
            assert all(len({len(row) for row in sheet.rows}) <= 1 for sheet in book.sheets)
            said = "read"
        return said, time.monotonic() - started

    with ThreadPoolExecutor(4) as pool:  # as many workers would
        outcomes = list(pool.map(outcome, enumerate(cases)))
    assert max(seconds for _, seconds in outcomes) < 30
    said = {code for code, _ in outcomes}
    assert len(outcomes) > 100
    assert {"read", "F01", "F05"} <= said <= {"read", "F01", "F05", "F11", "F12"}
