"""The sections of a report's form that stand: what an agency answers, promises and measures."""

from datetime import date
from decimal import Decimal

import pytest

from followup.models import Assignment, Role, StatusReport
from followup.tests.client import PortalClient, read
from followup.tests.desk import FULL, errors, path_of, stored, survived, typed
from followup.tests.factories import find_report, make_report
from followup.tests.links import path_of as link_path
from followup.tests.said_earlier import say_and_follow

SAID = {
    "response": "not_competent",
    "response_reason": "เป็นอำนาจของจังหวัด",
    "competent_agency": "จังหวัด",
    "response_on": "2/3/2569",
    "response_document": "พม 0413/2210",
    "target_on": "30/9/2570",
    "milestone": "ครบ 4 ภาค",
    "indicator": "จำนวนภาคี",
    "indicator_unit": "ภาคี",
    "indicator_baseline": "-3.5",
    "indicator_target": "๔๐",
    "indicator_value": "1,250",
    "project_codes": "emenscr: 0413-66-0001 | https://example.org/p\nP 12",
}
UNASKED = "เฉพาะหน่วยงานหลักตอบรับมาตรการย่อย ลบคำตอบออกจากรายการนี้"
EARLIER = {
    "response": "accepted",
    "response_on": date(2026, 3, 2),
    "response_document": "พม 0413/2210",
    "target_on": date(2026, 9, 30),
}


@pytest.fixture
def support(open_round) -> StatusReport:
    """A report of an agency that supports a measure and does not lead it."""
    assignment = Assignment.objects.filter(role=Role.SUPPORT, reports__round=open_round).first()
    return open_round.reports.with_context().get(assignment=assignment)


@pytest.fixture
def later(open_round, people) -> StatusReport:
    """The report of the year after one in which the agency answered and promised a day."""
    return find_report(say_and_follow(open_round, people, "1.2", **EARLIER), "1.2")


def section(page, name):
    return page.one(f"#section-{name}")


def test_what_is_typed_is_stored_and_shown_as_it_is_typed(staff, report):
    page = staff.page(path_of(report))
    assert [each["id"] for each in page.select("form details[id]")] == [
        "section-response",
        "section-target",
        "section-indicator",
        "section-projects",
    ]
    assert staff.send(page, "form#f", do="draft", **SAID).status_code == 302
    now = stored(report)
    assert (now.response, now.response_on) == ("not_competent", date(2026, 3, 2))
    assert (now.target_on, now.milestone) == (date(2027, 9, 30), "ครบ 4 ภาค")
    assert (now.indicator_baseline, now.indicator_target) == (Decimal("-3.5"), Decimal(40))
    assert now.project_codes == "eMENSCR: 0413-66-0001 | https://example.org/p\nP 12"
    page = staff.page(path_of(report))
    form = typed(page)
    assert {name: form[name] for name in ("response", "response_on", "target_on")} == {
        "response": "not_competent",
        "response_on": "2/3/2569",
        "target_on": "30/9/2570",
    }
    assert form["indicator_baseline"] == "−3.5"
    for name in ("response", "target", "indicator", "projects"):
        assert "open" in section(page, name).attributes, name
    assert staff.send(page, "form#f", do="draft").status_code == 302
    assert stored(report).indicator_baseline == Decimal("-3.5"), "as the form itself writes it"


def test_above_each_section_stands_what_its_silence_keeps(staff, later, report):
    page = staff.page(path_of(later))
    shown = {name: section(page, name).one("summary").text for name in ("response", "target")}
    assert shown == {
        "response": "คำตอบของหน่วยงาน ใช้อยู่: รับไปดำเนินการ · 2 มี.ค. 2569 · หนังสือ พม 0413/2210",
        "target": "กำหนดแล้วเสร็จ ใช้อยู่: 30 ก.ย. 2569",
    }
    assert section(page, "projects").one("summary").text == "รหัสโครงการ", "it is of its year"
    # The draft of a new day does not stand yet, and a page with errors says the same.
    new = {"target_on": "31/3/2570", "results": "ก" * 4001}
    page = read(staff.send(page, "form#f", do="draft", **new))
    assert section(page, "target").one("summary").text == "กำหนดแล้วเสร็จ ใช้อยู่: 30 ก.ย. 2569"


def test_who_never_answered_reads_so(staff, report):
    page = staff.page(path_of(report))
    assert section(page, "response").one("summary").text == "คำตอบของหน่วยงาน ใช้อยู่: ยังไม่ตอบ"
    assert section(page, "target").one("summary").text == "กำหนดแล้วเสร็จ ใช้อยู่: ยังไม่ได้แจ้งกำหนด"


def test_a_day_that_moves_needs_its_reason_where_the_link_leads(staff, later):
    page = staff.page(path_of(later))
    response = staff.send(page, "form#f", do="submit", **FULL | {"target_on": "31/3/2570"})
    assert response.status_code == 422
    page = read(response)
    assert errors(page) == [
        (
            "#id_target_reason",
            "กำหนดเดิมคือ 30 ก.ย. 2569 ระบุเหตุผลที่เปลี่ยนกำหนด กำหนดเดิมยังแสดงอยู่",
        )
    ]
    assert "open" in section(page, "target").attributes
    assert "open" not in section(page, "response").attributes
    mended = {"do": "submit", "target_reason": "รอจัดสรร"}
    assert staff.send(page, "form#f", **mended).status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("target_on", "31/2/2570", "ไม่มีวันที่ 31/2/2570 ในปฏิทิน"),
        (
            "indicator_value",
            "41 ภาคี",
            "“41 ภาคี” ไม่ใช่ตัวเลข พิมพ์เฉพาะตัวเลข เช่น 1,250 หรือ 41.5 หน่วยมีช่องของตน",
        ),
        ("indicator_value", "123456789012", "ตัวเลขมากเกินกว่าที่ระบบรับได้ ตรวจจำนวนหลัก"),
        ("project_codes", "P-1 | ftp://x", "ลิงก์ “ftp://x” ไม่ใช่ที่อยู่เว็บ ใช้ https:// หรือ http://"),
        (
            "milestone",
            "ก" * 301,
            "สิ่งที่จะเห็นเมื่อถึงกำหนดยาว 301 อักขระ เกินกำหนด 300 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง",
        ),
    ],
)
def test_a_mistake_opens_its_section_and_everything_typed_is_kept(
    staff, report, field, value, sentence
):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="draft", **FULL, **{field: value})
    assert response.status_code == 422
    page = read(response)
    assert errors(page) == [(f"#id_{field}", sentence)]
    [around] = [each for each in page.select("details") if f"id_{field}" in each.ids]
    assert "open" in around.attributes
    assert survived(staff, response)
    assert stored(report).version == 0


def test_a_response_that_nobody_gives_is_not_taken(staff, report):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="draft", response="no_answer")
    assert errors(read(response)) == [("#id_response", "เลือกจากรายการ")]
    assert stored(report).version == 0


def test_a_supporting_agency_is_not_asked_and_what_is_sent_all_the_same_is_refused(staff, support):
    page = staff.page(path_of(support))
    assert not page.has("#section-response")
    assert page.has("#section-target")
    for do in ("draft", "submit"):
        sent = {**typed(page), "version": "0", "do": do, **FULL}
        sent |= {"response": "accepted", "response_on": "2/3/2569"}
        response = staff.post(path_of(support), sent)
        assert response.status_code == 422
        assert errors(read(response)) == [("#id_response", UNASKED)]
        assert section(read(response), "response").one("[name=response]")
    assert stored(support).version == 0


def test_a_response_from_when_it_led_can_be_taken_out(staff, open_round, people):
    report = make_report(open_round, "1.2", by=people["staff"], state="draft", response="accepted")
    Assignment.objects.filter(pk=report.assignment_id).update(role=Role.SUPPORT)
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="draft")
    assert errors(read(response)) == [("#id_response", UNASKED)]
    assert staff.send(read(response), "form#f", do="draft", response="").status_code == 302
    assert stored(report).response == ""
    assert not staff.page(path_of(report)).has("#section-response")


def test_what_stands_is_not_copied_from_last_year(staff, open_round, people):
    earlier = EARLIER | {"response": "partly", "response_reason": "รับเฉพาะข้อ 1"}
    following = say_and_follow(open_round, people, "1.2", **earlier)
    report = find_report(following, "1.2")
    page = read(staff.send(staff.page(path_of(report)), "form#f", do="copy"))
    form = typed(page)
    assert form["results"] == report.last.results != ""
    assert form["response_reason"] == form["response"] == form["target_on"] == ""


def test_no_change_is_of_the_results_and_a_day_may_move_with_it(staff, later):
    page = staff.page(path_of(later))
    assert "คำตอบ กำหนด และตัวชี้วัดแจ้งใหม่ได้" in page.one("#id_no_change_helptext").text
    moved = {"target_on": "31/3/2570", "target_reason": "รอจัดสรร"}
    assert staff.send(page, "form#f", do="submit", no_change="on", **moved).status_code == 302
    now = stored(later)
    assert (now.state, now.no_change, now.target_on) == ("submitted", True, date(2027, 3, 31))


def test_two_versions_show_days_choices_numbers_and_codes_in_words(staff, colleague, report):
    mine, theirs = staff.page(path_of(report)), colleague.page(path_of(report))
    colleague.send(theirs, "form#f", do="draft", response="accepted", response_on="5/1/2569")
    clash = staff.send(mine, "form#f", do="draft", **SAID)
    assert clash.status_code == 409
    words = {
        one.one("h3").text.removesuffix(" ของฉัน"): (one.one("p").text, other.one("p").text)
        for one, other in (
            each.select("div") for each in read(clash).select("section.clash div.clash__v")
        )
    }
    assert words["คำตอบต่อมาตรการย่อย"] == ("ไม่อยู่ในอำนาจ", "รับไปดำเนินการ")
    assert words["วันที่ตอบรับมาตรการ"] == ("2 มีนาคม 2569", "5 มกราคม 2569")
    assert words["กำหนดแล้วเสร็จ"] == ("30 กันยายน 2570", "–")
    assert words["ค่าตั้งต้นของตัวชี้วัด"] == ("−3.5", "–")
    assert words["ค่าตัวชี้วัดของปีนี้"] == ("1,250", "–")
    assert words["รหัสโครงการ"] == ("eMENSCR: 0413-66-0001 | https://example.org/p P 12", "–")
    assert survived(staff, clash)
    assert staff.send(read(clash), "form#f", do="draft").status_code == 302
    assert stored(report).response == "not_competent"


def test_what_waits_for_a_login_can_be_read_and_is_sent_on(people, report):
    client = PortalClient(enforce_csrf_checks=True)
    client.force_login(people["staff"])
    page = client.page(path_of(report))
    client.logout()
    kept = read(client.send(page, "form#f", do="draft", **SAID))
    shown = kept.one("dl.field").text
    for words in ("ไม่อยู่ในอำนาจ", "2/3/2569", "30/9/2570", "-3.5", "0413-66-0001"):
        assert words in shown
    client.force_login(people["staff"])
    form = typed(read(client.send(kept, "form#f", do="resume")))
    assert {name: form[name] for name in SAID} == SAID


def test_staff_and_the_agency_read_what_was_sent(staff, visitor, issued, open_round, people):
    report = make_report(open_round, "1.2", by=people["staff"], state="submitted", **EARLIER)
    pages = [staff.page(path_of(report)), visitor.page(link_path(issued, report))]
    for page in pages:
        shown = page.one("main").text
        for words in ("รับไปดำเนินการ", "2 มีนาคม 2569", "พม 0413/2210", "30 กันยายน 2569"):
            assert words in shown


def test_the_history_names_it(staff, report):
    staff.send(staff.page(path_of(report)), "form#f", do="draft", **SAID)
    shown = staff.page(f"{path_of(report)}history/").one("main").text
    for words in ("คำตอบต่อมาตรการย่อย", "ไม่อยู่ในอำนาจ", "30 กันยายน 2570", "ค่าตั้งต้นของตัวชี้วัด", "−3.5"):
        assert words in shown


def test_an_agency_answers_through_its_link(visitor, issued, open_round):
    report = find_report(open_round, "1.2")
    page = visitor.page(link_path(issued, report))
    assert section(page, "response").one("summary").text == "คำตอบของหน่วยงาน ใช้อยู่: ยังไม่ตอบ"
    answer = {"response": "accepted", "response_on": "2/3/2569"}
    assert visitor.send(page, "form#f", do="submit", **FULL, **answer).status_code == 302
    assert stored(report).response == "accepted"
