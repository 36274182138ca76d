"""Whether the portal works, for whoever watches it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse

from followup import health, permissions
from forum_portal.client import sends_token
from forum_portal.version import VERSION


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: 200 if the process and its database answer, otherwise 503, within two seconds.

    The first line is what probes read; the second one is the version that runs.
    """
    [finding] = health.examine(["database"]).values()
    text = f"ok\n{VERSION}\n" if finding.is_ok else "the database does not answer\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    return _watched(response, finding.is_ok)


def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: 200 if every part works, otherwise 503. Staff and probes read which part does not."""
    found = health.examine()
    is_ready = all(finding.is_ok for finding in found.values())
    document: dict[str, Any] = {"ready": is_ready}
    if _may_read(request, database=found["database"].is_ok):
        document["checks"] = {
            name: {"ok": finding.is_ok, "detail": finding.english}
            for name, finding in found.items()
        }
    return _watched(JsonResponse(document), is_ready)


def _watched(response: HttpResponse, is_ok: bool) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    if not is_ok:
        response.status_code = 503
        response["Retry-After"] = "60"
    return response


def _may_read(request: HttpRequest, *, database: bool) -> bool:
    """Whether a probe asks with PROBE_TOKEN, or somebody of the staff is signed in."""
    if sends_token(request, settings.PROBE_TOKEN):
        return True
    try:
        return database and permissions.may_work(request.user)
    except Error:  # the database went away in between
        return False
