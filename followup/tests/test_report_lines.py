"""What a page shows of a report, line by line."""

from datetime import date
from decimal import Decimal

import pytest

from followup.models import Province
from followup.report_lines import report_lines, standing_lines
from followup.tests.factories import make_report

pytestmark = pytest.mark.django_db


def lines_of(report, **options):
    return {
        line.label: (line.words, line.amounts, line.notes, line.blank)
        for line in report_lines(report, **options)
    }


def test_amounts_share_a_line_and_what_is_missing_is_said_where_it_matters(open_round, people):
    report = make_report(
        open_round, "1.2", by=people["staff"], state="submitted", results="ผล", budget_spent=1250
    )
    report.provinces.set(Province.objects.filter(name_th__in=["ลำพูน", "เชียงใหม่"]))
    lines = lines_of(report)
    assert lines["ผลการดำเนินงาน"] == ("ผล", [], [], "ไม่ได้รายงานรายละเอียด")
    assert lines["ปัญหา/อุปสรรค"] == ("", [], [], "ไม่ได้รายงานปัญหา")
    assert lines["งบประมาณ (บาท)"] == ("", [("เบิกจ่าย", "1,250")], [], "")
    assert "ลำพูน" in lines["จังหวัดที่ดำเนินการ"][0]
    assert "ข้อเสนอแนะ/แผนระยะต่อไป" not in lines, "nothing was said, and nothing follows from that"
    assert list(lines)[-1] == "หลักฐาน"
    assert "สถานะ" not in " ".join(lines)


def test_staff_see_a_dash_for_a_text_or_an_amount_that_is_missing(open_round, people):
    report = make_report(open_round, "1.2", by=people["staff"], state="submitted")
    lines = lines_of(report, for_staff=True)
    for label in ("ปัญหา/อุปสรรค", "ข้อเสนอแนะ/แผนระยะต่อไป", "งบประมาณ (บาท)"):
        assert lines[label] == ("", [], [], "–")


def test_no_change_is_a_sentence_beneath_the_results(open_round, people):
    report = make_report(open_round, "1.2", by=people["staff"], state="submitted")
    report.no_change = True
    assert lines_of(report)["ผลการดำเนินงาน"][2] == ["หน่วยงานยืนยันว่าไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด"]


def test_a_field_that_is_not_public_is_for_staff_alone(open_round, people, monkeypatch):
    from dataclasses import replace

    from followup.report_fields import FIELDS

    monkeypatch.setitem(FIELDS, "obstacles", replace(FIELDS["obstacles"], is_public=False))
    report = make_report(
        open_round, "1.2", by=people["staff"], state="submitted", obstacles="ภายใน"
    )
    assert "ปัญหา/อุปสรรค" not in lines_of(report)
    assert lines_of(report, for_staff=True)["ปัญหา/อุปสรรค"][0] == "ภายใน"


def test_what_stands_is_apart_from_the_years_report_and_in_words(open_round, people):
    report = make_report(
        open_round,
        "1.1",
        by=people["staff"],
        state="submitted",
        response="accepted",
        response_on=date(2026, 3, 2),
        indicator="จำนวนภาคี",
        indicator_unit="ภาคี",
        indicator_value=Decimal("-41.50"),
    )
    assert [(line.label, line.words) for line in standing_lines(report)] == [
        ("คำตอบต่อมาตรการย่อย", "รับไปดำเนินการ"),
        ("วันที่ตอบรับมาตรการ", "2 มีนาคม 2569"),
        ("ตัวชี้วัดที่ใช้ติดตาม", "จำนวนภาคี"),
        ("หน่วยนับของตัวชี้วัด", "ภาคี"),
        ("ค่าตัวชี้วัดของปีนี้", "−41.5"),
    ]
    assert "คำตอบต่อมาตรการย่อย" not in lines_of(report)
    assert lines_of(report, for_staff=True)["คำตอบต่อมาตรการย่อย"][0] == "รับไปดำเนินการ"
