"""Agencies, and the measures assigned to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup.models import Agency, AgencyKind, Assignment, Basis, Role
from followup.models.agencies import AssignmentQuerySet
from followup.opendata.datasets.columns import (
    AGENCY_CODE,
    MEASURE_ID,
    SEPARATOR,
    agency_code,
    assignment_id,
    coded,
    forum_year,
    measure_code,
    measure_key,
    resolution_key,
    resolution_number,
    text,
    year_columns,
)
from followup.opendata.registry import Column, Dataset, Queried, Source, Type, Value
from proposals.codes import parse_code

AGENCIES = Dataset(
    name="agencies",
    title=_l("หน่วยงาน"),
    about=_l("หน่วยงานที่รับผิดชอบ หรือที่ต้นฉบับเอ่ยถึง"),
    key="agency_code",
    example="agency",
    columns=(
        agency_code(lambda agency: agency.code, refers_to="", is_required=True),
        Column("name_th", _l("ชื่อเต็ม"), lambda agency: agency.name_th, is_required=True),
        text("abbr_th", _l("ชื่อย่อ"), lambda agency: agency.abbr_th),
        text("name_en", _l("ชื่อภาษาอังกฤษ"), lambda agency: agency.name_en),
        text("abbr_en", _l("ชื่อย่อภาษาอังกฤษ"), lambda agency: agency.abbr_en),
        *coded("kind", _l("ประเภท"), AgencyKind, lambda agency: agency.kind, is_required=True),
        agency_code(
            lambda agency: agency.parent.code if agency.parent else None,
            "parent_code",
            title=_l("รหัสหน่วยงานต้นสังกัด"),
        ),
        agency_code(
            lambda agency: agency.successor.code if agency.successor else None,
            "successor_code",
            title=_l("รหัสหน่วยงานที่รับช่วง"),
        ),
        agency_code(
            lambda agency: agency.merged_into.code if agency.merged_into else None,
            "merged_into_code",
            title=_l("รหัสหน่วยงานที่รวมเข้าแล้ว"),
        ),
        text("province_code", _l("รหัสจังหวัด"), lambda agency: agency.province_id),
        text("province_th", _l("จังหวัด"), lambda agency: agency.province and str(agency.province)),
        text(
            "aliases_th",
            _l("ชื่ออื่นที่พบ"),
            lambda agency: SEPARATOR.join(alias.name for alias in agency.aliases.all()),
            about=_l("คั่นด้วย |"),
        ),
        Column(
            "is_named_in_source",
            _l("ต้นฉบับเอ่ยถึง"),
            lambda agency: agency.named_in_source,
            Type.BOOLEAN,
            is_required=True,
        ),
    ),
    take=lambda source: (
        Agency.objects.standing()
        .select_related("parent", "successor", "province")
        .prefetch_related("aliases")
    ),
)


def _assignments(source: Source) -> AssignmentQuerySet:
    """Assignments in clause order, lead agency first; only those of the requested year, if any.

    A group's members stand for it.
    """
    every = Assignment.objects.answering()
    every = every.select_related(
        "agency", "of_group__agency", "measure__resolution__forum"
    ).order_by(
        "measure__resolution__forum__year_be",
        "measure__resolution__number",
        "measure__number",
        "role",
        "agency__sort_key",
        "valid_from",
        "pk",
    )
    return every.valid_in(source.round.year_be) if source.round else every


def _selected(source: Source, wanted: Mapping[str, Any]) -> Sequence[Assignment]:
    """The assignments with the wanted values. Raises KeyError for a column that no filter has."""
    rows = _assignments(source)
    for name, value in wanted.items():
        match name:
            case "forum_year_be":
                rows = rows.filter(measure__resolution__forum__year_be=value)
            case "resolution_id" | "measure_id":
                code = parse_code(str(value))
                assert code is not None  # noqa: S101  filters parse it
                rows = rows.filter(
                    measure__resolution__forum__year_be=code.year,
                    measure__resolution__number=code.resolution,
                )
                if code.clause:
                    rows = rows.filter(measure__number=code.clause)
            case "agency_code":
                rows = rows.filter(agency__code=value)
            case _:
                raise KeyError(name)
    return Queried(rows)


_KEY = re.compile(rf"({MEASURE_ID})-({AGENCY_CODE})-[0-9]{{4}}")


def _of_key(key: str) -> dict[str, Value] | None:
    """What an assignment's key says of its row: the measure and the agency."""
    match = _KEY.fullmatch(key)
    return {"measure_id": match[1], "agency_code": match[2]} if match else None


ASSIGNMENTS = Dataset(
    name="assignments",
    title=_l("การมอบหมาย"),
    about=_l("หน่วยงานใดรับผิดชอบมาตรการย่อยใด ตั้งแต่ปีใดถึงปีใด ต้นฉบับไม่ได้กำหนดผู้รับผิดชอบ"),
    key="assignment_id",
    example="assignment",
    columns=(
        Column("assignment_id", _l("รหัสการมอบหมาย"), assignment_id, is_required=True),
        *forum_year(lambda each: each.measure.resolution.forum),
        resolution_key(lambda each: each.measure.resolution, is_required=True),
        resolution_number(lambda each: each.measure.resolution.number, is_required=True),
        measure_key(lambda each: each.measure, is_required=True),
        measure_code(lambda each: each.measure.code, is_required=True),
        agency_code(lambda each: each.agency.code, is_required=True),
        Column(
            "agency_name_th", _l("ชื่อหน่วยงาน"), lambda each: each.agency.name_th, is_required=True
        ),
        *coded("role", _l("บทบาท"), Role, lambda each: each.role, is_required=True),
        *coded("basis", _l("ที่มา"), Basis, lambda each: each.basis, is_required=True),
        text(
            "confirmed_ref",
            _l("ยืนยันตามมติ คสป. ครั้งที่"),
            lambda each: each.confirmed_ref,
            about=_l("ว่าง: ยังไม่ยืนยัน หรือไม่ทราบครั้งที่"),
        ),
        Column("confirmed_on", _l("วันที่มีมติยืนยัน"), lambda each: each.confirmed_on, Type.DATE),
        *year_columns(
            "valid_from",
            _l("ตั้งแต่ปีงบประมาณ"),
            _l("ตั้งแต่ปี ค.ศ."),
            lambda each: each.valid_from,
            is_required=True,
        ),
        *year_columns(
            "valid_to",
            _l("ถึงปีงบประมาณ"),
            _l("ถึงปี ค.ศ."),
            lambda each: each.valid_to,
            about=_l("ว่าง: ยังไม่สิ้นสุด"),
        ),
        agency_code(
            lambda each: each.of_group.agency.code if each.of_group else None,
            "group_code",
            title=_l("รหัสกลุ่มหน่วยงานที่ตอบแทน"),
        ),
    ),
    take=_assignments,
    select=_selected,
    implied=_of_key,
    by_year=True,
)
