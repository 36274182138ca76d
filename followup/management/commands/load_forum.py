"""Load the real forum from `fixtures/`, once."""

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from followup.history import one_batch
from followup.models import Agency, AgencyAlias, Assignment, Province
from followup.preparing import alone
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget

FIXTURES = settings.ROOT / "fixtures"


class Command(BaseCommand):
    help = (
        "Load the CSOs Forum 2565: source document, resolutions, measures, agencies, provinces and "
        "proposed assignments. All at once, and only where this forum is not there yet: whatever "
        "staff have edited or deleted since stays as they left it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, default=2565)

    def handle(self, *args: Any, year: int, **options: Any) -> None:
        with alone(self.stderr), transaction.atomic():
            self.load(year)

    def load(self, year: int) -> None:
        if Forum.objects.filter(year_be=year).exists():
            self.stdout.write(f"CSOs Forum {year}: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล")
            return
        load_provinces()
        load_agencies()
        forum = load_forum(FIXTURES / f"forum-{year}.json")
        with one_batch():
            load_assignments(forum, FIXTURES / "assignments.csv")
        self.stdout.write(
            f"CSOs Forum {year}: ข้อเสนอ {forum.resolutions.count()} ข้อ "
            f"มาตรการย่อย {Measure.objects.filter(resolution__forum=forum).count()} ข้อ "
            f"หน่วยงาน {Agency.objects.count()} แห่ง "
            f"การมอบหมายที่เสนอ {Assignment.objects.count()} รายการ"
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


def load_forum(path: Path) -> Forum:
    """Load a forum from its JSON file; its source document is in the same folder."""
    content = json.loads(path.read_text("utf-8"))
    fields = content["forum"]
    source = (path.parent / fields["source_file"]).read_text("utf-8")
    forum = Forum.objects.create(source_text=source, **fields)
    resolutions = {}
    for row in content["resolutions"]:
        measures, targets = row.pop("measures"), row.pop("sdg_targets")
        resolution = Resolution(forum=forum, **row)
        resolution.full_clean()
        resolution.save()
        resolutions[resolution.number] = resolution
        for each in measures:
            span = each.pop("span")
            measure = Measure(resolution=resolution, **each)
            measure.full_clean()
            if measure.span != span:
                raise ValueError(
                    f"{measure.full_code}: the offsets do not give the span of the fixture"
                )
            measure.save()
        for position, target in enumerate(targets):
            SdgTarget.objects.create(resolution=resolution, position=position, **target)
    for position, row in enumerate(content["editor_notes"]):
        note = EditorNote(
            forum=forum,
            resolution=resolutions.get(row["resolution"]),
            quotation=row["quotation"],
            text_th=row["text_th"],
            position=position,
        )
        note.full_clean()
        note.save()
    return forum


def load_assignments(forum: Forum, path: Path) -> None:
    """Load the proposed assignments, which the committee has yet to confirm."""
    measures = {
        measure.code: measure  # one forum, so short codes are unique
        for measure in Measure.objects.filter(resolution__forum=forum).select_related("resolution")
    }
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            Assignment.objects.create(
                measure=measures[row["measure"]],
                agency=agencies[row["agency"]],
                role=row["role"],
                basis=row["basis"],
                valid_from=forum.year_be,
            )
