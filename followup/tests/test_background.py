"""The heartbeat of long work, and its manners."""

import threading
import time
from types import SimpleNamespace

import pytest
from django.db import connection

from followup import background


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


@pytest.mark.django_db(transaction=True)
def test_signs_go_on_after_the_database_was_started_anew(monkeypatch):
    monkeypatch.setattr(background, "BEAT", 0.01)
    asked = []

    def beat():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if threading.current_thread().name == "heartbeat":
            asked.append(1)
            connection.connection.close()  # as the server does when it ends

    with background.heartbeat(beat):
        until = time.monotonic() + 10
        while len(asked) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    assert len(asked) >= 3


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
