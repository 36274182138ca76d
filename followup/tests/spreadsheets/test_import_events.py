"""What the security log tells of an import."""

import pytest

from followup.models import SpreadsheetImport
from followup.spreadsheets import session
from followup.tests.log_lines import security_lines
from followup.tests.spreadsheets.wizard import HEAD, confirm, row, undo, walk_to_check, xlsx

pytestmark = [pytest.mark.security, pytest.mark.django_db]


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """Return a function that does something, and returns what the log then tells."""

    def do(what):
        with security_lines() as lines, django_capture_on_commit_callbacks(execute=True):
            what()
        assert "อนุมัติแล้ว" not in lines.text
        assert "ผล.xlsx" not in lines.text
        return lines.told()

    return do


def test_an_import_and_its_undo(desk, people, told):
    pk = people["administrator"].pk
    records = []
    content = xlsx(HEAD, row())
    assert told(lambda: records.append(walk_to_check(desk, content))) == [], "it writes nothing"
    about = f"spreadsheet_import:{records[0].pk}"
    assert told(lambda: confirm(desk, records[0])) == [
        ("import_confirmed", pk, about, None),
        ("import_applied", pk, about, None),
    ]
    assert told(lambda: confirm(desk, records[0])) == [], "a second click"
    assert told(lambda: undo(desk, records[0])) == [("import_undone", pk, about, None)]


def test_an_import_that_fails(desk, people, told, monkeypatch, open_round):
    record = walk_to_check(desk, xlsx(HEAD, row()))
    desk.raise_request_exception = False

    def fail(*args, **kwargs):
        raise RuntimeError("อนุมัติแล้ว")

    monkeypatch.setattr("followup.spreadsheets.session.writing.apply", fail)
    pk, about = people["administrator"].pk, f"spreadsheet_import:{record.pk}"
    assert told(lambda: confirm(desk, record)) == [
        ("import_confirmed", pk, about, None),
        ("import_failed", pk, about, "apply"),
    ]


def test_an_import_that_was_lost(record, people, told):
    SpreadsheetImport.objects.filter(pk=record.pk).update(state="applying")
    record.refresh_from_db()
    lost = told(lambda: session.give_up(record))
    about = f"spreadsheet_import:{record.pk}"
    assert lost == [("import_failed", None, about, "apply_lost")]
    record.state = "applying"  # as somebody else's page has it
    assert told(lambda: session.give_up(record)) == [], "once"


def test_a_process_of_its_own_tells_whose_import_it_is(record, people, told, monkeypatch):
    """There is no request in it."""
    SpreadsheetImport.objects.filter(pk=record.pk).update(state="applying")
    monkeypatch.setitem(session.TASKS, "apply", lambda record, by: None)
    admin = people["administrator"]
    done = told(lambda: session.run(record.pk, "apply", admin, attempt=0))
    assert done == [("import_applied", admin.pk, f"spreadsheet_import:{record.pk}", None)]
