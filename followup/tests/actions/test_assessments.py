"""The verbs on the independent voice: who may do what, and what is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from followup import actions, permissions
from followup.actions import Conflict
from followup.models import Assessment, AssessmentState, AssessorLink, Ground, Organisation
from followup.tests.actions.verbs import lacking, refused
from followup.tests.assessing import (
    PROOF,
    accept,
    accepted,
    invite,
    make_organisation,
    save,
    send,
)
from followup.tests.factories import measure_of
from forum_portal.stored_version import version_of


@pytest.fixture
def link(open_round, people):
    return invite(open_round, people["staff"])


# Organisations and their links -----------------------------------------------------------------------


def test_one_number_registers_one_organisation(people):
    made = make_organisation(people["staff"], registration_number="1/2565")
    assert made.is_active
    assert made.invited_by == people["staff"]
    again = {"by": people["staff"], "fields": {"name_th": "อีกชื่อ", "registration_number": "1/2565"}}
    assert set(refused(actions.register_organisation, **again)) == {"registration_number"}
    empty = refused(actions.register_organisation, by=people["staff"], fields={})
    assert set(empty) == {"name_th", "registration_number"}
    with pytest.raises(PermissionDenied):
        make_organisation(people["outsider"])


def test_a_changed_organisation_is_compared_with_what_was_seen(people):
    made = make_organisation(people["staff"])
    seen = version_of(made, actions.ORGANISATION_FIELDS)
    fields = {"name_th": "ชื่อใหม่", "registration_number": "9"}
    change = {"organisation": made, "by": people["colleague"], "seen": seen, "fields": fields}
    assert actions.change_organisation(**change).name_th == "ชื่อใหม่"
    with pytest.raises(Conflict):
        actions.change_organisation(**change)


def test_an_ended_organisation_has_no_link_that_works(open_round, people, link):
    token = actions.token_of(link)
    assert actions.find_assessor_link(token) == link
    ended = actions.end_organisation(organisation=link.organisation, by=people["staff"])
    assert actions.find_assessor_link(token) is None
    assert "สิ้นสุด" in str(
        refused(
            actions.issue_assessor_link,
            round_=open_round,
            organisation=ended,
            by=people["staff"],
        )
    )
    actions.resume_organisation(organisation=ended, by=people["staff"])
    assert actions.find_assessor_link(token) is None, "it needs a new link"
    assert invite(open_round, people["staff"], Organisation.objects.get())


def test_a_link_ends_with_its_day_its_revocation_and_its_round(open_round, people, link):
    def works():
        return actions.find_assessor_link(actions.token_of(link)) is not None

    assert works()
    AssessorLink.objects.update(
        expires_at=timezone.now() - timedelta(seconds=1), issued_at="2020-01-01T00:00Z"
    )
    assert not works()
    AssessorLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert works()
    actions.close_round(round_=open_round, by=people["staff"])
    assert works(), "an assessment may come until the publication"
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert not works()


def test_a_revoked_link_opens_nothing_and_a_second_one_replaces_only_what_was_seen(
    open_round, people, link
):
    again = {"round_": open_round, "organisation": link.organisation, "by": people["colleague"]}
    assert "อยู่แล้ว" in str(refused(actions.issue_assessor_link, **again))
    newer = actions.issue_assessor_link(**again, replaces=link.pk)
    assert actions.find_assessor_link(actions.token_of(link)) is None
    assert actions.find_assessor_link(actions.token_of(newer)) == newer
    actions.revoke_link(link=newer, by=people["staff"], reason="ส่งผิด")
    assert actions.find_assessor_link(actions.token_of(newer)) is None


def test_a_link_of_one_kind_is_none_of_the_other(link, issued):
    assert actions.find_link(actions.token_of(link)) is None
    assert actions.find_assessor_link(actions.token_of(issued)) is None
    # Not even with the other one's key: each kind has a signature of its own.
    AssessorLink.objects.filter(pk=link.pk).update(key=issued.key)
    assert actions.find_assessor_link(actions.token_of(issued)) is None


# The organisation's road -----------------------------------------------------------------------------


def test_a_draft_becomes_an_accepted_assessment(people, link):
    saved = save(link, "2565-1.2", status="", reason="", evidence=[])
    assert (saved.state, saved.version) == (AssessmentState.DRAFT, 1)
    saved = save(link, "2565-1.2", version=1)
    sent = actions.submit_assessment(link=link, assessment=saved, version=2)
    assert sent.state == AssessmentState.SUBMITTED
    done = accept(sent, people["reviewer"])
    stored = Assessment.objects.get()
    assert (stored.state, stored.decided_by) == (AssessmentState.ACCEPTED, people["reviewer"])
    assert stored.version == done.version == 4
    assert [(each.title, each.url) for each in stored.pieces] == [(PROOF["title"], PROOF["url"])]


@pytest.mark.parametrize(
    ("code", "fields", "lacks"),
    [
        ("2565-1.2", {"status": ""}, {"status"}),
        ("2565-1.2", {"status": "cancelled"}, {"status"}),  # the committee's decision alone
        ("2565-1.2", {"reason": ""}, {"reason"}),
        ("2565-1.2", {"status": "completed", "evidence": []}, {"evidence"}),
        ("2565-8.1", {"status": "completed"}, {"status"}),  # a recurring duty is never completed
    ],
)
def test_sending_demands_what_the_vocabulary_demands(link, code, fields, lacks):
    if fields.get("status") == "cancelled":  # no form offers it, and the database refuses it
        from followup.status import missing_from_independent

        found = missing_from_independent(status="cancelled", kind="", reason="x", evidence=1)
        assert set(found) == lacks
        return
    saved = save(link, code, **fields)
    call = {"link": link, "assessment": saved, "version": saved.version}
    assert set(refused(actions.submit_assessment, **call)) == lacks


def test_a_sent_assessment_is_taken_back_until_it_is_accepted(people, link):
    sent = send(link, "2565-1.2")
    version = sent.version
    assert "ดึงกลับ" in str(lacking(save, link, "2565-1.2", version=version))
    back = actions.withdraw_assessment(link=link, assessment=sent, version=version)
    assert back.state == AssessmentState.WITHDRAWN
    again = save(link, "2565-1.2", version=back.version, reason="แก้แล้ว")
    assert again.state == AssessmentState.DRAFT
    sent = actions.submit_assessment(link=link, assessment=again, version=again.version)
    done = accept(sent, people["reviewer"])
    call = {"link": link, "assessment": done, "version": done.version}
    assert "ยังไม่มีผู้รับ" in str(refused(actions.withdraw_assessment, **call))


def test_of_two_who_hold_the_link_one_is_told_of_the_other(link):
    first = save(link, "2565-1.2")
    with pytest.raises(Conflict) as conflict:
        save(link, "2565-1.2", version=0, reason="อีกคน")
    assert conflict.value.current.reason == first.reason
    with pytest.raises(Conflict):
        actions.submit_assessment(link=link, assessment=first, version=7)


def test_an_organisation_reaches_nothing_of_another(open_round, people, link):
    other = invite(open_round, people["staff"], make_organisation(people["staff"], "อีกองค์กร"))
    theirs = save(other, "2565-1.2")
    call = {"link": link, "assessment": theirs, "version": theirs.version}
    for verb in (actions.submit_assessment, actions.withdraw_assessment):
        assert "ไม่มีแล้ว" in str(refused(verb, **call))
    mine = save(link, "2565-1.2", reason="ของเรา")
    assert mine.pk != theirs.pk, "both may assess one measure"
    assert list(permissions.assessments_of(link)) == [mine]


def test_only_measures_that_the_round_follows_up_are_assessed(second_forum, open_round, link):
    second_forum.followed_from = 2570
    second_forum.save()
    of_later = measure_of("2566-1.1")
    call = {"link": link, "measure": of_later, "version": 0, "status": "", "reason": ""}
    assert "ไม่ได้ติดตาม" in str(refused(actions.save_assessment, **call))


def test_a_link_that_was_revoked_while_somebody_wrote_saves_nothing(people, link):
    held = AssessorLink.objects.select_related("round", "organisation").get()
    actions.revoke_link(link=link, by=people["staff"])
    assert "ใช้ไม่ได้แล้ว" in str(lacking(save, held, "2565-1.2"))
    assert not Assessment.objects.exists()


# The committee's part --------------------------------------------------------------------------------


def test_it_is_returned_on_two_grounds_only_and_the_organisation_is_told_which(people, link):
    sent = send(link, "2565-1.2")
    call = {"assessment": sent, "by": people["reviewer"], "version": sent.version}
    for ground in ("", "opinion"):
        wrong = refused(actions.return_assessment, **call, ground=ground, reason="ไม่เห็นด้วย")
        assert set(wrong) == {"ground"}
    assert set(refused(actions.return_assessment, **call, ground="law", reason="")) == {"reason"}
    back = actions.return_assessment(**call, ground=Ground.LAW, reason="มีชื่อบุคคล")
    assert (back.state, back.return_ground) == (AssessmentState.RETURNED, "law")
    mended = save(link, "2565-1.2", version=back.version, reason="แก้แล้ว")
    assert mended.state == AssessmentState.RETURNED, "until it is sent again"
    sent = actions.submit_assessment(link=link, assessment=mended, version=mended.version)
    assert (sent.state, sent.return_ground, sent.return_reason) == ("submitted", "", "")


def test_whoever_issued_the_link_decides_on_nothing_that_came_through_it(open_round, people):
    link = invite(open_round, people["reviewer"])
    sent = send(link, "2565-1.2")
    assert not permissions.may_moderate(people["reviewer"], sent)
    call = {"assessment": sent, "version": sent.version}
    assert "ผู้ตรวจท่านอื่น" in str(refused(actions.accept_assessment, **call, by=people["reviewer"]))
    with pytest.raises(PermissionDenied):
        actions.accept_assessment(**call, by=people["staff"])
    assert accept(sent, people["administrator"]).state == AssessmentState.ACCEPTED


def test_an_answer_needs_an_accepted_assessment_and_what_was_seen(people, link):
    sent = send(link, "2565-1.2")
    call = {"by": people["reviewer"], "seen": "", "text": "จะขอผังรายการ", "meeting_ref": "4/2569"}
    assert "ที่รับแล้ว" in str(refused(actions.answer_assessment, assessment=sent, **call))
    done = accept(sent, people["reviewer"])
    assert set(refused(actions.answer_assessment, assessment=done, **call | {"text": ""})) == {
        "text"
    }
    answer = actions.answer_assessment(assessment=done, **call)
    with pytest.raises(Conflict):
        actions.answer_assessment(assessment=done, **call | {"text": "อีกคน"})
    seen = version_of(answer, actions.ANSWER_FIELDS)
    answer = actions.answer_assessment(assessment=done, **call | {"seen": seen, "text": "ใหม่"})
    with pytest.raises(Conflict):
        actions.remove_answer(answer=answer, by=people["reviewer"], seen=seen)
    actions.remove_answer(
        answer=answer, by=people["reviewer"], seen=version_of(answer, actions.ANSWER_FIELDS)
    )
    assert "ถอนไปแล้ว" in str(
        refused(actions.answer_assessment, assessment=done, **call | {"seen": seen})
    )


def test_nothing_of_a_published_round_is_decided(open_round, people, link):
    done = accepted(link, "2565-1.2", people["reviewer"])
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    returning = {"ground": "law", "reason": "x", "version": done.version}
    by = {"assessment": done, "by": people["reviewer"]}
    assert "เผยแพร่แล้ว" in str(refused(actions.return_assessment, **by, **returning))
    assert "ยังไม่เผยแพร่" in str(refused(actions.answer_assessment, **by, seen="", text="ตอบ"))


def test_a_round_with_assessments_is_not_deleted(open_round, people, link):
    save(link, "2565-1.2")
    told = str(refused(actions.delete_round, round_=open_round, by=people["administrator"]))
    assert "การประเมินของภาคประชาสังคม 1 รายการ" in told
    assert "ลิงก์ขององค์กรผู้ประเมิน 1 ลิงก์" in told
