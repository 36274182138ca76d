"""Liveness and readiness: the truth, and no more of it than the reader may know."""

import pytest

from followup import health
from followup.tests.client import PortalClient
from forum_portal.version import VERSION

pytestmark = pytest.mark.faults


@pytest.fixture
def broken(monkeypatch):
    def fail():
        raise health.Fault("geheim.sqlite3 is gone", "หายไป")

    monkeypatch.setitem(health.CHECKS, "database", fail)


def test_it_is_alive(db, visitor):
    response = visitor.get("/healthz")
    assert (response.status_code, response.content) == (200, f"ok\n{VERSION}\n".encode())
    assert response["Cache-Control"] == "no-store"


def test_its_first_line_alone_says_that_it_is_alive(db, visitor):
    """Probes compare it, whatever the version is."""
    assert visitor.get("/healthz").content.decode().splitlines()[0] == "ok"


def test_without_its_database_it_is_not(db, visitor, broken):
    response = visitor.get("/healthz")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response.content == b"the database does not answer\n"


def test_a_visitor_reads_whether_it_is_ready_and_no_more(db, visitor, broken):
    response = visitor.get("/readyz")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response.json() == {"ready": False}
    response = visitor.get("/readyz", headers={"authorization": "Bearer "})
    assert response.json() == {"ready": False}, "an empty token is none"


def test_staff_read_every_check(db, people, sign_in, working):
    response = sign_in(people["staff"]).get("/readyz")
    assert response.status_code == 200
    document = response.json()
    assert document["ready"] is True
    assert list(document["checks"]) == list(health.CHECKS)
    assert document["checks"]["database"] == {"ok": True, "detail": ""}
    assert sign_in(people["outsider"]).get("/readyz").json() == {"ready": True}


def test_a_probe_reads_every_check_even_without_the_database(db, settings, broken):
    settings.PROBE_TOKEN = "k" * 40
    probe = PortalClient()
    response = probe.get("/readyz", headers={"authorization": "Bearer " + "k" * 40})
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == {
        "ok": False,
        "detail": "geheim.sqlite3 is gone",
    }
    assert "checks" not in probe.get("/readyz", headers={"authorization": "Bearer kk"}).json()
