"""Cells that say a status: words, and ticks under the heading of a status."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.fields import Field
from followup.spreadsheets.headings import JOINT, status_of_heading
from followup.spreadsheets.lines import Line, LineKind
from followup.spreadsheets.types import SKIP_ROW, CellError, Column
from followup.spreadsheets.values import (
    read_status,
    read_ticks,
    tick_columns,
)
from followup.spreadsheets.words import WORDS
from followup.status import OF_REPORTS, Status
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import answered, offered, read, said

ALL_STATUSES = [
    "not_started",
    "in_progress",
    "on_hold",
    "continuous",
    "completed",
    "cancelled",
    "no_report",
    SKIP_ROW,
]


@pytest.mark.parametrize(("key", "code"), sorted(WORDS.status_of.items()))
def test_every_status_word(key, code):
    assert read_status(key, {}).value == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("แล้วเสร็จ", "completed"),
        (" อยู่ระหว่าง ดําเนินการ ", "in_progress"),
        ("กำลังดำเนินการ\u200b", "in_progress"),
        ("ชะลอ / ติดปัญหา", "on_hold"),
        ("In Progress", "in_progress"),
        ("ยังไม่รายงาน", "no_report"),
        ("N/A", "no_report"),
        (None, ""),
        ("  ", ""),
    ],
)
def test_status(raw, code):
    assert read(read_status(raw, {})) == (code, [])


def test_the_portals_own_words_for_a_status():
    """Codes, labels and short labels alike; nobody reports of a measure that nobody leads."""
    for status in Status:
        code = status.value if status in OF_REPORTS else "no_report"
        for word in (status.value, str(status.label), str(status.short)):
            assert read(read_status(word, {})) == (code, [])


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("ตามแผน", "in_progress"),
        ("เป็นไปตามแผน", "in_progress"),
        ("100%", "completed"),
        (100.0, "completed"),
    ],
)
def test_words_that_are_no_verdict_are_asked_with_the_likely_one_first(word, first):
    reading = read_status(word, {})
    assert reading.value is None
    assert [problem.code for problem in reading.problems] == ["S01"]
    assert offered(reading)[0] == first
    assert len(offered(reading)) == len(set(offered(reading))) == 8
    assert read_status(word, answered(reading, first)).value == first


def test_a_damaged_status_word_is_read_and_flagged():
    assert read(read_status("อยู่ระหว่างดาเนินการ", {})) == (
        "in_progress",
        [told("T02", v="ดาเนินการ", guess="ดำเนินการ")],
    )


@pytest.mark.parametrize("raw", ["ดำเนินการ", "ดำเนินการแล้ว"])
def test_started_or_done_is_asked(raw):
    reading = read_status(raw, {})
    assert read(reading) == (None, [told("S02", v=raw)])
    assert offered(reading) == ["in_progress", "completed", SKIP_ROW]
    assert read_status(raw, answered(reading, "completed")).value == "completed"
    assert read_status(raw, answered(reading, SKIP_ROW)).value is None
    assert read_status(raw, answered(reading, "on_hold")).value is None  # no option
    broken = raw.replace("ำ", "ํา") + " "
    assert read_status(broken, {}).problems[0].key == reading.problems[0].key


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ล่าช้า", "ล่าช้า"),
        ("ล่าช้ากว่าแผน", "ล่าช้ากว่าแผน"),
        ("-", "-"),
        ("✓", "✓"),
        ("✔", "✔"),
        ("/", "/"),
        ("þ", "þ"),
        ("ü", "ü"),
        ("P", "P"),
        ("a", "a"),
        (True, "TRUE"),
        ("TRUE", "TRUE"),
        (1, "1"),
        (1.0, "1"),
        ("เสร็จ 80%", "เสร็จ 80%"),
        ("<script>", "<script>"),
    ],
)
def test_unknown_status_is_asked(raw, shown):
    reading = read_status(raw, {})
    assert read(reading) == (None, [told("S01", v=shown)])
    assert offered(reading) == ALL_STATUSES
    settled = read_status(raw, answered(reading, "on_hold"))
    assert settled.value == "on_hold"
    assert said(settled) == said(reading)  # the question stays, so that its answer can be changed


def test_a_huge_status_cell_has_a_short_key_of_its_own():
    one, other = read_status("ก" * 200_000, {}), read_status("ก" * 199_999, {})
    assert len(one.problems[0].key) < 100
    assert one.problems[0].key != other.problems[0].key
    assert len(said(one)[0]) < 200


@given(
    st.sampled_from(sorted(WORDS.status_of)),
    st.lists(
        st.sampled_from(["", " ", "\u200b", "\u00a0", "\ufeff", "\n"]), min_size=60, max_size=60
    ),
)
def test_any_status_word_with_stray_spaces(key, stray):
    written = "".join(
        letter + space for letter, space in zip(key, [*stray, *[""] * 40], strict=False)
    )
    assert read_status(written, {}).value == WORDS.status_of[key]


HEADINGS = ("ยังไม่ดำเนินการ", "อยู่ระหว่างดำเนินการ", "ดำเนินการแล้ว", "ยกเลิก")


def ticked(*marks):
    return [
        (
            Column(at, f"สถานะ{JOINT}{heading}", Field.TICK, status_of_heading(heading) or ""),
            mark,
        )
        for at, (heading, mark) in enumerate(zip(HEADINGS, marks, strict=True))
    ]


def about_mark(mark, answer):
    """An answer to the question about a mark in these columns."""
    [problem] = read_ticks(ticked(mark, None, None, None), {}).problems
    return {problem.key: answer}


@pytest.mark.parametrize(
    "mark", ["✓", "✔", "√", "☑", "/", "x", "X", "●", "TRUE", "þ", "ü", "P", "a", "3"]
)
def test_each_distinct_mark_is_asked_once(mark):
    reading = read_ticks(ticked(None, mark, None, None), {})
    assert read(reading) == (
        None,
        [told("S03", v=mark, c="“อยู่ระหว่างดำเนินการ”")],
    )
    assert offered(reading) == ["yes", "no", SKIP_ROW]
    yes, no = answered(reading, "yes"), answered(reading, "no")
    assert read_ticks(ticked(None, mark, None, None), yes).value == "in_progress"
    assert read_ticks(ticked(mark, None, None, None), yes).value == "not_started"
    assert read_ticks(ticked(None, mark, None, None), no).value is None
    assert read_ticks(ticked(None, mark, None, None), answered(reading, SKIP_ROW)).value is None


def test_the_question_names_every_column_that_it_decides_for():
    columns = [column for column, _mark in ticked(None, None, None, None)]
    rows = [["✔", None, "x", None], [None, "x", "✔ ", CellError("#N/A")], [None, 0, "X", "-"]]
    table = [Line(at, cells, LineKind.RECORD, frozenset(), {}) for at, cells in enumerate(rows)]
    table.append(Line(9, ["●"] * 4, LineKind.TOTAL, frozenset(), {}))
    found = tick_columns(table, columns)
    assert found == {
        "✔": ["ยังไม่ดำเนินการ", "ดำเนินการแล้ว"],
        "x": ["อยู่ระหว่างดำเนินการ", "ดำเนินการแล้ว"],
    }
    assert said(read_ticks(ticked("✔", None, None, None), {}, headings=found)) == [
        told("S03", v="✔", c="“ยังไม่ดำเนินการ”, “ดำเนินการแล้ว”")
    ]


def test_an_answer_about_a_mark_is_for_these_columns_only():
    [problem] = read_ticks(ticked("✔", None, None, None), {}).problems
    [other] = read_ticks(ticked("✔", None, None, None)[:3], {}).problems
    assert problem.key != other.key
    assert problem.key == next(iter(about_mark("✔", "yes")))
    reading = read_ticks(ticked("✔", None, None, None)[:3], {problem.key: "yes"})
    assert reading.value is None


@pytest.mark.parametrize("raw", [True, 1])
def test_marks_that_are_no_text(raw):
    reading = read_ticks(ticked(None, raw, None, None), {})
    assert [problem.code for problem in reading.problems] == ["S03"]


def test_a_row_without_a_mark_says_nothing():
    assert read(read_ticks(ticked(None, "", " ", None), {})) == (None, [])
    assert read(read_ticks(ticked("-", 0, False, "☐"), {})) == (None, [])
    reading = read_ticks(ticked("-", "✔", 0, False), about_mark("✔", "yes"))
    assert reading.value == "in_progress"


def test_two_marks_in_a_row():
    two = ticked("✔", "✔", None, None)
    tick, no_cross = about_mark("✔", "yes"), about_mark("x", "no")
    assert read(read_ticks(two, {})) == (None, [told("S04")])
    assert read(read_ticks(two, tick)) == (
        None,
        [told("S04")],
    )
    mixed = ticked("x", "✔", "x", "x")
    assert read_ticks(mixed, tick | no_cross).value == "in_progress"
    two_sorts = ticked("x", "✔", None, None)
    assert [problem.code for problem in read_ticks(two_sorts, {}).problems] == ["S03", "S03"]
    both = read_ticks(two_sorts, tick | about_mark("x", "yes"))
    assert both.value is None
    assert said(both)[-1] == told("S04")


def test_an_ambiguous_column_is_asked_like_the_word():
    cells = ticked(None, None, "✔", None)
    tick = about_mark("✔", "yes")
    reading = read_ticks(cells, tick)
    assert reading.value is None
    assert said(reading)[-1] == told("S02", v="ดำเนินการแล้ว")
    assert reading.problems[-1].key == read_status("ดำเนินการแล้ว", {}).problems[0].key
    answers = tick | answered(reading, "completed")
    assert read_ticks(cells, answers).value == "completed"
    assert read_ticks(ticked("✔", None, None, None), tick).value == "not_started"
