"""What was typed into a short form waits on a page until the next login."""

from followup.models import Round
from followup.tests.client import PortalClient, read
from followup.tests.desk import said
from followup.tests.factories import dump
from followup.tests.views.test_unsaved import AGAIN, KEPT, NOT_OURS

TYPED = {"due_on": "15/1/2570", "due_reason": "หลายหน่วยงานขอขยาย"}
PATH = "/staff/rounds/2569/due/"


def test_a_reason_typed_before_the_session_ended_comes_back_and_is_stored(open_round, people):
    client = PortalClient(enforce_csrf_checks=True)
    client.force_login(people["staff"])
    page = client.page(PATH)
    client.logout()
    before = dump(without=NOT_OURS)
    response = client.send(page, "main form", **TYPED)
    kept = read(response)
    assert (response.status_code, kept.one("h1").text) == (403, KEPT)
    assert "หลายหน่วยงานขอขยาย" in kept.one("dl.field").text
    assert dump(without=NOT_OURS) == before
    client.force_login(people["staff"])
    again = read(client.send(kept, "form#f", do="resume"))
    assert said(again) == [AGAIN]
    form = again.one("main form").controls()
    assert {name: form[name] for name in TYPED} == TYPED
    assert Round.objects.get().due_reason == ""
    assert client.send(again, "main form").status_code == 302
    assert Round.objects.get().due_reason == TYPED["due_reason"]
