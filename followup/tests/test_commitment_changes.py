"""What an edition says anew of responses and dates: two rounds, two agencies, two forums."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from followup import commitment_changes, movements, published
from followup.commitment_changes import Kind
from followup.models import Agency, Round, StatusReport
from followup.movements import Record, Subject
from followup.responses import Response
from followup.targets import Due
from followup.tests.factories import find_report, make_report, measure_of
from followup.tests.promises import ACCEPTED, REFUSED, following, promise, publish, report
from followup.tests.subscribers import resolution

#: Rounds 2569 and 2570 end on these days.
FIRST_END, SECOND_END = date(2026, 9, 30), date(2027, 9, 30)


def turns(round_, before=None):
    known = published.editions(Round.objects.public())
    found = commitment_changes.turns(known[round_], known.get(before))
    codes = {each.pk: each.code for each in known[round_].frame.measures.values()}
    return [(each.kind, codes[each.of.measure], each.before, each.after) for each in found]


def told(subject, year):
    found = [each for each in Record().movements(subject) if each.event.round.year_be == year]
    return list(found[0].lines)


@pytest.fixture
def two_rounds(open_round, people):
    """Publish a first round and, with `second(...)`, the next one."""

    def first(*reports):
        for code, fields in reports:
            report(open_round, people, code, **fields)
        publish(open_round, people)
        return open_round

    def second(*reports):
        round_ = following(open_round, people)
        for code, fields in reports:
            report(round_, people, code, **fields)
        publish(round_, people)
        return round_

    return first, second


@pytest.mark.parametrize(
    ("days", "due"),
    [(-1, Due.PAST_DUE), (0, Due.NOT_YET), (1, Due.NOT_YET)],
)
def test_a_promise_is_judged_on_the_editions_day(two_rounds, days, due):
    first, _second = two_rounds
    day = FIRST_END + timedelta(days=days)
    round_ = first(("1.1", promise(day)))
    edition = published.editions([round_])[round_]
    [said] = commitment_changes.said_in(edition).values()
    assert (said.due, said.on, said.response) == (due, day, Response.NO_ANSWER)
    past = [(Kind.PAST_DUE, "1.1", None, day)] if due is Due.PAST_DUE else []
    assert turns(round_) == past


def test_a_promise_becomes_past_due_in_one_edition_also_if_its_agency_is_silent(two_rounds, people):
    first, second = two_rounds
    day = FIRST_END + timedelta(days=30)
    one = first(("1.1", promise(day)))
    assert turns(one) == []
    two = second()
    assert turns(two, one) == [(Kind.PAST_DUE, "1.1", None, day)]
    three = following(two, people)
    publish(three, people)
    assert turns(three, two) == [], "it was so before"


def test_what_is_achieved_by_then_is_not_past_due(two_rounds):
    first, second = two_rounds
    one = first(("1.1", promise(FIRST_END + timedelta(days=30))))
    two = second(("1.1", {"status": "continuous"}))
    assert turns(two, one) == []


def test_a_date_that_moves_is_told_with_the_one_before(two_rounds):
    first, second = two_rounds
    day, later, sooner = date(2028, 1, 1), date(2028, 6, 1), date(2027, 12, 1)
    one = first(("1.1", promise(day)), ("8.1", promise(day)), ("8.2", promise(day)))
    two = second(
        ("1.1", promise(later, target_reason="รอจัดสรรสถานี")),
        ("8.1", promise(sooner, target_reason="ได้งบประมาณแล้ว")),
        ("8.2", promise(day, milestone="ครบ 4 ภาค")),
    )
    assert turns(two, one) == [
        (Kind.POSTPONED, "1.1", day, later),
        (Kind.ADVANCED, "8.1", day, sooner),
    ]


def test_a_response_is_told_once_and_a_new_one_again(two_rounds):
    first, second = two_rounds
    one = first(("1.1", ACCEPTED), ("8.1", REFUSED))
    assert turns(one) == [
        (Kind.ANSWERED, "1.1", None, Response.ACCEPTED),
        (Kind.ANSWERED, "8.1", None, Response.NOT_ACCEPTED),
    ]
    two = second(("1.1", ACCEPTED), ("8.1", ACCEPTED | {"response_on": date(2027, 1, 4)}))
    assert turns(two, one) == [
        (Kind.ANSWERED, "8.1", Response.NOT_ACCEPTED, Response.ACCEPTED),
    ]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_nobody_has_approved_is_never_told(open_round, people, state):
    who = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.1", state=state, **who, **promise(date(2020, 1, 1)), **ACCEPTED)
    report(open_round, people, "8.1")
    publish(open_round, people)
    edition = published.editions([open_round])[open_round]
    assert commitment_changes.said_in(edition) == {}
    for subject in (Subject.of(None), Subject.of(resolution(1))):
        words = str(told(subject, 2569))
        assert "ตอบ" not in words
        assert "กำหนด" not in words


# In words -------------------------------------------------------------------------------------


@pytest.fixture
def moved(two_rounds):
    """1.1 is past due in 2570, 8.1 was postponed, 1.2 was answered anew."""
    first, second = two_rounds
    first(
        ("1.1", promise(date(2026, 10, 31))),
        ("1.2", REFUSED),
        ("8.1", promise(date(2028, 1, 1))),
    )
    return second(
        ("1.2", ACCEPTED | {"response_on": date(2027, 1, 4)}),
        ("8.1", promise(date(2028, 6, 1), target_reason="รอจัดสรรสถานี")),
    )


def names(round_, *codes):
    return [find_report(round_, code).assignment.agency.short for code in codes]


def test_a_follower_of_a_resolution_reads_what_moved_in_it(moved):
    first, second = names(moved, "1.1", "1.2")
    assert told(Subject.of(resolution(1)), 2570)[-2:] == [
        f"1.1 ({first}): เลยกำหนด 31 ตุลาคม 2569",
        f"1.2 ({second}): เปลี่ยนคำตอบจาก “ไม่รับ” เป็น “รับไปดำเนินการ”",
    ]
    assert f"1.2 ({second}): ตอบว่า “ไม่รับ”" in told(Subject.of(resolution(1)), 2569)
    (eighth,) = names(moved, "8.1")
    assert told(Subject.of(resolution(8)), 2570)[-1] == (
        f"8.1 ({eighth}): เลื่อนกำหนดจาก 1 มกราคม 2571 เป็น 1 มิถุนายน 2571"
    )


def test_a_follower_of_an_agency_reads_of_it_alone(moved):
    def of(code):
        return str(told(Subject.of(find_report(moved, code).assignment.agency), 2570))

    first, eighth = names(moved, "1.1", "8.1")
    assert first != eighth
    assert f"1.1 ({first}): เลยกำหนด" in of("1.1")
    assert "8.1 (" not in of("1.1")
    assert f"8.1 ({eighth}): เลื่อนกำหนด" in of("8.1")
    assert "เลยกำหนด" not in of("8.1")


def test_a_follower_of_everything_reads_how_many(moved):
    leads = moved.reports.filter(assignment__role="lead").count()
    assert told(Subject.of(None), 2570)[1:] == [
        f"คำตอบใหม่ของหน่วยงานหลัก 1 จาก {leads} รายการ: รับไปดำเนินการ 1",
        "กำหนดแล้วเสร็จที่หน่วยงานแจ้งไว้ 2 รายการ: เลยกำหนดเพิ่ม 1 · เลื่อนกำหนดออกไป 1",
    ]


def test_it_is_told_in_english(moved):
    first, second = names(moved, "1.1", "1.2")
    with translation.override("en"):
        lines = told(Subject.of(resolution(1)), 2570)[-2:]
        every = told(Subject.of(None), 2570)[1:]
    assert lines[0].endswith(": past its date, 31 October 2026")
    assert lines[1].endswith("answer changed from “Not accepted” to “Accepted”")
    assert first
    assert second
    assert every[1] == ("Dates that agencies have given: 2; newly past due 1 · postponed 1")


def test_a_long_list_is_cut(moved, monkeypatch):
    monkeypatch.setattr(movements, "LISTED", 1)
    assert told(Subject.of(resolution(1)), 2570)[-1] == "และอีก 1 รายการ"


def test_two_forums_are_told_apart(second_forum, open_round, people):
    for code in ("2565-1.1", "2566-1.1"):
        report(open_round, people, code, **promise(date(2026, 1, 1)))
    publish(open_round, people)
    first, second = (told(Subject.of(resolution(1, year)), 2569) for year in (2565, 2566))
    assert next(line for line in first if "เลยกำหนด" in line).startswith("2565-1.1 (")
    assert next(line for line in second if "เลยกำหนด" in line).startswith("2566-1.1 (")
    assert "2566-1.1" not in str(first)
    assert measure_of("2566-1.1").resolution == resolution(1, 2566)


def test_an_edition_of_many_lines_is_read_once(demo, django_assert_num_queries):
    StatusReport.objects.received().update(target_on=date(2020, 1, 1))
    commitment_changes._said.cache_clear()
    round_ = Round.objects.public()[0]
    edition = published.editions([round_])[round_]
    with django_assert_num_queries(1):
        commitment_changes.said_in(edition)
        commitment_changes.said_in(edition)
    assert Agency.objects.exists()
