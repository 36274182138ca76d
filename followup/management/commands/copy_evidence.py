"""Copy the evidence files between EVIDENCE_FOLDER and object storage."""

from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import FileSystemStorage, storages
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from followup import backups
from followup.models.reports import evidence_storage
from forum_portal.backups.stored_files import named_by
from forum_portal.backups.transfer import copy

_FAULTS = {
    "changed": "ไม่ตรงกับค่าแฮชในแถว · differs from the hash in its row",
    "differ": "ปลายทางมีไฟล์ชื่อนี้ที่เนื้อหาต่างกัน · the other place has another file of this name",
    "gone": "มีแถวอ้างถึงแต่ไม่มีทั้งสองที่ · a row names it, and neither place has it",
}


class Command(BaseCommand):
    help = (
        "Copy the evidence files from EVIDENCE_FOLDER into the object storage of S3_BUCKET (to-s3), or "
        "back (to-folder), and read each copy again. Nothing is deleted or overwritten. Run it again for "
        "what was added meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("direction", choices=["to-s3", "to-folder"])

    def handle(self, *args: Any, direction: str, **options: Any) -> None:
        bucket, folder = evidence_storage(), storages["evidence-folder"]
        if isinstance(bucket, FileSystemStorage):
            raise CommandError("ต้องตั้งค่า S3_BUCKET · S3_BUCKET must be set")
        source, target = (folder, bucket) if direction == "to-s3" else (bucket, folder)
        with backups.told():
            found = copy(source, target, named_by(connection, backups.COLUMNS))
        self.stdout.write(
            f"คัดลอก {found.copied:,} ไฟล์ มีอยู่แล้ว {found.there:,} ไฟล์ · "
            f"{found.copied:,} files copied, {found.there:,} were there already"
        )
        for kind, sentence in _FAULTS.items():
            for name in getattr(found, kind):
                self.stderr.write(f"{name}: {sentence}")
        if not found.is_whole:
            raise CommandError("ยังมีไฟล์ที่ไม่ได้คัดลอก · Some files were not copied.")
