"""The steps of a report's way, as verbs and imports take them."""

from datetime import UTC, date, datetime

import pytest

from followup import transitions
from followup.models import ReportState
from followup.tests.factories import find_report

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)  # the 21st in Bangkok


@pytest.fixture
def report(open_round):
    return find_report(open_round, "1.2")


def test_a_submission_names_who_and_the_day_in_bangkok(report, people):
    report.return_reason = "ระบุจำนวน"
    transitions.submit(report, by=people["staff"], at=EVENING)
    assert (report.state, report.submitted_by) == (ReportState.SUBMITTED, people["staff"])
    assert report.reported_on == date(2026, 11, 21)
    assert report.return_reason == ""
    assert report.is_settled


def test_sending_back_takes_an_approval_away(report, people):
    transitions.submit(report, by=people["staff"], at=EVENING)
    transitions.approve(report, by=people["reviewer"], at=EVENING)
    assert report.is_settled
    transitions.send_back(report, reason="แก้ตัวเลข")
    assert (report.state, report.return_reason) == (ReportState.RETURNED, "แก้ตัวเลข")
    assert (report.approved_by, report.approved_at) == (None, None)
    assert not report.is_settled


@pytest.mark.parametrize("state", [ReportState.DRAFT, ReportState.RETURNED])
def test_what_is_not_settled_stays_what_it_is_when_it_is_written_into(report, state):
    report.state, report.return_reason = state, "เหตุผล"
    transitions.take_up(report)
    assert (report.state, report.return_reason) == (state, "เหตุผล")


@pytest.mark.parametrize("state", [ReportState.SUBMITTED, ReportState.APPROVED])
def test_what_is_settled_becomes_a_draft_of_nobody(report, people, state):
    transitions.submit(report, by=people["staff"], at=EVENING)
    transitions.approve(report, by=people["reviewer"], at=EVENING)
    report.state, report.assessed_status, report.agency_reply = state, "on_hold", "ชี้แจง"
    transitions.take_up(report)
    assert report.state == ReportState.DRAFT
    assert (report.submitted_by, report.submitted_at) == (None, None)
    assert (report.approved_by, report.approved_at) == (None, None)
    assert (report.assessed_status, report.agency_reply) == ("", "")
