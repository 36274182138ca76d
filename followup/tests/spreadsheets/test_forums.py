"""Where a table says its forum: codes, columns, titles."""

import pytest

from followup.spreadsheets.fields import Field
from followup.spreadsheets.forums import ForumName, Forums
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.recognise import find_layout
from followup.spreadsheets.types import Book, Sheet
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.two_forums import HEAD, asked, found, landed, notice, row, said


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
        told("R12", v=shown, list="2565, 2566"),
    )
    assert (check.wrong, check.writes) == (1, [])


def test_a_code_of_no_forum_is_wrong_in_its_cell(both):
    [trouble] = found(both, row("2567-3.1", "สงป.")).troubles
    assert (trouble.column, sentence(trouble.problem)) == (
        "มาตรการย่อย",
        told("R12", v="2567-3.1", list="2565, 2566"),
    )


def test_a_code_and_a_column_that_contradict_each_other_can_be_mended_in_either_cell(both):
    rows = [[2566, *row("2565-3.1", "สงป.")]]
    check = found(both, *rows, head=["เวที", *HEAD])
    words = told("R14", v="2565-3.1", year="2565", other="2566")
    assert [(each.column, sentence(each.problem)) for each in check.troubles] == [
        ("มาตรการย่อย", words),
        ("เวที", words),
    ]
    assert (check.wrong, check.writes) == (1, [])
    same = [[2565, *row("2565-3.1", "สงป.")]]
    assert landed(found(both, *same, head=["เวที", *HEAD])) == [(2, "2565-3.1", "BOB")]


def test_a_rows_forum_is_never_another_for_its_agencys_sake(both):
    check = found(both, [2566, *row("1.1", "พม.")], head=["เวที", *HEAD])
    assert said(check) == [(2, told("R07", agency="พม.", v="2566-1.1", year="2569"))]
    check = found(both, [2566, *row("3.6", "กสป.")], head=["เวที", *HEAD])
    assert said(check) == [(2, told("R02", v="3.6", i="3", list="3.1–3.3 (เวที 2566)"))]


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
    assert said(check) == [(1, told("R18", v="2566"))]
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
            told("R17", v="2567", list="2565, 2566"),
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
    assert said(check) == [(5, told("R12", v="2566", list="2565"))]


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
