"""The files of a storage that a database names."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.db import connection

from forum_portal.backups import stored_files
from forum_portal.backups.archive import Writer, whole
from forum_portal.backups.refused import Refused
from forum_portal.backups.stored_files import Column, Named, add_to, faults, in_the_way, named_by
from forum_portal.tests.backups.test_archive import BARE

PDF, TEXT = b"%PDF-1.7", b"text"


def hash_of(data):
    return sha256(data).hexdigest()


@pytest.fixture(params=["memory", "folder"])
def storage(request, tmp_path):
    if request.param == "memory":
        return InMemoryStorage()
    return FileSystemStorage(location=tmp_path / "evidence")


def fill(storage, **content):
    for name, data in content.items():
        assert storage.save(name, ContentFile(data)) == name
    return storage


def archive_of(lost=(), **content):
    file = BytesIO()
    writer = Writer(file)
    writer.add("database.sqlite3", 1, [b"d"])
    for name, data in content.items():
        writer.add(f"evidence/{name}", len(data), [data])
    manifest = replace(BARE, members=dict(writer.members), lost=list(lost))
    writer.close(manifest.as_json())
    return whole(file)


def everything(storage):
    found = {}
    for name in stored_files.stored_in(storage):
        with storage.open(name) as file:
            found[name] = file.read()
    return found


def test_what_columns_name(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tests_files (name varchar(50), hash varchar(64))")
        cursor.execute(
            "INSERT INTO tests_files VALUES ('a', '1'), ('a', '2'), ('b', ''), ('', ''), (NULL, '3')"
        )
        cursor.execute("CREATE TABLE tests_history (file varchar(50))")
        cursor.execute("INSERT INTO tests_history VALUES ('a'), ('old'), ('old')")
    named = named_by(
        connection,
        [
            Column("tests_files", "name", digest="hash"),
            Column("tests_history", "file", digest="hash", is_needed=False),
            Column("tests_files", "of_a_later_version"),
            Column("tests_later", "file"),
        ],
    )
    assert named == Named({"a": {"1", "2"}, "b": set()}, {"old"})
    assert named.every == ["a", "b", "old"]


def test_they_are_written_and_what_is_wrong_is_told(storage):
    fill(storage, a=PDF, b=TEXT, old=TEXT, nobodys=TEXT)
    writer = Writer(BytesIO())
    needed = {"a": {hash_of(PDF)}, "b": {hash_of(PDF)}, "gone": set()}
    added = add_to(writer, storage, Named(needed, {"old", "long gone"}))
    assert (added.gone, added.changed) == ({"gone"}, {"b"})
    assert {name: each.sha256 for name, each in writer.members.items()} == {
        "evidence/a": hash_of(PDF),
        "evidence/b": hash_of(TEXT),
        "evidence/old": hash_of(TEXT),
    }


@pytest.mark.security
@pytest.mark.parametrize("name", ["../x", "/etc/passwd"])
def test_a_row_names_no_file_outside(storage, name):
    with pytest.raises(Refused, match="A file's name in the database is not safe"):
        add_to(Writer(BytesIO()), storage, Named({name: set()}, set()))


def test_whole_files_have_no_fault():
    archive = archive_of(a=PDF, old=TEXT)
    assert faults(archive, Named({"a": {hash_of(PDF)}}, {"old", "long gone"})) == []


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        (Named({"a": set(), "b": set()}, set()), "The evidence file b is missing."),
        (Named({}, set()), "No row names the evidence file a."),
        (Named({"a": {"0"}}, set()), "The evidence file a differs from the hash in its row."),
    ],
)
def test_each_fault_is_told(named, fault):
    [said] = faults(archive_of(a=PDF), named)
    assert said.rpartition(" · ")[2] == fault


def test_what_was_lost_before_the_backup_is_no_fault_of_it():
    named = Named({"a": {"0"}, "b": set()}, set())
    assert faults(archive_of(lost=["a", "b"], a=PDF), named) == []


def test_they_are_brought_back(storage):
    archive = archive_of(a=PDF, b=TEXT)
    assert in_the_way(storage, archive) == []
    assert stored_files.bring_back(storage, archive) == ["a", "b"]
    assert everything(storage) == {"a": PDF, "b": TEXT}


def test_only_the_same_files_may_be_there(storage):
    archive = archive_of(a=PDF, b=TEXT, c=TEXT)
    fill(storage, a=PDF, b=b"TEXT", c=b"longer", d=TEXT)
    assert in_the_way(storage, archive) == ["b", "c", "d"]
    for name in ("b", "c", "d"):
        storage.delete(name)
    assert stored_files.bring_back(storage, archive) == ["b", "c"]
    assert everything(storage) == {"a": PDF, "b": TEXT, "c": TEXT}


def test_files_in_folders_are_seen(storage):
    fill(storage, **{"2026/a": PDF})
    assert in_the_way(storage, archive_of(a=PDF)) == ["2026/a"]
    assert in_the_way(storage, archive_of(**{"2026/a": PDF})) == []


@pytest.mark.faults
def test_after_an_error_none_is_left(storage, monkeypatch):
    archive = archive_of(a=PDF, b=TEXT, c=TEXT)
    fill(storage, a=PDF)
    real = storage.save

    def save(name, content):
        if name == "c":
            raise OSError(28, "No space left on device")
        return real(name, content)

    monkeypatch.setattr(storage, "save", save)
    with pytest.raises(OSError, match="No space"):
        stored_files.bring_back(storage, archive)
    assert everything(storage) == {"a": PDF}, "it was there before"


def test_a_storage_that_gives_other_names_is_refused(storage, monkeypatch):
    real = storage.save
    monkeypatch.setattr(storage, "save", lambda name, content: real(f"x{name}", content))
    with pytest.raises(Refused, match="keeps the file a under another name"):
        stored_files.bring_back(storage, archive_of(a=PDF))
    assert everything(storage) == {}
