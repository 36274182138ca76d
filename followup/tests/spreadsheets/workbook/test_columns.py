"""What the columns of an agency's workbook hold."""

import json

from followup import actions
from followup.models import Round
from followup.spreadsheets import workbook
from followup.status import Status
from followup.tests.factories import make_report
from followup.tests.spreadsheets.workbook.sheets import HEADINGS, reports_of, row_of
from forum_portal.cells import unsafe_cell
from forum_portal.settings import ROOT


def test_headings_are_those_that_the_import_knows():
    words = json.loads((ROOT / "fixtures" / "spreadsheet_words.json").read_text("utf-8"))
    field_of = {
        alias: name for name, aliases in words["column_aliases"].items() for alias in aliases
    }
    for column in workbook.HEADINGS:
        expected = column.field.value if column.field else None
        if expected not in words["column_aliases"]:
            expected = None  # words of the portal's own
        assert field_of.get(column.text) == expected, column.text
    assert len(set(HEADINGS)) == len(HEADINGS)


def test_a_row_holds_what_is_stored(filled, content):
    row = {heading: cell.value for heading, cell in row_of(content, filled).items()}
    assert row.pop(workbook.KEY_HEADING) == workbook.row_key("2569", filled.assignment_id)
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
        "จำนวนผู้รับประโยชน์": 1250,
        "จังหวัด": "เชียงใหม่, ลำพูน",
        "หลักฐาน": "หลักฐานที่ 1 | https://example.org/evidence/1\n"
        "หลักฐานที่ 2 | https://example.org/evidence/2",
        "มติ คสป. ครั้งที่": "2/2569",
        "ไม่มีการเปลี่ยนแปลง": "ใช่",
        **dict.fromkeys(
            (
                "คำตอบต่อมาตรการย่อย",
                "เหตุผลของคำตอบ",
                "หน่วยงานที่มีอำนาจ",
                "วันที่ตอบรับมาตรการ",
                "หนังสือที่ตอบ",
            )
        ),
        "กำหนดแล้วเสร็จ": "30/9/2570",
        "สิ่งที่จะเห็นเมื่อถึงกำหนด": "ครบ 4 ภาค",
        "เหตุผลที่เปลี่ยนกำหนด": "รอระเบียบ",
        "ตัวชี้วัดที่ใช้ติดตาม": "จำนวนภาคี",
        "หน่วยนับของตัวชี้วัด": "ภาคี",
        "ค่าตั้งต้นของตัวชี้วัด": 0,
        "ค่าเป้าหมายของตัวชี้วัด": 99999999999.9999,
        "ค่าตัวชี้วัดของปีนี้": -41.5,
        "รหัสโครงการ": "eMENSCR: 0413-66-0001 | https://example.org/p/1\nP-12",
        "รายงานล่าสุด: สถานะ": None,
        "รายงานล่าสุด: ผล": None,
        "คำตอบที่ใช้อยู่": None,
        "กำหนดที่ใช้อยู่": "ยังไม่ได้แจ้งกำหนด",
    }


def test_an_untouched_report_has_empty_cells(open_round, agency, content):
    row = row_of(content, reports_of(open_round, agency)[0])
    assert all(row[each.text].value is None for each in workbook.HEADINGS if each.is_input)


def test_last_year_stands_beside(demo, agency):
    round_ = Round.objects.get(year_be=2569)
    reports = Round.objects.get(year_be=2568).reports.received().filter(assignment__agency=agency)
    content = workbook.agency_workbook(round_, agency)
    assert reports
    for last in reports:
        row = row_of(content, last)
        assert row["รายงานล่าสุด: สถานะ"].value.startswith(str(Status(last.reported_status).label))
        assert unsafe_cell(row["รายงานล่าสุด: ผล"].value or "") == last.results


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
    assert (
        row["รายงานล่าสุด: สถานะ"].value
        == "ดำเนินการต่อเนื่องทุกปี (ปีงบประมาณ 2569 คสป. ประเมินเป็น “อยู่ระหว่างดำเนินการ”)"
    )
    assert row["รายงานล่าสุด: ผล"].value == "จ่ายเงินครบ"


def test_more_evidence_than_a_cell_holds_is_not_cut(open_round, agency, people):
    report = reports_of(open_round, agency)[0]
    evidence = [
        {"title": "ก" * 200, "url": f"https://example.org/{number}/{'a' * 460}", "is_public": True}
        for number in range(50)
    ]
    actions.save_draft(report=report, by=people["staff"], version=0, fields={}, evidence=evidence)
    row = row_of(workbook.agency_workbook(open_round, agency), report)
    assert row["หลักฐาน"].value == "หลักฐานมากเกินกว่าที่เซลล์ของ Excel รับได้ แก้ไขในระบบ"
