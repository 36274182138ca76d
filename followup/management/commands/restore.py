"""Bring a backup back into an empty place."""

from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from followup import backups, jobs
from followup.models.reports import evidence_storage
from followup.preparing import alone, make_folder
from forum_portal.backups import reading, restoring, surroundings

_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Bring a backup back into the database of DATABASE_URL and the storage of evidence, which must "
        "be empty. Every byte is checked before anything is written. Stop the portal first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--identity", type=Path, metavar="KEYS", help="the file of age's keys")
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be done, or overwritten"
        )

    def handle(
        self, *args: Any, file: Path, identity: Path | None, dry_run: bool, **options: Any
    ) -> None:
        with (
            backups.told(),
            reading.opened(file, identity=identity) as archive,
            ExitStack() as stack,
        ):
            if not dry_run:
                make_folder()
            stack.enter_context(alone(self.stderr))
            manifest = archive.manifest
            self.stdout.write(backups.described_archive(archive))
            for sentence in surroundings.differences(manifest):
                self.stdout.write(sentence)
            occupied = restoring.in_the_way(archive, evidence_storage())
            self._list("ตาราง · table", occupied.tables)
            self._list("ไฟล์หลักฐาน · evidence file", occupied.files)
            restoring.refuse_occupied(occupied)
            if dry_run:
                self.stdout.write(
                    "ยังไม่ได้นำข้อมูลกลับมา (--dry-run) · Nothing was restored (--dry-run)"
                )
                return
            stored = restoring.restore(archive, evidence_storage())
            self.stdout.write(
                f"นำข้อมูลกลับมาแล้ว ไฟล์หลักฐาน {len(stored)} ไฟล์ · Restored, {len(stored)} evidence files"
            )
            if waiting := jobs.put_aside():
                self.stdout.write(
                    f"งานเบื้องหลังที่ค้างอยู่ {waiting} งานถูกพักไว้ ดูที่ /staff/jobs/ · {waiting} jobs that had "
                    "not ended are put aside; /staff/jobs/ lists them"
                )
            if missing := surroundings.missing_migrations(manifest):
                self.stdout.write(
                    f"ไฟล์สำรองเป็นของรุ่นก่อน ต้องปรับตารางอีก {len(missing)} ขั้น · The backup is of an "
                    f"earlier version: {len(missing)} migrations are to be applied"
                )
            self.stdout.write(
                "ขั้นต่อไป · Next: manage.py migrate; manage.py verify_record; then start the portal"
            )

    def _list(self, kind: str, names: Sequence[str]) -> None:
        for name in names[:_SHOWN]:
            self.stdout.write(f"มีอยู่แล้ว · Already there: {kind} {name}")
        if len(names) > _SHOWN:
            self.stdout.write(
                f"และอีก {len(names) - _SHOWN} รายการ · and {len(names) - _SHOWN} more"
            )
