"""How the secretariat reaches an agency: people, letters, links."""

from datetime import UTC, date, datetime

import pytest

from followup.models import Agency, AgencyLink, Digest, FocalPoint, Letter, LinkUse, Round, User


@pytest.mark.parametrize(
    ("expires_at", "last_day"),
    [
        (datetime(2026, 12, 14, 17, tzinfo=UTC), date(2026, 12, 14)),  # midnight in Bangkok
        (datetime(2026, 12, 14, 17, 0, 1, tzinfo=UTC), date(2026, 12, 15)),
        (datetime(2026, 12, 31, 17, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_the_last_day_of_a_link_is_the_one_before_the_midnight_that_ends_it(expires_at, last_day):
    assert AgencyLink(expires_at=expires_at).last_day == last_day


def test_rows_say_what_they_are():
    link = AgencyLink(round=Round(year_be=2569), agency=Agency(name_th="กรม", abbr_th="พม."))
    assert str(link) == "2569 พม."
    assert str(LinkUse(link=link, act=LinkUse.Act.SAVED)) == "2569 พม. บันทึกร่าง"
    assert str(Letter(number="พม 0305/1")) == "พม 0305/1"
    assert str(FocalPoint(name="สมศรี")) == "สมศรี"
    assert str(Digest(day=date(2026, 9, 30), user=User(username="a"))) == "2026-09-30 a"


def test_the_main_focal_point_comes_first_and_the_others_by_name(codi):
    for name, is_main in [("ข", False), ("ค", True), ("ก", False)]:
        FocalPoint.objects.create(agency=codi, name=name, phone="1", is_main=is_main)
    assert [each.name for each in codi.focal_points.all()] == ["ค", "ก", "ข"]
