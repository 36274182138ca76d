"""A management command in a process of its own."""

import subprocess
import sys

from django.conf import settings

from followup import background

START = background.start  # before any test's fixture takes its place


def test_it_is_our_own_command_and_outlives_whoever_started_it(monkeypatch):
    started = []
    monkeypatch.setattr(
        subprocess, "Popen", lambda command, **options: started.append((command, options))
    )
    START("run_import", "7", "check", "--user", "1; rm -rf x")
    [(command, options)] = started
    assert command == [
        *(sys.executable, "manage.py", "run_import"),
        *("7", "check", "--user", "1; rm -rf x"),
    ]
    assert options["start_new_session"] is True
    assert options["cwd"] == settings.ROOT
    assert options["stdin"] == subprocess.DEVNULL
    assert not options.get("shell"), "arguments are no words of a shell"
