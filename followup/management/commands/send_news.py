from typing import Any

from django.core.management.base import BaseCommand

from followup import news


class Command(BaseCommand):
    help = "Send news of editions to the subscribers; each mail once. The portal calls this, too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"ส่งข่าวถึงผู้ติดตามแล้ว {news.send_all()} ฉบับ")
