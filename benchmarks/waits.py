"""How long a save waits while an import is applied, a round is opened and a round is published.

    .venv/bin/python benchmarks/waits.py [reports]

It fills a database with a forum of so many assignments (30,023 without a number), and an open round of
another year. A second process saves a report of that round every 100 milliseconds, as a person does. It
prints, for each piece of work, its seconds, the number of saves meanwhile, the longest wait for one and
the peak memory. On SQLite, or on the database in DATABASE_URL. It is not a test: times vary.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.mkdtemp(prefix="waits-"))
os.environ.update(
    DJANGO_SETTINGS_MODULE="forum_portal.settings",
    ENV_FILE=os.devnull,
    PORTAL_ENV="local",
    SECRET_KEY="benchmark" * 8,
)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{WORK}/benchmark.sqlite3")
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

django.setup()

import logging  # noqa: E402

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from followup import actions  # noqa: E402
from followup.annual_report import printing  # noqa: E402
from followup.models import (  # noqa: E402
    Agency,
    Assignment,
    Round,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.roles import ADMINISTRATOR  # noqa: E402
from followup.spreadsheets import session  # noqa: E402
from proposals.models import Measure  # noqa: E402

IMPORTED = 20_000  # rows, or as many as there are reports
PAUSE = 0.1  # seconds between two saves


def make_data(reports: int) -> User:
    """Agencies that answer for all 34 measures, and who works."""
    call_command("migrate", verbosity=0)
    call_command("load_forum", verbosity=0)
    user = User.objects.create_user("benchmark", display_name="ทดสอบ")
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    measures = list(Measure.objects.all())
    more = max(0, reports - Assignment.objects.count())
    agencies = Agency.objects.bulk_create(
        Agency(code=f"P{n}", name_th=f"สำนักงานที่ {n}", abbr_th=f"สนง{n}.", kind="department")
        for n in range(-(-more // len(measures)))
    )
    pairs = [(agency, measure) for agency in agencies for measure in measures][:more]
    # The other year's round is small: its one report is what the second process saves.
    Assignment.objects.bulk_create(
        [
            Assignment(measure=measure, agency=agency, role="support", valid_from=2569)
            for agency, measure in pairs
        ],
        batch_size=1000,
    )
    return user


class Saving:
    """Saves a report every `PAUSE` seconds in a process of its own, while the block runs."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.told: Any = multiprocessing.Queue()
        self.ended = multiprocessing.Event()

    def __enter__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.told, self.ended = context.Queue(), context.Event()
        begun = context.Event()
        self.process = context.Process(target=save_on, args=(begun, self.ended, self.told))
        self.process.start()
        begun.wait(60)
        self.began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        seconds = time.perf_counter() - self.began
        self.ended.set()
        saves, longest = self.told.get(timeout=120)
        self.process.join()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{self.what:<10}{seconds:7.1f} s  {saves:4} saves, the longest wait {longest:5.2f} s"
            f"  (peak memory so far {peak:.0f} MB)",
            flush=True,
        )


def save_on(begun: Any, ended: Any, told: Any) -> None:
    logging.disable(logging.INFO)
    round_, user = Round.objects.get(year_be=2568), User.objects.get(username="benchmark")
    report = round_.reports.with_context().filter(version=0)[0]
    waits = []
    while not (ended.is_set() and waits):
        before = time.perf_counter()
        report = actions.save_draft(
            report=report,
            by=user,
            version=report.version,
            fields={"results": f"ครั้งที่ {len(waits)}"},
            evidence=[],
        )
        waits.append(time.perf_counter() - before)
        begun.set()
        time.sleep(PAUSE)
    told.put((len(waits), max(waits)))


def make_file(path: Path, round_: Round) -> int:
    """A workbook with a row for each of the first reports; returns how many."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("รายงานผล")
    sheet.write_row(0, 0, ("รหัสมาตรการย่อย", "หน่วยงาน", "สถานะ", "ผลการดำเนินงาน"))
    rows = 0
    for report in round_.reports.with_context().prefetch_related(None)[:IMPORTED]:
        if report.assignment.agency.abbr_th:
            rows += 1
            done = f"จัดประชุม {rows} ครั้ง ใน {rows % 77} จังหวัด"
            code, agency = report.measure.full_code, report.assignment.agency.name_th
            sheet.write_row(rows, 0, (code, agency, "อยู่ระหว่างดำเนินการ", done))
    book.close()
    return rows


def approve_all(round_: Round) -> None:
    """Approve each report past the verbs, which nobody measures here."""
    now = timezone.now()
    with transaction.atomic():
        round_.reports.update(
            state="approved",
            reported_status="in_progress",
            assessed_status="in_progress",
            results="จัดประชุมหลายครั้งในหลายจังหวัด ผู้เข้าร่วมจำนวนมาก " * 5,
            reported_on=timezone.localdate(),
            submitted_at=now,
            approved_at=now,
        )


def main() -> None:
    logging.disable(logging.INFO)
    reports = int(sys.argv[1]) if len(sys.argv) > 1 else 30_023
    settings.IMPORT_FOLDER = WORK / "imports"
    printing.ahead = lambda edition: None  # other processes print the files
    user = make_data(reports)
    actions.open_round(round_=actions.create_round(by=None, year=2568), by=None)
    round_ = actions.create_round(by=None, year=2569)
    with Saving("opening"):
        actions.open_round(round_=round_, by=None)
    path = WORK / "results.xlsx"
    rows = make_file(path, round_)
    with path.open("rb") as upload:
        chunks = iter(lambda: upload.read(65536), b"")
        record = session.start(by=user, round_=round_, uploads=[session.Upload(path.name, chunks)])
    session.INLINE_ROWS = 10**9  # in this process, to be timed
    session.begin(record, "check", by=user, rows=1)
    record.refresh_from_db()
    with Saving("import"):
        session.begin(record, "apply", by=user, rows=1)
    record = SpreadsheetImport.objects.get(pk=record.pk)
    if record.rows.count() != rows:
        raise SystemExit(f"imported {record.rows.count()} of {rows}: {record.failure}")
    with Saving("undo"):
        session.begin(record, "undo", by=user, rows=1)
    approve_all(round_)
    actions.close_round(round_=round_, by=None)
    with Saving("publishing"):
        actions.publish_round(round_=round_, by=None)
    print(f"{StatusReport.objects.filter(round=round_).count():,} reports, {rows:,} rows imported")


if __name__ == "__main__":
    main()
