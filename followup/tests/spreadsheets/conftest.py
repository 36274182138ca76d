"""Fixtures for tests of the import: the upload folder, an administrator, an import."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from followup.models import (
    Agency,
    ImportState,
    Round,
    SpreadsheetImport,
    imports,
)
from followup.spreadsheets import apply, session, undo
from followup.tests.spreadsheets.imports import (
    RESULTS,
    applied,
    expected,
    new_write,
    write_for,
)
from followup.tests.spreadsheets.reader.books import Files, xlsxwriter_book


@pytest.fixture(autouse=True)
def import_folder(settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    return settings.IMPORT_FOLDER


@pytest.fixture
def desk(client, people, open_round):
    """A signed-in administrator, and an untouched round of 2569."""
    client.force_login(people["administrator"])
    return client


@pytest.fixture
def record(open_round, people):
    """An import that was checked and may be applied."""
    return SpreadsheetImport.objects.create(
        round=open_round,
        created_by=people["administrator"],
        file_name="ผล.xlsx",
        state=ImportState.CHECKED,
    )


@pytest.fixture
def parts_of(monkeypatch):
    """Return a function that makes imports write and take back so many reports in a transaction."""

    def cut(reports):
        for module in (imports, apply, undo, session):
            monkeypatch.setattr(module, "PART", reports)

    return cut


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture(scope="session")
def long_table() -> bytes:
    """20,000 rows of 12 columns."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "d/m/yyyy"})
        for row in range(20_000):
            sheet.write_row(row, 0, [f"ผลการดำเนินงานของหน่วยงาน {row} {n}" for n in range(8)])
            sheet.write_row(row, 8, [row, row * 1.5, "อยู่ระหว่างดำเนินการ"])
            sheet.write_datetime(row, 11, datetime(2024, 9, 30), day)

    return xlsxwriter_book(build)


@pytest.fixture
def made(record, people, open_round):
    """An applied import with one report of a known agency, and one new agency on 3.1 and 3.2."""
    return applied(
        record,
        people["administrator"],
        [
            write_for(expected(open_round, "3.1", "SWF"), **RESULTS),
            new_write(open_round, "3.1", row=3),
            new_write(open_round, "3.2", row=4),
        ],
    )


@pytest.fixture
def new_agency(made):
    return Agency.objects.get(name_th="มูลนิธิทดสอบ")


@pytest.fixture
def both(second_forum, open_round) -> Round:
    """The round of 2569, opened when both forums stood."""
    return open_round
