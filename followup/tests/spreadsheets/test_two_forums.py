"""Two forums with the same codes and agencies: every row lands at the measure that it speaks of.

3.1 of 2565 is that of กสจ. (สงป. and others support it), 3.1 of 2566 that of สงป. alone.
"""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup import actions
from followup.models import Agency, Round, StatusReport
from followup.spreadsheets import exports, preview, workbook
from followup.spreadsheets.forums import ForumName, Forums
from followup.spreadsheets.lookup import look_up
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.recognise import find_layout
from followup.spreadsheets.session import load_preview
from followup.spreadsheets.types import SKIP_ROW, Book, Field, Sheet
from followup.tests.factories import find_report, make_report
from followup.tests.spreadsheets.office import changed, read
from followup.tests.spreadsheets.test_exports import csv_rows, taken
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

CASES = Path(__file__).parent / "cases"
HEAD = ["มาตรการย่อย", "หน่วยงาน", "สถานะ", "ผลการดำเนินงาน"]


@pytest.fixture
def both(second_forum, open_round) -> Round:
    """The round of 2569, opened when both forums stood."""
    return open_round


@pytest.fixture
def desk(client, people, both):
    client.force_login(people["administrator"])
    return client


def row(code, agency, *more, says="จัดประชุม"):
    return [code, agency, "อยู่ระหว่างดำเนินการ", says, *more]


def found(round_, *rows, head=HEAD, name="แผ่น1", above=(), answers=None):
    """What the check of a sheet finds, by the layout that is proposed."""
    width = max(map(len, [head, *rows]))
    cells = [[*each, *[None] * (width - len(each))] for each in [*above, head, *rows]]
    sheet = Sheet(name, cells)
    layout, _problems = find_layout(Book([sheet], "xlsx"))
    assert layout
    return check_sheet(sheet, layout, round_, preview.Choices(answers=answers or {}))


def landed(found):
    """(row, full code, agency) of what would be written."""
    codes = {
        each.pk: each.full_code for each in Measure.objects.select_related("resolution__forum")
    }
    agencies = dict(Agency.objects.values_list("pk", "code"))
    return [(each.row, codes[each.measure], agencies[each.agency]) for each in found.writes]


def said(found):
    """(row, sentence) of everything that is said."""
    return [(each.row, sentence(each.problem)) for each in found.troubles]


def asked(found):
    """The questions: key -> (rows, values of its options)."""
    return {
        question["key"]: (question["rows"], [each["value"] for each in question["options"]])
        for question in questions_in(found)
    }


def notice(short, code):
    return f"“{short}” มีในหลายเวที ระบบใช้ {code} เพราะหน่วยงานในแถวได้รับมอบหมายเฉพาะของเวที {code[:4]}"


# The whole way --------------------------------------------------------------------------------


def test_a_bare_code_is_asked_and_its_report_is_the_one_that_was_meant(desk):
    record = walk_to_check(desk, (CASES / "two_forums_bare_codes.xlsx").read_bytes())
    assert (record.counts["total"], record.counts["ready"], record.counts["asked"]) == (3, 2, 1)
    [question] = load_preview(record)["questions"]
    assert (question["rows"], question["key"]) == ([[0, 2]], "R11:3.1")
    assert question["message"] == "“3.1” มีในหลายเวที เลือกว่าแถวเหล่านี้หมายถึงข้อใด"
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


def test_with_one_forum_nothing_is_said_of_forums(client, people, open_round):
    client.force_login(people["administrator"])
    record = walk_to_check(client, (CASES / "two_forums_bare_codes.xlsx").read_bytes())
    assert (record.counts["ready"], record.counts["questions"]) == (3, 0)
    assert sentences(record) == set()
    result = confirm(client, record).content.decode()
    assert "<b>3.1</b>" in result
    assert "2565-3.1" not in result


# Bare codes -----------------------------------------------------------------------------------


def test_a_code_is_asked_once_for_all_its_rows_and_not_for_those_that_it_fits_once(both):
    rows = [row("3.1", "สงป."), row("๓.๑", "สงป.", says="ก"), row("3.1", "กสจ."), row(3.1, "สงป.")]
    check = found(both, *rows)
    assert asked(check) == {"R11:3.1": ([2, 3, 5], ["2565-3.1", "2566-3.1", SKIP_ROW])}
    assert landed(check) == [(4, "2565-3.1", "SWF")]
    assert (4, notice("3.1", "2565-3.1")) in said(check)
    check = found(both, *rows[:1], rows[2], answers={"R11:3.1": "2566-3.1"})
    assert landed(check) == [(2, "2566-3.1", "BOB"), (3, "2565-3.1", "SWF")]


def test_a_code_that_one_forum_has_needs_no_word(both):
    check = found(both, row("2.7", "มท."), row("5.2", "คสป."), row("6.4", "กสป."))
    assert landed(check) == [
        (2, "2565-2.7", "MOI"),
        (3, "2566-5.2", "CSPC"),
        (4, "2565-6.4", "DSDW_CSO"),
    ]
    assert said(check) == [(3, notice("5.2", "2566-5.2"))]


def test_the_question_shows_every_agency_that_is_in_doubt(both):
    third = find_report(both, "2565-3.1", "SWF").assignment
    measure = find_report(both, "2566-3.1").measure
    measure.assignments.create(
        agency=third.agency, role="support", basis="proposed", valid_from=2566
    )
    check = found(both, row("3.1", "สงป."), row("3.1", "กสจ."))
    [question] = questions_in(check)
    assert question["rows"] == [2, 3]
    labels = [option["label"] for option in question["options"]]
    assert labels[0].endswith("(หน่วยงานสนับสนุน สงป.; หน่วยงานหลัก กสจ.)")
    assert labels[1].endswith("(หน่วยงานหลัก สงป.; หน่วยงานสนับสนุน กสจ.)")
    check = found(both, row("3.1", "สงป."), row("3.1", "กสจ."), answers={"R11:3.1": "2566-3.1"})
    assert landed(check) == [(2, "2566-3.1", "BOB"), (3, "2566-3.1", "SWF")]


def test_an_answer_that_does_not_fit_a_rows_agency_is_no_guess(both):
    rows = [row("3.1", "สงป.")]
    check = found(both, *rows, answers={"R11:3.1": "2567-3.1"})
    assert landed(check) == []
    assert check.wrong == 1
    assert (
        2,
        "คำตอบของ “3.1” คือ 2567-3.1 แต่ สงป. ไม่ได้รับมอบหมายข้อนั้น "
        "พิมพ์รหัสเต็มในช่องนี้ เช่น 2565-3.1 หรือ 2566-3.1",
    ) in said(check)


def test_an_agency_of_neither_forum_is_refused_by_full_codes(both):
    check = found(both, row("3.1", "กต."))
    assert said(check) == [
        (
            2,
            "กต. ไม่ได้รับมอบหมายมาตรการย่อย 2565-3.1 หรือ 2566-3.1 ในปี 2569 เพิ่มการมอบหมายก่อน หรือแก้รหัส",
        )
    ]
    assert check.wrong == 1


def test_agencies_of_one_row_need_a_forum_in_common(both):
    check = found(both, row("3.1", "สงป., กสจ."), row("1.1", "พม., มท."))
    assert landed(check) == [(2, "2565-3.1", "BOB"), (2, "2565-3.1", "SWF")]
    assert (
        3,
        "หน่วยงานในแถวนี้ได้รับมอบหมาย “1.1” คนละเวที (พม. 2565-1.1, มท. 2566-1.1) แยกเป็นแถวละหน่วยงาน",
    ) in said(check)


def test_a_new_agency_may_be_meant_for_any_forum(both):
    check = found(both, row("3.1", "กองลับ"), answers={"A01:กองลับ": "new"})
    assert asked(check)["R11:3.1"] == ([2], ["2565-3.1", "2566-3.1", SKIP_ROW])
    answers = {"A01:กองลับ": "new", "R11:3.1": "2566-3.1"}
    [write] = found(both, row("3.1", "กองลับ"), answers=answers).writes
    assert (write.new_agency, write.measure) == ("กองลับ", find_report(both, "2566-3.1").measure.pk)


def test_what_no_forum_has_is_said_with_what_each_has(both):
    check = found(
        both, row("3.7", "สงป."), row("9.1", "สงป."), row("7.9", "สงป."), row("ก", "สงป.")
    )
    assert said(check) == [
        (
            2,
            "ไม่พบมาตรการย่อย “3.7” ของข้อเสนอที่ 3 รหัสที่มีคือ 3.1–3.6 (เวที 2565), 3.1–3.3 (เวที 2566)",
        ),
        (3, "ไม่พบข้อเสนอที่ “9” ใช้เลข 1–8 (เวที 2565), 1–5 (เวที 2566)"),
        (4, "ไม่พบมาตรการย่อย “7.9” ของข้อเสนอที่ 7 รหัสที่มีคือ 7.1–7.3 (เวที 2565)"),
        (5, "ไม่พบข้อเสนอที่ “ก” ใช้เลข 1–8 (เวที 2565), 1–5 (เวที 2566)"),
    ]


def test_the_number_of_queries_is_that_of_one_forum(both):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        look_up(both)
    assert len(captured) == 8


# Resolutions as a whole, cut codes -----------------------------------------------------------------


def test_a_whole_resolution_is_that_of_the_agencys_forum(both):
    check = found(both, row("ข้อ 3", "กสป."))
    key = f"R06:{find_report(both, '2565-3.2').measure.resolution_id}:"
    key += str(Agency.objects.get(code="DSDW_CSO").pk)
    assert list(asked(check)) == [key]
    assert said(check)[0] == (2, notice("3", "2565-3"))
    assert (
        2,
        "แถวนี้ระบุเฉพาะข้อเสนอที่ 3 ของเวที 2565 ใช้กับมาตรการย่อยใดของ กสป.",
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
        "คสป. ไม่ได้รับมอบหมายมาตรการย่อย 5 ของเวที 2565 ในปี 2569 เพิ่มการมอบหมายก่อน หรือแก้รหัส",
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


# Where the forum is said ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "2566-3.1",
        "๒๕๖๖-๓.๑",
        "ข้อ 2566-3.1",
        "2566 - 3.1",
        "2566–3.1",
        "2566-3.1 ให้สำนักงบประมาณเปิดเผยข้อมูล",
        "เวที 2566 ข้อ 3.1",
        "CSOs Forum 2566: 3.1",
        "3.1 (เวที ๒๕๖๖)",
        "ข้อ 2566-3",
    ],
)
def test_a_full_code_names_its_forum(both, code):
    check = found(both, row(code, "สงป."))
    assert landed(check) == [(2, "2566-3.1", "BOB")]
    assert said(check) == []


@pytest.mark.parametrize(
    "heading",
    [
        "เวที",
        "เวทีปี",
        "CSOs Forum ปี",
        "CSOs Forum ประจำปี",
        "ปีของข้อเสนอ",
        "ปีของเวที",
        "ข้อเสนอปี",
    ],
)
def test_a_column_names_the_forum(both, heading):
    rows = [[2566, *row("3.1", "สงป.")], ["๒๕๖๕", *row("3.1", "สงป.")]]
    check = found(both, *rows, head=[heading, *HEAD])
    assert landed(check) == [(2, "2566-3.1", "BOB"), (3, "2565-3.1", "BOB")]
    assert said(check) == []


@pytest.mark.parametrize(
    "cell",
    ["2566", 2566.0, "พ.ศ. 2566", "เวที 2566", "CSOs Forum ประจําปี ๒๕๖๖", "ค.ศ. 2023", "ปี 2566"],
)
def test_a_forum_however_written(both, cell):
    check = found(both, [cell, *row("3.1", "สงป.")], head=["เวที", *HEAD])
    assert landed(check) == [(2, "2566-3.1", "BOB")]


@pytest.mark.parametrize("cell", ["2567", "66", "ภาคเหนือ", "ปีงบประมาณ 2566", True])
def test_a_column_that_names_no_forum_is_wrong_in_its_cell(both, cell):
    check = found(both, [cell, *row("3.1", "สงป.")], head=["เวที", *HEAD])
    shown = "TRUE" if cell is True else cell
    [trouble] = check.troubles
    assert (trouble.column, trouble.index, sentence(trouble.problem)) == (
        "เวที",
        0,
        f"ไม่พบเวทีที่ “{shown}” ระบุ เวทีที่มีคือ 2565, 2566 แก้ปีของเวทีในช่องนี้",
    )
    assert (check.wrong, check.writes) == (1, [])


def test_a_code_of_no_forum_is_wrong_in_its_cell(both):
    [trouble] = found(both, row("2567-3.1", "สงป.")).troubles
    assert (trouble.column, sentence(trouble.problem)) == (
        "มาตรการย่อย",
        "ไม่พบเวทีที่ “2567-3.1” ระบุ เวทีที่มีคือ 2565, 2566 แก้ปีของเวทีในช่องนี้",
    )


def test_a_code_and_a_column_that_contradict_each_other_can_be_mended_in_either_cell(both):
    rows = [[2566, *row("2565-3.1", "สงป.")]]
    check = found(both, *rows, head=["เวที", *HEAD])
    words = "“2565-3.1” เป็นของเวที 2565 แต่แถวนี้ระบุเวที 2566 แก้รหัสหรือเวทีให้ตรงกัน"
    assert [(each.column, sentence(each.problem)) for each in check.troubles] == [
        ("มาตรการย่อย", words),
        ("เวที", words),
    ]
    assert (check.wrong, check.writes) == (1, [])
    same = [[2565, *row("2565-3.1", "สงป.")]]
    assert landed(found(both, *same, head=["เวที", *HEAD])) == [(2, "2565-3.1", "BOB")]


def test_a_rows_forum_is_never_another_for_its_agencys_sake(both):
    check = found(both, [2566, *row("1.1", "พม.")], head=["เวที", *HEAD])
    assert said(check) == [
        (2, "พม. ไม่ได้รับมอบหมายมาตรการย่อย 2566-1.1 ในปี 2569 เพิ่มการมอบหมายก่อน หรือแก้รหัส")
    ]
    check = found(both, [2566, *row("3.6", "กสป.")], head=["เวที", *HEAD])
    assert said(check) == [(2, "ไม่พบมาตรการย่อย “3.6” ของข้อเสนอที่ 3 รหัสที่มีคือ 3.1–3.3 (เวที 2566)")]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("เวที 2566", None),
        ("เวที2566", None),
        ("แผ่น1", "รายงานผลตามข้อเสนอ CSOs Forum ประจำปี ๒๕๖๖"),
        ("แผ่น1", "ข้อเสนอจากเวที CSOs Forum ครั้งที่ 2 ประจําปี พ.ศ. 2566 ปีงบประมาณ 2569"),
        ("แผ่น1", "CSO FORUM 2023 (ผลปีงบประมาณ พ.ศ. 2569)"),
    ],
)
def test_a_sheets_name_or_title_names_the_forum(both, name, title):
    above = [[title]] if title else []
    rows = [row("3.1", "สงป."), row("2565-3.1", "สงป.")]
    check = found(both, *rows, name=name, above=above)
    first = 2 + len(above)
    assert landed(check) == [(first, "2566-3.1", "BOB"), (first + 1, "2565-3.1", "BOB")]
    assert said(check) == [(1, "อ่านเวที 2566 จากชื่อชีตหรือบรรทัดชื่อเรื่อง ใช้กับแถวที่ไม่ระบุเวที")]
    assert check.forums == [2566]


@pytest.mark.parametrize(
    "title",
    [
        "รายงานผล ปีงบประมาณ พ.ศ. 2566",
        "รายงานผลตามข้อเสนอ CSOs Forum ปีงบประมาณ 2566",
        "รายงานผลตามข้อเสนอ CSOs Forum รอบ 12 เดือน ปีงบประมาณ 2566",
        "จัดเวที 4 ภาค 2566 ครั้ง",
        "CSOs Forum 2565-2566",
        "เวที 2565 และ เวที 2566",
    ],
)
def test_a_title_without_one_forum_settles_nothing(both, title):
    check = found(both, row("3.1", "สงป."), above=[[title]])
    of_the_year = "Y06" if "ปีงบประมาณ 2566" in title or "พ.ศ. 2566" in title else ""
    codes = {key.partition(":")[0] for key in asked(check)}
    assert codes == {"R11", of_the_year} - {""}
    assert check.forums == [0]


def test_a_title_that_names_no_forum_of_ours_is_said_and_not_used(both):
    check = found(both, row("1.1", "พม."), name="เวที 2567", above=[["CSOs Forum ประจำปี 2566"]])
    assert said(check) == [
        (
            1,
            "ชื่อชีตหรือบรรทัดชื่อเรื่องกล่าวถึงเวที 2567 ซึ่งไม่มีในระบบ (ที่มีคือ 2565, 2566) จึงไม่นำมาใช้",
        ),
        (3, notice("1.1", "2565-1.1")),
    ]


def test_with_one_forum_a_column_counts_and_a_title_does_not(open_round):
    head = ["เวที", *HEAD]
    rows = [
        [2565, *row("2565-3.1", "กสจ.")],
        ["ภาคเหนือ", *row("3.2", "ปค.")],
        [2566, *row("3.3", "กสป.")],
    ]
    check = found(open_round, *rows, head=head, above=[["CSOs Forum ประจำปี 2566"]])
    assert landed(check) == [(3, "2565-3.1", "SWF"), (4, "2565-3.2", "DOPA")]
    assert said(check) == [(5, "ไม่พบเวทีที่ “2566” ระบุ เวทีที่มีคือ 2565 แก้ปีของเวทีในช่องนี้")]


def test_a_heading_that_only_begins_like_a_forum_is_none():
    table = Sheet("ก", [["เวทีรับฟังความคิดเห็น", *HEAD], ["4 ภาค", *row("3.1", "สงป.")]])
    layout, _problems = find_layout(Book([table], "xlsx"))
    assert layout
    assert not layout.of(Field.FORUM)


def test_rows_with_nothing_but_a_forum_are_no_records(both):
    check = found(both, [2566, *row("3.1", "สงป.")], [2566], [2566], head=["เวที", *HEAD])
    assert check.total == 1


def test_a_forum_by_its_name():
    forums = Forums([ForumName(2565, ["สมัชชา ก"]), ForumName(2566, ["สมัชชา ข"])])
    assert [forums.read(cell).value for cell in ("สมัชชา ข", " สมัชชา  ก ", "-", None)] == [
        2566,
        2565,
        0,
        0,
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
    book = read(taken("reports", kind, round_=filled), tmp_path, f"ก.{kind}")
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


def test_an_export_of_one_resolution_is_of_one_forum(filled):
    resolution = find_report(filled, "2566-3.1").measure.resolution
    rows = csv_rows(taken("reports", "csv", round_=filled, resolution=resolution))[1:]
    assert [each[0] for each in rows] == ["2566-3.1", "2566-3.2"]


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
