"""Whatever goes wrong behind an agency's link, no log holds its key, and none what somebody typed."""

import re
from http import HTTPStatus

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError
from django.test import Client
from django.urls import NoReverseMatch, reverse

from followup import actions
from followup.tests.log_lines import all_logs, none_of
from followup.tests.subscribers import EMAIL, asked, subscribed

pytestmark = pytest.mark.security


@pytest.fixture
def live(issued):
    """The key in a link's address, which works."""
    return actions.token_of(issued)


def faults(path: str, key: str) -> list[Exception]:
    return [
        PermissionDenied(path),
        SuspiciousOperation(f"suspicious {path}"),
        RuntimeError(f"cannot open {path}?q=ความลับ"),
        NoReverseMatch(f"Reverse for 'x' with arguments '('{key}',)' not found"),
        IntegrityError("refused\nDETAIL:  Failing row contains (5, ความลับ)."),
    ]


@pytest.mark.parametrize("number", range(5))
def test_a_fault_behind_a_link_does_not_tell_its_key(live, monkeypatch, number):
    path = reverse("agency-reports", args=[live])
    error = faults(path, live)[number]

    def fail(reports):
        raise error

    monkeypatch.setattr("followup.views.agency_link.by_agency", fail)
    with all_logs() as log:
        response = Client(raise_request_exception=False).get(path, {"q": "ความลับ"})
    said = log.getvalue()
    assert response.status_code == [403, 400, 500, 500, 500][number]
    assert type(error).__name__ in said, "the traceback is there"
    assert "/r/***/" in said
    assert none_of(live, said), said
    assert "ความลับ" not in said
    assert "\\u0e04" not in said


def test_a_refusal_behind_a_link_does_not_tell_its_key(live):
    path = reverse("agency-reports", args=[live])
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["csrftoken"] = "a" * 32
    with all_logs() as log:
        codes = [
            strict.post(path).status_code,
            strict.post(
                path, secure=True, headers={"referer": f"https://elsewhere.example{path}5/"}
            ).status_code,
            strict.get(f"{path}99999999/").status_code,
            strict.get(f"{path}no/such/page/").status_code,
            strict.generic("POST", path, CONTENT_LENGTH=str(2**30)).status_code,
        ]
    said = log.getvalue()
    assert codes == [403, 403, 404, 404, 413]
    for words in ("CSRF", "Referer checking failed - https://elsewhere.example/r/***/5/"):
        assert words in said
    assert said.count("Not Found: /r/***/") == 2
    assert f"{HTTPStatus(413).phrase}: /r/***/" in said  # worded anew in Python 3.13
    assert none_of(live, said), said


def test_a_revoked_link_does_not_tell_its_key_either(live, issued, people):
    actions.revoke_link(link=issued, by=people["staff"])
    with all_logs() as log:
        assert Client().get(reverse("agency-reports", args=[live])).status_code == 404
    said = log.getvalue()
    assert '"event": "link_refused", "user": null, "address": "127.0.0.0/24", "object": ' in said
    assert f'"agency_link:{issued.pk}"' in said
    assert none_of(live, said), said


def test_a_path_forges_no_line(db, monkeypatch):
    def fail(token):
        raise RuntimeError("broken")

    monkeypatch.setattr("followup.views.agency_link.actions.find_link", fail)
    with all_logs() as log:
        Client(raise_request_exception=False).get("/r/x%0Aerror 00000000 at /")
    assert not re.search(r"^error 00000000", log.getvalue(), re.M)


@pytest.mark.parametrize("kind", ["confirm", "change", "leave"])
def test_a_fault_behind_a_subscribers_link_tells_neither_its_key_nor_the_address(
    forum, monkeypatch, kind
):
    row = asked() if kind == "confirm" else subscribed()
    key = (actions.confirm_token if kind == "confirm" else actions.own_token)(row)
    path = reverse(f"follow-{kind}", args=[key])

    def fail(subscriber):
        raise RuntimeError(f"cannot open {path} of {key}")

    monkeypatch.setattr("followup.forms.follow.followings_of", fail)
    with all_logs() as log:
        client = Client(raise_request_exception=False)
        codes = [client.get(path).status_code, client.get(f"{path}no/").status_code]
    said = log.getvalue()
    assert codes == [500, 404]
    assert f"/follow/{kind}/***/" in said
    assert none_of(key, said), said
    assert EMAIL not in said


def test_a_mail_that_fails_tells_neither_the_address_nor_the_key(forum, monkeypatch):
    def fail(self, *args, **kwargs):
        raise OSError(self.to, self.body)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    with all_logs() as log:
        response = Client().post("/follow/", {"email": EMAIL, "all": "1"})
    assert response.status_code == 503
    assert "a confirmation was not sent: OSError" in log.getvalue()
    assert EMAIL not in log.getvalue()
