"""What can be sent: several files, a zip, a pasted table, other formats; and what is named of them."""

import io
import zipfile

import docx
import pytest
from django.urls import reverse

from followup import actions
from followup.models import SpreadsheetImport
from followup.spreadsheets import session
from followup.tests.spreadsheets.office import SOFFICE, WHY, convert
from followup.tests.spreadsheets.test_nothing_lost import HEAD, row
from followup.tests.spreadsheets.wizard import (
    confirm,
    record_of,
    report_of,
    sentences,
    upload,
    walk_to_check,
    xlsx,
)

pytestmark = pytest.mark.django_db

FIRST = xlsx(HEAD, row("1.1", "กสป."), above=0)
SECOND = xlsx(HEAD, row("1.2", "พม."), row("2.2", "สถ."), above=0)


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


def test_several_files_are_one_import_and_each_row_says_its_file(desk):
    record = walk_to_check(desk, {"กสป.xlsx": FIRST, "พม.xlsx": SECOND})
    assert record.file_name == "กสป.xlsx และอีก 1 ไฟล์"
    assert record.counts["ready"] == 3
    page = desk.get(reverse("import-check", args=[record.pk]), {"show": "all"}).content.decode()
    assert "ไฟล์ “พม.xlsx” แถว 3" in page
    confirm(desk, record)
    assert not report_of("2.2", "DLA").is_untouched


def test_a_file_of_several_that_cannot_be_read_is_named_and_the_others_go_in(desk):
    record = walk_to_check(
        desk, {"กสป.xlsx": FIRST, "ภาพ.png": b"\x89PNG", "เสีย.xlsx": b"PK\x03\x04"}
    )
    assert record.counts["ready"] == 1
    for name in ("import-check", "import-confirm"):
        page = desk.get(reverse(name, args=[record.pk])).content.decode()
        assert "ไม่ได้อ่าน 2 ไฟล์" in page
        assert "ไม่รองรับไฟล์ .png" in page
        assert "เสีย.xlsx" in page
    page = confirm(desk, record).content.decode()
    assert "ภาพ.png" in page


def test_where_no_file_can_be_read_nothing_is_kept(desk, import_folder):
    response = upload(desk, {"ก.png": b"\x89PNG", "ข.xlsx": b"PK\x03\x04"})
    assert response.status_code == 422
    assert "อ่านไฟล์ที่เลือกไม่ได้สักไฟล์ (ก.png: ไม่รองรับไฟล์ .png" in response.content.decode()
    assert not SpreadsheetImport.objects.exists()
    assert not list(import_folder.glob("*"))


def test_a_zip_is_the_files_in_it(desk):
    content = archive(**{"ปี 2569/กสป.xlsx": FIRST, "พม.xlsx": SECOND, "อ่านก่อน.pdf": b"%PDF"})
    record = walk_to_check(desk, content, "รวม.zip")
    assert record.counts["ready"] == 3
    assert [source["name"] for source in record.sources] == ["ปี 2569 - กสป.xlsx", "พม.xlsx"]
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert "อ่านก่อน.pdf" in page


def test_a_zip_of_the_portals_own_workbooks_needs_no_question(desk, people):
    response = desk.get(reverse("staff-workbooks", args=[2569]))
    record = record_of(upload(desk, response.content, "แบบฟอร์ม.zip"))
    assert len(record.sources) > 20
    page = desk.get(reverse("import-sheet", args=[record.pk]), follow=True).content.decode()
    record.refresh_from_db()
    assert record.failure == ""
    assert "ไม่มีจุดที่ต้องแก้" in page
    record.refresh_from_db()
    assert (record.counts["questions"], record.counts["wrong"]) == (0, 0)
    assert record.counts["same"] == record.counts["total"] == 103


def test_one_workbook_of_another_round_is_named_among_several(desk, people):
    other = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=other, by=people["staff"])
    foreign = desk.get(reverse("staff-workbook", args=[2570, "CODI"])).content
    record = walk_to_check(desk, {"พอช.xlsx": foreign, "กสป.xlsx": FIRST})
    assert record.counts["ready"] == 1
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert "พอช.xlsx" in page
    assert "แบบฟอร์มนี้เป็นของรอบปีงบประมาณ 2570 ไม่ใช่รอบ 2569" in page


def test_more_files_than_can_be_shown_are_refused_in_a_sentence(desk, monkeypatch):
    monkeypatch.setattr(session, "MAX_FILES", 1)
    response = upload(desk, {"ก.xlsx": FIRST, "ข.xlsx": SECOND})
    assert "เลือกไฟล์ได้ไม่เกิน 1 ไฟล์ต่อครั้ง" in response.content.decode()
    assert not SpreadsheetImport.objects.exists()


def test_a_pasted_table_is_read_as_a_file_is(desk):
    pasted = "\t".join(HEAD) + "\r\n" + "\t".join(row("3.1", "กสจ.")) + "\r\n"
    response = desk.post(reverse("import"), {"round": "2569", "pasted": pasted})
    record = record_of(response)
    desk.post(reverse("import-columns", args=[record.pk]), {"version": 0})
    record.refresh_from_db()
    assert record.counts["ready"] == 1
    confirm(desk, record)
    assert report_of("3.1", "SWF").results == "อนุมัติแล้ว"


def test_what_was_pasted_stays_where_something_is_wrong(desk):
    response = desk.post(reverse("import"), {"round": "", "pasted": "ก\tข"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "เลือกรอบที่เปิดรับรายงาน" in page
    assert "\nก\tข</textarea>" in page


def test_a_table_in_a_word_file(desk):
    document = docx.Document()
    document.add_paragraph("เรียน ฝ่ายเลขานุการ")
    table = document.add_table(rows=0, cols=4)
    for cells in (HEAD, row("3.1", "กสจ.")):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    record = walk_to_check(desk, out.getvalue(), "หนังสือตอบ.docx")
    assert record.counts["ready"] == 1
    assert any("เรียน ฝ่ายเลขานุการ" in each for each in sentences(record))


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_formats_of_other_programs(desk, tmp_path, require, kind):
    require(bool(SOFFICE), WHY)
    source = tmp_path / "ผล.xlsx"
    source.write_bytes(SECOND)
    content = convert(source, tmp_path / "office", to=kind).read_bytes()
    record = walk_to_check(desk, content, f"ผล.{kind}")
    assert record.counts["ready"] == 2
    confirm(desk, record)
    assert report_of("1.2", "MSDHS").results == "อนุมัติแล้ว"


def test_english_column_names_of_the_open_data_need_no_question(desk):
    head = ["agency_code", "status_code", "fiscal_year_be", "measure_code", "results"]
    rows = [head, ["DSDW_CSO", "in_progress", 2569, "1.1", "ok"]]
    record = walk_to_check(desk, xlsx(*rows, above=0))
    assert (record.counts["ready"], record.counts["questions"]) == (1, 0)
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").reported_status == "in_progress"


def test_the_encoding_of_a_text_file_can_be_named(desk):
    lines = [",".join(HEAD), ",".join(row("3.1", "กสจ."))]
    record = record_of(upload(desk, "\n".join(lines).encode("cp874"), "ผล.csv"))
    page = desk.get(reverse("import-sheet", args=[record.pk])).content.decode()
    assert "อ่านเป็นรหัสอักขระ cp874" in page
    desk.post(
        reverse("import-sheet", args=[record.pk]),
        {"version": 0, "read": "0:0", "encoding": "utf-8", "next": "1"},
    )
    page = desk.get(reverse("import-sheet", args=[record.pk]), follow=True).content.decode()
    assert "ไม่พบตัวอักษรไทยที่อ่านได้" in page


def test_a_file_beyond_the_limit_is_refused(desk, settings):
    settings.EVIDENCE_MAX_BYTES = len(FIRST) - 1
    response = upload(desk, FIRST)
    assert response.status_code == 422
    assert "ไฟล์ใหญ่เกิน" in response.content.decode()
    assert not SpreadsheetImport.objects.exists()


def test_files_beyond_the_limit_together_are_refused_as_such(desk, settings):
    settings.EVIDENCE_MAX_BYTES = len(FIRST) + 1
    response = upload(desk, {f"{number}.xlsx": FIRST for number in range(5)})
    assert response.status_code == 422
    assert "ไฟล์ที่เลือกรวมกันเกิน" in response.content.decode()
    assert not SpreadsheetImport.objects.exists()
