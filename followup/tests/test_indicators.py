"""An indicator over the years: what is joined, what is compared, and what changed."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from followup import snapshots, standing
from followup.indicators import change_in_words, redefined_in_words, series, series_of
from followup.models import Round
from followup.standing import Told
from followup.tests.factories import find_report, make_report
from followup.tests.test_standing import years  # noqa: F401  a fixture

NAME = "จำนวนภาคีที่ส่งเนื้อหาสม่ำเสมอ"


def told(year, months=12, **values):
    return Told(
        year,
        months,
        None,
        {
            name: Decimal(value) if isinstance(value, int) else value
            for name, value in values.items()
        },
    )


def defined(year, value=None, *, name=NAME, unit="ภาคี", months=12, **more):
    said = {"indicator": name, "indicator_unit": unit, **more}
    return told(year, months, **said, **({} if value is None else {"indicator_value": value}))


def to(year, *every, months=12):
    return series_of(every, Round(year_be=year, months=months))


def values(stretch):
    return [
        (each.round.year_be, None if each.value is None else int(each.value))
        for each in stretch.readings
    ]


FROM_6_TO_11 = {"indicator_baseline": 6, "indicator_target": 11}


def test_a_value_alone_is_one_of_the_indicator_that_stands():
    shown = to(2568, defined(2566, 6, **FROM_6_TO_11), told(2567, indicator_value=9))
    (stretch,) = shown.stretches
    assert values(stretch) == [(2566, 6), (2567, 9), (2568, None)], "the last year has none, not 0"
    assert (stretch.definition.name, stretch.definition.unit) == (NAME, "ภาคี")
    assert (stretch.definition.baseline, stretch.definition.target) == (6, 11)
    assert shown.changes == []


def test_a_year_without_a_report_is_a_gap_and_the_next_value_is_compared_with_the_last_one():
    (stretch,) = to(2568, defined(2565, 11), told(2568, indicator_value=9)).stretches
    assert values(stretch) == [(2565, 11), (2566, None), (2567, None), (2568, 9)]
    assert change_in_words(stretch.readings[-1]) == "ลดลง 2 ภาคี จากปี 2565"
    assert [change_in_words(each) for each in stretch.readings[:3]] == ["", "", ""]


@pytest.mark.parametrize(
    ("baseline", "target", "value", "said", "reached"),
    [
        (6, 11, 12, "เพิ่มขึ้น 2 ภาคี จากปี 2567 ไปทางเป้าหมาย", True),
        (6, 11, 9, "ลดลง 1 ภาคี จากปี 2567 สวนทางกับเป้าหมาย", False),
        (20, 5, 9, "ลดลง 1 ภาคี จากปี 2567 ไปทางเป้าหมาย", False),
        (20, 5, 4, "ลดลง 6 ภาคี จากปี 2567 ไปทางเป้าหมาย", True),
        (6, 11, 10, "เท่ากับปี 2567", False),
        (None, 11, 9, "ลดลง 1 ภาคี จากปี 2567", None),
        (6, None, 9, "ลดลง 1 ภาคี จากปี 2567", None),
        (11, 11, 9, "ลดลง 1 ภาคี จากปี 2567", None),
    ],
)
def test_whether_a_change_is_good_is_said_only_if_baseline_and_target_tell(
    baseline, target, value, said, reached
):
    given = {"indicator_baseline": baseline, "indicator_target": target}
    more = {name: number for name, number in given.items() if number is not None}
    (stretch,) = to(2568, defined(2567, 10, **more), told(2568, indicator_value=value)).stretches
    assert change_in_words(stretch.readings[-1]) == said
    assert stretch.readings[-1].is_reached is reached


def test_a_fraction_keeps_its_sign_and_its_decimals():
    (stretch,) = to(
        2568,
        defined(2567, indicator_value=Decimal("41.50"), unit="ร้อยละ"),
        told(2568, indicator_value=Decimal("-3.25")),
    ).stretches
    assert change_in_words(stretch.readings[-1]) == "ลดลง 44.75 ร้อยละ จากปี 2567"


def test_another_unit_or_another_indicator_begins_a_stretch_that_is_not_joined():
    shown = to(
        2568,
        defined(2566, 6, **FROM_6_TO_11),
        defined(2567, 60, unit="คน"),
        defined(2568, 3, name="จำนวนสื่อ", unit="คน"),
    )
    assert [values(each) for each in shown.stretches] == [[(2566, 6)], [(2567, 60)], [(2568, 3)]]
    assert [change_in_words(each.readings[0]) for each in shown.stretches] == ["", "", ""]
    assert shown.standing.definition.target is None, "the target was one of the other unit"
    assert [values(each) for each in shown.earlier] == [[(2566, 6)], [(2567, 60)]]
    assert [redefined_in_words(each) for each in shown.changes] == [
        "เปลี่ยนหน่วยนับจาก ภาคี เป็น คน ในปี 2567",
        "ไม่ได้กำหนดค่าตั้งต้นใหม่ในปี 2567 เดิม 6",
        "ไม่ได้กำหนดเป้าหมายใหม่ในปี 2567 เดิม 11",
        f"เปลี่ยนตัวชี้วัดจาก {NAME} เป็น จำนวนสื่อ ในปี 2568",
    ]


def test_another_target_is_told_and_an_empty_one_changes_nothing():
    shown = to(
        2569,
        defined(2566, 6, indicator_target=11),
        defined(2567, 7),
        defined(2568, 8, indicator_target=8),
        defined(2569, 9, indicator_baseline=5),
    )
    (stretch,) = shown.stretches
    assert [each.definition.target for each in stretch.readings] == [11, 11, 8, 8]
    assert [redefined_in_words(each) for each in shown.changes] == [
        "เปลี่ยนเป้าหมายจาก 11 เป็น 8 ในปี 2568",
        "กำหนดค่าตั้งต้น 5 ในปี 2569",
    ]


def test_a_year_has_the_value_of_its_later_round_and_without_one_that_of_the_earlier():
    (stretch,) = to(2568, defined(2568, 4, months=6), told(2568, indicator_value=5)).stretches
    assert values(stretch) == [(2568, 5)]
    shown = to(2568, defined(2568, 4, months=6), defined(2568, indicator_target=9))
    (reading,) = shown.standing.readings
    assert (reading.value, reading.round.label) == (4, "2568 (6 เดือน)")
    assert reading.definition.target == 9, "as it stands at the year's end"


def test_an_indicator_that_was_changed_after_the_years_value_stands_without_one():
    shown = to(2568, defined(2568, 4, months=6), defined(2568, name="จำนวนสื่อ"))
    assert [values(each) for each in shown.stretches] == [[(2568, 4)], [(2568, None)]]
    assert shown.standing.definition.name == "จำนวนสื่อ"


def test_a_value_before_any_indicator_is_left_out():
    assert to(2568, told(2567, indicator_value=4)) is None
    assert to(2568) is None
    (stretch,) = to(2568, told(2567, indicator_value=4), defined(2568, 5)).stretches
    assert values(stretch) == [(2568, 5)]


# Through rounds, an edition and the page -----------------------------------------------------


def test_an_edition_has_the_values_of_reports_that_tell_nothing_else(
    years,  # noqa: F811
    people,
    django_assert_num_queries,
):
    _first, _second, third = years
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(third, "1.2", indicator=NAME, indicator_unit="ภาคี", indicator_value=11, **write)
    fourth = _published_and_next(third, people)
    make_report(fourth, "1.2", indicator_value=9, **write)
    fifth = _published_and_next(fourth, people)
    make_report(fifth, "1.2", indicator_value=8, **write)
    frozen = snapshots.thaw(snapshots.freeze(fifth))
    report = next(each for each in frozen.reports if each.measure.full_code == "2565-1.2")
    with django_assert_num_queries(0):
        shown = series(report)
    year = third.year_be
    assert values(shown.standing) == [(year, 11), (year + 1, 9), (year + 2, 8)]
    stored = find_report(fifth, "1.2")
    with django_assert_num_queries(1):
        standing.mark([stored])
        assert values(series(stored).standing) == values(shown.standing)


def _published_and_next(round_, people):
    from followup import actions

    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["reviewer"])
    following = actions.create_round(by=people["staff"], year=round_.year_be + 1)
    actions.open_round(round_=following, by=people["staff"])
    return following


def component(report):
    html = render_to_string("components/indicator.html", {"report": report})
    return " ".join(html.split())


@pytest.fixture
def report(open_round, people):
    """A report of 2569 that tells 9, after 11 in 2567 and none in 2568."""
    report = make_report(
        open_round, "1.2", by=people["staff"], state="submitted", indicator_value=None
    )
    report.indicator_value = Decimal(9)
    report.earlier = [defined(2566, 6, **FROM_6_TO_11), told(2567, indicator_value=11)]
    return report


def test_the_page_shows_the_line_and_the_same_in_a_table(report):
    html = component(report)
    assert "<b>9</b> ภาคี" in html
    assert "ลดลง 2 ภาคี จากปี 2567 สวนทางกับเป้าหมาย" in html
    assert "ยังไม่ถึงเป้าหมาย" in html
    assert html.count('class="ind__p"') == 3
    assert html.count('class="ind__l"') == 1, "not across the year without a value"
    assert html.count("<tr>") == 1 + 4
    assert '<th scope="row">2568</th> <td class="r none">ไม่ได้แจ้งค่า</td>' in html
    assert "%" not in html.replace("%;", "").replace('%"', ""), "no percentage but of lengths"


def test_the_table_says_how_far_a_value_moved_and_the_line_above_it_since_when(report):
    html = component(report)
    (row,) = [each for each in html.split("<tr>") if ">2569</th>" in each]
    assert "ลดลง 2</span>" in row
    assert "#c-down" in row
    report.indicator_value = Decimal(11)
    assert "เท่าเดิม</span>" in component(report)
    report.indicator_value = Decimal("12.5")
    assert "เพิ่มขึ้น 1.5</span>" in component(report)


def test_nothing_is_shown_without_an_indicator(report):
    report.earlier = []
    assert component(report) == ""


def test_in_english_the_agencys_words_are_marked_as_thai_and_escaped(report):
    report.indicator, report.indicator_unit = "จำนวน <b>สื่อ</b>", "คน"
    with translation.override("en"):
        html = component(report)
    assert "จำนวน &lt;b&gt;สื่อ&lt;/b&gt;" in html
    assert "<b>สื่อ" not in html
    assert '<span lang="th">คน</span>' in html
    assert "Indicator changed from" in html
    assert "in 2026 (B.E. 2569)" in html
