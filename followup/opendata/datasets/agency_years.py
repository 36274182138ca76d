"""Each agency in each published year: what it was asked, and how much of that came or is achieved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup.models import AgencyKind, PublishedAgency, Round
from followup.neighbours import AgencyFigures, asked_agencies, figures_of
from followup.opendata.datasets.columns import AGENCY_CODE, agency_code, coded, fiscal_year, is_demo
from followup.opendata.registry import Column, Dataset, Source, Type, Value, Words
from followup.published import Edition, EditionRows


@dataclass(frozen=True)
class InYear:
    """An agency's figures in one round."""

    round: Round
    figures: AgencyFigures

    @property
    def id(self) -> str:
        return f"{self.round.code}-{self.figures.agency.code}"


def _agency_years(source: Source, wanted: Mapping[str, Value]) -> EditionRows:
    """The agencies that the source's editions asked, by name. Raises KeyError for another filter."""
    round_of = {edition.pk: round_ for round_, edition in source.editions.items()}
    keys = {{"agency_code": "code"}[name]: value for name, value in wanted.items()}

    def read(edition: Edition, rows: Sequence[PublishedAgency]) -> list[InYear]:
        figures = figures_of(edition, [row.agency_id for row in rows])
        return [InYear(round_of[edition.pk], each) for each in figures]

    every = source.editions.values()
    return EditionRows(
        [(edition, asked_agencies(edition).filter(**keys)) for edition in every], read
    )


_KEY = re.compile(rf"(.+?)-({AGENCY_CODE})")


def of_key(key: str) -> dict[str, Value] | None:
    """What a row's key says of it: the agency."""
    match = _KEY.fullmatch(key)
    return {"agency_code": match[2]} if match else None


def _number(name: str, title: Words, of: Callable[[AgencyFigures], int], about: Words) -> Column:
    def value(each: Any) -> int:
        return of(each.figures)

    return Column(name, title, value, Type.INTEGER, about=about, minimum=0, is_required=True)


AGENCY_YEARS = Dataset(
    name="agency_years",
    title=_l("หน่วยงานรายปี"),
    about=_l(
        "จำนวนมาตรการย่อยที่ถามแต่ละหน่วยงานในแต่ละปี และในจำนวนนั้นรายงานแล้ว ทันกำหนด และบรรลุแล้วเท่าใด "
        "แต่ละหน่วยงานมีตัวหารของตนเอง ไม่มีรายงานไม่ได้แปลว่าไม่ได้ทำ กลุ่มหน่วยงานนับที่สมาชิก"
    ),
    key="agency_year_id",
    example="agency_year",
    columns=(
        Column("agency_year_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        *fiscal_year(lambda each: each.round),
        agency_code(lambda each: each.figures.agency.code, is_required=True),
        Column(
            "agency_th",
            _l("หน่วยงาน"),
            lambda each: each.figures.agency.name_th,
            about=_l("ตามฉบับที่เผยแพร่ของปีนั้น"),
            is_required=True,
        ),
        *coded(
            "kind",
            _l("ประเภท"),
            AgencyKind,
            lambda each: each.figures.agency.kind,
            is_required=True,
        ),
        _number("asked", _l("มาตรการย่อยที่ถาม"), lambda each: each.asked, _l("ตัวหารของสามคอลัมน์ถัดไป")),
        _number("answered", _l("รายงานแล้ว"), lambda each: each.answered, _l("รายงานที่รับรองแล้ว")),
        _number(
            "on_time",
            _l("ทันกำหนด"),
            lambda each: each.on_time,
            _l("รายงานที่รับรองแล้ว และวันที่รายงานไม่เกินวันกำหนดส่งของรอบ"),
        ),
        _number(
            "achieved",
            _l("บรรลุแล้ว"),
            lambda each: each.achieved,
            _l("สถานะตามรายงานของหน่วยงานนั้นเป็นแล้วเสร็จหรือต่อเนื่อง"),
        ),
        is_demo(lambda each: each.round),
    ),
    take=lambda source: _agency_years(source, {}),
    by_year=True,
    select=_agency_years,
    implied=of_key,
)
