"""The verbs of a round: created, opened, closed, published; and whom it expects."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
import time_machine

from followup import actions
from followup.actions import rounds as round_verbs
from followup.forms.secretariat import NewRoundForm
from followup.models import Agency, Assignment, Round, RoundState, StatusReport
from followup.tests.actions.verbs import STEPS, bring_to, refused, save, stored
from followup.tests.factories import dump, find_report
from followup.tests.sentences import ROUND_EXISTS, STALE_ROUND
from proposals.models import Measure


def test_a_round_takes_its_dates_from_its_year(people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    round_.refresh_from_db()
    assert (round_.starts_on, round_.ends_on) == (date(2025, 10, 1), date(2026, 9, 30))
    assert round_.due_on == date(2026, 11, 30)
    assert (round_.state, round_.is_demo) == ("planned", False)
    assert (round_.opened_at, round_.closed_at, round_.published_at) == (None, None, None)
    assert not round_.reports.exists()
    assert str(round_) == "รอบ 12 เดือน ปีงบประมาณ 2569"


def test_a_round_may_be_given_another_due_date(people):
    round_ = actions.create_round(by=people["staff"], year=2569, due_on=date(2026, 12, 15))
    assert round_.due_on == date(2026, 12, 15)
    assert (round_.starts_on, round_.ends_on) == (date(2025, 10, 1), date(2026, 9, 30))


def test_a_year_has_one_round(people):
    actions.create_round(by=people["staff"], year=2569)
    assert refused(actions.create_round, by=people["staff"], year=2569) == {"year": ROUND_EXISTS}


def test_a_due_date_before_the_round_is_refused_in_words(people):
    messages = refused(
        actions.create_round, by=people["staff"], year=2569, due_on=date(2025, 9, 30)
    )
    assert set(messages) == {"due_on"}


@pytest.mark.parametrize(
    ("moment", "year"),
    [("2025-09-30T23:59:59+07:00", 2567), ("2025-10-01T00:00:00+07:00", 2568)],
)
def test_the_round_offered_is_that_of_the_year_that_has_just_ended(db, moment, year):
    with time_machine.travel(moment, tick=False):
        actions.create_round(by=None, year=year + 1)
        assert NewRoundForm.next_year() == year
        actions.create_round(by=None, year=year)
        assert NewRoundForm.next_year() == year + 2, "and afterwards the next without a round"


def test_opening_expects_a_report_for_every_assignment_of_that_year(forum, people):
    Assignment.objects.filter(agency__code="THF").update(valid_to=2568)  # four
    Assignment.objects.filter(agency__code="CSPC").update(valid_from=2570)  # two
    round_ = actions.create_round(by=people["staff"], year=2569)
    assert actions.expected_by_forum(round_) == [(2565, 97)]
    with time_machine.travel("2026-10-01T08:00:00+07:00", tick=False):
        actions.open_round(round_=round_, by=people["staff"])
    round_.refresh_from_db()
    assert (round_.state, round_.opened_at) == ("open", datetime(2026, 10, 1, 1, tzinfo=UTC))
    reports = round_.reports.all()
    assert len(reports) == 97
    assert {(each.state, each.reported_status, each.version) for each in reports} == {
        ("draft", "", 0)
    }
    agencies = {each.assignment.agency.code for each in reports.with_context()}
    assert not agencies & {"THF", "CSPC"}
    assert StatusReport.history.filter(history_type="+").count() == 97
    assert set(StatusReport.history.values_list("history_change_reason", flat=True)) == {"expected"}


def test_a_round_goes_from_state_to_state_and_notes_the_moment(forum, people):
    staff, reviewer = people["staff"], people["reviewer"]
    round_ = actions.create_round(by=staff, year=2569)
    moments = {}
    for hour, (verb, who) in enumerate(
        [("open", staff), ("close", staff), ("reopen", staff), ("close", staff)], start=8
    ):
        with time_machine.travel(f"2026-12-01T{hour:02}:00:00+00:00", tick=False):
            getattr(actions, f"{verb}_round")(round_=round_, by=who)
        round_.refresh_from_db()
        moments[hour] = (
            round_.state,
            round_.opened_at and round_.opened_at.hour,
            round_.closed_at and round_.closed_at.hour,
        )
    assert moments == {
        8: ("open", 8, None),
        9: ("closed", 8, 9),
        10: ("open", 8, None),
        11: ("closed", 8, 11),
    }
    with time_machine.travel("2026-12-20T09:00:00+07:00", tick=False):
        actions.publish_round(
            round_=round_, by=reviewer, meeting_ref="5/2569", meeting_on=date(2026, 12, 18)
        )
    round_.refresh_from_db()
    assert round_.is_public
    assert round_.published_at == datetime(2026, 12, 20, 2, tzinfo=UTC)
    assert (round_.meeting_ref, round_.meeting_on) == ("5/2569", date(2026, 12, 18))


def test_publishing_needs_no_meeting(open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    open_round.refresh_from_db()
    assert (open_round.is_public, open_round.meeting_ref, open_round.meeting_on) == (True, "", None)


@pytest.mark.parametrize("state", RoundState)
@pytest.mark.parametrize("verb", STEPS)
def test_a_step_starts_from_its_own_state_only(forum, people, verb, state):
    round_ = actions.create_round(by=None, year=2569)
    bring_to(round_, state, people)
    step = getattr(actions, f"{verb}_round")
    for each in (Round.objects.get(pk=round_.pk), round_):
        if (verb, state) == ("reopen", RoundState.PUBLISHED):
            continue  # with a reason it may: see test_snapshots
        if state == STEPS[verb]:
            step(round_=each, by=people["administrator"])
            assert Round.objects.get(pk=round_.pk).state != state
            return
        assert refused(step, round_=each, by=people["administrator"]) == {"": STALE_ROUND}


def test_a_second_click_on_an_old_page_opens_nothing_twice(forum, people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    old = Round.objects.get(pk=round_.pk)
    actions.open_round(round_=round_, by=people["staff"])
    assert old.state == "planned"
    assert refused(actions.open_round, round_=old, by=people["colleague"]) == {"": STALE_ROUND}
    assert round_.reports.count() == 103


def test_a_round_that_cannot_expect_its_reports_does_not_open(forum, people, monkeypatch):
    round_ = actions.create_round(by=people["staff"], year=2569)
    before = dump()

    def fail(**kwargs):
        raise RuntimeError

    monkeypatch.setattr("followup.actions.rounds.expect_reports", fail)
    with pytest.raises(RuntimeError):
        actions.open_round(round_=round_, by=people["staff"])
    assert dump() == before


def test_a_new_assignment_reaches_the_open_round(open_round):
    measure = Measure.objects.get(resolution__number=8, number=1)
    new = Assignment.objects.create(
        measure=measure, agency=Agency.objects.get(code="MOI"), role="support", valid_from=2569
    )
    Assignment.objects.create(
        measure=measure, agency=Agency.objects.get(code="MOF"), role="support", valid_from=2570
    )
    assert actions.expect_reports(round_=open_round) == (1, 0)
    assert open_round.reports.get(assignment=new).is_untouched
    assert open_round.reports.count() == 104
    assert actions.expect_reports(round_=open_round) == (0, 0)


def test_an_ended_assignment_takes_along_only_what_nobody_has_touched(open_round, people):
    written = find_report(open_round, "1.2", "OCS")
    save(written, people["staff"], results="เขียนไว้แล้ว")
    untouched = find_report(open_round, "1.2", "OPDC")
    Assignment.objects.filter(agency__code__in=["OCS", "OPDC"]).update(valid_to=2568)
    assert actions.expect_reports(round_=open_round) == (0, 1)
    assert stored(written).results == "เขียนไว้แล้ว"
    assert not StatusReport.objects.filter(pk=untouched.pk).exists()
    assert open_round.reports.count() == 102
    assert StatusReport.history.filter(id=untouched.pk, history_type="-").count() == 1


def test_only_open_rounds_follow_a_change_of_assignments(forum, people):
    rounds = {}
    for year, state in zip((2566, 2567, 2568, 2569), RoundState, strict=True):
        rounds[state] = bring_to(actions.create_round(by=None, year=year), state, people)
    Assignment.objects.filter(agency__code="THF").update(valid_to=2565)
    actions.refresh_open_rounds()
    assert {state: round_.reports.count() for state, round_ in rounds.items()} == {
        "planned": 0,
        "open": 99,
        "closed": 103,
        "published": 103,
    }


def test_every_step_of_a_round_is_in_its_history(forum, people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    for step in (
        actions.open_round,
        actions.close_round,
        actions.reopen_round,
        actions.close_round,
        actions.publish_round,
    ):
        step(round_=round_, by=people["reviewer"])
    rows = Round.history.order_by("history_id").values_list("history_type", "state")
    assert list(rows) == [
        ("+", "planned"),
        ("~", "open"),
        ("~", "closed"),
        ("~", "open"),
        ("~", "closed"),
        ("~", "published"),
    ]


def test_a_round_that_expects_many_opens_in_parts_and_goes_on_after_a_break(
    forum, people, monkeypatch
):
    monkeypatch.setattr(round_verbs, "EXPECTED_AT_ONCE", 40)
    round_ = actions.create_round(by=people["staff"], year=2569)
    real, turns = round_verbs._expect, []

    def breaks_off(round_, assignments):
        turns.append(len(assignments))
        if len(turns) == 2:
            raise KeyboardInterrupt
        real(round_, assignments)

    with monkeypatch.context() as patch:
        patch.setattr(round_verbs, "_expect", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            actions.open_round(round_=round_, by=people["staff"])
    round_.refresh_from_db()
    assert turns == [40, 40]
    assert (round_.state, round_.reports.count()) == ("planned", 40)

    actions.open_round(round_=round_, by=people["staff"])
    assert (round_.state, round_.reports.count()) == ("open", 103)
    made = StatusReport.history.filter(history_change_reason="expected")
    sizes = Counter(made.values_list("batch", flat=True)).values()
    assert sorted(sizes) == [23, 40, 40], "each part is a write of its own"
    assert set(made.values_list("history_user", flat=True)) == {people["staff"].pk}


def test_what_changes_between_two_parts_is_neither_expected_twice_nor_after_its_end(
    forum, people, monkeypatch
):
    monkeypatch.setattr(round_verbs, "EXPECTED_AT_ONCE", 40)
    round_ = actions.create_round(by=people["staff"], year=2569)
    first, then = Assignment.objects.order_by("pk")[:2]
    real = round_verbs._missing

    def beside(round_, among=None):
        found = real(round_, among)
        if among is None and not round_.reports.exists():
            StatusReport.objects.create(round=round_, assignment=first)
            Assignment.objects.filter(pk=then.pk).update(valid_to=2568)
        return found

    monkeypatch.setattr(round_verbs, "_missing", beside)
    actions.open_round(round_=round_, by=people["staff"])
    assert round_.reports.count() == 102
    assert not round_.reports.filter(assignment=then).exists()


def test_a_part_is_refused_once_the_round_is_open(open_round, people):
    messages = refused(
        round_verbs._expect_part, round_=open_round, by=people["staff"], assignments=[]
    )
    assert messages == {"": STALE_ROUND}
