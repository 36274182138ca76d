"""How long the home page takes while 12 clients pull the addresses that cost much.

    .venv/bin/python benchmarks/home_under_load.py [seconds]

It starts the web server as `script/server` does, with the demo data in SQLite in a temporary folder. The
clients have an address each and ask again at once, whatever they are answered. They run in a process of
lower priority, because elsewhere they would have processors of their own. It prints the home page's p50
and p95, alone and under load, their ratio, and how often each status was answered to the clients.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 12
COSTLY = (
    "/data/status_reports.xlsx",
    "/data/status_reports.json",
    "/reports/2567.pdf",
    "/reports/2567/",
    "/agencies/?q=กรม",
    "/api/v1/status_reports?page_size=200",
)


def get(port: int, path: str, client: int = 1) -> int:
    """Read a page whole, as the visitor of that number; the status of the answer."""
    visitor = (f"127.0.0.{client}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=visitor)
    try:
        connection.request("GET", quote(path, safe="/?=&"))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def percentiles(port: int, seconds: float) -> tuple[float, float]:
    """The p50 and p95 of one client that asks for the home page, in seconds."""
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until or len(taken) < 20:
        began = time.perf_counter()
        status = get(port, "/")
        taken.append(time.perf_counter() - began)
        if status != 200:
            sys.exit(f"the home page was answered with {status}")
        time.sleep(0.05)
    parts = quantiles(taken, n=20)
    return parts[9], parts[18]


def pull(port: int, number: int, seconds: float, answered: Counter[tuple[str, int]]) -> None:
    """One client: asks for one costly address after the other."""
    turn, until = number, time.monotonic() + seconds
    while time.monotonic() < until:
        path = COSTLY[turn % len(COSTLY)]
        answered[path, get(port, path, number + 2)] += 1
        turn += 1


def pull_all(port: int, seconds: float) -> None:
    """The clients, in this process; prints what they were answered."""
    os.nice(10)
    answered: Counter[tuple[str, int]] = Counter()
    clients = [
        threading.Thread(target=pull, args=(port, number, seconds, answered))
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    for (path, status), count in sorted(answered.items()):
        print(f"    {status} {path}: {count}")


def measure(port: int, seconds: float) -> None:
    get(port, "/")
    idle = percentiles(port, seconds)
    print(f"home alone             p50 {idle[0]:6.3f} s   p95 {idle[1]:6.3f} s", flush=True)
    pulling = multiprocessing.Process(target=pull_all, args=(port, seconds + 2))
    pulling.start()
    time.sleep(1)
    loaded = percentiles(port, seconds)
    pulling.join()
    print(f"home under {CLIENTS} clients  p50 {loaded[0]:6.3f} s   p95 {loaded[1]:6.3f} s")
    print(
        f"ratio                  p50 {loaded[0] / idle[0]:6.1f}     p95 {loaded[1] / idle[1]:6.1f}"
    )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "ENV_FILE": os.devnull,
            "PORTAL_ENV": "local",
            "SECRET_KEY": "benchmark" * 8,
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "PORT": str(port),
        }
        manage = [sys.executable, str(ROOT / "manage.py")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        for command in (
            ["migrate"],
            ["load_forum"],
            ["load_demo"],
            ["collectstatic", "--no-input"],
        ):
            subprocess.run([*manage, *command], cwd=ROOT, env=environment, check=True, **quiet)  # noqa: S603
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "forum_portal/gunicorn.py",
                "forum_portal.wsgi",
            ],
            cwd=ROOT,
            env=environment,
            **quiet,
        )
        try:
            for _turn in range(150):
                try:
                    get(port, "/robots.txt")
                    break
                except OSError:
                    time.sleep(0.2)
            measure(port, seconds)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
