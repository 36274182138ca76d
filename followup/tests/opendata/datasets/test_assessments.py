"""The dataset of independent assessments."""

from followup.opendata.datasets import DATASETS
from followup.opendata.registry import Source
from followup.tests.test_independent_voice import assessed_fixture  # noqa: F401


def test_every_value_keeps_what_its_column_promises(assessed):
    dataset = DATASETS["assessments"]
    rows = list(dataset.rows(Source()))
    assert len(rows) == dataset.count(Source()) == 4
    for column in dataset.columns:
        for row in rows:
            value = row[column.name]
            assert value is not None or not column.is_required, column.name
            assert value is None or not column.choices or value in column.choices
            if isinstance(value, int) and not isinstance(value, bool):
                assert column.minimum is None or value >= column.minimum
                assert column.maximum is None or value <= column.maximum
    assert len({row["assessment_id"] for row in rows}) == 4


def test_a_row_is_found_by_its_key_and_a_year_narrows_them(assessed):
    dataset = DATASETS["assessments"]
    (first, *_rest) = dataset.rows(Source())
    assert dataset.find(Source(), first["assessment_id"]) == first
    assert dataset.find(Source(), "2569-2565-1.2-99999") is None
    assert dataset.find(Source(), "nonsense") is None
    assert len(dataset.rows(Source(), {"measure_id": "2565-1.2"})) == 2


def test_it_says_that_it_is_not_the_committees():
    assert "ไม่ใช่ของ คสป." in str(DATASETS["assessments"].about)
