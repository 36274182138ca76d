"""Two at once: exactly one wins, and without the guard the other's work is lost.

The tests use real threads with their own connections. PostgreSQL runs them concurrently, so they are
made to meet inside the action. SQLite allows one writer at a time, so they meet at its lock.
"""

import threading
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from followup import actions, permissions
from followup.actions import Conflict, Refused
from followup.actions import reports as report_verbs
from followup.actions import rounds as round_verbs
from followup.models import Evidence, ReportState, Round, StatusReport
from followup.tests.factories import fields_for, find_report, link, make_report
from followup.tests.sentences import ROUND_EXISTS, STALE_ROUND

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 15  # seconds


def at_once(*calls):
    """Run each call in a thread, all starting together; returns the results in order."""
    start = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(place, call):
        try:
            start.wait(PATIENCE)
            outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(place, call), daemon=True)
        for place, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
        assert not thread.is_alive(), "one waits for the other for ever"
    return outcomes


@pytest.fixture
def meet(monkeypatch):
    """Return a function that makes two threads wait for each other before the named function."""

    def meet_at(owner, *names):
        if connection.vendor == "sqlite":
            return
        door = threading.Barrier(2)

        def waiting(real):
            def together(*args, **kwargs):
                # The barrier breaks if a lock stops the other thread earlier, which is fine.
                with suppress(threading.BrokenBarrierError):
                    door.wait(PATIENCE / 5)
                return real(*args, **kwargs)

            return together

        for name in names:
            monkeypatch.setattr(owner, name, waiting(getattr(owner, name)))

    return meet_at


def winners(outcomes):
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def losers(outcomes):
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def saving(round_, by, text):
    """A save of the report on 1.2 that was read now, to be called later."""
    report = find_report(round_, "1.2")

    def call():
        return actions.save_draft(
            report=report,
            by=by,
            version=report.version,
            fields={"results": text},
            evidence=[link(1) | {"title": text}],
        )

    return call


def test_of_two_saves_of_one_version_exactly_one_wins(open_round, people, meet):
    meet(report_verbs, "_claim_version")
    outcomes = at_once(
        saving(open_round, people["staff"], "ของฉัน"),
        saving(open_round, people["colleague"], "ของเพื่อนร่วมงาน"),
    )
    (won,) = winners(outcomes)
    (lost,) = losers(outcomes)
    assert isinstance(lost, Conflict)
    stored = find_report(open_round, "1.2")
    assert stored.results == won.results
    assert (stored.version, stored.updated_by) == (1, won.updated_by)
    assert [piece.title for piece in stored.evidence.all()] == [won.results]
    assert lost.current.results == won.results, "the loser is shown what is stored"
    assert stored.history.filter(history_type="~").count() == 1


def test_control_without_the_version_check_one_save_is_lost(open_round, people, meet, monkeypatch):
    def careless(report, version):
        StatusReport.objects.filter(pk=report.pk).update(version=F("version") + 1)
        report.version = version + 1

    monkeypatch.setattr("followup.actions.reports._claim_version", careless)
    meet(report_verbs, "_claim_version")
    outcomes = at_once(
        saving(open_round, people["staff"], "ของฉัน"),
        saving(open_round, people["colleague"], "ของเพื่อนร่วมงาน"),
    )
    assert len(winners(outcomes)) == 2, "both were told that they had saved"
    texts = {outcome.results for outcome in outcomes}
    assert texts == {"ของฉัน", "ของเพื่อนร่วมงาน"}
    stored = find_report(open_round, "1.2")
    assert len(texts - {stored.results}) == 1, "and one of the two texts is gone"


def test_of_two_approvals_exactly_one_counts(open_round, people, meet):
    report = make_report(open_round, by=people["staff"], state="submitted")
    meet(report_verbs, "_claim_version")

    def approving(by):
        mine = StatusReport.objects.with_context().get(pk=report.pk)
        return lambda: actions.approve(report=mine, by=by, version=mine.version)

    outcomes = at_once(approving(people["reviewer"]), approving(people["administrator"]))
    (won,) = winners(outcomes)
    (lost,) = losers(outcomes)
    assert isinstance(lost, Conflict)
    stored = StatusReport.objects.get(pk=report.pk)
    assert (stored.state, stored.approved_by) == (ReportState.APPROVED, won.approved_by)
    assert stored.history.filter(history_change_reason="approve").count() == 1


def test_approving_and_sending_back_at_once_is_one_of_the_two(open_round, people, meet):
    report = make_report(open_round, by=people["staff"], state="submitted")
    meet(report_verbs, "_claim_version")
    mine, theirs = (StatusReport.objects.with_context().get(pk=report.pk) for _turn in "ab")
    outcomes = at_once(
        lambda: actions.approve(report=mine, by=people["reviewer"], version=2),
        lambda: actions.send_back(
            report=theirs, by=people["administrator"], version=2, reason="ระบุจำนวน"
        ),
    )
    (won,) = winners(outcomes)
    assert isinstance(losers(outcomes)[0], Conflict)
    stored = StatusReport.objects.get(pk=report.pk)
    assert (stored.state, stored.version) == (won.state, 3)
    assert bool(stored.approved_by) is (stored.state == ReportState.APPROVED)


def test_a_double_click_submits_once(open_round, people, meet):
    report = make_report(open_round, by=people["staff"], state="draft", **fields_for("on_hold"))
    meet(report_verbs, "_claim_version")

    def submitting():
        mine = StatusReport.objects.with_context().get(pk=report.pk)
        return lambda: actions.submit(report=mine, by=people["staff"], version=mine.version)

    outcomes = at_once(submitting(), submitting())
    assert len(winners(outcomes)) == 1
    assert isinstance(losers(outcomes)[0], Conflict)
    assert report.history.filter(history_change_reason="submit").count() == 1


def test_two_who_open_a_round_open_it_once(forum, people, meet):
    round_ = actions.create_round(by=None, year=2569)
    meet(permissions, "may_run")

    def opening(by):
        mine = Round.objects.get(pk=round_.pk)
        return lambda: actions.open_round(round_=mine, by=by)

    outcomes = at_once(opening(people["staff"]), opening(people["colleague"]))
    assert len(winners(outcomes)) == 1
    (lost,) = losers(outcomes)
    assert isinstance(lost, Refused)
    assert str(lost) == STALE_ROUND
    assert round_.reports.count() == 103
    assert Round.history.filter(state="open").count() == 1


def test_a_published_round_is_not_reopened_under_the_publishers_hands(open_round, people, meet):
    """The two steps start from the same state: once one is done, the other is refused."""
    actions.close_round(round_=open_round, by=people["staff"])
    meet(permissions, "may_run", "may_publish")
    mine, theirs = (Round.objects.get(pk=open_round.pk) for _turn in "ab")
    outcomes = at_once(
        lambda: actions.publish_round(
            round_=mine, by=people["reviewer"], meeting_ref="5/2569", meeting_on=date(2026, 12, 18)
        ),
        lambda: actions.reopen_round(round_=theirs, by=people["administrator"]),
    )
    (won,) = winners(outcomes)
    assert isinstance(losers(outcomes)[0], Refused)
    stored = Round.objects.get(pk=open_round.pk)
    assert (stored.state, stored.published_at is not None) == (won.state, won.state == "published")


def test_two_who_create_a_round_make_one_and_the_other_is_told_so(db, people, meet):
    meet(round_verbs, "fiscal_year_bounds")  # called when the year was found free
    outcomes = at_once(
        lambda: actions.create_round(by=people["staff"], year=2569),
        lambda: actions.create_round(by=people["colleague"], year=2569),
    )
    assert Round.objects.count() == 1
    (lost,) = losers(outcomes)
    assert isinstance(lost, Refused), repr(lost)
    assert lost.messages == {"year": ROUND_EXISTS}


def test_evidence_of_the_winner_only_is_stored_when_two_replace_it(open_round, people, meet):
    make_report(open_round, by=people["staff"], state="draft", evidence=[link(1), link(2)])
    meet(report_verbs, "_claim_version")
    outcomes = at_once(
        saving(open_round, people["staff"], "ก"), saving(open_round, people["colleague"], "ข")
    )
    (won,) = winners(outcomes)
    assert list(Evidence.objects.values_list("title", flat=True)) == [won.results]


def test_a_submission_is_taken_back_or_opened_by_a_reviewer_never_both(open_round, people, meet):
    report = make_report(open_round, by=people["staff"], state="submitted")
    meet(report_verbs, "compare_and_set")
    mine, theirs = (StatusReport.objects.with_context().get(pk=report.pk) for _turn in range(2))
    recalled, opened = at_once(
        lambda: actions.recall(report=mine, by=people["staff"], version=mine.version),
        lambda: actions.note_review_opened(report=theirs, by=people["reviewer"]),
    )
    stored = StatusReport.objects.get(pk=report.pk)
    was_opened = opened is True
    assert isinstance(recalled, Exception) == was_opened
    assert (stored.state == ReportState.SUBMITTED) == was_opened
    assert (stored.review_opened_at is not None) == was_opened
