"""What all verbs share: who may, what is refused, and what the history has of it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError

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


# Broken off by the database -------------------------------------------------------------------


class Cause(Exception):
    """The driver's error behind Django's."""

    def __init__(self, **about: str) -> None:
        vars(self).update(about)


def broken_off(**about: str) -> OperationalError:
    error = OperationalError("broken off")
    error.__cause__ = Cause(**about)
    return error


@pytest.fixture
def interrupted(monkeypatch):
    """Return a function that makes saves fail, after they have changed the report in memory."""

    def fail(*errors: OperationalError) -> list[OperationalError]:
        left, real = list(errors), StatusReport.save

        def save_or_fail(self, *args, **kwargs):
            if left:
                raise left.pop(0)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(StatusReport, "save", save_or_fail)
        return left

    return fail


SHORT = [{"sqlstate": "40P01"}, {"sqlstate": "40001"}, {"sqlite_errorname": "SQLITE_BUSY_SNAPSHOT"}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("about", SHORT)
def test_a_short_conflict_is_tried_once_more(open_round, people, interrupted, about):
    report = open_round.reports.with_context().filter(version=0)[0]
    interrupted(broken_off(**about))
    saved = save(report, people["staff"], results="ข้อความ")
    assert (saved.version, saved.results) == (1, "ข้อความ")
    stored = StatusReport.objects.get(pk=report.pk)
    assert (stored.version, stored.results) == (1, "ข้อความ")
    assert stored.history.filter(history_type="~").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "errors",
    [
        [broken_off(sqlstate="40P01"), broken_off(sqlstate="40P01")],
        [broken_off(sqlstate="55P03")],
        [broken_off(sqlite_errorname="SQLITE_BUSY")],
        [OperationalError("the server closed the connection")],
    ],
    ids=["twice", "a lock was waited for", "busy", "gone"],
)
def test_any_other_failure_is_told_and_nothing_is_stored(open_round, people, interrupted, errors):
    report = open_round.reports.with_context().filter(version=0)[0]
    left = interrupted(*errors, broken_off(sqlstate="40P01"))
    with pytest.raises(OperationalError):
        save(report, people["staff"], results="ข้อความ")
    assert len(left) == 1, "it was not tried too often"
    assert StatusReport.objects.get(pk=report.pk).is_untouched
