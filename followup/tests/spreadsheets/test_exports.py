"""Lists as .xlsx and .csv: whole, harmless, and read again as they were."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions
from followup.models import ReportState, Round
from followup.spreadsheets import exports, workbook
from followup.spreadsheets.fields import Field
from followup.spreadsheets.types import Book, Column, Layout, Sheet
from followup.status import Status
from followup.tests.factories import find_report, grow, link, make_report
from followup.tests.spreadsheets.office import SOFFICE, WHY, convert, read
from followup.tests.spreadsheets.wizard import table_of
from forum_portal.cells import unsafe_cell

HEADINGS = [column.text for column in exports.REPORT_COLUMNS]


def taken(round_, kind):
    """The content of an export."""
    _name, _type, content = exports.reports(round_, kind)
    return b"".join(content)


def csv_rows(content: bytes):
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_rows(content: bytes):
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
def some(open_round, people):
    """The open round with a draft, a waiting and an approved report."""
    staff, reviewer = people["staff"], people["reviewer"]
    make_report(
        open_round,
        "2.8",
        by=staff,
        state=ReportState.DRAFT,
        results="- จัดเวที 4 ภาค\nครบ, ทุก “ภาค”; น้ำใจ",
        budget_received="1250000.50",
    )
    make_report(open_round, "1.2", by=staff, state=ReportState.SUBMITTED)
    make_report(open_round, "3.1", by=staff, reviewer=reviewer, status=Status.CONTINUOUS)
    return open_round


def test_the_same_rows_have_the_same_bytes_whenever_they_are_written():
    """So that a public file has the same tag from each of several machines."""
    listing = exports.Listing("ชื่อ", [workbook.Heading("ช่อง", str)], ["ก", "ข"])
    written = []
    for day in (20, 21):
        with time_machine.travel(datetime(2026, 11, day, 3, tzinfo=UTC)):
            written.append(exports.to_xlsx(listing))
    assert written[0] == written[1]
    assert xlsx_rows(written[0]) == [["ช่อง"], ["ก"], ["ข"]]


# Reports --------------------------------------------------------------------------------------


def test_reports_have_the_columns_of_the_workbook(some):
    name, content_type, content = exports.reports(some, "xlsx")
    assert (name, content_type) == ("รายงานผล_2569.xlsx", exports.XLSX_TYPE)
    heading, *rows = xlsx_rows(b"".join(content))
    assert heading == HEADINGS
    assert [*heading[:-2], heading[-1]] == [column.text for column in workbook.HEADINGS]
    assert heading[-2:] == ["ขั้นตอน", "รหัสแถว"]
    reports = list(some.reports.with_context())
    assert [row[:2] for row in rows] == [[r.measure.full_code, r.measure.title_th] for r in reports]
    stages = {row[-2] for row in rows}
    assert stages == {"ฉบับร่าง", "ส่งตรวจ", "รับรองแล้ว"}


def test_csv_says_the_same(some):
    name, content_type, content = exports.reports(some, "csv")
    assert (name, content_type) == ("รายงานผล_2569.csv", "text/csv; charset=utf-8")
    whole = b"".join(content)
    assert whole.startswith(b"\xef\xbb\xbf")
    money = HEADINGS.index("งบประมาณ (บาท)")
    theirs = [
        ["" if cell is None else str(cell) for cell in row]
        for row in xlsx_rows(taken(some, "xlsx"))
    ]
    ours = csv_rows(whole)
    for row in ours[1:]:
        row[money] = row[money].replace("1250000.50", "1250000.5")
    assert ours == theirs


@pytest.mark.parametrize("kind", exports.KINDS)
def test_reports_are_known_when_they_come_back(kind, some, tmp_path):
    found = workbook.read_back(read(taken(some, kind), tmp_path, f"ก.{kind}"))
    assert found
    assert (found.round_code, found.agency_code) == ("2569", "")
    assert found.layout.header_last == 0
    expected = [report.assignment_id for report in some.reports.with_context()]
    assert found.keys == dict(enumerate(expected, start=1))
    fields = {column.heading: column.field for column in found.layout.columns}
    assert fields == {column.text: column.field for column in workbook.HEADINGS} | {"ขั้นตอน": None}


@pytest.mark.parametrize("kind", exports.KINDS)
def test_every_value_comes_back(kind, some, tmp_path):
    book = read(taken(some, kind), tmp_path, f"ก.{kind}")
    found = workbook.read_back(book)
    assert found
    place = {column.field: column.index for column in found.layout.columns}
    for index, assignment in found.keys.items():
        report = some.reports.get(assignment=assignment)
        cells = [unsafe_cell(cell) for cell in book.sheets[0].rows[index]]

        def text(field, cells=cells):
            return cells[place[field]] or ""

        assert text(Field.RESULT) == report.results
        assert text(Field.PROBLEMS) == report.obstacles
        assert text(Field.STATUS) == (
            str(Status(report.reported_status).label) if report.reported_status else ""
        )
        money = cells[place[Field.BUDGET]]
        assert (None if money is None else float(money)) == report.budget_received
        assert (
            text(Field.EVIDENCE).split("\n")
            == [f"{piece.title} | {piece.url}" for piece in report.evidence.all()]
            or text(Field.EVIDENCE) == ""
        )


def as_csv(rows):
    return Book([Sheet("ก", rows)], "csv", "utf-8", ",")


def test_a_csv_file_whose_keys_do_not_hold_is_an_ordinary_file(some):
    rows = [[cell or None for cell in row] for row in csv_rows(taken(some, "csv"))]
    assert workbook.read_back(as_csv(rows))
    without = [row[:-1] for row in rows]
    assert workbook.read_back(as_csv(without)) is None
    for value in ("1", workbook.row_key("2568", 1)):
        spoilt = [*rows[:2], [*rows[2][:-1], value], *rows[3:]]
        assert workbook.read_back(as_csv(spoilt)) is None
    own = workbook.read_back(as_csv([*rows[:2], [*rows[2][:-1], None], *rows[3:]]))
    assert own
    assert own.unkeyed == [2], "a row that somebody put in is set aside"
    assert workbook.read_back(as_csv([])) is None
    assert workbook.read_back(Book([], "csv")) is None


@pytest.mark.parametrize("kind", exports.KINDS)
def test_nothing_in_a_list_runs(kind, some, people):
    text = "=cmd|' /C calc'!A0"
    report = find_report(some, "6.3")
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=0,
        fields={"results": text},
        evidence=[link() | {"title": text}],
    )
    content = taken(some, kind)
    rows = csv_rows(content) if kind == "csv" else xlsx_rows(content)
    row = next(row for row in rows if row[-1] == workbook.row_key("2569", report.assignment_id))
    assert row[HEADINGS.index("ผลการดำเนินงาน")] == f"'{text}"
    assert row[HEADINGS.index("หลักฐาน")].startswith("'=cmd")
    assert not [cell for line in rows for cell in line if str(cell or "").startswith("=")]


def test_no_such_format(open_round):
    with pytest.raises(LookupError):
        exports.reports(open_round, "pdf")


def test_csv_comes_in_parts_without_a_query(demo, monkeypatch):
    monkeypatch.setattr(exports, "_CHUNK", 100)
    round_ = Round.objects.get(year_be=2569)
    _name, _type, content = exports.reports(round_, "csv")
    with CaptureQueriesContext(connection) as captured:
        parts = list(content)
    assert len(captured) == 0
    assert round_.reports.count() == 103
    assert len(parts) == 2
    assert len(csv_rows(b"".join(parts))) == round_.reports.count() + 1


def test_queries_do_not_grow(demo):
    round_ = Round.objects.get(year_be=2569)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            taken(round_, "xlsx")
        return len(captured)

    before = queries()
    grow(3)
    assert queries() == before == 8


@pytest.mark.slow
@pytest.mark.once
def test_csv_opens_in_libreoffice_with_its_thai_intact(some, require, tmp_path):
    require(SOFFICE, WHY)
    source = tmp_path / "รายงาน.csv"
    source.write_bytes(taken(some, "csv"))
    # Fields by comma, text in ", UTF-8, from the first line, all columns as text.
    columns = "/".join(f"{number}/2" for number in range(1, len(HEADINGS) + 1))
    saved = convert(
        source, tmp_path / "office", f"--infilter=CSV:44,34,76,1,{columns}"
    ).read_bytes()
    found = [[cell or "" for cell in row] for row in xlsx_rows(saved)]
    assert found == csv_rows(source.read_bytes())
    assert found[0] == HEADINGS
    assert "'- จัดเวที 4 ภาค\nครบ, ทุก “ภาค”; น้ำใจ" in {row[5] for row in found}


# The rows of an import that need fixing -------------------------------------------------------


def test_problem_rows_stand_beside_their_messages():
    sheet = Sheet(
        "ก",
        [
            ["แบบรายงาน", None, None, None, None],
            ["รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ", "สถานะ", "งบประมาณ", "วันที่เริ่ม"],
            ["2.1", "พอช.", "แล้วเสร็จ", 5.0, date(2024, 9, 30)],
            ["2.2", "=พอช", "ดำเนินการแล้ว", "๑O๐", date(2567, 9, 30)],
            ["9.9", "ปค.", "ดำเนินการแล้ว", 1250000.5, datetime(2024, 9, 30, 10, 0)],
            ["2.3", "ปค.", "-", True, "ก" * 40_000],
        ],
    )
    columns = [
        Column(0, "รหัสมาตรการย่อย", Field.CLAUSE_CODE),
        Column(1, "หน่วยงานรับผิดชอบ", Field.LEAD_AGENCY),
        Column(2, "สถานะ", Field.STATUS),
        Column(3, "งบประมาณ", Field.BUDGET),
        Column(4, "วันที่เริ่ม", Field.DATE_START),
    ]
    table = table_of(sheet, Layout("ก", 1, 1, columns))

    def at(row, index, message):
        return {"index": index, "message": message, "cells": [[0, row, ""]]}

    def asked(key, index, message, *rows):
        return {"key": key, "index": index, "message": message, "rows": [[0, row] for row in rows]}

    kept = {
        "forums": [0],
        "rest": {
            "error": [at(4, 3, "งบประมาณ “๑O๐” ไม่ใช่ตัวเลข"), at(5, -1, "แถวนี้ผิด")],
            "warn": [at(3, 0, "เตือน")],
        },
        "questions": [
            asked("S02", 2, "เริ่มแล้ว หรือ แล้วเสร็จ", 4, 5),
            asked("S01", 2, "ถามแล้ว", 3, 4),
            asked("D04", 4, "ไม่ใช่วันที่", 6),
        ],
    }
    content = exports.problem_workbook([table], kept, {"S01": "completed"})
    heading, *rows = xlsx_rows(content)
    assert heading == [
        "แถวในไฟล์เดิม",
        "ทั้งแถว",
        "รหัสมาตรการย่อย",
        "หน่วยงานรับผิดชอบ",
        "สถานะ",
        "ต้องแก้: สถานะ",
        "งบประมาณ",
        "ต้องแก้: งบประมาณ",
        "วันที่เริ่ม",
        "ต้องแก้: วันที่เริ่ม",
    ]
    either = "เริ่มแล้ว หรือ แล้วเสร็จ"
    wrong = "งบประมาณ “๑O๐” ไม่ใช่ตัวเลข"
    assert rows[:2] == [
        [4, None, "2.2", "'=พอช", "ดำเนินการแล้ว", either, "๑O๐", wrong, "30/9/2567", None],
        [5, "แถวนี้ผิด", "9.9", "ปค.", "ดำเนินการแล้ว", either, 1250000.5, None, "30/9/2567", None],
    ]
    last = rows[2]
    assert last[:8] == [6, None, "2.3", "ปค.", "'-", None, "TRUE", None]
    assert 4_000 < len(last[8]) < 32_767
    assert last[9] == "ไม่ใช่วันที่"


def test_problem_rows_of_several_sheets_say_which():
    """Sheets with the same headings share one sheet, so that it can be imported as one again."""
    heads = ["รหัสมาตรการย่อย", "สถานะ"]
    columns = [Column(0, heads[0], Field.CLAUSE_CODE), Column(1, heads[1], Field.STATUS)]
    tables = [
        replace(
            table_of(Sheet(name, [heads, ["9.9", "x"]]), Layout(name, 0, 0, columns)), place=name
        )
        for name in ("ก", "ข")
    ]
    error = {"index": 0, "message": "ไม่มีรหัสนี้", "cells": [[0, 2, ""], [1, 2, ""]]}
    kept = {"forums": [0, 0], "rest": {"error": [error]}, "questions": []}
    heading, *rows = xlsx_rows(exports.problem_workbook(tables, kept))
    assert heading[:3] == ["ไฟล์และชีตเดิม", "แถวในไฟล์เดิม", "ทั้งแถว"]
    assert [row[:2] for row in rows] == [["ก", 2], ["ข", 2]]


def test_nothing_to_mend_is_a_workbook_that_says_so():
    kept = {"forums": [], "rest": {"error": []}, "questions": []}
    book = openpyxl.load_workbook(BytesIO(exports.problem_workbook([], kept)))
    assert book.sheetnames == ["ไม่มีรายการที่ต้องแก้"]
