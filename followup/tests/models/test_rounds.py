"""A round: when it is public, and how many days are left."""

from datetime import date

import pytest

from followup.models import Round
from followup.tests.models.rows import ROUND_STATES, a_round


def test_only_a_published_round_is_public(world):
    shown = {state: a_round(2570, **fields).is_public for state, fields in ROUND_STATES.items()}
    assert shown == {"planned": False, "open": False, "closed": False, "published": True}
    for year, state in ((2565, "published"), (2566, "closed"), (2567, "published")):
        a_round(year, **ROUND_STATES[state]).save()
    assert [each.year_be for each in Round.objects.published()] == [2567, 2565]


@pytest.mark.parametrize(
    ("today", "days"),
    [(date(2026, 11, 29), 1), (date(2026, 11, 30), 0), (date(2026, 12, 1), -1)],
)
def test_days_left(today, days):
    assert Round(due_on=date(2026, 11, 30)).days_left(today) == days
