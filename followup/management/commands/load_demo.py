"""Load the demo data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from followup import demo
from followup.actions import Refused
from followup.preparing import alone


class Command(BaseCommand):
    help = (
        "Load invented rounds 2566–2569, with letters and independent assessments, and three logins for "
        "trying the portal. Once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with alone(self.stderr):
            self.load()

    def load(self) -> None:
        if demo.is_loaded():
            self.stdout.write("ข้อมูลตัวอย่าง: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล (ลบด้วย manage.py remove_demo)")
            return
        try:
            logins = demo.load(with_voices=True)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("โหลดข้อมูลตัวอย่างแล้ว บัญชีสำหรับทดลอง (แสดงครั้งเดียว จดไว้):")
        for user, password in logins:
            self.stdout.write(f"  {user.display_name:<22} {user.username:<14} {password}")
