"""The API: what it answers, and what it says when it cannot."""

import json
import re
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followup.models import Agency, Assignment
from followup.opendata.datasets import DATASETS
from followup.opendata.filters import FILTERS, PAGE, SIZE, YEAR, filters_of
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import api_of, flaws
from forum_portal.years import as_typed

PROBLEM = "application/problem+json"


def get(path, **query):
    return PortalClient().get(f"/api/v1/{path}", query)


def problem(response, status):
    """The document of a response that says what is wrong."""
    assert response.status_code == status
    assert response["Content-Type"] == PROBLEM
    assert response["Access-Control-Allow-Origin"] == "*"
    document = response.json()
    assert document["status"] == status
    assert document["type"] == "about:blank"
    return document


@pytest.fixture
def described(client):
    return PortalClient().get("/api/v1/openapi.json").json()


# What it answers -------------------------------------------------------------------------------


def test_pages_follow_each_other(demo):
    first = get("measures", page_size=10).json()
    assert (first["count"], first["page"], first["pages"], first["page_size"]) == (34, 1, 4, 10)
    assert first["links"] == {
        "self": "http://testserver/api/v1/measures?page_size=10&page=1",
        "first": "http://testserver/api/v1/measures?page_size=10&page=1",
        "previous": None,
        "next": "http://testserver/api/v1/measures?page_size=10&page=2",
        "last": "http://testserver/api/v1/measures?page_size=10&page=4",
    }
    last = PortalClient().get(first["links"]["last"]).json()
    assert (len(last["results"]), last["links"]["next"]) == (4, None)


@pytest.mark.parametrize(
    ("name", "query", "column", "value"),
    [
        ("status_reports", {"year": "2567"}, "year_be", 2567),
        ("status_reports", {"year": "ค.ศ. 2024"}, "year_be", 2567),
        ("status_reports", {"status": "completed"}, "status_code", "completed"),
        ("status_reports", {"agency": "CODI"}, "agency_code", "CODI"),
        ("status_reports", {"measure": "๒๕๖๕-๓.๔"}, "measure_id", "2565-3.4"),
        ("measures", {"resolution": "2565-3"}, "resolution_id", "2565-3"),
        ("measures", {"forum": "2565"}, "forum_year_be", 2565),
        ("progress", {"level": "resolution", "year": "2568"}, "level", "resolution"),
        ("agencies", {"agency": "CODI"}, "agency_code", "CODI"),
        ("evidence", {"resolution": "2565-1"}, "resolution_id", "2565-1"),
    ],
)
def test_a_filter_keeps_what_it_names(demo, name, query, column, value):
    rows = api_of(name, **query)
    others = [row for row in api_of(name) if row not in rows]
    assert rows
    assert {row[column] for row in rows} == {value}
    if set(query) == {each.name for each in filters_of(DATASETS[name]) if each.column == column}:
        assert value not in {row[column] for row in others}


def test_the_assignments_of_a_year_are_those_in_force(demo):
    one = Assignment.objects.order_by("pk").first()
    Assignment.objects.filter(pk=one.pk).update(valid_to=2566)
    before, after = len(api_of("assignments", year=2566)), len(api_of("assignments", year=2567))
    assert before - after == 1


@pytest.mark.parametrize("name", DATASETS)
def test_every_row_has_an_address(demo, name):
    rows = api_of(name)
    for row in rows[:: max(1, len(rows) // 3)]:
        answer = get(f"{name}/{row[DATASETS[name].key]}")
        assert (answer.status_code, answer.json()) == (200, row)


def test_what_is_known_is_not_sent_again(demo):
    for path in ("progress?year=2567", "measures/2565-3.4", "openapi.json"):
        first = PortalClient().get(f"/api/v1/{path}")
        assert first["Cache-Control"] == "public, max-age=60"
        again = PortalClient().get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Access-Control-Allow-Origin"] == "*"
        other = PortalClient().get(f"/api/v1/{path}", headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)


def test_a_change_of_the_data_is_another_etag(demo):
    before = get("agencies")["ETag"]
    Agency.objects.filter(code="CODI").update(abbr_th="พอช")
    assert get("agencies")["ETag"] != before


def test_any_site_may_read_and_nobody_write(demo):
    for path in ("", "openapi.json", "measures", "measures/2565-3.4", "no_such_dataset"):
        client = PortalClient(enforce_csrf_checks=True)
        asked = client.options(f"/api/v1/{path}", headers={"Origin": "https://cso.example"})
        assert (asked.status_code, asked["Allow"]) == (204, "GET, HEAD, OPTIONS")
        assert "Content-Type" not in asked
        assert asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        for method in ("post", "put", "patch", "delete", "trace"):
            answer = getattr(client, method)(f"/api/v1/{path}")
            assert problem(answer, 405)["detail"].startswith("API นี้อ่านได้อย่างเดียว")
            assert answer["Allow"] == "GET, HEAD, OPTIONS"
    head, whole = PortalClient().head("/api/v1/measures"), get("measures")
    assert (head.status_code, head["ETag"], head.content) == (200, whole["ETag"], b"")
    assert not whole.cookies


def test_a_page_that_shows_who_signed_in_is_no_copy_for_all(demo, people, sign_in):
    response = sign_in(people["staff"]).get("/api/v1/")
    assert "public" not in response.get("Cache-Control", "")
    assert "Cookie" in response["Vary"]


# What it says when it cannot -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "parameter", "detail"),
    [
        ("measures", {"colour": "red"}, "colour", "ไม่มีพารามิเตอร์ “colour” ที่ใช้ได้: forum, resolution"),
        ("measures", {"year": "2567"}, "year", "ไม่มีพารามิเตอร์ “year”"),
        ("measures/2565-3.4", {"page": "1"}, "page", "ที่อยู่นี้ไม่มีพารามิเตอร์ “page”"),
        ("progress", {"year": "67"}, "year", "มีเพียง 2 หลัก"),
        ("progress", {"year": ""}, "year", "อ่านปี “” ไม่ได้"),
        ("progress", {"year": "2\0"}, "year", "อ่านปี “2\ufffd” ไม่ได้"),
        ("progress", {"year": ["2566", "2567"]}, "year", "ระบุ “year” ได้ครั้งเดียว"),
        ("progress", {"level": "forum"}, "level", "ค่าที่ใช้ได้: year, resolution, measure"),
        ("progress", {"status": "done"}, "status", "ค่าที่ใช้ได้: completed, continuous"),
        ("measures", {"measure": "3.4"}, "measure", "รูปแบบที่ใช้ได้ เช่น 2565-3.4"),
        ("agencies", {"agency": "พอช."}, "agency", "รูปแบบที่ใช้ได้ เช่น CODI"),
        ("measures", {"resolution": "3"}, "resolution", "รูปแบบที่ใช้ได้ เช่น 2565-3"),
        ("measures", {"resolution": "9" * 5000}, "resolution", "รูปแบบที่ใช้ได้ เช่น 2565-3"),
        ("measures", {"page": "-1"}, "page", "จำนวนเต็มตั้งแต่ 1 ถึง 999,999"),
        ("measures", {"page": "1e3"}, "page", "จำนวนเต็มตั้งแต่ 1"),
        ("measures", {"page_size": "201"}, "page_size", "จำนวนเต็มตั้งแต่ 1 ถึง 200"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(demo, path, query, parameter, detail):
    said = problem(get(path, **query), 400)
    assert said["parameter"] == parameter
    assert detail in said["detail"]
    assert said["title"] == "คำขอไม่ถูกต้อง"


def test_a_year_or_a_page_that_is_not_there_is_named(demo):
    for year in ("2569", "2580"):  # one that is open, one that nobody planned
        said = problem(get("progress", year=year), 404)
        assert said["parameter"] == "year"
        assert said["detail"].endswith("ปีที่เผยแพร่แล้ว: 2566, 2567, 2568")
    said = problem(get("measures", page="3"), 404)
    assert (said["parameter"], said["detail"]) == ("page", "ไม่มีหน้า 3 มีทั้งหมด 1 หน้า")


def test_a_year_before_the_first_publication(forum):
    said = problem(get("progress", year="2567"), 404)
    assert said["detail"] == "ยังไม่มีรอบรายงานที่เผยแพร่"


@pytest.mark.parametrize(
    "path",
    ["users", "progress/2569", "measures/9-9.9", "measures/\0", "agencies/codi", "x/y/z", "../x"],
)
def test_what_is_not_there_is_a_problem_document(demo, path):
    assert "detail" in problem(PortalClient().get(f"/api/v1/{path}"), 404)
    assert "detail" in problem(PortalClient().get("/api/v2/"), 404)


def test_it_is_one_on_a_developers_machine_too(demo, client, settings):
    settings.DEBUG = True  # where Django shows its own page, without a policy
    answer = client.get("/api/v1/users")
    assert "ที่มีคือ forums, resolutions" in problem(answer, 404)["detail"]


def test_a_failure_is_a_problem_document(demo, monkeypatch):
    client = PortalClient(raise_request_exception=False)

    def fails(error):
        def rows(self, source):
            raise error

        monkeypatch.setattr("followup.opendata.registry.Dataset.rows", rows)
        return client.get("/api/v1/measures")

    assert problem(fails(ValueError()), 500)["detail"].startswith("บันทึกเหตุการณ์แล้ว รหัส ")
    answer = fails(OperationalError())
    assert problem(answer, 503)["detail"] == "ฐานข้อมูลไม่ตอบ ลองใหม่ในอีกหนึ่งนาที"
    assert answer["Retry-After"] == "60"
    assert problem(client.get("/api/v1/measures?" + "&".join("a" * 2000)), 400)


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


# The description -------------------------------------------------------------------------------


def test_it_describes_every_address_and_every_parameter(described):
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "http://testserver/api/v1"}]
    assert list(described["paths"]) == [
        path for name, each in DATASETS.items() for path in (f"/{name}", f"/{name}/{{{each.key}}}")
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


def test_the_readable_page_says_the_same(demo):
    page = PortalClient().page("/api/v1/")
    assert [a["href"] for a in page.select("ul.rows a")] == [f"/api/v1/{name}" for name in DATASETS]
    assert page.texts("main tbody th") == [each.name for each in (YEAR, *FILTERS, PAGE, SIZE)]
    assert not page.has("script")
