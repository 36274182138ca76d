"""Twenty clients that dawdle over a request do not keep the others from their answer."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from django.conf import settings

from forum_portal.tests.ports import free_port
from forum_portal.tests.test_gunicorn import ask

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.once]

SLOW = 20
HEADER = b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: "
BODY = (
    b"POST /staff/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
    b"Cookie: csrftoken=" + b"a" * 32 + b"\r\n"  # so that the body is read for the other half
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
)
#: What is refused at once, and thrown away as it comes.
LARGE = BODY.replace(b"Content-Length: 5000", b"Content-Length: 5000000")


@pytest.fixture
def port(tmp_path):
    """The port of a gunicorn process with the portal's own numbers of processes and threads."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in {"WEB_WORKERS", "WEB_THREADS"}}
    environment |= {
        "ENV_FILE": os.devnull,
        "PORTAL_ENV": "local",
        "SECRET_KEY": "only-for-tests" * 5,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "forum_portal/gunicorn.py"]
    process = subprocess.Popen(
        [*command, "forum_portal.wsgi"],
        cwd=settings.ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _turn in range(150):
            try:
                ask(port, "/robots.txt")
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("begun", [HEADER, BODY, LARGE], ids=["header", "body", "large"])
def test_slow_requests_leave_room_for_others(port, begun):
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            for _each in range(SLOW)
        ]
        for each in slow:
            each.sendall(begun)
        for _turn in range(4):
            time.sleep(1)
            for each in slow:
                each.sendall(b"a")
            # Without a free thread this waits for its time limit.
            assert ask(port, "/robots.txt").startswith("HTTP/1.1 200")
