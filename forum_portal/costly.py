"""Addresses that cost much: how many are answered at once, and how many one visitor may ask for.

The counts are of one process and live in its memory, so that a read writes nothing and needs no database.
A web process answers `AT_ONCE` costly requests at a time, and one more waits for its turn; the other
threads are free for the pages. Who is refused gets that answer after a pause, so that asking again and
again does not take the processor from the readers; a few refusals pause at a time, the others come at
once. Nobody's requests are counted by name: the key is the client's address, hashed with a salt of this
process and forgotten after a minute.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from forum_portal import errors
from forum_portal.client import client_address

AT_ONCE = 1
WAITING = 1  # requests that wait for their turn
PATIENCE = 5.0  # seconds for which one waits
REMEMBERED = 10_000  # clients
PAUSE = 1.0  # seconds before a refusal
PAUSING = 8  # refusals that pause at a time: each holds a thread

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Visits:
    """The recent requests of each client: `used` counts one, and returns the seconds to wait, or 0."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, tuple[float, int]] = (
            OrderedDict()
        )  # client -> (since, count)
        self._salt = secrets.token_bytes(16)

    def used(self, client: str) -> int:
        key, now = (
            blake2b(client.encode(), key=self._salt, digest_size=12).digest(),
            time.monotonic(),
        )
        with self._lock:
            while self._seen:
                oldest, (since, _count) = next(iter(self._seen.items()))
                if now - since < 60 and len(self._seen) < REMEMBERED:
                    break
                del self._seen[oldest]
            since, count = self._seen.get(key, (now, 0))
            self._seen[key] = since, count + 1
        return 0 if count < settings.COSTLY_PER_MINUTE else max(1, round(60 - (now - since)))

    def forget(self) -> None:
        """Forget every request."""
        with self._lock:
            self._seen.clear()


visits = Visits()
pause = time.sleep
_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)
_pauses = threading.BoundedSemaphore(PAUSING)


def costly(
    view: View | None = None, *, when: Callable[[HttpRequest], bool] = lambda request: True
) -> Any:
    """Decorate a view whose answer costs much, `when` says so: 429 with Retry-After over the limits.

    A streamed answer is made whole while it is this request's turn, so that a slow reader holds no place.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def in_turn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in {"GET", "HEAD"} or not when(request):
                return view(request, *args, **kwargs)
            if wait := visits.used(client_address(request)):
                return _refused(request, wait)
            if not _places.acquire(blocking=False):
                return _refused(request, round(PATIENCE))
            try:
                if not _turns.acquire(timeout=PATIENCE):
                    return _refused(request, round(PATIENCE))
                try:
                    return _whole(view(request, *args, **kwargs))
                finally:
                    _turns.release()
            finally:
                _places.release()

        return in_turn

    return decorate(view) if view else decorate


def _refused(request: HttpRequest, seconds: int) -> HttpResponse:
    if _pauses.acquire(blocking=False):
        try:
            pause(PAUSE)
        finally:
            _pauses.release()
    return errors.too_many(request, seconds)


def _whole(response: HttpResponseBase) -> HttpResponseBase:
    if not isinstance(response, StreamingHttpResponse) or getattr(response, "is_from_disk", False):
        return response  # a file (`kept_files`) costs nothing more
    whole = HttpResponse(response.getvalue(), status=response.status_code)
    whole.headers = response.headers
    whole.cookies = response.cookies
    return whole
