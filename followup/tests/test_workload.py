"""How far the reports of a round are: each counted once, in the step it is in."""

from followup import actions
from followup.grades import Grade
from followup.models import Round, StatusReport
from followup.tests.factories import make_report
from followup.workload import (
    NOTHING,
    Standing,
    by_agency,
    by_forum,
    by_grade,
    by_resolution,
    forums_of,
    standing,
    standing_by_agency,
    standings,
    total,
)


def test_standing_counts_each_report_once(open_round, people):
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.1", state="draft", **write)
    make_report(open_round, "1.2", state="submitted", **write)
    make_report(open_round, "1.3", state="submitted", **write)
    make_report(open_round, "1.4", state="returned", **write)
    make_report(open_round, "2.1", state="approved", **write)
    found = standing(open_round.reports.all())
    assert found == Standing(
        expected=103, untouched=98, drafts=1, returned=1, submitted=2, approved=1
    )
    assert found.to_do == 100
    assert found.not_received == 102


def test_standings_agree_with_standing(demo, django_assert_num_queries):
    rounds = list(Round.objects.all())
    planned = actions.create_round(by=None, year=2570)
    with django_assert_num_queries(1):
        found = standings([*rounds, planned])
    assert found == {round_: standing(round_.reports.all()) for round_ in (*rounds, planned)}
    assert found[planned] == Standing(0, 0, 0, 0, 0, 0)
    assert found[rounds[0]] == Standing(
        expected=103, untouched=74, drafts=6, returned=3, submitted=8, approved=12
    )
    for each in found.values():
        assert (
            each.untouched + each.drafts + each.returned + each.submitted + each.approved
            == each.expected
        )


def test_standing_asks_nothing(demo, django_assert_num_queries):
    reports = list(StatusReport.objects.all())
    with django_assert_num_queries(0):
        standing(reports)


def test_the_database_counts_what_is_counted_of_reports_at_hand(
    two_forums, django_assert_num_queries
):
    round_ = Round.objects.get(year_be=2569)
    reports = list(round_.reports.with_context())
    with django_assert_num_queries(2):
        of_resolutions = by_resolution(round_.reports.standing())
    assert of_resolutions == {
        each: standing(report for report in reports if report.resolution == each)
        for each in dict.fromkeys(report.resolution for report in reports)
    }
    order = [(each.forum.year_be, each.number) for each in of_resolutions]
    assert order == sorted(order)
    assert [forum.year_be for forum, _numbers in by_forum(of_resolutions)] == [2565, 2566]
    assert by_forum(of_resolutions) == forums_of(reports)
    with django_assert_num_queries(2):
        work = by_agency(round_.reports.standing())
    assert work.total == standings([round_])[round_] == standing(reports)
    assert work.by_forum == forums_of(reports)
    agencies = {report.assignment.agency_id for report in reports}
    assert set(work.standings) == agencies
    for pk in agencies:
        theirs = [report for report in reports if report.assignment.agency_id == pk]
        assert work.standings[pk] == standing(theirs)
        assert work.of_agencies[pk] == forums_of(theirs)
    with django_assert_num_queries(1):
        assert standing_by_agency(round_) == work.standings


def test_a_withdrawn_report_is_counted_nowhere(open_round, people):
    report = make_report(
        open_round, "1.1", state="approved", by=people["staff"], reviewer=people["reviewer"]
    )
    actions.withdraw_report(
        report=report, by=people["administrator"], version=report.version, reason="รายงานผิดหน่วยงาน"
    )
    reports = open_round.reports.standing()
    assert standings([open_round])[open_round].expected == 102
    assert total(by_resolution(reports).values()) == by_agency(reports).total
    assert by_agency(reports).total == Standing(102, 102, 0, 0, 0, 0)


def test_the_sum_of_no_parts_is_nothing():
    assert total([]) == NOTHING


def test_without_a_round_no_agency_has_reports(db):
    assert standing_by_agency(None) == {}


def test_by_grade_counts_the_approved_ones_and_each_of_them_once(
    open_round, people, django_assert_num_queries
):
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.1", **write)
    make_report(open_round, "1.2", assessed={"assessed_grade": "said"}, **write)
    make_report(open_round, "1.3", assessed={"assessed_grade": "said"}, **write)
    make_report(open_round, "1.4", assessed={"assessed_grade": "none"}, **write)
    make_report(open_round, "2.1", state="submitted", **write)
    with django_assert_num_queries(1):
        found = by_grade(open_round.reports.all())
    assert found == {"documented": 0, "said": 2, "none": 1, "ungraded": 1}
    assert list(found) == list(Grade)
