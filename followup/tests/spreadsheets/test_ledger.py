"""The account of every cell: counted once, and what was left out kept with its words."""

import pytest

from followup.spreadsheets.ledger import (
    EXPECTED,
    REASONS,
    Fate,
    Ledger,
    Reason,
    left_out,
)


def leave(ledger, words, row=2, reason=Reason.UNUSED_COLUMN, heading="โทรศัพท์"):
    ledger.leave_out(reason, words, place="ชีต 1", row=row, column=3, heading=heading)


def test_the_sum_is_that_of_all_fates():
    ledger = Ledger()
    for fate, times in [(Fate.WRITTEN, 3), (Fate.ASKED, 2), (Fate.WRONG, 1)]:
        for _time in range(times):
            ledger.count(fate)
    leave(ledger, "ก")
    assert ledger.cells == 7
    assert ledger.close()["fates"] == {"written": 3, "asked": 2, "wrong": 1, "left_out": 1}
    assert ledger.close()["cells"] == 7


def test_equal_words_are_one_entry_with_its_rows():
    ledger = Ledger()
    for row in range(2, 20):
        leave(ledger, "x", row)
    leave(ledger, "y", 20)
    [group] = ledger.close()["groups"]
    assert (group["reason"], group["count"]) == ("unused_column", 19)
    first, second = group["words"]
    assert (first["words"], first["count"]) == ("x", 18)
    assert first["rows"] == [["ชีต 1", row] for row in range(2, 12)], "the first ten"
    assert (second["words"], second["count"]) == ("y", 1)


def test_the_page_shows_twenty_words_of_a_reason_and_counts_them_all():
    ledger = Ledger()
    for number in range(25):
        leave(ledger, f"คำที่ {number}")
    [group] = ledger.close()["groups"]
    assert (group["count"], len(group["words"])) == (25, 20)


def test_a_long_cell_is_shortened_on_the_page_and_whole_in_the_download(tmp_path):
    ledger = Ledger(tmp_path / "left-out.jsonl")
    leave(ledger, "ก" * 600)
    [group] = ledger.close()["groups"]
    assert group["words"][0]["words"] == "ก" * 500 + "…"
    [kept] = left_out(ledger.path.open("rb"))
    assert kept == {
        "reason": "unused_column",
        "place": "ชีต 1",
        "row": 2,
        "column": 3,
        "heading": "โทรศัพท์",
        "words": "ก" * 600,
    }


def test_everything_is_in_the_download_however_much_it_is(tmp_path):
    ledger = Ledger(tmp_path / "left-out.jsonl")
    for row in range(2_500):
        leave(ledger, f'"คำ", บรรทัด\n{row}', row)
    ledger.close()
    kept = list(left_out(ledger.path.open("rb")))
    assert [each["row"] for each in kept] == list(range(2_500))
    assert kept[-1]["words"] == '"คำ", บรรทัด\n2499'


def test_a_new_account_begins_with_an_empty_download(tmp_path):
    path = tmp_path / "left-out.jsonl"
    path.write_text("of the check before", "utf-8")
    Ledger(path).close()
    assert list(left_out(path.open("rb"))) == []


def test_groups_stand_in_the_order_of_the_page():
    ledger = Ledger()
    for reason in (Reason.HEADING, Reason.TOTAL, Reason.UNUSED_COLUMN):
        leave(ledger, "x", reason=reason)
    reasons = [group["reason"] for group in ledger.close()["groups"]]
    assert reasons == ["unused_column", "total", "heading"]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_words(reason):
    assert str(REASONS[reason])
    assert Reason.COVERED not in EXPECTED, "what nobody sees may surprise"
