"""Prove that a backup can be restored, without touching the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from followup import backups
from forum_portal.backups import checking, reading


class Command(BaseCommand):
    help = (
        "Check every byte of a backup, restore it aside (SQLite: a temporary file; PostgreSQL: a "
        "temporary database on the same server), and compare rows, contents and evidence files with what "
        "the backup says of itself. Exits with 1 if anything differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--identity", type=Path, metavar="KEYS", help="the file of age's keys")

    def handle(self, *args: Any, file: Path, identity: Path | None, **options: Any) -> None:
        with backups.told(), reading.opened(file, identity=identity) as archive:
            self.stdout.write(backups.described_archive(archive))
            knows = checking.knows(archive.manifest)
            faults = checking.faults(
                archive,
                columns=backups.COLUMNS,
                own_check=backups.fault_of_the_record if knows else None,
            )
        if not knows:
            self.stdout.write(
                "ไฟล์สำรองเป็นของอีกรุ่นหนึ่ง จึงไม่ได้ตรวจโซ่ของบันทึก · The backup is of another version: the "
                "chain of its record was not checked"
            )
        for sentence in faults:
            self.stdout.write(sentence)
        if faults:
            raise CommandError(
                f"ไฟล์สำรองไม่ตรงกับรายการ {len(faults)} แห่ง · The backup differs in {len(faults)} places."
            )
        self.stdout.write("ไฟล์สำรองครบถ้วน นำกลับมาได้ · The backup is whole, and can be restored")
