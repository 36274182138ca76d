"""Compare-and-set on a stored row."""

from followup.models import Province
from forum_portal.compare_and_set import compare_and_set


def test_of_two_with_the_same_expectation_the_first_one_sets(forum):
    mine, theirs = (Province.objects.get(pk="10") for _turn in "ab")
    name = mine.name_en
    assert compare_and_set(mine, expected={"name_en": name}, name_en="Mine", region_th="ก")
    assert (mine.name_en, mine.region_th) == ("Mine", "ก")
    assert not compare_and_set(theirs, expected={"name_en": name}, name_en="Theirs")
    assert theirs.name_en == name, "the loser's row is left as it was read"
    stored = Province.objects.get(pk="10")
    assert (stored.name_en, stored.region_th) == ("Mine", "ก")


def test_every_expectation_counts(forum):
    row = Province.objects.get(pk="10")
    names = {"name_en__in": [row.name_en, "another"]}
    assert not compare_and_set(row, expected=names | {"region_th": "ไม่ใช่"}, name_en="x")
    assert compare_and_set(row, expected=names, name_en="x")


def test_a_row_that_is_gone_is_not_set(forum):
    row = Province(pk="00", name_en="Nowhere")
    assert not compare_and_set(row, expected={}, name_en="x")
    assert Province.objects.count() == 77
