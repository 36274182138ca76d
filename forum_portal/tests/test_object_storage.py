"""Object storage, with the real client and a server on loopback: what is stored, and what fails how."""

import base64
import hashlib
import io
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from operator import methodcaller

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from forum_portal import object_storage
from forum_portal.errors import is_full
from forum_portal.logs import message_of
from forum_portal.object_storage import ObjectStorage
from forum_portal.storage_fault import StorageUnavailable
from forum_portal.tests import buckets
from forum_portal.tests.buckets import SECRET, close, options_for

CONTENT = "หลักฐาน".encode() * 1000


@pytest.fixture
def evidence(bucket):
    return storages["evidence"]


@contextmanager
def storage_at(endpoint, **more):
    storage = ObjectStorage(**options_for(endpoint, **{"seconds": 0.5} | more))
    try:
        yield storage
    finally:
        close(storage)


def test_a_file_comes_back_as_it_was(evidence, bucket):
    assert evidence.save("a1", ContentFile(CONTENT)) == "a1"
    assert bucket.keys() == {"one/portal/evidence/a1"}
    assert bucket.get("one/portal/evidence/a1") == CONTENT
    with evidence.open("a1") as file:
        assert (file.name, file.size, file.read()) == ("a1", len(CONTENT), CONTENT)
        file.seek(0)
        assert b"".join(file.chunks()) == CONTENT
    assert evidence.size("a1") == len(CONTENT)
    assert evidence.exists("a1")
    assert abs(evidence.get_modified_time("a1") - timezone.now()) < timedelta(minutes=1)
    evidence.delete("a1")
    assert not evidence.exists("a1")
    assert bucket.keys() == set()


def test_nobody_but_the_owner_may_read_an_object(evidence, bucket):
    evidence.save("a1", ContentFile(CONTENT))
    acl = bucket.client.get_object_acl(Bucket=bucket.name, Key="one/portal/evidence/a1")
    assert [(each["Grantee"]["ID"], each["Permission"]) for each in acl["Grants"]] == [
        (acl["Owner"]["ID"], "FULL_CONTROL")
    ]


def test_a_file_on_the_disk_is_stored_from_where_it_is(evidence, bucket, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    with path.open("rb") as file:
        file.seek(5)
        evidence.save("a1", File(file))
        assert not file.closed
    assert bucket.get("one/portal/evidence/a1") == CONTENT


def test_evidence_is_never_written_again_and_an_upload_is(bucket):
    for alias in ("evidence", "imports"):
        storages[alias].save("a1", ContentFile(b"first"))
    other = storages["evidence"].save("a1", ContentFile(b"second"))
    assert other != "a1"
    assert bucket.get("one/portal/evidence/a1") == b"first"
    assert storages["imports"].save("a1", ContentFile(b"second")) == "a1"
    assert bucket.get("one/portal/imports/a1") == b"second"


def test_what_is_not_there(evidence):
    for ask in (evidence.open, evidence.size, evidence.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask("a1")
    assert not evidence.exists("a1")
    evidence.delete("a1")
    assert evidence.listdir("") == ([], [])


def test_a_listing_has_several_pages(evidence, bucket, monkeypatch):
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    names = [f"a{number}" for number in range(5)]
    for name in names:
        evidence.save(name, ContentFile(b"x"))
    assert len(bucket.keys()) == 2, "of one page"
    assert sorted(evidence.listdir("")[1]) == names


@pytest.mark.security
def test_no_name_leaves_the_folder(evidence, bucket):
    bucket.put("one/portal/secret", b"x")
    for name in ("../secret", "/one/portal/secret", "a/../../secret"):
        with pytest.raises(SuspiciousOperation):
            evidence.open(name)


def test_a_file_is_only_read(evidence):
    with pytest.raises(ValueError, match="only read"):
        evidence.open("a1", "wb")


def test_threads_share_one_client(evidence):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(evidence.connection)) for _turn in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_the_server_is_told_what_it_must_have_got():
    with buckets.answering(200) as (endpoint, got), storage_at(endpoint) as storage:
        storage.file_overwrite = True
        storage.save("a1", ContentFile(CONTENT))
    [headers] = got
    digest = hashlib.md5(CONTENT, usedforsecurity=False).digest()
    assert headers["Content-MD5"] == base64.b64encode(digest).decode()
    assert headers["Content-Type"] == "application/octet-stream"
    assert not [name for name in headers if "acl" in name.lower() or "checksum" in name.lower()]


def test_a_fault_tells_its_reason_to_the_log_too():
    fault = StorageUnavailable("SlowDown (503)")
    assert (str(fault), message_of(fault)) == ("SlowDown (503)", "SlowDown (503)")
    assert not is_full(fault)


# What does not answer --------------------------------------------------------------------------------

OTHERS = ("exists", "delete", "size", "get_modified_time")
READ = methodcaller("open", "a1")
SAVE = methodcaller("save", "a1", ContentFile(b"x"))
LIST = methodcaller("listdir", "")
CHECK = methodcaller("answers")
WAYS = [READ, SAVE, LIST, CHECK, *(methodcaller(name, "a1") for name in OTHERS)]


@pytest.fixture
def once(monkeypatch):
    """Without a second attempt, before which the client waits for up to a second."""
    monkeypatch.setattr(object_storage, "_ATTEMPTS", 1)


def refused_by(storage, way):
    """What is said, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(StorageUnavailable) as error:
        way(storage)
    assert SECRET not in repr(error.value)
    return str(error.value), time.monotonic() - began


@pytest.mark.faults
def test_nobody_listens(once):
    with buckets.refusing() as endpoint, storage_at(endpoint) as storage:
        for way in WAYS:
            assert refused_by(storage, way)[0] == "EndpointConnectionError"


@pytest.mark.faults
def test_a_silent_server_is_given_up(once):
    with buckets.silent() as endpoint, storage_at(endpoint, seconds=0.2) as storage:
        for way in (READ, SAVE):
            said, seconds = refused_by(storage, way)
            assert said == "ReadTimeoutError"
            assert seconds < 5


@pytest.mark.faults
def test_a_silent_server_is_asked_twice_and_no_more():
    """With the default of four seconds that is nine seconds at most."""
    with buckets.silent() as endpoint, storage_at(endpoint) as storage:
        config = storage.connection.meta.client.meta.config
        assert (config.connect_timeout, config.read_timeout) == (0.5, 0.5)
        assert config.retries["total_max_attempts"] == 2
    with buckets.answering(503) as (endpoint, got), storage_at(endpoint) as storage:
        assert refused_by(storage, READ)[0] == "503 (503)"
    assert len(got) == 2


@pytest.mark.faults
@pytest.mark.parametrize(
    ("status", "code", "ways"),
    [
        (500, "InternalError", WAYS),
        (403, "AccessDenied", WAYS),
        # A HEAD has no body that tells this from a missing file; `/readyz` sees it by a listing.
        (404, "NoSuchBucket", [READ, SAVE, LIST, CHECK]),
    ],
)
def test_a_server_that_refuses(status, code, ways, once):
    body = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
    with buckets.answering(status, body) as (endpoint, _got), storage_at(endpoint) as storage:
        storage.file_overwrite = True  # else a name that may be taken is asked for first, by HEAD
        for way in ways:
            assert refused_by(storage, way)[0] in {f"{code} ({status})", f"{status} ({status})"}


@pytest.mark.faults
def test_an_answer_that_breaks_off_is_no_file(once):
    with (
        buckets.answering(200, b"half", promised=8) as (endpoint, _got),
        storage_at(endpoint) as storage,
    ):
        assert refused_by(storage, READ)[0] in {"ResponseStreamingError", "IncompleteReadError"}


@pytest.mark.faults
def test_an_answer_in_drops_is_given_up(evidence, monkeypatch):
    evidence.save("a1", ContentFile(CONTENT))
    monkeypatch.setattr(object_storage, "_MOST_READS", 0)
    assert refused_by(evidence, READ)[0] == "the answer takes too long"


@pytest.mark.faults
def test_a_bucket_that_is_not_there_is_told(object_server):
    with storage_at(object_server, bucket="never-made") as storage:
        assert refused_by(storage, CHECK)[0] == "NoSuchBucket (404)"


def test_the_answer_of_a_bucket_is_no_listing(evidence, bucket):
    evidence.save("a1", ContentFile(b"x"))
    assert evidence.answers() is None


def test_a_large_file_waits_on_the_disk(evidence, monkeypatch):
    monkeypatch.setattr(object_storage, "_IN_MEMORY", 100)
    evidence.save("a1", ContentFile(CONTENT))
    with evidence.open("a1") as file:
        assert not isinstance(file.file._file, io.BytesIO)
        assert file.read() == CONTENT
