"""The datasets as schema.org describes them (JSON-LD), which search engines for data read.

The fields are those of Google's page on Dataset structured data. Text is Thai, with the English title as
an alternate name and the English description behind the Thai one: such readers know one text, and no
marks of a language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import override

from followup.opendata.datasets import DATASETS
from followup.opendata.datasets.columns import utc
from followup.opendata.dcat import EVERYTHING, THAI
from followup.opendata.files import FORMATS, stamp
from followup.opendata.licences import licence
from followup.opendata.package import (
    ABOUT,
    BUNDLE,
    CONTACT,
    KEYWORDS,
    PUBLISHER,
    SOURCE,
    Address,
    FileFacts,
    Release,
    citation,
    contact_email,
    title,
)
from followup.opendata.registry import Column, Dataset, Words
from forum_portal.languages import ENGLISH, LANGUAGES
from proposals.models import Forum

Json = dict[str, Any]


def catalog(
    address: Address, forums: Sequence[Forum], release: Release, bundle: FileFacts | None = None
) -> Json:
    """The catalogue with every dataset, and one of all of them that has the zip.

    `bundle`: the facts of that zip, if they are at hand.
    """
    publisher = {
        "@type": "GovernmentOrganization",
        "@id": address("/data/#publisher"),
        "name": _said(THAI, PUBLISHER),
        "alternateName": _said(ENGLISH, PUBLISHER),
        "url": address("/"),
        "contactPoint": {
            "@type": "ContactPoint",
            "contactType": "customer service",
            "name": _said(THAI, CONTACT),
            "url": address("/data/"),
            **({"email": contact_email()} if contact_email() else {}),
        },
    }
    shared: Json = {
        "license": licence().url,
        "creator": publisher,
        "publisher": {"@id": publisher["@id"]},
        "inLanguage": THAI,
        "isAccessibleForFree": True,
        "keywords": [_said(language, each) for each in KEYWORDS for language in LANGUAGES],
        "spatialCoverage": {
            "@type": "Place",
            "name": "Thailand",
        },
        "version": release.version,
    }
    if release.created and release.modified:
        shared["datePublished"] = stamp(utc(release.created))
        shared["dateModified"] = stamp(utc(release.modified))
    if release.span:
        first, last = release.span
        shared["temporalCoverage"] = f"{first.isoformat()}/{last.isoformat()}"
    everything_id = address(f"/data/#{EVERYTHING}")

    def described(identifier: str, distributions: list[Json], **more: Any) -> Json:
        return {
            "@type": "Dataset",
            "@id": address(f"/data/#{identifier}"),
            "identifier": address(f"/data/#{identifier}"),
            "url": address(f"/data/#{identifier}"),
            **more,
            **shared,
            "includedInDataCatalog": {"@id": address("/data/schema.jsonld")},
            "distribution": distributions,
        }

    def table(dataset: Dataset) -> Json:
        return described(
            dataset.name,
            [
                _file(address(f"/data/{dataset.name}.{kind}"), content_type)
                for kind, (content_type, _write) in FORMATS.items()
            ],
            name=_in(THAI, lambda: f"{dataset.title}: {title(forums)}"),
            alternateName=_in(ENGLISH, lambda: f"{dataset.title}: {title(forums)}"),
            description=_in_each(lambda: f"{dataset.about} {ABOUT} {SOURCE}"),
            isPartOf={"@id": everything_id},
            variableMeasured=[_variable(each) for each in dataset.columns],
        )

    everything = described(
        EVERYTHING,
        [
            {
                **_file(address(f"/data/{BUNDLE}"), "application/zip"),
                **({"contentSize": f"{bundle.size} B", "sha256": bundle.sha256} if bundle else {}),
            }
        ],
        name=_in(THAI, lambda: title(forums)),
        alternateName=_in(ENGLISH, lambda: title(forums)),
        description=_in_each(lambda: f"{ABOUT} {SOURCE} {title(forums)}"),
        hasPart=[{"@id": address(f"/data/#{name}")} for name in DATASETS],
        citation=_in(THAI, lambda: cited(forums, release, address)),
    )
    return {
        "@context": "https://schema.org/",
        "@type": "DataCatalog",
        "@id": address("/data/schema.jsonld"),
        "url": address("/data/"),
        "name": _in(THAI, lambda: title(forums)),
        "alternateName": _in(ENGLISH, lambda: title(forums)),
        "description": _in_each(lambda: f"{ABOUT} {SOURCE}"),
        "license": licence().url,
        "publisher": {"@id": publisher["@id"]},
        "dataset": [everything, *map(table, DATASETS.values())],
    }


def cited(forums: Sequence[Forum], release: Release, address: Address) -> str:
    """The citation, with the day of the release as that of access: the document has no day of its own."""
    day = release.modified.date() if release.modified else None
    return citation(forums, release.latest, address("/data/"), today=day)


def _file(address: str, content_type: str) -> Json:
    return {
        "@type": "DataDownload",
        "contentUrl": address,
        "encodingFormat": content_type.partition(";")[0],
    }


def _variable(column: Column) -> Json:
    about = _said(THAI, column.about)
    return {
        "@type": "PropertyValue",
        "name": column.name,
        "alternateName": _said(THAI, column.title),
        **({"description": about} if about else {}),
    }


def _in(language: str, say: Callable[[], str]) -> str:
    with override(language):
        return say()


def _said(language: str, words: Words) -> str:
    with override(language):
        return str(words)


def _in_each(say: Callable[[], str]) -> str:
    """What `say` says in each language, one after the other."""
    return "\n\n".join(_in(language, say) for language in LANGUAGES)
