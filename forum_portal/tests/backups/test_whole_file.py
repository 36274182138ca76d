"""A file is there whole or not at all."""

import errno
import os

import pytest

from forum_portal.backups.refused import Refused
from forum_portal.backups.whole_file import whole_file

pytestmark = pytest.mark.faults


def test_it_gets_its_name_at_the_end_and_only_its_owner_reads_it(tmp_path):
    path, before = tmp_path / "b.tar", os.umask(0)
    try:
        with whole_file(path) as file:
            file.write(b"all")
            assert not path.exists()
            assert (tmp_path / "b.tar.part").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert path.read_bytes() == b"all"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, SystemExit, KeyboardInterrupt])
def test_an_error_leaves_nothing(tmp_path, error):
    def write():
        with whole_file(tmp_path / "b.tar") as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_keep_it_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), whole_file(tmp_path / "b.tar") as file:
        file.write(b"all")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept(tmp_path):
    path = tmp_path / "b.tar"
    path.write_bytes(b"old")
    with pytest.raises(Refused, match=r"exists\. Name another file"), whole_file(path):
        pass
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_nowhere_is_an_existing_file(tmp_path):
    path = tmp_path / "b.tar"
    path.symlink_to("nowhere")
    with pytest.raises(Refused), whole_file(path):
        pass


def test_a_file_that_came_meanwhile_is_kept(tmp_path):
    path = tmp_path / "b.tar"

    def write():
        with whole_file(path) as file:
            file.write(b"new")
            path.write_bytes(b"of somebody else")

    with pytest.raises(Refused):
        write()
    assert path.read_bytes() == b"of somebody else"
    assert list(tmp_path.iterdir()) == [path]


def test_it_replaces_if_it_is_told_to_and_an_error_keeps_the_old_one(tmp_path):
    path = tmp_path / "b.tar"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), whole_file(path, replace=True):
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    with whole_file(path, replace=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_what_a_killed_run_left_is_no_obstacle(tmp_path):
    (tmp_path / "b.tar.part").write_bytes(b"a longer rest than what follows")
    with whole_file(tmp_path / "b.tar") as file:
        file.write(b"new")
    assert (tmp_path / "b.tar").read_bytes() == b"new"
