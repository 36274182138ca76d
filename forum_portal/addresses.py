"""Whole addresses of this site, the only place that makes them.

They begin with PORTAL_URL and never with what a request says of itself: a Host header is the
sender's word, and a page made from it may be cached, mailed or copied.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import iri_to_uri


def absolute(path: str, request: HttpRequest | None = None) -> str:
    """The whole address of a path of this site, which begins with `/`.

    Without PORTAL_URL, which only a local portal may lack, the request's own address is taken, so
    that links work on any port; without a request, the port in PORT.
    """
    return _base(request) + str(iri_to_uri(path))


def absolute_in(request: HttpRequest) -> Callable[[str], str]:
    """`absolute` for one request, for functions that know no request."""
    return partial(absolute, request=request)


def _base(request: HttpRequest | None) -> str:
    if settings.PORTAL_URL:
        return str(settings.PORTAL_URL)
    return origin_of(request) if request else f"http://127.0.0.1:{settings.LOCAL_PORT}"


def origin_of(request: HttpRequest) -> str:
    """The origin that the browser sees, to compare with its Origin header; not for links."""
    return f"{request.scheme}://{request.get_host()}"
