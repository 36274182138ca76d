"""The comparison of two years as open data says what its page says."""

from followup.models import Round
from followup.opendata.datasets import DATASETS
from followup.opendata.registry import Source
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import api_of, csv_of, json_of


def test_the_rows_of_two_years_are_those_of_the_page(demo):
    rows = api_of("changes", **{"from": "2566", "to": "2568", "page_size": "200"})
    assert len(rows) == 34
    page = PortalClient().page("/compare/?from=2566&to=2568")
    for kind in ("down", "gap", "ended", "up", "new"):
        codes = [row["measure_code"] for row in rows if row["difference_code"] == kind]
        assert codes == page.one(f"section[aria-labelledby=k-{kind}]").texts("li.vs h3 b")
    (row,) = [row for row in rows if row["measure_id"] == "2565-2.2"]
    assert row["change_id"] == "2566-2568-2565-2.2"
    assert (row["from_status_code"], row["to_status_code"]) == ("not_started", "no_report")
    assert row["difference_th"] == "เคยรายงาน แต่ปีหลังไม่มีรายงาน"
    assert json_of("changes", "?from=๒๕๖๖&to=2568") == rows
    assert api_of("changes", **{"from": "2023", "to": "2025", "page_size": "200"}) == rows


def test_every_pair_of_years_is_there_once(demo):
    rows = json_of("changes")
    assert len(rows) == 3 * 34
    assert len({row["change_id"] for row in rows}) == len(rows)
    assert {(row["from_year_be"], row["to_year_be"]) for row in rows} == {
        (2566, 2567),
        (2566, 2568),
        (2567, 2568),
    }
    assert json_of("changes", "?from=2568&to=2566") == []
    assert {row["measure_id"] for row in json_of("changes", "?measure=2565-3.1")} == {"2565-3.1"}


def test_a_key_finds_its_row_among_those_of_its_years_only(demo):
    dataset, source = DATASETS["changes"], Source()
    found = dataset.find(source, "2566-2568-2565-2.2")
    assert found is not None
    assert found["to_year_be"] == 2568
    assert dataset.implied("2566-2568-2565-2.2") == {"from_year_be": 2566, "to_year_be": 2568}
    assert dataset.implied("2569-6-2570-2565-2.2") == {"from_year_be": 2569, "to_year_be": 2570}
    for wrong in ("2565-2.2", "2568-2566-2565-2.2", "2566-2568-2565-99.9", ""):
        assert dataset.find(source, wrong) is None


def test_only_forums_of_both_years_are_compared(two_forums):
    def forums(**query):
        rows = json_of("changes", "?" + "&".join(f"{k}={v}" for k, v in query.items()))
        return {row["forum_year_be"] for row in rows}

    assert forums(**{"from": 2566, "to": 2568}) == {2565}
    assert forums(**{"from": 2567, "to": 2568}) == {2565, 2566}
    gone = api_of("changes", **{"from": "2566", "to": "2568", "measure": "2565-2.2"})
    assert [(row["difference_code"], row["to_status_code"]) for row in gone] == [("apart", None)]
    assert [row["to_is_counted"] for row in gone] == [None]


def test_without_two_published_years_there_is_nothing(demo):
    Round.objects.filter(year_be__lt=2568).update(published_at=None, state="closed")
    assert json_of("changes") == []
    assert csv_of("changes") == []
