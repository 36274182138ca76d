"""What is told of a thing that is followed: two forums, two agencies, many reports."""

import pytest

from followup import actions, movements
from followup.models import Agency, Province, Round
from followup.movements import Kind, Record, Subject
from followup.tests.factories import fields_for
from followup.tests.groups import assign, make_group, offices
from followup.tests.subscribers import resolution


def told(subject, year=2568):
    """The lines of a year's publication."""
    found = [
        each
        for each in Record().movements(subject)
        if each.event.act == "published" and each.event.round.year_be == year
    ]
    return list(found[0].lines) if found else None


def test_resolutions_of_two_forums_with_one_number_are_two(two_forums):
    first, second = (Subject.of(resolution(2, year)) for year in (2565, 2566))
    assert told(first) != told(second)
    assert "2565-2.2" not in str(told(first)), "it is followed up under 2566-2.1"
    assert "2566-2.1 " in str(told(second))
    assert told(second, 2566) is None, "2566 is followed up from 2567 on"
    (name,) = {subject.name(several_forums=True)[:8] for subject in (first,)}
    assert name == "เวที 256"


def test_a_long_list_is_cut_and_says_so(demo, monkeypatch):
    monkeypatch.setattr(movements, "LISTED", 2)
    lines = told(Subject.of(Agency.objects.get(code="CODI")))
    assert len(lines) == 4
    assert lines[-1].startswith("และอีก ")


def test_a_group_is_told_by_how_many_of_its_members_have_reported(open_round, people):
    admin, staff = people["administrator"], people["staff"]
    members = offices(3)
    group = make_group(admin, members)
    assign(admin, group, "2565-1.2")
    report = open_round.reports.get(assignment__agency=members[0])
    draft = actions.save_draft(
        report=report,
        by=staff,
        version=report.version,
        fields=fields_for("in_progress"),
        evidence=[],
    )
    sent = actions.submit(report=draft, by=staff, version=draft.version)
    actions.approve(report=sent, by=people["reviewer"], version=sent.version)
    actions.close_round(round_=open_round, by=staff)
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert told(Subject.of(group), 2569) == ["ได้รับรายงานแล้ว 1 จาก 3 รายการ"]
    assert told(Subject.of(members[0]), 2569)[0] == "ได้รับรายงานแล้ว 1 จาก 1 รายการ"
    assert told(Subject.of(members[1]), 2569)[0] == "ได้รับรายงานแล้ว 0 จาก 1 รายการ"


def test_a_report_that_names_very_many_provinces_is_of_none_alone(demo, monkeypatch):
    area = Subject.of(Province.objects.get(iso="TH-50"))
    assert told(area)
    movements._places.cache_clear()
    monkeypatch.setattr(movements, "PLACES_MAX", 0)
    assert told(area) is None
    movements._places.cache_clear()


def test_a_subject_has_a_name_a_page_and_a_feed(forum):
    whole, third = Subject(Kind.ALL), Subject.of(resolution(3))
    codi = Subject.of(Agency.objects.get(code="CODI"))
    area = Subject.of(Province.objects.get(iso="TH-50"))
    assert [each.feed_path for each in (whole, third, codi, area)] == [
        "/feed.atom",
        "/resolutions/2565/3/feed.atom",
        "/agencies/CODI/feed.atom",
        "/areas/TH-50/feed.atom",
    ]
    assert [each.path for each in (whole, third, codi)] == [
        "/",
        "/resolutions/2565/3/",
        "/agencies/CODI/",
    ]
    assert Subject.of(None) == whole
    assert area.name(several_forums=False) == "จังหวัดเชียงใหม่"


def test_figures_of_each_forum_are_told_apart(two_forums):
    record = Record()
    lines = record.figures(Round.objects.get(year_be=2568))
    assert [line.partition(":")[0] for line in lines if line.startswith("เวที")] == [
        "เวที 2565",
        "เวที 2566",
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_words_are_read_with_a_fixed_number_of_queries(demo, django_assert_max_num_queries, number):
    subject = Subject.of(resolution(number))
    Record().movements(subject)  # what was published is read once a process
    with django_assert_max_num_queries(8):
        Record().movements(subject)
