"""What a report to Sentry holds: what broke and where, and nothing that anybody typed or is called."""

import json

import pytest

from forum_portal import error_reports
from forum_portal.tests.test_settings import GOOD, python
from forum_portal.version import VERSION

pytestmark = pytest.mark.security

TOKEN = f"{'0123456789abcdef' * 2}.{'S1gnature-_' * 4}"
NAME, PHONE, MAIL = "สมชาย ใจดี", "081 234 5678", "somchai@example.org"
COOKIE = "c00kie" * 5 + "xx"
SECRETS = (NAME, PHONE, MAIL, *TOKEN.split("."), COOKIE, "typed-query", "203.0.113.9")
DSN = "https://public@sentry.example.org/1"

#: A portal of its own, as a server loads it: the library changes Django for the whole process.
PROGRAM = f"""
import io, json, logging, sys
import sentry_sdk.client
from sentry_sdk.transport import Transport

kept, parts = [], {{}}
class Kept(Transport):
    def capture_envelope(self, envelope):
        for item in envelope.items:
            kept.append((item.type, item.payload.json or item.payload.get_bytes().decode()))
sentry_sdk.client.make_transport = lambda options: Kept(options)

from django.conf import settings
settings.STORAGES["staticfiles"] = {{"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
settings.REQUIRE_TWO_FACTOR = False
from forum_portal.wsgi import application
from unittest.mock import patch
from urllib.parse import urlencode
from django.db import OperationalError
from django.test import RequestFactory

def ask(name, path, form=None, **headers):
    request = RequestFactory().generic(
        "POST" if form else "GET", path, urlencode(form or {{}}),
        "application/x-www-form-urlencoded", secure=True, REMOTE_ADDR="203.0.113.9",
        headers={{"host": "portal.example.org", **headers}})
    answer = []
    body = application(request.environ, lambda status, headers: answer.append((status, dict(headers))))
    list(body); body.close()
    parts[name] = [*kept], answer[0][0], answer[0][1]["X-Request-ID"]
    kept.clear()

def fail(*args, **kwargs):
    phone = "{PHONE}"
    raise ValueError(f"cannot read {{args}} {{kwargs}} {{phone}} {NAME}")

def down(*args, **kwargs):
    try:
        raise KeyError("{NAME}")
    except KeyError as error:
        raise OperationalError("connection refused") from error

with patch("followup.views.agency_link.actions.find_link", fail):
    ask("view", "/r/{TOKEN}/?q=typed-query",
        {{"name": "{NAME}", "phone": "{PHONE}", "email": "{MAIL}"}},
        cookie="__Host-csrftoken={COOKIE}", **{{"x-csrftoken": "{COOKIE}"}}, referer="https://portal.example.org/?q=typed-query",
        **{{"user-agent": "typed-query"}})
with patch("followup.views.privacy.chosen_year", down):
    ask("database", "/privacy/")
logging.getLogger("portal.x").error("no answer to %s from %s", "/r/{TOKEN}/", "{MAIL}",
                                    extra={{"name_of": "{NAME}"}})
logging.getLogger("portal.x").warning("this is none")
parts["log"] = [*kept], "", ""
print(json.dumps(parts, ensure_ascii=False))
"""


@pytest.fixture(scope="module")
def sent():
    """What such a portal sends: name -> (items, status of the answer, X-Request-ID)."""
    done = python(
        "-c",
        PROGRAM,
        DJANGO_SETTINGS_MODULE="forum_portal.settings",
        **GOOD | {"SENTRY_DSN": DSN, "DATABASE_URL": "sqlite://:memory:"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_an_error_in_a_view_tells_nothing_of_the_visitor(sent):
    items, status, number = sent["view"]
    assert status == "500 Internal Server Error"
    assert [kind for kind, _event in items] == ["event"], "once, and nothing else"
    [[_kind, event]] = items
    text = json.dumps(event, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in text] == []
    [error] = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "")
    places = [frame["function"] for frame in error["stacktrace"]["frames"]]
    assert places[-1] == "fail"
    assert "guarded" in places
    assert event["request"] == {"url": "/r/***/", "method": "POST"}
    assert event["environment"] == "production"
    assert event["release"] == VERSION
    assert event["tags"] == {"request_id": number}
    assert {*event} <= {*error_reports.PLAIN, "exception", "request", "transaction", "tags"}


def test_a_fault_of_the_database_says_what_it_is(sent):
    items, status, _number = sent["database"]
    assert status == "503 Service Unavailable"
    [[_kind, event]] = items
    told = [(each["type"], each["value"]) for each in event["exception"]["values"]]
    assert told == [("KeyError", ""), ("OperationalError", "connection refused")]
    assert event["transaction"].startswith("/privacy/")


def test_a_logged_error_is_masked_and_has_no_arguments(sent):
    [[_kind, event]] = sent["log"][0]
    assert event["logentry"] == {"formatted": "no answer to /r/***/ from ***"}
    assert event["logger"] == "portal.x"
    assert [secret for secret in SECRETS if secret in json.dumps(event, ensure_ascii=False)] == []


def test_without_a_dsn_the_library_is_not_even_there():
    program = "import sys, django; django.setup(); print('sentry_sdk' in sys.modules)"
    for dsn, is_there in (("", "False"), (DSN, "True")):
        done = python(
            "-c",
            program,
            DJANGO_SETTINGS_MODULE="forum_portal.settings",
            **GOOD | {"SENTRY_DSN": dsn},
        )
        assert done.stdout.split() == [is_there], done.stderr


def test_what_a_later_library_adds_is_not_sent():
    """An event with every part that there is, and some that there are not yet."""
    value = {
        "type": "ValueError",
        "value": NAME,
        "mechanism": {"data": NAME},
        "stacktrace": {"frames": [{"function": "f", "vars": {"x": NAME}, "new": NAME}]},
    }
    event = {
        "event_id": "1",
        "user": {"id": 5, "ip_address": "203.0.113.9"},
        "extra": {"x": NAME},
        "breadcrumbs": {"values": [NAME]},
        "contexts": {"x": NAME},
        "new": NAME,
        "request": {
            "url": f"https://evil.example/a/{TOKEN}/?q={NAME}",
            "method": "GET",
            "data": NAME,
            "headers": {"Cookie": NAME},
            "env": {"REMOTE_ADDR": "203.0.113.9"},
            "query_string": NAME,
        },
        "exception": {"values": [value]},
        "logentry": {"message": f"of {MAIL}", "params": [NAME]},
        "transaction": f"/a/{TOKEN}/",
    }
    assert error_reports.report(event, {}) == {
        "event_id": "1",
        "exception": {
            "values": [
                {
                    "type": "ValueError",
                    "module": None,
                    "value": "",
                    "stacktrace": {"frames": [{"function": "f"}]},
                }
            ]
        },
        "logentry": {"formatted": "of ***"},
        "transaction": "/a/***/",
        "request": {"url": "/a/***/", "method": "GET"},
    }
