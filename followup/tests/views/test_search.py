"""The page of the search, its JSON and its feed."""

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from followup import search_index
from followup.models import Round, SearchText
from followup.tests.client import PortalClient
from followup.tests.editions import correct
from followup.tests.ground import ground
from followup.tests.opendata.asking import get, problem
from followup.tests.opendata.atom import ATOM, text
from forum_portal.costly import visits
from forum_portal.page_cache import _query as kept_query
from forum_portal.page_cache import mark_of


def titles(page):
    return page.texts("section h2")


def test_the_header_asks_for_the_page(searchable, visitor):
    page = visitor.page("/")
    for form in page.select("form.search"):
        assert (form["action"], form["method"], form["role"]) == ("/search/", "get", "search")
    assert len(page.select("form.search")) == 2, "beside the name, and in the phone's menu"


def test_without_words_the_form_has_examples_that_lead_somewhere(searchable, visitor):
    page = visitor.page("/search/")
    assert page.one("h1").text == "ค้นหา"
    links = [each["href"] for each in page.select(".rows a")]
    assert len(links) > 4
    for link in links:
        assert visitor.page(link).select(".hit"), link
    assert not page.select("meta[name=robots]")


@pytest.mark.parametrize("typed", ["...", "%", "๏"])
def test_an_absurd_query_gets_the_form_and_a_sentence(searchable, visitor, typed):
    page = visitor.page("/search/", q=typed)
    assert page.texts("[role=status]") == ["พิมพ์คำที่มีตัวอักษรหรือตัวเลขอย่างน้อยหนึ่งตัว"]
    assert page.one("input#q3")["value"] in (typed, "")
    assert page.select(".rows a")


def test_a_long_query_is_cut_and_says_so(searchable, visitor):
    page = visitor.page("/search/", q="กองทุน" * 100)
    assert "คำค้นยาวเกินไป" in page.one("[role=status]").text
    assert len(page.one("input#q3")["value"]) == 200


def test_groups_have_counts_and_lead_to_all_of_their_hits(searchable, visitor):
    page = visitor.page("/search/", q="งบประมาณ")
    total = sum(int(each.text) for each in page.select(".pick--count b"))
    assert page.one("h1").text == f"ค้นหา “งบประมาณ” พบ {total} รายการ"
    section = page.one("section#g-result")
    assert len(section.select(".hit")) == 5
    count = int(section.select("h2 .nb")[-1].text)
    link = section.one("p.all a")
    assert link.text.startswith(f"ดูทั้ง {count} รายการ")
    seen = []
    address = link["href"]
    while address:
        whole = visitor.page(address)
        assert len(whole.select("section.sec")) == 1
        seen += whole.select(".hit")
        after = [each for each in whole.select(".pager a") if each.get("rel") == "next"]
        address = f"/search/{after[0]['href']}" if after else ""
    assert len(seen) == count > 20


def test_a_hit_marks_the_words_in_their_sentence_and_says_where_it_is_from(searchable, visitor):
    page = visitor.page("/search/", q="งบ")
    hit = page.one("section#g-result").select(".hit")[0]
    assert hit.select("mark")[0].text == "งบ"
    assert "ปีงบประมาณ 2568" in hit.one(".hit__m").text
    assert hit.select(".tag")
    address = hit.one(".hit__t a")["href"]
    assert visitor.page(address.partition("#")[0]).one(f"#{address.partition('#')[2]}")
    agency = page.one("section#g-agency").select(".hit")[0]
    assert "สำนักงบประมาณ" in agency.text
    assert "พบกลางคำ" in titles(page)[-1]


def test_what_was_typed_is_text(searchable, visitor):
    typed = '<script>alert("1")</script> กองทุน'
    response = visitor.get("/search/", {"q": typed})
    body = response.content.decode()
    assert "<script>alert" not in body
    assert visitor.page("/search/", q=typed).one("input#q3")["value"] == typed
    assert "<title>" in body
    assert "&lt;script&gt;" in body.partition("</title>")[0]
    assert visitor.page("/search/", q="กองทุน").one("meta[name=robots]")["content"] == "noindex"


def test_filters_keep_the_words_and_wrong_ones_say_what_there_is(searchable, visitor):
    page = visitor.page("/search/?q=งบประมาณ&year=2567&status=in_progress")
    assert page.one("select#sy option[selected]").text == "2567"
    link = page.one("section#g-result p.all a")["href"]
    asked = parse_qs(urlsplit(link).query)
    assert asked == {
        "q": ["งบประมาณ"],
        "year": ["2567"],
        "status": ["in_progress"],
        "group": ["result"],
    }
    page = visitor.page("/search/?q=กองทุน&year=2580&forum=2599&status=done")
    assert page.texts("[role=status]") == [
        "ไม่มีผลที่เผยแพร่ของปี “2580” จึงค้นทุกปี ปีที่เผยแพร่แล้ว: 2566, 2567, 2568",
        "ไม่มีเวที “2599” จึงค้นทุกเวที เวทีที่มี: 2565",
        "ไม่มีสถานะ “done” จึงค้นทุกสถานะ",
    ]
    assert page.select(".hit")


def test_nothing_found_leads_to_what_finds_something(searchable, visitor):
    page = visitor.page("/search/", q="กองทุนน")
    assert page.one("h1").text == "ไม่พบ “กองทุนน”"
    for link in page.select(".rows a"):
        assert visitor.page(link["href"]).select(".hit")
    assert "ลองทางนี้" in titles(page)
    assert visitor.page("/search/", q="ฮฮฮฮฮฮ").select(".btns a"), "and so if nothing is like it"


def test_before_the_first_round_the_record_is_found(forum, visitor):
    search_index.refresh()
    page = visitor.page("/search/", q="กองทุน")
    assert page.select("section#g-proposal .hit")
    assert not page.select(".tag")
    assert visitor.page("/search/", q="กองทุน", year="2568").texts("[role=status]")


def test_what_is_typed_is_not_kept_and_counts_as_costly(searchable, visitor, settings):
    def of(path):
        request = visitor.get(path).wsgi_request
        return getattr(request, "vouched", set())

    assert of("/search/?forum=2565&status=completed&year=2567") == {"forum", "status", "year"}
    assert of("/search/?forum=๒๕๖๕&status=done&year=2599") == set()
    typed = RequestFactory().get("/search/?q=ก&status=completed")
    assert kept_query(typed, mark_of(typed)) is None
    assert of("/api/v1/search?q=กองทุน") == set(), "and no answer of the API is kept without"
    visits.forget()
    settings.COSTLY_PER_MINUTE = 1
    answers = [visitor.get(path, {"q": "ก"}) for path in ("/search/", "/search.atom")]
    assert [each.status_code for each in answers] == [200, 429]
    assert visitor.get("/search/").status_code == 200
    visits.forget()


def queries(visitor, path):
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get(path).status_code == 200
    return len(asked)


def test_a_search_costs_the_same_with_more_to_find(two_forums, visitor):
    ground.lay("searchable")
    paths = (
        "/search/?q=ก",
        "/search/?q=งบประมาณ&group=result",
        "/api/v1/search?q=ก",
        "/search/?q=ฮฮฮฮ",
    )
    for path in paths:
        queries(visitor, path)  # an edition is read once a process
    before = [queries(visitor, path) for path in paths]
    assert before[0] <= 22
    SearchText.objects.filter(edition=None, kind="agency", pk__gt=0).first().delete()
    grown = SearchText.objects.filter(kind="result")[:200]
    for nth, row in enumerate(grown):
        row.pk, row.position = None, 10_000 + nth
    SearchText.objects.bulk_create(grown)
    assert [queries(visitor, path) for path in paths] == before


# For programs ----------------------------------------------------------------------------------


def test_the_api_tells_the_same_page_by_page(searchable):
    first = get("search", q="งบประมาณ", page_size=10).json()
    assert (first["page"], first["page_size"], len(first["results"])) == (1, 10, 10)
    rows, address = [], first["links"]["first"]
    while address:
        answer = PortalClient().get(address).json()
        rows += answer["results"]
        address = answer["links"]["next"]
    assert len(rows) == first["count"]
    assert len({(row["url"], row["part"], row["text_th"]) for row in rows}) > 20
    of_report = next(row for row in rows if row["kind"] == "result")
    assert of_report["year_be"] == 2568
    assert of_report["agency_code"]
    assert "งบประมาณ" in of_report["text_th"]
    assert of_report["url"].startswith("http://testserver/resolutions/2565/")
    only = get("search", q="งบ", kind="agency").json()
    assert {row["kind"] for row in only["results"]} == {"agency"}
    apart = get("search", q="งบ", page_size=200).json()["results"]
    assert [row["is_inside_word"] for row in apart] == sorted(
        row["is_inside_word"] for row in apart
    )


def test_the_answer_is_as_described(searchable):
    described = get("openapi.json").json()
    schema = described["components"]["schemas"]["found"]
    for row in get("search", q="ก", page_size=200).json()["results"]:
        assert list(row) == schema["required"]
        for name, value in row.items():
            types = schema["properties"][name]["type"]
            types = types if isinstance(types, list) else [types]
            known = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
            assert type(value) in [known[each] for each in types], name
    parameters = described["paths"]["/search"]["get"]["parameters"]
    assert (parameters[0]["name"], parameters[0]["required"]) == ("q", True)


@pytest.mark.parametrize(
    ("query", "parameter", "status", "said"),
    [
        ({}, "q", 400, "ระบุคำค้นใน q"),
        ({"q": "..."}, "q", 400, "ต้องมีตัวอักษรหรือตัวเลข"),
        ({"q": "ก" * 201}, "q", 400, "ไม่เกิน 200 อักขระ"),
        ({"q": "กองทุน", "kind": "people"}, "kind", 400, "ค่าที่ใช้ได้: proposal, result"),
        ({"q": "กองทุน", "forum": "2599"}, "forum", 404, "ไม่มีเวทีปี 2599 เวทีที่มี: 2565"),
        ({"q": "กองทุน", "year": "2569"}, "year", 404, "ปีที่เผยแพร่แล้ว: 2566, 2567, 2568"),
        ({"q": "กองทุน", "page": "99"}, "page", 404, "ไม่มีหน้า 99"),
        ({"q": "กองทุน", "sort": "x"}, "sort", 400, "ไม่มีพารามิเตอร์ “sort”"),
    ],
)
def test_the_api_says_in_thai_what_is_wrong(searchable, query, parameter, status, said):
    document = problem(get("search", **query), status)
    assert document["parameter"] == parameter
    assert said in document["detail"]


def entries(query):
    response = PortalClient().get("/search.atom", query)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    return root, root.findall(f"{ATOM}entry")


def test_the_feed_has_the_newest_reports_and_corrections(three_reports, people, visitor):
    correct(three_reports, people, "จัดเวที 4 ภาค")
    search_index.refresh()
    page = visitor.page("/search/", q="จัดเวที")
    (link,) = [each for each in page.select("link[rel=alternate]") if "search.atom" in each["href"]]
    root, found = entries(parse_qs(urlsplit(link["href"]).query))
    assert "จัดเวที" in text(root, "title")
    said = [text(each, "title") for each in found]
    assert said[0].startswith("แก้ไข 2565-1.2 ผลการดำเนินงาน")
    assert said[1].startswith("2565-1.2 ")
    assert text(found[1], "summary") == "จัดเวที 4 ภาค"
    ids = [text(each, "id") for each in (root, *found)]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("tag:") for each in ids)
    assert entries({"q": "ไม่มีคำนี้"})[1] == []
    assert entries({})[1] == []
    year = Round.objects.get(pk=three_reports.pk).year_be
    assert entries({"q": "จัดเวที", "year": str(year)})[1]
