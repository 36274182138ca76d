"""Geometry of the charts: lengths that add up to the whole width."""

from decimal import Decimal

import pytest

from followup.charts import (
    MOST_LINES,
    WorkBar,
    cohort_axis,
    cohort_lines,
    indicator_chart,
    percent,
    stacked_bar,
    trends,
)
from followup.indicators import Definition, Reading, Stretch
from followup.models import Round
from followup.progress import Cohort, Tally, YearProgress
from followup.status import Status
from followup.workload import Standing
from proposals.models import Forum


@pytest.mark.parametrize(
    ("part", "whole", "length"),
    [(0, 8, "0.000%"), (1, 3, "33.333%"), (8, 8, "100.000%"), (0, 0, "0%"), (5, 0, "0%")],
)
def test_a_share_is_a_length_that_every_browser_reads(part, whole, length):
    assert percent(part, whole) == length


def test_the_segments_of_a_bar_follow_each_other_and_fill_it():
    counts = {Status.COMPLETED: 1, Status.IN_PROGRESS: 2, Status.NO_REPORT: 1}
    bar = stacked_bar(Tally(counts, cancelled=3, unused=1))
    assert [(each.status, each.count, each.x, each.width) for each in bar.segments] == [
        (Status.COMPLETED, 1, "0.000%", "25.000%"),
        (Status.IN_PROGRESS, 2, "25.000%", "50.000%"),
        (Status.NO_REPORT, 1, "75.000%", "25.000%"),
    ]
    assert [each.middle for each in bar.segments] == ["12.500%", "50.000%", "87.500%"]
    assert bar.segments[-1].end == "100.000%"
    assert list(bar.gaps) == ["25.000%", "75.000%"]
    assert (bar.achieved, bar.moving) == ("25.000%", "75.000%")


def test_a_bar_of_nothing_has_no_segment():
    bar = stacked_bar(Tally())
    assert (bar.segments, bar.achieved, bar.moving) == ([], "0%", "0%")


def test_what_waits_for_review_lies_on_top_of_what_was_approved():
    standing = Standing(expected=8, untouched=3, drafts=1, returned=0, submitted=2, approved=2)
    bar = WorkBar(standing)
    assert (bar.approved, bar.waiting) == ("25.000%", "50.000%")


class _Year(YearProgress):
    """A year of which only the tally is asked."""

    def __init__(self, achieved: int, n: int) -> None:
        counts = {Status.COMPLETED: achieved, Status.NOT_STARTED: n - achieved}
        object.__setattr__(self, "counted", Tally(counts))

    @property
    def tally(self) -> Tally:  # type: ignore[override]
        return self.counted  # type: ignore[attr-defined]


def cohort(year: int, *counts: tuple[int, int]) -> Cohort:
    return Cohort(Forum(pk=year, year_be=year), [_Year(*each) for each in counts])


def test_forums_are_compared_at_equal_age_and_labels_keep_apart():
    every = [cohort(2566, (1, 2)), cohort(2565, (1, 4), (4, 4))]  # the newest first
    earlier, later = cohort_lines(every)
    assert [line.forum.year_be for line in (earlier, later)] == [2565, 2566]
    assert [line.style for line in (earlier, later)] == ["a", "b"]
    assert cohort_axis(every) == ["25.000%", "75.000%"]
    assert [point.x for point in earlier.points] == ["25.000%", "75.000%"]
    top, height = 28, 150
    assert [point.y for point in earlier.points] == [top + height * 0.75, top]
    assert [point.y for point in later.points] == [top + height * 0.5]
    assert later.points[0].label == later.points[0].y - 12, "the higher one, above"
    assert earlier.points[0].label == earlier.points[0].y + 24, "the lower one, below"
    assert [(start.y, end.y) for start, end in earlier.steps] == [(top + height * 0.75, top)]


def test_more_forums_than_can_be_told_apart_are_left_to_the_table():
    every = [cohort(year, (1, 2)) for year in range(2565, 2565 + MOST_LINES)]
    lines = cohort_lines(every)
    assert [line.style for line in lines] == ["a", "b", "c", "d"]
    labels = [line.points[0].label for line in lines]
    assert labels[1:3] == [None, None], "between two others there is no room"
    assert cohort_lines([*every, cohort(2570, (1, 2))]) == []


def test_nothing_achieved_and_nothing_counted_lie_on_the_ground():
    (line,) = cohort_lines([cohort(2565, (0, 3), (0, 0))])
    assert {point.y for point in line.points} == {28 + 150}


def trend_years(*counts):
    """Years with (achieved, moving besides, silent, the rest)."""
    years = []
    for nth, (achieved, going, silent, rest) in enumerate(counts):
        year = _Year(achieved, achieved)
        tally = Tally(
            {
                Status.COMPLETED: achieved,
                Status.IN_PROGRESS: going,
                Status.NO_REPORT: silent,
                Status.NOT_STARTED: rest,
            }
        )
        object.__setattr__(year, "counted", tally)
        object.__setattr__(year, "round", Round(year_be=2566 + nth))
        years.append(year)
    return years


def test_the_trends_have_one_scale_up_to_the_greatest_denominator():
    achieved, moving, silent = trends(trend_years((0, 20, 10, 10), (10, 20, 0, 0)))
    assert [each.kind for each in (achieved, moving, silent)] == ["achieved", "moving", "silent"]
    assert [(p.count, p.n) for p in achieved.points] == [(0, 40), (10, 30)]
    assert [(p.count, p.n) for p in moving.points] == [(20, 40), (30, 30)]
    assert [p.count for p in silent.points] == [10, 0]
    base, full = 140, 140 - 33
    assert [p.y for p in achieved.points] == [base, round(base - full / 4, 1)]
    assert [p.whole for p in silent.points] == [33, round(base - full * 0.75, 1)]
    # What counts all lies on the thin line.
    assert moving.points[1].y == moving.points[1].whole
    assert [p.x for p in silent.points] == ["9.000%", "91.000%"]


def test_numbers_of_a_trend_stay_clear_of_its_top_and_its_ground():
    for trend in trends(trend_years((1, 38, 1, 0), (0, 40, 0, 0), (40, 0, 0, 0))):
        for point in trend.points:
            assert 33 < point.label < 140
            assert abs(point.label - point.y) >= 11
    (_achieved, moving, _silent) = trends(trend_years((0, 25, 0, 15), (0, 36, 0, 4)))
    assert all(point.label > point.y for point in moving.points), "all on one side"


def test_one_year_is_no_trend():
    assert trends(trend_years((1, 1, 1, 1))) == trends([]) == []


# An indicator ----------------------------------------------------------------------------------


def indicator_years(*values, target=None, baseline=None):
    defined = Definition("จำนวนภาคี", "ภาคี", baseline, target)
    return Stretch(
        [
            Reading(
                Round(year_be=2565 + nth, months=12), defined, None if v is None else Decimal(v)
            )
            for nth, v in enumerate(values)
        ]
    )


def test_the_line_of_an_indicator_has_its_values_to_scale_and_a_gap_where_none_was_told():
    chart = indicator_chart(
        indicator_years(0, 8, None, 4, 6, target=Decimal(16), baseline=Decimal(8))
    )
    assert [each.y for each in chart.years] == [92.0, 60.0, None, 76.0, 68.0]
    assert {each.target for each in chart.years} == {28.0}
    assert {each.baseline for each in chart.years} == {60.0}
    assert chart.zero == 92.0
    joined = [(a.reading.round.year_be, b.reading.round.year_be) for a, b in chart.steps]
    assert joined == [(2565, 2566), (2568, 2569)]
    assert chart.years[0].x == "10.000%"
    assert (chart.years[4].start, chart.years[4].end) == ("80.000%", "100.000%")
    assert [each.label for each in chart.points] == [81.0, 49.0, 65.0, 57.0]


def test_negative_values_are_below_0():
    chart = indicator_chart(indicator_years(-10, 10))
    assert ([each.y for each in chart.years], chart.zero) == ([92.0, 28.0], 60.0)
    assert {each.y for each in indicator_chart(indicator_years(0, 0)).years} == {92.0}


def test_one_value_is_no_line_and_of_many_years_the_last_are_drawn():
    assert indicator_chart(indicator_years(5)) is None
    assert indicator_chart(indicator_years(5, None, None)) is None
    assert indicator_chart(indicator_years(1, 2, *[None] * 6, 4)) is None, "one in the last years"
    chart = indicator_chart(indicator_years(*range(1, 10)))
    assert [each.reading.value for each in chart.years] == list(range(3, 10))


def test_values_that_would_overlap_are_told_by_the_table_alone():
    assert all(each.label for each in indicator_chart(indicator_years(100, 200, 300)).points)
    assert not any(each.label for each in indicator_chart(indicator_years(1000000, 2, 3)).points)
