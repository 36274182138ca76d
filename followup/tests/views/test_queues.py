"""The two queues: what is left to report, and what waits for a reviewer."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine

from followup import actions, workload
from followup.models import Round, StatusReport
from followup.tests.client import read
from followup.tests.desk import codes, queue_pages, tasks
from followup.tests.factories import HALF_PAST_TWO, fields_for, link, make_report
from followup.tests.sentences import NOTHING_FITS_THE_FILTER
from followup.views import queues

TABS = {
    "todo": ("ค้างทั้งหมด", 83),
    "untouched": ("ยังไม่เริ่มกรอก", 74),
    "draft": ("ฉบับร่าง", 6),
    "returned": ("ถูกส่งกลับ", 3),
    "submitted": ("รอตรวจ", 8),
    "approved": ("รับรองแล้ว", 12),
}


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
    heads = [head for each in queue_pages(staff) for head in each.texts("section.grp h2 .sr")]
    assert list(dict.fromkeys(heads)) == [f"ข้อเสนอที่ {number}" for number in range(1, 9)]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_lists_as_many_as_it_counts(demo, staff, tab):
    pages = queue_pages(staff, state=tab)
    for page in pages:
        assert page.texts("nav.tabs.mt4 a[aria-current]") == [f"{TABS[tab][0]} ({TABS[tab][1]})"]
        assert len(tasks(page)) <= 50
    links = [task.one("a")["href"] for page in pages for task in tasks(page)]
    assert len(links) == len(set(links)) == TABS[tab][1]


def test_a_page_of_the_queue_keeps_the_filters_and_a_tab_begins_anew(demo, staff):
    first, second = queue_pages(staff, q="", mine="0", state="todo")
    assert second.one(".pager").text == "หน้า 2 จาก 2 รายการที่ 51–83 จาก 83 หน้าก่อน"
    assert "mine=0" in second.one(".pager a")["href"]
    assert not any("page=" in a["href"] for a in second.select("nav.tabs.mt4 a"))
    # A proposal that goes on stands on both pages, with the progress of all of it.
    assert first.texts(".grp .prog")[-1] == second.texts(".grp .prog")[0]


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
    numbers = workload.standing(
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
    rows = {row.one("a .sr").text: row for page in queue_pages(staff) for row in tasks(page)}
    assert "รายงานล่าสุด (ปีงบประมาณ 2568)" in rows["2.5 สถ."].text
    assert rows["2.5 สถ."].texts(".task__r .word") == ["ชะลอ / ติดปัญหา"]
    assert "ยังไม่เคยมีรายงาน" in rows["7.2 กต."].text
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
        assert NOTHING_FITS_THE_FILTER in page.text
    if "agency" in query and found:
        assert page.one("select#f2 option[selected]")["value"] == query["agency"]
    kept = [a["href"] for a in page.select("nav.tabs.mt4 a")]
    assert all(urlencode({"agency": query["agency"]}) in each for each in kept if "agency" in query)


def test_an_unknown_tab_is_the_first(demo, staff):
    assert sum(len(tasks(page)) for page in queue_pages(staff, state="gone")) == 83


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


def test_all_are_selected_without_ones_own_and_confirmed_as_they_were_seen(
    open_round, people, reviewer
):
    for measure, who in (("1.2", "staff"), ("2.4", "reviewer"), ("8.1", "colleague")):
        make_report(open_round, measure, by=people[who], state="submitted")
    page = reviewer.page("/staff/review/")
    assert not page.select("input[checked]")
    assert "เลือกทั้งหมด (2)" in page.texts("main a")
    page = reviewer.page("/staff/review/", select="all")
    ticks = [each["value"] for each in page.select("ol.tasks input[checked]")]
    assert len(ticks) == 2
    confirm = read(reviewer.post("/staff/review/", {"report": ticks}))
    assert confirm.texts("ol.tasks b") == ["1.2", "8.1"]
    late = StatusReport.objects.with_context().get(pk=ticks[0].split(".")[0])
    actions.send_back(
        report=late, by=people["administrator"], version=late.version, reason="ระบุจำนวน"
    )
    reviewer.send(confirm)
    assert reviewer.page("/staff/review/").one(".flash").text == (
        "บางรายการไม่ได้รอตรวจแล้ว ดูรายการล่าสุดแล้วเลือกอีกครั้ง"
    )
    assert not StatusReport.objects.filter(state="approved").exists(), "all or none"


def test_a_long_review_queue_has_pages_and_ticks_one_of_them(demo, people, sign_in, monkeypatch):
    monkeypatch.setattr(queues, "REVIEW_PAGE", 5)
    reviewer = sign_in(people["reviewer"])
    waiting = StatusReport.objects.waiting().order_by("submitted_at", "pk")
    assert waiting.count() == 8
    first = reviewer.page("/staff/review/")
    assert "รอตรวจ 8 รายการ" in first.one(".shead").text
    assert first.one(".pager").text == "หน้า 1 จาก 2 รายการที่ 1–5 จาก 8 หน้าถัดไป"
    assert first.select("input[checked]") == []
    second = read(reviewer.get("/staff/review/" + first.one(".pager a[rel=next]")["href"]))
    ticks = [
        tick["value"] for page in (first, second) for tick in page.select("input[name=report]")
    ]
    assert ticks == [f"{each.pk}.{each.version}" for each in waiting]
    [every] = [a for a in second.select("p.meta a") if a.text == "เลือกทั้งหน้านี้ (3)"]
    chosen = read(reviewer.get("/staff/review/" + every["href"]))
    checked = chosen.select("input[checked]")
    assert [tick["value"] for tick in checked] == ticks[5:]


def test_who_sent_a_report_in_counts_it_as_their_own(demo, people, sign_in):
    mine = StatusReport.objects.waiting().order_by("pk")[0]
    StatusReport.objects.filter(pk=mine.pk).update(submitted_by=people["reviewer"])
    page = sign_in(people["reviewer"]).page("/staff/review/")
    assert "ในนี้ 1 รายการเป็นของคุณเอง" in page.one(".shead").text
    assert len(page.select("input[name=report]")) == 7


def test_the_queue_reads_only_the_rows_of_its_page(demo, staff, monkeypatch):
    monkeypatch.setattr(queues, "PAGE", 5)
    pages = queue_pages(staff, state="untouched")
    assert [len(tasks(page)) for page in pages] == [5] * 14 + [4]
    links = [task.one("a")["href"] for page in pages for task in tasks(page)]
    monkeypatch.setattr(queues, "PAGE", 100)
    [whole] = queue_pages(staff, state="untouched")
    assert [task.one("a")["href"] for task in tasks(whole)] == links
