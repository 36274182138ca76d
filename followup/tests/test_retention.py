"""Each kind of personal data is kept for its time and no longer, and what is needed stays."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from followup import actions, chain, retention
from followup.models import (
    Agency,
    AgencyLink,
    Assignment,
    Digest,
    Feedback,
    FocalPoint,
    LinkUse,
    RecordEntry,
    SentMail,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    User,
)
from followup.tests.factories import make_report
from followup.tests.subscribers import asked, subscribed
from followup.tests.visitors import CONTACT, TEXT, write

pytestmark = pytest.mark.security

CACHE_TABLE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}


def count(rows):
    """How many of each kind, as (kind's number, count), without those with none."""
    return [(number, each) for number, each in enumerate(rows.values()) if each]


(
    SESSIONS,
    COUNTERS,
    UPLOADS,
    DIGESTS,
    USES,
    CONTACTS,
    ACCOUNTS,
    MAILS,
    SENDERS,
    MESSAGES,
    REQUESTS,
    NEWS,
) = range(12)


def purged():
    """What is counted before is removed, and a second purge finds nothing."""
    expected = count(retention.due())
    found = count(retention.purge())
    assert found == expected
    assert count(retention.due()) == count(retention.purge()) == []
    return found


def test_expired_sessions_and_counters_go_at_once(people, sign_in, settings):
    settings.CACHES = {"default": CACHE_TABLE}
    sign_in(people["staff"])
    cache.set("dead-link:x", 1, 600)
    assert purged() == []
    with time_machine.travel(timezone.now() + timedelta(seconds=700), tick=False):
        cache.set("dead-link:y", 1, 600)
        assert purged() == [(COUNTERS, 1)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key FROM portal_cache")
            assert [key for (key,) in cursor.fetchall()] == [":1:dead-link:y"]
    later = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)
    with time_machine.travel(later, tick=False):
        sign_in(people["reviewer"])
        assert purged() == [(SESSIONS, 1), (COUNTERS, 1)]
        assert Session.objects.count() == 1


def test_digests_are_kept_for_their_days(people, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"digests": 7}
    today = timezone.localdate()
    for days in (0, 7, 8, 30):
        Digest.objects.create(user=people["staff"], day=today - timedelta(days=days))
    assert purged() == [(DIGESTS, 2)]
    assert [(today - each.day).days for each in Digest.objects.all()] == [0, 7]


def test_messages_lose_their_senders_after_their_days(people, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"feedback": 7, "feedback_unanswered": 30}
    rows = {name: write(text=f"{TEXT} {name}", contact=CONTACT) for name in ("answered", "waiting")}
    by = {"by": people["staff"], "version": 0}
    actions.answer_feedback(feedback=rows["answered"], answer="ตอบแล้ว", **by)

    def left():
        every = Feedback.objects.order_by("pk")
        return [(bool(each.sender), bool(each.contact), bool(each.text)) for each in every]

    today = timezone.now()
    assert purged() == []
    for days, found, kept in (
        (1, [(SENDERS, 2)], [(False, True, True)] * 2),
        (6, [], [(False, True, True)] * 2),
        (8, [(MESSAGES, 1)], [(False, False, False), (False, True, True)]),
        (29, [], [(False, False, False), (False, True, True)]),
        (31, [(MESSAGES, 1)], [(False, False, False), (False, False, True)]),
    ):
        with time_machine.travel(today + timedelta(days=days), tick=False):
            assert purged() == found, days
            assert left() == kept, days
    with time_machine.travel(today + timedelta(days=32), tick=False):
        actions.answer_feedback(feedback=rows["waiting"], answer="ตอบช้า", **by)
    with time_machine.travel(today + timedelta(days=40), tick=False):
        assert purged() == [(MESSAGES, 1)], "the text goes after the answer"
        assert left()[1] == (False, False, False)


def test_notes_of_e_mails_are_kept_for_their_days(open_round, codi, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"mails": 7}
    for days in (0, 6, 8, 30):
        SentMail.objects.create(
            sending=uuid4(),
            round=open_round,
            agency=codi,
            content="link",
            at=timezone.now() - timedelta(days=days),
        )
    assert purged() == [(MAILS, 2)]
    assert SentMail.objects.count() == 2


def test_a_request_that_nobody_confirms_goes_after_its_days(forum, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"unconfirmed": 7}
    asked(email="waits@example.org")
    mine = subscribed(email="mine@example.org")
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        assert REQUESTS not in dict(purged())
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"unconfirmed": 0}
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        assert REQUESTS not in dict(purged()), "the limit of a day needs it"
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert dict(purged())[REQUESTS] == 1
    assert list(Subscriber.objects.all()) == [mine]


def test_notes_of_news_go_after_their_days_and_no_edition_is_told_again(three_reports, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"news": 1}
    subscribed()
    told = {"snapshot": three_reports.snapshots.get(), "kind": "edition", "told_at": timezone.now()}
    assert actions.queue_news(**told)
    assert purged() == []
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert purged() == [(NEWS, 1)]
        assert not actions.queue_news(**told)


def test_abandoned_uploads_go_after_a_day(open_round, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    SpreadsheetImport.objects.create(round=open_round, file_name="ก.xlsx").upload().touch()
    (settings.IMPORT_FOLDER / "left").mkdir()
    assert purged() == []
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert (UPLOADS, 2) in purged()
    assert list(settings.IMPORT_FOLDER.iterdir()) == []


def test_uses_of_a_link_are_kept_until_it_has_ended_and_its_round_is_published(
    open_round, people, issued, codi, settings, monkeypatch
):
    monkeypatch.setattr(actions.links, "ERASED_AT_ONCE", 2)
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"link_uses": 100}
    staff, reviewer = people["staff"], people["reviewer"]
    other = actions.issue_link(round_=open_round, agency=codi, by=staff)
    for user in (None, staff, reviewer):
        actions.note_opened(link=issued, user=user)
    actions.note_opened(link=other)
    actions.revoke_link(link=issued, by=staff)
    with time_machine.travel(timezone.now() + timedelta(days=99), tick=False):
        assert LinkUse.objects.count() == 4
        assert (USES, 3) not in count(retention.due())
    later = timezone.now() + timedelta(days=101)
    AgencyLink.objects.filter(pk=other.pk).update(expires_at=later)
    with time_machine.travel(later, tick=False):
        assert USES not in dict(count(retention.due())), "four eyes: the round is not published"
        actions.close_round(round_=open_round, by=staff)
        actions.publish_round(round_=open_round, by=reviewer)
        chain.begin()
        assert (USES, 3) in purged()
        assert [each.link for each in LinkUse.objects.all()] == [other]
        doors = RecordEntry.objects.filter(act="erased").order_by("pk")
        assert [each.about for each in doors] == [
            {"rows": {"followup_linkuse delete": 2}},
            {"rows": {"followup_linkuse delete": 1}},
        ]
        chain.verify()


def contact(code):
    agency = Agency.objects.get(code=code)
    return FocalPoint.objects.create(agency=agency, name=f"ผู้ประสานงาน {code}", phone="1")


def test_contacts_of_an_agency_that_ended_go_after_their_time(forum, people, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"focal_points": 365}
    none = Agency.objects.filter(assignments=None, successor=None)[0]
    for code in ("CODI", "MSDHS", "SWF", "DOPA"):
        contact(code)
    contact(none.code)
    ended = {"CODI": 2568, "SWF": 2569}
    for code, year in ended.items():
        Assignment.objects.filter(agency__code=code).update(valid_to=year)
    # 1 October 2568 is the first day after CODI's end; it is kept for 365 days from there.
    with time_machine.travel(date(2026, 9, 30), tick=False):
        assert purged() == []
    with time_machine.travel(date(2026, 10, 2), tick=False):
        assert (CONTACTS, 1) in purged()
    assert not FocalPoint.objects.filter(agency__code="CODI").exists()
    assert FocalPoint.objects.count() == 4
    Agency.objects.filter(code="DOPA").update(successor=none)
    with time_machine.travel(date(2026, 10, 2), tick=False):
        assert purged() == [], "it still answers for its measures"
        Assignment.objects.filter(agency__code="DOPA").update(valid_to=2565)
        assert purged() == [(CONTACTS, 1)]
    entry = RecordEntry.objects.filter(act="removed").last()
    assert (entry.by, entry.model) == (None, "followup.focalpoint")


def test_who_still_has_a_report_to_give_is_still_reached(open_round, people, settings):
    contact("CODI")
    Assignment.objects.filter(agency__code="CODI").update(valid_to=2566)
    with time_machine.travel(date(2030, 1, 1), tick=False):
        assert StatusReport.objects.filter(assignment__agency__code="CODI").exists()
        assert CONTACTS not in dict(count(retention.due()))
        actions.close_round(round_=open_round, by=people["staff"])
        actions.publish_round(round_=open_round, by=people["reviewer"])
        assert (CONTACTS, 1) in purged()


def test_inactive_accounts_are_erased_after_their_time(open_round, people, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"accounts": 30}
    gone, back, busy = people["colleague"], people["outsider"], people["staff"]
    report = make_report(open_round, "1.2", by=gone, state="draft")
    User.objects.filter(pk__in=[gone.pk, back.pk]).update(is_active=False)
    now = timezone.now()
    assert purged() == [], "their time begins"
    with time_machine.travel(now + timedelta(days=20), tick=False):
        User.objects.filter(pk=back.pk).update(is_active=True)
        assert purged() == []
        User.objects.filter(pk=back.pk).update(is_active=False)
        assert purged() == [], "and begins anew"
    with time_machine.travel(now + timedelta(days=31), tick=False):
        assert dict(purged())[ACCOUNTS] == 1
    for user in (gone, back, busy):
        user.refresh_from_db()
    assert str(gone) == f"ผู้ใช้ที่ลบแล้ว (รหัส {gone.pk})"
    assert (str(back), str(busy)) == ("คุณoutsider", "คุณstaff")
    report.refresh_from_db()
    assert report.updated_by == gone
    door = RecordEntry.objects.get(act="erased")
    assert (door.by, door.key) == (None, str(gone.pk))


def test_a_login_shortly_before_counts_as_well(people, settings):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {"accounts": 30}
    now = timezone.now()
    accounts = User.objects.filter(pk=people["colleague"].pk)
    accounts.update(
        is_active=False,
        inactive_since=now - timedelta(days=90),
        last_login=now - timedelta(days=3),
    )
    assert purged() == []
    accounts.update(last_login=now - timedelta(days=31))
    assert purged() == [(ACCOUNTS, 1)]
