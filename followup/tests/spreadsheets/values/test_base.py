"""What every reader of cells shares: huge cells, words that say nothing, errors and keys."""

import time

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
    "raw",
    [
        "่" * 100_000,
        "เ" * 100_000,
        "a." * 50_000,
        "-a" * 50_000,
        ",;" * 50_000,
        "(" * 100_000,
        "ม.ค." * 25_000,
        "https://" * 12_000,
        "www." * 25_000,
        "1 " * 50_000,
        " | https://a.b" * 7_000,
        "x" * 200_000,
        "\uf700" * 100_000,
        "ก า" * 33_000,
    ],
)
def test_a_huge_cell_takes_no_time(raw):
    start = time.process_time()  # not the clock's: others work on the machine too
    read_text(raw)
    for asking in ASKING:
        asking(raw, {})
    assert time.process_time() - start < 5


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
