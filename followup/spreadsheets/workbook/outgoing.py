"""The workbook that goes out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from followup.models import Agency, Round
from followup.spreadsheets.workbook.columns import COLUMNS, Record, records
from followup.spreadsheets.workbook.names import HELP_SHEET, SHEET
from followup.spreadsheets.workbook.writing import Writer, add_metadata, height_for, put
from followup.status import FORM_ORDER
from forum_portal.thai import format_date

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
