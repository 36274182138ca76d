"""What every reader of cells shares: huge cells, words that say nothing, errors and keys."""

import pytest

from followup.spreadsheets.types import SKIP_ROW, CellError
from followup.spreadsheets.values import (
    question_key,
    read_date,
    read_flag,
    read_links,
    read_money,
    read_percent,
    read_status,
    read_text,
    read_year,
)
from followup.tests.growth import assert_linear
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import answered, offered, read

ASKING = (
    read_status,
    read_year,
    read_date,
    read_money,
    read_percent,
    read_flag,
    read_links,
)


@pytest.mark.parametrize(
    "word",
    [
        "่",
        "เ",
        "a.",
        "-a",
        ",;",
        "(",
        "ม.ค.",
        "https://",
        "www.",
        "1 ",
        " | https://a.b",
        "x",
        "\uf700",
        "ก า",
    ],
)
def test_a_huge_cell_takes_time_by_its_length(word):
    def read(length):
        raw = word * (length // len(word))
        read_text(raw)
        for asking in ASKING:
            asking(raw, {})

    assert_linear(read, 100_000)


@pytest.mark.parametrize("word", ["N/A", "ไม่มี", "ไม่ระบุ", "ไม่เกี่ยวข้อง", "...", "(ไม่มี)"])
def test_words_that_say_nothing_are_asked_once_for_all_columns(word):
    """One decision: the same key whatever the column."""
    readings = [reader(word, {}) for reader in (read_date, read_percent, read_flag, read_links)]
    assert len({reading.problems[0].key for reading in readings}) == 1
    for reading in readings:
        assert read(reading) == (None, [told("R20", v=word)])
        assert offered(reading) == ["none", SKIP_ROW]
    none = answered(readings[0], "none")
    assert [reader(word, none).value for reader in (read_date, read_percent, read_flag)] == [
        None
    ] * 3
    assert read_links(word, none).value == []
    assert read_links(word, answered(readings[0], SKIP_ROW)).value is None


@pytest.mark.parametrize("reader", [*ASKING, lambda raw, answers: read_text(raw)])
def test_an_error_is_neither_blank_nor_a_value(reader):
    assert read(reader(CellError("#REF!"), {})) == (
        None,
        [told("R19", v="#REF!")],
    )


def test_keys_are_those_of_the_words():
    assert question_key("S01", "ดํา เนิน.การ") == question_key("S01", "ดำเนินการ")
    assert question_key("S01", "-") != question_key("S01", "–")
    assert question_key("S01", "x") != question_key("S02", "x")
