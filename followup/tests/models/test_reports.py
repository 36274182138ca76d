"""A report: its public status, what it lacks, and what keeps it."""

import pytest
from django.db.models import ProtectedError

from followup.models import Assignment, Evidence, StatusReport
from followup.status import Status
from followup.tests.models.rows import APPROVED, new_row


@pytest.mark.parametrize(
    ("reported", "assessed", "stands_for", "differ"),
    [
        ("", "", "no_report", False),
        ("in_progress", "", "in_progress", False),
        ("completed", "in_progress", "in_progress", True),
        ("completed", "completed", "completed", False),
        ("", "on_hold", "on_hold", True),
    ],
)
def test_the_assessed_status_is_the_public_one(reported, assessed, stands_for, differ):
    report = StatusReport(reported_status=reported, assessed_status=assessed)
    assert report.status is Status(stands_for)
    assert report.voices_differ is differ


def test_untouched_is_what_nobody_has_saved(world):
    assert world.report.is_untouched
    world.report.version = 1
    assert not world.report.is_untouched


@pytest.mark.parametrize("status", ["completed", "continuous"])
def test_an_achievement_without_evidence_lacks_it(world, status):
    world.report.reported_status = status
    assert world.report.lacks_evidence
    new_row(Evidence, world, is_public=False).save()
    assert not world.report.lacks_evidence, "not for the public, but seen by the committee"
    assert list(world.report.public_evidence) == []


@pytest.mark.parametrize("status", ["in_progress", "not_started", "on_hold", "cancelled"])
def test_other_statuses_lack_no_evidence(world, status):
    world.report.reported_status = status
    assert not world.report.lacks_evidence


def test_public_evidence_leaves_out_what_is_not_public(world):
    new_row(Evidence, world, title="เปิดเผย", position=1).save()
    new_row(Evidence, world, title="ภายใน", is_public=False).save()
    assert [piece.title for piece in world.report.public_evidence] == ["เปิดเผย"]


def test_with_context_orders_as_the_source_does_and_asks_no_more(world, django_assert_num_queries):
    Assignment.objects.filter(pk=world.assignment2.pk).update(role="lead")
    third = new_row(Assignment, world, measure=world.other)
    third.save()
    StatusReport.objects.create(round=world.round, assignment=third)
    with django_assert_num_queries(3):  # reports, evidence, provinces
        reports = list(StatusReport.objects.with_context())
        for report in reports:
            assert report.round.name == "รอบ 12 เดือน ปีงบประมาณ 2568"
            assert not report.lacks_evidence
            assert not report.provinces.all()
    assert [str(report) for report in reports] == [
        "2568 2565-1.1 A",
        "2568 2565-1.1 B",
        "2568 2565-1.2 A",
    ]


def test_what_a_report_hangs_on_does_not_go_while_it_is_there(world):
    with pytest.raises(ProtectedError):
        world.assignment.delete()
    with pytest.raises(ProtectedError):
        world.agency.delete()
    with pytest.raises(ProtectedError):
        world.measure.delete()


def test_a_deleted_user_leaves_the_reports_behind(world):
    report = new_row(StatusReport, world, **APPROVED)
    report.save()
    world.writer.delete()
    report.refresh_from_db()
    assert report.submitted_by is None
    assert report.state == "approved"
