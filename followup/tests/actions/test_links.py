"""Links for agencies: issued, replaced, ended."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.signing import Signer

from followup import actions
from followup.actions import Refused
from followup.models import Agency, AgencyLink
from followup.tests.factories import dump
from followup.tests.links import DEAD, path_of
from followup.tests.sentences import LAST_DAY_IS_PAST, LINK_EXISTS

MIDNIGHT = datetime(2026, 12, 14, 17, 0, tzinfo=UTC)  # the end of 14 December in Bangkok


pytestmark = pytest.mark.usefixtures("clock")


def test_a_link_works_until_two_weeks_after_reports_are_due(issued, people):
    assert issued.expires_at == MIDNIGHT
    assert issued.last_day.isoformat() == "2026-12-14"
    assert (issued.issued_by, issued.issued_at) == (people["staff"], issued.issued_at)


@pytest.mark.parametrize(
    ("moment", "status"),
    [(MIDNIGHT - timedelta(seconds=1), 200), (MIDNIGHT, 404), (MIDNIGHT + timedelta(days=1), 404)],
)
def test_a_link_ends_with_its_last_day_in_bangkok(issued, visitor, clock, moment, status):
    clock.move_to(moment, tick=False)
    assert visitor.get(path_of(issued)).status_code == status


def test_a_late_link_still_gets_two_weeks_and_an_early_one_no_more_than_120_days(
    open_round, people, msdhs, clock
):
    clock.move_to(datetime(2026, 12, 20, 3, tzinfo=UTC))
    assert actions.default_expiry(open_round).isoformat() == "2027-01-03"
    clock.move_to(datetime(2026, 7, 1, 3, tzinfo=UTC))
    assert actions.default_expiry(open_round).isoformat() == "2026-10-29"


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-21", LAST_DAY_IS_PAST),
        ("2027-03-23", "ลิงก์ใช้ได้ไม่เกิน 120 วันนับจากวันนี้"),
    ],
)
def test_a_last_day_has_its_bounds(open_round, people, msdhs, day, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.issue_link(
            round_=open_round,
            agency=msdhs,
            by=people["staff"],
            expires_on=datetime.fromisoformat(day).date(),
        )
    assert not AgencyLink.objects.exists()


def test_links_are_for_open_rounds_and_agencies_with_something_to_report(open_round, people, msdhs):
    idle = Agency.objects.filter(assignments=None).first()
    with pytest.raises(Refused, match="หน่วยงานนี้ไม่มีรายการที่ต้องรายงานในรอบนี้"):
        actions.issue_link(round_=open_round, agency=idle, by=people["staff"])
    with pytest.raises(PermissionDenied):
        actions.issue_link(round_=open_round, agency=msdhs, by=people["outsider"])
    actions.close_round(round_=open_round, by=people["staff"])
    with pytest.raises(Refused, match="ออกลิงก์ได้เฉพาะรอบที่เปิดรับรายงาน"):
        actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])


def test_a_new_link_takes_the_place_of_the_one_that_was_seen(issued, open_round, people, msdhs):
    with pytest.raises(Refused, match=LINK_EXISTS):
        actions.issue_link(round_=open_round, agency=msdhs, by=people["colleague"])
    new = actions.issue_link(
        round_=open_round, agency=msdhs, by=people["colleague"], replaces=issued.pk
    )
    issued.refresh_from_db()
    assert (issued.revoked_by, issued.revoked_at is not None) == (people["colleague"], True)
    assert actions.find_link(actions.token_of(issued)) is None
    assert actions.find_link(actions.token_of(new)) == new


def test_an_expired_link_needs_no_confirmation_to_be_replaced(
    issued, open_round, people, msdhs, clock
):
    clock.move_to(MIDNIGHT)
    assert actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"]).pk != issued.pk


def test_the_database_holds_nothing_that_opens_a_page(issued, visitor):
    assert actions.token_of(issued) not in str(dump())
    assert issued.key in str(dump())
    for guess in issued.key, Signer(sep=".").sign(issued.key), f"{issued.key}.", "ก.ข":
        page = visitor.page(f"/r/{guess}/", status=404)
        assert page.one("h1").text == DEAD
