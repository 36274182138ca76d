"""Fixtures for every test: no network; browser, accessibility and HTML checks on request."""

import gc
import hashlib
import ipaddress
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import coverage
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError, expect
from playwright.sync_api import Error as PlaywrightError

from followup.tests.ground import ground, path_of
from forum_portal.tests.buckets import Bucket

CI = os.environ.get("CI") == "true"
TIMEOUT = 30_000  # milliseconds a browser test waits; generous, because CI machines are busy
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Passed rules are only counted: transferring their details takes as long as the check itself.
AXE_RUN = """options => axe.run(document, options).then(
    found => ({violations: found.violations, passes: found.passes.length}))"""
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
BROWSER_FIXTURES = {"page", "context", "new_context", "browser", "axe"}

# Profiles of hypothesis: `ci` is the default; HYPOTHESIS_PROFILE=deep runs forty times as many examples
# and takes hours. Neither has a deadline, because a busy machine must not fail a property. A test that
# needs more or fewer examples multiplies the profile's number.
hypothesis_settings.register_profile("ci", max_examples=25, deadline=None)
hypothesis_settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Playwright runs an event loop in this thread, which Django mistakes for an async context.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
expect.set_options(timeout=TIMEOUT)


def require(condition: object, reason: str) -> None:
    """Skip the test with `reason` unless the condition holds. In CI it fails instead."""
    if condition:
        return
    if CI:
        pytest.fail(f"{reason} (CI=true: not skipped)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session", name="require")
def require_fixture() -> Callable[[object, str], None]:
    return require


def pytest_collection_finish() -> None:
    # What was imported stays until the end, and a test leaves little garbage: to collect it rarely
    # saves up to a sixth of the time.
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_report_header() -> str:
    from django.conf import settings

    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


# --- No network ---------------------------------------------------------------------------------


class NetworkBlocked(RuntimeError):
    """A test tried to reach another machine."""


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):  # a unix socket's path
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return bool(address[0] == "localhost")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse connections to any other machine; raises NetworkBlocked."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            real = getattr(socket.socket, name)

            def guarded(self: socket.socket, address: Any, real: Any = real) -> Any:
                if not _is_here(address):
                    self.close()
                    raise NetworkBlocked(f"tests must not connect to {address!r}")
                return real(self, address)

            patch.setattr(socket.socket, name, guarded)
        yield


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Clear the cache, so that counts (failed logins, used codes) do not reach the next test."""
    from django.core.cache import cache

    cache.clear()


# --- Object storage -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def object_server() -> Iterator[str]:
    """The address of a server of object storage on loopback."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_server: str, settings: Any) -> Iterator[Bucket]:
    """Evidence and uploads that wait are in a new bucket of object storage."""
    with Bucket.made(object_server) as made:
        settings.STORAGES = {**settings.STORAGES, **made.storages()}
        yield made
        made.close()


# --- Coverage -----------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def measured_readers() -> Iterator[None]:
    """If coverage is measured, read each spreadsheet a second time, in this process.

    The child process has a bare environment and may write only its answer, so coverage cannot measure
    it. Files that exceeded a limit are not read again, because this process has no limits.
    """
    if coverage.Coverage.current() is None:
        yield
        return
    from followup.spreadsheets import sandbox
    from followup.spreadsheets.reader import child
    from followup.tests.spreadsheets.in_process import as_child

    run = sandbox._run

    def run_and_measure(arguments: list[str], *others: Any) -> None:
        run(arguments, *others)
        source, out, options = arguments
        answer = Path(out).read_bytes() if Path(out).exists() else b""
        if answer and not answer.startswith(b'{"problem":["F12"'):
            with as_child(), TemporaryDirectory() as folder, suppress(Exception):
                child.main([source, f"{folder}/out", options])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "_run", run_and_measure)
        yield


# --- Browser tests ------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if BROWSER_FIXTURES & fixtures:
            item.add_marker("browser")
        if (BROWSER_FIXTURES | {"nu_html_checker"}) & fixtures:
            item.add_marker("slow")
            item.add_marker("once")
        if not _asks_the_database(item, fixtures):
            item.add_marker("once")
    # Tests with the same base data follow each other; the others come after them, in their order.
    paths = {item: path_of(item) for item in items}
    items.sort(key=lambda item: (not paths[item], paths[item]))


def _asks_the_database(item: pytest.Item, fixtures: set[str]) -> bool:
    """Whether another database, or the other Python that comes with it, may change what a test finds.

    The readers of spreadsheets ask none, but each Python reads zip files and XML in its own way. A
    module that asks for fixtures by their names may ask for a database.
    """
    if DATABASE_FIXTURES & fixtures or item.get_closest_marker("django_db"):
        return True
    if item.get_closest_marker("each_database"):
        return True
    return "reader" in item.path.parts or "getfixturevalue" in _source(item.path)


@cache
def _source(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    ground.become(path_of(item))
    if item.get_closest_marker("browser"):
        require(CHROMIUM, "no Chromium found: install Debian's chromium, or name one in CHROMIUM")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    args = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
        # No other host name resolves, so that no request leaves this machine even by mistake.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ]
    if os.geteuid() == 0:
        args.append("--no-sandbox")  # Chromium's sandbox refuses root
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": args}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "th-TH", "timezone_id": "Asia/Bangkok"}


class Guard:
    """Records what no page may do: call another host, break the CSP, raise a script error."""

    def __init__(self, origin: str | None, allowed: list[str]) -> None:
        self.origin = origin
        self.allowed = allowed
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.set_default_timeout(TIMEOUT)
        context.on("request", lambda request: self.requested(request.url))
        context.on("page", self.page_opened)
        context.on("console", self.logged)
        context.on("weberror", self.raised)
        self.contexts.append(context)

    def note(self, problem: str) -> None:
        if not any(re.search(pattern, problem) for pattern in self.allowed):
            self.problems.append(problem)

    def requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"about", "blob", "data"} and parts.netloc != self.origin:
            self.note(f"request to another host: {url}")

    def page_opened(self, page: Page) -> None:
        page.on("websocket", lambda websocket: self.requested(websocket.url))

    def logged(self, message: ConsoleMessage) -> None:
        # Chromium reports violations of the Content-Security-Policy here, too.
        if message.type == "error":
            self.note(f"console error: {message.text} [{message.location['url']}]")

    def raised(self, error: WebError) -> None:
        self.note(f"uncaught error: {error.error} [{error.page.url if error.page else '?'}]")

    def found(self) -> str:
        for context in self.contexts:
            for page in context.pages:
                with suppress(PlaywrightError):  # on its way to another page
                    page.evaluate("0")  # everything before this answer has been reported
        return "\n".join(dict.fromkeys(self.problems))


GUARD = pytest.StashKey[Guard]()


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], request: pytest.FixtureRequest
) -> Callable[..., BrowserContext]:
    """Make browser contexts that a Guard watches; `page` and `context` use it as well."""
    live = "live_server" in request.fixturenames
    origin = urlsplit(request.getfixturevalue("live_server").url).netloc if live else None
    allowed = [
        pattern for mark in request.node.iter_markers("browser_allows") for pattern in mark.args
    ]
    guard = request.node.stash[GUARD] = Guard(origin, allowed)

    def watched_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        guard.watch(context)
        return context

    return watched_context


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    try:
        result = yield
    except Exception as error:
        guard = pyfuncitem.stash.get(GUARD, None)
        if guard and guard.problems:
            error.add_note("The browser also reported:\n" + "\n".join(guard.problems))
        raise
    guard = pyfuncitem.stash.get(GUARD, None)
    if guard and (found := guard.found()):
        pytest.fail(f"The browser reported:\n{found}", pytrace=False)
    return result


@pytest.fixture
def axe(page: Page) -> Callable[..., None]:
    """Return a function that fails if the open page breaks a WCAG 2.2 AA rule known to axe-core.

    `without`: rules to leave out, by their names.
    """

    def check(target: Page | None = None, without: Collection[str] = ()) -> None:
        target = target or page
        if not target.evaluate("'axe' in window"):
            target.evaluate(Axe().axe_script)
        tags = {"type": "tag", "values": AXE_TAGS}
        options = {"runOnly": tags, "resultTypes": ["violations"], "preload": False}
        options["rules"] = {rule: {"enabled": False} for rule in without}
        results = target.evaluate(AXE_RUN, options)
        assert results["passes"], f"axe-core found nothing to check on {target.url}"
        listing = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n    {node['html']}\n"
            f"    {node['failureSummary']}"
            for rule in results["violations"]
            for node in rule["nodes"]
        ]
        if listing:
            pytest.fail(f"axe-core on {target.url}:\n" + "\n".join(listing), pytrace=False)

    return check


# --- HTML ---------------------------------------------------------------------------------------


@pytest.fixture
def nu_html_checker(tmp_path: Path) -> Callable[[Mapping[str, str]], None]:
    """Return a function that fails if the Nu HTML checker finds errors in pages (name -> HTML)."""
    default = Path(__file__).parent / ".cache" / "vnu-jar" / "vnu.jar"
    jar = Path(os.environ.get("VNU_JAR") or default)
    java = shutil.which("java")
    require(java, "no java found for the Nu HTML checker")
    require(jar.is_file(), "no vnu.jar found: .ci/run fetches it, or name one in VNU_JAR")

    def check(pages: Mapping[str, str]) -> None:
        assert pages, "no pages to check"
        names = {}
        for number, (name, html) in enumerate(pages.items()):
            path = tmp_path / f"{number}.html"
            path.write_text(html, encoding="utf-8")
            names[path.as_uri().replace("file://", "file:")] = name
        command = [str(java), "-jar", str(jar), "--format", "json", "--stdout"]
        command += ["--exit-zero-always", "--no-langdetect", *map(str, tmp_path.glob("*.html"))]
        answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert answer.returncode == 0, f"vnu.jar failed: {answer.stderr or answer.stdout}"
        listing = [
            f"{names.get(found.get('url'), found.get('url'))}:{found.get('lastLine', '?')} "
            f"{found['message']}\n    {found.get('extract', '').strip()}"
            for found in json.loads(answer.stdout)["messages"]
            if found["type"] != "info"  # "info" holds advice and warnings
        ]
        if listing:
            pytest.fail("Nu HTML checker:\n" + "\n".join(listing), pytrace=False)

    return check


# --- Databases ----------------------------------------------------------------------------------


def _migrated() -> Path:
    """The path of a copy of the empty SQLite database; it depends on the migrations."""
    root = Path(__file__).parent
    digest = hashlib.sha256(sys.version.encode())
    apps = [root / app for app in ("forum_portal", "proposals", "followup")]
    files = [path for app in apps for path in app.rglob("*.py") if "tests" not in path.parts]
    for path in sorted([root / "requirements-dev.txt", *files]):
        if {
            "migrations",
            "models",
            "models.py",
            "apps.py",
            "roles.py",
            "append_only.py",
            "chain.py",
            "public_revision.py",
            "triggers.py",
        } & {*path.parts} or (path.suffix == ".txt"):
            digest.update(path.read_bytes())
    return root / ".cache" / "test-database" / f"{digest.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """Start from the copy that the same migrations made: running them takes most of the start-up."""
    from django.conf import settings

    name = settings.DATABASES["default"].get("TEST", {}).get("NAME")
    if name and _migrated().is_file():
        shutil.copyfile(_migrated(), name)
        return True
    return django_db_keepdb


def _keep_migrated() -> None:
    from django.db import connection

    if connection.vendor != "sqlite" or _migrated().exists():
        return
    _migrated().parent.mkdir(parents=True, exist_ok=True)
    for earlier in _migrated().parent.glob("*.sqlite3"):
        earlier.unlink(missing_ok=True)
    part = _migrated().with_suffix(f".{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(part)])
    part.replace(_migrated())


@pytest.fixture(scope="session", autouse=True)
def flush_the_record() -> Iterator[None]:
    """Let a test's flush empty the append-only tables as well: it opens their door, which goes last."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from followup.append_only import DOOR, PASSES

    real = BaseDatabaseOperations.execute_sql_flush

    def flush(self: Any, sql_list: list[str]) -> None:
        def place(sql: str) -> int:
            return (f'"{PASSES}"' in sql) + 2 * (f'"{DOOR}"' in sql)

        first = f"INSERT INTO \"{DOOR}\" (act, subject) VALUES ('flush', '')"  # noqa: S608
        real(self, [first, *sorted(sql_list, key=place)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: Any, django_db_keepdb: bool
) -> Iterator[None]:
    """The suite's database; it is removed even if a live server's thread still has a connection."""
    with django_db_blocker.unblock():
        _keep_migrated()
    ground.start(django_db_blocker)
    yield
    ground.become(())
    from django.db import connection

    if connection.vendor == "sqlite" and django_db_keepdb:
        connection.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{connection.settings_dict['NAME']}{suffix}").unlink(missing_ok=True)
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
