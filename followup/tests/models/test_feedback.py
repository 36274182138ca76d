"""What a message is called, and when it waits."""

import pytest

from followup.models import Feedback, FeedbackState


@pytest.mark.parametrize(
    ("serial", "number"), [(1, "F-2569-0001"), (147, "F-2569-0147"), (12345, "F-2569-12345")]
)
def test_a_number_has_four_digits_at_least(serial, number):
    assert Feedback(year_be=2569, serial=serial).number == number


def test_a_message_waits_until_it_is_answered_or_declined():
    told = {
        state: (Feedback(state=state).is_waiting, Feedback(state=state).is_answered)
        for state in FeedbackState
    }
    assert told == {
        "new": (True, False),
        "checking": (True, False),
        "answered": (False, True),
        "corrected": (False, True),
        "declined": (False, False),
    }
