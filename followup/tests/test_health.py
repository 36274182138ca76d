"""Every check tells a part that works from one that does not, and none keeps the others waiting."""

import os
import socket
import ssl
import threading
import time
from collections import namedtuple
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from followup import health
from followup import jobs as queue
from followup.models import JobWorker, PrintJob, SpreadsheetImport
from followup.spreadsheets import session

pytestmark = pytest.mark.faults

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def worker(db):
    queue.sign_on("w")


@pytest.mark.django_db(transaction=True)  # the checks have connections of their own
def test_all_is_well():
    queue.sign_on("w")
    found = health.examine()
    assert {name: finding.is_ok for name, finding in found.items()} == dict.fromkeys(
        ["database", "cache", "disk", "storage", "migrations", "clock", "backup", "jobs"], True
    ), found
    assert found["jobs"].english == "0 wait, 0 run, 0 failed"
    assert found["backup"].english == "not watched: BACKUP_MARK is not set"


def test_a_part_that_does_not_answer_is_told_in_time_and_asked_once(monkeypatch):
    ends, asked = threading.Event(), []

    def silent():
        asked.append(1)
        ends.wait(20)
        return ""

    monkeypatch.setattr(health, "LIMIT", 0.3)
    monkeypatch.setattr(
        health, "CHECKS", {"silent": silent, "quick": lambda: health.Remark("fine", "ดี")}
    )
    began = time.monotonic()
    for _turn in range(3):
        found = health.examine(["silent", "quick"])
        assert found["silent"] == health.NO_ANSWER
    assert time.monotonic() - began < 10, "not until the silent one ends"
    assert found["quick"] == health.Finding(True, "fine", "ดี")
    assert len(asked) == 1
    ends.set()
    while health._waiting:
        time.sleep(0.01)
    assert health.examine(["silent"])["silent"].is_ok, "it is asked again when it has ended"


def test_any_failure_is_a_finding(monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"odd": lambda: 1 / 0})  # type: ignore[dict-item,return-value]
    assert health.examine(["odd"])["odd"] == health.Finding(
        False,
        "ZeroDivisionError: division by zero",
        "ตรวจไม่สำเร็จ (ZeroDivisionError: division by zero)",
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
    assert health.disk().english.endswith("MB are free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: Usage(10**12, 0, 50 * 1024**2))
    with pytest.raises(health.Fault, match="only 50 MB are free"):
        health.disk()


def test_a_disk_that_takes_no_file_is_told(db, monkeypatch, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path

    def full(**where):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(health.tempfile, "TemporaryFile", full)
    assert health.examine(["disk"])["disk"] == health.Finding(
        False,
        "OSError: [Errno 28] No space left on device",
        "ตรวจไม่สำเร็จ (OSError: [Errno 28] No space left on device)",
    )


@pytest.mark.parametrize(
    ("seconds", "told", "thai"),
    [
        (
            60,
            "the clock is 60 seconds ahead of the database's",
            "นาฬิกาของเครื่องนี้เร็วกว่าของฐานข้อมูล 60 วินาที",
        ),
        (
            -60,
            "the clock is 60 seconds behind the database's",
            "นาฬิกาของเครื่องนี้ช้ากว่าของฐานข้อมูล 60 วินาที",
        ),
        (3, "", ""),
        (-3, "", ""),
    ],
)
def test_a_clock_that_is_not_the_databases_is_told(db, monkeypatch, seconds, told, thai):
    real = time.time
    monkeypatch.setattr(health.time, "time", lambda: real() + seconds)
    if connection.vendor == "sqlite":
        told = thai = ""  # it has no other clock than this machine's
    found = health.examine(["clock"])["clock"]
    assert found == health.Finding(not told, told, thai)


def test_a_backup_that_is_overdue_is_told(settings, tmp_path):
    mark = tmp_path / "backup"
    settings.BACKUP_MARK, settings.BACKUP_HOURS = str(mark), 26
    with pytest.raises(health.Fault, match="no backup yet"):
        health.backup()
    mark.touch()
    assert health.backup()[:2] == ("made 0 hours ago", "สำรองข้อมูลเมื่อ 0 ชั่วโมงที่แล้ว")
    long_ago = time.time() - 30 * 3600
    os.utime(mark, (long_ago, long_ago))
    with pytest.raises(health.Fault, match="the last backup was made 30 hours ago"):
        health.backup()


def test_jobs_without_a_process_are_named(worker, open_round, people, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path
    now = timezone.now()
    record = SpreadsheetImport.objects.create(
        round=open_round, created_by=people["staff"], state="checking"
    )
    session.report_progress(record, "check", 1, 2)
    job = PrintJob.objects.create(key="k" * 64, kind="pdf", document="{}", begun_at=now)
    assert health.jobs().english == "0 wait, 0 run, 0 failed"
    PrintJob.objects.update(begun_at=now - timedelta(hours=1))
    record.drop_files()
    with pytest.raises(health.Fault) as told:
        health.jobs()
    assert str(told.value) == f"stuck: import {record.pk}, print job {job.pk}"


def test_a_portal_without_a_worker_says_so(db):
    queue.enqueue("prune_jobs")
    with pytest.raises(health.Fault, match=r"no worker runs \(manage.py work\), 1 jobs wait"):
        health.jobs()
    queue.sign_on("w")
    assert health.jobs().english == "1 wait, 0 run, 0 failed"
    JobWorker.objects.update(alive_at=timezone.now() - queue.LEASE)
    with pytest.raises(health.Fault, match="no worker runs"):
        health.jobs()


def test_a_queue_that_does_not_move_on_is_told(worker):
    queue.enqueue("prune_jobs")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=29))
    assert health.jobs().english == "1 wait, 0 run, 0 failed"
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=31))
    with pytest.raises(health.Fault, match="a job has waited for 31 minutes"):
        health.jobs()


def test_the_threads_leave_no_connection_open(db):
    before = threading.active_count()
    health.examine(["database", "migrations"])
    assert threading.active_count() == before
    assert connection.is_usable()


# What the administrators' page asks as well --------------------------------------------------------


def test_a_portal_without_a_mail_server_is_told(settings):
    assert health.mail().english == "no mail server is named: e-mails reach nobody"
    assert not health.mail().is_used


def test_a_mail_server_that_does_not_answer_is_a_finding(settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        found = health.examine(["mail"])["mail"]
    assert not found.is_ok
    assert found.english.startswith("ConnectionRefusedError")


@contextmanager
def https(folder, days, monkeypatch):
    """The address of a server on this machine whose certificate is good for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    both = folder / "both.pem"
    both.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    trusting = ssl.create_default_context(cafile=str(both))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with suppress(OSError):
                line, _peer = server.accept()
                with line, context.wrap_socket(line, server_side=True) as sealed:
                    sealed.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        monkeypatch.setattr(health.ssl, "create_default_context", lambda: trusting)
        yield f"https://localhost:{server.getsockname()[1]}"
        thread.join(10)


def test_a_certificate_tells_how_long_it_is_good(tmp_path, settings, monkeypatch):
    with https(tmp_path, 60, monkeypatch) as settings.PORTAL_URL:
        assert health.certificate()[:2] == (
            "the certificate is good for 60 days",
            "ใบรับรองใช้ได้อีก 60 วัน",
        )


def test_a_certificate_that_ends_soon_is_a_fault(tmp_path, settings, monkeypatch):
    with (
        https(tmp_path, 13, monkeypatch) as settings.PORTAL_URL,
        pytest.raises(health.Fault, match="ends in 13 days"),
    ):
        health.certificate()


def test_a_certificate_that_browsers_refuse_is_a_fault(tmp_path, settings, monkeypatch):
    strict = ssl.create_default_context()
    with https(tmp_path, 60, monkeypatch) as settings.PORTAL_URL:
        monkeypatch.setattr(health.ssl, "create_default_context", lambda: strict)
        with pytest.raises(health.Fault, match="browsers refuse the certificate: self-signed"):
            health.certificate()


def test_a_local_portal_has_no_certificate(settings):
    settings.PORTAL_URL = ""
    assert health.certificate().english == "the portal's address is not HTTPS"
