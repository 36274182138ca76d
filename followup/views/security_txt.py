"""`/.well-known/security.txt` (RFC 9116): how whoever found a hole reaches the office."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from forum_portal.addresses import absolute
from forum_portal.page_cache import public_page
from forum_portal.version import RELEASED_ON

#: For how long after a release its contact is taken as right. The RFC asks for less than a year.
VALID_FOR = timedelta(days=364)


@public_page()
def security_txt(request: HttpRequest) -> HttpResponse:
    """The file; 404 if SECURITY_CONTACT is not set, because without a contact it is not valid."""
    if not settings.SECURITY_CONTACT:
        raise Http404("SECURITY_CONTACT is not set")
    canonical = absolute(reverse("security-txt"), request)
    fields = [
        ("Contact", settings.SECURITY_CONTACT),
        ("Expires", _moment(settings.SECURITY_EXPIRES or RELEASED_ON + VALID_FOR)),
        ("Preferred-Languages", "th, en"),
        # A local portal without PORTAL_URL has no address that the RFC allows here.
        ("Canonical", canonical if canonical.startswith("https://") else ""),
        ("Policy", settings.SECURITY_POLICY),
    ]
    lines = [f"{name}: {value}" for name, value in fields if value]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _moment(day: date) -> str:
    """The beginning of a day, as RFC 3339 writes it.

    A release's day stands still while the portal runs, unlike one that is counted from today: a portal
    that nobody has upgraded for a year says that nobody stands by its contact.
    """
    return f"{datetime.combine(day, time(), UTC):%Y-%m-%dT%H:%M:%SZ}"
