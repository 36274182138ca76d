"""Figures for Prometheus: what is counted, from all processes, and nothing that a visitor wrote."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from forum_portal import metrics
from forum_portal.current_request import Current
from forum_portal.metrics import Gauge
from forum_portal.tests.test_gunicorn import answer, running


@pytest.fixture
def counting(settings, monkeypatch):
    """The figures are on, and begin anew."""
    settings.METRICS_TOKEN = "m" * 40
    monkeypatch.delenv(metrics.FOLDER, raising=False)
    metrics._instruments.cache_clear()
    yield
    metrics._instruments.cache_clear()


def asked(method="GET", path="/", view="", page=""):
    """A request that found this view."""
    match = SimpleNamespace(view_name=view) if view else None
    request = SimpleNamespace(resolver_match=match)
    return Current("0123456789ab", method, path, request, page)  # type: ignore[arg-type]


def samples(text):
    """{(name, labels): value} of an exposition."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def requests(text):
    """{(method, view, status): requests} of an exposition."""
    return {
        (labels["method"], labels["view"], labels["status"]): value
        for (name, *given), value in samples(text).items()
        if name == "portal_request_seconds_count" and (labels := dict(given))
    }


def exposed(*gauges):
    text, kind = metrics.exposition(gauges)
    assert kind.startswith("text/plain; version=")
    return text.decode()


def test_requests_are_counted_by_method_view_and_status(counting):
    metrics.observe(asked(view="home"), 200, 0.2)
    metrics.observe(asked(view="home"), 200, 0.3)
    metrics.observe(asked("POST", "/staff/reports/7/", view="staff-report"), 422, 1.5)
    text = exposed()
    assert requests(text) == {("GET", "home", "200"): 2, ("POST", "staff-report", "422"): 1}
    home = (("method", "GET"), ("status", "200"), ("view", "home"))
    found = samples(text)
    assert found["portal_request_seconds_sum", *home] == 0.5
    bucket = ("portal_request_seconds_bucket", ("le", "0.25"), *home)
    assert found[bucket] == 1, "one of them within a quarter of a second"


def test_what_a_visitor_writes_is_no_label(counting):
    """Neither a path, which may be a key, nor a method: their number has no end."""
    metrics.observe(asked("SECRETS", "/r/geheim/", view=""), 404, 0.1)
    metrics.observe(asked(path="/static/geheim.css"), 404, 0.1)
    metrics.observe(asked(path="/agencies/", view="agencies", page="kept"), 200, 0.1)
    text = exposed()
    assert requests(text) == {
        ("other", "(none)", "404"): 1,
        ("GET", "(static)", "404"): 1,
        ("GET", "(kept)", "200"): 1,
    }
    assert "geheim" not in text
    assert "SECRETS" not in text


def test_kept_pages_and_made_ones_give_the_hit_rate(counting):
    for page in ("made", "kept", "kept", ""):
        metrics.observe(asked(view="home", page=page), 200, 0.1)
    found = samples(exposed())
    assert found["portal_public_pages_total", ("how", "kept")] == 2
    assert found["portal_public_pages_total", ("how", "made")] == 1


def test_nothing_is_counted_while_nobody_may_read_it(counting, settings):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = "", False
    assert not metrics.is_on()
    metrics.observe(asked(view="home"), 200, 0.1)
    settings.METRICS_LOOPBACK = True
    assert metrics.is_on()
    assert requests(exposed()) == {}


def test_figures_of_this_moment_stand_beside(counting):
    text = exposed(
        Gauge("portal_jobs", "Jobs.", ("state",), {("waiting",): 3, ("failed",): 0}),
        Gauge("portal_alone", "A figure without a label.", (), {(): 1.5}),
    )
    assert samples(text) == {
        ("portal_jobs", ("state", "waiting")): 3,
        ("portal_jobs", ("state", "failed")): 0,
        ("portal_alone",): 1.5,
    }


def test_the_folder_of_the_processes_is_of_this_user_alone_and_ends_with_them(monkeypatch):
    monkeypatch.setenv(metrics.FOLDER, "")
    metrics.begin_together()
    folder = Path(os.environ[metrics.FOLDER])
    try:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        metrics.begin_together()
        assert os.environ[metrics.FOLDER] == str(folder), "a reload of the server keeps it"
    finally:
        metrics.end_together()
    assert not folder.exists()
    assert metrics.FOLDER not in os.environ
    metrics.end_together()


@pytest.mark.slow
def test_all_processes_of_the_server_count_together(tmp_path):
    """Two processes: whichever of them is asked tells the requests of both."""
    token, pid = "t" * 40, tmp_path / "pid"
    bearer = f"Authorization: Bearer {token}"
    with running(tmp_path, "--pid", str(pid), METRICS_TOKEN=token, WEB_WORKERS="2") as (port, _log):
        answered = [answer(port, "/robots.txt")[0] for _turn in range(40)]
        assert {head.split()[1] for head in answered} == {"200"}
        [folder] = Path("/dev/shm").glob(f"portal-metrics-{pid.read_text().strip()}-*")  # noqa: S108
        assert len([*folder.glob("histogram_*.db")]) == 2, "both have answered"
        for _turn in range(6):
            head, body = answer(port, "/metrics", bearer)
            assert " 200 OK" in head
            assert requests(body)["GET", "robots", "200"] >= 40
        assert answer(port, "/metrics")[0].split()[1] == "403"
    assert not folder.exists()
