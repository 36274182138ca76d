"""The map of the provinces: every province has a shape, and its step says how many reports name it."""

import json
import re

import pytest
from django.conf import settings

from followup.province_map import drawing, province_map, width_of_steps


def test_every_province_has_a_shape():
    listed = json.loads((settings.ROOT / "fixtures" / "provinces.json").read_text("utf-8"))
    shapes = drawing().shapes
    assert sorted(each.iso for each in shapes) == sorted(each["iso"] for each in listed)
    for each in shapes:
        assert re.fullmatch(r"(M[-0-9. ]+l[-0-9. ]+z)+", each.fine), each.iso
        assert re.fullmatch(r"(M[-0-9. ]+l[-0-9. ]+z)+", each.coarse), each.iso


def test_the_shapes_say_where_they_are_from():
    folder = settings.ROOT / "fixtures" / "map"
    assert "@svg-maps/thailand 2.0.0" in (folder / "VERSION.md").read_text("utf-8")
    assert "Attribution 4.0 International" in (folder / "LICENSE.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("most", "width"), [(0, 1), (1, 1), (12, 1), (13, 2), (24, 2), (25, 4), (48, 4), (49, 8)]
)
def test_the_steps_double_when_the_largest_number_outgrows_them(most, width):
    assert width_of_steps(most) == width


def test_a_province_is_in_the_step_of_its_number():
    drawn = province_map({"TH-40": 8, "TH-10": 5, "TH-50": 4, "TH-96": 1})
    steps = {each.shape.iso: (each.step, each.is_numbered) for each in drawn.provinces}
    assert steps["TH-40"] == steps["TH-10"] == (5, True)
    assert steps["TH-50"] == (4, False)
    assert steps["TH-96"] == (1, False)
    assert steps["TH-41"] == (0, False)
    told = [(each.number, each.low, each.high, each.provinces) for each in drawn.steps]
    assert told == [
        (5, 5, 8, 2),
        (4, 4, 4, 1),
        (3, 3, 3, 0),
        (2, 2, 2, 0),
        (1, 1, 1, 1),
        (0, 0, 0, 73),
    ]


def test_wide_steps_have_no_gap_and_no_overlap():
    drawn = province_map({f"TH-{code}": number for number, code in enumerate(range(30, 50))})
    ranges = sorted((each.low, each.high) for each in drawn.steps if each.number)
    assert ranges == [(1, 2), (3, 4), (5, 6), (7, 8), (9, 19)]
    assert all(
        low <= each.count <= high
        for each in drawn.provinces
        if each.step
        for low, high in [ranges[each.step - 1]]
    )


def test_the_last_step_has_no_upper_end_while_nobody_is_in_it():
    assert province_map({"TH-40": 2}).steps[0].high is None
