"""The import's pages: what can be sent, what is refused, and whose an upload is."""

import io
import os
import zipfile
from datetime import timedelta

import docx
import pytest
from django.urls import reverse
from django.utils import timezone

from followup import actions, background
from followup.models import ImportState, Round, SpreadsheetImport
from followup.spreadsheets import session
from followup.tests.spreadsheets.office import SOFFICE, WHY, convert
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    HEAD,
    MESSY,
    confirm,
    record_of,
    report_of,
    row,
    sentences,
    upload,
    walk_to_check,
    xlsx,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ว่าง.xlsx", b"", told("F11")),
        ("เก่า.xls", b"\xd0\xcf\x11\xe0" * 20, "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน"),
        ("ภาพ.png", b"\x89PNG\r\n", "ไม่รองรับไฟล์ .png"),
        ("หน้าเว็บ.xlsx", b"<html><body>x</body></html>", "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน"),
        ("เพี้ยน.csv", b"a,b\n\xff\xfe\x81,1\n", "ไม่พบตัวอักษรไทยที่อ่านได้"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence_and_leaves_nothing(
    desk, import_folder, name, content, sentence
):
    response = upload(desk, content, name)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not SpreadsheetImport.objects.exists()
    assert not list(import_folder.glob("*")) if import_folder.exists() else True


def test_no_file_and_no_open_round(desk, people):
    response = desk.post(reverse("import"), {"round": "2569"})
    assert response.status_code == 422
    assert "เลือกไฟล์ หรือวางตารางที่คัดลอกมา" in response.content.decode()
    actions.close_round(round_=Round.objects.get(year_be=2569), by=people["staff"])
    assert "ไม่มีรอบที่เปิดรับรายงาน" in desk.get(reverse("import")).content.decode()


def test_an_upload_belongs_to_whoever_made_it(desk, client, people, django_user_model):
    record = walk_to_check(desk, xlsx(*MESSY[:2]))
    other = django_user_model.objects.create_user("other", display_name="ผู้ดูแลอีกคน")
    other.groups.set(people["administrator"].groups.all())
    client.force_login(other)
    for name in ("import-sheet", "import-columns", "import-check", "import-confirm"):
        assert client.get(reverse(name, args=[record.pk])).status_code == 404
        assert client.post(reverse(name, args=[record.pk])).status_code == 404
    assert client.post(reverse("import-undo", args=[record.pk])).status_code == 404
    assert report_of("3.1", "SWF").is_untouched


@pytest.mark.parametrize("role", ["staff", "reviewer"])
def test_importing_is_for_administrators(client, people, open_round, role):
    client.force_login(people[role])
    assert client.get(reverse("import")).status_code == 403
    assert upload(client, xlsx(*MESSY)).status_code == 403


def test_an_upload_is_gone_after_a_day(desk, import_folder):
    record = walk_to_check(desk, xlsx(*MESSY[:2]))
    assert record.upload().exists()
    old, fresh = import_folder / "never-confirmed", import_folder / "waits"
    for path in (old, fresh):
        path.write_bytes(b"the admin's own import")
    yesterday = (timezone.now() - timedelta(hours=25)).timestamp()
    os.utime(old, (yesterday, yesterday))
    SpreadsheetImport.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert session.purge() == 2
    assert (old.exists(), fresh.exists()) == (False, True)
    assert not list(import_folder.glob("*/upload"))
    assert not SpreadsheetImport.objects.exists()


def test_a_running_import_shows_how_far_it_is_and_a_lost_one_says_so(desk, monkeypatch):
    record = walk_to_check(desk, xlsx(*MESSY[:2]))
    SpreadsheetImport.objects.update(state=ImportState.APPLYING)
    session.report_progress(record, "apply", 700, 2000)
    page = desk.get(reverse("import-result", args=[record.pk])).content.decode()
    assert "700 จาก 2000 แถว" in page
    assert 'http-equiv="refresh"' in page
    monkeypatch.setattr(background, "LOST_AFTER", timedelta(seconds=-1))
    page = desk.get(reverse("import-result", args=[record.pk])).content.decode()
    assert "งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง" in page
    assert 'http-equiv="refresh"' not in page
    record.refresh_from_db()
    assert record.state == ImportState.APPLYING, "reading the page changes nothing"
    desk.post(reverse("import-result", args=[record.pk]))
    record.refresh_from_db()
    assert record.state == ImportState.FAILED
    assert record.failure == "งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง"


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
    assert "ไฟล์ “พม.xlsx” แถว 3" in " ".join(page.split())
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


def test_a_zip_of_the_portals_own_workbooks_needs_no_question(desk, people, read_in_process):
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
@pytest.mark.slow
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
