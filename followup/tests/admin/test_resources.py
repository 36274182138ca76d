"""The spreadsheets of the admin: what goes out comes back, and what is refused."""

import csv
import re
from collections.abc import Iterable
from datetime import date
from html import unescape
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from import_export import tmp_storages

from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
)
from followup.tests.admin.pages import SHEETS, export, label, no_inline, said, url
from forum_portal import import_storage
from proposals.models import Measure, Resolution

XLSX, CSV = "0", "1"


def preview(desk: Client, model: Any, content: bytes, file_format: str) -> Any:
    name = {XLSX: "file.xlsx", CSV: "file.csv"}[file_format]
    sent = {"format": file_format, "import_file": SimpleUploadedFile(name, content)}
    return desk.post(url(model, "import"), sent | {"resource": "0"})


def confirm(desk: Client, model: Any, checked: Any, **changes: str) -> Any:
    sent = checked.context["confirm_form"].initial | changes
    return desk.post(url(model, "process_import"), sent, follow=True)


def sheet(*rows: Iterable[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def counts(response: Any) -> dict[str, int]:
    assert "result" in response.context, response.context["form"].errors
    result = response.context["result"]
    assert not result.has_errors(), [each.error for each in result.base_errors]
    return {name: count for name, count in result.totals.items() if count}


def faults(response: Any) -> list[str]:
    """Every message about a row, in order."""
    return [
        message
        for row in response.context["result"].invalid_rows
        for messages in row.error_dict.values()
        for message in messages
    ]


COLUMNS = {
    Agency: ("code,name_th,abbr_th,name_en,abbr_en,kind,parent,successor,province,aliases"),
    Assignment: ("เวที,มาตรการย่อย,หน่วยงาน,ชื่อหน่วยงาน,บทบาท,ที่มา,ยืนยันตามมติ ครั้งที่,วันที่มีมติ,ตั้งแต่ปี,ถึงปี"),
    Resolution: "forum,number,title_th,title_phrases,theme_th,title_en,summary_en,text",
    Measure: "forum,code,title_th,title_en,kind,suggested_evidence_th,start,end",
}


@pytest.mark.parametrize("file_format", [XLSX, CSV], ids=["xlsx", "csv"])
@pytest.mark.parametrize("model", SHEETS, ids=label)
def test_what_went_out_comes_back_unchanged(
    model, file_format, second_forum, desk, uploads, read_in_process
):
    """Of two forums with the same numbers."""
    response = desk.get(url(model, "export"))
    formats = response.context["form"].fields["format"].choices
    assert formats == [("", "---"), (XLSX, "xlsx"), (CSV, "csv")]
    content = export(desk, model, file_format)
    if file_format == CSV:
        assert content.startswith(b"\xef\xbb\xbf")
        assert ",".join(rows_of(content)[0]) == COLUMNS[model]
    checked = preview(desk, model, content, file_format)
    assert counts(checked) == {"skip": model.objects.count()}
    no_inline(checked)
    assert len(list(uploads.iterdir())) == 1
    if file_format == XLSX:
        return
    done = confirm(desk, model, checked)
    assert said(done) == [
        f"นำเข้า{model._meta.verbose_name}แล้ว: เพิ่ม 0 แก้ไข 0 ไม่เปลี่ยนแปลง {model.objects.count()}"
    ]
    assert not LogEntry.objects.exists()
    assert not list(uploads.iterdir())


def test_an_export_holds_what_the_list_shows(desk):
    content = export(desk, Assignment, CSV, "?role__exact=lead&q=พอช")
    expected = Assignment.objects.filter(role="lead", agency__abbr_th__contains="พอช")
    assert len(rows_of(content)) - 1 == expected.count() > 0


def test_numbers_stay_numbers_and_codes_stay_text(desk):
    book = openpyxl.load_workbook(BytesIO(export(desk, Assignment, XLSX)))
    first = [cell.value for cell in book.active[2]]
    assert first[0] == first[8] == 2565
    assert re.fullmatch(r"2565-\d\.\d", first[1])


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "  =1+1", "＝1+1", "'=1+1", "''-1"]


@pytest.mark.parametrize("file_format", [XLSX, CSV], ids=["xlsx", "csv"])
def test_formulas_never_live(file_format, desk):
    for number, text in enumerate(FORMULAS):
        Agency.objects.create(code=f"F{number}", name_th=text, kind="cso", abbr_th="'ธรรมดา")
    content = export(desk, Agency, file_format)
    if file_format == CSV:
        cells = [cell for row in rows_of(content) for cell in row]
    else:
        book = openpyxl.load_workbook(BytesIO(content))
        every = [cell for row in book.active.rows for cell in row]
        assert not [cell for cell in every if cell.data_type == "f"]
        cells = [cell.value for cell in every if isinstance(cell.value, str)]
    assert {f"'{text}" for text in FORMULAS} <= set(cells)
    assert not [cell for cell in cells if re.match(r"\s*[=+\-@＝]", cell)]
    assert counts(preview(desk, Agency, content, file_format)) == {"skip": Agency.objects.count()}


def test_a_changed_row_is_shown_then_written(desk):
    agency = Agency.objects.get(code="CODI")
    titles = ["code", "name_th", "aliases", "parent", "kind"]
    changed = ["CODI", "<b>พอช.</b>\u200b ใหม่ ", "ข; ก;ก ;", "MSDHS", agency.kind]
    content = sheet(titles, changed, [None] * 5, ["NEW_ONE", None, None, None, None])
    checked = preview(desk, Agency, content, XLSX)
    needed = "ฟิลด์นี้เว้นว่างไม่ได้"
    assert faults(checked) == [f"คอลัมน์ “{name}”: {needed}" for name in ("name_th", "kind")]
    assert "<td>4</td>" in checked.content.decode()  # the row's number in the spreadsheet
    content = content_csv(titles, changed, ["NEW_ONE", "'=1+1", "", "", "cso"])
    checked = preview(desk, Agency, content, CSV)
    assert counts(checked) == {"new": 1, "update": 1}
    no_inline(checked)
    html = checked.content.decode()
    assert f"<del>{agency.name_th}</del> <ins>&lt;b&gt;พอช.&lt;/b&gt; ใหม่</ins>" in html
    agency.refresh_from_db()
    assert "ใหม่" not in agency.name_th  # not before it is confirmed

    done = confirm(desk, Agency, checked)
    assert said(done) == ["นำเข้าหน่วยงานแล้ว: เพิ่ม 1 แก้ไข 1 ไม่เปลี่ยนแปลง 0"]
    agency.refresh_from_db()
    assert agency.name_th == "<b>พอช.</b> ใหม่"
    assert [alias.name for alias in agency.aliases.all()] == ["ก", "ข"]
    assert Agency.objects.matching("พ อ ช .").exists()
    assert Agency.objects.get(code="NEW_ONE").name_th == "=1+1"
    assert LogEntry.objects.count() == 2
    again = confirm(desk, Agency, checked)  # a second click on the same button
    assert said(again) == ["ไฟล์ที่ตรวจไว้ไม่อยู่แล้ว เลือกไฟล์แล้วตรวจอีกครั้ง"]


def content_csv(*rows: Iterable[Any], mark: bool = True) -> bytes:
    stream = StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode("utf-8-sig" if mark else "utf-8")


WRONG: list[tuple[Any, dict[str, str], str]] = [
    (Agency, {"parent": "XXX"}, "คอลัมน์ “parent”: ไม่พบหน่วยงานรหัส “XXX”"),
    (Agency, {"successor": "<b>"}, "คอลัมน์ “successor”: ไม่พบหน่วยงานรหัส “<b>”"),
    (Agency, {"province": "99"}, "คอลัมน์ “province”: ไม่พบจังหวัดรหัส “99”"),
    (
        Agency,
        {"aliases": "ก" * 201},
        "คอลัมน์ “aliases”: ชื่ออื่นยาว 201 อักขระ เกินกำหนด 200 อักขระ",
    ),
    (Agency, {"code": "ไทย"}, "คอลัมน์ “code”: ใช้อักษร A–Z ตัวเลข และ _ เท่านั้น"),
    (Assignment, {"agency": "XXX"}, "คอลัมน์ “หน่วยงาน”: ไม่พบหน่วยงาน “XXX”"),
    (
        Assignment,
        {"role": "เจ้าภาพ"},
        "คอลัมน์ “บทบาท”: ไม่รู้จัก “เจ้าภาพ” ใช้คำใดคำหนึ่ง: หน่วยงานหลัก, หน่วยงานสนับสนุน",
    ),
    (
        Assignment,
        {"basis": "มั่นใจ"},
        "คอลัมน์ “ที่มา”: ไม่รู้จัก “มั่นใจ” ใช้คำใดคำหนึ่ง: ระบุในข้อความ, เสนอ รอ คสป. ยืนยัน, คสป. ยืนยันแล้ว",
    ),
    (
        Assignment,
        {"confirmed_on": "เมื่อวาน"},
        "คอลัมน์ “วันที่มีมติ”: วันที่ “เมื่อวาน” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569",
    ),
    (Assignment, {"measure": "9.9"}, "คอลัมน์ “มาตรการย่อย”: ไม่พบมาตรการย่อย “9.9”"),
    (
        Assignment,
        {"measure": "ข้อสาม"},
        "คอลัมน์ “มาตรการย่อย”: อ่านรหัส “ข้อสาม” ไม่ได้ เขียนปีของเวที ขีด เลขข้อ จุด เลขข้อย่อย เช่น 2565-1.1",
    ),
    (
        Assignment,
        {"valid_from": "67"},
        "คอลัมน์ “ตั้งแต่ปี”: ปี “67” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567",
    ),
    (Resolution, {"forum": "2599"}, "คอลัมน์ “forum”: ไม่พบการประชุมปี “2599”"),
    (Resolution, {"number": "สาม"}, "คอลัมน์ “number”: “สาม” ไม่ใช่จำนวนเต็ม"),
    (
        Resolution,
        {"number": "3", "text": "ข้อความอื่น"},
        "คอลัมน์ “text”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
    ),
    (
        Resolution,
        {"number": "3", "text": ""},
        "คอลัมน์ “text”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
    ),
    (
        Measure,
        {"code": "3.4", "start": "1"},
        "คอลัมน์ “start”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
    ),
    (
        Measure,
        {"code": "3.4", "end": "999"},
        "คอลัมน์ “end”: ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้",
    ),
    (Measure, {"code": "9.1"}, "คอลัมน์ “code”: ไม่พบข้อเสนอที่ 9"),
]


@pytest.mark.parametrize("model", SHEETS, ids=label)
def test_what_is_wrong_with_a_row(model, desk, forum):
    """One file: each row has one fault, and each fault its sentence; only the last row has none."""
    good = {
        Agency: {"code": "NEW_ONE", "name_th": "ก", "kind": "cso"},
        Assignment: {
            "measure": "3.4",
            "agency": "THF",
            "role": "lead",
            "basis": "proposed",
            "valid_from": "2590",
        },
        Resolution: {
            "forum": "2565",
            "number": "1",
            "title_th": "ก",
            "text": forum.resolutions.get(number=1).text,
        },
        Measure: {"code": "3.4", "title_th": "ก", "kind": "output"}
        | Measure.objects.filter(resolution__number=3, number=4).values("start", "end").get(),
    }[model]
    faulty = [(row, message) for of, row, message in WRONG if of is model]
    good |= {column: "" for row, _message in faulty for column in row if column not in good}
    rows = []
    for row, _message in faulty:
        rows.append({**good, **row}.values())
    checked = preview(desk, model, sheet(good, *rows, good.values()), XLSX)
    assert faults(checked) == [message for _row, message in faulty]
    rest = "update" if model in {Resolution, Measure} else "new"
    assert counts(checked) == {"invalid": len(faulty), rest: 1}
    assert "confirm_form" not in checked.context
    numbers = [row.number for row in checked.context["result"].invalid_rows]
    assert len(numbers) == len(faulty)
    for number in range(2, len(faulty) + 2):  # as the spreadsheet counts its rows
        assert f"<td>{number}</td>" in checked.content.decode()
    assert f"<td>{len(faulty) + 2}</td>" not in checked.content.decode()


def test_one_code_in_two_forums(second_forum, desk):
    row = ["3.2", "THF", "support", "named", 2590]
    titles = ["measure", "agency", "role", "basis", "valid_from"]
    checked = preview(desk, Assignment, sheet(titles, row), XLSX)
    assert faults(checked) == [
        "คอลัมน์ “มาตรการย่อย”: มีรหัส “3.2” ในการประชุมมากกว่าหนึ่งปี เขียนรหัสเต็ม เช่น 2565-3.2"
    ]
    checked = preview(
        desk, Assignment, sheet([*titles, "forum"], ["2565-3.2", *row[1:], 2566]), XLSX
    )
    assert faults(checked) == [
        "คอลัมน์ “มาตรการย่อย”: รหัส “2565-3.2” เป็นของเวทีอื่น คอลัมน์ “forum” ระบุปี 2566 แก้ให้ตรงกัน"
    ]
    for code, year in (("2566-3.2", 2588), ("๒๕๖๕-๓.๒", 2589)):
        ends = [*titles, "valid_to"], [code, *row[1:4], year, year]
        confirm(desk, Assignment, preview(desk, Assignment, sheet(*ends), XLSX))
    assert [Assignment.objects.get(valid_from=year).measure.full_code for year in (2588, 2589)] == [
        "2566-3.2",
        "2565-3.2",
    ]
    checked = preview(desk, Assignment, sheet([*titles, "forum"], [*row, 2566]), XLSX)
    assert counts(checked) == {"new": 1}
    confirm(desk, Assignment, checked)
    assert Assignment.objects.get(valid_from=2590).measure.resolution.forum.year_be == 2566


def test_words_and_codes_are_read_alike(desk, forum):
    thai = ["มาตรการย่อย", "หน่วยงาน", "บทบาท", "ที่มา", "ยืนยันตามมติ ครั้งที่", "วันที่มีมติ", "ตั้งแต่ปี"]
    codes = ["measure", "agency", "role", "basis", "confirmed_ref", "confirmed_on", "valid_from"]
    for titles, row in (
        (thai, ["2565-8.2", "พอช.", "สนับสนุน", "คสป. ยืนยันแล้ว", "3/2569", "12 ต.ค. 2569", 2590]),
        (codes, ["2565-8.1", "CODI", "support", "confirmed", "3/2569", "12/10/2569", "2590"]),
        ([*codes[:3], "ที่มา", *codes[4:]], ["8.2", "MOF", "หน่วยงานหลัก", "named", "", "", 2590]),
    ):
        confirm(desk, Assignment, preview(desk, Assignment, sheet(titles, row), XLSX))
    stored = [
        (*map(str, (each.measure.code, each.agency.code, each.role, each.basis)), each.confirmed_on)
        for each in Assignment.objects.filter(valid_from=2590).order_by("pk")
    ]
    day = date(2026, 10, 12)
    assert stored == [
        ("8.2", "CODI", "support", "confirmed", day),
        ("8.1", "CODI", "support", "confirmed", day),
        ("8.2", "MOF", "lead", "named", None),
    ]
    rows = rows_of(export(desk, Assignment, CSV, "?valid_from=2590"))
    assert rows[1][1:] == [
        *("2565-8.1", "CODI", Agency.objects.get(code="CODI").name_th, "หน่วยงานสนับสนุน"),
        *("คสป. ยืนยันแล้ว", "3/2569", "12 ต.ค. 2569", "2590", ""),
    ]


def test_what_a_confirmed_row_may_not_be(desk, forum):
    titles = ["measure", "agency", "role", "basis", "confirmed_ref", "confirmed_on", "valid_from"]
    both = "ระบุครั้งที่และวันที่ของมติให้ครบทั้งคู่ และเฉพาะที่ คสป. ยืนยันแล้ว ที่ยังรอยืนยันให้เว้นว่าง"
    for row, sentence in (
        (["8.2", "THF", "lead", "proposed", "3/2569", "12/10/2569", 2590], both),
        (["8.2", "THF", "lead", "confirmed", "3/2569", "", 2590], both),
        (
            ["8.2", "THF", "lead", "confirmed", "3/2599", "1/1/2599", 2590],
            "คอลัมน์ “วันที่มีมติ”: วันที่ 1 มกราคม 2599 ยังมาไม่ถึง ระบุวันที่ คสป. มีมติแล้ว",
        ),
    ):
        checked = preview(desk, Assignment, sheet(titles, row), XLSX)
        assert faults(checked) == [sentence]
    AgencyAlias.objects.create(agency=Agency.objects.get(code="MOF"), name="พอช")
    row = ["8.2", "พอช.", "lead", "proposed", "", "", 2590]
    assert faults(preview(desk, Assignment, sheet(titles, row), XLSX)) == [
        "คอลัมน์ “หน่วยงาน”: “พอช.” เป็นชื่อของหลายหน่วยงาน ใช้รหัส: MOF, CODI"
    ]


def test_a_heading_in_both_ways_is_one_column(desk, forum):
    checked = preview(desk, Assignment, sheet(["measure", "มาตรการย่อย"], ["8.2", "8.2"]), XLSX)
    assert [str(each.error) for each in checked.context["result"].base_errors] == [
        "คอลัมน์ “มาตรการย่อย” ซ้ำกัน เหลือไว้คอลัมน์เดียวแล้วตรวจไฟล์อีกครั้ง"
    ]


def test_no_spreadsheet_adds_what_is_public_as_it_is_stored(desk, forum):
    text = forum.resolutions.get(number=1).text
    titles = ["forum", "number", "title_th", "text"]
    checked = preview(desk, Resolution, sheet(titles, [2565, 9, "ใหม่", text]), XLSX)
    sentence = "ไม่มีรายการนี้ในระบบ เพิ่มข้อเสนอและมาตรการย่อยใหม่เป็นร่างที่หน้า “เวที” ไม่ใช่ด้วยสเปรดชีต"
    assert faults(checked) == [sentence]
    titles = ["code", "title_th", "kind", "start", "end"]
    checked = preview(desk, Measure, sheet(titles, ["1.9", "ใหม่", "output", 2, 7]), XLSX)
    assert faults(checked) == [sentence]
    assert Resolution.objects.count() == 8
    assert Measure.objects.count() == 34


def test_imported_assignments_reach_the_open_round(desk, open_round, people, monkeypatch):
    before = open_round.reports.count()
    titles = ["measure", "agency", "role", "basis", "valid_from"]
    content = sheet(titles, ["8.2", "THF", "support", "confirmed", "2026"])  # either era
    with monkeypatch.context() as patch:
        patch.setattr("followup.resources.refresh_open_rounds", lambda: pytest.fail("too early"))
        checked = preview(desk, Assignment, content, XLSX)
    assert counts(checked) == {"new": 1}
    assert open_round.reports.count() == before
    confirm(desk, Assignment, checked)
    assert open_round.reports.count() == before + 1
    assignment = Assignment.objects.get(valid_from=2569)
    assert assignment.history.get().history_user == people["administrator"]
    content = sheet([*titles, "valid_to"], ["8.2", "THF", "support", "confirmed", 2569, 2569])
    confirm(desk, Assignment, preview(desk, Assignment, content, XLSX))
    assert assignment.history.count() == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            content_csv(["code", "name"], ["X", "ก"]),
            "ไม่รู้จักคอลัมน์ “name” คอลัมน์ที่ใช้ได้: " + COLUMNS[Agency].replace(",", ", "),
        ),
        (content_csv(["name_th"], ["ก"]), "ไฟล์ต้องมีคอลัมน์ “code”"),
    ],
)
def test_what_is_wrong_with_the_columns(content, message, desk):
    checked = preview(desk, Agency, content, CSV)
    assert [str(each.error) for each in checked.context["result"].base_errors] == [message]
    assert "confirm_form" not in checked.context
    assert "Traceback" not in checked.content.decode()


DAMAGED = "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่านแล้วลองอีกครั้ง"


@pytest.mark.parametrize(
    ("content", "file_format", "message"),
    [
        (sheet(["code"], ["X"]), CSV, DAMAGED),
        (b"code\nX\n", XLSX, DAMAGED),
        (content_csv(["code"]), CSV, "ไฟล์นี้ไม่มีแถวข้อมูล"),
        (sheet(["code"], [None]), XLSX, "ไฟล์นี้ไม่มีแถวข้อมูล"),
        (sheet(), XLSX, "ไฟล์ว่าง ไม่มีแถวข้อมูลให้นำเข้า"),
        (sheet(["code"], *[["X"]] * 5001), XLSX, "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว"),
        (content_csv(["code"], *[["X"]] * 5001), CSV, "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว"),
    ],
)
def test_what_is_wrong_with_the_file(content, file_format, message, desk):
    checked = preview(desk, Agency, content, file_format)
    assert checked.context["form"].errors == {"import_file": [message]}
    assert "result" not in checked.context


def test_a_csv_file_may_lack_the_mark(desk):
    content = content_csv(["code", "name_th", "kind"], ["X", "ก", "cso"], mark=False)
    assert counts(preview(desk, Agency, content, CSV)) == {"new": 1}


def test_a_sheet_may_state_fewer_rows_than_it_has(desk):
    content = sheet(["code", "name_th", "kind"], *[[f"X{n}", "ก", "cso"] for n in range(9)])
    stream = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"A1:C10"', b'"A1:C3"'))
    assert stream.getvalue() != content
    assert counts(preview(desk, Agency, stream.getvalue(), XLSX)) == {"new": 9}


def test_only_a_file_that_was_checked_is_imported(desk, uploads, tmp_path, monkeypatch):
    content = content_csv(["code", "name_th", "kind"], ["X", "ก", "cso"])
    checked = preview(desk, Agency, content, CSV)
    for place in (uploads, tmp_path):
        (place / "canary").write_bytes(content)
    own = checked.context["confirm_form"].initial["import_file_name"]
    stem = signing.loads(own, salt=import_storage.SALT)
    forged = ["canary", "../../canary", str(uploads / "canary"), stem, own[:-1]]
    forged += [signing.dumps("canary"), signing.dumps("canary", salt="another")]
    refused = ["ไฟล์ที่ตรวจไว้ไม่อยู่แล้ว เลือกไฟล์แล้วตรวจอีกครั้ง"]
    opened: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(tmp_storages, "open", lambda *args, **_: opened.append(args), raising=False)
        for name in forged:
            response = confirm(desk, Agency, checked, import_file_name=name)
            assert response.redirect_chain == [(url(Agency, "import"), 302)], name
            assert said(response) == refused
        patch.setattr(import_storage, "MAX_AGE", -1)
        assert said(confirm(desk, Agency, checked)) == refused
    assert opened == []
    assert {path.name for path in uploads.iterdir()} == {"canary", stem}
    assert not Agency.objects.filter(code="X").exists()
    done = confirm(desk, Agency, checked)
    assert said(done) == ["นำเข้าหน่วยงานแล้ว: เพิ่ม 1 แก้ไข 0 ไม่เปลี่ยนแปลง 0"]


def test_all_of_a_file_or_none_of_it(desk):
    """What was right at the preview may be wrong at the confirmation."""
    parent = Agency.objects.create(code="PARENT", name_th="ก", kind="cso")
    content = content_csv(
        ["code", "name_th", "kind", "parent"], ["X", "ก", "cso", ""], ["Y", "ข", "cso", "PARENT"]
    )
    checked = preview(desk, Agency, content, CSV)
    assert counts(checked) == {"new": 2}
    parent.delete()
    done = confirm(desk, Agency, checked)
    assert said(done) == ["ข้อมูลในระบบเปลี่ยนไปหลังการตรวจ จึงยังไม่ได้นำเข้า เลือกไฟล์แล้วตรวจอีกครั้ง"]
    assert not Agency.objects.filter(code__in=["X", "Y"]).exists()
    assert not AgencyAlias.objects.filter(agency__code="X").exists()


def test_a_row_with_another_agencys_name_is_warned_of_in_the_preview(desk, forum, read_in_process):
    codi = Agency.objects.get(code="CODI")
    columns = ("code", "name_th", "abbr_th", "kind", "name_en")
    content = content_csv(
        columns,
        ("NEW", "หน่วยงานใหม่", "พอช", "department", ""),
        ("CODI", "สถาบันใหม่", codi.abbr_th, codi.kind, codi.name_en),
        ("MOF", "กระทรวงการคลังใหม่", "กค.", "ministry", codi.name_en),
    )
    checked = preview(desk, Agency, content, CSV)
    new, other = checked.context["result"].notices
    assert new.startswith("NEW: ชื่อนี้เป็นของหน่วยงานอื่นด้วย: ")
    assert "[CODI]" in new
    assert other.startswith("MOF: ")
    assert new in unescape(checked.content.decode())
    assert not Agency.objects.filter(code="NEW").exists()
    confirm(desk, Agency, checked)
    assert Agency.objects.filter(code="NEW").exists(), "a warning forbids nothing"
    names = set(Agency.objects.get(code="CODI").aliases.values_list("name", flat=True))
    assert codi.name_th in names, "the former name is still read"
