"""Where the correspondence with agencies stands: who is late, who is due, and what goes with the demo."""

import pytest

from followup import actions
from followup.letters import correspondence
from followup.models import Agency, Letter, Round
from followup.tests.correspondence import change
from followup.tests.factories import ON_20_NOVEMBER, make_report

pytestmark = pytest.mark.usefixtures("on_20_november")


# Where it stands ------------------------------------------------------------------------------


def test_the_late_come_first_and_the_latest_of_them_on_top(send_letter, open_round, people):
    rows = correspondence(open_round)
    assert len(rows) == len({each.assignment.agency for each in open_round.reports.all()})
    a, b, c, d = (row.agency for row in rows[:4])
    send_letter(a, 31)  # a day late
    send_letter(b, 60)
    send_letter(b, 40)  # ten days late
    send_letter(c, 30)  # due today
    late = send_letter(d, 80)  # late, but answered
    change(late, people["staff"], answered_on=ON_20_NOVEMBER)
    rows = correspondence(open_round)
    assert [(row.agency, row.days_overdue) for row in rows[:2]] == [(b, 10), (a, 1)]
    assert all(row.days_overdue == 0 for row in rows[2:])
    assert next(row for row in rows if row.agency == c).is_waiting
    assert rows[-1].agency == c, "whoever was asked in time waits at the end"


def test_who_has_sent_everything_and_was_never_asked_is_not_listed(open_round, people):
    rows = correspondence(open_round)
    only = next(row for row in rows if len(row.due) == 1)
    report = only.due[0]
    make_report(
        open_round,
        report.measure.code,
        only.agency.code,
        by=people["staff"],
        state="submitted",
    )
    assert only.agency not in [row.agency for row in correspondence(open_round)]


def test_what_was_returned_is_due_again(open_round, people):
    before = next(row for row in correspondence(open_round) if row.agency.code == "CODI")
    code = before.due[0].measure.code
    make_report(
        open_round, code, "CODI", by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    now = next(row for row in correspondence(open_round) if row.agency.code == "CODI")
    assert len(now.due) == len(before.due)
    assert (before.is_silent, now.is_silent) == (True, False)


def test_letters_of_the_demo_go_with_it_and_leave_no_history(demo, people):
    from followup import demo as demo_data

    round_ = Round.objects.get(state="open")
    actions.record_letter(
        round_=round_,
        agency=Agency.objects.get(code="CODI"),
        by=people["staff"],
        attempt=1,
        number="1/2569",
        sent_on=round_.starts_on,
        answer_by=round_.due_on,
    )
    assert Letter.history.count() == 1
    demo_data.remove()
    assert (Letter.objects.count(), Letter.history.count()) == (0, 0)
