"""The rows under a header: each is classified, and none is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.fields import Field
from followup.spreadsheets.lines import LineKind, lines
from followup.spreadsheets.recognise import find_layout
from followup.spreadsheets.types import Book, CellError, Sheet

HEAD = ["ข้อเสนอที่", "มาตรการย่อย", "หน่วยงานรับผิดชอบ", "สถานะ", "ผลการดำเนินงาน", "ปัญหา/อุปสรรค"]
MONEY = [*HEAD, "งบประมาณ (บาท)"]


def row(*cells, width):
    return [*cells, *[None] * (width - len(cells))]


def sheet(*rows, head=HEAD, **more):
    return Sheet("แผ่น1", [head, *(row(*cells, width=len(head)) for cells in rows)], **more)


def told(one, **more):
    layout, problems = find_layout(Book([one], "xlsx"))
    assert layout is not None, problems
    return list(lines(one, layout, **more))


def kinds(one, **more):
    return [line.kind.value for line in told(one, **more)]


RECORD = [1, "1.1", "พม.", "แล้วเสร็จ", "จัดประชุมแล้ว"]
BARE = [1, "1.1", "พม.", "แล้วเสร็จ"]


# Totals, notes, sections ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        ["รวม"],
        ["รวม", None, None, None, None, None, 5_000],
        [None, "รวมข้อเสนอที่ 1", None, None, None, None, 5_000],
        [None, "รวมทั้งสิ้น", None, None, None, None, 5_000],
        [None, None, "รวม กรมการปกครอง", None, None, None, 5_000],
        [None, None, None, "รวม", None, None, 5_000],
        [None, None, None, None, None, "รวมเป็นเงิน", 5_000],
        ["รวม 3 มาตรการ"],
        ["รวมทั้งสิ้น 12 รายการ"],
        [2, "รวมข้อเสนอที่ 2", None, None, None, None, 5_000],  # its number is no measure's code
        ["ยอดรวม", None, None, 3],
        [None, None, "ค่าเฉลี่ย", None, None, None, 5_000],
        [None, "คิดเป็นร้อยละ", None, 75],
        ["Grand Total", None, None, 3],
        ["Subtotal", None, None, 3],
    ],
)
def test_totals_with_their_word_in_any_column(cells):
    assert kinds(sheet(RECORD, cells, head=MONEY)) == ["record", "total"]


@pytest.mark.parametrize(
    "cells",
    [
        [1, "1.2", "พม.", "แล้วเสร็จ", "รวม"],
        [1, "1.2", "พม.", "แล้วเสร็จ", "รวมพลังเครือข่าย"],
        [1, "1.2", "รวม", "แล้วเสร็จ"],
        [None, "๑.๒", None, None, None, "รวม 3 ครั้ง"],
        [None, None, "พม.", "แล้วเสร็จ", "รวม 5 ครั้ง"],  # its code is missing: named, not passed over
        [None, None, "พม.", "ร้อยละ 80"],
        [None, "รวมพลังเครือข่ายภาคประชาสังคม", "พม.", "แล้วเสร็จ"],
    ],
)
def test_records_that_speak_of_a_total(cells):
    assert kinds(sheet(RECORD, cells)) == ["record", "record"]


@pytest.mark.parametrize(
    "cells",
    [
        ["หมายเหตุ : ข้อมูลเบื้องต้น"],
        ["ที่มา: กสป."],
        [" ", "* รอยืนยัน"],
        ["* 3 หน่วยงานยังไม่รายงาน"],
        ["ข้อมูล ณ วันที่ 30 ก.ย. 67"],
        ["หมายเหตุ", "ข้อมูลเบื้องต้น"],
    ],
)
def test_notes(cells):
    assert kinds(sheet(RECORD, cells)) == ["record", "note"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("หมายเหตุ: ข้อมูล ณ วันที่ 30 กันยายน 2569", "note"),
        ("รวมทั้งสิ้น", "total"),
        ("ผล: จัดอบรม", "continuation"),
        ("ข้อเสนอที่ ๑ กฎระเบียบ", "section"),
        ("การพัฒนาฐานข้อมูล", "section"),
    ],
)
def test_what_stands_in_the_column_of_the_year(words, kind):
    head = ["ปีงบประมาณ", *HEAD]
    assert kinds(sheet([2569, *RECORD], [words], head=head)) == ["record", kind]


@pytest.mark.parametrize(
    "cells",
    [
        ["ข้อเสนอที่ ๑ กฎระเบียบเชิงส่งเสริม"],
        [None, "ข้อเสนอที่ ๑ กฎระเบียบเชิงส่งเสริม"],
        ["ข้อเสนอที่ 1"],
        ["1. กฎระเบียบเชิงส่งเสริม"],
        ["ยุทธศาสตร์ที่ 1 เครือข่าย"],
        ["ด้านที่ 1"],
        [None, None, "ด้านที่ 1"],
        ["หน่วยงาน: กสป."],
        [None, None, "หน่วยงาน : กสป."],
        ["การพัฒนาฐานข้อมูล"],
    ],
)
def test_headings_of_sections(cells):
    assert kinds(sheet(cells, RECORD)) == ["section", "record"]


def test_a_heading_merged_over_the_table_is_a_section_wherever_it_begins():
    words = [None, None, "ความร่วมมือทั้งหมด"]
    assert kinds(sheet(words, RECORD, merged=[(1, 2, 1, 5)])) == ["section", "record"]
    assert kinds(sheet(words, RECORD)) == ["record", "record"]


def test_a_code_alone_in_its_row_is_a_record():
    assert kinds(sheet(["1.1"], [None, "ข้อ 1.1"], ["*1.2"])) == ["record"] * 3


@pytest.mark.parametrize(
    "code",
    ["*1.2", "** 1.3", "1.2*", "1.2 *", "1.2 ¹", "1.2¹", "๑.๒ ๑/", "1.2 1/", "†1.2", "1.2 †"],
)
def test_codes_with_footnote_marks_are_records(code):
    assert kinds(sheet([1, code, "พม.", "แล้วเสร็จ"], [None, code])) == ["record", "record"]


# Results in rows of their own -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([None, "ผล: จัดอบรม"], (Field.RESULT, 1, "จัดอบรม", "ผล")),
        (["ผลการดำเนินงาน : จัดอบรม"], (Field.RESULT, 0, "จัดอบรม", "ผลการดำเนินงาน")),
        ([None, None, None, None, "ผล： จัดอบรม"], (Field.RESULT, 4, "จัดอบรม", "ผล")),
        ([None, None, None, "- ผล: จัดอบรม"], (Field.RESULT, 3, "จัดอบรม", "ผล")),
        ([None, "ปัญหา/อุปสรรค: งบน้อย"], (Field.PROBLEMS, 1, "งบน้อย", "ปัญหา/อุปสรรค")),
        ([None, "ข้อเสนอแนะ: เร่งรัด"], (Field.SUGGESTIONS, 1, "เร่งรัด", "ข้อเสนอแนะ")),
        (
            [None, "หลักฐาน: https://example.org/1"],
            (Field.EVIDENCE, 1, "https://example.org/1", "หลักฐาน"),
        ),
        ([None, "ผล:", "จัดอบรม"], (Field.RESULT, 2, "จัดอบรม", "ผล")),
        ([None, "ผลการดำเนินงาน", None, "จัดอบรม"], (Field.RESULT, 3, "จัดอบรม", "ผลการดำเนินงาน")),
        ([1, "ผล: จัดอบรม"], (Field.RESULT, 1, "จัดอบรม", "ผล")),  # a running number beside it
        ([None, "ผลการดําเนินงาน: ก: ข"], (Field.RESULT, 1, "ก: ข", "ผลการดำเนินงาน")),
        ([None, None, None, None, "จัดอบรม"], (Field.RESULT, 4, "จัดอบรม", "")),
        ([None, None, None, None, None, "งบน้อย"], (Field.PROBLEMS, 5, "งบน้อย", "")),
    ],
)
def test_what_stands_in_a_row_of_its_own(cells, expected):
    _record, line = told(sheet(BARE, cells))
    assert line.kind is LineKind.CONTINUATION
    assert (line.field, line.column, line.text, line.word) == expected
    assert line.of == 1


def test_a_label_continues_a_record_that_has_a_result_but_a_lone_text_does_not():
    assert kinds(sheet(RECORD, [None, "ผล: เพิ่มเติม"])) == ["record", "continuation"]
    assert kinds(sheet(RECORD, [None, None, None, None, "เพิ่มเติม"])) == ["record", "record"]
    two = [[None, None, None, None, text] for text in ("ก", "ข")]
    assert kinds(sheet(BARE, *two)) == ["record", "continuation", "continuation"]


def test_a_year_and_carried_cells_stand_beside_a_continuation():
    head = ["ปีงบประมาณ", *HEAD[1:]]
    one = sheet(
        [2569, "1.1", "พม.", "แล้วเสร็จ"],
        [2569, "ผล: จัดอบรม"],
        head=head,
        merged=[(1, 2, 2, 2)],
    )
    line = told(one)[1]
    assert (line.kind, line.text, line.carried) == ("continuation", "จัดอบรม", {2})


def test_a_row_with_more_than_a_text_is_no_continuation():
    rows = [
        [None, "ผล: จัดอบรม", "พม."],
        [None, "ผล: จัดอบรม", None, None, None, None, 500],
        [1, "1.2", None, None, "ผล: จัดอบรม"],
        [None, "เวลา 10:30 น."],
    ]
    assert LineKind.CONTINUATION not in kinds(sheet(BARE, *rows, head=MONEY))


@pytest.mark.parametrize(
    ("between", "of"),
    [([], 1), ([["รวม", None, None, 3]], -1), ([["ด้านที่ 2"]], -1), ([["หมายเหตุ: x"]], -1)],
)
def test_whom_a_continuation_belongs_to(between, of):
    assert told(sheet(BARE, *between, ["ผล: ก"]))[-1].of == of


def test_a_continuation_of_a_hidden_record_does_not_go_to_the_one_before():
    one = sheet(BARE, [1, "1.2", "มท.", "แล้วเสร็จ"], ["ผล: ของ 1.2"], hidden_rows=frozenset({2}))
    assert [(line.kind, line.of) for line in told(one)] == [
        ("record", -1),
        ("hidden", -1),
        ("continuation", -1),
    ]
    assert told(one, include_hidden=True)[-1].of == 2


def test_a_continuation_without_any_record_above():
    one = sheet(["ผล: จัดอบรม"], BARE)
    assert [(line.kind, line.of) for line in told(one)] == [("continuation", -1), ("record", -1)]


# Merged cells ---------------------------------------------------------------------------------


def test_what_a_merged_cell_covers_is_not_seen_but_named():
    one = sheet(
        [1, "1.1", "พม.", "แล้วเสร็จ", "ที่เห็น", "ซ่อนขวา", 900],
        [None, "1.2", "ซ่อนใต้", "ยกเลิก", "ข", None, 901],
        [None, "1.3", None, "ยกเลิก", "ค", None, None],
        head=MONEY,
        merged=[(1, 0, 3, 0), (1, 2, 3, 2), (1, 4, 1, 5), (1, 6, 3, 6)],
    )
    first, second, third = told(one)
    assert first.cells == [1, "1.1", "พม.", "แล้วเสร็จ", "ที่เห็น", None, 900]
    assert (first.carried, first.covered) == (frozenset(), {5: "ซ่อนขวา"})
    assert second.cells == [1, "1.2", "พม.", "ยกเลิก", "ข", None, None]
    assert (second.carried, second.covered) == ({0, 2}, {2: "ซ่อนใต้", 6: 901})
    assert (third.cells[6], third.carried, third.covered) == (None, {0, 2}, {})
    assert one.rows[2][2] == "ซ่อนใต้"


def test_a_row_whose_only_words_are_covered_is_named():
    one = sheet(RECORD, [None, None, "ซ่อนใต้"], merged=[(1, 2, 2, 2)])
    assert told(one)[1].covered == {2: "ซ่อนใต้"}
    assert kinds(one) == ["record", "empty"]


def test_a_total_inside_a_merged_code_is_a_total():
    one = sheet(
        [1, "1.1", "พม.", "แล้วเสร็จ", None, None, 5],
        [None, None, "มท.", "ยกเลิก", "รวม 3 ครั้ง", None, 6],
        [None, None, "รวม", None, None, None, 11],
        head=MONEY,
        merged=[(1, 0, 3, 0), (1, 1, 3, 1)],
    )
    assert kinds(one) == ["record", "record", "total"]


# The others -----------------------------------------------------------------------------------


def test_repeated_headings_and_the_numbers_under_them():
    numbers = [f"({number})" for number in range(1, 7)]
    one = sheet(RECORD, HEAD, numbers, RECORD, numbers)
    assert kinds(one) == ["record", "heading", "numbering", "record", "record"]


def test_hidden_and_empty_rows_and_errors():
    one = sheet(
        RECORD,
        [None] * 6,
        [None, " ", "\u200b"],
        [*RECORD, None, None, "ข้างตาราง"],
        [*[None] * 7, "ข้างตาราง"],
        [CellError("#REF!")],
        RECORD,
        head=[*HEAD, None, "บันทึก"],
        hidden_rows=frozenset({2, 7}),
    )
    assert [(line.index, line.kind) for line in told(one)] == [
        (1, "record"),
        (4, "record"),
        (5, "empty"),
        (6, "record"),
        (7, "hidden"),
    ]


def test_a_result_in_a_column_that_is_not_imported_is_still_a_result():
    one = sheet([None, *BARE], ["ผล: ก"], head=["โครงการ", *HEAD])
    assert kinds(one) == ["record", "continuation"]


ANY_TEXT = st.sampled_from(
    [
        *(None, None, None, 1, 2569, 1.1, True, CellError("#N/A"), "1.1", "*1.2", "๑.๒ ๑/", "พม."),
        *("รวม", "ผล: ก", "ผล", "หมายเหตุ: x", "ด้านที่ 1", "แล้วเสร็จ", "จัดอบรม", "(1)", "(2)", "(3)"),
        *HEAD,
    ]
)


@given(
    st.lists(st.lists(ANY_TEXT, max_size=7), max_size=8),
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 6), st.integers(0, 3), st.integers(0, 3)),
        max_size=3,
    ),
    st.frozensets(st.integers(1, 8), max_size=2),
)
def test_every_row_with_content_is_one_line(rows, corners, hidden):
    one = sheet(
        RECORD,
        *rows,
        merged=[(top, left, top + down, left + right) for top, left, down, right in corners],
        hidden_rows=hidden,
    )
    layout, _problems = find_layout(Book([one], "xlsx"), header_row=0)
    found = list(lines(one, layout))
    filled = [
        index
        for index in range(layout.header_last + 1, len(one.rows))
        if any(cell not in (None, "") for cell in one.rows[index])
    ]
    assert [line.index for line in found] == filled
    for line in found:
        for column, cell in enumerate(one.rows[line.index]):
            assert cell is None or cell in (line.cells[column], line.covered.get(column))
        if line.kind is LineKind.CONTINUATION:
            assert line.field is not None
            assert line.of < line.index
