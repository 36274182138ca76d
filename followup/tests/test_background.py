"""A management command in a process of its own."""

import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from django.conf import settings

from followup import background

START = background.start  # before any test's fixture takes its place


def test_it_is_our_own_command_and_outlives_whoever_started_it(monkeypatch):
    started, polite = [], []

    def popen(command, **options):
        started.append((command, options))
        return SimpleNamespace(pid=4711)

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(os, "setpriority", lambda *given: polite.append(given))
    START("run_import", "7", "check", "--user", "1; rm -rf x")
    [(command, options)] = started
    assert command == [
        *(sys.executable, "manage.py", "run_import"),
        *("7", "check", "--user", "1; rm -rf x"),
    ]
    assert options["start_new_session"] is True
    assert options["cwd"] == settings.ROOT
    assert options["stdin"] == subprocess.DEVNULL
    assert not options.get("shell"), "arguments are no words of a shell"
    assert polite == [(os.PRIO_PROCESS, 4711, 10)], "the requests of readers go first"


def test_work_gives_signs_of_life_until_it_ends(monkeypatch):
    monkeypatch.setattr(background, "BEAT", 0.01)
    beats = []
    with background.heartbeat(lambda: beats.append(time.monotonic())):
        assert len(beats) == 1, "at once"
        while len(beats) < 4:
            time.sleep(0.01)
    after = len(beats)
    time.sleep(0.1)
    assert len(beats) == after
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_a_sign_that_fails_stops_no_work_and_is_in_the_log(caplog):
    done = []

    def fail():
        raise OSError("disk full")

    with background.heartbeat(fail):
        done.append(1)
    assert done == [1]
    assert "disk full" in caplog.text


def test_the_heart_stops_with_work_that_fails(monkeypatch):
    monkeypatch.setattr(background, "BEAT", 0.01)
    with pytest.raises(RuntimeError), background.heartbeat(lambda: None):
        raise RuntimeError
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize(
    ("vendor", "inside", "pauses"),
    [("sqlite", False, 1), ("sqlite", True, 0), ("postgresql", False, 0)],
)
def test_long_work_leaves_sqlites_lock_to_others(monkeypatch, vendor, inside, pauses):
    """PostgreSQL has a queue; inside a transaction nobody would get it."""
    slept = []
    monkeypatch.setattr(background.time, "sleep", slept.append)
    monkeypatch.setattr(
        background, "connection", SimpleNamespace(vendor=vendor, in_atomic_block=inside)
    )
    background.let_others_write()
    assert len(slept) == pauses
    assert all(0.1 < seconds < 0.2 for seconds in slept)
