"""What a row of a report shows, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.models import Agency, Evidence, ReportState, Role, Round, StatusReport
from followup.models.reports import TEXT_LIMIT
from followup.spreadsheets.types import Field
from followup.spreadsheets.values import FILE_MARK
from followup.spreadsheets.workbook.names import (
    CELL_LIMIT,
    CLAUSE_HEADING,
    KEY_HEADING,
    LINK,
    MONEY_MAX,
    YES,
    Out,
)
from followup.spreadsheets.workbook.signatures import row_key
from followup.status import FORM_ORDER, Status
from proposals.models import Measure


@dataclass(frozen=True)
class Record:
    """One expected report with all that its row shows."""

    report: StatusReport
    evidence: Sequence[Evidence]
    provinces: Sequence[str]
    last: StatusReport | None  # the same assignment's approved report of the round before

    @property
    def measure(self) -> Measure:
        return self.report.measure

    @property
    def agency(self) -> Agency:
        return self.report.assignment.agency

    @cached_property
    def key(self) -> str:
        return row_key(self.report.round.year_be, self.report.assignment_id)

    @property
    def is_settled(self) -> bool:
        """It is with the reviewer or beyond: the agency cannot change it any more."""
        return self.report.state in {ReportState.SUBMITTED, ReportState.APPROVED}


def records(reports: QuerySet[StatusReport]) -> list[Record]:
    """What the rows of some reports show, in the order of the clauses, the lead agency first.

    Seven queries however many there are; what many rows share is loaded once.
    """
    measures = {each.pk: each for each in Measure.objects.select_related("resolution__forum")}
    agencies = Agency.objects.in_bulk()
    rounds = {each.pk: each for each in Round.objects.order_by("year_be")}
    before = dict(zip(list(rounds)[1:], rounds, strict=False))  # round -> the one before it
    rows = list(
        reports.select_related("assignment").order_by(
            "assignment__measure__resolution__forum__year_be",
            "assignment__measure__resolution__number",
            "assignment__measure__number",
            "assignment__role",
            "assignment__agency__sort_key",
            "round__year_be",
        )
    )

    # What belongs to the rows is found by their rounds and agencies, which are few. With the rows' own
    # query inside, PostgreSQL takes minutes where it has not counted the tables since they were filled.
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
    years_before = {before[each.round_id] for each in rows if each.round_id in before}
    last = {
        (report.round_id, report.assignment_id): report
        for report in StatusReport.objects.received()
        .filter(round__in=years_before, assignment__agency__in=of_agencies)
        .only("round_id", "assignment_id", "reported_status", "assessed_status", "results")
    }
    for report in rows:
        report.round = rounds[report.round_id]
        report.assignment.measure = measures[report.assignment.measure_id]
        report.assignment.agency = agencies[report.assignment.agency_id]
    return [
        Record(
            report=report,
            evidence=evidence.get(report.pk, ()),
            provinces=provinces.get(report.pk, ()),
            last=last.get((before.get(report.round_id, 0), report.assignment_id)),
        )
        for report in rows
    ]


def _clause(record: Record) -> str:
    """The measure's short title, and beneath it its words in the source."""
    return f"{record.measure.title_th}\n“{record.measure.span}”"


def _label(status: str) -> str:
    return str(Status(status).label) if status else ""


def _links(record: Record) -> str:
    cell = "\n".join(
        f"{piece.title}{LINK}{piece.url}" if piece.url else f"{FILE_MARK} {piece.title}"
        for piece in record.evidence
    )
    if utf16_length(cell) < CELL_LIMIT:
        return cell
    # Not one link less than there are: what is missing would be taken out when it comes back.
    return _("หลักฐานมากเกินกว่าที่เซลล์ของ Excel รับได้ แก้ไขในระบบ")


def _last_status(record: Record) -> str:
    """What the agency reported last year: the tick "no change" is measured against that."""
    if record.last is None:
        return ""
    reported = _label(record.last.reported_status)
    if not record.last.voices_differ:
        return reported
    return _("%(reported)s (คสป. ประเมินเป็น “%(assessed)s”)") % {
        "reported": reported,
        "assessed": _label(record.last.assessed_status),
    }


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class Kind(StrEnum):
    """How a column's cells are written."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"


@dataclass(frozen=True)
class Heading:
    """A column of a list that goes out: its heading, what a cell of it holds, how it looks.

    `field` is what the import takes it for. `validation` is XlsxWriter's; a column that has one, even
    an empty one, is for the agency to fill in.
    """

    text: str
    value: Callable[[Any], Out]
    kind: Kind = Kind.TEXT
    width: int = 14
    field: Field | None = None
    validation: Mapping[str, Any] | None = None
    hidden: bool = False

    @property
    def is_input(self) -> bool:
        return self.validation is not None


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

#: The headings that the import knows are those of its column alias table, word by word; the others
#: are not in it, so that an export without its keys is still read rightly.
COLUMNS: Sequence[Heading] = (
    Heading("รหัสมาตรการย่อย", lambda r: r.measure.full_code, width=12, field=Field.CLAUSE_CODE),
    Heading(CLAUSE_HEADING, _clause, width=40),
    Heading("บทบาท", lambda r: str(Role(r.report.assignment.role).label), width=13),
    Heading("หน่วยงานรับผิดชอบ", lambda r: r.agency.name_th, width=22, field=Field.LEAD_AGENCY),
    Heading(
        "สถานะ",
        lambda r: _label(r.report.reported_status),
        width=22,
        field=Field.STATUS,
        validation=_STATUSES,
    ),
    Heading(
        "ผลการดำเนินงาน",
        lambda r: r.report.results,
        width=48,
        field=Field.RESULT,
        validation=_limit(TEXT_LIMIT),
    ),
    Heading(
        "ปัญหา/อุปสรรค",
        lambda r: r.report.obstacles,
        width=32,
        field=Field.PROBLEMS,
        validation=_limit(TEXT_LIMIT),
    ),
    Heading(
        "ข้อเสนอแนะ",
        lambda r: r.report.next_steps,
        width=32,
        field=Field.SUGGESTIONS,
        validation=_limit(TEXT_LIMIT),
    ),
    Heading(
        "งบประมาณ (บาท)",
        lambda r: r.report.budget_received,
        Kind.MONEY,
        width=18,
        field=Field.BUDGET,
        validation=_AMOUNT,
    ),
    Heading(
        "เบิกจ่ายแล้ว",
        lambda r: r.report.budget_spent,
        Kind.MONEY,
        width=18,
        field=Field.DISBURSED,
        validation=_AMOUNT,
    ),
    Heading(
        "จังหวัด",
        lambda r: ", ".join(r.provinces),
        width=20,
        field=Field.PROVINCE,
        validation={
            "validate": "any",
            "input_title": _l("จังหวัดที่ดำเนินการ"),
            "input_message": _l("คั่นด้วยจุลภาค เว้นว่างถ้าเป็นระดับประเทศ"),
        },
    ),
    Heading(
        "หลักฐาน",
        _links,
        width=44,
        field=Field.EVIDENCE,
        validation={
            "validate": "any",
            "input_title": _l("หลักฐาน บรรทัดละ 1 รายการ"),
            "input_message": _l(
                "ชื่อหลักฐาน | https://… ขึ้นบรรทัดใหม่ด้วย Alt+Enter (LibreOffice: Ctrl+Enter)"
            ),
        },
    ),
    Heading(
        "มติ คสป. ครั้งที่",
        lambda r: r.report.meeting_ref,
        width=13,
        field=Field.MEETING,
        validation=_limit(
            40,
            input_title=_l("เมื่อสถานะเป็น ยกเลิก / ยุติ"),
            input_message=_l("ครั้งที่ประชุม เช่น 2/2567"),
        ),
    ),
    Heading(
        "ไม่มีการเปลี่ยนแปลง",
        lambda r: YES if r.report.no_change else "",
        width=13,
        field=Field.NO_CHANGE,
        validation=_YES_OR_NOTHING,
    ),
    Heading("ปีก่อน: สถานะ", _last_status, width=22),
    Heading("ปีก่อน: ผล", lambda r: r.last.results if r.last else "", width=44),
    Heading(KEY_HEADING, lambda r: r.key, width=30, field=Field.ROW_KEY, hidden=True),
)
FIELDS = {column.text: column.field for column in COLUMNS}
