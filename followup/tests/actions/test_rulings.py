"""The committee sets a status: stored, changed, withdrawn, and told with its meeting."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions, corrections, history
from followup.actions import Conflict
from followup.models import Ruling, Snapshot
from followup.tests.actions.verbs import refused
from followup.tests.editions import correct, publish_three_reports
from followup.tests.factories import measure_of
from followup.tests.sentences import PRINCIPLE_NEVER_DONE
from forum_portal.stored_version import version_of
from proposals.models import Forum, Measure, MeasureKind, Resolution

DECIDED = {
    "status": "on_hold",
    "meeting_ref": "3/2569",
    "meeting_on": date(2026, 10, 12),
    "note": "รอระเบียบใหม่",
}


@pytest.fixture(autouse=True)
def clock(on_20_november):
    """The meetings of these tests were held."""


def rule(round_, by, subject=None, seen="", **changes):
    on = subject or measure_of("2565-1.2")
    return actions.rule(round_=round_, subject=on, by=by, seen=seen, **DECIDED | changes)


def version(ruling):
    return version_of(ruling, actions.RULING_FIELDS)


def test_a_ruling_is_stored_changed_and_withdrawn_each_with_its_sentence(open_round, people):
    made = rule(open_round, people["reviewer"])
    seen = version(made)
    changed = rule(open_round, people["administrator"], seen=seen, status="continuous")
    assert (changed.pk, Ruling.objects.get().status) == (made.pk, "continuous")
    actions.withdraw_ruling(ruling=changed, by=people["reviewer"], seen=version(changed))
    assert not Ruling.objects.exists()
    told = [
        each for each in history.entries(round_=open_round, limit=300)[0] if "มติ" in each.sentence
    ]
    assert [(each.who, each.sentence) for each in told] == [
        (str(people["reviewer"]), "ถอนมติ คสป. ที่กำหนดสถานะ"),
        (str(people["administrator"]), "แก้ไขมติ คสป. ที่กำหนดสถานะ"),
        (str(people["reviewer"]), "เพิ่มมติ คสป. ที่กำหนดสถานะ"),
    ]
    first = {each.label: each.after for each in told[2].changes}
    assert first["วันที่ประชุม"] == "12 ต.ค. 2569"


def test_a_whole_resolution_is_decided_on_beside_its_measures(open_round, people):
    rule(open_round, people["reviewer"])
    rule(open_round, people["reviewer"], Resolution.objects.get(number=1))
    assert {each.subject.full_code for each in Ruling.objects.all()} == {"2565-1", "2565-1.2"}


def test_what_a_decision_lacks_is_said_by_field(open_round, people):
    call = {"round_": open_round, "subject": measure_of("2565-1.2"), "by": people["reviewer"]}
    assert refused(
        actions.rule, **call, seen="", status="no_report", meeting_ref="", meeting_on=None
    ) == {
        "status": "เลือกสถานะที่ คสป. กำหนด",
        "meeting_ref": "ระบุครั้งที่ประชุม คสป. ที่มีมติ เช่น 2/2567",
        "meeting_on": "ระบุวันที่ประชุมที่มีมติ เช่น 20/12/2567",
    }
    future = DECIDED | {"meeting_on": date(2026, 11, 21)}
    assert refused(actions.rule, **call, seen="", **future) == {
        "meeting_on": "วันที่ 21 พฤศจิกายน 2569 ยังมาไม่ถึง ระบุวันที่ คสป. มีมติแล้ว"
    }


def test_a_principle_is_not_completed_by_decision_either(open_round, people):
    principle = Measure.objects.filter(kind=MeasureKind.PRINCIPLE).first()
    assert principle
    with pytest.raises(actions.Refused) as error:
        rule(open_round, people["reviewer"], principle, status="completed")
    assert error.value.messages == {"status": PRINCIPLE_NEVER_DONE}


def test_of_two_who_decide_the_second_sees_the_first(open_round, people):
    made = rule(open_round, people["reviewer"])
    for seen in ("", "0" * 32):
        with pytest.raises(Conflict) as conflict:
            rule(open_round, people["administrator"], seen=seen, note="อื่น")
        assert conflict.value.current == made
    with pytest.raises(Conflict):
        actions.withdraw_ruling(ruling=made, by=people["reviewer"], seen="")
    seen = version(made)
    actions.withdraw_ruling(ruling=made, by=people["reviewer"], seen=seen)
    made.pk = 1
    gone = {"": "มตินี้มีผู้ถอนไปแล้ว เปิดหน้าใหม่ แล้วบันทึกอีกครั้งหากยังต้องการ"}
    subject = measure_of("2565-1.2")
    call = {"round_": open_round, "subject": subject, "by": people["reviewer"], "seen": seen}
    assert refused(actions.rule, **call, **DECIDED) == gone


def test_a_published_rounds_rulings_stay_until_it_is_reopened(open_round, people):
    made = rule(open_round, people["reviewer"])
    publish_three_reports(open_round, people)
    published = {"": "ปีงบประมาณ 2569 เผยแพร่แล้ว เปิดแก้ไขรอบพร้อมเหตุผลก่อน จึงบันทึกมติได้"}
    call = {"by": people["reviewer"], "seen": version(made)}
    assert refused(actions.withdraw_ruling, ruling=made, **call) == published
    subject = measure_of("2565-1.2")
    assert refused(actions.rule, round_=open_round, subject=subject, **call, **DECIDED) == published


def test_only_reviewers_decide(open_round, people):
    with pytest.raises(PermissionDenied):
        rule(open_round, people["staff"])
    made = rule(open_round, people["reviewer"])
    with pytest.raises(PermissionDenied):
        actions.withdraw_ruling(ruling=made, by=people["staff"], seen=version(made))


def test_what_a_round_does_not_follow_up_is_not_decided_on_there(open_round, people):
    Forum.objects.update(followed_from=2570)
    with pytest.raises(actions.Refused, match="รอบนี้ไม่ได้ติดตามเรื่องนี้"):
        rule(open_round, people["reviewer"])


def test_a_correction_tells_the_new_date_of_the_meeting(open_round, people):
    made = rule(open_round, people["reviewer"])
    published = publish_three_reports(open_round, people)
    correct(published, people, publish=False)
    later = date(2026, 11, 2)
    rule(published, people["reviewer"], seen=version(made), meeting_on=later)
    actions.publish_round(round_=published, by=people["reviewer"])
    changes = corrections.describe(Snapshot.objects.get(number=2), several_forums=False)
    told = {each.label: (each.before, each.after) for each in changes}
    assert told["วันที่ประชุมที่มีมติ"] == ("12 ตุลาคม 2569", "2 พฤศจิกายน 2569")
