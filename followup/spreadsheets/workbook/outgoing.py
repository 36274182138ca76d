"""Making the workbook for an agency."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from followup.models import Agency, Round
from followup.report_fields import with_column
from followup.spreadsheets.workbook.columns import HEADINGS, Record, records
from followup.spreadsheets.workbook.names import HELP_SHEET, SHEET
from followup.spreadsheets.workbook.writing import Writer, add_metadata, height_for, put
from followup.status import FORM_ORDER
from forum_portal.thai import format_date

HEADER_ROW = 3  # after round, agency and due date


def agency_workbook(round_: Round, agency: Agency) -> bytes:
    """An agency's expected reports of a round with their stored values, as .xlsx."""
    of_agency = round_.reports.standing().filter(assignment__agency=agency)
    return _workbook(round_, agency, records(of_agency))


def all_workbooks(round_: Round) -> bytes:
    """A zip with the workbook of every agency with an expected report in the round."""
    by_agency: dict[Agency, list[Record]] = {}
    for record in records(round_.reports.standing()):
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
    """A Thai name valid on every file system: letters, digits, - and _, of limited length."""
    code = f" {agency.code}" if with_code else ""
    # Thai vowel and tone marks are not word characters in `re`.
    who = re.sub(r"[^\w\u0e00-\u0e7f-]+", "_", f"{agency.short.replace('.', '')[:50]}{code}")
    return f"{SHEET}_{round_.code}_{who.strip('_')}.xlsx"


def _workbook(round_: Round, agency: Agency, rows: Sequence[Record]) -> bytes:
    writer = Writer()
    writer.book.set_properties({"title": f"{SHEET} {round_.name}", "subject": str(agency)})
    _add_table(writer, round_, agency, rows)
    _add_help(writer)
    add_metadata(writer, round_.code, agency.code, [record.key for record in rows])
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
    widths = [column.width for column in HEADINGS]
    for at, column in enumerate(HEADINGS):
        put(sheet, HEADER_ROW, at, column.text, writer.heading_style(is_input=column.is_input))
        sheet.set_column(at, at, column.width, None, {"hidden": column.hidden})
        if column.validation and rows:
            sheet.data_validation(first, at, last, at, _spoken(column.validation))
    for row, record in enumerate(rows, start=first):
        values = [column.value(record) for column in HEADINGS]
        sheet.set_row(row, height_for(values, widths, lines=3))
        for at, column in enumerate(HEADINGS):
            locked = not column.is_open(record)
            style = writer.cell_style(
                column.kind, locked=locked, fill=writer.GREY if locked else ""
            )
            put(sheet, row, at, values[at], style)
    sheet.freeze_panes(first, 2)
    # The range includes the key, so that it moves with its row when rows are sorted.
    sheet.autofilter(HEADER_ROW, 0, max(last, HEADER_ROW), len(HEADINGS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:A{last + 1}"})
    sheet.protect(
        "",  # protects against accidents, not against people
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
    """A validation with its messages translated, as XlsxWriter needs it."""
    spoken = {
        name: str(value) if isinstance(value, Promise) else value
        for name, value in validation.items()
    }
    if "source" in spoken:
        spoken["source"] = [str(word) for word in spoken["source"]]
    return spoken


def _add_help(writer: Writer) -> None:
    """Add the instruction sheet: how to fill in the workbook, and the meaning of each status."""
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
        ("", _("ช่องของคำตอบล็อกไว้ในแถวที่เป็นหน่วยงานสนับสนุน เพราะตอบเฉพาะหน่วยงานหลัก")),
        (
            _("ที่ใช้อยู่"),
            _(
                "“คำตอบที่ใช้อยู่” และ “กำหนดที่ใช้อยู่” มาจากรายงานที่รับรองแล้ว ใช้ต่อไปถ้าเว้นช่องของคำตอบและกำหนดว่างไว้"
            ),
        ),
        *(
            (field.heading, str(field.column.help))
            for field in with_column()
            if field.column and field.column.help
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
