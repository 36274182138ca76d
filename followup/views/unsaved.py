"""What the check against forged forms answers: a form's text is kept where it can be."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from followup.views import agency, desk, reporting
from forum_portal import errors

_KEEPERS: dict[str, Callable[..., HttpResponse]] = {
    "staff-report": desk.unsaved,
    "staff-review-report": lambda request, pk: reporting.keep(request),
    "agency-report": agency.unsaved,
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Signing in again changes the token, so a form from before it fails the check: show it anew.

    Nothing is stored. A form that another site sent is not shown at all.
    """
    match = request.resolver_match
    keeper = _KEEPERS.get(match.url_name or "") if match else None
    if match and keeper and request.method == "POST" and _is_from_here(request):
        return keeper(request, **match.kwargs)
    return errors.csrf_failure(request, reason)


def _is_from_here(request: HttpRequest) -> bool:
    """As far as the browser says: older ones say nothing, and then only the token speaks."""
    here = f"{request.scheme}://{request.get_host()}"
    return (
        request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        and request.headers.get("Origin", here) == here
    )
