"""`manage.py send_mails`: the e-mails of one sending, in a process of its own."""

from uuid import uuid4

from django.core import mail
from django.core.management import call_command

from followup import actions
from followup.models import FocalPoint, SentMail


def test_it_sends_what_waits_of_that_sending_only(open_round, people, codi):
    FocalPoint.objects.create(agency=codi, name="สมศรี", email="s@codi.example.org")
    first, second = uuid4(), uuid4()
    for sending in (first, second):
        actions.queue_mails(
            round_=open_round,
            agencies=[codi],
            content="workbook",
            sending=sending,
            by=people["staff"],
        )
    call_command("send_mails", str(first))
    assert len(mail.outbox) == 1
    assert SentMail.objects.get(sending=second).outcome == "waiting"
