"""How fast a kept public page is, beside a bare Django view that answers with the same bytes.

    .venv/bin/python benchmarks/pages.py [seconds]
    script/throwaway_postgres.py .venv/bin/python benchmarks/pages.py [seconds]

It starts two web servers with the settings of `script/server`: the portal with the demo data, on SQLite
in a temporary folder or on the PostgreSQL of DATABASE_URL, and a Django project of one view without
middleware. Another process asks the one and the other in turns, over connections that stay open, for
`seconds` each (default 3). It prints the median of five rounds: requests a second and their ratio, and
the processor time of the server's processes for one request, which the asking process does not blur.

The last lines are of pages that are not kept yet: the processor time of each.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
ROUNDS = 5
UNCACHED = ("/", "/resolutions/2565/3/", "/agencies/", "/agencies/CODI/", "/matrix/")
TICK = os.sysconf("SC_CLK_TCK")

BARE = """
from pathlib import Path
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bare" * 20)
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
BODY = Path(__file__).with_name("body").read_bytes()
def page(request):
    headers = {"Content-Length": str(len(BODY))}
    return HttpResponse(BODY, content_type="text/html; charset=utf-8", headers=headers)
urlpatterns = [path("", page)]
application = get_wsgi_application()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(
    port: int, path: str, headers: Mapping[str, str] = {}
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def ask(port: int, request: bytes, status: bytes, seconds: float, result: Any) -> None:
    """Ask over CLIENTS connections, each again as soon as it was answered; puts the number of answers."""
    poll, clients = select.epoll(), {}
    for _client in range(CLIENTS):
        client = socket.create_connection(("127.0.0.1", port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        clients[client.fileno()] = [client, b"", 0]  # the socket, the head so far, bytes to come
        poll.register(client, select.EPOLLIN)
        client.sendall(request)
    answered, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        for number, _event in poll.poll(1):
            state = clients[number]
            part = state[0].recv(1 << 18)
            if not part:
                sys.exit("the server closed a connection")
            if not state[2]:
                state[1] += part
                head, end, body = state[1].partition(b"\r\n\r\n")
                if not end:
                    continue
                if not head.startswith(status):
                    sys.exit(f"answered with {head[:40]!r}")
                length = 0
                for line in head.split(b"\r\n"):
                    if line[:15].lower() == b"content-length:":
                        length = int(line[15:])
                state[1], state[2] = b"", length - len(body)
            else:
                state[2] -= len(part)
            if state[2] <= 0:
                state[2] = 0
                answered += 1
                state[0].sendall(request)
    result.put(answered)


def processor_time(server: subprocess.Popen[bytes]) -> float:
    """Seconds of processor time that the server's processes have used."""
    used = 0.0
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for pid in (str(server.pid), *children):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += (int(fields[11]) + int(fields[12])) / TICK
    return used


class Site:
    """A running web server, and what it is asked."""

    def __init__(
        self, stack: ExitStack, name: str, folder: Path, environment: dict[str, str]
    ) -> None:
        self.name, self.port = name, free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "forum_portal/gunicorn.py")]
        self.server = subprocess.Popen(  # noqa: S603
            [*command, name],
            cwd=folder,
            env=environment | {"PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(self.server.wait)
        stack.callback(self.server.terminate)
        for _turn in range(150):
            try:
                get(self.port, "/")
                break
            except OSError:
                time.sleep(0.2)

    def measure(self, seconds: float, headers: str = "", status: int = 200) -> tuple[float, float]:
        """Answers a second, and milliseconds of the server's processor time for each."""
        request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{headers}\r\n".encode()
        result: Any = multiprocessing.Queue()
        expected = f"HTTP/1.1 {status}".encode()
        before = processor_time(self.server)
        asking = multiprocessing.Process(
            target=ask, args=(self.port, request, expected, seconds, result)
        )
        asking.start()
        answered = result.get(timeout=seconds + 30)
        asking.join()
        return answered / seconds, 1000 * (processor_time(self.server) - before) / answered


def compare(what: str, portal: Site, bare: Site, seconds: float, headers: str, status: int) -> None:
    rounds = []
    for _round in range(ROUNDS):
        ours = portal.measure(seconds, headers, status)
        theirs = bare.measure(seconds)
        rounds.append((ours[0], theirs[0], ours[0] / theirs[0], ours[1], theirs[1]))
    rate, bare_rate, ratio, cost, bare_cost = (median(each) for each in zip(*rounds, strict=True))
    print(
        f"{what:12} {rate:6.0f}/s   bare Django {bare_rate:6.0f}/s   ratio {ratio:5.2f}   "
        f"processor {cost:.2f} ms, bare {bare_cost:.2f} ms",
        flush=True,
    )


def uncached(portal: Site) -> None:
    """Prints the processor time of pages that were not asked for before."""
    for path in UNCACHED:
        taken = []
        for round_ in range(ROUNDS):
            before = processor_time(portal.server)
            for turn in range(20):
                get(portal.port, f"{path}?year=x{round_}x{turn}")
            taken.append((processor_time(portal.server) - before) / 20)
        print(f"not kept     {path:24} {1000 * median(taken):6.1f} ms of processor time")


def make_database(url: str) -> None:
    """Make the database of a PostgreSQL address, if it is not there."""
    import psycopg
    from psycopg import sql

    address, mark, options = url.partition("?")
    server, _slash, name = address.rpartition("/")
    with psycopg.connect(f"{server}/postgres{mark}{options}", autocommit=True) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchall():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = os.environ | {
            "ENV_FILE": os.devnull,
            "PORTAL_ENV": "local",
            "SECRET_KEY": "benchmark" * 8,
            "DATABASE_URL": os.environ.get("DATABASE_URL")
            or f"sqlite:///{folder}/benchmark.sqlite3",
            "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
            "COSTLY_PER_MINUTE": "1000000",
        }
        print(environment["DATABASE_URL"].partition(":")[0], flush=True)
        if environment["DATABASE_URL"].startswith("postgres"):
            make_database(environment["DATABASE_URL"])
        for command in (
            ["migrate"],
            ["load_forum"],
            ["load_demo"],
            ["collectstatic", "--no-input"],
        ):
            subprocess.run(  # noqa: S603
                [sys.executable, str(ROOT / "manage.py"), *command],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        portal = Site(stack, "forum_portal.wsgi", ROOT, environment)
        for _turn in range(20):  # every process has it
            answer, body = get(portal.port, "/")
        (folder / "body").write_bytes(body)
        (folder / "bare.py").write_text(BARE)
        plain = {k: v for k, v in environment.items() if k != "DJANGO_SETTINGS_MODULE"}
        bare = Site(stack, "bare:application", folder, plain)
        print(f"the home page, {len(body):,} bytes, {CLIENTS} connections", flush=True)
        compare("kept page", portal, bare, seconds, "", 200)
        known = f"If-None-Match: {answer.headers['ETag']}\r\n"
        compare("304", portal, bare, seconds, known, 304)
        uncached(portal)


if __name__ == "__main__":
    main()
