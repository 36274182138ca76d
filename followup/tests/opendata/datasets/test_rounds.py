"""The published rounds: their figures are those of the pages, their hash that of the edition."""

from hashlib import sha256

from followup import actions
from followup.models import Months, Round
from followup.tests.client import PortalClient
from followup.tests.opendata.asking import get
from followup.tests.opendata.reading import body, json_of


def of_round(code):
    (row,) = [row for row in json_of("rounds") if row["round_code"] == code]
    return row


def test_one_row_for_each_published_round_the_earliest_first(corrected):
    rows = json_of("rounds")
    assert [row["round_code"] for row in rows] == ["2566", "2567", "2568"]
    row = of_round("2567")
    assert (row["year_be"], row["year_ce"], row["round_months"]) == (2567, 2024, 12)
    assert (row["starts_on"], row["ends_on"]) == ("2023-10-01", "2024-09-30")
    assert row["is_year_state"] is True
    assert (row["edition"], row["corrected_at"]) == (2, "2025-03-03T22:06:07Z")
    assert row["published_at"] == "2024-12-20T03:00:00Z"
    first = of_round("2568")
    assert (first["edition"], first["corrected_at"]) == (1, None)


def test_the_figures_are_those_of_the_year_and_of_its_pages(demo):
    years = {row["year_be"]: row for row in json_of("progress") if row["level"] == "year"}
    for row in json_of("rounds"):
        year = years[row["year_be"]]
        for name in ("measures_total", "measures_counted", "achieved", "moving", "no_report"):
            assert row[name] == year[name]
        reports = json_of("status_reports", f"?year={row['round_code']}")
        received = [each for each in reports if each["status_code"] != "no_report"]
        assert (row["reports_expected"], row["reports_received"]) == (len(reports), len(received))


def test_the_hash_is_that_of_the_content_at_the_path_beside_it(corrected):
    for row in json_of("rounds"):
        content = body(PortalClient().get(row["edition_path"]))
        assert sha256(content).hexdigest() == row["edition_sha256"]
    assert of_round("2567")["edition_path"] == "/receipt/2567-2/edition.json"


def test_an_interim_round_has_its_own_row_and_is_no_state_beside_the_whole_year(demo, people):
    """Who adds up years takes `is_year_state`, so that no year counts twice."""
    interim = actions.create_round(year=2570, months=Months.HALF, by=people["staff"])
    actions.open_round(round_=interim, by=people["staff"])
    actions.close_round(round_=interim, by=people["staff"])
    actions.publish_round(round_=interim, by=people["reviewer"])
    assert of_round("2570-6")["is_year_state"] is True
    assert of_round("2570-6")["ends_on"] == "2027-03-31"
    whole = actions.create_round(year=2570, by=people["staff"])
    actions.open_round(round_=whole, by=people["staff"])
    actions.close_round(round_=whole, by=people["staff"])
    actions.publish_round(round_=whole, by=people["reviewer"])
    assert of_round("2570-6")["is_year_state"] is False
    assert of_round("2570")["is_year_state"] is True
    assert [row["round_code"] for row in json_of("rounds", "?year=2570")] == ["2570"]
    assert [row["round_code"] for row in json_of("rounds", "?year=2570-6")] == ["2570-6"]
    for code in ("2570", "2570-6"):
        assert get(f"rounds/{code}").json()["round_code"] == code
        assert get(f"progress/{code}").json()["progress_id"] == code
    assert Round.objects.public().count() == 5
