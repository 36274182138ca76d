"""`manage.py check_backup`: its answer and its exit code."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from followup import chain
from followup.models import Round
from followup.tests import files
from followup.tests.doors import unguarded
from followup.tests.evidence_files import make
from forum_portal.backups.manifest import Table
from forum_portal.tests.backups.conftest import plain
from forum_portal.tests.backups.places import back_up, rewritten

__all__ = ["plain"]

WHOLE = "ไฟล์สำรองครบถ้วน นำกลับมาได้ · The backup is whole, and can be restored"


@pytest.fixture
def path(plain, open_round, people, empty_storage, tmp_path):
    chain.begin("test")
    make(open_round, people, [files.piece()])
    back_up(tmp_path / "b.tar", empty_storage)
    return tmp_path / "b.tar"


def check(path):
    """What it says of a whole backup."""
    said = StringIO()
    call_command("check_backup", str(path), stdout=said)
    return said.getvalue().splitlines()[2:]


def refused(path):
    """What it says of any other one, last the sentence with which it ends."""
    said = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_backup", str(path), stdout=said)
    assert error.value.returncode == 1
    return [*said.getvalue().splitlines()[2:], str(error.value)]


def test_a_whole_backup(path):
    assert check(path) == [WHOLE]


def test_each_difference_is_told_and_counted(path):
    with rewritten(path) as archive:
        tables = archive.manifest.tables | {
            "followup_round": Table(7, "0" * 64),
            "followup_agency": Table(7, "0" * 64),
        }
    with rewritten(path, tables=tables):
        said = refused(path.with_name("rewritten.tar"))
    assert [each.rpartition(" · ")[2] for each in said] == [
        "The table followup_agency has 64 rows instead of 7.",
        "The table followup_round has 1 rows instead of 7.",
        "The backup differs in 2 places.",
    ]


@pytest.mark.security
def test_a_broken_record_is_told(path, people, open_round, empty_storage):
    with unguarded():
        Round.history.all().delete()
    back_up(path, empty_storage, replace=True)
    said = refused(path)
    assert said[0].endswith("The record is broken (manage.py verify_record).")
    assert said[1].endswith("The backup differs in 1 places.")


def test_a_backup_of_another_version_is_checked_without_the_record(path):
    with rewritten(path) as archive:
        migrations = archive.manifest.migrations[1:]
    with rewritten(path, migrations=migrations):
        said = check(path.with_name("rewritten.tar"))
    assert said == [
        "ไฟล์สำรองเป็นของอีกรุ่นหนึ่ง จึงไม่ได้ตรวจโซ่ของบันทึก · The backup is of another version: the chain of its "
        "record was not checked",
        WHOLE,
    ]


@pytest.mark.security
def test_a_flipped_byte_is_told(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert refused(path) == [
        "ไฟล์สำรองเสียหาย: ค่าแฮชของทั้งไฟล์ไม่ตรง · The backup is damaged: the hash of the whole file differs."
    ]
