"""The files of a dataset: the same rows in every form, and no formula that runs."""

from decimal import Decimal

import pytest

from followup import actions
from followup.opendata.datasets import DATASETS
from followup.tests.factories import make_report
from followup.tests.opendata.published import EVERY
from followup.tests.opendata.reading import api_of, as_text, csv_of, json_of, xlsx_of
from forum_portal.cells import safe_cell


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.slow
def test_every_form_of_a_dataset_has_the_same_rows(data, name):
    rows = json_of(name)
    assert api_of(name) == rows
    numbers = {each.name for each in DATASETS[name].columns if each.type in {"integer", "number"}}
    for cells, texts, row in zip(xlsx_of(name), csv_of(name), rows, strict=True):
        assert texts.keys() == row.keys() == cells.keys()
        for column, text in texts.items():
            if column in numbers and text:
                assert Decimal(str(cells[column])) == Decimal(text), column
                assert Decimal(str(row[column])) == Decimal(text), column
            else:
                assert (cells[column] or "") == text, column
                assert safe_cell(as_text(row[column])) == text, column


def test_text_that_looks_like_a_formula_does_not_run(open_round, people):
    formula = '=HYPERLINK("http://x.example","กด")'
    make_report(open_round, "1.2", by=people["staff"], reviewer=people["reviewer"], results=formula)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    for rows in (csv_of("status_reports"), xlsx_of("status_reports")):
        assert [row["results_th"] for row in rows if row["results_th"]] == [f"'{formula}"]
    assert formula in [row["results_th"] for row in json_of("status_reports")]
