"""The command that takes away what nobody saved."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from followup.models import Evidence
from followup.tests import files
from followup.tests.evidence_files import kept_names, make
from followup.tests.files import (
    picture,
)

pytestmark = pytest.mark.usefixtures("empty_storage")


def test_the_sweep_takes_what_nobody_saved_within_a_day(open_round, people, capsys):
    make(open_round, people, [files.piece()])
    files.stored(picture(), "ก.jpg")
    call_command("sweep_evidence")
    assert len(kept_names()) == 2, "it may still be saved"
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        call_command("sweep_evidence")
    assert kept_names() == {Evidence.objects.get().file.name}
    assert capsys.readouterr().out.splitlines() == ["0 files removed", "1 files removed"]
