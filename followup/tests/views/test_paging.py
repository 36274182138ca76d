"""Pages of a long list."""

import pytest
from django.test import RequestFactory

from followup.models import Agency
from followup.views.paging import paged

ROWS = list(range(1, 96))


@pytest.mark.parametrize(
    ("asked", "shown", "before", "after"),
    [
        ("", (1, 40), "", "?q=a&page=2"),
        ("&page=2", (41, 80), "?q=a&page=1", "?q=a&page=3"),
        ("&page=3", (81, 95), "?q=a&page=2", ""),
        ("&page=9", (81, 95), "?q=a&page=2", ""),
        ("&page=x", (1, 40), "", "?q=a&page=2"),
    ],
)
def test_a_page_and_the_pages_beside_it(asked, shown, before, after):
    found = paged(RequestFactory().get(f"/?q=a{asked}"), ROWS, 40)
    assert (found.rows[0], found.rows[-1]) == (found.first, found.last) == shown
    assert (found.before, found.after) == (before, after)
    assert (found.total, found.pages) == (95, 3)


def test_no_rows_are_one_empty_page():
    found = paged(RequestFactory().get("/"), [], 40)
    assert (found.rows, found.first, found.last, found.pages, found.after) == ([], 0, 0, 1, "")


def test_the_database_counts_and_cuts_a_query_set(forum, django_assert_num_queries):
    agencies = Agency.objects.order_by("code")
    with django_assert_num_queries(2) as queries:
        found = paged(RequestFactory().get("/?page=2"), agencies, 10)
    assert (found.total, found.pages, found.first, found.last) == (64, 7, 11, 20)
    assert found.rows == list(agencies)[10:20]
    assert "LIMIT 10 OFFSET 10" in queries.captured_queries[1]["sql"]
