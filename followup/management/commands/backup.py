"""Write everything that cannot be made again into one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from followup import backups
from followup.models.reports import evidence_storage
from followup.preparing import alone
from forum_portal.backups.making import make


class Command(BaseCommand):
    help = (
        "Write the database and the evidence files, as of one moment and while people work, into FILE. "
        "SECRET_KEY and the other settings are not in it: keep them elsewhere. manage.py check_backup "
        "proves a backup, manage.py restore brings it back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="replace FILE if it exists")
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            metavar="KEY",
            help="encrypt with age (a key that begins with age1 or ssh-) or with gpg (a fingerprint); "
            "may be given several times",
        )
        parser.add_argument(
            "--despite-damage",
            action="store_true",
            help="also if evidence files that the database names were lost or changed before",
        )

    def handle(
        self,
        *args: Any,
        file: Path,
        replace: bool,
        recipient: list[str],
        despite_damage: bool,
        **options: Any,
    ) -> None:
        # Alone: a migration in the middle would be in the copy by half.
        with backups.told(), alone(self.stderr):
            made = make(
                file,
                storage=evidence_storage(),
                columns=backups.COLUMNS,
                recipients=recipient,
                replace=replace,
                despite_damage=despite_damage,
            )
            self.stdout.write(f"สำรองข้อมูลไว้ที่ {file} แล้ว · Backed up to {file}")
            self.stdout.write(backups.described(made.manifest, files=made.files, size=made.size))
            backups.touch_mark()
