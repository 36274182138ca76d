"""Geometry of the charts: lengths that add up to the whole width."""

import pytest

from followup.charts import WorkBar, percent, stacked_bar
from followup.progress import Tally
from followup.status import Status
from followup.workload import Standing


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
