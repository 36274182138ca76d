"""An agency with its link and the secretariat at the same time: exactly one of them succeeds."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from followup import actions
from followup.actions import Conflict, Refused
from followup.actions import reports as report_verbs
from followup.models import Agency, AgencyLink, StatusReport
from followup.tests.factories import find_report, link
from followup.tests.test_races import at_once, losers, meet, winners  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issued(open_round, people):
    agency = Agency.objects.get(code="MSDHS")
    return actions.issue_link(round_=open_round, agency=agency, by=people["staff"])


def saving(round_, text, **writer):
    report = find_report(round_, "1.2")

    def call():
        return actions.save_draft(
            report=report,
            **writer,
            version=report.version,
            fields={"results": text},
            evidence=[link(1) | {"title": text}],
        )

    return call


def test_of_an_agency_and_a_colleague_exactly_one_wins(open_round, people, issued, meet):  # noqa: F811
    meet(report_verbs, "_claim_version")
    outcomes = at_once(
        saving(open_round, "ของหน่วยงาน", link=issued),
        saving(open_round, "ของเจ้าหน้าที่", by=people["staff"]),
    )
    (won,) = winners(outcomes)
    (lost,) = losers(outcomes)
    assert isinstance(lost, Conflict)
    stored = find_report(open_round, "1.2")
    assert (stored.version, stored.results) == (1, won.results)
    assert [piece.title for piece in stored.evidence.all()] == [won.results]
    assert issued.uses.count() == (won.updated_by is None), "the loser's use is not noted"


def test_control_without_the_version_check_one_of_the_two_is_lost(
    open_round,
    people,
    issued,
    meet,  # noqa: F811
    monkeypatch,
):
    def careless(report, version):
        StatusReport.objects.filter(pk=report.pk).update(version=F("version") + 1)
        report.version = version + 1

    monkeypatch.setattr(report_verbs, "_claim_version", careless)
    meet(report_verbs, "_claim_version")
    outcomes = at_once(
        saving(open_round, "ของหน่วยงาน", link=issued),
        saving(open_round, "ของเจ้าหน้าที่", by=people["staff"]),
    )
    assert len(winners(outcomes)) == 2, "both were told that they had saved"


def test_two_who_issue_a_link_make_one(open_round, people, meet):  # noqa: F811
    agency = Agency.objects.get(code="MSDHS")
    meet(AgencyLink, "save")
    outcomes = at_once(
        *(
            lambda by=by: actions.issue_link(round_=open_round, agency=agency, by=by)
            for by in (people["staff"], people["colleague"])
        )
    )
    assert len(winners(outcomes)) == 1
    assert isinstance(losers(outcomes)[0], Refused)
    assert AgencyLink.objects.filter(revoked_at=None).count() == 1


def test_the_database_holds_one_link_at_a_time(issued):
    issued.pk, issued.key = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        issued.save(force_insert=True)
