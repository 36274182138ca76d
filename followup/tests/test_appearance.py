"""How a status looks where no style sheet reaches."""

import re

import pytest

from followup.appearance import colours, symbols, token
from followup.status import Status


def test_every_status_has_three_colours_and_a_shape_of_its_own():
    assert set(colours()) == set(symbols()) == set(Status)
    for each in colours().values():
        assert all(re.fullmatch("#[0-9a-fA-F]{6}", colour) for colour in (each.ink, each.fill))
        assert each.ink != each.tint
    assert len(set(symbols().values())) == len(Status)
    assert all("<script" not in shape for shape in symbols().values())


def test_a_colour_of_the_style_sheet_has_a_name():
    assert re.fullmatch("#[0-9a-fA-F]{6}", token("ink"))
    with pytest.raises(KeyError):
        token("no-such-colour")
