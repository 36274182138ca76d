"""Errors reported to Sentry, if SENTRY_DSN names one: what broke and where, and nothing that was typed.

The library could send much more. So a report is made anew from the few parts below instead of taking
parts away: whatever a later version adds stays here. `forum_portal.apps` calls `start`; without a DSN
the library is not even imported.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.utils import BadDsn

from forum_portal.current_request import current
from forum_portal.environment import refused
from forum_portal.logs import chain_of, masked, message_of, shown_path
from forum_portal.version import VERSION

#: The parts of a report that the library words without a request, a row or a variable.
PLAIN = (
    "environment",
    "event_id",
    "level",
    "logger",
    "platform",
    "release",
    "sdk",
    "server_name",
    "timestamp",
)
#: Of each place in a traceback: the code as it stands in the repository, and never `vars`.
OF_FRAMES = (
    "abs_path",
    "context_line",
    "filename",
    "function",
    "in_app",
    "lineno",
    "module",
    "post_context",
    "pre_context",
)


def start(dsn: str, *, environment: str) -> None:
    """Report errors to this DSN from now on; raises ImproperlyConfigured if it is none."""
    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            release=VERSION,
            before_send=report,
            before_send_transaction=lambda event, hint: None,
            before_breadcrumb=lambda crumb, hint: None,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_metrics=False,
            propagate_traces=False,
            auto_enabling_integrations=False,
            default_integrations=False,
            integrations=[
                AtexitIntegration(callback=lambda pending, timeout: None),
                DedupeIntegration(),
                DjangoIntegration(),
                ExcepthookIntegration(),
                LoggingIntegration(level=None, event_level=logging.ERROR),
                ThreadingIntegration(propagate_scope=False),
            ],
        )
    except BadDsn:
        raise refused("dsn", "SENTRY_DSN") from None
    ignore_logger("forum_portal.errors")  # it tells the number of an error that is reported already


def report(event: Mapping[str, Any], hint: Mapping[str, Any]) -> Any:
    """What is sent of an event (the library's `before_send`)."""
    sent: dict[str, Any] = {name: event[name] for name in PLAIN if name in event}
    if "exception" in event:
        error = (hint.get("exc_info") or (None, None, None))[1]
        told = {type(each).__name__: message_of(each) for each in chain_of(error)} if error else {}
        values = event["exception"].get("values", ())
        sent["exception"] = {"values": [_exception(each, told) for each in values]}
    if "logentry" in event:
        said = event["logentry"].get("formatted") or event["logentry"].get("message") or ""
        sent["logentry"] = {"formatted": masked(said)}
    if event.get("transaction"):
        sent["transaction"] = masked(event["transaction"])  # the pattern of the address
    if url := event.get("request", {}).get("url"):
        path = url.partition("://")[2].partition("/")[2]  # the host is the visitor's word
        sent["request"] = {
            "url": shown_path(f"/{path}"),
            "method": event["request"].get("method"),
        }
    if now := current():
        sent["tags"] = {"request_id": now.number}
    return sent


def _exception(value: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames", ())
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "value": told.get(str(value.get("type")), ""),
        "stacktrace": {
            "frames": [{name: each[name] for name in OF_FRAMES if name in each} for each in frames]
        },
    }
