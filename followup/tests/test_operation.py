"""Figures of the running portal are those of its rows."""

import os
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from followup import actions, health, jobs, operation
from followup.models import (
    AgencyLink,
    FocalPoint,
    NewsMail,
    ReportState,
    Round,
    SentMail,
    SpreadsheetImport,
    StatusReport,
)
from followup.tests.assessing import invite
from followup.tests.editions import publish_three_reports
from followup.tests.factories import make_report
from followup.tests.subscribers import subscribed
from forum_portal.version import VERSION

WELL = {"database": health.Finding(True), "disk": health.Finding(False, "full")}


def values(found, name):
    """The values of the gauge of this name, by its one label."""
    [gauge] = [each for each in operation.gauges(found) if each.name == name]
    return {labels[0] if labels else "": value for labels, value in gauge.values.items()}


def test_reports_of_open_rounds_are_counted_by_state(open_round, people):
    make_report(open_round, "1.2", by=people["staff"], state="submitted")
    make_report(open_round, "3.4", by=people["staff"], state="draft")
    told = values(WELL, "portal_reports")
    assert told["submitted"] == 1
    assert set(told) == set(ReportState.values), "those without a report are told as 0"
    assert sum(told.values()) == StatusReport.objects.standing().filter(round=open_round).count()
    actions.close_round(round_=Round.objects.get(pk=open_round.pk), by=people["staff"])
    assert set(values(WELL, "portal_reports").values()) == {0}


def test_its_figures_are_a_few_queries(open_round, django_assert_num_queries):
    with django_assert_num_queries(8):
        operation.gauges(WELL)


def test_jobs_are_counted_by_state_with_the_wait_of_the_oldest(db):
    jobs.sign_on("one")
    jobs.enqueue("prune_jobs")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=90))
    assert values(WELL, "portal_jobs") == {"waiting": 1, "running": 0, "failed": 0}
    assert values(WELL, "portal_jobs_oldest_waiting_seconds")[""] in range(90, 120)
    assert values(WELL, "portal_workers") == {"living": 1, "lost": 0}
    assert jobs.claim("files", "one")
    assert values(WELL, "portal_jobs") == {"waiting": 0, "running": 1, "failed": 0}
    assert values(WELL, "portal_jobs_oldest_waiting_seconds") == {"": 0}


def test_imports_are_counted_by_state(open_round, people):
    for state in ("checking", "checking", "checked"):
        SpreadsheetImport.objects.create(round=open_round, created_by=people["staff"], state=state)
    told = values(WELL, "portal_imports")
    assert (told["checking"], told["checked"], told["failed"]) == (2, 1, 0)


def test_checks_and_the_version_are_told_without_the_database(settings):
    settings.BACKUP_MARK = ""
    told = operation.gauges(
        {"database": health.Finding(False, "gone"), "disk": health.Finding(True)}
    )
    assert [each.name for each in told] == ["portal_info", "portal_check_ok"]
    assert told[0].values == {(VERSION,): 1}
    assert told[1].values == {("database",): 0, ("disk",): 1}


def test_the_last_backup_is_told_by_its_time(db, settings, tmp_path):
    settings.BACKUP_MARK = str(tmp_path / "mark")
    assert "portal_backup_timestamp_seconds" not in {each.name for each in operation.gauges(WELL)}
    (tmp_path / "mark").touch()
    os.utime(settings.BACKUP_MARK, (1_700_000_000, 1_700_000_000))
    assert values(WELL, "portal_backup_timestamp_seconds") == {"": 1_700_000_000}


def test_mails_that_wait_and_that_failed_lately_are_counted(open_round, people, codi):
    """Both kinds: to focal points, and to subscribers."""
    for name in ("a", "b"):
        FocalPoint.objects.create(agency=codi, name=name, email=f"{name}@codi.example.org")
    actions.queue_mails(
        round_=open_round, agencies=[codi], content="workbook", sending=uuid4(), by=people["staff"]
    )
    publish_three_reports(open_round, people)
    subscribed()
    [edition] = open_round.snapshots.all()
    actions.queue_news(snapshot=edition, kind="edition", told_at=timezone.now())
    one, two = SentMail.objects.exclude(focal_point=None)
    assert operation.Mails.now() == operation.Mails(waiting=3, failed=0)
    SentMail.objects.filter(pk=one.pk).update(outcome="failed")
    SentMail.objects.filter(pk=two.pk).update(
        outcome="refused", at=timezone.now() - timedelta(days=8)
    )
    NewsMail.objects.update(outcome="expired")
    assert operation.Mails.now() == operation.Mails(waiting=0, failed=2), "one was long ago"
    assert values(WELL, "portal_mails") == {"waiting": 0, "failed": 2}


def test_links_that_work_are_counted_with_the_first_end(open_round, people, msdhs, codi):
    assert operation.agency_links() == operation.Links(0, 0, None)
    now = timezone.now()
    soon = actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])
    late = actions.issue_link(round_=open_round, agency=codi, by=people["staff"])
    AgencyLink.objects.filter(pk=soon.pk).update(expires_at=now + timedelta(days=13))
    AgencyLink.objects.filter(pk=late.pk).update(expires_at=now + timedelta(days=15))
    soon.refresh_from_db()
    assert operation.agency_links() == operation.Links(2, 1, soon.last_day)
    AgencyLink.objects.filter(pk=soon.pk).update(
        expires_at=now - timedelta(seconds=1), issued_at=now - timedelta(days=2)
    )
    late.refresh_from_db()
    assert operation.agency_links() == operation.Links(1, 0, late.last_day), "one has ended"


def test_links_of_organisations_that_left_do_not_count(open_round, people):
    link = invite(open_round, people["staff"])
    assert operation.organisation_links() == operation.Links(1, 0, link.last_day)
    type(link.organisation).objects.update(ended_on=timezone.localdate())
    assert operation.organisation_links() == operation.Links(0, 0, None)


def test_the_programs_are_named_with_their_versions(db):
    told = operation.programs()
    assert {"Python", "Django"} < set(told)
    assert len(told) == 3
    assert all(number[0].isdigit() for number in told.values())
