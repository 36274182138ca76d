"""The public's messages: the form and what is wrong with it, the private page, abuse, what is shown."""

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from followup import actions
from followup.models import Feedback, PublicAnswer
from followup.tests import files
from followup.tests.client import PortalClient, read
from followup.tests.factories import measure_of
from followup.tests.visitors import CONTACT, TEXT, send, write
from followup.views import feedback as views
from forum_portal.client import hashed_address

FORM = "/feedback/new/?measure=2565-4.2"
ANSWER = "ตรวจแล้ว ตัวเลขที่ถูกต้องคือ 193 ชั่วโมง"
NOT_FOUND = "ไม่พบมาตรการย่อยหรือหน่วยงาน"


@pytest.fixture(autouse=True)
def _nobody_has_tried():
    cache.clear()


def filled(**changes):
    return {"kind": "fix", "text": TEXT} | changes


def answered(row, by, **more):
    given = {"answer": ANSWER, "shows": True} | more
    return actions.answer_feedback(feedback=row, by=by, version=row.version, **given)


# The form ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_storage")
def test_a_message_gets_a_number_and_a_private_page(three_reports, visitor):
    page = visitor.page(FORM)
    assert page.one(".about-what .rows__t").text == "4.2 สื่อสาธารณะของรัฐเพิ่มบทบาทการสื่อสารกับสังคม"
    response = visitor.send(
        page,
        **filled(url="example.org/radio", contact=CONTACT, file=files.upload(), may_publish="on"),
    )
    row = Feedback.objects.get()
    assert response.status_code == 302
    assert response["Location"].startswith(f"/feedback/{row.number}/")
    assert (row.measure, row.round) == (measure_of("2565-4.2"), three_reports)
    assert (row.url, row.contact, row.may_publish) == ("https://example.org/radio", CONTACT, True)
    assert storages["evidence"].exists(row.file.name)
    response = PortalClient().get(response["Location"])
    receipt = read(response)
    assert receipt.one("h1").text == row.number
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert receipt.texts(".plan b") == ["ได้รับแล้ว", "กำลังตรวจสอบ", "ตอบแล้ว", "แก้ไขข้อมูลที่เผยแพร่"]
    assert TEXT in receipt.one("main").text
    assert CONTACT not in receipt.raw()


def test_a_form_with_faults_comes_back_with_its_text(forum, visitor):
    response = visitor.send(
        visitor.page(FORM),
        **filled(kind=None, text="ตัวเลขไม่ตรง", url="ไม่ใช่ลิงก์", contact="abc", file=files.upload()),
    )
    page = read(response)
    assert response.status_code == 422
    assert page.texts(".errs li") == [
        "เลือกประเภทของเรื่อง",
        "ระบุรายละเอียดอย่างน้อย 20 อักขระ",
        "ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://",
        "ระบุอีเมล เช่น name@example.org หรือโทรศัพท์ เช่น 0 2111 1111 หรือเว้นว่างไว้",
    ]
    assert page.texts(".errs .meta") == ["ข้อความที่พิมพ์ไว้ยังอยู่ครบ ไฟล์ต้องเลือกใหม่"]
    sent = page.one("main form").controls()
    assert (sent["text"], sent["url"], sent["contact"]) == ("ตัวเลขไม่ตรง", "ไม่ใช่ลิงก์", "abc")
    assert len(page.select("main .bad")) == 4
    assert not Feedback.objects.exists()


@pytest.mark.usefixtures("empty_storage")
def test_a_file_is_checked_as_evidence_is(forum, visitor):
    response = visitor.send(
        visitor.page(FORM), **filled(file=files.upload(b"MZ" + b"x" * 99, "a.pdf"))
    )
    assert "เป็นโปรแกรม ไม่รับเป็นหลักฐาน" in read(response).one(".errs").text
    assert not Feedback.objects.exists()
    assert storages["evidence"].listdir("")[1] == []


@pytest.mark.parametrize(
    ("query", "about"),
    [
        ("?measure=2565-4.2", "4.2 สื่อสาธารณะ"),
        ("?measure=๔.๒", "4.2 สื่อสาธารณะ"),
        ("?agency=CODI", "สถาบันพัฒนาองค์กรชุมชน"),
        ("", "เรื่องทั่วไปของเว็บไซต์"),
    ],
)
def test_what_it_is_about_stands_first(forum, visitor, query, about):
    page = visitor.page(f"/feedback/new/{query}")
    assert page.one(".about-what .rows__t").text.startswith(about)


@pytest.mark.parametrize(
    "query", ["measure=9.9", "measure=2564-4.2", "measure=x", "agency=NO\0", "agency=โค"]
)
def test_a_code_that_names_nothing_gets_the_way_to_begin(forum, visitor, query):
    page = visitor.page(f"/feedback/new/?{query}", status=404)
    assert NOT_FOUND in page.one("[role=alert]").text
    assert page.select("main form input[name=measure]")


def test_a_short_code_is_refused_where_two_forums_have_it(second_forum, visitor):
    visitor.page("/feedback/new/?measure=1.2", status=404)
    assert "2566-1.2" in visitor.page("/feedback/new/?measure=2566-1.2").one(".about-what").text


def test_the_form_works_without_a_session_and_wants_its_token(forum):
    client = PortalClient(enforce_csrf_checks=True)
    page = client.page(FORM)
    assert set(client.cookies) == {"csrftoken"}
    response = client.post(FORM, filled() | {"csrfmiddlewaretoken": "wrong"})
    kept = read(response)
    assert response.status_code == 403
    assert kept.one("main form").controls()["text"] == TEXT
    assert "ยังไม่ได้ส่ง" in kept.one("[role=alert]").text
    assert not Feedback.objects.exists()
    assert client.send(page, **filled()).status_code == 302


def test_a_form_that_is_sent_twice_leads_to_the_same_page(forum, visitor):
    page = visitor.page(FORM)
    first, second = visitor.send(page, **filled()), visitor.send(page, **filled())
    assert first["Location"] == second["Location"]
    assert Feedback.objects.count() == 1


def test_a_stranger_with_the_same_words_does_not_learn_the_first_page(forum, visitor):
    first = visitor.send(visitor.page(FORM), **filled())
    response = PortalClient().post(FORM, filled())
    assert response.status_code == 422
    assert "ระบบจึงไม่รับซ้ำ" in read(response).one(".errs").text
    key = first["Location"].split("/")[-2]
    assert key not in response.content.decode()
    assert Feedback.objects.get().number not in response.content.decode()


# Abuse ------------------------------------------------------------------------------------------


@pytest.mark.security
def test_over_the_limit_the_text_comes_back_with_the_time_to_wait(forum, settings):
    settings.FEEDBACK_FROM_ONE = 1
    write(sender=hashed_address(RequestFactory().get("/")))
    response = PortalClient().post(FORM, filled(text=f"{TEXT} อีกเรื่อง", contact=CONTACT))
    page = read(response)
    assert (response.status_code, response["Retry-After"]) == (429, "3600")
    assert "ส่งใหม่ได้ในอีก 60 นาที" in page.one("[role=alert]").text
    sent = page.one("main form").controls()
    assert (sent["text"], sent["contact"], sent["kind"]) == (f"{TEXT} อีกเรื่อง", CONTACT, "fix")
    assert Feedback.objects.count() == 1


@pytest.mark.security
@pytest.mark.slow
def test_two_hundred_posts_store_no_more_than_the_limits(forum, settings):
    """From one address, and from a hundred and forty."""
    settings.FEEDBACK_FROM_ONE, settings.FEEDBACK_FROM_ALL = 5, 20
    client = Client()
    answers = [client.post(FORM, filled(text=f"{TEXT} {n}")).status_code for n in range(60)]
    assert answers == [302] * 5 + [429] * 55
    assert Feedback.objects.count() == 5
    for n in range(140):
        client.post(FORM, filled(text=f"{TEXT} ({n})"), REMOTE_ADDR=f"198.51.100.{n}")
    assert Feedback.objects.count() == 20


@pytest.mark.security
def test_whoever_tries_too_often_has_no_file_looked_at(forum, monkeypatch):
    monkeypatch.setattr(views, "TRIES", 2)
    monkeypatch.setattr("followup.forms.feedback.inspect", lambda upload: pytest.fail("looked at"))
    client = PortalClient()
    for _turn in range(2):
        assert client.post(FORM, {"text": "สั้น"}).status_code == 422
    response = client.post(FORM, filled(file=files.upload()))
    assert response.status_code == 429
    assert read(response).one("main form").controls()["text"] == TEXT
    assert PortalClient(REMOTE_ADDR="192.0.2.9").post(FORM, {}).status_code == 422


@pytest.mark.security
def test_a_filled_trap_stores_nothing_and_gives_the_text_back(forum, visitor):
    response = visitor.send(visitor.page(FORM), **filled(website="https://spam.example.org"))
    page = read(response)
    assert response.status_code == 200
    assert TEXT in page.one("main").text
    assert not page.select("main form")
    assert not Feedback.objects.exists()


@pytest.mark.security
def test_a_wrong_key_tells_nothing(forum, visitor):
    row, key = send()
    wrong = visitor.get(f"/feedback/{row.number}/{'0' * 24}/")
    nobody = visitor.get(f"/feedback/F-2569-9999/{key}/")
    assert (wrong.status_code, nobody.status_code) == (404, 404)
    assert read(wrong).one("main").text == read(nobody).one("main").text
    assert visitor.post(f"/feedback/{row.number}/{key}/").status_code == 405


# What the sender and the public read -------------------------------------------------------------


def test_the_private_page_tells_each_step(three_reports, people, visitor):
    row, key = send(measure=measure_of("2565-1.2"))
    address = f"/feedback/{row.number}/{key}/"

    def told():
        page = visitor.page(address)
        return page.texts(".plan__done b"), page.texts("[aria-current=step] b"), page

    row = actions.take_up_feedback(feedback=row, by=people["staff"], version=0)
    assert told()[:2] == (["ได้รับแล้ว", "กำลังตรวจสอบ"], ["ตอบแล้ว"])
    row = answered(row, people["staff"], shows=False, needs_correction=True)
    done, then, page = told()
    assert (done[-1], then) == ("ตอบแล้ว", ["แก้ไขข้อมูลที่เผยแพร่"])
    assert "193 ชั่วโมง" in page.one("main").text
    assert "ใช้เวลา 0 วัน จากกำหนด 30 วัน" in page.one("main").text
    assert "คุณstaff" not in page.raw(), "no name of a member of the secretariat"
    declined, key = send(text=f"{TEXT} อีกเรื่อง")
    actions.decline_feedback(feedback=declined, by=people["staff"], version=0, reason="ไม่เกี่ยวข้อง")
    page = visitor.page(f"/feedback/{declined.number}/{key}/")
    assert page.texts(".plan b")[-1] == "ไม่รับไว้ตอบ"
    assert "ไม่เกี่ยวข้อง" in page.one("main").text


@pytest.mark.security
def test_the_public_reads_what_was_agreed_to_and_shown_and_no_more(three_reports, people, visitor):
    measure, agency = measure_of("2565-1.2"), measure_of("2565-1.2").assignments.first().agency
    by = people["staff"]
    private = write(measure=measure, contact=CONTACT, text=f"{TEXT} เรื่องลับ")
    answered(private, by, answer="ตอบเรื่องลับ", shows=False)
    answered(write(measure=measure, contact=CONTACT, may_publish=True), by)
    answered(write(agency=agency, contact=CONTACT, may_publish=True), by, public_text="ตัดชื่อแล้ว")
    shown = visitor.page("/resolutions/2565/1/2/")
    assert [each.texts("p")[0] for each in shown.select(".asked .said")] == [TEXT, ANSWER]
    of_agency = visitor.page(f"/agencies/{agency.code}/")
    assert "ตัดชื่อแล้ว" in of_agency.one(".asked").text
    assert "ฝ่ายเลขานุการปิดบังบางส่วนก่อนเผยแพร่" in of_agency.one(".asked").text
    assert TEXT not in of_agency.raw()
    resolution = visitor.page("/resolutions/2565/1/")
    assert [a["href"] for a in resolution.select("a") if "คำถามจากประชาชน" in a.text] == [
        "/resolutions/2565/1/2/#questions"
    ]
    with CaptureQueriesContext(connection) as queries:
        visitor.get("/resolutions/2565/1/2/")
    assert not any('"followup_feedback"' in each["sql"] for each in queries), "its table is private"
    for page in (shown, of_agency, resolution, visitor.page("/resolutions/2565/1/3/")):
        for secret in (CONTACT, "เรื่องลับ", by.display_name):
            assert secret not in page.raw()
    PublicAnswer.objects.all().delete()
    assert not visitor.page("/resolutions/2565/1/2/").select(".asked")


def test_every_measure_and_agency_leads_to_its_form(three_reports, visitor):
    for address, form in (
        ("/resolutions/2565/1/", "/feedback/new/?measure=2565-1.2"),
        ("/resolutions/2565/1/2/", "/feedback/new/?measure=2565-1.2"),
        ("/agencies/CODI/", "/feedback/new/?agency=CODI"),
    ):
        assert form in [a["href"] for a in visitor.page(address).select("main a")]
        assert visitor.page(form).one("main form")["action"] == form
    assert visitor.page("/feedback/").select("main a[href=/feedback/new/]")
