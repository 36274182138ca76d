"""The pages behind an organisation's link."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions
from followup.models import Assessment
from followup.tests.assessing import (
    REASON,
    accepted,
    invite,
    make_organisation,
    path_of,
    save,
    send,
)
from followup.tests.client import PortalClient, read
from followup.tests.factories import make_report, measure_of


@pytest.fixture
def link(open_round, people):
    cache.clear()  # of links that were tried in vain
    return invite(open_round, people["staff"])


def typed(version=0, **more):
    values = {"version": str(version), "status": "on_hold", "reason": REASON}
    return values | {"evidence-0-title": "ผังรายการ", "evidence-0-url": "example.org/plan"} | more


def form_of(link, code="2565-1.2"):
    return f"{path_of(link)}{measure_of(code).pk}/"


def test_an_organisation_writes_saves_sends_and_takes_back(link, visitor, people):
    here = form_of(link)
    page = visitor.page(here)
    offered = [each["value"] for each in page.select("[name=status]")]
    assert "cancelled" not in offered
    assert "on_hold" in offered
    saved = visitor.post(here, typed(do="draft"), follow=True)
    assert "บันทึกร่างแล้ว" in read(saved).text
    stored = Assessment.objects.get()
    assert [piece.url for piece in stored.pieces] == ["https://example.org/plan"]
    sent = visitor.post(here, typed(1, do="submit"), follow=True)
    assert "ไม่ตรวจความเห็น" in read(sent).text
    reading = visitor.page(here)
    assert not reading.select("textarea")
    taken = visitor.post(here, {"version": "3", "do": "withdraw"}, follow=True)
    assert "แก้ไขแล้วส่งใหม่ได้" in read(taken).text
    assert visitor.page(here).one("textarea").text.strip() == REASON
    listed = visitor.page(path_of(link) + "?show=mine")
    assert len(listed.select("li.task")) == 1
    assert "องค์กรดึงกลับ" in listed.one("li.task").text


def test_what_sending_lacks_is_said_at_its_field_and_nothing_is_lost(link, visitor):
    here = form_of(link)
    bare = typed(status="completed", do="submit") | {"evidence-0-title": "", "evidence-0-url": ""}
    answer = visitor.post(here, bare)
    assert answer.status_code == 422
    page = read(answer)
    assert "ต้องมีหลักฐานอย่างน้อย 1 รายการ" in page.one(".errs").text
    assert "บันทึกเป็นฉบับร่างแล้ว" in page.one(".errs").text
    assert page.one("textarea").text.strip() == REASON
    assert page.one("[name=version]")["value"] == "1", "the next save is based on the stored draft"
    half = read(visitor.post(here, typed(1) | {"evidence-0-title": ""}))
    assert "ตั้งชื่อหลักฐาน" in half.text
    wrong = read(visitor.post(here, typed(1) | {"evidence-0-url": "javascript:alert(1)"}))
    assert wrong.select(".bad")


def test_of_two_who_write_the_second_sees_both_texts(link, visitor):
    save(link, "2565-1.2", reason="ของเพื่อน")
    answer = visitor.post(form_of(link), typed(reason="ของฉัน"))
    assert answer.status_code == 409
    page = read(answer)
    assert "ของเพื่อน" in page.one(".clash").text
    assert page.one("textarea").text.strip() == "ของฉัน"
    again = visitor.post(form_of(link), typed(1, reason="ของฉัน", do="save"))
    assert again.status_code == 302
    assert Assessment.objects.get().reason == "ของฉัน"


def test_a_link_shows_nothing_of_another_organisation_nor_of_an_agency(
    link, visitor, open_round, people
):
    other = invite(open_round, people["staff"], make_organisation(people["staff"], "อีกองค์กร"))
    save(other, "2565-1.2", reason="ความลับขององค์กรอื่น")
    make_report(open_round, "1.2", by=people["staff"], state="draft", results="ร่างของหน่วยงาน")
    for address in (path_of(link), form_of(link), path_of(link) + "?show=mine"):
        raw = visitor.page(address).raw()
        assert "ความลับ" not in raw
        assert "ร่างของหน่วยงาน" not in raw
        assert "อีกองค์กร" not in raw


def test_who_is_signed_in_does_not_get_in_and_keeps_what_was_typed(link, people, sign_in):
    staff = sign_in(people["staff"])
    assert staff.get(form_of(link)).status_code == 403
    answer = staff.post(form_of(link), typed())
    assert answer.status_code == 403
    assert REASON in read(answer).text
    assert not Assessment.objects.exists()


def test_a_dead_link_gives_the_text_back(link, visitor, people):
    here = form_of(link)
    actions.revoke_link(link=link, by=people["staff"])
    answer = visitor.post(here, typed())
    assert answer.status_code == 404
    assert REASON in read(answer).text
    assert "ชะลอ / ติดปัญหา" in read(answer).text


def test_tries_at_random_are_throttled_with_those_at_agencies(visitor, db):
    cache.clear()
    guesses = [visitor.get(f"/a/guess-{turn}/").status_code for turn in range(22)]
    assert guesses[:20] == [404] * 20
    assert guesses[20:] == [429, 429]
    assert visitor.get("/r/guess/").status_code == 429


def test_an_old_token_shows_the_form_again(link):
    strict = PortalClient(enforce_csrf_checks=True)
    answer = strict.post(form_of(link), typed())
    assert answer.status_code == 403
    assert read(answer).one("textarea").text.strip() == REASON
    assert not Assessment.objects.exists()


def test_a_returned_one_says_on_which_ground(link, visitor, people):
    sent = send(link, "2565-1.2")
    actions.return_assessment(
        assessment=sent,
        by=people["reviewer"],
        version=sent.version,
        ground="decency",
        reason="ย่อหน้าที่สอง",
    )
    page = visitor.page(form_of(link))
    assert "ถ้อยคำไม่สุภาพ" in page.text
    assert "ย่อหน้าที่สอง" in page.text


def test_the_pages_cost_the_same_however_much_is_written(link, visitor, people):
    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            visitor.page(address)
        return len(queries)

    save(link, "2565-1.2")
    before = cost(path_of(link)), cost(form_of(link))
    for code in ("2565-1.1", "2565-1.3", "2565-2.1", "2565-2.2"):
        accepted(link, code, people["reviewer"])
    assert (cost(path_of(link)), cost(form_of(link))) == before
