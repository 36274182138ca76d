"""One decision is asked about once, however many rows it is for."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from followup.spreadsheets import session
from followup.spreadsheets.ledger import Reason
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    HEAD,
    TICKS,
    WHOLE,
    answer,
    confirm,
    ledger_of,
    report_of,
    row,
    saved,
    sentences,
    upload,
    walk_to_check,
    xlsx,
)
from followup.tests.spreadsheets.wizard import words_of as left_out_words

pytestmark = pytest.mark.django_db

PLACES = [("1.1", "กสป."), ("1.2", "พม."), ("1.3", "กสป."), ("2.1", "สกถ."), ("2.2", "สถ.")]


def questions_of(record):
    return session.load_preview(record)["questions"]


def errors_of(record):
    return session.load_preview(record)["rest"]["error"]


def test_words_for_no_budget_are_asked_once_a_word(desk):
    words = ["ไม่ใช้งบประมาณ", "ไม่ใช้งบประมาณ", "ไม่ได้รับจัดสรร", "N/A", "ไม่มี"]
    rows = [
        [code, agency, "ชะลอ", "ผล", "รอ", word]
        for (code, agency), word in zip(PLACES, words, strict=True)
    ]
    record = walk_to_check(desk, xlsx(WHOLE, *rows))
    assert errors_of(record) == []
    asked = {question["raw"]: len(question["rows"]) for question in questions_of(record)}
    assert asked == {"ไม่ใช้งบประมาณ": 2, "ไม่ได้รับจัดสรร": 1, "N/A": 1, "ไม่มี": 1}
    data = {"version": record.version}
    for number, question in enumerate(questions_of(record)):
        data[f"key-{number}"] = question["key"]
        data[f"answer-{number}"] = "zero" if question["raw"] == "ไม่ใช้งบประมาณ" else "none"
    desk.post(reverse("import-check", args=[record.pk]), data)
    record.refresh_from_db()
    assert record.counts["ready"] == 5
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").budget_received == 0
    assert report_of("2.1", "ODLOC").budget_received is None


def test_equal_mistakes_are_one_mistake_and_mended_once(desk):
    rows = [[code, agency, "ชะลอ", "ผล", "รอ", "สิบบาท"] for code, agency in PLACES]
    record = walk_to_check(desk, xlsx(WHOLE, *rows))
    [error] = errors_of(record)
    assert [cell[1] for cell in error["cells"]] == [3, 4, 5, 6, 7]
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert page.count(told("B01", v="สิบบาท")) == 1
    assert "แถว 3, 4, 5, 6, 7" in page
    record = answer(desk, record, fix_3_5="10")
    assert (record.counts["ready"], len(record.fixes)) == (5, 1)


def test_a_mistake_of_the_whole_row_is_mended_in_its_own_row(desk):
    """กต. is assigned to neither: what is typed for the first is no answer for the second."""
    rows = [row("3.1", "กต."), row("3.2", "กต.")]
    record = walk_to_check(desk, xlsx(HEAD, *rows))
    assert record.counts["wrong"] == 2
    record = answer(desk, record, fix_3_0="1.1")
    [fix] = record.fixes.values()
    assert fix["row"] == 3


@pytest.mark.parametrize(
    "typed", ["1,250,000.- บาท", "1,250,000.-", "1,250,000 บาท", "๑,๒๕๐,๐๐๐ บาท"]
)
def test_amounts_as_people_write_them(desk, typed):
    record = walk_to_check(desk, xlsx(WHOLE, ["3.1", "กสจ.", "ชะลอ", "ผล", "รอ", typed]))
    confirm(desk, record)
    assert report_of("3.1", "SWF").budget_received == Decimal(1_250_000)


def test_blank_agencies_of_a_merge_saved_as_csv_are_asked_about_once(desk):
    lines = [HEAD, row("1.1", "กสป."), row("1.3", ""), row("6.1", ""), row("1.2", "พม.")]
    content = "\n".join(",".join(str(cell) for cell in line) for line in lines).encode()
    record = walk_to_check(desk, content, "ผล.csv")
    [question] = questions_of(record)
    assert question["message"] == (told("R24", c="หน่วยงานรับผิดชอบ"))
    assert [place[1] for place in question["rows"]] == [3, 4]
    assert answer(desk, record, R24="above").counts["ready"] == 4
    record = answer(desk, record, R24="blank")
    assert (record.counts["ready"], record.counts["wrong"]) == (2, 2)


@pytest.mark.parametrize("written", ["-", "–"])
def test_a_row_whose_agency_is_a_dash_is_not_passed_over(desk, written):
    record = walk_to_check(desk, xlsx(HEAD, row("1.1", written)))
    assert (record.counts["wrong"], record.counts["same"]) == (1, 0)
    assert told("R09") in sentences(record)


def test_each_of_three_versions_can_be_chosen_and_none_is_written_before(desk):
    rows = [row("1.1", "กสป.", results=f"ฉบับที่ {number}") for number in (1, 2, 3)]
    record = walk_to_check(desk, xlsx(HEAD, *rows))
    [question] = questions_of(record)
    assert (record.counts["asked"], record.counts["writes"]) == (3, 0)
    assert len(question["options"]) == 3
    for number, option in enumerate(question["options"], start=1):
        record = answer(desk, record, R04=option["value"])
        assert (record.counts["ready"], record.counts["skipped"]) == (1, 2)
        [write] = session.load_preview(record)["writes"]
        assert write["values"]["results"] == f"ฉบับที่ {number}"
    assert sorted(set(left_out_words(record, Reason.NOT_CHOSEN)) & {"ฉบับที่ 1", "ฉบับที่ 2"}) == [
        "ฉบับที่ 1",
        "ฉบับที่ 2",
    ]


def test_rows_that_say_the_same_are_one_version(desk):
    record = walk_to_check(desk, xlsx(HEAD, row(), row(), row(results="อื่น")))
    [question] = questions_of(record)
    assert len(question["options"]) == 2
    record = walk_to_check(desk, xlsx(HEAD, row(), row()))
    assert (record.counts["ready"], record.counts["same"]) == (1, 1)
    assert "กสจ." in left_out_words(record, Reason.DUPLICATE)


def test_the_tick_question_names_all_columns_that_it_decides_for(desk):
    rows = [
        *TICKS,
        ["1.1", "กสป.", "✔", None, None, "ก"],
        ["1.2", "พม.", None, "✔", None, "ข"],
        ["1.3", "กสป.", None, "✔", None, "ค"],
    ]
    record = walk_to_check(desk, xlsx(*rows, above=0))
    [question] = questions_of(record)
    assert "ยังไม่ดำเนินการ" in question["message"]
    assert "อยู่ระหว่างดำเนินการ" in question["message"]
    assert "ดำเนินการแล้วเสร็จ" not in question["message"]
    assert len(question["rows"]) == 3


def own_workbook(desk, *changes, agency="CODI"):
    response = desk.get(reverse("staff-workbook", args=[2569, agency]))
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    sheet = book["รายงานผล"]
    head = next(line for line in sheet.iter_rows() if any(c.value == "รหัสแถว" for c in line))
    column = {cell.value: cell.column for cell in head}
    for change in changes:
        change(sheet, head[0].row, column)
    return saved(book)


def test_a_note_and_a_total_in_the_own_workbook_are_set_aside_and_the_rest_goes_in(desk):
    def fill(sheet, head, column):
        sheet.cell(head + 1, column["ผลการดำเนินงาน"]).value = "ลงพื้นที่"
        last = sheet.max_row
        sheet.cell(last + 1, 1).value = "รวม"
        sheet.cell(last + 1, column["งบประมาณ (บาท)"]).value = 5000
        sheet.cell(last + 2, 1).value = "หมายเหตุ: ตัวเลขเบื้องต้น"

    content = own_workbook(desk, fill)
    record = walk_to_check(desk, content)
    assert (record.counts["ready"], record.counts["wrong"]) == (1, 0)
    assert left_out_words(record, Reason.NO_KEY) == ["รวม", "5000", "หมายเหตุ: ตัวเลขเบื้องต้น"]
    assert ledger_of(record)["fates"]["written"] > 0


def test_a_deleted_optional_column_of_the_own_workbook_empties_nothing(desk, open_round, people):
    def fill(sheet, head, column):
        sheet.cell(head + 1, column["ผลการดำเนินงาน"]).value = "ลงพื้นที่"
        sheet.cell(head + 1, column["ปัญหา/อุปสรรค"]).value = "งบน้อย"

    record = walk_to_check(desk, own_workbook(desk, fill))
    confirm(desk, record)

    def drop(sheet, head, column):
        sheet.cell(head + 1, column["ผลการดำเนินงาน"]).value = "ลงพื้นที่อีก"
        for line in range(1, sheet.max_row + 1):  # as a person deletes a column: its cells go
            sheet.cell(line, column["ปัญหา/อุปสรรค"]).value = None

    record = walk_to_check(desk, own_workbook(desk, drop))
    assert (record.counts["writes"], record.counts["wrong"]) == (1, 0)
    [write] = session.load_preview(record)["writes"]
    assert set(write["changes"]) == {"results"}


def test_a_changed_key_still_refuses_the_file(desk):
    def spoil(sheet, head, column):
        sheet.cell(head + 1, column["รหัสแถว"]).value = "2569-1-ปลอม"

    response = upload(desk, own_workbook(desk, spoil))
    page = desk.get(response["Location"], follow=True).content.decode()
    assert "แบบฟอร์มนี้ถูกแก้ไขรหัสแถวหรือข้อมูลกำกับ" in page
