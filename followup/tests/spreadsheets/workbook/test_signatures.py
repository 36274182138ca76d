"""Keys of rows: signed, and of no other making."""

import pytest

from followup.spreadsheets import workbook
from followup.tests.spreadsheets.workbook.sheets import TAMPERED, own, refused


def test_a_new_secret_key_takes_workbooks_of_the_one_before(content, settings, tmp_path):
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-that-is-long-enough"
    assert refused(content) == TAMPERED
    settings.SECRET_KEY_FALLBACKS = [before]
    assert own(content, tmp_path).agency_code == "CODI"


@pytest.mark.parametrize(
    "key", ["", "2569", "2569-1", "2569-1-", "2569-1-AAAAAAAAAAAAAAAA", "๒๕๖๙-1-AAAAAAAAAAAAAAAA"]
)
def test_keys_cannot_be_made_up(key):
    assert workbook.key_parts(key) is None
    assert workbook.key_parts(workbook.row_key("2569", 7)) == ("2569", 7)
    assert len(workbook.row_key("2569", 7)) == 23
