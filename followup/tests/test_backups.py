"""What backups know of the portal: which columns name files, and how faults are told."""

import errno
import os
import signal
import sqlite3

import pytest
from django.apps import apps
from django.core.management.base import CommandError
from django.db import OperationalError, models

from followup import backups, chain
from followup.backups import COLUMNS, described, fault_of_the_record, told, touch_mark
from followup.models import Evidence, Round
from followup.tests.doors import unguarded
from forum_portal.backups.manifest import Table
from forum_portal.backups.refused import Refused
from forum_portal.tests.backups.test_archive import BARE


def test_every_column_that_names_files_is_known():
    """Also the history's, where a file is a text."""
    named = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField) or field.name == "file"
    }
    assert named == {(column.table, column.name) for column in COLUMNS}
    assert [column.table for column in COLUMNS if not column.is_needed] == [
        Evidence.history.model._meta.db_table
    ]


def test_a_break_of_the_record_is_a_sentence(open_round):
    chain.begin("test")
    assert fault_of_the_record() == ""
    with unguarded():
        Round.history.all().delete()
    assert fault_of_the_record().endswith("หายไป · The record is broken (manage.py verify_record).")


def test_what_a_backup_holds_is_told():
    manifest = dict(vars(BARE)) | {
        "tables": {"followup_statusreport": Table(103, ""), "followup_round": Table(1000, "")},
        "lost": ["a"],
    }
    thai, english = described(type(BARE)(**manifest), files=12, size=1234567).splitlines()
    assert thai == (
        "sqlite รุ่น 0.1.0 เมื่อ 2026-11-20T07:30:00+00:00: รายงาน 103 ฉบับ จาก 1,103 แถว ใน 2 ตาราง "
        "ไฟล์หลักฐาน 12 ไฟล์ 1,234,567 ไบต์ ไฟล์ที่หายไปหรือถูกแก้ไขก่อนสำรองข้อมูล 1 ไฟล์"
    )
    assert english == (
        "sqlite, version 0.1.0, 2026-11-20T07:30:00+00:00: 103 reports among 1,103 rows of 2 tables, "
        "12 evidence files, 1,234,567 bytes; 1 files were lost or changed before the backup"
    )


def test_the_mark_is_touched_if_there_is_one(settings, tmp_path):
    settings.BACKUP_MARK = ""
    touch_mark()
    settings.BACKUP_MARK = str(tmp_path / "mark")
    touch_mark()
    os.utime(settings.BACKUP_MARK, (0, 0))
    touch_mark()
    assert (tmp_path / "mark").stat().st_mtime > 0


def full_sqlite():
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorname = "SQLITE_FULL"
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Refused("ไทย", "English."), "ไทย · English."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full. Make room"),
        (full_sqlite(), "The disk is full. Make room"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "b.tar"),
            "A file cannot be read or written: b.tar: No such file or directory",
        ),
        (OSError("unexpected"), "A file cannot be read or written: unexpected"),
        (
            OperationalError('connection failed: database "x" does not exist\nIs it there?'),
            'The database does not answer: connection failed: database "x" does not exist',
        ),
        (sqlite3.DatabaseError(""), "The database does not answer: ?"),
    ],
)
def test_what_ends_a_command_is_a_sentence(error, sentence):
    with pytest.raises(CommandError) as ended, told():
        raise error
    assert sentence in str(ended.value)
    assert str(ended.value).splitlines() == [str(ended.value)]


def test_a_busy_database_is_left_to_all_commands():
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    error.__cause__.sqlite_errorname = "SQLITE_BUSY"
    with pytest.raises(OperationalError), told():
        raise error


def test_a_signal_to_end_lets_it_clean_up():
    before = signal.getsignal(signal.SIGTERM)
    cleaned = []

    def work():
        with told():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                cleaned.append(True)

    with pytest.raises(SystemExit) as ended:
        work()
    assert (ended.value.code, cleaned) == (143, [True])
    assert signal.getsignal(signal.SIGTERM) == before
    assert backups._leave is not before
