"""An unassigned measure is not "no report"; a parent's page shows its divisions' measures."""

import pytest
from django.db import IntegrityError, transaction

from followup import actions
from followup.forms.report import DecisionForm, ReportForm
from followup.models import Agency, Assignment, Role, Round, StatusReport
from followup.progress import Reporting, agency_rows, roll_up, year_progress
from followup.status import STORED, Change, Status
from followup.tests.annual_report.reading import report_pages
from followup.tests.factories import make_report
from followup.tests.opendata.reading import api_of

NOBODY = "ยังไม่มีผู้รับผิดชอบ"


@pytest.fixture
def published(second_forum, open_round, people):
    """2569 with both forums, one report received. Of 2566 nobody answers for 3.3 and 4.1."""
    make_report(open_round, "2566-1.1", "DLA", by=people["staff"], reviewer=people["reviewer"])
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return Round.objects.get(pk=open_round.pk)


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ([], "unassigned"),
        (["unassigned"], "unassigned"),
        (["unassigned", "no_report"], "no_report"),
        (["unassigned", "completed"], "in_progress"),
        (["unassigned", "on_hold"], "on_hold"),
        (["unassigned", "cancelled"], "unassigned"),
        (["unassigned", "not_started"], "not_started"),
    ],
)
def test_what_nobody_answers_for_is_never_taken_for_done_or_for_silence(statuses, whole):
    assert roll_up(map(Status, statuses)) == whole


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("unassigned", "unassigned", None),
        ("no_report", "unassigned", None),
        ("unassigned", "no_report", None),
        ("no_report", "no_report", Change.SILENT),
        ("in_progress", "unassigned", Change.GAP),
        ("unassigned", "in_progress", Change.NEW),
    ],
)
def test_nobody_falls_silent_whom_nobody_asked(before, now, change):
    assert Change.between(Status(before), Status(now)) is change


def test_it_is_never_typed(db):
    assert Status.UNASSIGNED not in STORED
    for form, field in ((ReportForm, "reported_status"), (DecisionForm, "assessed_status")):
        assert "unassigned" not in dict(form.base_fields[field].choices)


@pytest.mark.parametrize("field", ["reported_status", "assessed_status"])
def test_the_database_refuses_it(open_round, field):
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusReport.objects.filter(round=open_round).update(**{field: "unassigned"})


def test_reports_are_not_narrowed_by_what_no_report_can_say(published, visitor):
    answer = visitor.get("/api/v1/status_reports", {"status": "unassigned"})
    assert answer.status_code == 400
    assert "no_report" in answer.content.decode()
    assert "unassigned" not in answer.json()["detail"].partition("ค่าที่ใช้ได้")[2]


def test_it_is_counted_apart_and_stays_in_the_denominator(published, second_forum):
    progress = year_progress(published)
    later = [each for each in progress.measures if each.measure.resolution.forum == second_forum]
    assert [each.measure.full_code for each in progress.unassigned] == ["2566-3.3", "2566-4.1"]
    assert (len(later), progress.tally.n) == (9, 43)
    assert (progress.tally.unassigned, progress.tally.silent, progress.tally.moving) == (2, 40, 1)
    rows = agency_rows(progress)
    asked = {line.assignment.measure.full_code for row in rows for line in row.lines}
    assert not asked & {"2566-3.3", "2566-4.1"}
    silent = {row.agency.code for row in Reporting.of(rows).silent}
    assert "DLA" not in silent


def test_pages_name_the_measures_that_nobody_answers_for(published, visitor):
    for path in ("/", "/years/2569/"):
        page = visitor.page(path)
        assert page.one(".nobodys").text == "ยังไม่มีผู้รับผิดชอบ 2 ข้อ: 2566-3.3, 2566-4.1"
    home = visitor.page("/").texts(".legend li")
    assert {f"{NOBODY} 2", "ยังไม่ได้รับรายงาน 6"} <= set(home)
    assert "ยังไม่ได้รับรายงาน 34" in visitor.page("/", forum=2565).texts(".legend li")
    watched = visitor.page("/").one("section[aria-labelledby=h-w]").text
    assert NOBODY not in watched
    section = visitor.page("/resolutions/2566/3/").one("section#m2566-3-3").text
    assert NOBODY in section
    assert "ยังไม่ได้รับรายงาน" not in section
    assert "2566-3.3" in visitor.page("/matrix/").text
    lines = visitor.page("/reports/2569/").texts("main p")
    (line,) = [each for each in lines if "ยังไม่มีผู้รับผิดชอบ ได้แก่" in each]
    assert line.startswith("เวที ๒๕๖๖: ")
    assert line.endswith("มาตรการย่อยที่ยังไม่มีผู้รับผิดชอบ ได้แก่ ๓.๓, ๔.๑")
    report = report_pages(visitor, "/reports/2569/")
    method = [line for part in report for line in part.texts("ul.report__items li")]
    assert "ข้อที่ยังไม่มีผู้รับผิดชอบก็เช่นกัน" in method, "the denominator is told whole"


def test_the_open_data_counts_it(published):
    (year,) = api_of("progress", level="year")
    assert (year["unassigned"], year["no_report"], year["measures_counted"]) == (2, 40, 43)
    rows = api_of("progress", level="measure", status="unassigned")
    assert [row["measure_id"] for row in rows] == ["2566-3.3", "2566-4.1"]
    assert {row["status_code"] for row in api_of("status_reports")} == {"no_report", "in_progress"}


def test_where_somebody_answers_for_everything_nothing_is_said(demo, visitor):
    page = visitor.page("/")
    assert NOBODY not in page.text
    assert not page.has(".nobodys")


def test_before_the_first_publication_too(second_forum, visitor):
    assert NOBODY in visitor.page("/resolutions/2566/4/").one("section#m2566-4-1").text
    assert NOBODY not in visitor.page("/resolutions/2565/4/").text


def test_before_the_first_publication_support_alone_is_nobody_who_answers(forum, visitor):
    section = "section#m2565-4-1"
    assert NOBODY not in visitor.page("/resolutions/2565/4/").one(section).text
    led = Assignment.objects.filter(measure__resolution__number=4, measure__number=1)
    led.update(role=Role.SUPPORT)
    assert f"หน่วยงานหลัก {NOBODY}" in visitor.page("/resolutions/2565/4/").one(section).text


@pytest.mark.parametrize("path", ["/", "/resolutions/"])
def test_before_the_first_publication_lists_say_so_at_the_measure(second_forum, visitor, path):
    told = [item.text for item in visitor.page(path).select("ul.plain li") if NOBODY in item.text]
    assert [text.split()[0] for text in told] == ["3.3", "4.1"]


# Divisions -----------------------------------------------------------------------------------


def test_a_parents_page_shows_what_its_divisions_answer_for(demo, visitor):
    page = visitor.page("/agencies/DSDW/")
    division = Agency.objects.get(code="DSDW_CSO")
    section = page.one(f"section[aria-labelledby=h-d{division.pk}]")
    assert section.one("h2").text == "ของหน่วยงานในสังกัด: กสป."
    assert "ปีงบประมาณ 2568 รายงานแล้ว 15 จาก 15 มาตรการย่อย" in section.text
    assert section.select("a")[0]["href"] == "/agencies/DSDW_CSO/"
    rows = section.select("ul.rows li")
    assert len(rows) == 15
    assert all("กสป. · หน่วยงาน" in row.text for row in rows), "labelled as the division's own"
    assert "หน่วยงานนี้ยังไม่มีมาตรการย่อยที่ได้รับมอบหมาย" not in page.text
    assert "ส่งรายงานครบ" not in page.text, "no report of the parent's own"
    assert "ของหน่วยงานในสังกัด" not in visitor.page("/agencies/DSDW_CSO/").text


def test_a_ministry_shows_those_below_its_departments(demo, visitor):
    page = visitor.page("/agencies/MSDHS/")
    assert "ของหน่วยงานในสังกัด: กสป." in page.texts("h2")
    own = page.one("section[aria-labelledby=h-m]").text
    assert "รายงานแล้ว 2 จาก 2 มาตรการย่อย" in own, "its own count is its own"


def test_the_list_says_that_divisions_answer(demo, forum, visitor):
    page = visitor.page("/agencies/")
    (row,) = [
        each for each in page.select("ul.cols li") if "/agencies/DSDW/" in each.one("a")["href"]
    ]
    assert row.text.endswith("หน่วยงานในสังกัดรับผิดชอบ 15 ข้อ")


def test_before_the_first_publication_a_parent_lists_its_divisions_measures(forum, visitor):
    page = visitor.page("/agencies/DSDW/")
    count = Assignment.objects.filter(agency__code="DSDW_CSO").count()
    assert len(page.select("section[aria-labelledby=h-d] li")) == count == 15


def test_a_circle_of_parents_ends(forum):
    one, two = Agency.objects.get(code="DSDW"), Agency.objects.get(code="DSDW_CSO")
    Agency.objects.filter(pk=one.pk).update(parent=two)
    below = Agency.objects.divisions()
    assert below[one.pk] == {two.pk}
    assert below[two.pk] == {one.pk}
