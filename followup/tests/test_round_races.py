"""A round moves while somebody writes: the edition has what they wrote, or they are told that it has not.

One thread moves the round and stops in the middle of it; the other one begins its verb there. On
PostgreSQL the verb waits for the round's lock, on SQLite for the database's.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from followup import actions, publication, snapshots
from followup.actions import Refused
from followup.actions import reports as report_verbs
from followup.actions import rounds as round_verbs
from followup.actions.narratives import Written
from followup.models import Agency, ReportState, Round, Ruling, StatusReport
from followup.tests.assignments import assignment_of, seen
from followup.tests.factories import link, make_report
from followup.tests.test_races import PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Call = Callable[[], Any]


@pytest.fixture
def in_the_middle(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Return a function that calls `first`, and `second` when `first` has done what is named."""

    def run(owner: Any, name: str, first: Call, second: Call) -> list[Any]:
        real, inside, ended = getattr(owner, name), threading.Event(), threading.Event()

        def stop_after(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            inside.set()
            ended.wait(1.5)  # `second` ends, or it waits for a lock that `first` holds
            return result

        def later() -> Any:
            assert inside.wait(PATIENCE), f"{name} was not called"
            try:
                return second()
            finally:
                ended.set()

        monkeypatch.setattr(owner, name, stop_after)
        return at_once(first, later)

    return run


@pytest.fixture
def closed_round(open_round: Round, people: Any) -> Round:
    """A closed round with a submitted report (1.2), and an approved one that was overruled (3.1)."""
    make_report(open_round, "1.2", by=people["staff"], state=ReportState.SUBMITTED)
    make_report(
        open_round,
        "3.1",
        by=people["staff"],
        reviewer=people["reviewer"],
        assessed={"assessed_status": "not_started", "assessed_note": "ยังไม่เห็นผล"},
    )
    return actions.close_round(round_=open_round, by=people["staff"])


def report_on(round_: Round, measure: str) -> StatusReport:
    return round_.reports.with_context().get(
        version__gt=0,
        assignment__measure__resolution__number=measure[0],
        assignment__measure__number=measure[2],
    )


def approving(round_: Round, people: Any) -> Call:
    report = report_on(round_, "1.2")
    by = people["administrator"]
    return lambda: actions.approve(report=report, by=by, version=report.version)


def approving_many(round_: Round, people: Any) -> Call:
    report = report_on(round_, "1.2")
    by = people["administrator"]
    return lambda: actions.approve_many(reports=[(report, report.version)], by=by)


def sending_back(round_: Round, people: Any) -> Call:
    report = report_on(round_, "3.1")
    by = people["administrator"]
    return lambda: actions.send_back(report=report, by=by, version=report.version, reason="แก้ตัวเลข")


def replying(round_: Round, people: Any) -> Call:
    report = report_on(round_, "3.1")
    by = people["staff"]
    return lambda: actions.reply(report=report, by=by, version=report.version, text="คำชี้แจง")


def narrating(round_: Round, people: Any) -> Call:
    texts = {"preface": Written("ข้อความใหม่", "")}
    return lambda: actions.write_narratives(round_=round_, by=people["staff"], texts=texts)


VERBS = [approving, approving_many, sending_back, replying, narrating]


@pytest.mark.parametrize("verb", VERBS)
def test_the_edition_equals_the_tables_or_the_verb_is_refused(
    closed_round, people, in_the_middle, verb
):
    mine = Round.objects.get(pk=closed_round.pk)
    published, written = in_the_middle(
        snapshots,
        "keep",
        lambda: actions.publish_round(round_=closed_round, by=people["reviewer"]),
        verb(mine, people),
    )
    assert isinstance(published, Round), repr(published)
    assert isinstance(written, Refused), repr(written)
    assert "เผยแพร่" in str(written), "it says why"
    now = Round.objects.get(pk=closed_round.pk)
    assert now.snapshots.get().content == snapshots.freeze(now)


@pytest.mark.parametrize("verb", VERBS[:-1])
def test_control_without_the_lock_an_approval_is_missing_in_the_edition(
    closed_round, people, in_the_middle, monkeypatch, verb
):
    monkeypatch.setattr(report_verbs, "_lock", lambda report, link=None: None)
    monkeypatch.setattr(type(Round.objects), "locked", lambda self: self)
    published, written = in_the_middle(
        snapshots,
        "keep",
        lambda: actions.publish_round(round_=closed_round, by=people["reviewer"]),
        verb(closed_round, people),
    )
    assert isinstance(published, Round), repr(published)
    assert not isinstance(written, Exception), "the reviewer was told that it was done"
    now = Round.objects.get(pk=closed_round.pk)
    assert now.snapshots.get().content != snapshots.freeze(now)


@pytest.mark.parametrize("verb", [approving, narrating])
def test_who_saves_while_an_edition_is_prepared_is_not_kept_waiting_and_is_in_it(
    closed_round, people, in_the_middle, verb
):
    mine = Round.objects.get(pk=closed_round.pk)
    published, written = in_the_middle(
        publication,
        "prepare",
        lambda: actions.publish_round(round_=closed_round, by=people["reviewer"]),
        verb(mine, people),
    )
    assert isinstance(published, Round), repr(published)
    assert not isinstance(written, Exception), repr(written)
    now = Round.objects.get(pk=closed_round.pk)
    assert now.snapshots.get().content == snapshots.freeze(now)


def test_control_without_the_ground_what_was_saved_meanwhile_is_missing_in_the_edition(
    closed_round, people, in_the_middle, monkeypatch
):
    monkeypatch.setattr(publication, "ground_of", lambda round_: "the same")
    published, written = in_the_middle(
        publication,
        "prepare",
        lambda: actions.publish_round(round_=closed_round, by=people["reviewer"]),
        approving(Round.objects.get(pk=closed_round.pk), people),
    )
    assert isinstance(published, Round), repr(published)
    assert not isinstance(written, Exception), repr(written)
    now = Round.objects.get(pk=closed_round.pk)
    assert now.snapshots.get().content != snapshots.freeze(now)


def saving(round_: Round, people: Any, **writer: Any) -> Call:
    report = round_.reports.with_context().filter(version=0)[0]

    def call() -> StatusReport:
        return actions.save_draft(
            report=report,
            **(writer or {"by": people["staff"]}),
            version=0,
            fields={"results": "พิมพ์อยู่"},
            evidence=[link()],
        )

    return call


def submitting(round_: Round, people: Any) -> Call:
    make_report(round_, "1.2", by=people["staff"], state=ReportState.DRAFT)
    report = report_on(round_, "1.2")
    return lambda: actions.submit(report=report, by=people["staff"], version=report.version)


def issuing(round_: Round, people: Any) -> Call:
    agency = Agency.objects.get(code="MSDHS")
    return lambda: actions.issue_link(round_=round_, agency=agency, by=people["staff"])


@pytest.mark.parametrize("verb", [saving, submitting, issuing])
def test_nothing_is_written_into_a_round_that_closes(open_round, people, in_the_middle, verb):
    mine = Round.objects.get(pk=open_round.pk)
    call = verb(mine, people)
    before = snapshots.freeze(mine), StatusReport.history.count()
    closed, written = in_the_middle(
        round_verbs,
        "advance",
        lambda: actions.close_round(round_=open_round, by=people["staff"]),
        call,
    )
    assert isinstance(closed, Round), repr(closed)
    assert isinstance(written, Refused), repr(written)
    now = Round.objects.get(pk=open_round.pk)
    assert (snapshots.freeze(mine), StatusReport.history.count()) == before
    assert not now.links.exists()


def test_control_without_the_lock_a_draft_is_saved_after_the_close(
    open_round, people, in_the_middle, monkeypatch
):
    monkeypatch.setattr(report_verbs, "_lock", lambda report, link=None: None)
    mine = Round.objects.get(pk=open_round.pk)
    _closed, written = in_the_middle(
        round_verbs,
        "advance",
        lambda: actions.close_round(round_=open_round, by=people["staff"]),
        saving(mine, people),
    )
    assert isinstance(written, StatusReport)


def test_a_ruling_is_refused_while_its_round_is_published(closed_round, people, in_the_middle):
    desk = Client()
    desk.force_login(people["administrator"])
    form = {
        "round": closed_round.pk,
        "measure": report_on(closed_round, "1.2").measure.pk,
        "status": "completed",
        "meeting_ref": "3/2569",
    }
    published, page = in_the_middle(
        snapshots,
        "keep",
        lambda: actions.publish_round(round_=closed_round, by=people["reviewer"]),
        lambda: desk.post(reverse("admin:followup_ruling_add"), form),
    )
    assert isinstance(published, Round), repr(published)
    assert "เผยแพร่แล้ว เปิดแก้ไขรอบพร้อมเหตุผลก่อน จึงบันทึกมติได้" in page.content.decode()
    assert not Ruling.objects.exists()
    now = Round.objects.get(pk=closed_round.pk)
    assert now.snapshots.get().content == snapshots.freeze(now)


def test_an_agencys_link_writes_nothing_once_it_is_revoked(open_round, people, in_the_middle):
    agency = Agency.objects.get(code="MSDHS")
    issued = actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    report = open_round.reports.with_context().filter(assignment__agency=agency)[0]
    assert actions.find_link(actions.token_of(issued))
    actions.revoke_link(link=type(issued).objects.get(pk=issued.pk), by=people["staff"])
    with pytest.raises(PermissionDenied):
        actions.save_draft(
            report=report, link=issued, version=0, fields={"results": "ช้าไป"}, evidence=[]
        )
    report.refresh_from_db()
    assert report.is_untouched


def test_a_round_that_opens_expects_no_report_of_an_assignment_that_ends(
    open_round: Round, people: Any, in_the_middle: Callable[..., list[Any]]
) -> None:
    """Two processes: without the rounds' locks the one that ends it does not see the round open."""
    by = people["administrator"]
    later = actions.create_round(by=by, year=2570)
    row = assignment_of("1.1", "MSDHS")
    version = seen(row)
    in_the_middle(
        round_verbs,
        "expect_reports",
        lambda: actions.open_round(round_=later, by=people["staff"]),
        lambda: actions.end_assignment(by=by, assignment=row, seen=version, last_year=2569),
    )
    assert Round.objects.get(pk=later.pk).state == "open"
    assert not later.reports.filter(assignment=row).exists()
    assert open_round.reports.filter(assignment=row).exists()
    assert later.reports.count() == open_round.reports.count() - 1
