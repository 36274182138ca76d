"""`script/server`: the worker runs beside the web server, is begun anew when it dies, and ends with it.

The programs that the script starts are stand-ins here, which note what they are called with.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from forum_portal.tests.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.once]

PYTHON = """#!{real}
import os, signal, sys, time
from pathlib import Path

if sys.argv[1] == "-":
    os.execv({real!r}, ["python", *sys.argv[1:]])
name = "web" if sys.argv[1] == "-m" else sys.argv[2]
with Path("calls").open("a") as file:
    file.write(f"{{name}} {{os.getpid()}} {{' '.join(sys.argv[3:])}}\\n")
if name == "get_ready":
    sys.exit(0)
def interrupted(*signal):
    if name == "web":
        time.sleep(2.5)  # it ends its requests
    os._exit(130)
signal.signal(signal.SIGINT, interrupted)
until = time.monotonic() + 60
while time.monotonic() < until:
    time.sleep(0.02)
    if name == "work":
        try:
            os.kill(int(sys.argv[4]), 0)
        except ProcessLookupError:
            sys.exit(0)
"""


@pytest.fixture
def place(tmp_path):
    """A folder with the script, and stand-ins for what it starts."""
    (tmp_path / "script").mkdir()
    for name in ("server", "venv.sh"):
        shutil.copy(settings.ROOT / "script" / name, tmp_path / "script" / name)
    programs = {
        "script/setup": "#!/bin/sh\n",
        ".venv/bin/python": PYTHON.format(real=sys.executable),
    }
    for name, text in programs.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o700)
    return tmp_path


@pytest.fixture
def server(place):
    port = free_port()
    process = subprocess.Popen(
        ["script/server"],
        cwd=place,
        env={"PATH": os.environ["PATH"], "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pid in pids(place, "work"):
        if lives(pid):
            os.kill(pid, signal.SIGKILL)


def calls(place: Path) -> list[list[str]]:
    path = place / "calls"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def pids(place: Path, name: str) -> list[int]:
    return [int(call[1]) for call in calls(place) if call[0] == name]


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(is_true) -> None:
    until = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_up(place: Path) -> bool:
    return bool(pids(place, "web") and pids(place, "work"))


def test_the_web_server_takes_the_shells_place_and_the_worker_watches_it(place, server):
    wait_until(lambda: is_up(place))
    assert calls(place)[0][0] == "get_ready", "both begin on a database that is ready"
    assert pids(place, "web") == [server.pid]
    (work,) = (call for call in calls(place) if call[0] == "work")
    assert work[2:] == ["--parent", str(server.pid)]


def test_a_worker_that_dies_is_begun_anew(place, server):
    wait_until(lambda: is_up(place))
    os.kill(pids(place, "work")[0], signal.SIGKILL)
    wait_until(lambda: len(pids(place, "work")) == 2)
    os.kill(pids(place, "work")[1], signal.SIGTERM)
    wait_until(lambda: len(pids(place, "work")) == 3)
    assert server.poll() is None
    assert len(pids(place, "web")) == 1


def test_the_worker_ends_with_the_web_server(place, server):
    wait_until(lambda: is_up(place))
    server.kill()
    server.wait()
    (work,) = pids(place, "work")
    wait_until(lambda: not lives(work))
    time.sleep(1.2)  # the pause before another one would begin
    assert pids(place, "work") == [work]


def test_ctrl_c_ends_both(place, server):
    wait_until(lambda: is_up(place))
    os.killpg(server.pid, signal.SIGINT)
    server.wait(30)
    (work,) = pids(place, "work")
    wait_until(lambda: not lives(work))
    assert pids(place, "work") == [work], "none was begun anew meanwhile"
