"""Backups of the record: whole, or none."""

import errno
import shutil
import stat
import subprocess

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection

from followup.backups import COLUMNS
from followup.models import Evidence
from followup.tests import files
from followup.tests.evidence_files import make
from forum_portal.backups import reading, stored_files
from forum_portal.backups.archive import Writer
from forum_portal.backups.checking import faults
from forum_portal.backups.refused import Refused
from forum_portal.backups.stored_files import Named, names_of
from forum_portal.tests.backups.places import back_up, committed, empty_database


@pytest.fixture
def piece(open_round, people, empty_storage):
    """A piece of evidence with a file."""
    make(open_round, people, [files.piece()])
    return Evidence.objects.get()


@pytest.fixture
def storage():
    return storages["evidence"]


def refusal(path, storage, **more):
    """The English sentence with which no backup is made; nothing is left of it."""
    with pytest.raises(Refused) as refused:
        back_up(path, storage, **more)
    assert [each for each in path.parent.iterdir() if each.name.startswith(path.name)] == []
    return str(refused.value).rpartition(" · ")[2]


@committed
def test_an_empty_database_is_not_taken_for_the_portals(storage, tmp_path):
    (tmp_path / "new").mkdir()  # of the place
    with empty_database(tmp_path):
        assert refusal(tmp_path / "b.tar", storage) == (
            "The database is empty, and there is nothing to back up. Does DATABASE_URL name the "
            "portal's own?"
        )


@committed
def test_it_holds_the_rows_and_their_files(piece, storage, tmp_path):
    files.stored(files.picture(), "nobody saved it.jpg")
    path = tmp_path / "b.tar"
    made = back_up(path, storage)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (made.files, made.size) == (1, path.stat().st_size)
    with reading.opened(path) as found:
        manifest = found.manifest
        assert names_of(found) == [piece.file.name]
        assert manifest.members[f"evidence/{piece.file.name}"].sha256 == piece.sha256
        assert manifest.tables["followup_evidence"].rows == 1
        assert manifest.tables["followup_statusreport"].rows == 103
        assert (manifest.engine, manifest.lost) == (connection.vendor, [])
        assert "followup.0001_initial" in manifest.migrations
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_kept_for_an_edition_is_in_it(plain, piece, storage, tmp_path):
    """Its row is gone, and the history names it."""
    Evidence.objects.filter(pk=piece.pk).delete()
    storage.save(piece.file.name, ContentFile(files.PDF))
    assert back_up(tmp_path / "b.tar", storage).files == 1


@pytest.mark.faults
def test_a_file_that_goes_with_its_row_meanwhile_is_noticed_and_all_done_again(
    plain, piece, storage, tmp_path, monkeypatch
):
    real, turns = stored_files.add_to, []

    def add_to(*arguments):
        turns.append(1)
        if len(turns) == 1:
            name = piece.file.name
            piece.delete()
            storage.delete(name)
        return real(*arguments)

    monkeypatch.setattr(stored_files, "add_to", add_to)
    path = tmp_path / "b.tar"
    assert back_up(path, storage).files == 0
    assert len(turns) == 2
    with reading.opened(path) as found:
        assert found.manifest.tables["followup_evidence"].rows == 0
        assert found.manifest.lost == []
        assert faults(found, columns=COLUMNS) == []


@pytest.mark.faults
def test_a_row_that_comes_after_the_copy_is_in_the_next_backup(
    plain, piece, storage, open_round, people, tmp_path, monkeypatch
):
    """Neither the row nor its file is in this one."""
    real = stored_files.add_to

    def add_to(*arguments):
        make(open_round, people, [files.piece(files.PDF + b"\n")], measure="1.1")
        return real(*arguments)

    monkeypatch.setattr(stored_files, "add_to", add_to)
    path = tmp_path / "b.tar"
    back_up(path, storage)
    assert Evidence.objects.count() == 2
    with reading.opened(path) as found:
        assert names_of(found) == [piece.file.name]
        assert found.manifest.tables["followup_evidence"].rows == 1


@pytest.mark.faults
def test_a_lost_file_is_told_and_no_backup_made_unless_one_is_told_to(
    plain, piece, storage, tmp_path
):
    storage.delete(piece.file.name)
    path = tmp_path / "b.tar"
    assert refusal(path, storage) == (
        "1 evidence files that the database names were lost or changed before the backup: "
        f"{piece.file.name}. Bring them back, or run this with --despite-damage."
    )
    assert back_up(path, storage, despite_damage=True).files == 0
    with reading.opened(path) as found:
        assert found.manifest.lost == [piece.file.name]
        assert faults(found, columns=COLUMNS) == []


@pytest.mark.faults
def test_a_changed_file_is_told_likewise(plain, piece, storage, tmp_path):
    storage.delete(piece.file.name)
    storage.save(piece.file.name, ContentFile(b"something else"))
    path = tmp_path / "b.tar"
    assert "were lost or changed before the backup" in refusal(path, storage)
    assert back_up(path, storage, despite_damage=True).files == 1
    with reading.opened(path) as found:
        assert found.manifest.lost == [piece.file.name]


@pytest.mark.faults
def test_files_that_go_at_every_attempt_end_it(plain, storage, tmp_path, monkeypatch):
    turns = []

    def named_by(*arguments):
        turns.append(1)
        return Named({f"of turn {len(turns)}": set()}, set())

    monkeypatch.setattr(stored_files, "named_by", named_by)
    assert refusal(tmp_path / "b.tar", storage).startswith(
        "Evidence files were deleted during each of 5 attempts."
    )
    assert len(turns) == 5


def test_an_existing_file_is_kept_unless_it_is_told_to_replace(
    plain, storage, tmp_path, monkeypatch
):
    path = tmp_path / "b.tar"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.delattr(type(plain), "copied")  # it is told before an hour of copying
        with pytest.raises(Refused, match=r"b\.tar exists\. Name another file, or replace it with"):
            back_up(path, storage)
    assert path.read_bytes() == b"old"
    back_up(path, storage, replace=True)
    with reading.opened(path) as found:
        assert found.manifest.engine == connection.vendor


def test_a_folder_that_is_not_there_is_told(plain, storage, tmp_path):
    with pytest.raises(Refused, match=r"There is no folder .*/none"):
        back_up(tmp_path / "none" / "b.tar", storage)


@pytest.mark.faults
@pytest.mark.parametrize("member", ["database", "evidence", "manifest"])
def test_an_error_of_writing_leaves_nothing_and_keeps_the_old_one(
    plain, piece, storage, tmp_path, monkeypatch, member
):
    real = Writer.add

    def add(self, name, size, chunks):
        if name.startswith(member):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, name, size, chunks)

    path = tmp_path / "b.tar"
    path.write_bytes(b"old")
    monkeypatch.setattr(Writer, "add", add)
    with pytest.raises(OSError, match="No space"):
        back_up(path, storage, replace=True)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk], capture_output=True
    )
    if not made or made.returncode or not unmount:
        pytest.skip("this machine mounts no disk for us")
    yield disk
    subprocess.run([unmount, "-l", disk], check=True)


@pytest.mark.faults
def test_a_full_disk_leaves_nothing(plain, storage, small_disk):
    with pytest.raises(OSError, match="No space left") as error:
        back_up(small_disk / "b.tar", storage)
    assert error.value.errno == errno.ENOSPC
    assert list(small_disk.iterdir()) == []
