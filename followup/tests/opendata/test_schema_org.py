"""The datasets for search engines: the fields of Google's page on Dataset structured data."""

import json

import pytest

from followup.opendata.datasets import DATASETS
from followup.opendata.dcat import EVERYTHING
from followup.opendata.files import FORMATS
from followup.opendata.licences import licence
from followup.tests.client import PortalClient

# https://developers.google.com/search/docs/appearance/structured-data/dataset, read in 2026.
REQUIRED = {"name", "description"}
RECOMMENDED = {
    "alternateName",
    "creator",
    "identifier",
    "isAccessibleForFree",
    "keywords",
    "license",
    "spatialCoverage",
    "temporalCoverage",
    "version",
    "url",
    "includedInDataCatalog",
    "distribution",
}
OURS = {"@id", "@type", "inLanguage", "dateModified", "datePublished", "publisher"}


def document():
    response = PortalClient().get("/data/schema.jsonld")
    assert response["Content-Type"] == "application/ld+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    return response.json()


def test_every_dataset_has_what_search_engines_ask_for(demo):
    catalog = document()
    assert catalog["@context"] == "https://schema.org/"
    assert catalog["@type"] == "DataCatalog"
    assert len(catalog["dataset"]) == len(DATASETS) + 1
    for each in catalog["dataset"]:
        assert each["@type"] == "Dataset"
        assert each.keys() >= REQUIRED | RECOMMENDED | OURS
        assert 50 <= len(each["description"]) <= 5000
        assert all(value not in ("", [], {}, None) for value in each.values())


def test_a_dataset_is_that_of_the_other_catalogues(demo):
    datasets = {each["@id"].rpartition("#")[2]: each for each in document()["dataset"]}
    assert datasets.keys() == {EVERYTHING, *DATASETS}
    one = datasets["progress"]
    assert one["name"].startswith(f"{DATASETS['progress'].title}: ผลการดำเนินงาน")
    assert one["alternateName"].isascii()
    assert one["license"] == licence().url
    assert one["creator"]["name"] == "กรมพัฒนาสังคมและสวัสดิการ"
    assert one["temporalCoverage"] == "2022-10-01/2025-09-30"
    assert one["dateModified"][:10] == "2025-12-20"
    assert one["inLanguage"] == "th"
    assert one["isPartOf"]["@id"] == datasets[EVERYTHING]["@id"]
    assert [each["name"] for each in one["variableMeasured"]] == DATASETS["progress"].names
    titles = [each["name"] for each in datasets.values()]
    assert len(set(titles)) == len(titles)


def test_every_file_is_there(demo):
    files = [file for each in document()["dataset"] for file in each["distribution"]]
    assert len(files) == len(DATASETS) * len(FORMATS) + 1
    for file in files:
        response = PortalClient().get(file["contentUrl"].removeprefix("http://testserver"))
        assert response.status_code == 200
        assert response["Content-Type"].partition(";")[0] == file["encodingFormat"]


def test_every_address_that_it_refers_to_is_described(demo):
    text = json.dumps(document())
    described = {each["@id"] for each in document()["dataset"]} | {
        "http://testserver/data/schema.jsonld",
        "http://testserver/data/#publisher",
    }

    def ids(node):
        if isinstance(node, dict):
            if "@id" in node:
                yield node["@id"]
            for value in node.values():
                yield from ids(value)
        elif isinstance(node, list):
            for value in node:
                yield from ids(value)

    assert set(ids(json.loads(text))) == described


def test_before_the_first_publication_it_has_no_dates(forum):
    for each in document()["dataset"]:
        assert each.keys() & {"dateModified", "temporalCoverage"} == set()


@pytest.mark.parametrize("path", ["/data/", "/en/data/", "/data/dictionary/", "/api/v1/"])
def test_the_pages_about_data_link_it(demo, visitor, path):
    """A linked file, so that no page has an inline script."""
    links = visitor.page(path).select("link[rel=alternate]")
    assert [each["href"] for each in links if each.get("type") == "application/ld+json"] == [
        "/data/schema.jsonld"
    ]
