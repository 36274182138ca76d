"""The day by which an agency promises a measure, around the day itself."""

from datetime import date

import pytest

from followup.status import STORED, Status
from followup.targets import DEFINITIONS, Due, due_on_day, missing_from_target

DAY = date(2025, 9, 30)


def test_the_day_itself_is_not_past_due():
    assert due_on_day(DAY, Status.IN_PROGRESS, date(2025, 9, 29)) is Due.NOT_YET
    assert due_on_day(DAY, Status.IN_PROGRESS, DAY) is Due.NOT_YET
    assert due_on_day(DAY, Status.IN_PROGRESS, date(2025, 10, 1)) is Due.PAST_DUE


@pytest.mark.parametrize("status", [*STORED, Status.NO_REPORT, Status.UNASSIGNED])
def test_what_is_achieved_or_ended_is_never_past_due(status):
    late = due_on_day(DAY, status, date(2026, 1, 1))
    without = due_on_day(None, status, date(2026, 1, 1))
    if status in {Status.COMPLETED, Status.CONTINUOUS}:
        assert late is without is Due.KEPT
    elif status is Status.CANCELLED:
        assert late is without is Due.ENDED
    else:
        assert (late, without) == (Due.PAST_DUE, Due.NO_TARGET)


def test_every_standing_has_its_words():
    assert set(DEFINITIONS) == set(Due)
    assert Due.NOT_YET.label == "ยังไม่ถึงกำหนด"
    assert Due.NO_TARGET.label == "ยังไม่ได้แจ้งกำหนด"


def test_a_date_that_moves_needs_the_reason():
    first = {"target_on": DAY, "milestone": "ครบ 4 ภาค", "target_reason": ""}
    moved = first | {"target_on": date(2026, 3, 31)}
    assert missing_from_target(first, None) == {}
    assert missing_from_target(first | {"milestone": "ครบ 2 ภาค"}, first) == {}
    assert missing_from_target(moved, first) == {
        "target_reason": "กำหนดเดิมคือ 30 ก.ย. 2568 ระบุเหตุผลที่เปลี่ยนกำหนด กำหนดเดิมยังแสดงอยู่"
    }
    assert missing_from_target(moved | {"target_reason": "รอจัดสรรสถานี"}, first) == {}
    empty = {"target_on": None, "milestone": "", "target_reason": ""}
    assert missing_from_target(empty, first) == {}, "left out, it stands"
    assert set(missing_from_target(empty | {"milestone": "ครบ"}, None)) == {"target_on"}
