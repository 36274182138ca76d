"""The command that prints one report."""

from django.core.management import call_command

from followup.annual_report import printing


def test_it_runs_the_job_that_it_is_given(monkeypatch):
    ran = []
    monkeypatch.setattr(printing, "run", ran.append)
    call_command("print_report", "7")
    assert ran == [7]
