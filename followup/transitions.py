"""The workflow transitions of a report: the attributes that each one sets.

The actions move one report, an import moves many; both call these functions, so that a transition
is the same in both. They only set attributes. The caller checks permissions and concurrent writes,
under the lock with which it writes.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from followup.models import AgencyLink, ReportState, StatusReport, User
from followup.report_fields import Writer, written_by


def submit(
    report: StatusReport, *, by: User | None, at: datetime, link: AgencyLink | None = None
) -> None:
    """Submit it to the reviewers. `by` is None if an agency's link submits."""
    report.state = ReportState.SUBMITTED
    report.submitted_by, report.submitted_link, report.submitted_at = by, link, at
    report.reported_on = timezone.localdate(at)
    report.return_reason = ""
    report.review_opened_at = report.review_opened_by = None


def recall(report: StatusReport) -> None:
    """Take the submission back: a draft again, submitted by nobody."""
    report.state = ReportState.DRAFT
    report.submitted_by = report.submitted_link = report.submitted_at = None


def approve(report: StatusReport, *, by: User, at: datetime) -> None:
    report.state = ReportState.APPROVED
    report.approved_by, report.approved_at = by, at


def send_back(report: StatusReport, *, reason: str) -> None:
    """Return it to its writers; an approval is removed, the assessment stays without its grade.

    The grade tells what the approved evidence came to; the caller clears its grounds.
    """
    report.state = ReportState.RETURNED
    report.assessed_grade = ""
    report.return_reason = reason
    report.approved_by = report.approved_at = None


def withdraw(report: StatusReport, *, reason: str) -> None:
    """Take it out of its round; its content, submission and approval stay."""
    report.state = ReportState.WITHDRAWN
    report.withdrawn_reason = reason


def restore(report: StatusReport) -> None:
    """Put it back into its round, in the state that it had: what it kept says which."""
    if report.approved_at is not None:
        report.state = ReportState.APPROVED
    elif report.return_reason:
        report.state = ReportState.RETURNED
    elif report.submitted_at is not None:
        report.state = ReportState.SUBMITTED
    else:
        report.state = ReportState.DRAFT
    report.withdrawn_reason = ""


def take_up(report: StatusReport) -> None:
    """Make it writable again: a draft stays a draft, a returned one keeps its state and reason.

    A settled one becomes a draft without submission, approval or assessment; the caller clears the
    grounds of the assessment.
    """
    if not report.is_settled:
        return
    report.state = ReportState.DRAFT
    report.return_reason = ""
    report.submitted_by = report.submitted_link = report.submitted_at = None
    report.approved_by = report.approved_at = None
    report.review_opened_at = report.review_opened_by = None
    for field in written_by(Writer.COMMITTEE, Writer.REPLY):
        setattr(report, field.name, field.empty)
