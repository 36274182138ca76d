"""The pages in English: no Thai sentence of ours is left, and Thai texts say that they are Thai."""

import re
from io import BytesIO

import pytest
from django.utils import translation
from docx import Document

from followup.models import RenderedReport, Snapshot
from followup.tests.client import Element, Reader, read
from followup.tests.public import crawl, is_page
from proposals.models import Measure, Resolution

THAI = re.compile("[ก-๙]")
#: Attributes that people see or hear.
SPOKEN = ("title", "aria-label", "alt", "placeholder", "content", "data-l", "value")


def thai_left(page: Element) -> set[str]:
    """The Thai texts of a page that no `lang="th"` stands around, and its Thai attributes."""
    found = set()

    def look(each: Element, *, is_thai: bool) -> None:
        is_thai = each.get("lang") == "th" or (is_thai and not each.get("lang"))
        if not is_thai:
            found.update(each[name] for name in SPOKEN if THAI.search(each.get(name)))
        for child in each.children:
            if isinstance(child, Element):
                look(child, is_thai=is_thai)
            elif not is_thai and THAI.search(child):
                found.add(" ".join(child.split()))

    look(page, is_thai=False)
    return found


@pytest.mark.slow
@pytest.mark.once
def test_no_page_in_english_has_a_thai_sentence_and_no_thai_page_an_english_address(demo, visitor):
    left: dict[str, str] = {}
    pages = {
        address: read(each) for address, each in crawl(visitor, "/en").items() if is_page(each)
    }
    assert len(pages) > 150
    for address, page in pages.items():
        assert page.one("html")["lang"] == "en", address
        for text in thai_left(page):
            left.setdefault(text, address)
    assert left == {}


def test_the_finder_finds_texts_and_attributes():
    text = "<p title='ก'>ข <b lang='th'>ค</b><i lang='th'><u lang='en'>ง</u></i></p>"
    page = Reader(f"<html lang='en'>{text}</html>").document
    assert thai_left(page) == {"ก", "ข", "ง"}


def test_a_page_names_the_same_page_in_the_other_language(demo, visitor):
    page = visitor.page("/resolutions/2565/3/?year=2567")
    assert [(each["hreflang"], each["href"]) for each in page.select("link[hreflang]")] == [
        ("th", "http://testserver/resolutions/2565/3/?year=2567"),
        ("en", "http://testserver/en/resolutions/2565/3/?year=2567"),
        ("x-default", "http://testserver/resolutions/2565/3/?year=2567"),
    ]
    (link, *_phone) = page.select("p.lang a[hreflang=en]")
    assert (link.text, link["lang"]) == ("English", "en")
    english = visitor.page(link["href"])
    assert english.one("h1").text == Resolution.objects.get(number=3).title_en
    assert english.select("p.lang a[hreflang=th]")[0]["href"] == "/resolutions/2565/3/?year=2567"
    assert visitor.page("/en/nowhere/", status=404).select("link[hreflang]") == []


def test_the_source_stays_thai_and_has_its_summary_beside(demo, visitor):
    resolution = Resolution.objects.get(number=3)
    page = visitor.page("/en/resolutions/2565/3/")
    source = page.one("blockquote.source__txt")
    assert source["lang"] == "th"
    assert resolution.measures.get(number=6).span[:20] in source.text
    assert page.one(".sum-en__t").text == resolution.summary_en
    assert "only the Thai text is authoritative" in page.one(".sum-en").text
    assert "Fiscal year 2025 (B.E. 2568)" in page.one(".rhead").text
    assert visitor.page("/resolutions/2565/3/").select(".sum-en") == []


def test_without_an_english_title_the_thai_one_says_that_it_is_thai(demo, visitor):
    Resolution.objects.filter(number=3).update(title_en="")
    heading = visitor.page("/en/resolutions/2565/3/").one("h1")
    assert heading.one("[lang=th]").text == Resolution.objects.get(number=3).title_th


@pytest.mark.parametrize("first", ["/en/", "/"])
def test_what_one_language_kept_is_not_shown_in_the_other(demo, visitor, first):
    """Components, addresses and counts are kept in memory; their words are of one language."""
    other = "/" if first == "/en/" else "/en/"
    visitor.page(first)
    page = visitor.page(other)
    assert page.one("html")["lang"] == ("th" if other == "/" else "en")
    links = {each["href"] for each in page.select("main a") if "/agencies/" in each["href"]}
    assert {each.startswith("/en/") for each in links} == {other == "/en/"}
    assert ("In progress" in page.text) == (other == "/en/")
    assert ("อยู่ระหว่างดำเนินการ" in page.text) == (other == "/")


def test_an_edition_has_a_report_in_each_language(demo, visitor):
    snapshot = Snapshot.objects.get(round__year_be=2568, number=1)
    page = visitor.page("/en/reports/2568/")
    assert "Part 1 Background and mandate" in page.texts("main li a")
    assert "ส่วนที่ ๑ ความเป็นมาและฐานอำนาจ" in visitor.page("/reports/2568/").texts("main li a")
    kept = RenderedReport.objects.filter(snapshot=snapshot, kind="document")
    assert set(kept.values_list("language", flat=True)) == {"th", "en"}
    response = visitor.get("/en/reports/2568.docx")
    assert "csos-forum-report-2568-1-en.docx" in response["Content-Disposition"]
    book = Document(BytesIO(response.getvalue()))
    headings = [each.text for each in book.paragraphs if each.style.name == "Heading 1"]
    assert headings[0] == "Foreword"
    assert not any(THAI.search(each) for each in headings)
    assert book.core_properties.language == "en-GB"


def test_a_search_in_english_finds_english_titles(searchable, visitor):
    page = visitor.page("/en/search/?q=crowdfunding")
    titles = [each.text for each in page.select(".hit__t a")]
    with translation.override("en"):
        assert any(
            Measure.objects.get(resolution__number=3, number=3).title in each for each in titles
        )


def test_display_keeps_arabic_digits_on_a_page_in_english(demo, visitor):
    visitor.cookies["display"] = "normal.device.thai"
    assert "data-digits" not in visitor.page("/en/").one("html").attributes
