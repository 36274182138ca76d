"""The catalogue as CKAN's action API gives it, with the fields and choices of Thailand's catalogue.

data.go.th and the catalogues of agencies (GD Catalog) are CKAN with NECTEC's extension ckanext-thai_gdc,
which keeps DGA's standard of metadata. Its dataset schema (ckanext/thai_gdc/ckan_dataset.json) names the
fields, says which are required, and lists the choices of a field, in Thai; a choice is taken word for
word. The tests hold that list. The document has the form of the answer of `package_search`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from followup.opendata.datasets import DATASETS
from followup.opendata.dcat import EVERYTHING, THAI
from followup.opendata.files import FORMATS, stamp
from followup.opendata.licences import OTHER, licence
from followup.opendata.package import (
    ABOUT,
    BUNDLE,
    CONTACT,
    KEYWORDS,
    NAME,
    PUBLISHER,
    SOURCE,
    Address,
    FileFacts,
    Release,
    contact_email,
    title,
)
from proposals.models import Forum

Json = dict[str, Any]

#: What every dataset answers to the fields with choices, and to others that never change.
ANSWERS: Mapping[str, Any] = {
    "data_type": "ข้อมูลระเบียน",
    "allow_harvest": "True",
    "objective": ["พันธกิจหน่วยงาน"],
    "update_frequency_unit": "ปี",
    "update_frequency_interval": "1",
    "geo_coverage": "ประเทศ",
    "data_format": ["CSV", "XLS", "JSON"],
    "data_category": "ข้อมูลสาธารณะ",
    "accessible_condition": "ไม่มี",
    "data_collect": "อื่นๆ",
    "data_language": ["ไทย"],
    "high_value_dataset": "False",
    "reference_data": "False",
}
#: Datasets that answer otherwise.
OTHERWISE: Mapping[str, Mapping[str, Any]] = {"areas": {"geo_coverage": "จังหวัด"}}
#: Kind of file -> the catalogue's name of it.
_FORMATS = {"csv": "CSV", "xlsx": "XLSX", "json": "JSON", "zip": "ZIP"}
#: The publisher's code among the agencies, in small letters, as names in CKAN are.
_ORGANIZATION = "dsdw"


def packages(
    address: Address, forums: Sequence[Forum], release: Release, bundle: FileFacts | None = None
) -> Json:
    """Every dataset as a CKAN package. `bundle`: the facts of the zip of everything, if at hand."""
    with override(THAI):
        zipped = _resource(address, BUNDLE, "zip", "application/zip", release)
        if bundle:
            zipped |= {"size": bundle.size, "hash": bundle.sha256, "hash_algorithm": "sha256"}
        package = _resource(address, "datapackage.json", "json", "application/json", release)
        results = [
            _package(address, EVERYTHING, title(forums), str(ABOUT), [zipped, package], release)
        ]
        for dataset in DATASETS.values():
            resources = [
                _resource(address, f"{dataset.name}.{kind}", kind, type_.partition(";")[0], release)
                for kind, (type_, _write) in FORMATS.items()
            ]
            named = f"{title(forums)}: {dataset.title}"
            results.append(
                _package(address, dataset.name, named, str(dataset.about), resources, release)
            )
    return {"success": True, "result": {"count": len(results), "results": results}}


def _id(address: str) -> str:
    """CKAN's id of a thing, which is the same at every harvest."""
    return str(uuid5(NAMESPACE_URL, address))


def _day(moment: datetime | None) -> str:
    return stamp(timezone.localdate(moment)) if moment else ""


def _package(
    address: Address,
    name: str,
    title_: str,
    about: str,
    resources: list[Json],
    release: Release,
) -> Json:
    page = address(f"/data/#{name}")
    terms = licence()
    tags = [str(each) for each in KEYWORDS]
    choice = {"license_id": terms.thai_choice}
    if terms.thai_choice == OTHER:
        choice["license_id_other"] = terms.name
    return {
        "id": _id(page),
        "name": f"{NAME}-{name}".replace("_", "-"),
        "title": title_,
        "notes": about,
        "url": page,
        "type": "dataset",
        "state": "active",
        "private": False,
        "version": release.version,
        "owner_org": _ORGANIZATION,
        "organization": {"name": _ORGANIZATION, "title": str(PUBLISHER)},
        "maintainer": str(CONTACT),
        "maintainer_email": contact_email(),
        "tag_string": ",".join(tags),
        "tags": [{"name": each} for each in tags],
        **ANSWERS,
        **OTHERWISE.get(name, {}),
        **choice,
        # As CKAN's own `package_show` tells a licence.
        "license_title": terms.name,
        "license_url": terms.url,
        "isopen": bool(terms.ckan),
        "data_source": str(SOURCE),
        "data_collect_other": _("รายงานของหน่วยงานหนึ่งแห่งต่อมาตรการย่อยหนึ่งข้อ"),
        "created_date": _day(release.created),
        "last_updated_date": _day(release.modified),
        "num_resources": len(resources),
        "num_tags": len(tags),
        "resources": [
            {"package_id": _id(page), "position": position, **each}
            for position, each in enumerate(resources)
        ],
    }


def _resource(address: Address, file: str, kind: str, media_type: str, release: Release) -> Json:
    return {
        "id": _id(address(f"/data/#{file}")),
        "name": file,
        "url": address(f"/data/{file}"),
        "format": _FORMATS[kind],
        "mimetype": media_type,
        "resource_created_date": _day(release.created),
        "resource_last_updated_date": _day(release.modified),
    }
