"""Which reports belong to one activity, and how pages say so."""

import pytest

from followup import joint_reports
from followup.models import StatusReport
from followup.report_fields import FIELDS, Kind
from followup.tests.factories import measure_of


def test_the_shared_columns_are_declared_texts():
    assert all(FIELDS[name].kind is Kind.TEXT for name in joint_reports.SHARED)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([], ""),
        (["2565-3.2"], "รายงานร่วมกับ 3.2"),
        (["2565-3.2", "2565-3.5"], "รายงานร่วมกับ 3.2 และ 3.5"),
        (["2565-1.1", "2565-3.2", "2565-3.5"], "รายงานร่วมกับ 1.1, 3.2 และ 3.5"),
    ],
)
def test_in_words(forum, codes, words):
    measures = [measure_of(code) for code in codes]
    assert joint_reports.in_words(measures, several_forums=False) == words
    if codes:
        assert codes[-1] in joint_reports.in_words(measures, several_forums=True)


def test_only_what_was_received_is_named(open_round):
    reports = list(open_round.reports.with_context()[:3])
    main, other, third = reports
    other.told_in = third.told_in = main
    main.state = other.state = "approved"
    joint_reports.mark(reports)
    assert main.joint_with == [other.measure]
    assert other.joint_with == [main.measure]
    assert third.joint_with == ()


def test_candidates_are_ones_own_that_take_text(open_round):
    every = open_round.reports.with_context()
    agency = next(
        each.assignment.agency
        for each in every
        if every.filter(assignment__agency=each.assignment.agency_id).count() > 3
    )
    first, second, third, *others = every.filter(assignment__agency=agency)
    StatusReport.objects.filter(pk=second.pk).update(told_in=third)
    StatusReport.objects.filter(pk=others[0].pk).update(
        state="submitted", reported_status="not_started", submitted_at=open_round.opened_at
    )
    assert joint_reports.candidates(first) == [third, *others[1:]]
    first.told_in = others[0]
    assert others[0] in joint_reports.candidates(first), "what it refers to already"
    second.refresh_from_db()
    assert joint_reports.partners(second) == [third]
    assert joint_reports.mark_one(third) == [second]
    assert third.joint_with == [second.measure]
