"""The worker: nothing is run twice or lost, whatever ends a process, and a long job delays no others."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from followup import jobs, worker
from followup.annual_report import printing
from followup.models import (
    ImportedRow,
    JobWorker,
    PrintJob,
    RenderedReport,
    SpreadsheetImport,
    StatusReport,
)
from followup.spreadsheets import session
from followup.tests import workers
from followup.tests.queued import queued, states, work_off
from followup.tests.spreadsheets.wizard import HEAD, row, xlsx
from followup.worker import Worker

pytestmark = pytest.mark.faults

RAN: list[object] = []
HOLD = threading.Event()


@task(queue_name="files", takes_context=True)
def probe(context, what):
    """A job that notes that it ran."""
    RAN.append(what)


@task(queue_name="imports", takes_context=True)
def slow(context, what):
    """A job that lasts until the test ends it."""
    RAN.append("begun")
    HOLD.wait(30)
    RAN.append(what)


@task(queue_name="files", takes_context=True)
def broken(context, what):
    raise ValueError(what)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """These jobs are kinds, too; workers look often."""
    kinds = {
        "probe": jobs.Kind(_l("ลอง"), "files"),
        "slow": jobs.Kind(_l("ช้า"), "imports"),
        "broken": jobs.Kind(_l("เสีย"), "files"),
    }
    monkeypatch.setattr(jobs, "KINDS", {**jobs.KINDS, **kinds})
    monkeypatch.setattr(worker, "LOOK", 0.02)
    RAN.clear()
    HOLD.clear()
    yield
    HOLD.set()


class Running:
    """A worker in a thread of its own, until the block ends."""

    def __init__(self, **options):
        self.worker = Worker(**options)
        self.ended_well: list[bool] = []
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            self.ended_well.append(self.worker.run())
        finally:
            connections.close_all()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.worker.end()
        HOLD.set()
        self.thread.join(60)
        assert not self.thread.is_alive()


real = pytest.mark.django_db(transaction=True)


@pytest.mark.django_db
def test_what_waits_is_run_and_how_it_ended_is_stored():
    probe.enqueue("a")
    broken.enqueue("b")
    assert work_off() == 2
    assert RAN == ["a"]
    assert states() == [("probe", "SUCCESSFUL"), ("broken", "FAILED")]
    assert not JobWorker.objects.exists()


@pytest.mark.django_db
@pytest.mark.security
def test_the_log_names_a_job_and_not_its_arguments(caplog):
    broken.enqueue("มะลิ")
    with caplog.at_level("INFO"):
        work_off()
    lines = [record.getMessage() for record in caplog.records]
    assert any("broken state=FAILED" in line for line in lines)
    assert not any("มะลิ" in line for line in lines)


@real
def test_two_workers_run_each_job_once():
    for number in range(30):
        probe.enqueue(number)
    with Running(), Running():
        workers.wait_until(lambda: not queued() and len(RAN) >= 30)
    assert sorted(RAN) == list(range(30))
    assert {len(each.worker_ids) for each in DBTaskResult.objects.all()} == {1}


@real
def test_a_long_job_keeps_no_other_kind_waiting():
    slow.enqueue("slow")
    with Running():
        workers.wait_until(lambda: "begun" in RAN)
        probe.enqueue("quick")
        workers.wait_until(lambda: "quick" in RAN)
        assert "slow" not in RAN


@real
def test_a_worker_that_is_to_end_finishes_its_job_and_begins_no_other():
    slow.enqueue("first")
    slow.enqueue("second")
    with Running() as running:
        workers.wait_until(lambda: "begun" in RAN)
        running.worker.end()
        HOLD.set()
    assert running.ended_well == [True]
    assert RAN == ["begun", "first"]
    assert [status for _kind, status in states()] == ["SUCCESSFUL", "READY"]
    assert not JobWorker.objects.exists()


@real
def test_a_job_that_does_not_end_in_time_is_given_back():
    slow.enqueue("first")
    with Running(grace=0.1) as running:
        workers.wait_until(lambda: "begun" in RAN)
        running.worker.end()
        running.thread.join(30)
        assert queued() == [("slow", "first")]
        assert not JobWorker.objects.exists()


@real
def test_a_worker_gives_signs_of_life_and_takes_up_what_others_have_lost(monkeypatch):
    monkeypatch.setattr("followup.background.BEAT", 0.02)
    monkeypatch.setattr(worker, "CHECK_OTHERS", 0.02)
    probe.enqueue("a")
    jobs.sign_on("killed")
    assert jobs.claim("files", "killed")
    workers.lose_every_worker()
    with Running() as running:
        workers.wait_until(lambda: RAN == ["a"])
        (first,) = JobWorker.objects.all()
        assert first.pk == running.worker.name
        workers.wait_until(lambda: JobWorker.objects.get().alive_at > first.alive_at)


@real
def test_a_database_that_does_not_answer_ends_no_worker(monkeypatch, caplog):
    monkeypatch.setattr(worker, "AFTER_ERROR", 0.02)
    claim, failures = jobs.claim, []

    def fails_at_first(lane, name):
        if len(failures) < 3:
            failures.append(lane)
            raise OperationalError("database is locked")
        return claim(lane, name)

    monkeypatch.setattr(jobs, "claim", fails_at_first)
    probe.enqueue("a")
    with Running() as running:
        workers.wait_until(lambda: RAN == ["a"])
    assert running.ended_well == [True]
    assert "cannot be read: OperationalError" in caplog.text


@real
def test_a_job_whose_end_the_database_did_not_take_is_begun_again(monkeypatch):
    """The worker lives, so that no other one takes the job for lost."""
    monkeypatch.setattr(worker, "AFTER_ERROR", 0.02)
    monkeypatch.setattr(worker, "CHECK_OTHERS", 0.02)

    def at_second(store):
        def stored(job, value):
            if len(RAN) < 2:
                raise OperationalError("the server closed the connection")
            return store(job, value)

        return stored

    monkeypatch.setattr(jobs, "succeed", at_second(jobs.succeed))
    monkeypatch.setattr(jobs, "fail", at_second(jobs.fail))
    probe.enqueue("a")
    with Running() as running:
        workers.wait_until(lambda: states() == [("probe", "SUCCESSFUL")])
    assert RAN == ["a", "a"]
    assert running.ended_well == [True]


@real
def test_a_worker_that_cannot_store_an_end_ends_itself(monkeypatch, caplog):
    """So that the job is not taken for running as long as the worker lives."""

    def fail(job, value):
        raise RuntimeError("no room")

    monkeypatch.setattr(jobs, "succeed", fail)
    monkeypatch.setattr(jobs, "fail", fail)
    probe.enqueue("a")
    with Running() as running:
        running.thread.join(30)
    assert running.ended_well == [False]
    assert "the queue files has stopped" in caplog.text
    assert queued() == [("probe", "a")], "it gave it back"


@real
def test_it_ends_with_its_parent_process():
    gone = 2**22 + 1  # above the largest number of a process
    with Running(parent=os.getpid()) as stays:
        with Running(parent=gone) as running:
            running.thread.join(30)
            assert running.ended_well == [True]
        assert stays.thread.is_alive()


@real
def test_an_idle_worker_takes_no_lock(monkeypatch):
    """Otherwise every save of SQLite would wait for it now and then."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite has one lock for all writers")
    from django.db import transaction

    with Running():
        workers.wait_until(lambda: JobWorker.objects.exists())
        with transaction.atomic():  # holds the lock
            JobWorker.objects.update(started_at=timezone.now())
            before = time.monotonic()
            assert jobs.claim("files", "w") is None
            threads = []

            def look():
                threads.append(jobs.claim("files", "other"))
                connections.close_all()

            thread = threading.Thread(target=look)
            thread.start()
            thread.join(10)
            assert threads == [None], "it does not wait for the writer"
            assert time.monotonic() - before < 10


# Processes that are killed ----------------------------------------------------------------------


@pytest.fixture
def import_folder(settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    settings.IMPORT_FOLDER.mkdir()


@pytest.fixture
def confirmed(open_round, people, import_folder, monkeypatch, read_in_process):
    """An import of two rows that waits to be written by a worker."""
    monkeypatch.setattr(session, "INLINE_ROWS", 0)
    rows = [HEAD, row("1.1", "กสป."), row("1.2", "พม.")]
    by = people["administrator"]
    record = session.start(
        by=by, round_=open_round, uploads=[session.Upload("ผล.xlsx", [xlsx(*rows, above=0)])]
    )
    assert session.begin(record, "check", by=by, rows=2)
    assert work_off() == 1
    record.refresh_from_db()
    assert session.begin(record, "apply", by=by, rows=2)
    return record


#: One report in each transaction; after the first the process stands still.
STANDS_STILL = """
import time
from followup import background
from followup.spreadsheets import apply
apply.PART = 1
background.let_others_write = lambda: time.sleep(300)
"""


@pytest.mark.slow
@real
def test_an_import_whose_worker_is_killed_is_taken_back_and_can_be_confirmed_again(
    confirmed, people, tmp_path
):
    with workers.worker(tmp_path, patch=STANDS_STILL) as process:
        workers.wait_until(lambda: ImportedRow.objects.exists(), process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert StatusReport.objects.exclude(version=0).count() == 1, "half of it is written"
    confirmed.refresh_from_db()
    assert confirmed.state == "applying"
    os.utime(confirmed.folder / session.ALIVE, (1, 1))
    session.report_progress(confirmed, "apply", 1, 2)
    long_ago = time.time() - 100
    (confirmed.folder / "progress.json").write_text(
        f'{{"task": "apply", "done": 1, "total": 2, "at": {long_ago}}}'
    )
    told = session.progress_of(confirmed)
    workers.lose_every_worker()
    told = session.progress_of(confirmed)
    assert (told["lost"], told["queued"], told["alone"]) == (False, True, True)
    with workers.worker(tmp_path) as process:
        workers.wait_until(lambda: SpreadsheetImport.objects.get().state != "applying", process)
        process.send_signal(signal.SIGTERM)
        said, _none = process.communicate(timeout=60)
    assert process.returncode == 0, said
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.rows.count()) == ("failed", 0)
    assert confirmed.failure == "งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง"
    by = people["administrator"]
    assert session.begin(confirmed, "check", by=by, rows=2)
    assert work_off() == 1
    confirmed.refresh_from_db()
    assert session.begin(confirmed, "apply", by=by, rows=2)
    assert work_off() == 1
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.rows.count()) == ("applied", 2)


PRINTS_FOR_EVER = """
import time
from followup.annual_report import printing
printing.WRITERS = dict.fromkeys(printing.WRITERS, lambda report, fitted: time.sleep(300))
"""


@pytest.mark.slow
@real
def test_a_print_whose_worker_is_killed_is_printed_by_another(three_reports, tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "INLINE", 0)
    edition = three_reports.snapshots.latest("number")
    assert printing.edition(edition, "docx").state == "printing"
    with workers.worker(tmp_path, patch=PRINTS_FOR_EVER) as process:
        workers.wait_until(lambda: PrintJob.objects.get().alive_at is not None, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert jobs.take_up_lost() == [], "its lease has not run out"
    workers.lose_every_worker()
    with workers.worker(tmp_path) as process:
        workers.wait_until(lambda: RenderedReport.objects.filter(kind="docx").exists(), process)
        workers.wait_until(lambda: states()[-1][1] == "SUCCESSFUL", process)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    (job,) = DBTaskResult.objects.all()
    assert len(job.worker_ids) == 2
    assert not JobWorker.objects.exists()


@pytest.mark.slow
@real
def test_a_worker_that_is_to_end_at_work_gives_its_job_back_for_the_next_start(
    three_reports, tmp_path, monkeypatch
):
    monkeypatch.setattr(printing, "INLINE", 0)
    edition = three_reports.snapshots.latest("number")
    printing.edition(edition, "docx")
    with workers.worker(tmp_path, "--grace", "0.2", patch=PRINTS_FOR_EVER) as process:
        workers.wait_until(lambda: PrintJob.objects.get().alive_at is not None, process)
        process.send_signal(signal.SIGTERM)
        said, _none = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "are given back" in said
    assert queued() == [("print_report", PrintJob.objects.get().pk)]
    assert not JobWorker.objects.exists()
    assert timezone.now() - PrintJob.objects.get().begun_at < timedelta(minutes=2)


def test_a_process_that_nobody_has_asked_about_has_ended_all_the_same():
    """Its parent may wait for what the worker still writes, before it asks."""
    reads = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    process = subprocess.Popen(reads, stdin=subprocess.PIPE)
    assert worker._lives(process.pid)
    process.stdin.close()  # type: ignore[union-attr]
    until = time.monotonic() + 20
    while worker._lives(process.pid):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.wait()
    assert not worker._lives(process.pid)
