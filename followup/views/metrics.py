"""Figures for Prometheus, and for nobody else."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from followup import health, operation
from forum_portal import metrics
from forum_portal.client import asks_from_here, sends_token


def figures(request: HttpRequest) -> HttpResponse:
    """What this machine's processes counted, and the state of the portal, in Prometheus' text format.

    404 if the figures are off, 403 for whoever may not read them.
    """
    if not metrics.is_on():
        raise Http404
    may_read = sends_token(request, settings.METRICS_TOKEN) or (
        settings.METRICS_LOOPBACK and asks_from_here(request)
    )
    if may_read:
        content, kind = metrics.exposition(operation.gauges(health.examine()))
        response = HttpResponse(content, content_type=kind)
    else:
        response = HttpResponse(
            "METRICS_TOKEN as a bearer token, or METRICS_LOOPBACK\n",
            content_type="text/plain; charset=utf-8",
            status=403,
        )
    add_never_cache_headers(response)
    return response
