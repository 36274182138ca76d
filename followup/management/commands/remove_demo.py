"""Remove the demo data."""

from typing import Any

from django.core.management.base import BaseCommand

from followup import demo
from followup.preparing import alone


class Command(BaseCommand):
    help = "Remove the demo rounds, all their reports and the demo logins, and nothing else."

    def handle(self, *args: Any, **options: Any) -> None:
        with alone(self.stderr):
            self.remove()

    def remove(self) -> None:
        if not demo.is_loaded():
            self.stdout.write("ไม่มีข้อมูลตัวอย่าง")
            return
        removed = demo.remove()
        self.stdout.write("ลบข้อมูลตัวอย่างแล้ว: " + ", ".join(f"{k} {v}" for k, v in removed.items()))
