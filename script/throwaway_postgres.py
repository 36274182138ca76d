#!/usr/bin/env python3
"""Run a command with DATABASE_URL naming a PostgreSQL cluster made for it alone.

    script/throwaway_postgres.py COMMAND [ARGUMENT ...]

The cluster is in a temporary folder, listens only on a socket in it, trades durability for speed,
and is removed when the command ends. No other cluster is touched. The exit code is the command's;
it is 77, with the reason printed, if PostgreSQL is not installed.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from forum_portal.postgres.programs import folders, version_of

SKIPPED = 77
OLDEST = 14  # what Django 5.2 supports
OWNER = "portal"


class Unavailable(Exception):
    """PostgreSQL cannot be started here; `str()` is the reason."""


def find_programs() -> Path:
    """The folder with PostgreSQL's server programs."""
    too_old = ""
    for folder in folders("initdb"):
        if not all(shutil.which(name, path=folder) for name in ("initdb", "postgres")):
            continue  # client programs only
        version = version_of(Path(folder, "postgres"))
        if version >= OLDEST:
            return Path(folder)
        too_old = f", only of {version}"
    raise Unavailable(
        f"no server programs (initdb, postgres) of PostgreSQL {OLDEST} or newer found{too_old}"
    )


def find_owner() -> pwd.struct_passwd | None:
    """The user to run the server as, None for the current one; PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable("this is root, and there is no user postgres or nobody to start it as")


class Cluster:
    """A PostgreSQL cluster in a temporary folder, for whoever has its `url`. Raises Unavailable.

    `start` and `stop` may be called again and again; `remove` ends it for good. With `is_durable` a
    commit outlives `stop`, which ends the server in the middle of its work.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        self.programs, owner = find_programs(), find_owner()
        self.is_durable = is_durable
        # Not under TMPDIR: a socket's path may have at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-", dir="/tmp"))
        self.url = f"postgresql://{OWNER}@/{OWNER}?host={self.folder}"
        self.server: subprocess.Popen[bytes] | None = None
        if owner:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment |= {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        identity = (
            {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        )
        self.log = (self.folder / "log").open("w+b")
        self.common: dict[str, Any] = {
            "cwd": self.folder,
            "env": environment,
            "stdin": subprocess.DEVNULL,
            "stdout": self.log,
            "stderr": subprocess.STDOUT,
            "start_new_session": True,  # Ctrl-C reaches the command, not the server
            **identity,
        }

    def make(self) -> None:
        """Make the cluster's files. Raises RuntimeError."""
        # Every connection is trusted, because only the owner (and root) can open the folder.
        made = subprocess.run(
            [
                self.programs / "initdb",
                f"--pgdata={self.folder / 'data'}",
                f"--username={OWNER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            check=False,
            **self.common,
        )
        if made.returncode != 0:
            self._fail()

    def start(self) -> None:
        """Start the server, and wait until it takes connections. Raises RuntimeError."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "on" if self.is_durable else "off",
            "full_page_writes": "off",
            # Autovacuum would analyse tables before a test's rows are committed and record them as
            # empty; the planner then needs minutes for a query over 20,000 rows.
            "autovacuum": "off",
        }
        self.server = subprocess.Popen(
            [
                self.programs / "postgres",
                f"-D{self.folder / 'data'}",
                *(f"-c{name}={value}" for name, value in settings.items()),
            ],
            **self.common,
        )
        pid_file = self.folder / "data" / "postmaster.pid"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.server.poll() is None:
            # The file's last line turns to "ready" once the server takes connections. Until then it may
            # be the one of a server that was stopped before.
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if lines and lines[0] == str(self.server.pid) and lines[-1].strip() == "ready":
                return
            time.sleep(0.05)
        self._fail()

    def _fail(self) -> None:
        self.log.seek(0)
        said = self.log.read().decode(errors="replace")[-4000:]
        raise RuntimeError(f"PostgreSQL did not start:\n{said}")

    def stop(self) -> None:
        """Stop the server at once, without a checkpoint: an "immediate shutdown"."""
        if self.server is None or self.server.poll() is not None:
            return
        self.server.send_signal(signal.SIGQUIT)
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()

    def remove(self) -> None:
        """Stop the server and remove its files."""
        self.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def throwaway_cluster() -> Iterator[str]:
    """Start a cluster and yield its DATABASE_URL. Raises Unavailable, RuntimeError."""
    cluster = Cluster()
    try:
        cluster.make()
        cluster.start()
        yield cluster.url
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # no second Ctrl-C while cleaning up
        cluster.remove()


def run(command: list[str], database_url: str) -> int:
    """Run the command; end it when this process is terminated or loses its parent."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    parent = os.getppid()
    child = subprocess.Popen(command, env=environment | {"DATABASE_URL": database_url})
    try:
        while True:
            try:
                return child.wait(0.5)
            except subprocess.TimeoutExpired:
                if os.getppid() != parent:  # the parent script was killed
                    raise SystemExit(143) from None
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):  # Ctrl-C reaches the child directly
            child.send_signal(signal.SIGINT)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


def leave_on(signum: int) -> None:
    """Make this signal raise SystemExit, so that clean-up code runs."""

    def leave(signum: int, frame: FrameType | None) -> None:
        signal.signal(signum, signal.SIG_IGN)
        raise SystemExit(128 + signum)

    handler: Callable[[int, FrameType | None], None] = leave
    signal.signal(signum, handler)


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit("usage: script/throwaway_postgres.py COMMAND [ARGUMENT ...]")
    # A shell starts background jobs with Ctrl-C ignored, and the command would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    leave_on(signal.SIGTERM)
    leave_on(signal.SIGHUP)
    try:
        with throwaway_cluster() as database_url:
            return run(sys.argv[1:], database_url)
    except Unavailable as reason:
        print(f"skipped: PostgreSQL: {reason}", flush=True)
        return SKIPPED
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
