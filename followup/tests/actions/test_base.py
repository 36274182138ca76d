"""What all verbs share: who may, what is refused, and what the history has of it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.actions import Conflict, Refused
from followup.models import Evidence, StatusReport, User
from followup.tests.actions.verbs import STEPS, approve, bring_to, save
from followup.tests.factories import dump, make_report

MAY = {
    "save": {"staff", "reviewer", "administrator"},
    "submit": {"staff", "reviewer", "administrator"},
    "approve": {"reviewer", "administrator"},
    "send_back": {"reviewer", "administrator"},
    "create": {"staff", "reviewer", "administrator"},
    "open": {"staff", "reviewer", "administrator"},
    "close": {"staff", "reviewer", "administrator"},
    "reopen": {"staff", "reviewer", "administrator"},
    "publish": {"reviewer", "administrator"},
}


WHO = ["staff", "reviewer", "administrator", "outsider", "inactive", "anonymous", "superuser"]


@pytest.fixture
def everybody(people):
    inactive = User.objects.create_user("gone", is_active=False)
    inactive.groups.set(people["administrator"].groups.all())
    return people | {
        "inactive": inactive,
        "anonymous": AnonymousUser(),
        "superuser": User.objects.create_superuser("root"),
    }


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("verb", MAY)
def test_who_may_do_what(forum, everybody, verb, who):
    by, colleague = everybody[who], everybody["colleague"]
    admin = everybody["administrator"]
    round_ = actions.create_round(by=None, year=2569)
    if verb in {"save", "submit", "approve", "send_back"}:
        actions.open_round(round_=round_, by=None)
        state = "draft" if verb in {"save", "submit"} else "submitted"
        report = make_report(round_, by=colleague, state=state)
        calls = {
            "save": lambda: save(report, by, results="ใหม่"),
            "submit": lambda: actions.submit(report=report, by=by, version=report.version),
            "approve": lambda: approve(report, by),
            "send_back": lambda: actions.send_back(
                report=report, by=by, version=report.version, reason="ระบุจำนวน"
            ),
        }
        call = calls[verb]
    elif verb == "create":

        def call():
            return actions.create_round(by=by, year=2570)
    else:
        bring_to(round_, STEPS[verb], {"administrator": admin})

        def call():
            return getattr(actions, f"{verb}_round")(round_=round_, by=by)

    if who in MAY[verb] | {"superuser"}:
        call()
        return
    before = dump()
    with pytest.raises(PermissionDenied):
        call()
    assert dump() == before


def test_a_refused_or_lost_write_is_not_in_the_history(submitted, people):
    before = StatusReport.history.count(), Evidence.history.count()
    with pytest.raises(Refused):
        approve(submitted, people["reviewer"], assessed_status="completed")
    with pytest.raises(Conflict):
        actions.approve(report=submitted, by=people["reviewer"], version=1)
    with pytest.raises(PermissionDenied):
        approve(submitted, people["outsider"])
    assert (StatusReport.history.count(), Evidence.history.count()) == before


def test_refused_says_all_its_sentences():
    assert str(Refused("ประโยคเดียว")) == "ประโยคเดียว"
    assert Refused("ประโยคเดียว").messages == {"": "ประโยคเดียว"}
    assert str(Refused({"results": "หนึ่ง", "evidence": "สอง"})) == "หนึ่ง; สอง"
