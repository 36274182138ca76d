"""Descriptions of the datasets: the Thai catalogue's items, Data Package, citation; and their release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.models import Round, Snapshot
from followup.naming import forum_years, forums_title
from followup.opendata.datasets import DATASETS
from followup.opendata.datasets.columns import utc
from followup.opendata.files import stamp
from followup.opendata.licences import licence
from followup.opendata.registry import Column, Dataset, Words
from forum_portal.thai import format_date
from proposals.models import Forum

NAME = "csos-forum-follow-up"
BUNDLE = f"{NAME}.zip"  # everything in one file
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


def contact_email() -> str:
    """The mailbox for questions about the data: the data's own, or the office's; "" if neither is set."""
    return str(settings.DATA_CONTACT_EMAIL or settings.PORTAL_CONTACT.email)


@dataclass(frozen=True)
class Release:
    """All data as it stands: its version, its dates, and the published rounds, the latest first.

    `version` is a semantic one. Its first number is the API's (`/api/v1/`): columns are added, never
    removed or renamed. The second counts what the public was given: every edition, and every one that
    was taken back. `created` and `modified` are the moments of the first and the last of these.
    """

    rounds: Sequence[Round] = ()
    published: int = 0
    created: datetime | None = None
    modified: datetime | None = None

    @property
    def version(self) -> str:
        return f"1.{self.published}.0"

    @property
    def latest(self) -> Round | None:
        return self.rounds[0] if self.rounds else None

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last day of the published rounds."""
        return (self.rounds[-1].starts_on, self.rounds[0].ends_on) if self.rounds else None


def release() -> Release:
    """The release of now, in two queries."""
    moments: list[datetime] = []
    for made_at, taken_back_at in Snapshot.objects.values_list("made_at", "taken_back__at"):
        moments += filter(None, (made_at, taken_back_at))
    return Release(
        list(Round.objects.published()),
        len(moments),
        min(moments, default=None),
        max(moments, default=None),
    )


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
        ("contact_email", _l("อีเมลผู้ติดต่อ"), contact_email() or _("ยังไม่ได้ระบุ")),
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
        ("license", _l("สัญญาอนุญาตให้ใช้ข้อมูล"), licence().name),
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
    if column.superseded_by:
        field["supersededBy"] = column.superseded_by  # an extension that the specification allows
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


@dataclass(frozen=True)
class FileFacts:
    """The size and the SHA-256, in hexadecimal, of a file as it is downloaded."""

    size: int
    sha256: str

    @property
    def stated(self) -> dict[str, Any]:
        """As a Data Package states them."""
        return {"bytes": self.size, "hash": f"sha256:{self.sha256}"}


def data_package(
    address: Address,
    forums: Sequence[Forum],
    release: Release,
    *,
    files: Mapping[str, FileFacts] | None = None,
    bundle: FileFacts | None = None,
) -> dict[str, Any]:
    """The Data Package of every dataset.

    `files`: the facts of its CSV files by dataset, where they are at hand. `bundle`: those of the zip
    of everything, which a package inside that zip cannot have.
    """
    terms = licence()
    described: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": NAME,
        "id": address("/data/"),
        "title": title(forums),
        "description": str(ABOUT),
        "homepage": address("/data/"),
        "version": release.version,
    }
    if release.created and release.modified:
        described |= {
            "created": stamp(utc(release.created)),
            "modified": stamp(utc(release.modified)),
        }
    named = {"name": terms.open_definition} if terms.open_definition else {}
    described |= {
        "keywords": [str(each) for each in KEYWORDS],
        "licenses": [{**named, "title": terms.name, "path": terms.url}],
        "sources": [{"title": str(SOURCE)}],
        "contributors": [{"title": str(PUBLISHER), "role": "publisher"}],
        # Extensions that the specification allows: the Thai catalogue's items, and the zip.
        "thai_open_data_catalogue": {key: value for key, _name, value in metadata(forums)},
        "everything": {"path": address(f"/data/{BUNDLE}"), **(bundle.stated if bundle else {})},
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
                **(files[dataset.name].stated if files else {}),
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
    return described
