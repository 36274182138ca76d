"""The provinces that reports name: numbers of reports, for each year and each forum in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _l

from followup.models import Province, Round
from followup.opendata.datasets.columns import fiscal_year, is_demo, year_columns
from followup.opendata.registry import Column, Dataset, Source, Type, Words
from followup.progress import Places
from proposals.models import Forum

LEVELS: Mapping[str, Words] = {"year": _l("ทั้งปี รวมทุกเวที"), "forum": _l("เวที")}
ISO_CODE = "TH-[0-9]{2}"


@dataclass(frozen=True)
class Area:
    """A province in one round: of all forums together, or of one of them."""

    round: Round
    province: Province
    places: Places
    forum: Forum | None = None

    @property
    def id(self) -> str:
        within = f"-{self.forum.year_be}" if self.forum else ""
        return f"{self.round.code}{within}-{self.province.iso}"


def _areas(source: Source) -> Iterator[Area]:
    provinces = list(Province.objects.order_by("code"))
    for round_, edition in source.editions.items():
        forums = {each.forum_id: each.forum for each in edition.frame.resolutions.values()}
        earliest_first = sorted(edition.places, key=lambda pk: forums[pk].year_be)
        parts: list[tuple[Forum | None, Places]] = [
            (None, Places.sum(list(edition.places.values()))),
            *((forums[pk], edition.places[pk]) for pk in earliest_first),
        ]
        for forum, places in parts:
            for province in provinces:
                yield Area(round_, province, places, forum)


AREAS = Dataset(
    name="areas",
    title=_l("จังหวัดที่รายงานระบุถึง"),
    about=_l(
        "จำนวนรายงานที่ได้รับซึ่งระบุชื่อจังหวัด ไม่ใช่ปริมาณงานหรือผลสำเร็จ หนึ่งแถวต่อหนึ่งปี หนึ่งจังหวัด และหนึ่งระดับ: "
        "ทั้งปีรวมทุกเวที หรือเวที เลือกระดับเดียวก่อนบวกรวม รายงานหนึ่งฉบับระบุได้หลายจังหวัด"
    ),
    key="area_id",
    example="area",
    columns=(
        Column("area_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        Column(
            "level",
            _l("ระดับ"),
            lambda each: "forum" if each.forum else "year",
            about=_l("year ทั้งปี รวมทุกเวที, forum เวที"),
            choices=tuple(LEVELS),
            is_required=True,
        ),
        *fiscal_year(lambda each: each.round),
        *year_columns(
            "forum_year",
            _l("ปีที่จัดการประชุม พ.ศ."),
            _l("ปีที่จัดการประชุม ค.ศ."),
            lambda each: each.forum.year_be if each.forum else None,
            refers_to="forums",
        ),
        Column(
            "province_iso",
            _l("รหัสจังหวัด ISO 3166-2"),
            lambda each: each.province.iso,
            pattern=ISO_CODE,
            is_required=True,
        ),
        Column(
            "province_code",
            _l("รหัสจังหวัด กรมการปกครอง"),
            lambda each: each.province.pk,
            pattern="[0-9]{2}",
            is_required=True,
        ),
        Column("province_th", _l("จังหวัด"), lambda each: each.province.name_th, is_required=True),
        Column("province_en", _l("ชื่อภาษาอังกฤษ"), lambda each: each.province.name_en),
        Column(
            "region_th",
            _l("ภาค"),
            lambda each: each.province.region_th,
            about=_l("การจัดเข้าสี่ภาคเป็นการกำหนดของระบบ"),
            is_required=True,
        ),
        Column(
            "reports",
            _l("รายงานที่ระบุจังหวัดนี้"),
            lambda each: each.places.counts.get(each.province.pk, 0),
            Type.INTEGER,
            minimum=0,
            is_required=True,
        ),
        Column(
            "reports_naming_few",
            _l("ในจำนวนนี้ระบุไม่เกิน 10 จังหวัด"),
            lambda each: each.places.few.get(each.province.pk, 0),
            Type.INTEGER,
            minimum=0,
            is_required=True,
        ),
        Column(
            "reports_received",
            _l("รายงานที่ได้รับทั้งหมด"),
            lambda each: each.places.received,
            Type.INTEGER,
            about=_l("ของปีและเวทีนั้น ทุกจังหวัดเท่ากัน"),
            minimum=0,
            is_required=True,
        ),
        is_demo(lambda each: each.round),
    ),
    take=_areas,
    by_year=True,
)
