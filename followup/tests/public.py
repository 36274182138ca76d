"""The public pages as tests read them."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.http import HttpResponse

from followup.tests.client import Element, PortalClient, read
from forum_portal.languages import language_of

NBSP = "\u00a0"


PUBLIC = (
    "/",
    "/resolutions/",
    "/agencies/",
    "/matrix/",
    "/years/",
    "/compare/",
    "/about/",
    "/privacy/",
    "/accessibility/",
)


def measure_section(page: Element, code: str) -> Element:
    return page.one(f"section#m2565-{code.replace('.', '-')}")


SENTENCES = {
    2566: "จาก 33 มาตรการย่อย บรรลุแล้ว 6 กำลังทำ 15 ชะลอ 0 ยังไม่เริ่ม 8 และยังไม่ได้รับรายงาน 4",
    2567: "จาก 33 มาตรการย่อย บรรลุแล้ว 11 กำลังทำ 11 ชะลอ 3 ยังไม่เริ่ม 3 และยังไม่ได้รับรายงาน 5",
    2568: "จาก 33 มาตรการย่อย บรรลุแล้ว 11 กำลังทำ 15 ชะลอ 2 ยังไม่เริ่ม 1 และยังไม่ได้รับรายงาน 4",
}


def listed(page: Element) -> list[str]:
    """The codes of the agencies on the list, those with assignments first."""
    links = page.select("table.ag th a") + page.select("ul.cols a")
    return [urlsplit(each["href"]).path.split("/")[2] for each in links]


WITH_YEAR = (
    "/",
    "/resolutions/",
    "/resolutions/2565/3/",
    "/agencies/",
    "/agencies/CODI/",
    "/matrix/",
    "/areas/",
    "/areas/TH-40/",
    "/projects/",
    "/silence/",
)


# Addresses that say more than their path. Links that differ by their query only are not followed, but
# for the next pages of a list: what others show is the same page of another year.
QUERIES = (
    "/?year=2566",
    "/resolutions/2565/3/?year=2566",
    "/agencies/CODI/?year=2566",
    "/matrix/?role=all",
    "/agencies/?reported=no",
)


#: Of the receipts, of which an edition has hundreds, those of one edition with one scope of each kind; of
#: the provinces some that many, few and no reports name.
SOME = re.compile(
    r"/receipt/2568-1/(\w+(-2565-3(\.1)?|-CODI)?/)?"
    r"|/areas/(TH-(10|16|30|40|50|85)/(feed\.atom)?)?"
    r"|/(?!receipt/|areas/).*"
)
OUTSIDE = ("/staff/", "/admin/", "/static/")


def crawl(visitor: PortalClient, below: str = "") -> dict[str, HttpResponse]:
    """Every public page and file that links lead to, by its address without a fragment.

    `below`: "/en" for the pages in English; links into another language are not followed.
    """
    pages: dict[str, HttpResponse] = {}
    language = language_of(f"{below}/")
    waiting = [below + each for each in (*PUBLIC, *QUERIES, "/nowhere/")]
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        pages[address] = response = visitor.get(address)
        assert response.status_code == (404 if address == f"{below}/nowhere/" else 200), address
        links = inner_links(address, read(response)) if is_page(response) else ()
        for _written, to, _fragment in links:
            path, _mark, query = to.partition("?")
            is_followed = language_of(path) == language and SOME.fullmatch(path.removeprefix(below))
            if is_followed and not path.startswith(OUTSIDE):
                waiting.append(to if re.fullmatch("page=[0-9]+", query) else path)
    return pages


def is_page(response: HttpResponse) -> bool:
    return response["Content-Type"].startswith("text/html")


def inner_links(address: str, page: Element) -> Iterator[tuple[str, str, str]]:
    """(what stands there, address without fragment, fragment) of every link within the site."""
    for each in page.walk():
        for name in ("href", "src", "action"):
            link_to = each.get(name)
            if link_to.startswith(("/", "?")):
                target = urlsplit(link_to)
                path = target.path or urlsplit(address).path
                query = f"?{target.query}" if target.query else ""
                yield link_to, path + query, target.fragment
