"""The pages of letters: what is due, what was sent, what was answered."""

from datetime import date

import pytest

from followup import actions
from followup.letters import correspondence
from followup.models import Letter, Round
from followup.tests.client import read
from followup.tests.sentences import LETTER_NUMBER_NEEDED

pytestmark = pytest.mark.usefixtures("on_20_november")


AT = "/staff/letters/CODI/"


def test_the_list_names_what_is_due_and_what_is_late(staff, send_letter, codi):
    send_letter(codi, 45)
    page = staff.page("/staff/letters/")
    first = page.select("ol.tasks li")[0]
    assert first.one(".task__t a").text == codi.name_th
    assert "เกินกำหนดตอบ 15 วัน" in first.text
    assert "ครั้งที่ 1 พม 0305/1234 ลงวันที่ 6 ต.ค. 2569 ขอคำตอบภายใน 5 พ.ย. 2569" in first.text
    count = len(correspondence(Round.objects.get())[0].due)
    assert f"ยังไม่ส่ง {count} จาก {count} รายการ" in first.text
    assert page.one("nav.tabs a[aria-current=page]").text == "หนังสือติดตาม"


def test_the_next_attempt_is_proposed_and_recorded(staff, send_letter, codi):
    page = staff.page(AT)
    assert page.one("#h-n").text == "บันทึกหนังสือครั้งที่ 1"
    form = page.one("main form").controls()
    assert (form["sent_on"], form["answer_by"]) == ("20/11/2569", "20/12/2569")
    response = staff.send(page, number="พม ๐๓๐๕/๑", sent_on="1/11/2569", answer_by="")
    assert response["Location"] == f"{AT}?year=2569"
    letter = Letter.objects.get()
    assert (letter.sent_on, letter.answer_by) == (date(2026, 11, 1), date(2026, 12, 1))
    page = staff.page(response["Location"])
    assert page.texts(".flash p") == ["บันทึกหนังสือครั้งที่ 1 แล้ว ขอคำตอบภายใน 1 ธันวาคม 2569"]
    assert page.one("#h-n").text == "บันทึกหนังสือครั้งที่ 2"


def test_bad_input_gets_its_sentence_and_keeps_what_was_typed(staff, open_round):
    page = staff.page(AT)
    response = staff.send(page, number="", sent_on="32/1/2569", note="ลงทะเบียน")
    assert response.status_code == 422
    page = read(response)
    assert "#id_sent_on" in [a["href"] for a in page.select(".errs a")]
    assert page.one("#id_sent_on")["value"] == "32/1/2569"
    assert "ลงทะเบียน" in page.one("#id_note").raw()
    response = staff.send(staff.page(AT), number="", sent_on="19/11/2569")
    assert read(response).texts(".errs a") == [LETTER_NUMBER_NEEDED]


def test_a_second_click_records_no_second_letter(staff, open_round):
    page = staff.page(AT)
    assert staff.send(page, number="1/2569").status_code == 302
    response = staff.send(page, number="1/2569")
    assert response.status_code == 422
    assert read(response).texts(".errs li") == ["มีผู้บันทึกหนังสือถึงครั้งที่ 1 แล้ว เปิดหน้าใหม่เพื่อดูรายการล่าสุด"]
    assert Letter.objects.count() == 1


def test_an_answer_is_noted_and_a_mistake_taken_out(staff, send_letter, codi):
    send_letter(codi, 45)
    page = staff.page(f"{AT}1/")
    assert staff.send(page, answered_on="19/11/2569").status_code == 302
    assert Letter.objects.get().answered_on == date(2026, 11, 19)
    assert "ตอบแล้ว 19 พ.ย. 2569" in staff.page("/staff/letters/").one("main").text
    assert staff.send(staff.page(f"{AT}1/"), do="remove").status_code == 302
    assert not Letter.objects.exists()
    assert staff.get(f"{AT}1/").status_code == 404


def test_after_the_third_there_is_no_form(staff, send_letter, codi):
    for days in (90, 50, 10):
        send_letter(codi, days)
    page = staff.page(AT)
    assert "ติดตามครบ 3 ครั้งแล้ว เสนอ คสป. พิจารณาต่อ" in page.one("main").text
    assert not page.has("main form")
    response = staff.post(AT, {"number": "4/2569", "sent_on": "19/11/2569", "attempt": "4"})
    assert response.status_code == 422
    assert Letter.objects.count() == 3


def test_before_the_first_round_the_page_says_how_to_begin(staff, forum):
    page = staff.page("/staff/letters/")
    assert "ยังไม่มีรอบ สร้างรอบแรกเพื่อเริ่มติดตามผล" in page.one("main").text
    assert staff.get(AT).status_code == 404


def test_another_year_is_asked_for_by_its_number(staff, open_round, people):
    actions.create_round(by=people["staff"], year=2570)
    assert "ปีงบประมาณ 2570" in staff.page("/staff/letters/?year=2570").one("main .kicker").text
    assert staff.get(f"{AT}?year=2570").status_code == 404
