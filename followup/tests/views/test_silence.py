"""The page of who was asked and what came: neutral, complete, and without any person."""

from datetime import date

import pytest

from followup import actions
from followup.models import FocalPoint, Letter, Round, User
from followup.tests.client import read
from followup.tests.editions import publish_three_reports
from followup.tests.factories import republish
from followup.tests.test_silence import letters, send  # noqa: F401 - a fixture
from followup.views import silence


def test_the_page_says_what_was_asked_and_what_came(letters, visitor):  # noqa: F811
    page = visitor.page("/silence/")
    assert page.one("h1").text == "ถามใครไปแล้ว และได้รับอะไร"
    assert (
        page.one(".hero__say").text
        == "ปีงบประมาณ 2568 ขอรายงาน 103 รายการ จาก 43 หน่วยงาน ได้รับ 65 ยังไม่ได้รับ 38"
    )
    assert "ไม่มีรายงานไม่ได้แปลว่าไม่ได้ทำ" in page.one("p.notice").text
    assert page.texts("li.led h3") == [
        "กระทรวงการต่างประเทศ",
        "กระทรวงมหาดไทย",
        "กรมส่งเสริมการปกครองท้องถิ่น",
    ]
    assert "ข้อที่ไม่มีหน่วยงานหลักใดรายงาน 4 จาก 33 ข้อ" in page.text
    mfa, moi, dla = page.select("li.led")
    assert mfa.one(".led__d").text == "3 รอบติดต่อกัน 2566–2568"
    assert dla.one(".led__d").text == "1 รอบ ปี 2567 เคยรายงาน"
    steps = mfa.texts("ol.plan li")
    assert steps[0] == "ขอรายงาน พม 0413/1 · 1 ต.ค. 2568"
    assert steps[2] == "เตือนครั้งที่ 2 ไม่มีบันทึกหนังสือในระบบ"
    assert steps[3].startswith("เสนอ คสป. ทราบ พร้อมผลของรอบ ครั้งที่ 5/2568")
    assert "คำตอบของหนังสือ พม 0413/3 เมื่อ 2 พ.ย. 2568" in moi.text
    assert "ไม่มีบันทึกหนังสือในระบบ" in dla.text
    assert "ไม่ได้ส่ง" not in page.text


def test_the_committee_is_measured_on_the_same_page(demo, visitor):
    rows = {
        row.one("th").text: row.texts("td")
        for row in visitor.page("/silence/").select("table.ag tbody tr")
    }
    assert rows["2568"] == ["20 ธ.ค. 2568", "81 วัน", "103", "65"]
    told = visitor.page("/follow-up/").text
    assert "65 จาก 103 รายการ" in told


def test_without_letters_it_says_that_none_are_recorded(demo, visitor):
    page = visitor.page("/silence/", year=2567)
    assert "ไม่มีบันทึกหนังสือในระบบของรอบนี้" in page.text
    assert page.select("ol.plan") == []
    assert "ไม่ได้ส่ง" not in page.text


def test_no_person_is_named(letters, people, visitor):  # noqa: F811
    secret = "บุคคลลับ"
    User.objects.update(display_name=secret, email="secret@example.org")
    for contact in FocalPoint.objects.all():
        contact.name, contact.email, contact.phone = secret, "secret@example.org", "02 999 9999"
        contact.save()
    republish()
    for path in ("/silence/", "/silence/?agency=MOI", "/data/status_reports.json?year=2568"):
        told = b"".join(visitor.get(path)).decode()
        for word in (secret, "secret@example.org", "02 999 9999", "นางสาวลับ"):
            assert word not in told, path


def test_the_agencys_own_explanation_stands_beside_its_silence(letters, visitor):  # noqa: F811
    Letter.objects.filter(agency__code="MFA", attempt=2).update(
        explanation="ขอรวบรวมข้อมูลจากสามกรมก่อน"
    )
    assert "สามกรม" not in visitor.page("/silence/").text, "not before it is published"
    republish()
    mfa = visitor.page("/silence/").select("li.led")[0]
    assert mfa.texts(".led__say p")[-1] == "คำชี้แจงในหนังสือตอบ ขอรวบรวมข้อมูลจากสามกรมก่อน"


def test_one_agency_can_be_asked_for(letters, visitor):  # noqa: F811
    page = visitor.page("/silence/", agency="MOI")
    assert page.texts("li.led h3") == ["กระทรวงมหาดไทย"]
    answered = visitor.page("/silence/", agency="CODI").one("li.led")
    assert answered.select(".led__d") == []
    assert "รายการของหน่วยงาน" in answered.text
    assert len(visitor.page("/silence/", agency="nobody").select("li.led")) == 3


def test_it_is_linked_from_where_silence_shows(demo, visitor):
    links = [each["href"] for each in visitor.page("/agencies/MFA/").select("main a")]
    assert "/silence/?year=2568&agency=MFA" in links
    assert "/silence/" in [each["href"] for each in visitor.page("/follow-up/").select("main a")]
    assert "/silence/" in [each["href"] for each in visitor.page("/").select("footer a")]


def test_many_agencies_have_pages(demo, visitor, monkeypatch):
    monkeypatch.setattr(silence, "AGENCIES_A_PAGE", 2)
    first = visitor.page("/silence/")
    second = visitor.page("/silence/" + first.one(".pager a[rel=next]")["href"])
    assert [len(page.select("li.led")) for page in (first, second)] == [2, 1]


def test_several_forums_have_their_own_denominators(two_forums, visitor):
    page = visitor.page("/silence/")
    assert "รวมทุกเวที" in page.one(".hero__say").text
    told = [each for each in page.texts(".sec__head .meta") if "ข้อที่ไม่มีหน่วยงานหลัก" in each]
    assert [each[:9] for each in told] == ["เวที 2565", "เวที 2566"]
    codes = page.texts("li.led .meta a")
    assert codes
    assert all(code.startswith("256") for code in codes)


def test_a_change_of_the_log_is_listed_as_a_correction(open_round, people, visitor):
    codi = open_round.reports.first().assignment.agency
    open_round = publish_three_reports(open_round, people)
    actions.reopen_round(round_=open_round, by=people["reviewer"], reason="บันทึกหนังสือไม่ครบ")
    Letter.objects.create(
        round=open_round,
        agency=codi,
        attempt=1,
        number="พม 0413/9",
        sent_on=date(2025, 10, 1),
        answer_by=date(2025, 10, 31),
    )
    assert "พม 0413/9" not in visitor.page("/silence/", agency=codi.code).text
    round_ = Round.objects.get(pk=open_round.pk)
    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["reviewer"], meeting_ref="5/2569")
    assert "พม 0413/9" in visitor.page("/silence/", agency=codi.code).text
    told = visitor.page("/corrections/").text
    assert "หนังสือติดตามครั้งที่ 1" in told
    assert "พม 0413/9 · 1 ตุลาคม 2568" in told


@pytest.mark.parametrize("query", ["?agency=%00", "?agency=" + "ก" * 300, "?page=99"])
def test_odd_addresses_get_the_page(demo, visitor, query):
    assert read(visitor.get(f"/silence/{query}")).one("h1")


def test_before_the_first_publication_there_is_nothing_to_tell(forum, visitor):
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/silence/").text


def test_letters_of_an_open_round_are_not_public(demo, visitor):
    round_ = Round.objects.get(year_be=2569)
    agency = round_.reports.first().assignment.agency
    Letter.objects.create(
        round=round_,
        agency=agency,
        attempt=1,
        number="พม ยังไม่เผยแพร่",
        sent_on=date(2026, 10, 1),
        answer_by=date(2026, 10, 31),
    )
    for path in ("/silence/", f"/silence/?agency={agency.code}", "/silence/?year=2569"):
        assert "พม ยังไม่เผยแพร่" not in visitor.get(path).content.decode(), path
