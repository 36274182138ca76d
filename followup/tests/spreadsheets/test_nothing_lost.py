"""Every cell of an import is written, asked about, wrong, or left out with its text."""

import csv
import io
from dataclasses import replace

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font

from followup.models import ImportState, StatusReport
from followup.spreadsheets import preview, session
from followup.spreadsheets.ledger import Fate, Ledger, Reason
from followup.spreadsheets.lookup import look_up
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.recognise import find_layout
from followup.spreadsheets.types import Book, Sheet
from followup.tests.factories import make_report
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    HEAD,
    TICKS,
    WHOLE,
    answer,
    check_sheet,
    confirm,
    ledger_of,
    record_of,
    report_of,
    row,
    saved,
    sentences,
    table_of,
    upload,
    walk_to_check,
    words_of,
    workbook,
    xlsx,
)

pytestmark = pytest.mark.django_db


def filled(content, *names):
    """How many cells of a workbook's sheets (all, or those named) are not blank."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return sum(
        cell.value is not None and str(cell.value).strip() != ""
        for sheet in book
        if not names or sheet.title in names
        for row in sheet.iter_rows()
        for cell in row
    )


# The sum ----------------------------------------------------------------------------------------


def test_each_cell_is_counted_once_and_what_is_left_out_is_shown_with_its_words(desk):
    content = xlsx(
        [*HEAD, "ผู้ประสานงาน"],
        row("3.1", "กสจ.", "กำลังดำเนินการ", "อนุมัติ 12 โครงการ", "คุณสมชาย"),
        row("3.9", "กสจ.", "ชะลอ", "รอ", "คุณสมหญิง"),
        row("3.2", "ปค.", "ดำเนินการแล้ว", "จัดประชุม", None),
        ["รวม", None, None, "2 โครงการ", None],
        ["หมายเหตุ: ข้อมูล ณ 30 กันยายน", None, None, None, None],
    )
    record = walk_to_check(desk, content)
    ledger = ledger_of(record)
    assert ledger["cells"] == sum(ledger["fates"].values()) == filled(content)
    assert ledger["fates"] == {"written": 4, "asked": 4, "wrong": 4, "left_out": 11}
    assert words_of(record, Reason.UNUSED_COLUMN) == ["คุณสมชาย", "คุณสมหญิง"]
    assert words_of(record, Reason.TOTAL) == ["รวม", "2 โครงการ"]
    assert words_of(record, Reason.NOTE) == ["หมายเหตุ: ข้อมูล ณ 30 กันยายน"]
    for name in ("import-check", "import-confirm"):
        page = desk.get(reverse(name, args=[record.pk])).content.decode()
        assert "ที่ไม่นำเข้า 11 ช่อง" in page
        assert "คอลัมน์ที่ไม่นำเข้า (2)" in page
        for words in ("คุณสมชาย", "2 โครงการ", "หมายเหตุ: ข้อมูล ณ 30 กันยายน"):
            assert words in page
    page = confirm(desk, record).content.decode()
    assert "นำเข้าแล้ว 1 รายการ" in page
    assert "คุณสมชาย" in page


def test_what_was_left_out_can_be_downloaded_whole(desk):
    rows = [[*HEAD, "ผู้ประสานงาน"], *([*row(), f"คุณ {n}"] for n in range(60))]
    record = walk_to_check(desk, xlsx(*rows))
    response = desk.get(reverse("import-left-out", args=[record.pk]))
    table = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert table[0] == ["เหตุผล", "ไฟล์และชีต", "เซลล์", "คอลัมน์", "ข้อความในเซลล์"]
    people = [line for line in table if line[0] == "คอลัมน์ที่ไม่นำเข้า"]
    assert people[0] == ["คอลัมน์ที่ไม่นำเข้า", "", "E3", "ผู้ประสานงาน", "คุณ 0"]
    assert len(people) == 60
    assert len(table) - 1 == ledger_of(record)["fates"]["left_out"]


def test_what_was_left_out_is_for_whoever_imports(desk, client, people, django_user_model):
    record = walk_to_check(desk, xlsx(HEAD, row()))
    other = django_user_model.objects.create_user("other", display_name="ผู้ดูแลอีกคน")
    other.groups.set(people["administrator"].groups.all())
    client.force_login(other)
    assert client.get(reverse("import-left-out", args=[record.pk])).status_code == 404
    assert client.get(reverse("import-problems", args=[record.pk])).status_code == 404


# Errors, ticks, texts in rows of their own ------------------------------------------------------


def test_an_error_cell_is_wrong_where_it_stands_and_empties_nothing(desk, open_round, people):
    make_report(open_round, "3.1", "SWF", by=people["staff"], state="draft", results="ของเดิม")
    response = desk.get(reverse("staff-workbook", args=[2569, "SWF"]))
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    sheet = book["รายงานผล"]
    [result] = [c for r in sheet.iter_rows() for c in r if c.value == "ของเดิม"]
    result.value = "#REF!"
    assert result.data_type == "e"
    record = walk_to_check(desk, saved(book))
    message = told("R19", v="#REF!")
    assert message in sentences(record)
    assert (record.counts["writes"], record.counts["wrong"]) == (0, 1)
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert f"แถว {result.row}" in page
    record = answer(desk, record, **{f"fix_{result.row}_{result.column - 1}": "ของใหม่"})
    confirm(desk, record)
    assert report_of("3.1", "SWF").results == "ของใหม่"


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
@pytest.mark.parametrize("column", range(6))
def test_an_error_in_any_imported_column_is_named(desk, error, column):
    cells = ["3.1", "กสจ.", "ชะลอ", "อนุมัติ", "รอ", 5]
    cells[column] = error
    record = walk_to_check(desk, xlsx(WHOLE, cells))
    assert record.counts["wrong"] == 1
    assert any(f"“{error}”" in each for each in sentences(record))
    assert not StatusReport.objects.exclude(version=0).exists()


def test_an_error_in_a_tick_column_is_named(desk):
    record = walk_to_check(desk, xlsx(*TICKS, ["3.1", "กสจ.", "#N/A", None, None, "ก"], above=0))
    assert record.counts["wrong"] == 1
    assert any("“#N/A”" in each for each in sentences(record))


def test_a_row_without_a_tick_leaves_the_stored_status(desk, open_round, people):
    make_report(open_round, "3.1", "SWF", by=people["staff"], state="draft")
    before = report_of("3.1", "SWF").reported_status
    rows = [*TICKS, ["3.1", "กสจ.", None, None, None, "อนุมัติเพิ่ม"]]
    record = walk_to_check(desk, xlsx(*rows, above=0))
    confirm(desk, record)
    after = report_of("3.1", "SWF")
    assert (after.reported_status, after.results) == (before, "อนุมัติเพิ่ม")
    assert before


def result_rows(column, label="ผล: "):
    """Records whose results stand in rows beneath, from the given column."""
    rows = [HEAD]
    for code, agency in (("1.1", "กสป."), ("1.2", "พม.")):
        beneath = [None] * 4
        beneath[column] = f"{label}จัดอบรม {code}"
        rows += [[code, agency, "ชะลอ", None], beneath]
    return rows


@pytest.mark.parametrize("column", [0, 1, 3])
def test_results_in_rows_of_their_own_are_joined_after_one_question(desk, column):
    content = xlsx(*result_rows(column))
    record = walk_to_check(desk, content)
    assert (record.counts["asked"], record.counts["questions"], record.counts["writes"]) == (
        2,
        1,
        0,
    )
    assert sentences(record) == {told("R21", v="ผล", c="ผลการดำเนินงาน")}
    assert ledger_of(record)["cells"] == filled(content)
    record = answer(desk, record, R21="join")
    assert record.counts["writes"] == 2
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").results == "จัดอบรม 1.1"
    assert report_of("1.2", "MSDHS").results == "จัดอบรม 1.2"


def test_results_in_rows_of_their_own_can_be_left_out_by_name(desk):
    content = xlsx(*result_rows(0))
    record = answer(desk, walk_to_check(desk, content), R21="leave")
    assert words_of(record, Reason.CONTINUATION) == ["ผล: จัดอบรม 1.1", "ผล: จัดอบรม 1.2"]
    assert ledger_of(record)["cells"] == filled(content)
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").results == ""


# Shapes -----------------------------------------------------------------------------------------


def test_codes_with_footnote_marks_are_records(desk):
    rows = [HEAD, row("1.1", "กสป."), row("*1.2", "พม."), row("** 1.3", "กสป.")]
    record = walk_to_check(desk, xlsx(*rows))
    assert (record.counts["ready"], record.counts["skipped"]) == (3, 0)


def test_sections_and_subtotals_are_skipped_and_listed(desk):
    rows = [
        ["ลำดับ", *HEAD],
        ["ข้อเสนอที่ ๑ กฎระเบียบเชิงส่งเสริม"],
        [1, *row("ข้อ ๑.๑", "กสป.")],
        ["รวม 3 มาตรการ"],
        ["ข้อเสนอที่ ๒ กระจายอำนาจ"],
        [1, *row("ข้อ 2.1", "สกถ.")],
        [None, "รวมข้อเสนอที่ 2", None, None, "3 เรื่อง"],
    ]
    record = walk_to_check(desk, xlsx(*rows))
    assert (record.counts["ready"], record.counts["wrong"], record.counts["skipped"]) == (2, 0, 4)
    assert words_of(record, Reason.SECTION) == [
        "ข้อเสนอที่ ๑ กฎระเบียบเชิงส่งเสริม",
        "ข้อเสนอที่ ๒ กระจายอำนาจ",
    ]
    assert words_of(record, Reason.TOTAL) == ["รวม 3 มาตรการ", "รวมข้อเสนอที่ 2", "3 เรื่อง"]


def test_two_columns_of_one_heading_stop_at_the_columns(desk):
    rows = [[*HEAD, "ผลการดำเนินงาน"], row("3.1", "กสจ.", "ชะลอ", "ไตรมาส 1", "ไตรมาส 2")]
    response = upload(desk, xlsx(*rows))
    record = record_of(response)
    url = reverse("import-columns", args=[record.pk])
    page = desk.get(url).content.decode()
    assert told("C02", c="ผลการดำเนินงาน", n="2") in page
    stopped = desk.post(url, {"version": 0})
    assert stopped.status_code == 422
    record.refresh_from_db()
    assert record.state == ImportState.UPLOADED
    [problem] = session.tables_of(record).open_columns
    done = desk.post(url, {"version": record.version, problem.key: "join"})
    assert done.status_code == 302
    confirm(desk, record)
    assert report_of("3.1", "SWF").results == "ไตรมาส 1\nไตรมาส 2"


def test_of_two_columns_of_one_heading_the_other_is_named(desk):
    rows = [[*HEAD, "ผลการดำเนินงาน"], row("3.1", "กสจ.", "ชะลอ", "ไตรมาส 1", "ไตรมาส 2")]
    content = xlsx(*rows)
    record = record_of(upload(desk, content))
    [problem] = session.tables_of(record).open_columns
    url = reverse("import-columns", args=[record.pk])
    desk.post(url, {"version": 0, problem.key: problem.options[1].value})
    record.refresh_from_db()
    assert words_of(record, Reason.UNUSED_COLUMN) == ["ไตรมาส 1"]
    assert ledger_of(record)["cells"] == filled(content)
    confirm(desk, record)
    assert report_of("3.1", "SWF").results == "ไตรมาส 2"


# Several sheets ---------------------------------------------------------------------------------

ALIKE = [
    ("กสป", [HEAD, row("1.1", "กสป.")]),
    ("พม", [HEAD, row("1.2", "พม.")]),
    ("สถ", [HEAD, row("2.2", "สถ.")]),
]


def test_sheets_that_are_alike_are_read_as_one_table(desk):
    content = saved(workbook(*ALIKE, ("คำอธิบาย", [["วิธีกรอก"], ["กรอกทุกช่อง"]])))
    record = walk_to_check(desk, content)
    assert record.counts["ready"] == 3
    assert ledger_of(record)["cells"] == filled(content, "กสป", "พม", "สถ")
    page = desk.get(reverse("import-check", args=[record.pk]), {"show": "all"}).content.decode()
    assert "ชีต “พม” แถว 2" in " ".join(page.split())
    for name in ("import-check", "import-confirm"):
        page = desk.get(reverse(name, args=[record.pk])).content.decode()
        assert "ไม่ได้อ่าน 1 ชีต" in page
        assert "คำอธิบาย" in page
    page = confirm(desk, record).content.decode()
    assert "นำเข้าแล้ว 3 รายการ" in page
    assert "คำอธิบาย" in page


def test_a_sheet_can_be_left_out_and_is_named_from_then_on(desk):
    record = record_of(upload(desk, saved(workbook(*ALIKE))))
    url = reverse("import-sheet", args=[record.pk])
    desk.post(url, {"version": 0, "read": ["0:0", "0:2"], "next": "1"})
    record.refresh_from_db()
    desk.post(reverse("import-columns", args=[record.pk]), {"version": record.version})
    record.refresh_from_db()
    assert record.counts["ready"] == 2
    assert [(each["sheet"], each["why"]) for each in session.load_preview(record)["unread"]] == [
        ("พม", "เลือกไม่อ่าน")
    ]
    confirm(desk, record)
    assert report_of("1.2", "MSDHS").is_untouched


def test_the_same_row_number_of_another_sheet_is_another_row(desk):
    """A duplicate on two sheets: both are offered, by their sheets, and the chosen one is written."""
    sheets = [
        ("ก", [HEAD, row("1.1", "กสป.", results="จากชีต ก")]),
        ("ข", [HEAD, row("1.1", "กสป.", results="จากชีต ข")]),
    ]
    record = walk_to_check(desk, saved(workbook(*sheets)))
    [question] = session.load_preview(record)["questions"]
    assert record.counts["writes"] == 0
    labels = [option["label"] for option in question["options"]]
    assert labels == [
        "ใช้แถว 2 ชีต “ก” (ผลการดำเนินงาน: จากชีต ก)",
        "ใช้แถว 2 ชีต “ข” (ผลการดำเนินงาน: จากชีต ข)",
    ]
    record = answer(desk, record, R04=question["options"][1]["value"])
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").results == "จากชีต ข"


def test_imported_before_is_told_by_the_rows_that_are_read(desk):
    first = walk_to_check(desk, xlsx(HEAD, row(), above=1))
    confirm(desk, first)
    again = walk_to_check(desk, xlsx(HEAD, row(), above=3), "ชื่ออื่น.xlsx")
    page = desk.get(reverse("import-check", args=[again.pk])).content.decode()
    assert "ไฟล์นี้เคยนำเข้าแล้วเมื่อ" in page
    other = walk_to_check(desk, xlsx(HEAD, row(results="อื่น")), "ผล.xlsx")
    page = desk.get(reverse("import-check", args=[other.pk])).content.decode()
    assert "ไฟล์นี้เคยนำเข้าแล้วเมื่อ" not in page


@pytest.mark.parametrize("where", ["title", "sheet"])
def test_another_fiscal_year_in_title_or_sheet_is_asked_first(desk, people, where):
    said = "แบบรายงานผล ประจำปีงบประมาณ พ.ศ. 2568"
    rows = [[said], HEAD, row()] if where == "title" else [HEAD, row()]
    name = "ปีงบประมาณ 2568" if where == "sheet" else "สรุป"
    record = walk_to_check(desk, saved(workbook((name, rows))))
    assert (record.counts["ready"], record.counts["asked"]) == (0, 1)
    assert any("2568" in each and "2569" in each for each in sentences(record))
    assert answer(desk, record, Y06="import").counts["ready"] == 1


# What is seen and not read ----------------------------------------------------------------------


def test_what_formats_hidden_rows_merges_comments_and_strikes_say_is_said_at_the_check(desk):
    book = workbook(
        (
            "ผล",
            [
                [*HEAD, "ปัญหา/อุปสรรค", "งบประมาณ (บาท)"],
                row("1.1", "กสป.", "ชะลอ", 1250, "ก", 750_000),
                row("1.2", "พม.", "ชะลอ", "ขีดฆ่า", "ข"),
                row("1.3", "กสป.", "ชะลอ", "ซ่อนไว้", "ค"),
            ],
        )
    )
    sheet = book["ผล"]
    sheet["D2"].number_format = '#,##0 "ครอบครัว"'
    sheet["F2"].number_format = '0.00,, "ล้าน"'
    sheet["D3"].font = Font(strike=True)
    sheet["E2"].comment = Comment("ตรวจตัวเลขอีกครั้ง", "ผู้ตรวจ")
    sheet.row_dimensions[4].hidden = True
    content = saved(book)
    record = walk_to_check(desk, content)
    assert {
        told("T09", v="1,250 ครอบครัว", n="1250"),
        told("T07", c="ผลการดำเนินงาน"),
        told("B09", v="0.75 ล้าน", n="750000"),
    } <= sentences(record)
    assert any("ตรวจตัวเลขอีกครั้ง" in each for each in sentences(record))
    assert "ซ่อนไว้" in words_of(record, Reason.HIDDEN_ROW)
    assert ledger_of(record)["cells"] == filled(content)
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").results == "1,250 ครอบครัว"
    assert report_of("1.3", "DSDW_CSO").is_untouched


def test_a_value_under_a_merged_cell_gives_way_to_what_people_see(open_round):
    rows = [HEAD, row("1.1", "กสป."), row("1.3", "พม.")]
    sheet = Sheet("ผล", rows, merged=[(1, 1, 2, 1)])
    layout, _problems = find_layout(Book([sheet], "xlsx"))
    ledger = Ledger()
    found = check_sheet(sheet, layout, open_round, ledger=ledger)
    assert found.ready == 2
    assert ledger.reasons[Reason.COVERED] == 1
    assert any("“พม.” ถูกเซลล์ที่ผสานไว้บังอยู่" in each for each in _messages(found))


def _messages(found):
    return [sentence(each.problem) for each in found.troubles]


# Any table --------------------------------------------------------------------------------------

CELLS = st.sampled_from(
    [
        *(None, "", " ", "-", "3.1", "1.1", "*1.2", "กสจ.", "กสป.", "พม.", "ชะลอ", "ดำเนินการแล้ว"),
        *("✔", "รวม", "รวมทั้งสิ้น", "หมายเหตุ: ก", "ผล: จัดแล้ว", "ข้อเสนอที่ 1 ก", "N/A", "ไม่มี"),
        *(5, 0.5, "1,250"),
    ]
)


@pytest.fixture
def look(open_round):
    """What a check is compared with. A check writes nothing, so that all examples share it."""
    return look_up(open_round)


@settings(
    max_examples=2 * settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_the_sum_holds_for_any_table(open_round, look, data):
    width = data.draw(st.integers(4, 7))
    head = [*HEAD, "งบประมาณ (บาท)", "อื่น ๆ", "ผลการดำเนินงาน"][:width]
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=12))
    above = data.draw(st.lists(st.just(["ปีงบประมาณ 2569"] + [None] * (width - 1)), max_size=2))
    cells = [*above, head, *rows]
    merged = []
    if rows and data.draw(st.booleans()):
        top = data.draw(st.integers(len(above) + 1, len(cells) - 1))
        bottom = data.draw(st.integers(top, len(cells) - 1))
        column = data.draw(st.integers(0, width - 1))
        merged = [(top, column, bottom, column)]
    hidden = data.draw(st.sets(st.integers(len(above) + 1, len(cells)), max_size=2))
    sheet = Sheet("ผล", cells, merged=merged, hidden_rows=frozenset(hidden))
    layout, _problems = find_layout(Book([sheet], "xlsx"))
    if layout is None:
        return
    ledger = Ledger()
    found = check_sheet(sheet, layout, open_round, ledger=ledger, look=look)
    expected = sum(cell is not None and str(cell).strip() != "" for line in cells for cell in line)
    assert ledger.cells == expected
    assert ledger.fates[Fate.LEFT_OUT] == sum(ledger.reasons.values())
    counted = found.ready + found.asked + found.wrong + found.same + found.skipped
    assert counted == found.total
    assert bool(ledger.fates[Fate.WRITTEN]) == bool(found.writes)


KNOWN = [
    ("1.1", "กสป."),
    ("1.2", "พม."),
    ("1.3", "กสป."),
    ("2.1", "สกถ."),
    ("2.2", "สถ."),
    ("3.1", "กสจ."),
]


WORDS = {
    "not_started": "ยังไม่ดำเนินการ",
    "in_progress": "อยู่ระหว่างดำเนินการ",
    "completed": "ดำเนินการแล้วเสร็จ",
}


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(KNOWN),
        st.sampled_from(list(WORDS)),
        st.sampled_from(["จัดอบรม", "รอ ก", "5 แห่ง"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda record: record[0],
)


@settings(
    max_examples=2 * settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    records=RECORDS,
    titles=st.integers(0, 2),
    mark=st.sampled_from(["", "*", "** "]),
    sections=st.booleans(),
    totals=st.booleans(),
    ticks=st.booleans(),
    below=st.booleans(),
    sheets=st.integers(1, 3),
)
def test_known_values_read_back_under_any_shape(
    look, records, titles, mark, sections, totals, ticks, below, sheets
):
    """Around any titles, totals and notes, each value reaches its field, and nothing else does."""
    shape = {"mark": mark, "sections": sections, "totals": totals, "ticks": ticks, "below": below}
    tables, cells = [], 0
    for number in range(sheets):
        rows = _shaped(records[number::sheets], titles, **shape)
        cells += sum(cell not in (None, "") for line in rows for cell in line)
        sheet = Sheet(f"ชีต {number}", rows)
        layout, _problems = find_layout(Book([sheet], "xlsx"))
        if layout is None:  # no record fell to this sheet
            cells -= sum(cell not in (None, "") for line in rows for cell in line)
            continue
        tables.append(replace(table_of(sheet, layout), place=sheet.name, key=sheet.name))
    ledger = Ledger()
    first = preview.build(tables, look, preview.Choices(), Ledger())
    answers = {key: {"S03": "yes", "R21": "join"}[key.partition(":")[0]] for key in first.questions}
    found = preview.build(tables, look, preview.Choices(answers=answers), ledger)
    assert (found.asked, found.wrong, ledger.cells) == (0, 0, cells)
    codes = {(each.measure, each.agency): each for each in found.writes}
    written = {
        (look.measures.code(measure), look.agency_names[agency]): (
            write.values["reported_status"],
            write.values["results"],
        )
        for (measure, agency), write in codes.items()
    }
    assert written == {place: (status, results) for place, status, results in records}


def _shaped(records, titles, *, mark, sections, totals, ticks, below):
    """Records as the rows of a sheet of a certain shape."""
    width = 6 if ticks else 4
    rows = [["แบบรายงานผล ประจำปีงบประมาณ พ.ศ. 2569"]] * titles
    if ticks:
        rows = [
            *rows,
            ["รหัสมาตรการย่อย", "หน่วยงาน", "สถานะ", None, None, "ผลการดำเนินงาน"],
            [None, None, *WORDS.values(), None],
        ]
    else:
        rows = [*rows, HEAD]
    if sections:
        rows.append(["ข้อเสนอที่ ๑ กฎระเบียบเชิงส่งเสริม"])
    for (code, agency), status, results in records:
        says = [None if below else results]
        state = ["✔" if each == status else None for each in WORDS] if ticks else [WORDS[status]]
        rows.append([f"{mark}{code}", agency, *state, *says])
        if below:
            rows.append([f"ผล: {results}"])
    if totals:
        rows += [["รวมทั้งสิ้น", None, None, "3 เรื่อง"], ["หมายเหตุ: ข้อมูลเบื้องต้น"]]
    return [[*line, *[None] * (width - len(line))][:width] for line in rows]
