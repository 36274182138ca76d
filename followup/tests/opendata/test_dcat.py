"""The catalogue as DCAT, and as CKAN's harvester reads it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from followup.models import Snapshot
from followup.opendata.datasets import DATASETS
from followup.opendata.files import FORMATS
from followup.tests.client import PortalClient

LANGUAGE = "http://publications.europa.eu/resource/authority/language/THA"


def document():
    response = PortalClient().get("/data/catalog.jsonld")
    assert response["Content-Type"] == "application/ld+json"
    return response.json()


def correct_again(edition):
    """A later edition with the same content."""
    Snapshot.objects.create(
        round=edition.round,
        number=edition.number + 1,
        made_at="2026-02-03T04:05:06+07:00",
        reason="แก้อีกครั้ง",
        content=edition.content,
        digest=edition.digest,
    )


def test_the_catalogue_leads_to_every_file(demo):
    entry = document()
    prefixes = set(entry["@context"])
    used = set(re.findall(r'"(\w+):\w+":', json.dumps(entry)))
    assert used - {"https", "http"} <= prefixes
    links = [
        each["dcat:downloadURL"]["@id"]
        for dataset in entry["dcat:dataset"]
        for each in dataset["dcat:distribution"]
    ]
    assert len(links) == len(DATASETS) * len(FORMATS) + 2  # the zip and the Data Package
    assert {PortalClient().get(link).status_code for link in links} == {200}
    modified = {each["dct:modified"]["@value"] for each in entry["dcat:dataset"]}
    assert modified == {"2025-12-20"}


def test_a_correction_is_a_later_day_and_another_version(corrected):
    correct_again(corrected)
    (dataset, *_others) = document()["dcat:dataset"]
    assert dataset["dct:issued"]["@value"] == "2023-12-20"
    assert dataset["dct:modified"]["@value"] == "2026-02-03"
    assert dataset["dcat:version"] == "1.5.0"


def test_what_is_said_in_a_language_is_in_that_language(demo):
    whole, forums, *_others = document()["dcat:dataset"]
    assert forums["dct:title"] == [
        {"@language": "th", "@value": "การประชุม CSOs Forum"},
        {"@language": "en", "@value": "CSOs Forum"},
    ]
    assert {each["@language"] for each in whole["dcat:keyword"]} == {"th"}


def test_the_mailbox_is_left_out_where_there_is_none(demo, settings):
    assert "vcard:hasEmail" not in document()["dcat:dataset"][0]["dcat:contactPoint"]
    settings.DATA_CONTACT_EMAIL = "office@example.go.th"
    contact = document()["dcat:dataset"][0]["dcat:contactPoint"]
    assert contact["vcard:hasEmail"] == {"@id": "mailto:office@example.go.th"}


# Harvested by CKAN ----------------------------------------------------------------------------

OF_A_PACKAGE = ["title", "notes", "url", "version", "tags", "license_id", "resources"]
EXTRAS = {
    "uri",
    "identifier",
    "issued",
    "modified",
    "language",
    "frequency",
    "access_rights",
    "publisher_uri",
    "publisher_name",
    "contact_uri",
    "contact_name",
    "contact_email",
    "spatial_uri",
    "temporal_start",
    "temporal_end",
}
OF_A_RESOURCE = [
    "uri",
    "name",
    "url",
    "access_url",
    "download_url",
    "format",
    "mimetype",
    "license",
    "language",
    "issued",
    "modified",
]


def read_by_ckan(described, language):
    """The packages that ckanext-dcat makes of a document; see `ckan_reader`."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("ckan_reader.py"), language],
        input=json.dumps(described),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def extra(package):
    return {each["key"]: each["value"] for each in package["extras"]}


def harvest(kept, packages):
    """Keep packages as the import of ckanext-dcat's `DCATRDFHarvester` does.

    A dataset is known again by its URI, or else its identifier (`_get_guid`), and a resource by its URI:
    what has none is a new one at every harvest.
    """
    for package in packages:
        guid = extra(package)["uri"] or extra(package)["identifier"]
        old = kept.get(guid, {"resources": []})
        known = {each["uri"]: each["id"] for each in old["resources"] if each["uri"]}
        for number, each in enumerate(package["resources"]):
            each["id"] = known.get(each["uri"], f"{len(kept)}.{len(known)}.{number}")
        kept[guid] = package


@pytest.mark.once
def test_ckan_harvests_it_twice_without_a_duplicate_or_an_empty_field(corrected, settings):
    settings.DATA_CONTACT_EMAIL = "office@example.go.th"
    kept = {}
    harvest(kept, read_by_ckan(document(), "th"))
    first = {guid: {each["id"] for each in package["resources"]} for guid, package in kept.items()}
    assert len(first) == len(DATASETS) + 1
    for package in kept.values():
        extras = extra(package)
        assert [name for name in OF_A_PACKAGE if not package[name]] == []
        assert {name for name in EXTRAS if not extras.get(name)} == set()
        assert package["license_id"] == "odc-by"
        assert json.loads(extras["language"]) == [LANGUAGE]
        uris = [each["uri"] for each in package["resources"]]
        assert len(set(uris)) == len(uris)
        for each in package["resources"]:
            assert [name for name in OF_A_RESOURCE if not each.get(name)] == []
            assert each["license"] == "https://opendatacommons.org/licenses/by/1-0/"
            assert not each["format"].startswith("http")
    assert kept["http://testserver/data/#forums"]["title"] == "การประชุม CSOs Forum"

    # After a correction, by a CKAN that speaks English: each is known again and renewed.
    correct_again(corrected)
    harvest(kept, read_by_ckan(document(), "en"))
    assert {
        guid: {each["id"] for each in package["resources"]} for guid, package in kept.items()
    } == first
    renewed = kept["http://testserver/data/#forums"]
    assert renewed["title"] == "CSOs Forum"
    assert extra(renewed)["modified"] == "2026-02-03"
