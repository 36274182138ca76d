"""What is learnt of a sheet, told line by line: merged ranges, widths, blank edges."""

from typing import Any

from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    HEADER,
    RECORD,
    Files,
    data,
    openpyxl_book,
    raw,
)


def test_merged_agency_cells_are_told_and_not_filled(files: Files) -> None:
    def build(book: Any) -> None:
        for row in (HEADER, RECORD, [2, None, "ข"], [3, None, "ค"]):
            book.active.append(row)
        book.active.merge_cells("B2:B4")

    sheet = files.sheet(openpyxl_book(build))
    assert sheet.merged == ((1, 1, 3, 1),)
    assert [row[1] for row in sheet.rows] == ["หน่วยงาน", "กรมอนามัย", None, None]


def test_merged_ranges_end_with_the_table(files: Files) -> None:
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:XFD1", "A2:A1048576", "C9:D9"))
    body = data("><v>1</v>", "><v>2</v>", "><v>3</v>").replace(
        "</sheetData>", f"</sheetData><mergeCells>{merges}</mergeCells>"
    )
    assert files.sheet(raw(body)).merged == ((1, 0, 2, 0),)


def test_ranges_that_all_overlap_are_damage(files: Files) -> None:
    merges = '<mergeCell ref="A1:A9"/>' * 50_000
    body = data("><v>1</v>", "><v>2</v>") + f"<mergeCells>{merges}</mergeCells>"
    assert files.refused(raw(body)) == DAMAGED


def test_formatted_blank_cells_do_not_make_the_table_larger(files: Files) -> None:
    body = (
        '<sheetData><row r="1"><c r="A1" s="1"><v>1</v></c><c r="Z1" s="1"/></row>'
        '<row r="900000" hidden="1"><c r="A900000" s="1"/></row></sheetData>'
    )
    sheet = files.sheet(raw(body))
    assert sheet.rows == [(1,)]
    assert sheet.hidden_rows == frozenset()
