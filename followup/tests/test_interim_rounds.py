"""Rounds of six months beside those of twelve: two of one fiscal year, and what is the year's state."""

import json
from datetime import date

import pytest

from followup import actions
from followup.models import Round, StatusReport
from followup.progress import progress_by_year
from followup.published import duty_years
from followup.spreadsheets import workbook
from followup.spreadsheets.types import Unreadable
from followup.tests.actions.verbs import refused
from followup.tests.client import read
from followup.tests.factories import find_report, make_report


def published(year: int, months: int, people, measure: str = "1.2", **more) -> Round:
    """A round with one approved report, published."""
    by = people["staff"]
    round_ = actions.create_round(by=by, year=year, months=months)
    actions.open_round(round_=round_, by=by)
    make_report(round_, measure, by=by, reviewer=people["reviewer"], **more)
    actions.close_round(round_=round_, by=by)
    return actions.publish_round(round_=round_, by=people["reviewer"])


@pytest.fixture
def interim(forum, people) -> Round:
    """2568 is published, and of 2569 its first six months."""
    published(2568, 12, people, status="not_started")
    return published(2569, 6, people, status="in_progress")


@pytest.fixture
def whole(interim, people) -> Round:
    return published(2569, 12, people, status="on_hold")


def test_an_interim_round_has_its_own_dates_and_name(people):
    round_ = actions.create_round(by=people["staff"], year=2569, months=6)
    assert (round_.starts_on, round_.ends_on) == (date(2025, 10, 1), date(2026, 3, 31))
    assert round_.due_on == date(2026, 5, 31)
    assert (round_.name, round_.label, round_.code) == (
        "รอบ 6 เดือน ปีงบประมาณ 2569",
        "2569 (6 เดือน)",
        "2569-6",
    )
    other = actions.create_round(by=people["staff"], year=2569)
    assert (other.name, other.label, other.code) == (
        "รอบ 12 เดือน ปีงบประมาณ 2569",
        "2569",
        "2569",
    )
    assert [each.code for each in Round.objects.all()] == ["2569", "2569-6"]
    said = refused(actions.create_round, by=people["staff"], year=2569, months=6)
    assert said == {"year": "มีรอบปีงบประมาณ 2569 (6 เดือน) อยู่แล้ว"}


def test_the_first_half_cannot_follow_the_whole_year(people, forum):
    published(2569, 12, people)
    said = refused(actions.create_round, by=people["staff"], year=2569, months=6)
    assert said == {"months": "ปีงบประมาณ 2569 เผยแพร่ผลทั้งปีแล้ว จึงสร้างรอบ 6 เดือนของปีนั้นไม่ได้"}


def test_the_state_of_a_year_is_its_last_round(interim, people):
    assert [each.code for each in Round.objects.published()] == ["2569-6", "2568"]
    whole = published(2569, 12, people, status="on_hold")
    assert [each.code for each in Round.objects.published()] == ["2569", "2568"]
    assert [each.code for each in Round.objects.public()] == ["2569", "2569-6", "2568"]
    year = progress_by_year(Round.objects.published())[-1]
    assert (year.round, year.before.round.code) == (whole, "2568")


def test_pages_of_an_interim_round(interim, visitor):
    assert "ปีงบประมาณ 2569 (6 เดือน)" in read(visitor.get("/")).text
    year = visitor.get("/years/2569/")
    assert read(year).one("h1").text == "ผลการดำเนินงาน ปีงบประมาณ 2569 (6 เดือน)"
    assert "31 มีนาคม 2569" in read(year).text
    assert not read(year).has("[role=status]"), "it is the state of its year"
    assert read(visitor.get("/years/2569-6/")).one("h1").text == read(year).one("h1").text
    assert visitor.get("/reports/2569-6/").status_code == 200
    notice = read(visitor.get("/", {"year": "2570"})).one("p.notice[role=status]").text
    assert notice == "ปีงบประมาณ 2570 ยังไม่มีรอบที่เผยแพร่ จึงแสดงปีงบประมาณ 2569 (6 เดือน)"


def test_pages_of_an_interim_round_whose_year_is_published(whole, visitor):
    year = read(visitor.get("/years/2569/"))
    assert year.one("h1").text == "ผลการดำเนินงาน ปีงบประมาณ 2569"
    assert year.one("a[href=/years/2569-6/]").text == "รอบ 6 เดือน ปีงบประมาณ 2569"
    half = read(visitor.get("/years/2569-6/"))
    assert half.one("h1").text == "ผลการดำเนินงาน ปีงบประมาณ 2569 (6 เดือน)"
    assert half.one("[role=status]").text == (
        "หน้านี้แสดงรอบ 6 เดือน ของปีงบประมาณ 2569 ซึ่งเผยแพร่ผลทั้งปีแล้ว เลือกปีงบประมาณ 2569 เพื่อดูผลทั้งปี"
    )
    assert half.texts("option[selected]") == []
    home = read(visitor.get("/", {"year": "2026-6"}))
    assert home.texts("option[selected]") == ["2569 (6 เดือน)"]
    years = read(visitor.get("/years/"))
    assert years.texts("h3 a") == ["ปีงบประมาณ 2569", "ปีงบประมาณ 2568"]
    matrix = read(visitor.get("/matrix/?year=2569-6"))
    assert matrix.one("[role=status]")
    assert visitor.get("/years/2569-9/").status_code == 404
    assert "2568, 2569" in read(visitor.get("/years/2571/")).one("main").text


def test_the_last_report_may_be_that_of_the_first_half(interim, people, sign_in):
    by = people["staff"]
    whole = actions.create_round(by=by, year=2569)
    actions.open_round(round_=whole, by=by)
    report = find_report(whole, "1.2")
    assert report.last.round == interim
    assert find_report(interim, "1.2").last.round.code == "2568"
    [record] = workbook.records(StatusReport.objects.filter(pk=report.pk))
    assert record.last == report.last
    page = read(sign_in(by).get(f"/staff/reports/{report.pk}/"))
    assert "รายงานล่าสุด (ปีงบประมาณ 2569 (6 เดือน))" in page.text


def test_a_workbook_belongs_to_its_round(interim, people):
    whole = actions.create_round(by=people["staff"], year=2569)
    own = workbook.OwnWorkbook("2569-6", "CODI", 1, None)
    workbook.check_round(own, interim)
    with pytest.raises(Unreadable) as caught:
        workbook.check_round(own, whole)
    assert caught.value.problem.params == {"theirs": "2569 (6 เดือน)", "ours": "2569"}
    key = workbook.row_key("2569-6", 12)
    assert workbook.key_parts(key) == ("2569-6", 12)
    assert workbook.key_parts(key.replace("2569-6-", "2569-")) is None


def test_the_interim_rounds_workbook_comes_back(people, forum, client, sign_in):
    by = people["staff"]
    round_ = actions.create_round(by=by, year=2569, months=6)
    actions.open_round(round_=round_, by=by)
    response = sign_in(by).get("/staff/rounds/2569-6/workbooks/CODI.xlsx")
    assert response.status_code == 200
    assert "2569-6" in response["Content-Disposition"]


def test_staff_pages_of_two_rounds_of_a_year(interim, people, sign_in):
    actions.open_round(round_=actions.create_round(by=None, year=2569), by=people["staff"])
    staff = sign_in(people["staff"])
    assert (
        read(staff.get("/staff/rounds/2569/")).text != read(staff.get("/staff/rounds/2569-6/")).text
    )
    assert staff.get("/staff/rounds/2569-9/").status_code == 404
    page = read(staff.get("/staff/rounds/"))
    assert page.texts("ol.tasks--rounds b a") == [
        "ปีงบประมาณ 2569",
        "ปีงบประมาณ 2569 (6 เดือน)",
        "ปีงบประมาณ 2568",
    ]


def test_a_round_of_six_months_is_made_in_the_browser(people, sign_in):
    staff = sign_in(people["staff"])
    answer = staff.post("/staff/rounds/new/", {"year": "2569", "months": "6"})
    assert answer["Location"] == "/staff/rounds/2569-6/"
    answer = staff.post("/staff/rounds/new/", {"year": "2570", "months": "7"})
    assert "เลือกช่วงที่รายงานจากรายการ" in read(answer).text
    assert Round.objects.count() == 1


def test_open_data_has_the_state_of_a_year_and_the_first_half_on_request(whole, visitor):
    def rows(address: str) -> list[dict]:
        return json.loads(visitor.get(address).content)["results"]

    asked = "/api/v1/progress?level=year"
    assert [(row["progress_id"], row["round_months"]) for row in rows(asked)] == [
        ("2568", 12),
        ("2569", 12),
    ]
    assert [row["progress_id"] for row in rows(f"{asked}&year=2569-6")] == ["2569-6"]
    assert [row["progress_id"] for row in rows(f"{asked}&year=2026")] == ["2569"]
    assert visitor.get("/api/v1/progress/2569-6-2565-1.2").status_code == 200
    assert visitor.get("/api/v1/progress/2569-2565-1.2").status_code == 200
    assert visitor.get("/api/v1/progress?year=2569-9").status_code == 400
    assert visitor.get("/api/v1/progress?year=2568-6").status_code == 404
    feed = visitor.get("/feed.atom").content.decode()
    assert ":rounds/2569/1<" in feed
    assert ":rounds/2569-6/1<" in feed


def test_six_months_are_no_annual_report(interim, visitor):
    [year] = [each for each in duty_years(Round.objects.all(), []) if each.year == 2569]
    assert year.round == interim
    page = read(visitor.get("/follow-up/")).text
    assert "2569" in page
