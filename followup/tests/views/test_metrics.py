"""`/metrics`: off unless somebody is named who may read it, and for nobody else."""

import pytest
from django.test import Client

from followup import health
from forum_portal.version import VERSION

pytestmark = pytest.mark.security

TOKEN = "m" * 40


def ask(*, peer="127.0.0.1", host="127.0.0.1:8000", **headers):
    return Client(headers=headers).get("/metrics", REMOTE_ADDR=peer, HTTP_HOST=host)


def test_it_is_off_unless_somebody_may_read_it(db, settings):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = "", False
    assert ask(authorization="Bearer ").status_code == 404


def test_the_token_reads_it_from_anywhere(db, settings):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = TOKEN, False
    response = ask(peer="192.0.2.1", host="testserver", authorization=f"Bearer {TOKEN}")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]
    text = response.content.decode()
    assert f'portal_info{{version="{VERSION}"}} 1.0' in text
    assert 'portal_check_ok{check="database"} 1.0' in text
    assert 'portal_reports{state="submitted"} 0.0' in text
    assert 'portal_imports{state="failed"} 0.0' in text


@pytest.mark.parametrize("sent", ["", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}"])
def test_another_token_reads_nothing(db, settings, sent):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = TOKEN, False
    response = ask(authorization=sent)
    assert response.status_code == 403
    assert response.content == b"METRICS_TOKEN as a bearer token, or METRICS_LOOPBACK\n"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.1"])
def test_programs_on_this_machine_read_it_if_they_may(db, settings, host):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = "", True
    settings.ALLOWED_HOSTS = ["*"]
    assert ask(host=host).status_code == 200
    assert ask(peer="::1", host=host).status_code == 200


@pytest.mark.parametrize(
    "visitor",
    [
        {"peer": "192.0.2.1"},
        {"peer": ""},  # a socket: whoever the proxy lets in
        {"host": "portal.example.org"},  # a proxy that passes the name on
        {"x-forwarded-for": "192.0.2.1"},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-proto": "https"},
        {"x-real-ip": "192.0.2.1"},
        {"forwarded": "for=192.0.2.1"},
        {"via": "1.1 proxy"},
    ],
)
def test_a_visitor_behind_a_proxy_on_this_machine_reads_nothing(db, settings, visitor):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = "", True
    settings.ALLOWED_HOSTS = ["*"]
    response = ask(**visitor)
    assert response.status_code == 403
    assert b"portal_" not in response.content


def test_without_the_database_the_rest_is_told(db, settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN

    def gone():
        raise health.Fault("gone", "หายไป")

    monkeypatch.setitem(health.CHECKS, "database", gone)
    text = ask(authorization=f"Bearer {TOKEN}").content.decode()
    assert 'portal_check_ok{check="database"} 0.0' in text
    assert "portal_reports" not in text
