"""The independent assessments by organisations of civil society: not the committee's, counted apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup.models import Assessment, AssessmentAnswer, Round
from followup.opendata.datasets.columns import (
    MEASURE_ID,
    coded,
    fiscal_year,
    forum_year,
    is_demo,
    measure_code,
    measure_id,
    measure_key,
    resolution_key,
    resolution_number,
    text,
)
from followup.opendata.registry import Column, Dataset, Source, Type, Value
from followup.progress import Independent
from followup.published import Edition, EditionRows
from followup.status import ASSESSABLE, Status


@dataclass(frozen=True)
class Assessed:
    """One accepted assessment of one published round."""

    round: Round
    voice: Independent

    @property
    def assessment(self) -> Assessment:
        return self.voice.assessment

    @property
    def answer(self) -> AssessmentAnswer | None:
        return self.assessment.answered

    @property
    def id(self) -> str:
        measure = measure_id(self.assessment.measure)
        return f"{self.round.code}-{measure}-{self.assessment.organisation_id}"


def _assessments(source: Source, wanted: Mapping[str, Value]) -> EditionRows:
    """The assessments of the source's editions, in the source's clause order."""
    round_of = {edition.pk: round_ for round_, edition in source.editions.items()}

    def read(edition: Edition, rows: Sequence[Any]) -> list[Assessed]:
        return [Assessed(round_of[edition.pk], voice) for voice in edition.voices(rows)]

    every = source.editions.values()
    return EditionRows(
        [(edition, edition.wanted(edition.assessments(), wanted)) for edition in every], read
    )


_KEY = re.compile(rf"(.+?)-({MEASURE_ID})-[0-9]+")


def _of_key(key: str) -> dict[str, Value] | None:
    match = _KEY.fullmatch(key)
    return {"measure_id": match[2]} if match else None


def _of_answer(attribute: str) -> Callable[[Assessed], Value]:
    return lambda each: getattr(each.answer, attribute) if each.answer else None


_REPORTED = [status.value for status in Status]

ASSESSMENTS = Dataset(
    name="assessments",
    title=_l("การประเมินของภาคประชาสังคม"),
    about=_l(
        "การประเมินโดยอิสระขององค์กรภาคประชาสังคม ไม่ใช่ของ คสป. นับแยกต่างหาก และไม่เปลี่ยนสถานะที่เผยแพร่ "
        "หนึ่งแถวต่อหนึ่งปี หนึ่งมาตรการย่อย และหนึ่งองค์กร"
    ),
    key="assessment_id",
    example="assessment",
    columns=(
        Column("assessment_id", _l("รหัสการประเมิน"), lambda each: each.id, is_required=True),
        *fiscal_year(lambda each: each.round),
        *forum_year(lambda each: each.assessment.measure.resolution.forum),
        resolution_key(lambda each: each.assessment.measure.resolution, is_required=True),
        resolution_number(lambda each: each.assessment.measure.resolution.number, is_required=True),
        measure_key(lambda each: each.assessment.measure, is_required=True),
        measure_code(lambda each: each.assessment.measure.code, is_required=True),
        Column(
            "organisation_id",
            _l("รหัสองค์กร"),
            lambda each: each.assessment.organisation_id,
            Type.INTEGER,
            about=_l("รหัสเดียวกันทุกปี"),
            minimum=1,
            is_required=True,
        ),
        Column(
            "organisation_name_th",
            _l("ชื่อองค์กร"),
            lambda each: each.assessment.organisation.name_th,
            about=_l("ตามที่เผยแพร่ในฉบับนั้น"),
            is_required=True,
        ),
        text(
            "organisation_name_en",
            _l("ชื่อองค์กรภาษาอังกฤษ"),
            lambda each: each.assessment.organisation.name_en,
        ),
        Column(
            "registration_number",
            _l("เลขที่จดแจ้งหรือจดทะเบียน"),
            lambda each: each.assessment.organisation.registration_number,
            is_required=True,
        ),
        Column(
            "organisation_website",
            _l("เว็บไซต์ขององค์กร"),
            lambda each: each.assessment.organisation.website or None,
            is_url=True,
        ),
        *coded(
            "independent_status",
            _l("สถานะที่องค์กรประเมิน"),
            Status,
            lambda each: each.voice.found.value,
            values=[status.value for status in ASSESSABLE],
            about=_l("ไม่ใช่สถานะที่ คสป. เผยแพร่"),
            is_required=True,
        ),
        *coded(
            "published_status",
            _l("สถานะที่เผยแพร่ของมาตรการย่อย"),
            Status,
            lambda each: each.voice.published.value,
            values=_REPORTED,
            about=_l("ของ คสป. ในฉบับเดียวกัน"),
            is_required=True,
        ),
        Column(
            "is_different",
            _l("ต่างจากสถานะที่เผยแพร่"),
            lambda each: each.voice.differs,
            Type.BOOLEAN,
            is_required=True,
        ),
        Column(
            "steps",
            _l("ต่างกันกี่ขั้น"),
            lambda each: each.voice.steps,
            Type.INTEGER,
            about=_l("ลบ: ต่ำกว่าที่เผยแพร่ ว่าง: เทียบเป็นขั้นไม่ได้"),
            minimum=-3,
            maximum=3,
        ),
        Column("reason_th", _l("เหตุผล"), lambda each: each.assessment.reason, is_required=True),
        Column(
            "evidence_count",
            _l("จำนวนหลักฐาน"),
            lambda each: len(each.assessment.pieces),
            Type.INTEGER,
            minimum=0,
            is_required=True,
        ),
        text(
            "evidence",
            _l("หลักฐาน"),
            lambda each: "\n".join(
                f"{piece.title} {piece.url}" for piece in each.assessment.pieces
            ),
            about=_l("ชื่อและลิงก์ หนึ่งบรรทัดต่อหนึ่งรายการ"),
        ),
        Column("assessed_on", _l("ส่งเมื่อ"), lambda each: each.assessment.assessed_on, Type.DATE),
        text("answer_th", _l("คำตอบของ คสป."), _of_answer("text")),
        text("answer_meeting", _l("การประชุม คสป. ที่ตอบ"), _of_answer("meeting_ref")),
        is_demo(lambda each: each.round),
    ),
    take=lambda source: _assessments(source, {}),
    by_year=True,
    select=_assessments,
    implied=_of_key,
)
