"""Columns that datasets share: keys, years in both eras, demo data that says so."""

from followup.opendata.datasets import DATASETS
from followup.tests.opendata.published import EVERY
from followup.tests.opendata.reading import json_of
from forum_portal.years import to_ce


def test_keys_are_keys_and_lead_somewhere(data):
    keys = {name: [row[DATASETS[name].key] for row in json_of(name)] for name in EVERY}
    for name, dataset in DATASETS.items():
        assert len(set(keys[name])) == len(keys[name]), name
        for column in dataset.columns:
            if column.refers_to:
                there = {row[column.name] for row in json_of(name)} - {None}
                assert there <= set(keys[column.refers_to]), (name, column.name)


def test_years_stand_in_both_eras(data):
    for name, dataset in DATASETS.items():
        pairs = [each.removesuffix("_be") for each in dataset.names if each.endswith("_be")]
        for row in json_of(name):
            for pair in pairs:
                be, ce = row[f"{pair}_be"], row[f"{pair}_ce"]
                assert (be is None and ce is None) or ce == to_ce(be)


def test_demo_data_says_that_it_is(demo):
    for name in ("progress", "status_reports", "evidence"):
        assert {row["is_demo"] for row in json_of(name)} == {True}
