"""Devices on which somebody has signed in: a signed cookie names the device and for whom it counts.

Failed logins from such a device have a counter of their own; everybody else shares the others. The
cookie is no login: it only says whose counter an attempt is for.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from forum_portal.keys import hmacs

SALT = "followup.devices"
MAX_AGE = 180 * 24 * 60 * 60  # seconds after the last login on it
#: People who share a computer; the one who signed in longest ago is forgotten first.
PEOPLE_MAX = 10
_NEW = "_device"


def known(request: HttpRequest, username: str) -> str:
    """The device's name if this person has signed in on it, else ""."""
    name, people = _read(request)
    return name if any(mark in people for mark in _marks(username)) else ""


def remember(request: HttpRequest, username: str) -> None:
    """Note that this person has just signed in on this device; `send` writes the cookie."""
    name, people = _read(request)
    mark, *_earlier = marks = _marks(username)
    people = [mark, *(each for each in people if each not in marks)][:PEOPLE_MAX]
    setattr(request, _NEW, [name or secrets.token_urlsafe(16), people])


def send(request: HttpRequest, response: HttpResponse) -> None:
    """Write the cookie if somebody has signed in with this request."""
    if new := getattr(request, _NEW, None):
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            signing.dumps(new, salt=SALT),
            max_age=MAX_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        cookie: Any = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=MAX_AGE
        )
    except signing.BadSignature:
        return "", []
    name, people = cookie
    return name, people


def _marks(username: str) -> list[str]:
    """A person in the cookie, who cannot be read from it; by the current key, and by earlier ones."""
    return [each[:32] for each in hmacs(SALT, username.lower())]
