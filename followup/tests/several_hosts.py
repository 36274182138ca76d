"""A portal on several machines, as far as one machine can play them.

Each host has its own copy of the code, its own `var/`, temporary files and clock, and processes of its
own. They share PostgreSQL, Redis and object storage, which are servers of their own as well. A proxy
passes the requests of browsers to the web processes in turn, as one in front of the portal does.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.http import HttpResponse

from followup.tests.client import PortalClient
from forum_portal.tests.buckets import Bucket
from forum_portal.tests.ports import free_port

NAME = "portal.example.org"
#: Seconds after which something that is waited for counts as missing; a busy machine is slow.
PATIENCE = 60.0
#: Seconds. `/readyz` complains of five; a worker is taken for lost after sixty.
B_AHEAD = 15
#: What is no part of an installed portal.
NO_CODE = (".git", ".cache", ".venv*", "var", "staticfiles", "tests", ".env", "docs", "benchmarks")
#: Loaded by Python as it starts: the clock of a host that is wrong.
CLOCK = """
import datetime, os
import time_machine
ahead = datetime.timedelta(seconds=float(os.environ["CLOCK_AHEAD"]))
time_machine.travel(datetime.datetime.now(datetime.UTC) + ahead, tick=True).start()
"""

WAITS_FOR_A_LOCK = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
#: What a worker logs once it takes jobs.
WORKS = "runs the queues"

Found = TypeVar("Found")


def until(found: Callable[[], Found], what: str, *, patience: float = PATIENCE) -> Found:
    """The first true value of `found`, which is asked again and again; fails if it never has one."""
    end = time.monotonic() + patience
    while not (value := found()):
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)
    return value


def answers(port: int) -> bool:
    """Whether something takes connections at this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


# Processes -------------------------------------------------------------------------------------


class Running:
    """A process and all that it has started; it can be killed as by a power cut, and started again."""

    def __init__(
        self, command: list[str], *, folder: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        self.command, self.folder, self.log = command, folder, log
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # `signal` reaches its children and nobody else
            )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the process and its children."""
        assert self.process
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it and its children at once: they clean nothing up."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""


def redis_of(folder: Path, port: int) -> Running:
    """A Redis that writes nothing to disk."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--appendonly", "no", "--dir", str(folder)]
    return Running(command, folder=folder, environment=os.environ, log=folder / "redis.log")


def object_storage_of(folder: Path, port: int) -> Running:
    """A server of object storage, which keeps its objects in memory."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    return Running(command, folder=folder, environment=os.environ, log=folder / "storage.log")


# Hosts -----------------------------------------------------------------------------------------


class Host:
    """A machine with the portal on it. Its clock is `ahead` seconds ahead of the others'."""

    def __init__(
        self, name: str, folder: Path, shared: Mapping[str, str], *, ahead: float = 0
    ) -> None:
        self.name, self.folder, self.ahead = name, folder, ahead
        self.code, temporary = folder / "portal", folder / "tmp"
        shutil.copytree(settings.ROOT, self.code, ignore=shutil.ignore_patterns(*NO_CODE))
        temporary.mkdir()
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TMPDIR": str(temporary),
            "ENV_FILE": os.devnull,
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "WEB_THREADS": "8",
            **shared,
        }
        if ahead:
            (folder / "clock").mkdir()
            (folder / "clock" / "sitecustomize.py").write_text(CLOCK)
            self.environment |= {"PYTHONPATH": str(folder / "clock"), "CLOCK_AHEAD": str(ahead)}
        self.web = self._running("web", "-m", "gunicorn", *GUNICORN)
        self.worker = self._running("worker", "manage.py", "work")

    def _running(self, name: str, *arguments: str) -> Running:
        return Running(
            [sys.executable, *arguments],
            folder=self.code,
            environment=self.environment,
            log=self.folder / f"{name}.log",
        )

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def manage(self, *arguments: str, **more: str) -> str:
        """Run a command to its end, and return what it wrote."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.code,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def begin(self, *arguments: str) -> Running:
        """A command that goes on: it is started, and somebody else ends it."""
        running = self._running(arguments[0], "manage.py", *arguments)
        running.start()
        return running

    def start_web(self) -> None:
        self.web.start()
        until(self.lives, f"the web process of {self.name}: {self.web.log}")

    def lives(self) -> bool:
        """Whether its web process and its database work."""
        try:
            return self.ask("GET", "/healthz", b"", {"Host": NAME}).status == 200
        except OSError:
            return False

    def start_worker(self) -> None:
        said = self.worker.said().count(WORKS)
        self.worker.start()
        until(lambda: self.worker.said().count(WORKS) > said, f"the worker: {self.worker.log}")

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> HTTPResponse:
        """The answer of this host's web process, read to its end. Raises OSError if there is none."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, dict(headers))
            response = connection.getresponse()
            whole = response.read()
        finally:
            connection.close()
        response.read = BytesIO(whole).read  # type: ignore[method-assign]
        return response


GUNICORN = ("--config", "forum_portal/gunicorn.py", "forum_portal.wsgi")


# Browsers --------------------------------------------------------------------------------------


class Proxy:
    """Passes requests on to the hosts in turn; a host that takes no connection is left out."""

    def __init__(self, hosts: list[Host]) -> None:
        self.hosts, self.turn = hosts, 0
        self.answered = ""  # the name of the host that answered last

    def __call__(self, environ: Mapping[str, Any], only: Host | None = None) -> HttpResponse:
        headers = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and name != "HTTP_HOST" and value
        }
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        headers |= {"Host": NAME, "X-Forwarded-Proto": "https", "Content-Length": str(length)}
        headers["X-Forwarded-For"] = environ["REMOTE_ADDR"]
        if length:
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        path = quote(environ["PATH_INFO"].encode("iso-8859-1"), safe="/:@!$&'()+,;=~*")
        if environ.get("QUERY_STRING"):
            path += f"?{environ['QUERY_STRING']}"
        return self._django(self._asked(environ["REQUEST_METHOD"], path, body, headers, only))

    def _asked(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], only: Host | None
    ) -> HTTPResponse:
        self.turn += 1
        first = self.turn % len(self.hosts)
        for host in [only] if only else [*self.hosts[first:], *self.hosts[:first]]:
            try:
                answer = host.ask(method, path, body, headers)
            except ConnectionRefusedError:
                continue
            self.answered = host.name
            return answer
        raise AssertionError("no host takes a connection")

    @staticmethod
    def _django(answer: HTTPResponse) -> HttpResponse:
        """The answer as Django's test client has it."""
        response: Any = HttpResponse(answer.read(), status=answer.status)
        del response.headers["Content-Type"]
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                response.cookies.load(value)
            elif name.lower() not in {"connection", "transfer-encoding"}:
                response.headers[name] = value
        response.wsgi_request = SimpleNamespace()
        return response


class Browser(PortalClient):
    """A browser that asks through the proxy; `at` names the only host that it is passed on to."""

    def __init__(self, proxy: Proxy, at: Host | None = None) -> None:
        origin = f"https://{NAME}"
        super().__init__(HTTP_HOST=NAME, HTTP_ORIGIN=origin, HTTP_REFERER=f"{origin}/")
        self.proxy, self.at = proxy, at
        self.handler: Any = lambda environ: proxy(environ, self.at)

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        for name, cookie in response.cookies.items():
            if cookie["max-age"] in {0, "0"}:  # the portal has removed it
                del self.cookies[name]
        return response


# All of it -------------------------------------------------------------------------------------


class Portal:
    """Two hosts with a web process each, one with the worker, and the servers that they share."""

    def __init__(self, folder: Path, cluster: Any, redis: Running, storage: Running) -> None:
        self.folder, self.cluster, self.redis, self.storage = folder, cluster, redis, storage
        self.hosts: list[Host] = []

    def install(self, shared: Mapping[str, str]) -> None:
        """Put the portal on the hosts, and prepare what they share: two of them at once."""
        shared = {
            "PORTAL_ENV": "production",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": NAME,
            "BEHIND_PROXY": "true",
            "DATABASE_URL": self.cluster.url,
            "COSTLY_PER_MINUTE": "10000",  # whoever waits here asks more often than a person
            "PROBE_TOKEN": secrets.token_urlsafe(16),
            **shared,
        }
        self.probe = {"HTTP_AUTHORIZATION": f"Bearer {shared['PROBE_TOKEN']}"}
        with psycopg.connect(self.cluster.url.replace("@/portal", "@/postgres")) as connection:
            connection.autocommit = True
            connection.execute("CREATE DATABASE portal")
        self.a = Host("a", self.folder / "a", shared)
        self.b = Host("b", self.folder / "b", shared, ahead=B_AHEAD)
        self.c = Host("c", self.folder / "c", shared)
        self.hosts = [self.a, self.b, self.c]
        self.proxy = Proxy([self.a, self.b])
        for each in [host.begin("get_ready") for host in (self.a, self.b)]:
            assert each.process
            assert each.process.wait(300) == 0, each.said()

    def start(self) -> None:
        self.c.start_worker()
        for host in (self.a, self.b):
            host.start_web()

    def stop(self) -> None:
        for host in self.hosts:
            host.web.kill()
            host.worker.kill()

    def ask(self, sql: str, *values: Any) -> list[Any]:
        """The first column of what the database answers; a change is committed."""
        with psycopg.connect(self.cluster.url) as connection:
            cursor = connection.execute(sql, values)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []

    @contextmanager
    def held_at(self, job: str, table: str, begin: Callable[[], Found]) -> Iterator[Found]:
        """The worker has begun a job that `begin` queues, and cannot end it before the block ends.

        It is held where it writes to `table`, which nobody else can meanwhile.
        """
        self.c.worker.signal(signal.SIGSTOP)
        begun = begin()
        with closing(psycopg.connect(self.cluster.url)) as connection:
            connection.execute(f'LOCK TABLE "{table}" IN SHARE MODE')
            self.c.worker.signal(signal.SIGCONT)
            until(lambda: self.runs(job), f"{job} is begun")
            until(lambda: self.ask(WAITS_FOR_A_LOCK), f"{job} writes to {table}")
            yield begun

    def runs(self, job: str) -> bool:
        """Whether some worker has begun a job of this kind and nobody has told its end."""
        found = "SELECT 1 FROM django_tasks_database_dbtaskresult"
        found += " WHERE task_path = %s AND status = 'RUNNING'"
        return bool(self.ask(found, f"followup.tasks.{job}"))

    def lose_the_worker_at(self, job: str, table: str, begin: Callable[[], Found]) -> Found:
        """The worker's host loses its power at a job that `begin` queues, and another worker starts.

        The minute is over after which the first one counts as lost. Returns what `begin` has returned.
        """
        with self.held_at(job, table, begin) as begun:
            self.c.worker.kill()
            # A host without power says no more; PostgreSQL would notice that only by and by.
            for pid in self.ask(WAITS_FOR_A_LOCK):
                self.ask("SELECT pg_terminate_backend(%s)", pid)
        assert self.runs(job)
        self.ask("UPDATE followup_jobworker SET alive_at = alive_at - interval '2 minutes'")
        self.c.start_worker()
        return begun

    def browser(self, at: Host | None = None) -> Browser:
        return Browser(self.proxy, at)


@contextmanager
def several_hosts(folder: Path, cluster: Any) -> Iterator[Portal]:
    """A portal that runs on several hosts until the block ends."""
    redis_port, storage_port = free_port(), free_port()
    redis, storage = redis_of(folder, redis_port), object_storage_of(folder, storage_port)
    portal = Portal(folder, cluster, redis, storage)
    try:
        for server, port in ((redis, redis_port), (storage, storage_port)):
            server.start()
            until(lambda port=port: answers(port), f"{server.command[0]}: {server.log}")
        with Bucket.made(f"http://127.0.0.1:{storage_port}") as bucket:
            cache = {"CACHE_URL": f"rediscache://127.0.0.1:{redis_port}/0"}
            portal.install({**cache, **bucket.environment(), "S3_SECONDS": "1"})
        portal.start()
        yield portal
    finally:
        portal.stop()
        storage.kill()
        redis.kill()
