"""One line for each request, its number in X-Request-ID, its figures, and the request that other lines
belong to.

It stands before the kept pages (`page_cache.KeptFirst`), so that these have a line and a number too, and
around the sending of the body: a file's line comes when it is out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from forum_portal import current_request, metrics
from forum_portal.logs import shown_path
from forum_portal.sent import when_closed

logger = logging.getLogger("portal.access")


class RequestLog:
    """A WSGI application around another one. It writes lines if ACCESS_LOG says so."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        now = current_request.begin(environ, is_behind_proxy=settings.BEHIND_PROXY)
        began = time.perf_counter()
        status = 500  # unless the application says so

        def start(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, [*headers, (current_request.HEADER, now.number)], *error)

        def end() -> None:
            seconds = time.perf_counter() - began
            try:
                if settings.ACCESS_LOG:
                    _write(now, status, seconds)
                metrics.observe(now, status, seconds)
            finally:
                current_request.end()

        try:
            body = self._application(environ, start)
        except BaseException:
            end()
            raise
        return when_closed(body, end)


def _write(now: current_request.Current, status: int, seconds: float) -> None:
    duration = round(seconds * 1000)
    logger.info(
        "%s %s %s in %s ms",
        now.method,
        shown_path(now.path),
        status,
        duration,
        extra={"fields": {"status": status, "duration_ms": duration}},
    )


class CurrentRequestMiddleware:
    """Tell the log Django's request, which knows who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if now := current_request.current():
            now.request = request
        return self.get_response(request)
