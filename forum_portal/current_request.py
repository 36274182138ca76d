"""The request that this thread answers, as logs tell it: its number, method, path and who is signed in.

`forum_portal.request_log` says when it begins and ends. Outside of a request (commands, background work)
there is none.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, empty

#: What a proxy's X-Request-ID may be: nothing that could end a line, or fill a log.
NUMBER = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADER = "X-Request-ID"


@dataclass
class Current:
    """A request that is being answered."""

    number: str
    method: str
    path: str  # without its query; a log masks it
    request: HttpRequest | None = None  # once Django has made one
    page: str = ""  # of a public page for strangers: whether it was `kept` or `made`

    @property
    def view(self) -> str:
        """The name of the URL that the request has found; "" for none."""
        found = getattr(self.request, "resolver_match", None)
        return found.view_name if found else ""

    @property
    def user(self) -> Any:
        """The key of whoever is signed in, if something has asked who it is; asks no database."""
        user = self.request.__dict__.get("user") if self.request else None
        if isinstance(user, SimpleLazyObject) and vars(user).get("_wrapped") is empty:
            return None
        return user.pk if user is not None and user.is_authenticated else None


_current: ContextVar[Current | None] = ContextVar("current_request", default=None)


def current() -> Current | None:
    """The request that is being answered here."""
    return _current.get()


def begin(environ: Mapping[str, Any], *, is_behind_proxy: bool) -> Current:
    """Note that a request has arrived. Its X-Request-ID counts if our own proxy is in front."""
    given = environ.get("HTTP_X_REQUEST_ID", "") if is_behind_proxy else ""
    # WSGI's strings are bytes in disguise (PEP 3333).
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
    now = Current(
        number=given if NUMBER.fullmatch(given) else new_number(),
        method=environ.get("REQUEST_METHOD", ""),
        path=path,
    )
    _current.set(now)
    return now


def end() -> None:
    """Note that the answer is out: what this thread logs from now on is of no request."""
    _current.set(None)


def new_number() -> str:
    """A number for a request, short enough to be read out on the telephone."""
    return secrets.token_hex(6)


def number() -> str:
    """The number of this request, or a new one outside of any."""
    now = current()
    return now.number if now else new_number()
