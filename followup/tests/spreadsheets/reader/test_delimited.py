"""Delimited text, in the encodings that Thai files come in."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from followup.spreadsheets.reader import Limits, decode, parse_csv
from followup.spreadsheets.reader.delimited import parse_tabs
from followup.spreadsheets.sandbox import sample
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    EMPTY,
    NO_THAI,
    ROWS,
    TEXT,
    TOO_MANY,
    Files,
    table,
)


def test_a_ragged_csv_becomes_rectangular(files: Files) -> None:
    text = "รายงานประจำปี\nลำดับ,หน่วยงาน,ผล\n1,กรมอนามัย\n2,กรมการแพทย์,ดี,เกิน\n"
    sheet = files.sheet(text.encode(), "a.csv")
    assert sheet.name == "CSV"
    assert sheet.rows == [
        ("รายงานประจำปี", None, None, None),
        ("ลำดับ", "หน่วยงาน", "ผล", None),
        ("1", "กรมอนามัย", None, None),
        ("2", "กรมการแพทย์", "ดี", "เกิน"),
    ]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp874"), "cp874"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16"),
        (TEXT.encode("utf-16-be"), "utf-16"),
    ],
    ids=["utf-8", "utf-8-bom", "cp874", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be"],
)
def test_every_encoding_that_agencies_use(files: Files, content: bytes, encoding: str) -> None:
    book = files.read(content, "รายงาน.CSV")
    assert (book.kind, book.encoding, book.delimiter) == ("csv", encoding, ",")
    assert book.sheets[0].rows == ROWS


def test_utf_16_tab_text_as_excel_saves_unicode_text(files: Files) -> None:
    book = files.read(TEXT.replace(",", "\t").encode("utf-16"), "a.txt")
    assert (book.encoding, book.delimiter) == ("utf-16", "\t")
    assert book.sheets[0].rows == ROWS


def test_plain_ascii_needs_no_thai(files: Files) -> None:
    book = files.read(b"code,year\n1.1,2567\n", "a.csv")
    assert book.encoding == "utf-8"
    assert book.sheets[0].rows == [("code", "year"), ("1.1", "2567")]


def test_cp874_that_happens_to_be_utf_8_is_cp874(files: Files) -> None:
    """ "รก" is a valid two-byte sequence of UTF-8: á."""
    content = "รก,1\n".encode("cp874")
    assert content.decode() == "á,1\n"
    assert files.read(content, "a.csv").encoding == "cp874"


@pytest.mark.parametrize(
    "content",
    [
        f"{TEXT}2,".encode() + "กรมการแพทย์".encode("cp874"),
        TEXT.encode("cp874") + "2,กรมการแพทย์".encode(),
        TEXT.encode("cp874") + "2,สห".encode(),  # would pass for cp874 text: "เธชเธซ"
        "\ufeff".encode() + TEXT.encode("cp874"),
        TEXT.encode("utf-16")[:-1],
        b"caf\xe9\xff,1\n",
    ],
    ids=["utf-8 + cp874", "cp874 + utf-8", "short", "bom + cp874", "utf-16 cut", "latin-1"],
)
def test_mixed_or_unknown_encodings_are_refused(files: Files, content: bytes) -> None:
    assert files.refused(content, "a.csv") == NO_THAI


@pytest.mark.parametrize("encoding", ["utf-8", "cp874", "utf-16"])
def test_a_nul_character_is_damage(files: Files, encoding: str) -> None:
    assert files.refused(TEXT.replace("กรม", "ก\0รม").encode(encoding), "a.csv") == DAMAGED


def test_an_encoding_can_be_forced(files: Files) -> None:
    content = "ชื่อ,สห\n".encode("cp874")
    assert files.read(content, "a.csv", encoding="cp874").sheets[0].rows == [("ชื่อ", "สห")]
    assert files.refused(content, "a.csv", encoding="utf-8") == NO_THAI
    assert files.refused(content, "a.csv", encoding="utf-16") == NO_THAI
    wrong = files.read("สห\n".encode(), "a.csv", encoding="cp874")
    assert sample(wrong) == ["เธชเธซ"]
    with pytest.raises(ValueError, match="latin-1"):
        files.read(content, "a.csv", encoding="latin-1")


def test_a_sample_is_short_and_thai(files: Files) -> None:
    rows: list[list[Any]] = [["no", 1], ["ก" * 100], ["กรม\nอนามัย"], ["กรม\nอนามัย"], ["ข"], ["ค"]]
    assert sample(files.read(table(*rows))) == ["ก" * 60 + "…", "กรม อนามัย", "ข"]
    assert sample(files.read(b"a,b\n", "a.csv")) == []


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ("sep=;\r\nก;ข,ค\r\n1;2\r\n", ";", [("ก", "ข,ค"), ("1", "2")]),
        ('"sep=,"\nก,ข;ค;ง\n', ",", [("ก", "ข;ค;ง")]),
        ("sep=|\nก|ข\n", "|", [("ก", "ข")]),
        ("ก;ข;ค\n1;กรม, กอง;1,000\n2;กรม;2,000\n", ";", None),
        ("ก\tข\n1,5\tx,y;z\n", "\t", None),
        ("ก,ข,ค\n1,กรม;กอง;ฝ่าย,x\n2,กรม,y\n", ",", None),
        ("หัวเรื่อง, ปี 2567\n\nก;ข;ค\n1;2;3\n4;5\n", ";", None),
        ("คำเดียว\n", ",", [("คำเดียว",)]),
    ],
)
def test_delimiters(
    files: Files, text: str, delimiter: str, rows: list[tuple[str, ...]] | None
) -> None:
    book = files.read(text.encode(), "a.csv")
    assert book.delimiter == delimiter
    if rows is not None:
        assert book.sheets[0].rows == rows


def test_a_line_sep_and_nothing_else_is_empty(files: Files) -> None:
    assert files.refused(b"sep=;\r\n", "a.csv") == EMPTY


def test_quoted_line_ends_quotes_and_blank_lines(files: Files) -> None:
    text = 'ชื่อ,ผล\r\n\r\n"กรม ""ก""","บรรทัด 1\nบรรทัด 2"\r\n5" ท่อ,x\r\n,\r\n\r\n'
    assert files.sheet(text.encode(), "a.csv").rows == [
        ("ชื่อ", "ผล"),
        (None, None),
        ('กรม "ก"', "บรรทัด 1\nบรรทัด 2"),
        ('5" ท่อ', "x"),
    ]


def test_a_quote_that_is_never_closed_is_damage_and_swallows_nothing(files: Files) -> None:
    assert files.refused('ก,ข\n1,"ค\n2,ง\n3,จ\n'.encode(), "a.csv") == DAMAGED


def test_a_csv_has_strings_only(files: Files) -> None:
    sheet = files.sheet("ก,007,1e5,TRUE,30/9/2567,=1+1\n".encode(), "a.csv")
    assert sheet.rows == [("ก", "007", "1e5", "TRUE", "30/9/2567", "=1+1")]


THAI_TEXT = st.text(
    st.characters(codec="cp874", exclude_categories=["Cc"], exclude_characters="\ufeff")
)


@hypothesis_settings(deadline=None)
@given(
    rows=st.lists(st.lists(THAI_TEXT, min_size=1, max_size=5), min_size=1, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp874", "utf-16"]),
    delimiter=st.sampled_from(",;\t"),
)
def test_whatever_is_written_reads_back(
    rows: list[list[str]], encoding: str, delimiter: str
) -> None:
    rows = [["หน่วยงาน", "ที่นี่"], *rows, ["จบ"]]
    out = io.StringIO(newline="")
    out.write(f"sep={delimiter}\r\n")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    text, found = decode(out.getvalue().encode(encoding))
    assert found == encoding.removesuffix("-sig")
    back, used = parse_csv(text, Limits())
    assert used == delimiter
    width = max(map(len, back))
    padded = [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows]
    assert [row[:width] for row in padded] == back
    assert not any(cell for row in padded for cell in row[width:])


def test_a_csv_of_too_many_rows_or_columns(files: Files) -> None:
    assert files.refused(b"1,2\n" * 200_001, "a.csv") == TOO_MANY
    assert files.refused(b"1," * 30_000 + b"1\n" + b"1\n" * 100, "a.csv") == TOO_MANY
    assert len(files.sheet(b"1,2\n" * 200_000, "a.csv").rows) == 200_000


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ก\tข\r\n1\t2\r\n", [("ก", "ข"), ("1", "2")]),
        ('ก\t"บรรทัด 1\nบรรทัด ""2"""\r\n1\t2', [("ก", 'บรรทัด 1\nบรรทัด "2"'), ("1", "2")]),
        ("ผล, ปัญหา\r\nดี, มาก; ที่สุด\r\nx\r\n", [("ผล, ปัญหา",), ("ดี, มาก; ที่สุด",), ("x",)]),
        ("ก\t\tค\r\n\r\n\t2\t\r\n", [("ก", None, "ค"), (None, None, None), (None, "2", None)]),
        ('"ก" ข\tค\n"ไม่ปิด\tง\n', [('"ก" ข', "ค"), ('"ไม่ปิด', "ง")]),
        ("คำเดียว", [("คำเดียว",)]),
        ('"ก\tข"\tค', [("ก\tข", "ค")]),
    ],
)
def test_what_excel_puts_on_the_clipboard(
    files: Files, text: str, rows: list[tuple[str | None, ...]]
) -> None:
    book = files.read(text.encode(), "วาง.tsv")
    assert (book.kind, book.encoding, book.delimiter) == ("csv", "utf-8", "\t")
    assert book.sheets[0].rows == rows


def clipboard(cell: str) -> str:
    """As Excel writes a cell: quoted only where it holds a tab or a line end."""
    if "\t" in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


@hypothesis_settings(deadline=None)
@given(
    st.lists(
        st.lists(st.text('ก "\t\nข,;', max_size=6), min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_every_pasted_cell_reads_back(rows: list[list[str]]) -> None:
    rows = [
        # A cell that is quoted as a whole cannot be told from one that Excel has quoted.
        [cell if "\t" in cell or "\n" in cell else cell.lstrip('"') for cell in row]
        for row in rows
    ]
    text = "".join("\t".join(map(clipboard, row)) + "\r\n" for row in [*rows, ["จบ"]])
    found, _ = parse_tabs(text, Limits())
    width = max(map(len, found))
    padded = [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows]
    assert [row[:width] for row in padded] == found[:-1]
    assert found[-1][0] == "จบ"


def test_an_empty_paste_and_one_too_long(files: Files) -> None:
    assert files.refused(b"\r\n\t\r\n", "a.tsv") == EMPTY
    assert files.refused("ก\n".encode() * 200_001, "a.tsv") == TOO_MANY
    assert files.refused(b"\t" * 30_000 + b"1\n" + b"1\n" * 100, "a.tsv") == TOO_MANY
