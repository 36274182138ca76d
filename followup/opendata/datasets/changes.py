"""What became of each measure from one published year to any later one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup.models import Round
from followup.opendata.datasets.columns import (
    MEASURE_ID,
    coded,
    forum_year,
    measure_code,
    measure_id,
    measure_key,
    resolution_key,
    resolution_number,
    year_columns,
)
from followup.opendata.registry import Column, Dataset, Source, Type, Value, Words
from followup.progress import Compared, Comparison, MeasureProgress
from followup.status import Difference, Status
from forum_portal.years import HALF_YEAR, WHOLE_YEAR

_CODE = f"(25[6-9][0-9])(?:-{HALF_YEAR})?"
_KEY = re.compile(f"{_CODE}-{_CODE}-{MEASURE_ID}")


@dataclass(frozen=True)
class Change:
    """A measure in two years, the earlier first."""

    before: Round
    now: Round
    row: Compared

    @property
    def id(self) -> str:
        return f"{self.before.code}-{self.now.code}-{measure_id(self.row.measure)}"


def _changes(source: Source, wanted: Mapping[str, Value]) -> Iterator[Change]:
    """Every pair of years with the forums that both followed up; of the wanted years only, if given."""
    years = source.years
    for first, last in combinations(range(len(years)), 2):
        ends = {"from_year_be": years[first], "to_year_be": years[last]}
        if any(
            wanted.get(name, year.round.year_be) != year.round.year_be
            for name, year in ends.items()
        ):
            continue
        between = years[first : last + 1]
        for forum in between[-1].by_forum:
            if forum in between[0].by_forum:
                compared = Comparison.of([year.of_forum(forum) for year in between])
                for row in compared.rows:
                    yield Change(compared.before.round, compared.now.round, row)


def _select(source: Source, wanted: Mapping[str, Value]) -> list[Change]:
    values = {column.name: column.value for column in CHANGES.columns if column.name in wanted}
    return [
        each
        for each in _changes(source, wanted)
        if all(value(each) == wanted[name] for name, value in values.items())
    ]


def _implied(key: str) -> Mapping[str, Value] | None:
    match = _KEY.fullmatch(key)
    return {"from_year_be": int(match[1]), "to_year_be": int(match[2])} if match else None


def _status(one: MeasureProgress | None) -> Status | None:
    return one.status if one else None


def _months(name: str, title: Words, round_: Any) -> Column:
    return Column(
        name,
        title,
        lambda each: round_(each).months,
        Type.INTEGER,
        about=_l("12: ทั้งปีงบประมาณ 6: ตุลาคมถึงมีนาคม มีเมื่อปีนั้นยังไม่เผยแพร่รอบ 12 เดือน"),
        minimum=HALF_YEAR,
        maximum=WHOLE_YEAR,
        is_required=True,
    )


def _counted(name: str, title: Words, one: Any) -> Column:
    return Column(
        name,
        title,
        lambda each: found.is_counted if (found := one(each)) else None,
        Type.BOOLEAN,
        about=_l("ว่าง: ปีนั้นไม่ได้ติดตามมาตรการย่อยนี้"),
    )


CHANGES = Dataset(
    name="changes",
    title=_l("การเปลี่ยนแปลงระหว่างสองปี"),
    about=_l(
        "สถานะของมาตรการย่อยแต่ละข้อในปีตั้งต้นกับปีที่เทียบ ทุกคู่ของปีที่เผยแพร่แล้ว เลือกคู่เดียวด้วย from และ to "
        "ก่อนนับรวม เทียบเฉพาะเวทีที่ติดตามทั้งสองปี"
    ),
    key="change_id",
    example="change",
    columns=(
        Column("change_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        *year_columns(
            "from_year",
            _l("ปีตั้งต้น พ.ศ."),
            _l("ปีตั้งต้น ค.ศ."),
            lambda each: each.before.year_be,
            is_required=True,
        ),
        _months("from_round_months", _l("จำนวนเดือนของรอบปีตั้งต้น"), lambda each: each.before),
        *year_columns(
            "to_year",
            _l("ปีที่เทียบ พ.ศ."),
            _l("ปีที่เทียบ ค.ศ."),
            lambda each: each.now.year_be,
            is_required=True,
        ),
        _months("to_round_months", _l("จำนวนเดือนของรอบปีที่เทียบ"), lambda each: each.now),
        *forum_year(lambda each: each.row.measure.resolution.forum),
        resolution_key(lambda each: each.row.measure.resolution, is_required=True),
        resolution_number(lambda each: each.row.measure.resolution.number, is_required=True),
        measure_key(lambda each: each.row.measure, is_required=True),
        measure_code(lambda each: each.row.measure.code, is_required=True),
        *coded(
            "difference",
            _l("การเปลี่ยนแปลง"),
            Difference,
            lambda each: each.row.difference,
            about=_l("บอกจากสถานะของสองปีนี้เท่านั้น ไม่ดูปีระหว่างทาง"),
            is_required=True,
        ),
        *coded(
            "from_status",
            _l("สถานะปีตั้งต้น"),
            Status,
            lambda each: _status(each.row.before),
            about=_l("ว่าง: ปีนั้นไม่ได้ติดตามมาตรการย่อยนี้"),
        ),
        *coded(
            "to_status",
            _l("สถานะปีที่เทียบ"),
            Status,
            lambda each: _status(each.row.now),
            about=_l("ว่าง: ปีนั้นไม่ได้ติดตามมาตรการย่อยนี้"),
        ),
        _counted("from_is_counted", _l("นับในตัวหารปีตั้งต้น"), lambda each: each.row.before),
        _counted("to_is_counted", _l("นับในตัวหารปีที่เทียบ"), lambda each: each.row.now),
        Column(
            "is_demo",
            _l("เป็นข้อมูลตัวอย่าง"),
            lambda each: each.before.is_demo or each.now.is_demo,
            Type.BOOLEAN,
            about=_l("true: ใช้ทดสอบระบบเท่านั้น ไม่ใช่ผลการดำเนินงานจริง"),
            is_required=True,
        ),
    ),
    take=lambda source: _changes(source, {}),
    select=_select,
    implied=_implied,
)
