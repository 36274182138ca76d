"""The dataset of agencies by year: the figures of the agencies' pages."""

import pytest

from followup.models import Agency, Round
from followup.neighbours import neighbours_of
from followup.opendata.datasets.agency_years import AGENCY_YEARS
from followup.opendata.registry import Source
from followup.published import edition_of
from followup.tests.opendata.reading import csv_of, json_of

NUMBERS = ("asked", "answered", "on_time", "achieved")


def test_its_figures_are_those_of_the_pages(data):
    rows = {row["agency_year_id"]: row for row in json_of("agency_years")}
    edition = edition_of(Round.objects.get(year_be=2568))
    for code in ("DLA", "MSDHS", "CODI"):
        for each in neighbours_of(Agency.objects.get(code=code), edition):
            for shown in each.rows:
                row = rows[f"2568-{shown.agency.code}"]
                assert [row[name] for name in NUMBERS] == [getattr(shown, name) for name in NUMBERS]


def test_each_number_is_part_of_what_was_asked(demo):
    rows = json_of("agency_years")
    assert all(row["asked"] >= row["answered"] >= row["on_time"] for row in rows)
    assert all(row["answered"] >= row["achieved"] for row in rows)
    reports = json_of("status_reports")
    assert sum(row["asked"] for row in rows) == len(reports)
    (one,) = [row for row in rows if row["agency_year_id"] == "2568-DLA"]
    assert [one[name] for name in NUMBERS] == [5, 3, 3, 1]
    assert (one["agency_th"], one["kind_code"]) == ("กรมส่งเสริมการปกครองท้องถิ่น", "department")


def test_an_agency_and_a_year_can_be_asked_for(demo):
    rows = csv_of("agency_years", "?agency=DLA&year=2568")
    assert [row["agency_year_id"] for row in rows] == ["2568-DLA"]
    assert AGENCY_YEARS.find(Source(), "2568-DLA")["asked"] == 5
    assert AGENCY_YEARS.find(Source(), "2568-NOBODY") is None


def test_another_filter_is_an_error_and_not_everything(demo):
    with pytest.raises(KeyError):
        AGENCY_YEARS.rows(Source(), {"kind_code": "ministry"})
