"""`manage.py work`: it begins only where it can work, and ends as it is told to."""

import os
import signal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from followup import background, jobs
from followup.models import JobWorker
from followup.tests import workers
from followup.tests.queued import queued, states

pytestmark = pytest.mark.faults


def work(*arguments):
    said = StringIO()
    call_command("work", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
def test_it_runs_what_waits_in_the_named_queues_and_ends():
    jobs.enqueue("prune_jobs")
    jobs.enqueue("send_news")
    assert work("--until-empty", "--queues", "files,imports") == "ทำแล้ว 1 งาน · 1 jobs were run\n"
    assert states() == [("prune_jobs", "SUCCESSFUL"), ("send_news", "READY")]
    assert work("--until-empty") == "ทำแล้ว 1 งาน · 1 jobs were run\n"
    assert queued() == []


@pytest.mark.django_db
@pytest.mark.parametrize("queues", ["mails", "mail,", "", "mail,other"])
def test_a_queue_that_is_none_is_named(queues):
    if queues == "mail,":
        assert work("--until-empty", "--queues", queues)
        return
    with pytest.raises(CommandError, match="mail, files, imports"):
        work("--until-empty", "--queues", queues)


@pytest.mark.django_db
def test_it_does_not_begin_on_tables_of_another_version():
    MigrationRecorder.Migration.objects.filter(app="followup", name__gte="0030").delete()
    jobs.enqueue("prune_jobs")
    with pytest.raises(CommandError) as told:
        work("--until-empty")
    assert str(told.value).startswith("ตารางของฐานข้อมูลยังไม่ใช่ของรุ่นนี้ สั่ง manage.py migrate ก่อน · ")
    assert "migrations are not applied, from followup.0030" in str(told.value)
    assert queued() == [("prune_jobs",)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_and_its_status_tells_which(tmp_path, sent, status):
    """script/server begins it anew unless it was interrupted."""
    with workers.worker(tmp_path) as process:
        workers.wait_until(lambda: JobWorker.objects.exists(), process)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == background.POLITE
        jobs.enqueue("prune_jobs")
        workers.wait_until(lambda: states() == [("prune_jobs", "SUCCESSFUL")], process)
        process.send_signal(sent)
        said, _none = process.communicate(timeout=60)
    assert process.returncode == status, said
    assert not JobWorker.objects.exists()
