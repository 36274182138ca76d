"""A backup comes back whole, into an empty place alone."""

from dataclasses import replace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from django.db import connection

from followup import chain
from followup.models import Evidence
from followup.tests import files
from followup.tests.evidence_files import make
from followup.tests.factories import dump
from forum_portal.backups import engines, reading, restoring
from forum_portal.backups.refused import Refused
from forum_portal.tests.backups.places import back_up, committed, empty_database, rewritten
from forum_portal.tests.backups.test_archive import BARE


@pytest.fixture
def path(open_round, people, empty_storage, tmp_path):
    """A backup of a round with evidence: a file in two reports, another one, and a link."""
    chain.begin("test")
    shared = files.piece()
    make(open_round, people, [shared, files.piece(files.picture(), "ก.jpg")], state="approved")
    make(open_round, people, [shared], measure="1.1")
    back_up(tmp_path / "b.tar", empty_storage)
    return tmp_path / "b.tar"


def everything(storage):
    found = {}
    for name in storage.listdir("")[1]:
        with storage.open(name) as file:
            found[name] = file.read()
    return found


def refusal(archive, storage):
    with pytest.raises(Refused) as refused:
        restoring.restore(archive, storage)
    return str(refused.value).rpartition(" · ")[2]


@committed
def test_every_row_and_every_file_comes_back(path, tmp_path):
    rows, kept = dump(), everything(storages["evidence"])
    assert (len(kept), len(rows["followup_evidence"])) == (2, 3)
    head = chain.verify()
    new = InMemoryStorage()
    with reading.opened(path) as archive, empty_database(tmp_path):
        assert sorted(restoring.restore(archive, new)) == sorted(kept)
        assert dump() == rows
        assert chain.verify() == head
        Evidence.objects.create(
            report_id=Evidence.objects.first().report_id, title="x", url="https://a"
        )
    assert everything(new) == kept
    assert dump() == rows, "the first place is as it was"


@committed
def test_a_place_with_tables_is_told_and_kept(path):
    rows = dump()
    with reading.opened(path) as archive:
        occupied = restoring.in_the_way(archive, InMemoryStorage())
        assert any("followup_statusreport" in each for each in occupied.tables)
        assert occupied.files == []
        assert refusal(archive, InMemoryStorage()) == (
            f"The place is not empty: {len(occupied.tables)} tables, 0 evidence files. Nothing was "
            "restored. Move them away, or name a new database and a new storage."
        )
    assert dump() == rows


def test_a_place_with_files_is_told_and_kept(plain, path):
    new = InMemoryStorage()
    new.save("of somebody else", ContentFile(b"x"))
    with reading.opened(path) as archive:
        assert restoring.in_the_way(archive, new) == ([], ["of somebody else"])
        assert refusal(archive, new).startswith(
            "The place is not empty: 0 tables, 1 evidence files."
        )
    assert everything(new) == {"of somebody else": b"x"}
    assert plain.brought == []


@pytest.mark.faults
def test_a_database_that_cannot_be_written_takes_the_files_with_it(plain, path, monkeypatch):
    new = InMemoryStorage()

    def fail(*arguments):
        assert everything(new), "the files come first"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plain, "bring_back", fail)
    with reading.opened(path) as archive, pytest.raises(OSError, match="No space"):
        restoring.restore(archive, new)
    assert everything(new) == {}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"migrations": ["followup.9999_next"]}, "The backup is of version"),
        ({"version": "99.0"}, "The backup is of version 99.0, which is newer"),
    ],
)
def test_a_newer_backup_is_refused(plain, path, changes, sentence):
    new = InMemoryStorage()
    with rewritten(path, **changes) as archive:
        assert refusal(archive, new).startswith(sentence)
    assert (everything(new), plain.brought) == ({}, [])


def test_a_backup_of_another_engine_is_refused(plain, path):
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    with rewritten(path, engine=other) as archive:
        assert refusal(archive, InMemoryStorage()) == (
            f"The backup is of {other}, and DATABASE_URL names {connection.vendor}. Name a database of "
            "the same engine first."
        )
    assert plain.brought == []


def test_a_backup_of_sqlite_can_be_checked_beside_any_database():
    assert engines.of(replace(BARE, engine="sqlite")).MEMBER == "database.sqlite3"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has the server that it needs")
def test_a_backup_of_postgresql_needs_its_server_to_be_checked():
    with pytest.raises(Refused, match="The backup is of postgresql, and DATABASE_URL names sqlite"):
        engines.of(replace(BARE, engine="postgresql"))


@pytest.mark.parametrize(("program", "version"), [("15", 15), ("3.40.1", 3), ("devel", 0)])
def test_the_version_of_the_program_is_a_number(program, version):
    assert engines.version_of(replace(BARE, program=program)) == version
