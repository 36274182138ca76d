"""What is known of an agency's workbook when it comes back."""

import re
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest

from followup.models import Agency, Assignment, Round
from followup.spreadsheets import workbook
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import Book, CellError, Unreadable
from followup.tests.spreadsheets.office import changed, read
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.workbook.sheets import (
    FIRST,
    KEY,
    TAMPERED,
    at,
    own,
    refused,
    reports_of,
    table,
)


def test_the_untouched_workbook_is_known(open_round, agency, content, tmp_path):
    found = own(content, tmp_path)
    assert (found.round_code, found.agency_code, found.template_version) == ("2569", "CODI", 1)
    assert (found.layout.sheet, found.layout.header_first, found.layout.header_last) == (
        "รายงานผล",
        workbook.HEADER_ROW,
        workbook.HEADER_ROW,
    )
    assert [(each.index, each.heading, each.field) for each in found.layout.columns] == [
        (index, column.text, column.field) for index, column in enumerate(workbook.HEADINGS)
    ]
    assert all(each.sure for each in found.layout.columns)
    expected = [report.assignment_id for report in reports_of(open_round, agency)]
    assert found.keys == dict(enumerate(expected, start=FIRST - 1))
    workbook.check_round(found, open_round)


def test_other_files_are_not_ours(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["รหัสมาตรการย่อย", "สถานะ", "รหัสแถว"])
    buffer = BytesIO()
    book.save(buffer)
    assert workbook.read_back(read(buffer.getvalue(), tmp_path)) is None
    assert workbook.read_back(Book((), "xlsx")) is None


def test_another_round_is_named(content, tmp_path):
    with pytest.raises(Unreadable) as caught:
        workbook.check_round(own(content, tmp_path), Round(year_be=2570))
    assert caught.value.problem.code == "F13"
    assert sentence(caught.value.problem) == told("F13", theirs="2569", ours="2570")


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
    field = next(column.field for column in workbook.HEADINGS if column.text == heading)
    found = own(
        changed(content, lambda book: book[workbook.SHEET].delete_cols(at(heading))), tmp_path
    )
    assert list(found.keys.values()) == list(own(content, tmp_path).keys.values())
    assert found.layout.of(field) == []
    assert len(found.layout.columns) == len(workbook.HEADINGS) - 1


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
    genuine = workbook.row_key("2568", Assignment.objects.filter(agency=agency).earliest("pk").pk)
    assert refused(content, set_key(genuine)) == TAMPERED


def test_a_key_of_an_assignment_that_is_gone(content):
    unknown = workbook.row_key("2569", 10**9)
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
