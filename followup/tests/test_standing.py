"""What stands of what an agency said: over years, through an edition, and in the verbs."""

import json
from datetime import date

import pytest

from followup import actions, snapshots, standing
from followup.models import StatusReport
from followup.report_fields import Section
from followup.responses import Response
from followup.targets import Due
from followup.tests.factories import find_report, make_report

ACCEPTED = {"response": "accepted", "response_on": date(2025, 11, 3)}
FIRST = {"target_on": date(2026, 9, 30), "milestone": "ครบ 4 ภาค"}
MOVED = {"target_on": date(2027, 3, 31), "target_reason": "รอจัดสรรสถานี"}


@pytest.fixture
def years(open_round, people):
    """Two published rounds and an open one; the agency answered in the first, moved in the second."""

    def publish(round_):
        actions.close_round(round_=round_, by=people["staff"])
        return actions.publish_round(round_=round_, by=people["reviewer"])

    def following(year):
        round_ = actions.create_round(by=people["staff"], year=year)
        actions.open_round(round_=round_, by=people["staff"])
        return round_

    who = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.1", **who, **ACCEPTED, **FIRST)
    first = publish(open_round)
    second = following(first.year_be + 1)
    make_report(second, "1.1", **who, **MOVED)
    publish(second)
    return first, second, following(second.year_be + 1)


def marked(round_, code="1.1"):
    report = find_report(round_, code)
    standing.mark([report])
    return report


def test_what_was_said_stands_until_it_is_said_again(years):
    first, _second, third = years
    silent = marked(third)
    assert standing.response(silent) is Response.ACCEPTED
    assert standing.standing(silent, Section.RESPONSE).year_be == first.year_be
    assert standing.target_on(silent) == date(2027, 3, 31)
    told = standing.all_told(silent, Section.TARGET)
    assert [each.get("target_on") for each in told] == [date(2026, 9, 30), date(2027, 3, 31)]
    assert told[1].get("target_reason") == "รอจัดสรรสถานี"
    assert standing.times_postponed(told) == 1
    assert standing.target_on(marked(first)) == date(2026, 9, 30), "as it was in its own year"
    assert standing.due(silent, date(2027, 3, 31)) is Due.NOT_YET
    assert standing.due(silent, date(2027, 4, 1)) is Due.PAST_DUE


@pytest.mark.parametrize("by", ["rounds", "agencies"])
def test_many_are_marked_as_single_reports_are(years, django_assert_num_queries, by):
    reports = [find_report(each, code) for each in years for code in ("1.1", "1.2")]
    with django_assert_num_queries(1):
        if by == "rounds":
            standing.mark_rounds(reports)
        else:
            standing.mark_agencies(reports, {each.assignment.agency_id for each in reports})
    together = [each.earlier for each in reports]
    for report in reports:
        report.earlier = ()
        standing.mark([report])
    assert together == [each.earlier for each in reports]
    assert [len(each) for each in together] == [0, 0, 1, 0, 2, 0]
    standing.mark_rounds([])


def test_what_is_said_again_is_told_once(years, people):
    _first, _second, third = years
    report = marked(third)
    for name, value in MOVED.items():
        setattr(report, name, value)
    assert len(standing.all_told(report, Section.TARGET)) == 2
    report.target_on = date(2026, 12, 31)
    told = standing.all_told(report, Section.TARGET)
    assert len(told) == 3
    assert standing.times_postponed(told) == 1, "an earlier day is no postponement"


def test_a_silent_agency_has_said_nothing(years):
    report = marked(years[2], "1.2")
    assert standing.response(report) is Response.NO_ANSWER
    assert standing.target_on(report) is None
    assert standing.due(report, date(2030, 1, 1)) is Due.NO_TARGET


def test_an_edition_has_what_was_said_before_it(years, django_assert_num_queries):
    first, second, _third = years
    content = snapshots.freeze(second)
    report = next(
        each for each in snapshots.thaw(content).reports if each.measure.full_code.endswith("1.1")
    )
    with django_assert_num_queries(0):
        assert standing.response(report) is Response.ACCEPTED
        told = standing.all_told(report, Section.TARGET)
        assert [each.year_be for each in told] == [first.year_be, second.year_be]
        assert told[0].round.label == first.label
    rows = json.loads(content)["reports"]
    silent = [row for row in rows if row["assignment_id"] != report.assignment_id]
    assert all("earlier" not in row and "target_on" not in row for row in silent)
    assert all("earlier" not in row for row in json.loads(snapshots.freeze(first))["reports"])


def test_an_earlier_round_that_is_being_corrected_is_left_out(years, people):
    first, second, _third = years
    actions.reopen_round(round_=first, by=people["reviewer"], reason="ตัวเลขผิด")
    assert standing.earlier_for_edition(second) == {}


def test_an_edition_of_a_later_format_is_refused(years):
    content = json.loads(snapshots.freeze(years[0]))
    assert content["format"] == snapshots.FORMAT == 2
    with pytest.raises(snapshots.UnreadableEdition, match="an edition of format 3"):
        snapshots.thawed(content | {"format": 3})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"response": "not_accepted", "response_on": date(2027, 1, 4)}, "response_reason"),
        (
            {
                "response": "not_accepted",
                "response_on": date(2025, 11, 3),
                "response_reason": "ไม่มีงบประมาณ",
            },
            "response_on",
        ),
        ({"target_on": date(2027, 9, 30)}, "target_reason"),
        ({"indicator": "จำนวนภาคี"}, "indicator_unit"),
    ],
)
def test_a_submission_without_what_it_needs_is_refused(years, people, said, field):
    report = find_report(years[2], "1.1")
    fields = {"reported_status": "in_progress", "results": "จัดเวที", **said}
    actions.save_draft(report=report, by=people["staff"], version=0, fields=fields, evidence=[])
    with pytest.raises(actions.Refused) as refused:
        actions.submit(report=report, by=people["staff"], version=1)
    assert set(refused.value.messages) == {field}
    assert StatusReport.objects.get(pk=report.pk).state == "draft"
