"""How each record ends, and that every cell of a table is entered once."""

import pytest

from followup.spreadsheets.account import Outcome
from followup.spreadsheets.ledger import Fate, Ledger, Reason
from followup.spreadsheets.lines import Line, LineKind
from followup.spreadsheets.row import Row
from followup.tests.spreadsheets.wizard import WHOLE, check_rows, row


def reasons_of(ledger):
    return {reason: count for reason, count in ledger.reasons.items() if count}


def test_an_outcome_begins_as_nothing_new_and_says_why_a_write_was_dropped():
    outcome = Outcome(Row(0, Line(1, [], LineKind.RECORD, frozenset(), {})))
    assert (outcome.fate, outcome.reason) == (Fate.LEFT_OUT, Reason.SAME)
    first, second = object(), object()
    outcome.writes = [first, second]
    outcome.drop(first, Reason.NOT_CHOSEN)
    assert (outcome.writes, outcome.reason) == ([second], Reason.NOT_CHOSEN)


@pytest.mark.parametrize(
    ("told", "fates", "reasons"),
    [
        (row("3.1", "กสจ.", "ชะลอ", "ผล"), {Fate.WRITTEN: 4}, {}),
        (row("3.1", "กสจ.", "ไปเรื่อย ๆ", "ผล"), {Fate.ASKED: 4}, {}),
        (row("3.1", "กสจ.", "ชะลอ", "ผล", None, "สิบ"), {Fate.WRONG: 5}, {}),
        (["รวม", None, None, None, None, 5], {}, {Reason.TOTAL: 2}),
        (WHOLE, {}, {Reason.REPEATED: 6}),
        (
            row("3.1", "กสจ.", "ชะลอ", "ผล", "รอ", "-"),
            {Fate.WRITTEN: 5},
            {Reason.NOTHING: 1},
        ),
    ],
)
def test_the_cells_of_a_row_share_its_fate_but_for_those_that_say_nothing(
    open_round, told, fates, reasons
):
    ledger = Ledger()
    check_rows(open_round, told, ledger=ledger)
    left_out = sum(reasons.values()) + len(WHOLE)
    assert dict(ledger.fates) == {**fates, Fate.LEFT_OUT: left_out}
    assert reasons_of(ledger) == {Reason.HEADING: len(WHOLE), **reasons}


def test_a_column_that_is_not_imported_is_left_out_with_its_heading(open_round, tmp_path):
    from followup.spreadsheets.ledger import left_out

    ledger = Ledger(tmp_path / "left-out.jsonl")
    head = [*WHOLE[:4], "เบอร์โทรผู้ประสานงาน"]
    check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "ผล", "02"), head=head, ledger=ledger)
    ledger.close()
    kept = [each for each in left_out(ledger.path.open("rb")) if each["reason"] == "unused_column"]
    assert [(each["row"], each["column"], each["heading"], each["words"]) for each in kept] == [
        (2, 4, "เบอร์โทรผู้ประสานงาน", "02")
    ]
