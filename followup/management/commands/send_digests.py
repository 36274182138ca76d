from typing import Any

from django.core.management.base import BaseCommand

from followup import digests


class Command(BaseCommand):
    help = "Send each member of the secretariat one e-mail about what waits; once a day at most."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"ส่งอีเมลสรุปแล้ว {digests.send_all()} ฉบับ")
