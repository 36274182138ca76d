"""A report that an agency sent by link and that was returned: its focal points read what to correct."""

import logging
import smtplib

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from followup import actions, jobs, notices
from followup.models import FocalPoint, StatusReport
from followup.tests.factories import fields_for, find_report, make_report
from followup.tests.queued import queued, work_off


@pytest.fixture
def contacts(msdhs):
    for name, email, phone in (
        ("มะลิ", "mali@msdhs.example.org", ""),
        ("ลำดวน", "lamduan@msdhs.example.org", ""),
        ("ปีบ", "", "0 2111 1111"),
    ):
        FocalPoint.objects.create(agency=msdhs, name=name, email=email, phone=phone)


@pytest.fixture
def issued(open_round, people, msdhs):
    return actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])


@pytest.fixture
def answered(open_round, issued):
    report = find_report(open_round, "1.2", "MSDHS")
    fields = fields_for("in_progress")
    actions.save_draft(report=report, link=issued, version=0, fields=fields, evidence=[])
    return actions.submit(report=report, link=issued, version=1)


def send_back(report, people):
    stored = StatusReport.objects.with_context().get(pk=report.pk)
    return actions.send_back(
        report=stored, by=people["reviewer"], version=stored.version, reason="ระบุจำนวน & จังหวัด"
    )


def test_each_focal_point_reads_what_to_correct_and_how_to_get_on(
    contacts, answered, issued, people
):
    send_back(answered, people)
    assert mail.outbox == [], "nobody waits for a mail server"
    assert work_off() == 2
    assert sorted(each.to for each in mail.outbox) == [
        ["lamduan@msdhs.example.org"],
        ["mali@msdhs.example.org"],
    ]
    body = next(each.body for each in mail.outbox if "mali" in each.to[0])
    assert "เรียน มะลิ" in body
    assert "สิ่งที่ต้องแก้ไข: ระบุจำนวน & จังหวัด" in body
    assert "มาตรการย่อย 1.2" in body
    assert "เปิดลิงก์ล่าสุดที่ได้รับจากฝ่ายเลขานุการ" in body
    for secret in (issued.key, actions.token_of(issued), str(people["reviewer"]), "ลำดวน"):
        assert secret not in body


def test_an_agency_whose_link_is_dead_is_told_whom_to_ask(contacts, answered, issued, people):
    actions.revoke_link(link=issued, by=people["staff"])
    send_back(answered, people)
    work_off()
    assert "ลิงก์ที่เคยได้รับใช้ไม่ได้แล้ว ติดต่อฝ่ายเลขานุการ คสป." in mail.outbox[0].body


def test_what_the_secretariat_typed_goes_back_to_the_secretariat_alone(
    contacts, open_round, people
):
    report = make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="submitted")
    send_back(report, people)
    assert queued() == []
    assert mail.outbox == []


def test_a_mail_server_that_refuses_undoes_nothing_and_logs_no_address(
    contacts, answered, people, monkeypatch, caplog
):
    def refuse(self):
        raise smtplib.SMTPRecipientsRefused({self.to[0]: (550, b"no")})

    monkeypatch.setattr("followup.notices.EmailMessage.send", refuse)
    with caplog.at_level(logging.INFO):
        send_back(answered, people)
        work_off()
    assert StatusReport.objects.get(pk=answered.pk).state == "returned"
    assert "SMTPRecipientsRefused" in caplog.text
    assert "msdhs.example.org" not in caplog.text
    assert "มะลิ" not in caplog.text
    assert "msdhs.example.org" not in str(list(DBTaskResult.objects.values()))
    assert queued() == [], "a refusal is no reason to try again"


def test_a_mail_that_no_server_took_is_tried_again_for_that_person_alone(
    contacts, answered, people, monkeypatch
):
    def fail(self):
        if "mali" in self.to[0]:
            raise OSError(self.to[0])
        return real(self)

    real = notices.EmailMessage.send
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr("followup.notices.EmailMessage.send", fail)
            send_back(answered, people)
            work_off()
        assert [each.to for each in mail.outbox] == [["lamduan@msdhs.example.org"]]
        mali = FocalPoint.objects.get(name="มะลิ")
        assert queued() == [("tell_returned", answered.pk, mali.pk)]
        clock.shift(jobs.FIRST_PAUSE)
        assert work_off() == 1
    assert mail.outbox[1].to == ["mali@msdhs.example.org"]


def test_who_sent_it_in_again_meanwhile_gets_no_mail(contacts, answered, issued, people):
    returned = send_back(answered, people)
    actions.submit(report=returned, link=issued, version=returned.version)
    FocalPoint.objects.get(name="ลำดวน").delete()
    assert work_off() == 2
    assert mail.outbox == []
