"""The form by which one agency replaces another: chosen, told, confirmed, and nothing lost."""

import pytest

from followup.models import Agency, Assignment, StatusReport
from followup.tests.assignments import assignment_of
from followup.tests.client import read
from followup.tests.desk import errors, said
from followup.tests.factories import PASSWORD, make_report

pytestmark = pytest.mark.usefixtures("on_20_november")

FORM = "/staff/assignments/replace/"
REASON = "พ.ร.บ. โอนภารกิจ พ.ศ. 2568"
SENT = {"to": "THF", "year": "2569", "reason": REASON, "withdraws": "on", "do": "check"}


@pytest.fixture
def admin(people, sign_in):
    return sign_in(people["administrator"])


def ticked(page):
    return [
        each["value"] for each in page.select("input[name=tick]") if "checked" in each.attributes
    ]


def test_an_agency_is_replaced_after_its_effects_were_read(open_round, people, admin):
    make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="submitted")
    count = Assignment.objects.filter(agency__code="MSDHS").count()
    assert "เปลี่ยนหน่วยงาน" in admin.page("/staff/assignments/").text
    way = admin.page("/staff/agencies/MSDHS/")
    assert f"{FORM}?from=MSDHS" in [each.get("href") for each in way.select("a")]
    page = admin.page(FORM, **{"from": "พม."})
    assert len(ticked(page)) == count, "all are ticked"
    page = read(admin.send(page, "form#f", **SENT))
    told = page.texts("#effects li")
    assert f"การมอบหมาย {count} ข้อของ" in told[0]
    assert told[0].endswith("สิ้นสุดก่อนรอบ 2569")
    assert told[1].endswith("เริ่มตั้งแต่รอบ 2569 รอ คสป. ยืนยัน")
    assert any(each.startswith("รายงาน 1 ฉบับในรอบที่เปิดอยู่ถูกถอนออกจากรอบ") for each in told)
    assert f"เหตุผล: {REASON}" in told
    assert Assignment.objects.filter(agency__code="MSDHS", valid_to=None).count() == count
    back = read(admin.send(page, "form#f", do="edit"))
    assert (len(ticked(back)), back.one("#id_reason").text) == (count, REASON)
    response = admin.send(page, "form#f", do="confirm")
    assert response["Location"] == "/staff/agencies/THF/"
    thf = Agency.objects.get(code="THF")
    assert said(admin.page(response["Location"])) == [
        f"{thf.short} รับช่วงจาก พม. {count} ข้อ ตั้งแต่รอบ 2569 แล้ว รอ คสป. ยืนยัน"
    ]
    assert StatusReport.objects.filter(state="withdrawn", withdrawn_reason=REASON).count() == 1
    response = admin.send(page, "form#f", do="confirm")  # a second click
    assert response.status_code == 422
    assert "มีผู้อื่นแก้ไขหรือยืนยัน" in read(response).text


def test_what_is_wrong_is_said_and_what_was_typed_stays(open_round, admin, people):
    page = admin.page(FORM, **{"from": "ไม่มีหน่วยงานนี้"})
    assert page.one("#id_from_error").text.startswith("ไม่พบหน่วยงาน “ไม่มีหน่วยงานนี้”")
    page = admin.page(FORM, **{"from": "MSDHS"})
    chosen = ticked(page)[:2]
    response = admin.send(page, "form#f", **SENT | {"tick": chosen, "to": "??", "reason": ""})
    assert response.status_code == 422
    page = read(response)
    assert [target for target, _sentence in errors(page)] == ["#id_to", "#id_reason"]
    assert (ticked(page), page.one("#id_to")["value"]) == (chosen, "??")
    page = read(admin.send(page, "form#f", **SENT | {"tick": [], "to": "MSDHS"}))
    assert [target for target, _sentence in errors(page)] == ["#id_tick"]
    page = read(admin.send(page, "form#f", **SENT | {"tick": chosen, "to": "MSDHS"}))
    assert errors(page) == [("#id_to", "เลือกหน่วยงานใหม่ที่ไม่ใช่หน่วยงานเดิม")]
    page = read(admin.send(page, "form#f", **SENT))
    make_report(open_round, "1.2", "MSDHS", by=people["staff"], state="draft")
    Assignment.objects.filter(agency__code="MSDHS", measure__number=2).update(basis="proposed")
    response = admin.send(page, "form#f", do="confirm", effects="0" * 32)
    assert response.status_code == 422
    assert "สิ่งที่จะเกิดขึ้นเปลี่ยนไปหลังจากเปิดหน้า" in read(response).text
    assert not Assignment.objects.filter(agency__code="MSDHS").exclude(valid_to=None).exists()
    assert "ไม่มีการมอบหมายที่ยังไม่สิ้นสุด" in admin.page(FORM, **{"from": "CABINET"}).text


def test_what_was_typed_is_there_after_signing_in_again(open_round, people, admin):
    page = admin.page(FORM, **{"from": "MSDHS"})
    chosen = ticked(page)[:1]
    admin.logout()
    sent = {name: value for name, value in SENT.items() if name != "withdraws"}
    response = admin.send(page, "form#f", tick=chosen, **sent, withdraws=[])
    login = admin.page(response["Location"])
    response = admin.send(login, "main form", username="administrator", password=PASSWORD)
    page = admin.page(response["Location"])
    assert (ticked(page), page.one("#id_reason").text) == (chosen, REASON)
    assert page.one("#id_to")["value"] == "THF"
    assert "checked" not in page.one("#id_withdraws").attributes
    assert assignment_of("1.2", "MSDHS").valid_to is None
