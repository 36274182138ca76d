"""The report's pages for the web: one for each part, several for a long one."""

import json

import pytest
from django.urls import reverse

from followup.annual_report import pieces, store, web_pages
from followup.models import RenderedReport
from followup.tests.annual_report.reading import newest
from followup.tests.doors import unguarded

pytestmark = pytest.mark.usefixtures("demo")


def part(report, title):
    return next(
        (number, each)
        for number, each in enumerate(report["parts"], start=1)
        if title in each["title"]
    )


@pytest.fixture
def report():
    return store.document(newest())


@pytest.fixture
def long(report):
    """A report with the evidence of a large year."""
    _number, evidence = part(report, "ภาคผนวก ค")
    table = evidence["blocks"][0]
    table["rows"] = [[f"แถว {n}", *row[1:]] for n in range(60) for row in table["rows"][:20]]
    return report


def test_each_part_of_an_ordinary_report_is_one_page(report):
    made = web_pages.web_pages(report)
    titles = [page.content["title"] for page in made[1:]]
    assert titles == [each["title"] for each in report["parts"] if not each["is_contents"]]
    beginning = made[0].content
    assert beginning["summary"]["title"] == "บทสรุปผู้บริหาร"
    assert {each["pages"] for each in beginning["parts"]} == {1}
    number, proposals = part(report, "รายข้อเสนอ")
    page = next(page for page in made if page.part == number)
    assert len(page.content["headings"]) == 8
    assert [block["kind"] for block in page.content["blocks"]] == [
        block["kind"] for block in proposals["blocks"]
    ]


def test_a_long_part_has_pages_of_one_length_and_loses_nothing(long):
    number, evidence = part(long, "ภาคผนวก ค")
    made = [page for page in web_pages.web_pages(long) if page.part == number]
    assert len(made) > 5
    assert [page.number for page in made] == list(range(1, len(made) + 1))
    rows = [row for page in made for row in page.content["blocks"][0]["rows"]]
    assert rows == evidence["blocks"][0]["rows"]
    assert max(pieces.length(page.content) for page in made) < 1.2 * web_pages.PAGE
    assert {page.content["blocks"][0]["id"] for page in made} == {1}


def test_pages_are_stored_with_the_report_and_made_for_an_older_one(django_assert_num_queries):
    edition = newest()
    with unguarded():
        RenderedReport.objects.filter(kind="page").delete()
    beginning, shown = store.web_page(edition, 4, 1)
    assert shown is not None
    kept = RenderedReport.objects.filter(snapshot=edition, kind="page")
    assert kept.count() == 1 + sum(
        each["pages"] for each in beginning["parts"] if not each["is_contents"]
    )
    with django_assert_num_queries(1):
        assert store.web_page(edition, 4, 1) == (beginning, shown)
    assert store.web_page(edition, 4, 9) == (beginning, None)


def test_two_who_make_the_pages_at_once_leave_them_once(report):
    edition = newest()
    kept = RenderedReport.objects.filter(snapshot=edition, kind="page")
    before = list(kept.order_by("pk").values("pk", "digest"))
    store.keep_pages(edition, store.pages_of(json.dumps(report).encode()))
    assert list(kept.order_by("pk").values("pk", "digest")) == before


def test_a_reader_goes_through_the_whole_report(visitor, report):
    """From the contents to the first part, and on by the link to the next one."""
    address = reverse("report", args=[2567])
    seen, before = [], ""
    links = [reverse("report-part", args=[2567, n]) for n in range(1, len(report["parts"]) + 1)]
    for link, each in zip(links, report["parts"], strict=True):
        if each["is_contents"]:
            assert visitor.get(link).status_code == 404
            continue
        assert link in visitor.get(address).content.decode()
        text = visitor.get(link).content.decode()
        seen.append(each["title"])
        assert before in text
        before = link
    assert len(seen) == 15


def test_a_long_part_is_read_page_by_page_and_a_page_beyond_is_the_last(visitor, long):
    edition = newest()
    with unguarded():
        RenderedReport.objects.filter(snapshot=edition, kind="page").delete()
    store.keep_pages(edition, store.pages_of(json.dumps(long).encode()))
    number, _evidence = part(long, "ภาคผนวก ค")
    address = reverse("report-part", args=[2567, number])
    pages = next(
        each["pages"] for each in store.web_page(edition)[0]["parts"] if each["number"] == number
    )
    first = visitor.get(address).content.decode()
    assert f'href="{address}?page=2" rel="next"' in first
    assert "แถว 0" in first
    second = visitor.get(address, {"page": "2"}).content.decode()
    assert f'href="{address}" rel="prev"' in second
    assert "(ต่อ)" in second
    last = visitor.get(address, {"page": "99"}).content.decode()
    assert f"หน้า {pages} จาก {pages}" in last
    assert 'rel="next"' not in last
    assert f"{pages} หน้า" in visitor.get(reverse("report", args=[2567])).content.decode()


def test_the_contents_keep_the_anchors_of_the_former_page(visitor, report):
    page = visitor.get(reverse("report", args=[2567])).content.decode()
    for number, each in enumerate(report["parts"], start=1):
        assert f'id="p{number}"' in page or each["is_contents"]


def test_an_unknown_part_leads_to_the_contents(visitor):
    response = visitor.get(reverse("report-part", args=[2567, 99]))
    assert response.status_code == 404
    assert "รายงานปีงบประมาณ 2567 ไม่มีส่วนนี้ เลือกส่วนอื่นจากสารบัญ" in response.content.decode()
