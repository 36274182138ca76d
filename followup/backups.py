"""What backups have to know of the portal's tables; the rest is in `forum_portal.backups`."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error
from django.utils.translation import gettext as _

from followup import chain
from followup.models import Evidence, Feedback, StatusReport
from forum_portal.backups.archive import Archive
from forum_portal.backups.manifest import Manifest
from forum_portal.backups.refused import Refused
from forum_portal.backups.stored_files import Column, names_of
from forum_portal.errors import is_busy, is_full
from forum_portal.storage_fault import StorageUnavailable

#: The columns that name files of the storage of evidence. Of those in the history most are gone with
#: their rows; the ones that were ever published stay.
COLUMNS = (
    Column(Evidence._meta.db_table, "file", digest="sha256"),
    Column(Feedback._meta.db_table, "file"),
    Column(Evidence.history.model._meta.db_table, "file", is_needed=False),
)


def fault_of_the_record() -> str:
    """The first break of the chain of the record, as a sentence; "" for none."""
    try:
        chain.verify()
    except chain.Broken as error:
        return f"{error} · The record is broken (manage.py verify_record)."
    return ""


def described(manifest: Manifest, *, files: int, size: int) -> str:
    """What a backup holds, in two lines. `size`: bytes."""
    reports = manifest.tables[StatusReport._meta.db_table].rows
    rows = sum(table.rows for table in manifest.tables.values())
    tables, lost = len(manifest.tables), len(manifest.lost)
    thai = _(
        "%(engine)s รุ่น %(version)s เมื่อ %(at)s: รายงาน %(reports)s ฉบับ จาก %(rows)s แถว "
        "ใน %(tables)s ตาราง ไฟล์หลักฐาน %(files)s ไฟล์ %(size)s ไบต์"
    ) % {
        "engine": manifest.engine,
        "version": manifest.version,
        "at": manifest.made_at,
        "reports": f"{reports:,}",
        "rows": f"{rows:,}",
        "tables": tables,
        "files": f"{files:,}",
        "size": f"{size:,}",
    }
    english = (
        f"{manifest.engine}, version {manifest.version}, {manifest.made_at}: {reports:,} reports among "
        f"{rows:,} rows of {tables} tables, {files:,} evidence files, {size:,} bytes"
    )
    if lost:
        thai += _(" ไฟล์ที่หายไปหรือถูกแก้ไขก่อนสำรองข้อมูล %(n)s ไฟล์") % {"n": lost}
        english += f"; {lost} files were lost or changed before the backup"
    return f"{thai}\n{english}"


def described_archive(archive: Archive) -> str:
    return described(archive.manifest, files=len(names_of(archive)), size=archive.size)


def touch_mark() -> None:
    """Tell `/readyz` that there is a new backup, if BACKUP_MARK names the file."""
    if settings.BACKUP_MARK:
        Path(settings.BACKUP_MARK).touch(mode=0o600)


@contextmanager
def told() -> Iterator[None]:
    """Context manager for a command: whatever ends it is a sentence, and SIGTERM lets it clean up."""
    before = None
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    except Refused as error:
        raise CommandError(str(error)) from error
    except (OSError, sqlite3.Error, Error) as error:
        if is_busy(error):
            raise  # manage.py says so
        raise CommandError(_sentence(error)) from error
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _sentence(error: Exception) -> str:
    if is_full(error):
        return (
            _("พื้นที่ดิสก์ไม่พอ เพิ่มพื้นที่หรือระบุที่อื่น (โฟลเดอร์ชั่วคราวตั้งได้ด้วย TMPDIR)")
            + " · The disk is full. Make room, or name another place (TMPDIR names the temporary folder)."
        )
    if isinstance(error, StorageUnavailable):
        return _("ที่เก็บไฟล์ไม่ตอบ") + f" · The object storage does not answer: {error}"
    if isinstance(error, OSError):
        what = f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")
        return _("อ่านหรือเขียนไฟล์ไม่ได้") + f" · A file cannot be read or written: {what}"
    said = (str(error).strip().splitlines() or ["?"])[0]
    return _("ฐานข้อมูลไม่ตอบหรือใช้ไม่ได้") + f" · The database does not answer: {said}"


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
