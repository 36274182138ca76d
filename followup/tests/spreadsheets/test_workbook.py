"""The workbook that goes out to an agency, and what is known of it when it comes back."""

import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions
from followup.models import Agency, Assignment, Province, ReportState, Round, StatusReport
from followup.spreadsheets import workbook
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import Book, CellError, Field, Unreadable
from followup.status import FORM_ORDER, Status
from followup.tests.factories import grow, link, make_report
from followup.tests.spreadsheets.office import SOFFICE, WHY, Change, changed, convert, opened, read
from forum_portal.cells import unsafe_cell
from forum_portal.settings import ROOT

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "==1+1",
    '=HYPERLINK("https://example.org","คลิก")',
    "+1",
    "-1",
    "- จัดเวที 4 ภาค",
    "@SUM(A1)",
    "\t=1+1",
    "  =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    "{=1+1}",
    "<script>alert(1)</script>",
    "https://example.org/?a=1",
    "_x0041_",
]
HEADINGS = [column.text for column in workbook.COLUMNS]
FIRST = workbook.HEADER_ROW + 2  # the first row of data, as Excel counts


def at(heading):
    """The column of a heading, as Excel counts."""
    return HEADINGS.index(heading) + 1


KEY = at(workbook.KEY_HEADING)


@pytest.fixture
def agency(forum) -> Agency:
    return Agency.objects.get(code="CODI")


def reports_of(round_: Round, agency: Agency) -> list[StatusReport]:
    return list(round_.reports.with_context().filter(assignment__agency=agency))


@pytest.fixture
def filled(open_round, agency, people) -> StatusReport:
    """A draft of the agency with something in every field."""
    report = reports_of(open_round, agency)[0]
    return actions.save_draft(
        report=report,
        by=people["staff"],
        version=report.version,
        fields={
            "reported_status": Status.ON_HOLD,
            "results": "จัดเวทีแล้ว 2 ภาค\nอีก 2 ภาครอระเบียบ",
            "obstacles": "- รอระเบียบใหม่",
            "next_steps": "เสนอ คสป.",
            "meeting_ref": "2/2569",
            "budget_received": Decimal("1250000.50"),
            "budget_spent": Decimal("9999999999999.99"),
            "no_change": True,
        },
        evidence=[link(1), link(2)],
        provinces=Province.objects.filter(name_th__in=["ลำพูน", "เชียงใหม่"]),
    )


@pytest.fixture
def content(open_round, agency) -> bytes:
    return workbook.agency_workbook(open_round, agency)


def table(content: bytes):
    return openpyxl.load_workbook(BytesIO(content))[workbook.SHEET]


def row_of(content: bytes, report: StatusReport):
    """A report's cells by heading."""
    sheet = table(content)
    for cells in sheet.iter_rows(min_row=FIRST):
        if (workbook.key_parts(cells[KEY - 1].value) or (0, 0))[1] == report.assignment_id:
            return dict(zip(HEADINGS, cells, strict=True))
    raise AssertionError(f"no row for {report}")


def own(content: bytes, folder: Path) -> workbook.OwnWorkbook:
    found = workbook.read_back(read(content, folder))
    assert found
    return found


def refused(content: bytes, *changes: Change) -> str:
    """The sentence with which a workbook is refused after it was changed."""
    book = opened(content, *changes)
    with pytest.raises(Unreadable) as caught:
        workbook.read_back(book)
    return f"{caught.value.problem.code} {sentence(caught.value.problem)}"


TAMPERED = "F14 แบบฟอร์มนี้ถูกแก้ไขรหัสแถวหรือข้อมูลกำกับ ดาวน์โหลดแบบฟอร์มใหม่แล้วคัดลอกผลลงไป"


# What goes out --------------------------------------------------------------------------------


def test_headings_are_those_that_the_import_knows():
    words = json.loads((ROOT / "fixtures" / "spreadsheet_words.json").read_text("utf-8"))
    field_of = {
        alias: name for name, aliases in words["column_aliases"].items() for alias in aliases
    }
    for column in workbook.COLUMNS:
        expected = column.field.value if column.field else None
        if column.field in {Field.MEETING, Field.NO_CHANGE, Field.ROW_KEY}:
            expected = None  # words of the portal's own
        assert field_of.get(column.text) == expected, column.text
    assert len(set(HEADINGS)) == len(HEADINGS)


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


def test_a_row_holds_what_is_stored(filled, content):
    row = {heading: cell.value for heading, cell in row_of(content, filled).items()}
    assert row.pop(workbook.KEY_HEADING) == workbook.row_key(2569, filled.assignment_id)
    title, span = row.pop("ข้อความมาตรการย่อย").split("\n")
    assert (title, span) == (filled.measure.title_th, f"“{filled.measure.span}”")
    assert row == {
        "รหัสมาตรการย่อย": filled.measure.full_code,
        "บทบาท": "หน่วยงานสนับสนุน",
        "หน่วยงานรับผิดชอบ": "สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)",
        "สถานะ": "ชะลอ / ติดปัญหา",
        "ผลการดำเนินงาน": "จัดเวทีแล้ว 2 ภาค\nอีก 2 ภาครอระเบียบ",
        "ปัญหา/อุปสรรค": "'- รอระเบียบใหม่",
        "ข้อเสนอแนะ": "เสนอ คสป.",
        "งบประมาณ (บาท)": 1250000.5,
        "เบิกจ่ายแล้ว": 9999999999999.99,
        "จังหวัด": "เชียงใหม่, ลำพูน",
        "หลักฐาน": "หลักฐานที่ 1 | https://example.org/evidence/1\n"
        "หลักฐานที่ 2 | https://example.org/evidence/2",
        "มติ คสป. ครั้งที่": "2/2569",
        "ไม่มีการเปลี่ยนแปลง": "ใช่",
        "ปีก่อน: สถานะ": None,
        "ปีก่อน: ผล": None,
    }


def test_an_untouched_report_has_empty_cells(open_round, agency, content):
    row = row_of(content, reports_of(open_round, agency)[0])
    assert all(row[each.text].value is None for each in workbook.COLUMNS if each.is_input)


def test_last_year_stands_beside(demo, agency):
    round_ = Round.objects.get(year_be=2569)
    reports = Round.objects.get(year_be=2568).reports.received().filter(assignment__agency=agency)
    content = workbook.agency_workbook(round_, agency)
    assert reports
    for last in reports:
        row = row_of(content, last)
        assert row["ปีก่อน: สถานะ"].value.startswith(str(Status(last.reported_status).label))
        assert unsafe_cell(row["ปีก่อน: ผล"].value or "") == last.results


def test_last_year_says_where_the_committee_found_otherwise(open_round, agency, people):
    report = make_report(
        open_round,
        "3.1",
        by=people["staff"],
        reviewer=people["reviewer"],
        status=Status.CONTINUOUS,
        assessed={"assessed_status": Status.IN_PROGRESS, "assessed_note": "หลักฐานไม่ครบ"},
        results="จ่ายเงินครบ",
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["administrator"])
    next_ = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=next_, by=people["staff"])
    row = row_of(workbook.agency_workbook(next_, report.assignment.agency), report)
    assert row["ปีก่อน: สถานะ"].value == "ดำเนินการต่อเนื่องทุกปี (คสป. ประเมินเป็น “อยู่ระหว่างดำเนินการ”)"
    assert row["ปีก่อน: ผล"].value == "จ่ายเงินครบ"


def test_choices_and_checks_in_the_cells(content):
    sheet = table(content)
    found = {}
    for validation in sheet.data_validations.dataValidation:
        first, last = str(validation.sqref).split(":")
        assert (sheet[first].row, sheet[last].row) == (FIRST, sheet.max_row)
        found[HEADINGS[sheet[first].column - 1]] = validation
    assert set(found) == {column.text for column in workbook.COLUMNS if column.is_input}
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
    for row in (row_of(content, report) for report in others):
        for column in workbook.COLUMNS:
            locked = row[column.text].protection.locked
            assert locked is not column.is_input, column.text
    assert all(cell.protection.locked for cell in row_of(content, waiting).values())
    inputs = {column.text for column in workbook.COLUMNS if column.is_input}
    assert inputs == {
        "สถานะ",
        "ผลการดำเนินงาน",
        "ปัญหา/อุปสรรค",
        "ข้อเสนอแนะ",
        "งบประมาณ (บาท)",
        "เบิกจ่ายแล้ว",
        "จังหวัด",
        "หลักฐาน",
        "มติ คสป. ครั้งที่",
        "ไม่มีการเปลี่ยนแปลง",
    }


def test_layout_of_the_sheet(content):
    sheet = table(content)
    assert sheet.freeze_panes == f"C{FIRST}"
    assert sheet.auto_filter.ref == f"A{FIRST - 1}:Q{sheet.max_row}"  # the keys move with the rows
    assert sheet.column_dimensions["Q"].hidden
    assert not sheet.column_dimensions["F"].hidden
    cell = sheet.cell(FIRST, at("ผลการดำเนินงาน"))
    assert (cell.font.name, cell.alignment.wrap_text, cell.number_format) == (
        "TH Sarabun New",
        True,
        "@",  # what is typed stays text: 2/2569 is no date, "- ข้อแรก" no formula
    )
    assert sheet.cell(FIRST, at("งบประมาณ (บาท)")).number_format == "#,##0.00"


def test_rows_grow_with_what_is_typed(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    rows = re.findall("<row [^>]*>", xml)
    assert rows
    assert all(" ht=" in row and "customHeight" not in row for row in rows)


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
    meta = [(row[0].value, row[1].value) for row in book["_portal"].iter_rows()]
    assert dict(meta[:3]) == {"template_version": "1", "round": "2569", "agency": "CODI"}
    assert [name for name, _value in meta[3:5]] == ["created", "signature"]
    assert len(meta) == 5 + table(content).max_row - FIRST + 1


def test_nothing_in_it_runs(open_round, agency, people, tmp_path):
    texts = {}
    for report, pair in zip(
        reports_of(open_round, agency), zip(HOSTILE[::2], HOSTILE[1::2], strict=True), strict=False
    ):
        texts[report.assignment_id] = pair
        actions.save_draft(
            report=report,
            by=people["staff"],
            version=0,
            fields={"results": pair[0], "obstacles": pair[1], "meeting_ref": pair[0][:40]},
            evidence=[link() | {"title": pair[0]}, link(2) | {"title": pair[1]}],
        )
    assert sum(map(len, texts.values())) == len(HOSTILE)
    content = workbook.agency_workbook(open_round, agency)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in archive.read(name)
                assert b"<hyperlink" not in archive.read(name)
    inputs = ("ผลการดำเนินงาน", "ปัญหา/อุปสรรค", "มติ คสป. ครั้งที่", "หลักฐาน")
    for cells in table(content).iter_rows(min_row=FIRST):
        for cell in (cells[at(heading) - 1] for heading in inputs):
            assert cell.data_type in {"s", "n"}
            assert not str(cell.value).lstrip().startswith(tuple("=+-@＝＋－＠"))
    book = read(content, tmp_path)
    found = workbook.read_back(book)
    assert found
    for index, assignment in found.keys.items():
        if assignment in texts:
            first, second = texts[assignment]
            cells = [unsafe_cell(cell) for cell in book.sheets[0].rows[index]]
            assert cells[at("ผลการดำเนินงาน") - 1] == first
            assert cells[at("ปัญหา/อุปสรรค") - 1] == second
            assert cells[at("หลักฐาน") - 1] == (
                f"{first} | https://example.org/evidence/1\n{second} | https://example.org/evidence/2"
            )


def test_more_evidence_than_a_cell_holds_is_not_cut(open_round, agency, people):
    report = reports_of(open_round, agency)[0]
    evidence = [
        {"title": "ก" * 200, "url": f"https://example.org/{number}/{'a' * 460}", "is_public": True}
        for number in range(50)
    ]
    actions.save_draft(report=report, by=people["staff"], version=0, fields={}, evidence=evidence)
    row = row_of(workbook.agency_workbook(open_round, agency), report)
    assert row["หลักฐาน"].value == "หลักฐานมากเกินกว่าที่เซลล์ของ Excel รับได้ แก้ไขในระบบ"


def test_a_cell_is_never_cut():
    writer = workbook.Writer()
    sheet = writer.add_sheet("ก")
    workbook.put(sheet, 0, 0, "ก" * 32_767)
    with pytest.raises(ValueError, match="no room"):
        workbook.put(sheet, 1, 0, "ก" * 32_768)


# All agencies ---------------------------------------------------------------------------------


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
    assert counts == {7}


# What comes back ------------------------------------------------------------------------------


def test_the_untouched_workbook_is_known(open_round, agency, content, tmp_path):
    found = own(content, tmp_path)
    assert (found.year, found.agency_code, found.template_version) == (2569, "CODI", 1)
    assert (found.layout.sheet, found.layout.header_first, found.layout.header_last) == (
        "รายงานผล",
        workbook.HEADER_ROW,
        workbook.HEADER_ROW,
    )
    assert [(each.index, each.heading, each.field) for each in found.layout.columns] == [
        (index, column.text, column.field) for index, column in enumerate(workbook.COLUMNS)
    ]
    assert all(each.sure for each in found.layout.columns)
    expected = [report.assignment_id for report in reports_of(open_round, agency)]
    assert found.keys == dict(enumerate(expected, start=FIRST - 1))
    workbook.check_round(found, 2569)


def test_other_files_are_not_ours(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["รหัสมาตรการย่อย", "สถานะ", "รหัสแถว"])
    buffer = BytesIO()
    book.save(buffer)
    assert workbook.read_back(read(buffer.getvalue(), tmp_path)) is None
    assert workbook.read_back(Book((), "xlsx")) is None


def test_another_round_is_named(content, tmp_path):
    with pytest.raises(Unreadable) as caught:
        workbook.check_round(own(content, tmp_path), 2570)
    assert caught.value.problem.code == "F13"
    assert (
        sentence(caught.value.problem)
        == "แบบฟอร์มนี้เป็นของรอบปีงบประมาณ 2569 ไม่ใช่รอบ 2570 เลือกรอบให้ตรงแล้วลองอีกครั้ง"
    )


def test_rows_may_be_sorted_and_taken_out(content, tmp_path):
    def turn(book):
        sheet = book[workbook.SHEET]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST)]
        for row, values in enumerate(reversed(rows[2:]), start=FIRST):
            for column, value in enumerate(values, start=1):
                sheet.cell(row, column).value = value
        sheet.delete_rows(sheet.max_row - 1, 2)

    before, after = own(content, tmp_path).keys, own(changed(content, turn), tmp_path).keys
    assert list(after.values()) == list(before.values())[:1:-1]
    assert list(after) == list(before)[:-2]


def test_filled_in_cells_and_numbers_for_text(content, tmp_path):
    def fill(book):
        sheet = book[workbook.SHEET]
        sheet.cell(FIRST, at("สถานะ")).value = "อยู่ระหว่างดำเนินการ "
        sheet.cell(FIRST, at("งบประมาณ (บาท)")).value = 5
        code = sheet.cell(FIRST, 1)
        code.value = float(code.value.removeprefix("2565-"))  # 2.2 typed again
        for row in book["_portal"].iter_rows(max_row=2):
            row[1].value = float(row[1].value)

    assert own(changed(content, fill), tmp_path).keys == own(content, tmp_path).keys


def test_a_workbook_that_went_out_with_short_codes_still_comes_back(content, tmp_path):
    def shorten(book):
        for row in book[workbook.SHEET].iter_rows(min_row=FIRST, max_col=1):
            row[0].value = row[0].value.removeprefix("2565-")

    assert own(changed(content, shorten), tmp_path).keys == own(content, tmp_path).keys


@pytest.mark.parametrize("code", ["2566-2.2", "2565-2.7", "2.7", "2565-2", "2565"])
def test_a_key_beside_another_measures_code_was_left_behind(content, code):
    def change(book):
        assert book[workbook.SHEET].cell(FIRST, 1).value == "2565-2.2"
        book[workbook.SHEET].cell(FIRST, 1).value = code

    assert refused(content, change) == TAMPERED


def test_a_column_of_ones_own_is_no_harm(content, tmp_path):
    def note(book):
        book[workbook.SHEET].cell(FIRST - 1, KEY + 1).value = "บันทึกของกอง"
        book[workbook.SHEET].cell(FIRST, KEY + 1).value = "โทรถามแล้ว"

    extra = own(changed(content, note), tmp_path).layout.columns[-1]
    assert (extra.heading, extra.field, extra.sure) == ("บันทึกของกอง", None, False)


def set_key(value, row=FIRST):
    def change(book):
        cell = book[workbook.SHEET].cell(row, KEY)
        cell.value = value(cell.value) if callable(value) else value

    return change


def set_meta(name, value):
    def change(book):
        for row in book["_portal"].iter_rows():
            if row[0].value == name:
                row[1].value = value

    return change


def drop_meta(index):
    return lambda book: book["_portal"].delete_rows(index)


def swap_keys(book):
    """The rows were sorted without the hidden column."""
    sheet = book[workbook.SHEET]
    first, second = sheet.cell(FIRST, KEY), sheet.cell(FIRST + 1, KEY)
    first.value, second.value = second.value, first.value


def add_row(book):
    book[workbook.SHEET].append(["2.1", "", "", "พอช.", "ยังไม่ดำเนินการ"])


def copy_heading(book):
    book[workbook.SHEET].cell(FIRST - 1, KEY + 1).value = "ผลการดำเนินงาน"


def rename(heading):
    def change(book):
        book[workbook.SHEET].cell(FIRST - 1, at(heading)).value = "อื่น ๆ"

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_key("1"),
        set_key(lambda key: key[:-1] + ("A" if key[-1] != "A" else "B")),
        set_key(lambda key: re.sub(r"-\d+-", "-1-", key)),
        set_key(lambda key: key.replace("2569", "2570")),
        set_key(lambda key: key.lower().swapcase()),
        swap_keys,
        set_meta("round", "2570"),
        set_meta("round", "๒๕๖๙ก"),
        set_meta("agency", "DOPA"),
        set_meta("agency", None),
        set_meta("template_version", "2"),
        set_meta("signature", None),
        set_meta("signature", "A" * 43),
        drop_meta(1),
        drop_meta(2),
        drop_meta(5),
        drop_meta(6),
        lambda book: book["_portal"].delete_rows(1, 100),
        lambda book: book.copy_worksheet(book[workbook.SHEET]),
        lambda book: book.remove(book[workbook.SHEET]),
        rename("รหัสแถว"),
        lambda book: book[workbook.SHEET].delete_cols(at("รหัสแถว")),
        copy_heading,
    ],
)
def test_tampering_is_named(change, content):
    assert refused(content, change) == TAMPERED


def test_rows_without_a_key_are_set_aside(content, tmp_path):
    before = own(content, tmp_path)

    def insert(book):
        sheet = book[workbook.SHEET]
        sheet.insert_rows(FIRST + 1)
        sheet.cell(FIRST + 1, 1).value = "หมายเหตุ: รอผลไตรมาส 4"
        add_row(book)
        sheet.append([None, "รวม", *[None] * 6, 1250000])

    found = own(changed(content, insert), tmp_path)
    assert before.unkeyed == []
    assert list(found.keys.values()) == list(before.keys.values())
    last = max(found.keys)
    assert found.unkeyed == [FIRST, last + 1, last + 2]
    assert not set(found.unkeyed) & set(found.keys)


def test_a_row_whose_key_was_taken_out_is_set_aside(content, tmp_path):
    before, found = own(content, tmp_path), own(changed(content, set_key(None)), tmp_path)
    assert found.unkeyed == [FIRST - 1]
    assert set(before.keys) - set(found.keys) == {FIRST - 1}


@pytest.mark.parametrize("heading", ["สถานะ", "ผลการดำเนินงาน", "รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ"])
def test_a_column_that_was_taken_out_is_not_there(heading, content, tmp_path):
    field = next(column.field for column in workbook.COLUMNS if column.text == heading)
    found = own(
        changed(content, lambda book: book[workbook.SHEET].delete_cols(at(heading))), tmp_path
    )
    assert list(found.keys.values()) == list(own(content, tmp_path).keys.values())
    assert found.layout.of(field) == []
    assert len(found.layout.columns) == len(workbook.COLUMNS) - 1


def test_an_error_is_no_label_and_no_key(content, tmp_path):
    book = read(content, tmp_path)
    sheet = book.sheets[0]

    def with_error(column):
        rows = [list(row) for row in sheet.rows]
        rows[FIRST - 1][column - 1] = CellError("#REF!")
        return replace(book, sheets=[replace(sheet, rows=rows), *book.sheets[1:]])

    for heading in ("รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ"):
        found = workbook.read_back(with_error(at(heading)))
        assert found.keys == own(content, tmp_path).keys
    with pytest.raises(Unreadable) as caught:
        workbook.read_back(with_error(KEY))
    assert caught.value.problem.code == "F14"


def test_a_key_of_another_round_is_no_key_of_this_one(content, agency):
    genuine = workbook.row_key(2568, Assignment.objects.filter(agency=agency).earliest("pk").pk)
    assert refused(content, set_key(genuine)) == TAMPERED


def test_a_key_of_an_assignment_that_is_gone(content):
    unknown = workbook.row_key(2569, 10**9)
    assert refused(content, set_key(unknown)) == TAMPERED


def test_another_agency_s_row_is_named(open_round, content):
    other = Agency.objects.filter(assignments__reports__round=open_round).exclude(code="CODI")[0]
    theirs = [cell.value for cell in table(workbook.agency_workbook(open_round, other))[FIRST]]

    def paste(book):
        book[workbook.SHEET].append(theirs)

    assert refused(content, paste) == (
        "F15 แบบฟอร์มนี้เป็นของ สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน) (พอช.) แต่มีแถวของหน่วยงานอื่น "
        "ดาวน์โหลดแบบฟอร์มใหม่"
    )


def test_a_renamed_agency_can_still_send_its_workbook(agency, content, tmp_path):
    agency.name_th = "สถาบันชื่อใหม่"
    agency.save()
    assert own(content, tmp_path).agency_code == "CODI"


def test_no_row_left(content):
    emptied = refused(content, lambda book: book[workbook.SHEET].delete_rows(FIRST, 100))
    assert emptied == "F11 ไฟล์ว่าง ไม่มีแถวข้อมูลให้นำเข้า"


def test_a_new_secret_key_takes_workbooks_of_the_one_before(content, settings, tmp_path):
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-that-is-long-enough"
    assert refused(content) == TAMPERED
    settings.SECRET_KEY_FALLBACKS = [before]
    assert own(content, tmp_path).agency_code == "CODI"


@pytest.mark.parametrize(
    "key", ["", "2569", "2569-1", "2569-1-", "2569-1-AAAAAAAAAAAAAAAA", "๒๕๖๙-1-AAAAAAAAAAAAAAAA"]
)
def test_keys_cannot_be_made_up(key):
    assert workbook.key_parts(key) is None
    assert workbook.key_parts(workbook.row_key(2569, 7)) == (2569, 7)
    assert len(workbook.row_key(2569, 7)) == 23


# Through LibreOffice --------------------------------------------------------------------------


def test_libreoffice_gives_it_back_whole(filled, agency, content, require, tmp_path):
    require(SOFFICE, WHY)
    other = reports_of(filled.round, agency)[1]
    row = next(
        row
        for row in range(FIRST, FIRST + 20)
        if workbook.key_parts(table(content).cell(row, KEY).value) == (2569, other.assignment_id)
    )
    typed = {
        "สถานะ": "ดำเนินการแล้วเสร็จ",
        "ผลการดำเนินงาน": "น้ำใจ ๑๒ แห่ง\nครบทุกภาค",
        "งบประมาณ (บาท)": 1250000.25,
        "มติ คสป. ครั้งที่": "2/2569",
        "หลักฐาน": "สรุป | https://example.org/1\nภาพ | https://example.org/2",
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
    assert (found.year, found.agency_code) == (2569, "CODI")
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
    assert again.column_dimensions["Q"].hidden
    assert not again.cell(row, at("สถานะ")).protection.locked
    assert {str(each.sqref).split(":")[0] for each in again.data_validations.dataValidation} >= {
        f"E{FIRST}",
        f"I{FIRST}",
    }
