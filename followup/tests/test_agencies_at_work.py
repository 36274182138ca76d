"""The staff's list of agencies: who is in which state, in pages."""

import pytest

from followup import actions
from followup.agencies_at_work import PAGE_ROWS, AgenciesAtWork, Filters
from followup.models import Agency
from followup.tests.factories import make_report
from followup.tests.focal_points import fields


def codes(work):
    return {row.agency.code for row in work.shown}


def load(round_, person, **filters):
    return AgenciesAtWork.load(round_, Filters(**filters), person=person.pk)


def test_the_states_are_of_the_round_and_counted(open_round, people, codi):
    staff = people["staff"]
    every = load(open_round, staff)
    total = len(every.rows)
    assert total == Agency.objects.filter(assignments__isnull=False).distinct().count()
    assert every.counts == {
        "": total,
        "untouched": total,
        "due": total,
        "done": 0,
        "no_contact": total,
        "no_link": total,
    }
    actions.save_focal_point(by=staff, agency=codi, fields=fields())
    actions.issue_link(round_=open_round, agency=codi, by=staff)
    for report in open_round.reports.filter(assignment__agency=codi):
        code = report.measure.full_code
        make_report(open_round, code, "CODI", by=staff, state="submitted")
    assert load(open_round, staff).counts == {
        "": total,
        "untouched": total - 1,
        "due": total - 1,
        "done": 1,
        "no_contact": total - 1,
        "no_link": total - 1,
    }
    assert codes(load(open_round, staff, state="done")) == {"CODI"}
    assert "CODI" not in codes(load(open_round, staff, state="no_link"))


def test_filters_and_pages(open_round, people, codi):
    staff = people["staff"]
    assert codes(load(open_round, staff, words="พอช")) == {"CODI"}
    assert codes(load(open_round, staff, kind=codi.kind)) == set(
        Agency.objects.filter(assignments__isnull=False, kind=codi.kind).values_list(
            "code", flat=True
        )
    )
    Agency.objects.filter(pk=codi.pk).update(caretaker=staff)
    assert codes(load(open_round, staff, caretaker="mine")) == {"CODI"}
    assert codes(load(open_round, people["colleague"], caretaker="mine")) == set()
    assert "CODI" not in codes(load(open_round, staff, caretaker="nobody"))
    every = load(open_round, staff)
    assert every.pages == 2
    assert len(every.page(1)) == PAGE_ROWS
    assert [*every.page(1), *every.page(2)] == every.shown


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"q": " พอช\0 ", "kind": "ministry"}, Filters("พอช", "ministry")),
        ({"kind": "castle", "caretaker": "7", "state": "lost"}, Filters()),
        ({"mine": "1"}, Filters(caretaker="mine")),
    ],
)
def test_an_address_is_read_as_far_as_it_makes_sense(asked, meant):
    assert Filters.read(asked) == meant


def test_without_a_round_nothing_is_due(forum, people):
    work = load(None, people["staff"])
    assert work.counts["due"] == work.counts["no_link"] == 0
    assert work.without_caretaker == work.counts[""]
