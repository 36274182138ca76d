"""Headings: the fields that they name, with their units."""

import json

import pytest
from django.conf import settings

from followup.spreadsheets.fields import Field
from followup.spreadsheets.headings import unit_of
from followup.tests.spreadsheets.layouts import ROW, fields, layout_of

ALIASES = json.loads((settings.ROOT / "fixtures" / "spreadsheet_words.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("field", "heading"),
    [(field, alias) for field, said in ALIASES["column_aliases"].items() for alias in said],
)
def test_every_alias_is_known_broken_or_not(field, heading):
    broken = heading.replace("ำ", "ํา").replace("แ", "เเ")
    from_a_pdf = heading.replace("ำ", " า")
    for written in (heading, broken, from_a_pdf, f"  {heading}\n", heading.replace(" ", "\u00a0")):
        other = "ไตรมาส" if field != "period" else "ข้อ"
        layout = layout_of([written, other, "หลักฐาน" if field != "evidence" else "ภาค"], [1, 2, 3])
        assert layout.columns[0].field == field
        assert layout.columns[0].sure


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("งบประมาณ (ล้านบาท)", Field.BUDGET, 1_000_000),
        ("งบประมาณ(บาท)", Field.BUDGET, 1),
        ("งบประมาณ : หน่วย ล้านบาท", Field.BUDGET, 1_000_000),
        ("งบประมาณ (หน่วย: พันบาท)", Field.BUDGET, 1000),
        ("เบิกจ่าย (ลบ.)", Field.DISBURSED, 1_000_000),
        ("2. งบประมาณที่ได้รับ*", Field.BUDGET, 1),
        ("งบประมาณที่ได้รับจัดสรร (ล้านบาท)", Field.BUDGET, 1_000_000),
        ("ผลการดำเนินงาน ปีงบประมาณ 2567", Field.RESULT, 1),
        ("ความก้าวหน้า (%)", Field.PERCENT, 1),
        ("ความก้าวหน้า (ร้อยละ)", Field.PERCENT, 1),
        ("ผล (%)", Field.PERCENT, 1),
        ("ผลการดำเนินงานปีก่อน", None, 1),
        ("แผนงาน", None, 1),
        ("ร้อยละของผลการเบิกจ่าย", None, 1),
        ("ยกเลิก", None, 1),  # one status word alone is no tick matrix
    ],
)
def test_units_frills_and_near_headings(heading, field, unit):
    layout = layout_of(["ข้อ", "เจ้าภาพ", heading], [1, "พม.", 2])
    assert (layout.columns[2].field, layout.columns[2].unit) == (field, unit)


def test_a_near_heading_is_not_sure_and_yields_to_an_exact_one():
    layout = layout_of(["ข้อ", "เจ้าภาพ", "ผลการดำเนินงานที่สำคัญ"], ROW)
    assert (layout.columns[2].field, layout.columns[2].sure) == (Field.RESULT, False)
    layout = layout_of(["ข้อ", "เจ้าภาพ", "ผลการดำเนินงานที่สำคัญ", "ผลการดำเนินงาน"], ROW)
    assert fields(layout)[2:] == [None, Field.RESULT]


def test_units():
    assert unit_of("งบประมาณ") == 0
    assert unit_of("งบ (บาท)") == 1
    assert unit_of("งบ (แสนบาท)") == 100_000
