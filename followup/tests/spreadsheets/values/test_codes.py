"""Project codes in cells."""

import pytest

from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import CellError
from followup.spreadsheets.values import read_codes


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("emenscr: 0413-66-0001", "eMENSCR: 0413-66-0001"),
        ("0413660001\nแผน: พม 2.1", "0413660001\nแผนปฏิบัติการ: พม 2.1"),
        (413660001, "413660001"),
        ("-", None),
        (None, None),
    ],
)
def test_codes_as_tables_hold_them(raw, stored):
    reading = read_codes(raw, {})
    assert (reading.value, list(reading.problems)) == (stored, [])


def test_what_is_no_code_is_said():
    [problem] = read_codes("0413 | ไม่มีลิงก์", {}).problems
    assert sentence(problem) == "ลิงก์ “ไม่มีลิงก์” ไม่ใช่ที่อยู่เว็บ ใช้ https:// หรือ http://"
    assert [each.code for each in read_codes(CellError("#REF!"), {}).problems] == ["R19"]
    assert [each.code for each in read_codes("ไม่มี", {}).problems] == ["R20"]
