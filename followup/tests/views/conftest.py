"""Who works at the secretariat, and reports on their desk."""

import pytest

from followup.tests.factories import find_report, make_report

# The pages of the import stand on what its tests share.
from followup.tests.spreadsheets.conftest import (  # noqa: F401 - fixtures
    desk,
    import_folder,
    made,
    new_agency,
    record,
)


@pytest.fixture
def colleague(people, sign_in):
    return sign_in(people["colleague"])


@pytest.fixture
def reviewer(people, sign_in):
    return sign_in(people["reviewer"])


@pytest.fixture
def report(open_round):
    """Nobody has touched it: 1.2, a measure with a product, of พม."""
    return find_report(open_round, "1.2")


@pytest.fixture
def submitted(open_round, people):
    return make_report(open_round, by=people["staff"], state="submitted", results="จัดทำร่างแล้ว")
