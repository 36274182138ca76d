"""The workbook that goes out to an agency: its sheets, its choices, its protection."""

import re
import zipfile
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl.utils import get_column_letter

from followup import actions
from followup.models import Agency, ReportState, Role, Round
from followup.spreadsheets import workbook
from followup.status import FORM_ORDER
from followup.tests.factories import grow, make_report
from followup.tests.spreadsheets.office import SOFFICE, WHY, changed, convert, read
from followup.tests.spreadsheets.workbook.sheets import (
    FIRST,
    HEADINGS,
    KEY,
    at,
    own,
    reports_of,
    row_of,
    table,
)

#: The response to a measure, which only its lead agency gives.
OF_LEADS = {
    "คำตอบต่อมาตรการย่อย",
    "เหตุผลของคำตอบ",
    "หน่วยงานที่มีอำนาจ",
    "วันที่ตอบรับมาตรการ",
    "หนังสือที่ตอบ",
}


def test_title_heading_and_one_row_a_report(open_round, agency, content):
    sheet = table(content)
    titles = [sheet.cell(row, 1).value for row in (1, 2, 3)]
    assert titles[0] == "รายงานผลตามข้อเสนอ CSOs Forum รอบ 12 เดือน ปีงบประมาณ 2569"
    assert titles[1] == "หน่วยงาน: สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน) (พอช.)"
    assert titles[2].startswith("กำหนดส่ง: 30 พฤศจิกายน 2569 ")
    assert [cell.value for cell in sheet[workbook.HEADER_ROW + 1]] == HEADINGS
    codes = [sheet.cell(row, 1).value for row in range(FIRST, sheet.max_row + 1)]
    assert codes == [report.measure.full_code for report in reports_of(open_round, agency)]
    assert len(codes) > 5


def test_choices_and_checks_in_the_cells(content):
    sheet = table(content)
    found = {}
    for validation in sheet.data_validations.dataValidation:
        first, last = str(validation.sqref).split(":")
        assert (sheet[first].row, sheet[last].row) == (FIRST, sheet.max_row)
        found[HEADINGS[sheet[first].column - 1]] = validation
    assert set(found) == {column.text for column in workbook.HEADINGS if column.is_input}
    answers = found["คำตอบต่อมาตรการย่อย"]
    assert answers.formula1 == '"รับไปดำเนินการ,รับบางส่วน,ไม่รับ,ไม่อยู่ในอำนาจ"'
    assert answers.showErrorMessage
    for heading in ("กำหนดแล้วเสร็จ", "วันที่ตอบรับมาตรการ", "รหัสโครงการ"):
        assert found[heading].type is None, heading  # the import reads what is typed
    assert found["กำหนดแล้วเสร็จ"].prompt == "วัน/เดือน/ปี พ.ศ. เช่น 30/9/2570"
    number = found["ค่าตัวชี้วัดของปีนี้"]
    assert (number.type, number.formula1, number.formula2) == (
        "decimal",
        "-99999999999",
        "99999999999",
    )
    assert (found["หนังสือที่ตอบ"].type, found["หนังสือที่ตอบ"].formula1) == ("textLength", "120")
    assert found["สถานะ"].type == "list"
    labels = found["สถานะ"].formula1.strip('"').split(",")
    assert labels == [str(status.label) for status in FORM_ORDER]
    assert found["ไม่มีการเปลี่ยนแปลง"].formula1 == '"ใช่"'
    for heading in ("งบประมาณ (บาท)", "เบิกจ่ายแล้ว"):
        assert (found[heading].type, found[heading].formula1) == ("decimal", "0")
    assert (found["ผลการดำเนินงาน"].type, found["ผลการดำเนินงาน"].formula1) == ("textLength", "4000")
    assert found["มติ คสป. ครั้งที่"].formula1 == "40"


def test_labels_are_protected_and_inputs_are_not(open_round, agency, people):
    waiting, *others = reports_of(open_round, agency)
    make_report(
        open_round, waiting.measure.code, "CODI", by=people["staff"], state=ReportState.SUBMITTED
    )
    content = workbook.agency_workbook(open_round, agency)
    sheet = table(content)
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    for allowed in ("formatColumns", "formatRows", "autoFilter", "sort", "selectUnlockedCells"):
        assert getattr(sheet.protection, allowed) is False, allowed  # False: not forbidden
    for report in others:
        row, is_lead = row_of(content, report), report.assignment.role == Role.LEAD
        for column in workbook.HEADINGS:
            locked = row[column.text].protection.locked
            is_open = column.is_input and (is_lead or column.text not in OF_LEADS)
            assert locked is not is_open, column.text
            assert (row[column.text].fill.fgColor.rgb == "FFF2F2F2") is locked, column.text
    assert {each.assignment.role for each in others} == {Role.LEAD, Role.SUPPORT}
    assert all(cell.protection.locked for cell in row_of(content, waiting).values())
    inputs = {column.text for column in workbook.HEADINGS if column.is_input}
    assert inputs == {
        "สถานะ",
        "ผลการดำเนินงาน",
        "ปัญหา/อุปสรรค",
        "ข้อเสนอแนะ",
        "งบประมาณ (บาท)",
        "เบิกจ่ายแล้ว",
        "จำนวนผู้รับประโยชน์",
        "จังหวัด",
        "หลักฐาน",
        "มติ คสป. ครั้งที่",
        "ไม่มีการเปลี่ยนแปลง",
        *OF_LEADS,
        "กำหนดแล้วเสร็จ",
        "สิ่งที่จะเห็นเมื่อถึงกำหนด",
        "เหตุผลที่เปลี่ยนกำหนด",
        "ตัวชี้วัดที่ใช้ติดตาม",
        "หน่วยนับของตัวชี้วัด",
        "ค่าตั้งต้นของตัวชี้วัด",
        "ค่าเป้าหมายของตัวชี้วัด",
        "ค่าตัวชี้วัดของปีนี้",
        "รหัสโครงการ",
    }


def test_layout_of_the_sheet(content):
    sheet = table(content)
    assert sheet.freeze_panes == f"C{FIRST}"
    assert sheet.auto_filter.ref == f"A{FIRST - 1}:AH{sheet.max_row}"  # the keys move with the rows
    assert sheet.column_dimensions[get_column_letter(KEY)].hidden
    assert not sheet.column_dimensions["F"].hidden
    cell = sheet.cell(FIRST, at("ผลการดำเนินงาน"))
    assert (cell.font.name, cell.alignment.wrap_text, cell.number_format) == (
        "TH Sarabun New",
        True,
        "@",  # what is typed stays text: 2/2569 is no date, "- ข้อแรก" no formula
    )
    assert sheet.cell(FIRST, at("งบประมาณ (บาท)")).number_format == "#,##0.00"


def test_sheets(open_round, content):
    book = openpyxl.load_workbook(BytesIO(content))
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("รายงานผล", "visible"),
        ("คำแนะนำ", "visible"),
        ("_portal", "veryHidden"),
    ]
    help_text = {row[0].value: row[1].value for row in book["คำแนะนำ"].iter_rows()}
    for status in FORM_ORDER:
        assert help_text[str(status.label)] == str(status.definition)
    assert "กำหนดเดิมยังใช้อยู่" in help_text["กำหนดแล้วเสร็จ"]
    assert help_text["ที่ใช้อยู่"].startswith("“คำตอบที่ใช้อยู่” และ “กำหนดที่ใช้อยู่” มาจากรายงานที่รับรองแล้ว")
    meta = [(row[0].value, row[1].value) for row in book["_portal"].iter_rows()]
    assert dict(meta[:3]) == {"template_version": "1", "round": "2569", "agency": "CODI"}
    assert [name for name, _value in meta[3:5]] == ["created", "signature"]
    assert len(meta) == 5 + table(content).max_row - FIRST + 1


def test_all_workbooks(open_round, tmp_path):
    with zipfile.ZipFile(BytesIO(workbook.all_workbooks(open_round))) as archive:
        names = archive.namelist()
        one = archive.read("รายงานผล_2569_พอช.xlsx")
        assert all(info.flag_bits & 0x800 for info in archive.infolist())  # names are UTF-8
    expected = Agency.objects.filter(assignments__reports__round=open_round).distinct()
    assert len(names) == len(set(names)) == expected.count() > 20
    assert all(re.fullmatch(r"รายงานผล_2569_[\w\u0e00-\u0e7f-]+\.xlsx", name) for name in names)
    assert own(one, tmp_path).agency_code == "CODI"


def test_two_agencies_with_one_abbreviation_get_a_file_each(open_round):
    chosen = Agency.objects.filter(assignments__reports__round=open_round).distinct()[:2]
    for each in chosen:
        each.abbr_th = "ก./ข."
        each.save()
    with zipfile.ZipFile(BytesIO(workbook.all_workbooks(open_round))) as archive:
        names = [name for name in archive.namelist() if "_ก_ข" in name]
    codes = {each.code for each in chosen}
    assert len(names) == 2
    assert any(name == f"รายงานผล_2569_ก_ข_{code}.xlsx" for name in names for code in codes)


def test_a_round_without_reports(forum, people, agency):
    round_ = actions.create_round(by=people["staff"], year=2569)
    assert table(workbook.agency_workbook(round_, agency)).max_row == workbook.HEADER_ROW + 1
    with zipfile.ZipFile(BytesIO(workbook.all_workbooks(round_))) as archive:
        assert archive.namelist() == []


def test_queries_do_not_grow(demo, agency):
    round_ = Round.objects.get(year_be=2569)
    few = Agency.objects.filter(assignments__reports__round=round_).first()

    def queries(work):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            work()
        return len(captured)

    counts = {
        queries(lambda: workbook.agency_workbook(round_, agency)),
        queries(lambda: workbook.agency_workbook(round_, few)),
        queries(lambda: workbook.all_workbooks(round_)),
    }
    grow(3)
    counts.add(queries(lambda: workbook.all_workbooks(round_)))
    assert counts == {8}


@pytest.mark.slow
@pytest.mark.once
def test_libreoffice_gives_it_back_whole(filled, agency, content, require, tmp_path):
    require(SOFFICE, WHY)
    other = reports_of(filled.round, agency)[1]
    row = next(
        row
        for row in range(FIRST, FIRST + 20)
        if workbook.key_parts(table(content).cell(row, KEY).value) == ("2569", other.assignment_id)
    )
    typed = {
        "สถานะ": "ดำเนินการแล้วเสร็จ",
        "ผลการดำเนินงาน": "น้ำใจ ๑๒ แห่ง\nครบทุกภาค",
        "งบประมาณ (บาท)": 1250000.25,
        "มติ คสป. ครั้งที่": "2/2569",
        "หลักฐาน": "สรุป | https://example.org/1\nภาพ | https://example.org/2",
        "กำหนดแล้วเสร็จ": "30/9/2570",
        "ค่าตัวชี้วัดของปีนี้": -41.25,
        "รหัสโครงการ": "eMENSCR: 0413-66-0001\nP-12",
    }

    def fill(book):
        for heading, value in typed.items():
            book[workbook.SHEET].cell(row, at(heading)).value = value

    source = tmp_path / "กรอกแล้ว.xlsx"
    source.write_bytes(changed(content, fill))
    saved = convert(source, tmp_path / "office").read_bytes()
    book = read(saved, tmp_path)
    found = workbook.read_back(book)
    assert found
    assert (found.round_code, found.agency_code) == ("2569", "CODI")
    assert found.keys == own(content, tmp_path).keys
    cells = book.sheets[0].rows[row - 1]
    assert {heading: cells[at(heading) - 1] for heading in typed} == typed
    # What nobody touched is as it went out.
    before = read(content, tmp_path).sheets[0].rows
    after = book.sheets[0].rows
    assert [tuple(each) for each in after if each is not cells] == [
        tuple(each) for each in before if each is not before[row - 1]
    ]
    again = table(saved)
    assert again.protection.sheet
    assert again.column_dimensions[get_column_letter(KEY)].hidden
    assert not again.cell(row, at("สถานะ")).protection.locked
    assert {str(each.sqref).split(":")[0] for each in again.data_validations.dataValidation} >= {
        f"{get_column_letter(at(heading))}{FIRST}" for heading in ("สถานะ", "งบประมาณ (บาท)")
    }
