"""What an agency answers, promises and measures, through workbook, import and undo."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from followup.models import Agency, Role, StatusReport
from followup.spreadsheets import apply as writing
from followup.spreadsheets import undo as taking_back
from followup.spreadsheets import workbook
from followup.tests.factories import find_report, make_report
from followup.tests.said_earlier import say_and_follow
from followup.tests.spreadsheets.imports import picture, write_for
from followup.tests.spreadsheets.office import changed, read
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    HEAD,
    check_rows,
    check_sheet,
    questions_in,
    row,
)
from followup.tests.spreadsheets.workbook.sheets import FIRST, KEY, at, row_of

pytestmark = pytest.mark.django_db

UNASKED = "เฉพาะหน่วยงานหลักตอบรับมาตรการย่อย ลบคำตอบออกจากรายการนี้"
#: All of it, as a model holds it.
ALL = {
    "response": "not_competent",
    "response_reason": "เป็นอำนาจของจังหวัด\nตามกฎหมาย",
    "competent_agency": "จังหวัด",
    "response_on": date(2026, 3, 2),
    "response_document": "พม 0413/2210",
    "target_on": date(2027, 9, 30),
    "milestone": "ครบ 4 ภาค",
    "target_reason": "รอระเบียบ",
    "indicator": "จำนวนภาคี",
    "indicator_unit": "ภาคี",
    "indicator_baseline": Decimal("-3.5"),
    "indicator_target": Decimal("99999999999.9999"),
    "indicator_value": Decimal("0.1"),
    "project_codes": "eMENSCR: 0413-66-0001 | https://example.org/p\nP-12",
}
#: The same as the workbook has it.
CELLS = {
    "คำตอบต่อมาตรการย่อย": "ไม่อยู่ในอำนาจ",
    "เหตุผลของคำตอบ": "เป็นอำนาจของจังหวัด\nตามกฎหมาย",
    "หน่วยงานที่มีอำนาจ": "จังหวัด",
    "วันที่ตอบรับมาตรการ": "2/3/2569",
    "หนังสือที่ตอบ": "พม 0413/2210",
    "กำหนดแล้วเสร็จ": "30/9/2570",
    "สิ่งที่จะเห็นเมื่อถึงกำหนด": "ครบ 4 ภาค",
    "เหตุผลที่เปลี่ยนกำหนด": "รอระเบียบ",
    "ตัวชี้วัดที่ใช้ติดตาม": "จำนวนภาคี",
    "หน่วยนับของตัวชี้วัด": "ภาคี",
    "ค่าตั้งต้นของตัวชี้วัด": -3.5,
    "ค่าเป้าหมายของตัวชี้วัด": 99999999999.9999,
    "ค่าตัวชี้วัดของปีนี้": 0.1,
    "รหัสโครงการ": "eMENSCR: 0413-66-0001 | https://example.org/p\nP-12",
}


@pytest.fixture
def lead(open_round) -> StatusReport:
    """A report of พม., which leads the measure."""
    return find_report(open_round, "1.2")


@pytest.fixture
def both_roles(open_round) -> tuple[StatusReport, StatusReport]:
    """Of one agency a report that leads and one that supports."""
    agency = Agency.objects.get(code="CODI")
    reports = list(open_round.reports.with_context().filter(assignment__agency=agency))
    return tuple(
        next(each for each in reports if each.assignment.role == role)
        for role in (Role.LEAD, Role.SUPPORT)
    )


def out(report):
    return workbook.agency_workbook(report.round, report.assignment.agency)


def back(content, folder, round_, **choices):
    """The check of a workbook that came back."""
    from followup.spreadsheets import preview

    book = read(content, folder)
    own = workbook.read_back(book)
    assert own
    chosen = preview.Choices(**choices)
    return check_sheet(book.sheets[0], own.layout, round_, chosen, own=own)


def typing(report, cells):
    """A change of the workbook: type these cells into the row of a report."""

    def change(book):
        sheet = book[workbook.SHEET]
        for number in range(FIRST, sheet.max_row + 1):
            key = workbook.key_parts(sheet.cell(number, KEY).value)
            if key and key[1] == report.assignment_id:
                for heading, value in cells.items():
                    sheet.cell(number, at(heading)).value = value

    return change


def problems(found):
    return [(each.column, each.problem.code, each.problem.params) for each in found.troubles]


# Out and in again -----------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{}, ALL], ids=["empty", "all"])
def test_a_workbook_that_nobody_changed_changes_and_asks_nothing(
    open_round, people, lead, said, tmp_path
):
    make_report(open_round, "1.2", by=people["staff"], state="draft", **said)
    content = out(lead)
    shown = row_of(content, lead)
    expected = CELLS if said else dict.fromkeys(CELLS)
    assert {heading: shown[heading].value for heading in CELLS} == expected
    for choices in ({}, {"submit": True}):
        found = back(content, tmp_path, open_round, **choices)
        assert (found.writes, found.questions, problems(found)) == ([], {}, [])
        assert found.same > 0


def test_codes_in_broken_thai_are_no_change_as_texts_are_none(open_round, people, lead, tmp_path):
    broken = {"project_codes": "โครงการเเผน 1", "milestone": "เเล้วเสร็จ"}
    make_report(open_round, "1.2", by=people["staff"], state="draft", **broken)
    assert back(out(lead), tmp_path, open_round).writes == []


def test_what_is_typed_is_exactly_what_changes(open_round, lead, tmp_path):
    content = changed(out(lead), typing(lead, CELLS))
    found = back(content, tmp_path, open_round)
    [write] = found.writes
    fields = dict(StatusReport._meta._forward_fields_map)
    assert {
        name: fields[name].to_python(after) for name, (_before, after) in write.changes.items()
    } == ALL
    assert found.questions == {}
    json.dumps(write.values)


def test_a_cell_that_is_emptied_empties_its_field_and_no_other(open_round, people, lead, tmp_path):
    stored = ALL | {"budget_spent": Decimal(5)}
    make_report(open_round, "1.2", by=people["staff"], state="draft", **stored)
    emptied = dict.fromkeys(("เบิกจ่ายแล้ว", "ค่าตัวชี้วัดของปีนี้", "วันที่ตอบรับมาตรการ", "คำตอบต่อมาตรการย่อย"))
    [write] = back(changed(out(lead), typing(lead, emptied)), tmp_path, open_round).writes
    assert write.changes == {
        "response": ("not_competent", ""),
        "response_on": ("2026-03-02", None),
        "indicator_value": ("0.1", None),
        "budget_spent": ("5.00", None),
    }


def test_a_workbook_from_before_these_columns_leaves_them_as_they_are(
    open_round, people, lead, tmp_path
):
    make_report(open_round, "1.2", by=people["staff"], state="draft", **ALL)

    def cut(book):
        sheet = book[workbook.SHEET]
        for heading in (*CELLS, "คำตอบที่ใช้อยู่", "กำหนดที่ใช้อยู่"):
            column = next(cell.column for cell in sheet[FIRST - 1] if cell.value == heading)
            sheet.delete_cols(column)

    content = changed(out(lead), typing(lead, {"ผลการดำเนินงาน": "ผลใหม่"}), cut)
    [write] = back(content, tmp_path, open_round).writes
    assert list(write.changes) == ["results"]


def test_a_column_with_a_blank_cell_changes_nothing_in_another_file(open_round, people):
    make_report(open_round, "1.2", by=people["staff"], state="draft", **ALL)
    filled = row("1.2", "พม.", "อยู่ระหว่างดำเนินการ", "ผลใหม่")
    found = check_rows(open_round, [*filled, *[None] * len(CELLS)], head=[*HEAD, *CELLS])
    [write] = found.writes
    assert list(write.changes) == ["results"]


# What stands ----------------------------------------------------------------------------------


def test_beside_the_inputs_stands_what_silence_keeps(open_round, people, tmp_path):
    said = {"response": "accepted", "response_on": date(2026, 3, 2)}
    first = {"target_on": date(2026, 9, 30), "response_document": "พม 1/2569"}
    second = say_and_follow(open_round, people, "1.2", **said, **first)
    moved = {"target_on": date(2027, 9, 30), "target_reason": "รอ"}
    third = say_and_follow(second, people, "1.2", **moved)
    report = find_report(third, "1.2")
    content = out(report)
    shown = row_of(content, report)
    assert shown["คำตอบที่ใช้อยู่"].value == "รับไปดำเนินการ · 2 มี.ค. 2569 · หนังสือ พม 1/2569"
    assert shown["กำหนดที่ใช้อยู่"].value == "30 ก.ย. 2570 · เลื่อน 1 ครั้ง"
    assert shown["คำตอบต่อมาตรการย่อย"].value is None
    assert shown["กำหนดที่ใช้อยู่"].protection.locked
    found = back(content, tmp_path, third)
    assert (found.writes, found.questions) == ([], {})


def test_a_supporting_agency_is_asked_for_no_response(both_roles):
    lead, support = both_roles
    content = out(lead)
    leads, supports = row_of(content, lead), row_of(content, support)
    assert leads["คำตอบที่ใช้อยู่"].value == "ยังไม่ตอบ"
    assert supports["คำตอบที่ใช้อยู่"].value is None
    assert supports["กำหนดที่ใช้อยู่"].value == "ยังไม่ได้แจ้งกำหนด"
    for heading in ("คำตอบต่อมาตรการย่อย", "หนังสือที่ตอบ"):
        assert not leads[heading].protection.locked
        assert supports[heading].protection.locked
        assert supports[heading].fill.fgColor.rgb == "FFF2F2F2"
    assert not supports["กำหนดแล้วเสร็จ"].protection.locked


@pytest.mark.parametrize("submit", [False, True], ids=["draft", "submitted"])
def test_a_response_of_a_supporting_agency_is_refused_in_its_cell(
    open_round, both_roles, submit, tmp_path
):
    _lead, support = both_roles
    cells = {"สถานะ": "อยู่ระหว่างดำเนินการ", "ผลการดำเนินงาน": "ผล"}
    answer = {"คำตอบต่อมาตรการย่อย": "รับไปดำเนินการ", "วันที่ตอบรับมาตรการ": "2/3/2569"}
    content = changed(out(support), typing(support, cells | answer))
    found = back(content, tmp_path, open_round, submit=submit)
    assert found.writes == []
    assert problems(found) == [("คำตอบต่อมาตรการย่อย", "S05", {"why": UNASKED})]
    content = changed(out(support), typing(support, cells))
    assert len(back(content, tmp_path, open_round, submit=submit).writes) == 1


# What is read ---------------------------------------------------------------------------------


def check_cell(round_, heading, value, **choices):
    """The check of a file whose only further column is this one."""
    filled = row("1.2", "พม.", "อยู่ระหว่างดำเนินการ", "ผล")
    return check_rows(round_, [*filled, value], head=[*HEAD, heading], **choices)


@pytest.mark.parametrize(
    ("heading", "value", "name", "stored"),
    [
        ("กำหนดแล้วเสร็จ", "30/9/2570", "target_on", "2027-09-30"),
        ("กำหนดแล้วเสร็จ", "30 ก.ย. ๒๕๗๐", "target_on", "2027-09-30"),
        ("กำหนดแล้วเสร็จ", date(2027, 9, 30), "target_on", "2027-09-30"),
        ("กำหนดแล้วเสร็จ", 46660, "target_on", "2027-09-30"),
        ("ค่าตัวชี้วัดของปีนี้", "๑,๒๕๐.๕", "indicator_value", "1250.5"),
        ("ค่าตัวชี้วัดของปีนี้", -3, "indicator_value", "-3"),
        ("ค่าตัวชี้วัดของปีนี้", 0.1 + 0.2, "indicator_value", "0.3"),
        ("คำตอบต่อมาตรการย่อย", "รับ", "response", "accepted"),
        ("คำตอบต่อมาตรการย่อย", "ไม่อยู่ในอํานาจ", "response", "not_competent"),
        ("response_code", "partly", "response", "partly"),
        ("รหัส eMENSCR", "0413-66-0001", "project_codes", "0413-66-0001"),
        (
            "รหัสโครงการ/กิจกรรม",
            "แผน: P 1\nP-1\nงบ 22 | https://example.org",
            "project_codes",
            "แผนปฏิบัติการ: P 1\nงบ 22 | https://example.org",
        ),
    ],
)
def test_a_value_is_read_in_the_forms_in_which_people_write_it(
    open_round, heading, value, name, stored
):
    found = check_cell(open_round, heading, value)
    assert (found.wrong, found.questions) == (0, {})
    assert found.writes[0].values[name] == stored


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("กำหนดแล้วเสร็จ", "30/9/70", "D01"),
        ("คำตอบต่อมาตรการย่อย", "รับทราบ", "V01"),
    ],
)
def test_what_may_mean_several_things_is_asked(open_round, heading, value, code):
    found = check_cell(open_round, heading, value)
    assert [each["code"] for each in questions_in(found)] == [code]
    assert (found.writes, found.asked) == ([], 1)


def test_an_unknown_word_is_answered_once_for_all_its_rows(open_round):
    head = [*HEAD, "คำตอบต่อมาตรการย่อย"]
    rows = [[*row("1.1", "กสป."), "รับทราบ"], [*row("1.2", "พม."), "รับทราบ"]]
    [(key, cells)] = check_rows(open_round, *rows, head=head).questions.items()
    assert len(cells) == 2
    [question] = questions_in(check_rows(open_round, *rows, head=head))
    assert question["message"] == told("V01", v="รับทราบ", c="คำตอบต่อมาตรการย่อย")
    found = check_rows(open_round, *rows, head=head, answers={key: "partly"})
    assert [write.values["response"] for write in found.writes] == ["partly", "partly"]


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("กำหนดแล้วเสร็จ", "31/2/2570", "D04"),
        ("กำหนดแล้วเสร็จ", "ปีหน้า", "D07"),
        ("ค่าตัวชี้วัดของปีนี้", "41 ภาคี", "N06"),
        ("ค่าตัวชี้วัดของปีนี้", "0.12345", "N07"),
        ("ค่าตัวชี้วัดของปีนี้", "123456789012", "N05"),
        ("รหัสโครงการ", "P-1 | ftp://x", "V02"),
        ("สิ่งที่จะเห็นเมื่อถึงกำหนด", "ก" * 301, "T04"),
    ],
)
def test_what_is_wrong_is_wrong_in_its_cell(open_round, heading, value, code):
    found = check_cell(open_round, heading, value)
    assert [(each.column, each.problem.code) for each in found.troubles] == [(heading, code)]
    assert (found.writes, found.wrong) == ([], 1)


def test_what_is_submitted_keeps_the_rules_of_what_stands(open_round, people):
    said = {"response": "accepted", "response_on": date(2026, 3, 2), "target_on": date(2026, 9, 30)}
    later = say_and_follow(open_round, people, "1.2", **said)
    heads = ["คำตอบต่อมาตรการย่อย", "เหตุผลของคำตอบ", "วันที่ตอบรับมาตรการ", "กำหนดแล้วเสร็จ"]
    filled = row("1.2", "พม.", "อยู่ระหว่างดำเนินการ", "ผล")
    told_anew = [*filled, "ไม่รับ", None, "1/3/2569", "31/3/2570"]
    draft = check_rows(later, told_anew, head=[*HEAD, *heads])
    assert len(draft.writes) == 1, "a draft may be unfinished"
    found = check_rows(later, told_anew, head=[*HEAD, *heads], submit=True)
    assert found.writes == []
    assert [(heading, params["why"]) for heading, _code, params in problems(found)] == [
        ("เหตุผลของคำตอบ", "ระบุเหตุผลของคำตอบ “ไม่รับ”"),
        (
            "วันที่ตอบรับมาตรการ",
            "คำตอบใหม่ต้องลงวันที่หลังคำตอบเดิม (“รับไปดำเนินการ” เมื่อ 2 มี.ค. 2569) คำตอบเดิมยังแสดงอยู่",
        ),
        ("", "กำหนดเดิมคือ 30 ก.ย. 2569 ระบุเหตุผลที่เปลี่ยนกำหนด กำหนดเดิมยังแสดงอยู่"),
    ]
    mended = [*filled, "ไม่รับ", "ไม่มีงบ", "3/3/2569", "30/9/2569"]
    assert len(check_rows(later, mended, head=[*HEAD, *heads], submit=True).writes) == 1


# Written and undone ---------------------------------------------------------------------------


def test_an_import_writes_it_and_undo_restores_it(record, people, open_round):
    old = ALL | {"target_on": date(2026, 1, 31), "indicator_value": Decimal("41.25")}
    report = make_report(open_round, "1.2", by=people["staff"], state="draft", **old)
    before = picture()
    empty = {
        "response": "",
        "response_on": None,
        "target_on": "2027-09-30",
        "indicator_baseline": None,
        "indicator_value": "-0.5",
        "project_codes": "",
    }
    by = people["administrator"]
    writing.apply(record=record, writes=[write_for(report, **empty)], learnt={}, by=by)
    now = StatusReport.objects.get(pk=report.pk)
    assert (now.response, now.response_on, now.target_on) == ("", None, date(2027, 9, 30))
    assert (now.indicator_baseline, now.indicator_value) == (None, Decimal("-0.5"))
    taking_back.undo(record=record, by=by)
    assert picture() == before
    again = StatusReport.objects.get(pk=report.pk)
    assert {name: getattr(again, name) for name in old} == old


def test_the_instructions_name_the_new_columns(lead):
    book = openpyxl.load_workbook(BytesIO(out(lead)))
    words = {cells[0].value: cells[1].value for cells in book["คำแนะนำ"].iter_rows()}
    assert words["คำตอบต่อมาตรการย่อย"].startswith("เฉพาะหน่วยงานหลัก")
    assert words["รหัสโครงการ"].startswith("บรรทัดละ 1 รหัส: eMENSCR")
