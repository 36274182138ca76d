"""Plain lists for the admin: nothing is guessed, and what is out of place is refused by its cell."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from followup.spreadsheets import lists
from followup.spreadsheets.types import Book, CellError, Problem, Sheet, Unreadable
from followup.tests.spreadsheets.reader.books import table
from followup.tests.spreadsheets.told import told

HEADER = ["code", "name_th"]
RECORD = ["A", "กรมอนามัย"]


@pytest.fixture
def listed(monkeypatch):
    """Read a book made here as the list that it holds."""

    def read(*sheets, **of_book):
        book = Book(sheets, kind="xlsx", **of_book)
        monkeypatch.setattr(lists, "read_file", lambda *_args, **_options: book)
        return lists.read_list(b"x", "list.xlsx")

    return read


@pytest.fixture
def refused(listed):
    def read(*sheets):
        with pytest.raises(ValidationError) as caught:
            listed(*sheets)
        (message,) = caught.value.messages
        return message, caught.value.code

    return read


def sheet(*rows, **more):
    """A sheet, its rows filled up to the longest one."""
    width = max(map(len, rows))
    return Sheet(
        more.pop("name", "รายการ"),
        [[*row, *[None] * (width - len(row))] for row in rows],
        **more,
    )


# Read -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [(table(HEADER, RECORD), "list.XLSX"), ("code,name_th\nA,กรมอนามัย\n".encode(), "list.csv")],
)
def test_a_file_is_read_as_it_stands(content, name):
    read = lists.read_list(content, name)
    assert (read.headings, read.rows, read.notices) == (HEADER, [RECORD], [])


def test_values_keep_their_kind_and_blanks_are_none(listed):
    """A number is not made a text, since a numeric code may have lost a zero."""
    read = listed(sheet(["a", "b", "c", "d"], [2.1, "2.10", True, " "], [None, "", "ก", 0]))
    assert read.rows == [[2.1, "2.10", "TRUE", None], [None, None, "ก", 0]]


def test_columns_and_last_rows_without_anything_are_left_out(listed):
    read = listed(sheet(["code", None, "name_th"], ["A", " ", "ก"], [], ["B", None, "ข"], [" "]))
    assert read.headings == HEADER
    assert read.rows == [["A", "ก"], [None, None], ["B", "ข"]], (
        "a blank row between keeps its place"
    )


# Refused ----------------------------------------------------------------------------------------


def test_a_kind_that_is_not_known_by_its_content_is_refused():
    """The import of reports reads .ods; a list's name is gone when it is confirmed."""
    with pytest.raises(ValidationError) as caught:
        lists.read_list(b"x", "list.ods")
    assert caught.value.messages == [told("F02", ext="ods", list=".xlsx .xlsm .csv .tsv .txt")]
    assert caught.value.code == "F02"


def test_what_the_reader_refuses_is_told_in_its_words(monkeypatch):
    def damaged(*_args, **_options):
        raise Unreadable(Problem("F01"))

    monkeypatch.setattr(lists, "read_file", damaged)
    with pytest.raises(ValidationError) as caught:
        lists.read_list(b"x", "list.xlsx")
    assert (caught.value.messages, caught.value.code) == ([told("F01")], "F01")


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        ([[" "], []], {}, told("F11")),
        (
            [HEADER, RECORD],
            {"visible": False},
            "ชีต “รายการ” ซ่อนอยู่ และไม่มีชีตอื่นที่มีข้อมูล เลิกซ่อนชีตแล้วบันทึกใหม่",
        ),
        (
            [[None, " "], HEADER, RECORD],
            {},
            "แถว 1 ว่าง หัวคอลัมน์ต้องอยู่ในแถว 1 ลบแถวว่างที่อยู่เหนือหัวคอลัมน์แล้วเลือกไฟล์อีกครั้ง",
        ),
        (
            [HEADER, RECORD, RECORD],
            {"merged": [(5, 0, 6, 0), (1, 1, 2, 1)]},
            "เซลล์ B2:B3 ผสานกันอยู่ จึงไม่รู้ว่าค่าเป็นของแถวหรือคอลัมน์ใด "
            "ยกเลิกการผสานเซลล์ ใส่ค่าให้ครบทุกเซลล์แล้วบันทึกใหม่",
        ),
        (
            [HEADER, RECORD, ["B", "ข", "ลืมหัว"]],
            {},
            "คอลัมน์ C ไม่มีหัวคอลัมน์ในแถว 1 แต่เซลล์ C3 มีข้อมูล ใส่หัวคอลัมน์ หรือลบข้อมูลในคอลัมน์นี้ "
            "(หากหัวคอลัมน์อยู่แถวอื่น ลบแถวที่อยู่เหนือ) แล้วบันทึกใหม่",
        ),
        (
            [[*HEADER, " code"], [*RECORD, "B"]],
            {},
            "หัวคอลัมน์ “code” ซ้ำกันที่เซลล์ A1 และ C1 เหลือไว้คอลัมน์เดียวแล้วบันทึกใหม่",
        ),
        (
            [HEADER, ["A", CellError("#N/A")]],
            {},
            "เซลล์ B2: เป็นค่าผิดพลาดของ Excel (#N/A) แก้สูตรหรือพิมพ์ค่าแทน แล้วบันทึกใหม่",
        ),
        ([HEADER, RECORD], {"without_value": [(2, 1), (1, 1)]}, f"เซลล์ B2: {told('F09')}"),
        ([HEADER, ["A", "ก" * 32_768]], {}, f"เซลล์ B2: {told('T04', max='32,767')}"),
        (
            [HEADER, ["A", date(2026, 4, 3)]],
            {},
            "เซลล์ B2: Excel อ่านเป็นวันที่ (3 เมษายน 2569) จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์ค่าใหม่",
        ),
    ],
    ids=[
        "blank",
        "hidden",
        "first row blank",
        "merged",
        "no heading",
        "heading twice",
        "error",
        "formula without a value",
        "too long",
        "day",
    ],
)
def test_what_is_out_of_place_is_refused_by_its_cell(refused, rows, more, said):
    message, _code = refused(sheet(*rows, **more))
    assert message == said


def test_a_text_as_long_as_a_cell_takes_is_read(listed):
    assert listed(sheet(HEADER, ["A", "ก" * 32_767])).rows[0][1] == "ก" * 32_767


# Told -------------------------------------------------------------------------------------------


def test_the_first_visible_sheet_is_read_and_the_others_are_named(listed):
    read = listed(
        sheet(["ลับ"], name="ซ่อน", visible=False),
        sheet([None], name="ว่าง"),
        sheet(HEADER, RECORD),
        sheet(["อื่น"], name="หมายเหตุ"),
    )
    assert read.rows == [RECORD]
    assert read.notices == ["อ่านเฉพาะชีต “รายการ” ไม่ได้อ่านชีต: ซ่อน, หมายเหตุ"]


def test_what_may_surprise_is_told(listed):
    read = listed(
        sheet(
            HEADER, RECORD, formulas=2, hidden_rows=frozenset({1}), hidden_columns=frozenset({0, 1})
        ),
        encoding="cp874",
        notices=[Problem("F07", {"date": "1 มกราคม 2569"})],
    )
    assert read.rows == [RECORD]
    assert read.notices == [
        told("F07", date="1 มกราคม 2569"),
        told("F04", enc="cp874"),
        told("F08"),
        "อ่านแถว/คอลัมน์ที่ซ่อนไว้ด้วย 3 รายการ",
    ]


def test_of_an_ordinary_list_nothing_is_told(listed):
    assert listed(sheet(HEADER, RECORD), encoding="utf-8").notices == []
