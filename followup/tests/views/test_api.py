"""The API: its pages, its answers, and what it says when it cannot."""

import pytest
from django.db import OperationalError

from followup.models import Agency
from followup.opendata.datasets import DATASETS
from followup.opendata.filters import FILTERS, PAGE, SIZE, YEAR
from followup.tests.client import PortalClient
from followup.tests.opendata.asking import get, problem
from followup.tests.opendata.reading import api_of


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


def test_a_year_or_a_page_that_is_not_there_is_named(demo):
    for year in ("2569", "2580"):  # one that is open, one that nobody planned
        said = problem(get("progress", year=year), 404)
        assert said["parameter"] == "year"
        assert said["detail"].endswith("ปีที่เผยแพร่แล้ว: 2566, 2567, 2568")
    said = problem(get("measures", page="3"), 404)
    assert (said["parameter"], said["detail"]) == ("page", "ไม่มีหน้า 3 มีทั้งหมด 1 หน้า")


def test_a_year_before_the_first_publication(forum):
    said = problem(get("progress", year="2567"), 404)
    assert said["detail"] == "ยังไม่มีรอบติดตามที่เผยแพร่"


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
        def rows(self, source, wanted=None):
            raise error

        monkeypatch.setattr("followup.opendata.registry.Dataset.rows", rows)
        return client.get("/api/v1/measures")

    assert problem(fails(ValueError()), 500)["detail"].startswith("บันทึกเหตุการณ์แล้ว รหัส ")
    answer = fails(OperationalError())
    assert problem(answer, 503)["detail"] == (
        "ฐานข้อมูลไม่ตอบในขณะนี้ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่"
    )
    assert answer["Retry-After"] == "60"
    assert problem(client.get("/api/v1/measures?" + "&".join("a" * 2000)), 400)


def test_the_readable_page_says_the_same(demo):
    page = PortalClient().page("/api/v1/")
    assert [a["href"] for a in page.select("ul.rows a")] == [f"/api/v1/{name}" for name in DATASETS]
    assert "/api/v1/search?q=" in page.text
    assert page.texts("main tbody th") == [each.name for each in (YEAR, *FILTERS, PAGE, SIZE)]
    assert not page.has("main script")
