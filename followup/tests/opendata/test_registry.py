"""The registry of datasets: what a dataset costs."""

from followup.opendata.datasets import DATASETS
from followup.opendata.registry import Source


def test_no_dataset_asks_once_for_each_row(demo, django_assert_max_num_queries):
    for dataset in DATASETS.values():
        with django_assert_max_num_queries(9):
            dataset.rows(Source())
