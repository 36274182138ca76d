"""An import's row and its folder."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from followup.models import ImportedRow, ImportState, RememberedMapping, SpreadsheetImport
from followup.models.imports import EDITABLE, KEEP_FOR, WRITTEN


@pytest.fixture
def record(open_round, people, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    made = SpreadsheetImport.objects.create(
        round=open_round, created_by=people["staff"], file_name="ผล.xlsx"
    )
    made.upload().write_bytes(b"x")
    return made


def test_its_folder_is_its_own_and_closed_to_others(record, settings):
    assert record.folder == settings.IMPORT_FOLDER / record.token
    assert record.folder.stat().st_mode & 0o777 == 0o700
    assert [record.upload(number).name for number in (0, 1, 2)] == [
        "upload",
        "upload-1",
        "upload-2",
    ]
    other = SpreadsheetImport(round=record.round)
    assert other.token != record.token


def test_it_expires_after_a_day_or_with_its_file(record):
    assert not record.is_expired
    assert record.can_change
    with time_machine.travel(timezone.now() + KEEP_FOR + timedelta(seconds=1), tick=False):
        assert record.is_expired
        assert not record.can_change
    record.drop_files()
    assert record.is_expired


@pytest.mark.parametrize("state", ImportState.values)
def test_decisions_are_made_before_it_writes(record, state):
    record.state = state
    assert record.can_change == (state in {"uploaded", "checked", "failed"})


def test_no_state_is_both_open_to_decisions_and_written():
    assert not set(EDITABLE) & set(WRITTEN)


def test_its_files_go_with_it(record):
    folder = record.folder
    record.delete()
    assert not folder.exists()


def test_rows_say_what_they_are(record):
    assert str(record) == "ผล.xlsx"
    assert str(ImportedRow(spreadsheet_import=record, row=7)) == f"{record.pk}:7"
    assert str(RememberedMapping(signature="0123456789abcdef")) == "0123456789ab"
