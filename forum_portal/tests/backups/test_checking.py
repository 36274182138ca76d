"""A backup is proved aside: whatever differs from its manifest is told."""

import pytest
from django.db import connection, connections

from followup import chain
from followup.backups import COLUMNS, fault_of_the_record
from followup.models import Round
from followup.tests import files
from followup.tests.evidence_files import make
from forum_portal.backups import checking, reading
from forum_portal.backups.manifest import Table
from forum_portal.backups.stored_files import FOLDER
from forum_portal.tests.backups.places import back_up, committed, rewritten


@pytest.fixture
def path(open_round, people, empty_storage, tmp_path):
    chain.begin("test")
    make(open_round, people, [files.piece()])
    back_up(tmp_path / "b.tar", empty_storage)
    return tmp_path / "b.tar"


def databases():
    """The databases of the server; checks leave none."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database ORDER BY 1")
        return cursor.fetchall()


def told(archive, **more):
    """The English sentences."""
    before = databases()
    found = checking.faults(archive, columns=COLUMNS, **more)
    assert databases() == before
    return [each.rpartition(" · ")[2] for each in found]


@committed
def test_a_whole_backup_has_no_fault(path):
    with reading.opened(path) as archive:
        assert told(archive, own_check=fault_of_the_record) == []
        assert checking.knows(archive.manifest)


def test_each_difference_of_a_table_is_told(plain, path):
    with reading.opened(path) as archive:
        tables = dict(archive.manifest.tables)
    rounds = tables["followup_round"]
    tables["followup_round"] = Table(rounds.rows + 1, rounds.sha256)
    tables["followup_agency"] = tables["followup_agency"]._replace(sha256="0" * 64)
    tables["later"] = Table(0, "0" * 64)
    del tables["followup_letter"]
    with rewritten(path, tables=tables) as archive:
        assert told(archive) == [
            "The content of the table followup_agency differs.",
            "The table followup_letter is not in the manifest.",
            f"The table followup_round has {rounds.rows} rows instead of {rounds.rows + 1}.",
            "The table later is missing.",
        ]


def test_a_file_that_is_not_in_it_is_told(plain, path):
    with reading.opened(path) as archive:
        members = dict(archive.manifest.members)
    [name] = [each for each in members if each.startswith(FOLDER)]
    with reading.opened(path) as archive:
        archive.manifest.members.pop(name)
        assert told(archive) == [f"The evidence file {name.removeprefix(FOLDER)} is missing."]


@committed
def test_the_own_check_runs_on_the_copy_and_its_sentence_is_told(path):
    Round.objects.update(is_demo=True)
    seen = []

    def own_check():
        seen.append(connection.settings_dict["NAME"])
        seen.append(Round.objects.filter(is_demo=False).count())
        return "ขาด · It is broken."

    live = connection.settings_dict["NAME"]
    with reading.opened(path) as archive:
        assert told(archive, own_check=own_check) == ["It is broken."]
    name, rounds = seen
    assert (name != live, rounds) == (True, 1)
    assert connection.settings_dict["NAME"] == live


@committed
def test_the_default_database_comes_back_after_an_error(path):
    before = connections["default"]

    def fail():
        raise ZeroDivisionError

    there = databases()
    with reading.opened(path) as archive, pytest.raises(ZeroDivisionError):
        checking.faults(archive, columns=COLUMNS, own_check=fail)
    assert connections["default"] is before
    assert databases() == there


def test_a_backup_of_an_earlier_version_is_not_read_by_this_code(plain, path):
    with reading.opened(path) as archive:
        migrations = archive.manifest.migrations
    for changed in (migrations[1:], [*migrations, "followup.9999_next"]):
        with rewritten(path, migrations=changed) as archive:
            assert not checking.knows(archive.manifest)
