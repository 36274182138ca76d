"""The verbs on the public's messages: numbers, limits, states, conflicts, what is shown, the purge."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.utils import timezone

from followup import actions, history
from followup.actions import Conflict, Refused, Throttled
from followup.feedback import find, new_sending
from followup.models import Feedback, PublicAnswer, RecordEntry, Snapshot
from followup.tests import files
from followup.tests.editions import correct
from followup.tests.factories import measure_of
from followup.tests.visitors import CONTACT, SENDER, TEXT, send, write

pytestmark = pytest.mark.django_db


def as_read(row, by):
    return {"feedback": row, "by": by, "version": row.version}


def other(number):
    return f"{TEXT} เรื่องที่ {number}"


# Sending ----------------------------------------------------------------------------------------


def test_numbers_run_within_a_buddhist_year():
    with time_machine.travel(datetime(2026, 12, 31, 16, 59, tzinfo=UTC), tick=False) as clock:
        assert [write(text=other(n)).number for n in (1, 2)] == ["F-2569-0001", "F-2569-0002"]
        clock.shift(60)  # midnight in Bangkok
        assert write(text=other(3)).number == "F-2570-0001"


def test_the_key_opens_its_message_alone_and_is_not_stored(forum):
    row, key = send()
    second, other_key = send(text=other(2))
    assert find(row.number, key) == row
    assert find(second.number, other_key) == second
    for number, wrong in (
        (row.number, other_key),
        (row.number, key.upper()),
        (row.number, ""),
        (second.number, key),
        ("F-2569-9999", key),
        (row.number.replace("0001", "00001"), key),
    ):
        assert find(number, wrong) is None
    stored = json.dumps(list(Feedback.objects.values()), default=str)
    assert key not in stored
    assert row.key_hash in stored


def test_a_form_that_is_sent_twice_is_one_message():
    form = {"sending": new_sending()}
    first, key = send(**form)
    again, same = send(**form)
    assert (again, same) == (first, key)
    assert Feedback.objects.count() == 1
    changed, another = send(**form, text=other(2))
    assert changed != first
    assert another != key


def test_the_same_words_about_the_same_thing_are_taken_once(forum):
    measure = measure_of("2565-4.2")
    write(measure=measure)
    with pytest.raises(Refused) as refused:
        write(measure=measure, text=f"  {TEXT.replace(' ', '  ')}", sender="b" * 32)
    assert "ระบบจึงไม่รับซ้ำ" in refused.value.messages["text"]
    write(measure=measure_of("2565-4.1"))
    assert Feedback.objects.count() == 2


def test_an_hour_has_room_for_so_many_from_one_and_from_all(settings):
    settings.FEEDBACK_FROM_ONE, settings.FEEDBACK_FROM_ALL = 2, 3
    first = write(text=other(1))
    write(text=other(2))
    Feedback.objects.filter(pk=first.pk).update(sent_at=timezone.now() - timedelta(minutes=50))
    with pytest.raises(Throttled, match="เครือข่ายนี้ส่งเรื่องครบ 2 เรื่อง") as throttled:
        write(text=other(3))
    assert 590 <= throttled.value.seconds <= 600, "until the first one is an hour old"
    write(text=other(3), sender="b" * 32)
    with pytest.raises(Throttled, match="มีผู้ส่งเรื่องเข้ามามาก"):
        write(text=other(4), sender="c" * 32)
    Feedback.objects.filter(pk=first.pk).update(sent_at=timezone.now() - timedelta(minutes=61))
    assert write(text=other(4)).serial == 4, "a refused one takes no number"


# The secretariat --------------------------------------------------------------------------------


def test_a_message_is_taken_up_answered_and_corrected(three_reports, people):
    staff = people["staff"]
    row = write(measure=measure_of("2565-1.2"), may_publish=True)
    row = actions.take_up_feedback(**as_read(row, staff))
    assert (row.state, row.taken_by) == ("checking", staff)
    row = actions.answer_feedback(
        **as_read(row, people["colleague"]),
        answer="ตรวจแล้ว จะแก้",
        needs_correction=True,
        shows=True,
    )
    assert (row.state, row.closed_by, row.taken_by) == ("answered", people["colleague"], staff)
    shown = PublicAnswer.objects.get()
    assert (shown.text, shown.answer, shown.is_cut) == (TEXT, "ตรวจแล้ว จะแก้", False)
    first = Snapshot.objects.get(number=1)
    with pytest.raises(Refused, match="เลือกฉบับแก้ไข"):
        actions.note_correction(**as_read(row, staff), edition=first)
    correct(three_reports, people)
    row = actions.note_correction(**as_read(row, staff), edition=Snapshot.objects.get(number=2))
    assert row.state == "corrected"
    shown.refresh_from_db()
    assert shown.correction == row.correction
    row = actions.answer_feedback(**as_read(row, staff), answer="แก้แล้ว", shows=True)
    assert (row.state, row.needs_correction) == ("corrected", True), (
        "an answer undoes no correction"
    )
    assert row.closed_by == people["colleague"], "it was answered then"


def test_an_answer_may_be_hidden_again_and_cut(forum, people):
    row = write(measure=measure_of("2565-1.2"), may_publish=True)
    said = {"answer": "ตรวจแล้ว", "shows": True}
    row = actions.answer_feedback(
        **as_read(row, people["staff"]), **said, public_text="ข้อความที่ตัดชื่อออกแล้ว"
    )
    shown = PublicAnswer.objects.get()
    assert (shown.text, shown.is_cut) == ("ข้อความที่ตัดชื่อออกแล้ว", True)
    actions.answer_feedback(**as_read(row, people["staff"]), answer="ตรวจแล้ว")
    assert not PublicAnswer.objects.exists()


def test_nothing_is_shown_without_the_senders_consent_or_a_page(forum, people):
    kept = write(measure=measure_of("2565-1.2"))
    general = write(may_publish=True)
    for row, words in ((kept, "ไม่ได้ยอมให้เผยแพร่"), (general, "ไม่มีหน้าที่จะแสดง")):
        with pytest.raises(Refused) as refused:
            actions.answer_feedback(**as_read(row, people["staff"]), answer="ตอบ", shows=True)
        assert words in refused.value.messages["shows"]
    assert not PublicAnswer.objects.exists()


def test_a_declined_message_has_its_reason_and_may_be_answered_after_all(people):
    row = write()
    with pytest.raises(Refused) as refused:
        actions.decline_feedback(**as_read(row, people["staff"]), reason="")
    assert set(refused.value.messages) == {"reason"}
    row = actions.decline_feedback(**as_read(row, people["staff"]), reason="ไม่เกี่ยวข้อง")
    assert (row.state, row.answer) == ("declined", "ไม่เกี่ยวข้อง")
    with pytest.raises(Refused, match="อยู่ในขั้น “ไม่รับไว้ตอบ”"):
        actions.decline_feedback(**as_read(row, people["staff"]), reason="อีกครั้ง")
    row = actions.answer_feedback(**as_read(row, people["staff"]), answer="ตรวจใหม่แล้ว")
    assert (row.state, row.answer) == ("answered", "ตรวจใหม่แล้ว")


def test_who_read_an_earlier_version_gets_a_conflict(people):
    row = write()
    seen = as_read(row, people["staff"])
    actions.take_up_feedback(**as_read(row, people["colleague"]))
    for verb, more in (
        (actions.take_up_feedback, {}),
        (actions.answer_feedback, {"answer": "ตอบ"}),
        (actions.decline_feedback, {"reason": "เหตุผล"}),
    ):
        with pytest.raises(Conflict) as conflict:
            verb(**seen, **more)
        assert conflict.value.current.taken_by == people["colleague"]
    assert Feedback.objects.get().state == "checking"


def test_only_the_secretariat_answers(people):
    row = write()
    with pytest.raises(PermissionDenied):
        actions.take_up_feedback(**as_read(row, people["outsider"]))
    for who in ("reviewer", "administrator"):
        row = actions.answer_feedback(**as_read(row, people[who]), answer=f"คำตอบของ {who}")


# History and the end of personal data -----------------------------------------------------------


def test_the_history_tells_the_steps_and_nothing_that_anybody_typed(forum, people):
    row = write(contact=CONTACT, measure=measure_of("2565-1.2"), may_publish=True)
    row = actions.take_up_feedback(**as_read(row, people["staff"]))
    actions.answer_feedback(**as_read(row, people["staff"]), answer="ตรวจแล้ว", shows=True)
    actions.purge_feedback(messages=[row.pk])
    told = [(each.who, each.sentence, each.subject) for each in history.entries(limit=5)[0]]
    staff, number = str(people["staff"]), row.number
    assert told == [
        ("ระบบ", "ลบข้อมูลส่วนบุคคล", number),
        (staff, "เพิ่มคำถามและคำตอบที่เผยแพร่", number),
        (staff, "แก้ไขเรื่องที่ประชาชนแจ้ง (สถานะ, คำตอบหรือเหตุผลที่ไม่รับ)", number),
        (staff, "แก้ไขเรื่องที่ประชาชนแจ้ง (สถานะ)", number),
        ("ระบบ", "เพิ่มเรื่องที่ประชาชนแจ้ง", number),
    ]
    record = json.dumps(list(RecordEntry.objects.values()), default=str, ensure_ascii=False)
    for secret in (TEXT, CONTACT, "ตรวจแล้ว", SENDER):
        assert secret not in record


@pytest.mark.usefixtures("empty_storage")
@pytest.mark.parametrize("may_publish", [False, True])
def test_a_purge_leaves_what_the_sender_agreed_to(
    people, may_publish, django_capture_on_commit_callbacks
):
    file = files.stored()
    url = "https://example.org/x"
    row = write(contact=CONTACT, file=file, url=url, may_publish=may_publish)
    row = actions.answer_feedback(**as_read(row, people["staff"]), answer="ตรวจแล้ว")
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.purge_feedback(messages=[row.pk]) == 1
    row = Feedback.objects.get()
    assert (row.contact, row.sender, row.file.name, row.file_name) == ("", "", "", "")
    assert not storages["evidence"].exists(file.name)
    assert (row.text, row.url) == ((TEXT, url) if may_publish else ("", ""))
    assert row.answer == "ตรวจแล้ว"
    if not may_publish:
        with pytest.raises(Refused, match="ถูกลบตามกำหนดแล้ว"):
            actions.answer_feedback(**as_read(row, people["staff"]), answer="อีกครั้ง")


def test_a_message_that_nobody_answered_keeps_its_text(people):
    row = write(contact=CONTACT)
    actions.purge_feedback(messages=[row.pk])
    row = Feedback.objects.get()
    assert (row.contact, row.text) == ("", TEXT)
    actions.answer_feedback(**as_read(row, people["staff"]), answer="ตอบแล้ว")
