"""The secretariat's pages on independent assessments."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup.models import Assessment, AssessmentAnswer
from followup.tests.assessing import REASON, accepted, invite, save, send
from followup.tests.client import PortalClient, read


@pytest.fixture
def link(open_round, people):
    return invite(open_round, people["staff"])


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people["reviewer"])


def address(assessment):
    return f"/staff/assessments/{assessment.pk}/"


def test_what_waits_is_listed_and_a_draft_is_not(link, desk):
    sent, draft = send(link, "2565-1.2"), save(link, "2565-2.1", reason="ร่างลับ")
    page = desk.page("/staff/assessments/")
    assert [row.one("b").text for row in page.select("li.task")] == ["1.2"]
    assert desk.get(address(draft)).status_code == 404
    assert REASON in desk.page(address(sent)).text
    assert "ร่างลับ" not in desk.page("/staff/history/").raw(), "a draft is its organisation's alone"


def test_it_is_accepted_then_answered_and_the_history_says_so(link, desk, people):
    sent = send(link, "2565-1.2")
    answer = desk.post(address(sent), {"do": "accept", "version": str(sent.version)}, follow=True)
    assert "รับการประเมินแล้ว" in read(answer).text
    desk.post(address(sent), {"do": "answer", "text": "จะขอผังรายการ", "meeting_ref": "4/2569"})
    page = desk.page(address(sent))
    assert page.one("[name=text]").text.strip() == "จะขอผังรายการ"
    told = page.one("ol.log").text
    for said in ("ส่งการประเมิน", "รับการประเมิน", "เครือข่ายสื่อชุมชน", "คำตอบของ คสป."):
        assert said in told
    removed = {"do": "remove", "seen": page.one("[name=seen]")["value"]}
    assert desk.post(address(sent), removed).status_code == 302
    assert not AssessmentAnswer.objects.exists()


def test_the_form_knows_two_grounds_and_keeps_what_was_typed(link, desk):
    sent = send(link, "2565-1.2")
    page = desk.page(address(sent))
    assert [each["value"] for each in page.select("[name=ground]")] == ["law", "decency"]
    typed = {"do": "return", "version": str(sent.version), "reason": "ไม่เห็นด้วย"}
    refused = desk.post(address(sent), typed)
    assert refused.status_code == 422
    assert "เลือกเหตุที่ส่งกลับ" in read(refused).text
    assert "ไม่เห็นด้วย" in read(refused).one("[name=reason]").text
    opinion = desk.post(address(sent), typed | {"ground": "opinion"})
    assert opinion.status_code == 422
    assert Assessment.objects.get().state == "submitted"
    assert desk.post(address(sent), typed | {"ground": "law"}).status_code == 302
    assert Assessment.objects.get().return_ground == "law"


def test_of_two_reviewers_the_second_is_told(link, desk):
    sent = send(link, "2565-1.2")
    stale = {"do": "accept", "version": "1"}
    answer = desk.post(address(sent), stale, follow=True)
    assert "เปลี่ยนไปหลังจากเปิดหน้า" in read(answer).text
    typed = {"do": "return", "version": "1", "ground": "law", "reason": "มีชื่อบุคคล"}
    conflict = desk.post(address(sent), typed)
    assert conflict.status_code == 409
    assert "มีชื่อบุคคล" in read(conflict).one("[name=reason]").text
    assert Assessment.objects.get().state == "submitted"


def test_an_answer_that_somebody_else_changed_shows_both(link, desk, people):
    heard = accepted(link, "2565-1.2", people["reviewer"])
    desk.post(address(heard), {"do": "answer", "text": "ของเพื่อน"})
    conflict = desk.post(address(heard), {"do": "answer", "text": "ของฉัน", "seen": ""})
    assert conflict.status_code == 409
    page = read(conflict)
    assert "ของเพื่อน" in page.one(".clash").text
    assert page.one("[name=text]").text.strip() == "ของฉัน"


def test_who_issued_the_link_reads_only(open_round, people, sign_in):
    link = invite(open_round, people["reviewer"])
    sent = send(link, "2565-1.2")
    page = sign_in(people["reviewer"]).page(address(sent))
    assert "ให้ผู้ตรวจท่านอื่นพิจารณา" in page.text
    assert not page.select("[name=ground]")


def test_an_ended_session_and_an_old_token_keep_the_text(link, people):
    sent = send(link, "2565-1.2")
    typed = {"do": "return", "version": "2", "ground": "law", "reason": "มีชื่อบุคคล"}
    answer = PortalClient().post(address(sent), typed)
    assert answer.status_code == 403
    assert "มีชื่อบุคคล" in read(answer).text
    strict = PortalClient(enforce_csrf_checks=True)
    strict.force_login(people["reviewer"])
    assert "รับทราบ" in read(strict.post(address(sent), {"text": "รับทราบ", "do": "answer"})).text
    resumed = PortalClient()
    resumed.force_login(people["reviewer"])
    page = read(resumed.post(address(sent), typed | {"do": "resume"}))
    assert "มีชื่อบุคคล" in page.one("[name=reason]").text
    assert Assessment.objects.get().state == "submitted"


def test_the_list_costs_the_same_however_long(link, desk):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            desk.page("/staff/assessments/")
        return len(queries)

    send(link, "2565-1.2")
    cost()
    before = cost()
    for code in ("2565-1.1", "2565-1.3", "2565-2.1"):
        send(link, code)
    assert cost() == before
