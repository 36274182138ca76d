"""How long the annual report takes: the demo year, and a year of about 300 pages.

    .venv/bin/python benchmarks/annual_report.py

It uses its own database in a temporary folder. It prints seconds, and the time for a page of the long
report relative to one of the short (1.0: the time is proportional to the pages).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
R = TypeVar("R")


def timed(what: str, job: Callable[[], R]) -> tuple[R, float]:
    begun = time.perf_counter()
    result = job()
    seconds = time.perf_counter() - begun
    print(f"{what:<40}{seconds:6.2f} s", flush=True)
    return result, seconds


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
