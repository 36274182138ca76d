"""The mails to subscribers: one about an edition, to each once, of what they follow alone."""

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone, translation

from followup import actions, jobs, news
from followup.models import News, NewsMail, Subscriber
from followup.tests.editions import take_back
from followup.tests.factories import find_report, make_report
from followup.tests.queued import queued, work_off
from followup.tests.subscribers import (
    EMAIL,
    WHOLE,
    followed,
    of_agency,
    of_province,
    of_resolutions,
    subscribed,
)

pytestmark = pytest.mark.security


@pytest.fixture
def reported(open_round, people, settings):
    """A report on 1.2 that names a province, in a round that is closed."""
    settings.PORTAL_URL = "https://portal.example.org"
    settings.DATA_CONTACT_EMAIL = "office@example.org"
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    report = make_report(open_round, "1.2", results="ข้อความในรายงาน", **write)
    report.provinces.set(["50"])
    return actions.close_round(round_=open_round, by=people["staff"])


@pytest.fixture
def publish(reported, people):
    return lambda: actions.publish_round(round_=reported, by=people["reviewer"])


def sent_to(email):
    return [each for each in mail.outbox if each.to == [email]]


def outcomes():
    return sorted(NewsMail.objects.values_list("outcome", flat=True))


def test_each_gets_one_mail_of_what_they_follow(publish, caplog):
    for name, choice in (
        ("all", WHOLE),
        ("one", of_resolutions(1, 2)),
        ("other", of_resolutions(3)),
        ("agency", of_agency("MSDHS")),
        ("area", of_province("TH-50")),
        ("elsewhere", of_province("TH-10")),
    ):
        subscribed(choice, f"{name}@example.org")
    publish()
    assert news.send_all() == 5
    assert news.send_all() == 0, "a second process finds nothing to send"
    assert outcomes() == ["nothing", *["sent"] * 5]
    (whole,) = sent_to("all@example.org")
    assert whole.subject == "เผยแพร่ผลการติดตามปีงบประมาณ 2569"
    assert "- บรรลุแล้ว 0 จาก" in whole.body
    (one,) = sent_to("one@example.org")
    assert one.subject.endswith("และอีก 1 เรื่องที่ติดตาม")
    assert "- 1.2 " in one.body
    assert "- 2.1 " in one.body
    assert "- 3.1 " not in one.body
    assert "https://portal.example.org/resolutions/2565/1/?year=2569" in one.body
    (agency,) = sent_to("agency@example.org")
    assert "- ได้รับรายงานแล้ว 1 จาก 2 รายการ" in agency.body
    (area,) = sent_to("area@example.org")
    assert "- รายงานที่ระบุว่าดำเนินการในจังหวัดนี้ 1 รายการ" in area.body
    assert sent_to("elsewhere@example.org") == []
    assert not any("ข้อความในรายงาน" in each.body for each in mail.outbox)
    assert "example.org" not in caplog.text


def test_a_mail_is_in_the_language_in_which_it_was_asked_for(publish):
    """Two people, one edition: an address has the language asked last."""
    subscribed(WHOLE, "thai@example.org")
    subscribed(of_resolutions(2), "english@example.org")
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=2))
    with translation.override("en"):
        subscribed(of_resolutions(1), "english@example.org")
    publish()
    news.send_all()
    (thai,), (english,) = sent_to("thai@example.org"), sent_to("english@example.org")
    assert thai.subject == "เผยแพร่ผลการติดตามปีงบประมาณ 2569"
    assert re.search("[ก-๙]", english.subject + english.body) is None
    assert "https://portal.example.org/en/resolutions/2565/1/?year=2569" in english.body
    assert "https://portal.example.org/en/follow/leave/" in english.body
    assert "/en/" not in thai.body


def test_a_mail_says_how_to_leave_to_people_and_programs(publish):
    row = subscribed()
    publish()
    news.send_all()
    (message,) = mail.outbox
    leave = f"https://portal.example.org/follow/leave/{actions.own_token(row)}/"
    assert message.extra_headers["List-Unsubscribe"] == f"<{leave}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert leave in message.body
    assert f"/follow/change/{actions.own_token(row)}/" in message.body
    assert message.reply_to == ["office@example.org"]
    assert "ติดต่อ: office@example.org" in message.body


def test_nobody_hears_who_has_not_confirmed_or_confirmed_later(publish):
    actions.ask_to_follow(email="waits@example.org", choice=WHOLE)
    publish()
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        subscribed(email="later@example.org")
        assert news.send_all() == 0
    assert mail.outbox == []


def test_a_publication_queues_the_mails(publish):
    subscribed()
    publish()
    assert queued().count(("send_news",)) == 1
    call_command("send_news")
    assert len(mail.outbox) == 1
    work_off()
    assert len(mail.outbox) == 1, "by hand or by a worker, each once"


def test_without_subscribers_nothing_is_queued(publish):
    publish()
    assert ("send_news",) not in queued()


def test_a_job_is_tried_again_until_the_server_takes_the_mails(publish, monkeypatch):
    def fail(self, *args, **kwargs):
        raise OSError(self.to[0])

    subscribed()
    publish()
    with time_machine.travel(timezone.now(), tick=False) as clock, monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", fail)
        work_off()
        assert ("send_news",) in queued()
        assert work_off() == 0, "not at once"
        clock.shift(jobs.FIRST_PAUSE)
        patch.undo()
        assert work_off() == 1
    assert len(mail.outbox) == 1


def test_a_failure_is_tried_again_and_a_refusal_is_not(publish, monkeypatch, caplog):
    subscribed(email="down@example.org")
    subscribed(email="refused@example.org")
    publish()
    real = EmailMessage.send

    def fail(self, *args, **kwargs):
        if self.to == ["refused@example.org"]:
            raise SMTPRecipientsRefused({self.to[0]: (550, b"no")})
        raise OSError(self.to[0], self.body)

    monkeypatch.setattr(EmailMessage, "send", fail)
    assert news.send_all() == 0
    assert outcomes() == ["refused", "waiting"]
    assert "example.org" not in caplog.text
    monkeypatch.setattr(EmailMessage, "send", real)
    assert news.send_all() == 1
    assert outcomes() == ["refused", "sent"]


def test_a_server_that_is_down_is_not_asked_for_everybody(publish, monkeypatch):
    for number in range(news.FAILURES_MAX + 2):
        subscribed(email=f"{number}@example.org")
    publish()
    tried = []

    def fail(self, *args, **kwargs):
        tried.append(self.to)
        raise OSError

    monkeypatch.setattr(EmailMessage, "send", fail)
    assert news.send_all() == 0
    assert len(tried) == news.FAILURES_MAX
    assert set(outcomes()) == {"waiting"}


def test_old_news_are_told_no_more(publish):
    subscribed()
    publish()
    news.queue_new()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1), tick=False):
        assert news.send_all() == 0
    assert outcomes() == ["expired"]


def test_what_is_published_long_before_the_first_call_is_not_told(publish):
    subscribed()
    publish()
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert news.send_all() == 0
    assert not News.objects.exists()


def test_an_edition_that_was_taken_back_before_its_mails_is_not_told(publish, people):
    subscribed()
    news.queue_new()
    edition = publish().snapshots.get()
    news.queue_new()
    take_back(edition.round, people["reviewer"])
    assert news.send_waiting() == 0
    assert outcomes() == ["nothing"]


def test_whoever_heard_of_an_edition_hears_that_it_was_taken_back(publish, people):
    subscribed(of_resolutions(1))
    round_ = publish()
    assert news.send_all() == 1
    take_back(round_, people["reviewer"])
    assert news.send_all() == 1
    assert news.send_all() == 0
    assert "ถอนการเผยแพร่" in mail.outbox[1].subject
    assert "เหตุผล:" in mail.outbox[1].body
    assert "- 1.2" not in mail.outbox[1].body


def test_a_correction_is_told_to_those_whom_it_touches(publish, people):
    touched = subscribed(of_resolutions(1), "touched@example.org")
    subscribed(of_resolutions(3), "not@example.org")
    subscribed(of_agency("MSDHS"), "agency@example.org")
    subscribed(of_province("TH-50"), "area@example.org")
    round_ = publish()
    news.send_all()
    mail.outbox.clear()
    staff, reviewer = people["staff"], people["reviewer"]
    actions.reopen_round(round_=round_, by=reviewer, reason="พบตัวเลขผิด")
    report = find_report(round_, "1.2")
    actions.send_back(report=report, by=reviewer, version=report.version, reason="แก้")
    make_report(round_, "1.2", status="on_hold", by=staff, reviewer=reviewer)
    actions.close_round(round_=round_, by=staff)
    publish()
    assert news.send_all() == 3
    assert sent_to("not@example.org") == []
    (message,) = sent_to("touched@example.org")
    assert "แก้ไขผลการติดตามปีงบประมาณ 2569 ฉบับที่ 2" in message.subject
    assert "1.2: แก้สถานะจาก" in message.body
    assert "เหตุผล: พบตัวเลขผิด" in message.body
    assert followed(touched) == ["2565-1"]


def test_a_subscriber_who_leaves_meanwhile_gets_nothing(publish):
    row = subscribed()
    publish()
    news.queue_new()
    actions.leave(subscriber=row)
    assert news.send_waiting() == 0
    assert mail.outbox == []


def test_the_mail_that_asks_for_a_confirmation_says_what_and_for_how_long(forum, settings):
    settings.PORTAL_URL = "https://portal.example.org"
    row = actions.ask_to_follow(email=EMAIL, choice=of_resolutions(3))
    news.ask_to_confirm(row, ["ข้อเสนอที่ 3"])
    (message,) = mail.outbox
    assert message.to == [EMAIL]
    assert "- ข้อเสนอที่ 3" in message.body
    assert "ภายใน 3 วัน" in message.body
    assert (
        f"https://portal.example.org/follow/confirm/{actions.confirm_token(row)}/" in message.body
    )
    assert "ลบที่อยู่นี้ภายใน 7 วัน" in message.body
    assert Subscriber.objects.get().confirmed_at is None
