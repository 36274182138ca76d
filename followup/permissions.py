"""Permissions: functions of (user, object), used by views, actions and templates alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import Q
from django.utils import timezone

from followup.models import (
    AgencyLink,
    Assessment,
    AssessmentState,
    AssessorLink,
    Assignment,
    ReportState,
    Round,
    RoundState,
    SignedLink,
    Snapshot,
    StatusReport,
)
from proposals.models import Forum, Measure

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from followup.models import User
    from followup.models.reports import StatusReportQuerySet

Person: TypeAlias = "User | AnonymousUser"


def may_work(user: Person) -> bool:
    """Whether this person may open the staff pages."""
    return user.has_perm("followup.log_statusreport")


def may_administer(user: Person) -> bool:
    """Whether this person may open the admin."""
    return user.is_active and user.has_perm("followup.change_user")


def may_edit(user: Person, report: StatusReport) -> bool:
    """Save or submit, while the round takes reports and no reviewer has the report."""
    return may_work(user) and report.takes_text


def may_review(user: Person) -> bool:
    return user.has_perm("followup.review_statusreport")


def may_rule(user: Person) -> bool:
    """Store and withdraw the committee's decision on a status, until the round is published (again)."""
    return may_review(user)


def links_known_to(user: Person) -> frozenset[int]:
    """The keys of the agencies' links that this person issued, or opened while signed in."""
    known = Q(issued_by=user.pk) | Q(uses__user=user.pk)
    return frozenset(AgencyLink.objects.filter(known).values_list("pk", flat=True))


def is_own_submission(
    user: Person, report: StatusReport, links: Collection[int] | None = None
) -> bool:
    """Whether this person submitted it, or knows the link through which it was submitted.

    Whoever knows a link can write through it, so that a report from it needs another reviewer. `links`
    are the `links_known_to` this person, where many reports are asked about.
    """
    if report.submitted_by_id is not None:
        return report.submitted_by_id == user.pk
    if report.submitted_link_id is None:
        return False
    return report.submitted_link_id in (links_known_to(user) if links is None else links)


def own_submissions(user: Person) -> Q:
    """The same as a condition on reports, for counting many."""
    known = Q(issued_by=user.pk) | Q(uses__user=user.pk)
    links = AgencyLink.objects.filter(known).values("pk")
    return Q(submitted_by=user.pk) | Q(submitted_by__isnull=True, submitted_link__in=links)


def may_decide(user: Person, report: StatusReport, links: Collection[int] | None = None) -> bool:
    """Approve or return, as a reviewer who is not the submitter, until the round is published.

    `links`: see `is_own_submission`.
    """
    return (
        may_review(user)
        and report.round.state in {RoundState.OPEN, RoundState.CLOSED}
        and report.state == ReportState.SUBMITTED
        and not is_own_submission(user, report, links)
    )


def sent_by(
    report: StatusReport, *, by: Person | None = None, link: AgencyLink | None = None
) -> bool:
    """Whether this person, or this very link, has submitted what waits for a reviewer now."""
    if report.state != ReportState.SUBMITTED or report.round.state != RoundState.OPEN:
        return False
    if link is not None:
        return report.submitted_link_id == link.pk
    return by is not None and may_work(by) and report.submitted_by_id == by.pk


def may_recall(
    report: StatusReport, *, by: Person | None = None, link: AgencyLink | None = None
) -> bool:
    """Take one's own submission back, until a reviewer has opened it."""
    return sent_by(report, by=by, link=link) and report.review_opened_at is None


def may_send_back(user: Person, report: StatusReport) -> bool:
    """Return a submitted or even approved report, until the round is published (again)."""
    return (
        may_review(user)
        and report.round.state in {RoundState.OPEN, RoundState.CLOSED}
        and report.is_settled
        and not is_own_submission(user, report)
    )


def may_withdraw(user: Person, report: StatusReport) -> bool:
    """Take a written report out of its round, while the round is open (again)."""
    return (
        may_administer(user)
        and report.round.state == RoundState.OPEN
        and not (report.is_withdrawn or report.is_untouched)
    )


def may_restore(user: Person, report: StatusReport) -> bool:
    """Put a withdrawn report back into its round, while the round is open (again)."""
    return may_administer(user) and report.round.state == RoundState.OPEN and report.is_withdrawn


def may_run(user: Person) -> bool:
    """Create, open and close rounds."""
    return user.has_perm("followup.run_round")


def may_publish(user: Person) -> bool:
    return user.has_perm("followup.publish_round")


def may_import(user: Person) -> bool:
    """Import spreadsheets, and undo an import."""
    return user.has_perm("followup.use_import")


def may_issue_links(user: Person) -> bool:
    """Issue an agency's link to its own form, and revoke it."""
    return may_work(user)


def may_write_by_link(user: Person) -> bool:
    """Write through an agency's link: only somebody who is not signed in, as the agency would."""
    return not user.is_authenticated


# An agency's link has no user: it gives access to its agency's reports of its round.


def link_works(link: SignedLink) -> bool:
    """Whether it is neither revoked nor expired, and its round is at work."""
    return (
        link.revoked_at is None
        and timezone.now() < link.expires_at
        and link.round.state in {RoundState.OPEN, RoundState.CLOSED}  # type: ignore[attr-defined]
    )


def reports_of(link: AgencyLink) -> StatusReportQuerySet:
    """The reports that a link gives access to: their assignments are in force in that year."""
    return StatusReport.objects.standing().filter(
        round=link.round_id,
        assignment__agency=link.agency_id,
        assignment__in=Assignment.objects.valid_in(link.round.year_be),
    )


def link_reaches(link: AgencyLink, report: StatusReport) -> bool:
    return link_works(link) and reports_of(link).filter(pk=report.pk).exists()


def may_reply(report: StatusReport) -> bool:
    """Reply to the committee's assessment, if its status differs from the reported one."""
    return (
        report.state == ReportState.APPROVED
        and report.voices_differ
        and report.round.state in {RoundState.OPEN, RoundState.CLOSED}
    )


def evidence_hidden_from(link: AgencyLink | None, report: StatusReport) -> set[int]:
    """The pks of internal evidence hidden from an agency: pieces that it did not give itself."""
    if link is None:
        return set()
    return {
        piece.pk
        for piece in report.evidence.all()
        if not piece.is_public and piece.given_by_id != link.agency_id
    }


# The independent voice: an organisation writes by its own link, and sees nothing but its own.


def may_keep_organisations(user: Person) -> bool:
    """Register an organisation, change it, invite it by a link, and end its registration."""
    return may_work(user)


def assessor_link_works(link: AssessorLink) -> bool:
    """Whether an organisation's link works, and the organisation still is a registered one."""
    return link_works(link) and link.organisation.is_active


def takes_assessments(round_: Round) -> bool:
    """Whether a round takes assessments: from its opening until it is published (again)."""
    return round_.state in {RoundState.OPEN, RoundState.CLOSED}


def assessable_in(round_: Round) -> QuerySet[Measure]:
    """The measures that may be assessed in a round: those that it follows up, in the source's order."""
    followed = Forum.objects.followed_in(round_.year_be)
    replaced = Measure.objects.replaced_in(round_.year_be)
    return (
        Measure.objects.filter(resolution__forum__in=followed)
        .exclude(pk__in=replaced.values("pk"))
        .order_by("resolution__forum__year_be", "resolution__number", "number")
    )


def assessments_of(link: AssessorLink) -> QuerySet[Assessment]:
    """The assessments that a link gives access to: its organisation's, in its round."""
    return Assessment.objects.filter(round=link.round_id, organisation=link.organisation_id)


def may_moderate(user: Person, assessment: Assessment) -> bool:
    """Accept or return a submitted assessment, or return an accepted one, until the publication.

    Whoever issued the link through which it came knows the link, so that somebody else decides.
    """
    return (
        may_review(user)
        and takes_assessments(assessment.round)
        and assessment.state in {AssessmentState.SUBMITTED, AssessmentState.ACCEPTED}
        and not issued_its_link(user, assessment)
    )


def issued_its_link(user: Person, assessment: Assessment) -> bool:
    """Whether this person issued the link through which an assessment was submitted."""
    link = assessment.submitted_link
    return link is not None and link.issued_by_id == user.pk


def may_answer_assessment(user: Person, assessment: Assessment) -> bool:
    """Write the committee's answer to an accepted assessment, until the publication."""
    return (
        may_review(user)
        and takes_assessments(assessment.round)
        and assessment.state == AssessmentState.ACCEPTED
    )


def may_answer(user: Person) -> bool:
    """Read the public's messages, take them up, answer and decline them."""
    return may_work(user)


def may_see_sender(user: Person) -> bool:
    """See the contact and the file of a message: whoever answers it may have to ask back."""
    return may_answer(user)


def may_narrate(user: Person, round_: Round) -> bool:
    """Write the annual report's texts, until the round is published (again)."""
    return may_work(user) and round_.state != RoundState.PUBLISHED


def texts_are_settled(forum: Forum) -> bool:
    """Whether a round expects reports of a forum, or an edition shows it: its texts then stay.

    The untouched reports of an open round count, because letters and links name the measures.
    """
    if StatusReport.objects.filter(assignment__measure__resolution__forum=forum.pk).exists():
        return True
    published = Snapshot.objects.standing().filter(round__published_at__isnull=False)
    return published.filter(content__contains=f'"forum_id":{forum.pk},').exists()
