"""Finding the table: the structures of the spreadsheet contract, each a small sheet made here."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.opendata.datasets import DATASETS
from followup.spreadsheets import recognise
from followup.spreadsheets.fields import Field
from followup.spreadsheets.lines import LineKind, has_content, lines
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.recognise import (
    find_layout,
    missing_columns,
    missing_problem,
    signature,
)
from followup.spreadsheets.types import Book, Sheet
from followup.tests.spreadsheets.layouts import ROW, fields, found, layout_of, said, sheet
from followup.tests.spreadsheets.told import told

HEAD = ["ข้อเสนอที่", "หน่วยงานรับผิดชอบ", "สถานะ", "ผลการดำเนินงาน"]


def rows_of(one, layout, **more):
    """The records of a table, as (row index, cells)."""
    return [
        (line.index, line.cells)
        for line in lines(one, layout, **more)
        if line.kind is LineKind.RECORD
    ]


# --- structure


def test_header_in_the_first_row():
    layout = layout_of(HEAD, ROW)
    assert (layout.header_first, layout.header_last) == (0, 0)
    assert fields(layout) == [Field.ITEM_NO, Field.LEAD_AGENCY, Field.STATUS, Field.RESULT]


def test_zero_cells_and_header_only():
    assert said(found(Sheet("ว่าง", []))[1]) == [told("F11")]
    assert said(found()[1]) == [told("F11")]
    layout, problems = found(sheet(HEAD))
    assert layout is not None
    assert said(problems) == [told("F11")]
    _layout, problems = found(sheet(HEAD, ["รวมทั้งสิ้น", None, None, 3]))
    assert said(problems) == [told("F11")]


def test_no_header():
    layout, problems = found(sheet(ROW, ROW, [4, "มท.", "ยังไม่ดำเนินการ", "ยังไม่ดำเนินการ"]))
    assert layout is None
    assert said(problems) == [told("F06")]


def test_header_in_row_3_under_a_merged_title():
    title = "รายงานผลการดําเนินงาน ประจําปีงบประมาณ พ.ศ. 2566 (1 ต.ค. 2565- 30 ก.ย. 2566)"
    one = sheet([title], [None], HEAD, ROW, merged=[(0, 0, 0, 3)])
    layout, problems = found(one)
    assert problems == []
    assert (layout.header_first, layout.header_last) == (2, 2)
    assert [column.heading for column in layout.columns] == HEAD
    assert rows_of(one, layout) == [(3, ROW)]


def test_a_title_merged_over_part_of_the_table_is_no_storey():
    layout = layout_of(
        ["สรุปผลงาน", None, None, "หน้า 1"],
        HEAD,
        ROW,
        merged=[(0, 0, 0, 2)],
    )
    assert (layout.header_first, layout.header_last) == (1, 1)


def test_duplicate_header_is_asked_and_not_imported():
    one = sheet([*HEAD, "ผลการดำเนินงาน"], [*ROW, "อื่น"])
    layout, [problem] = found(one)
    assert sentence(problem) == told("C02", c="ผลการดำเนินงาน", n="2")
    assert [(option.value, option.label) for option in problem.options] == [
        ("3", "คอลัมน์ D “ผลการดำเนินงาน”"),
        ("4", "คอลัมน์ E “ผลการดำเนินงาน”"),
        ("join", "รวมทุกคอลัมน์ตามลำดับ"),
    ]
    assert layout.of(Field.RESULT) == []
    layout, problems = found(one, answers={problem.key: "4"})
    assert ([column.index for column in layout.of(Field.RESULT)], problems) == ([4], [])
    layout, problems = found(one, mapping={3: "result"})
    assert ([column.index for column in layout.of(Field.RESULT)], problems) == ([3], [])
    _layout, problems = found(one, answers={problem.key: "77"})
    assert problems == [problem]
    _layout, problems = found(one, mapping={3: "result", 4: "result"})
    assert [problem.code for problem in problems] == ["C02"]


def test_columns_of_text_can_be_joined_and_others_not():
    one = sheet(["ผลการดำเนินงาน", *HEAD], ["ก่อน", *ROW])
    _layout, [problem] = found(one)
    layout, problems = found(one, answers={problem.key: "join"})
    assert ([column.index for column in layout.of(Field.RESULT)], problems) == ([0, 4], [])
    one = sheet([*HEAD, "สถานะ"], [*ROW, "ยกเลิก"])
    _layout, [problem] = found(one)
    assert [option.value for option in problem.options] == ["2", "4"]
    _layout, problems = found(one, answers={problem.key: "join"})
    assert problems == [problem]


def test_the_same_heading_twice_is_never_settled_by_a_rule():
    one = sheet(
        ["ข้อ", "หน่วยงานหลัก", "สถานะ", "ผล", "ผล", "ผลการดำเนินงาน"],
        [3, "พม.", "แล้วเสร็จ", "ก", "ข", "ค"],
    )
    layout, problems = found(one)
    assert ([column.index for column in layout.of(Field.RESULT)], problems) == ([5], [])
    one = sheet(
        [None, None, None, "ผลผลิต", None],
        ["ข้อ", "หน่วยงานหลัก", "สถานะ", "ผล", "ผล"],
        [3, "พม.", "แล้วเสร็จ", "ก", "ข"],
        merged=[(0, 3, 0, 4)],
    )
    layout, [problem] = found(one)
    assert (problem.code, layout.of(Field.RESULT)) == ("C02", [])


@pytest.mark.parametrize("mapping", [{3: "result", 4: "result"}, {2: "result", 3: "result"}])
def test_two_columns_mapped_by_hand_to_one_field_are_asked(mapping):
    layout, [problem] = found(sheet([*HEAD, "อื่น"], [*ROW, "ข"]), mapping=mapping)
    assert problem.code == "C02"
    assert layout.of(Field.RESULT) == []


#: What the import takes of the portal's own open data, and what it leaves.
OWN_COLUMNS = {
    **dict.fromkeys(("measure_id", "measure_code"), Field.CLAUSE_CODE),
    **dict.fromkeys(("resolution_number", "resolution_id"), Field.ITEM_NO),
    **dict.fromkeys(("agency_code", "agency_name_th"), Field.LEAD_AGENCY),
    **dict.fromkeys(("year_be", "year_ce"), Field.FISCAL_YEAR),
    **dict.fromkeys(("forum_year_be", "forum_year_ce"), Field.FORUM),
    **dict.fromkeys(("status_code", "status_th"), Field.STATUS),
    **dict.fromkeys(("reported_status_code", "reported_status_th"), Field.STATUS),
    "results_th": Field.RESULT,
    "obstacles_th": Field.PROBLEMS,
    "next_steps_th": Field.SUGGESTIONS,
    "cancelled_by_meeting": Field.MEETING,
    "budget_received_baht": Field.BUDGET,
    "budget_spent_baht": Field.DISBURSED,
    "beneficiaries": Field("beneficiaries"),
    "provinces_th": Field.PROVINCE,
    "is_unchanged": Field.NO_CHANGE,
    **{
        name: Field(name.removesuffix("_th").removesuffix("_code"))
        for name in (
            *("response_code", "response_th", "response_reason_th", "response_on"),
            *("response_document", "competent_agency_th", "target_on", "milestone_th"),
            *("target_reason_th", "indicator_th", "indicator_unit_th", "indicator_baseline"),
            *("indicator_target", "indicator_value", "project_codes"),
        )
    },
    "url": Field.EVIDENCE,
}


NOT_TAKEN = {
    *("report_id", "assignment_id", "role_code", "role_th", "assessed_status_code"),
    *("assessed_status_th", "assessed_note_th", "assessed_meeting", "agency_reply_th"),
    *("assessed_grade_code", "assessed_grade_th"),
    *(
        "province_codes",
        "reported_on",
        "evidence_count",
        "is_demo",
        "round_months",
        "evidence_id",
        "evidence_kind_code",
        "evidence_kind_th",
        "dated_on",
        "issuer_th",
        "has_copy",
        "link_state_code",
        "link_state_th",
        "link_checked_on",
        "title_th",
    ),
    *("kind_code", "file_path", "file_name", "file_type", "file_size_bytes", "file_sha256"),
}


@pytest.mark.parametrize("dataset", ["status_reports", "evidence"])
def test_the_portals_own_open_data_is_known(dataset):
    names = [column.name for column in DATASETS[dataset].columns]
    assert set(names) <= OWN_COLUMNS.keys() | NOT_TAKEN
    for name in names:
        other = ["ไตรมาส", "หมายเหตุ", "ภาค"]
        layout = layout_of([name, *other], [1, 2, 3, 4])
        assert layout.columns[0].field is OWN_COLUMNS.get(name), name
        assert layout.columns[0].sure is (name in OWN_COLUMNS)
    layout, problems = found(sheet(names, [1] * len(names)))
    assert problems == []
    assert {column.heading for column in layout.columns if column.field} >= {
        "measure_id",
        "agency_code",
        "year_be",
        "forum_year_be",
    }


def test_an_export_in_english_needs_no_question():
    layout, problems = found(
        sheet(
            ["agency_code", "status_code", "fiscal_year_be", "measure_code", "results"],
            ["DSDW_CSO", "in_progress", 2569, "1.1", "ok 0"],
        )
    )
    assert problems == []
    assert missing_columns(layout) == []
    assert fields(layout) == [
        Field.LEAD_AGENCY,
        Field.STATUS,
        Field.FISCAL_YEAR,
        Field.CLAUSE_CODE,
        Field.RESULT,
    ]


def test_different_headings_for_one_field_are_asked_by_its_name():
    _layout, [problem] = found(
        sheet([*HEAD, "รายละเอียดการดำเนินงาน", "ผลการปฏิบัติงาน"], [*ROW, "ก", "ข"])
    )
    assert sentence(problem) == told("C02", c="ผลการดำเนินงาน", n="3")


def test_a_plain_heading_wins_over_a_vague_one():
    layout, problems = found(
        sheet(
            ["ลำดับ", "ข้อเสนอที่", "มาตรการย่อย", "รหัสมาตรการย่อย", "ผู้รับผิดชอบ", "หน่วยงานหลัก"],
            [1, 3, "พัฒนาฐานข้อมูล", "3.1", "คุณสมชาย", "พม."],
        )
    )
    assert problems == []
    assert fields(layout) == [
        None,
        Field.ITEM_NO,
        None,
        Field.CLAUSE_CODE,
        None,
        Field.LEAD_AGENCY,
    ]


def test_missing_required_columns():
    layout = layout_of(["ข้อ", "สถานะ"], [3, "แล้วเสร็จ"])
    assert missing_columns(layout) == [Field.LEAD_AGENCY]
    assert sentence(missing_problem(layout)) == (told("C01", list="หน่วยงานรับผิดชอบ"))
    assert missing_columns(layout, agency_given=True) == []
    assert missing_problem(layout, agency_given=True) is None
    layout = layout_of(["ปีงบประมาณ", "จังหวัด"], [2567, "ลำปาง"])
    assert sentence(missing_problem(layout)) == (
        told("C01", list="รหัสมาตรการย่อย, หน่วยงานรับผิดชอบ, สถานะ")
    )
    layout = layout_of(["รหัสแถว", "ผลการดำเนินงาน"], ["2567-1-abc", "ทำแล้ว"])
    assert missing_columns(layout) == []


def test_extra_and_reordered_columns():
    layout = layout_of(["โครงการ/กิจกรรม", *HEAD[::-1], "หน่วยนับ"], ["ก", *ROW[::-1], "ครั้ง"])
    assert fields(layout) == [
        None,
        Field.RESULT,
        Field.STATUS,
        Field.LEAD_AGENCY,
        Field.ITEM_NO,
        None,
    ]


def test_a_column_without_heading_can_be_mapped():
    one = sheet(["ข้อ", None, "สถานะ"], [1, "พม.", "แล้วเสร็จ"])
    layout, _problems = found(one)
    assert fields(layout) == [Field.ITEM_NO, None, Field.STATUS]
    layout, _problems = found(one, mapping={1: "lead_agency"})
    assert fields(layout) == [Field.ITEM_NO, Field.LEAD_AGENCY, Field.STATUS]


def test_merged_agency_cells_are_carried_down_but_money_is_not():
    one = sheet(
        [*HEAD, "งบประมาณ"],
        [1, "พม.", "แล้วเสร็จ", "ก", 900],
        [2, None, "แล้วเสร็จ", "ข", None],
        [3, None, "ยกเลิก", "ค", None],
        [4, "มท.", "ยกเลิก", "ง", None],
        merged=[(1, 1, 3, 1), (1, 4, 3, 4)],
    )
    layout, problems = found(one)
    assert problems == []
    cells = [cells for _row, cells in rows_of(one, layout)]
    assert [row[1] for row in cells] == ["พม.", "พม.", "พม.", "มท."]
    assert [row[4] for row in cells] == [900, None, None, None]
    assert one.rows[2][1] is None


def test_a_merged_cell_does_not_fill_blank_rows():
    one = sheet(HEAD, ROW, [None] * 4, [None, None, "ยกเลิก", None], merged=[(1, 1, 3, 1)])
    layout = find_layout(Book([one], "xlsx"))[0]
    assert rows_of(one, layout) == [(1, ROW), (3, [None, "พม.", "ยกเลิก", None])]


def test_blank_rows_and_repeated_headers_amid_data():
    again = ["ข้อเสนอ ที่", "หน่วยงานรับผิดชอบ", None, "ผลการดําเนินงาน"]
    not_quite = [*HEAD[:3], "ดู สถานะ"]
    one = sheet(HEAD, ROW, [None, " ", "\u200b", ""], HEAD, ROW, again, not_quite)
    layout, _problems = found(one)
    assert [row for row, _cells in rows_of(one, layout)] == [1, 4, 6]


def test_hidden_rows_and_columns():
    one = sheet(
        [*HEAD, "จังหวัด", None],
        [*ROW, "ลำปาง", None],
        [*ROW, "ลำพูน", None],
        [None] * 6,
        hidden_rows=frozenset({2, 3}),
        hidden_columns=frozenset({4, 5}),
    )
    layout, problems = found(one)
    assert said(problems) == [told("F10", n="2")]
    assert layout.of(Field.PROVINCE) == []
    assert [row for row, _cells in rows_of(one, layout)] == [1]
    layout, problems = found(one, include_hidden=True)
    assert problems == []
    assert [column.index for column in layout.of(Field.PROVINCE)] == [4]
    assert [row for row, _cells in rows_of(one, layout, include_hidden=True)] == [1, 2]
    layout, _problems = found(one, mapping={4: "province"})
    assert [column.index for column in layout.of(Field.PROVINCE)] == [4]


def test_the_hidden_row_key_is_used_and_not_reported():
    one = sheet([*HEAD, "รหัสแถว"], [*ROW, "2567-1-x"], hidden_columns=frozenset({4}))
    layout, problems = found(one)
    assert problems == []
    assert [column.index for column in layout.of(Field.ROW_KEY)] == [4]


def test_data_on_the_second_sheet_and_a_chart_sheet_first():
    layout, problems = found(
        sheet(name="แผนภูมิ"),
        sheet(["คำอธิบายการกรอก"], ["กรอกทุกช่อง"], name="ก่อนเริ่ม"),
        sheet(HEAD, ROW, name="ข้อมูล"),
    )
    assert (layout.sheet, problems) == ("ข้อมูล", [])


def test_the_sheet_with_most_data_wins_over_summaries_and_hidden_ones():
    big = sheet(HEAD, *[ROW] * 9, name="สรุป")
    small = sheet(HEAD, ROW, name="กองยุทธศาสตร์")
    middle = sheet(HEAD, *[ROW] * 3, name="กองแผนงาน")
    hidden = sheet(HEAD, *[ROW] * 20, name="เก่า", visible=False)
    empty = sheet([*HEAD, "จังหวัด", "หลักฐาน"], name="แบบฟอร์ม")
    incomplete = sheet(["จังหวัด", "ภาค"], *[["ลำปาง", "เหนือ"]] * 12, name="จังหวัด")
    assert found(big, small, middle, hidden, empty, incomplete)[0].sheet == "กองแผนงาน"
    assert found(big, small, sheet=big.name)[0].sheet == "สรุป"
    assert found(small, hidden, sheet="เก่า")[0].sheet == "เก่า"
    assert found(big)[0].sheet == "สรุป"
    assert said(found(big, sheet="ไม่มี")[1]) == [told("F11")]


def test_the_person_overrules_the_header_row_and_the_mapping():
    one = sheet(["เลข", "ใคร", "อย่างไร"], [3, "พม.", "ทำแล้ว"], [4, "มท.", "ทำแล้ว"])
    assert found(one)[0] is None
    layout, problems = found(one, header_row=0)
    assert (fields(layout), problems) == ([None, None, None], [])
    layout, problems = found(
        one, header_row=0, mapping={0: "item_no", 1: "lead_agency", 2: "result"}
    )
    assert fields(layout) == [Field.ITEM_NO, Field.LEAD_AGENCY, Field.RESULT]
    assert not any(column.sure for column in layout.columns)
    assert missing_columns(layout) == []
    assert found(one, header_row=99)[0] is None
    layout, _problems = found(sheet(HEAD, ROW, HEAD, ROW), header_row=2)
    assert (layout.header_first, layout.header_last) == (2, 2)


def test_mapping_away_and_nonsense_in_a_mapping():
    layout, _problems = found(sheet(HEAD, ROW), mapping={2: "", 3: "no such field", 77: "status"})
    assert fields(layout) == [Field.ITEM_NO, Field.LEAD_AGENCY, None, Field.RESULT]


def test_mapping_to_ticks_and_money():
    layout, _problems = found(
        sheet(["ข้อ", "หน่วยงาน", "เสร็จ", "เงิน (ล้านบาท)"], ROW),
        mapping={2: "tick:completed", 3: "budget"},
    )
    assert (layout.columns[2].field, layout.columns[2].status) == (Field.TICK, "completed")
    assert (layout.columns[3].field, layout.columns[3].unit) == (Field.BUDGET, 1_000_000)
    layout, _problems = found(
        sheet(["ข้อ", "หน่วยงาน", "แล้วเสร็จ", "ดำเนินการแล้ว"], ROW),
        mapping={2: "tick", 3: "tick:nonsense"},
    )
    assert [column.status for column in layout.of(Field.TICK)] == ["completed", ""]


def test_a_ragged_sheet():
    one = Sheet("csv", [HEAD, [3, "พม."], [4, "มท.", "ยกเลิก", "x", "เกิน"]])
    layout, _problems = found(one)
    assert rows_of(one, layout) == [(1, [3, "พม."]), (2, [4, "มท.", "ยกเลิก", "x", "เกิน"])]


# --- headers of two rows

MATRIX = [
    ["ลำดับ", "รหัสมาตรการย่อย", "เจ้าภาพ", "สถานะ", None, None, None, "งบประมาณ (ล้านบาท)", None],
    [
        None,
        None,
        None,
        "ยังไม่ดำเนินการ",
        "อยู่ระหว่างดำเนินการ",
        "ดำเนินการแล้ว",
        "ยกเลิก",
        "จัดสรร",
        "เบิกจ่าย",
    ],
]


MATRIX_MERGES = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 6), (0, 7, 0, 8)]


MATRIX_ROW = [1, "3.1", "พม.", None, "✔", None, None, 1.5, 0.5]


@pytest.mark.parametrize("merged", [MATRIX_MERGES, MATRIX_MERGES[3:], ()])
def test_a_tick_matrix_under_two_header_rows(merged):
    one = sheet(["ชื่อเรื่อง"], *MATRIX, MATRIX_ROW)
    one = replace(one, merged=[(a + 1, b, c + 1, d) for a, b, c, d in merged])
    layout, problems = found(one)
    assert problems == []
    assert (layout.header_first, layout.header_last) == (1, 2)
    assert [
        (column.heading, column.field, column.status, column.unit) for column in layout.columns[3:]
    ] == [
        ("สถานะ › ยังไม่ดำเนินการ", Field.TICK, "not_started", 1),
        ("สถานะ › อยู่ระหว่างดำเนินการ", Field.TICK, "in_progress", 1),
        ("สถานะ › ดำเนินการแล้ว", Field.TICK, "", 1),
        ("สถานะ › ยกเลิก", Field.TICK, "cancelled", 1),
        ("งบประมาณ (ล้านบาท) › จัดสรร", Field.BUDGET, "", 1_000_000),
        ("งบประมาณ (ล้านบาท) › เบิกจ่าย", Field.DISBURSED, "", 1_000_000),
    ]
    assert rows_of(one, layout) == [(3, MATRIX_ROW)]
    assert missing_columns(layout) == []


def test_a_tick_matrix_in_one_header_row():
    layout = layout_of(["ข้อ", "หน่วยงาน", "ยังไม่เริ่ม", "กำลังดำเนินการ", "แล้วเสร็จ (100%)"], ROW)
    assert [column.status for column in layout.of(Field.TICK)] == [
        "not_started",
        "in_progress",
        "completed",
    ]


def test_parents_alone_in_the_row_above():
    layout = layout_of(
        [None, None, "งบประมาณ", None, None],
        ["ข้อ", "หน่วยงาน", "จัดสรร", "เบิกจ่าย", "สถานะ"],
        [3, "พม.", 5, 4, "แล้วเสร็จ"],
        merged=[(0, 2, 0, 3)],
    )
    assert (layout.header_first, layout.header_last) == (0, 1)
    assert fields(layout)[2:] == [Field.BUDGET, Field.DISBURSED, Field.STATUS]


FOUR_STOREYS = [
    ["ข้อ", "หน่วยงาน", "ผลการดำเนินงาน", "ประจำปี", None, None, None],
    [None, None, None, "งบประมาณ", None, "สถานะ", None],
    [None, None, None, "ทั้งปี", None, "ครึ่งปีหลัง", None],
    [None, None, None, "จัดสรร", "เบิกจ่าย", "ยังไม่ดำเนินการ", "ดำเนินการแล้วเสร็จ"],
]


FOUR_MERGES = [
    *((0, column, 3, column) for column in range(3)),
    *((0, 3, 0, 6), (1, 3, 1, 4), (1, 5, 1, 6), (2, 3, 2, 4), (2, 5, 2, 6)),
]


@pytest.mark.parametrize("numbered", [True, False])
def test_a_header_of_four_storeys(numbered):
    numbers = [[f"({number})" for number in range(1, 8)]] if numbered else []
    row = [3, "พม.", "จัดประชุม", 5, 4, None, "✔"]
    one = sheet(["ชื่อเรื่อง"], *FOUR_STOREYS, *numbers, row)
    one = replace(one, merged=[(a + 1, b, c + 1, d) for a, b, c, d in FOUR_MERGES])
    layout, problems = found(one)
    assert problems == []
    assert (layout.header_first, layout.header_last) == (1, 5 if numbered else 4)
    assert fields(layout) == [
        Field.ITEM_NO,
        Field.LEAD_AGENCY,
        Field.RESULT,
        Field.BUDGET,
        Field.DISBURSED,
        Field.TICK,
        Field.TICK,
    ]
    assert layout.columns[4].heading == "ประจำปี › งบประมาณ › ทั้งปี › เบิกจ่าย"
    assert [column.status for column in layout.of(Field.TICK)] == ["not_started", "completed"]
    assert max(column.heading.count(recognise.JOINT) for column in layout.columns) == 3
    assert rows_of(one, layout) == [(5 + numbered, row)]


def test_a_header_of_three_storeys_saved_as_csv():
    storeys = [FOUR_STOREYS[0], FOUR_STOREYS[1], FOUR_STOREYS[3]]
    layout = layout_of(["ชื่อเรื่อง"], *storeys, [3, "พม.", "จัดประชุม", 5, 4, None, "✔"])
    assert (layout.header_first, layout.header_last) == (1, 3)
    assert [column.heading for column in layout.columns[3:]] == [
        "ประจำปี › งบประมาณ › จัดสรร",
        "ประจำปี › งบประมาณ › เบิกจ่าย",
        "ประจำปี › สถานะ › ยังไม่ดำเนินการ",
        "ประจำปี › สถานะ › ดำเนินการแล้วเสร็จ",
    ]


def test_a_row_that_numbers_the_columns_belongs_to_the_header():
    one = sheet(HEAD, ["(1)", "(2)", "(3)", "(4)"], ROW)
    layout, _problems = found(one)
    assert (layout.header_first, layout.header_last) == (0, 1)
    assert rows_of(one, layout) == [(2, ROW)]


def test_children_of_money_are_no_progress():
    layout = layout_of(
        ["ข้อ", "หน่วยงาน", "สถานะ", "งบประมาณ", None, None],
        [None, None, None, "แผน", "ผล", "ร้อยละ"],
        [1, "พม.", "แล้วเสร็จ", 5, 4, 80],
        merged=[(0, 3, 0, 5), (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2)],
    )
    assert fields(layout)[3:] == [None, Field.DISBURSED, None]


def test_a_unit_above_the_table_holds_for_its_money():
    layout = layout_of(
        ["รายงาน", None, None, "(หน่วย : ล้านบาท)"],
        ["ข้อ", "หน่วยงาน", "งบประมาณ", "เบิกจ่าย (บาท)"],
        [1, "พม.", 1.5, 900],
    )
    assert [column.unit for column in layout.columns] == [1, 1, 1_000_000, 1]


# --- signature


def test_a_signature_is_that_of_the_headings():
    plain = layout_of(HEAD, ROW)
    same = layout_of(
        ["ชื่อเรื่อง"],
        ["ข้อเสนอ ที่", "หน่วยงานรับผิดชอบ ", "สถานะ", "ผลการดําเนินงาน"],
        ROW,
        name="อื่น",
    )
    assert signature(plain) == signature(same)
    assert signature(plain) != signature(layout_of(HEAD[::-1], ROW))
    assert signature(plain) != signature(layout_of([*HEAD, "จังหวัด"], [*ROW, "ลำปาง"]))
    other, _problems = found(sheet(HEAD, ROW), mapping={3: "problems"})
    assert signature(plain) == signature(other)


# --- one big mess


def test_a_file_as_agencies_send_it():
    title = "สรุปผลการดําเนินงานตามข้อเสนอ CSOs Forum ประจําปีงบประมาณ พ.ศ. 2566"
    head = [
        [*MATRIX[0], "ผลการด าเนินงาน", "ปัญหา/อุปสรรค", "หมายเหตุ"],
        [*MATRIX[1], None, None, None],
    ]
    one = sheet(
        [title],
        ["(1 ต.ค. 2565- 30 ก.ย. 2566)"],
        [None] * 11 + ["แบบ กสป. 1"],
        *head,
        [f"({number})" for number in range(1, 13)],
        ["เป้าประสงค์ที่ 1 ฐานข้อมูล"],
        [*MATRIX_ROW, "จัดประชุม\n4 ภาค", "-", None],
        [2, "3.2", None, None, None, "✔", None, None, None, "อบรม", None, "รอยืนยัน"],
        [None] * 12,
        head[0],
        head[1],
        [3, "๓.๓", "มท.", "✔", None, None, None, None, None, None, "งบไม่พอ", None],
        ["รวมทั้งสิ้น", None, None, 1, 1, 1, 0, 1.5, 0.5, None, None, None],
        ["หมายเหตุ: งบประมาณเบื้องต้น"],
        ["ที่มา : กสป."],
        merged=[
            *((0, 0, 0, 11), (1, 0, 1, 11), (6, 0, 6, 11), (7, 2, 8, 2), (7, 7, 8, 7)),
            *((a + 3, b, c + 3, d) for a, b, c, d in MATRIX_MERGES),
            *((3, column, 4, column) for column in (9, 10, 11)),
        ],
    )
    layout, problems = found(sheet(["สรุป"], name="สรุป"), one)
    assert problems == []
    assert (layout.header_first, layout.header_last) == (3, 5)
    assert max(column.heading.count(recognise.JOINT) for column in layout.columns) == 1
    assert [column.field for column in layout.columns if column.field is not Field.TICK] == [
        Field.ITEM_NO,
        Field.CLAUSE_CODE,
        Field.LEAD_AGENCY,
        Field.BUDGET,
        Field.DISBURSED,
        Field.RESULT,
        Field.PROBLEMS,
        Field.REMARK,
    ]
    assert [
        (line.index + 1, line.kind, line.cells[1], line.cells[2]) for line in lines(one, layout)
    ] == [
        (7, "section", None, None),
        (8, "record", "3.1", "พม."),
        (9, "record", "3.2", "พม."),
        (11, "heading", "รหัสมาตรการย่อย", "เจ้าภาพ"),
        (12, "heading", None, None),
        (13, "record", "๓.๓", "มท."),
        (14, "total", None, None),
        (15, "note", None, None),
        (16, "note", None, None),
    ]


# --- anything at all

CELLS = st.sampled_from(
    [
        *(None, "", " ", 1, 2.5, True, "(1)", "x" * 200, "รวม", "หมายเหตุ", "แล้วเสร็จ", "ยกเลิก", "✔"),
        *(*HEAD, "งบประมาณ (ล้านบาท)", "เบิกจ่าย", "ลำดับ", "ดำเนินการแล้ว", "รหัสแถว", "หน่วย : พันบาท"),
    ]
)


CORNERS = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3), st.integers(0, 3))


@given(
    st.lists(st.lists(CELLS, max_size=8), max_size=12),
    st.lists(CORNERS, max_size=5),
    st.frozensets(st.integers(0, 9), max_size=3),
    st.none() | st.integers(-1, 12),
)
def test_no_sheet_breaks_it(rows, corners, hidden, header_row):
    one = Sheet(
        "แผ่น1",
        rows,
        merged=[(row, column, row + down, column + right) for row, column, down, right in corners],
        hidden_rows=hidden,
        hidden_columns=hidden,
    )
    layout, problems = found(one, header_row=header_row)
    assert said(problems) == list(map(str, said(problems)))
    if layout is None:
        assert [problem.code for problem in problems] in (["F06"], ["F11"])
        return
    assert layout.header_first <= layout.header_last < len(rows)
    singles = [field for field in fields(layout) if field not in {None, Field.TICK}]
    assert len(singles) == len(set(singles))
    table = list(lines(one, layout))
    assert [line.index for line in table] == [
        index
        for index in range(layout.header_last + 1, len(rows))
        if any(map(has_content, rows[index]))
    ]
    for line in table:
        assert len(line.cells) == len(rows[line.index])
        for column, cell in enumerate(rows[line.index]):  # seen, or known to be covered
            seen = line.cells[column] is cell or not has_content(cell)
            assert seen or line.covered[column] is cell
