"""The import wizard from an administrator's view: upload, sheets, columns, answers, confirm, undo."""

import io
import random
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.storage import storages
from django.urls import reverse

from followup import actions
from followup.models import AgencyAlias, ImportState, Round, StatusReport
from followup.spreadsheets import session, workbook
from followup.tests import files
from followup.tests.factories import link, make_report
from followup.tests.spreadsheets.office import SOFFICE, WHY, convert
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    HEADINGS,
    MESSY,
    answer,
    confirm,
    record_of,
    report_of,
    sentences,
    undo,
    upload,
    walk_to_check,
    xlsx,
)

pytestmark = pytest.mark.django_db


def test_a_messy_file_is_asked_about_written_and_taken_back(desk, people):
    before = list(StatusReport.objects.order_by("pk").values_list("pk", "reported_status"))
    record = walk_to_check(desk, xlsx(*MESSY))
    assert record.state == ImportState.CHECKED
    assert (record.counts["total"], record.counts["ready"]) == (5, 1)
    assert (record.counts["asked"], record.counts["wrong"], record.counts["skipped"]) == (1, 2, 1)
    assert {
        told("S02", v="ดำเนินการแล้ว"),
        told("A03"),
        told("B01", v="x"),
        told("R02", v="3.7", i="3", list="3.1–3.6"),
        told("R05"),
    } <= sentences(record)
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert "แถว 4" in page
    assert "คอลัมน์ “สถานะ”" in page

    dopa = report_of("3.2", "DOPA").assignment.agency_id
    record = answer(
        desk,
        record,
        A01=f"agency:{dopa}",
        S02="in_progress",
        A03="skip",
        fix_4_6="0.5",
        fix_5_1="3.6",
    )
    assert (record.counts["ready"], record.counts["asked"], record.counts["wrong"]) == (3, 0, 0)

    desk.get(reverse("import-confirm", args=[record.pk]))
    result = confirm(desk, record)
    assert "นำเข้าแล้ว 3 รายการ" in result.content.decode()
    stored = report_of("3.1", "SWF")
    assert (stored.reported_status, stored.state) == ("in_progress", "draft")
    assert stored.budget_received == 1_250_000
    assert [piece.url for piece in stored.evidence.all()] == ["https://example.org/a"]
    assert report_of("3.2", "DOPA").budget_received == 500_000
    assert report_of("3.6", "DSDW_CSO").obstacles == "รอ"
    assert AgencyAlias.objects.filter(name="กรมการปกครองง", agency=dopa).exists()

    page = desk.get(reverse("import-undo", args=[record.pk])).content.decode()
    assert "รายงานผล <b>3</b> รายการกลับเป็นอย่างเดิมก่อนนำเข้า" in page
    assert "เลิกจำว่า “กรมการปกครองง” หมายถึงกรมการปกครอง" in page
    undone = undo(desk, record).content.decode()
    assert "ย้อนการนำเข้านี้แล้ว" in undone
    assert not AgencyAlias.objects.filter(name="กรมการปกครองง").exists()
    assert list(StatusReport.objects.order_by("pk").values_list("pk", "reported_status")) == before


def test_the_same_file_again_changes_nothing(desk):
    content = xlsx(*MESSY[:2])
    record = walk_to_check(desk, content)
    confirm(desk, record)
    record = walk_to_check(desk, content)
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert "ไฟล์นี้เคยนำเข้าแล้วเมื่อ" in page
    assert (record.counts["writes"], record.counts["same"]) == (0, 1)
    confirm(desk, record)
    record.refresh_from_db()
    assert record.state == ImportState.CHECKED  # there is nothing to confirm
    assert report_of("3.1", "SWF").version == 1


def filled_workbook(desk, agency="CODI"):
    """An agency's workbook with one row filled in, and the code of that row's measure."""
    response = desk.get(reverse("staff-workbook", args=[2569, agency]))
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    sheet = book["รายงานผล"]
    header = next(row for row in sheet.iter_rows() if any(c.value == "รหัสแถว" for c in row))
    column = {cell.value: cell.column for cell in header}
    row = header[0].row + 1
    code = str(sheet.cell(row, column["รหัสมาตรการย่อย"]).value)
    sheet.cell(row, column["สถานะ"]).value = "อยู่ระหว่างดำเนินการ"
    sheet.cell(row, column["ผลการดำเนินงาน"]).value = "ลงพื้นที่ 4 ครั้ง"
    sheet.cell(row, column["งบประมาณ (บาท)"]).value = 1250000.5
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), code


@pytest.mark.parametrize("program", ["as it was saved", "LibreOffice"])
def test_an_agencys_workbook_comes_back_filled_without_a_question(desk, tmp_path, require, program):
    content, code = filled_workbook(desk)
    if program == "LibreOffice":
        require(bool(SOFFICE), WHY)
        source = tmp_path / "แบบฟอร์ม.xlsx"
        source.write_bytes(content)
        content = convert(source, tmp_path / "office").read_bytes()
    record = walk_to_check(desk, content)
    assert record.counts["questions"] == 0
    assert (record.counts["writes"], record.counts["same"]) == (1, record.counts["total"] - 1)
    confirm(desk, record)
    stored = report_of(code, "CODI")
    assert (stored.results, stored.budget_received) == ("ลงพื้นที่ 4 ครั้ง", Decimal("1250000.50"))


def test_a_workbook_of_another_round_is_named_as_such(desk, people):
    other = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=other, by=people["staff"])
    content = desk.get(reverse("staff-workbook", args=[2570, "CODI"])).content
    response = desk.get(upload(desk, content)["Location"], follow=True)
    assert told("F13", theirs="2570", ours="2569") in response.content.decode()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_of_a_round_imports_back_to_no_change(client, people, demo, kind):
    client.force_login(people["administrator"])
    content = b"".join(client.get(reverse("staff-round-export", args=[2569, kind])))
    record = walk_to_check(client, content, f"รายงาน.{kind}")
    assert record.counts["total"] == Round.objects.get(year_be=2569).reports.count()
    assert record.counts["same"] == record.counts["total"]
    assert (record.counts["writes"], record.counts["questions"]) == (0, 0)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_files_are_named_in_an_export_and_stay_when_it_comes_back(desk, people, open_round, kind):
    report = make_report(
        open_round,
        by=people["staff"],
        state="draft",
        evidence=[link(1), files.piece(title="ดู www.example.com")],
    )
    content = b"".join(desk.get(reverse("staff-round-export", args=[2569, kind])))
    record = walk_to_check(desk, content, f"รายงาน.{kind}")
    assert (record.counts["writes"], record.counts["questions"]) == (0, 0)
    assert record.counts["same"] == record.counts["total"]
    assert "[ไฟล์ในระบบ] ดู www.example.com" in workbook.columns._links(
        workbook.Record(report, report.evidence.all(), (), None, {})
    )


def test_an_import_of_links_keeps_the_files_and_taking_it_back_too(desk, people, open_round):
    make_report(
        open_round, "3.1", "SWF", by=people["staff"], state="draft", evidence=[files.piece()]
    )
    rows = [HEADINGS, [1, "3.1", "กสจ.", "ชะลอ", None, "รอ", None, "ใหม่ | https://example.org/b"]]
    record = walk_to_check(desk, xlsx(*rows))
    confirm(desk, record)

    def pieces():
        return [
            (piece.title, piece.url, bool(piece.file))
            for piece in report_of("3.1", "SWF").evidence.all()
        ]

    assert sorted(pieces()) == [("สรุปเวที", "", True), ("ใหม่", "https://example.org/b", False)]
    undo(desk, record)
    assert pieces() == [("สรุปเวที", "", True)]
    file = report_of("3.1", "SWF").evidence.get().file
    assert storages["evidence"].exists(file.name)


@pytest.mark.parametrize(("has_file", "writes"), [(True, 1), (False, 0)])
def test_a_file_is_the_evidence_that_submitting_asks_for(
    desk, people, open_round, has_file, writes
):
    pieces = [files.piece()] if has_file else []
    make_report(open_round, "3.1", "SWF", by=people["staff"], state="draft", evidence=pieces)
    rows = [HEADINGS, [1, "3.1", "กสจ.", "ดำเนินการแล้วเสร็จ", "อนุมัติแล้ว", None, None, None]]
    record = walk_to_check(desk, xlsx(*rows))
    record.submit = True
    record.save()
    session.begin(record, "check", by=people["administrator"], rows=1)
    record.refresh_from_db()
    assert record.counts["writes"] == writes
    lacks = "ต้องมีหลักฐานอย่างน้อย 1 รายการ"
    assert any(lacks in sentence for sentence in sentences(record)) is not has_file


def test_a_row_that_names_only_a_proposal_is_asked_which_measures(desk):
    rows = [HEADINGS, [6, None, "กสป.", "ชะลอ", None, "รอแผน", None, None]]
    record = walk_to_check(desk, xlsx(*rows))
    assert told("R06", i="6", agency="กสป.") in sentences(record)
    record = answer(desk, record, R06="all")
    assert record.counts["writes"] == 5
    confirm(desk, record)
    assert report_of("6.4", "DSDW_CSO").obstacles == "รอแผน"


def test_two_rows_for_one_report_are_asked(desk):
    rows = [
        HEADINGS,
        [1, "3.1", "กสจ.", "ชะลอ", None, "เหตุแรก", None, None],
        [2, "3.1", "กสจ.", "ชะลอ", None, "เหตุหลัง", None, None],
    ]
    record = walk_to_check(desk, xlsx(*rows))
    assert told("R04", r2="4") in sentences(record)
    assert record.counts["writes"] == 0
    [question] = session.load_preview(record)["questions"]
    assert [option["label"] for option in question["options"]] == [
        "ใช้แถว 3 (ปัญหา/อุปสรรค: เหตุแรก)",
        "ใช้แถว 4 (ปัญหา/อุปสรรค: เหตุหลัง)",
    ]
    record = answer(desk, record, R04=question["options"][1]["value"])
    confirm(desk, record)
    assert report_of("3.1", "SWF").obstacles == "เหตุหลัง"


def test_what_a_reviewer_approved_is_replaced_only_when_somebody_says_so(desk, people):
    report = report_of("3.1", "SWF")
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=0,
        fields={"reported_status": "not_started"},
        evidence=[],
    )
    actions.submit(report=report, by=people["staff"], version=1)
    actions.approve(report=report, by=people["reviewer"], version=2)
    rows = [HEADINGS, [1, "3.1", "กสจ.", "ชะลอ", None, "รอ", None, None]]
    record = walk_to_check(desk, xlsx(*rows))
    assert told("U01", state="รับรอง") in sentences(record)
    assert record.counts["writes"] == 0
    assert answer(desk, record, U01="keep").counts["skipped"] == 1
    assert answer(desk, record, U01="draft").counts["writes"] == 1


def test_a_row_for_an_agency_without_that_assignment_is_refused(desk):
    rows = [HEADINGS, [1, "3.1", "กต.", "ชะลอ", None, "รอ", None, None]]
    assert told("R07", agency="กต.", v="3.1", year="2569") in sentences(
        walk_to_check(desk, xlsx(*rows))
    )


def test_cells_that_look_like_formulas_or_markup_are_text(desk):
    text = "=cmd|'/c calc'!A1"
    markup = "<script>alert(1)</script>"
    rows = [HEADINGS, [1, "3.1", "กสจ.", "ชะลอ", "'" + text, markup, None, None]]
    record = walk_to_check(desk, xlsx(*rows))
    page = desk.get(reverse("import-check", args=[record.pk]), {"show": "all"}).content.decode()
    assert markup not in page
    assert "&lt;script&gt;" in page
    confirm(desk, record)
    assert report_of("3.1", "SWF").obstacles == markup
    exported = b"".join(desk.get(reverse("staff-round-export", args=[2569, "xlsx"])))
    for sheet in openpyxl.load_workbook(io.BytesIO(exported)):
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_broken_thai_is_mended_and_said(desk):
    rows = [HEADINGS, [1, "3.1", "กสจ.", "ชะลอ", "ดําเนินการตามเเผน", "รอ", None, None]]
    record = walk_to_check(desk, xlsx(*rows))
    assert told("T01", n="2") in sentences(record)
    confirm(desk, record)
    assert report_of("3.1", "SWF").results == "ดำเนินการตามแผน"


def test_a_formula_without_its_value_stops_the_import(desk):
    rows = [HEADINGS, [1, "3.1", "กสจ.", "ชะลอ", None, "รอ", "=1+1", None]]
    record = record_of(upload(desk, xlsx(*rows)))
    desk.post(reverse("import-check", args=[record.pk]), {"start": "1"}, follow=True)
    record.refresh_from_db()
    assert record.state == ImportState.FAILED
    assert record.failure == (told("F09"))


def test_damaged_files_never_break_a_page_or_write_anything(desk):
    """Cut short and with bytes changed, at places that a fixed seed draws."""
    whole = xlsx(*MESSY)
    draw = random.Random(2565)
    for attempt in range(12):
        content = bytearray(whole[: draw.randrange(1, len(whole))] if attempt % 2 else whole)
        for _change in range(draw.randrange(1, 20)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        response = upload(desk, bytes(content))
        assert response.status_code in {302, 422}
        if response.status_code == 302:
            assert desk.get(response["Location"], follow=True).status_code == 200
    assert not StatusReport.objects.exclude(version=0).exists()
