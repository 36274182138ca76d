"""Published data, grown data and corrected data for the tests of the open data."""

from followup.opendata.datasets import DATASETS
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import body

EVERY = list(DATASETS)


def everything() -> dict[str, str]:
    addresses = [f"/data/{name}.{kind}" for name in EVERY for kind in ("csv", "json")]
    addresses += [f"/api/v1/{name}?page_size=200" for name in EVERY]
    addresses += ["/data/", "/data/datapackage.json", "/data/catalog.jsonld", "/data/ckan.json"]
    addresses += ["/feed.atom"]
    addresses += ["/embed/resolutions/2565/1.svg", "/embed/resolutions/2565/1/"]
    return {each: body(PortalClient().get(each)).decode() for each in addresses}
