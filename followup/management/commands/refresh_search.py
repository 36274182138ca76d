from typing import Any

from django.core.management.base import BaseCommand

from followup import search_index


class Command(BaseCommand):
    help = "Compare what a search finds with the record, and write what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        search_index.install()
        self.stdout.write(f"{search_index.refresh()} rows written")
