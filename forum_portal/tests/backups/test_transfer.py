"""Copying the files of one storage into another: each read again, nothing deleted or overwritten."""

from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, storages

from forum_portal.backups.refused import Refused
from forum_portal.backups.stored_files import Named
from forum_portal.backups.transfer import Copied, copy


def filled(**files):
    storage = InMemoryStorage()
    for name, content in files.items():
        storage.save(name, ContentFile(content))
    return storage


def content_of(storage):
    found = {}
    for name in storage.listdir("")[1]:
        with storage.open(name) as file:
            found[name] = file.read()
    return found


def named(**files):
    """What rows need: name -> the content whose hash they have."""
    return Named({name: {sha256(content).hexdigest()} for name, content in files.items()}, set())


NOTHING = Named({}, set())


def test_what_the_other_lacks_is_copied_and_a_second_time_nothing():
    source, target = filled(a=b"one", b=b"two"), filled(b=b"two", c=b"own")
    needs = named(a=b"one", c=b"own")
    found = copy(source, target, needs)
    assert found == Copied(1, 1, [], [], [])
    assert found.is_whole
    assert content_of(target) == {"a": b"one", "b": b"two", "c": b"own"}
    assert content_of(source) == {"a": b"one", "b": b"two"}
    assert copy(source, target, needs) == Copied(0, 2, [], [], [])


def test_what_is_wrong_is_named_and_not_copied():
    source, target = filled(a=b"changed", b=b"mine"), filled(b=b"theirs")
    found = copy(source, target, named(a=b"one", lost=b"x"))
    assert found == Copied(0, 0, ["a"], ["b"], ["lost"])
    assert not found.is_whole
    assert content_of(target) == {"b": b"theirs"}


@pytest.mark.parametrize("kind", ["changed", "differ", "gone"])
def test_each_fault_is_one(kind):
    assert not Copied(
        **{"copied": 1, "there": 1, "changed": [], "differ": [], "gone": []} | {kind: ["a"]}
    ).is_whole


@pytest.mark.faults
def test_a_copy_that_differs_is_deleted_and_told(monkeypatch):
    source, target = filled(a=b"one"), InMemoryStorage()
    real = target.save
    monkeypatch.setattr(target, "save", lambda name, file: real(name, ContentFile(b"on")))
    with pytest.raises(Refused, match=r"The copy of the file a differs from it, and was deleted\."):
        copy(source, target, NOTHING)
    assert content_of(target) == {}


@pytest.mark.faults
def test_a_copy_under_another_name_is_deleted_and_told(monkeypatch):
    source, target = filled(a=b"one"), InMemoryStorage()
    real = target.save
    monkeypatch.setattr(target, "save", lambda name, file: real("b", file))
    with pytest.raises(Refused):
        copy(source, target, NOTHING)
    assert content_of(target) == {}


def test_from_a_folder_into_a_bucket_and_back(bucket, tmp_path):
    folder = FileSystemStorage(location=tmp_path / "first")
    assert copy(folder, storages["evidence"], NOTHING) == Copied(0, 0, [], [], []), "no folder yet"
    folder.save("a1", ContentFile(b"one" * 100_000))
    assert copy(folder, storages["evidence"], NOTHING).copied == 1
    back = FileSystemStorage(location=tmp_path / "second")
    assert copy(storages["evidence"], back, NOTHING).copied == 1
    assert (tmp_path / "second" / "a1").read_bytes() == b"one" * 100_000
