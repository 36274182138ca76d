"""An edition is made outside of any write, and stored only if its ground is as it was."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions, publication, published
from followup.actions import rounds as round_verbs
from followup.actions.narratives import Written
from followup.annual_report import store
from followup.models import (
    Agency,
    Assignment,
    Evidence,
    Letter,
    PublishedEdition,
    Round,
    Ruling,
    Snapshot,
    StatusReport,
)
from followup.tests.actions.verbs import refused
from followup.tests.factories import dump, link, make_report, measure_of
from proposals.models import Measure

WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def closed_round(open_round, people):
    make_report(open_round, "1.2", by=people["staff"], state="submitted")
    make_report(
        open_round, "3.1", by=people["staff"], reviewer=people["reviewer"], evidence=[link()]
    )
    return actions.close_round(round_=open_round, by=people["staff"])


def prepared(round_):
    return publication.prepare(round_, meeting_ref="", meeting_on=None)


def test_preparing_writes_nothing(closed_round):
    before = dump()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        made = prepared(closed_round)
    assert not [each["sql"] for each in queries if each["sql"].startswith(WRITES)]
    assert dump() == before
    assert made.edition.pk is None


def test_what_was_prepared_is_what_is_stored(closed_round, people):
    made = prepared(closed_round)
    stored = actions.publish_round(round_=closed_round, by=people["reviewer"])
    edition = stored.snapshots.get()
    assert (edition.content, edition.digest) == (made.edition.content, made.edition.digest)
    assert edition.made_by == people["reviewer"]
    assert stored.published_at == edition.made_at
    document = store.document(edition)
    assert store.printed(edition, "document") == store.as_stored(
        store.built(
            stored,
            publication.snapshots.thaw(edition.content),
            edition=1,
            digest=edition.digest,
            made_at=edition.made_at,
            corrections=[],
            effects={},
        )
    )
    assert document["title"]


def test_others_wait_for_a_few_statements_only(closed_round, people):
    made = prepared(closed_round)
    with CaptureQueriesContext(connection) as queries:
        stored = round_verbs._publish(
            round_=closed_round, by=people["reviewer"], prepared=made, meeting=("", None)
        )
    assert isinstance(stored, Snapshot)
    assert len(queries) <= 50, [each["sql"][:80] for each in queries]
    writes = [each["sql"] for each in queries if each["sql"].startswith(WRITES)]
    # The round twice, its history, the edition, its report and the pages of it, the entry of the chain,
    # and the job that prints it.
    assert len(writes) <= 8, [each[:80] for each in writes]


def _approve(round_, people):
    report = round_.reports.with_context().get(state="submitted")
    actions.approve(report=report, by=people["administrator"], version=report.version)


def _withdraw_evidence(round_, people):
    Evidence.objects.get(report__round=round_).delete()


def _narrate(round_, people):
    texts = {"preface": Written("ข้อความใหม่", "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)


def _rule(round_, people):
    Ruling.objects.create(
        round=round_,
        measure=measure_of("2565-1.1"),
        status="completed",
        meeting_ref="1/2569",
        meeting_on=date(2026, 1, 1),
    )


def _rename(round_, people):
    Agency.objects.filter(code="CODI").update(name_th="ชื่อใหม่")


def _end(round_, people):
    assignment = Assignment.objects.first()
    assignment.valid_to = 2568
    assignment.save()


def _retitle(round_, people):
    Measure.objects.filter(pk=measure_of("2565-1.1").pk).update(title_th="ชื่อใหม่")


def _withdraw(round_, people):
    report = StatusReport.objects.filter(round=round_, version=0).first()
    report.delete()


def _write_to(round_, people):
    Letter.objects.create(
        round=round_,
        agency=Agency.objects.get(code="CODI"),
        attempt=1,
        number="พม 1",
        sent_on=date(2025, 10, 1),
        answer_by=date(2025, 10, 31),
    )


@pytest.mark.parametrize(
    "change",
    [
        _approve,
        _withdraw_evidence,
        _narrate,
        _rule,
        _rename,
        _end,
        _retitle,
        _withdraw,
        _write_to,
    ],
)
def test_the_ground_moves_with_all_that_an_edition_is_made_of(closed_round, people, change):
    made = prepared(closed_round)
    assert publication.ground_of(closed_round) == made.ground
    change(closed_round, people)
    assert publication.ground_of(closed_round) != made.ground
    before = dump()
    assert (
        round_verbs._publish(
            round_=closed_round, by=people["reviewer"], prepared=made, meeting=("", None)
        )
        is None
    )
    assert dump() == before


def test_who_publishes_while_others_save_without_end_is_told(closed_round, people, monkeypatch):
    grounds = iter(range(1000))
    monkeypatch.setattr(publication, "ground_of", lambda round_: str(next(grounds)))
    told = refused(actions.publish_round, round_=closed_round, by=people["reviewer"])
    assert "ระหว่างที่เตรียมเผยแพร่" in told[""]
    assert next(grounds) == 2 * round_verbs.PREPARED_AT_MOST
    assert Round.objects.get(pk=closed_round.pk).state == "closed"


def test_no_rows_are_left_of_an_edition_that_somebody_else_was_faster_with(
    closed_round, people, monkeypatch
):
    def too_late(**_kwargs):
        raise actions.Refused(round_verbs.stale_message())

    monkeypatch.setattr(round_verbs, "_publish", too_late)
    refused(actions.publish_round, round_=closed_round, by=people["reviewer"])


def test_an_edition_has_its_rows_though_somebody_removes_them_meanwhile(
    closed_round, people, monkeypatch
):
    real = round_verbs._publish

    def beside(**kwargs):
        published.remove_rows([kwargs["prepared"].edition.digest])
        return real(**kwargs)

    monkeypatch.setattr(round_verbs, "_publish", beside)
    round_ = actions.publish_round(round_=closed_round, by=people["reviewer"])
    rows = PublishedEdition.objects.get(digest=round_.snapshots.get().digest)
    assert rows.ready_at
