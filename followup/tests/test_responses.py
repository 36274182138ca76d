"""The response of a lead agency: its words, and what each of them needs."""

from datetime import date
from pathlib import Path

import pytest

from followup.responses import DEFINITIONS, GIVEN, Response, missing_from_response

ROOT = Path(__file__).resolve().parents[2]
NOTHING = {
    "response": "",
    "response_reason": "",
    "competent_agency": "",
    "response_on": None,
    "response_document": "",
}
ACCEPTED = NOTHING | {"response": "accepted", "response_on": date(2023, 2, 14)}
REFUSED = NOTHING | {
    "response": "not_accepted",
    "response_on": date(2024, 3, 2),
    "response_reason": "ไม่มีงบประมาณ",
}


def test_every_response_has_its_words_and_a_mark():
    assert set(DEFINITIONS) == set(Response)
    assert [each.value for each in GIVEN] == ["accepted", "partly", "not_accepted", "not_competent"]
    assert len({each.symbol for each in Response}) == len(Response)
    sprite = (ROOT / "templates/components/sprite.html").read_text("utf-8")
    assert all(f'id="{each.symbol}"' in sprite for each in Response)


@pytest.mark.parametrize(
    ("values", "lacking"),
    [
        (NOTHING, set()),
        (ACCEPTED, set()),
        (REFUSED, set()),
        (ACCEPTED | {"response_on": None}, {"response_on"}),
        (ACCEPTED | {"response": "partly"}, {"response_reason"}),
        (REFUSED | {"response_reason": ""}, {"response_reason"}),
        (REFUSED | {"response": "not_competent"}, {"competent_agency"}),
        (NOTHING | {"response_reason": "ไม่มีงบประมาณ"}, {"response"}),
        (NOTHING | {"response_on": date(2024, 3, 2)}, {"response"}),
    ],
)
def test_what_a_response_needs(values, lacking):
    assert set(missing_from_response(values, None)) == lacking


def test_another_response_is_of_a_later_day():
    assert missing_from_response(REFUSED, ACCEPTED) == {}
    same_day = REFUSED | {"response_on": date(2023, 2, 14)}
    assert missing_from_response(same_day, ACCEPTED) == {
        "response_on": "คำตอบใหม่ต้องลงวันที่หลังคำตอบเดิม (“รับไปดำเนินการ” เมื่อ 14 ก.พ. 2566) "
        "คำตอบเดิมยังแสดงอยู่"
    }
    other_reason = REFUSED | {"response_reason": "อยู่ระหว่างศึกษา"}
    assert set(missing_from_response(other_reason, REFUSED)) == {"response_on"}
    assert missing_from_response(REFUSED, REFUSED) == {}, "said again, it is no new one"
    assert missing_from_response(NOTHING, REFUSED) == {}, "left out, it stands"
