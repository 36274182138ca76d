"""The web server itself: which of a request's headers change what the portal answers."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from forum_portal.tests.ports import free_port

pytestmark = [pytest.mark.security, pytest.mark.slow]


def ask(port: int, path: str, *headers: str) -> str:
    """The head of the answer to a request with these lines among its headers."""
    return answer(port, path, *headers)[0]


def answer(port: int, path: str, *headers: str) -> tuple[str, str]:
    """(head, body) of the answer."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _blank, body = received.partition(b"\r\n\r\n")
    return head.decode(), body.decode()


@contextmanager
def running(folder: Path, *options: str, **more: str) -> Iterator[tuple[int, Path]]:
    """The port of a gunicorn process with the portal's own configuration, and what it logs.

    Its database is empty.
    """
    port = free_port()
    environment = (
        os.environ
        | {
            "ENV_FILE": os.devnull,
            "PORTAL_ENV": "local",
            "SECRET_KEY": "only-for-tests" * 5,
            "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
            "WEB_WORKERS": "1",
            "PORT": str(port),
        }
        | {name: value.replace("PORT", str(port)) for name, value in more.items()}
    )
    command = [sys.executable, "-m", "gunicorn", "--config", "forum_portal/gunicorn.py"]
    command += [*options, "forum_portal.wsgi"]
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


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[int, Path]]:
    """A server that writes an access log of its own, as somebody may turn on."""
    with running(tmp_path_factory.mktemp("gunicorn"), "--access-logfile", "-") as started:
        yield started


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


@pytest.mark.parametrize(("path", "status"), [("/api/v1/", 413), ("/api/v1/nowhere/", 404)])
def test_who_sends_too_much_still_gets_the_answer(server, path, status):
    """As a proxy does, this sends everything before it reads: a reset would lose the answer."""
    port, _log = server
    length = 30 * 1024 * 1024
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode())
        for _piece in range(30):
            connection.sendall(bytes(length // 30))
        assert connection.recv(4096).startswith(f"HTTP/1.1 {status} ".encode())


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


def test_every_line_of_a_server_is_json_if_it_is_to_be(tmp_path):
    """Its own lines and the portal's, where BIND says, from the first to the last."""
    token = f"{'0123456789abcdef' * 2}.{'S1gnature-_' * 4}"
    settings_ = {
        "LOG_FORMAT": "json",
        "BIND": "127.0.0.1:PORT",
        "PORT": "1",
        "BEHIND_PROXY": "true",
    }
    with running(tmp_path, **settings_) as (port, log):
        forged = "/x%0A%7B%22event%22:%22login%22%7D%E2%80%A8"
        ask(port, forged, "X-Request-ID: 0123456789-proxy", "X-Forwarded-Proto: https")
        ask(port, f"/r/{token}/?q=word", "X-Forwarded-Proto: https")
        head = ask(port, "/robots.txt?q=word", "X-Request-ID: a b", "X-Forwarded-Proto: https")
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, lines))
    assert {"gunicorn.error", "portal.access", "forum_portal.errors"} <= {
        line["logger"] for line in lines
    }
    asked = [line for line in lines if line["logger"] == "portal.access"]
    first = next(line for line in asked if line["request_id"] == "0123456789-proxy")
    assert first["path"] == '/x\n{"event":"login"}\u2028'
    by_number = {line["request_id"]: line for line in asked}
    number = head.partition("X-Request-ID: ")[2].partition("\r\n")[0]
    assert (by_number[number]["path"], by_number[number]["status"]) == ("/robots.txt", 200)
    assert "/r/***/" in {line["path"] for line in asked}
    assert not any(part in log.read_text("utf-8") for part in (*token.split("."), "word"))
    assert "Listening at" in str(lines)


@pytest.mark.parametrize(
    ("name", "value"), [("WEB_TIMEOUT", "0"), ("WEB_WORKERS", "many"), ("BIND", "8000")]
)
def test_a_wrong_value_ends_the_server_with_one_sentence(name, value):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "forum_portal/gunicorn.py",
            "forum_portal.wsgi",
        ],
        cwd=settings.ROOT,
        env=os.environ | {"ENV_FILE": os.devnull, name: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    thai, english = line.split(" · ")
    assert thai.startswith(f"{name} ต้องเป็น")
    assert english.startswith(f"{name} must be ")


def test_the_servers_settings_may_stand_in_the_file(tmp_path):
    (tmp_path / "env").write_text(
        "WEB_THREADS=7\nWEB_KEEPALIVE=9\nBIND=unix:/run/portal/web.sock\n"
    )
    program = (
        "from forum_portal import gunicorn as kept\n"
        "print(kept.threads, kept.keepalive, kept.bind, kept.timeout, kept.graceful_timeout)\n"
    )
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("WEB_", "BIND", "PORT"))
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.ROOT,
        env=environment | {"ENV_FILE": str(tmp_path / "env")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["7", "9", "unix:/run/portal/web.sock", "60", "30"], done.stderr
