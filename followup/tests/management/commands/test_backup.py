"""`manage.py backup`: whole while people work."""

import os
import threading
import time
from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection

from followup import actions, chain, evidence, preparing
from followup.backups import COLUMNS, fault_of_the_record
from followup.evidence import Checked
from followup.models import Evidence, StatusReport
from followup.tests import files
from followup.tests.evidence_files import make
from followup.tests.factories import fields_for
from forum_portal.backups import reading
from forum_portal.backups.checking import faults
from forum_portal.backups.stored_files import names_of

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30  # seconds


def backup(*arguments):
    said = StringIO()
    call_command("backup", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_it_says_what_it_holds_and_touches_the_mark(
    open_round, people, empty_storage, settings, tmp_path
):
    make(open_round, people, [files.piece()])
    settings.BACKUP_MARK = str(tmp_path / "mark")
    path = tmp_path / "b.tar"
    first, _thai, english = backup(path).splitlines()
    assert first == f"สำรองข้อมูลไว้ที่ {path} แล้ว · Backed up to {path}"
    assert "103 reports among " in english
    assert english.endswith(f"tables, 1 evidence files, {path.stat().st_size:,} bytes")
    marked = (tmp_path / "mark").stat().st_mtime_ns
    with pytest.raises(CommandError, match=r"exists\. Name another file"):
        backup(path)
    assert (tmp_path / "mark").stat().st_mtime_ns == marked, "it is of the last good backup"
    assert backup(path, "--replace").splitlines()[0] == first
    assert (tmp_path / "mark").stat().st_mtime_ns > marked


def test_a_program_that_is_not_there_leaves_nothing(db, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name, **more: None)
    with pytest.raises(CommandError, match="The program age is not installed"):
        backup(tmp_path / "b.tar", "--recipient", "age1qqq")
    assert list(tmp_path.iterdir()) == []


def test_it_waits_for_a_migration(db, tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "_lock", lambda connection: (lambda: False, lambda: None))
    monkeypatch.setattr(preparing, "PATIENCE", 0)
    with pytest.raises(CommandError, match="another process is still preparing it"):
        backup(tmp_path / "b.tar")
    assert list(tmp_path.iterdir()) == []


class Writers:
    """Threads that save drafts with evidence, one report after the other, until they are stopped."""

    def __init__(self, people, number=2):
        self.people, self.number = people, number
        self.committed, self.failed = [], []
        self._stop = threading.Event()
        keys = list(StatusReport.objects.order_by("pk").values_list("pk", flat=True))
        self._threads = [
            threading.Thread(target=self._run, args=(keys[turn::number],), daemon=True)
            for turn in range(number)
        ]

    def _run(self, keys):
        try:
            for key in keys * 50:
                if self._stop.is_set():
                    break
                self._save(key)
        except Exception as error:
            self.failed.append(error)
        finally:
            connection.close()

    def _save(self, key):
        report = StatusReport.objects.with_context().get(pk=key)
        pieces = [evidence_of(each) for each in report.evidence.all()]
        content = b"%PDF-1.7 " + os.urandom(2000)
        stored = evidence.keep(Checked(content, "สรุปเวที.pdf", "pdf"))
        new = {"title": "สรุปเวที", "url": "", "is_public": True, "file": stored}
        actions.save_draft(
            report=report,
            by=self.people["staff"],
            version=report.version,
            fields=fields_for("in_progress") | {"results": f"ครั้งที่ {len(self.committed)}"},
            evidence=[*pieces, new],
        )
        self.committed.append(stored.name)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def wait_for(self, number):
        until = time.monotonic() + PATIENCE
        while len(self.committed) < number:
            assert not self.failed
            assert time.monotonic() < until
            time.sleep(0.01)


def evidence_of(piece):
    file = evidence.StoredFile.of(piece)
    return {"title": piece.title, "url": piece.url, "is_public": piece.is_public, "file": file}


def test_it_is_whole_while_people_write(open_round, people, empty_storage, tmp_path):
    chain.begin("test")
    path = tmp_path / "b.tar"
    with Writers(people) as writers:
        writers.wait_for(6)
        before = set(writers.committed)
        backup(path)
        after = len(writers.committed)
        writers.wait_for(after + 2)
    assert writers.failed == []
    with reading.opened(path) as archive:
        names = set(names_of(archive))
        assert before <= names, "what was saved before it began"
        assert names <= set(writers.committed)
        assert archive.manifest.tables["followup_evidence"].rows == len(names)
        assert faults(archive, columns=COLUMNS, own_check=fault_of_the_record) == []
    assert Evidence.objects.count() > len(names), "people went on"
    assert len(storages["evidence"].listdir("")[1]) > len(names)
