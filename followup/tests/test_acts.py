"""Citing and sharing: under every chart, table, proposal and measure, in one order."""

import re

import pytest

from followup.models import Round, Snapshot
from followup.tests.client import read
from followup.tests.editions import correct
from followup.tests.entered import draft_of

#: Page -> at least how many of its parts can be cited.
CITED = {
    "/": 5,
    "/resolutions/": 1,
    "/resolutions/2565/3/": 8,  # itself, its six measures, its data
    "/resolutions/2565/3/1/": 1,
    "/agencies/": 1,
    "/agencies/CODI/": 11,  # ten reports
    "/matrix/": 1,
    "/years/": 3,
    "/years/2568/": 4,
    "/follow-up/": 1,
    "/forums/": 2,
    "/forums/2565/": 1,
    "/reports/2568/": 1,
    "/reports/2568/5/": 1,
    "/receipt/2568-1/achieved/": 1,
}
ORDER = ("details", "ใบรับรองตัวเลข", "ข้อมูล", "แจ้งข้อมูลเพิ่มเติม")


@pytest.mark.parametrize("path", CITED)
def test_the_parts_of_a_page_can_be_cited_in_one_order(demo, visitor, path):
    page = read(visitor.get(path))
    every = page.select(".acts")
    assert len(every) >= CITED[path]
    for each in every:
        assert each.one("summary").text.startswith("คัดลอกลิงก์ · อ้างอิง ")
        link, citation = each.texts(".cite__in dd")
        assert (
            link.startswith(f"http://testserver{path.partition('#')[0]}")
            or "/years/" in link
            or ("/reports/" in link)
        )
        assert citation.startswith("คสป. ")
        assert citation.endswith(link)
        words = each.texts("p")
        places = [ORDER.index(name) for said in words for name in ORDER if said.startswith(name)]
        assert places == sorted(places)
        assert len(places) == len(words)
        # Each link names its object to those who do not see where it stands.
        name = each.one("summary .sr").text
        assert all(name in link.text for link in each.select("p a"))


def test_every_link_of_a_citation_leads_to_its_part_and_every_receipt_and_file_is_there(
    demo, visitor
):
    seen = set()
    for path in CITED:
        for each in read(visitor.get(path)).select(".acts"):
            address, _hash, anchor = each.texts(".cite__in dd")[0].partition("#")
            page = read(visitor.get(address.removeprefix("http://testserver")))
            assert not anchor or page.has(f"#{anchor}"), (path, anchor)
            for link in each.select("p a"):
                to = link["href"]
                if to not in seen and to.endswith(("/", "csv")) | ("csv?" in to):
                    seen.add(to)
                    assert visitor.get(to).status_code == 200, to
    assert len([each for each in seen if each.startswith("/receipt/")]) > 8


def test_a_citation_names_the_edition_that_is_shown(three_reports, people, visitor):
    def cited() -> list[str]:
        return read(visitor.get("/years/2569/")).texts(".cite__in dd")

    assert any("ฉบับที่ 1 เผยแพร่" in each for each in cited())
    correct(three_reports, people)
    said = [each for each in cited() if each.startswith("คสป.")]
    assert said
    assert all("ปีงบประมาณ 2569 ฉบับที่ 2 เผยแพร่" in each for each in said)
    page = read(visitor.get("/years/2569/"))
    receipts = [each["href"] for each in page.select(".acts a") if "receipt" in each["href"]]
    assert receipts
    assert all(each.startswith("/receipt/2569-2/") for each in receipts)
    # A page of an older edition of the report is cited as what it is.
    old = read(visitor.get("/reports/2569/?edition=1"))
    link, citation = old.select(".acts")[0].texts(".cite__in dd")
    assert link == "http://testserver/reports/2569/?edition=1"
    assert "ฉบับที่ 1" in citation
    # A correction has an address of its own.
    corrections = read(visitor.get("/corrections/"))
    edition = Snapshot.objects.get(round=three_reports, number=2)
    link, citation = corrections.one(".acts").texts(".cite__in dd")
    assert link == f"http://testserver/corrections/?edition={edition.pk}#c{edition.pk}"
    assert "ฉบับที่ 2" in citation


def test_a_chosen_year_and_forum_stay_in_the_link_and_an_invented_one_does_not(two_forums, visitor):
    newest = Round.objects.published()[0]
    path = f"/?year={newest.code}&forum=2565"
    links = [
        each for each in read(visitor.get(path)).texts(".cite__in dd") if each.startswith("http")
    ]
    kept = f"?year={newest.code}&forum=2565"
    assert all(kept in each for each in links if "/reports/" not in each)
    for each in read(visitor.get("/?year=2400&forum=2400")).texts(".cite__in dd"):
        assert "2400" not in each
    receipts = [each["href"] for each in read(visitor.get(path)).select(".acts p a")]
    assert f"/receipt/{newest.code}-1/achieved-2565/" in receipts


def test_before_the_first_publication_nothing_is_cited_with_an_edition(forum, visitor):
    for path in ("/", "/resolutions/2565/3/", "/agencies/CODI/", "/forums/2565/"):
        page = read(visitor.get(path))
        assert not any("ฉบับที่" in each for each in page.texts(".cite__in dd"))
        assert not [each for each in page.select("a") if each["href"].startswith("/receipt/")]


def test_a_preview_of_a_draft_is_not_cited(second_forum, people, sign_in):
    """Nothing of it is published."""
    draft_of(people["administrator"], year=2580)
    page = read(sign_in(people["administrator"]).get("/staff/forums/2580/preview/1/"))
    assert not page.select(".acts")


def test_paper_has_the_pages_address_and_edition(demo, visitor):
    said = read(visitor.get("/resolutions/2565/3/?year=2567")).one(".printed").text
    assert said == (
        "http://testserver/resolutions/2565/3/?year=2567 ปีงบประมาณ 2567 ฉบับที่ 1 เผยแพร่ 20 ธันวาคม 2567"
    )
    assert read(visitor.get("/about/")).one(".printed").text == "http://testserver/about/"
    page = visitor.get("/about/").content.decode()
    # The day of print is put in by the browser: the page is one for all days.
    assert re.search(r'<span data-printed="พิมพ์เมื่อ {day}"></span>', page)
    assert not read(visitor.get("/nowhere/")).select(".printed")
