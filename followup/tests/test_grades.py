"""The grades of evidence: which one names evidence, and when it must be there."""

from pathlib import Path

import pytest

from followup.grades import DEFINITIONS, GIVEN, Grade, missing_from_grade

ROOT = Path(__file__).resolve().parents[2]


def test_every_grade_has_its_words_and_a_mark():
    assert set(DEFINITIONS) == set(Grade)
    assert [str(each.label) for each in GIVEN] == ["มีเอกสารยืนยัน", "หน่วยงานแจ้ง", "ไม่มีหลักฐาน"]
    assert len({each.symbol for each in Grade}) == len(Grade)
    sprite = (ROOT / "templates/components/sprite.html").read_text("utf-8")
    assert all(f'id="{each.symbol}"' in sprite for each in Grade)


@pytest.mark.parametrize(
    ("grade", "named", "needed", "lacks"),
    [
        ("", 0, False, None),
        ("", 0, True, "ระบุหลักฐานที่ใช้ประเมิน"),
        ("", 2, False, "ระบุหลักฐานที่ใช้ประเมิน"),
        ("documented", 1, True, None),
        ("documented", 1, False, None),
        ("documented", 0, True, "เลือกหลักฐานที่ใช้อย่างน้อย 1 รายการ หรือเลือกระดับอื่น"),
        ("said", 0, True, None),
        ("none", 0, True, None),
        ("said", 2, True, "เลือกหลักฐานไว้ 2 รายการ เลือก “มีเอกสารยืนยัน” หรือเอาเครื่องหมายออก"),
    ],
)
def test_a_documented_status_names_its_evidence_and_no_other_does(grade, named, needed, lacks):
    found = missing_from_grade(grade, named=named, needed=needed)
    assert found == ({"assessed_grade": lacks} if lacks else {})
