"""The datasets that are open to everybody.

What the columns hold is what the public pages show: nothing of a report that no reviewer has
approved, no internal evidence, no names of people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup import snapshots
from followup.models import (
    Agency,
    AgencyKind,
    Assignment,
    Basis,
    Evidence,
    Role,
    Round,
    Snapshot,
    StatusReport,
)
from followup.opendata.registry import Column, Dataset, Source, Type, Value, Words
from followup.progress import (
    Line,
    MeasureProgress,
    ResolutionProgress,
    Tally,
    YearProgress,
    tally,
)
from followup.status import Change, Status
from forum_portal.years import YEAR_MAX, YEAR_MIN, to_ce
from proposals.models import Forum, Measure, MeasureKind, Resolution

AGENCY_CODE = "[A-Z0-9_]{1,20}"
MEASURE_CODE = r"[1-9][0-9]{0,4}\.[1-9][0-9]{0,4}"
SEPARATOR = " | "  # between several values of one cell
_STATUSES = tuple(Status.values)
_TYPED = tuple(status.value for status in Status if status is not Status.NO_REPORT)


# Names of rows: they say what they name, and last as long as it does --------------------------


def resolution_id(resolution: Resolution) -> str:
    return f"{resolution.forum.year_be}-{resolution.number}"


def measure_id(measure: Measure) -> str:
    return f"{measure.resolution.forum.year_be}-{measure.code}"


def assignment_id(assignment: Assignment) -> str:
    """The same agency may have the same measure again after a while: the first year tells them apart."""
    return f"{measure_id(assignment.measure)}-{assignment.agency.code}-{assignment.valid_from}"


# Columns that several datasets have -----------------------------------------------------------


def year_columns(
    prefix: str, title_be: Words, title_ce: Words, year: Callable[[Any], int | None], **more: Any
) -> list[Column]:
    """A year in both eras."""

    def christian(item: Any) -> int | None:
        be = year(item)
        return None if be is None else to_ce(be)

    ce = {name: value for name, value in more.items() if name != "refers_to"}
    return [
        Column(f"{prefix}_be", title_be, year, Type.INTEGER, **_BE | more),
        Column(f"{prefix}_ce", title_ce, christian, Type.INTEGER, **_CE | ce),
    ]


_BE: dict[str, Any] = {"minimum": YEAR_MIN, "maximum": YEAR_MAX}
_CE: dict[str, Any] = {"minimum": to_ce(YEAR_MIN), "maximum": to_ce(YEAR_MAX)}


def fiscal_year(round_: Callable[[Any], Round]) -> list[Column]:
    return year_columns(
        "year",
        _l("ปีงบประมาณ พ.ศ."),
        _l("ปีงบประมาณ ค.ศ."),
        lambda item: round_(item).year_be,
        about=_l("1 ตุลาคมของปีก่อน ถึง 30 กันยายน"),
        is_required=True,
    )


def forum_year(forum: Callable[[Any], Forum], *, refers_to: str = "forums") -> list[Column]:
    return year_columns(
        "forum_year",
        _l("ปีที่จัดการประชุม พ.ศ."),
        _l("ปีที่จัดการประชุม ค.ศ."),
        lambda item: forum(item).year_be,
        is_required=True,
        refers_to=refers_to,
    )


def resolution_number(number: Callable[[Any], int | None], **more: Any) -> Column:
    return Column(
        "resolution_number", _l("ข้อเสนอที่"), number, Type.INTEGER, minimum=1, maximum=32767, **more
    )


def measure_code(code: Callable[[Any], str | None], **more: Any) -> Column:
    return Column(
        "measure_code",
        _l("รหัสมาตรการย่อย"),
        code,
        about=_l("เลขข้อเสนอ จุด เลขข้อย่อย เป็นข้อความ: 2.10 ไม่ใช่ 2.1"),
        pattern=MEASURE_CODE,
        **more,
    )


def agency_code(
    code: Callable[[Any], str | None], name: str = "agency_code", **more: Any
) -> Column:
    more.setdefault("title", _l("รหัสหน่วยงาน"))
    more.setdefault("refers_to", "agencies")
    return Column(name, value=code, pattern=AGENCY_CODE, **more)


def coded(
    name: str,
    title: Words,
    choices: Any,
    code: Callable[[Any], str | None],
    *,
    values: Iterable[str] = (),
    about: Words = "",
    is_required: bool = False,
) -> list[Column]:
    """A code of a vocabulary, and its Thai label beside it."""

    def label(item: Any) -> str | None:
        value = code(item)
        return str(choices(value).label) if value else None

    return [
        Column(
            f"{name}_code",
            title,
            lambda item: code(item) or None,
            about=about,
            choices=tuple(values or choices.values),
            is_required=is_required,
        ),
        Column(f"{name}_th", title, label, is_required=is_required),
    ]


def is_demo(round_: Callable[[Any], Round]) -> Column:
    return Column(
        "is_demo",
        _l("เป็นข้อมูลตัวอย่าง"),
        lambda item: round_(item).is_demo,
        Type.BOOLEAN,
        about=_l("true: ใช้ทดสอบระบบเท่านั้น ไม่ใช่ผลการดำเนินงานจริง"),
        is_required=True,
    )


def text(name: str, title: Words, value: Callable[[Any], Value], **more: Any) -> Column:
    """A text that may be missing: nothing rather than an empty string."""
    return Column(name, title, lambda item: value(item) or None, **more)


# What was resolved ----------------------------------------------------------------------------

FORUMS = Dataset(
    name="forums",
    title=_l("การประชุม CSOs Forum"),
    about=_l("การประชุมแต่ละครั้ง หนึ่งแถวต่อหนึ่งครั้ง"),
    key="forum_year_be",
    example="2565",
    columns=(
        *forum_year(lambda forum: forum, refers_to=""),
        Column("name_th", _l("ชื่อเต็ม"), lambda forum: forum.name_th, is_required=True),
        Column("short_name_th", _l("ชื่อสั้น"), lambda forum: forum.short_name_th, is_required=True),
        text("name_en", _l("ชื่อภาษาอังกฤษ"), lambda forum: forum.name_en),
        text("theme_th", _l("หัวข้อการประชุม"), lambda forum: forum.theme_th),
        text("organiser_th", _l("ผู้จัด"), lambda forum: forum.organiser_th),
        text(
            "partners_th",
            _l("องค์กรร่วมจัด"),
            lambda forum: SEPARATOR.join(forum.partners_th),
            about=_l("คั่นด้วย |"),
        ),
        Column(
            "participants_total",
            _l("จำนวนผู้เข้าร่วม"),
            lambda forum: forum.participants_total,
            Type.INTEGER,
            minimum=0,
        ),
        Column(
            "regional_workshops",
            _l("เวทีระดับภาค"),
            lambda forum: forum.regional_workshops,
            Type.INTEGER,
            minimum=0,
        ),
        text("objective_th", _l("วัตถุประสงค์"), lambda forum: forum.objective_th),
    ),
    take=lambda source: Forum.objects.order_by("year_be"),
)

RESOLUTIONS = Dataset(
    name="resolutions",
    title=_l("ข้อเสนอ"),
    about=_l("ข้อเสนอของการประชุม ข้อความตรงตามต้นฉบับทุกตัวอักษร ชื่อย่อจัดทำโดยผู้พัฒนาระบบ"),
    key="resolution_id",
    example="2565-3",
    columns=(
        Column("resolution_id", _l("รหัสข้อเสนอ"), resolution_id, is_required=True),
        *forum_year(lambda resolution: resolution.forum),
        resolution_number(lambda resolution: resolution.number, is_required=True),
        Column("title_th", _l("ชื่อย่อ"), lambda resolution: resolution.title_th, is_required=True),
        text("title_en", _l("ชื่อภาษาอังกฤษ"), lambda resolution: resolution.title_en),
        Column(
            "text_th",
            _l("ข้อความตามต้นฉบับ"),
            lambda resolution: resolution.text,
            about=_l("คงตัวสะกดและเลขไทยตามเอกสารต้นฉบับ"),
            is_required=True,
        ),
    ),
    take=lambda source: Resolution.objects.for_display(),
)

MEASURES = Dataset(
    name="measures",
    title=_l("มาตรการย่อย"),
    about=_l("ส่วนของข้อเสนอที่ติดตามแยกกันได้ เป็นช่วงข้อความของต้นฉบับ"),
    key="measure_id",
    example="2565-3.4",
    columns=(
        Column("measure_id", _l("รหัสอ้างอิงมาตรการย่อย"), measure_id, is_required=True),
        *forum_year(lambda measure: measure.resolution.forum),
        Column(
            "resolution_id",
            _l("รหัสข้อเสนอ"),
            lambda measure: resolution_id(measure.resolution),
            is_required=True,
            refers_to="resolutions",
        ),
        resolution_number(lambda measure: measure.resolution.number, is_required=True),
        measure_code(lambda measure: measure.code, is_required=True),
        Column("title_th", _l("ชื่อย่อ"), lambda measure: measure.title_th, is_required=True),
        text("title_en", _l("ชื่อภาษาอังกฤษ"), lambda measure: measure.title_en),
        Column("text_th", _l("ข้อความตามต้นฉบับ"), lambda measure: measure.span, is_required=True),
        *coded("kind", _l("ลักษณะ"), MeasureKind, lambda measure: measure.kind, is_required=True),
        text(
            "suggested_evidence_th",
            _l("หลักฐานที่ควรมี"),
            lambda measure: measure.suggested_evidence_th,
        ),
    ),
    take=lambda source: Measure.objects.select_related("resolution__forum"),
)


# Who answers ----------------------------------------------------------------------------------

AGENCIES = Dataset(
    name="agencies",
    title=_l("หน่วยงาน"),
    about=_l("หน่วยงานที่รับผิดชอบ หรือที่ต้นฉบับเอ่ยถึง"),
    key="agency_code",
    example="CODI",
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
    take=lambda source: Agency.objects.select_related(
        "parent", "successor", "province"
    ).prefetch_related("aliases"),
)


def _assignments(source: Source) -> Iterable[Assignment]:
    """In the order of the clauses, the lead agency first; those of a year where one is asked for."""
    every = Assignment.objects.select_related("agency", "measure__resolution__forum").order_by(
        "measure__resolution__forum__year_be",
        "measure__resolution__number",
        "measure__number",
        "role",
        "agency__sort_key",
        "valid_from",
    )
    return every.valid_in(source.round.year_be) if source.round else every


ASSIGNMENTS = Dataset(
    name="assignments",
    title=_l("การมอบหมาย"),
    about=_l("หน่วยงานใดรับผิดชอบมาตรการย่อยใด ตั้งแต่ปีใดถึงปีใด ต้นฉบับไม่ได้กำหนดผู้รับผิดชอบ"),
    key="assignment_id",
    example="2565-3.4-PIAC-2565",
    columns=(
        Column("assignment_id", _l("รหัสการมอบหมาย"), assignment_id, is_required=True),
        *forum_year(lambda each: each.measure.resolution.forum),
        resolution_number(lambda each: each.measure.resolution.number, is_required=True),
        Column(
            "measure_id",
            _l("รหัสอ้างอิงมาตรการย่อย"),
            lambda each: measure_id(each.measure),
            is_required=True,
            refers_to="measures",
        ),
        measure_code(lambda each: each.measure.code, is_required=True),
        agency_code(lambda each: each.agency.code, is_required=True),
        Column(
            "agency_name_th", _l("ชื่อหน่วยงาน"), lambda each: each.agency.name_th, is_required=True
        ),
        *coded("role", _l("บทบาท"), Role, lambda each: each.role, is_required=True),
        *coded("basis", _l("ที่มา"), Basis, lambda each: each.basis, is_required=True),
        *year_columns(
            "valid_from",
            _l("ตั้งแต่ปี พ.ศ."),
            _l("ตั้งแต่ปี ค.ศ."),
            lambda each: each.valid_from,
            is_required=True,
        ),
        *year_columns(
            "valid_to",
            _l("ถึงปี พ.ศ."),
            _l("ถึงปี ค.ศ."),
            lambda each: each.valid_to,
            about=_l("ว่าง: ยังไม่สิ้นสุด"),
        ),
    ),
    take=_assignments,
    by_year=True,
)


# What was reported ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reported:
    """One expected report in one published round."""

    round: Round
    line: Line

    @property
    def report(self) -> StatusReport | None:
        return self.line.report

    @property
    def assignment(self) -> Assignment:
        return self.line.assignment

    @property
    def id(self) -> str:
        return f"{self.round.year_be}-{assignment_id(self.assignment)}"

    @property
    def assessed(self) -> StatusReport | None:
        """The report where the public sees two voices; elsewhere the second has nothing to add."""
        return self.report if self.report and self.report.voices_differ else None


def _reports(source: Source) -> Iterator[Reported]:
    for year in source.years:
        for measure in year.measures:
            for line in measure.lines:
                yield Reported(year.round, line)


def of_report(attribute: str) -> Callable[[Reported], Value]:
    """A field of the approved report; nothing where none was received."""
    return lambda each: getattr(each.report, attribute) if each.report else None


def of_assessment(attribute: str) -> Callable[[Reported], Value]:
    return lambda each: getattr(each.assessed, attribute) if each.assessed else None


def about_report(each: Callable[[Any], Reported]) -> list[Column]:
    """What names a report: year, clause and agency, with the keys of the other datasets."""
    return [
        *fiscal_year(lambda item: each(item).round),
        *forum_year(lambda item: each(item).assignment.measure.resolution.forum),
        resolution_number(
            lambda item: each(item).assignment.measure.resolution.number, is_required=True
        ),
        Column(
            "measure_id",
            _l("รหัสอ้างอิงมาตรการย่อย"),
            lambda item: measure_id(each(item).assignment.measure),
            is_required=True,
            refers_to="measures",
        ),
        measure_code(lambda item: each(item).assignment.measure.code, is_required=True),
        agency_code(lambda item: each(item).assignment.agency.code, is_required=True),
    ]


STATUS_REPORTS = Dataset(
    name="status_reports",
    title=_l("รายงานผล"),
    about=_l("รายงานที่คาดหมายทุกฉบับของรอบที่เผยแพร่แล้ว รวมฉบับที่ยังไม่ได้รับ หนึ่งแถวต่อหนึ่งปีและหนึ่งการมอบหมาย"),
    key="report_id",
    example="2567-2565-1.1-DSDW_CSO-2565",
    columns=(
        Column("report_id", _l("รหัสรายงาน"), lambda each: each.id, is_required=True),
        *about_report(lambda each: each),
        Column(
            "agency_name_th",
            _l("ชื่อหน่วยงาน"),
            lambda each: each.assignment.agency.name_th,
            is_required=True,
        ),
        Column(
            "assignment_id",
            _l("รหัสการมอบหมาย"),
            lambda each: assignment_id(each.assignment),
            is_required=True,
            refers_to="assignments",
        ),
        *coded("role", _l("บทบาท"), Role, lambda each: each.assignment.role, is_required=True),
        *coded(
            "status",
            _l("สถานะที่เผยแพร่"),
            Status,
            lambda each: each.line.status,
            about=_l("สถานะที่ใช้นับ: ที่ คสป. ประเมิน หรือที่หน่วยงานรายงาน แล้วเสร็จและต่อเนื่องต้องมีหลักฐาน"),
            is_required=True,
        ),
        *coded(
            "reported_status",
            _l("สถานะที่หน่วยงานรายงาน"),
            Status,
            of_report("reported_status"),  # type: ignore[arg-type]
            values=_TYPED,
        ),
        *coded(
            "assessed_status",
            _l("สถานะที่ คสป. ประเมิน"),
            Status,
            of_assessment("assessed_status"),  # type: ignore[arg-type]
            values=_TYPED,
            about=_l("มีเฉพาะเมื่อต่างจากที่หน่วยงานรายงาน"),
        ),
        text("assessed_note_th", _l("เหตุผลของ คสป."), of_assessment("assessed_note")),
        text("assessed_meeting", _l("ประเมินในการประชุมครั้งที่"), of_assessment("assessed_meeting")),
        text("agency_reply_th", _l("คำชี้แจงของหน่วยงาน"), of_assessment("agency_reply")),
        text("results_th", _l("ผลการดำเนินงาน"), of_report("results")),
        text("obstacles_th", _l("ปัญหา/อุปสรรค"), of_report("obstacles")),
        text("next_steps_th", _l("ข้อเสนอแนะ/แผนระยะต่อไป"), of_report("next_steps")),
        text("cancelled_by_meeting", _l("มติ คสป. ที่ให้ยุติ ครั้งที่"), of_report("meeting_ref")),
        Column(
            "budget_received_baht",
            _l("งบประมาณที่ได้รับ (บาท)"),
            of_report("budget_received"),
            Type.NUMBER,
            minimum=0,
        ),
        Column(
            "budget_spent_baht",
            _l("เบิกจ่ายแล้ว (บาท)"),
            of_report("budget_spent"),
            Type.NUMBER,
            minimum=0,
        ),
        text(
            "province_codes",
            _l("รหัสจังหวัดที่ดำเนินการ"),
            lambda each: SEPARATOR.join(province.pk for province in _provinces(each)),
            about=_l("คั่นด้วย |"),
        ),
        text(
            "provinces_th",
            _l("จังหวัดที่ดำเนินการ"),
            lambda each: SEPARATOR.join(province.name_th for province in _provinces(each)),
            about=_l("คั่นด้วย |"),
        ),
        Column(
            "is_unchanged",
            _l("หน่วยงานยืนยันว่าไม่มีการเปลี่ยนแปลงจากปีก่อน"),
            of_report("no_change"),
            Type.BOOLEAN,
        ),
        Column("reported_on", _l("วันที่รายงาน"), of_report("reported_on"), Type.DATE),
        Column(
            "evidence_count",
            _l("จำนวนหลักฐานที่เปิดเผย"),
            lambda each: len(_evidence_of(each)),
            Type.INTEGER,
            minimum=0,
            is_required=True,
        ),
        is_demo(lambda each: each.round),
    ),
    take=_reports,
    by_year=True,
)


def _provinces(each: Reported) -> Iterable[Any]:
    return each.report.provinces.all() if each.report else ()


def _evidence_of(each: Reported) -> list[Evidence]:
    return list(each.report.public_evidence) if each.report else []


@dataclass(frozen=True)
class Piece:
    """One public piece of evidence, and its place among those of its report."""

    reported: Reported
    number: int
    evidence: Evidence

    @property
    def id(self) -> str:
        return f"{self.reported.id}-{self.number}"

    @property
    def kind(self) -> str:
        return "link" if self.evidence.url else "file"


def _evidence(source: Source) -> Iterator[Piece]:
    for each in _reports(source):
        for number, piece in enumerate(_evidence_of(each), start=1):
            yield Piece(each, number, piece)


EVIDENCE = Dataset(
    name="evidence",
    title=_l("ดัชนีหลักฐาน"),
    about=_l("หลักฐานที่เปิดเผยต่อสาธารณะของรายงานในรอบที่เผยแพร่แล้ว"),
    key="evidence_id",
    example="2567-2565-1.1-DSDW_CSO-2565-1",
    columns=(
        Column("evidence_id", _l("รหัสหลักฐาน"), lambda each: each.id, is_required=True),
        Column(
            "report_id",
            _l("รหัสรายงาน"),
            lambda each: each.reported.id,
            is_required=True,
            refers_to="status_reports",
        ),
        *about_report(lambda each: each.reported),
        Column("title_th", _l("ชื่อหลักฐาน"), lambda each: each.evidence.title, is_required=True),
        Column(
            "kind_code",
            _l("ชนิด"),
            lambda each: each.kind,
            about=_l("link: ลิงก์ file: ไฟล์ที่ระบบเก็บไว้"),
            choices=("link", "file"),
            is_required=True,
        ),
        Column("url", _l("ลิงก์"), lambda each: each.evidence.url or None, is_url=True),
        text(
            "file_path",
            _l("ที่อยู่ของไฟล์บนระบบนี้"),
            lambda each: None if each.evidence.url else each.evidence.address,
        ),
        text("file_name", _l("ชื่อไฟล์"), lambda each: each.evidence.file_name),
        text("file_type", _l("ชนิดไฟล์"), lambda each: each.evidence.file_type),
        Column(
            "file_size_bytes",
            _l("ขนาดไฟล์ (ไบต์)"),
            lambda each: each.evidence.size,
            Type.INTEGER,
            minimum=0,
        ),
        text("file_sha256", _l("ค่าตรวจสอบไฟล์ SHA-256"), lambda each: each.evidence.sha256),
        is_demo(lambda each: each.reported.round),
    ),
    take=_evidence,
    by_year=True,
)


# How far it has come --------------------------------------------------------------------------

LEVELS: Mapping[str, Words] = {
    "year": _l("ทั้งปี"),
    "resolution": _l("ข้อเสนอ"),
    "measure": _l("มาตรการย่อย"),
}


@dataclass(frozen=True)
class Standing:
    """One line of a year's counting: the year itself, a resolution or a measure."""

    year: YearProgress
    resolution: ResolutionProgress | None = None
    measure: MeasureProgress | None = None

    @property
    def level(self) -> str:
        return "measure" if self.measure else "resolution" if self.resolution else "year"

    @property
    def id(self) -> str:
        if self.measure and self.resolution:
            return f"{self.year.round.year_be}-{measure_id(self.measure.measure)}"
        if self.resolution:
            return f"{self.year.round.year_be}-{resolution_id(self.resolution.resolution)}"
        return str(self.year.round.year_be)

    @property
    def judged(self) -> MeasureProgress | ResolutionProgress | None:
        return self.measure or self.resolution

    @property
    def tally(self) -> Tally:
        if self.measure:
            return tally([self.measure])
        return self.resolution.tally if self.resolution else self.year.tally


def _progress(source: Source) -> Iterator[Standing]:
    for year in source.years:
        yield Standing(year)
        for resolution in year.resolutions:
            yield Standing(year, resolution)
            for measure in resolution.measures:
                yield Standing(year, resolution, measure)


def count(name: str, title: Words, of: Callable[[Tally], int], about: Words = "") -> Column:
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


def _forum_of(each: Standing) -> Forum | None:
    return each.resolution.resolution.forum if each.resolution else None


PROGRESS = Dataset(
    name="progress",
    title=_l("ความคืบหน้ารายปี"),
    about=_l(
        "จำนวนมาตรการย่อยตามสถานะของแต่ละปี สามระดับ: ทั้งปี ข้อเสนอ มาตรการย่อย เลือกระดับเดียวก่อนบวกรวม"
    ),
    key="progress_id",
    example="2567",
    columns=(
        Column("progress_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        Column(
            "level",
            _l("ระดับ"),
            lambda each: each.level,
            about=_l("year ทั้งปี, resolution ข้อเสนอ, measure มาตรการย่อย"),
            choices=tuple(LEVELS),
            is_required=True,
        ),
        *fiscal_year(lambda each: each.year.round),
        *year_columns(
            "forum_year",
            _l("ปีที่จัดการประชุม พ.ศ."),
            _l("ปีที่จัดการประชุม ค.ศ."),
            lambda each: forum.year_be if (forum := _forum_of(each)) else None,
            refers_to="forums",
        ),
        Column(
            "resolution_id",
            _l("รหัสข้อเสนอ"),
            lambda each: resolution_id(each.resolution.resolution) if each.resolution else None,
            refers_to="resolutions",
        ),
        resolution_number(
            lambda each: each.resolution.resolution.number if each.resolution else None
        ),
        Column(
            "measure_id",
            _l("รหัสอ้างอิงมาตรการย่อย"),
            lambda each: measure_id(each.measure.measure) if each.measure else None,
            refers_to="measures",
        ),
        measure_code(lambda each: each.measure.measure.code if each.measure else None),
        *coded(
            "status",
            _l("สถานะ"),
            Status,
            lambda each: each.judged.status if each.judged else None,
            about=_l("สรุปจากหน่วยงานหลัก หรือคำวินิจฉัยของ คสป. ว่างที่ระดับทั้งปี"),
        ),
        text(
            "ruled_by_meeting",
            _l("คสป. วินิจฉัยในการประชุมครั้งที่"),
            lambda each: (
                each.judged.ruling.meeting_ref if each.judged and each.judged.ruling else None
            ),
        ),
        *coded(
            "change",
            _l("เปลี่ยนแปลงจากปีก่อน"),
            Change,
            lambda each: each.measure.change if each.measure else None,
            about=_l("มีเฉพาะระดับมาตรการย่อย"),
        ),
        count("measures_total", _l("มาตรการย่อยทั้งหมด"), lambda tally_: tally_.total),
        count(
            "measures_counted",
            _l("ตัวหาร"),
            lambda tally_: tally_.n,
            _l("ทั้งหมด − ยุติ − มาตรการเชิงดุลพินิจที่ไม่มีการใช้ รวมข้อที่ยังไม่ได้รับรายงาน"),
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
        is_demo(lambda each: each.year.round),
    ),
    take=_progress,
    by_year=True,
)


# What was corrected ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Corrected:
    """One change of one correction of a published round."""

    snapshot: Snapshot
    number: int
    change: Mapping[str, str]  # codes, as stored
    words: snapshots.Change  # the same as the page tells it

    @property
    def id(self) -> str:
        return f"{self.snapshot.round.year_be}-{self.snapshot.number}-{self.number}"


def corrections(source: Source) -> Iterable[Snapshot]:
    """The corrections of the published rounds, the earliest first."""
    return (
        Snapshot.objects.filter(number__gt=1, round__in=[each.pk for each in source.rounds])
        .select_related("round")
        .defer("content")
        .order_by("made_at", "pk")
    )


def _corrections(source: Source) -> Iterator[Corrected]:
    for snapshot in corrections(source):
        pairs = zip(snapshot.changes, snapshots.told(snapshot), strict=True)
        for number, (change, words) in enumerate(pairs, start=1):
            yield Corrected(snapshot, number, change, words)


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


CORRECTIONS = Dataset(
    name="corrections",
    title=_l("การแก้ไขหลังเผยแพร่"),
    about=_l("สิ่งที่แก้หลังเผยแพร่ หนึ่งแถวต่อหนึ่งรายการ พร้อมเหตุผล ค่าเดิม และค่าใหม่"),
    key="correction_id",
    example="2567-2-1",
    columns=(
        Column("correction_id", _l("รหัสการแก้ไข"), lambda each: each.id, is_required=True),
        *fiscal_year(lambda each: each.snapshot.round),
        Column(
            "edition",
            _l("ฉบับที่"),
            lambda each: each.snapshot.number,
            Type.INTEGER,
            about=_l("ฉบับที่ 1 คือฉบับที่เผยแพร่ครั้งแรก"),
            minimum=2,
            is_required=True,
        ),
        Column(
            "corrected_at",
            _l("แก้ไขเมื่อ (เวลาสากล)"),
            lambda each: utc(each.snapshot.made_at),
            Type.DATETIME,
            is_required=True,
        ),
        Column("reason_th", _l("เหตุผล"), lambda each: each.snapshot.reason, is_required=True),
        text(
            "measure_code",
            _l("รหัสมาตรการย่อย"),
            lambda each: each.change["measure"],
            about=_l(
                "เลขข้อเสนอเท่านั้น เมื่อเป็นคำวินิจฉัยทั้งข้อ ว่าง เมื่อเป็นข้อความของรายงานประจำปีหรือการประชุมของรอบ"
            ),
        ),
        text("agency_code", _l("รหัสหน่วยงาน"), lambda each: each.change["agency"]),
        Column(
            "field_code", _l("รหัสรายการที่แก้"), lambda each: each.change["field"], is_required=True
        ),
        Column("field_th", _l("รายการที่แก้"), lambda each: each.words.label, is_required=True),
        text("before", _l("เดิม"), lambda each: each.change["before"], about=_l("ค่าตามที่เก็บ")),
        text("before_th", _l("เดิม"), lambda each: each.words.before, about=_l("ตามที่แสดงบนหน้าเว็บ")),
        text("after", _l("แก้เป็น"), lambda each: each.change["after"], about=_l("ค่าตามที่เก็บ")),
        text("after_th", _l("แก้เป็น"), lambda each: each.words.after, about=_l("ตามที่แสดงบนหน้าเว็บ")),
        is_demo(lambda each: each.snapshot.round),
    ),
    take=_corrections,
    by_year=True,
)

DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        FORUMS,
        RESOLUTIONS,
        MEASURES,
        AGENCIES,
        ASSIGNMENTS,
        STATUS_REPORTS,
        PROGRESS,
        EVIDENCE,
        CORRECTIONS,
    )
}
