"""The columns of a report's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from typing import Any

from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import standing, standing_words
from followup.models import Agency, Evidence, Role, Round, StatusReport
from followup.report_fields import Kind, ReportField, Section, Writer, is_asked, with_column
from followup.spreadsheets.fields import Field
from followup.spreadsheets.values import FILE_MARK
from followup.spreadsheets.values.links import described, written
from followup.spreadsheets.workbook.names import (
    CELL_LIMIT,
    CLAUSE_HEADING,
    KEY_HEADING,
    MONEY_MAX,
    YES,
    Out,
)
from followup.spreadsheets.workbook.signatures import row_key
from followup.status import FORM_ORDER
from forum_portal.thai import COUNT_MAX, NUMBER_MAX, typed_date
from proposals.models import Measure


@dataclass(frozen=True)
class Record:
    """One expected report with all data of its row."""

    report: StatusReport
    evidence: Sequence[Evidence]
    provinces: Sequence[str]
    last: StatusReport | None  # the same assignment's last received report of an earlier round
    before: Mapping[Section, str]  # what stands if the row is silent, see `standing_words`

    @property
    def measure(self) -> Measure:
        return self.report.measure

    @property
    def agency(self) -> Agency:
        return self.report.assignment.agency

    @cached_property
    def key(self) -> str:
        return row_key(self.report.round.code, self.report.assignment_id)

    @property
    def is_settled(self) -> bool:
        """Whether it was submitted or approved: the agency cannot change it any more."""
        return self.report.is_settled


def records(reports: QuerySet[StatusReport]) -> list[Record]:
    """The records of reports, in clause order, the lead agency first.

    Eight queries for any number of reports; objects shared by many rows are loaded once.
    """
    measures = {each.pk: each for each in Measure.objects.select_related("resolution__forum")}
    agencies = Agency.objects.in_bulk()
    rounds = Round.objects.in_bulk()
    rows = list(
        reports.select_related("assignment").order_by(
            "assignment__measure__resolution__forum__year_be",
            "assignment__measure__resolution__number",
            "assignment__measure__number",
            "assignment__role",
            "assignment__agency__sort_key",
            "round__year_be",
            "round__months",
        )
    )

    # Related rows are found by rounds and agencies, which are few. With the reports' query as a
    # subquery, PostgreSQL takes minutes if its statistics are older than the data.
    of_agencies = {each.assignment.agency_id for each in rows}
    of_rounds = {each.round_id for each in rows}
    evidence: dict[int, list[Evidence]] = {}
    for piece in Evidence.objects.filter(
        report__round__in=of_rounds, report__assignment__agency__in=of_agencies
    ).order_by("position", "pk"):
        evidence.setdefault(piece.report_id, []).append(piece)
    provinces: dict[int, list[str]] = {}
    for report_id, name in (
        StatusReport.provinces.through.objects.filter(
            statusreport__round__in=of_rounds, statusreport__assignment__agency__in=of_agencies
        )
        .order_by("province__sort_key")
        .values_list("statusreport_id", "province__name_th")
    ):
        provinces.setdefault(report_id, []).append(name)
    last = (
        StatusReport.objects.filter(assignment__agency__in=of_agencies)
        .only("round", "assignment_id", "reported_status", "assessed_status", "results")
        .last_before([rounds[pk] for pk in of_rounds])
    )
    for report in rows:
        report.round = rounds[report.round_id]
        report.assignment.measure = measures[report.assignment.measure_id]
        report.assignment.agency = agencies[report.assignment.agency_id]
    standing.mark_agencies(rows, of_agencies)
    return [
        Record(
            report=report,
            evidence=evidence.get(report.pk, ()),
            provinces=provinces.get(report.pk, ()),
            last=last.of(report),
            before=standing_words.before_in_words(report),
        )
        for report in rows
    ]


def _clause(record: Record) -> str:
    """The measure's short title, and below it the text of the source."""
    return f"{record.measure.title_th}\n“{record.measure.span}”"


def _line(piece: Evidence) -> str:
    """A piece of evidence; one with a file is for people: no import adds, changes or removes it."""
    about = described(piece)
    if not piece.file:
        return written(piece.title, piece.url, about)
    return f"{FILE_MARK} {written(piece.title, piece.url, about) if piece.url else piece.title}"


def _links(record: Record) -> str:
    cell = "\n".join(map(_line, record.evidence))
    if utf16_length(cell) < CELL_LIMIT:
        return cell
    # All links must be included: an import would remove the missing ones.
    return _("หลักฐานมากเกินกว่าที่เซลล์ของ Excel รับได้ แก้ไขในระบบ")


def _last_status(record: Record) -> str:
    """The last reported status and its year, with which "no change" is compared."""
    if record.last is None:
        return ""
    words = _("%(reported)s (ปีงบประมาณ %(year)s)")
    if record.last.voices_differ:
        words = _("%(reported)s (ปีงบประมาณ %(year)s คสป. ประเมินเป็น “%(assessed)s”)")
    return words % {
        "reported": record.last.reported.label,
        "year": record.last.round.label,
        "assessed": record.last.status.label,
    }


def _before(section: Section, record: Record) -> str:
    """What stands of a section; nothing where the agency is not asked for it."""
    is_lead = standing.is_lead(record.report)
    return record.before[section] if is_asked(section, is_lead=is_lead) else ""


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class CellKind(StrEnum):
    """The format of a column's cells."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"


@dataclass(frozen=True)
class Heading:
    """A column of an exported list: its heading, the content and the format of its cells.

    `field` is its meaning for the import. `validation` is in XlsxWriter's format; the agency fills in
    a column that has one, even an empty one, if it is asked for its `section`.
    """

    text: str
    value: Callable[[Any], Out]
    kind: CellKind = CellKind.TEXT
    width: int = 14
    field: Field | None = None
    validation: Mapping[str, Any] | None = None
    hidden: bool = False
    section: Section = Section.REPORT

    @property
    def is_input(self) -> bool:
        return self.validation is not None

    def is_open(self, record: Record) -> bool:
        """Whether the agency may fill in the cell of this row."""
        is_lead = standing.is_lead(record.report)
        return self.is_input and not record.is_settled and is_asked(self.section, is_lead=is_lead)


def _limit(characters: int, **more: Any) -> dict[str, Any]:
    return {
        "validate": "length",
        "criteria": "<=",
        "value": characters,
        "error_title": _l("ข้อความยาวเกินไป"),
        "error_message": format_lazy(
            _l("ข้อความนี้ยาวเกิน {max} อักขระ ตัดให้สั้นลง"), max=f"{characters:,}"
        ),
        **more,
    }


_AMOUNT = {
    "validate": "decimal",
    "criteria": "between",
    "minimum": 0,
    "maximum": MONEY_MAX,
    "error_title": _l("ไม่ใช่จำนวนเงิน"),
    "error_message": _l("ระบุเป็นตัวเลข หน่วยเป็นบาท เช่น 1250000"),
}
_WHOLE = {
    "validate": "integer",
    "criteria": "between",
    "minimum": 0,
    "maximum": COUNT_MAX,
    "error_title": _l("ไม่ใช่จำนวนเต็ม"),
    "error_message": _l("ระบุเป็นตัวเลขจำนวนเต็ม เช่น 1250"),
}
_STATUSES = {
    "validate": "list",
    "source": [status.label for status in FORM_ORDER],
    "error_title": _l("ไม่มีสถานะนี้"),
    "error_message": _l("เลือกสถานะจากรายการ นิยามอยู่ในแผ่น “คำแนะนำ”"),
}
_YES_OR_NOTHING = {
    "validate": "list",
    "source": [YES],
    "error_title": _l("เลือกจากรายการ"),
    "error_message": _l("เลือก “ใช่” หรือเว้นว่าง"),
}

_DECIMAL = {
    "validate": "decimal",
    "criteria": "between",
    "minimum": -NUMBER_MAX,
    "maximum": NUMBER_MAX,
    "error_title": _l("ไม่ใช่ตัวเลข"),
    "error_message": _l("ระบุเฉพาะตัวเลข เช่น 41.5 หน่วยมีช่องของตน"),
}
_ANY = {"validate": "any"}
_DAY = {
    "validate": "any",
    "input_title": _l("วันที่"),
    "input_message": _l("วัน/เดือน/ปี พ.ศ. เช่น 30/9/2570"),
}
#: Kind of field -> the validation and the format of its cells; texts have a length limit as well.
_CHECKS: Mapping[Kind, tuple[Mapping[str, Any], CellKind]] = {
    Kind.STATUS: (_STATUSES, CellKind.TEXT),
    Kind.MONEY: (_AMOUNT, CellKind.MONEY),
    Kind.COUNT: (_WHOLE, CellKind.NUMBER),
    Kind.NUMBER: (_DECIMAL, CellKind.NUMBER),
    # A day is text in the Buddhist era: Excel would show a date of its own as another year.
    Kind.DATE: (_DAY, CellKind.TEXT),
    Kind.CODES: (_ANY, CellKind.TEXT),
    Kind.FLAG: (_YES_OR_NOTHING, CellKind.TEXT),
    Kind.PROVINCES: (_ANY, CellKind.TEXT),
    Kind.EVIDENCE: (_ANY, CellKind.TEXT),
}


def _cell(declared: ReportField, record: Record) -> Out:
    """The value of a field in a report's row."""
    match declared.kind:
        case Kind.EVIDENCE:
            return _links(record)
        case Kind.PROVINCES:
            return ", ".join(record.provinces)
    value = getattr(record.report, declared.name)
    match declared.kind:
        case Kind.STATUS:
            return declared.in_words(value)
        case Kind.CHOICE:
            return declared.in_words(value)
        case Kind.DATE:
            return typed_date(value) if value else ""
        case Kind.FLAG:
            return YES if value else ""
    return value


def _heading(declared: ReportField) -> Heading:
    """The column of a report field that the agency fills in."""
    column = declared.column
    assert column  # noqa: S101  callers pass only fields with a column
    check, cell = _CHECKS.get(declared.kind) or (_limit(declared.limit), CellKind.TEXT)
    if declared.kind is Kind.CHOICE:
        check = {
            "validate": "list",
            "source": [each.label for each in declared.choices],
            "error_title": _l("เลือกจากรายการ"),
            "error_message": _l("เลือกคำตอบจากรายการ หรือเว้นว่าง"),
        }
    if column.note:
        check = {**check, "input_title": column.note[0], "input_message": column.note[1]}
    return Heading(
        declared.heading,
        partial(_cell, declared),
        cell,
        width=column.width,
        field=Field(column.name),
        validation=check,
        section=declared.section,
    )


#: Headings with a meaning for the import are those of its column alias table, word by word. The others
#: are not in it, so that an export without its keys is still read correctly.
HEADINGS: Sequence[Heading] = (
    Heading("รหัสมาตรการย่อย", lambda r: r.measure.full_code, width=12, field=Field.CLAUSE_CODE),
    Heading(CLAUSE_HEADING, _clause, width=40),
    Heading("บทบาท", lambda r: str(Role(r.report.assignment.role).label), width=13),
    Heading("หน่วยงานรับผิดชอบ", lambda r: r.agency.name_th, width=22, field=Field.LEAD_AGENCY),
    *(_heading(field) for field in with_column() if field.writer is Writer.AGENCY),
    Heading("รายงานล่าสุด: สถานะ", _last_status, width=22),
    Heading("รายงานล่าสุด: ผล", lambda r: r.last.results if r.last else "", width=44),
    Heading("คำตอบที่ใช้อยู่", partial(_before, Section.RESPONSE), width=26),
    Heading("กำหนดที่ใช้อยู่", partial(_before, Section.TARGET), width=22),
    Heading(KEY_HEADING, lambda r: r.key, width=30, field=Field.ROW_KEY, hidden=True),
)
FIELDS = {heading.text: heading.field for heading in HEADINGS}
