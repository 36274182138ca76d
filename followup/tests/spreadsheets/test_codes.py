"""Codes as people write them: footnote marks, and what only looks like one."""

import pytest

from followup.spreadsheets.measures import Place
from followup.tests.spreadsheets.names import measures
from followup.tests.spreadsheets.values.reading import read


@pytest.mark.parametrize(
    "code",
    [
        *("*3.1", "** 3.1", "3.1*", "3.1 *", "3.1¹", "3.1 ¹", "๓.๑ ๑/", "3.1 1/", "†3.1", "3.1 ¹/"),
        "*2565-3.1",
    ],
)
def test_footnote_marks_are_no_part_of_a_code(code):
    for cells in ((None, code), (code, None), (17, code)):
        assert read(measures.match(*cells, {})) == ((Place(31, 3),), [])


def test_what_only_looks_like_a_footnote_mark():
    for code in ("3.1 1", "3.1/2", "3.1 /2", "3.11/"):
        assert measures.match(None, code, {}).value != (Place(31, 3),)
