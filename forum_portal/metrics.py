"""Figures of the running portal for Prometheus, gathered from all processes of the web server.

Off unless METRICS_TOKEN or METRICS_LOOPBACK is set; the library is imported only then. No label holds
what a visitor wrote: a view is the name of its URL, methods and views that are not the portal's are one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from forum_portal.current_request import Current

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

#: The variable by which the library's processes find the folder where they count together.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: Upper limits of the durations that are told apart, in seconds.
SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
OTHER = "other"
#: What answers without a view of the portal: a kept page, a static file, or none of them.
KEPT, STATIC, NO_VIEW = "(kept)", "(static)", "(none)"


class Gauge(NamedTuple):
    """A figure of this moment: its values by the values of its labels."""

    name: str
    help: str
    labels: tuple[str, ...]
    values: Mapping[tuple[str, ...], float]


class _Instruments(NamedTuple):
    registry: CollectorRegistry
    requests: Histogram
    pages: Counter


def is_on() -> bool:
    """Whether anybody may read the figures. Otherwise nothing is counted."""
    return bool(settings.METRICS_TOKEN or settings.METRICS_LOOPBACK)


def observe(now: Current, status: int, seconds: float) -> None:
    """Count a request whose answer is out, if the figures are on."""
    if not is_on():
        return
    instruments = _instruments()
    method = now.method if now.method in METHODS else OTHER
    instruments.requests.labels(method, _view(now), str(status)).observe(seconds)
    if now.page:
        instruments.pages.labels(now.page).inc()


def exposition(gauges: Iterable[Gauge] = ()) -> tuple[bytes, str]:
    """(text, content type): what was counted by all processes of this machine, and `gauges`."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    counted = _instruments().registry
    if os.environ.get(FOLDER):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    of_now = CollectorRegistry()
    of_now.register(_Given(gauges))
    return generate_latest(counted) + generate_latest(of_now), CONTENT_TYPE_LATEST


class _Given:
    """A collector of gauges that are known already."""

    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for labels, value in gauge.values.items():
                family.add_metric(labels, value)
            yield family


def _view(now: Current) -> str:
    if now.page == "kept":
        return KEPT
    if now.path.startswith(settings.STATIC_URL):
        return STATIC
    return now.view or NO_VIEW


@lru_cache(maxsize=1)
def _instruments() -> _Instruments:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    return _Instruments(
        registry,
        Histogram(
            "portal_request_seconds",
            "Requests, and the seconds until their answer was out.",
            ["method", "view", "status"],
            buckets=SECONDS,
            registry=registry,
        ),
        Counter(
            "portal_public_pages",
            "Public pages for strangers: kept ones, and those that were made.",
            ["how"],
            registry=registry,
        ),
    )


# Of the web server's first process -------------------------------------------------------------


def begin_together() -> None:
    """Name a new folder where the processes that are started from here count together.

    It is in memory where the machine has such a place: writing to a full disk would end the process.
    """
    if os.environ.get(FOLDER):
        return
    memory = Path("/dev/shm")  # noqa: S108  mkdtemp makes the folder for this user alone
    parent = memory if os.access(memory, os.W_OK | os.X_OK) else None
    os.environ[FOLDER] = tempfile.mkdtemp(prefix=f"portal-metrics-{os.getpid()}-", dir=parent)


def forget(pid: int) -> None:
    """Note that a process has ended. What it counted stays."""
    if os.environ.get(FOLDER):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)


def end_together() -> None:
    """Remove the folder of `begin_together`, if there is one."""
    if folder := os.environ.pop(FOLDER, ""):
        shutil.rmtree(folder, ignore_errors=True)
