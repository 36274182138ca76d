"""The list of assignments: pages by proposal, measures that nobody follows up, years."""

import pytest

from followup import actions
from followup.assigned import (
    ALL,
    MOST_ROWS,
    NOBODY,
    PAGE_ROWS,
    WAITING,
    Assigned,
    Filters,
    first_year_at_work,
)
from followup.models import Agency, Assignment
from followup.tests.assignments import assignment_of
from followup.tests.factories import grow
from proposals.models import Forum, Measure

pytestmark = pytest.mark.usefixtures("on_20_november")


def rows_of(assigned: Assigned) -> list[Assignment]:
    """The rows of all pages, in their order."""
    return [
        row for page in assigned.pages for group in assigned.groups_of(page) for row in group.rows
    ]


def test_a_page_holds_whole_proposals_of_one_forum(second_forum):
    assigned = Assigned.load()
    where: dict[str, set[int]] = {}
    for number, page in enumerate(assigned.pages):
        resolutions = {each.measure.resolution for each in page.groups}
        assert len({each.forum for each in resolutions}) == 1
        rows = sum(each.size for each in page.groups)
        assert rows <= PAGE_ROWS or len(resolutions) == 1
        for each in resolutions:
            where.setdefault(each.full_code, set()).add(number)
    assert len(where) == 13
    assert all(len(numbers) == 1 for numbers in where.values())
    assert assigned.pages[0].label == "เวที 2566 ทั้งหมด"
    row = assignment_of("2565-8.2", "CSPC")
    assert assigned.page_of(row.measure, row) == len(assigned.pages)
    assert Assigned.load(Filters(role="support")).page_of(row.measure, row) is None


def test_one_forum_needs_no_name(forum):
    assert "เวที" not in Assigned.load().pages[0].label
    assert Assigned.load().pages[0].label.startswith("ข้อเสนอที่ 1")


def test_what_has_ended_or_is_not_followed_up_is_left_out(second_forum):
    row = assignment_of("2566-3.1", "BOB")
    Assignment.objects.filter(pk=row.pk).update(valid_to=2568)
    assigned = Assigned.load(Filters(forum="2566"))
    assert row not in rows_of(assigned)
    assert [each.measure.full_code for each in Assigned.load(tab=NOBODY).groups] == [
        "2566-3.1",
        "2566-3.3",
        "2566-4.1",
    ]
    earlier = Measure.objects.get(resolution__forum__year_be=2565, resolution__number=1, number=1)
    Measure.objects.filter(pk=row.measure_id).update(relation="replaces", earlier=earlier)
    Forum.objects.filter(pk=second_forum.pk).update(followed_from=2566)
    assert earlier not in Assigned.load().measures
    Forum.objects.filter(year_be=2565).update(
        concluded_after=2567,
        concluded_on="2024-12-01",
        concluded_ref="1/2567",
        concluded_reason="ครบ",
    )
    assert {each.resolution.forum.year_be for each in Assigned.load().measures} == {2566}


def test_a_measure_with_supporters_only_has_no_lead(forum):
    Assignment.objects.filter(pk=assignment_of("1.2", "MSDHS").pk).update(role="support")
    [group] = Assigned.load(tab=NOBODY).groups
    assert (group.measure.code, group.has_lead, group.has_anybody) == ("1.2", False, True)


def test_the_year_at_work_is_that_of_the_round_which_takes_reports(open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    assert first_year_at_work() == 2570, "this fiscal year"
    actions.reopen_round(round_=open_round, by=people["staff"])
    assert first_year_at_work() == 2569


def test_a_measure_of_many_agencies_goes_on_without_a_gap(forum, people):
    measure = Measure.objects.get(resolution__number=1, number=1)
    others = Agency.objects.exclude(assignments__measure=measure).order_by("code")
    Assignment.objects.bulk_create(
        Assignment(measure=measure, agency=each, role="support", valid_from=2565) for each in others
    )
    for tab in (ALL, WAITING):
        assigned = Assigned.load(Filters(resolution="2565-1"), tab)
        rows = rows_of(assigned)
        expected = Assignment.objects.filter(measure__resolution__number=1)
        assert len(rows) == len(set(rows)) == expected.count() > MOST_ROWS
        assert all(len(page.groups) and page.parts > 1 for page in assigned.pages)
        of_measure = [row for row in rows if row.measure == measure]
        names = [(row.role, row.agency.sort_key) for row in of_measure]
        assert names == sorted(names)
        assert assigned.page_of(measure, of_measure[0]) == 1
        assert assigned.page_of(measure, of_measure[-1]) == 3
        assert assigned.waiting == assigned.counts[WAITING] == len(rows)
        assert set(assigned.waiting_rows()) == set(rows)
        assert [page.groups[0].start for page in assigned.pages[:3]] == [
            0,
            MOST_ROWS,
            2 * MOST_ROWS,
        ]
        assert [len(page.groups) for page in assigned.pages[:2]] == [1, 1]
        assert assigned.pages[1].groups[0].is_continued


def test_the_number_of_queries_does_not_grow(forum, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert len(Assigned.load().pages) > 1
    grow(2)
    with django_assert_num_queries(4):
        assigned = Assigned.load(Filters(words="พอช"))
        assert assigned.groups_of(assigned.pages[0])
