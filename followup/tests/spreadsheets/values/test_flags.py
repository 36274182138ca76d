"""Cells of yes or no."""

import pytest

from followup.spreadsheets.values import (
    read_flag,
)
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import read


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        *((yes, True) for yes in ("ใช่", "✓", "✔", True, 1, 1.0, "TRUE", "x", "ไม่มีการเปลี่ยนแปลง")),
        *((no, False) for no in ("ไม่ใช่", False, 0, "FALSE", "มีการเปลี่ยนแปลง")),
        *((nothing, None) for nothing in (None, " ", "-", "–")),
    ],
)
def test_flags(raw, flag):
    assert read(read_flag(raw, {})) == (flag, [])


def test_an_unreadable_flag():
    assert read(read_flag("บางส่วน", {})) == (
        None,
        [told("N03", v="บางส่วน")],
    )
