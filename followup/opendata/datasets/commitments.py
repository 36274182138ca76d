"""What each agency answers and promises, as it stands in each year, and what its status rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup import standing
from followup.grades import Grade
from followup.opendata.datasets.columns import coded, is_demo, text
from followup.opendata.datasets.reported import (
    Reported,
    about_assignment,
    about_report,
    expected,
    of_key,
)
from followup.opendata.registry import Column, Dataset, Source, Type, Value
from followup.published import EditionRows
from followup.report_fields import Section, label_of
from followup.responses import Response
from followup.targets import Due


@dataclass(frozen=True)
class Committed(Reported):
    """One assignment in one published round. `day`: when its date is judged; None if not kept then."""

    day: date | None = None

    def stands(self, section: Section, name: str) -> Any:
        """A field of what stands in a section; None if nothing was ever said."""
        told = self.line.told(section)
        return told[-1].get(name) or None if told else None

    @property
    def response(self) -> Response | None:
        """Of a lead agency; others are not asked. None if it was not kept then."""
        return self.line.response if self.line.is_lead and self.day else None

    @property
    def due(self) -> Due | None:
        return self.line.due(self.day) if self.day else None

    @property
    def first_day(self) -> date | None:
        """The day that was promised first."""
        targets = self.line.targets
        return targets[0].get("target_on") if targets else None

    @property
    def postponed(self) -> int | None:
        return standing.times_postponed(self.line.targets) if self.day else None


def _commitments(source: Source, wanted: Mapping[str, Value]) -> EditionRows:
    return expected(
        source, wanted, lambda round_, edition, line: Committed(round_, line, edition.as_of)
    )


COMMITMENTS = Dataset(
    name="commitments",
    title=_l("คำตอบและกำหนดของหน่วยงาน"),
    about=_l(
        "คำตอบต่อมาตรการย่อย กำหนดแล้วเสร็จ และหลักฐานที่ใช้ประเมิน ตามที่มีผลอยู่ในแต่ละปี หนึ่งแถวต่อหนึ่งปีและหนึ่งการมอบหมาย "
        "สิ่งที่หน่วยงานแจ้งในแต่ละปีอยู่ใน status_reports"
    ),
    key="commitment_id",
    example="report",
    columns=(
        Column("commitment_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        *about_report(lambda each: each),
        *about_assignment(),
        *coded(
            "response",
            label_of("response"),
            Response,
            lambda each: each.response,
            about=_l("เฉพาะหน่วยงานหลัก ว่างในฉบับก่อนที่จะเริ่มบันทึก"),
        ),
        Column(
            "response_on",
            label_of("response_on"),
            lambda each: each.stands(Section.RESPONSE, "response_on"),
            Type.DATE,
        ),
        text(
            "response_reason_th",
            label_of("response_reason"),
            lambda each: each.stands(Section.RESPONSE, "response_reason"),
        ),
        text(
            "competent_agency_th",
            label_of("competent_agency"),
            lambda each: each.stands(Section.RESPONSE, "competent_agency"),
        ),
        Column("target_on", label_of("target_on"), lambda each: each.line.target_on, Type.DATE),
        text(
            "milestone_th",
            label_of("milestone"),
            lambda each: each.stands(Section.TARGET, "milestone"),
        ),
        Column("first_target_on", _l("กำหนดแรกที่แจ้ง"), lambda each: each.first_day, Type.DATE),
        Column(
            "times_postponed",
            _l("จำนวนครั้งที่เลื่อนกำหนด"),
            lambda each: each.postponed,
            Type.INTEGER,
            minimum=0,
        ),
        *coded(
            "due",
            _l("ถึงกำหนดหรือยัง"),
            Due,
            lambda each: each.due,
            about=_l("นับ ณ วันเผยแพร่ ว่างในฉบับก่อนที่จะเริ่มบันทึก"),
        ),
        Column("judged_on", _l("นับกำหนด ณ วันที่"), lambda each: each.day, Type.DATE),
        *coded(
            "grade",
            label_of("assessed_grade"),
            Grade,
            lambda each: each.line.grade,
            about=_l("ว่างเมื่อยังไม่ได้รับรายงาน"),
        ),
        is_demo(lambda each: each.round),
    ),
    take=lambda source: _commitments(source, {}),
    by_year=True,
    select=_commitments,
    implied=of_key,
)
