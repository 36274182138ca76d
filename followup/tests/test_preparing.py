"""Starts that overlap wait for each other, and a database that others hold is said to be busy."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from io import StringIO
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management.base import CommandError, OutputWrapper

from followup import preparing

pytestmark = [pytest.mark.faults, pytest.mark.once]  # each test has databases of its own

WAITS = (
    "อีกโปรเซสหนึ่งกำลังเตรียมฐานข้อมูลอยู่ รอให้เสร็จก่อน · "
    "Another process is preparing the database; waiting for it"
)
BUSY = [
    "ฐานข้อมูลไม่ว่าง (busy) มีโปรแกรมอื่นใช้อยู่ซึ่งไม่ทราบว่าเป็นโปรแกรมใด ลองสั่งใหม่เมื่อโปรแกรมนั้นเสร็จแล้ว",
    "The database is busy: something else has locked it, and what it is cannot be told from here. "
    "Run this again when that has ended.",
]


def start(path, *arguments, database=None, **more):
    """A real `manage.py` on the SQLite database at this path; it waits a second for a lock.

    `database` is another place of that database than beside the settings.
    """
    module = path.parent / "impatient_settings.py"
    module.write_text(
        "from forum_portal.settings import *\nDATABASES['default']['OPTIONS']['timeout'] = 1\n"
    )
    environment = os.environ | {
        "ENV_FILE": os.devnull,
        "PORTAL_ENV": "local",
        "SECRET_KEY": "only-for-tests" * 5,
        "DATABASE_URL": f"sqlite:///{database or path}",
        "DJANGO_SETTINGS_MODULE": "impatient_settings",
        "PYTHONPATH": str(path.parent),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def without_log(said):
    """Its lines without those of the security log."""
    return [line for line in said.splitlines() if not line.startswith("{")]


def tables(path):
    with closing(sqlite3.connect(path)) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master")}


@pytest.mark.slow
def test_a_second_migrate_waits_and_then_finds_the_tables(tmp_path):
    path = tmp_path / "portal.sqlite3"
    first = start(path, "migrate", "--verbosity", "0")
    lock = tmp_path / "portal.sqlite3.preparing"
    while not lock.exists():
        assert first.poll() is None, first.communicate()
        time.sleep(0.01)
    os.kill(first.pid, 19)  # SIGSTOP: however slow this machine is, they overlap
    second = start(path, "migrate", "--verbosity", "0")
    try:
        assert second.stderr.readline().rstrip("\n") == WAITS
        assert (first.poll(), second.poll()) == (None, None)
    finally:
        os.kill(first.pid, 18)  # SIGCONT
    for process in (first, second):
        out, err = process.communicate(timeout=240)
        assert (process.returncode, out, without_log(err)) == (0, "", [])
    assert "followup_round" in tables(path)
    assert not lock.exists()


IN_PARALLEL = """
DATABASE_URL=$(echo "$DATABASE_URL" | sed 's,@/portal?,@/postgres?,') && export DATABASE_URL
"$0" manage.py migrate --verbosity 0 || echo "the first failed" &
"$0" manage.py migrate --verbosity 0 || echo "the second failed"
wait
"$0" manage.py load_forum || echo "the third failed" &
"$0" manage.py load_forum || echo "the fourth failed"
wait
"""


@pytest.mark.slow
def test_on_postgresql_they_wait_as_well(require):
    done = subprocess.run(
        [sys.executable, "script/throwaway_postgres.py", "sh", "-c", IN_PARALLEL, sys.executable],
        cwd=settings.ROOT,
        env=os.environ
        | {"ENV_FILE": os.devnull, "PORTAL_ENV": "local", "SECRET_KEY": "only-for-tests" * 5},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    require(done.returncode != 77, "PostgreSQL is not installed")
    assert sorted(done.stdout.splitlines()) == [
        "CSOs Forum 2565: ข้อเสนอ 8 ข้อ มาตรการย่อย 34 ข้อ หน่วยงาน 64 แห่ง การมอบหมายที่เสนอ 103 รายการ",
        "CSOs Forum 2565: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล",
    ], done.stderr
    assert set(without_log(done.stderr)) == {WAITS}


def test_one_at_a_time_has_the_lock_and_nothing_is_left(tmp_path):
    path = tmp_path / "portal.sqlite3.preparing"
    path.touch()  # left by a process that was killed: it keeps nobody waiting
    inside, most, turns = [], [], []

    def prepare():
        take, give_back = preparing._file_lock(path)
        for _turn in range(20):
            while not take():
                time.sleep(0.001)
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()
            turns.append(1)
            give_back()

    threads = [threading.Thread(target=prepare) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(turns), max(most)) == (80, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_wait_has_an_end(monkeypatch, tmp_path):
    path = tmp_path / "portal.sqlite3.preparing"
    monkeypatch.setattr(preparing, "PATIENCE", 0.1)
    monkeypatch.setattr(preparing, "_lock", lambda connection: preparing._file_lock(path))
    said = StringIO()
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            pytest.raises(CommandError, match="The database is busy"),
            preparing.alone(OutputWrapper(said)),
        ):
            raise AssertionError("it is not alone")
    assert said.getvalue() == WAITS + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_migrate_says_that_a_locked_database_is_busy(tmp_path, kind):
    path = tmp_path / "portal.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        if kind == "IMMEDIATE":  # a writer: others read
            other.execute("PRAGMA journal_mode=WAL")
        other.execute(f"BEGIN {kind}")
        other.execute("CREATE TABLE other (id)")
        migrate = start(path, "migrate")
        _out, err = migrate.communicate(timeout=120)
    assert (migrate.returncode, err.splitlines()) == (1, BUSY)
    assert tables(path) == set()


# The scripts ------------------------------------------------------------------------------------

# A Python for which everything is installed; its `migrate` takes until the file `go` is there.
FAKE = """#!/bin/sh
echo "$*" >>calls
case "$*" in
    *hashlib*) echo sum ;;
    *get_ready*)
        while [ ! -e go ]; do sleep 0.05; done
        ;;
    *gunicorn*)
        ! [ -e /proc/self/fd/9 ] || echo "the server keeps the turn"
        echo serves
        ;;
esac
"""


def test_two_script_servers_in_one_folder_take_turns(require, tmp_path):
    require(shutil.which("flock"), "no flock")
    folder = tmp_path / "portal"
    shutil.copytree(settings.ROOT / "script", folder / "script")
    (folder / ".env").touch()
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE)
    python.chmod(0o755)
    (folder / ".venv" / "requirements.txt.sha256").write_text("sum\n")
    calls = folder / "calls"

    def serve(port):
        return subprocess.Popen(
            ["script/server"],
            cwd=folder,
            env={**os.environ, "PYTHON": "", "PORT": port},
            stdout=subprocess.PIPE,
            text=True,
        )

    first = serve("8001")
    while "get_ready" not in (calls.read_text() if calls.exists() else ""):
        time.sleep(0.02)
    second = serve("8002")
    assert second.stdout.readline() == (
        "พอร์ทัลอีกตัวกำลังเริ่มอยู่ รอให้เสร็จก่อน · Another start in this folder is under way; waiting for it\n"
    )
    assert calls.read_text().count("get_ready") == 1
    (folder / "go").touch()
    for process in (first, second):
        out, _err = process.communicate(timeout=60)
        assert out.splitlines()[-1] == "serves"
        assert "the server keeps the turn" not in out
    assert calls.read_text().count("get_ready") == 2


# The folder of SQLite's file ------------------------------------------------------------------------


def stand_in(name, vendor="sqlite"):
    """A connection as far as `make_folder` asks it."""
    return SimpleNamespace(
        vendor=vendor,
        settings_dict={"NAME": name},
        is_in_memory_db=lambda: name == ":memory:",
    )


@pytest.mark.slow
def test_what_may_begin_a_database_makes_its_folder_for_its_owner_alone(tmp_path):
    """As on a new machine, where DATABASE_URL names a place that nobody has made."""
    path = tmp_path / "new" / "data" / "portal.sqlite3"
    (tmp_path / "settings").mkdir()
    begun = start(tmp_path / "settings" / "x", "migrate", "--plan", database=path)
    _said, complaints = begun.communicate(timeout=120)
    assert (begun.returncode, without_log(complaints)) == (0, [])
    assert path.is_file()
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_a_command_that_begins_none_makes_no_folder(tmp_path):
    path = tmp_path / "mistyped" / "portal.sqlite3"
    (tmp_path / "settings").mkdir()
    begun = start(tmp_path / "settings" / "x", "send_digests", database=path)
    begun.communicate(timeout=120)
    assert begun.returncode == 1
    assert not path.parent.exists()


@pytest.mark.parametrize(("name", "vendor"), [(":memory:", "sqlite"), ("portal", "postgresql")])
def test_a_database_without_a_file_needs_no_folder(name, vendor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(preparing, "connections", {"default": stand_in(name, vendor)})
    preparing.make_folder()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    monkeypatch.setattr(preparing, "connections", {"default": stand_in(str(folder / "x.sqlite3"))})
    with pytest.raises(CommandError) as told:
        preparing.make_folder()
    assert str(told.value) == (
        f"สร้างโฟลเดอร์ {folder} ของฐานข้อมูลไม่ได้ ตรวจสอบ DATABASE_URL และสิทธิ์ของผู้ใช้ · The folder "
        f"{folder} of the database cannot be made (Not a directory): check DATABASE_URL and the "
        "user's rights."
    )
