"""The files of an import: which sheets are read, and why others are not."""

import pytest

from followup.models import Round
from followup.spreadsheets.fields import Field
from followup.spreadsheets.tables import Source, Unread, find_tables
from followup.spreadsheets.types import Book, Sheet
from followup.tests.spreadsheets.wizard import HEAD, row

ROWS = [HEAD, row("3.1", "กสจ."), row("1.2", "พม.")]
OTHER = [["รหัส", "ผู้รับผิดชอบ", "เบอร์โทร"], ["x", "y", "z"]]


def source(*sheets, number=0, name="ผล.xlsx"):
    """A file of (name, rows), hidden ones as (name, rows, False)."""
    made = [Sheet(each[0], each[1], visible=each[2:] != (False,)) for each in sheets]
    return Source(number, name, str(number) * 64, Book(made, "xlsx"))


def found(*sources, **decisions):
    nothing = {
        "chosen": {},
        "mappings": {},
        "remembered": {},
        "answers": {},
        "include_hidden": False,
    }
    return find_tables(sources, round_=Round(year_be=2569), **nothing | decisions)


def unread(tables):
    return {each.sheet.name: each.unread for each in tables.candidates if not each.is_read}


def test_one_table_needs_no_place():
    tables = found(source(("ก", ROWS)))
    [table] = tables.tables
    assert (table.id, table.place, table.own) == ("0:0", "", None)
    assert [column.field for column in table.layout.columns] == [
        Field.CLAUSE_CODE,
        Field.LEAD_AGENCY,
        Field.STATUS,
        Field.RESULT,
    ]
    assert table.key == f"{'0' * 16}:0:0"
    assert (tables.problems, tables.failed, tables.unread) == ([], [], [])


def test_sheets_that_are_alike_are_read_together_and_each_says_its_place():
    tables = found(source(("ก", ROWS), ("ข", ROWS)))
    assert [table.place for table in tables.tables] == ["ชีต “ก”", "ชีต “ข”"]
    assert len(tables.groups) == 1, "one mapping for both"
    assert len({table.key for table in tables.tables}) == 2


def test_sheets_that_are_not_read_say_why():
    tables = found(
        source(("ก", ROWS), ("ว่าง", []), ("ซ่อน", ROWS, False), ("บันทึก", [["เรียน"], ["x"]]))
    )
    assert unread(tables) == {
        "ว่าง": Unread.EMPTY,
        "ซ่อน": Unread.HIDDEN,
        "บันทึก": Unread.NO_TABLE,
    }
    assert [each.sheet.name for each in tables.unread] == ["ซ่อน", "บันทึก"], "not the empty one"
    assert all(each.why for each in tables.unread)


def test_a_person_may_leave_a_sheet_out_and_take_a_hidden_one_in():
    sheets = source(("ก", ROWS), ("ข", ROWS), ("ซ่อน", ROWS, False))
    tables = found(
        sheets,
        chosen={"0:1": {"read": False, "header_row": None}, "0:2": {"read": True, "header_row": 0}},
    )
    assert [table.id for table in tables.tables] == ["0:0", "0:2"]
    assert unread(tables) == {"ข": Unread.BY_CHOICE}


def test_another_header_row_makes_another_table():
    rows = [["ลำดับ", "รายการ", "x", "y"], *ROWS]
    key = found(source(("ก", rows))).tables[0].key
    again = found(source(("ก", rows)), chosen={"0:0": {"read": True, "header_row": 0}}).tables
    assert all(table.key != key for table in again)


def test_where_nothing_is_read_the_reason_is_told():
    tables = found(source(("ก", [["เรียน"], ["x"]])))
    assert tables.tables == []
    assert [problem.code for problem in tables.problems] == ["F06"]
    assert not tables.are_own


def test_files_of_several_are_named_in_their_tables_places():
    tables = found(source(("ก", ROWS)), source(("ก", ROWS), number=1, name="อื่น.xlsx"))
    first, second = (table.place for table in tables.tables)
    assert "ผล.xlsx" in first
    assert "อื่น.xlsx" in second


@pytest.mark.parametrize("how", ["mappings", "remembered"])
def test_a_mapping_is_used_for_its_headings_and_said_to_be_remembered(how):
    signature = found(source(("ก", ROWS))).tables[0].signature
    [table] = found(source(("ก", ROWS)), **{how: {signature: {"3": "problems"}}}).tables
    assert table.layout.columns[3].field is Field.PROBLEMS
    assert table.is_remembered == (how == "remembered")
    [other] = found(source(("ก", ROWS)), **{how: {"another": {"3": "problems"}}}).tables
    assert other.layout.columns[3].field is Field.RESULT


def test_what_somebody_decides_now_goes_before_what_is_remembered():
    signature = found(source(("ก", ROWS))).tables[0].signature
    [table] = found(
        source(("ก", ROWS)),
        mappings={signature: {"3": "suggestions"}},
        remembered={signature: {"3": "problems"}},
    ).tables
    assert table.layout.columns[3].field is Field.SUGGESTIONS


def test_two_columns_of_one_heading_keep_the_wizard_at_its_columns():
    rows = [[*HEAD, "ผลการดำเนินงาน"], [*row(), "อีก"]]
    tables = found(source(("ก", rows)))
    assert [problem.code for problem in tables.open_columns] == ["C02"]
    assert found(source(("ก", ROWS))).open_columns == []
