"""Every link of the public pages leads somewhere."""

import json
import shutil
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.urls import resolve
from django.utils import translation

from followup import forum_file
from followup.annual_report import printing
from followup.models import Agency
from followup.tests.client import Element, read
from followup.tests.factories import republish
from followup.tests.public import crawl, inner_links, is_page
from forum_portal.languages import language_of


def pages_of(responses: dict[str, HttpResponse]) -> dict[str, Element]:
    return {address: read(each) for address, each in responses.items() if is_page(each)}


def broken_links(pages: dict[str, Element]) -> set[str]:
    """The links that lead to no view, to no file, or to a place that their page does not have."""
    ids = {address: page.ids for address, page in pages.items()}
    broken = set()
    for address, page in pages.items():
        for written, to, fragment in inner_links(address, page):
            path = urlsplit(to).path
            if path.startswith("/static/"):
                if not finders.find(path.removeprefix("/static/")):
                    broken.add(written)
                continue
            try:
                with translation.override(language_of(path)):
                    resolve(path)
            except Http404:
                broken.add(written)
            if fragment and fragment not in ids.get(to, ids.get(path, set())):
                broken.add(written)
    return broken


def described(pages: dict[str, Element]) -> dict[str, set[str]]:
    """The pages whose title is also another's, and those without a description of their own.

    A list that is filtered is the same page. A card is read on other sites.
    """
    titles = Counter(
        page.one("head title").text
        for address, page in pages.items()
        if not {"role", "reported"} & parse_qs(urlsplit(address).query).keys()
    )
    said = {
        address: [each["content"] for each in page.select("meta[name=description]")]
        for address, page in pages.items()
        if not address.startswith("/embed/")
    }
    return {
        "shared titles": {title for title, count in titles.items() if count > 1},
        "without a description": {
            address for address, each in said.items() if len(each) != 1 or len(each[0]) < 20
        },
    }


def test_every_link_leads_somewhere(demo, visitor):
    pages = pages_of(crawl(visitor))
    assert described(pages) == {"shared titles": set(), "without a description": set()}
    paths = {urlsplit(address).path for address in pages}
    assert {f"/resolutions/2565/{number}/" for number in range(1, 9)} <= paths
    assert {f"/agencies/{each.code}/" for each in Agency.objects.all()} <= paths
    assert {"/years/2566/", "/years/2567/", "/years/2568/", "/about/", "/privacy/"} <= paths
    assert broken_links(pages) == set()
    # These say it in their own way, or have nothing to say.
    own = ("/nowhere/", "/embed/", "/receipt/", "/display/")
    ages = {each: len(page.select("ul.fresh")) for each, page in pages.items()}
    assert {each: count for each, count in ages.items() if count != 1} == {
        each: 0 for each in pages if each.startswith(own)
    }


@pytest.mark.slow
@pytest.mark.once
def test_every_link_leads_somewhere_before_the_first_round(forum, visitor):
    pages = pages_of(crawl(visitor))
    assert len(pages) > 64 + 8
    assert broken_links(pages) == set()


@pytest.fixture
def three_forums(two_forums, tmp_path):
    """A third one, of 2567, is followed up without any report."""
    folder = Path(__file__).parent / "second_forum"
    content = json.loads((folder / "forum-2566.json").read_text("utf-8"))
    content["forum"] |= {"year_be": 2567, "short_name_th": "CSOs Forum ประจำปี ๒๕๖๗"}
    (tmp_path / "forum.json").write_text(json.dumps(content), "utf-8")
    shutil.copy(folder / "forum-2566.txt", tmp_path)
    forum_file.load(tmp_path / "forum.json")
    republish()


@pytest.mark.slow
@pytest.mark.once  # it is about links; the database answered for every page with one forum
def test_every_link_leads_somewhere_with_three_forums(three_forums, visitor, monkeypatch):
    monkeypatch.setattr(printing, "INLINE", 10**9)  # no report is still being printed
    years = [2565, 2566, 2567]
    pages = pages_of(crawl(visitor))
    paths = {urlsplit(address).path for address in pages}
    assert {f"/forums/{year}/" for year in years} <= paths
    assert {f"/resolutions/{year}/1/" for year in years} <= paths
    assert "/forums/2568/" not in paths
    assert broken_links(pages) == set()
    for address, page in pages.items():
        assert "ข้อเสนอ 16 ข้อ" not in page.text, address  # several forums are not one
        if not address.startswith("/receipt/"):  # names the sum as that of all forums
            assert "66 มาตรการย่อย" not in page.text.replace("รวมทุกเวที", ""), address
    home = pages["/"]
    assert home.texts("select[name=forum] option") == [f"เวที {year}" for year in reversed(years)]
    assert len(home.select(".fline")) == len(years) - 1


def test_a_broken_link_is_seen():
    page = Element("document")
    for target in ("/nowhere/", "/static/img/no.svg", "/about/#nothing", "/years/", "?year=2567"):
        page.children.append(Element("a", {"href": target}))
    assert broken_links({"/": page, "/about/": page}) == {
        "/nowhere/",
        "/static/img/no.svg",
        "/about/#nothing",
    }
