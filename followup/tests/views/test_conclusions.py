"""The page on which an administrator concludes a forum's follow-up."""

from followup import actions
from followup.tests.client import read
from proposals.models import Forum

PATH = "/staff/forums/2565/conclude/"


FIELDS = {
    "after": "2568",
    "meeting_ref": "5/2569",
    "meeting_on": "1/9/2569",
    "reason": "ทุกข้อบรรลุแล้ว",
}


def test_an_older_page_does_not_do_the_opposite(forum, people, sign_in):
    """Of two administrators with the same page, the second changes nothing and is told so."""
    one, other = sign_in(people["administrator"]), sign_in(people["administrator"])
    stale = other.page(PATH)
    assert one.send(one.page(PATH), do="conclude", **FIELDS).status_code == 302
    assert other.send(stale, do="conclude", **FIELDS)["Location"] == PATH
    assert "เวทีนี้เปลี่ยนไปแล้วโดยผู้อื่น" in other.page(PATH).text
    assert Forum.objects.get().concluded_after == 2568
    stale = other.page(PATH)
    assert one.send(one.page(PATH), do="resume").status_code == 302
    assert other.send(stale, do="resume")["Location"] == PATH
    assert "เวทีนี้เปลี่ยนไปแล้วโดยผู้อื่น" in other.page(PATH).text
    assert not Forum.objects.get().is_concluded


def test_a_conclusion_that_a_published_round_relies_on_stays(
    second_forum, open_round, people, sign_in
):
    client = sign_in(people["administrator"])
    client.send(client.page(PATH), do="conclude", **FIELDS)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert client.send(client.page(PATH), do="resume")["Location"] == "/forums/2565/"
    assert "จึงยกเลิกการสรุปไม่ได้" in client.page(PATH).text
    assert Forum.objects.get(year_be=2565).is_concluded


def test_an_unknown_forum_is_told_with_those_there_are(people, visitor, db):
    assert "ยังไม่มีเวทีในระบบ" in visitor.page("/forums/2565/", status=404).text


def test_a_forum_is_concluded_and_taken_up_again(second_forum, open_round, people, sign_in):
    client = sign_in(people["administrator"])
    page = client.page(PATH)
    assert "ที่ยังไม่มีใครกรอก 103 รายการ" in page.text
    response = client.send(page, do="conclude", **FIELDS)
    assert response["Location"] == "/forums/2565/"
    assert "ตามมติ คสป. ครั้งที่ 5/2569" in client.page("/forums/2565/").one(".fhead").text
    response = client.send(client.page(PATH), do="resume")
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
