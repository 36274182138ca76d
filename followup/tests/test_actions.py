"""The verbs that write: what each does, whom and what it refuses and in which words, its history."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from followup import actions
from followup.actions import Conflict, Refused
from followup.forms import DecisionForm, RoundForm
from followup.models import (
    Agency,
    Assignment,
    Evidence,
    Province,
    Round,
    RoundState,
    StatusReport,
    User,
)
from followup.status import ACHIEVED, FORM_ORDER
from followup.tests.factories import dump, fields_for, find_report, link, make_report
from proposals.models import Measure, MeasureKind

CLOSED = "รอบปีงบประมาณ 2569 ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข"
NOT_YET_OPEN = "รอบปีงบประมาณ 2569 ยังไม่เปิด"
WITH_REVIEWER = "รายการนี้อยู่ในขั้น “ส่งตรวจ” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงแก้ไขได้"
ALREADY_APPROVED = "รายการนี้อยู่ในขั้น “รับรองแล้ว” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงแก้ไขได้"
OWN = "ผู้รายงานตรวจรายการของตนเองไม่ได้"
NOT_WAITING = "รายการนี้ไม่ได้รอตรวจ อาจมีผู้ตรวจไปแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"
STALE_ROUND = "รอบนี้เปลี่ยนสถานะไปแล้ว เปิดหน้าใหม่เพื่อดูสถานะล่าสุด"


@pytest.fixture
def report(open_round):
    """The lead report on 1.2 (พม.), which nobody has touched."""
    return find_report(open_round, "1.2")


@pytest.fixture
def submitted(open_round, people):
    return make_report(open_round, "1.2", by=people["staff"], state="submitted")


def save(report, by, *, evidence=(), version=None, provinces=(), **fields):
    return actions.save_draft(
        report=report,
        by=by,
        version=report.version if version is None else version,
        fields=fields,
        evidence=evidence,
        provinces=provinces,
    )


def refused(call, **kwargs):
    """The messages with which an action refuses; what is stored must stay as it was."""
    before = dump()
    with pytest.raises(Refused) as error:
        call(**kwargs)
    assert dump() == before
    return error.value.messages


def stored(report):
    return StatusReport.objects.with_context().get(pk=report.pk)


def evidence_of(report):
    return [(piece.title, piece.url, piece.is_public) for piece in stored(report).evidence.all()]


# A draft ---------------------------------------------------------------------------------------


def test_save_draft_keeps_what_was_typed_finished_or_not(report, people):
    chiang_mai, nan = Province.objects.filter(code__in=["50", "55"]).order_by("code")
    save(
        report,
        people["staff"],
        reported_status="completed",  # without the evidence that submitting would ask for
        results="ออกประกาศแล้ว",
        obstacles="งบล่าช้า",
        next_steps="ติดตามผล",
        meeting_ref="1/2569",
        budget_received=Decimal("1250000.50"),
        budget_spent=None,
        no_change=False,
        evidence=[],
        provinces=[nan, chiang_mai],
    )
    kept = stored(report)
    assert (kept.reported_status, kept.results, kept.obstacles) == (
        "completed",
        "ออกประกาศแล้ว",
        "งบล่าช้า",
    )
    assert (kept.next_steps, kept.meeting_ref) == ("ติดตามผล", "1/2569")
    assert (kept.budget_received, kept.budget_spent) == (Decimal("1250000.50"), None)
    assert set(kept.provinces.all()) == {nan, chiang_mai}
    assert (kept.state, kept.version, kept.updated_by) == ("draft", 1, people["staff"])
    assert kept.submitted_at is kept.reported_on is None
    assert not kept.is_untouched


def test_save_draft_leaves_what_it_was_not_given(report, people):
    save(report, people["staff"], results="เดิม", obstacles="เดิม")
    save(report, people["colleague"], results="ใหม่")
    kept = stored(report)
    assert (kept.results, kept.obstacles) == ("ใหม่", "เดิม")
    assert (kept.version, kept.updated_by) == (2, people["colleague"])


def test_save_draft_takes_only_what_an_agency_reports(report, people):
    """A crafted form cannot approve, assess or move a report."""
    save(
        report,
        people["staff"],
        state="approved",
        assessed_status="completed",
        approved_by=people["colleague"],
        version_="9",
        return_reason="",
        source="letter",
        results="ก",
    )
    kept = stored(report)
    assert (kept.state, kept.assessed_status, kept.approved_by) == ("draft", "", None)
    assert (kept.version, kept.source, kept.results) == (1, "typed", "ก")


def test_a_returned_report_can_be_mended_and_still_says_why_it_came_back(open_round, people):
    report = make_report(
        open_round, by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    save(report, people["colleague"], results="ผู้เข้าร่วม 120 คน")
    kept = stored(report)
    assert (kept.state, kept.return_reason) == ("returned", "ระบุจำนวนผู้เข้าร่วม")
    assert kept.results == "ผู้เข้าร่วม 120 คน"


@pytest.mark.parametrize(
    ("state", "message"), [("submitted", WITH_REVIEWER), ("approved", ALREADY_APPROVED)]
)
def test_what_has_left_the_desk_is_not_changed(open_round, people, state, message):
    report = make_report(open_round, by=people["staff"], reviewer=people["reviewer"], state=state)
    assert refused(save, report=report, by=people["staff"], results="แก้") == {"": message}
    assert refused(actions.submit, report=report, by=people["staff"], version=report.version) == {
        "": message
    }


def test_a_round_that_is_not_open_takes_nothing(forum, people):
    staff = people["staff"]
    round_ = actions.create_round(by=staff, year=2569)
    report = StatusReport.objects.create(round=round_, assignment=Assignment.objects.earliest("pk"))
    assert refused(save, report=report, by=staff, results="ก") == {"": NOT_YET_OPEN}
    actions.open_round(round_=round_, by=staff)
    save(report, staff, **fields_for("not_started"))
    actions.close_round(round_=round_, by=staff)
    for each in (report, stored(report)):
        assert refused(save, report=each, by=staff, results="ก") == {"": CLOSED}
        assert refused(actions.submit, report=each, by=staff, version=1) == {"": CLOSED}
    actions.publish_round(round_=round_, by=people["reviewer"])
    assert refused(save, report=stored(report), by=staff, results="ก") == {"": CLOSED}


# Evidence --------------------------------------------------------------------------------------


def test_evidence_is_the_list_as_it_was_given(report, people):
    save(report, people["staff"], evidence=[link(1), link(2, is_public=False), link(3)])
    first = {piece.title: piece.pk for piece in report.evidence.all()}
    assert evidence_of(report) == [
        ("หลักฐานที่ 1", "https://example.org/evidence/1", True),
        ("หลักฐานที่ 2", "https://example.org/evidence/2", False),
        ("หลักฐานที่ 3", "https://example.org/evidence/3", True),
    ]
    # one goes, one is shown from now on, one is new, and the order is another
    save(report, people["staff"], evidence=[link(3), link(4), link(2)])
    assert evidence_of(report) == [
        ("หลักฐานที่ 3", "https://example.org/evidence/3", True),
        ("หลักฐานที่ 4", "https://example.org/evidence/4", True),
        ("หลักฐานที่ 2", "https://example.org/evidence/2", True),
    ]
    again = {piece.title: piece.pk for piece in report.evidence.all()}
    assert [again[title] for title in ("หลักฐานที่ 2", "หลักฐานที่ 3")] == [
        first[title] for title in ("หลักฐานที่ 2", "หลักฐานที่ 3")
    ], "what stays keeps its row, and so its history"


def test_evidence_that_stays_is_not_written_again(report, people):
    save(report, people["staff"], evidence=[link(1), link(2)])
    save(report, people["staff"], evidence=[link(1), link(2)])
    assert Evidence.history.count() == 2
    save(report, people["staff"], evidence=[link(1)])
    rows = Evidence.history.order_by("history_id").values_list("history_type", "title")
    assert list(rows) == [("+", "หลักฐานที่ 1"), ("+", "หลักฐานที่ 2"), ("-", "หลักฐานที่ 2")]


def test_evidence_with_another_title_or_link_is_another_piece(report, people):
    save(report, people["staff"], evidence=[link(1)])
    save(report, people["staff"], evidence=[link(1) | {"title": "ชื่อใหม่"}])
    assert evidence_of(report) == [("ชื่อใหม่", "https://example.org/evidence/1", True)]


def test_evidence_given_twice_goes_when_it_is_taken_out(report, people):
    save(report, people["staff"], evidence=[link(1), link(1)])
    save(report, people["staff"], evidence=[link(1)])
    assert evidence_of(report) == [("หลักฐานที่ 1", "https://example.org/evidence/1", True)]
    save(report, people["staff"], evidence=[])
    assert evidence_of(report) == []


def test_evidence_of_other_reports_is_left_alone(open_round, people):
    one, other = find_report(open_round, "1.2"), find_report(open_round, "1.3")
    save(one, people["staff"], evidence=[link(1)])
    save(other, people["staff"], evidence=[link(1)])
    save(one, people["staff"], evidence=[])
    assert evidence_of(one) == []
    assert len(evidence_of(other)) == 1


def test_evidence_is_counted_as_stored_not_as_it_was_read_before(report, people):
    list(report.evidence.all())  # prefetched: empty
    save(report, people["staff"], reported_status="completed", evidence=[link(1)])
    actions.submit(report=report, by=people["staff"], version=1)
    assert stored(report).state == "submitted"


# Submitting ------------------------------------------------------------------------------------


def test_submit_hands_over(report, people):
    save(report, people["staff"], **fields_for("in_progress"))
    with time_machine.travel("2026-10-15T09:30:00+07:00", tick=False):
        actions.submit(report=report, by=people["colleague"], version=1)
    kept = stored(report)
    assert (kept.state, kept.version) == ("submitted", 2)
    assert (kept.submitted_by, kept.updated_by) == (people["colleague"], people["colleague"])
    assert kept.submitted_at == datetime(2026, 10, 15, 2, 30, tzinfo=UTC)
    assert kept.reported_on == date(2026, 10, 15)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-09-30T23:59:59+07:00", date(2026, 9, 30)),
        ("2026-10-01T00:00:00+07:00", date(2026, 10, 1)),
        ("2026-09-30T17:00:00+00:00", date(2026, 10, 1)),  # 30 September still in London
    ],
)
def test_the_day_of_a_report_is_the_day_in_bangkok(report, people, moment, day):
    save(report, people["staff"], **fields_for("not_started"))
    with time_machine.travel(moment, tick=False):
        actions.submit(report=report, by=people["staff"], version=1)
    assert stored(report).reported_on == day


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({}, {"reported_status": "เลือกสถานะ"}),
        ({"reported_status": "in_progress"}, {"results": "ระบุผลการดำเนินงาน"}),
        ({"reported_status": "on_hold"}, {"obstacles": "ระบุปัญหา/อุปสรรคที่ทำให้ชะลอ"}),
        (
            {"reported_status": "cancelled"},
            {"meeting_ref": "ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567"},
        ),
        (
            {"reported_status": "continuous"},
            {"evidence": "สถานะ “ต่อเนื่อง” ต้องมีหลักฐานอย่างน้อย 1 รายการ"},
        ),
    ],
)
def test_submit_names_what_is_missing_and_keeps_the_draft(report, people, fields, lacks):
    save(report, people["staff"], next_steps="ร่างไว้", **fields)
    assert refused(actions.submit, report=report, by=people["staff"], version=1) == lacks
    kept = stored(report)
    assert (kept.state, kept.version, kept.next_steps) == ("draft", 1, "ร่างไว้")


def test_a_principle_is_never_submitted_as_completed(open_round, people):
    report = find_report(open_round, "1.1")
    save(report, people["staff"], reported_status="completed", evidence=[link()])
    assert refused(actions.submit, report=report, by=people["staff"], version=1) == {
        "reported_status": (
            "มาตรการย่อยนี้เป็นหลักการ จึงแล้วเสร็จไม่ได้ เลือก “ดำเนินการต่อเนื่องทุกปี” หรือสถานะอื่น"
        )
    }


def test_a_mended_report_goes_back_without_the_old_complaint(open_round, people):
    report = make_report(
        open_round, by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    actions.submit(report=report, by=people["colleague"], version=report.version)
    kept = stored(report)
    assert (kept.state, kept.return_reason) == ("submitted", "")
    assert kept.submitted_by == people["colleague"]


# The review ------------------------------------------------------------------------------------


def test_approve(submitted, people):
    with time_machine.travel("2026-11-02T14:00:00+07:00", tick=False):
        actions.approve(report=submitted, by=people["reviewer"], version=submitted.version)
    kept = stored(submitted)
    assert (kept.state, kept.version, kept.approved_by) == ("approved", 3, people["reviewer"])
    assert kept.approved_at == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert (kept.submitted_by, kept.assessed_status) == (people["staff"], "")
    assert not kept.voices_differ


def approve(report, by, **words):
    return actions.approve(report=report, by=by, version=report.version, **words)


def test_approve_with_another_finding_keeps_both_voices(submitted, people):
    approve(
        submitted,
        people["reviewer"],
        assessed_status="not_started",
        assessed_note="เวทีที่รายงานเป็นของปีก่อน",
        assessed_meeting="1/2569",
    )
    kept = stored(submitted)
    assert (kept.reported_status, kept.assessed_status) == ("in_progress", "not_started")
    assert (kept.assessed_note, kept.assessed_meeting) == ("เวทีที่รายงานเป็นของปีก่อน", "1/2569")
    assert kept.voices_differ


def test_approve_with_the_same_finding_is_no_finding(submitted, people):
    approve(
        submitted,
        people["reviewer"],
        assessed_status="in_progress",
        assessed_note="เห็นด้วย",
        assessed_meeting="1/2569",
    )
    kept = stored(submitted)
    assert (kept.assessed_status, kept.assessed_note, kept.assessed_meeting) == ("", "", "")


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        (
            {"assessed_status": "not_started"},
            {"assessed_note": "ระบุเหตุผลที่ประเมินต่างจากที่หน่วยงานรายงาน"},
        ),
        (
            {"assessed_status": "completed", "assessed_note": "ครบแล้ว"},
            {
                "assessed_status": (
                    "สถานะ “แล้วเสร็จ” นับได้เมื่อมีหลักฐานของปีนี้ รายงานนี้ไม่มีหลักฐาน "
                    "ส่งกลับให้แนบหลักฐาน หรือประเมินเป็นสถานะอื่น"
                )
            },
        ),
        (
            {"assessed_status": "cancelled", "assessed_note": "ยุติ"},
            {"assessed_meeting": "ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567"},
        ),
    ],
)
def test_another_finding_needs_its_grounds(submitted, people, words, lacks):
    assert refused(approve, report=submitted, by=people["reviewer"], **words) == lacks
    assert stored(submitted).state == "submitted"


def test_the_assessments_own_meeting_may_end_a_measure(submitted, people):
    approve(
        submitted,
        people["reviewer"],
        assessed_status="cancelled",
        assessed_note="รวมกับมาตรการย่อย 1.3",
        assessed_meeting="2/2569",
    )
    assert stored(submitted).status == "cancelled"


def test_an_assessment_asks_for_the_committees_own_words_only(open_round, people):
    """Whatever the agency wrote, or left out, the committee can find another status."""
    report = make_report(open_round, "1.2", by=people["staff"], state="submitted")
    by, own = people["reviewer"], {"assessed_note": "คสป. ตรวจแล้ว", "assessed_meeting": "2/2569"}
    for reported, kind, backed in product(FORM_ORDER, MeasureKind.values, (False, True)):
        own_words = {"results": "", "obstacles": "", "meeting_ref": ""} | fields_for(reported)
        StatusReport.objects.filter(pk=report.pk).update(**own_words)
        Measure.objects.filter(pk=report.measure.pk).update(kind=kind)
        Evidence.objects.filter(report=report).delete()
        if backed:
            Evidence.objects.create(report=report, title="ภาพ", url="https://example.org/1")
        for found in (status for status in FORM_ORDER if status != reported):
            lasting = found == "completed" and kind in {"principle", "recurring"}
            unbacked = found in ACHIEVED and not backed
            never = {"assessed_status"} if lasting or unbacked else set()
            meeting = {"assessed_meeting"} if found == "cancelled" else set()
            lacks = refused(approve, report=stored(report), by=by, assessed_status=found)
            assert set(lacks) == {"assessed_note"} | meeting | never
            assert set(lacks) <= set(DecisionForm.base_fields), "each is on the reviewer's page"
            if never:
                lacks = refused(approve, report=stored(report), by=by, assessed_status=found, **own)
                assert set(lacks) == never
            else:
                with transaction.atomic():
                    approve(stored(report), by, assessed_status=found, **own)
                    assert stored(report).status == found
                    transaction.set_rollback(True)


def test_a_principle_is_not_assessed_as_completed_either(open_round, people):
    report = make_report(
        open_round, "1.1", by=people["staff"], status="continuous", state="submitted"
    )
    messages = refused(
        approve,
        report=report,
        by=people["reviewer"],
        assessed_status="completed",
        assessed_note="ครบแล้ว",
    )
    assert messages == {
        "assessed_status": (
            "มาตรการย่อยนี้เป็นหลักการ จึงแล้วเสร็จไม่ได้ เลือก “ดำเนินการต่อเนื่องทุกปี” หรือสถานะอื่น"
        )
    }


def test_an_achievement_whose_evidence_went_meanwhile_is_not_approved(open_round, people):
    report = make_report(open_round, by=people["staff"], status="completed", state="submitted")
    Evidence.objects.filter(report=report).delete()
    assert refused(approve, report=stored(report), by=people["reviewer"]) == {
        "": (
            "รายงานยังไม่ครบตามสถานะที่รายงาน: สถานะ “แล้วเสร็จ” ต้องมีหลักฐานอย่างน้อย 1 รายการ "
            "ส่งกลับให้แก้ไข หรือประเมินเป็นสถานะอื่น"
        )
    }


def test_send_back_says_why(submitted, people):
    actions.send_back(
        report=submitted,
        by=people["reviewer"],
        version=submitted.version,
        reason="ระบุจำนวนผู้เข้าร่วม",
    )
    kept = stored(submitted)
    assert (kept.state, kept.version) == ("returned", 3)
    assert kept.return_reason == "ระบุจำนวนผู้เข้าร่วม"
    assert (kept.approved_by, kept.approved_at) == (None, None)
    assert kept.results == "จัดเวที 4 ภาค ครบตามแผน", "what was written stays"


def test_send_back_without_a_reason_is_refused(submitted, people):
    assert refused(
        actions.send_back,
        report=submitted,
        by=people["reviewer"],
        version=submitted.version,
        reason="",
    ) == {"return_reason": "ระบุสิ่งที่ต้องแก้ไข"}


@pytest.mark.parametrize("who", ["reviewer", "administrator"])
def test_nobody_reviews_what_they_submitted(open_round, people, who):
    report = make_report(open_round, by=people[who], state="submitted")
    assert refused(approve, report=report, by=people[who]) == {"": OWN}
    assert refused(
        actions.send_back, report=report, by=people[who], version=report.version, reason="ก"
    ) == {"": OWN}
    with pytest.raises(IntegrityError, match="report_approved_by_another"), transaction.atomic():
        StatusReport.objects.filter(pk=report.pk).update(
            state="approved", approved_by=people[who], approved_at=report.submitted_at
        )


def test_who_wrote_the_draft_may_review_what_another_submitted(report, people):
    save(report, people["reviewer"], **fields_for("in_progress"))
    actions.submit(report=report, by=people["staff"], version=1)
    approve(report, people["reviewer"])
    assert stored(report).approved_by == people["reviewer"]


@pytest.mark.parametrize("state", ["draft", "returned", "approved"])
def test_only_what_waits_is_decided(open_round, people, state):
    report = make_report(open_round, by=people["staff"], reviewer=people["reviewer"], state=state)
    other = people["administrator"]
    assert refused(approve, report=report, by=other) == {"": NOT_WAITING}
    if state != "approved":
        assert refused(
            actions.send_back, report=report, by=other, version=report.version, reason="ก"
        ) == {"": NOT_WAITING}


def test_an_error_found_after_approval_goes_back_the_same_way(open_round, people):
    report = make_report(open_round, by=people["staff"], reviewer=people["reviewer"])
    back = {"report": report, "version": report.version, "reason": "จำนวนผู้เข้าร่วมผิด"}
    with pytest.raises(PermissionDenied):
        actions.send_back(by=people["staff"], **back)
    actions.send_back(by=people["administrator"], **back)
    now = stored(report)
    assert (now.state, now.return_reason) == ("returned", "จำนวนผู้เข้าร่วมผิด")
    assert (now.approved_by, now.approved_at) == (None, None)


def test_several_are_approved_at_once_or_none(open_round, people):
    waiting = [
        make_report(open_round, code, by=people["staff"], state="submitted")
        for code in ("1.1", "1.2", "1.3")
    ]
    own = make_report(open_round, "1.4", by=people["reviewer"], state="submitted")
    read = [(stored(report), report.version) for report in waiting]
    approve_many = {"by": people["reviewer"]}
    assert refused(
        actions.approve_many, reports=[*read, (stored(own), own.version)], **approve_many
    ) == {"": f"ยังไม่รับรองรายการใด: {own.assignment} ผู้รายงานตรวจรายการของตนเองไม่ได้"}
    assert {stored(report).state for report in waiting} == {"submitted"}, "nor the other three"
    read = [(stored(report), report.version) for report in waiting]
    late = [
        (report, version - 1 if at == 2 else version) for at, (report, version) in enumerate(read)
    ]
    assert refused(actions.approve_many, reports=late, **approve_many) == {
        "": f"ยังไม่รับรองรายการใด: {waiting[2].assignment} เปลี่ยนไปหลังจากเปิดหน้า"
    }
    assert {stored(report).state for report in waiting} == {"submitted"}
    fresh = [(stored(report), version) for report, version in read]
    assert actions.approve_many(reports=fresh, **approve_many) == 3
    assert {(stored(r).state, stored(r).approved_by) for r in waiting} == {
        ("approved", people["reviewer"])
    }


def test_a_closed_round_is_still_reviewed_a_published_one_is_not(open_round, people):
    one = make_report(open_round, "1.2", by=people["staff"], state="submitted")
    other = make_report(open_round, "1.3", by=people["staff"], state="submitted")
    actions.close_round(round_=open_round, by=people["staff"])
    approve(stored(one), people["reviewer"])
    assert stored(one).state == "approved"
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert refused(approve, report=stored(other), by=people["reviewer"]) == {"": NOT_WAITING}


# Two at once -----------------------------------------------------------------------------------


def test_a_save_against_an_older_version_changes_nothing(report, people):
    mine, theirs = stored(report), stored(report)
    save(
        theirs,
        people["colleague"],
        results="ของเพื่อนร่วมงาน",
        evidence=[link(1)],
        provinces=Province.objects.filter(code="10"),
    )
    before = dump()
    with pytest.raises(Conflict) as conflict:
        save(mine, people["staff"], results="ของฉัน", evidence=[link(2)])
    assert dump() == before
    assert str(conflict.value) == "มีผู้อื่นแก้ไขรายการนี้ก่อนแล้ว"
    assert conflict.value.current.results == "ของเพื่อนร่วมงาน"
    assert conflict.value.current.updated_by == people["colleague"]
    assert conflict.value.current.version == 1
    assert evidence_of(report) == [("หลักฐานที่ 1", "https://example.org/evidence/1", True)]
    # To save again is to say "mine", on the version that was shown.
    save(conflict.value.current, people["staff"], results="ของฉัน", evidence=[link(2)])
    assert stored(report).results == "ของฉัน"


def test_a_version_from_the_future_is_a_conflict_too(report, people):
    with pytest.raises(Conflict):
        save(report, people["staff"], version=7, results="ก")
    assert stored(report).is_untouched


@pytest.mark.parametrize("verb", ["submit", "approve", "send_back"])
def test_every_step_of_a_report_minds_the_version(open_round, people, verb):
    state = "draft" if verb == "submit" else "submitted"
    report = make_report(open_round, by=people["staff"], state=state)
    extra = {"reason": "ก"} if verb == "send_back" else {}
    before = dump()
    with pytest.raises(Conflict):
        getattr(actions, verb)(
            report=report, by=people["reviewer"], version=report.version - 1, **extra
        )
    assert dump() == before


def test_a_failure_half_way_leaves_nothing_behind(report, people):
    save(report, people["staff"], results="เดิม", evidence=[link(1)])
    before = dump()
    with pytest.raises(KeyError):
        save(stored(report), people["staff"], results="ใหม่", evidence=[link(2), {"title": "ก"}])
    assert dump() == before


# Rounds ----------------------------------------------------------------------------------------


def test_a_round_takes_its_dates_from_its_year(people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    round_.refresh_from_db()
    assert (round_.starts_on, round_.ends_on) == (date(2025, 10, 1), date(2026, 9, 30))
    assert round_.due_on == date(2026, 11, 30)
    assert (round_.state, round_.is_demo) == ("planned", False)
    assert (round_.opened_at, round_.closed_at, round_.published_at) == (None, None, None)
    assert not round_.reports.exists()
    assert str(round_) == "รอบ 12 เดือน ปีงบประมาณ 2569"


def test_a_round_may_be_given_another_due_date(people):
    round_ = actions.create_round(by=people["staff"], year=2569, due_on=date(2026, 12, 15))
    assert round_.due_on == date(2026, 12, 15)
    assert (round_.starts_on, round_.ends_on) == (date(2025, 10, 1), date(2026, 9, 30))


def test_a_year_has_one_round(people):
    actions.create_round(by=people["staff"], year=2569)
    assert refused(actions.create_round, by=people["staff"], year=2569) == {
        "year": "มีรอบปีงบประมาณ 2569 อยู่แล้ว"
    }


def test_a_due_date_before_the_round_is_refused_in_words(people):
    messages = refused(
        actions.create_round, by=people["staff"], year=2569, due_on=date(2025, 9, 30)
    )
    assert set(messages) == {"due_on"}


@pytest.mark.parametrize(
    ("moment", "year"),
    [("2025-09-30T23:59:59+07:00", 2568), ("2025-10-01T00:00:00+07:00", 2569)],
)
def test_the_first_round_offered_is_that_of_the_fiscal_year(db, moment, year):
    with time_machine.travel(moment, tick=False):
        assert RoundForm.next_year() == year
        actions.create_round(by=None, year=2570)
        assert RoundForm.next_year() == 2571, "and afterwards the one after the last"


def test_opening_expects_a_report_for_every_assignment_of_that_year(forum, people):
    Assignment.objects.filter(agency__code="THF").update(valid_to=2568)  # four
    Assignment.objects.filter(agency__code="CSPC").update(valid_from=2570)  # two
    round_ = actions.create_round(by=people["staff"], year=2569)
    assert actions.expected_count(round_) == 97
    with time_machine.travel("2026-10-01T08:00:00+07:00", tick=False):
        actions.open_round(round_=round_, by=people["staff"])
    round_.refresh_from_db()
    assert (round_.state, round_.opened_at) == ("open", datetime(2026, 10, 1, 1, tzinfo=UTC))
    reports = round_.reports.all()
    assert len(reports) == 97
    assert {(each.state, each.reported_status, each.version) for each in reports} == {
        ("draft", "", 0)
    }
    agencies = {each.assignment.agency.code for each in reports.with_context()}
    assert not agencies & {"THF", "CSPC"}
    assert StatusReport.history.filter(history_type="+").count() == 97
    assert set(StatusReport.history.values_list("history_change_reason", flat=True)) == {"expected"}


def test_a_round_goes_from_state_to_state_and_notes_the_moment(forum, people):
    staff, reviewer = people["staff"], people["reviewer"]
    round_ = actions.create_round(by=staff, year=2569)
    moments = {}
    for hour, (verb, who) in enumerate(
        [("open", staff), ("close", staff), ("reopen", staff), ("close", staff)], start=8
    ):
        with time_machine.travel(f"2026-12-01T{hour:02}:00:00+00:00", tick=False):
            getattr(actions, f"{verb}_round")(round_=round_, by=who)
        round_.refresh_from_db()
        moments[hour] = (
            round_.state,
            round_.opened_at and round_.opened_at.hour,
            round_.closed_at and round_.closed_at.hour,
        )
    assert moments == {
        8: ("open", 8, None),
        9: ("closed", 8, 9),
        10: ("open", 8, None),
        11: ("closed", 8, 11),
    }
    with time_machine.travel("2026-12-20T09:00:00+07:00", tick=False):
        actions.publish_round(
            round_=round_, by=reviewer, meeting_ref="5/2569", meeting_on=date(2026, 12, 18)
        )
    round_.refresh_from_db()
    assert round_.is_public
    assert round_.published_at == datetime(2026, 12, 20, 2, tzinfo=UTC)
    assert (round_.meeting_ref, round_.meeting_on) == ("5/2569", date(2026, 12, 18))


def test_publishing_needs_no_meeting(open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    open_round.refresh_from_db()
    assert (open_round.is_public, open_round.meeting_ref, open_round.meeting_on) == (True, "", None)


STEPS = {  # verb -> the only state it starts from
    "open": RoundState.PLANNED,
    "close": RoundState.OPEN,
    "reopen": RoundState.CLOSED,
    "publish": RoundState.CLOSED,
}


def bring_to(round_, state, people):
    """Take a planned round to a state."""
    order = list(RoundState)
    steps: list[Any] = [actions.open_round, actions.close_round, actions.publish_round]
    for step in steps[: order.index(state)]:
        step(round_=round_, by=people["administrator"])
    return round_


@pytest.mark.parametrize("state", RoundState)
@pytest.mark.parametrize("verb", STEPS)
def test_a_step_starts_from_its_own_state_only(forum, people, verb, state):
    round_ = actions.create_round(by=None, year=2569)
    bring_to(round_, state, people)
    step = getattr(actions, f"{verb}_round")
    for each in (Round.objects.get(pk=round_.pk), round_):
        if (verb, state) == ("reopen", RoundState.PUBLISHED):
            continue  # with a reason it may: see test_snapshots
        if state == STEPS[verb]:
            step(round_=each, by=people["administrator"])
            assert Round.objects.get(pk=round_.pk).state != state
            return
        assert refused(step, round_=each, by=people["administrator"]) == {"": STALE_ROUND}


def test_a_second_click_on_an_old_page_opens_nothing_twice(forum, people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    old = Round.objects.get(pk=round_.pk)
    actions.open_round(round_=round_, by=people["staff"])
    assert old.state == "planned"
    assert refused(actions.open_round, round_=old, by=people["colleague"]) == {"": STALE_ROUND}
    assert round_.reports.count() == 103


def test_a_round_that_cannot_expect_its_reports_does_not_open(forum, people, monkeypatch):
    round_ = actions.create_round(by=people["staff"], year=2569)
    before = dump()

    def fail(**kwargs):
        raise RuntimeError

    monkeypatch.setattr("followup.actions.rounds.expect_reports", fail)
    with pytest.raises(RuntimeError):
        actions.open_round(round_=round_, by=people["staff"])
    assert dump() == before


# Expected reports ------------------------------------------------------------------------------


def test_a_new_assignment_reaches_the_open_round(open_round):
    measure = Measure.objects.get(resolution__number=8, number=1)
    new = Assignment.objects.create(
        measure=measure, agency=Agency.objects.get(code="MOI"), role="support", valid_from=2569
    )
    Assignment.objects.create(
        measure=measure, agency=Agency.objects.get(code="MOF"), role="support", valid_from=2570
    )
    assert actions.expect_reports(round_=open_round) == (1, 0)
    assert open_round.reports.get(assignment=new).is_untouched
    assert open_round.reports.count() == 104
    assert actions.expect_reports(round_=open_round) == (0, 0)


def test_an_ended_assignment_takes_along_only_what_nobody_has_touched(open_round, people):
    written = find_report(open_round, "1.2", "OCS")
    save(written, people["staff"], results="เขียนไว้แล้ว")
    untouched = find_report(open_round, "1.2", "OPDC")
    Assignment.objects.filter(agency__code__in=["OCS", "OPDC"]).update(valid_to=2568)
    assert actions.expect_reports(round_=open_round) == (0, 1)
    assert stored(written).results == "เขียนไว้แล้ว"
    assert not StatusReport.objects.filter(pk=untouched.pk).exists()
    assert open_round.reports.count() == 102
    assert StatusReport.history.filter(id=untouched.pk, history_type="-").count() == 1


def test_only_open_rounds_follow_a_change_of_assignments(forum, people):
    rounds = {}
    for year, state in zip((2566, 2567, 2568, 2569), RoundState, strict=True):
        rounds[state] = bring_to(actions.create_round(by=None, year=year), state, people)
    Assignment.objects.filter(agency__code="THF").update(valid_to=2565)
    actions.refresh_open_rounds()
    assert {state: round_.reports.count() for state, round_ in rounds.items()} == {
        "planned": 0,
        "open": 99,
        "closed": 103,
        "published": 103,
    }


# Who may ---------------------------------------------------------------------------------------

MAY = {
    "save": {"staff", "reviewer", "administrator"},
    "submit": {"staff", "reviewer", "administrator"},
    "approve": {"reviewer", "administrator"},
    "send_back": {"reviewer", "administrator"},
    "create": {"staff", "reviewer", "administrator"},
    "open": {"staff", "reviewer", "administrator"},
    "close": {"staff", "reviewer", "administrator"},
    "reopen": {"staff", "reviewer", "administrator"},
    "publish": {"reviewer", "administrator"},
}
WHO = ["staff", "reviewer", "administrator", "outsider", "inactive", "anonymous", "superuser"]


@pytest.fixture
def everybody(people):
    inactive = User.objects.create_user("gone", is_active=False)
    inactive.groups.set(people["administrator"].groups.all())
    return people | {
        "inactive": inactive,
        "anonymous": AnonymousUser(),
        "superuser": User.objects.create_superuser("root"),
    }


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("verb", MAY)
def test_who_may_do_what(forum, everybody, verb, who):
    by, colleague = everybody[who], everybody["colleague"]
    admin = everybody["administrator"]
    round_ = actions.create_round(by=None, year=2569)
    if verb in {"save", "submit", "approve", "send_back"}:
        actions.open_round(round_=round_, by=None)
        state = "draft" if verb in {"save", "submit"} else "submitted"
        report = make_report(round_, by=colleague, state=state)
        calls = {
            "save": lambda: save(report, by, results="ใหม่"),
            "submit": lambda: actions.submit(report=report, by=by, version=report.version),
            "approve": lambda: approve(report, by),
            "send_back": lambda: actions.send_back(
                report=report, by=by, version=report.version, reason="ระบุจำนวน"
            ),
        }
        call = calls[verb]
    elif verb == "create":

        def call():
            return actions.create_round(by=by, year=2570)
    else:
        bring_to(round_, STEPS[verb], {"administrator": admin})

        def call():
            return getattr(actions, f"{verb}_round")(round_=round_, by=by)

    if who in MAY[verb] | {"superuser"}:
        call()
        return
    before = dump()
    with pytest.raises(PermissionDenied):
        call()
    assert dump() == before


# History ---------------------------------------------------------------------------------------


def changes(row):
    """(field, before, after) of what a history row changed, without who and when."""
    return {
        (change.field, change.old, change.new)
        for change in row.diff_against(row.prev_record).changes
        if change.field not in {"updated_by", "updated_at", "submitted_at", "approved_at"}
    }


def test_every_step_of_a_report_leaves_its_before_and_after(open_round, people):
    report = find_report(open_round, "1.2")
    save(report, people["staff"], results="เดิม", reported_status="in_progress")
    save(report, people["staff"], results="ใหม่", budget_spent=Decimal("1.50"))
    actions.submit(report=report, by=people["staff"], version=2)
    actions.send_back(report=report, by=people["reviewer"], version=3, reason="ระบุจำนวน")
    actions.submit(report=report, by=people["colleague"], version=4)
    approve(report, people["reviewer"])
    made, *steps = report.history.order_by("history_id")
    assert (made.history_type, made.history_change_reason, made.version) == ("+", "expected", 0)
    assert [(row.history_type, row.history_change_reason, row.version) for row in steps] == [
        ("~", "draft", 1),
        ("~", "draft", 2),
        ("~", "submit", 3),
        ("~", "return", 4),
        ("~", "submit", 5),
        ("~", "approve", 6),
    ]
    first, second, sent, back, again, done = map(changes, steps)
    assert first == {
        ("results", "", "เดิม"),
        ("reported_status", "", "in_progress"),
        ("version", 0, 1),
    }
    assert second == {
        ("results", "เดิม", "ใหม่"),
        ("budget_spent", None, Decimal("1.50")),
        ("version", 1, 2),
    }
    assert ("state", "draft", "submitted") in sent
    assert ("submitted_by", None, people["staff"].pk) in sent
    assert back == {
        ("state", "submitted", "returned"),
        ("return_reason", "", "ระบุจำนวน"),
        ("version", 3, 4),
    }
    assert ("return_reason", "ระบุจำนวน", "") in again
    assert ("submitted_by", people["staff"].pk, people["colleague"].pk) in again
    assert done == {
        ("state", "submitted", "approved"),
        ("approved_by", None, people["reviewer"].pk),
        ("version", 5, 6),
    }


def test_the_provinces_of_a_report_are_in_its_history(report, people):
    save(report, people["staff"], provinces=Province.objects.filter(code__in=["10", "50"]))
    save(report, people["staff"], provinces=Province.objects.filter(code="50"))
    assert [row.province_id for row in report.history.latest().provinces.all()] == ["50"]
    seen = {
        tuple(sorted(row.province_id for row in each.provinces.all()))
        for each in report.history.all()
    }
    assert {(), ("10", "50"), ("50",)} <= seen


def test_every_step_of_a_round_is_in_its_history(forum, people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    for step in (
        actions.open_round,
        actions.close_round,
        actions.reopen_round,
        actions.close_round,
        actions.publish_round,
    ):
        step(round_=round_, by=people["reviewer"])
    rows = Round.history.order_by("history_id").values_list("history_type", "state")
    assert list(rows) == [
        ("+", "planned"),
        ("~", "open"),
        ("~", "closed"),
        ("~", "open"),
        ("~", "closed"),
        ("~", "published"),
    ]


def test_a_refused_or_lost_write_is_not_in_the_history(submitted, people):
    before = StatusReport.history.count(), Evidence.history.count()
    with pytest.raises(Refused):
        approve(submitted, people["reviewer"], assessed_status="completed")
    with pytest.raises(Conflict):
        actions.approve(report=submitted, by=people["reviewer"], version=1)
    with pytest.raises(PermissionDenied):
        approve(submitted, people["outsider"])
    assert (StatusReport.history.count(), Evidence.history.count()) == before


def test_refused_says_all_its_sentences():
    assert str(Refused("ประโยคเดียว")) == "ประโยคเดียว"
    assert Refused("ประโยคเดียว").messages == {"": "ประโยคเดียว"}
    assert str(Refused({"results": "หนึ่ง", "evidence": "สอง"})) == "หนึ่ง; สอง"
