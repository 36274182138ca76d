"""The pages of the history: filtered, read on, and by moments that are some."""

import pytest

from followup.tests.factories import make_report


def test_the_page_filters_by_person_and_round_and_reads_on(open_round, people, sign_in):
    make_report(open_round, "1.2", by=people["staff"], reviewer=people["reviewer"])
    client = sign_in(people["staff"])
    page = client.page("/staff/history/", by=people["reviewer"].username)
    assert [row.one("b").text for row in page.select("ol.log li")] == [str(people["reviewer"])]
    assert "1.2" in page.one("ol.log a").text
    assert client.page("/staff/history/", year="2569").select("ol.log li")
    first = client.page("/staff/history/")
    assert len(first.select("ol.log li")) == 50
    older = client.page(first.one("p.mt4 a")["href"].join(["/staff/history/", ""]))
    assert len(older.select("ol.log li")) == 50
    assert older.select("ol.log li")[0].text != first.select("ol.log li")[0].text


@pytest.mark.parametrize("before", ["", "x", "2026-01-01", "2026-13-45T00:00:00Z", "%00"])
def test_a_moment_that_is_none_is_not_asked_for(open_round, people, sign_in, before):
    response = sign_in(people["staff"]).get(f"/staff/history/?before={before}&year=x&by=%00")
    assert response.status_code == 200
