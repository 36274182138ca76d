"""What the tests of the import share: where uploads lie, somebody who may import, and an import."""

import pytest

from followup.models import ImportState, SpreadsheetImport


@pytest.fixture(autouse=True)
def import_folder(settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    return settings.IMPORT_FOLDER


@pytest.fixture
def desk(client, people, open_round):
    """An administrator who has signed in, and a round of 2569 that nobody has written into."""
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
