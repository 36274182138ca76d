"""Messages: their keys, what they are about, the times of answering, what pages show of them."""

from datetime import date, timedelta

import pytest
from django.conf import settings as portal
from django.utils import timezone

from followup import feedback
from followup.models import Agency, Feedback, PublicAnswer
from followup.tests.factories import measure_of
from followup.tests.visitors import write


def test_only_our_own_forms_have_a_name():
    sending = feedback.new_sending()
    assert feedback.is_ours(sending)
    assert feedback.new_sending() != sending
    for invented in ("", "x", "x:y", sending[:-1], f"x{sending}"):
        assert not feedback.is_ours(invented)


def test_the_same_words_have_the_same_digest_however_they_are_spaced():
    digest = feedback.digest_of("ก ข 1", "2565-4.2")
    assert digest == feedback.digest_of("กข ๑", "2565-4.2")
    assert digest != feedback.digest_of("ก ข 1", "2565-4.1")
    (key,) = feedback.keys_of("form", digest)
    assert len(key) == feedback.KEY_LENGTH
    assert [key] != feedback.keys_of("another form", digest)


def test_a_merged_agency_is_the_one_that_stands_for_it(forum):
    codi, other = Agency.objects.get(code="CODI"), Agency.objects.get(code="MOF")
    Agency.objects.filter(pk=other.pk).update(merged_into=codi)
    assert feedback.agency_of("MOF") == codi


@pytest.mark.parametrize(("days", "late"), [(0, 0), (30, 0), (31, 1)])
def test_days_are_counted_to_the_answer_or_today(db, days, late):
    row = write()
    sent = timezone.localdate(row.sent_at)
    assert portal.FEEDBACK_ANSWER_DAYS == 30
    times = feedback.times_of(row, sent + timedelta(days=days))
    assert (times.used, times.promised, times.late, times.is_over) == (days, 30, late, False)
    row.closed_at = row.sent_at + timedelta(days=2)
    times = feedback.times_of(row, date(2099, 1, 1))
    assert (times.used, times.is_over) == (2, True)


def test_what_is_overdue_by_the_page_is_overdue_by_the_list(db):
    rows = [write(text=f"ข้อความที่ยาวพอสำหรับเรื่องที่ {n}") for n in range(3)]
    for row, days in zip(rows, (0, 30, 31), strict=True):
        Feedback.objects.filter(pk=row.pk).update(sent_at=row.sent_at - timedelta(days=days))
    late = {row.pk for row in Feedback.objects.all() if feedback.times_of(row).late}
    assert late == set(Feedback.objects.filter(feedback.overdue()).values_list("pk", flat=True))
    assert late == {rows[2].pk}


def test_a_page_shows_the_latest_and_counts_all(forum, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(feedback, "SHOWN_AT_ONCE", 1)
    monkeypatch.setattr(feedback, "SHOWN", 2)
    measure = measure_of("2565-1.2")
    for n in range(4):
        row = write(measure=measure, text=f"ข้อความที่ยาวพอสำหรับเรื่องที่ {n}", may_publish=True)
        PublicAnswer.objects.create(
            feedback=row,
            number=row.number,
            measure=measure,
            kind="fix",
            text=str(n),
            answer="ตอบ",
            sent_on=date(2026, 11, 1),
            answered_on=date(2026, 11, 2 + n),
        )
        if n == 1:
            with django_assert_num_queries(1):
                few = feedback.shown_of(measure=measure.pk)
                assert [(each.text, str(each)) for each in few.first] == [("1", row.number)]
            assert ([each.text for each in few.rest], few.total, few.left_out) == (["0"], 2, 0)
    shown = feedback.shown_of(measure=measure.pk)
    assert [each.text for each in (*shown.first, *shown.rest)] == ["3", "2"]
    assert (shown.total, shown.left_out) == (4, 2)
    assert feedback.counts_of({measure.pk, measure_of("2565-1.1").pk}) == {measure.pk: 4}
    assert feedback.shown_of(agencies=[1]).total == 0
