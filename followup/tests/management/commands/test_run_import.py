"""The command that checks, applies or takes back one import."""

import pytest
from django.core.management import CommandError, call_command

from followup.models import User
from followup.spreadsheets import session


def test_it_does_the_task_in_the_name_of_whoever_asked(people, monkeypatch):
    ran = []
    monkeypatch.setattr(session, "run", lambda *what, **attempt: ran.append((*what, attempt)))
    user = str(people["administrator"].pk)
    call_command("run_import", "7", "check", "--attempt", "3", "--user", user)
    assert ran == [(7, "check", people["administrator"], {"attempt": 3})]


@pytest.mark.parametrize(
    "arguments",
    [
        ["7", "delete", "--attempt", "1", "--user", "1"],
        ["7", "check", "--user", "1"],
        ["7", "check", "--attempt", "1"],
        ["x"],
    ],
)
def test_it_does_nothing_else(db, arguments, monkeypatch):
    monkeypatch.setattr(session, "run", pytest.fail)
    with pytest.raises(CommandError):
        call_command("run_import", *arguments)


def test_nobody_is_no_user(people, monkeypatch):
    monkeypatch.setattr(session, "run", pytest.fail)
    with pytest.raises(User.DoesNotExist):
        call_command("run_import", "7", "check", "--attempt", "1", "--user", "0")
