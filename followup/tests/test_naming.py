"""What people call a resolution."""

import pytest

from followup.naming import forum_name, forums_title, item_name, items_name
from proposals.models import Forum, Resolution


def test_the_forum_stands_before_the_name_only_where_there_are_several(settings):
    resolution = Resolution(number=3, forum=Forum(year_be=2566))
    assert item_name(resolution, several_forums=False) == "ข้อเสนอที่ 3"
    assert item_name(resolution, several_forums=True) == "เวที 2566 ข้อเสนอที่ 3"
    settings.PORTAL_ITEM_NOUN = "มติ"
    assert item_name(resolution, several_forums=False) == "มติที่ 3"


def test_the_proposals_of_one_forum_have_a_number_and_of_several_none():
    assert items_name({2566: 5}) == "ข้อเสนอ 5 ข้อ"
    assert items_name({2565: 8, 2566: 5}) == items_name({}) == "ข้อเสนอ"


@pytest.mark.parametrize(
    ("years", "title"),
    [
        ((), "CSOs Forum"),
        ((2566,), "CSOs Forum ประจำปี 2566"),
        ((2566, 2565), "CSOs Forum ประจำปี 2565 และ 2566"),
        ((2565, 2566, 2567), "CSOs Forum ประจำปี 2565 2566 และ 2567"),
    ],
)
def test_a_title_names_every_forum(years, title):
    assert forums_title(Forum(year_be=year) for year in years) == title


def test_a_forum_among_others_is_named_by_its_year():
    assert forum_name(Forum(year_be=2566)) == "เวที 2566"
