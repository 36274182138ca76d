"""Digests: recipients, content, days, and never two for one day."""

import smtplib
import threading
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection

from followup import actions, digests
from followup.models import Agency, Digest, Round, StatusReport, User
from followup.tests.factories import make_report
from followup.tests.promises import DAY, promise, report
from followup.tests.visitors import TEXT, write

DUE = date(2026, 9, 30)


@pytest.fixture
def cast(people: dict[str, User]) -> dict[str, User]:
    """Everybody with an e-mail address of their own."""
    for name, user in people.items():
        user.email = f"{name}@example.org"
        user.save()
    return people


@pytest.fixture
def round_(open_round: Round, cast: dict[str, User]) -> Round:
    """Open, and due on 30 September 2569."""
    open_round.due_on = DUE
    open_round.save()
    return open_round


def look_after(user: User, *codes: str) -> None:
    Agency.objects.filter(code__in=codes).update(caretaker=user)


def send(day: date = DUE) -> dict[str, Any]:
    """Who gets which mail on a day."""
    mail.outbox.clear()
    digests.send_all(day)
    return {each.to[0].partition("@")[0]: each for each in mail.outbox}


def run_at(moment: datetime) -> str:
    with time_machine.travel(moment, tick=False):
        out = StringIO()
        call_command("send_digests", stdout=out)
    return out.getvalue()


def lines(message: Any) -> list[str]:
    return [line for line in message.body.splitlines() if line]


def test_a_caretaker_reads_what_their_agencies_owe(round_, cast):
    look_after(cast["staff"], "CODI")
    message = send()["staff"]
    owed = round_.reports.filter(assignment__agency__code="CODI").count()
    assert message.subject == f"งานที่รออยู่ 30 ก.ย. 69: ใกล้ครบกำหนด {owed}"
    assert lines(message) == [
        "เรียน คุณstaff",
        "งานที่รออยู่ ณ วันที่ 30 กันยายน 2569",
        f"ใกล้ครบกำหนด {owed} รายการ",
        "รอบ 12 เดือน ปีงบประมาณ 2569 กำหนดส่ง 30 กันยายน 2569 ครบกำหนดวันนี้",
        f"- พอช. {owed} รายการ",
        "http://127.0.0.1:8000/staff/?mine=1",
        "--",
        "ระบบติดตามผลข้อเสนอ CSOs Forum ส่งสรุปวันละหนึ่งฉบับเมื่อมีงานรออยู่ ปิดได้โดยขอให้ผู้ดูแลระบบลบอีเมลของบัญชี",
    ]
    assert message.to == ["staff@example.org"]
    assert "พอช." not in send(date(2026, 10, 1))["colleague"].body, "another looks after it"


def test_messages_of_the_public_that_wait_are_told_to_the_secretariat(cast):
    with time_machine.travel(datetime(2026, 8, 1, tzinfo=UTC), tick=False):
        write()
    with time_machine.travel(datetime(2026, 9, 30, tzinfo=UTC), tick=False):
        done = write(text=f"{TEXT} อีกเรื่อง")
        write(text=f"{TEXT} เรื่องที่สาม")
        actions.decline_feedback(feedback=done, by=cast["staff"], version=0, reason="ไม่เกี่ยวข้อง")
        sent = send()
    assert set(sent) == set(cast) - {"outsider"}
    assert sent["staff"].subject == "งานที่รออยู่ 30 ก.ย. 69: ประชาชนแจ้ง 2"
    assert lines(sent["staff"])[2:5] == [
        "เรื่องที่ประชาชนแจ้ง รอตอบ 2 เรื่อง",
        "เกินกำหนดตอบ 1 เรื่อง",
        "http://127.0.0.1:8000/staff/feedback/",
    ]
    assert TEXT not in sent["staff"].body


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        # Half past eleven at night and half an hour later, in Bangkok.
        (datetime(2026, 9, 30, 16, 30, tzinfo=UTC), "ครบกำหนดวันนี้"),
        (datetime(2026, 9, 30, 17, 0, tzinfo=UTC), "เกินกำหนด 1 วัน"),
        (datetime(2026, 9, 29, 16, 59, tzinfo=UTC), "เหลืออีก 1 วัน"),
        (datetime(2026, 9, 15, 17, 0, tzinfo=UTC), "เหลืออีก 14 วัน"),
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "เกินกำหนด 92 วัน"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), "เกินกำหนด 93 วัน"),
    ],
)
def test_the_day_is_bangkoks(round_, cast, moment, says):
    run_at(moment)
    assert says in next(each.body for each in mail.outbox if each.to == ["staff@example.org"])


def test_fifteen_days_before_nothing_is_due(round_, cast):
    assert run_at(datetime(2026, 9, 15, 16, 59, tzinfo=UTC)) == "ส่งอีเมลสรุปแล้ว 0 ฉบับ\n"
    assert mail.outbox == []


def test_a_new_day_begins_at_midnight_in_bangkok_also_at_new_year(round_, cast):
    before, after = (
        datetime(2026, 12, 31, 16, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 17, 0, tzinfo=UTC),
    )
    run_at(before)
    first = len(mail.outbox)
    assert first
    run_at(before)
    assert len(mail.outbox) == first, "the same day"
    run_at(after)
    assert len(mail.outbox) == 2 * first
    assert set(Digest.objects.values_list("day", flat=True)) == {
        date(2026, 12, 31),
        date(2027, 1, 1),
    }
    assert "งานที่รออยู่ 1 ม.ค. 70" in mail.outbox[-1].subject


def test_who_looks_after_none_reads_of_the_agencies_that_nobody_has(round_, cast):
    look_after(cast["staff"], "CODI")
    body = send()["colleague"].body
    assert "จึงเป็นของหน่วยงานที่ยังไม่มีผู้ดูแล" in body
    assert "http://127.0.0.1:8000/staff/\n" in body
    assert "พอช." not in body
    Agency.objects.update(caretaker=cast["staff"])
    assert set(send(date(2026, 10, 1))) == {"staff"}


def test_a_long_list_names_the_agencies_with_the_most_to_do(round_, cast):
    body = lines(send()["staff"])
    named = [line for line in body if line.startswith("- ")]
    owing = {each.assignment.agency_id for each in round_.reports.select_related("assignment")}
    assert len(named) == 11
    assert named[-1] == f"- และอีก {len(owing) - 10} หน่วยงาน"
    counts = [int(line.split()[-2]) for line in named[:-1]]
    assert counts == sorted(counts, reverse=True)


def test_what_was_sent_back_is_told_to_whom_submitted_it(round_, cast):
    look_after(cast["staff"], "CODI")
    report = make_report(round_, by=cast["colleague"], reviewer=cast["reviewer"], state="returned")
    Agency.objects.exclude(code="CODI").update(caretaker=cast["administrator"])
    sent = send(date(2026, 6, 1))  # long before anything is due
    assert set(sent) == {"colleague"}
    assert sent["colleague"].subject == "งานที่รออยู่ 1 มิ.ย. 69: ถูกส่งกลับ 1"
    assert "- 1.2 พม.: ระบุจำนวนผู้เข้าร่วม" in sent["colleague"].body
    assert f"http://127.0.0.1:8000/staff/reports/{report.pk}/" in sent["colleague"].body


def test_what_was_sent_back_is_not_counted_twice(round_, cast):
    report = make_report(round_, by=cast["colleague"], reviewer=cast["reviewer"], state="returned")
    agency = report.assignment.agency
    look_after(cast["colleague"], agency.code)
    owed = round_.reports.filter(assignment__agency=agency).count()
    assert send()["colleague"].subject.endswith(f": ใกล้ครบกำหนด {owed - 1} ถูกส่งกลับ 1")


def test_reviewers_read_what_waits_but_not_their_own(round_, cast):
    make_report(round_, "1.2", by=cast["reviewer"], state="submitted")
    make_report(round_, "2.4", by=cast["staff"], state="submitted")
    sent = send(date(2026, 6, 1))
    assert {name: each.subject.partition(": ")[2] for name, each in sent.items()} == {
        "reviewer": "รอตรวจ 1",
        "administrator": "รอตรวจ 2",
    }
    assert "http://127.0.0.1:8000/staff/review/" in sent["reviewer"].body


def test_a_closed_round_is_reviewed_but_takes_nothing_more(round_, cast):
    make_report(round_, "2.4", by=cast["staff"], state="submitted")
    actions.close_round(round_=round_, by=cast["staff"])
    sent = send(date(2026, 12, 1))
    assert {name: each.subject.partition(": ")[2] for name, each in sent.items()} == {
        "reviewer": "รอตรวจ 1",
        "administrator": "รอตรวจ 1",
    }


def test_nothing_waiting_is_no_mail(forum, cast):
    assert send() == {}
    assert not Digest.objects.exists()


def test_never_to_the_deactivated_the_strangers_or_those_without_address(round_, cast):
    User.objects.filter(username="staff").update(is_active=False)
    User.objects.filter(username="colleague").update(email="")
    assert set(send()) == {"reviewer", "administrator"}, "the outsider has no right to read it"


def test_not_to_who_is_deactivated_while_the_mails_go_out(round_, cast, monkeypatch):
    real = digests.compose

    def compose(user: User, *args: Any) -> Any:
        User.objects.exclude(pk=user.pk).update(is_active=False)
        return real(user, *args)

    monkeypatch.setattr(digests, "compose", compose)
    assert len(send()) == 1
    assert Digest.objects.count() == 1


def test_never_twice_for_one_day(round_, cast):
    assert len(send()) == 4
    assert send() == {}
    assert len(send(date(2026, 10, 1))) == 4


def test_without_the_claim_it_would_be_twice(round_, cast, monkeypatch):
    """The control of the test above."""
    monkeypatch.setattr(digests, "_claim", lambda user, today: Digest(user=user, day=today))
    assert len(send()) == 4
    assert len(send()) == 4


def test_a_mail_that_fails_is_tried_again_and_stops_nobody_elses(round_, cast, monkeypatch, caplog):
    real = mail.EmailMessage.send

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.to == ["staff@example.org"]:
            raise smtplib.SMTPServerDisconnected("gone")
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", refuse)
        assert set(send()) == {"colleague", "reviewer", "administrator"}
    assert f"the digest for user {cast['staff'].pk} was not sent" in caplog.text
    assert "staff@example.org" not in caplog.text
    assert set(send()) == {"staff"}, "the claim was given back"


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_send_one_mail(round_, cast):
    together = threading.Barrier(2)
    counts: list[int] = []
    real = digests.reports_in_work

    def meet() -> list[StatusReport]:
        reports = real()
        together.wait(timeout=20)
        return reports

    def run() -> None:
        try:
            counts.append(digests.send_all(DUE))
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "reports_in_work", meet)
        threads = [threading.Thread(target=run) for _turn in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(counts) == 4
    assert sorted(each.to[0] for each in mail.outbox) == [
        "administrator@example.org",
        "colleague@example.org",
        "reviewer@example.org",
        "staff@example.org",
    ]


def test_an_agencys_words_stay_plain_text_and_no_line_is_smuggled_in(round_, cast):
    report = make_report(round_, by=cast["colleague"], state="submitted")
    actions.send_back(
        report=report, by=cast["reviewer"], version=report.version, reason='<b>"ตรวจ" & แก้'
    )
    assert '<b>"ตรวจ" & แก้' in send(date(2026, 6, 1))["colleague"].body


def test_mail_is_a_setting():
    from forum_portal.tests.test_settings import GOOD, python

    program = (
        "from django.conf import settings as s;"
        "print(s.EMAIL_BACKEND, s.EMAIL_HOST, s.EMAIL_PORT, s.DEFAULT_FROM_EMAIL, s.PORTAL_URL)"
    )
    name = {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    assert python("-c", program, **name, **GOOD).stdout.split() == [
        "django.core.mail.backends.console.EmailBackend",
        "None",
        "None",
        "portal@localhost",
        "https://portal.example.org",
    ]
    more = {
        "EMAIL_URL": "smtp+tls://user:pass@mail.example.org:587",
        "DEFAULT_FROM_EMAIL": "csos@example.org",
        "PORTAL_URL": "https://csos.example.org/",
    }
    assert python("-c", program, **name, **GOOD, **more).stdout.split() == [
        "django.core.mail.backends.smtp.EmailBackend",
        "mail.example.org",
        "587",
        "csos@example.org",
        "https://csos.example.org",
    ]


def test_a_mail_counts_each_forum_apart(second_forum, round_):
    told = lines(send()["staff"])
    at = next(number for number, line in enumerate(told) if line.startswith("ใกล้ครบกำหนด 111"))
    assert told[at + 2] == "รวมทุกเวที · เวที 2565 103 รายการ · เวที 2566 8 รายการ"


# What is new since the last one -----------------------------------------------------------------


def test_author_and_approver_are_both_told_of_an_approval_once(round_, cast):
    make_report(round_, "1.2", by=cast["staff"], reviewer=cast["reviewer"])
    told = send()
    assert "รายการที่ท่านส่ง รับรองแล้ว 1 รายการ" in lines(told["staff"])
    assert "รายการที่ท่านรับรอง 1 รายการ" in lines(told["reviewer"])
    assert "- 1.2 พม." in lines(told["staff"])
    assert "1.2" not in told["colleague"].body, "it is neither theirs nor decided by them"
    again = send(date(2026, 10, 1))
    assert "รับรองแล้ว" not in again["staff"].body
    assert "ที่ท่านรับรอง" not in again["reviewer"].body


def test_who_has_no_work_waiting_is_still_told_the_news(round_, cast):
    look_after(cast["colleague"], *Agency.objects.values_list("code", flat=True))
    look_after(cast["staff"], "CABINET")  # owes nothing
    make_report(round_, "1.2", by=cast["staff"], reviewer=cast["reviewer"])
    message = send()["staff"]
    assert message.subject == "ข่าวของงาน 30 ก.ย. 69: ที่ท่านส่งและรับรองแล้ว 1"


def test_a_digest_counts_what_came_to_review_since_the_last(round_, cast):
    make_report(round_, "1.1", by=cast["staff"], state="submitted")
    assert "ใหม่ตั้งแต่" not in send()["reviewer"].body, "there was none before"
    make_report(round_, "1.2", by=cast["staff"], state="submitted")
    later = lines(send(date(2026, 10, 1))["reviewer"])
    assert later[later.index("รอตรวจ 2 รายการ") + 1] == "ใหม่ตั้งแต่อีเมลฉบับก่อน 1 รายการ"


# A promise that became past due ---------------------------------------------------------------


@pytest.fixture
def promised(round_, cast, monkeypatch):
    """1.1 by 31 December; 8.1, of another agency, by 30 September. Nothing else waits for anybody."""
    first = report(round_, cast, "1.1", **promise())
    second = report(round_, cast, "8.1", **promise(DUE))
    Agency.objects.update(caretaker=cast["administrator"])
    look_after(cast["staff"], first.assignment.agency.code)
    look_after(cast["colleague"], second.assignment.agency.code)
    monkeypatch.setattr(digests, "approvals", list)  # they are news as well
    actions.close_round(round_=round_, by=cast["staff"])
    return first


def test_a_promise_is_told_on_the_day_after_and_once(promised, cast):
    assert "staff" not in send(DAY - timedelta(days=1))
    assert "staff" not in send(DAY), "the day itself"
    message = send(DAY + timedelta(days=1))["staff"]
    assert message.subject == "งานที่รออยู่ 1 ม.ค. 70: เลยกำหนดที่หน่วยงานแจ้ง 1"
    agency = promised.assignment.agency.short
    assert lines(message)[2:-2] == [
        "เลยกำหนดที่หน่วยงานแจ้งไว้ 1 รายการ",
        f"- 1.1 {agency}: กำหนด 31 ธันวาคม 2569 เลยมา 1 วัน",
        "http://127.0.0.1:8000/staff/promised/?mine=1",
    ]
    assert "staff" not in send(DAY + timedelta(days=2))


def test_a_promise_is_told_to_who_looks_after_the_agency(promised, cast):
    sent = send(DUE + timedelta(days=1))
    assert set(sent) == {"colleague"}
    assert "- 8.1 " in sent["colleague"].body


def test_a_promise_of_an_agency_without_a_caretaker_is_told_to_who_has_none(promised, cast):
    Agency.objects.filter(caretaker=cast["staff"]).update(caretaker=None)
    sent = send(DAY + timedelta(days=1))
    assert set(sent) == {"staff", "reviewer"}
    assert "จึงเป็นของหน่วยงานที่ยังไม่มีผู้ดูแล" in sent["reviewer"].body
    assert "http://127.0.0.1:8000/staff/promised/\n" in sent["reviewer"].body


def test_who_got_no_digest_for_days_is_told_of_each_promise_since(promised, cast):
    Digest.objects.create(user=cast["staff"], day=DAY - timedelta(days=1))
    assert "- 1.1 " in send(DAY + timedelta(days=9))["staff"].body
    Digest.objects.all().delete()
    assert send(DAY + timedelta(days=1 + digests.NEWS_DAYS)) == {}
    assert set(send(DAY + timedelta(days=digests.NEWS_DAYS))) == {"staff"}


def test_a_promise_that_was_kept_is_not_told(round_, cast, monkeypatch):
    look_after(cast["staff"], *Agency.objects.values_list("code", flat=True))
    report(round_, cast, "1.1", status="continuous", **promise())
    monkeypatch.setattr(digests, "approvals", list)
    actions.close_round(round_=round_, by=cast["staff"])
    assert send(DAY + timedelta(days=1)) == {}
