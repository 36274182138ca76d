"""An agency beside others: whose figures stand there, each with its own denominator, and on the page."""

from datetime import timedelta

import pytest

from followup import actions, neighbours, published
from followup.models import Agency, Round, StatusReport
from followup.neighbours import neighbours_of
from followup.tests.factories import link, make_report
from followup.tests.groups import assign, make_group, offices

OF_INTERIOR = [
    ("DOPA", 1, 1, 1, 0),
    ("CDD", 1, 0, 0, 0),
    ("DLA", 5, 3, 3, 1),
    ("MOI", 4, 1, 1, 0),
    ("PIAC", 1, 1, 1, 0),
    ("PROVINCE", 2, 1, 1, 0),
]


def agency_of(code):
    return Agency.objects.select_related("parent").get(code=code)


def edition_of(year):
    return published.edition_of(Round.objects.get(year_be=year))


def told(code, year=2568):
    """(what they have in common, its name) -> the figures of each agency, in order."""
    found = neighbours_of(agency_of(code), edition_of(year))
    return {
        each.key: (
            each.what,
            [
                (row.agency.code, row.asked, row.answered, row.on_time, row.achieved)
                for row in each.rows
            ],
        )
        for each in found
    }


def in_time(round_):
    """Let all reports have come on the day on which the round was due."""
    round_.reports.exclude(reported_on=None).update(reported_on=round_.due_on)


def publish(round_, people):
    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["reviewer"])


def test_an_agency_stands_beside_those_of_its_ministry_by_name(demo):
    """A division two levels below, and the ministry itself, are compared in the same list."""
    assert told("DLA")["ministry"] == ("กระทรวงมหาดไทย", OF_INTERIOR)
    assert told("MOI")["ministry"] == ("กระทรวงมหาดไทย", OF_INTERIOR)


def test_an_agency_stands_beside_those_of_its_kind(demo):
    what, rows = told("MSDHS")["kind"]
    assert what == "กระทรวงหรือเทียบเท่า"
    assert rows == [
        ("MOF", 2, 1, 1, 0),
        ("MFA", 2, 0, 0, 0),
        ("MSDHS", 2, 2, 2, 1),
        ("MDES", 1, 0, 0, 0),
        ("MOI", 4, 1, 1, 0),
    ]


def test_without_a_ministry_those_of_the_same_parent_are_told(demo):
    Agency.objects.filter(code="MOI").update(kind="committee")
    what, rows = told("DLA")["parent"]
    assert what == "กระทรวงมหาดไทย"
    codes = [code for code, *_numbers in rows]
    children = set(agency_of("MOI").children.values_list("code", flat=True))
    assert "DLA" in codes
    assert set(codes) <= children


def test_one_that_would_stand_alone_is_compared_with_nobody(demo):
    Agency.objects.filter(parent__code="MDES").update(parent=None)
    assert "ministry" not in told("MDES")
    assert "kind" in told("MDES"), "the control"
    Agency.objects.filter(code="NSO").update(parent=None)
    assert set(told("NSO")) <= {"kind"}


def test_who_was_asked_nothing_that_year_is_compared_with_nobody(demo):
    assert agency_of("CABINET")
    assert told("CABINET") == {}


def test_a_cycle_of_parents_ends(demo):
    """An error in the data, which the admin may make, ends no page."""
    moi, dla = agency_of("MOI"), agency_of("DLA")
    Agency.objects.filter(pk=moi.pk).update(parent=dla)
    assert told("DLA")["ministry"][1] == OF_INTERIOR


@pytest.mark.parametrize(("days", "on_time"), [(-1, 1), (0, 1), (1, 0), (None, 0)])
def test_on_time_is_up_to_the_day_on_which_the_round_was_due(open_round, people, days, on_time):
    """The day itself is in time; a report without a day is not said to be."""
    report = make_report(
        open_round,
        "1.2",
        "MSDHS",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="completed",
        evidence=[link()],
    )
    day = None if days is None else open_round.due_on + timedelta(days=days)
    StatusReport.objects.filter(pk=report.pk).update(reported_on=day)
    publish(open_round, people)
    (mine,) = [row for row in told("MSDHS", 2569)["kind"][1] if row[0] == "MSDHS"]
    assert mine == ("MSDHS", 2, 1, on_time, 1)


def test_what_the_committee_did_not_find_done_is_not_achieved(open_round, people):
    """And so is what was reported and not approved: it is not answered either."""
    write = {"by": people["staff"], "reviewer": people["reviewer"], "status": "completed"}
    assessed = {"assessed_status": "in_progress", "assessed_note": "หลักฐานไม่พอ"}
    make_report(open_round, "1.2", "MSDHS", assessed=assessed, **write)
    make_report(open_round, "1.1", "MSDHS", **write | {"status": "continuous"}, state="submitted")
    in_time(open_round)
    publish(open_round, people)
    (mine,) = [row for row in told("MSDHS", 2569)["kind"][1] if row[0] == "MSDHS"]
    assert mine == ("MSDHS", 2, 1, 1, 0)


def test_a_group_stands_above_its_members_with_what_they_answer_for_it(open_round, people):
    admin = people["administrator"]
    group = make_group(admin, offices(3))
    assign(admin, group, "2565-1.2")
    by = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", "PROV02", status="completed", **by)
    in_time(open_round)
    publish(open_round, people)
    assert told("PROVS", 2569) == {
        "group": (
            group.name_th,
            [
                ("PROVS", 3, 1, 1, 1),
                ("PROV01", 1, 0, 0, 0),
                ("PROV02", 1, 1, 1, 1),
                ("PROV03", 1, 0, 0, 0),
            ],
        )
    }
    codes = [code for code, *_numbers in told("PROV01", 2569)["kind"][1]]
    assert {"PROV01", "PROV02", "PROV03"} <= set(codes)
    assert "PROVS" not in codes, "its members answer for it"


def test_a_record_that_was_merged_since_is_counted_with_the_other(demo):
    cdd, dla = agency_of("CDD"), agency_of("DLA")
    Agency.objects.filter(pk=cdd.pk).update(merged_into=dla)
    rows = told("DLA")["ministry"][1]
    assert [row for row in rows if row[0] in {"CDD", "DLA"}] == [("DLA", 6, 3, 3, 1)]
    assert len(rows) == len(OF_INTERIOR) - 1


def test_of_very_many_none_is_named(demo, visitor, monkeypatch):
    monkeypatch.setattr(neighbours, "MOST", 5)
    (ministry, kind) = neighbours_of(agency_of("MOI"), edition_of(2568))
    assert (ministry.rows, ministry.total, ministry.is_cut) == ((), 6, True)
    assert (len(kind.rows), kind.total, kind.is_cut) == (5, 5, False)
    section = visitor.page("/agencies/MOI/").one("section[aria-labelledby=h-n-ministry]")
    assert "ถาม 6 หน่วยงาน" in section.text
    assert section.one("p a[href=/data/agency_years.csv?year=2568]").text == "agency_years"
    assert not section.has("table")


@pytest.mark.parametrize("data", ["demo", "grown"], indirect=True)
def test_they_cost_the_same_however_many_agencies_there_are(data, django_assert_num_queries):
    edition, agency = edition_of(2568), agency_of("MOI")
    with django_assert_num_queries(4):  # the edition has the agencies' names at hand
        assert len(neighbours_of(agency, edition)) == 2


def test_the_page_says_each_figure_with_its_denominator_and_marks_its_own_row(demo, visitor):
    page = visitor.page("/agencies/DLA/?year=2568")
    section = page.one("section[aria-labelledby=h-n-ministry]")
    assert section.one("h2").text == "เทียบกับหน่วยงานในกระทรวงเดียวกัน"
    assert "ไม่จัดอันดับ" in section.text
    assert "ไม่มีรายงานไม่ได้แปลว่าไม่ได้ทำ" in section.text
    assert "%" not in section.text
    assert section.texts("tbody tr")[2] == (
        "กรมส่งเสริมการปกครองท้องถิ่น หน่วยงานนี้ 5 3 จาก 5 3 จาก 5 1 จาก 5"
    )
    marked = section.select("tr[aria-current=true]")
    assert [row.one("b").text for row in marked] == ["กรมส่งเสริมการปกครองท้องถิ่น"]
    received = "รายงานแล้ว 3 จาก 5 มาตรการย่อย"
    assert received in page.one("section[aria-labelledby=h-m]").text, "the same as above"


def test_the_page_shows_the_year_and_the_edition_that_it_is_of(demo, visitor):
    rows = {}
    for year in (2567, 2568):
        page = visitor.page(f"/agencies/DLA/?year={year}")
        rows[year] = page.one("section[aria-labelledby=h-n-ministry]").texts("tbody tr")
        counted = told("DLA", year)["ministry"][1]
        assert [int(row.split(" จาก ")[-1]) for row in rows[year]] == [row[1] for row in counted]
    assert rows[2567] != rows[2568]
    page = visitor.page("/agencies/DLA/?year=2567")
    other = page.one("section[aria-labelledby=h-n-ministry]").select("tbody tr")[0].one("th a")
    assert other["href"] == "/agencies/DOPA/?year=2567"


def test_in_english(demo, visitor):
    section = visitor.page("/en/agencies/DLA/").one("section[aria-labelledby=h-n-kind]")
    assert section.one("h2").text == "Beside agencies of the same kind"
    assert "A missing report does not mean that nothing was done" in section.text
    assert [each.text for each in section.select("thead th")] == [
        "Agency",
        "Asked",
        "Reported",
        "On time",
        "Achieved",
    ]
