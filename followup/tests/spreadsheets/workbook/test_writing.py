"""Cells as they are written: heights, limits, and nothing that runs."""

import re
import zipfile
from io import BytesIO

import pytest

from followup import actions
from followup.spreadsheets import workbook
from followup.tests.factories import link
from followup.tests.spreadsheets.office import read
from followup.tests.spreadsheets.workbook.sheets import FIRST, at, reports_of, table
from forum_portal.cells import unsafe_cell

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "==1+1",
    '=HYPERLINK("https://example.org","คลิก")',
    "+1",
    "-1",
    "- จัดเวที 4 ภาค",
    "@SUM(A1)",
    "\t=1+1",
    "  =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    "{=1+1}",
    "<script>alert(1)</script>",
    "https://example.org/?a=1",
    "_x0041_",
]


def test_rows_grow_with_what_is_typed(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    rows = re.findall("<row [^>]*>", xml)
    assert rows
    assert all(" ht=" in row and "customHeight" not in row for row in rows)


def test_nothing_in_it_runs(open_round, agency, people, tmp_path):
    texts = {}
    for report, pair in zip(
        reports_of(open_round, agency), zip(HOSTILE[::2], HOSTILE[1::2], strict=True), strict=False
    ):
        texts[report.assignment_id] = pair
        actions.save_draft(
            report=report,
            by=people["staff"],
            version=0,
            fields={"results": pair[0], "obstacles": pair[1], "meeting_ref": pair[0][:40]},
            evidence=[link() | {"title": pair[0]}, link(2) | {"title": pair[1]}],
        )
    assert sum(map(len, texts.values())) == len(HOSTILE)
    content = workbook.agency_workbook(open_round, agency)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in archive.read(name)
                assert b"<hyperlink" not in archive.read(name)
    inputs = ("ผลการดำเนินงาน", "ปัญหา/อุปสรรค", "มติ คสป. ครั้งที่", "หลักฐาน")
    for cells in table(content).iter_rows(min_row=FIRST):
        for cell in (cells[at(heading) - 1] for heading in inputs):
            assert cell.data_type in {"s", "n"}
            assert not str(cell.value).lstrip().startswith(tuple("=+-@＝＋－＠"))
    book = read(content, tmp_path)
    found = workbook.read_back(book)
    assert found
    for index, assignment in found.keys.items():
        if assignment in texts:
            first, second = texts[assignment]
            cells = [unsafe_cell(cell) for cell in book.sheets[0].rows[index]]
            assert cells[at("ผลการดำเนินงาน") - 1] == first
            assert cells[at("ปัญหา/อุปสรรค") - 1] == second
            assert cells[at("หลักฐาน") - 1] == (
                f"{first} | https://example.org/evidence/1\n{second} | https://example.org/evidence/2"
            )


def test_a_cell_is_never_cut():
    writer = workbook.Writer()
    sheet = writer.add_sheet("ก")
    workbook.put(sheet, 0, 0, "ก" * 32_767)
    with pytest.raises(ValueError, match="no room"):
        workbook.put(sheet, 1, 0, "ก" * 32_768)
