"""Remove uploads that are more than a day old."""

from typing import Any

from django.core.management.base import BaseCommand

from followup.spreadsheets import session


class Command(BaseCommand):
    help = "Remove uploaded spreadsheets after 24 hours. For a scheduler; each upload does it too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"ลบการนำเข้าที่ค้าง {session.purge()} รายการ")
