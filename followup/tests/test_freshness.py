"""What a public page says about its own age, and of an open round only a count, if that."""

from datetime import date, datetime

import time_machine
from django.utils import timezone

from followup import actions
from followup.freshness import Collecting, Freshness, freshness
from followup.models import Round, Snapshot
from followup.tests.editions import correct, publish_three_reports, take_back
from followup.tests.factories import make_report


def at(day):
    return timezone.make_aware(datetime(2026, 11, day, 9))


def test_a_published_round_has_its_edition_and_a_corrected_one_the_day_of_that(open_round, people):
    published = publish_three_reports(open_round, people)
    assert freshness(published) == Freshness(published, 1)
    correct(published, people)
    last = Snapshot.objects.get(round=published, number=2)
    assert freshness(published) == Freshness(published, 2, last.made_at)


def test_an_edition_that_was_taken_back_corrects_nothing(open_round, people):
    published = publish_three_reports(open_round, people)
    take_back(published, people["reviewer"])
    actions.publish_round(round_=published, by=people["reviewer"], meeting_ref="6/2569")
    assert freshness(Round.objects.get(pk=published.pk)) == Freshness(published, 2)


def test_an_open_round_is_a_count_to_the_end_of_yesterday(open_round, people, settings):
    assert freshness(None) == Freshness(None), "unless the setting allows it, nothing"
    settings.PORTAL_SHOW_OPEN_ROUND = True
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    with time_machine.travel(at(10)):
        make_report(open_round, "1.2", status="in_progress", **write)
        make_report(open_round, "1.3", state="submitted", **write)
        found = freshness(None).collecting
        assert found == Collecting(open_round, 0, 103, counted_to=date(2026, 11, 9))
    with time_machine.travel(at(11)):
        found = freshness(None).collecting
        assert found == Collecting(open_round, 1, 103, counted_to=date(2026, 11, 10))


def test_a_reopened_round_is_not_being_collected(open_round, people, settings):
    settings.PORTAL_SHOW_OPEN_ROUND = True
    published = publish_three_reports(open_round, people)
    actions.reopen_round(round_=published, by=people["reviewer"], reason="แก้จำนวน")
    published.refresh_from_db()
    assert published.state == "open"
    assert freshness(published).collecting is None


def test_pages_name_the_edition_and_lead_to_its_corrections(open_round, people, visitor, settings):
    published = publish_three_reports(open_round, people)
    line = visitor.page("/").one("ul.fresh")
    assert "ฉบับที่ 1" in line.text
    assert "แก้ไขล่าสุด" not in line.text
    assert "กำลังรวบรวม" not in line.text
    correct(published, people)
    line = visitor.page("/resolutions/2565/1/").one("ul.fresh")
    assert "ฉบับที่ 2" in line.text
    assert [each["href"] for each in line.select("a")] == ["/years/2569/", "/corrections/"]
