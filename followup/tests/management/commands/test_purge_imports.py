"""The command that removes uploads after a day."""

from datetime import timedelta
from io import StringIO

import time_machine
from django.core.management import call_command
from django.utils import timezone

from followup.models import SpreadsheetImport


def run():
    out = StringIO()
    call_command("purge_imports", stdout=out)
    return out.getvalue()


def test_it_removes_what_waited_for_a_day_and_says_how_many(open_round, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    for name in ("ก.xlsx", "ข.xlsx"):
        record = SpreadsheetImport.objects.create(round=open_round, file_name=name)
        record.upload().write_bytes(b"x")
    assert run() == "ลบการนำเข้าที่ค้าง 0 รายการ\n"
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert run() == "ลบการนำเข้าที่ค้าง 2 รายการ\n"
    assert not SpreadsheetImport.objects.exists()
    assert list(settings.IMPORT_FOLDER.iterdir()) == []
