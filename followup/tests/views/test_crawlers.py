"""robots.txt and the sitemap as crawlers read them."""

import re
from xml.etree import ElementTree

import pytest

from followup import sitemaps
from followup.tests.client import read
from proposals.models import Forum

SITE = "http://testserver"
SPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def document(visitor, path):
    response = visitor.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def locations(tree):
    return [each.text.removeprefix(SITE) for each in tree.findall(".//s:loc", SPACES)]


def every_address(visitor):
    return [
        address
        for file in locations(document(visitor, "/sitemap.xml"))
        for address in locations(document(visitor, file))
    ]


def test_robots_are_kept_off_the_work_keys_searches_and_long_files(db, visitor):
    assert visitor.get("/robots.txt").content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /staff/",
        "Disallow: /admin/",
        "Disallow: /r/",
        "Disallow: /a/",
        "Disallow: /feedback/new/",
        "Disallow: /display/",
        "Disallow: /feedback/F-",
        "Disallow: /follow/confirm/",
        "Disallow: /follow/change/",
        "Disallow: /follow/leave/",
        "Disallow: /en/feedback/new/",
        "Disallow: /en/display/",
        "Disallow: /en/feedback/F-",
        "Disallow: /en/follow/confirm/",
        "Disallow: /en/follow/change/",
        "Disallow: /en/follow/leave/",
        "Disallow: /*?q=",
        "Disallow: /*&q=",
        "Disallow: /search.atom",
        "Disallow: /api/v1/search",
        "Disallow: /data/*.csv$",
        "Disallow: /data/*.xlsx$",
        "Disallow: /data/csos-forum-follow-up.zip",
        "",
        f"Sitemap: {SITE}/sitemap.xml",
    ]


def test_the_sitemap_is_at_the_portals_own_address(demo, visitor, settings):
    settings.PORTAL_URL = "https://portal.example.org"
    assert (
        "Sitemap: https://portal.example.org/sitemap.xml"
        in visitor.get("/robots.txt").content.decode()
    )
    for path in ("/sitemap.xml", "/sitemap-areas.xml"):
        found = locations(document(visitor, path))
        assert found
        assert all(each.startswith("https://portal.example.org/") for each in found), path


def test_the_index_names_every_section_with_its_date(demo, visitor):
    tree = document(visitor, "/sitemap.xml")
    assert locations(tree) == [
        "/sitemap-pages.xml",
        "/sitemap-years.xml",
        "/sitemap-agencies.xml",
        "/sitemap-areas.xml",
        "/sitemap-projects.xml",
        "/sitemap-forum-2565.xml",
    ]
    days = {each.text[:10] for each in tree.findall(".//s:lastmod", SPACES)}
    assert days == {"2025-12-20"}


def test_a_file_has_dates_and_both_languages(demo, visitor):
    tree = document(visitor, "/sitemap-forum-2565.xml")
    first = tree.find("s:url", SPACES)
    assert first.find("s:loc", SPACES).text == f"{SITE}/forums/2565/"
    assert first.find("s:lastmod", SPACES).text == "2025-12-20"
    assert [
        (each.get("hreflang"), each.get("href")) for each in first.findall("x:link", SPACES)
    ] == [
        ("th", f"{SITE}/forums/2565/"),
        ("en", f"{SITE}/en/forums/2565/"),
        ("x-default", f"{SITE}/forums/2565/"),
    ]


def test_a_long_section_is_named_file_by_file(demo, visitor, monkeypatch):
    monkeypatch.setattr(sitemaps.Section, "limit", 100)
    files = [each for each in locations(document(visitor, "/sitemap.xml")) if "areas" in each]
    assert files == ["/sitemap-areas.xml", "/sitemap-areas.xml?p=2"]
    assert len(locations(document(visitor, files[1]))) == 54


@pytest.mark.parametrize("path", ["staff.xml", "forum-2599.xml", "areas.xml?p=9", "areas.xml?p=x"])
def test_a_file_that_there_is_not_is_a_404(demo, visitor, path):
    assert visitor.get(f"/sitemap-{path}").status_code == 404


def test_heads_are_answered_and_nothing_is_written(demo, visitor):
    for path in ("/sitemap.xml", "/sitemap-areas.xml", "/robots.txt"):
        assert visitor.head(path).status_code == 200
        assert visitor.post(path).status_code == 405


@pytest.mark.slow
def test_every_address_is_a_page_that_names_itself_and_has_a_title_of_its_own(two_forums, visitor):
    """Also: robots.txt closes none of them, and none asks not to be listed."""
    rules = re.findall("^Disallow: (.*)$", visitor.get("/robots.txt").content.decode(), re.M)
    closed = [
        re.compile(re.escape(each).replace(r"\*", ".*").replace(r"\$", "$")) for each in rules
    ]
    Forum.objects.filter(year_be=2566).update(name_en="CSOs Forum 2023")  # it was made as a copy
    addresses = every_address(visitor)
    assert len(addresses) == len(set(addresses)) > 500
    titles: dict[tuple[str, ...], list[str]] = {}
    for address in addresses:
        assert not [each.pattern for each in closed if each.match(address)], address
        response = visitor.get(address)
        assert response.status_code == 200, address
        page = read(response)
        assert page.one("link[rel=canonical]")["href"] == SITE + address
        assert not page.has("meta[name=robots]"), address
        words = "".join(map(str, page.one("head title").children)).split()
        titles.setdefault((page.one("html")["lang"], *words), []).append(address)
    # The test's second forum has agencies of the same names.
    doubled = [few for few in titles.values() if len(few) > 1 and "_X1/" not in str(few)]
    assert doubled == []
