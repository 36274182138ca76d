"""The reports of each year, their evidence and their project codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from followup.models import (
    Assignment,
    Evidence,
    EvidenceKind,
    LinkCheck,
    LinkState,
    PublishedProject,
    Role,
    Round,
    StatusReport,
)
from followup.opendata.datasets.columns import (
    AGENCY_CODE,
    MEASURE_ID,
    REPORTED,
    SEPARATOR,
    TYPED,
    agency_code,
    assignment_id,
    coded,
    fiscal_year,
    forum_year,
    is_demo,
    measure_code,
    measure_key,
    resolution_key,
    resolution_number,
    text,
)
from followup.opendata.registry import Column, Dataset, Source, Type, Value
from followup.progress import Line
from followup.project_codes import System
from followup.published import Edition, EditionRows
from followup.report_fields import Kind, ReportField, Writer, label_of, statuses_first
from followup.status import Status


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
        return f"{self.round.code}-{assignment_id(self.assignment)}"

    @property
    def assessed(self) -> StatusReport | None:
        """The report if the public sees both statuses, reported and assessed; else None."""
        return self.report if self.report and self.report.voices_differ else None


def expected(
    source: Source, wanted: Mapping[str, Value], row: Callable[[Round, Edition, Line], Reported]
) -> EditionRows:
    """The expected reports of the source's editions, in their order; `row` makes a dataset's row."""
    round_of = {edition.pk: round_ for round_, edition in source.editions.items()}

    def read(edition: Edition, rows: Sequence[Any]) -> list[Reported]:
        return [row(round_of[edition.pk], edition, line) for line in edition.lines(rows)]

    every = source.editions.values()
    return EditionRows(
        [(edition, edition.wanted(edition.counted_rows(), wanted)) for edition in every], read
    )


def _reports(source: Source, wanted: Mapping[str, Value]) -> EditionRows:
    return expected(source, wanted, lambda round_, _edition, line: Reported(round_, line))


_KEY = re.compile(rf"(.+?)-({MEASURE_ID})-({AGENCY_CODE})-[0-9]{{4}}")


def of_key(key: str) -> dict[str, Value] | None:
    """What a report's key says of its row: the measure and the agency."""
    match = _KEY.fullmatch(key)
    return {"measure_id": match[2], "agency_code": match[3]} if match else None


def of_report(attribute: str) -> Callable[[Reported], Value]:
    """A field of the approved report; null if none was received."""
    return lambda each: getattr(each.report, attribute) if each.report else None


def of_assessment(attribute: str) -> Callable[[Reported], Value]:
    return lambda each: getattr(each.assessed, attribute) if each.assessed else None


def about_report(each: Callable[[Any], Reported]) -> list[Column]:
    """The columns that identify a report: year, clause, agency, and keys of other datasets."""
    return [
        *fiscal_year(lambda item: each(item).round),
        *forum_year(lambda item: each(item).assignment.measure.resolution.forum),
        resolution_key(lambda item: each(item).assignment.measure.resolution, is_required=True),
        resolution_number(
            lambda item: each(item).assignment.measure.resolution.number, is_required=True
        ),
        measure_key(lambda item: each(item).assignment.measure, is_required=True),
        measure_code(lambda item: each(item).assignment.measure.code, is_required=True),
        agency_code(lambda item: each(item).assignment.agency.code, is_required=True),
    ]


def of_its_report() -> list[Column]:
    """The columns by which a part of a report names it."""
    return [
        Column(
            "report_id",
            _l("รหัสรายงาน"),
            lambda each: each.reported.id,
            is_required=True,
            refers_to="status_reports",
        ),
        *about_report(lambda each: each.reported),
    ]


def about_assignment() -> list[Column]:
    """The assignment of a report, and the agency's role in it."""
    return [
        Column(
            "assignment_id",
            _l("รหัสการมอบหมาย"),
            lambda each: assignment_id(each.assignment),
            is_required=True,
            refers_to="assignments",
        ),
        *coded("role", _l("บทบาท"), Role, lambda each: each.assignment.role, is_required=True),
    ]


def _columns(field: ReportField) -> list[Column]:
    """The columns of a declared field: a status has a code and a label, provinces a code and a name."""
    name, title = field.data_name, field.label
    is_of_report = field.writer is Writer.AGENCY or field.stands_alone
    value = of_report(field.name) if is_of_report else of_assessment(field.name)
    match field.kind:
        case Kind.STATUS:
            about = "" if field.writer is Writer.AGENCY else _l("มีเฉพาะเมื่อต่างจากที่หน่วยงานรายงาน")
            code = cast("Callable[[Reported], str | None]", value)
            return coded(name, title, Status, code, values=TYPED, about=about)
        case Kind.MONEY:
            return [Column(f"{name}_baht", title, value, Type.NUMBER, minimum=0)]
        case Kind.COUNT:
            return [Column(name, title, value, Type.INTEGER, minimum=0)]
        case Kind.NUMBER:
            return [Column(name, title, _without_zeros(field, value), Type.NUMBER)]
        case Kind.DATE:
            return [Column(name, title, value, Type.DATE)]
        case Kind.CHOICE:
            words = type(field.choices[0])
            code = cast("Callable[[Reported], str | None]", value)
            return coded(name, title, words, code, values=field.choices)
        case Kind.FLAG:
            return [Column(name, title, value, Type.BOOLEAN)]
        case Kind.PROVINCES:
            about = _l("คั่นด้วย |")
            return [
                text(f"{name}_codes", _l("รหัสจังหวัดที่ดำเนินการ"), _provinces("pk"), about=about),
                text(f"{name}s_th", title, _provinces("name_th"), about=about),
            ]
    return [text(name, title, value)]


def _without_zeros(
    field: ReportField, value: Callable[[Reported], Value]
) -> Callable[[Reported], Value]:
    """A decimal number as people write it, not with the places of its database column."""
    return lambda each: field.stored(field.plain(value(each)))


def _provinces(attribute: str) -> Callable[[Reported], Value]:
    """What a report's provinces have in an attribute, in one cell."""

    def joined(each: Reported) -> str:
        provinces = each.report.provinces.all() if each.report else ()
        return SEPARATOR.join(getattr(province, attribute) for province in provinces)

    return joined


STATUS_REPORTS = Dataset(
    name="status_reports",
    title=_l("รายงานผล"),
    about=_l("รายงานที่คาดหมายทุกฉบับของรอบที่เผยแพร่แล้ว รวมฉบับที่ยังไม่ได้รับ หนึ่งแถวต่อหนึ่งปีและหนึ่งการมอบหมาย"),
    key="report_id",
    example="report",
    columns=(
        Column("report_id", _l("รหัสรายงาน"), lambda each: each.id, is_required=True),
        *about_report(lambda each: each),
        Column(
            "agency_name_th",
            _l("ชื่อหน่วยงาน"),
            lambda each: each.assignment.agency.name_th,
            is_required=True,
        ),
        *about_assignment(),
        *coded(
            "status",
            _l("สถานะที่เผยแพร่"),
            Status,
            lambda each: each.line.status,
            values=REPORTED,
            about=_l("สถานะที่ใช้นับ: ที่ คสป. ประเมิน หรือที่หน่วยงานรายงาน แล้วเสร็จและต่อเนื่องต้องมีหลักฐาน"),
            is_required=True,
        ),
        *(
            column
            for field in statuses_first()
            if field.is_public and field.data_name and field.kind is not Kind.EVIDENCE
            for column in _columns(field)
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
    take=lambda source: _reports(source, {}),
    by_year=True,
    select=_reports,
    implied=of_key,
)


def _evidence_of(each: Reported) -> list[Evidence]:
    return list(each.report.public_evidence) if each.report else []


@dataclass(frozen=True)
class Piece:
    """One public piece of evidence, and its position within its report."""

    reported: Reported
    number: int
    evidence: Evidence

    @property
    def id(self) -> str:
        return f"{self.reported.id}-{self.number}"

    @property
    def check(self) -> LinkCheck | None:
        return self.evidence.check_of_link

    @property
    def kind(self) -> str:
        return "link" if self.evidence.url else "file"


def _evidence(source: Source, wanted: Mapping[str, Value]) -> EditionRows:
    """The public evidence of the source's editions, in the order of its reports."""
    round_of = {edition.pk: round_ for round_, edition in source.editions.items()}

    def read(edition: Edition, rows: Sequence[Any]) -> list[Piece]:
        places = [(row.line_position, row.number) for row in rows]
        lines = list(edition.rows().filter(position__in={place for place, _number in places}))
        by_place = {
            row.position: Reported(round_of[edition.pk], line)
            for row, line in zip(lines, edition.lines(lines), strict=True)
        }
        return [
            Piece(by_place[place], number, _evidence_of(by_place[place])[number - 1])
            for place, number in places
        ]

    every = source.editions.values()
    return EditionRows(
        [(edition, edition.wanted(edition.evidence(), wanted)) for edition in every], read
    )


def _of_numbered(key: str) -> dict[str, Value] | None:
    """What the key of a part of a report says of its row: that of the report, and a number."""
    return of_key(key.rpartition("-")[0])


EVIDENCE = Dataset(
    name="evidence",
    title=_l("ดัชนีหลักฐาน"),
    about=_l("หลักฐานที่เปิดเผยต่อสาธารณะของรายงานในรอบที่เผยแพร่แล้ว"),
    key="evidence_id",
    example="evidence",
    columns=(
        Column("evidence_id", _l("รหัสหลักฐาน"), lambda each: each.id, is_required=True),
        *of_its_report(),
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
            lambda each: each.evidence.file_at,
            about=_l("ของลิงก์: สำเนาที่ระบบเก็บไว้"),
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
        *coded(
            "evidence_kind",
            _l("ประเภทหลักฐาน"),
            EvidenceKind,
            lambda each: each.evidence.kind,
            about=_l("ว่าง: ยังไม่ระบุ"),
        ),
        Column("dated_on", _l("หลักฐานลงวันที่"), lambda each: each.evidence.dated_on, Type.DATE),
        text("issuer_th", _l("ผู้ออกหลักฐาน"), lambda each: each.evidence.issuer),
        Column(
            "has_copy",
            _l("มีสำเนาของลิงก์"),
            lambda each: each.evidence.is_copied_link,
            Type.BOOLEAN,
            is_required=True,
        ),
        *coded(
            "link_state",
            _l("ผลการตรวจลิงก์"),
            LinkState,
            lambda each: each.check.state if each.check else None,
            about=_l(
                "ผลล่าสุดของระบบ ไม่ใช่ส่วนหนึ่งของฉบับที่เผยแพร่ gone: เปิดไม่ได้สามวันติดต่อกัน "
                "unknown: เว็บไซต์ไม่ให้โปรแกรมตรวจ ว่าง: ไฟล์ หรือยังไม่ได้ตรวจ"
            ),
        ),
        Column(
            "link_checked_on",
            _l("ตรวจลิงก์เมื่อ"),
            lambda each: timezone.localdate(each.check.checked_at) if each.check else None,
            Type.DATE,
        ),
        is_demo(lambda each: each.reported.round),
    ),
    take=lambda source: _evidence(source, {}),
    by_year=True,
    select=_evidence,
    implied=_of_numbered,
)


@dataclass(frozen=True)
class Coded:
    """One project code of a report."""

    reported: Reported
    row: PublishedProject

    @property
    def id(self) -> str:
        return f"{self.reported.id}-{self.row.number}"


def _codes(source: Source, wanted: Mapping[str, Value]) -> EditionRows:
    """The project codes of the source's editions, in the order of its reports."""
    round_of = {edition.pk: round_ for round_, edition in source.editions.items()}

    def read(edition: Edition, rows: Sequence[Any]) -> list[Coded]:
        lines = list(edition.rows().filter(position__in={row.line_position for row in rows}))
        by_place = {
            row.position: Reported(round_of[edition.pk], line)
            for row, line in zip(lines, edition.lines(lines), strict=True)
        }
        return [Coded(by_place[row.line_position], row) for row in rows]

    every = source.editions.values()
    return EditionRows(
        [(edition, edition.wanted(edition.projects(), wanted)) for edition in every], read
    )


PROJECT_CODES = Dataset(
    name="project_codes",
    title=_l("รหัสโครงการของรายงาน"),
    about=_l(
        "รหัสโครงการในระบบอื่นของรัฐที่หน่วยงานให้ไว้ในรายงานของรอบที่เผยแพร่แล้ว หนึ่งแถวต่อหนึ่งรายงานและหนึ่งรหัส "
        "รหัสเดียวกันมี code_key เดียวกัน ไม่ว่าจะเขียนอย่างไร"
    ),
    key="project_code_id",
    example="project",
    columns=(
        Column("project_code_id", _l("รหัสแถว"), lambda each: each.id, is_required=True),
        *of_its_report(),
        *coded(
            "system",
            _l("ระบบที่ออกรหัส"),
            System,
            lambda each: each.row.system,
            values=(each.value for each in System if each.value),
            about=_l("ว่างถ้าหน่วยงานไม่ได้ระบุ"),
        ),
        Column("code", label_of("project_codes"), lambda each: each.row.code, is_required=True),
        Column(
            "code_key",
            _l("รหัสสำหรับเทียบ"),
            lambda each: each.row.key,
            about=_l("ไม่มีช่องว่างและขีด เป็นเลขอารบิกและอักษรตัวเล็ก"),
            is_required=True,
        ),
        Column("url", _l("ลิงก์"), lambda each: each.row.url or None, is_url=True),
        is_demo(lambda each: each.reported.round),
    ),
    take=lambda source: _codes(source, {}),
    by_year=True,
    select=_codes,
    implied=_of_numbered,
)
