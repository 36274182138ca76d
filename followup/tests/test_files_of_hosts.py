"""Hosts that share a bucket and no disk: evidence, uploads that wait, backups, and what fails how."""

import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from followup import actions, evidence, health
from followup.models import Evidence, Feedback, ImportState, SpreadsheetImport
from followup.spreadsheets import session
from followup.tests import files
from followup.tests.client import PortalClient, read
from followup.tests.evidence_files import make
from followup.tests.files import PDF
from followup.tests.spreadsheets.wizard import HEAD, confirm, report_of, row, upload, xlsx
from followup.tests.visitors import TEXT
from forum_portal import object_storage
from forum_portal.backups import reading, restoring
from forum_portal.object_storage import ObjectStorage
from forum_portal.storage_fault import StorageUnavailable
from forum_portal.tests import buckets
from forum_portal.tests.backups.conftest import plain
from forum_portal.tests.backups.places import back_up
from forum_portal.tests.buckets import options_for, storages_in
from forum_portal.tests.test_settings import python

__all__ = ["plain"]

RESTING = "ที่เก็บไฟล์ไม่ตอบในขณะนี้ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่"
KEPT = "one/portal/evidence/"


@pytest.fixture
def published(bucket, open_round, people):
    """A piece of public evidence in the bucket."""
    report = make(open_round, people, [files.piece()], status="completed", state="approved")
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return report.evidence.get()


@pytest.fixture
def dead(settings, monkeypatch):
    """A bucket where nobody listens."""
    monkeypatch.setattr(object_storage, "_ATTEMPTS", 1)
    with buckets.refusing() as endpoint:
        settings.STORAGES = {**settings.STORAGES, **storages_in(options_for(endpoint))}
        yield
        buckets.Bucket.close()


@pytest.fixture
def patient(db):
    """Somebody who gets the page of an error instead of the exception."""
    return PortalClient(raise_request_exception=False)


# Evidence ----------------------------------------------------------------------------------------


def test_a_file_of_the_bucket_is_served_as_one_of_the_folder_is(published, visitor, bucket):
    assert bucket.keys() == {KEPT + published.file.name}
    response = visitor.get(published.address)
    assert (response.status_code, b"".join(response)) == (200, PDF)
    assert response["Content-Length"] == str(len(PDF))
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    part = visitor.get(published.address, headers={"range": "bytes=0-9"})
    assert (part.status_code, b"".join(part)) == (200, PDF), "as before: whole"
    assert not part.has_header("ETag")


@pytest.mark.security
@pytest.mark.parametrize("place", ["bucket", "folder"])
def test_another_file_under_the_name_is_not_served(
    place, open_round, people, sign_in, caplog, request
):
    if place == "bucket":
        request.getfixturevalue("bucket")
    piece = make(open_round, people, [files.piece()]).evidence.get()
    storages["evidence"].delete(piece.file.name)
    storages["evidence"].save(piece.file.name, ContentFile(PDF.replace(b"10", b"11")))
    assert sign_in(people["staff"]).get(piece.address).status_code == 404
    assert f"evidence {piece.pk} has a file with another SHA-256" in caplog.text


def test_a_lost_object_is_a_404_and_a_line_in_the_log(published, visitor, bucket, caplog):
    bucket.client.delete_object(Bucket=bucket.name, Key=KEPT + published.file.name)
    assert visitor.get(published.address).status_code == 404
    assert f"evidence {published.pk} has lost its file" in caplog.text


@pytest.mark.faults
@pytest.mark.parametrize("fault", ["refusing", "silent", "broken"])
def test_a_dead_storage_is_a_503_in_thai_within_seconds(
    fault, published, patient, settings, monkeypatch
):
    monkeypatch.setattr(object_storage, "_ATTEMPTS", 1)
    server = {
        "refusing": buckets.refusing,
        "silent": buckets.silent,
        "broken": lambda: buckets.answering(500),
    }[fault]
    with server() as found:
        endpoint = found if isinstance(found, str) else found[0]
        new = storages_in(options_for(endpoint, seconds=0.3))
        settings.STORAGES = {**settings.STORAGES, **new}
        began = time.monotonic()
        response = patient.get(published.address)
        assert time.monotonic() - began < 5
        buckets.Bucket.close()
    assert response.status_code == 503
    assert RESTING in read(response).text
    assert response["Retry-After"] == "60"


@pytest.mark.faults
def test_nothing_typed_is_lost_while_the_storage_is_dead(forum, dead, patient):
    page = patient.page("/feedback/new/?measure=2565-4.2")
    response = patient.send(page, kind="fix", text=TEXT, file=files.upload())
    assert response.status_code == 503
    shown = read(response)
    assert RESTING in shown.text
    assert TEXT in shown.raw()
    assert not Feedback.objects.exists()


@pytest.mark.faults
def test_what_is_deleted_while_the_storage_is_dead_goes_with_the_sweep(
    bucket, open_round, people, django_capture_on_commit_callbacks, monkeypatch, caplog
):
    report = make(open_round, people, [files.piece()])

    def refuse(self, name):
        raise StorageUnavailable("SlowDown (503)")

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(ObjectStorage, "delete", refuse)
        report.evidence.get().delete()
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            assert evidence.sweep() == 0
    assert "a file without a row was not deleted: SlowDown (503)" in caplog.text
    assert len(bucket.keys()) == 1
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert evidence.sweep() == 1
    assert bucket.keys() == set()


def test_the_sweep_lists_every_page_and_asks_the_age_of_orphans_alone(
    bucket, open_round, people, monkeypatch
):
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    make(
        open_round, people, [files.piece(), files.piece(files.pdf(11)), files.piece(files.pdf(12))]
    )
    orphans = {files.stored(files.pdf(width)).name for width in (21, 22, 23)}
    asked = []
    real = ObjectStorage.get_modified_time
    monkeypatch.setattr(
        ObjectStorage,
        "get_modified_time",
        lambda self, name: (asked.append(name), real(self, name))[1],
    )
    assert evidence.sweep() == 0, "they are young"
    assert set(asked) == orphans
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert evidence.sweep() == 3
    monkeypatch.delenv("MOTO_S3_DEFAULT_MAX_KEYS")
    assert bucket.keys() == {KEPT + each.file.name for each in Evidence.objects.all()}


def test_the_file_of_a_message_is_in_the_bucket(forum, visitor, bucket):
    page = visitor.page("/feedback/new/?measure=2565-4.2")
    visitor.send(page, kind="fix", text=TEXT, file=files.upload())
    assert bucket.keys() == {KEPT + Feedback.objects.get().file.name}
    assert bucket.get(KEPT + Feedback.objects.get().file.name) == PDF


@pytest.mark.slow
def test_two_processes_with_their_own_folders_see_the_same_file(bucket, tmp_path):
    """With the settings themselves, as two hosts have them."""
    program = (
        "import sys, forum_portal.wsgi\n"
        "from django.core.files.base import ContentFile\n"
        "from django.core.files.storage import storages\n"
        "for alias in ('evidence', 'imports'):\n"
        "    assert storages[alias]._shared, 'made at the start'\n"
        "    if sys.argv[1:]: storages[alias].save('a1', ContentFile(alias.encode()))\n"
        "    else: print(storages[alias].open('a1').read().decode())\n"
    )
    common = bucket.environment() | {
        "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
        "PORTAL_ENV": "local",
        "SECRET_KEY": "x" * 60,
        "DATABASE_URL": "sqlite://",
    }
    first = python("-c", program, "w", **common, EVIDENCE_FOLDER=str(tmp_path / "first"))
    assert first.returncode == 0, first.stderr
    second = python("-c", program, **common, EVIDENCE_FOLDER=str(tmp_path / "second"))
    assert second.stdout.split() == ["evidence", "imports"], second.stderr
    assert bucket.keys() == {KEPT + "a1", "one/portal/imports/a1"}
    assert list(tmp_path.iterdir()) == []


# Uploads that wait -------------------------------------------------------------------------------


@pytest.fixture
def hosts(settings, tmp_path):
    """A function that makes this process one of several hosts, by a name."""

    def be(name):
        settings.IMPORT_FOLDER = tmp_path / name

    be("first")
    return be


def test_each_step_of_an_import_may_be_another_hosts(
    bucket, hosts, client, people, open_round, read_in_process
):
    client.force_login(people["administrator"])
    hosts("first")
    content = xlsx(HEAD, row("3.1", "กสจ.", "ชะลอ", "อนุมัติแล้ว"), row("3.1", "กต."))
    response = upload(client, content)
    record = SpreadsheetImport.objects.get()
    assert response.status_code == 302
    hosts("second")
    assert record.can_change
    session.begin(record, "check", by=people["administrator"], rows=2)
    hosts("third")
    record.refresh_from_db()
    assert record.state == ImportState.CHECKED
    page = client.get(reverse("import-check", args=[record.pk]))
    assert page.status_code == 200
    assert session.progress_of(record)["done"] == 2
    left_out = client.get(reverse("import-left-out", args=[record.pk]))
    assert "แบบรายงานผลการดําเนินงาน" in b"".join(left_out).decode()
    hosts("fourth")
    for question in session.load_preview(record)["questions"]:
        record.answers[question["key"]] = "skip"
    session.decide(record, record.version, answers=record.answers)
    session.begin(record, "check", by=people["administrator"], rows=2)
    hosts("first")
    record.refresh_from_db()
    assert session.load_preview(record)["version"] == record.version, "not its own former one"
    confirm(client, record)
    record.refresh_from_db()
    assert record.state == ImportState.APPLIED, record.failure
    assert report_of("3.1", "SWF").results == "อนุมัติแล้ว"


def test_an_upload_that_is_nowhere_is_told_as_expired(bucket, hosts, client, people, open_round):
    client.force_login(people["administrator"])
    upload(client, xlsx(HEAD, row()))
    record = SpreadsheetImport.objects.get()
    record.drop_files()
    assert record.is_expired
    response = client.get(reverse("import-columns", args=[record.pk]), follow=True)
    assert "เลือกไฟล์ใหม่" in response.content.decode()


def test_old_uploads_go_from_the_bucket_and_from_every_host(
    bucket, hosts, client, people, open_round, tmp_path
):
    client.force_login(people["administrator"])
    upload(client, xlsx(HEAD, row()))
    written = SpreadsheetImport.objects.get()
    SpreadsheetImport.objects.update(state=ImportState.APPLIED, applied_at=timezone.now())
    upload(client, xlsx(HEAD, row(results="อื่น")))
    hosts("second")
    assert session.tables_of(written).tables, "a copy on the second host"
    bucket.put("one/portal/imports/" + "a" * 32, b"of the admin, never confirmed")
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert session.purgeable() == 3
        session.purge()
        assert bucket.keys() == set()
        assert list((tmp_path / "second").iterdir()) == []
        hosts("first")
        session.purge(everywhere=False)
    assert list((tmp_path / "first").iterdir()) == []
    assert list(SpreadsheetImport.objects.all()) == [written], "its record stays"


@pytest.mark.faults
def test_a_task_goes_on_if_nobody_can_see_how_far_it_is(
    bucket, hosts, client, people, open_round, monkeypatch, caplog
):
    client.force_login(people["administrator"])
    upload(client, xlsx(HEAD, row()))
    record = SpreadsheetImport.objects.get()

    def refuse(*arguments):
        raise StorageUnavailable("SlowDown (503)")

    monkeypatch.setattr(session, "report_progress", refuse)
    session._tell(record, "check", 1, 2)
    assert f"the progress of import {record.pk} cannot be told: SlowDown (503)" in caplog.text
    with pytest.raises(StorageUnavailable):
        session.begin(record, "check", by=people["administrator"], rows=1)
    record.refresh_from_db()
    assert record.state == ImportState.UPLOADED, "nothing was begun"


# Health, backups, commands -----------------------------------------------------------------------


def test_the_check_of_the_storage_asks_the_bucket(bucket, monkeypatch):
    monkeypatch.setattr(health, "LIMIT", 20)  # the client is made here, and at the start elsewhere
    assert health.examine(["storage"])["storage"] == health.Finding(True, "")


def test_without_a_bucket_there_is_nothing_to_ask():
    assert health.storage().english == "none: S3_BUCKET is not set"


@pytest.mark.faults
def test_a_storage_that_refuses_is_a_finding(dead, monkeypatch):
    monkeypatch.setattr(health, "LIMIT", 20)
    assert health.examine(["storage"])["storage"] == health.Finding(
        False,
        "the object storage does not answer: EndpointConnectionError",
        "ที่เก็บไฟล์ไม่ตอบ: EndpointConnectionError",
    )


@pytest.mark.faults
def test_a_silent_storage_keeps_nobody_waiting(settings, monkeypatch):
    monkeypatch.setattr(object_storage, "_ATTEMPTS", 1)
    monkeypatch.setattr(health, "LIMIT", 0.2)
    with buckets.silent() as endpoint:
        settings.STORAGES = {
            **settings.STORAGES,
            **storages_in(options_for(endpoint, seconds=1)),
        }
        found = health.examine(["storage"])
        assert found["storage"] == health.NO_ANSWER
        for thread in threading.enumerate():
            if thread.name == "health-storage":
                thread.join()
        buckets.Bucket.close()


@pytest.mark.parametrize("back_into", ["bucket", "folder"])
def test_a_backup_holds_the_objects_and_brings_them_back(
    back_into, bucket, plain, open_round, people, tmp_path
):
    make(open_round, people, [files.piece(), files.piece(files.picture(), "ก.jpg")])
    kept = {key: bucket.get(key) for key in sorted(bucket.keys())}
    assert len(kept) == 2
    back_up(tmp_path / "b.tar", storages["evidence"])
    with reading.opened(tmp_path / "b.tar") as archive:
        assert restoring.in_the_way(archive, storages["evidence"]).files == []
        if back_into == "bucket":
            for key in kept:
                bucket.client.delete_object(Bucket=bucket.name, Key=key)
            bucket.put("another/portal/file", b"of somebody else, and not in the way")
            assert len(restoring.restore(archive, storages["evidence"])) == 2
            assert {key: bucket.get(key) for key in kept} == kept
        else:
            new = InMemoryStorage()
            assert {KEPT + name for name in restoring.restore(archive, new)} == kept.keys()


def test_a_bucket_that_is_not_empty_is_told_and_kept(bucket, plain, open_round, people, tmp_path):
    make(open_round, people, [files.piece()])
    back_up(tmp_path / "b.tar", storages["evidence"])
    bucket.put(KEPT + "other", b"x")
    said = StringIO()
    with pytest.raises(CommandError, match="The place is not empty: 0 tables, 1 evidence files"):
        call_command("restore", str(tmp_path / "b.tar"), stdout=said)
    assert "Already there: ไฟล์หลักฐาน · evidence file other" in said.getvalue()
    assert bucket.get(KEPT + "other") == b"x"


@pytest.mark.faults
def test_a_backup_without_its_storage_is_a_sentence_and_no_file(
    plain, open_round, people, tmp_path, request
):
    make(open_round, people, [files.piece()])
    request.getfixturevalue("dead")
    with pytest.raises(CommandError, match="The object storage does not answer: Endpoint"):
        call_command("backup", str(tmp_path / "b.tar"))
    assert not list(tmp_path.glob("b.tar*"))


@pytest.mark.slow
@pytest.mark.faults
def test_a_command_without_its_storage_ends_with_a_sentence(tmp_path):
    with buckets.refusing() as endpoint:
        done = python(
            "manage.py",
            "sweep_evidence",
            S3_BUCKET="portal-files",
            S3_ENDPOINT=endpoint,
            S3_ACCESS_KEY="a",
            S3_SECRET_KEY="b",
            PORTAL_ENV="local",
            SECRET_KEY="x" * 60,
            DATABASE_URL="sqlite://",
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ที่เก็บไฟล์ไม่ตอบ · The object storage does not answer: EndpointConnectionError"
    )
    assert "Traceback" not in done.stderr
