"""Descriptions of the datasets: the Thai catalogue's metadata, Data Package, DCAT, citation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.models import Round
from followup.naming import forum_years, forums_title
from followup.opendata.datasets import DATASETS
from followup.opendata.files import FORMATS
from followup.opendata.registry import Column, Dataset, Words
from forum_portal.thai import format_date
from proposals.models import Forum

NAME = "csos-forum-follow-up"
KEYWORDS = (
    _l("ภาคประชาสังคม"),
    _l("CSOs Forum"),
    _l("ข้อเสนอเชิงนโยบาย"),
    _l("คสป."),
    _l("การติดตามผล"),
)
ABOUT = _l("สถานะและผลการดำเนินงานของมาตรการย่อย รายปีงบประมาณ")
PUBLISHER = _l("กรมพัฒนาสังคมและสวัสดิการ")
CONTACT = _l("กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม")
SOURCE = _l("รายงานของหน่วยงานรับผิดชอบ ตรวจโดยฝ่ายเลขานุการ คสป.")

Address = Callable[[str], str]  # a path on this site -> the whole address


def licence() -> dict[str, str]:
    return settings.DATA_LICENSE


def title(forums: Sequence[Forum]) -> str:
    """The title of all data: `ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี 2565 และ 2566`."""
    return _("ผลการดำเนินงานตามข้อเสนอ %(forums)s") % {"forums": forums_title(forums)}


def metadata(forums: Sequence[Forum]) -> list[tuple[str, Words, str]]:
    """(key, name, value) of the 14 items that Thailand's open data catalogue asks for."""
    return [
        ("type", _l("ประเภทชุดข้อมูล"), _("ข้อมูลระเบียน")),
        ("title", _l("ชื่อชุดข้อมูล"), title(forums)),
        ("organization", _l("องค์กร"), str(PUBLISHER)),
        ("contact_name", _l("ชื่อผู้ติดต่อ"), str(CONTACT)),
        ("contact_email", _l("อีเมลผู้ติดต่อ"), settings.DATA_CONTACT_EMAIL or _("ยังไม่ได้ระบุ")),
        ("keywords", _l("คำสำคัญ"), ", ".join(str(each) for each in KEYWORDS)),
        ("description", _l("รายละเอียด"), str(ABOUT)),
        ("objective", _l("วัตถุประสงค์"), _("พันธกิจหน่วยงาน")),
        ("update_frequency", _l("หน่วยความถี่ของการปรับปรุงข้อมูล (ค่า)"), _("ปี (1)")),
        (
            "geographic_coverage",
            _l("ขอบเขตเชิงภูมิศาสตร์หรือเชิงพื้นที่"),
            _("ประเทศ (และ จังหวัด เมื่อมีข้อมูล)"),
        ),
        ("source", _l("แหล่งที่มา"), str(SOURCE)),
        ("format", _l("รูปแบบการเก็บข้อมูล"), _("CSV, XLS (XLSX), JSON")),
        (
            "governance_category",
            _l("หมวดหมู่ข้อมูลตามธรรมาภิบาลข้อมูลภาครัฐ"),
            _("ข้อมูลสาธารณะ"),
        ),
        ("license", _l("สัญญาอนุญาตให้ใช้ข้อมูล"), licence()["name"]),
    ]


def citation(
    forums: Sequence[Forum], latest: Round | None, address: str, *, today: date | None = None
) -> str:
    """How to cite the data. Only the forums, the latest year and the day of access change."""
    return _(
        "คสป. (%(year)s) ผลการดำเนินงานตามข้อเสนอ %(forums)s เข้าถึงเมื่อ %(day)s จาก %(address)s"
    ) % {
        "year": latest.label if latest else _("ยังไม่เผยแพร่"),
        "forums": " ".join(filter(None, ["CSOs Forum", forum_years(forums)])),
        "day": format_date(today or timezone.localdate()),
        "address": address,
    }


# Data Package (specs.frictionlessdata.io, version 1) ------------------------------------------


def table_field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": column.type.value,
        "title": str(column.title),
    }
    if column.about:
        field["description"] = str(column.about)
    if column.is_url:
        field["format"] = "uri"
    constraints = {
        "required": column.is_required or None,
        "enum": list(column.choices) or None,
        "pattern": column.pattern or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    if stated := {name: value for name, value in constraints.items() if value is not None}:
        field["constraints"] = stated
    return field


def table_schema(dataset: Dataset) -> dict[str, Any]:
    fields = [table_field(column) for column in dataset.columns]
    for field in fields:
        if field["name"] == dataset.key:
            field["constraints"]["unique"] = True
    schema: dict[str, Any] = {
        "fields": fields,
        "missingValues": [""],
        "primaryKey": [dataset.key],
    }
    if keys := [_foreign_key(dataset, column) for column in dataset.columns if column.refers_to]:
        schema["foreignKeys"] = keys
    return schema


def _foreign_key(dataset: Dataset, column: Column) -> dict[str, Any]:
    to = DATASETS[column.refers_to]
    resource = "" if to is dataset else to.name  # "": the same table
    return {"fields": [column.name], "reference": {"resource": resource, "fields": [to.key]}}


def data_package(address: Address, forums: Sequence[Forum]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": NAME,
        "id": address("/data/"),
        "title": title(forums),
        "description": str(ABOUT),
        "homepage": address("/data/"),
        "keywords": [str(each) for each in KEYWORDS],
        "licenses": [{"title": licence()["name"], "path": licence()["url"]}],
        "sources": [{"title": str(SOURCE)}],
        "contributors": [{"title": str(PUBLISHER), "role": "publisher"}],
        # An extension that the specification allows: the Thai catalogue's items.
        "thai_open_data_catalogue": {key: value for key, _name, value in metadata(forums)},
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": dataset.name,
                "path": f"{dataset.name}.csv",
                "title": str(dataset.title),
                "description": str(dataset.about),
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {
                    "delimiter": ",",
                    "quoteChar": '"',
                    "doubleQuote": True,
                    "lineTerminator": "\r\n",
                    "header": True,
                },
                "schema": table_schema(dataset),
            }
            for dataset in DATASETS.values()
        ],
    }


# DCAT -----------------------------------------------------------------------------------------

_DCAT_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def catalogue(address: Address, latest: Round | None, forums: Sequence[Forum]) -> dict[str, Any]:
    """A DCAT description as JSON-LD. It contains its context, so nothing has to be fetched."""
    publisher = {"@type": "foaf:Organization", "foaf:name": _thai(PUBLISHER)}
    contact: dict[str, Any] = {"@type": "vcard:Organization", "vcard:fn": _thai(CONTACT)}
    if settings.DATA_CONTACT_EMAIL:
        contact["vcard:hasEmail"] = {"@id": f"mailto:{settings.DATA_CONTACT_EMAIL}"}
    terms = {"@id": licence()["url"]}
    shared: dict[str, Any] = {
        "dct:publisher": publisher,
        "dcat:contactPoint": contact,
        "dct:license": terms,
        "dct:language": "th",
        "dct:accrualPeriodicity": {
            "@id": "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
        },
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/THA"},
        "dcat:keyword": [_thai(each) for each in KEYWORDS],
    }
    if latest and latest.published_at:
        shared["dct:modified"] = {
            "@type": "xsd:date",
            "@value": timezone.localdate(latest.published_at).isoformat(),
        }
    return {
        "@context": _DCAT_CONTEXT,
        "@id": address("/data/catalog.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": _thai(title(forums)),
        "dct:description": _thai(ABOUT),
        "dct:publisher": publisher,
        "dct:license": terms,
        "foaf:homepage": {"@id": address("/data/")},
        "dcat:dataset": [
            {
                "@id": address(f"/data/#{dataset.name}"),
                "@type": "dcat:Dataset",
                "dct:identifier": dataset.name,
                "dct:title": _thai(dataset.title),
                "dct:description": _thai(dataset.about),
                **shared,
                "dcat:distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "dct:title": f"{dataset.name}.{kind}",
                        "dcat:downloadURL": {"@id": address(f"/data/{dataset.name}.{kind}")},
                        "dcat:mediaType": content_type.partition(";")[0],
                        "dct:license": terms,
                    }
                    for kind, (content_type, _write) in FORMATS.items()
                ],
            }
            for dataset in DATASETS.values()
        ],
        "dcat:service": {
            "@id": address("/api/v1/"),
            "@type": "dcat:DataService",
            "dct:title": "API v1",
            "dcat:endpointURL": {"@id": address("/api/v1/")},
            "dcat:endpointDescription": {"@id": address("/api/v1/openapi.json")},
        },
    }


def _thai(words: Words) -> dict[str, str]:
    return {"@language": "th", "@value": str(words)}
