"""`manage.py restore`: it says what it does, and what is to be done next."""

from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from followup import jobs, preparing
from followup.management.commands import restore as commands
from followup.models import Evidence
from followup.tests import files
from followup.tests.evidence_files import kept_names, make
from followup.tests.queued import queued, states
from forum_portal.tests.backups.conftest import plain
from forum_portal.tests.backups.places import back_up, rewritten

__all__ = ["plain"]


@pytest.fixture
def path(plain, open_round, people, empty_storage, tmp_path):
    """A backup of a round with a file; the storage is empty afterwards."""
    make(open_round, people, [files.piece()])
    back_up(tmp_path / "b.tar", empty_storage)
    empty_storage.delete(Evidence.objects.get().file.name)
    return tmp_path / "b.tar"


def restore(*arguments):
    said = StringIO()
    call_command("restore", *map(str, arguments), stdout=said)
    return [line.rpartition(" · ")[2] for line in said.getvalue().splitlines()]


def test_it_says_what_comes_back_and_what_is_next(plain, path):
    said = restore(path)
    assert "103 reports among " in said[1]
    assert said[2:] == [
        "Restored, 1 evidence files",
        "Next: manage.py migrate; manage.py verify_record; then start the portal",
    ]
    assert plain.brought == [b"rows"]
    assert kept_names() == {Evidence.objects.get().file.name}


@pytest.mark.security
def test_jobs_that_had_not_ended_are_put_aside(plain, path):
    """They may have run since the backup: nobody gets a mail twice."""
    jobs.enqueue("send_news")
    jobs.enqueue("prune_jobs")
    assert restore(path)[3] == ("2 jobs that had not ended are put aside; /staff/jobs/ lists them")
    assert queued() == []
    assert states() == [("send_news", "FAILED"), ("prune_jobs", "FAILED")]


def test_a_dry_run_puts_no_job_aside(plain, path):
    jobs.enqueue("send_news")
    restore(path, "--dry-run")
    assert queued() == [("send_news",)]


def test_a_dry_run_writes_nothing(plain, path):
    assert restore(path, "--dry-run")[2:] == ["Nothing was restored (--dry-run)"]
    assert (plain.brought, kept_names()) == ([], set())


def test_it_says_what_it_would_overwrite_and_refuses(plain, path):
    plain.tables = [f"table{number}" for number in range(12)]
    storages["evidence"].save("of somebody else", ContentFile(b"x"))
    said = StringIO()
    with pytest.raises(CommandError, match="The place is not empty: 12 tables, 1 evidence files"):
        call_command("restore", str(path), "--dry-run", stdout=said)
    lines = said.getvalue().splitlines()[2:]
    assert lines[0] == "มีอยู่แล้ว · Already there: ตาราง · table table0"
    assert lines[-2:] == [
        "และอีก 2 รายการ · and 2 more",
        "มีอยู่แล้ว · Already there: ไฟล์หลักฐาน · evidence file of somebody else",
    ]
    assert plain.brought == []


def test_it_waits_for_a_migration(plain, path, monkeypatch):
    monkeypatch.setattr(preparing, "_lock", lambda connection: (lambda: False, lambda: None))
    monkeypatch.setattr(preparing, "PATIENCE", 0)
    with pytest.raises(CommandError, match="another process is still preparing it"):
        restore(path)
    assert plain.brought == []


@pytest.mark.security
def test_another_key_and_another_version_are_told(plain, path, settings):
    with rewritten(path) as archive:
        earlier = [each for each in archive.manifest.migrations if "0032_search" not in each]
    with rewritten(path, migrations=earlier):
        settings.SECRET_KEY = "another"
        said = restore(path.with_name("rewritten.tar"))
    assert said[2].startswith("This is another SECRET_KEY than the backup's")
    assert said[4] == ("The backup is of an earlier version: 1 migrations are to be applied")


@pytest.mark.security
def test_a_flipped_byte_writes_nothing(plain, path):
    data = bytearray(path.read_bytes())
    data[600] ^= 1
    path.write_bytes(data)
    with pytest.raises(CommandError, match="The backup is damaged"):
        restore(path)
    assert (plain.brought, kept_names()) == ([], set())


def test_a_file_that_is_not_there_is_told(plain, tmp_path):
    with pytest.raises(CommandError, match=r"cannot be read or written: .*No such file"):
        restore(tmp_path / "none.tar")


@pytest.mark.parametrize(("options", "made"), [((), [1]), (("--dry-run",), [])])
def test_the_folder_of_the_database_is_made_unless_nothing_is_to_be_written(
    plain, path, options, made, monkeypatch
):
    asked = []
    monkeypatch.setattr(commands, "make_folder", lambda: asked.append(1))
    restore(path, *options)
    assert asked == made
