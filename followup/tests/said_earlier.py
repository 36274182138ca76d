"""What an agency said in earlier rounds, for tests of what stands of it."""

from typing import Any

from followup import actions
from followup.models import Round
from followup.tests.factories import make_report


def say_and_follow(round_: Round, people: Any, code: str = "1.1", **fields: Any) -> Round:
    """Approve a report with these fields in an open round; returns the open round of the year after."""
    make_report(round_, code, by=people["staff"], reviewer=people["reviewer"], **fields)
    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["administrator"])
    following = actions.create_round(by=people["staff"], year=round_.year_be + 1)
    return actions.open_round(round_=following, by=people["staff"])
