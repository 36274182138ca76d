"""The catalogue as DCAT (JSON-LD), which CKAN's harvester and other catalogues read.

Everything that a harvester keeps has an address of its own (`@id`), so that a second harvest renews what
the first one brought and adds nothing. Titles and descriptions are in both languages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from followup.opendata.datasets import DATASETS
from followup.opendata.files import FORMATS
from followup.opendata.licences import licence
from followup.opendata.package import (
    ABOUT,
    BUNDLE,
    CONTACT,
    KEYWORDS,
    PUBLISHER,
    Address,
    FileFacts,
    Release,
    contact_email,
    title,
)
from followup.opendata.registry import Dataset
from forum_portal.languages import ENGLISH, LANGUAGES
from proposals.models import Forum

Json = dict[str, Any]
THAI = next(code for code in LANGUAGES if code != ENGLISH)
EVERYTHING = "all"  # the identifier of the dataset that has every other one, as one file

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_EU = "http://publications.europa.eu/resource/authority"
LANGUAGE = f"{_EU}/language/THA"


def catalogue(
    address: Address, forums: Sequence[Forum], release: Release, bundle: FileFacts | None = None
) -> Json:
    """The whole description. It contains its context, so nothing has to be fetched.

    `bundle`: the facts of the zip of everything, if they are at hand.
    """
    terms: Json = {"@id": licence().url}
    publisher: Json = {
        "@id": address("/data/#publisher"),
        "@type": "foaf:Organization",
        "foaf:name": _thai(PUBLISHER),
    }
    contact: Json = {
        "@id": address("/data/#contact"),
        "@type": "vcard:Organization",
        "vcard:fn": _thai(CONTACT),
    }
    if email := contact_email():
        contact["vcard:hasEmail"] = {"@id": f"mailto:{email}"}
    dates: Json = {}
    if release.created and release.modified:
        dates = {"dct:issued": _day(release.created), "dct:modified": _day(release.modified)}
    shared: Json = {
        "dct:publisher": publisher,
        "dcat:contactPoint": contact,
        "dct:license": terms,
        "dct:language": {"@id": LANGUAGE},
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/ANNUAL"},
        "dct:spatial": {"@id": f"{_EU}/country/THA"},
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dcat:keyword": [_thai(each) for each in KEYWORDS],
        # DCAT 3 says dcat:version; harvesters of the versions before read owl:versionInfo.
        "dcat:version": release.version,
        "owl:versionInfo": release.version,
        **dates,
    }
    if release.span:
        first, last = release.span
        shared["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _date(first),
            "dcat:endDate": _date(last),
        }

    def distribution(of: str, name: str, kind: str, media_type: str, **more: Any) -> Json:
        return {
            "@id": address(f"/data/#{name}"),
            "@type": "dcat:Distribution",
            "dct:title": name,
            "dcat:accessURL": {"@id": address(f"/data/#{of}")},
            "dcat:downloadURL": {"@id": address(f"/data/{name}")},
            "dcat:mediaType": media_type,
            "dct:format": kind.upper(),
            "dct:language": {"@id": LANGUAGE},
            "dct:license": terms,
            **dates,
            **more,
        }

    def described(identifier: str, named: Json, distributions: list[Json]) -> Json:
        return {
            "@id": address(f"/data/#{identifier}"),
            "@type": "dcat:Dataset",
            "dct:identifier": identifier,
            "dcat:landingPage": {"@id": address(f"/data/#{identifier}")},
            **named,
            **shared,
            "dcat:distribution": distributions,
        }

    def table(dataset: Dataset) -> Json:
        return described(
            dataset.name,
            _named(lambda: str(dataset.title), lambda: str(dataset.about)),
            [
                distribution(
                    dataset.name, f"{dataset.name}.{kind}", kind, _media_type(content_type)
                )
                for kind, (content_type, _write) in FORMATS.items()
            ],
        )

    named = _named(lambda: title(forums), lambda: str(ABOUT))
    everything = described(
        EVERYTHING,
        named,
        [
            distribution(EVERYTHING, BUNDLE, "zip", "application/zip", **_facts(bundle)),
            distribution(EVERYTHING, "datapackage.json", "json", "application/json"),
        ],
    )
    everything["dct:hasPart"] = [{"@id": address(f"/data/#{name}")} for name in DATASETS]
    return {
        "@context": _CONTEXT,
        "@id": address("/data/catalog.jsonld"),
        "@type": "dcat:Catalog",
        **named,
        "dct:publisher": publisher,
        # With its title in CKAN's register, by which CKAN's harvester knows it.
        "dct:license": {**terms, "dct:title": licence().ckan_title or licence().name},
        "dct:language": {"@id": LANGUAGE},
        "foaf:homepage": {"@id": address("/data/")},
        **dates,
        "dcat:dataset": [everything, *map(table, DATASETS.values())],
        "dcat:service": {
            "@id": address("/api/v1/"),
            "@type": "dcat:DataService",
            "dct:title": "API v1",
            "dcat:endpointURL": {"@id": address("/api/v1/")},
            "dcat:endpointDescription": {"@id": address("/api/v1/openapi.json")},
        },
    }


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0]


def _facts(file: FileFacts | None) -> Json:
    if file is None:
        return {}
    return {
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file.size)},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        },
    }


def _named(title_: Callable[[], str], about: Callable[[], str]) -> Json:
    return {"dct:title": _in_each(title_), "dct:description": _in_each(about)}


def _in_each(say: Callable[[], str]) -> list[Json]:
    """What `say` says in each language."""
    said = []
    for language in LANGUAGES:
        with override(language):
            said.append({"@language": language, "@value": say()})
    return said


def _thai(words: object) -> Json:
    with override(THAI):
        return {"@language": THAI, "@value": str(words)}


def _date(day: date) -> Json:
    return {"@type": "xsd:date", "@value": day.isoformat()}


def _day(moment: datetime) -> Json:
    return _date(timezone.localdate(moment))
