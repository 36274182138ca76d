from typing import Any

from django.core.management.base import BaseCommand

from followup import jobs


class Command(BaseCommand):
    help = (
        "Queue what is due today: digests, news, purges. For a scheduler; each kind is queued once a "
        "day, however often this is called."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        queued = jobs.queue_daily_work()
        self.stdout.write(f"เข้าคิวแล้ว {len(queued)} งาน · Queued: {', '.join(queued) or '–'}")
