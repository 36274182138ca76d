"""How long the annual report takes, and how much memory: the demo year, a year of about 300 pages, and
the length of years with 2,721 and 30,023 reports.

    .venv/bin/python benchmarks/annual_report.py

It uses its own database in a temporary folder. It prints seconds, the peak of the memory of all processes
that print together (MB, Linux only), and the time for a page of the long report relative to one of the
short (1.0: the time is proportional to the pages). The longest reports are the demo year's with the lines
of their lists repeated. The target is 300 MB, for any length.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from itertools import cycle, islice
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
R = TypeVar("R")


def timed(what: str, job: Callable[[], R]) -> tuple[R, float]:
    begun = time.perf_counter()
    result = job()
    seconds = time.perf_counter() - begun
    print(f"{what:<40}{seconds:6.2f} s", flush=True)
    return result, seconds


def longer(report: dict[str, Any], reports: int) -> dict[str, Any]:
    """The demo year's report with the lines that a year of so many reports has in its lists."""
    copy: dict[str, Any] = json.loads(json.dumps(report))
    for part in copy["parts"]:
        for block in part["blocks"]:
            if block["kind"] == "table" and len(block["rows"]) > 20 and not part["is_wide"]:
                lines = len(block["rows"]) * reports // 103
                block["rows"] = list(islice(cycle(block["rows"]), lines))
    return copy


def print_apart(kind: str, path: str) -> None:
    """Print a report from a file, as a worker does."""
    import django

    django.setup()
    from django.utils import translation

    from followup.annual_report import printing

    translation.activate("th")
    content = printing.WRITERS[kind](json.loads(Path(path).read_text("utf-8")), False)
    print(f"{len(content) // 1024:>8} KB", end="")


def resident(pid: int) -> int:
    """Bytes of memory of a process and its children."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(map(resident, children))


def peak_of(kind: str, report: dict[str, Any], reports: int) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        json.dump(report, file, ensure_ascii=False)
        file.flush()
        process = multiprocessing.get_context("spawn").Process(
            target=print_apart, args=(kind, file.name)
        )
        begun, peak = time.perf_counter(), 0
        process.start()
        while process.is_alive():
            peak = max(peak, resident(process.pid or 0))
            time.sleep(0.02)
    seconds = time.perf_counter() - begun
    print(
        f"  {kind} of {reports:,} reports: {seconds:.1f} s, {peak // 2**20} MB at most", flush=True
    )


def main() -> None:
    from django.core.management import call_command
    from django.utils import translation

    translation.activate("th")
    for command in (["migrate"], ["load_forum"], ["load_demo"]):
        call_command(*command, verbosity=0, stdout=StringIO())

    import pypdfium2

    from followup.annual_report import pack, pdf, printing, store, word
    from followup.models import RenderedReport, Round
    from followup.tests.doors import unguarded
    from followup.tests.factories import grow

    def run(name: str) -> float:
        """Seconds that a page of the PDF took."""
        round_ = Round.objects.published()[0]
        edition = round_.snapshots.latest("number")
        with unguarded():
            RenderedReport.objects.all().delete()
        report, _seconds = timed(f"{name}: content", lambda: store.document(edition))
        file, seconds = timed(f"{name}: PDF", lambda: pdf.write(report))
        timed(f"{name}: DOCX", lambda: word.write(report))
        pages, _seconds = timed(
            f"{name}: meeting pack",
            lambda: pdf.write(
                pack.build(store.counted_now(round_), by="resolution").as_data(), fitted=True
            ),
        )
        length = len(json.dumps(report, ensure_ascii=False))
        at_once = "at once" if length <= printing.INLINE else "in a process of its own"
        print(f"    {length:,} characters of content, printed {at_once}")
        for what, content in (("PDF", file), ("meeting pack", pages)):
            document = pypdfium2.PdfDocument(content)
            print(f"    {what}: {len(document)} pages, {len(content) // 1024} KB")
            if what == "PDF":
                seconds /= len(document)
            document.close()
        return seconds

    short = run("demo year")
    newest = Round.objects.published()[0].snapshots.latest("number")
    demo = store.document(newest)
    for reports in (103, 2721, 30_023):
        for kind in printing.WRITERS:
            peak_of(str(kind), longer(demo, reports), reports)
    grow(11)
    print(f"ratio of a page, stress to demo: {run('stress year') / short:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
            "PORTAL_ENV": "local",
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
        }
        import django

        django.setup()
        main()
