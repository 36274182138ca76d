"""Files of imports between two requests: in a folder, and in object storage with copies on each host."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from forum_portal import pending_files
from forum_portal.object_storage import ObjectStorage
from forum_portal.storage_fault import StorageUnavailable

HASH = hashlib.sha256(b"one").hexdigest()
IN_BUCKET = "one/portal/imports"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    return settings.IMPORT_FOLDER


@pytest.fixture(params=["folder", "bucket"])
def place(request):
    """Both places in turn."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return request.param


def move_to(settings, host: Path):
    """Be another host, with a folder of its own."""
    settings.IMPORT_FOLDER = host


def test_a_file_takes_the_place_of_the_former(place, folder):
    assert pending_files.is_remote() == (place == "bucket")
    pending_files.put("t/a", b"one")
    pending_files.put("t/a", b"other")
    assert pending_files.fetch("t/a") == b"other"
    assert pending_files.is_there("t/a")
    assert pending_files.storage().listdir("t") == ([], ["a"])
    assert not pending_files.is_there("t/b")
    with pytest.raises(FileNotFoundError):
        pending_files.fetch("t/b")


def test_a_folder_is_read_by_its_owner_alone(folder):
    pending_files.put("t/a", b"one")
    assert pending_files.here("t/a") == folder / "t" / "a"
    modes = [path.stat().st_mode & 0o777 for path in (folder, folder / "t", folder / "t" / "a")]
    assert modes == [0o700, 0o700, 0o600]


@pytest.mark.faults
def test_half_a_file_is_none(folder, monkeypatch):
    pending_files.put("t/a", b"one")

    def broken(self, chunk_size=None):
        yield b"ha"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ContentFile, "chunks", broken)
    with pytest.raises(OSError, match="No space"):
        pending_files.put("t/a", b"half")
    assert pending_files.fetch("t/a") == b"one"
    assert [path.name for path in (folder / "t").iterdir()] == ["a"], "nothing is left of it"


def test_a_copy_is_fetched_once_for_each_host(bucket, settings, tmp_path, monkeypatch):
    local = settings.IMPORT_FOLDER / "t" / "upload"
    local.parent.mkdir(parents=True)
    local.write_bytes(b"one")
    assert not bucket.keys()
    pending_files.share("t/upload")
    assert bucket.get(f"{IN_BUCKET}/t/upload") == b"one"
    move_to(settings, tmp_path / "second")
    assert pending_files.is_there("t/upload")
    path = pending_files.here("t/upload", HASH)
    assert path == tmp_path / "second" / "t" / "upload"
    assert path.read_bytes() == b"one"
    assert [each.name for each in path.parent.iterdir()] == ["upload"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(ObjectStorage, "_open", None)
    assert pending_files.here("t/upload", HASH) == path, "it is there"


@pytest.mark.security
def test_another_file_than_the_row_tells_is_none(bucket, folder, caplog):
    pending_files.put("t/upload", b"slipped in")
    with pytest.raises(FileNotFoundError):
        pending_files.here("t/upload", HASH)
    assert not (folder / "t").exists()
    assert "t/upload has another SHA-256 than its row" in caplog.text


def test_what_is_in_a_folder_needs_no_sharing(folder):
    (folder / "t").mkdir(parents=True)
    (folder / "t" / "a").write_bytes(b"one")
    pending_files.share("t/a")
    assert pending_files.fetch("t/a") == b"one"


def test_a_folder_goes_with_its_files(place, folder):
    for name in ("t/a", "t/b", "u/a"):
        pending_files.put(name, b"one")
    pending_files.drop("t")
    assert not pending_files.is_there("t/a")
    assert pending_files.folders(everywhere=True) == {"u"}
    pending_files.drop("never")


@pytest.mark.faults
def test_what_cannot_be_removed_now_is_swept(bucket, folder, monkeypatch, caplog):
    pending_files.put("t/a", b"one")

    def refuse(self, name):
        raise StorageUnavailable("SlowDown (503)")

    with monkeypatch.context() as patch:
        patch.setattr(ObjectStorage, "delete", refuse)
        pending_files.drop("t")
    assert "files of imports were not removed: SlowDown (503)" in caplog.text
    assert bucket.keys() == {f"{IN_BUCKET}/t/a"}
    later = timezone.now() + timedelta(minutes=1)
    assert pending_files.sweep([], until=later) == 1
    assert bucket.keys() == set()


def test_the_sweep_leaves_what_is_known_and_what_is_young(bucket):
    for name in ("known/a", "left/a", "left/b", "unconfirmed"):
        pending_files.put(name, b"one")
    now = timezone.now()
    assert pending_files.sweep(["known"], until=now - timedelta(minutes=1)) == 0
    assert pending_files.sweep(["known"], until=now + timedelta(minutes=1), dry_run=True) == 2
    assert len(bucket.keys()) == 4
    assert pending_files.sweep(["known"], until=now + timedelta(minutes=1)) == 2
    assert bucket.keys() == {f"{IN_BUCKET}/known/a"}


def test_another_host_may_be_faster(bucket, monkeypatch):
    pending_files.put("left", b"one")
    real = ObjectStorage.listdir

    def listed_and_gone(self, path):
        found = real(self, path)
        for key in sorted(bucket.keys()):
            bucket.client.delete_object(Bucket=bucket.name, Key=key)
        return found

    monkeypatch.setattr(ObjectStorage, "listdir", listed_and_gone)
    assert pending_files.sweep([], until=timezone.now() + timedelta(minutes=1)) == 0


def test_a_request_lists_no_bucket(bucket, folder, monkeypatch):
    pending_files.put("far/a", b"one")
    (folder / "near").mkdir(parents=True)
    assert pending_files.folders(everywhere=True) == {"near", "far"}
    monkeypatch.setattr(ObjectStorage, "listdir", None)
    assert pending_files.folders(everywhere=False) == {"near"}


def test_a_folder_has_nothing_to_sweep_elsewhere(folder):
    pending_files.put("left", b"one")
    assert pending_files.sweep([], until=timezone.now() + timedelta(minutes=1)) == 0
    assert storages["imports"].exists("left")
