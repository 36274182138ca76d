"""Codes of other systems: read as people write them, stored in one way, compared by the code."""

import pytest

from followup.project_codes import (
    AT_MOST,
    CodeError,
    ProjectCode,
    System,
    code_key,
    normal_codes,
    read_codes,
    stored_codes,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("eMENSCR: 0413-66-0001 | https://example.org/p/1", None),
        (
            "emenscr:0413-66-0001|https://example.org/p/1",
            "eMENSCR: 0413-66-0001 | https://example.org/p/1",
        ),
        ("แผน : พม 2.1", "แผนปฏิบัติการ: พม 2.1"),
        ("รหัสงบ: 17004", "รหัสงบประมาณ: 17004"),
        ("  พม 66/12  ", "พม 66/12"),
        ("กรม: พม 12", "กรม: พม 12"),
        ("- \n\n", ""),
    ],
)
def test_a_code_is_stored_in_one_way(typed, stored):
    assert normal_codes(typed) == (typed if stored is None else stored)
    assert normal_codes(normal_codes(typed)) == normal_codes(typed)


def test_a_code_is_the_same_however_it_is_written():
    assert code_key("0413-66-0001") == code_key("0413 66 0001") == code_key("๐๔๑๓–๖๖–๐๐๐๑")
    assert code_key("พม 2.1") != code_key("พม 21")
    twice = read_codes("eMENSCR: 0413-66-0001\n0413660001\nแผน: พม 2.1")
    assert twice == [
        ProjectCode(System.EMENSCR, "0413-66-0001"),
        ProjectCode(System.PLAN, "พม 2.1"),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "eMENSCR: | https://example.org/",
        "https://example.org/",
        "…",
        "x" * 61,
        "0413 | javascript:alert(1)",
        "0413 | https://user:secret@example.org/",
    ],
)
def test_what_is_no_code_is_told(typed):
    with pytest.raises(CodeError):
        read_codes(typed)
    assert stored_codes(typed) == ()


def test_there_is_a_limit():
    lines = [f"รหัส {number}" for number in range(AT_MOST + 1)]
    assert len(read_codes("\n".join(lines[:-1]))) == AT_MOST
    with pytest.raises(CodeError, match="มีรหัสโครงการ 21 รหัส รับได้ไม่เกิน 20 รหัส"):
        read_codes("\n".join(lines))
