"""Remove personal data that has outlived its time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from followup import retention


class Command(BaseCommand):
    help = (
        "Remove personal data that has outlived its time (KEEP_…_DAYS), and say how much of each kind. "
        "For a daily scheduler; a second run finds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        counts = retention.due() if dry_run else retention.purge()
        done = "จะลบ" if dry_run else "ลบแล้ว"
        for kind, count in counts.items():
            self.stdout.write(f"{kind.label}: {done} {count} รายการ")
