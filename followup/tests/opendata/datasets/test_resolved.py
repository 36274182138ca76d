"""Forums with their first and last rounds, and how measures of different forums relate."""

from datetime import date

from followup.tests.opendata.reading import api_of, csv_of
from proposals.models import Forum, Measure, Relation, Resolution, SdgTarget


def test_a_forum_says_from_when_to_when_it_is_followed_up(second_forum):
    Forum.objects.filter(year_be=2565).update(
        concluded_after=2568,
        concluded_reason="ครบทุกข้อ",
        concluded_ref="1/2569",
        concluded_on=date(2026, 1, 5),
    )
    first, second = api_of("forums")
    assert (first["followed_from_be"], first["followed_from_ce"]) == (2565, 2022)
    assert (first["concluded_after_be"], first["concluded_after_ce"]) == (2568, 2025)
    assert first["concluded_reason_th"] == "ครบทุกข้อ"
    assert (first["concluded_by_meeting"], first["concluded_on"]) == ("1/2569", "2026-01-05")
    assert second["followed_from_be"] == 2566
    assert {second[name] for name in second if name.startswith("concluded")} == {None}


def test_a_measure_names_the_earlier_one_that_it_goes_back_to(second_forum):
    earlier = Measure.objects.get(resolution__forum__year_be=2565, resolution__number=2, number=2)
    later = Measure.objects.get(resolution__forum=second_forum, resolution__number=2, number=1)
    Measure.objects.filter(pk=later.pk).update(relation=Relation.CONTINUES, earlier=earlier)
    rows = {row["measure_id"]: row for row in api_of("measures")}
    row = rows["2566-2.1"]
    assert (row["relation_code"], row["relation_th"]) == ("continues", "ต่อเนื่อง")
    assert row["earlier_measure_id"] == "2565-2.2"
    assert rows["2565-2.2"]["relation_code"] is None
    assert [row["earlier_measure_id"] for row in csv_of("measures", "?measure=2566-2.1")] == [
        "2565-2.2"
    ]


def test_a_proposal_names_the_targets_that_the_editors_linked(demo):
    rows = api_of("sdg_links", resolution="2565-1")
    resolution = Resolution.objects.get(forum__year_be=2565, number=1)
    targets = list(resolution.sdg_targets.all())
    assert [row["sdg_target"] for row in rows] == [f"SDG-{each.target}" for each in targets]
    assert rows[0] == {
        "sdg_link_id": "2565-1-SDG-17.17",
        "forum_year_be": 2565,
        "forum_year_ce": 2022,
        "resolution_id": "2565-1",
        "resolution_number": 1,
        "sdg_goal": 17,
        "sdg_target": "SDG-17.17",
        "sdg_target_url": "http://metadata.un.org/sdg/17.17",
        "reason_th": targets[0].justification_th,
    }
    assert len(csv_of("sdg_links")) == SdgTarget.objects.count()


def test_what_is_no_target_of_the_united_nations_has_no_address_there(demo):
    """The admin takes any text."""
    before = api_of("sdg_links")
    SdgTarget.objects.filter(target="17.17", resolution__number=1).update(target="ทุกข้อ")
    assert len(api_of("sdg_links")) == len(before) - 1
