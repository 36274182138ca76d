"""How long the annual report takes: the demo year, and a year of about 300 pages.

    .venv/bin/python benchmarks/annual_report.py

Works on a database of its own, made for this run in a temporary folder. Prints seconds.
"""

from __future__ import annotations

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


def timed(what: str, job: Callable[[], R]) -> R:
    begun = time.perf_counter()
    result = job()
    print(f"{what:<40}{time.perf_counter() - begun:6.2f} s", flush=True)
    return result


def main() -> None:
    from django.core.management import call_command
    from django.utils import translation

    translation.activate("th")
    for command in (["migrate"], ["load_forum"], ["load_demo"]):
        call_command(*command, verbosity=0, stdout=StringIO())

    import pypdfium2

    from followup.annual_report import pack, pdf, store, word
    from followup.models import RenderedReport, Round
    from followup.tests.factories import grow

    def run(name: str) -> None:
        round_ = Round.objects.published()[0]
        edition = round_.snapshots.latest("number")
        RenderedReport.objects.all().delete()
        report = timed(f"{name}: content", lambda: store.document(edition))
        file = timed(f"{name}: PDF", lambda: pdf.write(report))
        timed(f"{name}: DOCX", lambda: word.write(report))
        pages = timed(
            f"{name}: meeting pack",
            lambda: pdf.write(
                pack.build(store.standing(round_), by="resolution").as_data(), fitted=True
            ),
        )
        for what, content in (("PDF", file), ("meeting pack", pages)):
            document = pypdfium2.PdfDocument(content)
            print(f"    {what}: {len(document)} pages, {len(content) // 1024} KB")
            document.close()

    run("demo year")
    grow(9)
    run("stress year")


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
