"""Messages at the same time: no number has a twin, no limit is passed, and one of two colleagues wins."""

import pytest

from followup import actions
from followup.actions import Conflict, Throttled
from followup.actions import feedback as verbs
from followup.feedback import new_sending
from followup.models import Feedback
from followup.tests.test_races import at_once, losers, meet, winners  # noqa: F401 - a fixture
from followup.tests.visitors import TEXT, send, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_have_no_twins_even_for_the_first_of_a_year():
    outcomes = at_once(
        *(lambda n=n: send(text=f"{TEXT} {n}", sender=f"{n}" * 32) for n in range(6))
    )
    assert losers(outcomes) == []
    assert sorted(row.serial for row, _key in outcomes) == [1, 2, 3, 4, 5, 6]


def test_at_the_limit_one_of_two_is_taken(settings, meet):  # noqa: F811
    settings.FEEDBACK_FROM_ONE = 2
    write()
    meet(verbs, "digest_of")
    outcomes = at_once(*(lambda n=n: send(text=f"{TEXT} {n}") for n in range(2)))
    assert len(winners(outcomes)) == 1
    assert isinstance(losers(outcomes)[0], Throttled)
    assert Feedback.objects.count() == 2


def test_a_form_that_is_sent_twice_at_once_is_one_message(meet):  # noqa: F811
    form = new_sending()
    meet(verbs, "digest_of")
    outcomes = at_once(*[lambda: send(sending=form)] * 2)
    assert losers(outcomes) == []
    assert outcomes[0] == outcomes[1]
    assert Feedback.objects.count() == 1


def test_of_two_colleagues_one_answers(people, meet):  # noqa: F811
    row = write()
    meet(verbs, "_locked")

    def answering(name):
        return lambda: actions.answer_feedback(
            feedback=row, by=people[name], version=0, answer=f"คำตอบของ {name}"
        )

    outcomes = at_once(answering("staff"), answering("colleague"))
    (won,) = winners(outcomes)
    assert isinstance(losers(outcomes)[0], Conflict)
    assert Feedback.objects.get().answer == won.answer
