"""The CSRF failure view: it keeps the text of a form if possible."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from followup.forms.assessments import OrganisationForm
from followup.forms.feedback import TypedForm
from followup.forms.secretariat import DueForm, RevokeForm, RulingForm, TakeBackForm
from followup.views import (
    agency_link,
    assessments,
    assessor_link,
    assignments,
    desk,
    feedback,
    forum_entry,
    forum_marking,
    groups,
    kept,
    many_agencies,
    report_form,
    shared_evidence,
)
from forum_portal import addresses, errors

_KEEPERS: dict[str, Callable[..., HttpResponse]] = {
    "staff-report": desk.unsaved,
    "staff-report-withdraw": lambda request, pk: report_form.keep(request),
    "staff-review-report": lambda request, pk: report_form.keep(request),
    "agency-report": agency_link.unsaved,
    "assessor-measure": assessor_link.unsaved,
    "staff-assessment": assessments.unsaved,
    "staff-organisation": kept.unsaved(OrganisationForm),
    "staff-organisation-new": kept.unsaved(OrganisationForm),
    "staff-organisation-revoke": kept.unsaved(RevokeForm),
    "feedback-new": feedback.unsaved,
    "staff-feedback-message": kept.unsaved(TypedForm),
    "staff-report-evidence": shared_evidence.unsaved,
    "staff-assignments": assignments.unsaved,
    "staff-assignment-step": assignments.unsaved,
    "staff-assignment-add": assignments.unsaved,
    "staff-assignment-replace": assignments.unsaved,
    "staff-agencies": many_agencies.unsaved,
    "staff-agencies-letters": many_agencies.unsaved,
    "staff-agencies-mail": many_agencies.unsaved,
    "staff-agencies-links": many_agencies.unsaved,
    "staff-link-revoke": kept.unsaved(RevokeForm),
    "staff-ruling": kept.unsaved(RulingForm),
    "staff-round-due": kept.unsaved(DueForm),
    "staff-round-undo": kept.unsaved(TakeBackForm),
    "staff-group": groups.keep,
    "staff-group-new": groups.keep,
    "staff-forum-correct": forum_entry.unsaved(forum_entry.correct),
    "staff-forum-facts": forum_entry.unsaved(forum_entry.facts),
    "staff-forum-source": forum_entry.unsaved(forum_entry.source),
    "staff-forum-marks": forum_entry.unsaved(forum_marking.marks),
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show the form again: signing in changes the CSRF token, so an earlier form fails the check.

    Nothing is stored. A form that another site sent is not shown at all.
    """
    match = request.resolver_match
    keeper = _KEEPERS.get(match.url_name or "") if match else None
    if match and keeper and request.method == "POST" and _is_from_here(request):
        return keeper(request, **match.kwargs)
    return errors.csrf_failure(request, reason)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether the browser declares this site as origin; older browsers declare none, which passes."""
    here = addresses.origin_of(request)
    return (
        request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        and request.headers.get("Origin", here) == here
    )
