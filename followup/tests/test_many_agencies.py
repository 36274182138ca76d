"""300 agencies, 77 of them in a group and 77 lead agencies of one measure: what pages say of them."""

import pytest

from followup.assigned import MOST_ROWS, Assigned
from followup.models import Agency, Assignment, StatusReport
from followup.progress import NAMED
from followup.tests.client import read
from followup.tests.desk import tasks
from followup.tests.factories import measure_of
from followup.tests.ground import ground, layer
from followup.tests.many_agencies import MEMBERS, many_rounds, published
from followup.tests.public import listed, measure_section
from followup.tests.test_queries import count
from followup.views.public import NAMES


@layer
def many() -> None:
    many_rounds()


@pytest.fixture(name="many")
def many_fixture(forum, people):
    """The round of 2569, published; see `many_agencies.many_rounds`."""
    ground.lay("many")
    return published()


def test_a_measures_page_says_how_many_of_a_group_answered(many, visitor):
    page = visitor.page("/resolutions/2565/1/")
    group = page.one("div.answers")
    assert "พมจ. ทุกจังหวัด" in group.text
    assert f"ตอบแล้ว 12 จาก {MEMBERS} หน่วยงาน ยังไม่ได้รับรายงาน {MEMBERS - 12} หน่วยงาน" in group.text
    behind = group.select("details li")
    assert len(behind) == NAMED
    assert "จัดเวทีระดับจังหวัดครบตามแผน" in behind[0].text
    rest = group.one("details p.mt3 a")
    assert rest.text == f"ดูคำตอบของทุกหน่วยงาน ({MEMBERS})"
    first = visitor.page(rest["href"])
    every = StatusReport.objects.filter(
        round=many, assignment__measure=measure_of("2565-1.2")
    ).count()
    assert every > MEMBERS
    assert f"มีหน่วยงานที่ต้องรายงาน {every} หน่วยงาน" in first.text
    second = visitor.page(rest["href"] + first.one(".pager a[rel=next]")["href"])
    lines = [each.text for page in (first, second) for each in page.select("ul.rows li")]
    assert len(lines) == len(set(lines)) == every
    assert sum(each.startswith("พมจ. ") for each in lines) == MEMBERS
    (silent,) = [each for each in lines if each.startswith("พมจ. 013")]
    assert "ยังไม่ได้รับรายงาน" in silent


def test_a_measure_with_many_leads_says_how_many_and_has_them_behind(many, visitor):
    page = visitor.page("/resolutions/2565/1/")
    section = measure_section(page, "1.1")
    assert section.texts("dl.who dd")[0] == f"{MEMBERS + 1} หน่วยงาน"
    (details, _citing) = section.select("details")
    assert details.one("summary").text == f"หน่วยงานหลัก ตอบแล้ว 0 จาก {MEMBERS + 1}"
    assert len(details.select("li")) == NAMED
    assert details.one("p.mt3 a").text == f"ดูคำตอบของทุกหน่วยงาน ({MEMBERS + 1})"


def test_a_member_says_for_which_group_it_answers_and_the_group_lists_it(many, visitor):
    said = visitor.page("/agencies/PRV001/").one("main")
    assert "ในฐานะสมาชิกกลุ่ม พมจ. ทุกจังหวัด" in " ".join(said.text.split())
    group = visitor.page("/agencies/PROVS/").one("main")
    assert f"ปีงบประมาณ 2569 ตอบแล้ว 12 จาก {MEMBERS} รายการ" in group.text
    assert f"รายชื่อหน่วยงานในกลุ่ม ({MEMBERS})" in group.text
    assert "ยังไม่มีมาตรการย่อยที่ได้รับมอบหมาย" not in group.text


def test_the_matrix_has_one_row_for_the_group(many, visitor):
    page = visitor.page("/matrix/?kind=group")
    rows = page.select("ul.cards li.card")
    assert [row.one("p.card__t a").text for row in rows] == ["พมจ. ทุกจังหวัด"]
    assert f"12/{MEMBERS}" in rows[0].text
    assert "พมจ. 001" not in page.one("main").text


def test_open_data_names_the_group_of_a_member(many, visitor):
    rows = visitor.get("/api/v1/assignments?year=2569&agency=PRV001").json()["results"]
    assert [(row["agency_code"], row["group_code"]) for row in rows] == [("PRV001", "PROVS")]
    every = visitor.get("/api/v1/assignments?year=2569&agency=PROVS").json()["results"]
    assert every == []


def test_a_spreadsheets_row_of_a_member_finds_its_assignment(many):
    assert Agency.objects.get(code="PRV001").assignments.get().of_group.agency.code == "PROVS"


def test_the_matrix_has_60_agencies_a_page_and_keeps_its_filters(many, visitor):
    address, names, heads = "/matrix/?role=all", [], []
    while address:
        page = visitor.page(address)
        here = [row.one("th a")["href"] for row in page.select("table.mx tr") if row.has("td")]
        assert [card.one(".card__t a")["href"] for card in page.select("ul.cards li.card")] == here
        assert len(here) <= 60
        names += here
        heads += page.texts("tr.mx__g th")
        after = page.select(".pager a[rel=next]")
        address = "/matrix/" + after[0]["href"] if after else ""
        assert not after or "role=all" in address
    total = int(page.one(".pager").text.split("รายการที่")[1].split()[2])
    assert len(names) == len(set(names)) == total > 200
    # Those without any report come first; the heading counts them on all pages, and says so on each.
    silent = int(heads[0].removeprefix("ไม่มีรายงานเลย ").split()[0])
    assert silent > 180
    assert heads.count(heads[0]) == -(-silent // 60)


def test_a_year_names_20_silent_agencies_and_leads_to_the_others(many, visitor):
    section = visitor.page("/years/2569/").one("section[aria-labelledby=h-a]")
    silent = int(section.one("h3.st-no_report").text.split()[-1])
    assert silent > 200
    assert len(section.select("p span.nb a")) == NAMES + 1
    rest = section.select("p.meta a")[0]
    assert rest.text == f"ดูทุกหน่วยงาน ({silent})"
    silents = visitor.page(rest["href"])
    assert f"พบ {silent} หน่วยงาน" in silents.text, "those that reported in part are none of them"
    assert silents.one("select[name=reported] option[selected]").text == "ไม่มีรายงานเลย"
    some = visitor.page("/agencies/?year=2569&reported=some")
    assert listed(some) == ["PROVS"]


def test_the_staffs_queue_has_50_reports_a_page(many, staff):
    page = staff.page("/staff/", mine="0")
    assert len(tasks(page)) == 50
    second = read(staff.get("/staff/" + page.one(".pager a[rel=next]")["href"]))
    assert len(tasks(second)) == 50
    first_links = {task.one("a")["href"] for task in tasks(page)}
    assert first_links.isdisjoint(task.one("a")["href"] for task in tasks(second))


def test_a_proposal_of_many_assignments_is_cut_and_each_row_is_on_one_page(many):
    assigned = Assigned.load()
    rows = [
        row for page in assigned.pages for group in assigned.groups_of(page) for row in group.rows
    ]
    assert len(rows) == len(set(rows)) == Assignment.objects.as_given().count()
    assert all(sum(group.size for group in page.groups) <= MOST_ROWS for page in assigned.pages)
    labels = [page.label for page in assigned.pages]
    assert labels[:2] == ["ข้อเสนอที่ 1 ส่วนที่ 1 จาก 3", "ข้อเสนอที่ 1 ส่วนที่ 2 จาก 3"]
    assert len(labels) == len(set(labels))
    measure = measure_of("2565-1.1")
    last = max(measure.assignments.filter(role="lead"), key=lambda row: row.agency.sort_key)
    assert assigned.page_of(measure) == 1
    assert assigned.page_of(measure, last) == 3
    assert [group.is_continued for group in assigned.pages[2].groups][:2] == [True, False]


def test_all_of_a_page_are_only_those_that_it_shows(many, people, sign_in):
    page = sign_in(people["administrator"]).page("/staff/assignments/?page=2&select=page")
    boxes = page.select("input[name=tick]")
    assert len(boxes) == int(page.one("[data-picked]").text) <= MOST_ROWS
    assert page.select(".asg__h")[0].text.startswith("2565-1.1")
    assert "(ต่อจากหน้าก่อน)" in page.select(".asg__h")[0].text
    every = sign_in(people["administrator"]).page("/staff/assignments/?page=2&select=all")
    here, all_pages = len(every.select("input[name=tick]")), int(every.one("[data-picked]").text)
    assert f"(อยู่ในหน้าอื่น {all_pages - here} รายการ)" in every.one(".pickbar__n").text


def test_300_agencies_cost_no_more_queries_than_a_few(many, visitor, people, sign_in):
    # One row costs what the 60 or 80 of a page cost.
    for few, page in (
        ("/matrix/?kind=group", "/matrix/"),
        ("/agencies/?q=พมจ. 001", "/agencies/?q=พมจ. 0"),
    ):
        visitor.get(page)  # what was published is read once a process
        assert count(visitor, few) == count(visitor, page), page
    administrator = sign_in(people["administrator"])
    # A few rows cost what the 50 of a page cost.
    for few, page in (
        ("/staff/?mine=0&resolution=2565-8", "/staff/?mine=0&resolution=2565-1"),
        ("/staff/assignments/?resolution=2565-8", "/staff/assignments/?page=2"),
    ):
        assert count(administrator, few) == count(administrator, page), page
