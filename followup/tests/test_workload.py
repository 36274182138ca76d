"""How far the reports of a round are: each counted once, in the step it is in."""

from followup import actions
from followup.models import Round, StatusReport
from followup.tests.factories import make_report
from followup.workload import Standing, reports_by_agency, standing, standings


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


def test_the_reports_of_a_round_by_agency(open_round, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = reports_by_agency(open_round)
    assert sum(len(reports) for reports in found.values()) == 103
    for agency_id, reports in found.items():
        assert {report.assignment.agency_id for report in reports} == {agency_id}


def test_without_a_round_no_agency_has_reports(db):
    assert reports_by_agency(None) == {}
