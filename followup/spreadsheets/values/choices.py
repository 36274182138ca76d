"""A word of one of the report's vocabularies other than the status, such as a response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import TextChoices

from followup.responses import Response
from followup.spreadsheets.types import Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    answer_to,
    ask_nothing,
    question_key,
    shows_error,
    skip_option,
    text_of,
)
from followup.spreadsheets.words import repair, word_key
from forum_portal.years import as_typed, one_line

#: What agencies write for a response, besides its code and its label.
_ALIASES: Mapping[TextChoices, Sequence[str]] = {
    Response.ACCEPTED: ("รับ", "รับดำเนินการ", "ยอมรับ", "เห็นด้วย", "รับทั้งข้อ"),
    Response.PARTLY: ("รับเป็นบางส่วน", "รับบางข้อ", "เห็นด้วยบางส่วน"),
    Response.NOT_ACCEPTED: ("ไม่รับดำเนินการ", "ไม่รับไปดำเนินการ", "ปฏิเสธ", "ไม่เห็นด้วย"),
    Response.NOT_COMPETENT: ("ไม่มีอำนาจ", "ไม่อยู่ในอำนาจหน้าที่", "ไม่ใช่อำนาจหน้าที่"),
}


def read_choice(
    raw: Cell, answers: Answers, *, choices: Sequence[TextChoices], heading: str
) -> Reading[str]:
    """The code of a choice; None for blank and "-".

    V01 asks about an unknown word, R20 about words for "nothing".
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    word = one_line(repair(text_of(raw)))
    if not word or word in DASHES:
        return Reading(None)
    if nothing := ask_nothing(word, answers):
        return nothing
    key = word_key(word)
    for each in choices:
        known = (each.value, str(each.label), *_ALIASES.get(each, ()))
        if key in map(word_key, known):
            return Reading(each.value)
    problem = Problem(
        "V01",
        {"v": as_typed(word), "c": heading},
        question_key("V01", f"{heading} {word}"),
        [*(Option(each.value, str(each.label)) for each in choices), skip_option()],
    )
    answer = answer_to(problem, answers)
    codes = {each.value for each in choices}
    return Reading(answer if answer in codes else None, (problem,))
