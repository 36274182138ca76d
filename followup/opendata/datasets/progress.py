"""The progress of each year: the counting at three levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _l

from followup.grades import Grade
from followup.models import Agency
from followup.opendata.datasets.columns import (
    SEPARATOR,
    coded,
    fiscal_year,
    is_demo,
    measure_code,
    measure_id,
    measure_key,
    resolution_id,
    resolution_key,
    resolution_number,
    text,
    year_columns,
)
from followup.opendata.registry import Column, Dataset, Source, Type, Words
from followup.progress import (
    MeasureProgress,
    Promises,
    ResolutionProgress,
    Tally,
    YearProgress,
    promises_of,
    tally,
    unique,
)
from followup.responses import Response
from followup.status import Change, Status
from followup.targets import Due
from proposals.models import Forum, Measure, Resolution

LEVELS: Mapping[str, Words] = {
    "year": _l("ทั้งปี รวมทุกเวที"),
    "forum": _l("เวที"),
    "resolution": _l("ข้อเสนอ"),
    "measure": _l("มาตรการย่อย"),
}


@dataclass(frozen=True)
class CountedLine:
    """One line of a year's counting: the year itself, a forum in it, a resolution or a measure.

    `year` is the whole year, or the year of `forum`, with that forum's own denominator.
    """

    year: YearProgress
    forum: Forum | None = None
    resolution: ResolutionProgress | None = None
    measure: MeasureProgress | None = None

    @property
    def level(self) -> str:
        if self.resolution:
            return "measure" if self.measure else "resolution"
        return "forum" if self.forum else "year"

    @property
    def id(self) -> str:
        if self.measure and self.resolution:
            return f"{self.year.round.code}-{measure_id(self.measure.measure)}"
        if self.resolution:
            return f"{self.year.round.code}-{resolution_id(self.resolution.resolution)}"
        year = self.year.round.code
        return f"{year}-{self.forum.year_be}" if self.forum else year

    @property
    def titled(self) -> Measure | Resolution | None:
        """What its title is of."""
        if self.measure:
            return self.measure.measure
        return self.resolution.resolution if self.resolution else None

    @property
    def leads(self) -> list[Agency]:
        """Its lead agencies and groups, as far as the counting names them (`progress.NAMED`)."""
        if self.measure:
            return unique(unit.agency for unit in self.measure.answers.lead_units)
        return self.resolution.lead_agencies if self.resolution else []

    @property
    def lead_count(self) -> int | None:
        """How many agencies and groups lead it."""
        if self.measure:
            return self.measure.answers.lead_count
        return self.resolution.lead_count if self.resolution else None

    @property
    def judged(self) -> MeasureProgress | ResolutionProgress | None:
        return self.measure or self.resolution

    @property
    def tally(self) -> Tally:
        if self.measure:
            return tally([self.measure])
        return self.resolution.tally if self.resolution else self.year.tally

    @property
    def promises(self) -> Promises | None:
        """What lead agencies answered and promised; None in an edition from before it was kept."""
        if self.measure:
            return promises_of([self.measure])
        return self.resolution.promises if self.resolution else self.year.promises


def _progress(source: Source) -> Iterator[CountedLine]:
    for year in source.years:
        yield CountedLine(year)
        for forum, part in year.parts:
            yield CountedLine(part, forum)
            for resolution in part.resolutions:
                yield CountedLine(part, forum, resolution)
                for measure in resolution.measures:
                    yield CountedLine(part, forum, resolution, measure)


def count(name: str, title: Words, of: Callable[[Tally], int], about: Words = "") -> Column:
    """A number of the tally of a row's item."""
    return Column(
        name,
        title,
        lambda each: of(each.tally),
        Type.INTEGER,
        about=about,
        minimum=0,
        is_required=True,
    )


def status_count(status: Status) -> Column:
    return count(status.value, status.label, lambda tally_: tally_.of(status))


def tally_columns() -> list[Column]:
    """The counting of a row's item: every number stands beside its denominator."""
    return [
        count("measures_total", _l("มาตรการย่อยทั้งหมด"), lambda tally_: tally_.total),
        count(
            "measures_counted",
            _l("ตัวหาร"),
            lambda tally_: tally_.n,
            _l("ทั้งหมด − ยุติ − มาตรการเชิงดุลพินิจที่ไม่มีการใช้ รวมข้อที่ยังไม่ได้รับรายงานและข้อที่ยังไม่มีผู้รับผิดชอบ"),
        ),
        count("achieved", _l("บรรลุแล้ว"), lambda tally_: tally_.achieved, _l("แล้วเสร็จ + ต่อเนื่อง")),
        count(
            "moving",
            _l("มีความเคลื่อนไหว"),
            lambda tally_: tally_.moving,
            _l("บรรลุ + อยู่ระหว่างดำเนินการ"),
        ),
        *(status_count(status) for status in Status if status is not Status.CANCELLED),
        count("cancelled", Status.CANCELLED.label, lambda tally_: tally_.cancelled),
        count("unused", _l("มาตรการเชิงดุลพินิจที่ไม่มีการใช้"), lambda tally_: tally_.unused),
    ]


def promised(name: str, title: Words, of: Callable[[Promises], int], about: Words = "") -> Column:
    """A number of lead assignments, or of their reports."""
    return Column(
        name,
        title,
        lambda each: of(each.promises) if each.promises else None,
        Type.INTEGER,
        about=about,
        minimum=0,
    )


def promise_columns() -> list[Column]:
    """What lead agencies answered and promised, beside its denominators."""

    def response(each: Response) -> Column:
        return promised(
            f"response_{each.value}", each.label, lambda found: found.responses.get(each, 0)
        )

    def due(each: Due) -> Column:
        return promised(f"due_{each.value}", each.label, lambda found: found.due.get(each, 0))

    def grade(each: Grade) -> Column:
        return promised(f"grade_{each.value}", each.label, lambda found: found.grades.get(each, 0))

    return [
        promised(
            "leads_asked",
            _l("การมอบหมายหลักที่นับ"),
            lambda found: found.asked,
            _l("ตัวหารของคำตอบและกำหนด ว่างในฉบับก่อนที่จะเริ่มบันทึก"),
        ),
        *map(response, Response),
        *map(due, Due),
        promised("postponed", _l("เคยเลื่อนกำหนด"), lambda found: found.postponed),
        promised(
            "leads_received",
            _l("รายงานของหน่วยงานหลักที่ได้รับ"),
            lambda found: found.received,
            _l("ตัวหารของหลักฐานที่ใช้ประเมิน"),
        ),
        *map(grade, Grade),
    ]


PROGRESS = Dataset(
    name="progress",
    title=_l("ความคืบหน้ารายปี"),
    about=_l(
        "จำนวนมาตรการย่อยตามสถานะของแต่ละปี สี่ระดับ: ทั้งปีรวมทุกเวที เวที ข้อเสนอ มาตรการย่อย เลือกระดับเดียวก่อนบวกรวม "
        "แต่ละเวทีมีตัวหารของตนเอง"
    ),
    key="progress_id",
    example="progress",
    columns=(
        Column("progress_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        Column(
            "level",
            _l("ระดับ"),
            lambda each: each.level,
            about=_l("year ทั้งปี รวมทุกเวที, forum เวที, resolution ข้อเสนอ, measure มาตรการย่อย"),
            choices=tuple(LEVELS),
            is_required=True,
        ),
        *fiscal_year(lambda each: each.year.round),
        *year_columns(
            "forum_year",
            _l("ปีที่จัดการประชุม พ.ศ."),
            _l("ปีที่จัดการประชุม ค.ศ."),
            lambda each: each.forum.year_be if each.forum else None,
            refers_to="forums",
        ),
        resolution_key(lambda each: each.resolution.resolution if each.resolution else None),
        resolution_number(
            lambda each: each.resolution.resolution.number if each.resolution else None
        ),
        measure_key(lambda each: each.measure.measure if each.measure else None),
        measure_code(lambda each: each.measure.measure.code if each.measure else None),
        text(
            "title_th",
            _l("ชื่อย่อ"),
            lambda each: each.titled and each.titled.title_th,
            about=_l("ของข้อเสนอหรือมาตรการย่อย ตามฉบับที่เผยแพร่ของปีนั้น ว่างที่ระดับทั้งปีและเวที"),
        ),
        text(
            "title_en",
            _l("ชื่อภาษาอังกฤษ"),
            lambda each: each.titled and each.titled.title_en,
        ),
        Column(
            "leads",
            _l("จำนวนหน่วยงานหลัก"),
            lambda each: each.lead_count,
            Type.INTEGER,
            about=_l("กลุ่มหน่วยงานนับเป็นหนึ่ง 0: ยังไม่มีผู้รับผิดชอบ ว่างที่ระดับทั้งปีและเวที"),
            minimum=0,
        ),
        text(
            "lead_agency_codes",
            _l("รหัสหน่วยงานหลัก"),
            lambda each: SEPARATOR.join(agency.code for agency in each.leads),
            about=_l("คั่นด้วย | มาตรการย่อยละไม่เกิน 10 หน่วยงานและทุกกลุ่ม รายชื่อครบอยู่ใน assignments"),
        ),
        text(
            "lead_agencies_th",
            _l("หน่วยงานหลัก"),
            lambda each: SEPARATOR.join(agency.name_th for agency in each.leads),
            about=_l("คั่นด้วย | ลำดับเดียวกับรหัส"),
        ),
        *coded(
            "status",
            _l("สถานะ"),
            Status,
            lambda each: each.judged.status if each.judged else None,
            about=_l("สรุปจากหน่วยงานหลัก หรือมติ คสป. ที่กำหนดสถานะ ว่างที่ระดับทั้งปีและเวที"),
        ),
        text(
            "ruled_by_meeting",
            _l("คสป. มีมติในการประชุมครั้งที่"),
            lambda each: (
                each.judged.ruling.meeting_ref if each.judged and each.judged.ruling else None
            ),
        ),
        Column(
            "ruled_on",
            _l("วันที่ประชุมที่มีมติ"),
            lambda each: (
                each.judged.ruling.meeting_on if each.judged and each.judged.ruling else None
            ),
            Type.DATE,
        ),
        *coded(
            "change",
            _l("เปลี่ยนแปลงจากปีก่อน"),
            Change,
            lambda each: each.measure.change if each.measure else None,
            about=_l("มีเฉพาะระดับมาตรการย่อย"),
        ),
        *tally_columns(),
        *promise_columns(),
        is_demo(lambda each: each.year.round),
    ),
    take=_progress,
    by_year=True,
)
