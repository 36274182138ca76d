"""What a file may use up before it is refused."""

import time
from pathlib import Path

import pytest

from followup.spreadsheets import messages
from followup.spreadsheets.reader import Limits
from followup.spreadsheets.sandbox import read_file
from followup.spreadsheets.types import Unreadable
from followup.tests.spreadsheets.reader.books import (
    EMPTY,
    HEADER,
    RECORD,
    TOO_BIG,
    TOO_MANY,
    Files,
    data,
    raw,
    table,
)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_100_megabytes_are_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(Unreadable) as caught:
        read_file(path, name=name)
    assert messages.sentence(caught.value.problem) == TOO_BIG


@pytest.mark.parametrize("inline", [False, True])
def test_a_cell_of_200_kilobytes_passes(files: Files, inline: bool) -> None:
    text = "ผลการ ดำเนินงาน" * 5_000
    assert len(text.encode()) > 200_000
    if inline:
        cell, strings = f' t="inlineStr"><is><t>{text}</t></is>', ""
    else:
        cell, strings = ' t="s"><v>0</v>', f'<si><t xml:space="preserve">{text}</t></si>'
    ((found,),) = files.sheet(raw(data(cell), strings=strings)).rows
    assert found == text
    assert files.sheet(f'ก,"{text}"\n'.encode(), "a.csv").rows == [("ก", text)]


def row_of(number: int, cells: str = "") -> str:
    return f'<row r="{number}">{cells or f"""<c r="A{number}"><v>1</v></c>"""}</row>'


LAST = '<c r="XFD1048576"><v>1</v></c>'


FAR = {
    "the last cell alone": row_of(2**20, LAST),
    "the first and the last cell": row_of(1) + row_of(2**20, LAST),
    "the last cell in the first row": row_of(1, LAST),
    "the last before the first, where only the first of a row's cells is too far": row_of(
        1, f'{LAST}<c r="A1"><v>1</v></c>'
    ),
    "a formula in the last cell": row_of(1) + row_of(2**20, '<c r="XFD1048576"><f>1+1</f></c>'),
    "a million rows": "".join(map(row_of, range(1, 10**6 + 1))),
    "a row too many": row_of(200_001),
    "two hundred whole rows": row_of(1) + row_of(184, '<c r="XFD184"><v>1</v></c>'),
}


@pytest.mark.parametrize("body", FAR.values(), ids=FAR)
def test_too_many_cells_are_refused_within_seconds(files: Files, body: str) -> None:
    content = raw(f"<sheetData>{body}</sheetData>")
    assert len(content) < 20 * 2**20
    started = time.monotonic()
    assert files.refused(content) == TOO_MANY
    assert time.monotonic() - started < 20


def test_elements_that_are_no_cells_are_counted_too(files: Files) -> None:
    content = raw(f"<sheetData><row>{'<c/>' * 30_001}</row></sheetData>")
    assert files.refused(content) == EMPTY
    with pytest.raises(Unreadable) as caught:
        files.read(content, limits=Limits(cells=10_000))
    assert caught.value.problem.code == "F12"


@pytest.mark.parametrize("cell", ["><v>1</v>", ' t="inlineStr"><is><t>ก</t></is>'])
def test_plain_cells_count_as_cells_and_not_as_elements(files: Files, cell: str) -> None:
    content = raw(data(*[cell] * 1000))
    assert len(files.sheet(content, limits=Limits(cells=1000)).rows) == 1000
    with pytest.raises(Unreadable) as caught:
        files.read(content, limits=Limits(cells=999))
    assert caught.value.problem.code == "F12"


def test_blank_cells_with_a_format_down_to_the_last_row_are_no_cells(files: Files) -> None:
    blanks = "".join(row_of(n, f'<c r="A{n}" s="1"/><c r="B{n}"/>') for n in range(2, 2**20, 5))
    sheet = files.sheet(raw(f"<sheetData>{row_of(1)}{blanks}</sheetData>"))
    assert sheet.rows == [(1,)]


def test_one_text_in_every_cell_is_bounded_by_memory_or_output(files: Files) -> None:
    """30 KB once, in 100,000 cells: 3 GB when each has its own."""
    body = "".join(row_of(n, f'<c r="A{n}" t="s"><v>0</v></c>') for n in range(1, 100_001))
    content = raw(f"<sheetData>{body}</sheetData>", strings=f"<si><t>{'ก' * 10_000}</t></si>")
    assert files.refused(content) == TOO_MANY


def test_the_limits_are_those_asked_for(files: Files) -> None:
    content = table(HEADER, RECORD)
    assert files.read(content, limits=Limits(cells=6))
    with pytest.raises(Unreadable) as caught:
        files.read(content, limits=Limits(cells=5))
    assert caught.value.problem.params == {"max": "5"}
    assert files.refused(content, limits=Limits(rows=1)) == TOO_MANY
    assert files.refused(content, limits=Limits(unpacked=1000)) == TOO_MANY
