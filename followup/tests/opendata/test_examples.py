"""The examples in the descriptions: keys that exist, or of the right form before there are any."""

import re

import pytest

from followup.opendata.datasets import DATASETS
from followup.opendata.examples import Examples
from followup.tests.client import PortalClient
from followup.tests.opendata.asking import get
from followup.tests.opendata.reading import api_of


def test_every_example_is_of_a_row_that_is_there(corrected):
    examples = Examples()
    for name, dataset in DATASETS.items():
        if name == "assessments":  # the demo has none
            continue
        assert get(f"{name}/{examples[dataset.example]}").status_code == 200, name
    page = PortalClient().page("/api/v1/")
    for path in re.findall(r"http://testserver/api/v1/(\S+)", page.one("pre.snippet").raw()):
        assert get(path).status_code == 200, path
    assert api_of("status_reports", year=examples.year, resolution=examples.resolution)


def test_the_examples_are_those_of_the_first_forum_there_is(second_forum):
    """Without the forum of 2565 nothing speaks of it."""
    second_forum.year_be = 2567
    second_forum.followed_from = 2567
    second_forum.save()
    type(second_forum).objects.filter(year_be=2565).update(year_be=2568, followed_from=2568)
    assert Examples().measure == "2567-1.1"
    assert Examples().assignment.startswith("2567-1.1-")
    said = get("measures", resolution="1").json()["detail"]
    assert "รูปแบบที่ใช้ได้ เช่น 2567-1" in said
    assert "2565" not in PortalClient().page("/api/v1/").one("main").text


@pytest.mark.django_db
def test_before_there_is_a_forum_the_examples_have_the_right_form():
    examples = Examples()
    for dataset in DATASETS.values():
        key = next(each for each in dataset.columns if each.name == dataset.key)
        assert re.fullmatch(key.pattern or ".+", examples[dataset.example])
    page = PortalClient().page("/api/v1/")
    assert examples.measure in page.text
    assert PortalClient().get("/api/v1/openapi.json").status_code == 200
    assert PortalClient().page("/data/").one("h1").text == "ข้อมูลเปิด"
