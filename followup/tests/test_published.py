"""The rows of published editions say the same as the thawed editions and their counting."""

from dataclasses import fields
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from followup import published
from followup.models import (
    Agency,
    GroupMember,
    PublishedEdition,
    PublishedLine,
    Round,
    Snapshot,
)
from followup.progress import (
    Answers,
    GroupLines,
    Reporting,
    agency_rows,
    agency_years,
    group_years,
    progress_by_year,
    unmoved_in,
)
from followup.tests.many_agencies import many_rounds


def unit(each):
    """All that a page reads of who answers, without the lines."""
    told = (each.agency.pk, str(each.agency), each.assignment.pk, each.assignment.role)
    told += (each.is_lead, each.status, each.voices_differ, each.is_group)
    if isinstance(each, GroupLines):
        told += (each.expected, each.answered, each.missing)
    return told


def answers(each: Answers):
    return {
        field.name: [unit(one) for one in value] if field.name.endswith("_units") else value
        for field in fields(each)
        for value in [getattr(each, field.name)]
    }


def line(each):
    report = each.report
    return (
        each.assignment.pk,
        each.agency.pk,
        each.status,
        each.is_lead,
        each.assignment.of_group.agency.pk if each.assignment.of_group else None,
        report
        and (
            report.pk,
            report.results,
            report.reported,
            [piece.pk for piece in report.public_evidence],
            [province.pk for province in report.provinces.all()],
            [measure.pk for measure in report.joint_with],
        ),
    )


def told(year):
    return [
        (
            one.resolution.pk,
            one.status,
            one.tally,
            one.lead_count,
            [str(agency) for agency in one.lead_agencies],
            [measure.pk for measure in one.replaced],
            [
                (
                    each.measure.pk,
                    each.measure.title_th,
                    each.status,
                    each.change,
                    each.is_counted,
                    each.heard_by_then,
                    each.ruling and each.ruling.meeting_ref,
                    answers(each.answers),
                )
                for each in one.measures
            ],
        )
        for one in year.resolutions
    ]


def assert_alike():
    """Every published round, read from rows, counts as its thawed edition does."""
    rounds = list(Round.objects.published())
    assert rounds
    whole, thin = progress_by_year(rounds), published.progress_by_year(rounds)
    assert [told(each) for each in thin] == [told(each) for each in whole]
    for year, other in zip(whole, thin, strict=True):
        edition = published.edition_of(year.round)
        lines = [each for measure in year.measures for each in measure.lines]
        assert [line(each) for each in edition.lines(edition.counted_rows())] == [
            line(each) for each in lines
        ]
        for measure, few in zip(
            year.measures, published.with_lines(other, other.measures, first=10**6), strict=True
        ):
            assert [line(each) for each in few.lines] == [line(each) for each in measure.lines]
            assert [unit(each) for each in few.lead_groups] == [
                unit(each) for each in measure.lead_groups
            ]
        for grouped, answering in ((True, published.GROUPED), (False, published.SINGLY)):
            rows = Reporting.of(agency_rows(year, grouped=grouped)).rows
            counts = published.agency_counts(edition, answering=answering)
            assert [
                (each.agency.pk, each.leads, each.supports, each.expected, each.reported)
                for each in counts[:]
            ] == [
                (row.agency.pk, row.leads, row.supports, len(row.lines), row.reported)
                for row in rows
            ]
    return rounds


def test_the_demo_reads_alike(demo):
    rounds = assert_alike()[::-1]  # the earliest first
    for agency in {row.agency for row in agency_rows(progress_by_year(rounds)[-1])}:
        assert [
            (each.round, each.expected, each.received)
            for each in published.agency_years([agency.pk], rounds)
        ] == [(each.round, len(each.lines), each.reported) for each in agency_years(agency, rounds)]


@pytest.mark.slow
def test_a_round_of_many_agencies_reads_alike(forum, people):
    many_rounds()
    (round_, *_rest) = assert_alike()
    group = GroupMember.objects.values_list("group", flat=True).first()
    groups = published.groups_of(group, published.year_progress(round_))
    (year,) = group_years(Agency.objects.get(pk=group), [round_])
    assert [unit(each) for each in groups] == [unit(each) for each in year.groups]
    first = published.with_members(groups, published.edition_of(round_), first=3)
    assert [line(each) for each in first[0].lines] == [
        line(each) for each in year.groups[0].lines[:3]
    ]


def test_two_forums_read_alike(two_forums):
    assert_alike()


# Rows that are missing, and rows of nothing ----------------------------------------------------


def rows_of_none(begun):
    edition = PublishedEdition.objects.create(digest="f" * 64, expected=0, received=0)
    PublishedEdition.objects.filter(pk=edition.pk).update(begun_at=begun)
    return edition


def test_migrations_store_the_rows_of_what_an_older_portal_published(demo):
    lines = PublishedLine.objects.count()
    published.remove_rows(Snapshot.objects.values_list("digest", flat=True))
    assert PublishedLine.objects.count() == lines, "rows of an edition that stands stay"
    PublishedEdition.objects.all().delete()
    assert not PublishedLine.objects.exists()
    call_command("migrate", verbosity=0)
    assert PublishedLine.objects.count() == lines
    assert published.write_missing() == 0
    assert_alike()


def test_rows_of_no_edition_go_but_not_those_of_a_publication_that_goes_on(demo):
    now = timezone.now()
    left, begun = rows_of_none(now - timedelta(days=1)), rows_of_none(now)
    editions = PublishedEdition.objects.count()
    assert published.write_missing() == 0
    assert PublishedEdition.objects.count() == editions - 1
    assert list(PublishedEdition.objects.filter(pk__in=[left.pk, begun.pk])) == [begun]


def test_how_long_nothing_moved_is_told_up_to_any_round(demo):
    rounds = list(Round.objects.published())
    latest, before, first = rounds
    live = unmoved_in(progress_by_year(rounds))
    found = published.unmoved(latest, rounds)
    assert found == live
    assert sorted(each.rounds for each in found.values()) == [2] * 6 + [3] * 5
    assert {each.rounds for each in published.unmoved(before, rounds).values()} == {2}
    assert published.unmoved(first, rounds) == {}
