"""Load a forum from its file: the real one of `fixtures/`, once, or any other."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from followup import actions, forum_file
from followup.history import one_batch
from followup.models import Agency, AgencyAlias, Assignment, Province
from followup.preparing import alone
from proposals.models import Forum, Measure

FIXTURES = settings.ROOT / "fixtures"


class Command(BaseCommand):
    help = (
        "Load a CSOs Forum: source document, resolutions, measures and proposed assignments; without "
        "PATH that of 2565, with agencies and provinces. All at once, and only where this forum is not "
        "there yet: whatever staff have edited or deleted since stays as they left it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            type=Path,
            help="a JSON file of the form of fixtures/forum-2565.json; its source document is beside it",
        )
        parser.add_argument("--year", type=int, default=2565, help="of the file in fixtures/")
        parser.add_argument(
            "--assignments",
            type=Path,
            help="a CSV with measure, agency, role and basis; else assignments-YEAR.csv beside PATH",
        )

    def handle(
        self,
        *args: Any,
        path: Path | None = None,
        year: int = 2565,
        assignments: Path | None = None,
        **options: Any,
    ) -> None:
        with alone(self.stderr), transaction.atomic():
            try:
                self.load(path, year, assignments)
            except forum_file.Faulty as faulty:
                raise CommandError(str(faulty)) from faulty

    def load(self, path: Path | None, year: int, assignments: Path | None) -> None:
        if path is None:
            path = FIXTURES / f"forum-{year}.json"
            assignments = assignments or FIXTURES / "assignments.csv"
        else:
            content, _source = forum_file.read(path)
            year = content["forum"]["year_be"]
            beside = path.parent / f"assignments-{year}.csv"
            assignments = assignments or (beside if beside.is_file() else None)
        if Forum.objects.filter(year_be=year).exists():
            self.stdout.write(f"CSOs Forum {year}: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล")
            return
        if not Forum.objects.exists():  # later, what staff have deleted does not come back
            load_provinces()
            load_agencies()
        with one_batch():
            forum = forum_file.load(path, assignments=assignments)
        actions.refresh_open_rounds()
        measures = Measure.objects.filter(resolution__forum=forum)
        self.stdout.write(
            f"CSOs Forum {year}: ข้อเสนอ {forum.resolutions.count()} ข้อ "
            f"มาตรการย่อย {measures.count()} ข้อ "
            f"หน่วยงาน {Agency.objects.count()} แห่ง "
            f"การมอบหมายที่เสนอ {Assignment.objects.filter(measure__in=measures).count()} รายการ"
        )


def load_provinces() -> None:
    for row in json.loads((FIXTURES / "provinces.json").read_text("utf-8")):
        Province.objects.get_or_create(code=row["code"], defaults=row)


def load_agencies() -> None:
    """Create missing agencies, with their aliases and parents."""
    rows = json.loads((FIXTURES / "agencies.json").read_text("utf-8"))
    new = []
    for row in rows:
        fields = {name: row[name] for name in row if name not in {"parent", "aliases"}}
        agency, made = Agency.objects.get_or_create(code=row["code"], defaults=fields)
        if made:
            new.append((agency, row))
            for name in row["aliases"]:
                AgencyAlias.objects.create(agency=agency, name=name)
    for agency, row in new:
        if row["parent"]:
            agency.parent = Agency.objects.get(code=row["parent"])
            agency.save()
