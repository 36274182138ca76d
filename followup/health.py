"""Whether the portal's parts work, found out within two seconds.

Each check runs in a thread of its own, because a part that is broken may not answer at all. A check that
is still waiting from an earlier request is not begun again.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import jobs as queue
from followup.annual_report import printing
from followup.models import SpreadsheetImport
from followup.models.reports import evidence_storage
from followup.spreadsheets import session
from forum_portal.storage_fault import StorageUnavailable

LIMIT = 1.5  # seconds for all checks together
CLOCKS_APART = 5.0  # seconds; a code of a phone counts for thirty, a job is lost after as many
FREE = 200 * 1024 * 1024  # bytes that must be free on each disk
CERTIFICATE_DAYS = 14  # for which a certificate must be good
BEHIND = 30 * 60  # seconds that a job may wait for a worker


class Fault(Exception):
    """A part does not work: why, for the person who runs the portal."""

    def __init__(self, english: str, thai: str) -> None:
        super().__init__(english)
        self.english, self.thai = english, thai


class Remark(NamedTuple):
    """What a check has to say of a part that works, or that is not set up; often nothing."""

    english: str = ""
    thai: str = ""
    is_used: bool = True


@dataclass(frozen=True)
class Finding:
    """What a check found: the sentences are of the fault, or a remark. A part that is not used is ok."""

    is_ok: bool
    english: str = ""
    thai: str | Promise = ""
    is_used: bool = True


NO_ANSWER = Finding(False, "no answer", _l("ไม่ตอบภายในเวลาที่กำหนด"))


def database() -> Remark:
    """The database answers, and it is the portal's: an empty file is not."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).exists():
        raise Fault("the database file does not exist", _("ไม่มีไฟล์ฐานข้อมูล"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        if not cursor.fetchone():
            raise Fault("no migration was ever applied", _("ยังไม่เคยสร้างตารางในฐานข้อมูล"))
    return Remark()


def cache_answers() -> Remark:
    cache.get("health")
    return Remark()


def disk() -> Remark:
    """Every folder that the portal writes to has room, and takes a file."""
    least: int | None = None
    for folder in _folders():
        free = shutil.disk_usage(folder).free
        if free < FREE:
            size = free // 1024**2
            raise Fault(
                f"{folder}: only {size} MB are free",
                _("เหลือที่ว่างเพียง %(size)s MB ที่ %(folder)s") % {"size": size, "folder": folder},
            )
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
            file.flush()
        least = free if least is None else min(least, free)
    if least is None:
        return Remark()
    told = f"{least // 1024**2:,}"
    return Remark(f"{told} MB are free", _("เหลือที่ว่าง %(size)s MB") % {"size": told})


def storage() -> Remark:
    """The object storage answers, with this bucket and this key, if there is one."""
    ask = getattr(evidence_storage(), "answers", None)
    if ask is None:
        return Remark(
            "none: S3_BUCKET is not set", _("ไฟล์อยู่ในโฟลเดอร์ของเครื่องนี้ ไม่ได้ตั้งค่า S3_BUCKET"), False
        )
    try:
        ask()
    except StorageUnavailable as error:
        raise Fault(
            f"the object storage does not answer: {error}",
            _("ที่เก็บไฟล์ไม่ตอบ: %(why)s") % {"why": error},
        ) from error
    return Remark()


def _folders() -> list[Path]:
    """The folders of the database, the evidence and the imports, those that exist."""
    folders = {Path(settings.IMPORT_FOLDER)}
    if connection.vendor == "sqlite":
        folders.add(Path(connection.settings_dict["NAME"]).parent)
    if isinstance(store := evidence_storage(), FileSystemStorage):
        folders.add(Path(store.location))
    return sorted(folder for folder in folders if folder.is_dir())


def migrations() -> Remark:
    """The tables are those of this version of the code."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        count, first = len(waiting), waiting[0][0]
        raise Fault(
            f"{count} migrations are not applied, from {first} on",
            _("ยังไม่ได้ปรับตาราง %(count)s ขั้น ตั้งแต่ %(first)s") % {"count": count, "first": first},
        )
    return Remark()


def clock() -> Remark:
    """This machine's clock agrees with the database's, by which all machines can be compared.

    SQLite has no clock of its own.
    """
    if connection.vendor != "postgresql":
        return Remark()
    asked = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        told = float(cursor.fetchone()[0])
    answered = time.time()
    # The database has looked at its clock between the two.
    ahead = max(0.0, asked - told) or min(0.0, answered - told)
    if abs(ahead) > CLOCKS_APART:
        side, words = ("ahead of", _("เร็วกว่า")) if ahead > 0 else ("behind", _("ช้ากว่า"))
        seconds = round(abs(ahead))
        raise Fault(
            f"the clock is {seconds} seconds {side} the database's",
            _("นาฬิกาของเครื่องนี้%(side)sของฐานข้อมูล %(n)s วินาที") % {"side": words, "n": seconds},
        )
    return Remark()


def backup() -> Remark:
    """The backup job has touched the file that BACKUP_MARK names."""
    made_at = backup_made_at()
    if made_at is None:
        if settings.BACKUP_MARK:
            raise Fault("there is no backup yet", _("ยังไม่มีข้อมูลสำรอง"))
        return Remark(
            "not watched: BACKUP_MARK is not set",
            _("ไม่ได้เฝ้าดู เพราะไม่ได้ตั้งค่า BACKUP_MARK"),
            False,
        )
    hours = int((time.time() - made_at) // 3600)
    if hours >= settings.BACKUP_HOURS:
        raise Fault(
            f"the last backup was made {hours} hours ago",
            _("สำรองข้อมูลครั้งล่าสุดเมื่อ %(hours)s ชั่วโมงที่แล้ว") % {"hours": hours},
        )
    return Remark(
        f"made {hours} hours ago", _("สำรองข้อมูลเมื่อ %(hours)s ชั่วโมงที่แล้ว") % {"hours": hours}
    )


def backup_made_at() -> float | None:
    """When the last backup was made, in seconds of the epoch; None if that is not known."""
    try:
        return Path(settings.BACKUP_MARK).stat().st_mtime if settings.BACKUP_MARK else None
    except FileNotFoundError:
        return None


def jobs() -> Remark:
    """A worker lives, the queue moves on, and no import and no printing has lost its process."""
    figures = queue.figures()
    if not figures.workers:
        raise Fault(
            f"no worker runs (manage.py work), {figures.waiting} jobs wait",
            _("ไม่มีโปรแกรมทำงานเบื้องหลัง (manage.py work) งานที่รออยู่ %(n)s งาน")
            % {"n": figures.waiting},
        )
    if figures.oldest_waiting_seconds > BEHIND:
        minutes = figures.oldest_waiting_seconds // 60
        raise Fault(
            f"a job has waited for {minutes} minutes",
            _("มีงานที่รอมาแล้ว %(n)s นาที") % {"n": minutes},
        )
    stuck = [
        f"import {record.pk}"
        for record in SpreadsheetImport.objects.filter(state__in=session.RUNNING)
        if session.is_lost(record)
    ]
    stuck += [f"print job {job.pk}" for job in printing.lost()]
    if stuck:
        names = ", ".join(stuck)
        raise Fault(f"stuck: {names}", _("งานที่ค้าง: %(names)s") % {"names": names})
    words = {"waiting": figures.waiting, "running": figures.running, "failed": figures.failed}
    return Remark(
        "{waiting} wait, {running} run, {failed} failed".format(**words),
        _("รอ %(waiting)s กำลังทำ %(running)s ไม่สำเร็จ %(failed)s งาน") % words,
    )


def mail() -> Remark:
    """The mail server that EMAIL_URL names takes a connection, with its password."""
    with get_connection() as server:
        if not hasattr(server, "host"):
            return Remark(
                "no mail server is named: e-mails reach nobody",
                _("ไม่ได้ตั้งค่าระบบอีเมล (EMAIL_URL) จดหมายจึงไม่ถึงใคร"),
                False,
            )
    return Remark()


def certificate() -> Remark:
    """The portal's own HTTPS address has a certificate that browsers accept, for two weeks at least."""
    address = urlsplit(settings.PORTAL_URL)
    if address.scheme != "https" or not address.hostname:
        return Remark("the portal's address is not HTTPS", _("ที่อยู่ของระบบนี้ไม่ใช่ HTTPS"), False)
    where = (address.hostname, address.port or 443)
    try:
        with (
            socket.create_connection(where, timeout=LIMIT) as line,
            ssl.create_default_context().wrap_socket(line, server_hostname=where[0]) as sealed,
        ):
            until = ssl.cert_time_to_seconds(str((sealed.getpeercert() or {})["notAfter"]))
    except ssl.SSLCertVerificationError as error:
        raise Fault(
            f"browsers refuse the certificate: {error.verify_message}",
            _("เบราว์เซอร์ไม่รับใบรับรอง: %(why)s") % {"why": error.verify_message},
        ) from None
    days = int((until - time.time()) // 86400)
    if days < CERTIFICATE_DAYS:
        raise Fault(
            f"the certificate ends in {days} days",
            _("ใบรับรองจะหมดอายุใน %(days)s วัน") % {"days": days},
        )
    return Remark(
        f"the certificate is good for {days} days", _("ใบรับรองใช้ได้อีก %(days)s วัน") % {"days": days}
    )


Check = Callable[[], Remark]
CHECKS: dict[str, Check] = {
    "database": database,
    "cache": cache_answers,
    "disk": disk,
    "storage": storage,
    "migrations": migrations,
    "clock": clock,
    "backup": backup,
    "jobs": jobs,
}
#: What the administrators' page asks as well. The portal is ready without it.
ALSO: dict[str, Check] = {"mail": mail, "certificate": certificate}
_waiting: set[str] = set()  # the checks that are running
_lock = threading.Lock()


def examine(names: Iterable[str] = CHECKS) -> dict[str, Finding]:
    """Run these checks at once; one without a result in `LIMIT` seconds has failed."""
    until = time.monotonic() + LIMIT
    found: dict[str, Finding] = {}
    threads = {name: _begin(name, found) for name in names}
    for thread in filter(None, threads.values()):
        thread.join(max(0.0, until - time.monotonic()))
    return {name: found.get(name, NO_ANSWER) for name in threads}


def _begin(name: str, found: dict[str, Finding]) -> threading.Thread | None:
    """Start a check in a thread; None if it still runs for an earlier request."""
    with _lock:
        if name in _waiting:
            return None
        _waiting.add(name)

    def run() -> None:
        try:
            found[name] = Finding(True, *(CHECKS.get(name) or ALSO[name])())
        except Fault as fault:
            found[name] = Finding(False, fault.english, fault.thai)
        except Exception as error:  # any failure is the finding
            said = f"{type(error).__name__}: {error}"
            found[name] = Finding(False, said, _("ตรวจไม่สำเร็จ (%(why)s)") % {"why": said})
        finally:
            connection.close()
            with _lock:
                _waiting.discard(name)

    thread = threading.Thread(target=run, name=f"health-{name}", daemon=True)
    thread.start()
    return thread
