"""What a page tells search engines and those who show a link to it."""

import re

import pytest
from django.urls import reverse

from followup import discovery, pictures
from followup.models import Snapshot
from followup.tests.client import Element, PortalClient
from followup.tests.editions import correct, publish_three_reports
from followup.views import public

SITE = "http://testserver"
V = pictures.look()


def canonical(page: Element) -> str:
    return page.one("link[rel=canonical]")["href"].removeprefix(SITE)


def og(page: Element, name: str) -> str:
    return page.one(f"meta[property=og:{name}]")["content"]


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("/", "/"),
        ("/?year=2568", "/"),  # the year that is shown unasked
        ("/?year=2567", "/?year=2567"),
        ("/?year=2512", "/"),  # an unknown one
        ("/?year=x&q=1", "/"),
        ("/?forum=2565", "/"),
        ("/years/2568/", "/years/2568/"),
        ("/years/?to=2567", "/years/"),
        ("/about/?year=2567", "/about/"),
        ("/resolutions/2565/3/?year=2567&to=2566", "/resolutions/2565/3/?year=2567"),
        ("/agencies/?kind=ministry", "/agencies/"),
        ("/agencies/?kind=ministry&page=1", "/agencies/"),
        ("/compare/", "/compare/"),
        ("/compare/?from=2567&to=2568", "/compare/"),
        ("/compare/?from=2566&to=2568", "/compare/?from=2566&to=2568"),
        ("/areas/?sort=name", "/areas/"),
        ("/reports/2568/?edition=1", "/reports/2568/"),
        ("/follow/?resolution=2565-3", "/follow/"),
        ("/silence/?agency=MFA", "/silence/"),
    ],
)
def test_a_content_has_one_address(demo, visitor, asked, address):
    page = visitor.page(asked)
    assert canonical(page) == address
    assert og(page, "url") == SITE + address
    assert visitor.get(address).status_code == 200
    if address != asked:
        assert canonical(visitor.page(address)) == address


def test_the_second_page_of_a_list_has_its_own_and_that_of_a_selection_has_none(
    demo, visitor, monkeypatch
):
    monkeypatch.setattr(public, "AGENCIES_A_PAGE", 5)
    assert canonical(visitor.page("/agencies/?page=1")) == "/agencies/"
    assert canonical(visitor.page("/agencies/?page=2")) == "/agencies/?page=2"
    assert canonical(visitor.page("/agencies/?page=2&role=lead")) == "/agencies/"


def test_an_older_editions_report_has_its_own_address(open_round, people, visitor):
    correct(publish_three_reports(open_round, people), people)
    assert canonical(visitor.page("/reports/2569/")) == "/reports/2569/"
    assert canonical(visitor.page("/reports/2569/?edition=2")) == "/reports/2569/"
    assert canonical(visitor.page("/reports/2569/?edition=1")) == "/reports/2569/?edition=1"
    edition = Snapshot.objects.get(number=2)
    address = f"/corrections/?edition={edition.pk}"
    assert canonical(visitor.page(address)) == address


def test_a_forum_that_is_shown_unasked_needs_no_parameter(two_forums, visitor):
    (shown,) = {canonical(visitor.page(each)) for each in ("/", "/?forum=2566")}
    assert shown == "/"
    page = visitor.page("/?forum=2565")
    assert canonical(page) == "/?forum=2565"
    assert og(page, "image") == f"{SITE}/pictures/2568-1/2565.png?v={V}"
    assert og(visitor.page("/"), "image") == f"{SITE}/pictures/2568-1/2566.png?v={V}"


def test_each_language_has_its_address_and_names_the_other(demo, visitor):
    page = visitor.page("/en/resolutions/2565/3/?year=2567")
    assert canonical(page) == "/en/resolutions/2565/3/?year=2567"
    assert {each["hreflang"]: each["href"] for each in page.select("link[hreflang]")} == {
        "th": f"{SITE}/resolutions/2565/3/?year=2567",
        "en": f"{SITE}/en/resolutions/2565/3/?year=2567",
        "x-default": f"{SITE}/resolutions/2565/3/?year=2567",
    }
    assert (og(page, "locale"), og(page, "locale:alternate")) == ("en_GB", "th_TH")
    assert og(visitor.page("/"), "locale") == "th_TH"


def test_whole_addresses_are_the_portals_own(demo, visitor, settings):
    settings.PORTAL_URL = "https://portal.example.org"
    page = visitor.page("/resolutions/2565/3/")
    assert page.one("link[rel=canonical]")["href"] == (
        "https://portal.example.org/resolutions/2565/3/"
    )
    assert og(page, "image").startswith("https://portal.example.org/pictures/2568-1/2565-3.png?v=")


def test_a_link_shows_the_pages_title_description_and_picture(demo, visitor):
    page = visitor.page("/resolutions/2565/3/")
    assert og(page, "title") == "ข้อเสนอที่ 3 งบประมาณ กองทุน และการระดมทุนสาธารณะ"
    assert og(page, "description") == page.one("meta[name=description]")["content"]
    assert og(page, "site_name") == "ระบบติดตามผลข้อเสนอ CSOs Forum"
    assert og(page, "type") == "article"
    assert og(visitor.page("/"), "type") == "website"
    assert og(page, "image") == f"{SITE}/pictures/2568-1/2565-3.png?v={V}"
    assert (og(page, "image:width"), og(page, "image:height")) == ("1200", "630")
    assert og(page, "image:alt").startswith("เวที 2565 ข้อเสนอที่ 3: งบประมาณ กองทุน")
    assert page.one("meta[name=twitter:card]")["content"] == "summary_large_image"


@pytest.mark.parametrize(
    ("path", "picture"),
    [
        ("/resolutions/2565/3/1/", "/pictures/2568-1/2565-3.1.png"),
        ("/resolutions/2565/3/1/?year=2567", "/pictures/2567-1/2565-3.1.png"),
        ("/en/resolutions/2565/3/1/", "/en/pictures/2568-1/2565-3.1.png"),
        ("/forums/2565/", "/pictures/2568-1/2565.png"),
        ("/agencies/CODI/", "/pictures/2568-1/2565.png"),
        ("/privacy/", "/pictures/portal.png"),
        ("/receipt/2568-1/", "/pictures/portal.png"),
    ],
)
def test_the_picture_is_that_of_the_page(demo, visitor, path, picture):
    assert og(visitor.page(path), "image") == f"{SITE}{picture}?v={V}"
    assert visitor.get(picture).status_code == 200


def test_before_the_first_publication_the_picture_is_the_portals(forum, visitor):
    for path in ("/", "/resolutions/2565/3/", "/resolutions/2565/3/1/", "/forums/2565/"):
        assert og(visitor.page(path), "image") == f"{SITE}/pictures/portal.png?v={V}"


def test_no_page_tells_of_a_round_that_is_not_published(demo, visitor):
    for path in ("/?year=2569", "/resolutions/2565/3/?year=2569", "/years/", "/about/"):
        head = str([each.attributes for each in visitor.page(path).select("head")[0].walk()])
        assert "2569" not in re.sub(r"\b2569\d", "", head), path


@pytest.mark.parametrize("path", ["/search/?q=กองทุน", "/agencies/?q=พอช", "/follow/sent/"])
def test_what_a_reader_searched_for_is_not_listed(demo, visitor, path):
    page = visitor.page(path)
    assert page.one("meta[name=robots]")["content"] == "noindex"
    assert not page.has("link[rel=canonical]")
    assert not page.has("link[hreflang]")
    assert not page.has("meta[property=og:url]")


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/years/2599/",
        "/resolutions/2565/99/",
        "/feedback/new/?agency=CODI",
        "/display/",
    ],
)
def test_what_is_no_page_of_the_public_has_no_address(demo, visitor, path):
    page = PortalClient().get(path).content.decode()
    assert 'rel="canonical"' not in page
    assert "og:url" not in page


def test_texts_of_rows_are_escaped(demo, visitor):
    from proposals.models import Resolution

    title = '"><script>alert(1)</script>'
    Resolution.objects.filter(number=3).update(title_th=title)
    page = visitor.page("/resolutions/2565/3/")  # which fails on markup out of place
    assert og(page, "title") == f"ข้อเสนอที่ 3 {title}"


def test_every_locale_and_unlisted_page_is_there(settings):
    assert discovery.LOCALES.keys() == {code for code, _name in settings.LANGUAGES}
    assert [reverse(name) for name in discovery.UNLISTED] == ["/follow/sent/"]
