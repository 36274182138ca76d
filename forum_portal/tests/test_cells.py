"""Spreadsheet cells: nothing exported runs, and every value comes back as it was."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.thai import xml_text

AWKWARD = st.text("'=+-@＝＋－＠\t\r\n \u00a0\u200b\ufeffaก1")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "==1+1",
        "=cmd|' /C calc'!A0",
        "+66 2 123 4567",
        "-5",
        "-",
        "@SUM(A1)",
        "\t=1",
        "\tก",
        "\rก",
        "  =1+1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
        "\u3000＝1",
        "'=1",
        "''=1",
    ],
)
def test_formula_text_gets_one_apostrophe(text):
    assert safe_cell(text) == "'" + text
    assert unsafe_cell("'" + text) == text


@pytest.mark.parametrize(
    "value",
    ["", "ก", "1,250,000", "ก=1", "'ก", "'", "''", 0, -5, -1.5, Decimal("-2"), date(2024, 9, 30)],
)
def test_other_values_stay(value):
    assert safe_cell(value) is value
    assert unsafe_cell(value) is value


@given(st.text() | AWKWARD)
def test_round_trip(text):
    safe = safe_cell(text)
    assert not safe.lstrip().startswith(tuple("=+-@＝＋－＠"))
    assert not safe.startswith(("\t", "\r"))
    assert unsafe_cell(safe) == xml_text(text)
