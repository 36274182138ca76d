"""Whole addresses begin with PORTAL_URL, whatever host a request names."""

import re

import pytest
from django.test import RequestFactory

from followup.tests.client import read
from forum_portal.addresses import absolute
from forum_portal.tests.test_repo import files

pytestmark = pytest.mark.security

OURS, HOSTILE = "https://portal.example.org", "mirror.evil.example"
#: Every public page and file that states whole addresses, and some that do not.
PATHS = [
    "/",
    "/data/",
    "/data/datapackage.json",
    "/data/catalog.jsonld",
    "/data/ckan.json",
    "/data/measures.json",
    "/api/v1/",
    "/api/v1/openapi.json",
    "/api/v1/measures?page_size=10&page=2",
    "/feed.atom",
    "/embed/resolutions/2565/1/",
    "/embed/resolutions/2565/1.svg",
    "/reports/2567/",
    "/receipt/2567-1/achieved/",
    "/receipt/2567-1/achieved.json",
    "/resolutions/2565/1/",
    "/data/schema.jsonld",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-pages.xml",
    "/staff/login/",
    "/nowhere/",
]
WITH_ADDRESS = {
    "/",  # to be cited, and printed
    "/reports/2567/",
    "/receipt/2567-1/achieved/",
    "/receipt/2567-1/achieved.json",
    "/staff/login/",
    "/data/",
    "/data/datapackage.json",
    "/data/catalog.jsonld",
    "/data/ckan.json",
    "/api/v1/",
    "/api/v1/openapi.json",
    "/api/v1/measures?page_size=10&page=2",
    "/feed.atom",
    "/resolutions/2565/1/",
    "/data/schema.jsonld",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-pages.xml",
}


@pytest.fixture
def named(settings):
    settings.PORTAL_URL = OURS
    settings.ALLOWED_HOSTS = ["testserver", HOSTILE]


@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_host_stands_nowhere(demo, visitor, named, path):
    response = visitor.get(path, headers={"host": HOSTILE})
    content = response.getvalue().decode()
    assert HOSTILE not in content + str(response.headers)
    assert (OURS in content) == (path in WITH_ADDRESS)


def test_a_link_that_is_issued_names_the_portal(open_round, staff, named):
    from followup.tests.factories import find_report

    agency = find_report(open_round, "1.2").assignment.agency
    path = f"/staff/links/2569/{agency.code}/"
    form = read(staff.get(path, headers={"host": HOSTILE})).one("main form").controls()
    page = staff.post(path, form, headers={"host": HOSTILE}).content.decode()
    assert re.search(OURS + r"/r/[\w:.-]+/", page)
    assert HOSTILE not in page


def test_without_an_address_of_its_own_a_local_portal_names_the_requests():
    request = RequestFactory().get("/", headers={"host": "localhost:8123"})
    assert absolute("/data/", request) == "http://localhost:8123/data/"
    assert absolute("/staff/") == "http://127.0.0.1:8000/staff/"


def test_only_one_module_reads_the_host():
    found = set()
    for path in files("*.py"):
        if "tests" in path.parts:
            continue
        if re.search(r"build_absolute_uri|get_host\(|request\.scheme", path.read_text("utf-8")):
            found.add(path.name)
    assert found == {"addresses.py"}


def test_the_way_to_https_is_the_portals_own():
    from forum_portal.tests.test_settings import GOOD, python

    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "for host in ('portal.example.org', 'other.example.org'):\n"
        "    print(Client().get('/x', headers={'host': host})['Location'])\n"
    )
    more = {"ALLOWED_HOSTS": "portal.example.org,other.example.org", "PORTAL_URL": OURS}
    name = {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    done = python("-c", program, **name, **(GOOD | more))
    assert done.stdout.splitlines() == [f"{OURS}/x"] * 2, done.stderr
