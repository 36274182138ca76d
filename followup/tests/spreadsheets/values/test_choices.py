"""Words of a vocabulary in cells: a response as agencies write it."""

import pytest

from followup.report_fields import FIELDS
from followup.spreadsheets.types import SKIP_ROW, CellError, Reading
from followup.spreadsheets.values import choices, read_choice

CHOICES = FIELDS["response"].choices


def read(raw, answers=None):
    return read_choice(raw, answers or {}, choices=CHOICES, heading="คำตอบต่อมาตรการย่อย")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("รับไปดำเนินการ", "accepted"),
        ("รับ", "accepted"),
        ("ไม่ รับ", "not_accepted"),
        ("รับบางส่วน", "partly"),
        ("not_competent", "not_competent"),
        ("ไม่อยู่ในอำนาจหน้าที่", "not_competent"),
        ("-", None),
        ("", None),
        (None, None),
    ],
)
def test_words_that_are_known(raw, code):
    reading = read(raw)
    assert (reading.value, list(reading.problems)) == (code, [])


def test_no_word_that_is_known_is_asked_about_as_a_word_for_nothing():
    for choice, said in choices._ALIASES.items():
        for word in said:
            assert read(word) == Reading(choice.value), word
    assert [each.code for each in read("ไม่เกี่ยวข้อง").problems] == ["R20"], "it may mean either"


def test_another_word_is_asked_about_and_the_answer_taken():
    [problem] = read("รับทราบ").problems
    assert problem.code == "V01"
    assert [each.value for each in problem.options] == [*(each.value for each in CHOICES), SKIP_ROW]
    assert read("รับทราบ", {problem.key: "partly"}).value == "partly"
    assert read("รับทราบ", {problem.key: "no_answer"}).value is None, "no option"
    assert [each.code for each in read(CellError("#N/A")).problems] == ["R19"]
