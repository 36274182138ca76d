"""Verbs as tests call them, and what they refuse."""

from typing import Any

import pytest

from followup import actions
from followup.actions import Refused
from followup.models import RoundState, StatusReport
from followup.tests.factories import dump


def save(report, by, *, evidence=(), version=None, provinces=(), **fields):
    return actions.save_draft(
        report=report,
        by=by,
        version=report.version if version is None else version,
        fields=fields,
        evidence=evidence,
        provinces=provinces,
    )


def refused(call, **kwargs):
    """The messages with which an action refuses; what is stored must stay as it was."""
    before = dump()
    messages = lacking(call, **kwargs)
    assert dump() == before
    return messages


def lacking(call, *args, **kwargs):
    """The messages with which an action refuses; whoever calls this compares what is stored."""
    with pytest.raises(Refused) as error:
        call(*args, **kwargs)
    return error.value.messages


def stored(report):
    return StatusReport.objects.with_context().get(pk=report.pk)


def approve(report, by, **words):
    """Approve it; an assessment rests on what the agency said, unless `words` say otherwise."""
    words = {"assessed_grade": "said"} | words if words else words
    return actions.approve(report=report, by=by, version=report.version, **words)


STEPS = {  # verb -> the only state it starts from
    "open": RoundState.PLANNED,
    "close": RoundState.OPEN,
    "reopen": RoundState.CLOSED,
    "publish": RoundState.CLOSED,
}


def bring_to(round_, state, people):
    """Take a planned round to a state."""
    order = list(RoundState)
    steps: list[Any] = [actions.open_round, actions.close_round, actions.publish_round]
    for step in steps[: order.index(state)]:
        step(round_=round_, by=people["administrator"])
    return round_
