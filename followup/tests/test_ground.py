"""The ground: shared rows are present in each test, and a test's changes do not reach the next."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from followup import actions, demo
from followup.models import Agency, Round, SearchText, Snapshot, StatusReport, User
from followup.tests.factories import HALF_PAST_TWO
from followup.tests.ground import LAYERS, Ground, ground, layer, path_of
from proposals.models import Forum


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_does_to_its_ground_is_undone(open_round, people, time):
    assert open_round.reports.count() == StatusReport.objects.count() > 0
    assert set(User.objects.values_list("username", flat=True)) == set(people)
    assert people["staff"].display_name == "คุณstaff"
    people["staff"].display_name = "ผู้อื่น"
    people["staff"].save()
    people.pop("outsider").delete()
    Agency.objects.filter(code="CODI").update(name_th="ชื่ออื่น")
    StatusReport.objects.all().delete()


@pytest.mark.parametrize("time", ["first", "second"])
def test_rows_and_their_keys_are_those_of_the_first_time(open_round, people, time, request):
    assert ground.path == path_of(request.node) == ("forum", "people", "open_round")
    assert Agency.objects.get(code="CODI").name_th != "ชื่ออื่น"


def test_who_asks_for_people_alone_gets_no_forum(people):
    assert not Forum.objects.exists()
    assert User.objects.count() == len(people)


def test_who_asks_for_nothing_finds_nothing(db):
    assert ground.path == ()
    for model in (Forum, Agency, User, Round, StatusReport):
        assert not model.objects.exists(), model


def test_layers_lie_as_the_fixtures_would_write_them(request, second_forum, open_round):
    assert path_of(request.node) == ("forum", "second_forum", "people", "open_round")
    assert open_round.reports.filter(assignment__measure__resolution__forum=second_forum).exists()


def test_the_logins_of_the_demo_come_before_the_people(request, people, demo):
    assert path_of(request.node) == ("forum", "demo_logins", "people")
    assert User.objects.get(username=min(demo)).pk < people["staff"].pk


def test_a_demo_asked_for_late_has_logins_that_work(people, request):
    assert path_of(request.node) == ("people",)
    logins = request.getfixturevalue("demo")
    for user in User.objects.filter(username__in=logins):
        assert user.check_password(logins[user.username]), user
    assert User.objects.filter(username__in=logins).count() == len(logins) > 0


def test_the_demo_is_made_once_and_its_rows_are_written_again(transactional_db, monkeypatch):
    """A table that has a row from the start must not make every such test wait for the whole demo."""

    def rows():
        for name in "forum", "demo_logins":
            ground.lay(name)
        models = StatusReport, StatusReport.history.model, SearchText, Snapshot
        return [list(model.objects.order_by("pk").values()) for model in models]

    def made():
        raise AssertionError("the demo is made a second time")

    first = rows()
    assert all(first)
    call_command("flush", verbosity=0, interactive=False)
    assert not StatusReport.objects.exists()
    monkeypatch.setattr(demo, "load", made)
    assert rows() == first


@pytest.mark.parametrize("data", ["grown"], indirect=True)
def test_much_data_is_written_once_for_the_tests_that_ask_for_it(request, data):
    assert ground.path == path_of(request.node) == ("forum", "demo_logins", "people", "grown")
    assert Forum.objects.count() == 2


def test_what_is_above_a_clock_bears_its_hour(request, clock, open_round):
    assert ground.path == path_of(request.node) == ("forum", "clock", "people", "open_round")
    dates = {*User.objects.values_list("date_joined", flat=True)}
    assert dates | {*Round.history.values_list("history_date", flat=True)} == {HALF_PAST_TWO}


def test_under_two_clocks_a_test_writes_what_is_dated(request, clock, morning, open_round):
    assert ground.path == path_of(request.node) == ("forum",)
    assert StatusReport.objects.exists()


def test_a_layer_that_fails_leaves_nothing(forum, monkeypatch):
    def half():
        actions.create_round(by=None, year=2569)
        raise LookupError("half way")

    monkeypatch.setitem(LAYERS, "half", half)
    stack = Ground()
    stack.blocker = SimpleNamespace(unblock=nullcontext)
    with pytest.raises(LookupError, match="half way"):
        stack.become(("half",))
    assert stack.path == ()
    assert not Round.objects.exists()


def test_two_layers_of_one_name_are_refused(monkeypatch):
    def forum():
        pass

    monkeypatch.setattr(forum, "__module__", "elsewhere")
    with pytest.raises(ValueError, match=r"followup\.tests\.conftest has a layer forum already"):
        layer(forum)


@pytest.mark.django_db(transaction=True)
def test_real_transactions_have_no_ground_and_all_the_rows(request, open_round, people):
    assert ground.path == path_of(request.node) == ()
    assert open_round.reports.exists()
