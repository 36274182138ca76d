"""The size of a request's body: what an address takes is decided before anything reads it.

A view without a limit of its own takes `SMALL`. `@takes_body` gives it another one, which may depend on
who asks, so that only those who may upload can send an upload. What no view read is thrown away once the
answer is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from forum_portal import errors
from forum_portal.sent import when_closed
from forum_portal.uploads import TOGETHER

#: Bytes: a login, a search, a confirmation.
SMALL = 64 * 1024
#: Bytes: a long form without files, whose text comes back on the page of an ended session or link.
TYPED = 1024 * 1024
#: Seconds for which the rest of a body that was not read is thrown away.
DISCARDING = 5

Limit = Callable[..., int]
View = TypeVar("View", bound=Callable[..., Any])


def form_bytes() -> int:
    """The longest form without files, every text over its limit."""
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def upload_bytes() -> int:
    """The longest form with files: those that are dropped on arrival may be twice as large."""
    return form_bytes() + 2 * TOGETHER * int(settings.EVIDENCE_MAX_BYTES)


def takes_body(limit: Limit) -> Callable[[View], View]:
    """Decorate a view: `limit(request, **kwargs)` is the largest body that it takes, in bytes."""

    def decorate(view: View) -> View:
        view.body_limit = limit  # type: ignore[attr-defined]
        return view

    return decorate


class DiscardsUnread:
    """A WSGI application around another one: once an answer is sent, throw away what nothing read.

    A server that closes a connection with unread data resets it. A proxy that still sends the body may
    then lose the answer, and says that the portal is away. gunicorn itself discards no more than 64 KiB.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = self._application(environ, start_response)
        if "gunicorn.socket" not in environ:  # another server's `wsgi.input` may wait at the end
            return body
        return when_closed(body, lambda: _discard(environ))


def _discard(environ: dict[str, Any]) -> None:
    """For `DISCARDING` seconds, up to the largest body that the portal takes."""
    connection, body = environ["gunicorn.socket"], environ["wsgi.input"]
    left, end = upload_bytes(), time.monotonic() + DISCARDING
    usual = connection.gettimeout()
    with suppress(OSError, ValueError):  # the client is gone, or too slow
        while left > 0 and (seconds := end - time.monotonic()) > 0:
            connection.settimeout(seconds)
            if not (piece := body.read(SMALL)):
                break
            left -= len(piece)
    with suppress(OSError):
        connection.settimeout(usual)


class BodyLimitMiddleware:
    """Answer 413 to a body over its view's limit. It stands before whatever reads bodies (CSRF)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        length = _length(request)
        if length <= SMALL:
            return None
        limit = getattr(view, "body_limit", None)
        if limit is not None and length <= limit(request, **kwargs):
            return None
        return errors.too_large(request)


def _length(request: HttpRequest) -> int:
    """The declared length in bytes. A body without one is read by nothing (PEP 3333)."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
