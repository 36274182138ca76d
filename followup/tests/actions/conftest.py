"""A report that nobody has touched, and one that was submitted."""

import pytest

from followup.tests.factories import find_report, make_report


@pytest.fixture
def report(open_round):
    """The lead report on 1.2 (พม.), which nobody has touched."""
    return find_report(open_round, "1.2")


@pytest.fixture
def submitted(open_round, people):
    return make_report(open_round, "1.2", by=people["staff"], state="submitted")
