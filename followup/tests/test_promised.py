"""What was promised, on a day: the day before, the day itself and the day after."""

from datetime import date, timedelta

import pytest

from followup import actions, promised
from followup.models import Assignment, Role, Round, Ruling, StatusReport
from followup.targets import Due
from followup.tests.factories import find_report, make_report, measure_of
from followup.tests.promises import ACCEPTED, DAY, MOVED, following, promise, publish, report

DAY_BEFORE, DAY_AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def codes(reports):
    return [each.measure.code for each in promised.loaded(reports)]


@pytest.mark.parametrize(
    ("today", "past", "near", "days_past"),
    [(DAY_BEFORE, [], ["1.1"], 0), (DAY, [], ["1.1"], 0), (DAY_AFTER, ["1.1"], [], 1)],
)
def test_a_promise_is_past_due_from_the_day_after(open_round, people, today, past, near, days_past):
    assignment = report(open_round, people, **promise(milestone="ครบ 4 ภาค")).assignment
    assert codes(promised.past_due(today)) == past
    assert codes(promised.coming(today)) == near
    each = promised.of_assignments([assignment.pk], today)[assignment.pk]
    assert each.due is (Due.PAST_DUE if past else Due.NOT_YET)
    assert (each.on, each.days_past, each.milestone) == (DAY, days_past, "ครบ 4 ภาค")
    counts = promised.counts(today)
    assert counts.past_due == len(past)
    assert counts.of[each.due] == 1
    assert counts.n == Assignment.objects.valid_in(2569).filter(role=Role.LEAD).count()
    assert counts.of[Due.NO_TARGET] == counts.n - 1


def test_a_date_is_near_from_sixty_days_before(open_round, people):
    report(open_round, people, **promise())
    assert codes(promised.coming(DAY - timedelta(days=61))) == []
    assert codes(promised.coming(DAY - timedelta(days=60))) == ["1.1"]


def test_the_date_that_was_said_last_stands_and_the_first_is_known(open_round, people):
    report(open_round, people, **promise())
    publish(open_round, people)
    second = following(open_round, people)
    assert codes(promised.past_due(DAY_AFTER)) == ["1.1"], "a silent year changes nothing"
    said = report(second, people, **promise(MOVED, target_reason="รอจัดสรรสถานี"))
    assert codes(promised.past_due(DAY_AFTER)) == []
    [each] = promised.promises(promised.loaded(promised.coming(MOVED)), MOVED)
    assert (each.on, each.first_on, each.times_postponed) == (MOVED, DAY, 1)
    assert each.report == said
    publish(second, people)
    following(second, people)
    assert codes(promised.past_due(MOVED + timedelta(days=1))) == ["1.1"]


def test_what_is_kept_or_ended_is_in_no_list(open_round, people):
    report(open_round, people, **promise())
    publish(open_round, people)
    second = following(open_round, people)
    report(second, people, status="continuous")
    assert codes(promised.past_due(DAY_AFTER)) == []
    assert promised.counts(DAY_AFTER).of[Due.KEPT] == 1
    publish(second, people)
    following(second, people)
    assert codes(promised.past_due(DAY_AFTER)) == [], "silence breaks no promise that was kept"
    assert promised.counts(DAY_AFTER).of[Due.KEPT] == 1


@pytest.mark.parametrize("on", ["measure", "resolution"])
def test_what_the_committee_has_ended_is_in_no_list(open_round, people, on):
    report(open_round, people, **promise())
    measure = measure_of("2565-1.1")
    what = {"measure": measure} if on == "measure" else {"resolution": measure.resolution}
    Ruling.objects.create(round=open_round, status="cancelled", meeting_ref="2/2569", **what)
    assert codes(promised.past_due(DAY_AFTER)) == []
    assert promised.counts(DAY_AFTER).of[Due.ENDED] >= 1
    row = asked(open_round, "1.1", DAY)
    told = [each.measure.code for each in (*row.within, *row.unanswered)]
    assert told
    assert "1.1" not in told


def test_a_ruling_that_is_revised_ends_nothing(open_round, people):
    report(open_round, people, **promise())
    publish(open_round, people)
    second = following(open_round, people)
    measure = measure_of("2565-1.1")
    for round_, status in ((open_round, "cancelled"), (second, "in_progress")):
        Ruling.objects.create(round=round_, status=status, meeting_ref="2/2569", measure=measure)
    assert codes(promised.past_due(DAY_AFTER)) == ["1.1"]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_nobody_has_approved_promises_nothing(open_round, people, state):
    who = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.1", state=state, **who, **promise())
    assert codes(promised.past_due(DAY_AFTER)) == []
    assert promised.counts(DAY_AFTER).past_due == 0


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_nobody_has_approved_moves_no_date(open_round, people, state):
    report(open_round, people, **promise())
    publish(open_round, people)
    second = following(open_round, people)
    who = {"by": people["staff"], "reviewer": people["reviewer"]}
    moved = promise(MOVED, target_reason="รอจัดสรรสถานี")
    make_report(second, "1.1", state=state, **who, **moved)
    [each] = promised.promises(promised.loaded(promised.past_due(DAY_AFTER)), DAY_AFTER)
    assert (each.on, each.times_postponed) == (DAY, 0)


def test_an_assignment_that_has_ended_is_in_no_list(open_round, people):
    assignment = report(open_round, people, **promise()).assignment
    assignment.valid_to = 2568
    assignment.save()
    assert codes(promised.past_due(DAY_AFTER)) == []


def test_lists_have_supporting_agencies_and_counts_lead_ones(open_round, people):
    lead = find_report(open_round, "1.1").assignment
    support = (
        open_round.reports.filter(assignment__role=Role.SUPPORT)
        .select_related("assignment__agency", "assignment__measure__resolution")
        .first()
        .assignment
    )
    report(open_round, people, lead.measure.code, lead.agency.code, **promise())
    report(
        open_round, people, support.measure.code, support.agency.code, **promise(date(2026, 10, 1))
    )
    rows = promised.loaded(promised.past_due(DAY_AFTER))
    assert [each.assignment for each in rows] == [support, lead], "the oldest date first"
    assert promised.counts(DAY_AFTER).past_due == 1


def test_a_promise_becomes_past_due_once(open_round, people):
    report(open_round, people, **promise())
    assert codes(promised.became_past_due(DAY, DAY_AFTER)) == ["1.1"]
    assert codes(promised.became_past_due(DAY, DAY)) == []
    assert codes(promised.became_past_due(DAY_AFTER, DAY_AFTER)) == []


# What an agency is asked ----------------------------------------------------------------------


def asked(round_, code, today):
    row = promised.asked(round_, None, today)
    return row.get(find_report(round_, code).assignment.agency.pk)


def test_an_agency_is_asked_of_its_own_dates_only(open_round, people):
    report(open_round, people, "1.1", **promise())
    report(open_round, people, "8.1", **promise(date(2026, 10, 1)))
    publish(open_round, people)
    second = following(open_round, people)  # 1 October 2026 to 30 September 2027
    first, eighth = (asked(second, code, DAY) for code in ("1.1", "8.1"))
    agency = find_report(second, "1.1").assignment.agency
    assert promised.asked(second, [agency], DAY) == {agency.pk: first}
    assert [each.measure.code for each in first.past] == []
    assert [each.measure.code for each in first.within] == ["1.1"]
    assert "8.1" in [each.measure.code for each in eighth.past]
    assert "1.1" not in [each.measure.code for each in (*eighth.past, *eighth.within)]
    assert [each.measure.code for each in asked(second, "1.1", DAY_AFTER).past] == ["1.1"]


def test_an_agency_is_asked_nothing_of_an_assignment_that_has_ended(open_round, people):
    row = promised.asked(open_round, None, DAY_AFTER)
    report(open_round, people, **promise())
    assignment = find_report(open_round, "1.1").assignment
    assert "1.1" in [each.measure.code for each in row[assignment.agency_id].unanswered]
    assignment.valid_to = 2568
    assignment.save()
    row = asked(open_round, "1.1", DAY_AFTER)
    assert "1.1" not in [each.measure.code for each in (*row.past, *row.unanswered)]


def test_a_date_after_the_round_is_not_asked_for(open_round, people):
    report(open_round, people, **promise(date(2030, 1, 1)))
    publish(open_round, people)
    second = following(open_round, people)
    assert asked(second, "1.1", DAY).within == []


def test_a_response_is_asked_for_until_there_is_one(open_round, people):
    def unanswered(round_):
        row = asked(round_, "1.1", DAY)
        found = row.unanswered if row else []
        return {each.measure.code: each.asked for each in found}.get("1.1")

    assert unanswered(open_round) == 1
    report(open_round, people)
    publish(open_round, people)
    second = following(open_round, people)
    assert unanswered(second) == 2
    sent = make_report(second, "1.1", by=people["staff"], state="submitted", **ACCEPTED)
    assert unanswered(second) is None, "what waits for a reviewer is a response"
    actions.send_back(
        report=sent, by=people["reviewer"], version=sent.version, reason="แนบหนังสือด้วย"
    )
    assert unanswered(second) == 2


def test_only_lead_agencies_are_asked_for_a_response(open_round):
    every = promised.asked(open_round, None, DAY)
    found = [each.report for of_agency in every.values() for each in of_agency.unanswered]
    assert {each.assignment.role for each in found} == {Role.LEAD}
    assert len(found) == open_round.reports.filter(assignment__role=Role.LEAD).count()


@pytest.mark.parametrize("data", ["demo", "grown"], indirect=True)
def test_the_queries_are_as_many_however_much_there_is(data, django_assert_num_queries):
    StatusReport.objects.received().update(target_on=DAY)
    round_ = Round.objects.latest("year_be")
    with django_assert_num_queries(3):
        assert promised.counts(DAY_AFTER).past_due
    with django_assert_num_queries(4):
        assert promised.promises(promised.loaded(promised.past_due(DAY_AFTER)), DAY_AFTER)
    with django_assert_num_queries(4):
        assert promised.asked(round_, None, DAY_AFTER)
