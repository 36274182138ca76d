"""Letters as verbs: recorded, mended, taken out, refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.actions import Conflict, Refused
from followup.models import Letter
from followup.tests.correspondence import change, remove, seen
from followup.tests.factories import ON_20_NOVEMBER
from followup.tests.sentences import ANSWERED_IN_TIME, LETTER_NUMBER_NEEDED

pytestmark = pytest.mark.usefixtures("on_20_november")


def test_letters_follow_each_other_and_leave_a_history(send_letter, codi, people):
    letters = [send_letter(codi, days) for days in (90, 50, 10)]
    assert [each.attempt for each in letters] == [1, 2, 3]
    entries = Letter.history.order_by("history_id")
    assert [each.history_change_reason for each in entries] == ["letter sent"] * 3
    with pytest.raises(Refused, match=r"^บันทึกครบ 3 ครั้งแล้ว$"):
        send_letter(codi)


@pytest.mark.parametrize(("done", "attempt"), [(0, 2), (1, 1), (1, 3)])
def test_a_letter_out_of_turn_is_refused(send_letter, codi, done, attempt):
    for _turn in range(done):
        send_letter(codi)
    with pytest.raises(Refused) as refused:
        send_letter(codi, attempt=attempt)
    assert str(refused.value) == (f"มีผู้บันทึกหนังสือถึงครั้งที่ {done} แล้ว เปิดหน้าใหม่เพื่อดูรายการล่าสุด")


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"number": ""}, "number", LETTER_NUMBER_NEEDED),
        (
            {"sent_on": date(2025, 9, 30)},
            "sent_on",
            "ลงวันที่ต้องไม่ก่อนวันเริ่มรอบ 1 ตุลาคม 2568",
        ),
        (
            {"sent_on": date(2026, 11, 21), "answer_by": date(2026, 12, 21)},
            "sent_on",
            "ลงวันที่ต้องไม่เป็นวันในอนาคต",
        ),
        ({"answer_by": date(2026, 10, 1)}, "answer_by", "วันที่ขอคำตอบต้องไม่ก่อนวันที่ของหนังสือ"),
        (
            {"answered_on": date(2026, 10, 1)},
            "answered_on",
            ANSWERED_IN_TIME,
        ),
        (
            {"answered_on": date(2026, 11, 21)},
            "answered_on",
            ANSWERED_IN_TIME,
        ),
    ],
)
def test_days_that_contradict_each_other_are_refused(
    send_letter, codi, people, values, field, sentence
):
    letter = send_letter(codi, 20)
    with pytest.raises(Refused) as refused:
        change(letter, people["staff"], **values)
    assert refused.value.messages == {field: sentence}
    letter.refresh_from_db()
    assert (letter.number, letter.sent_on) == ("พม 0305/1234", ON_20_NOVEMBER - timedelta(days=20))


def test_letters_stay_in_the_order_of_their_days(send_letter, codi, people):
    first, second = send_letter(codi, 40), send_letter(codi, 20)
    with pytest.raises(Refused, match="ต้องไม่ก่อนหนังสือครั้งก่อน 11 ตุลาคม 2569"):
        change(second, people["staff"], sent_on=ON_20_NOVEMBER - timedelta(days=41))
    with pytest.raises(Refused, match="ต้องไม่หลังหนังสือครั้งถัดไป 31 ตุลาคม 2569"):
        change(first, people["staff"], sent_on=ON_20_NOVEMBER - timedelta(days=19))


def test_a_mistake_is_mended_and_the_history_keeps_it(send_letter, codi, people):
    letter = send_letter(codi)
    change(letter, people["colleague"], number="พม 0305/9999", answered_on=ON_20_NOVEMBER)
    assert Letter.objects.get().answered_on == ON_20_NOVEMBER
    numbers = Letter.history.order_by("history_id").values_list("number", flat=True)
    assert list(numbers) == ["พม 0305/1234", "พม 0305/9999"]


def test_only_the_last_letter_is_taken_out(send_letter, codi, people):
    first, second = send_letter(codi, 40), send_letter(codi, 10)
    with pytest.raises(Refused, match=r"^มีหนังสือครั้งถัดไปแล้ว ลบได้เฉพาะครั้งล่าสุด$"):
        remove(first, people["staff"])
    remove(second, people["staff"])
    assert list(Letter.objects.all()) == [first]
    assert Letter.history.order_by("-history_id")[0].history_change_reason == "letter removed"
    assert send_letter(codi).attempt == 2


def test_a_published_round_takes_no_letters(send_letter, codi, open_round, people):
    letter = send_letter(codi)
    actions.close_round(round_=open_round, by=people["staff"])
    change(letter, people["staff"], answered_on=ON_20_NOVEMBER)
    actions.publish_round(round_=open_round, by=people["reviewer"])
    letter.round.refresh_from_db()
    why = "บันทึกหนังสือติดตามได้เมื่อเปิดรอบแล้วจนถึงก่อนเผยแพร่"
    for verb in (
        lambda: send_letter(codi),
        lambda: change(letter, people["staff"]),
        lambda: remove(letter, people["staff"]),
    ):
        with pytest.raises(Refused, match=why):
            verb()


def test_only_the_secretariat_writes(send_letter, codi, people):
    letter = send_letter(codi)
    outsider = people["outsider"]
    for verb in (
        lambda: send_letter(codi, by=outsider),
        lambda: change(letter, outsider),
        lambda: remove(letter, outsider),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_what_a_colleague_noted_is_not_overwritten(send_letter, codi, people):
    letter = send_letter(codi)
    before = seen(letter)
    change(letter, people["colleague"], answered_on=ON_20_NOVEMBER)
    typed = {name: getattr(letter, name) for name in actions.LETTER_FIELDS} | {"note": "ยังไม่ตอบ"}
    for verb in (
        lambda: actions.correct_letter(letter=letter, by=people["staff"], seen=before, **typed),
        lambda: actions.remove_letter(letter=letter, by=people["staff"], seen=before),
    ):
        with pytest.raises(Conflict) as conflict:
            verb()
        assert conflict.value.current.answered_on == ON_20_NOVEMBER
    stored = Letter.objects.get()
    assert (stored.answered_on, stored.note) == (ON_20_NOVEMBER, "")


def test_a_letter_that_is_gone_is_not_corrected(send_letter, codi, people):
    letter = send_letter(codi)
    before = seen(letter)
    typed = {name: getattr(letter, name) for name in actions.LETTER_FIELDS}
    remove(letter, people["colleague"])
    with pytest.raises(Refused, match=r"^รายการนี้มีผู้ลบไปแล้ว"):
        actions.correct_letter(letter=letter, by=people["staff"], seen=before, **typed)
    assert not Letter.objects.exists()
