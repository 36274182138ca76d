"""Who may do what: functions of (user, object), used by views, actions and templates alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from django.utils import timezone

from followup.models import (
    AgencyLink,
    Assignment,
    Evidence,
    ReportState,
    Round,
    RoundState,
    StatusReport,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from followup.models import User
    from followup.models.reports import StatusReportQuerySet

Person: TypeAlias = "User | AnonymousUser"


def may_work(user: Person) -> bool:
    """Whether the staff pages are for this person at all."""
    return user.has_perm("followup.log_statusreport")


def may_administer(user: Person) -> bool:
    """Whether the admin is for this person."""
    return user.is_active and user.has_perm("followup.change_user")


def may_edit(user: Person, report: StatusReport) -> bool:
    """Save or submit: while the round takes reports and the report is not with the reviewer."""
    return may_work(user) and report.takes_text


def may_review(user: Person) -> bool:
    return user.has_perm("followup.review_statusreport")


def is_own_submission(user: Person, report: StatusReport) -> bool:
    return report.submitted_by_id is not None and report.submitted_by_id == user.pk


def may_decide(user: Person, report: StatusReport) -> bool:
    """Approve or return: a reviewer other than the one who submitted, until the round is public."""
    return (
        may_review(user)
        and report.round.state in {RoundState.OPEN, RoundState.CLOSED}
        and report.state == ReportState.SUBMITTED
        and not is_own_submission(user, report)
    )


def may_send_back(user: Person, report: StatusReport) -> bool:
    """Return what was submitted, or even approved, until the round is public (again)."""
    return (
        may_review(user)
        and report.round.state in {RoundState.OPEN, RoundState.CLOSED}
        and report.state in {ReportState.SUBMITTED, ReportState.APPROVED}
        and not is_own_submission(user, report)
    )


def may_run(user: Person) -> bool:
    """Create, open and close rounds."""
    return user.has_perm("followup.run_round")


def may_publish(user: Person) -> bool:
    return user.has_perm("followup.publish_round")


def may_import(user: Person) -> bool:
    """Bring in spreadsheets, and take an import back."""
    return user.has_perm("followup.use_import")


def may_issue_links(user: Person) -> bool:
    """Give an agency a link to its own form, and take it back."""
    return may_work(user)


# An agency's link is nobody who signs in: it reaches its own agency's reports of its own round.


def link_works(link: AgencyLink) -> bool:
    """Neither revoked nor expired, and its round is being worked on."""
    return (
        link.revoked_at is None
        and timezone.now() < link.expires_at
        and link.round.state in {RoundState.OPEN, RoundState.CLOSED}
    )


def reports_of(link: AgencyLink) -> StatusReportQuerySet:
    """What a link reaches: where the agency's assignment is still in force in that year."""
    return StatusReport.objects.filter(
        round=link.round_id,
        assignment__agency=link.agency_id,
        assignment__in=Assignment.objects.valid_in(link.round.year_be),
    )


def link_reaches(link: AgencyLink, report: StatusReport) -> bool:
    return link_works(link) and reports_of(link).filter(pk=report.pk).exists()


def may_reply(report: StatusReport) -> bool:
    """Answer the committee's assessment, where it differs from what the agency reported."""
    return (
        report.state == ReportState.APPROVED
        and report.voices_differ
        and report.round.state in {RoundState.OPEN, RoundState.CLOSED}
    )


def evidence_hidden_from(link: AgencyLink | None, report: StatusReport) -> set[int]:
    """Keys of the internal evidence that an agency does not see: what it has not given itself."""
    if link is None:
        return set()
    internal = {piece.pk for piece in report.evidence.all() if not piece.is_public}
    if not internal:
        return set()
    given = Evidence.history.filter(
        id__in=internal, history_type="+", via=link.agency.link_name
    ).values_list("id", flat=True)
    return internal - set(given)


def may_see(user: Person, round_: Round) -> bool:
    """Published rounds are everybody's; the others are for those who work on them."""
    return round_.is_public or may_work(user)


def may_narrate(user: Person, round_: Round) -> bool:
    """Write the annual report's own texts: until the round is published (again)."""
    return may_work(user) and round_.state != RoundState.PUBLISHED
