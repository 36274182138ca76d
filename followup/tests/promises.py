"""Promised dates over two published rounds and an open one, as tests of several modules need them."""

from datetime import UTC, date, datetime, time

import time_machine

from followup import actions
from followup.tests.factories import make_report

DAY = date(2026, 12, 31)
MOVED = date(2027, 3, 31)
ACCEPTED = {"response": "accepted", "response_on": date(2026, 11, 3)}
REFUSED = {
    "response": "not_accepted",
    "response_on": date(2026, 11, 4),
    "response_reason": "ไม่มีงบประมาณ",
}


def promise(day=DAY, **fields):
    return {"target_on": day, **fields}


def publish(round_, people):
    """Publish on the last day of the round, on which the edition judges its dates."""
    actions.close_round(round_=round_, by=people["staff"])
    noon = datetime.combine(round_.ends_on, time(5), UTC)
    with time_machine.travel(noon, tick=False):
        return actions.publish_round(round_=round_, by=people["reviewer"])


def following(round_, people):
    """The next year's round, open."""
    found = actions.create_round(by=people["staff"], year=round_.year_be + 1)
    actions.open_round(round_=found, by=people["staff"])
    return found


def report(round_, people, code="1.1", agency="", **fields):
    """An approved report."""
    who = {"by": people["staff"], "reviewer": people["reviewer"]}
    return make_report(round_, code, agency, **who, **fields)
