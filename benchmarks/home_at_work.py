"""How long the home page takes while an import is applied, reports are printed and data is downloaded.

    .venv/bin/python benchmarks/home_at_work.py [seconds]

Eight clients ask for the home page of a web server as `script/server` starts it, on SQLite in a
temporary folder; first alone, then while the portal applies an import of 20,000 rows in its own
process, prints a report's PDF again and again, and a ninth client downloads a spreadsheet. It prints the
p50 and p95 of both, and their ratio. It is not a test: times vary.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import quantiles
from typing import TYPE_CHECKING

import home_under_load
import waits  # sets Django up, with a database in a temporary folder
from django.core.management import call_command

from followup import background
from followup.models import Round, SpreadsheetImport, User
from followup.spreadsheets import session

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 8
ROWS = 20_000
XLSX = "/data/status_reports.xlsx?year=2568"


def prepared() -> tuple[SpreadsheetImport, User]:
    """The demo with an open round of 20,000 more reports, and an import of them that was checked."""
    user = waits.make_data(ROWS + 1000)
    call_command("load_demo", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115
    call_command("collectstatic", interactive=False, verbosity=0)
    round_ = Round.objects.get(year_be=2569)
    path = waits.WORK / "results.xlsx"
    waits.make_file(path, round_)
    with path.open("rb") as upload:
        chunks = iter(lambda: upload.read(65536), b"")
        given = session.Upload(path.name, chunks)
        record = session.start(by=user, round_=round_, uploads=[given])
    session.INLINE_ROWS = 10**9
    session.begin(record, "check", by=user, rows=1)
    session.INLINE_ROWS = 0
    record.refresh_from_db()
    return record, user


@contextmanager
def web_server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "gunicorn", "-c", "forum_portal/gunicorn.py"]
    server = subprocess.Popen(  # noqa: S603
        [*command, "forum_portal.wsgi"],
        cwd=waits.ROOT,
        env=os.environ | {"PORT": str(port)},
        **quiet,  # type: ignore[call-overload]
    )
    try:
        for _turn in range(150):
            try:
                home_under_load.get(port, "/")
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait()


def percentiles(port: int, seconds: float) -> tuple[float, float]:
    """p50 and p95 of the clients together, in seconds."""

    def ask(number: int) -> list[float]:
        taken, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.perf_counter()
            if (status := home_under_load.get(port, "/", number + 2)) != 200:
                sys.exit(f"the home page was answered with {status}")
            taken.append(time.perf_counter() - began)
            time.sleep(0.05)
        return taken

    with ThreadPoolExecutor(CLIENTS) as pool:
        parts = quantiles([each for taken in pool.map(ask, range(CLIENTS)) for each in taken], n=20)
    return parts[9], parts[18]


def print_on(ended: threading.Event) -> None:
    """Print a PDF in a process of the priority that the portal gives it, again and again."""
    command = (
        "from followup.annual_report import pdf, store; from followup.models import Snapshot;"
        "pdf.write(store.document(Snapshot.objects.standing().last()))"
    )
    while not ended.is_set():
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "shell", "-c", command],
            cwd=waits.ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, background.POLITE)
        process.wait()


def download_on(port: int, ended: threading.Event) -> None:
    while not ended.is_set():
        home_under_load.get(port, XLSX, CLIENTS + 2)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    logging.disable(logging.INFO)
    record, user = prepared()
    with web_server() as port:
        home_under_load.get(port, "/")
        idle = percentiles(port, seconds)
        print(
            f"home alone    p50 {idle[0] * 1000:6.1f} ms   p95 {idle[1] * 1000:6.1f} ms", flush=True
        )
        ended = threading.Event()
        others = [
            threading.Thread(target=print_on, args=(ended,)),
            threading.Thread(target=download_on, args=(port, ended)),
        ]
        session.begin(record, "apply", by=user, rows=ROWS)
        for other in others:
            other.start()
        busy = percentiles(port, seconds)
        record.refresh_from_db()
        print(f"home at work  p50 {busy[0] * 1000:6.1f} ms   p95 {busy[1] * 1000:6.1f} ms")
        print(f"ratio         p50 {busy[0] / idle[0]:6.2f}      p95 {busy[1] / idle[1]:6.2f}")
        print(f"the import is {record.state}", flush=True)
        ended.set()
        for other in others:
            other.join()
        while SpreadsheetImport.objects.get(pk=record.pk).state == "applying":
            time.sleep(1)


if __name__ == "__main__":
    main()
