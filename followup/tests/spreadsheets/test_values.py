"""Reading cells: every case of the contract's "Types" and "Thai", with the exact sentence."""

import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.headings import JOINT, status_of_heading
from followup.spreadsheets.lines import Line, LineKind
from followup.spreadsheets.messages import MESSAGES, ROW_BOUND, is_row_bound, level, sentence
from followup.spreadsheets.types import SKIP_ROW, CellError, Column, Field, Level, Problem
from followup.spreadsheets.values import (
    both_eras,
    count_repairs,
    eras,
    out_of_order,
    question_key,
    read_date,
    read_flag,
    read_links,
    read_money,
    read_percent,
    read_status,
    read_text,
    read_ticks,
    read_year,
    tick_columns,
)
from followup.spreadsheets.words import WORDS
from followup.status import OF_REPORTS, Status
from forum_portal.thai import MONTHS, MONTHS_SHORT, clean_text, to_thai_digits
from forum_portal.years import to_be, to_ce

ASKING = (
    read_status,
    read_year,
    read_date,
    read_money,
    read_percent,
    read_flag,
    read_links,
)


def said(reading):
    return [sentence(problem) for problem in reading.problems]


def read(reading):
    """Value and sentences, for comparing both at once."""
    return reading.value, said(reading)


def answered(reading, answer, number=-1):
    """The answers mapping that answers a reading's question."""
    return {reading.problems[number].key: answer}


def offered(reading, number=-1):
    return [option.value for option in reading.problems[number].options]


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

# --- text


@pytest.mark.parametrize(
    ("raw", "text", "repairs"),
    [
        ("ประจําปี", "ประจำปี", 1),
        ("นํ้า น้ํา นำ้", "น้ำ น้ำ น้ำ", 3),
        ("เเละ เเก้", "และ แก้", 2),
        ("ท่ี สิทธ์ิ รู้", "ที่ สิทธิ์ รู้", 2),
        ("กๅร ทํๅ ฤๅษี", "การ ทำ ฤๅษี", 2),
        ("กรม\u200bการ\ufeffปกครอง\u00ad", "กรมการปกครอง", 3),
        ("ต่าง\u00a0ๆ", "ต่าง ๆ", 1),
        ("ก  ข   ค", "ก ข ค", 2),
        ("ก\x00ข", "กข", 1),
    ],
)
def test_repairs(raw, text, repairs):
    reading = read_text(raw)
    assert count_repairs(raw) == repairs
    assert read(reading) == (
        text,
        [f"แก้อักขระไทยให้แล้ว {repairs} แห่ง (เช่น “ํา” เป็น “ำ”, “เเ” เป็น “แ”)"],
    )
    assert level(reading.problems[0]) is Level.INFO


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        ("  จัดประชุม\r\n4 ภาค ", "จัดประชุม\n4 ภาค"),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (True, "TRUE"),
        (date(2024, 9, 30), "30 กันยายน 2567"),
        (datetime(2024, 9, 30, 14, 30), "30 กันยายน 2567"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("==1+1", "==1+1"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        (
            "ราคาสั่งซื้อ จิตอาสานักเรียน เจรจาเป็นผล ศาลาลำดวน",
            "ราคาสั่งซื้อ จิตอาสานักเรียน เจรจาเป็นผล ศาลาลำดวน",
        ),
        (
            "งบ 1,250,000,000 บาท ปี 2567 เลข 1234567890123",
            "งบ 1,250,000,000 บาท ปี 2567 เลข 1234567890123",
        ),
        ("๕ ² ５", "๕ ² ５"),
    ],
)
def test_text_that_needs_no_remark(raw, text):
    assert read(read_text(raw)) == (text, [])


@pytest.mark.parametrize(
    ("raw", "v", "guess"),
    [
        ("จังหวัดล าปาง", "ล าปาง", "ลำปาง"),
        ("อ านาจเจริญ", "อ านาจเจริญ", "อำนาจเจริญ"),
        ("ผลการดาเนินงาน", "ดาเนินงาน", "ดำเนินงาน"),
        ("น ้าท่วม", "น ้าท่วม", "น้ำท่วม"),
        ("ท ี่ประชุม", "ท ี่ประชุม", "ที่ประชุม"),
        ("หนองบัวลาภู", "หนองบัวลาภู", "หนองบัวลำภู"),
        ("มีคาแนะนา", "คาแนะนา", "คำแนะนำ"),
        ("ที\uf70aประชุม", "ที\uf70aประชุม", "ที่ประชุม"),
    ],
)
def test_damage_from_a_pdf_is_flagged_and_left(raw, v, guess):
    assert read(read_text(raw)) == (
        raw,
        [f"ข้อความอาจคัดลอกจาก PDF แล้วอักขระหาย เช่น “{v}” ควรเป็น “{guess}”"],
    )


@pytest.mark.parametrize(
    "raw",
    [
        "โทร. 081-234-5678",
        "โทร ๐๘๑ ๒๓๔ ๕๖๗๘",
        "0812345678",
        "02-306-8963",
        "0 2306 8963",
        "053-123456",
        "+66 81 234 5678",
        "เลขประจำตัว 3100600445635",
        "1-1017-00207-03-0",
        "บัตร ๓๑๐๐๖๐๐๔๔๕๖๓๕",
    ],
)
def test_personal_data(raw):
    assert said(read_text(raw)) == ["อาจมีข้อมูลส่วนบุคคล (เลขบัตรประชาชน/โทรศัพท์) ลบหรือปิดบังก่อนเผยแพร่"]


@pytest.mark.parametrize(
    "raw", ["3100600445634", "1 ต.ค. 2565 - 30 ก.ย. 2566", "01/10/2565-30/09/2566", "0.8123456789"]
)
def test_numbers_that_are_no_personal_data(raw):
    assert said(read_text(raw)) == []


def test_long_text_is_refused_and_not_cut():
    assert read_text("ก" * 4000).value == "ก" * 4000
    assert read(read_text("ก" * 4001)) == (None, ["ข้อความยาวเกิน 4000 อักขระ จะไม่ตัดให้เอง"])
    assert read(read_text("ก" * 41, limit=40)) == (
        None,
        ["ข้อความยาวเกิน 40 อักขระ จะไม่ตัดให้เอง"],
    )
    assert read(read_text("ก" * 200_000)) == (
        None,
        ["ข้อความยาวเกิน 4000 อักขระ จะไม่ตัดให้เอง"],
    )


@given(st.text("กงนแาำิุ่้ ab1ๆ", max_size=30))
def test_any_clean_text_reads_back(text):
    stored = read_text(text).value
    assert stored is not None
    assert read_text(stored).value == stored
    assert clean_text(stored) == stored


# --- status


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
        ["ข้อความอาจคัดลอกจาก PDF แล้วอักขระหาย เช่น “ดาเนินการ” ควรเป็น “ดำเนินการ”"],
    )


@pytest.mark.parametrize("raw", ["ดำเนินการ", "ดำเนินการแล้ว"])
def test_started_or_done_is_asked(raw):
    reading = read_status(raw, {})
    assert read(reading) == (None, [f"“{raw}” หมายถึง เริ่มแล้ว หรือ แล้วเสร็จ"])
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
    assert read(reading) == (None, [f"ไม่รู้จักสถานะ “{shown}” เลือกสถานะที่ตรงกัน"])
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


# --- ticks

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
        [f"พบเครื่องหมาย “{mark}” ในคอลัมน์ “อยู่ระหว่างดำเนินการ” ใช้หัวคอลัมน์เป็นสถานะหรือไม่"],
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
        "พบเครื่องหมาย “✔” ในคอลัมน์ “ยังไม่ดำเนินการ”, “ดำเนินการแล้ว” ใช้หัวคอลัมน์เป็นสถานะหรือไม่"
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
    assert read(read_ticks(two, {})) == (None, ["มีเครื่องหมายมากกว่าหนึ่งสถานะในแถวเดียวกัน"])
    assert read(read_ticks(two, tick)) == (
        None,
        ["มีเครื่องหมายมากกว่าหนึ่งสถานะในแถวเดียวกัน"],
    )
    mixed = ticked("x", "✔", "x", "x")
    assert read_ticks(mixed, tick | no_cross).value == "in_progress"
    two_sorts = ticked("x", "✔", None, None)
    assert [problem.code for problem in read_ticks(two_sorts, {}).problems] == ["S03", "S03"]
    both = read_ticks(two_sorts, tick | about_mark("x", "yes"))
    assert both.value is None
    assert said(both)[-1] == "มีเครื่องหมายมากกว่าหนึ่งสถานะในแถวเดียวกัน"


def test_an_ambiguous_column_is_asked_like_the_word():
    cells = ticked(None, None, "✔", None)
    tick = about_mark("✔", "yes")
    reading = read_ticks(cells, tick)
    assert reading.value is None
    assert said(reading)[-1] == "“ดำเนินการแล้ว” หมายถึง เริ่มแล้ว หรือ แล้วเสร็จ"
    assert reading.problems[-1].key == read_status("ดำเนินการแล้ว", {}).problems[0].key
    answers = tick | answered(reading, "completed")
    assert read_ticks(cells, answers).value == "completed"
    assert read_ticks(ticked("✔", None, None, None), tick).value == "not_started"


# --- years


@pytest.mark.parametrize(
    "raw",
    [
        2567,
        2567.0,
        "2567",
        "2567.0",
        "๒๕๖๗",
        "พ.ศ. 2567",
        "พ.ศ.๒๕๖๗",
        "ปีงบประมาณ พ.ศ. 2567",
        "ปีงบประมาณ 2567",
        "ปี งบ ประมาณ 2 5 6 7",
        "ปีงบ 2567",
        "ปี งปม. ๒๕๖๗",
        "2024",
        2024,
        "ค.ศ. 2024",
        "2567 (ต.ค. 66 – ก.ย. 67)",
        "2567\u200b",
    ],
)
def test_years(raw):
    assert read(read_year(raw, {}, latest=2568)) == (2567, [])


@pytest.mark.parametrize("raw", [None, "", " ", "-", "–"])
def test_no_year(raw):
    assert read(read_year(raw, {})) == (None, [])


@pytest.mark.parametrize(
    ("raw", "shown", "be", "ce", "eras_mixed"),
    [
        ("2022", "2022", 2565, 2022, True),
        (2022, "2022", 2565, 2022, True),
        ("ค.ศ. 2024", "ค.ศ. 2024", 2567, 2024, True),
        ("65", "65", 2565, 2022, False),
        (67, "67", 2567, 2024, False),
        ("๖๗", "๖๗", 2567, 2024, False),
        ("พ.ศ. 67", "พ.ศ. 67", 2567, 2024, False),
        ("24", "24", 2567, 2024, False),
        ("ค.ศ. 24", "ค.ศ. 24", 2567, 2024, False),
    ],
)
def test_years_that_are_asked(raw, shown, be, ce, eras_mixed):
    reading = read_year(raw, {}, both_eras=eras_mixed, latest=2568)
    assert read(reading) == (None, [f"ปี “{shown}” อ่านเป็น พ.ศ. {be} (ค.ศ. {ce}) ถูกต้องหรือไม่"])
    assert offered(reading) == [str(be), SKIP_ROW]
    yes = answered(reading, str(be))
    assert read_year(raw, yes, both_eras=eras_mixed, latest=2568).value == be
    skip = answered(reading, SKIP_ROW)
    assert read_year(raw, skip, both_eras=eras_mixed, latest=2568).value is None


@pytest.mark.parametrize(
    "raw", ["2564", "2569", "2600", "1999", 3000, "ค.ศ. 2021", "80", "พ.ศ. 24"]
)
def test_years_out_of_range(raw):
    assert read(read_year(raw, {}, latest=2568)) == (
        None,
        [f"ปี “{raw}” อยู่นอกช่วง พ.ศ. 2565–2568"],
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ปีที่แล้ว", "ปีที่แล้ว"),
        ("2๕67", "2๕67"),
        ("²⁵⁶⁷", "²⁵⁶⁷"),
        ("２５６７", "２５６７"),
        ("25 67", "25 67"),
        ("ค.ศ. 2567", "ค.ศ. 2567"),
        (2567.5, "2567.5"),
        (True, "TRUE"),
        (inf, "inf"),
        (date(2024, 10, 1), "1 ตุลาคม 2567"),
    ],
)
def test_unreadable_years(raw, shown):
    assert read(read_year(raw, {})) == (
        None,
        [f"อ่านปี “{shown}” ไม่ได้ พิมพ์ปีงบประมาณ พ.ศ. สี่หลัก เช่น 2567"],
    )


@pytest.mark.parametrize(
    ("raw", "heading"),
    [
        ("ปีปฏิทิน 2567", "ปี"),
        ("2567 (ม.ค.–ธ.ค.)", "ปี"),
        ("2567 ม.ค. - ธ.ค.", "ปี"),
        ("2567", "ปีปฏิทิน"),
        ("2567", "ปี (มกราคม – ธันวาคม)"),
    ],
)
def test_calendar_years_are_asked(raw, heading):
    reading = read_year(raw, {}, heading=heading)
    assert read(reading) == (None, [f"ปี “{raw}” เป็นปีปฏิทินหรือปีงบประมาณ"])
    for answer, year in (("fiscal", 2567), ("calendar", 2567), ("calendar_next", 2568)):
        assert read_year(raw, answered(reading, answer), heading=heading).value == year
    assert read_year(raw, answered(reading, SKIP_ROW), heading=heading).value is None


def test_eras_of_a_column():
    assert eras([2565, "พ.ศ. 2566", None, "x", "67"]) == {"be"}
    assert eras(["2022", 2565.0]) == {"be", "ce"}
    assert both_eras([2022, "๒๕๖๕"])
    assert not both_eras([2022, "2023"])
    assert not both_eras([])


@given(st.integers(2565, 2599), st.integers(0, 9))
def test_any_year_in_any_form(be, form):
    text = str(be)
    written = [
        be,
        float(be),
        text,
        f"{be}.0",
        to_thai_digits(be),
        f"พ.ศ. {be}",
        f"ปีงบประมาณ พ.ศ. {to_thai_digits(be)}",
        f"ปี งบ ประมาณ {' '.join(text)}",
        to_ce(be),
        f"ค.ศ. {to_ce(be)}",
    ][form]
    assert read(read_year(written, {})) == (be, [])


# --- dates

SEP_30 = date(2024, 9, 30)


@pytest.mark.parametrize(
    "raw",
    [
        "30/9/2567",
        "30/09/2567",
        "30-9-2567",
        "30.9.2567",
        "30 / 9 / 2567",
        "30/9/2024",
        "30 กันยายน 2567",
        "30 ก.ย. 2567",
        "30 กย 2567",
        "30ก.ย.2567",
        "30-ก.ย.-2567",
        "๓๐ กันยายน ๒๕๖๗",
        "๓๐/๙/๒๕๖๗",
        "วันที่ 30 กันยายน พ.ศ. 2567",
        "30 Sep 2024",
        "30-September-2024",
        "2024-09-30",
        "2567-09-30",
        "2024-09-30 00:00:00",
        "2024-09-30T10:20:30",
        "30/9/2567 14.30 น.",
        "30\u00a0กันยายน\u200b  2567",
        date(2024, 9, 30),
        datetime(2024, 9, 30, 14, 30),
        45565,
        45565.75,
    ],
)
def test_dates(raw):
    assert read(read_date(raw, {})) == (SEP_30, [])


def test_more_dates():
    assert read(read_date("01/10/2565", {})) == (date(2022, 10, 1), [])
    assert read(read_date("29/02/2567", {})) == (date(2024, 2, 29), [])
    for raw in (None, "", "-", " – "):
        assert read(read_date(raw, {})) == (None, [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("31/2/2567", "31/2/2567"),
        ("9/30/2567", "9/30/2567"),
        ("29/2/2566", "29/2/2566"),
        ("31 เมษายน 2567", "31 เมษายน 2567"),
        ("31/2/67", "31/2/67"),
        ("0/9/2567", "0/9/2567"),
        ("2567-02-31", "2567-02-31"),
        (60, "60"),
        (60.5, "60.5"),
        (-1, "-1"),
        (0, "0"),
        (nan, "nan"),
        (inf, "inf"),
        (10**9, "1000000000"),
        (date(2568, 2, 29), "29/2/2568"),  # 2568 is leap as a Gregorian year, 2025 is not
    ],
)
def test_days_that_no_calendar_has(raw, shown):
    assert read(read_date(raw, {})) == (None, [f"ไม่มีวันที่ {shown} ในปฏิทิน"])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("สิ้นปี", "สิ้นปี"),
        ("ก.ย. 2567", "ก.ย. 2567"),
        ("๓0/9/2567", "๓0/9/2567"),
        ("³⁰/9/2567", "³⁰/9/2567"),
        ("30 กันยา 2567", "30 กันยา 2567"),
        ("30/9", "30/9"),
        ("1e400", "1e400"),
        ("00:00", "00:00"),
        (True, "TRUE"),
        (2567, "10/1/1907"),  # a year that stands in a column of dates
        (date(1900, 2, 28), "28/2/1900"),
    ],
)
def test_what_is_no_date(raw, shown):
    assert read(read_date(raw, {})) == (
        None,
        [f"อ่านวันที่ “{shown}” ไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/9/2567"],
    )


@pytest.mark.parametrize(
    ("raw", "day", "read_as"),
    [
        ("30 ก.ย. 67", SEP_30, "30 กันยายน 2567"),
        ("1 ต.ค. 65", date(2022, 10, 1), "1 ตุลาคม 2565"),
        ("๓๐ ก.ย. ๖๗", SEP_30, "30 กันยายน 2567"),
        ("30/9/67", SEP_30, "30 กันยายน 2567"),
        ("29/2/67", date(2024, 2, 29), "29 กุมภาพันธ์ 2567"),
        ("30-Sep-24", SEP_30, "30 กันยายน 2567"),
    ],
)
def test_two_digit_years_are_asked(raw, day, read_as):
    reading = read_date(raw, {})
    assert read(reading) == (
        None,
        [f"วันที่ “{raw}” อ่านเป็น {read_as} (วัน/เดือน/ปี) ถูกต้องหรือไม่"],
    )
    assert read_date(raw, answered(reading, "yes")).value == day
    assert read_date(raw, answered(reading, "blank")).value is None
    assert read_date(raw, answered(reading, SKIP_ROW)).value is None


def test_one_answer_serves_all_dates_of_a_form():
    answers = answered(read_date("30 ก.ย. 67", {}), "yes")
    assert read_date("1 ต.ค. 65", answers).value == date(2022, 10, 1)
    assert read_date("1/10/65", answers).value is None


@pytest.mark.parametrize("raw", [date(2567, 9, 30), datetime(2567, 9, 30, 8, 0), 243891])
def test_a_cell_that_was_typed_in_buddhist_years(raw):
    reading = read_date(raw, {})
    assert read(reading) == (
        SEP_30,
        ["เซลล์วันที่เก็บเป็นปี ค.ศ. 2567 ซึ่งน่าจะเป็น พ.ศ. 2567 ระบบอ่านเป็น 30 กันยายน 2567"],
    )
    assert level(reading.problems[0]) is Level.WARN


def test_a_cell_that_was_typed_in_two_digit_years():
    reading = read_date(date(1967, 9, 30), {})
    assert read(reading) == (
        None,
        ["เซลล์วันที่เป็นปี ค.ศ. 1967 อาจพิมพ์ปี พ.ศ. สองหลัก (67) อ่านเป็น พ.ศ. 2567 หรือไม่"],
    )
    assert read_date(date(1967, 9, 30), answered(reading, "be")).value == SEP_30
    assert read_date(date(1967, 1, 2), answered(reading, "be")).value == date(2024, 1, 2)
    assert read_date(date(1967, 9, 30), answered(reading, "ce")).value == date(1967, 9, 30)
    assert read_date(date(1957, 1, 1), {}).value is None
    assert read(read_date(date(1970, 1, 1), {})) == (date(1970, 1, 1), [])
    leap = read_date(date(1964, 2, 29), {})
    assert said(read_date(date(1964, 2, 29), answered(leap, "be")))[-1] == (
        "ไม่มีวันที่ 29/2/1964 ในปฏิทิน"
    )


def test_days_outside_the_fiscal_year():
    for inside in ("1/10/2566", "30/9/2567"):
        assert said(read_date(inside, {}, fiscal_year=2567)) == []
    assert read(read_date("1/10/2567", {}, fiscal_year=2567)) == (
        date(2024, 10, 1),
        ["วันที่ 1 ตุลาคม 2567 อยู่นอกปีงบประมาณ 2567 (1 ต.ค. 2566 – 30 ก.ย. 2567)"],
    )


def test_the_end_before_the_start():
    later = SEP_30 + timedelta(days=1)
    assert out_of_order(SEP_30, SEP_30) == out_of_order(None, SEP_30) == []
    assert out_of_order(SEP_30, later) == out_of_order(later, None) == []
    assert [sentence(problem) for problem in out_of_order(later, SEP_30)] == ["วันสิ้นสุดอยู่ก่อนวันเริ่ม"]


@given(st.dates(date(2017, 1, 1), date(2056, 12, 31)), st.integers(0, 10), st.booleans())
def test_any_date_in_any_form(day, form, thai_digits):
    be, ce = to_be(day.year), day.year
    month, short = MONTHS[day.month - 1], MONTHS_SHORT[day.month - 1]
    written = [
        f"{day.day}/{day.month}/{be}",
        f"{day:%d/%m}/{be}",
        f"{day.day}-{day.month}-{ce}",
        f"{day.day}.{day.month}.{be}",
        f"{day.day} {month} {be}",
        f"{day.day} {month} พ.ศ. {be}",
        f"{day.day} {short} {be}",
        f"{day.day}{short}{ce}",
        f"วันที่ {day.day} {month} {be}",
        day,
        (day - date(1899, 12, 30)).days,
    ][form]
    if thai_digits and isinstance(written, str):
        written = to_thai_digits(written)
    assert read(read_date(written, {})) == (day, [])


@given(st.dates(date(2017, 1, 1), date(2056, 12, 31)), st.booleans())
def test_any_date_with_a_two_digit_year(day, in_words):
    be = to_be(day.year)
    month = f" {MONTHS_SHORT[day.month - 1]} " if in_words else f"/{day.month}/"
    written = f"{day.day}{month}{be % 100:02}"
    reading = read_date(written, {})
    assert read_date(written, answered(reading, "yes")).value == day


# --- money


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        (1250000, "1250000"),
        (1250000.0, "1250000"),
        ("1250000.0", "1250000"),
        ("1,250,000", "1250000"),
        ("1,000", "1000"),
        ("๑,๒๕๐,๐๐๐ บาท", "1250000"),
        ("1.25 ล้าน", "1250000"),
        ("๑.๒๕ ล้านบาท", "1250000"),
        ("1.25 ลบ.", "1250000"),
        ("1,250.-", "1250"),
        ("1,250,000.- บาท", "1250000"),
        ("1,250,000 บาท", "1250000"),
        ("1,250,000 บาทถ้วน", "1250000"),
        ("1,250,000,- บาท", "1250000"),
        ("บาท 1,000.-", "1000"),
        ("1,000 บ.", "1000"),
        ("1,000.-บาท", "1000"),
        ("THB 1,000", "1000"),
        ("฿1,250.50", "1250.50"),
        ("0", "0"),
        (0.1 + 0.2, "0.3"),
        (1234.56, "1234.56"),
        (9999999999999.99, "9999999999999.99"),
    ],
)
def test_amounts(raw, amount):
    assert read(read_money(raw, {})) == (Decimal(amount), [])


@pytest.mark.parametrize("raw", [None, "", " ", "-", "–", "- บาท"])
def test_no_amount(raw):
    assert read(read_money(raw, {})) == (None, [])
    assert read(read_money(raw, {}, unit=1_000_000)) == (None, [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("1_000", "1_000"),
        ("NaN", "NaN"),
        ("inf", "inf"),
        ("1e400", "1e400"),
        (nan, "nan"),
        (inf, "inf"),
        (1e400, "inf"),
        ("1,25", "1,25"),
        ("1O0", "1O0"),
        ("1๐0", "1๐0"),
        ("บาท", "บาท"),
        (".-", ".-"),
        ("ใช้งบปกติ", "ใช้งบปกติ"),
        ("=1+1", "=1+1"),
        (True, "TRUE"),
        (SEP_30, "30 กันยายน 2567"),
    ],
)
def test_what_is_no_amount(raw, shown):
    for unit in (1, 1_000_000):
        assert read(read_money(raw, {}, unit=unit)) == (
            None,
            [f"งบประมาณ “{shown}” ไม่ใช่ตัวเลข"],
        )


@pytest.mark.parametrize("raw", [-1, -0.5, "-1,000", "−5", "(1,250)"])
def test_negative_amounts(raw):
    assert read(read_money(raw, {})) == (None, [f"จำนวนเงิน “{raw}” ต้องไม่ติดลบ"])


@pytest.mark.parametrize(
    "word",
    [
        *("ไม่ใช้งบประมาณ", "ไม่ได้ใช้งบประมาณ", "ไม่ได้รับจัดสรร", "ไม่ได้รับการจัดสรร", "ไม่มีงบประมาณ"),
        *("ไม่มี", "N/A", "n.a.", "NA", "ไม่ระบุ", "ไม่เกี่ยวข้อง", "..", "รอจัดสรร", "อยู่ระหว่างพิจารณา"),
        *("(ไม่มี)", "ไม่ ใช้งบประมาณ"),
    ],
)
def test_words_for_no_amount_are_asked_once_for_all_columns(word):
    reading = read_money(word, {}, heading="งบประมาณ")
    assert read(reading) == (None, [f"“{word}” ในช่องจำนวนเงินหมายถึงไม่มีข้อมูล หรือ 0 บาท"])
    assert offered(reading) == ["none", "zero", SKIP_ROW]
    other = read_money(word, {}, unit=1_000_000, heading="เบิกจ่าย (ล้านบาท)")
    assert [problem.key for problem in other.problems] == [reading.problems[0].key]
    assert read_money(word, answered(reading, "none")).value is None
    assert read_money(word, answered(reading, "zero")).value == Decimal("0.00")


def test_satang():
    assert said(read_money("1.250", {})) == ["จำนวนเงิน “1.250” มีทศนิยมเกิน 2 ตำแหน่ง (สตางค์)"]
    assert read(read_money(1000 / 3, {})) == (
        Decimal("333.33"),
        ["จำนวนเงิน “333.333333333333” ปัดเป็น 333.33 บาท"],
    )
    for raw in (10**13, "10,000,000,000,000", "10000000 ล้าน"):
        assert read(read_money(raw, {})) == (
            None,
            [f"จำนวนเงิน “{raw}” มากเกินกว่าที่ระบบรับได้ ตรวจหน่วยและจำนวนหลัก"],
        )


@pytest.mark.parametrize(
    ("raw", "unit", "amount"),
    [
        (1.25, 1_000_000, "1250000"),
        ("1.25", 1_000_000, "1250000"),
        ("๑.๒๕", 1_000_000, "1250000"),
        ("1.250", 1_000_000, "1250000"),
        (999.99, 1_000_000, "999990000"),
        (12.5, 1000, "12500"),
        ("12.5", 1000, "12500"),
        ("1,250,000 บาท", 1_000_000, "1250000"),
        ("1.25 ล้าน", 1_000_000, "1250000"),
        ("1200 ล้าน", 1_000_000, "1200000000"),
    ],
)
def test_the_unit_of_the_heading(raw, unit, amount):
    assert read(read_money(raw, {}, unit=unit)) == (Decimal(amount), [])


@pytest.mark.parametrize(
    ("raw", "shown", "baht"),
    [
        (1250000, "1250000", "1,250,000,000,000"),
        ("1,250,000", "1,250,000", "1,250,000,000,000"),
        (1000, "1000", "1,000,000,000"),
        ("1250000000000", "1250000000000", "1,250,000,000,000,000,000"),
    ],
)
def test_implausible_millions_are_asked(raw, shown, baht):
    reading = read_money(raw, {}, unit=1_000_000)
    assert read(reading) == (
        None,
        [
            f"งบประมาณ {shown} หน่วย “ล้านบาท” เท่ากับ {baht} บาท สูงผิดปกติ หน่วยที่ถูกต้องคือ",
        ],
    )
    assert offered(reading) == ["baht", "thousand", "million", SKIP_ROW]


def test_the_unit_that_was_chosen():
    reading = read_money(1250000, {}, unit=1_000_000)
    for answer, amount in (
        ("baht", 1_250_000),
        ("thousand", 1_250_000_000),
        ("million", 1_250_000_000_000),
    ):
        answers = answered(reading, answer)
        assert read_money(1250000, answers, unit=1_000_000).value == amount
        assert (
            read_money("1.25", answers, unit=1_000_000).value == 1_250_000
        )  # plausible: as it says
    assert read_money(1250000, answered(reading, SKIP_ROW), unit=1_000_000).value is None


@given(
    st.decimals(0, Decimal("9999999999999.99"), places=2),
    st.sampled_from(["{:.2f}", "{:,.2f}", "{:.2f} บาท", "{:,.2f}บาท"]),
    st.booleans(),
)
def test_any_amount_in_any_form(amount, form, thai_digits):
    written = form.format(amount)
    assert read(read_money(to_thai_digits(written) if thai_digits else written, {})) == (amount, [])


@given(st.integers(0, 10**15 - 1))
def test_any_amount_as_a_number(satang):
    assert read(read_money(satang / 100, {})) == (Decimal(satang) / 100, [])


@given(st.decimals(0, Decimal("999.99999999"), places=8))
def test_any_amount_in_millions(millions):
    for written in (f"{millions:.8f} ล้านบาท", f"{millions:.8f}ล้าน"):
        assert read_money(written, {}).value == millions * 1_000_000
    assert read_money(f"{millions:.8f}", {}, unit=1_000_000).value == millions * 1_000_000


# --- percent


@pytest.mark.parametrize(
    ("raw", "formatted", "percent"),
    [
        (0.25, True, "25"),
        (1, True, "100"),
        (0.07, True, "7"),
        ("25%", False, "25"),
        ("0.5%", False, "0.5"),
        ("๒๕ %", False, "25"),
        ("ร้อยละ 25", False, "25"),
        ("ร้อยละ 1", False, "1"),
        (25, False, "25"),
        ("25", False, "25"),
        (0, False, "0"),
        (100.0, False, "100"),
    ],
)
def test_percent(raw, formatted, percent):
    assert read(read_percent(raw, {}, is_percent_format=formatted)) == (Decimal(percent), [])


@pytest.mark.parametrize(
    ("raw", "shown"), [(0.25, "0.25"), ("0.25", "0.25"), (1, "1"), (1.0, "1"), ("๐.๕", "๐.๕")]
)
def test_a_bare_fraction_is_asked(raw, shown):
    reading = read_percent(raw, {})
    assert read(reading) == (None, [f"ค่า {shown} เป็นสัดส่วน (0–1) หรือร้อยละ"])
    fraction = read_percent(raw, answered(reading, "fraction")).value
    percent = read_percent(raw, answered(reading, "percent")).value
    assert fraction == percent * 100
    assert read_percent(raw, answered(reading, SKIP_ROW)).value is None


@pytest.mark.parametrize(
    ("raw", "shown", "formatted"),
    [
        (101, "101", False),
        (-1, "-1", False),
        ("-5%", "-5%", False),
        (25, "25", True),
        ("มาก", "มาก", False),
        ("1e400", "1e400", False),
        (nan, "nan", False),
        (inf, "inf", True),
        (True, "TRUE", False),
        ("1,000", "1,000", False),
    ],
)
def test_what_is_no_percentage(raw, shown, formatted):
    assert read(read_percent(raw, {}, is_percent_format=formatted)) == (
        None,
        [f"ร้อยละ “{shown}” ต้องอยู่ระหว่าง 0–100"],
    )
    assert read(read_percent(None, {})) == read(read_percent("-", {})) == (None, [])


# --- yes or no


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        *((yes, True) for yes in ("ใช่", "✓", "✔", True, 1, 1.0, "TRUE", "x", "ไม่มีการเปลี่ยนแปลง")),
        *((no, False) for no in ("ไม่ใช่", False, 0, "FALSE", "มีการเปลี่ยนแปลง")),
        *((nothing, None) for nothing in (None, " ", "-", "–")),
    ],
)
def test_flags(raw, flag):
    assert read(read_flag(raw, {})) == (flag, [])


def test_an_unreadable_flag():
    assert read(read_flag("บางส่วน", {})) == (
        None,
        ["อ่าน “บางส่วน” ไม่ได้ พิมพ์ ใช่ หรือเว้นว่าง"],
    )


# --- links


@pytest.mark.parametrize(
    ("raw", "links"),
    [
        (None, []),
        ("-", []),
        ("https://a.go.th/x", [("a.go.th", "https://a.go.th/x")]),
        (
            "https://a.go.th/x, http://b.go.th\nhttps://c.go.th;https://d.go.th",
            [
                ("a.go.th", "https://a.go.th/x"),
                ("b.go.th", "http://b.go.th"),
                ("c.go.th", "https://c.go.th"),
                ("d.go.th", "https://d.go.th"),
            ],
        ),
        ("รายงาน | https://a.go.th/x", [("รายงาน", "https://a.go.th/x")]),
        ("1. รายงาน, ฉบับที่ 2: | https://a.go.th", [("1. รายงาน, ฉบับที่ 2:", "https://a.go.th")]),
        ("รายงาน: https://a.go.th/x", [("รายงาน", "https://a.go.th/x")]),
        (
            "1. รายงาน https://a.go.th/x\n- ภาพ (https://b.go.th/y).",
            [("รายงาน", "https://a.go.th/x"), ("ภาพ", "https://b.go.th/y")],
        ),
        (
            "https://th.wikipedia.org/wiki/ไทย_(ภาษา)",
            [("th.wikipedia.org", "https://th.wikipedia.org/wiki/ไทย_(ภาษา)")],
        ),
        ("https://a.go.th/x?a=1,2&b=3", [("a.go.th", "https://a.go.th/x?a=1,2&b=3")]),
        ('=HYPERLINK("https://a.go.th","คลิก")', [("a.go.th", "https://a.go.th")]),
        ("ดู https://a.go.th ติดต่อ x@b.go.th", [("ดู", "https://a.go.th")]),
    ],
)
def test_links(raw, links):
    assert read(read_links(raw, {})) == (links, [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("ข่าว | javascript:alert(1)", "javascript:alert(1)"),
        ("data:text/html,x", "data:text/html,x"),
        ("ftp://a.go.th/x", "ftp://a.go.th/x"),
        ("file:///C:/x", "file:///C:/x"),
        ("C:\\รายงาน\\x.pdf", "C:\\รายงาน\\x.pdf"),
        ("\\\\server\\x", "\\\\server\\x"),
        ("www.a.go.th", "www.a.go.th"),
        ("drive.google.com/file/x", "drive.google.com/file/x"),
        ("http://", "http://"),
        ("https://ไม่มีจุด", "https://ไม่มีจุด"),
        ("https://a.go.th/x javascript:alert(1)", "javascript:alert(1)"),
        ("https://a.go.th/" + "x" * 500, "https://a.go.th/" + "x" * 43 + "…"),
    ],
)
def test_what_is_no_web_address(raw, shown):
    assert read(read_links(raw, {})) == (
        None,
        [f"ลิงก์ “{shown}” ไม่ใช่ที่อยู่เว็บ ใช้ https:// หรือ http://"],
    )


def test_evidence_without_a_link_is_named():
    reading = read_links("หนังสือ พม 0301/12", {})
    assert read(reading) == (
        [],
        ["หลักฐาน “หนังสือ พม 0301/12” ไม่มีลิงก์ จึงไม่นำเข้าเป็นหลักฐาน"],
    )
    assert level(reading.problems[0]) is Level.WARN


def test_a_long_title():
    assert said(read_links("ก" * 201 + " | https://a.go.th", {})) == [
        "ข้อความยาวเกิน 200 อักขระ จะไม่ตัดให้เอง"
    ]


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[ก-ฮa-z0-9][ก-ฮa-z0-9,.:;()/-]{0,20}[ก-ฮa-z0-9)]", fullmatch=True),
            st.from_regex(r"https?://[a-z]{1,9}\.go\.th/[a-z0-9,._()%?=&-]{0,20}", fullmatch=True),
        ),
        max_size=4,
    )
)
def test_any_links_as_the_portal_writes_them(links):
    links = [(title, url) for title, url in links if "เเ" not in title]
    written = "\n".join(f"{title} | {url}" for title, url in links)
    assert read(read_links(written, {})) == (links, [])


# --- hostile cells and keys


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
        assert read(reading) == (None, [f"“{word}” หมายถึงไม่มีข้อมูลในช่องนี้ใช่หรือไม่"])
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
        ["เซลล์นี้แสดงข้อผิดพลาดของสูตร “#REF!” แทนค่า แก้สูตรในไฟล์ หรือพิมพ์ค่าที่ถูกต้องในช่องนี้"],
    )


def test_keys_are_those_of_the_words():
    assert question_key("S01", "ดํา เนิน.การ") == question_key("S01", "ดำเนินการ")
    assert question_key("S01", "-") != question_key("S01", "–")
    assert question_key("S01", "x") != question_key("S02", "x")


def test_problems_of_a_row_and_problems_of_a_value():
    assert MESSAGES.keys() >= ROW_BOUND
    for code in ("R07", "R14", "R15", "R16", "R09", "R08", "D06", "S04", "S05", "U02"):
        assert is_row_bound(Problem(code))
    for code in ("R01", "R02", "R10", "R12", "R19", "B01", "N01", "D07", "T05", "Y04", "Y05"):
        assert not is_row_bound(Problem(code))
