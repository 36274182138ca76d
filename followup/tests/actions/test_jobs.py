"""A person has a failed job run once more."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django_tasks_db.models import DBTaskResult

from followup import actions, history, jobs
from followup.tests.actions.verbs import refused
from followup.tests.queued import queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed():
    key = jobs.enqueue("send_news")
    DBTaskResult.objects.update(status="FAILED", worker_ids=["w"] * 6)
    return key


def test_an_administrator_has_it_run_again_and_the_history_says_so(failed, people):
    job = actions.run_job_again(job=failed, by=people["administrator"])
    assert job.pk == failed
    assert queued() == [("send_news",)]
    (entry,) = history.entries(limit=1)[0]
    assert (entry.who, entry.sentence) == (str(people["administrator"]), "แก้ไขงานเบื้องหลัง")


@pytest.mark.security
@pytest.mark.parametrize("who", ["staff", "reviewer", "outsider"])
def test_nobody_else_may(failed, people, who):
    with pytest.raises(PermissionDenied):
        actions.run_job_again(job=failed, by=people[who])
    assert queued() == []


def test_what_is_gone_or_not_failed_is_refused(failed, people):
    by = people["administrator"]
    gone = refused(actions.run_job_again, job=uuid4(), by=by)
    assert gone == {"": "งานนี้ไม่มีแล้ว เพราะพ้นกำหนดเก็บ"}
    actions.run_job_again(job=failed, by=by)
    told = refused(actions.run_job_again, job=failed, by=by)
    assert told[""].startswith("งานนี้สั่งทำอีกครั้งไม่ได้")
    assert len(queued()) == 1
