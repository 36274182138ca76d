from typing import Any

from django.core.management.base import BaseCommand

from followup.evidence import sweep


class Command(BaseCommand):
    help = (
        "Remove evidence files that no report has referred to within a day. For a daily scheduler."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sweep()} files removed")
