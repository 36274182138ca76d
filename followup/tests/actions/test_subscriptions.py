"""Following by e-mail: who confirms, what a second request does, what is left of who leaves."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.core.signing import Signer
from django.db import connection
from django.utils import timezone

from followup import actions
from followup.models import Following, NewsMail, RecordEntry, Subscriber
from followup.tests.subscribers import (
    EMAIL,
    WHOLE,
    asked,
    followed,
    of_agency,
    of_province,
    of_resolutions,
    subscribed,
)

pytestmark = pytest.mark.security


def later(**time: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def test_nobody_follows_before_the_owner_confirms(forum):
    row = asked(of_resolutions(3))
    assert not Subscriber.objects.confirmed().exists()
    assert actions.find_subscriber(actions.own_token(row)) is None
    assert actions.find_request(actions.confirm_token(row)) == row
    confirmed = actions.confirm_following(subscriber=row)
    assert confirmed.confirmed_at
    assert followed(confirmed) == ["2565-3"]
    assert actions.find_subscriber(actions.own_token(row)) == row
    assert str(row) == f"ผู้ติดตามทางอีเมล {row.pk}", "a row is named without its address"


def test_a_second_confirmation_changes_nothing(forum):
    row = asked()
    first = actions.confirm_following(subscriber=row).confirmed_at
    assert actions.confirm_following(subscriber=row).confirmed_at == first


def test_a_request_of_a_confirmed_address_adds_once_it_is_confirmed(forum):
    mine = subscribed(of_resolutions(3))
    with later(hours=2):
        more = asked(of_resolutions(3, 5))
        assert followed(mine) == ["2565-3"], "a stranger who knows the address changes nothing"
        assert actions.confirm_following(subscriber=more) == mine
    assert followed(mine) == ["2565-3", "2565-5"]
    assert list(Subscriber.objects.all()) == [mine]
    with later(hours=4):
        whole = actions.confirm_following(subscriber=asked())
    assert followed(whole) == ["all", "2565-3", "2565-5"]
    with pytest.raises(actions.Refused, match="ยืนยันไปแล้ว"):
        actions.confirm_following(subscriber=more)


def test_a_link_that_confirms_expires(forum):
    token = actions.confirm_token(asked())
    with later(days=2, hours=23):
        assert actions.find_request(token)
    with later(days=3, minutes=1):
        assert actions.find_request(token) is None


def test_a_link_serves_its_purpose_alone(forum):
    row = subscribed()
    confirm, own = actions.confirm_token(row), actions.own_token(row)
    assert actions.find_request(own) is None
    assert actions.find_subscriber(confirm) is None
    assert not actions.is_own_token(confirm)
    unsigned = Signer(salt="another", sep=".").sign(row.key)
    assert not actions.is_own_token(unsigned)
    assert actions.find_subscriber(row.key) is None, "the table alone makes no link"


def test_what_is_followed_is_replaced(forum):
    row = subscribed(of_resolutions(1, 2))
    actions.change_following(subscriber=row, choice=of_province("TH-50"))
    assert followed(Subscriber.objects.get()) == ["TH-50"]
    actions.leave(subscriber=row)
    with pytest.raises(actions.Refused, match="เลิกติดตามไปแล้ว"):
        actions.change_following(subscriber=row, choice=WHOLE)


def test_an_empty_choice_and_too_long_a_one_are_refused(forum, monkeypatch):
    with pytest.raises(actions.Refused, match="อย่างน้อยหนึ่งอย่าง"):
        asked(actions.Choice())
    monkeypatch.setattr(actions.subscriptions, "FOLLOWED_MAX", 2)
    with pytest.raises(actions.Refused, match="ไม่เกิน 2 รายการ"):
        asked(of_resolutions(1, 2, 3))
    row = subscribed(of_resolutions(1, 2))
    with pytest.raises(actions.Refused, match="อย่างน้อยหนึ่งอย่าง"):
        actions.change_following(subscriber=row, choice=actions.Choice())
    assert followed(row) == ["2565-1", "2565-2"]


def test_whoever_leaves_leaves_nothing(three_reports):
    row = subscribed(of_agency("CODI"))
    with later(hours=2):
        asked(of_resolutions(1))
        edition = three_reports.snapshots.get()
        actions.queue_news(snapshot=edition, kind="edition", told_at=timezone.now())
        assert NewsMail.objects.count() == 1
        actions.leave(subscriber=row)
    for model in (Subscriber, Following, NewsMail):
        assert not model.objects.exists(), model
    entries = RecordEntry.objects.filter(model="followup.subscriber")
    assert entries.count() == 5  # asked twice, confirmed, two rows removed
    assert EMAIL not in str(list(RecordEntry.objects.values()))


def test_the_office_removes_somebody_who_asks_and_nobody_else_does(forum, people):
    row = subscribed()
    with pytest.raises(actions.base.PermissionDenied):
        actions.remove_subscribers(by=people["staff"], subscribers=[row.pk])
    assert actions.remove_subscribers(by=people["administrator"], subscribers=[row.pk]) == 1
    assert not Subscriber.objects.exists()


# Limits ----------------------------------------------------------------------------------------


def test_an_address_gets_one_mail_an_hour_and_three_a_day(forum):
    asked()
    with pytest.raises(actions.TooMany) as refused:
        asked()
    assert 3500 < refused.value.seconds <= 3600
    assert "ส่งอีกครั้งในอีก 60 นาที" in str(refused.value)
    asked(email="another@example.org")
    for hours in (2, 4):
        with later(hours=hours):
            asked()
    with later(hours=6):
        with pytest.raises(actions.TooMany) as refused:
            asked()
        assert refused.value.seconds > 17 * 3600
    with later(hours=25):
        asked()


def test_it_is_the_same_for_an_address_that_follows_already(forum):
    """Else the answer would tell who follows."""
    subscribed()
    with pytest.raises(actions.TooMany):
        asked()
    with later(hours=2):
        assert asked().confirmed_at is None


def test_all_together_get_so_many_mails_an_hour(forum, settings):
    settings.FOLLOW_MAILS_PER_HOUR = 3
    for number in range(3):
        asked(email=f"{number}@example.org")
    with pytest.raises(actions.TooMany, match="จำนวนมากในชั่วโมงนี้"):
        asked(email="one.more@example.org")
    with later(minutes=61):
        asked(email="one.more@example.org")


def at_once(*calls):
    """What several threads, each with a connection of its own, get at the same moment."""
    start, found = Barrier(len(calls)), []

    def run(call):
        start.wait()
        try:
            found.append(call())
        except actions.Refused as error:
            found.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_moment_one_mails(forum):
    found = at_once(*[asked] * 4)
    assert sorted(type(each).__name__ for each in found) == ["Subscriber", *["TooMany"] * 3]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_the_same_moment_make_one_subscriber(forum):
    one = asked(of_resolutions(1))
    with later(hours=2):
        two = asked(of_resolutions(2))
    at_once(*[lambda row=row: actions.confirm_following(subscriber=row) for row in (one, two, one)])
    (only,) = Subscriber.objects.all()
    assert followed(only) == ["2565-1", "2565-2"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_edition_is_queued_once_by_two_processes(three_reports):
    subscribed()
    edition, now = three_reports.snapshots.get(), timezone.now()

    def queue():
        return actions.queue_news(snapshot=edition, kind="edition", told_at=now)

    assert sorted(at_once(queue, queue)) == [False, True]
    assert NewsMail.objects.count() == 1
