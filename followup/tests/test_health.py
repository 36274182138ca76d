"""Every check tells a part that works from one that does not, and none keeps the others waiting."""

import os
import threading
import time
from collections import namedtuple
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from followup import health
from followup.models import PrintJob, SpreadsheetImport
from followup.spreadsheets import session

pytestmark = pytest.mark.faults

Usage = namedtuple("Usage", "total used free")


def test_all_is_well(db):
    found = health.examine()
    assert {name: finding.is_ok for name, finding in found.items()} == dict.fromkeys(
        ["database", "cache", "disk", "migrations", "backup", "jobs"], True
    ), found
    assert found["backup"].detail == "not watched: BACKUP_MARK is not set"


def test_a_part_that_does_not_answer_is_told_in_time_and_asked_once(monkeypatch):
    ends, asked = threading.Event(), []

    def silent():
        asked.append(1)
        ends.wait(20)
        return ""

    monkeypatch.setattr(health, "LIMIT", 0.3)
    monkeypatch.setattr(health, "CHECKS", {"silent": silent, "quick": lambda: "fine"})
    began = time.monotonic()
    for _turn in range(3):
        found = health.examine(["silent", "quick"])
        assert found["silent"] == health.Finding(False, "no answer")
    assert time.monotonic() - began < 10, "not until the silent one ends"
    assert found["quick"] == health.Finding(True, "fine")
    assert len(asked) == 1
    ends.set()
    while health._waiting:
        time.sleep(0.01)
    assert health.examine(["silent"])["silent"].is_ok, "it is asked again when it has ended"


def test_any_failure_is_a_finding(monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"odd": lambda: 1 / 0})  # type: ignore[dict-item,return-value]
    assert health.examine(["odd"])["odd"] == health.Finding(
        False, "ZeroDivisionError: division by zero"
    )


def test_a_database_without_the_portals_tables_is_none(monkeypatch, tmp_path):
    empty = {"NAME": str(tmp_path / "portal.sqlite3")}
    other = SimpleNamespace(vendor="sqlite", settings_dict=empty)
    monkeypatch.setattr(health, "connection", other)
    with pytest.raises(health.Fault, match="does not exist"):
        health.database()
    assert not os.listdir(tmp_path), "and asking made none"


def test_a_database_where_nothing_was_migrated_is_none(db):
    MigrationRecorder.Migration.objects.all().delete()
    with pytest.raises(health.Fault, match="no migration was ever applied"):
        health.database()


def test_a_migration_that_waits_is_named(db):
    MigrationRecorder.Migration.objects.filter(app="followup", name__gte="0011").delete()
    with pytest.raises(health.Fault, match=r"from followup\.0011"):
        health.migrations()


def test_a_disk_that_is_nearly_full_is_named(db, monkeypatch, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path
    assert health.disk() == ""
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: Usage(10**12, 0, 50 * 1024**2))
    with pytest.raises(health.Fault, match="only 50 MB are free"):
        health.disk()


def test_a_disk_that_takes_no_file_is_told(db, monkeypatch, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path

    def full(**where):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(health.tempfile, "TemporaryFile", full)
    assert health.examine(["disk"])["disk"] == health.Finding(
        False, "OSError: [Errno 28] No space left on device"
    )


def test_a_backup_that_is_overdue_is_told(settings, tmp_path):
    mark = tmp_path / "backup"
    settings.BACKUP_MARK, settings.BACKUP_HOURS = str(mark), 26
    with pytest.raises(health.Fault, match="no backup yet"):
        health.backup()
    mark.touch()
    assert health.backup() == "made 0 hours ago"
    long_ago = time.time() - 30 * 3600
    os.utime(mark, (long_ago, long_ago))
    with pytest.raises(health.Fault, match="the last backup was made 30 hours ago"):
        health.backup()


def test_jobs_without_a_process_are_named(open_round, people, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path
    now = timezone.now()
    record = SpreadsheetImport.objects.create(
        round=open_round, created_by=people["staff"], state="checking"
    )
    session.report_progress(record, "check", 1, 2)
    job = PrintJob.objects.create(key="k" * 64, kind="pdf", document="{}", begun_at=now)
    assert health.jobs() == ""
    PrintJob.objects.update(begun_at=now - timedelta(hours=1))
    record.drop_files()
    with pytest.raises(health.Fault) as told:
        health.jobs()
    assert str(told.value) == f"stuck: import {record.pk}, print job {job.pk}"


def test_the_threads_leave_no_connection_open(db):
    before = threading.active_count()
    health.examine(["database", "migrations"])
    assert threading.active_count() == before
    assert connection.is_usable()
