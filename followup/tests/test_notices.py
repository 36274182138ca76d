"""A report that an agency sent by link and that was returned: its focal points read what to correct."""

import logging
import smtplib

import pytest
from django.core import mail

from followup import actions
from followup.models import FocalPoint, StatusReport
from followup.tests.factories import fields_for, find_report, make_report


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
    contacts, answered, issued, people, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send_back(answered, people)
        assert mail.outbox == [], "not before the commit"
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


def test_an_agency_whose_link_is_dead_is_told_whom_to_ask(
    contacts, answered, issued, people, django_capture_on_commit_callbacks
):
    actions.revoke_link(link=issued, by=people["staff"])
    with django_capture_on_commit_callbacks(execute=True):
        send_back(answered, people)
    assert "ลิงก์ที่เคยได้รับใช้ไม่ได้แล้ว ติดต่อฝ่ายเลขานุการ คสป." in mail.outbox[0].body


def test_what_the_secretariat_typed_goes_back_to_the_secretariat_alone(
    contacts, open_round, people, django_capture_on_commit_callbacks
):
    report = make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="submitted")
    with django_capture_on_commit_callbacks(execute=True):
        send_back(report, people)
    assert mail.outbox == []


def test_a_mail_server_that_refuses_undoes_nothing_and_logs_no_address(
    contacts, answered, people, django_capture_on_commit_callbacks, monkeypatch, caplog
):
    def refuse(self):
        raise smtplib.SMTPRecipientsRefused({self.to[0]: (550, b"no")})

    monkeypatch.setattr("followup.notices.EmailMessage.send", refuse)
    with (
        caplog.at_level(logging.INFO),
        django_capture_on_commit_callbacks(execute=True),
    ):
        send_back(answered, people)
    assert StatusReport.objects.get(pk=answered.pk).state == "returned"
    assert "SMTPRecipientsRefused" in caplog.text
    assert "msdhs.example.org" not in caplog.text
    assert "มะลิ" not in caplog.text
