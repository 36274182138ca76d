"""A forum's follow-up is concluded by the committee, and taken up again."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.models import RecordEntry, Round
from followup.tests.factories import find_report, make_report
from proposals.models import Forum

DECISION = {
    "after": 2568,
    "reason": "ทุกข้อบรรลุแล้ว",
    "meeting_ref": "5/2569",
    "meeting_on": date(2026, 9, 1),
}


def conclude(forum, people, **changes):
    return actions.conclude_forum(forum=forum, by=people["administrator"], **DECISION | changes)


def refusal(forum, people, **changes):
    """The messages of a refused conclusion, which leaves the stored row as it was."""
    with pytest.raises(actions.Refused) as refused:
        conclude(forum, people, **changes)
    assert not Forum.objects.filter(pk=forum.pk, concluded_after__isnull=False).exists()
    return refused.value.messages


def expected(year):
    """Reports that a round expects: forum's year -> their number."""
    found: dict[int, int] = {}
    for each in Round.objects.get(year_be=year).reports.with_context():
        forum = each.measure.resolution.forum.year_be
        found[forum] = found.get(forum, 0) + 1
    return found


def test_a_concluded_forum_leaves_the_open_round_and_the_other_stays(
    second_forum, open_round, people
):
    first = Forum.objects.get(year_be=2565)
    assert expected(2569) == {2565: 103, 2566: 8}
    conclude(first, people)
    assert expected(2569) == {2566: 8}
    stored = Forum.objects.get(pk=first.pk)
    assert (stored.concluded_after, stored.concluded_ref) == (2568, "5/2569")
    assert stored.concluded_on == date(2026, 9, 1)
    entry = RecordEntry.objects.latest("pk")
    assert (entry.by, entry.model) == (people["administrator"], "proposals.forum")


def test_taken_up_again_it_is_expected_again(second_forum, open_round, people):
    first = Forum.objects.get(year_be=2565)
    conclude(first, people)
    actions.resume_forum(forum=first, by=people["administrator"])
    assert expected(2569) == {2565: 103, 2566: 8}
    assert not Forum.objects.get(pk=first.pk).is_concluded
    with pytest.raises(actions.Refused, match="เวทีนี้ไม่ได้สรุปการติดตามไว้"):
        actions.resume_forum(forum=first, by=people["administrator"])


@pytest.mark.parametrize("who", ["staff", "reviewer", "outsider"])
def test_only_administrators_conclude(forum, people, who):
    with pytest.raises(PermissionDenied):
        actions.conclude_forum(forum=forum, by=people[who], **DECISION)
    with pytest.raises(PermissionDenied):
        actions.resume_forum(forum=forum, by=people[who])


def test_a_decision_has_a_reason_and_a_meeting(forum, people):
    assert refusal(forum, people, reason="", meeting_ref="", meeting_on=None) == {
        "reason": "ระบุเหตุผลที่สรุปการติดตาม",
        "meeting_ref": "ระบุครั้งที่ของการประชุม คสป. เช่น 5/2569",
        "meeting_on": "ระบุวันที่ของการประชุม เช่น 20/12/2569",
    }


def test_the_last_round_is_none_before_the_first(second_forum, people):
    assert refusal(second_forum, people, after=2565) == {
        "after": "เวทีนี้เริ่มติดตามรอบ 2566 ระบุรอบนั้นหรือหลังจากนั้น"
    }


def test_what_was_published_stays_in_its_rounds(demo, people):
    assert refusal(Forum.objects.get(), people, after=2567) == {
        "after": "รอบ 2568 เผยแพร่แล้วและติดตามเวทีนี้ ระบุรอบนั้นหรือหลังจากนั้น"
    }


def test_a_written_report_is_not_lost(open_round, people):
    make_report(open_round, by=people["staff"], state="draft")
    assert refusal(Forum.objects.get(), people) == {
        "after": "รอบ 2569 มีรายงานของเวทีนี้ที่บันทึกแล้ว 1 รายการ ระบุรอบนั้นเป็นรอบสุดท้าย"
    }
    assert find_report(open_round, "1.1").pk


def test_two_people_conclude_once(forum, people):
    one, other = Forum.objects.get(), Forum.objects.get()
    conclude(one, people)
    with pytest.raises(actions.Refused, match="เวทีนี้สรุปการติดตามไปแล้ว"):
        conclude(other, people, after=2570)
    assert Forum.objects.get().concluded_after == 2568


def test_a_round_published_without_it_keeps_it_concluded(second_forum, open_round, people):
    first = Forum.objects.get(year_be=2565)
    conclude(first, people)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    with pytest.raises(actions.Refused, match="มีรอบที่เผยแพร่แล้วโดยไม่ติดตามเวทีนี้"):
        actions.resume_forum(forum=first, by=people["administrator"])
