"""The page on which an administrator concludes a forum's follow-up."""

from followup.tests.client import read
from proposals.models import Forum

PATH = "/staff/forums/2565/conclude/"


def test_a_forum_is_concluded_and_taken_up_again(second_forum, open_round, people, sign_in):
    client = sign_in(people["administrator"])
    page = client.page(PATH)
    assert "ที่ยังไม่มีใครกรอก 103 รายการ" in page.text
    response = client.send(
        page, after="2568", meeting_ref="5/2569", meeting_on="1/9/2569", reason="ทุกข้อบรรลุแล้ว"
    )
    assert response["Location"] == "/forums/2565/"
    assert "ตามมติ คสป. ครั้งที่ 5/2569" in client.page("/forums/2565/").one(".fhead").text
    response = client.send(client.page(PATH))
    assert response["Location"] == "/forums/2565/"
    assert not Forum.objects.get(year_be=2565).is_concluded


def test_what_was_typed_stays_with_the_reason_of_a_refusal(demo, people, sign_in):
    client = sign_in(people["administrator"])
    response = client.send(
        client.page(PATH),
        after="๒๕๖๖",
        meeting_ref="5/2569",
        meeting_on="1/9/2569",
        reason="ทุกข้อบรรลุแล้ว",
    )
    assert response.status_code == 422
    page = read(response)
    assert "รอบ 2568 เผยแพร่แล้วและติดตามเวทีนี้" in page.one(".errs").text
    assert page.one("textarea[name=reason]").text == "ทุกข้อบรรลุแล้ว"
    assert page.one("input[name=after]")["value"] == "๒๕๖๖"
    page = read(client.send(client.page(PATH), after="", meeting_ref="", meeting_on="", reason=""))
    assert "ระบุปีงบประมาณของรอบสุดท้าย เช่น 2570" in page.one(".errs").text
