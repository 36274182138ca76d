"""The secretariat's pages: the queue, one report, the review, the rounds, and the door."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from followup import actions, progress
from followup.models import Assignment, Evidence, Round, StatusReport, User
from followup.models.reports import TEXT_LIMIT
from followup.tests.client import Element, PortalClient, read
from followup.tests.factories import PASSWORD, dump, fields_for, find_report, link, make_report
from proposals.models import Measure

HALF_PAST_TWO = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)  # 14.30 in Bangkok
CLOSED = "รอบปีงบประมาณ 2569 ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข"


def path_of(report: StatusReport) -> str:
    return f"/staff/reports/{report.pk}/"


def review_path(report: StatusReport) -> str:
    return f"/staff/reports/{report.pk}/review/"


def said(page: Element) -> list[str]:
    """What the portal tells about the last step."""
    return page.texts(".flash p")


def errors(page: Element) -> list[tuple[str, str]]:
    """(where the link leads, sentence) of the summary; the client sees that each leads somewhere."""
    items = page.one(".errs").select("li")
    return [("".join(a["href"] for a in item.select("a")), item.text) for item in items]


def typed(page: Element) -> dict[str, Any]:
    """What the report's form holds, but for what is not typed."""
    unseen = {"csrfmiddlewaretoken", "version", "do"}
    return {name: v for name, v in page.one("form#f").controls().items() if name not in unseen}


def survived(client: PortalClient, response: Any) -> bool:
    """Whether everything that was just sent stands in the form that came back."""
    unseen = {"csrfmiddlewaretoken", "version", "do"}
    sent = {name: v for name, v in client.sent.items() if name not in unseen}
    return sent == typed(read(response))


@pytest.fixture
def staff(people, sign_in):
    return sign_in(people["staff"])


@pytest.fixture
def colleague(people, sign_in):
    return sign_in(people["colleague"])


@pytest.fixture
def reviewer(people, sign_in):
    return sign_in(people["reviewer"])


@pytest.fixture
def report(open_round):
    """Nobody has touched it: 1.2, a measure with a product, of พม."""
    return find_report(open_round, "1.2")


@pytest.fixture
def submitted(open_round, people):
    return make_report(open_round, by=people["staff"], state="submitted", results="จัดทำร่างแล้ว")


def stored(report: StatusReport) -> StatusReport:
    return StatusReport.objects.with_context().get(pk=report.pk)


# The queue -------------------------------------------------------------------------------------

TABS = {
    "todo": ("ต้องทำทั้งหมด", 83),
    "untouched": ("ต้องรายงาน", 74),
    "draft": ("ฉบับร่าง", 6),
    "returned": ("ถูกส่งกลับ", 3),
    "submitted": ("รอตรวจ", 8),
    "approved": ("รับรองแล้ว", 12),
}


def tasks(page: Element) -> list[Element]:
    return [each for each in page.select("ol.tasks li.task") if each.has("a")]


def codes(page: Element) -> list[str]:
    return [each.one(".task__t b").text for each in tasks(page)]


@time_machine.travel(HALF_PAST_TWO)
def test_the_queue_says_what_is_left(demo, staff):
    page = staff.page("/staff/")
    assert page.one("h1").text == "งานของฉัน"
    assert page.one("p.kicker").text == (
        "รอบ 12 เดือน ปีงบประมาณ 2569 กำหนดส่ง 30 พฤศจิกายน 2569 เหลืออีก 8 วัน"
    )
    head = page.one(".shead").text
    assert "เหลือ 83 จาก 103 รายการที่ยังต้องทำ" in head
    assert "รับรองแล้ว 12 รอตรวจ 8 จาก 103" in head
    assert page.texts("nav.tabs.mt4 a") == [f"{label} ({n})" for label, n in TABS.values()]
    assert page.texts("section.grp h2 .sr") == [f"ข้อเสนอที่ {number}" for number in range(1, 9)]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_lists_as_many_as_it_counts(demo, staff, tab):
    page = staff.page("/staff/", state=tab)
    assert page.texts("nav.tabs.mt4 a[aria-current]") == [f"{TABS[tab][0]} ({TABS[tab][1]})"]
    assert len(tasks(page)) == TABS[tab][1]


@pytest.mark.parametrize(
    ("day", "words"),
    [(22, "เหลืออีก 8 วัน"), (30, "ครบกำหนดวันนี้"), (1, "เกินกำหนด 1 วัน"), (5, "เกินกำหนด 5 วัน")],
)
def test_the_queue_counts_the_days(demo, people, sign_in, day, words):
    month = 12 if day < 10 else 11
    with time_machine.travel(datetime(2026, month, day, 5, tzinfo=UTC)):
        assert sign_in(people["staff"]).page("/staff/").one("p.kicker").text.endswith(words)


def test_the_queue_groups_by_resolution_and_counts_each(demo, staff):
    page = staff.page("/staff/")
    numbers = progress.standing(
        Round.objects.get(year_be=2569)
        .reports.with_context()
        .filter(assignment__measure__resolution__number=3)
    )
    third = page.select("section.grp")[2]
    assert third.select(".prog span")[0].text == (
        f"รับรองแล้ว {numbers.approved} รอตรวจ {numbers.submitted} จาก {numbers.expected}"
    )
    assert len(tasks(third)) == numbers.to_do
    assert {code[0] for code in codes(third)} == {"3"}


def test_what_was_sent_back_stands_first_with_its_reason(demo, staff):
    third = staff.page("/staff/").select("section.grp")[2]
    first = tasks(third)[0]
    assert first.one(".task__t").text.startswith("3.2")
    assert "ส่งกลับแก้ไข แนบหลักฐานของปีนี้ให้ครบ" in first.text
    assert first.one("a").text == "แก้ไข 3.2 ปค."


def test_each_task_shows_last_years_status_and_the_next_step(demo, staff):
    rows = {row.one("a .sr").text: row for row in tasks(staff.page("/staff/"))}
    assert "ปีก่อน (2568)" in rows["2.5 สถ."].text
    assert rows["2.5 สถ."].texts(".task__r .word") == ["ชะลอ / ติดปัญหา"]
    assert "ปีก่อนไม่มีรายงาน" in rows["7.2 กต."].text
    assert rows["7.2 กต."].one("a").text == "บันทึกผล 7.2 กต."
    assert rows["7.1 สศช."].one("a").text == "ทำต่อ 7.1 สศช."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"resolution": "2565-8"}, 2),
        ({"agency": "MFA"}, 2),
        ({"agency": "MFA", "resolution": "2565-7"}, 2),
        ({"agency": "MFA", "resolution": "2565-8"}, 0),
        ({"q": "7.2"}, 4),
        ({"q": " 7.2 "}, 4),
        ({"q": "การต่างประเทศ"}, 3),
        ({"q": "พัฒนาองค์กรชุมชน"}, 7),
        ({"q": "พ.อ.ช."}, 7),
        ({"agency": "CODI"}, 7),
        ({"q": "ไม่มีอย่างนี้"}, 0),
        ({"q": "\0", "agency": "\0"}, 0),
        ({"resolution": "2565-99"}, 0),
        ({"resolution": "2"}, 0),
        ({"resolution": "'"}, 0),
        ({"state": "submitted", "agency": "CSPC"}, 2),
        ({"state": "submitted", "agency": "MFA"}, 0),
    ],
)
def test_the_queue_keeps_what_was_asked_for(demo, staff, query, found):
    page = staff.page("/staff/", **query)
    assert len(tasks(page)) == found
    assert f"พบ {found} รายการ" in page.text
    if not found:
        assert "ไม่มีรายการที่ตรงกับตัวกรอง" in page.text
    if "agency" in query and found:
        assert page.one("select#f2 option[selected]")["value"] == query["agency"]
    kept = [a["href"] for a in page.select("nav.tabs.mt4 a")]
    assert all(urlencode({"agency": query["agency"]}) in each for each in kept if "agency" in query)


def test_an_unknown_tab_is_the_first(demo, staff):
    assert len(tasks(staff.page("/staff/", state="gone"))) == 83


def test_filters_and_tabs_work_together(demo, staff):
    page = staff.page("/staff/", resolution="2565-3")
    page = read(staff.get("/staff/" + page.select("nav.tabs.mt4 a")[5]["href"]))
    assert codes(page) == ["3.1", "3.1", "3.6"]
    page = read(staff.send(page, "form.filters", agency="CODI"))
    assert codes(page) == ["3.1"]


def test_an_empty_queue_says_so(open_round, staff, people):
    open_round.reports.exclude(assignment__measure__resolution__number=8).delete()
    for report in list(open_round.reports.with_context()):
        actions.save_draft(
            report=report,
            by=people["staff"],
            version=0,
            fields=fields_for("continuous"),
            evidence=[link()],
        )
        actions.submit(report=report, by=people["staff"], version=1)
    page = staff.page("/staff/")
    assert "ไม่มีงานค้าง ส่งรายงานครบทุกมาตรการย่อยในรอบนี้แล้ว" in page.text
    assert "ไม่มีงานค้างในข้อเสนอนี้ รอตรวจ 4 รายการ" in page.text


def test_between_rounds_the_queue_says_where_things_stand(forum, people, staff):
    page = staff.page("/staff/")
    assert "ขณะนี้ไม่มีรอบที่เปิดรับรายงาน สร้างและเปิดรอบแรกเพื่อเริ่มบันทึกผล" in page.text
    round_ = actions.create_round(by=people["staff"], year=2569)
    actions.open_round(round_=round_, by=people["staff"])
    actions.close_round(round_=round_, by=people["staff"])
    page = staff.page("/staff/")
    assert "รอบ 12 เดือน ปีงบประมาณ 2569 อยู่ในขั้น “ปิดรับรายงาน”" in page.text
    assert page.one("p.btns a")["href"] == "/staff/rounds/"


# A draft ---------------------------------------------------------------------------------------

FULL = {
    "reported_status": "in_progress",
    "results": "จัดเวทีรับฟัง 4 ภาค\nผู้เข้าร่วม 320 คน",
    "obstacles": "งบประมาณล่าช้า",
    "next_steps": "สรุปผลในไตรมาสแรก",
    "meeting_ref": "",
    "budget_received": "1,250,000",
    "budget_spent": "๑.๒ ล้านบาท",
    "provinces": ["10", "50"],
    "evidence__0__title": "สรุปเวที",
    "evidence__0__url": "https://example.org/forum.pdf",
}


def test_a_draft_is_stored_as_typed(staff, report):
    with time_machine.travel(HALF_PAST_TWO, tick=False):
        page = staff.page(path_of(report))
        assert "ยังไม่เคยบันทึก" in page.one(".save").text
        response = staff.send(page, "form#f", do="draft", **FULL)
    assert response.status_code == 302
    assert response["Location"] == path_of(report)
    page = staff.page(path_of(report))
    assert said(page) == ["บันทึกร่างแล้ว เวลา 14.30 น."]
    assert page.one(".save__s").text == "บันทึกล่าสุด 22 พ.ย. 2569 14.30 น."
    now = stored(report)
    assert (now.state, now.version, now.updated_by.username) == ("draft", 1, "staff")
    assert now.results == FULL["results"]
    assert (now.budget_received, now.budget_spent) == (Decimal(1250000), Decimal(1200000))
    assert sorted(now.provinces.values_list("code", flat=True)) == ["10", "50"]
    assert [(each.title, each.url, each.is_public) for each in now.evidence.all()] == [
        ("สรุปเวที", "https://example.org/forum.pdf", True)
    ]
    form = typed(page)
    assert form["budget_spent"] == "1,200,000"
    assert form["provinces"] == ["10", "50"]
    assert form["evidence-0-title"] == "สรุปเวที"
    assert form["evidence-1-title"] == "", "room for more"
    assert now.history.latest("history_id").history_user.username == "staff"


def test_a_draft_may_be_unfinished(staff, report):
    page = staff.page(path_of(report))
    assert staff.send(page, "form#f", do="draft", results="เริ่มแล้ว").status_code == 302
    assert stored(report).results == "เริ่มแล้ว"
    assert stored(report).reported_status == ""


def test_the_form_shows_what_is_asked_and_what_the_words_mean(staff, report):
    page = staff.page(path_of(report))
    assert page.one("h1").text == "1.2 กฎระเบียบที่ส่งเสริมมากกว่าควบคุม"
    assert page.one(".quote mark").text == " ".join(report.measure.span.split())
    assert "หน่วยงานหลัก (เสนอ รอ คสป. ยืนยัน)" in page.one(".shead").text
    radios = page.texts("label.radio")
    assert radios[0] == "ยังไม่ดำเนินการหน่วยงานรายงานว่ายังไม่เริ่ม"
    assert len(radios) == 6
    assert "ยังไม่ได้รับรายงาน" not in " ".join(radios), "nobody reports that nothing was reported"
    assert "ไม่มีรายงานที่รับรองแล้วของปีก่อน" in page.one("aside.side").text
    assert "คัดลอกจากปีก่อน" not in page.text


def test_last_year_stands_beside_the_form(demo, staff):
    report = find_report(Round.objects.get(year_be=2569), "3.3")
    side = staff.page(path_of(report)).one("aside.side")
    assert "ปีก่อน: ปีงบประมาณ 2568" in side.text
    assert side.texts(".tag") == ["ชะลอ / ติดปัญหา"]
    last = find_report(Round.objects.get(year_be=2568), "3.3")
    assert " ".join(last.obstacles.split()) in side.text
    assert [a["href"] for a in side.select("a")] == [each.url for each in last.evidence.all()]


def test_spending_more_than_was_received_is_asked_about_and_kept(staff, report):
    page = staff.page(path_of(report))
    staff.send(page, "form#f", do="draft", budget_received="100", budget_spent="100.01")
    assert "เบิกจ่ายมากกว่างบประมาณที่ได้รับ ตรวจตัวเลขอีกครั้ง" in said(staff.page(path_of(report)))
    assert stored(report).budget_spent == Decimal("100.01")


# What is refused, and kept on the page ---------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "where", "sentence"),
    [
        ({}, "#id_reported_status", "เลือกสถานะ"),
        ({"reported_status": "in_progress"}, "#id_results", "ระบุผลการดำเนินงาน"),
        (
            {"reported_status": "in_progress", "results": " \n\u200b "},
            "#id_results",
            "ระบุผลการดำเนินงาน",
        ),
        ({"reported_status": "on_hold"}, "#id_obstacles", "ระบุปัญหา/อุปสรรคที่ทำให้ชะลอ"),
        (
            {"reported_status": "completed"},
            "#id_evidence-0-title",
            "สถานะ “แล้วเสร็จ” ต้องมีหลักฐานอย่างน้อย 1 รายการ",
        ),
        (
            {"reported_status": "continuous"},
            "#id_evidence-0-title",
            "สถานะ “ต่อเนื่อง” ต้องมีหลักฐานอย่างน้อย 1 รายการ",
        ),
        (
            {"reported_status": "cancelled"},
            "#id_meeting_ref",
            "ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567",
        ),
    ],
)
def test_a_submission_lacks_what_its_status_demands(staff, report, fields, where, sentence):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="submit", next_steps="ข้อความที่พิมพ์", **fields)
    assert response.status_code == 422
    page = read(response)
    assert page.one(".errs h2").text == "ส่งไม่ได้ แก้ไข 1 จุดต่อไปนี้"
    assert errors(page) == [(where, sentence)]
    assert "ข้อความที่พิมพ์บันทึกเป็นฉบับร่างแล้ว" in page.one(".errs").text
    assert sentence in page.one("form#f").texts(".msg")
    assert typed(page)["next_steps"] == "ข้อความที่พิมพ์"
    assert stored(report).state == "draft"
    assert stored(report).next_steps == "ข้อความที่พิมพ์"
    # What came back can be mended and sent at once.
    mended = {"reported_status": "not_started", "do": "submit"}
    assert staff.send(page, "form#f", **mended).status_code == 302
    assert stored(report).state == "submitted"


def test_a_duty_of_every_year_is_never_completed(open_round, staff):
    report = find_report(open_round, "8.1")
    page = staff.page(path_of(report))
    completed = FULL | {"reported_status": "completed"}
    page = read(staff.send(page, "form#f", do="submit", **completed))
    assert errors(page) == [
        (
            "#id_reported_status",
            "มาตรการย่อยนี้เป็นหน้าที่ประจำทุกปี จึงแล้วเสร็จไม่ได้ เลือก “ดำเนินการต่อเนื่องทุกปี” หรือสถานะอื่น",
        )
    ]


@pytest.mark.parametrize("do", ["draft", "submit"])
@pytest.mark.parametrize(
    ("changes", "where", "sentence"),
    [
        (
            {"results": "ก" * (TEXT_LIMIT + 1)},
            "#id_results",
            "ผลการดำเนินงานยาว 4001 อักขระ เกินกำหนด 4000 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง",
        ),
        (
            {"meeting_ref": "9" * 41},
            "#id_meeting_ref",
            "มติ คสป. ครั้งที่ยาว 41 อักขระ เกินกำหนด 40 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง",
        ),
        ({"budget_received": "สามล้าน"}, "#id_budget_received", "งบประมาณ “สามล้าน” ไม่ใช่ตัวเลข"),
        (
            {"budget_spent": "1O0,000"},
            "#id_budget_spent",
            "งบประมาณ “1O0,000” ไม่ใช่ตัวเลข (มีตัวอักษร O)",
        ),
        ({"budget_spent": "-1"}, "#id_budget_spent", "จำนวนเงินต้องไม่ติดลบ"),
        (
            {"budget_received": "9" * 14},
            "#id_budget_received",
            "จำนวนเงินมากเกินไป ระบุไม่เกิน 9,999,999,999,999.99 บาท",
        ),
        (
            {"no_change": "on"},
            "#id_no_change",
            "ไม่มีรายงานของปีก่อนให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ",
        ),
        (
            {"evidence__0__url": "javascript:alert(1)"},
            "#id_evidence-0-url",
            "ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://",
        ),
        (
            {"evidence__0__url": "ftp://example.org/a.pdf"},
            "#id_evidence-0-url",
            "ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://",
        ),
        (
            {"evidence__0__url": "ดูในแฟ้ม"},
            "#id_evidence-0-url",
            "ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://",
        ),
        (
            {"evidence__0__url": "https://example.org/" + "a" * 481},
            "#id_evidence-0-url",
            "ลิงก์ยาว 501 อักขระ เกินกำหนด 500 อักขระ",
        ),
        ({"evidence__0__url": ""}, "#id_evidence-0-url", "วางลิงก์หรือแนบไฟล์ของ “สรุปเวที”"),
        (
            {"evidence__0__title": ""},
            "#id_evidence-0-title",
            "ระบุชื่อหลักฐาน เช่น “สรุปโครงการ ปีงบประมาณ 2567”",
        ),
        (
            {"evidence__1__title": "ข" * 201, "evidence__1__url": "https://example.org/b"},
            "#id_evidence-1-title",
            "ชื่อหลักฐานยาว 201 อักขระ เกินกำหนด 200 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง",
        ),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(staff, report, do, changes, where, sentence):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do=do, **(FULL | changes))
    assert response.status_code == 422
    assert errors(read(response)) == [(where, sentence)]
    heading = "ส่งไม่ได้" if do == "submit" else "บันทึกไม่ได้"
    assert read(response).one(".errs h2").text == f"{heading} แก้ไข 1 จุดต่อไปนี้"
    assert survived(staff, response)
    assert stored(report).version == 0, "nothing is stored of what is wrong"
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reported_status": "no_report"}, "เลือกสถานะจากรายการ"),
        ({"reported_status": "gone"}, "เลือกสถานะจากรายการ"),
        ({"provinces": ["10", "00"]}, "ไม่มีจังหวัดรหัส 00"),
        ({"provinces": ["\0"]}, ""),
    ],
)
def test_a_choice_that_the_page_does_not_offer_is_refused_in_words(
    staff, report, changes, sentence
):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="draft", **(FULL | changes))
    assert response.status_code == 422
    ((where, words),) = errors(read(response))
    assert words.startswith(sentence)
    assert not re.search("[A-Za-z]{3,}", words), words
    assert where.startswith("#id_")
    assert typed(read(response))["results"] == FULL["results"]
    assert stored(report).version == 0


def test_every_mistake_is_listed_in_the_order_of_the_page(staff, report):
    page = staff.page(path_of(report))
    response = staff.send(
        page,
        "form#f",
        do="draft",
        results="ก" * 4001,
        obstacles="ข" * 5000,
        next_steps="ค" * 4002,
        budget_received="x",
        budget_spent="-3",
        evidence__1__url="https://example.org/",
    )
    page = read(response)
    assert page.one(".errs h2").text == "บันทึกไม่ได้ แก้ไข 6 จุดต่อไปนี้"
    assert [where for where, _sentence in errors(page)] == [
        "#id_results",
        "#id_obstacles",
        "#id_next_steps",
        "#id_budget_received",
        "#id_budget_spent",
        "#id_evidence-1-title",
    ]
    assert survived(staff, response)


def test_a_text_at_its_limit_passes_whatever_ends_its_lines(staff, report):
    text = ("ก" * 99 + "\r\n") * 39 + "ก" * 100  # as a browser sends it: CR is not counted
    page = staff.page(path_of(report))
    assert staff.send(page, "form#f", do="draft", results=text).status_code == 302
    assert len(stored(report).results) == 4000
    page = staff.page(path_of(report))
    assert staff.send(page, "form#f", do="draft", results=text + "ก").status_code == 422


def test_a_very_long_text_comes_back_whole(staff, report):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="draft", results="ก" * 1_000_000)
    assert response.status_code == 422
    assert "ยาว 1000000 อักขระ" in errors(read(response))[0][1]
    assert survived(staff, response)


def test_more_than_ten_megabytes_get_a_page_in_thai(staff, report):
    data = typed(staff.page(path_of(report))) | {"results": "a" * (10 * 1024 * 1024 + 1)}
    typing = "application/x-www-form-urlencoded"
    for response in (
        staff.post(path_of(report), data),
        staff.post(path_of(report), urlencode(data), content_type=typing),
    ):
        assert response.status_code == 400
        assert read(response).one("h1").text == "คำขอไม่ถูกต้อง"
        assert "ข้อความอาจยาวเกินไป" in read(response).text
    assert stored(report).version == 0


def test_a_form_without_its_parts_is_refused_in_words(staff, report):
    response = staff.post(path_of(report), {"results": "ข้อความ"})
    assert response.status_code == 422
    assert typed(read(response))["results"] == "ข้อความ"
    assert not re.search("[A-Za-z]{4,}", read(response).one(".errs").text)
    assert stored(report).version == 0


def test_a_round_that_closed_meanwhile_takes_nothing_and_the_text_stays(
    open_round, staff, report, people
):
    page = staff.page(path_of(report))
    actions.close_round(round_=open_round, by=people["colleague"])
    for do in ("draft", "submit"):
        response = staff.send(page, "form#f", do=do, **FULL)
        assert response.status_code == 422
        assert errors(read(response)) == [("", CLOSED)]
        assert survived(staff, response)
        assert "บันทึกเป็นฉบับร่างแล้ว" not in read(response).text
    assert stored(report).version == 0
    assert stored(report).results == ""


def test_a_report_that_a_colleague_submitted_meanwhile_takes_nothing_and_says_so(
    open_round, staff, report, people
):
    page = staff.page(path_of(report))
    make_report(open_round, by=people["colleague"], state="submitted", results="ของเพื่อนร่วมงาน")
    response = staff.send(page, "form#f", do="submit", **FULL)
    assert response.status_code == 422
    assert errors(read(response)) == [("", "รายการนี้อยู่ในขั้น “ส่งตรวจ” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงแก้ไขได้")]
    assert survived(staff, response)
    assert stored(report).results == "ของเพื่อนร่วมงาน"
    assert "บันทึกเป็นฉบับร่างแล้ว" not in read(response).text, "it was not"


# Two at once -----------------------------------------------------------------------------------


@pytest.fixture
def clash(staff, colleague, report):
    """Both opened the same page; the colleague has saved, now `staff` does."""
    mine, theirs = staff.page(path_of(report)), colleague.page(path_of(report))
    with time_machine.travel(HALF_PAST_TWO, tick=False):
        colleague.send(
            theirs,
            "form#f",
            do="draft",
            reported_status="on_hold",
            obstacles="ระเบียบยังไม่ออก",
            budget_received="2500000",
        )
    return staff.send(mine, "form#f", do="draft", **FULL)


def test_of_two_versions_both_stand_on_the_page(staff, report, clash):
    assert clash.status_code == 409
    page = read(clash)
    part = page.one("section.clash")
    assert part.one("h2").text == "คุณcolleague แก้ไขรายการนี้เมื่อ 22 พ.ย. 2569 14.30 น."
    assert survived(staff, clash)
    sides = [
        (mine.one("h3").text, " ".join(mine.texts("p")), " ".join(theirs.texts("p")))
        for mine, theirs in (each.select("div") for each in part.select("div.clash__v"))
    ]
    assert ("ปัญหา/อุปสรรค ของฉัน", "งบประมาณล่าช้า", "ระเบียบยังไม่ออก") in sides
    assert ("ผลการดำเนินงาน ของฉัน", "จัดเวทีรับฟัง 4 ภาค ผู้เข้าร่วม 320 คน", "–") in sides
    assert stored(report).obstacles == "ระเบียบยังไม่ออก"
    assert stored(report).version == 1


def test_two_versions_are_compared_in_words_as_the_form_shows_them(clash):
    part = read(clash).one("section.clash")
    words = {
        mine.one("h3").text.removesuffix(" ของฉัน"): (mine.one("p").text, theirs.one("p").text)
        for mine, theirs in (each.select("div") for each in part.select("div.clash__v"))
    }
    assert words["สถานะ"] == ("อยู่ระหว่างดำเนินการ", "ชะลอ / ติดปัญหา")
    assert words["งบประมาณที่ได้รับ (บาท)"] == ("1,250,000", "2,500,000")
    assert words["จังหวัดที่ดำเนินการ"] == ("กรุงเทพมหานคร · เชียงใหม่", "–")
    mine, theirs = words.pop("หลักฐาน")
    assert ("https://" in mine, theirs) == (True, "–")
    assert not re.search("[A-Za-z]{4,}", str(words))
    assert part.one("a.btn").text == "ใช้ของ คุณcolleague"


def test_mine_can_then_be_saved_and_theirs_stays_in_the_history(staff, report, clash):
    assert staff.send(read(clash), "form#f", do="draft").status_code == 302
    now = stored(report)
    assert (now.obstacles, now.version) == ("งบประมาณล่าช้า", 2)
    assert "ระเบียบยังไม่ออก" in now.history.values_list("obstacles", flat=True)


def test_theirs_can_be_taken(staff, report, clash):
    take = read(clash).select("section.clash a.btn")
    assert [a["href"] for a in take] == [path_of(report)]
    assert typed(staff.page(path_of(report)))["obstacles"] == "ระเบียบยังไม่ออก"


def test_evidence_that_both_have_added_is_kept_when_mine_is_used(staff, colleague, report):
    mine, theirs = staff.page(path_of(report)), colleague.page(path_of(report))
    colleague.send(theirs, "form#f", do="draft", **FULL)
    clash = staff.send(mine, "form#f", do="draft", **FULL | {"results": "จัดเวที 5 ครั้ง"})
    assert not any("หลักฐาน" in title for title in read(clash).texts("section.clash h3"))
    assert staff.send(read(clash), "form#f", do="draft").status_code == 302
    assert titles(report) == [("สรุปเวที", True)]
    assert stored(report).results == "จัดเวที 5 ครั้ง"


def test_a_second_click_stores_nothing_new(staff, report):
    page = staff.page(path_of(report))
    staff.send(page, "form#f", do="draft", **FULL)
    response = staff.send(page, "form#f", do="draft", **FULL)
    assert response.status_code == 409
    assert not read(response).has("div.clash__v"), "nothing differs"
    assert stored(report).version == 1


# From last year --------------------------------------------------------------------------------


@pytest.fixture
def fresh(demo):
    """A report of 2569 that nobody has touched, and what the same agency said in 2568."""
    fresh = find_report(Round.objects.get(year_be=2569), "2.3")
    last = find_report(Round.objects.get(year_be=2568), "2.3")
    assert fresh.is_untouched
    assert last.state == "approved"
    return fresh, last


def test_last_years_words_fill_what_is_empty_and_nothing_is_stored(fresh, staff):
    fresh, last = fresh
    page = staff.page(path_of(fresh))
    response = staff.send(page, "form#f", do="copy", results="ของปีนี้", budget_spent="500")
    assert response.status_code == 200
    page = read(response)
    assert said(page) == ["คัดลอกข้อความของปีงบประมาณ 2568 มาในช่องที่ว่างแล้ว ปรับให้เป็นของปีนี้ก่อนบันทึก"]
    form = typed(page)
    assert form["results"] == "ของปีนี้", "what was typed stays"
    assert form["obstacles"] == last.obstacles != ""
    assert form["reported_status"] == last.reported_status
    assert form["budget_spent"] == "500"
    assert form["evidence-0-title"] == "", "last year's evidence proves nothing about this year"
    assert stored(fresh).version == 0
    assert page.one("form#f")["data-guard"] == "unsaved"
    staff.send(page, "form#f", do="draft")
    assert stored(fresh).obstacles == last.obstacles
    assert stored(fresh).no_change is False


def test_there_is_nothing_to_copy_without_a_last_year(staff, report):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="copy", **FULL)
    assert response.status_code == 422
    assert errors(read(response)) == [("", "ไม่มีรายงานของปีก่อนให้คัดลอก")]
    assert survived(staff, response)


def test_no_change_takes_over_what_was_left_empty(fresh, staff):
    fresh, last = fresh
    page = staff.page(path_of(fresh))
    assert staff.send(page, "form#f", do="submit", no_change="on").status_code == 302
    now = stored(fresh)
    assert now.no_change
    assert (now.state, now.reported_status) == ("submitted", last.reported_status)
    assert (now.results, now.obstacles) == (last.results, last.obstacles)
    assert "หน่วยงานยืนยันว่าไม่มีการเปลี่ยนแปลงจากปีก่อน" in staff.page(path_of(fresh)).text


def test_no_change_and_another_status_contradict_each_other(fresh, staff):
    fresh, _last = fresh
    page = staff.page(path_of(fresh))
    response = staff.send(page, "form#f", do="draft", no_change="on", reported_status="on_hold")
    assert errors(read(response)) == [
        (
            "#id_no_change",
            "เลือก “ไม่มีการเปลี่ยนแปลงจากปีก่อน” แต่สถานะต่างจากปีก่อน (ยังไม่ดำเนินการ) เลือกอย่างใดอย่างหนึ่ง",
        )
    ]
    assert survived(staff, response)


# Evidence --------------------------------------------------------------------------------------


@pytest.fixture
def with_evidence(open_round, people):
    return make_report(
        open_round, by=people["staff"], state="draft", evidence=[link(1), link(2), link(3)]
    )


def titles(report: StatusReport) -> list[tuple[str, bool]]:
    return list(report.evidence.values_list("title", "is_public"))


def test_evidence_is_added_changed_hidden_and_taken_away(staff, with_evidence):
    page = staff.page(path_of(with_evidence))
    assert len(page.select("ol.evidence li")) == 5
    response = staff.send(
        page,
        "form#f",
        do="draft",
        evidence__0__DELETE="on",
        evidence__1__is_public=None,
        evidence__2__title="ชื่อใหม่",
        evidence__4__title="เพิ่ม",
        evidence__4__url="http://example.org/new",
    )
    assert response.status_code == 302
    assert titles(with_evidence) == [("หลักฐานที่ 2", False), ("ชื่อใหม่", True), ("เพิ่ม", True)]
    form = typed(staff.page(path_of(with_evidence)))
    assert "evidence-0-is_public" not in form
    assert form["evidence-2-url"] == "http://example.org/new"


def test_evidence_that_is_emptied_goes(staff, with_evidence):
    page = staff.page(path_of(with_evidence))
    staff.send(page, "form#f", do="draft", evidence__1__title="", evidence__1__url="")
    assert titles(with_evidence) == [("หลักฐานที่ 1", True), ("หลักฐานที่ 3", True)]


def test_a_tick_to_take_evidence_away_survives_a_mistake_elsewhere(staff, with_evidence):
    page = staff.page(path_of(with_evidence))
    changes = {"evidence__0__DELETE": "on", "budget_spent": "x"}
    response = staff.send(page, "form#f", do="draft", **changes)
    assert response.status_code == 422
    assert survived(staff, response)
    assert staff.send(read(response), "form#f", do="draft", budget_spent="").status_code == 302
    assert titles(with_evidence) == [("หลักฐานที่ 2", True), ("หลักฐานที่ 3", True)]


def test_evidence_without_a_scheme_is_taken_as_https(staff, report):
    page = staff.page(path_of(report))
    staff.send(page, "form#f", do="draft", **(FULL | {"evidence__0__url": "example.org/a.pdf"}))
    assert report.evidence.get().url == "https://example.org/a.pdf"


def test_fifty_pieces_of_evidence_are_enough(staff, report):
    page = staff.page(path_of(report))
    data = typed(page) | {"version": "0", "do": "draft", "evidence-TOTAL_FORMS": "51"}
    for place in range(51):
        data[f"evidence-{place}-title"] = f"ชิ้นที่ {place + 1}"
        data[f"evidence-{place}-url"] = f"https://example.org/{place}"
    response = staff.post(path_of(report), data)
    assert response.status_code == 422
    ((where, sentence),) = errors(read(response))
    assert where == "#id_evidence-0-title"
    assert "50" in sentence
    assert not re.search("[A-Za-z]{3,}", sentence), sentence
    assert typed(read(response))["evidence-50-title"] == "ชิ้นที่ 51"
    assert stored(report).version == 0
    assert staff.post(path_of(report), data | {"evidence-TOTAL_FORMS": "50"}).status_code == 302
    assert Evidence.objects.filter(report=report).count() == 50


# Submitted, returned, approved -----------------------------------------------------------------


def test_submitting_hands_it_over_and_closes_the_form(staff, report):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="submit", **FULL)
    assert response["Location"] == "/staff/"
    assert said(staff.page("/staff/")) == ["ส่งตรวจ 2565-1.2 พม. แล้ว ผู้ตรวจคนอื่นจะเป็นผู้รับรอง"]
    assert (stored(report).state, stored(report).submitted_by.username) == ("submitted", "staff")
    page = staff.page(path_of(report))
    assert not page.has("form#f")
    assert (
        page.one("p.notice").text
        == "ส่งตรวจแล้ว หากต้องแก้ไข ขอให้ผู้ตรวจส่งกลับก่อน ผู้รายงานตรวจรายการของตนเองไม่ได้"
    )
    assert "จัดเวทีรับฟัง 4 ภาค" in page.text
    assert "ส่งตรวจโดย คุณstaff" in page.text


def test_the_review_lists_the_oldest_first_and_marks_ones_own(open_round, people, staff, reviewer):
    for measure, who in (("1.2", "staff"), ("2.4", "reviewer"), ("8.1", "colleague")):
        report = make_report(open_round, measure, by=people[who], state="submitted")
        StatusReport.objects.filter(pk=report.pk).update(
            submitted_at=datetime(2026, 10, 30 - int(measure[0]), tzinfo=UTC)
        )
    page = reviewer.page("/staff/review/")
    assert codes(page) == ["8.1", "2.4", "1.2"]
    assert "รอตรวจ 3 รายการ ส่งมาก่อนอยู่บน · ในนี้ 1 รายการเป็นของคุณเอง ผู้ตรวจคนอื่นต้องเป็นผู้รับรอง" in (
        page.one(".shead").text
    )
    assert [row.one("a").text.split()[0] for row in tasks(page)] == ["ตรวจ", "เปิดดู", "ตรวจ"]
    page = staff.page("/staff/review/")
    assert "บัญชีนี้ดูรายการที่รอตรวจได้ แต่รับรองไม่ได้" in page.text
    assert {row.one("a").text.split()[0] for row in tasks(page)} == {"เปิดดู"}


def test_an_empty_review_says_so(open_round, reviewer):
    assert "ไม่มีรายการที่รอตรวจ" in reviewer.page("/staff/review/").text


def test_another_person_approves(submitted, reviewer, colleague):
    page = reviewer.page(review_path(submitted))
    assert "จัดทำร่างแล้ว" in page.text
    response = reviewer.send(page, do="approve")
    assert response["Location"] == "/staff/review/"
    assert said(reviewer.page("/staff/review/")) == ["รับรอง 2565-1.2 พม. แล้ว"]
    now = stored(submitted)
    assert (now.state, now.approved_by.username, now.assessed_status) == (
        "approved",
        "reviewer",
        "",
    )
    page = colleague.page(path_of(submitted))
    assert page.one("p.notice").text == "รับรองแล้ว จะแสดงต่อสาธารณะเมื่อเผยแพร่รอบ"
    assert "รับรองโดย คุณreviewer" in page.text


def test_returning_needs_a_reason_and_the_writer_reads_it(submitted, reviewer, staff):
    page = reviewer.page(review_path(submitted))
    response = reviewer.send(page, do="return", return_reason=" ")
    assert response.status_code == 422
    assert read(response).one(".errs h2").text == "ยังบันทึกผลการตรวจไม่ได้ แก้ไข 1 จุดต่อไปนี้"
    assert errors(read(response)) == [("#id_return_reason", "ระบุสิ่งที่ต้องแก้ไข")]
    assert stored(submitted).state == "submitted"

    response = reviewer.send(read(response), do="return", return_reason="ระบุจำนวนฉบับ")
    assert said(reviewer.page("/staff/review/")) == ["ส่ง 2565-1.2 พม. กลับแก้ไขแล้ว"]
    assert stored(submitted).state == "returned"
    page = staff.page(path_of(submitted))
    assert page.one("p.notice").text == "ส่งกลับแก้ไข: ระบุจำนวนฉบับ"
    assert typed(page)["results"] == "จัดทำร่างแล้ว"
    response = staff.send(page, "form#f", do="submit", results="จัดทำร่างแล้ว 3 ฉบับ")
    assert response.status_code == 302
    assert (stored(submitted).state, stored(submitted).return_reason) == ("submitted", "")


def test_nobody_decides_on_what_they_submitted_themselves(open_round, people, reviewer):
    own = make_report(open_round, by=people["reviewer"], state="submitted")
    page = reviewer.page(review_path(own))
    assert not page.has("main form")
    assert "ผู้รายงานตรวจรายการของตนเองไม่ได้" in page.texts("p.notice")
    for do in ("approve", "return"):
        data = {"version": own.version, "do": do, "return_reason": "x"}
        response = reviewer.post(review_path(own), data)
        assert response.status_code == 422
        assert errors(read(response)) == [("", "ผู้รายงานตรวจรายการของตนเองไม่ได้")]
    assert stored(own).state == "submitted"


def test_the_committee_finds_another_status_and_says_why(open_round, people, reviewer, visitor):
    report = make_report(open_round, by=people["staff"], state="submitted", status="completed")
    page = reviewer.page(review_path(report))
    response = reviewer.send(page, do="approve", assessed_status="in_progress")
    assert errors(read(response)) == [
        ("#id_assessed_note", "ระบุเหตุผลที่ประเมินต่างจากที่หน่วยงานรายงาน"),
    ]
    assert stored(report).state == "submitted"

    response = reviewer.send(
        page, do="approve", assessed_status="cancelled", assessed_note="หยุดจริง"
    )
    assert errors(read(response)) == [
        ("#id_assessed_meeting", "ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567")
    ]
    form = read(response).one("main form").controls()
    assert (form["assessed_status"], form["assessed_note"]) == ("cancelled", "หยุดจริง")

    # The agency wrote no obstacles: the committee's reason is enough.
    response = reviewer.send(
        page,
        do="approve",
        assessed_status="on_hold",
        assessed_note="ยังเป็นร่าง",
        assessed_meeting="4/2569",
    )
    assert response.status_code == 302
    now = stored(report)
    assert (now.state, now.assessed_status, now.assessed_meeting) == (
        "approved",
        "on_hold",
        "4/2569",
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    agency, committee = (
        visitor.page("/resolutions/2565/1/").one("section#m2565-1-2").select(".voice")
    )
    assert "ดำเนินการแล้วเสร็จ" in agency.text
    assert "คสป. ประเมิน ครั้งที่ 4/2569 ชะลอ / ติดปัญหา ยังเป็นร่าง" in committee.text


def test_the_agencys_own_status_chosen_again_is_no_second_voice(submitted, reviewer):
    page = reviewer.page(review_path(submitted))
    reviewer.send(page, do="approve", assessed_status="in_progress", assessed_note="เห็นด้วย")
    assert stored(submitted).state == "approved"
    assert stored(submitted).assessed_status == ""


def test_what_another_reviewer_decided_is_not_decided_again(submitted, people, reviewer):
    page = reviewer.page(review_path(submitted))
    actions.approve(report=stored(submitted), by=people["administrator"], version=submitted.version)
    response = reviewer.send(page, do="return", return_reason="ช้าไป")
    assert response.status_code == 409
    assert errors(read(response)) == [("", "รายการนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดด้านล่างก่อนตัดสินใจ")]
    response = reviewer.send(page, do="approve")
    assert response.status_code == 422
    assert errors(read(response)) == [("", "รายการนี้ไม่ได้รอตรวจ อาจมีผู้ตรวจไปแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด")]
    assert stored(submitted).state == "approved"


def test_a_reviewer_decides_on_what_they_have_read(submitted, people, reviewer):
    page = reviewer.page(review_path(submitted))
    admin, staff = people["administrator"], people["staff"]
    report = stored(submitted)
    actions.send_back(report=report, by=admin, version=report.version, reason="เพิ่มจำนวน")
    actions.save_draft(
        report=report,
        by=staff,
        version=report.version,
        fields={"results": "ฉบับใหม่"},
        evidence=[],
    )
    actions.submit(report=report, by=staff, version=report.version)
    response = reviewer.send(page, do="approve", assessed_note="อ่านแล้ว")
    assert response.status_code == 409
    assert errors(read(response)) == [("", "รายการนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดด้านล่างก่อนตัดสินใจ")]
    assert "ฉบับใหม่" in read(response).text
    assert read(response).one("main form").controls()["assessed_note"] == "อ่านแล้ว"
    assert stored(submitted).state == "submitted"
    assert reviewer.send(read(response), do="approve").status_code == 302
    assert stored(submitted).state == "approved"


def test_what_was_submitted_can_be_approved_after_closing(open_round, submitted, people, reviewer):
    actions.close_round(round_=open_round, by=people["staff"])
    page = reviewer.page("/staff/review/")
    assert codes(page) == ["1.2"]
    reviewer.send(reviewer.page(review_path(submitted)), do="approve")
    assert stored(submitted).state == "approved"


@pytest.mark.parametrize(("state", "notice"), [("closed", CLOSED), ("published", "รอบนี้เผยแพร่แล้ว")])
def test_a_report_of_a_round_that_is_over_can_be_read_only(
    open_round, people, staff, report, state, notice
):
    actions.close_round(round_=open_round, by=people["staff"])
    if state == "published":
        actions.publish_round(round_=open_round, by=people["reviewer"])
    page = staff.page(path_of(report))
    assert not page.has("form#f")
    assert page.one("p.notice").text == notice
    assert "ยังไม่ได้รับรายงานในรอบนี้" in page.text


def test_internal_evidence_is_for_those_who_work_here(open_round, people, staff):
    report = make_report(
        open_round,
        by=people["staff"],
        state="submitted",
        evidence=[link(1), link(2, is_public=False)],
    )
    page = staff.page(path_of(report))
    assert "หลักฐานภายใน" in page.texts("dl.field dt")
    assert page.texts("ul.files a") == ["หลักฐานที่ 1", "หลักฐานที่ 2"]


def test_a_report_that_is_not_there(staff):
    assert read(staff.get("/staff/reports/1/")).one("h1").text == "ไม่พบหน้าที่ต้องการ"
    assert staff.get(f"/staff/reports/{'9' * 30}/").status_code == 404


# Rounds ----------------------------------------------------------------------------------------


def test_the_rounds_stand_with_their_state_and_work(demo, staff):
    page = staff.page("/staff/rounds/")
    assert [row.one(".task__t").text for row in tasks(page)] == [
        f"ปีงบประมาณ {year}" for year in (2569, 2568, 2567, 2566)
    ]
    assert page.texts("span.state") == ["เปิดรับรายงาน", *["เผยแพร่แล้ว"] * 3]
    assert "รับรองแล้ว 12 รอตรวจ 8 จาก 103" in tasks(page)[0].text


def test_a_round_shows_who_is_behind(demo, staff):
    page = staff.page("/staff/rounds/2569/")
    assert page.texts("dl.tally dd") == ["12", "จาก 103 รายการ", "8", "6", "3", "74"]
    rows = page.select("table.ag tbody tr")
    to_do = [int(row.texts("td")[1]) for row in rows]
    silent = ["ยังไม่ส่งเลย" in row.text for row in rows]
    assert silent == sorted(silent, reverse=True), "who was not heard from stands first"
    heard = StatusReport.objects.filter(round__year_be=2569, version__gt=0)
    assert sum(silent) == len(rows) - heard.values("assignment__agency").distinct().count() == 29
    assert f"ยังไม่ส่งเลย 29 จาก {len(rows)} หน่วยงาน" in page.text
    for part in (to_do[: sum(silent)], to_do[sum(silent) :]):
        assert part == sorted(part, reverse=True)
    assert sum(to_do) == 83
    assert sum(int(row.texts("td")[0]) for row in rows) == 103
    assert page.texts("p.btns a") == ["ปิดรับรายงาน"]


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        (datetime(2026, 9, 30, 16, 59, tzinfo=UTC), "2569"),
        (datetime(2026, 9, 30, 17, 0, tzinfo=UTC), "2570"),  # 1 October in Bangkok
    ],
)
def test_the_first_round_is_that_of_the_fiscal_year(forum, people, sign_in, now, proposed):
    with time_machine.travel(now, tick=False):
        page = sign_in(people["staff"]).page("/staff/rounds/new/")
    assert page.one("input#id_year")["value"] == proposed


def test_the_next_round_is_proposed_and_made(demo, staff):
    page = staff.page("/staff/rounds/new/")
    assert page.one("input#id_year")["value"] == "2570"
    response = staff.send(page)
    assert response["Location"] == "/staff/rounds/2570/"
    page = staff.page("/staff/rounds/2570/")
    assert said(page) == ["สร้างรอบ 12 เดือน ปีงบประมาณ 2570 แล้ว"]
    facts = dict(zip(page.texts("dl.facts dt"), page.texts("dl.facts dd"), strict=True))
    assert facts == {
        "ช่วงเวลา": "1 ตุลาคม 2569 – 30 กันยายน 2570",
        "กำหนดส่งรายงาน": "30 พฤศจิกายน 2570",
    }
    assert page.texts("p.btns a") == ["เปิดรอบ"]
    assert Round.objects.get(year_be=2570).state == "planned"


@pytest.mark.parametrize(
    ("changes", "where", "sentence"),
    [
        ({"year": ""}, "#id_year", "ระบุปีงบประมาณ เช่น 2570"),
        ({"year": "2569"}, "#id_year", "มีรอบปีงบประมาณ 2569 อยู่แล้ว"),
        ({"year": "๒๕๖๙"}, "#id_year", "มีรอบปีงบประมาณ 2569 อยู่แล้ว"),
        (
            {"year": "70"},
            "#id_year",
            "ปี “70” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567",
        ),
        (
            {"year": "2600"},
            "#id_year",
            "ปี “2600” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้",
        ),
        (
            {"due_on": "เร็ว ๆ นี้"},
            "#id_due_on",
            "วันที่ “เร็ว ๆ นี้” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569",
        ),
        ({"due_on": "31/2/2571"}, "#id_due_on", "ไม่มีวันที่ 31/2/2571 ในปฏิทิน"),
    ],
)
def test_a_round_that_cannot_be_made_says_why(demo, staff, changes, where, sentence):
    response = staff.send(staff.page("/staff/rounds/new/"), **changes)
    assert response.status_code == 422
    assert errors(read(response)) == [(where, sentence)]
    form = read(response).one("main form").controls()
    assert all(form[name] == value for name, value in changes.items())
    assert Round.objects.count() == 4


def test_reports_are_not_due_before_their_year_begins(forum, staff):
    page = staff.page("/staff/rounds/new/")
    response = staff.send(page, year="2570", due_on="30/9/2569")
    assert response.status_code == 422
    assert [where for where, _sentence in errors(read(response))] == ["#id_due_on"]
    assert not Round.objects.exists()
    assert staff.send(page, year="2570", due_on="1/10/2569").status_code == 302


def test_a_christian_year_makes_the_same_round(forum, staff):
    staff.send(staff.page("/staff/rounds/new/"), year="ค.ศ. 2027", due_on="15 ธ.ค. 2570")
    assert "15 ธันวาคม 2570" in staff.page("/staff/rounds/2570/").text


# Each step of a round's life: what it says beforehand, in numbers, and what it does.


@pytest.fixture
def planned(demo, people):
    """A round beside the demo's; one assignment has ended before it, so 102 are expected."""
    Assignment.objects.filter(pk=Assignment.objects.latest("pk").pk).update(valid_to=2569)
    return actions.create_round(by=people["staff"], year=2570)


def test_opening_says_how_many_reports_it_will_expect(planned, staff):
    page = staff.page("/staff/rounds/2570/open/")
    assert page.one("h1").text == "เปิดรอบ ปีงบประมาณ 2570"
    assert page.one(".clash p").text == (
        "สร้างรายการที่ต้องรายงาน 102 รายการ ตามการมอบหมายที่มีผลในปีนี้ เจ้าหน้าที่เริ่มบันทึกผลได้ทันที "
        "กำหนดส่ง 30 พฤศจิกายน 2570"
    )
    response = staff.send(page)
    assert response["Location"] == "/staff/rounds/2570/"
    page = staff.page("/staff/rounds/2570/")
    assert said(page) == ["เปิดรอบ ปีงบประมาณ 2570 แล้ว"]
    assert planned.reports.count() == 102
    assert page.texts("p.btns a") == ["ปิดรับรายงาน"]


@pytest.fixture
def closing(demo, people):
    return Round.objects.get(year_be=2569)


def test_closing_says_what_will_stay_out(closing, staff):
    page = staff.page("/staff/rounds/2569/close/")
    assert page.one(".clash p").text == (
        "ปิดรับรายงานรอบ 12 เดือน ปีงบประมาณ 2569 รายการที่ยังไม่ส่ง 83 จาก 103 รายการ"
        "จะแสดงเป็น “ยังไม่ได้รับรายงาน” อีก 8 รายการรอตรวจและยังรับรองได้หลังปิด"
    )
    staff.send(page)
    page = staff.page("/staff/rounds/2569/")
    assert said(page) == ["ปิดรับรายงาน ปีงบประมาณ 2569 แล้ว"]
    assert page.texts("p.btns a") == ["เปิดรับรายงานอีกครั้ง"], "publishing is the reviewer's"


def test_reopening_says_what_can_be_gone_on_with(closing, people, staff):
    actions.close_round(round_=closing, by=people["staff"])
    page = staff.page("/staff/rounds/2569/reopen/")
    assert page.one(".clash p").text == "เจ้าหน้าที่บันทึกผล 83 รายการที่ยังไม่ส่งต่อได้"
    staff.send(page)
    assert said(staff.page("/staff/rounds/2569/")) == ["เปิดรับรายงานอีกครั้ง ปีงบประมาณ 2569 แล้ว"]
    closing.refresh_from_db()
    assert (closing.state, closing.closed_at) == ("open", None)
    assert closing.reports.filter(state="approved").count() == 12


def test_publishing_says_what_everybody_will_see_and_shows_it(closing, people, reviewer, visitor):
    actions.close_round(round_=closing, by=people["staff"])
    before = visitor.page("/")
    assert before.texts("select#y option") == ["2568", "2567", "2566"]
    page = reviewer.page("/staff/rounds/2569/publish/")
    assert page.one(".clash p").text == (
        "ทุกคนจะเห็นรายงานที่รับรองแล้ว 12 จาก 103 รายการ อีก 91 รายการจะแสดงเป็น "
        "“ยังไม่ได้รับรายงาน” ในจำนวนนี้ 8 รายการส่งมาแล้วแต่ยังไม่มีใครตรวจ เผยแพร่แล้ว การแก้ไขต้องมีเหตุผลต่อสาธารณะ"
    )
    response = reviewer.send(page, meeting_ref="1/2570", meeting_on="20/12/2569")
    assert response.status_code == 302
    page = reviewer.page("/staff/rounds/2569/")
    assert said(page) == ["เผยแพร่ทั้งรอบ ปีงบประมาณ 2569 แล้ว"]
    assert page.texts("p.btns a") == ["เปิดแก้ไขหลังเผยแพร่"]

    after = visitor.page("/")
    assert after.texts("select#y option") == ["2569", "2568", "2567", "2566"]
    tally = progress.year_progress(Round.objects.get(year_be=2569)).tally
    assert after.one("p.hero__say").text.startswith(
        f"จาก {tally.n} มาตรการย่อย บรรลุแล้ว {tally.achieved} "
    )
    page = visitor.page("/years/2569/")
    assert "ครั้งที่ 1/2570 20 ธันวาคม 2569" in page.text
    page = visitor.page("/resolutions/2565/1/")
    approved, waiting = page.one("section#m2565-1-1"), page.one("section#m2565-1-2")
    assert "ยังไม่ได้รับรายงานในรอบนี้" not in approved.one(".measure__now").text
    assert "ยังไม่ได้รับรายงานในรอบนี้" in waiting.one(".measure__now").text


def test_a_wrong_day_of_the_meeting_is_said_and_kept(closing, people, reviewer):
    actions.close_round(round_=closing, by=people["staff"])
    page = reviewer.page("/staff/rounds/2569/publish/")
    response = reviewer.send(page, meeting_ref="1/2570", meeting_on="30/2/2570")
    assert response.status_code == 422
    assert errors(read(response)) == [("#id_meeting_on", "ไม่มีวันที่ 30/2/2570 ในปฏิทิน")]
    assert read(response).one("main form").controls()["meeting_ref"] == "1/2570"
    closing.refresh_from_db()
    assert closing.state == "closed"


STEPS = ("open", "close", "reopen", "publish")


def bring_to(round_: Round, state: str, people: dict[str, User]) -> None:
    if state != "planned":
        actions.open_round(round_=round_, by=people["staff"])
    if state in {"closed", "published"}:
        actions.close_round(round_=round_, by=people["staff"])
    if state == "published":
        actions.publish_round(round_=round_, by=people["reviewer"])


@pytest.mark.parametrize(
    ("state", "label", "possible"),
    [
        ("planned", "เตรียมการ", {"open"}),
        ("open", "เปิดรับรายงาน", {"close"}),
        ("closed", "ปิดรับรายงาน", {"publish", "reopen"}),
        ("published", "เผยแพร่แล้ว", {"correct"}),
    ],
)
def test_a_step_out_of_turn_does_nothing_and_says_so(
    forum, people, reviewer, state, label, possible
):
    round_ = actions.create_round(by=people["staff"], year=2570)
    bring_to(round_, state, people)
    before = dump(without=["django_session"])
    for verb in sorted(set(STEPS) - possible):
        for do, sentence in (
            (reviewer.get, f"รอบนี้อยู่ในขั้น “{label}” จึงทำขั้นนี้ไม่ได้"),
            (reviewer.post, "รอบนี้เปลี่ยนสถานะไปแล้ว เปิดหน้าใหม่เพื่อดูสถานะล่าสุด"),
        ):
            response = do(f"/staff/rounds/2570/{verb}/", {"any": "thing"})
            assert response["Location"] == "/staff/rounds/2570/", (verb, response.status_code)
            assert said(reviewer.page("/staff/rounds/2570/")) == [sentence]
    assert dump(without=["django_session"]) == before
    offered = {
        a["href"].split("/")[4] for a in reviewer.page("/staff/rounds/2570/").select("p.btns a")
    }
    assert offered == possible


@pytest.mark.parametrize("verb", STEPS)
def test_a_second_click_does_nothing_and_says_so(forum, people, reviewer, verb):
    state = {"open": "planned", "close": "open", "reopen": "closed", "publish": "closed"}[verb]
    round_ = actions.create_round(by=people["staff"], year=2570)
    bring_to(round_, state, people)
    page = reviewer.page(f"/staff/rounds/2570/{verb}/")
    assert reviewer.send(page).status_code == 302
    assert said(reviewer.page("/staff/rounds/2570/"))[0].endswith("ปีงบประมาณ 2570 แล้ว")
    before = dump(without=["django_session"])
    assert reviewer.send(page).status_code == 302
    assert said(reviewer.page("/staff/rounds/2570/")) == [
        "รอบนี้เปลี่ยนสถานะไปแล้ว เปิดหน้าใหม่เพื่อดูสถานะล่าสุด"
    ]
    assert dump(without=["django_session"]) == before


def test_what_is_no_step_or_no_round_is_not_there(open_round, reviewer):
    assert reviewer.get("/staff/rounds/2569/delete/").status_code == 404
    assert reviewer.get("/staff/rounds/2571/").status_code == 404
    assert reviewer.get("/staff/rounds/2571/open/").status_code == 404
    assert reviewer.get(f"/staff/rounds/{'9' * 30}/").status_code == 404


def test_the_main_job_from_the_first_round_to_the_public_page(forum, people, sign_in, visitor):
    staff, reviewer = sign_in(people["staff"]), sign_in(people["reviewer"])
    staff.send(staff.page("/staff/rounds/new/"), year="2569")
    staff.send(staff.page("/staff/rounds/2569/open/"))
    link_to = next(
        row.one("a")["href"] for row in tasks(staff.page("/staff/")) if "3.5" in row.text
    )
    page = read(staff.send(staff.page(link_to), "form#f", do="submit", reported_status="completed"))
    assert errors(page)[0][0] == "#id_evidence-0-title"
    staff.send(
        page,
        "form#f",
        do="submit",
        evidence__0__title="สรุปโครงการ",
        evidence__0__url="https://example.org/3-5.pdf",
    )
    page = reviewer.page("/staff/review/")
    reviewer.send(reviewer.page(tasks(page)[0].one("a")["href"]), do="approve")
    staff.send(staff.page("/staff/rounds/2569/close/"))
    assert "ยังไม่มีรอบรายงานที่เผยแพร่" in visitor.page("/").text
    reviewer.send(reviewer.page("/staff/rounds/2569/publish/"))
    assert visitor.page("/").one("p.hero__say").text == (
        "จาก 34 มาตรการย่อย บรรลุแล้ว 1 กำลังทำ 0 ชะลอ 0 ยังไม่เริ่ม 0 และยังไม่ได้รับรายงาน 33"
    )
    section = visitor.page("/resolutions/2565/3/").one("section#m2565-3-5")
    assert section.select(".yr .tag")[0].text == "ดำเนินการแล้วเสร็จ"
    assert section.one("ul.files a")["href"] == "https://example.org/3-5.pdf"
    assert Measure.objects.get(resolution__number=3, number=5).title_th in section.text


# The door --------------------------------------------------------------------------------------


def log_in(client: PortalClient, name: str, password: str) -> Any:
    return client.send(client.page("/staff/login/"), username=name, password=password)


def test_logging_in_leads_to_the_work(open_round, people):
    client = PortalClient(enforce_csrf_checks=True)
    response = client.get("/staff/rounds/")
    assert response["Location"] == "/staff/login/?next=/staff/rounds/"
    page = client.page(response["Location"])
    assert "หน้านี้สำหรับเจ้าหน้าที่ เข้าสู่ระบบก่อนแล้วจะกลับไปหน้าที่เลือก" in page.text
    response = client.send(page, username="staff", password=PASSWORD)
    assert response["Location"] == "/staff/rounds/"
    page = client.page("/staff/")
    assert page.texts(".me a")[0] == "คุณstaff"
    report = find_report(open_round, "1.2")
    assert (
        client.send(client.page(path_of(report)), "form#f", do="draft", results="ก").status_code
        == 302
    )
    assert client.send(page, "header form")["Location"] == "/"
    assert client.get("/staff/").status_code == 302, "signed out"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("staff", "ผิด"),
        ("nobody", PASSWORD),
        ("STAFF", PASSWORD),
        ("retired", PASSWORD),
        ("\0", "\0"),
    ],
)
def test_a_wrong_login_says_the_same_whatever_is_wrong(people, visitor, name, password):
    User.objects.create_user("retired", password=PASSWORD, is_active=False)
    response = log_in(visitor, name, password)
    assert response.status_code == 200
    page = read(response)
    assert errors(page) == [("#id_username", "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง")]
    assert page.one(".errs h2").text == "เข้าสู่ระบบไม่ได้"
    assert page.one("input#id_password").get("value") == ""
    assert visitor.get("/staff/").status_code == 302


def test_a_login_form_sent_empty_says_what_is_wrong(people, visitor):
    page = read(log_in(visitor, "", ""))
    assert errors(page) == [("#id_username", "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง")]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org",
        "javascript:alert(1)",
    ],
)
def test_the_door_leads_to_no_other_house(people, visitor, target):
    page = visitor.page("/staff/login/", next=target)
    assert target not in page.one("main form").controls().values()
    response = visitor.send(page, username="staff", password=PASSWORD, next=target)
    assert response["Location"] == "/staff/"


def test_logging_out_takes_a_button_not_a_link(people, staff):
    assert staff.get("/staff/logout/").status_code == 405
    assert staff.get("/staff/rounds/").status_code == 200, "still signed in"
    assert staff.post("/staff/logout/")["Location"] == "/"
    assert staff.get("/staff/rounds/").status_code == 302


NEW = "ดอกปีบ-บานเช้า-77"


def test_a_password_is_changed_and_one_stays_signed_in(people, staff, visitor):
    page = staff.page("/staff/password/")
    response = staff.send(page, old_password=PASSWORD, new_password1=NEW, new_password2=NEW)
    assert response["Location"] == "/staff/"
    assert said(staff.page("/staff/")) == ["เปลี่ยนรหัสผ่านแล้ว"]
    assert log_in(visitor, "staff", PASSWORD).status_code == 200
    assert log_in(visitor, "staff", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("ผิด", NEW, NEW), (PASSWORD, NEW, "อื่น"), (PASSWORD, "สั้นไป", "สั้นไป"), (PASSWORD, "", "")],
)
def test_a_password_that_is_not_changed_says_why_in_thai(people, staff, old, new, again):
    page = staff.page("/staff/password/")
    response = staff.send(page, old_password=old, new_password1=new, new_password2=again)
    assert response.status_code == 200
    sentences = read(response).texts("p.msg")
    assert sentences
    assert not re.search("[A-Za-z]{3,}", " ".join(sentences)), sentences
    people["staff"].refresh_from_db()
    assert people["staff"].check_password(PASSWORD)


def test_what_the_staff_see_is_kept_by_no_cache(open_round, people, staff):
    for path in ("/staff/", "/staff/rounds/", "/staff/login/"):
        assert "no-store" in staff.get(path)["Cache-Control"]


def test_the_staff_pages_show_the_demo_banner(demo, staff):
    assert "ข้อมูลตัวอย่าง" in staff.page("/staff/").one("aside.demo").text


def test_only_administrators_find_the_way_to_the_admin(people, sign_in):
    for name in ("staff", "reviewer", "administrator"):
        links = [a["href"] for a in sign_in(people[name]).page("/staff/").select("nav.tabs a")]
        assert ("/admin/" in links) is (name == "administrator")
