"""An agency's workbook taken apart: its rows, its headings, its keys."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from followup.models import Agency, Round, StatusReport
from followup.spreadsheets import workbook
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import Unreadable
from followup.tests.spreadsheets.office import Change, opened, read
from followup.tests.spreadsheets.told import told

HEADINGS = [column.text for column in workbook.HEADINGS]


FIRST = workbook.HEADER_ROW + 2  # the first row of data, as Excel counts


def at(heading):
    """The column of a heading, as Excel counts."""
    return HEADINGS.index(heading) + 1


KEY = at(workbook.KEY_HEADING)


def reports_of(round_: Round, agency: Agency) -> list[StatusReport]:
    return list(round_.reports.with_context().filter(assignment__agency=agency))


def table(content: bytes):
    return openpyxl.load_workbook(BytesIO(content))[workbook.SHEET]


def row_of(content: bytes, report: StatusReport):
    """A report's cells by heading."""
    sheet = table(content)
    for cells in sheet.iter_rows(min_row=FIRST):
        if (workbook.key_parts(cells[KEY - 1].value) or (0, 0))[1] == report.assignment_id:
            return dict(zip(HEADINGS, cells, strict=True))
    raise AssertionError(f"no row for {report}")


def own(content: bytes, folder: Path) -> workbook.OwnWorkbook:
    found = workbook.read_back(read(content, folder))
    assert found
    return found


def refused(content: bytes, *changes: Change) -> str:
    """The sentence with which a workbook is refused after it was changed."""
    book = opened(content, *changes)
    with pytest.raises(Unreadable) as caught:
        workbook.read_back(book)
    return f"{caught.value.problem.code} {sentence(caught.value.problem)}"


TAMPERED = f"F14 {told('F14')}"
