"""`manage.py queue_daily_work`: one line of a scheduler is enough."""

from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from followup.tests.queued import queued


@pytest.mark.django_db
def test_it_says_what_it_queued_and_queues_it_once():
    with time_machine.travel("2026-11-28T01:00:00+07:00", tick=False):  # a Saturday
        said = StringIO()
        call_command("queue_daily_work", stdout=said)
        call_command("queue_daily_work", stdout=said)
    assert said.getvalue().splitlines() == [
        "เข้าคิวแล้ว 5 งาน · Queued: "
        "send_news, sweep_evidence, check_links, purge_personal_data, prune_jobs",
        "เข้าคิวแล้ว 0 งาน · Queued: –",
    ]
    assert len(queued()) == 5
