"""The e-mails to focal points: each person once, and no secret anywhere else."""

from datetime import date
from smtplib import SMTPRecipientsRefused
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from followup import actions, jobs, mailings
from followup.models import Agency, AgencyLink, FocalPoint, SentMail
from followup.tests.promises import promise, report
from followup.tests.queued import empty_queue, work_off
from followup.tests.queued import queued as waiting_jobs

pytestmark = pytest.mark.security


@pytest.fixture
def queued(open_round, people):
    """Queues a mail to two people of พอช.; returns the key of the sending."""

    def queue(content="link"):
        codi = Agency.objects.get(code="CODI")
        for name in ("a", "b"):
            email = f"{name}@codi.example.org"
            FocalPoint.objects.get_or_create(agency=codi, name=f"คุณ{name}", email=email)
        sending = uuid4()
        actions.queue_mails(
            round_=open_round, agencies=[codi], content=content, sending=sending, by=people["staff"]
        )
        return sending

    return queue


def outcomes():
    return sorted(SentMail.objects.values_list("outcome", flat=True))


def test_each_person_gets_the_link_once(queued, settings, caplog):
    settings.PORTAL_URL = "https://portal.example.org"
    settings.DATA_CONTACT_EMAIL = "office@example.org"
    sending = queued()
    assert mailings.send(sending) == 2
    assert mailings.send(sending) == 0, "a second process finds nothing to send"
    assert [each.to for each in mail.outbox] == [["a@codi.example.org"], ["b@codi.example.org"]]
    link = AgencyLink.objects.get()
    address = f"https://portal.example.org/r/{actions.token_of(link)}/"
    for each in mail.outbox:
        assert address in each.body
        assert "ติดต่อฝ่ายเลขานุการ คสป. ที่ office@example.org" in each.body
        assert each.reply_to == ["office@example.org"]
        assert not each.attachments
    assert outcomes() == ["sent", "sent"]
    assert link.key not in caplog.text
    assert "codi.example.org" not in caplog.text
    assert "codi.example.org" not in str(list(SentMail.objects.values()))


def test_the_workbook_is_attached(queued):
    assert mailings.send(queued("workbook")) == 2
    ((name, content, _type),) = mail.outbox[0].attachments
    assert name.endswith(".xlsx")
    assert content.startswith(b"PK")
    assert "/r/" not in mail.outbox[0].body


def test_a_failure_is_noted_by_its_kind_and_stops_nobody(queued, monkeypatch, caplog):
    def fail(self, *args, **kwargs):
        if self.to == ["a@codi.example.org"]:
            raise SMTPRecipientsRefused({self.to[0]: (550, b"no")})
        raise OSError(self.to[0], self.body)

    monkeypatch.setattr(EmailMessage, "send", fail)
    assert mailings.send(queued()) == 0
    assert outcomes() == ["failed", "refused"]
    assert "codi.example.org" not in caplog.text
    assert AgencyLink.objects.get().key not in caplog.text


def test_what_changed_since_it_was_queued_is_seen(queued, people):
    sending = queued()
    actions.revoke_link(link=AgencyLink.objects.get(), by=people["staff"])
    FocalPoint.objects.filter(email__startswith="a").delete()
    assert mailings.send(sending) == 0
    assert outcomes() == ["no_address", "no_link"]
    assert mail.outbox == []


def test_they_are_queued_with_their_rows_and_sent_by_a_worker(queued):
    sending = queued()
    assert waiting_jobs() == [("send_mails", str(sending))]
    assert mail.outbox == [], "no request waits for a mail server"
    assert work_off() == 1
    assert len(mail.outbox) == 2
    assert outcomes() == ["sent", "sent"]


def test_a_sending_that_is_refused_queues_nothing(queued, open_round, people):
    sending = queued()
    empty_queue()
    again = actions.queue_mails(
        round_=open_round,
        agencies=[Agency.objects.get(code="CODI")],
        content="link",
        sending=sending,
        by=people["staff"],
    )
    assert again == 0
    assert waiting_jobs() == []


def test_what_no_server_takes_is_tried_again_and_given_up_in_the_end(queued, monkeypatch):
    def fail(self, *args, **kwargs):
        if self.to == ["a@codi.example.org"]:
            raise OSError(self.to[0])
        return real(self, *args, **kwargs)

    real = EmailMessage.send
    monkeypatch.setattr(EmailMessage, "send", fail)
    sending = queued()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert work_off() == 1
        assert outcomes() == ["sent", "waiting"]
        assert waiting_jobs() == [("send_mails", str(sending))]
        assert work_off() == 0, "not at once"
        for _try in range(jobs.KINDS["send_mails"].tries - 1):
            clock.shift(jobs.LONGEST_PAUSE)
            assert work_off() == 1
    assert outcomes() == ["failed", "sent"]
    assert waiting_jobs() == []
    assert len(mail.outbox) == 1, "whoever has the mail gets no second one"


def test_no_address_is_kept_with_a_job_that_failed(queued, monkeypatch):
    def fail(self, *args, **kwargs):
        raise OSError(f"{self.to[0]} refused {self.body}")

    monkeypatch.setattr(EmailMessage, "send", fail)
    queued()
    work_off()
    kept = str(list(DBTaskResult.objects.values()))
    assert "TryAgain" in kept
    assert "codi.example.org" not in kept
    assert AgencyLink.objects.get().key not in kept


def test_the_mail_names_the_agencys_promises_and_nobody_elses(queued, open_round, people):
    day = date(2026, 10, 1)
    mine = open_round.reports.filter(assignment__agency__code="CODI").with_context()[0].measure
    report(open_round, people, mine.code, "CODI", **promise(day, milestone="ครบ 4 ภาค"))
    report(open_round, people, "8.1", **promise(date(2026, 10, 2)))
    with time_machine.travel("2026-10-02T12:00:00+07:00", tick=False):
        mailings.send(queued())
    body = mail.outbox[0].body
    assert "เลยกำหนดที่หน่วยงานของท่านแจ้งไว้ 1 มาตรการย่อย" in body
    assert f"- {mine.code} {mine.title_th}: กำหนด 1 ตุลาคม 2569 เลยมา 1 วัน" in body
    assert "2 ตุลาคม 2569" not in body
