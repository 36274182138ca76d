"""What a worker runs is what is queued: by the same names, in the queues of their kinds."""

import pytest
from django_tasks.base import Task

from followup import jobs, tasks
from followup.models import Digest, PrintJob
from followup.tests.queued import queued, states, work_off


def test_every_kind_has_its_task_in_its_queue_and_no_task_is_without_a_kind():
    there = {name: each for name, each in vars(tasks).items() if isinstance(each, Task)}
    assert {name: each.queue_name for name, each in there.items()} == {
        name: kind.lane for name, kind in jobs.KINDS.items()
    }
    assert all(each.takes_context for each in there.values())
    assert {each.module_path for each in there.values()} == {
        f"followup.tasks.{name}" for name in jobs.KINDS
    }


def test_what_is_due_daily_is_a_kind_without_arguments():
    assert jobs.DAILY.keys() <= jobs.KINDS.keys()


@pytest.mark.django_db
def test_every_daily_duty_is_done(people):
    queued_today = jobs.queue_daily_work()
    assert work_off() == len(queued_today)
    assert states() == [(kind, "SUCCESSFUL") for kind in queued_today]
    assert queued() == []


@pytest.mark.django_db
def test_a_digest_that_no_server_took_is_tried_again(open_round, people, monkeypatch):
    from followup import digests

    people["staff"].email = "staff@example.org"
    people["staff"].save()
    monkeypatch.setattr(digests, "waiting_for", lambda *rest: _Waiting())
    monkeypatch.setattr(digests, "tell_news", lambda *rest: None)
    monkeypatch.setattr(digests, "tell_past_due", lambda *rest: None)
    monkeypatch.setattr(digests, "compose", lambda *rest: _Refused())
    jobs.enqueue("send_digests")
    work_off()
    assert queued() == [("send_digests",)]
    assert not Digest.objects.exists()


class _Waiting:
    messages = messages_overdue = 0

    def counts(self) -> bool:
        return True


class _Refused:
    def send(self) -> None:
        raise OSError


@pytest.mark.django_db
def test_what_is_gone_when_its_turn_comes_is_no_failure(people):
    jobs.enqueue("print_report", 999)
    jobs.enqueue("run_import", 999, "check", 1, people["staff"].pk)
    jobs.enqueue("tell_returned", 999, 999)
    assert not PrintJob.objects.exists()
    work_off()
    assert dict(states()) == {
        "print_report": "SUCCESSFUL",
        "run_import": "SUCCESSFUL",
        "tell_returned": "SUCCESSFUL",
    }
