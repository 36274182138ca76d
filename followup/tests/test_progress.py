"""The counting: one roll-up at every level, the denominators, and the demo's known figures."""

import json
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from followup import actions, corrections, snapshots
from followup.annual_report import store
from followup.models import (
    Agency,
    Assignment,
    Evidence,
    ReportState,
    Role,
    Round,
    RoundState,
    Ruling,
    StatusReport,
)
from followup.progress import (
    NO_ANSWERS,
    Comparison,
    Involved,
    Line,
    MeasureProgress,
    Reporting,
    ResolutionProgress,
    Tally,
    YearProgress,
    agency_rows,
    agency_years,
    cohorts,
    counted_status,
    edition_progress,
    group_years,
    progress_by_year,
    roll_up,
    tally,
    unmoved,
    unmoved_in,
    year_progress,
)
from followup.status import ACHIEVED, MOVING, Change, Difference, Status, missing
from followup.tests.factories import (
    copy_of,
    fields_for,
    find_report,
    grow,
    link,
    make_report,
    republish,
)
from followup.tests.groups import assign, make_group, offices
from proposals.models import Forum, Measure, Resolution

DONE = Status.COMPLETED
YEARLY = Status.CONTINUOUS
GOING = Status.IN_PROGRESS
HELD = Status.ON_HOLD
NOT_YET = Status.NOT_STARTED
ENDED = Status.CANCELLED
SILENT = Status.NO_REPORT
NOBODYS = Status.UNASSIGNED

SOME = st.lists(st.sampled_from(Status), max_size=8)


def by_code(progress: YearProgress) -> dict[str, Any]:
    return {each.measure.code: each for each in progress.measures}


# The roll-up -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        ([], NOBODYS),
        *(([status], status) for status in Status),
        # all cancelled
        ([ENDED, ENDED], ENDED),
        # all the others achieved
        ([DONE, DONE], DONE),
        ([DONE, ENDED], DONE),
        ([DONE, YEARLY], YEARLY),
        ([YEARLY, YEARLY, ENDED], YEARLY),
        # nothing received
        ([SILENT, SILENT], SILENT),
        ([SILENT, ENDED], SILENT),
        # of nobody, and of nobody but those who were silent
        ([NOBODYS, NOBODYS], NOBODYS),
        ([NOBODYS, ENDED], NOBODYS),
        ([NOBODYS, SILENT], SILENT),
        # any achieved or in progress
        ([DONE, SILENT], GOING),
        ([YEARLY, NOT_YET], GOING),
        ([DONE, HELD], GOING),
        ([GOING, DONE], GOING),
        ([GOING, SILENT, HELD, NOT_YET, ENDED], GOING),
        # any on hold
        ([HELD, NOT_YET], HELD),
        ([HELD, SILENT], HELD),
        ([HELD, ENDED, NOT_YET, SILENT], HELD),
        # else
        ([NOT_YET, SILENT], NOT_YET),
        ([NOT_YET, ENDED], NOT_YET),
    ],
)
def test_roll_up(statuses, together):
    assert roll_up(statuses) is together


def oracle(statuses):
    """The same rules, written independently in terms of the set of statuses."""
    left = set(statuses) - {ENDED}
    if not statuses:
        return NOBODYS
    if not left:
        return ENDED
    if left == {DONE}:
        return DONE
    if left in ({YEARLY}, {DONE, YEARLY}):
        return YEARLY
    if left == {NOBODYS}:
        return NOBODYS
    if left <= {SILENT, NOBODYS}:
        return SILENT
    for found, together in (({DONE, YEARLY, GOING}, GOING), ({HELD}, HELD)):
        if left & found:
            return together
    return NOT_YET


def test_roll_up_of_every_set_of_statuses():
    every = list(Status)
    sets = [list(some) for size in range(9) for some in combinations(every, size)]
    assert len(sets) == 256
    assert {tuple(some): roll_up(some) for some in sets} == {
        tuple(some): oracle(some) for some in sets
    }


@given(SOME)
def test_roll_up_agrees_with_the_oracle_however_many_there_are(statuses):
    assert roll_up(statuses) is oracle(statuses)


@given(SOME.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_order_does_not_matter(both):
    one, other = both
    assert roll_up(one) is roll_up(other)


@given(SOME.filter(lambda some: set(some) - {ENDED}), st.integers(1, 3))
def test_what_was_cancelled_neither_helps_nor_harms(statuses, times):
    assert roll_up([*statuses, *[ENDED] * times]) is roll_up(statuses)


@given(SOME)
def test_silence_is_never_an_achievement_and_never_a_step_forward(statuses):
    quieter = roll_up([*statuses, SILENT])
    assert quieter not in ACHIEVED
    if quieter in MOVING:
        assert roll_up(statuses) in MOVING


@given(SOME, SOME)
def test_an_iterator_will_do(one, other):
    assert roll_up(iter([*one, *other])) is roll_up(other + one)


# The denominator -------------------------------------------------------------------------------


def measure(status, kind="output"):
    """A measure that has come to a status: by the committee's word, or because its lead agency is
    silent, or has none."""
    ruling = None if status in (SILENT, NOBODYS) else Ruling(status=status)
    lines = [Line(Assignment(role=Role.LEAD), None)] if status is SILENT else []
    return MeasureProgress(Measure(kind=kind), lines=lines, ruling=ruling)


def test_tally_leaves_out_the_cancelled_and_the_unused_and_keeps_the_silent():
    counted = tally(
        [
            measure(DONE),
            measure(YEARLY),
            measure(YEARLY),
            measure(GOING),
            measure(HELD),
            measure(NOT_YET),
            measure(SILENT),
            measure(SILENT),
            measure(ENDED),
            measure(NOT_YET, kind="discretionary"),
        ]
    )
    assert (counted.n, counted.cancelled, counted.unused, counted.total) == (8, 1, 1, 10)
    assert counted.achieved == 3
    assert counted.moving == 4
    assert counted.of(NOT_YET) == 1
    assert counted.rows == [
        (DONE, 1),
        (YEARLY, 2),
        (GOING, 1),
        (HELD, 1),
        (NOT_YET, 1),
        (SILENT, 2),
    ]


@pytest.mark.parametrize(
    ("status", "n", "unused"),
    [
        (NOT_YET, 0, 1),  # by report, it was not used
        (SILENT, 1, 0),  # nobody knows
        (NOBODYS, 1, 0),
        (GOING, 1, 0),
        (HELD, 1, 0),
        (DONE, 1, 0),
        (YEARLY, 1, 0),
    ],
)
def test_a_discretionary_measure_leaves_the_denominator_only_when_reported_unused(
    status, n, unused
):
    counted = tally([measure(status, kind="discretionary")])
    assert (counted.n, counted.unused, counted.total) == (n, unused, 1)


@pytest.mark.parametrize("kind", ["principle", "process", "output", "outcome", "recurring"])
def test_other_measures_not_started_stay_in_the_denominator(kind):
    assert tally([measure(NOT_YET, kind=kind)]).n == 1


def test_a_tally_of_nothing():
    empty = Tally()
    assert (empty.n, empty.achieved, empty.moving, empty.total) == (0, 0, 0, 0)
    assert [count for _status, count in empty.rows] == [0] * 6


@given(st.lists(st.tuples(st.sampled_from(Status), st.sampled_from(["output", "discretionary"]))))
def test_every_measure_is_in_one_place_of_a_tally(some):
    counted = tally([measure(status, kind) for status, kind in some])
    assert counted.total == len(some)
    assert sum(count for _status, count in counted.rows) == counted.n
    assert counted.achieved <= counted.moving <= counted.n - counted.silent - counted.unassigned
    assert counted.silent == sum(status is SILENT for status, _kind in some)
    assert counted.unassigned == sum(status is NOBODYS for status, _kind in some)


def test_an_unused_measure_does_not_hold_its_resolution_back():
    unused = measure(NOT_YET, kind="discretionary")
    assert ResolutionProgress(Resolution(), [measure(DONE), unused]).status is DONE
    assert ResolutionProgress(Resolution(), [unused]).status is NOT_YET
    assert ResolutionProgress(Resolution(), [measure(DONE), measure(NOT_YET)]).status is GOING


# One report ------------------------------------------------------------------------------------


def test_what_nobody_has_approved_counts_as_not_received(open_round, people):
    """On its way through the states only the last one counts."""
    for number, state in enumerate(("draft", "submitted", "returned"), start=1):
        report = make_report(
            open_round,
            f"1.{number}",
            by=people["staff"],
            reviewer=people["reviewer"],
            status="continuous",
            state=state,
        )
        assert report.state == state
        assert counted_status(report) is SILENT
        assert Line.of(report).report is None, "nor may anybody read it"
    assert counted_status(None) is SILENT
    counted = year_progress(open_round).tally
    assert (counted.n, counted.of(SILENT), counted.achieved) == (34, 34, 0)

    approved = make_report(
        open_round, "1.4", by=people["staff"], reviewer=people["reviewer"], status="completed"
    )
    assert counted_status(approved) is DONE
    assert Line.of(approved).report == approved
    counted = year_progress(open_round).tally
    assert (counted.n, counted.of(SILENT), counted.achieved) == (34, 33, 1)


@pytest.mark.parametrize("status", ["completed", "continuous"])
def test_an_achievement_whose_evidence_is_gone_is_in_progress(open_round, people, status):
    report = make_report(open_round, by=people["staff"], reviewer=people["reviewer"], status=status)
    assert counted_status(report) is Status(status)
    report.evidence.get().delete()
    report = find_report(open_round, "1.2")
    assert report.status is Status(status), "what was said stays as it was said"
    assert counted_status(report) is GOING


def test_the_assessed_status_counts_and_the_difference_is_known(open_round, people):
    report = make_report(
        open_round,
        by=people["staff"],
        reviewer=people["reviewer"],
        status="completed",
        results="ออกประกาศแล้ว 1 ฉบับ",
        assessed={
            "assessed_status": "in_progress",
            "assessed_note": "ยังขาดอีก 2 ฉบับ",
            "assessed_meeting": "1/2569",
        },
    )
    assert counted_status(report) is GOING
    assert report.voices_differ
    found = by_code(year_progress(open_round))["1.2"]
    assert found.status is GOING
    assert found.leads[0].report.reported_status == "completed"
    assert found.leads[0].report.voices_differ


# Lead and support ------------------------------------------------------------------------------


def test_the_lead_decides_and_support_is_shown_beside_it(open_round, people):
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", "OCS", status="completed", **write)
    found = by_code(year_progress(open_round))["1.2"]
    assert found.status is SILENT, "support alone says nothing of the measure"
    assert {line.agency.code: line.status for line in found.supports} == {
        "OCS": DONE,
        "OPDC": SILENT,
        "OPM_PS": SILENT,
    }
    assert [line.agency.code for line in found.support_reports] == ["OCS"]

    make_report(open_round, "1.2", "MSDHS", status="not_started", **write)
    found = by_code(year_progress(open_round))["1.2"]
    assert found.status is NOT_YET
    assert [line.agency.code for line in found.leads] == ["MSDHS"]


def test_two_leads_are_rolled_up(open_round, people):
    Assignment.objects.filter(measure__resolution__number=1, agency__code="OCS").update(role="lead")
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", "OCS", status="completed", **write)
    progress = by_code(year_progress(open_round))
    assert progress["1.2"].status is GOING, "one of two has not reported"
    make_report(open_round, "1.2", "MSDHS", status="continuous", **write)
    progress = by_code(year_progress(open_round))
    assert progress["1.2"].status is YEARLY


# The committee's own word ------------------------------------------------------------------------


def test_a_ruling_overrules_a_measure_and_says_so(open_round, people):
    make_report(
        open_round, "1.2", by=people["staff"], reviewer=people["reviewer"], status="completed"
    )
    Ruling.objects.create(
        round=open_round,
        measure=Measure.objects.get(resolution__number=1, number=2),
        status="on_hold",
        meeting_ref="3/2569",
    )
    progress = year_progress(open_round)
    found = by_code(progress)["1.2"]
    assert (found.rolled, found.status) == (DONE, HELD)
    assert found.ruling.meeting_ref == "3/2569"
    assert progress.tally.of(HELD) == 1
    assert progress.tally.achieved == 0
    assert progress.resolutions[0].status is HELD, "the resolution follows its measures"


def test_a_ruling_on_a_resolution_leaves_its_measures_alone(open_round):
    Ruling.objects.create(
        round=open_round,
        resolution=Resolution.objects.get(number=2),
        status="cancelled",
        meeting_ref="3/2569",
    )
    progress = year_progress(open_round)
    second: Any = progress.resolutions[1]
    assert (second.rolled, second.status) == (SILENT, ENDED)
    assert second.ruling.meeting_ref == "3/2569"
    assert progress.tally.n == 34
    assert [each.status for each in progress.resolutions].count(ENDED) == 1


def test_a_ruling_holds_for_its_round_only(demo):
    progress = {each.round.year_be: each for each in progress_by_year(Round.objects.all())}
    ruled = {
        year: [each.measure.code for each in one.measures if each.ruling]
        for year, one in progress.items()
    }
    assert ruled == {2566: [], 2567: [], 2568: ["5.1"], 2569: []}
    (found,) = [each for each in progress[2568].measures if each.ruling]
    assert (found.rolled, found.status) == (DONE, GOING)


# The demo, as the mock-up has it -----------------------------------------------------------------


def figures(year):
    counted = year.tally
    return {
        "n": counted.n,
        "cancelled": counted.cancelled,
        "unused": counted.unused,
        "achieved": counted.achieved,
        "moving": counted.moving,
        **{status.value: count for status, count in counted.rows},
    }


def test_demo_figures_of_2567(demo):
    before, year = progress_by_year(Round.objects.filter(year_be__in=[2566, 2567]))
    assert figures(year) == {
        "n": 33,
        "cancelled": 0,
        "unused": 1,
        "achieved": 11,
        "moving": 22,
        "completed": 3,
        "continuous": 8,
        "in_progress": 11,
        "on_hold": 3,
        "not_started": 3,
        "no_report": 5,
    }
    assert {change.value: count for change, count in year.changes} == {
        "up": 10,
        "new": 1,
        "same": 14,
        "down": 3,
        "gap": 2,
        "silent": 3,
    }
    assert sum(count for _change, count in year.changes) == year.tally.n
    assert [each.measure.code for each in year.measures if not each.is_counted] == ["3.4"]
    assert [each.measure.code for each in year.with_status(HELD)] == ["1.4", "3.3", "6.4"]
    assert [each.measure.code for each in year.with_status(SILENT)] == [
        "2.4",
        "2.7",
        "7.1",
        "7.2",
        "7.3",
    ]
    assert len(year.changed) == 16
    assert [each.change for each in year.changed] == (
        [Change.DOWN] * 3 + [Change.GAP] * 2 + [Change.UP] * 10 + [Change.NEW]
    )
    assert [each.measure.code for each in year.worse] == ["1.4", "3.3", "6.4", "2.7", "7.1"]
    assert year.better[-1].measure.code == "4.1"
    assert [(each.tally.achieved, each.tally.n) for each in year.resolutions] == [
        (1, 4),
        (2, 8),
        (2, 5),
        (1, 3),
        (1, 3),
        (2, 5),
        (0, 3),
        (2, 2),
    ]
    assert [each.status for each in year.resolutions] == [GOING] * 6 + [SILENT, YEARLY]
    assert year.table == [
        (DONE, 3, 0),
        (YEARLY, 8, 6),
        (GOING, 11, 15),
        (HELD, 3, 0),
        (NOT_YET, 3, 8),
        (SILENT, 5, 4),
    ]
    assert year.before is before


@pytest.mark.parametrize(
    ("year", "expected", "changes"),
    [
        (
            2566,
            (33, 0, 1, 6, 21, 0, 6, 15, 0, 8, 4),
            {},
        ),
        (
            2568,
            (33, 1, 0, 11, 26, 3, 8, 15, 2, 1, 4),
            {"up": 7, "new": 1, "back": 1, "same": 17, "down": 3, "gap": 1, "silent": 3}
            | {"ended": 1},
        ),
    ],
)
def test_demo_figures_of_the_other_published_years(demo, year, expected, changes):
    progress = {each.round.year_be: each for each in progress_by_year(Round.objects.published())}
    assert tuple(figures(progress[year]).values()) == expected
    assert {change.value: count for change, count in progress[year].changes} == changes


def test_the_open_demo_year_counts_only_what_was_approved(demo):
    progress = year_progress(Round.objects.get(year_be=2569))
    assert progress.tally.n == 34
    assert progress.tally.of(SILENT) == 24
    assert progress.changes == [], "nothing to compare with was given"


def test_a_report_after_a_silent_year_is_no_first_report(demo):
    """7.1 was reported in 2566 and not in 2567; 2.4 never before 2568."""
    both = Round.objects.filter(year_be__in=[2567, 2568])
    changes = {each.measure.code: each.change for each in progress_by_year(both)[1].measures}
    assert changes["7.1"] is Change.BACK
    assert changes["2.4"] is Change.NEW
    assert changes["7.2"] is Change.SILENT
    # The same whether or not the years before are asked for as well.
    whole = progress_by_year(Round.objects.published())[-1]
    assert {each.measure.code: each.change for each in whole.measures} == changes
    # What was never published was never heard.
    Round.objects.filter(year_be=2566).update(state=RoundState.CLOSED, published_at=None)
    changes = {each.measure.code: each.change for each in progress_by_year(both)[1].measures}
    assert changes["7.1"] is Change.NEW


def summary(one):
    """All that a page could read of a resolution's year."""
    return (
        one.resolution,
        one.status,
        one.rolled,
        one.ruling,
        one.tally,
        one.changes,
        one.lead_agencies,
        one.lead_count,
        [
            (
                each.measure,
                each.status,
                each.change,
                each.is_counted,
                each.ruling,
                each.measure.code,
                [
                    (
                        line.assignment,
                        line.assignment.measure.code,
                        line.agency.short,
                        line.report,
                        line.status,
                        line.report and list(line.report.public_evidence),
                    )
                    for line in each.lines
                ],
            )
            for each in one.measures
        ],
    )


def test_a_resolution_by_itself_is_the_same_as_within_the_whole(demo):
    rounds = list(Round.objects.all())
    whole = progress_by_year(rounds)
    for place, resolution in enumerate(Resolution.objects.all()):
        alone = progress_by_year(rounds, resolution=resolution)
        assert [summary(year.resolutions[0]) for year in alone] == [
            summary(year.resolutions[place]) for year in whole
        ]
        assert [len(year.resolutions) for year in alone] == [1, 1, 1, 1]


def test_rounds_come_in_the_order_of_years_whatever_order_was_asked_in(demo):
    years = progress_by_year(Round.objects.order_by("-year_be"))
    assert [year.round.year_be for year in years] == [2566, 2567, 2568, 2569]
    assert years[0].before is None
    assert all(later.before is one for one, later in pairwise(years))


def test_years_that_are_not_neighbours_are_compared_with_each_other(demo):
    one, later = Round.objects.get(year_be=2566), Round.objects.get(year_be=2568)
    progress = year_progress(later, previous=one)
    assert progress.before
    assert progress.before.round == one
    changes = {each.measure.code: each.change for each in progress.measures}
    assert changes["1.4"] is Change.SAME, "in progress in both, on hold between them"


def test_a_later_forum_is_not_asked_about_earlier_years(demo):
    later = copy_of(Forum.objects.get(), year_be=2568, followed_from=2568)
    later.save()
    resolution = copy_of(Resolution.objects.get(number=8), forum=later, number=1)
    resolution.save()
    copy_of(Measure.objects.get(resolution__number=8, number=2), resolution=resolution).save()
    assert [year.tally.total for year in progress_by_year(Round.objects.all())][:3] == [34] * 3
    republish()
    years = progress_by_year(Round.objects.all())
    assert [year.tally.total for year in years] == [34, 34, 35, 35]
    assert [each.resolution.forum.year_be for each in years[2].resolutions] == [2565] * 8 + [2568]
    assert years[2].resolutions[-1].status is NOBODYS
    assert years[2].measures[-1].change is None, "there was no year before for it"
    assert years[3].measures[-1].change is None, "whom nobody asked does not fall silent"


def test_each_forum_counts_with_its_own_denominator(two_forums):
    earlier, later = two_forums
    before, year = progress_by_year(Round.objects.filter(year_be__in=[2567, 2568]))
    assert [(forum.year_be, part.tally.n) for forum, part in year.parts] == [(2565, 32), (2566, 33)]
    assert year.tally.n == 32 + 33
    assert year.of_forum(later).before == before.of_forum(later)
    assert year.of_forum(earlier).tally.achieved == 11
    assert [each.full_code for each in year.replaced] == ["2565-2.2"]
    assert {each.measure.full_code for each in year.measures}.isdisjoint({"2565-2.2"})


def test_rows_and_editions_leave_the_same_measures_to_their_successors(two_forums):
    rounds = Round.objects.filter(year_be__in=[2566, 2567, 2568])
    frozen, live = progress_by_year(rounds), progress_by_year(rounds, live=True)
    assert [each.tally for each in frozen] == [each.tally for each in live]
    for years in (frozen, live):
        assert [[each.full_code for each in year.replaced] for year in years] == [
            [],
            ["2565-2.2"],
            ["2565-2.2"],
        ]


def test_a_cohort_begins_with_the_first_round_of_its_forum(two_forums):
    found = cohorts(progress_by_year(Round.objects.published()))
    assert [
        (each.forum.year_be, [year.round.year_be for year in each.years]) for each in found
    ] == [(2566, [2567, 2568]), (2565, [2566, 2567, 2568])]
    assert [year.tally.achieved for year in found[1].years] == [6, 11, 11]


# Agencies --------------------------------------------------------------------------------------


@pytest.fixture
def of_2567(demo):
    return year_progress(Round.objects.get(year_be=2567))


def test_agency_rows_hold_every_assignment_once(of_2567, django_assert_num_queries):
    with django_assert_num_queries(0):
        rows = agency_rows(of_2567)
        assert len(rows) == 43
        assert sum(len(row.lines) for row in rows) == 103
        assert sum(row.leads for row in rows) == 34
        assert sum(row.supports for row in rows) == 69
        assert sum(row.reported for row in rows) == 64
        assert sum(row.silent for row in rows) == 39
        for row in rows:
            assert len(row.cells) == 8
            in_cells = [line for cell in row.cells for line in cell]
            assert len(in_cells) == len(row.lines)
            assert {line.assignment.pk for line in in_cells} == {
                line.assignment.pk for line in row.lines
            }
    everything = Assignment.objects.values_list("pk", flat=True)
    assert sorted(line.assignment.pk for row in rows for line in row.lines) == sorted(everything)


def test_agencies_that_lead_come_first_each_group_by_name(of_2567):
    rows = agency_rows(of_2567)
    keys = [(row.leads == 0, row.agency.sort_key) for row in rows]
    assert keys == sorted(keys)
    assert [row.leads > 0 for row in rows] == [True] * 17 + [False] * 26


@pytest.mark.parametrize(("role", "agencies", "lines"), [("lead", 17, 60), ("support", 36, 91)])
def test_agency_rows_by_role_keep_all_of_an_agencys_assignments(of_2567, role, agencies, lines):
    rows = agency_rows(of_2567, role=role)
    expected = {
        line.agency
        for row in agency_rows(of_2567)
        for line in row.lines
        if line.assignment.role == role
    }
    assert {row.agency for row in rows} == expected
    assert (len(rows), sum(len(row.lines) for row in rows)) == (agencies, lines)


def test_agency_rows_by_kind_and_among_some(of_2567):
    committees = agency_rows(of_2567, kind="committee")
    assert {row.agency.code for row in committees} == {
        row.agency.code for row in agency_rows(of_2567) if row.agency.kind == "committee"
    }
    assert "CSPC" in {row.agency.code for row in committees}
    some = list(Agency.objects.filter(code__in=["CODI", "THF", "MEDIA"]))
    assert [row.agency.code for row in agency_rows(of_2567, only=some)] == ["CODI", "THF"]
    assert agency_rows(of_2567, only=[]) == []
    assert [row.agency.code for row in agency_rows(of_2567, only=some, role="lead")] == ["CODI"]


def test_a_cell_holds_the_agencys_own_lines_its_leads_first(of_2567):
    (codi,) = agency_rows(of_2567, only=Agency.objects.filter(code="CODI"))
    for each, cell in zip(of_2567.resolutions, codi.cells, strict=True):
        assert [line.is_lead for line in cell] == sorted(
            (line.is_lead for line in cell), reverse=True
        )
        assert {line.agency for line in cell} <= {codi.agency}
        assert {line.assignment.measure.resolution for line in cell} <= {each.resolution}
    (mfa,) = agency_rows(of_2567, only=Agency.objects.filter(code="MFA"))
    assert [
        [(line.assignment.measure.code, line.status) for line in cell] for cell in mfa.cells
    ] == [
        *[[]] * 6,
        [("7.2", SILENT), ("7.3", SILENT)],
        [],
    ]


def test_agencies_stand_in_groups_those_that_owe_most_first(of_2567):
    rows = agency_rows(of_2567)
    found = Reporting.of(rows)
    assert all(row.reported == 0 for row in found.silent)
    assert all(row.reported and row.silent for row in found.partial)
    assert all(row.silent == 0 for row in found.complete)
    assert sorted(row.agency.code for row in found.rows) == sorted(row.agency.code for row in rows)
    for group in (found.silent, found.partial, found.complete):
        assert group
        assert [row.silent for row in group] == sorted((row.silent for row in group), reverse=True)


def test_agency_years(demo, django_assert_num_queries):
    rounds = list(Round.objects.published())
    agency = Agency.objects.get(code="DSDW_CSO")
    agency_years(agency, rounds)  # what was published is read once
    with django_assert_num_queries(1):  # which edition is the last
        years = agency_years(agency, rounds)
        assert [year.round.year_be for year in years] == [2568, 2567, 2566]
        assert [(year.reported, len(year.lines)) for year in years][1] == (14, 15)
        assert not years[1].is_complete
        assert {line.agency for year in years for line in year.lines} == {agency}


def test_agency_years_leave_out_rounds_that_asked_nothing_of_the_agency(demo):
    agency = Agency.objects.get(code="CSPC")
    StatusReport.objects.filter(round__year_be=2567, assignment__agency=agency).delete()
    republish()
    years = agency_years(agency, Round.objects.published())
    assert [(year.round.year_be, year.is_complete) for year in years] == [
        (2568, True),
        (2566, True),
    ]


def test_an_agencys_unapproved_reports_count_as_not_sent(open_round, people):
    agency = Agency.objects.get(code="CSPC")
    make_report(open_round, "8.1", by=people["staff"], status="continuous", state="submitted")
    (year,) = agency_years(agency, [open_round])
    assert (year.reported, len(year.lines)) == (0, 2)
    assert all(line.report is None for line in year.lines)


# Queries ---------------------------------------------------------------------------------------


def read_everything(years):
    return [
        (figures(year), year.changes, [summary(each) for each in year.resolutions])
        for year in years
    ]


def queries(rounds, **only):
    with CaptureQueriesContext(connection) as captured:
        read_everything(progress_by_year(rounds, **only))
    return len(captured)


def test_counting_asks_as_often_for_one_round_as_for_many_and_for_thrice_the_rows(demo):
    rounds = list(Round.objects.all())
    resolution = Resolution.objects.first()
    one, alone = queries(rounds[:1]), queries(rounds[:1], resolution=resolution)
    assert one == alone <= 9
    assert queries(rounds) == one
    before = StatusReport.objects.count(), Evidence.objects.count(), Agency.objects.count()
    grow(3)
    after = StatusReport.objects.count(), Evidence.objects.count(), Agency.objects.count()
    assert after == tuple(3 * count for count in before)
    assert sum(year.tally.total for year in progress_by_year(rounds)) == 3 * 4 * 34
    assert queries(rounds) == queries(rounds[:1]) == one


def test_counting_no_rounds(forum):
    assert progress_by_year([]) == []


def test_fields_for_satisfy_the_vocabulary(open_round, people):
    """The factory makes submittable reports, which the tests here rely on."""
    for status in ("not_started", "in_progress", "on_hold", "continuous", "cancelled"):
        report = find_report(open_round, "1.1")
        for name, value in fields_for(status).items():
            setattr(report, name, value)
        actions.save_draft(
            report=report,
            by=people["staff"],
            version=report.version,
            fields=fields_for(status),
            evidence=[link()],
        )
        assert missing(report.claim()) == {}
    assert report.state == ReportState.DRAFT


# Groups ---------------------------------------------------------------------------------------


def told(progress, code="1.2"):
    return next(each for each in progress.measures if each.measure.code == code)


@pytest.fixture
def grouped(open_round, people):
    """Four offices in a group that leads 1.2 beside พม.; the first two and พม. have reported."""
    admin = people["administrator"]
    group = make_group(admin, offices(4))
    assign(admin, group, "2565-1.2")
    by = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", "PROV01", status="completed", **by)
    make_report(open_round, "1.2", "PROV02", status="in_progress", **by)
    make_report(open_round, "1.2", "MSDHS", status="completed", **by)
    return open_round


def test_a_group_counts_as_one_with_its_members_status(grouped):
    each = told(year_progress(grouped))
    (group,) = each.lead_groups
    assert (group.agency.code, group.answered, group.expected, group.missing) == ("PROVS", 2, 4, 2)
    assert group.status is Status.IN_PROGRESS
    assert [line.agency.code for line in each.single_leads] == ["MSDHS"]
    assert each.status is Status.IN_PROGRESS
    assert each.leads_to_name == each.lead_units


def test_a_group_that_all_answered_is_done_and_a_silent_one_is_silent(open_round, people):
    admin = people["administrator"]
    group = make_group(admin, offices(2))
    assign(admin, group, "2565-1.2")
    (unit,) = told(year_progress(open_round)).lead_groups
    assert (unit.status, unit.answered) == (Status.NO_REPORT, 0)
    for code in ("PROV01", "PROV02"):
        make_report(
            open_round,
            "1.2",
            code,
            by=people["staff"],
            reviewer=people["reviewer"],
            status="completed",
        )
    (unit,) = told(year_progress(open_round)).lead_groups
    assert (unit.status, unit.missing) == (Status.COMPLETED, 0)


def test_the_matrix_has_a_row_for_the_group_and_none_for_its_members(grouped):
    year = year_progress(grouped)
    rows = {row.agency.code: row for row in agency_rows(year, grouped=True)}
    assert "PROV01" not in rows
    assert (rows["PROVS"].leads, rows["PROVS"].reported, rows["PROVS"].silent) == (1, 2, 2)
    assert "PROVS" not in {row.agency.code for row in agency_rows(year)}
    assert year.resolutions[0].lead_agencies.count(rows["PROVS"].agency) == 1


def test_an_edition_keeps_the_group_and_counts_the_same(grouped, people, django_assert_num_queries):
    live = told(year_progress(grouped))
    kept = snapshots.thaw(snapshots.freeze(grouped))
    with django_assert_num_queries(0):
        thawed = told(edition_progress(kept))
        (group,) = thawed.lead_groups
        assert (group.agency.code, group.answered, group.expected) == ("PROVS", 2, 4)
        assert str(group.assignment.measure.full_code) == "2565-1.2"
    assert thawed.status is live.status


BRIEF = (
    "rolled",
    "single_leads",
    "leads_reported",
    "single_supports",
    "supports",
    "support_reports",
    "is_heard",
    "is_answered",
)


def assert_brief_is_whole(round_):
    """The counting by the database says what the counting of the lines says."""
    brief, whole = store.counted_in_brief(round_), store.counted_now(round_)
    for few, each in zip(brief.measures, whole.measures, strict=True):
        assert few.measure == each.measure
        told_of_both = [(getattr(few.answers, name), getattr(each.answers, name)) for name in BRIEF]
        assert all(one == other for one, other in told_of_both), each.measure.full_code
        assert (few.status, few.change) == (each.status, each.change), each.measure.full_code
        with pytest.raises(TypeError):
            list(few.answers.lead_units)
    assert brief.tally == whole.tally
    assert Involved.now(round_) == Involved.of(whole)


def test_the_database_counts_a_group_and_what_lacks_evidence_as_the_lines_do(grouped, people):
    by = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(grouped, "1.3", status="continuous", **by).evidence.all().delete()
    make_report(
        grouped,
        "1.4",
        **by,
        status="completed",
        assessed={
            "assessed_status": "on_hold",
            "assessed_note": "ยังไม่เริ่มจริง",
            "assessed_meeting": "1/2569",
        },
    )
    make_report(grouped, "2.1", status="continuous", by=people["staff"], state="submitted")
    found = by_code(store.counted_in_brief(grouped))
    assert [found[code].status for code in ("1.2", "1.3", "1.4", "2.1")] == [
        GOING,
        GOING,
        Status.ON_HOLD,
        SILENT,
    ]
    assert_brief_is_whole(grouped)


def test_the_database_counts_the_demo_as_its_lines(demo, two_forums, django_assert_num_queries):
    for round_ in Round.objects.order_by("year_be"):
        assert_brief_is_whole(round_)
    with django_assert_num_queries(9):
        assert store.counted_in_brief(round_).measures
        Involved.now(round_)


def test_an_edition_from_before_groups_has_none(grouped):
    content = json.loads(snapshots.freeze(grouped))
    for row in content["assignments"]:
        del row["of_group_id"]
    thawed = told(edition_progress(snapshots.thaw(json.dumps(content))))
    assert thawed.lead_groups == []


def test_a_new_member_is_a_correction_that_names_it(grouped, people):
    before = snapshots.thaw(snapshots.freeze(grouped))
    group = Agency.objects.get(code="PROVS")
    actions.add_members(
        by=people["administrator"],
        group=group,
        agencies=[Agency.objects.get(code="CODI")],
        first_year=2569,
    )
    after = snapshots.thaw(snapshots.freeze(grouped))
    changes = {
        (each["agency"], each["field"]): each["after"]
        for each in corrections.differences(before, after)
    }
    assert changes["CODI", "of_group"] == "PROVS"
    assert {agency for agency, _field in changes} == {"CODI"}


def test_the_years_of_a_group_are_its_members_answers(grouped):
    group = Agency.objects.get(code="PROVS")
    (year,) = group_years(group, [grouped])
    assert (year.answered, year.expected) == (2, 4)
    assert group_years(Agency.objects.get(code="CODI"), [grouped]) == []


# Several years -----------------------------------------------------------------------------------


def history(*statuses):
    """A status in each of the rounds 2566, 2567, …"""
    return [(Round(year_be=2566 + nth), status) for nth, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("statuses", "rounds", "since"),
    [
        ((GOING, GOING), 2, 2566),
        ((NOT_YET, GOING, GOING, GOING), 3, 2567),
        ((HELD, GOING, HELD, HELD), 2, 2568),
        ((SILENT, SILENT, SILENT), 3, 2566),
        ((NOBODYS, NOBODYS), 2, 2566),
        # A round in which it was not followed up breaks the row.
        ((GOING, None, GOING, GOING), 2, 2568),
    ],
)
def test_a_status_that_has_not_moved(statuses, rounds, since):
    found = unmoved(history(*statuses))
    assert (found.status, found.rounds, found.since.year_be) == (statuses[-1], rounds, since)
    assert found.is_long == (rounds >= 3)
    assert found.is_silent == (statuses[-1] is SILENT)


@pytest.mark.parametrize(
    "statuses",
    [(), (GOING,), (HELD, GOING), (GOING, GOING, SILENT), (GOING, None), (None, None)]
    + [(status,) * 4 for status in (DONE, YEARLY, ENDED)]
    + [(GOING, SILENT, GOING)],
)
def test_a_status_that_moved_or_need_not(statuses):
    assert unmoved(history(*statuses)) is None


def years_of(forum, table):
    """Years from 2566 on, in which the measures have these statuses; None: not followed up."""
    measures = list(Measure.objects.select_related("resolution__forum").filter(kind="output"))
    years = []
    for nth, statuses in enumerate(zip(*table, strict=True)):
        rows = [
            MeasureProgress(measure, (), given=replace(NO_ANSWERS, rolled=status))
            for measure, status in zip(measures, statuses, strict=False)
            if status
        ]
        resolutions = [
            ResolutionProgress(each, [row for row in rows if row.measure.resolution == each])
            for each in dict.fromkeys(row.measure.resolution for row in rows)
        ]
        years.append(YearProgress(Round(year_be=2566 + nth), resolutions))
    return years, [measure.code for measure in measures]


TABLE = [
    # 2566, 2567, 2568: what is said of 2566 and 2568, and of the year between
    ((GOING, DONE, HELD), Difference.DOWN, [DONE]),
    ((GOING, SILENT, DONE), Difference.UP, [SILENT]),
    ((GOING, GOING, SILENT), Difference.GAP, []),
    ((SILENT, GOING, DONE), Difference.NEW, [GOING]),
    ((GOING, HELD, GOING), Difference.SAME, [HELD]),
    ((HELD, ENDED, ENDED), Difference.ENDED, []),
    ((SILENT, GOING, SILENT), Difference.SAME, [GOING]),
    ((DONE, DONE, YEARLY), Difference.SAME, []),
    ((ENDED, ENDED, ENDED), Difference.SAME, []),
    ((NOBODYS, SILENT, SILENT), Difference.APART, []),
    ((None, None, GOING), Difference.APART, []),
    ((GOING, GOING, None), Difference.APART, []),
]


def test_two_years_that_are_not_adjacent_are_compared_with_what_came_between(forum):
    years, codes = years_of(forum, [statuses for statuses, *_rest in TABLE])
    compared = Comparison.of(years)
    assert [row.measure.code for row in compared.rows] == codes[: len(TABLE)]
    told = [(row.difference, [status for _round, status in row.between]) for row in compared.rows]
    assert told == [(difference, between) for _statuses, difference, between in TABLE]
    assert compared.total == len(TABLE)
    assert (compared.moved, len(compared.unchanged), len(compared.apart)) == (5, 4, 3)
    assert [row.difference for row in compared.told] == sorted(
        (row.difference for row in compared.told), key=list(Difference).index
    )
    assert [len(rows) for rows in compared.still] == [1, 1, 1, 1]
    assert sum(compared.transitions.values()) == len(TABLE) - 2
    assert compared.transitions[SILENT, SILENT] == 1


def test_nothing_is_apart_where_nothing_was(forum):
    years, _codes = years_of(forum, [(GOING, GOING)])
    assert Difference.APART not in Comparison.of(years).by_difference


def test_a_discretionary_measure_that_is_not_used_any_more_is_not_worse(demo):
    before = Round.objects.get(year_be=2568)
    (measure,) = [each for each in year_progress(before).measures if each.measure.code == "3.4"]
    assert measure.status is GOING
    unused = replace(measure, given=replace(measure.answers, rolled=NOT_YET))
    years = [
        YearProgress(before, [ResolutionProgress(measure.measure.resolution, [one])])
        for one in (measure, unused, unused, unused)
    ]
    assert Comparison.of(years[:2]).rows[0].difference is Difference.APART
    assert Comparison.of(years[1:]).rows[0].difference is Difference.SAME
    assert unmoved_in(years) == {}, "what is not used does not stand still"
