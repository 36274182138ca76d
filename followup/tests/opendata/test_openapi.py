"""The description of the API, and that the API is as described."""

import json
import re
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followup.opendata.datasets import DATASETS
from followup.opendata.filters import FILTERS, PAGE, SIZE, YEAR, filters_of
from followup.tests.client import PortalClient
from followup.tests.opendata.asking import get, problem
from followup.tests.opendata.reading import flaws
from forum_portal.years import as_typed


@pytest.fixture
def described(db):
    return PortalClient().get("/api/v1/openapi.json").json()


TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["2567", "2024", "๒๕๖๗", "2569", "2565-3", "2565-3.4", "CODI", "completed", "1", "200"]
    ),
    st.integers().map(str),
)


NAMES = st.one_of(
    st.sampled_from([each.name for each in (YEAR, *FILTERS, PAGE, SIZE)]), st.text(max_size=10)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["forums", "measures", "assignments", "progress", "corrections"]),
    query=st.lists(st.tuples(NAMES, TEXTS), max_size=4),
)
@pytest.mark.slow
def test_whatever_is_asked_the_answer_is_as_described(demo, name, query):
    path = f"/api/v1/{name}?" + urlencode(query, errors="surrogatepass")
    answer = PortalClient().get(path)
    if answer.status_code == 200:
        assert answer["Content-Type"] == "application/json"
        assert len(answer.json()["results"]) <= 200
    else:
        said = problem(answer, answer.status_code)
        assert answer.status_code in {400, 404}
        assert said["parameter"] in {as_typed(key) for key, _value in query}
        assert said["detail"]


def test_it_describes_every_address_and_every_parameter(described):
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "http://testserver/api/v1"}]
    assert list(described["paths"]) == [
        *(
            path
            for name, each in DATASETS.items()
            for path in (f"/{name}", f"/{name}/{{{each.key}}}")
        ),
        "/search",
    ]
    for name, dataset in DATASETS.items():
        told = described["paths"][f"/{name}"]["get"]["parameters"]
        assert [each["name"] for each in told] == [
            *(each.name for each in filters_of(dataset)),
            "page",
            "page_size",
        ]
    ids = [each["get"]["operationId"] for each in described["paths"].values()]
    assert len(set(ids)) == len(ids)
    text = json.dumps(described)
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        found = described
        for part in reference.split("/"):
            found = found[part]


@pytest.mark.parametrize("name", DATASETS)
def test_answers_are_as_described(demo, described, name):
    operation = described["paths"][f"/{name}"]["get"]["responses"]
    schema = operation["200"]["content"]["application/json"]["schema"]
    for query in ({}, {"page_size": 200}):
        assert flaws(get(name, **query).json(), schema, described) == []
    problems = described["components"]["schemas"]["problem"]
    assert flaws(get(name, colour="red").json(), problems, described) == []
    key = DATASETS[name].key
    item = described["paths"][f"/{name}/{{{key}}}"]["get"]["responses"]["200"]
    for row in get(name).json()["results"][:1]:
        answer = get(f"{name}/{row[key]}").json()
        assert flaws(answer, item["content"]["application/json"]["schema"], described) == []


def test_an_answer_that_is_not_as_described_is_seen(demo, described):
    schema = described["components"]["schemas"]["measures"]
    row = get("measures").json()["results"][0]
    assert flaws(row, schema, described) == []
    for wrong in (
        row | {"measure_code": 3.4},
        row | {"measure_code": "3"},
        row | {"kind_code": "x"},
        row | {"forum_year_be": 2022},
        row | {"title_th": None},
        row | {"secret": "x"},
    ):
        assert len(flaws(wrong, schema, described)) == 1


@pytest.mark.slow
def test_what_the_description_allows_the_api_takes(demo, described):
    for name in DATASETS:
        for each in described["paths"][f"/{name}"]["get"]["parameters"]:
            values = each["schema"].get("enum") or [each["example"]]
            for value in values:
                if "pattern" in each["schema"]:
                    assert re.search(each["schema"]["pattern"], value)
                assert get(name, **{each["name"]: value}).status_code == 200, (name, each["name"])
            most = each["schema"].get("maximum")
            if most:
                assert get(name, **{each["name"]: most}).status_code in {200, 404}
                assert get(name, **{each["name"]: most + 1}).status_code == 400
    year = YEAR.schema["pattern"]
    meant = {n for n in range(1000, 3000) if re.search(year, str(n))}
    assert meant == {*range(2560, 2600), *range(2017, 2057)}


def test_a_column_that_another_supersedes_is_deprecated(described):
    for name, dataset in DATASETS.items():
        columns = described["components"]["schemas"][name]["properties"]
        old = {each.name for each in dataset.columns if each.superseded_by}
        assert {each for each, schema in columns.items() if schema.get("deprecated")} == old
        assert old <= {"measure_code"}
        assert all(
            each.superseded_by in dataset.names for each in dataset.columns if each.superseded_by
        )
