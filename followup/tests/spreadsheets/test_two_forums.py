"""Two forums with the same codes and agencies: every row reaches the measure that it names.

3.1 of 2565 is that of กสจ. (สงป. and others support it), 3.1 of 2566 that of สงป. alone.
"""

from datetime import date

import pytest
from django.urls import reverse

from followup import actions
from followup.models import Agency, Round, StatusReport
from followup.spreadsheets import exports, workbook
from followup.spreadsheets.recognise import find_layout
from followup.spreadsheets.session import load_preview
from followup.spreadsheets.types import SKIP_ROW, Book, Sheet
from followup.tests.factories import find_report, make_report
from followup.tests.spreadsheets.office import changed, read
from followup.tests.spreadsheets.test_exports import taken
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.two_forums import (
    CASES,
    HEAD,
    asked,
    found,
    landed,
    notice,
    row,
    said,
)
from followup.tests.spreadsheets.wizard import (
    answer,
    check_sheet,
    confirm,
    questions_in,
    report_of,
    sentences,
    upload,
    walk_to_check,
    xlsx,
)
from proposals.models import Measure


@pytest.fixture
def desk(client, people, both):
    client.force_login(people["administrator"])
    return client


# The whole way --------------------------------------------------------------------------------


def test_a_bare_code_is_asked_and_its_report_is_the_one_that_was_meant(desk):
    record = walk_to_check(desk, (CASES / "two_forums_bare_codes.xlsx").read_bytes())
    assert (record.counts["total"], record.counts["ready"], record.counts["asked"]) == (3, 2, 1)
    [question] = load_preview(record)["questions"]
    assert (question["rows"], question["key"]) == ([[0, 2]], "R11:3.1")
    assert question["message"] == told("R11", v="3.1")
    earlier, later = report_of("2565-3.1", "BOB"), report_of("2566-3.1", "BOB")
    assert question["options"] == [
        {
            "value": "2565-3.1",
            "label": f"เวที 2565: 3.1 {earlier.measure.title_th} (หน่วยงานสนับสนุน สงป.)",
        },
        {
            "value": "2566-3.1",
            "label": f"เวที 2566: 3.1 {later.measure.title_th} (หน่วยงานหลัก สงป.)",
        },
        {"value": SKIP_ROW, "label": "ไม่นำเข้าแถวเหล่านี้"},
    ]
    notices = {
        (cell[1], each["message"])
        for each in load_preview(record)["rest"]["info"]
        for cell in each["cells"]
    }
    assert notices == {(3, notice("1.1", "2565-1.1")), (4, notice("2.1", "2565-2.1"))}
    page = desk.get(reverse("import-check", args=[record.pk])).content.decode()
    assert "เวที 2566: 3.1 ให้สำนักงบประมาณ" in page

    record = answer(desk, record, R11="2566-3.1")
    assert (record.counts["ready"], record.counts["open"]) == (3, 0)
    result = confirm(desk, record).content.decode()
    for code in ("2566-3.1", "2565-1.1", "2565-2.1"):
        assert f"<b>{code}</b>" in result
    later.refresh_from_db()
    assert later.results == "เปิดเผยข้อมูลแล้วบางส่วน"
    assert (
        later.measure.pk
        == Measure.objects.get(resolution__forum__year_be=2566, resolution__number=3, number=1).pk
    )
    written = StatusReport.objects.exclude(version=0).with_context()
    assert {(each.measure.full_code, each.assignment.agency.code) for each in written} == {
        ("2566-3.1", "BOB"),
        ("2565-1.1", "MSDHS"),
        ("2565-2.1", "MOI"),
    }


def test_answered_the_other_way_it_is_the_other_forums(desk):
    record = walk_to_check(desk, (CASES / "two_forums_bare_codes.xlsx").read_bytes())
    record = answer(desk, record, R11="2565-3.1")
    confirm(desk, record)
    assert report_of("2565-3.1", "BOB").results == "เปิดเผยข้อมูลแล้วบางส่วน"
    assert report_of("2566-3.1", "BOB").is_untouched


def test_a_left_out_row_is_skipped_and_only_it(desk):
    record = walk_to_check(desk, (CASES / "two_forums_bare_codes.xlsx").read_bytes())
    record = answer(desk, record, R11=SKIP_ROW)
    assert (record.counts["ready"], record.counts["skipped"], record.counts["open"]) == (2, 1, 0)


# Resolutions as a whole, cut codes -----------------------------------------------------------------


def test_a_whole_resolution_is_that_of_the_agencys_forum(both):
    check = found(both, row("ข้อ 3", "กสป."))
    key = f"R06:{find_report(both, '2565-3.2').measure.resolution_id}:"
    key += str(Agency.objects.get(code="DSDW_CSO").pk)
    assert list(asked(check)) == [key]
    assert said(check)[0] == (2, notice("3", "2565-3"))
    assert (
        2,
        told("R06", i="3 ของเวที 2565", agency="กสป."),
    ) in said(check)
    labels = [option["label"] for option in questions_in(check)[0]["options"]]
    assert labels[0] == "ทุกข้อ: 2565-3.2, 2565-3.3, 2565-3.6"
    assert labels[1].startswith("2565-3.2 ")
    check = found(both, row("ข้อ 3", "กสป."), answers={key: "all"})
    assert [code for _row, code, _agency in landed(check)] == ["2565-3.2", "2565-3.3", "2565-3.6"]


def test_a_whole_resolution_of_several_forums_is_asked_and_each_has_a_question_of_its_own(both):
    head = ["เวที", *HEAD]
    rows = [[2565, *row("ข้อ 5", "คสป.")], [2566, *row("ข้อ 5", "คสป.")], [None, *row(3, "สงป.")]]
    check = found(both, *rows, head=head)
    later = find_report(both, "2566-5.1").measure.resolution_id
    cspc = Agency.objects.get(code="CSPC").pk
    assert asked(check) == {
        f"R06:{later}:{cspc}": (
            [3],
            ["all", *(str(find_report(both, f"2566-5.{n}").measure.pk) for n in (1, 2)), SKIP_ROW],
        ),
        "R11:3": ([4], ["2565-3", "2566-3", SKIP_ROW]),
    }
    assert said(check)[0] == (
        2,
        told("R07", agency="คสป.", v="5 ของเวที 2565", year="2569"),
    )
    labels = [option["label"] for option in questions_in(check)[1]["options"]]
    assert labels[1] == (
        "เวที 2566: ข้อเสนอที่ 3 การเปิดเผยข้อมูลงบประมาณที่สนับสนุนองค์กรภาคประชาสังคม "
        "(หน่วยงานหลัก สงป. 2566-3.1)"
    )
    check = found(both, *rows[2:], head=head, answers={"R11:3": "2566-3"})
    assert landed(check) == [(2, "2566-3.1", "BOB")]


def test_questions_on_whole_resolutions_of_two_forums_are_two(both):
    measure = find_report(both, "2566-3.2").measure
    agency = Agency.objects.get(code="DSDW_CSO")
    for one in measure.resolution.measures.all()[:2]:
        one.assignments.create(agency=agency, role="support", basis="proposed", valid_from=2566)
    rows = [[2565, *row("3", "กสป.")], [2566, *row("3", "กสป.")]]
    first, second = asked(found(both, *rows, head=["เวที", *HEAD]))
    assert {first, second} == {
        f"R06:{find_report(both, '2565-3.2').measure.resolution_id}:{agency.pk}",
        f"R06:{measure.resolution_id}:{agency.pk}",
    }
    check = found(both, *rows, head=["เวที", *HEAD], answers={first: "all", second: SKIP_ROW})
    assert {code for _row, code, _agency in landed(check)} == {"2565-3.2", "2565-3.3", "2565-3.6"}


def test_two_cells_make_a_bare_code_too(both):
    head = ["ข้อเสนอที่", *HEAD]
    check = found(
        both, [3, *row(1, "สงป.")], [1, *row(2, "สถ.")], ["2566-1", *row(1, "สถ.")], head=head
    )
    assert asked(check) == {"R11:3.1": ([2], ["2565-3.1", "2566-3.1", SKIP_ROW])}
    assert landed(check) == [(3, "2566-1.2", "DLA"), (4, "2566-1.1", "DLA")]


def test_a_code_that_became_a_date_is_asked_first_and_then_its_forum(both):
    rows = [row(date(2026, 1, 3), "สงป.")]
    check = found(both, *rows)
    assert asked(check) == {"R03:3.1:3/1/2026": ([2], ["3.1", "1.3", SKIP_ROW])}
    check = found(both, *rows, answers={"R03:3.1:3/1/2026": "3.1"})
    assert asked(check)["R11:3.1"] == ([2], ["2565-3.1", "2566-3.1", SKIP_ROW])
    answers = {"R03:3.1:3/1/2026": "3.1", "R11:3.1": "2566-3.1"}
    assert landed(found(both, *rows, answers=answers)) == [(2, "2566-3.1", "BOB")]


def test_a_cut_zero_is_asked_within_the_rows_forum(both):
    rows = [[2566, *row("3.10", "สงป.")], [2565, *row("3.10", "สงป.")]]
    check = found(both, *rows, head=["เวที", *HEAD])
    later, earlier = (
        str(find_report(both, f"{year}-3.1", "BOB").measure.pk) for year in (2566, 2565)
    )
    assert asked(check) == {
        "R03:2566:3.10:3.1": ([2], [later, SKIP_ROW]),
        "R03:2565:3.10:3.1": ([3], [earlier, SKIP_ROW]),
    }
    answers = {"R03:2566:3.10:3.1": later, "R03:2565:3.10:3.1": SKIP_ROW}
    assert landed(found(both, *rows, head=["เวที", *HEAD], answers=answers)) == [
        (2, "2566-3.1", "BOB")
    ]


def test_a_cell_of_the_forum_is_mended_on_the_page(desk):
    rows = [["เวที", *HEAD], [2567, *row("3.1", "สงป.")]]
    record = walk_to_check(desk, xlsx(*rows, above=0))
    assert record.counts["wrong"] == 1
    record = answer(desk, record, fix_2_0="2566")
    assert (record.counts["ready"], record.counts["wrong"]) == (1, 0)
    confirm(desk, record)
    assert report_of("2566-3.1", "BOB").results == "จัดประชุม"


def test_the_workbook_of_problems_still_names_the_sheets_forum(desk, tmp_path):
    rows = [HEAD, row("1.1", "พม.")]
    record = walk_to_check(desk, xlsx(*rows, title="เวที 2566", above=0))
    content = desk.get(reverse("import-problems", args=[record.pk])).content
    again = walk_to_check(desk, content, "แก้.xlsx")
    assert again.counts["wrong"] == 1
    assert any("2566-1.1" in each for each in sentences(again))


# What goes out and comes back ----------------------------------------------------------------------


@pytest.fixture
def filled(both, people) -> Round:
    make_report(both, "2565-3.1", "BOB", by=people["staff"], state="draft", results="ของ 2565")
    make_report(both, "2566-3.1", "BOB", by=people["staff"], state="draft", results="ของ 2566")
    return both


def test_an_agencys_workbook_of_two_forums_comes_back_to_no_change(desk, filled):
    content = desk.get(reverse("staff-workbook", args=[2569, "BOB"])).content
    record = walk_to_check(desk, content, "แบบฟอร์ม.xlsx")
    assert (record.counts["writes"], record.counts["questions"]) == (0, 0)
    assert record.counts["same"] == record.counts["total"] == 3

    def write(book):
        sheet = book[workbook.SHEET]
        codes = [
            sheet.cell(at, 1).value for at in range(workbook.HEADER_ROW + 2, sheet.max_row + 1)
        ]
        assert codes == ["2565-2.3", "2565-3.1", "2566-3.1"]
        sheet.cell(sheet.max_row, 6).value = "ใหม่ของ 2566"
        for at in range(workbook.HEADER_ROW + 2, sheet.max_row + 1):
            sheet.cell(at, 1).value = codes[at - workbook.HEADER_ROW - 2].split("-")[1]

    record = walk_to_check(desk, changed(content, write), "แบบฟอร์ม.xlsx")
    assert record.counts["writes"] == 1
    confirm(desk, record)
    assert report_of("2566-3.1", "BOB").results == "ใหม่ของ 2566"
    assert report_of("2565-3.1", "BOB").results == "ของ 2565"


@pytest.mark.parametrize("kind", exports.KINDS)
@pytest.mark.parametrize("keyed", [True, False])
def test_the_export_of_two_forums_comes_back_to_no_change(filled, tmp_path, kind, keyed):
    book = read(taken(filled, kind), tmp_path, f"ก.{kind}")
    [table, *_meta] = book.sheets
    assert {"2565-3.1", "2566-3.1"} <= {cells[0] for cells in table.rows}
    if keyed:
        own = workbook.read_back(book)
        assert own
        layout = own.layout
    else:  # somebody pasted the rows into a sheet of their own
        table = Sheet("ก", [cells[:-1] for cells in table.rows])
        layout, _problems = find_layout(Book([table], kind))
        own = None
        assert layout
    check = check_sheet(table, layout, filled, own=own)
    assert (check.writes, check.asked, check.wrong) == ([], 0, 0)
    assert check.same == check.total == filled.reports.count()


def test_a_stale_import_names_what_was_changed_by_its_full_code(desk, people):
    record = walk_to_check(desk, xlsx(HEAD, row("2566-3.1", "สงป."), above=0))
    report = report_of("2566-3.1", "BOB")
    actions.save_draft(
        report=report, by=people["staff"], version=0, fields={"results": "ก"}, evidence=[]
    )
    page = confirm(desk, record).content.decode()
    record.refresh_from_db()
    assert "2566-3.1 สำนักงบประมาณ (บันทึกโดย คุณstaff)" in record.failure
    assert "กันไว้ 1 รายการ เพราะเปลี่ยนไปหลังจากตรวจไฟล์" in page
    assert report_of("2566-3.1", "BOB").results == "ก"


def test_the_list_of_changes_names_measures_by_their_full_codes(desk):
    record = walk_to_check(desk, xlsx(HEAD, row("2566-3.1", "สงป."), above=0))
    page = desk.get(reverse("import-check", args=[record.pk]), {"show": "all"}).content.decode()
    assert "แถว 2 2566-3.1 สงป." in page


def test_an_upload_for_two_forums_needs_no_more_steps(desk):
    response = upload(desk, xlsx(HEAD, row("3.1", "สงป."), above=0))
    page = desk.get(response["Location"].replace("sheet", "columns")).content.decode()
    assert "เวที CSOs Forum ปี" in page
