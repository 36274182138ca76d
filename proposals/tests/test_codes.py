"""Codes: whatever is built is parsed back to the same code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals.codes import Code, full_code, parse_code, short_code

NUMBERS = st.integers(1, 9999)


def test_a_full_code_names_the_forum() -> None:
    assert full_code(2565, 3, 1) == "2565-3.1"
    assert full_code(2565, 3) == "2565-3"
    assert (short_code(3, 10), short_code(3)) == ("3.10", "3")


@given(st.integers(2560, 2599), NUMBERS, st.one_of(st.just(0), NUMBERS))
def test_a_code_is_read_as_it_was_made(year: int, resolution: int, clause: int) -> None:
    code = Code(year, resolution, clause)
    assert parse_code(str(code)) == code
    assert parse_code(short_code(resolution, clause)) == Code(0, resolution, clause)


@pytest.mark.parametrize(
    "text", ["", "3.", ".1", "3.1.2", "65-3.1", "2565-", "2565 - 3.1", "๓.๑", "3,1", "2565-3.1\n"]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert parse_code(text) is None
