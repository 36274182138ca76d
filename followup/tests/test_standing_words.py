"""What stands of what an agency said, in the words of its form and its workbook."""

from datetime import date
from decimal import Decimal

import pytest

from followup import standing
from followup.report_fields import Section
from followup.standing_words import before_in_words
from followup.tests.factories import find_report
from followup.tests.said_earlier import say_and_follow

pytestmark = pytest.mark.django_db

ACCEPTED = {"response": "accepted", "response_on": date(2025, 11, 3)}
INDICATOR = {"indicator": "จำนวนภาคี", "indicator_unit": "ภาคี"}


def words(round_, django_assert_num_queries):
    report = find_report(round_, "1.1")
    with django_assert_num_queries(1):
        standing.mark([report])
        return before_in_words(report)


def test_who_never_said_anything_has_a_word_for_that(open_round, django_assert_num_queries):
    assert words(open_round, django_assert_num_queries) == {
        Section.RESPONSE: "ยังไม่ตอบ",
        Section.TARGET: "ยังไม่ได้แจ้งกำหนด",
        Section.INDICATOR: "ยังไม่มีตัวชี้วัด",
    }


def test_the_last_statement_is_told_and_how_often_the_day_moved(
    open_round, people, django_assert_num_queries
):
    first = {"target_on": date(2026, 9, 30), "milestone": "ครบ 4 ภาค"}
    second = say_and_follow(open_round, people, **ACCEPTED, **first, **INDICATOR)
    assert words(second, django_assert_num_queries) == {
        Section.RESPONSE: "รับไปดำเนินการ · 3 พ.ย. 2568",
        Section.TARGET: "30 ก.ย. 2569",
        Section.INDICATOR: "จำนวนภาคี (ภาคี)",
    }
    partly = {
        "response": "partly",
        "response_reason": "รับเฉพาะข้อ 1",
        "response_on": date(2026, 3, 2),
        "response_document": "พม 0413/2210",
    }
    moved = {"target_on": date(2027, 3, 31), "target_reason": "รอจัดสรรสถานี"}
    amounts = {"indicator_baseline": Decimal(0), "indicator_target": Decimal("40.50")}
    third = say_and_follow(second, people, **partly, **moved, **INDICATOR, **amounts)
    assert words(third, django_assert_num_queries) == {
        Section.RESPONSE: "รับบางส่วน · 2 มี.ค. 2569 · หนังสือ พม 0413/2210",
        Section.TARGET: "31 มี.ค. 2570 · เลื่อน 1 ครั้ง",
        Section.INDICATOR: "จำนวนภาคี (ภาคี) · ตั้งต้น 0 · เป้าหมาย 40.5",
    }


def test_what_the_report_itself_says_is_not_what_stood_before(
    open_round, people, django_assert_num_queries
):
    second = say_and_follow(open_round, people, **ACCEPTED)
    report = find_report(second, "1.1")
    report.response, report.response_on = "not_accepted", date(2026, 1, 5)
    standing.mark([report])
    assert before_in_words(report)[Section.RESPONSE] == "รับไปดำเนินการ · 3 พ.ย. 2568"
