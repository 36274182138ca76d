"""The dataset of the provinces: every province in every year, for all forums and for each."""

from followup.models import Province
from followup.tests.opendata.reading import json_of


def test_every_province_has_a_row_in_each_year_and_level(data):
    rows = json_of("areas")
    keys = [row["area_id"] for row in rows]
    assert len(keys) == len(set(keys))
    levels = {(row["year_be"], row["forum_year_be"]) for row in rows}
    assert len(rows) == len(levels) * Province.objects.count()
    assert {"2568-TH-40", "2568-2565-TH-40"} <= set(keys)


def test_what_names_few_is_part_of_what_names(demo):
    rows = json_of("areas")
    assert all(
        row["reports_naming_few"] <= row["reports"] <= row["reports_received"] for row in rows
    )
    (one,) = [row for row in rows if row["area_id"] == "2568-TH-40"]
    assert (one["reports"], one["reports_naming_few"], one["reports_received"]) == (8, 5, 65)


def test_a_province_can_be_asked_for(demo, visitor):
    asked = visitor.get("/data/areas.json?year=2568&province=TH-40").json()
    rows = asked if isinstance(asked, list) else asked["rows"]
    assert {row["province_iso"] for row in rows} == {"TH-40"}
