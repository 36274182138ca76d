"""A line of the security log: its fields, the address in it, and what shows in a response."""

import re
from contextlib import suppress
from datetime import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from followup.models import PrintJob, User
from followup.tests.log_lines import all_logs, security_lines
from forum_portal import security_log
from forum_portal.client import client_address
from forum_portal.security_log import Event, SecurityLogMiddleware

pytestmark = pytest.mark.security

SIGNED_IN = User(pk=7)


class Abandoned(Exception):
    pass


def asked(path="/staff/", address="203.0.113.77", user=SIGNED_IN):
    request = RequestFactory(REMOTE_ADDR=address).get(path)
    request.user = user
    return request


def answered(request, status=200, **headers):
    """What the log says of a request with this response."""
    with security_lines() as lines:
        SecurityLogMiddleware(lambda request: HttpResponse(status=status, headers=headers))(request)
    return lines.told()


def test_a_line_has_these_fields_and_no_other():
    with security_lines() as lines, security_log.during(asked()):
        security_log.write(Event.PUBLISHED, about=PrintJob(pk=12))
        security_log.write(Event.DENIED, user=User(pk=9), about="staff-round:2569", outcome="ข้อ")
    text = lines.text
    plain, full = lines.new()
    assert list(plain) == ["time", "level", "event", "user", "address", "object"]
    assert list(full) == [*plain, "outcome"]
    assert (plain["level"], full["level"]) == ("INFO", "WARNING")
    assert (plain["event"], plain["user"], plain["object"]) == ("published", 7, "print_job:12")
    assert (full["user"], full["object"]) == (9, "staff-round:2569")
    assert datetime.fromisoformat(plain["time"]).utcoffset() is not None
    assert len(text.splitlines()) == 2
    assert "ข้อ" in text, "as it is written, not as \\u0e02"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("", None),
        ("no address", None),
    ],
)
def test_an_address_is_told_as_its_network(address, shown):
    assert security_log.shown_address(asked(address=address)) == shown


def test_an_address_is_told_as_a_hash_with_a_key(settings):
    settings.SECURITY_LOG_ADDRESS = "hashed"
    one, again, another = (
        security_log.shown_address(asked(address=address))
        for address in ("203.0.113.77", "203.0.113.77", "203.0.113.78")
    )
    assert re.fullmatch("[0-9a-f]{16}", one)
    assert one == again != another
    settings.SECRET_KEY = "another" * 10
    assert security_log.shown_address(asked(address="203.0.113.77")) != one


def test_a_proxy_that_is_missing_is_no_fault_of_the_log(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    request = asked()
    request.META["HTTP_X_FORWARDED_FOR"] = "198.51.100.9"
    with pytest.raises(ImproperlyConfigured):
        client_address(request)
    assert security_log.shown_address(request) is None


def test_without_a_request_there_is_no_address_and_nobody():
    with security_lines() as lines:
        security_log.write(Event.IMPORT_APPLIED, user=User(pk=3), about="agency")
        security_log.write(Event.PUBLISHED)
    first, second = lines.new()
    assert (first["user"], first["address"], first["object"]) == (3, None, "agency")
    assert (second["user"], second["address"], second["object"]) == (None, None, None)


def test_a_request_is_over_when_it_is_answered():
    SecurityLogMiddleware(lambda request: HttpResponse())(asked())
    with security_lines() as lines:
        security_log.write(Event.PUBLISHED)
    assert lines.new()[0]["user"] is None


def test_nothing_is_told_of_a_write_that_is_rolled_back(db, django_capture_on_commit_callbacks):
    with security_lines() as lines, django_capture_on_commit_callbacks(execute=True):
        security_log.after_commit(Event.PUBLISHED)
        assert lines.told() == [], "not before the commit"
        with suppress(Abandoned), transaction.atomic():
            security_log.after_commit(Event.REOPENED)
            raise Abandoned
    assert [event for event, *_rest in lines.told()] == ["published"]


# What a response shows ------------------------------------------------------------------------------


def at(request, url_name, **kwargs):
    request.resolver_match = ResolverMatch(lambda: None, (), kwargs, url_name=url_name)
    return request


def test_a_refusal_of_somebody_who_is_signed_in_is_told():
    request = at(asked(), "staff-round-step", year=2569, verb="publish")
    assert answered(request, 403) == [("denied", 7, "staff-round-step:2569", None)]


def test_a_refusal_of_a_stranger_is_not():
    assert answered(asked(user=AnonymousUser()), 403) == []


def test_a_throttle_is_told_once():
    assert answered(at(asked(), "login"), 429) == [("throttled", 7, "login", None)]

    def throttled(request):
        security_log.write(Event.THROTTLED, about="user:5", outcome="login")
        return HttpResponse(status=429)

    with security_lines() as lines:
        SecurityLogMiddleware(throttled)(at(asked(), "login"))
    assert lines.told() == [("throttled", 7, "user:5", "login")]


@pytest.mark.parametrize(
    ("path", "status", "headers", "told"),
    [
        ("/staff/x", 200, {"Content-Disposition": "attachment"}, True),
        ("/staff/x", 200, {"Content-Disposition": "inline; filename=draft.pdf"}, True),
        ("/admin/x", 200, {"Content-Disposition": "attachment"}, True),
        ("/data/x", 200, {"Content-Disposition": "attachment"}, False),
        ("/staff/x", 304, {"Content-Disposition": "attachment"}, False),
        ("/staff/x", 200, {}, False),
    ],
)
def test_every_file_of_a_private_page_is_told(path, status, headers, told):
    request = at(asked(path), "staff-workbook", year=2569, code="MSDHS", name="ชื่อไฟล์.xlsx")
    expected = [("exported", 7, "staff-workbook:2569/MSDHS", None)] if told else []
    assert answered(request, status, **headers) == expected


def test_the_key_of_a_link_is_no_part_of_a_page():
    request = at(asked("/r/x/"), "agency-report", token=f"{'0a' * 16}.Sig", pk=5)
    assert security_log.page_of(request) == "agency-report:5"
    assert security_log.page_of(asked()) == ""


def test_the_log_is_apart_from_the_others():
    """It does not run into the log of faults, and a plain handler tells no more than the event."""
    with all_logs() as log:
        security_log.write(Event.LOGIN, user=SIGNED_IN)
    assert log.getvalue().count("login") == 1
