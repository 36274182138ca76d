"""The secretariat's pages on the public's messages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from followup import actions
from followup.models import Feedback, PublicAnswer, User
from followup.tests import files
from followup.tests.client import PortalClient, read
from followup.tests.factories import measure_of
from followup.tests.visitors import CONTACT, TEXT, write


@pytest.fixture
def row(forum):
    return write(measure=measure_of("2565-4.2"), contact=CONTACT, may_publish=True)


def at(row):
    return f"/staff/feedback/{row.pk}/"


def form_of(page, do):
    return next(f for f in page.select("main form") if f.select(f"button[value={do}]"))


def post(client, row, do, **typed):
    """Send a form of the page as it stands."""
    form = form_of(client.page(at(row)), do)
    return client.post(at(row), form.controls() | {"do": do} | typed)


def test_the_list_has_what_waits_longest_first_and_tells_what_is_overdue(forum, staff, people):
    late, fresh, done = (write(text=f"{TEXT} {n}") for n in range(3))
    Feedback.objects.filter(pk=late.pk).update(sent_at=timezone.now() - timedelta(days=33))
    actions.decline_feedback(feedback=done, by=people["staff"], version=0, reason="ไม่เกี่ยวข้อง")
    page = staff.page("/staff/feedback/")
    assert page.texts(".task__t a") == [late.number, fresh.number]
    assert page.texts(".late") == ["เกินกำหนดตอบ 1 เรื่อง", "เกินกำหนดตอบ 3 วัน"]
    assert page.texts("main .tabs a") == [
        "รอตอบ (2)",
        "ยังไม่เริ่ม (2)",
        "กำลังตรวจสอบ (0)",
        "รอแก้ไขข้อมูล (0)",
        "ตอบแล้ว (0)",
        "ไม่รับไว้ตอบ (1)",
    ]
    assert staff.page("/staff/feedback/?state=declined").texts(".task__t a") == [done.number]
    assert staff.page(f"/staff/feedback/?q={fresh.number}").texts(".task__t a") == [fresh.number]
    assert "ไม่มีเรื่องที่ตรงกับคำค้น" in staff.page("/staff/feedback/?q=ไม่มีคำนี้").one("main").text


def test_a_message_is_taken_up_answered_and_shown(row, staff):
    page = staff.page(at(row))
    assert CONTACT in page.one("main").text
    assert post(staff, row, "take").status_code == 302
    assert Feedback.objects.get().state == "checking"
    response = post(staff, row, "answer", answer="ตรวจแล้ว", shows="on", public_text="ตัดแล้ว")
    assert response.status_code == 302
    assert PublicAnswer.objects.get().text == "ตัดแล้ว"
    page = staff.page(at(row))
    assert "เผยแพร่เรื่องและคำตอบแล้ว" in page.one("main").text
    again = form_of(page, "answer").controls()
    assert (again["answer"], again["public_text"], "shows" in again) == ("ตรวจแล้ว", "ตัดแล้ว", True)


def test_what_lacks_comes_back_with_the_text(row, staff):
    response = post(staff, row, "answer", answer="", public_text="ข้อความที่พิมพ์")
    page = read(response)
    assert (response.status_code, page.texts(".errs li")) == (422, ["พิมพ์คำตอบ"])
    assert form_of(page, "answer").controls()["public_text"] == "ข้อความที่พิมพ์"
    response = post(staff, row, "decline", reason="")
    assert read(response).texts(".errs li") == ["ระบุเหตุผลที่ไม่รับไว้ตอบ ผู้แจ้งจะเห็นเหตุผลนี้"]


def test_the_second_of_two_gets_the_conflict_and_keeps_the_text(row, staff, people):
    form = form_of(staff.page(at(row)), "answer").controls()
    actions.take_up_feedback(feedback=row, by=people["colleague"], version=0)
    response = staff.post(at(row), form | {"do": "answer", "answer": "คำตอบของฉัน"})
    page = read(response)
    assert response.status_code == 409
    assert "มีผู้อื่นบันทึกเรื่องนี้" in page.one(".errs").text
    sent = form_of(page, "answer").controls()
    assert sent["answer"] == "คำตอบของฉัน"
    assert Feedback.objects.get().state == "checking"
    assert staff.post(at(row), sent | {"do": "answer"}).status_code == 302, "sent again it is meant"


def test_after_the_end_of_a_session_the_typed_answer_is_kept(row, staff):
    typed = {"do": "answer", "version": "0", "answer": "คำตอบยาว"}
    response = PortalClient().post(at(row), typed)
    kept = read(response)
    assert response.status_code == 403
    assert "คำตอบยาว" in kept.one("main").text
    sent = kept.one("main form").controls() | {"do": "resume"}
    page = read(staff.post(at(row), sent))
    assert form_of(page, "answer").controls()["answer"] == "คำตอบยาว"
    assert Feedback.objects.get().state == "new"


@pytest.mark.usefixtures("empty_storage")
def test_the_file_is_an_attachment_for_the_secretariat_alone(
    forum, staff, people, visitor, sign_in
):
    row = write(file=files.stored())
    address = f"{at(row)}{row.file_name}"
    response = staff.get(address)
    assert b"".join(response) == files.PDF
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"].startswith("private, no-store")
    assert staff.get(f"{at(row)}another.pdf").status_code == 404
    assert visitor.get(address).status_code == 302
    assert sign_in(people["outsider"]).get(address).status_code == 403


def test_a_purged_message_takes_no_more_changes(row, staff):
    Feedback.objects.update(may_publish=False)
    row.refresh_from_db()
    actions.decline_feedback(
        feedback=row, by=User.objects.get(username="staff"), version=0, reason="ก"
    )
    actions.purge_feedback(messages=[row.pk])
    page = staff.page(at(row))
    assert "จึงแก้ไขไม่ได้" in page.one("main").text
    assert CONTACT not in page.raw()
    assert not page.select("main form")
