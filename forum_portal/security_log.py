"""The security log: who did what, one JSON line for each event (docs/security-log.md).

A line says that something happened, to which row, by whom and from where. It holds no name, no typed
text, no address of a page and nothing that opens anything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from forum_portal.client import client_address

logger = logging.getLogger("portal.security")

#: The bits of an address that a truncated one keeps.
KEEP = {4: 24, 6: 48}
PRIVATE = ("/staff/", "/admin/")


class Event(StrEnum):
    """Every event that the log knows."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    THROTTLED = "throttled"
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"  # by the person
    SECOND_FACTOR_RESET = "second_factor_reset"  # by an administrator
    SECOND_FACTOR_FAILED = "second_factor_failed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    DENIED = "denied"
    LINK_ISSUED = "link_issued"
    LINK_OPENED = "link_opened"
    LINK_REVOKED = "link_revoked"
    LINK_REFUSED = "link_refused"
    IMPORT_CONFIRMED = "import_confirmed"
    IMPORT_APPLIED = "import_applied"
    IMPORT_FAILED = "import_failed"
    IMPORT_UNDONE = "import_undone"
    EXPORTED = "exported"
    PUBLISHED = "published"
    REOPENED = "reopened"
    TAKEN_BACK = "taken_back"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    USER_ACTIVATED = "user_activated"
    USER_DEACTIVATED = "user_deactivated"
    USER_DELETED = "user_deleted"
    USER_ERASED = "user_erased"
    RIGHTS_CHANGED = "rights_changed"
    GROUP_CHANGED = "group_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - one's own
    PASSWORD_SET = "password_set"  # noqa: S105 - by somebody else
    HANDED_OVER = "handed_over"
    FOCAL_POINT_WRITTEN = "focal_point_written"
    FOCAL_POINT_REMOVED = "focal_point_removed"


#: The events that somebody should look at if they are many.
WARNINGS = frozenset(
    {
        Event.LOGIN_FAILED,
        Event.THROTTLED,
        Event.SECOND_FACTOR_FAILED,
        Event.DENIED,
        Event.LINK_REFUSED,
        Event.IMPORT_FAILED,
    }
)

_request: ContextVar[HttpRequest | None] = ContextVar("security_log_request", default=None)


def write(
    event: Event, *, user: Model | None = None, about: Model | str = "", outcome: str = ""
) -> None:
    """Write one line, now.

    `user` did it; if it is None, whoever is signed in. `about` is the row that it was done to, or the
    name of a page or a table. `outcome` is a code word.
    """
    _emit(event, _fields(event, user, about, outcome))


def after_commit(
    event: Event, *, user: Model | None = None, about: Model | str = "", outcome: str = ""
) -> None:
    """Write one line once the current transaction is committed, and none if it is rolled back."""
    fields = _fields(event, user, about, outcome)  # now: a deleted row has lost its key by then
    transaction.on_commit(lambda: _emit(event, fields), robust=True)


def _emit(event: Event, fields: dict[str, Any]) -> None:
    level = logging.WARNING if event in WARNINGS else logging.INFO
    logger.log(level, event.value, extra={"fields": fields})


def _fields(event: Event, user: Model | None, about: Model | str, outcome: str) -> dict[str, Any]:
    request = _request.get()
    if request is not None:
        _written(request).add(event)
    fields = {
        "event": event.value,
        "user": user.pk if user is not None else _signed_in(request),
        "address": shown_address(request) if request is not None else None,
        "object": name_of(about) or None,
    }
    return fields | ({"outcome": outcome} if outcome else {})


def name_of(about: Model | str) -> str:
    """The type and the key of a row, such as "print_job:12"."""
    if isinstance(about, Model):
        kind = re.sub(r"(?<!^)(?=[A-Z])", "_", about._meta.object_name or "").lower()
        return f"{kind}:{about.pk}"
    return about


def _signed_in(request: HttpRequest | None) -> Any:
    user = getattr(request, "user", None)
    return user.pk if user is not None and user.is_authenticated else None


def is_by(user: Model) -> bool:
    """Whether this person is the one who is signed in."""
    return bool(user.pk == _signed_in(_request.get()))


def shown_address(request: HttpRequest) -> str | None:
    """The client's address as SECURITY_LOG_ADDRESS wants it; None if it is not known."""
    try:
        address = ip_address(client_address(request))
    except (ValueError, ImproperlyConfigured):
        return None
    if settings.SECURITY_LOG_ADDRESS == "hashed":
        keyed = salted_hmac("forum_portal.security_log", str(address), algorithm="sha256")
        return keyed.hexdigest()[:16]
    return str(ip_network((address, KEEP[address.version]), strict=False))


# Requests -------------------------------------------------------------------------------------


@contextmanager
def during(request: HttpRequest) -> Iterator[None]:
    """Context manager: events inside belong to this request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def _written(request: HttpRequest) -> set[Event]:
    """The events of this request so far."""
    events: set[Event] = request.__dict__.setdefault("security_events", set())
    return events


class SecurityLogMiddleware:
    """Tell the log whose request it is, and write what shows in the response.

    A refusal (403) of somebody who is signed in, a throttle (429), and every file of a private page: no
    view can forget these.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with during(request):
            response = self.get_response(request)
            event = _shown_by(request, response)
            if event and event not in _written(request):
                write(event, about=page_of(request))
        return response


def _shown_by(request: HttpRequest, response: HttpResponse) -> Event | None:
    if response.status_code == 429:
        return Event.THROTTLED
    if response.status_code == 403 and _signed_in(request):
        return Event.DENIED
    if response.status_code == 200 and request.path.startswith(PRIVATE):
        return Event.EXPORTED if response.has_header("Content-Disposition") else None
    return None


def page_of(request: HttpRequest) -> str:
    """The name of a request's page and its keys, such as "staff-workbook:2569/MSDHS".

    Of the address only numbers and codes are told: a file's name is text, and a link's key is a secret.
    """
    match = request.resolver_match
    if match is None:
        return ""
    keys = [str(value) for value in match.kwargs.values()]
    told = "/".join(key for key in keys if re.fullmatch(r"[A-Z0-9_]{1,20}", key))
    return f"{match.url_name}:{told}" if told else str(match.url_name or "")
