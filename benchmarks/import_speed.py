"""The speed of an import of 20,000 rows, beside the minimum and beside plain django-import-export.

    .venv/bin/python benchmarks/import_speed.py [rows]

Three ways for the same rows, with history, in one run on one machine:

floor   calamine reads the file, then a plain bulk upsert with its history rows; no questions
ours    from upload to stored rows: read in a child process, recognise, match, compare, write
stock   plain django-import-export: the preview and the confirmed import of its admin

It prints the seconds, the peak memory of this process and of its children, and last the two ratios. It
is not a test: times vary between machines, only the ratios within one run are meaningful.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.mkdtemp(prefix="import-speed-"))
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

import python_calamine  # noqa: E402
import tablib  # noqa: E402
import xlsxwriter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from import_export.resources import ModelResource  # noqa: E402

from followup import actions  # noqa: E402
from followup.models import (  # noqa: E402
    Agency,
    Assignment,
    Round,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.roles import ADMINISTRATOR  # noqa: E402
from followup.spreadsheets import report_rows, session  # noqa: E402
from proposals.models import Forum, Measure, Resolution  # noqa: E402

HEADINGS = (
    "รหัสมาตรการย่อย",
    "หน่วยงาน",
    "สถานะ",
    "ผลการดำเนินงาน",
    "ปัญหา/อุปสรรค",
    "ข้อเสนอแนะ",
    "งบประมาณ (บาท)",
    "เบิกจ่ายแล้ว",
    "ปีงบประมาณ",
    "หมายเหตุ",
)


def make_data(rows: int) -> tuple[User, Round]:
    """A forum large enough for `rows` assignments, and an open round that expects them."""
    text = "ข้อเสนอ " * 10
    forum = Forum.objects.create(
        year_be=2565, name_th="ทดสอบความเร็ว", short_name_th="ทดสอบ", source_text=text
    )
    agencies = [
        Agency(code=f"A{n}", name_th=f"หน่วยงานทดสอบที่ {n}", abbr_th=f"นทส{n}.", kind="department")
        for n in range(100)
    ]
    for agency in agencies:
        agency.save()
    measures = []
    for number in range(1, 11):
        resolution = Resolution.objects.create(
            forum=forum, number=number, text=text, title_th=f"ข้อ {number}"
        )
        measures += Measure.objects.bulk_create(
            Measure(
                resolution=resolution, number=n, start=0, end=5, title_th=f"ย่อย {n}", kind="output"
            )
            for n in range(1, rows // 1000 + 1)
        )
    Assignment.objects.bulk_create(
        [
            Assignment(measure=measure, agency=agency, role="lead", valid_from=2565)
            for measure in measures
            for agency in agencies
        ],
        batch_size=1000,
    )
    user = User.objects.create_user("benchmark", display_name="ทดสอบ")
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    round_ = actions.create_round(by=None, year=2569)
    actions.open_round(round_=round_, by=None)
    return user, round_


def make_file(path: Path, offset: int) -> None:
    """A workbook with a row for every assignment; `offset` makes every row differ."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("รายงานผล")
    sheet.write_row(0, 0, HEADINGS)
    statuses = ("อยู่ระหว่างดำเนินการ", "ยังไม่ดำเนินการ", "ชะลอ", "กำลังดำเนินการ")
    assignments = Assignment.objects.select_related("measure__resolution", "agency").order_by("pk")
    for row, assignment in enumerate(assignments.iterator(), start=1):
        sheet.write_row(
            row,
            0,
            (
                assignment.measure.code,
                assignment.agency.abbr_th,
                statuses[row % 4],
                f"จัดประชุม {row + offset} ครั้ง ใน {row % 77} จังหวัด ผู้เข้าร่วมรวม {row * 7} คน",
                f"งบประมาณล่าช้า {row + offset} วัน",
                "เสนอที่ประชุมครั้งถัดไป",
                1000 * (row + offset),
                900 * row,
                2569,
                "",
            ),
        )
    book.close()


def timed(label: str, work: Any) -> float:
    before = time.perf_counter()
    work()
    seconds = time.perf_counter() - before
    print(f"{label:<8}{seconds:8.2f} s")
    return seconds


def floor(path: Path, round_: Round) -> None:
    """Read and upsert only: the minimum for any import."""
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    with transaction.atomic():
        reports = list(round_.reports.order_by("assignment_id"))
        for report, cells in zip(reports, rows[1:], strict=True):
            report.reported_status = "not_started"
            report.results, report.obstacles, report.next_steps = map(str, cells[3:6])
            report.budget_received, report.budget_spent = cells[6], cells[7]
        StatusReport.objects.bulk_create(
            reports,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[
                "reported_status",
                "results",
                "obstacles",
                "next_steps",
                "budget_received",
                "budget_spent",
            ],
            batch_size=report_rows.BATCH,
        )
        StatusReport.history.bulk_history_create(reports, batch_size=report_rows.BATCH, update=True)


def ours(path: Path, user: User, round_: Round) -> None:
    """The wizard's steps as its pages call them; the work runs in this process to be timed."""
    with path.open("rb") as upload:
        chunks = iter(lambda: upload.read(65536), b"")
        record = session.start(by=user, round_=round_, uploads=[session.Upload(path.name, chunks)])
    session.INLINE_ROWS = 10**9
    for task in ("check", "apply"):
        if not session.begin(record, task, by=user, rows=1):
            raise SystemExit(f"{task} did not begin: {record.state}")
        record.refresh_from_db()
    record = SpreadsheetImport.objects.get(pk=record.pk)
    expected = round_.reports.count()
    if record.rows.count() != expected:
        raise SystemExit(f"wrote {record.rows.count()} of {expected}: {record.counts}")


class Stock(ModelResource):
    """A resource as in the library's documentation: fields, and the id that identifies a row."""

    class Meta:
        model = StatusReport
        fields = (
            "id",
            "reported_status",
            "results",
            "obstacles",
            "next_steps",
            "budget_received",
            "budget_spent",
        )


def stock(path: Path, round_: Round) -> None:
    rows = tablib.Dataset().load(path.read_bytes(), format="xlsx")
    reports = round_.reports.order_by("assignment_id").values_list("pk", flat=True)
    data = tablib.Dataset(headers=Stock.Meta.fields)
    for pk, cells in zip(reports, rows, strict=True):
        data.append((pk, "not_started", *cells[3:8]))
    resource_ = Stock()
    for dry_run in (True, False):
        result = resource_.import_data(data, dry_run=dry_run, use_transactions=True)
        if result.has_errors() or result.has_validation_errors():
            raise SystemExit("the stock import failed")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    settings.IMPORT_FOLDER = WORK / "imports"
    call_command("migrate", verbosity=0)
    user, round_ = make_data(rows)
    files = [WORK / f"{n}.xlsx" for n in range(3)]
    for n, path in enumerate(files):
        make_file(path, offset=n)
    print(f"{round_.reports.count():,} rows, {files[0].stat().st_size / 1e6:.1f} MB")
    floor_seconds = timed("floor", lambda: floor(files[0], round_))
    own = timed("ours", lambda: ours(files[1], user, round_))
    for who, name in ((resource.RUSAGE_SELF, "this process"), (resource.RUSAGE_CHILDREN, "child")):
        print(f"peak memory, {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")
    stock_seconds = timed("stock", lambda: stock(files[2], round_))
    print(f"ratio_to_floor {own / floor_seconds:.2f}")
    print(f"ratio_to_stock {stock_seconds / own:.2f}")


if __name__ == "__main__":
    main()
