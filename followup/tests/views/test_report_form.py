"""Writing a report: drafts, mistakes, conflicts, last year's words, evidence."""

import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.files.storage import storages

from followup import actions
from followup.models import Evidence, Round, StatusReport
from followup.report_fields import TEXT_LIMIT
from followup.tests import files
from followup.tests.client import read
from followup.tests.desk import (
    FULL,
    errors,
    path_of,
    said,
    stored,
    survived,
    typed,
)
from followup.tests.evidence_files import HTML, MARKUP, kept_names
from followup.tests.factories import HALF_PAST_TWO, find_report, link, make_report
from followup.tests.files import (
    PDF,
    upload,
)
from followup.tests.sentences import (
    EVIDENCE_TO_COMPLETE,
    EVIDENCE_TO_CONTINUE,
    FILE_GONE,
    MEETING_NEEDED,
    NO_LAST_YEAR,
    OBSTACLES_NEEDED,
    ROUND_CLOSED,
    TITLE_NEEDED,
    TOO_MUCH_MONEY,
    WITH_REVIEWER,
    WRONG_WEB_LINK,
)


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
    assert radios[0] == "ยังไม่ดำเนินการ หน่วยงานรายงานว่ายังไม่เริ่ม"
    assert len(radios) == 6
    assert "ยังไม่ได้รับรายงาน" not in " ".join(radios), "nobody reports that nothing was reported"
    assert "ยังไม่มีรายงานก่อนหน้านี้ที่รับรองแล้ว" in page.one("aside.side").text
    assert "คัดลอกจากรายงานล่าสุด" not in page.text


def test_last_year_stands_beside_the_form(demo, staff):
    report = find_report(Round.objects.get(year_be=2569), "3.3")
    side = staff.page(path_of(report)).one("aside.side")
    assert "รายงานล่าสุด (ปีงบประมาณ 2568)" in side.text
    assert side.texts(".tag") == ["ชะลอ / ติดปัญหา"]
    last = find_report(Round.objects.get(year_be=2568), "3.3")
    assert " ".join(last.obstacles.split()) in side.text
    assert [a["href"] for a in side.select("a")] == [each.url for each in last.evidence.all()]


def test_spending_more_than_was_received_is_asked_about_and_kept(staff, report):
    page = staff.page(path_of(report))
    staff.send(page, "form#f", do="draft", budget_received="100", budget_spent="100.01")
    assert "เบิกจ่ายมากกว่างบประมาณที่ได้รับ ตรวจตัวเลขอีกครั้ง" in said(staff.page(path_of(report)))
    assert stored(report).budget_spent == Decimal("100.01")


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
        ({"reported_status": "on_hold"}, "#id_obstacles", OBSTACLES_NEEDED),
        (
            {"reported_status": "completed"},
            "#id_evidence-0-title",
            EVIDENCE_TO_COMPLETE,
        ),
        (
            {"reported_status": "continuous"},
            "#id_evidence-0-title",
            EVIDENCE_TO_CONTINUE,
        ),
        (
            {"reported_status": "cancelled"},
            "#id_meeting_ref",
            MEETING_NEEDED,
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
            TOO_MUCH_MONEY,
        ),
        (
            {"no_change": "on"},
            "#id_no_change",
            NO_LAST_YEAR,
        ),
        (
            {"evidence__0__url": "javascript:alert(1)"},
            "#id_evidence-0-url",
            WRONG_WEB_LINK,
        ),
        (
            {"evidence__0__url": "ftp://example.org/a.pdf"},
            "#id_evidence-0-url",
            WRONG_WEB_LINK,
        ),
        (
            {"evidence__0__url": "ดูในแฟ้ม"},
            "#id_evidence-0-url",
            WRONG_WEB_LINK,
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
            TITLE_NEEDED,
        ),
        (
            {"evidence__1__title": "ข" * 201, "evidence__1__url": "https://example.org/b"},
            "#id_evidence-1-title",
            "ชื่อหลักฐานยาว 201 อักขระ เกินกำหนด 200 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง",
        ),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(staff, report, changes, where, sentence):
    page = staff.page(path_of(report))
    for do, heading in (("draft", "บันทึกไม่ได้"), ("submit", "ส่งไม่ได้")):
        response = staff.send(page, "form#f", do=do, **(FULL | changes))
        assert response.status_code == 422
        assert errors(read(response)) == [(where, sentence)]
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
        assert errors(read(response)) == [("", ROUND_CLOSED)]
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
    assert errors(read(response)) == [("", WITH_REVIEWER)]
    assert survived(staff, response)
    assert stored(report).results == "ของเพื่อนร่วมงาน"
    assert "บันทึกเป็นฉบับร่างแล้ว" not in read(response).text, "it was not"


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
    assert words["จังหวัดที่ดำเนินการ"] == ("กรุงเทพมหานคร, เชียงใหม่", "–")
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
    assert errors(read(response)) == [("", "ไม่มีรายงานก่อนหน้านี้ให้คัดลอก")]
    assert survived(staff, response)


def test_no_change_takes_over_what_was_left_empty(fresh, staff):
    fresh, last = fresh
    page = staff.page(path_of(fresh))
    assert staff.send(page, "form#f", do="submit", no_change="on").status_code == 302
    now = stored(fresh)
    assert now.no_change
    assert (now.state, now.reported_status) == ("submitted", last.reported_status)
    assert (now.results, now.obstacles) == (last.results, last.obstacles)
    assert "หน่วยงานยืนยันว่าไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด" in staff.page(path_of(fresh)).text


def test_no_change_and_another_status_contradict_each_other(fresh, staff):
    fresh, _last = fresh
    page = staff.page(path_of(fresh))
    response = staff.send(page, "form#f", do="draft", no_change="on", reported_status="on_hold")
    assert errors(read(response)) == [
        (
            "#id_no_change",
            "เลือก “ไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด” แต่สถานะต่างจากรายงานล่าสุด (ยังไม่ดำเนินการ) "
            "เลือกอย่างใดอย่างหนึ่ง",
        )
    ]
    assert survived(staff, response)


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


def sent(staff, report, **changes):
    page = staff.page(path_of(report))
    assert page.one("main form")["enctype"] == "multipart/form-data"
    return staff.send(page, **changes)


def test_a_file_is_attached_and_shown_with_its_kind_and_size(staff, open_round):
    report = find_report(open_round, "1.1")
    response = sent(staff, report, evidence__0__upload=upload(), evidence__0__is_public=None)
    assert response.status_code == 302
    now = report.evidence.get()
    assert (now.title, now.is_public) == ("สรุปเวที", False), "its name where no title was typed"
    page = staff.page(path_of(report))
    row = page.select("ol.evidence li")[0]
    assert row.one(".held a")["href"] == now.address
    assert f"PDF · {len(PDF)} ไบต์" in row.text
    assert not row.has("input[type=file]")
    assert [each["accept"] for each in page.select("ol.evidence input[type=file]")] == [
        ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"
    ] * 2
    staff.send(page, results="เพิ่ม")
    assert report.evidence.get().pk == now.pk


def test_an_error_elsewhere_does_not_lose_the_file(staff, open_round, empty_storage):
    report = find_report(open_round, "1.1")
    page = read(sent(staff, report, evidence__0__upload=upload(), budget_spent="มาก", results="ผล"))
    assert page.texts(".errs li") == ["งบประมาณ “มาก” ไม่ใช่ตัวเลข"]
    row = page.select("ol.evidence li")[0]
    assert "สรุปเวที.pdf PDF" in row.text
    assert "รับไฟล์ไว้แล้ว จะแนบเมื่อบันทึกสำเร็จ ไม่ต้องเลือกใหม่" in row.text
    assert not Evidence.objects.exists()
    page.address = path_of(report)
    assert staff.send(page, budget_spent="").status_code == 302
    assert report.evidence.get().file_name == "สรุปเวที.pdf"
    assert len(kept_names()) == 1


def test_a_refused_submission_and_a_conflict_do_not_lose_it_either(staff, open_round, people):
    report = find_report(open_round, "1.1")
    page = staff.page(path_of(report))
    make_report(open_round, "1.1", by=people["colleague"], state="draft")
    clash = staff.send(page, evidence__0__upload=upload())
    assert clash.status_code == 409
    page = read(clash)
    assert page.one("input[name=evidence-0-file]")["value"]
    page.address = path_of(report)
    assert staff.send(page, do="draft").status_code == 302
    assert report.evidence.get().file_name == "สรุปเวที.pdf"


def test_copying_from_last_year_does_not_lose_it(staff, open_round):
    page = read(
        sent(staff, find_report(open_round, "1.1"), evidence__0__upload=upload(), do="copy")
    )
    assert page.one("input[name=evidence-0-file]")["value"]


def test_a_refused_file_says_why_at_its_field_and_keeps_the_rest(staff, open_round):
    report = find_report(open_round, "1.1")
    response = sent(
        staff,
        report,
        results="จัดเวที 4 ภาค",
        evidence__0__upload=upload(HTML, "หน้า.pdf"),
        evidence__0__title="หน้าเว็บ",
    )
    assert response.status_code == 422
    page = read(response)
    assert [(a["href"], a.text) for a in page.select(".errs a")] == [
        ("#id_evidence-0-upload", f"“หน้า.pdf” {MARKUP}")
    ]
    assert "จัดเวที 4 ภาค" in page.one("#id_results").raw()
    assert page.one("#id_evidence-0-title")["value"] == "หน้าเว็บ"


def test_a_file_over_the_limit_shows_the_form_again(staff, open_round, settings, empty_storage):
    settings.EVIDENCE_MAX_BYTES = 100_000
    big = upload(PDF + b"\n" * 300_000, "ใหญ่.pdf")
    response = sent(staff, find_report(open_round, "1.1"), results="ผล", evidence__0__upload=big)
    assert response.status_code == 422
    assert read(response).texts(".errs li") == [
        "“ใหญ่.pdf” ใหญ่ 293.5 กิโลไบต์ เกินกำหนด 97.7 กิโลไบต์ ลดขนาดหรือแบ่งเป็นหลายไฟล์ หรือวางเป็นลิงก์"
    ]
    assert kept_names() == set()


def test_a_link_and_a_file_in_one_row_are_a_link_with_its_copy(staff, open_round):
    report = find_report(open_round, "1.1")
    response = sent(
        staff,
        report,
        evidence__0__title="รายงานการประชุม",
        evidence__0__kind="minutes",
        evidence__0__dated_on="30/9/2568",
        evidence__0__issuer="กรมประชาสัมพันธ์",
        evidence__0__url="https://example.org/",
        evidence__0__upload=upload(),
    )
    assert response.status_code == 302
    now = report.evidence.get()
    assert (now.url, now.file_name, now.kind) == ("https://example.org/", "สรุปเวที.pdf", "minutes")
    row = staff.page(path_of(report)).select("ol.evidence li")[0]
    assert row.one(".held a")["href"] == now.file_at
    assert row.texts(".held .meta")[1:] == ["สำเนาของลิงก์"]
    assert row.one("#id_evidence-0-url")["value"] == "https://example.org/"
    assert row.one("#id_evidence-0-kind option[selected]").text == "รายงานการประชุม"


def test_what_is_said_of_no_evidence_asks_for_it(staff, open_round):
    report = find_report(open_round, "1.1")
    response = sent(staff, report, evidence__0__kind="minutes")
    assert read(response).texts(".errs li") == ["วางลิงก์หรือแนบไฟล์ของหลักฐานที่ระบุประเภท วันที่ หรือผู้ออกไว้"]
    assert not report.evidence.exists()


def test_the_same_file_again_is_said_and_kept_once(staff, open_round):
    report = find_report(open_round, "1.1")
    sent(staff, report, evidence__0__upload=upload())
    sent(staff, report, evidence__1__upload=upload(name="ซ้ำ.pdf"))
    page = staff.page(path_of(report))
    assert report.evidence.get().file_name == "สรุปเวที.pdf"
    response = sent(staff, report, evidence__1__upload=upload(name="ซ้ำ.pdf"))
    page = staff.page(response["Location"])
    assert "ไฟล์ “ซ้ำ.pdf” ซ้ำกับที่แนบไว้แล้ว จึงเก็บไว้ครั้งเดียว" in page.texts(".flash--warning")


def test_a_file_is_taken_out_with_its_tick(staff, open_round):
    report = find_report(open_round, "1.1")
    sent(staff, report, evidence__0__upload=upload())
    sent(staff, report, evidence__0__DELETE="on")
    assert not report.evidence.exists()


def test_a_forged_or_outdated_token_asks_for_the_file_again(staff, open_round):
    report = find_report(open_round, "1.1")
    file = files.stored()
    storages["evidence"].delete(file.name)
    for token, reason in (
        ("forged", "อ่านไฟล์ที่แนบไว้ไม่ได้ เลือกไฟล์อีกครั้ง"),
        (file.token, FILE_GONE),
    ):
        response = sent(staff, report, evidence__0__title="ก", **{"evidence-0-file": token})
        assert response.status_code == 422
        page = read(response)
        assert page.texts(".errs li") == [reason]
        assert page.has("input[name=evidence-0-upload]"), "a way to choose it again"
        assert not page.has("input[name=evidence-0-file]")


def test_an_activity_is_told_once_on_the_page_and_read_only_at_the_others(
    staff, people, report, open_round
):
    """The other is another report of the same agency, whose fields are kept when it is refused."""
    mine = open_round.reports.filter(assignment__agency=report.assignment.agency)
    other = mine.exclude(pk=report.pk).with_context()[0]
    staff.send(staff.page(path_of(report)), "form#f", do="draft", results="จัดเวทีร่วม")
    page = staff.page(path_of(other))
    texts = page.texts("select#id_told_in option")
    assert texts[0] == "รายงานแยกของมาตรการย่อยนี้"
    assert len(texts) == mine.count()
    sent = {"do": "draft", "told_in": str(report.pk), "results": "ของตนเอง", "budget_spent": "5"}
    response = staff.send(page, "form#f", **sent)
    assert response.status_code == 422
    page = read(response)
    assert "ย้ายไปไว้ใน" in page.one(".errs").text
    assert page.one("#id_results").text.strip() == "ของตนเอง"
    response = staff.send(page, "form#f", **sent | {"results": ""})
    assert response.status_code == 302
    page = staff.page(path_of(other))
    assert page.one("#id_results").text.strip() == "จัดเวทีร่วม"
    assert page.one("#id_results").get("readonly", "no") != "no"
    assert page.one("#id_meeting_ref").get("readonly", "no") == "no"
    assert path_of(report) in [a["href"] for a in page.select("form#f a")]
    assert stored(other).budget_spent == 5
    page = staff.page(path_of(report))
    code = other.measure.code
    assert f"รายงานร่วมกับ {code} ข้อความผล อุปสรรค และแผนที่บันทึกในหน้านี้ใช้กับรายการเหล่านั้นด้วย" in page.text
    assert not page.has("#id_told_in"), "no chains"
    response = staff.send(staff.page(path_of(other)), "form#f", do="draft", told_in="")
    assert response.status_code == 302
    assert (stored(other).told_in, stored(other).results) == (None, "จัดเวทีร่วม")
