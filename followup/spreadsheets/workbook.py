"""The workbook that goes out to an agency, and its way back.

A row carries a key (year, assignment, signature) in a hidden column; the hidden sheet `_portal` says for
which round and agency the workbook was made, and is signed with all its keys. So a filled-in workbook
is read without any question, and one that was tampered with is known as such.

Text goes out through `forum_portal.cells.safe_cell`; whoever reads cells takes `unsafe_cell`.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from io import BytesIO
from math import ceil
from typing import Any, TypeAlias

import xlsxwriter  # type: ignore[import-untyped]
import xlsxwriter.worksheet  # type: ignore[import-untyped]
from django.core.signing import Signer
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.models import (
    Agency,
    Assignment,
    Evidence,
    ReportState,
    Role,
    Round,
    StatusReport,
)
from followup.models.reports import TEXT_LIMIT
from followup.spreadsheets.types import (
    Book,
    Cell,
    Column,
    Field,
    Layout,
    Problem,
    Sheet,
    Unreadable,
)
from followup.spreadsheets.values import FILE_MARK
from followup.status import FORM_ORDER, Status
from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.thai import clean_text, format_date
from proposals.models import Measure

#: Goes up when a workbook of the shape before can no longer be read as one of today's.
TEMPLATE_VERSION = 1
# Names by which a workbook is known when it comes back: not to be translated.
SHEET, HELP_SHEET, META_SHEET = "รายงานผล", "คำแนะนำ", "_portal"
KEY_HEADING, CLAUSE_HEADING = "รหัสแถว", "ข้อความมาตรการย่อย"
YES = "ใช่"
LINK = " | "  # between the title of a piece of evidence and its address

CELL_LIMIT = 32_767  # characters that Excel has room for in a cell
MONEY_MAX = Decimal("9999999999999.99")
_SALT = "followup.spreadsheets.workbook"
_SIGNATURE = 16  # characters of a row's signature: 96 bits
_HEADER_WITHIN = 50  # rows; further down nobody looks for it
_KEY = re.compile(rf"(\d{{4}})-(\d{{1,18}})-([\w-]{{{_SIGNATURE}}})", re.ASCII)

Out: TypeAlias = str | int | Decimal | None  # what a cell can hold on its way out
Rows: TypeAlias = Iterable[Sequence[Out]]


# What a row shows -----------------------------------------------------------------------------


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
    measures = {each.pk: each for each in Measure.objects.select_related("resolution")}
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
    if _utf16_length(cell) < CELL_LIMIT:
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


def _utf16_length(text: str) -> int:
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
    Heading("รหัสมาตรการย่อย", lambda r: r.measure.code, width=11, field=Field.CLAUSE_CODE),
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
_FIELDS = {column.text: column.field for column in COLUMNS}


# Signatures -----------------------------------------------------------------------------------


def row_key(year: int, assignment: int) -> str:
    """The key of a row: readable, and impossible to make up."""
    signature = Signer(salt=f"{_SALT}.row").signature(f"{year}-{assignment}")
    return f"{year}-{assignment}-{signature[:_SIGNATURE]}"


def key_parts(key: str) -> tuple[int, int] | None:
    """(year, assignment) of a key; None where this portal has not made it."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    year, assignment = int(match[1]), int(match[2])
    value = f"{year}-{assignment}"
    if not _is_signed(value, match[3], f"{_SALT}.row", _SIGNATURE):
        return None
    return year, assignment


def _is_signed(value: str, signature: str, salt: str, length: int | None = None) -> bool:
    """Whether this is the signature of `value` (its first `length` characters), with today's secret
    key or one of those before."""
    signer = Signer(salt=salt)
    return any(
        constant_time_compare(signature, signer.signature(value, key)[:length])
        for key in (signer.key, *signer.fallback_keys)
    )


def _statement(version: int, year: int, agency_code: str, keys: Iterable[str]) -> str:
    """What the metadata's signature stands for."""
    return json.dumps([version, year, agency_code, *sorted(keys)])


# Writing --------------------------------------------------------------------------------------


class _Worksheet(xlsxwriter.worksheet.Worksheet):
    """Rows with a first height that still grow when more is typed into them.

    Without a height LibreOffice shows one line of each cell; with XlsxWriter's, Excel keeps it.
    """

    def _xml_start_tag_unencoded(self, tag: str, attributes: Sequence[tuple[str, Any]]) -> None:
        kept = [pair for pair in attributes if (tag, pair[0]) != ("row", "customHeight")]
        super()._xml_start_tag_unencoded(tag, kept)


class Writer:
    """A workbook in the making: text is text, and looks the same wherever it stands."""

    FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
    HEAD = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    GREY, LINE = "#F2F2F2", "#BFBFBF"

    def __init__(self, **options: Any) -> None:
        self.buffer = BytesIO()
        self.book = xlsxwriter.Workbook(
            self.buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            }
            | options,
        )
        self._styles: dict[str, Any] = {}

    def style(self, **properties: Any) -> Any:
        """A cell's format; the same one for the same properties."""
        key = repr(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.book.add_format(self.FONT | properties)
        return self._styles[key]

    def heading_style(self, *, is_input: bool = True) -> Any:
        colours = {"bg_color": "#1F3864", "font_color": "#FFFFFF"} if is_input else {}
        return self.style(**self.HEAD | {"bg_color": "#D9D9D9"} | colours)

    def cell_style(self, kind: Kind, *, locked: bool = True, fill: str = "") -> Any:
        """Text columns are formatted as text, so that Excel leaves alone what is typed there:
        "2/2569" is no date and "- ข้อแรก" no formula."""
        properties: dict[str, Any] = {"border": 1, "border_color": self.LINE, "locked": locked}
        if fill:
            properties["bg_color"] = fill
        if kind is Kind.TEXT:
            properties |= {"text_wrap": True, "num_format": "@"}
        elif kind is Kind.MONEY:
            properties["num_format"] = "#,##0.00"
        return self.style(**properties)

    def add_sheet(self, name: str) -> Any:
        return self.book.add_worksheet(name, _Worksheet)

    def done(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()


def put(sheet: Any, row: int, column: int, value: Out, style: Any = None) -> None:
    """Write one cell: numbers stay numbers, text never runs and is never cut."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        text = safe_cell(value)
        if _utf16_length(text) > CELL_LIMIT:
            raise ValueError(f"no room for {len(text)} characters in a cell")
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_number(row, column, value, style)


_POINTS = 20  # of a line of text
_CHARACTERS = (
    0.9  # of text in a column's unit of width; where the font is missing, others are wider
)
_HEIGHT_MAX = 409  # points; Excel's own limit
_NO_WIDTH = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")  # vowels and marks above and below


def height_for(values: Iterable[Out], widths: Iterable[int], *, lines: int = 1) -> int:
    """Points that a row needs to show its text, and at least so many lines."""
    for value, width in zip(values, widths, strict=True):
        if isinstance(value, str) and value:
            paragraphs = _NO_WIDTH.sub("", value).split("\n")
            room = width * _CHARACTERS
            lines = max(lines, sum(max(1, ceil(len(each) / room)) for each in paragraphs))
    return min(lines * _POINTS, _HEIGHT_MAX)


def add_metadata(writer: Writer, year: int, agency_code: str, keys: Sequence[str]) -> None:
    """The hidden sheet by which a workbook is known when it comes back."""
    sheet = writer.add_sheet(META_SHEET)
    sheet.very_hidden()
    statement = _statement(TEMPLATE_VERSION, year, agency_code, keys)
    lines = [
        ("template_version", str(TEMPLATE_VERSION)),
        ("round", str(year)),
        ("agency", agency_code),
        ("created", timezone.localdate().isoformat()),
        ("signature", Signer(salt=_SALT).signature(statement)),
        *(("row", key) for key in keys),
    ]
    for row, (name, value) in enumerate(lines):
        put(sheet, row, 0, name)
        put(sheet, row, 1, value)


# The workbook that goes out -------------------------------------------------------------------

HEADER_ROW = 3  # after round, agency and due date


def agency_workbook(round_: Round, agency: Agency) -> bytes:
    """An agency's expected reports of a round, filled in as far as they are stored, as .xlsx."""
    return _workbook(round_, agency, records(round_.reports.filter(assignment__agency=agency)))


def all_workbooks(round_: Round) -> bytes:
    """A zip with the workbook of every agency that a report of the round is expected of."""
    by_agency: dict[Agency, list[Record]] = {}
    for record in records(round_.reports.all()):
        by_agency.setdefault(record.agency, []).append(record)
    buffer = BytesIO()
    names: set[str] = set()
    with zipfile.ZipFile(buffer, "w") as archive:  # an .xlsx is compressed already
        for agency in sorted(by_agency, key=lambda each: (each.sort_key, each.pk)):
            name = file_name(round_, agency)
            if name in names:  # two agencies may share an abbreviation
                name = file_name(round_, agency, with_code=True)
            names.add(name)
            archive.writestr(name, _workbook(round_, agency, by_agency[agency]))
    return buffer.getvalue()


def file_name(round_: Round, agency: Agency, *, with_code: bool = False) -> str:
    """A Thai name that every file system takes: letters, digits, - and _, not too long."""
    code = f" {agency.code}" if with_code else ""
    # Thai vowels and tones are no word characters to `re`.
    who = re.sub(r"[^\w\u0e00-\u0e7f-]+", "_", f"{agency.short.replace('.', '')[:50]}{code}")
    return f"{SHEET}_{round_.year_be}_{who.strip('_')}.xlsx"


def _workbook(round_: Round, agency: Agency, rows: Sequence[Record]) -> bytes:
    writer = Writer()
    writer.book.set_properties({"title": f"{SHEET} {round_.name}", "subject": str(agency)})
    _add_table(writer, round_, agency, rows)
    _add_help(writer)
    add_metadata(writer, round_.year_be, agency.code, [record.key for record in rows])
    return writer.done()


def _add_table(writer: Writer, round_: Round, agency: Agency, rows: Sequence[Record]) -> None:
    sheet = writer.add_sheet(SHEET)
    put(
        sheet,
        0,
        0,
        _("รายงานผลตามข้อเสนอ CSOs Forum %(round)s") % {"round": round_.name},
        writer.style(bold=True, font_size=18),
    )
    put(sheet, 1, 0, _("หน่วยงาน: %(agency)s") % {"agency": agency}, writer.style(bold=True))
    put(
        sheet,
        2,
        0,
        _("กำหนดส่ง: %(day)s · กรอกช่องสีขาว ช่องสีเทาล็อกไว้ วิธีกรอกและนิยามสถานะอยู่ในแผ่น “%(sheet)s”")
        % {"day": format_date(round_.due_on), "sheet": HELP_SHEET},
        writer.style(),
    )
    for row, height in enumerate((28, 22, 22, 62)):
        sheet.set_row(row, height)
    first, last = HEADER_ROW + 1, HEADER_ROW + len(rows)
    widths = [column.width for column in COLUMNS]
    for at, column in enumerate(COLUMNS):
        put(sheet, HEADER_ROW, at, column.text, writer.heading_style(is_input=column.is_input))
        sheet.set_column(at, at, column.width, None, {"hidden": column.hidden})
        if column.validation and rows:
            sheet.data_validation(first, at, last, at, _spoken(column.validation))
    for row, record in enumerate(rows, start=first):
        values = [column.value(record) for column in COLUMNS]
        sheet.set_row(row, height_for(values, widths, lines=3))
        for at, column in enumerate(COLUMNS):
            locked = record.is_settled or not column.is_input
            style = writer.cell_style(
                column.kind, locked=locked, fill=writer.GREY if locked else ""
            )
            put(sheet, row, at, values[at], style)
    sheet.freeze_panes(first, 2)
    # The key is in the range: rows that are sorted take it along.
    sheet.autofilter(HEADER_ROW, 0, max(last, HEADER_ROW), len(COLUMNS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:A{last + 1}"})
    sheet.protect(
        "",  # against accidents, not against people
        {
            "format_columns": True,
            "format_rows": True,
            "autofilter": True,
            "sort": True,
            "select_locked_cells": True,
            "select_unlocked_cells": True,
        },
    )
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)


def _spoken(validation: Mapping[str, Any]) -> dict[str, Any]:
    """A validation with its sentences in words, as XlsxWriter takes it."""
    spoken = {
        name: str(value) if isinstance(value, Promise) else value
        for name, value in validation.items()
    }
    if "source" in spoken:
        spoken["source"] = [str(word) for word in spoken["source"]]
    return spoken


def _add_help(writer: Writer) -> None:
    """How to fill it in, and when to use which status."""
    sheet = writer.add_sheet(HELP_SHEET)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    bold, plain = writer.style(bold=True), writer.style(text_wrap=True)
    lines: list[tuple[str, str]] = [
        (
            _("วิธีกรอก"),
            _("กรอกหรือแก้เฉพาะช่องสีขาวในแผ่น “%(sheet)s” บันทึกเป็น .xlsx แล้วส่งไฟล์เดิมกลับ")
            % {"sheet": SHEET},
        ),
        ("", _("หนึ่งแถวคือหนึ่งมาตรการย่อย แถวที่ไม่รายงานให้เว้นว่าง ไม่ต้องเพิ่มแถวหรือคอลัมน์")),
        ("", _("แถวที่ล็อกทั้งแถวคือรายงานที่ส่งตรวจหรือรับรองแล้ว หากต้องแก้ไข ติดต่อฝ่ายเลขานุการ คสป.")),
        (_("สถานะ"), _("เลือกจากรายการตามนิยามด้านล่าง")),
        (
            _("ผลการดำเนินงาน"),
            _("ทำอะไร ที่ไหน เมื่อไร เกิดผลอย่างไร ไม่เกิน 4,000 อักขระ ขึ้นบรรทัดใหม่ด้วย Alt+Enter"),
        ),
        (_("ปัญหา/อุปสรรค"), _("บังคับเมื่อเลือก “ชะลอ / ติดปัญหา”")),
        (_("งบประมาณ (บาท)"), _("ตัวเลข หน่วยเป็นบาท เช่น 1250000")),
        (_("จังหวัด"), _("คั่นด้วยจุลภาค เช่น เชียงใหม่, ลำพูน เว้นว่างถ้าเป็นระดับประเทศ")),
        (
            _("หลักฐาน"),
            _("บรรทัดละ 1 รายการ: ชื่อหลักฐาน | https://… บังคับเมื่อแล้วเสร็จหรือต่อเนื่อง ปิดบังข้อมูลส่วนบุคคลก่อน"),
        ),
        (_("มติ คสป. ครั้งที่"), _("บังคับเมื่อเลือก “ยกเลิก / ยุติ” เช่น 2/2567")),
        (
            _("ไม่มีการเปลี่ยนแปลง"),
            _("เลือก “ใช่” เมื่อผลเหมือนปีก่อนทุกประการ สถานะต้องตรงกับ “ปีก่อน: สถานะ”"),
        ),
        ("", ""),
        (_("สถานะ"), _("ใช้เมื่อ")),
        *((str(status.label), str(status.definition)) for status in FORM_ORDER),
    ]
    for row, (name, words) in enumerate(lines):
        put(sheet, row, 0, name, bold)
        put(sheet, row, 1, words, plain)
        sheet.set_row(row, height_for([name, words], [28, 100]))
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


# The workbook that comes back -----------------------------------------------------------------


@dataclass(frozen=True)
class OwnWorkbook:
    """What the portal knows of a file that it made itself.

    `agency_code` is empty for a list of all agencies; `keys` is row index -> assignment.
    """

    year: int
    agency_code: str
    template_version: int
    layout: Layout
    keys: Mapping[int, int] = field(default_factory=dict)


def read_back(book: Book) -> OwnWorkbook | None:
    """What a file of the portal's own says of itself; None for any other file.

    Rows may be missing, sorted or filled in. Raises Unreadable: F14 where keys, headings or metadata
    were changed; F15 where a row belongs to another agency; F11 where no row is left.

    A .csv has no metadata. One whose keys are all genuine and of one year is believed; any other is
    an ordinary file.
    """
    if book.kind == "csv":
        return _read_back_csv(book)
    meta = next((sheet for sheet in book.sheets if sheet.name.strip() == META_SHEET), None)
    if meta is None:
        return None
    year, agency_code, signed = _metadata(meta)
    found = [(sheet, _header(sheet)) for sheet in book.sheets if sheet is not meta]
    tables = [(sheet, header) for sheet, header in found if header is not None]
    if len(tables) != 1:  # of two copies nobody knows which was filled in
        raise _tampered()
    sheet, header = tables[0]
    layout = _layout(sheet, header)
    keys = _keys(sheet, layout, year, agency_code, signed)
    if not keys:
        raise Unreadable(Problem("F11"))
    return OwnWorkbook(year, agency_code, TEMPLATE_VERSION, layout, keys)


def check_round(own: OwnWorkbook, year: int) -> None:
    """Raises Unreadable F13 where the workbook is of another round than the one to import into."""
    if own.year != year:
        raise Unreadable(Problem("F13", {"theirs": own.year, "ours": year}))


def _tampered() -> Unreadable:
    return Unreadable(Problem("F14"))


def _read_back_csv(book: Book) -> OwnWorkbook | None:
    sheet = book.sheets[0] if book.sheets else None
    header = _header(sheet) if sheet else None
    if sheet is None or header is None:
        return None
    try:
        layout = _layout(sheet, header)
        first = next((cells for _index, cells in _filled(sheet, layout)), None)
        parts = key_parts(_text(first[_key_column(layout)])) if first else None
        if parts is None:
            return None
        keys = _keys(sheet, layout, parts[0], "", frozenset())
    except Unreadable:
        return None
    return OwnWorkbook(parts[0], "", TEMPLATE_VERSION, layout, keys)


def _text(cell: Cell) -> str:
    """A cell as text, whatever a program made of it when it saved the file."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean_text(str(unsafe_cell(cell)))


def _metadata(sheet: Sheet) -> tuple[int, str, frozenset[str]]:
    """(year, agency, keys) as the metadata states them, once its signature has been checked."""
    stated: dict[str, str] = {}
    keys = []
    for cells in sheet.rows:
        name, value = (*map(_text, cells[:2]), "", "")[:2]
        if name == "row":
            keys.append(value)
        elif name:
            stated[name] = value
    try:
        version, year = int(stated["template_version"]), int(stated["round"])
        agency_code, signature = stated.get("agency", ""), stated["signature"]
    except (KeyError, ValueError) as error:
        raise _tampered() from error
    statement = _statement(version, year, agency_code, keys)
    if version != TEMPLATE_VERSION or not _is_signed(statement, signature, _SALT):
        raise _tampered()
    return year, agency_code, frozenset(keys)


def _header(sheet: Sheet) -> int | None:
    """The row in which the heading of the keys stands."""
    return next(
        (
            row
            for row, cells in enumerate(sheet.rows[:_HEADER_WITHIN])
            if any(isinstance(cell, str) and cell.strip() == KEY_HEADING for cell in cells)
        ),
        None,
    )


def _layout(sheet: Sheet, header: int) -> Layout:
    """The columns by our own headings. Raises F14 where one of ours is gone or stands there twice."""
    headings = [_text(cell) for cell in sheet.rows[header]]
    if any(headings.count(column.text) != 1 for column in COLUMNS if column.field):
        raise _tampered()
    columns = [
        Column(at, heading, _FIELDS.get(heading), sure=heading in _FIELDS)
        for at, heading in enumerate(headings)
        if heading
    ]
    return Layout(sheet.name, header, header, columns)


def _key_column(layout: Layout) -> int:
    return layout.of(Field.ROW_KEY)[0].index


def _filled(sheet: Sheet, layout: Layout) -> Iterable[tuple[int, Sequence[Cell]]]:
    """(index, cells) of the rows under the header that hold anything."""
    for index, cells in enumerate(sheet.rows):
        if index > layout.header_last and any(_text(cell) for cell in cells):
            yield index, cells


@dataclass(frozen=True)
class _Place:
    """Where an assignment stands: what the labels of its row say."""

    agency_code: str
    agency: str
    code: str


def _places() -> dict[int, _Place]:
    return {
        pk: _Place(agency_code, agency, f"{resolution}.{number}")
        for pk, agency_code, agency, resolution, number in Assignment.objects.order_by().values_list(
            "pk",
            "agency__code",
            "agency__name_th",
            "measure__resolution__number",
            "measure__number",
        )
    }


def _keys(
    sheet: Sheet, layout: Layout, year: int, agency_code: str, signed: frozenset[str]
) -> dict[int, int]:
    """Row index -> assignment, every key checked. `signed` are those that the metadata vouches for.

    A key that stands beside another row's labels was left behind when the rows were sorted or pasted.
    """
    places = _places()
    codes_of: dict[str, set[str]] = {}
    for each in places.values():
        codes_of.setdefault(clean_text(each.agency), set()).add(each.agency_code)
    at = _key_column(layout)
    code_at, agency_at = (
        layout.of(name)[0].index for name in (Field.CLAUSE_CODE, Field.LEAD_AGENCY)
    )
    keys: dict[int, int] = {}
    for index, cells in _filled(sheet, layout):
        key = _text(cells[at])
        parts = _KEY.fullmatch(key)
        found = (int(parts[1]), int(parts[2])) if parts and key in signed else key_parts(key)
        place = places.get(found[1]) if found else None
        if found is None or place is None or found[0] != year:
            raise _tampered()
        if agency_code and place.agency_code != agency_code:
            raise Unreadable(Problem("F15", {"theirs": _name_of(agency_code)}))
        named = codes_of.get(_text(cells[agency_at]))
        if not _is_code(cells[code_at], place.code) or (named and place.agency_code not in named):
            raise _tampered()
        keys[index] = found[1]
    return keys


def _is_code(cell: Cell, code: str) -> bool:
    """Whether a label still names the measure; a program may have made the number 2.1 of 2.10."""
    text = _text(cell)
    try:
        return text in {"", code} or float(text) == float(code)
    except ValueError:
        return False


def _name_of(agency_code: str) -> str:
    agency = Agency.objects.filter(code=agency_code).first()
    return str(agency) if agency else agency_code
