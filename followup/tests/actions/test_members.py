"""Members' assignments follow those of their groups."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions
from followup.actions.members import follow_groups
from followup.models import Assignment
from followup.tests.groups import assign, make_group, offices

pytestmark = pytest.mark.usefixtures("on_20_november")


def test_a_second_time_changes_nothing(open_round, people):
    assign(people["administrator"], make_group(people["administrator"], offices(2)), "2565-1.2")
    before = Assignment.history.count()
    follow_groups()
    assert Assignment.history.count() == before


def test_queries_do_not_grow_with_the_members(open_round, people):
    admin = people["administrator"]
    agencies = offices(12)
    group = make_group(admin, agencies[:2])
    assign(admin, group, "2565-1.2")

    def joining(few):
        with CaptureQueriesContext(
            connection,
        ) as told:
            actions.add_members(by=admin, group=group, agencies=few, first_year=2569)
        return len(told)

    assert joining(agencies[2:4]) == joining(agencies[4:])


def test_a_groups_end_takes_its_members_along(open_round, people):
    admin = people["administrator"]
    row = assign(admin, make_group(admin, offices(2)), "2565-1.2")
    open_round.reports.filter(assignment__of_group=row).delete()
    row.delete()
    assert not Assignment.objects.filter(agency__code__in=["PROV01", "PROV02", "PROVS"]).exists()
