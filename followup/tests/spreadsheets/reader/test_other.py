"""Workbooks of other formats, as LibreOffice writes them."""

import random
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from followup.spreadsheets import messages
from followup.spreadsheets.reader import Limits
from followup.spreadsheets.types import CellError, Level, Unreadable
from followup.tests.spreadsheets import office
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    HTML,
    OLE,
    Files,
    data,
    raw,
)
from followup.tests.spreadsheets.reader.formats import RUNS, UNTOLD, said

needs_office = pytest.mark.skipif(not office.SOFFICE, reason=office.WHY)


SAVED_AS = {"xls": "xls:MS Excel 97", "ods": "ods:calc8"}


@pytest.fixture(scope="session", params=SAVED_AS)
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workbook of everything, as .xls and as .ods."""
    folder = tmp_path_factory.mktemp(request.param)
    source = folder / "book.xlsx"
    with xlsxwriter.Workbook(str(source)) as book:
        sheet = book.add_worksheet("ข้อมูล")
        day, percent, families, struck = (
            book.add_format(options)
            for options in (
                {"num_format": "d/m/yyyy"},
                {"num_format": "0%"},
                {"num_format": '#,##0 "ครอบครัว"'},
                {"font_strikeout": True},
            )
        )
        sheet.merge_range("A1:C1", "รายงานผล ปี 2567")
        sheet.write_row(1, 0, ["หน่วยงาน", "จำนวน", "วันที่", "ร้อยละ", "ผล", "ครอบครัว"])
        for row in (2, 3, 4):
            sheet.write_row(row, 0, [f"กรม {row}", row * 1.5])
            sheet.write_datetime(row, 2, date(2024, 9, 30), day)
            sheet.write_number(row, 3, 0.75, percent)
            sheet.write_number(row, 5, 1250, families)
        sheet.write_string(2, 0, "กรมเดิม", struck)
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 4, "=NA()", None, "#N/A")
        sheet.write_formula(4, 4, "=1+1", None, 2)
        sheet.write_comment(4, 0, "ยุบรวมแล้ว")
        sheet.set_row(3, options={"hidden": True})
        sheet.set_column(1, 1, options={"hidden": True})
        hidden = book.add_worksheet("ซ่อน")
        hidden.write_string(4, 2, "ค")
        hidden.hide()
    return office.convert(source, folder / "out", to=SAVED_AS[request.param])


@needs_office
@pytest.mark.slow
@pytest.mark.once
def test_a_workbook_of_another_format_reads_as_the_xlsx_does(files: Files, saved: Path) -> None:
    book = files.read(saved.read_bytes(), f"รายงาน{saved.suffix}")
    assert book.kind == saved.suffix[1:]
    sheet, hidden = book.sheets
    assert sheet.rows == [
        ("รายงานผล ปี 2567", None, None, None, None, None),
        ("หน่วยงาน", "จำนวน", "วันที่", "ร้อยละ", "ผล", "ครอบครัว"),
        ("กรมเดิม", 3, date(2024, 9, 30), 0.75, CellError("#DIV/0!"), 1250),
        ("กรม 3", 4.5, date(2024, 9, 30), 0.75, CellError("#N/A"), 1250),
        ("กรม 4", 6, date(2024, 9, 30), 0.75, 2, 1250),
    ]
    assert (sheet.name, sheet.visible) == ("ข้อมูล", True)
    assert sheet.merged == ((0, 0, 0, 2),)
    assert sheet.hidden_rows == {3}
    assert sheet.hidden_columns == {1}
    assert sheet.percent_columns == {3}
    assert sheet.shown == {
        **{(row, 3): "75%" for row in (2, 3, 4)},
        **{(row, 5): "1,250 ครอบครัว" for row in (2, 3, 4)},
    }
    assert sheet.struck == {(2, 0)}
    assert sheet.comments == {(4, 0): "ยุบรวมแล้ว"}
    assert sheet.formulas == 3
    assert (hidden.name, hidden.visible) == ("ซ่อน", False)
    assert hidden.rows == [(None, None, None)] * 4 + [(None, None, "ค")]


@needs_office
@pytest.mark.slow
@pytest.mark.once
def test_what_cannot_be_told_is_said(files: Files, saved: Path) -> None:
    book = files.read(saved.read_bytes(), saved.name)
    expected = {"xls": [UNTOLD.format("xls", RUNS)], "ods": []}
    assert said(book) == expected[saved.suffix[1:]]
    assert {messages.level(notice) for notice in book.notices} <= {Level.WARN}


@needs_office
@pytest.mark.slow
@pytest.mark.once
def test_other_formats_keep_the_limits(files: Files, saved: Path) -> None:
    content = saved.read_bytes()
    assert files.read(content, saved.name, limits=Limits(cells=45))  # 5 × 6 and 5 × 3
    for limits in (Limits(cells=44), Limits(rows=4), Limits(output=200), Limits(seconds=0.01)):
        with pytest.raises(Unreadable) as caught:
            files.read(content, saved.name, limits=limits)
        assert caught.value.problem.code == "F12", limits


@needs_office
@pytest.mark.slow
@pytest.mark.once
def test_damaged_files_of_other_formats_are_a_book_or_a_sentence(files: Files, saved: Path) -> None:
    content = saved.read_bytes()
    chance = random.Random(2569)
    outcomes = set()
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 5, 200))):
            damaged[chance.randrange(8, len(damaged))] = chance.randrange(256)
        del damaged[chance.choice((len(damaged), chance.randrange(600, len(damaged)))) :]
        try:
            book = files.read(bytes(damaged), saved.name, limits=Limits(cpu_seconds=10))
        except Unreadable as error:
            outcomes.add(error.problem.code)
        else:
            outcomes.add(book.kind)
    assert outcomes <= {"F01", "F11", "F12", saved.suffix[1:]}
    assert len(outcomes) > 1


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.ods", "a.docx"])
@pytest.mark.parametrize(
    "content",
    [HTML, b"%PDF-1.7\n", "ก,ข\n".encode(), OLE, raw(data("><v>1</v>"))],
    ids=["html", "pdf", "text", "ole", "xlsx"],
)
def test_files_that_are_not_what_their_name_says(files: Files, name: str, content: bytes) -> None:
    assert files.refused(content, name) == DAMAGED
