"""The web server itself: which of a request's headers change what the portal answers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = [pytest.mark.security, pytest.mark.slow]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, *headers: str) -> str:
    """The head of the answer to a request with these lines among its headers."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.partition(b"\r\n\r\n")[0].decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[int, Path]]:
    """The port of a gunicorn process with the portal's own configuration, and what it logs.

    Its database is empty, and it writes an access log, as somebody may turn on.
    """
    port, folder = free_port(), tmp_path_factory.mktemp("gunicorn")
    environment = os.environ | {
        "ENV_FILE": os.devnull,
        "PORTAL_ENV": "local",
        "SECRET_KEY": "only-for-tests" * 5,
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
        "WEB_WORKERS": "1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "forum_portal/gunicorn.py"]
    command += ["--access-logfile", "-", "forum_portal.wsgi"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=settings.ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        for _turn in range(150):
            try:
                ask(port, "/robots.txt")
                break
            except OSError:
                time.sleep(0.2)
        yield port, folder / "log"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    "header",
    [
        "SCRIPT_NAME: /staff",
        "Script_Name: /staff",
        "script_name: /staff",
        "SCRIPT-NAME: /staff",
        "PATH_INFO: /staff/links/",
        "HTTP_SCRIPT_NAME: /staff",
        "SCRIPT_NAME: /elsewhere",
    ],
)
def test_no_header_changes_an_address(server, header):
    port, _log = server
    said = [ask(port, "/staff/rounds/", *extra) for extra in ((), (header,))]
    for answer in said:
        assert answer.startswith("HTTP/1.1 302"), answer
        assert "\r\nLocation: /staff/login/?next=/staff/rounds/" in answer


def test_neither_its_access_log_nor_its_faults_tell_the_key_of_a_link(server):
    port, log = server
    token = f"{'0123456789abcdef' * 2}.{'S1gnature-_' * 4}"
    answer = ask(port, f"/r/{token}/?q=word")
    assert answer.startswith(("HTTP/1.1 500", "HTTP/1.1 503")), "there is no table"
    ask(port, "/robots.txt", f"Referer: https://127.0.0.1/r/{token}/5/")
    assert ask(port, f"/r/{token}/\x00").startswith("HTTP/1.1 400"), "no request at all"
    said = ""
    for _turn in range(50):  # the access log follows the answer
        said = log.read_text()
        if "/r/***/5/" in said:
            break
        time.sleep(0.1)
    assert '"GET /r/***/?*** HTTP/1.1" 50' in said
    assert "https://127.0.0.1/r/***/5/" in said
    assert "Traceback" in said
    assert not any(part in said for part in (*token.split("."), "word")), said
