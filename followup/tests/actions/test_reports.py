"""The verbs of a report: saved, submitted, approved, sent back."""

from copy import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from followup import actions, history, permissions, snapshots
from followup.actions import Conflict, Refused
from followup.forms.report import DecisionForm
from followup.letters import correspondence
from followup.models import Agency, Assignment, Evidence, Province, Role, Round, StatusReport
from followup.progress import year_progress
from followup.spreadsheets import workbook
from followup.status import ACHIEVED, FORM_ORDER
from followup.tests.actions.verbs import approve, lacking, refused, save, stored
from followup.tests.factories import dump, fields_for, find_report, link, make_report
from followup.tests.sentences import (
    EVIDENCE_TO_CONTINUE,
    MEETING_NEEDED,
    NOT_WAITING,
    OBSTACLES_NEEDED,
    OWN_REPORT,
    PRINCIPLE_NEVER_DONE,
    REASON_NEEDED,
    ROUND_CLOSED,
    WITH_REVIEWER,
)
from followup.workload import standings
from proposals.models import Measure, MeasureKind

NOT_YET_OPEN = "รอบปีงบประมาณ 2569 ยังไม่เปิด"


ALREADY_APPROVED = "รายการนี้อยู่ในขั้น “รับรองแล้ว” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงแก้ไขได้"


def evidence_of(report):
    return [(piece.title, piece.url, piece.is_public) for piece in stored(report).evidence.all()]


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
        assert refused(save, report=each, by=staff, results="ก") == {"": ROUND_CLOSED}
        assert refused(actions.submit, report=each, by=staff, version=1) == {"": ROUND_CLOSED}
    actions.publish_round(round_=round_, by=people["reviewer"])
    assert refused(save, report=stored(report), by=staff, results="ก") == {"": ROUND_CLOSED}


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


@pytest.mark.parametrize(
    "said",
    [{"response": "accepted"}, {"response_document": "พม 0413/2210"}],
    ids=["word", "number"],
)
def test_a_supporting_agency_does_not_respond_even_in_a_draft(open_round, people, said):
    support = Assignment.objects.filter(role=Role.SUPPORT, reports__round=open_round).first()
    report = open_round.reports.with_context().get(assignment=support)
    with pytest.raises(Refused) as caught:
        actions.save_draft(report=report, by=people["staff"], version=0, fields=said, evidence=[])
    assert caught.value.messages == {
        "response": "เฉพาะหน่วยงานหลักตอบรับมาตรการย่อย ลบคำตอบออกจากรายการนี้"
    }
    assert StatusReport.objects.get(pk=report.pk).version == 0
    promise = {"target_on": date(2027, 9, 30)}
    report = open_round.reports.with_context().get(assignment=support)
    actions.save_draft(report=report, by=people["staff"], version=0, fields=promise, evidence=[])
    assert StatusReport.objects.get(pk=report.pk).target_on == date(2027, 9, 30)


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
        ({"reported_status": "on_hold"}, {"obstacles": OBSTACLES_NEEDED}),
        (
            {"reported_status": "cancelled"},
            {"meeting_ref": MEETING_NEEDED},
        ),
        (
            {"reported_status": "continuous"},
            {"evidence": EVIDENCE_TO_CONTINUE},
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
        "reported_status": (PRINCIPLE_NEVER_DONE)
    }


def test_a_mended_report_goes_back_without_the_old_complaint(open_round, people):
    report = make_report(
        open_round, by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    actions.submit(report=report, by=people["colleague"], version=report.version)
    kept = stored(report)
    assert (kept.state, kept.return_reason) == ("submitted", "")
    assert kept.submitted_by == people["colleague"]


def test_approve(submitted, people):
    with time_machine.travel("2026-11-02T14:00:00+07:00", tick=False):
        actions.approve(report=submitted, by=people["reviewer"], version=submitted.version)
    kept = stored(submitted)
    assert (kept.state, kept.version, kept.approved_by) == ("approved", 3, people["reviewer"])
    assert kept.approved_at == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert (kept.submitted_by, kept.assessed_status) == (people["staff"], "")
    assert not kept.voices_differ


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
            {"assessed_note": REASON_NEEDED},
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
            {"assessed_meeting": MEETING_NEEDED},
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
        kept, before = stored(report), dump()
        for found in (status for status in FORM_ORDER if status != reported):
            lasting = found == "completed" and kind in {"principle", "recurring"}
            unbacked = found in ACHIEVED and not backed
            never = {"assessed_status"} if lasting or unbacked else set()
            meeting = {"assessed_meeting"} if found == "cancelled" else set()
            lacks = lacking(approve, copy(kept), by, assessed_status=found)
            assert set(lacks) == {"assessed_note"} | meeting | never
            assert set(lacks) <= set(DecisionForm.base_fields), "each is on the reviewer's page"
            if never:
                lacks = lacking(approve, copy(kept), by, assessed_status=found, **own)
                assert set(lacks) == never
                continue
            with transaction.atomic():
                approve(copy(kept), by, assessed_status=found, **own)
                assert StatusReport.objects.get(pk=report.pk).status == found
                transaction.set_rollback(True)
        assert dump() == before, "no refusal stores anything"


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
    assert messages == {"assessed_status": (PRINCIPLE_NEVER_DONE)}


def test_an_achievement_whose_evidence_went_meanwhile_is_not_approved(open_round, people):
    report = make_report(open_round, by=people["staff"], status="completed", state="submitted")
    Evidence.objects.filter(report=report).delete()
    assert refused(approve, report=stored(report), by=people["reviewer"]) == {
        "": (
            "รายงานยังไม่ครบตามสถานะที่รายงาน: สถานะ “แล้วเสร็จ” ต้องมีหลักฐานอย่างน้อย 1 รายการ "
            "ส่งกลับให้แก้ไข หรือประเมินเป็นสถานะอื่น"
        )
    }


@pytest.fixture
def backed(open_round, people):
    """A submitted report with three pieces of evidence, the last one internal."""
    pieces = [link(1), link(2), link(3, is_public=False)]
    return make_report(open_round, "1.2", by=people["staff"], state="submitted", evidence=pieces)


def grounds(report):
    return sorted(piece.title for piece in Evidence.objects.filter(report=report, is_ground=True))


def keys(report, *titles):
    return [each.pk for each in Evidence.objects.filter(report=report, title__in=titles)]


def test_a_documented_status_names_the_pieces_it_rests_on(backed, people):
    """Internal ones among them: the public reads that there is one, and not what it is."""
    chosen = keys(backed, "หลักฐานที่ 1", "หลักฐานที่ 3")
    approve(backed, people["reviewer"], assessed_grade="documented", grounds=chosen)
    kept = stored(backed)
    assert (kept.state, kept.assessed_grade, kept.grade) == ("approved", "documented", "documented")
    assert [piece.title for piece in kept.grounds] == ["หลักฐานที่ 1", "หลักฐานที่ 3"]
    assert [piece.title for piece in backed.grounds] == ["หลักฐานที่ 1", "หลักฐานที่ 3"]
    assert kept.assessed_status == "", "the agency's status, and still a ground"


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        ({"assessed_grade": "documented"}, "เลือกหลักฐานที่ใช้อย่างน้อย 1 รายการ หรือเลือกระดับอื่น"),
        ({"needs_grade": True, "assessed_grade": ""}, "ระบุหลักฐานที่ใช้ประเมิน"),
        (
            {"assessed_grade": "", "assessed_status": "on_hold", "assessed_note": "ยังรอระเบียบ"},
            "ระบุหลักฐานที่ใช้ประเมิน",
        ),
        ({"assessed_grade": "ungraded"}, "เลือกหลักฐานที่ใช้จากรายการ"),
        ({"assessed_grade": "rumour"}, "เลือกหลักฐานที่ใช้จากรายการ"),
    ],
)
def test_a_grade_is_asked_for_and_documented_by_a_piece(backed, people, words, lacks):
    messages = refused(approve, report=backed, by=people["reviewer"], **words)
    assert messages == {"assessed_grade": lacks}


def test_only_the_reports_own_evidence_is_its_ground(backed, open_round, people):
    other = make_report(
        open_round, "1.3", by=people["staff"], state="submitted", evidence=[link(9)]
    )
    own, foreign = keys(backed, "หลักฐานที่ 1"), keys(other, "หลักฐานที่ 9")
    words = {"assessed_grade": "documented", "grounds": [*own, *foreign]}
    assert refused(approve, report=backed, by=people["reviewer"], **words) == {
        "grounds": "หลักฐานที่เลือกบางรายการไม่อยู่ในรายงานนี้แล้ว เปิดหน้าใหม่แล้วเลือกอีกครั้ง"
    }


def test_named_evidence_is_not_said_by_the_agency_alone(backed, people):
    words = {"assessed_grade": "said", "grounds": keys(backed, "หลักฐานที่ 1")}
    assert refused(approve, report=backed, by=people["reviewer"], **words) == {
        "assessed_grade": "เลือกหลักฐานไว้ 1 รายการ เลือก “มีเอกสารยืนยัน” หรือเอาเครื่องหมายออก"
    }


def test_what_the_page_lacks_is_told_with_what_the_report_lacks(open_round, people):
    report = make_report(open_round, by=people["staff"], status="completed", state="submitted")
    Evidence.objects.filter(report=report).delete()
    words = {"assessed_grade": "", "needs_grade": True}
    messages = refused(approve, report=stored(report), by=people["reviewer"], **words)
    assert set(messages) == {"", "assessed_grade"}


def test_what_goes_back_loses_its_grade_and_its_grounds(backed, people):
    chosen = keys(backed, "หลักฐานที่ 1")
    words = {"assessed_status": "on_hold", "assessed_note": "ยังรอระเบียบ"}
    by = people["reviewer"]
    approve(backed, by, assessed_grade="documented", grounds=chosen, **words)
    actions.send_back(report=backed, by=by, version=backed.version, reason="แนบฉบับลงนาม")
    kept = stored(backed)
    assert (kept.assessed_grade, grounds(backed)) == ("", [])
    assert kept.assessed_status == "on_hold", "the finding stays to be read"
    actions.submit(report=backed, by=people["staff"], version=backed.version)
    approve(stored(backed), by, assessed_grade="said")
    assert (stored(backed).assessed_grade, grounds(backed)) == ("said", [])


def test_a_changed_piece_is_no_ground_any_more(backed, people):
    """A piece with another title or reach is not what the committee has seen."""
    Evidence.objects.filter(report=backed).update(is_ground=True)
    StatusReport.objects.filter(pk=backed.pk).update(state="draft")
    pieces = [link(1), link(2), link(3, is_public=True)]
    save(stored(backed), people["staff"], evidence=pieces)
    assert grounds(backed) == ["หลักฐานที่ 1", "หลักฐานที่ 2"]


def test_evidence_attached_to_another_report_is_no_ground_there(backed, open_round, people):
    Evidence.objects.filter(report=backed).update(is_ground=True)
    other = make_report(open_round, "1.1", "MSDHS", by=people["staff"], state="draft")
    actions.attach_evidence(
        report=stored(backed),
        pieces=keys(backed, "หลักฐานที่ 1"),
        to=[(other, other.version)],
        by=people["staff"],
    )
    assert [each.title for each in other.evidence.all()] == ["หลักฐานที่ 1"]
    assert grounds(other) == []


def test_withdrawn_and_put_back_it_keeps_its_ground(backed, people):
    approve(
        backed,
        people["reviewer"],
        assessed_grade="documented",
        grounds=keys(backed, "หลักฐานที่ 2"),
    )
    admin = people["administrator"]
    actions.withdraw_report(report=backed, by=admin, version=backed.version, reason="ซ้ำ")
    actions.restore_report(report=backed, by=admin, version=backed.version)
    kept = stored(backed)
    assert (kept.state, kept.assessed_grade) == ("approved", "documented")
    assert grounds(kept) == ["หลักฐานที่ 2"]


def test_one_grade_for_several_names_no_evidence(open_round, people):
    waiting = [
        make_report(open_round, code, by=people["staff"], state="submitted", evidence=[link()])
        for code in ("1.2", "1.3")
    ]
    read = [(stored(report), report.version) for report in waiting]
    batch = {"reports": read, "by": people["reviewer"]}
    assert refused(actions.approve_many, assessed_grade="documented", **batch) == {
        "": "“มีเอกสารยืนยัน” ต้องระบุหลักฐานของแต่ละรายการ จึงรับรองทีละรายการ"
    }
    assert actions.approve_many(assessed_grade="none", **batch) == 2
    assert {stored(report).assessed_grade for report in waiting} == {"none"}


def test_several_may_be_approved_without_a_grade(open_round, people):
    report = make_report(open_round, by=people["staff"], state="submitted")
    actions.approve_many(reports=[(stored(report), report.version)], by=people["reviewer"])
    assert (stored(report).assessed_grade, stored(report).grade) == ("", "ungraded")


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
    assert refused(approve, report=report, by=people[who]) == {"": OWN_REPORT}
    assert refused(
        actions.send_back, report=report, by=people[who], version=report.version, reason="ก"
    ) == {"": OWN_REPORT}
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
    assert refused(approve, report=stored(other), by=people["reviewer"]) == {
        "": "รอบปีงบประมาณ 2569 เผยแพร่แล้ว จึงไม่บันทึกผลการตรวจ เปิดแก้ไขรอบพร้อมเหตุผลก่อน"
    }


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
    # Saving again means "keep mine", based on the version that was shown.
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


# No change since the last report -----------------------------------------------------------------


@pytest.fixture
def after_a_gap(open_round, people):
    """The report of 2571 on 1.2: the agency reported in 2569, on hold, and nothing in 2570."""
    make_report(
        open_round,
        by=people["staff"],
        reviewer=people["reviewer"],
        status="on_hold",
        obstacles="รอ",
    )
    for year in (2570, 2571):
        later = actions.create_round(by=people["staff"], year=year)
        actions.open_round(round_=later, by=people["staff"])
    return find_report(later, "1.2")


def test_no_change_needs_an_earlier_report_even_in_a_draft(open_round, people):
    report = find_report(open_round, "1.2")
    before = dump()
    said = refused(
        actions.save_draft,
        report=report,
        by=people["staff"],
        version=0,
        fields={"reported_status": "on_hold", "obstacles": "รอ", "no_change": True},
        evidence=[],
    )
    assert set(said) == {"no_change"}
    assert dump() == before


def test_no_change_is_measured_against_the_last_report_whenever_that_was(after_a_gap, people):
    fields = {"reported_status": "completed", "no_change": True}
    said = refused(
        actions.save_draft,
        report=after_a_gap,
        by=people["staff"],
        version=0,
        fields=fields,
        evidence=[link()],
    )
    assert "ชะลอ / ติดปัญหา" in said["no_change"]
    report = actions.save_draft(
        report=find_report(after_a_gap.round, "1.2"),
        by=people["staff"],
        version=0,
        fields={"reported_status": "on_hold", "obstacles": "ยังรอ", "no_change": True},
        evidence=[],
    )
    assert actions.submit(report=report, by=people["staff"], version=1).state == "submitted"


def test_last_is_one_thing_for_form_queue_and_workbook(after_a_gap):
    last = after_a_gap.last
    assert (last.round.year_be, last.reported_status) == (2569, "on_hold")
    of_year = StatusReport.objects.last_before([after_a_gap.round])
    assert of_year.of(after_a_gap) == last
    [record] = workbook.records(StatusReport.objects.filter(pk=after_a_gap.pk))
    assert record.last == last
    rounds = {year: Round(year_be=year) for year in (2570, 2571, 2569)}
    both = StatusReport.objects.last_before(rounds.values())
    assert both.before(rounds[2570], after_a_gap.assignment_id) == last
    assert both.before(rounds[2569], after_a_gap.assignment_id) is None
    assert StatusReport.objects.last_before([]).of(after_a_gap) is None


# Withdrawing ----------------------------------------------------------------------------------


def withdraw(report, by, reason="โอนภารกิจตามกฎหมาย"):
    return actions.withdraw_report(report=report, by=by, version=report.version, reason=reason)


def test_a_withdrawn_report_counts_and_is_asked_for_nowhere(open_round, people, msdhs):
    admin = people["administrator"]
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    report = make_report(open_round, "1.2", results="จัดเวที 3 ภาค", **write)
    before = standings([open_round])[open_round]
    link_ = actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])
    withdraw(report, admin)
    after = standings([open_round])[open_round]
    assert (after.expected, after.approved) == (before.expected - 1, before.approved - 1)
    year = year_progress(open_round)
    (measure,) = [each for each in year.measures if each.measure == report.measure]
    assert msdhs not in {line.agency for line in measure.lines}
    assert report.pk not in {each.pk for each in permissions.reports_of(link_)}
    (letters,) = correspondence(open_round, [msdhs])
    of_agency = open_round.reports.filter(assignment__agency=msdhs)
    assert letters.numbers.expected == of_agency.count() - 1
    assert "จัดเวที 3 ภาค" not in snapshots.freeze(open_round)
    assert report.assignment_id not in {
        record.report.assignment_id for record in workbook.records(open_round.reports.standing())
    }
    actions.expect_reports(round_=open_round)
    assert stored(report).state == "withdrawn", "it is neither asked for again nor deleted"
    assert stored(report).results == "จัดเวที 3 ภาค"


def test_what_was_withdrawn_comes_back_as_it_was(open_round, people):
    admin = people["administrator"]
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    for code, state in (
        ("1.1", "draft"), ("1.2", "submitted"), ("1.3", "returned"), ("8.1", "approved")
    ):  # fmt: skip
        agency = "MSDHS" if code == "1.1" else ""
        report = make_report(open_round, code, agency, state=state, **write)
        assert report.state == state
        withdraw(report, admin)
        assert not stored(report).takes_text
        actions.restore_report(report=report, by=admin, version=report.version)
        assert (stored(report).state, stored(report).withdrawn_reason) == (state, "")


def test_withdrawing_needs_an_administrator_a_reason_an_open_round_and_words(open_round, people):
    admin = people["administrator"]
    report = make_report(open_round, "1.2", by=people["staff"], state="submitted")
    for who in ("staff", "reviewer"):
        with pytest.raises(PermissionDenied):
            withdraw(report, people[who])
    assert refused(withdraw, report=report, by=admin, reason="") == {
        "withdrawn_reason": "ระบุเหตุผลที่ถอน หากรอบเคยเผยแพร่แล้ว สาธารณะจะเห็นข้อความนี้"
    }
    assert refused(withdraw, report=find_report(open_round, "1.3"), by=admin) == {
        "": "ยังไม่มีผู้เขียนรายการนี้ กำหนดปีสุดท้ายของการมอบหมายแทน รายการจะหายไปเอง"
    }
    with pytest.raises(Conflict):
        actions.withdraw_report(report=report, by=admin, version=1, reason="โอน")
    assert refused(actions.restore_report, report=report, by=admin, version=report.version) == {
        "": "รายการนี้อยู่ในรอบแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"
    }
    withdraw(report, admin)
    assert refused(withdraw, report=report, by=admin) == {
        "": "รายการนี้ถอนออกจากรอบแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"
    }
    (told, *_rest), _more = history.entries(report=report)
    assert (told.sentence, told.reason) == ("ถอนออกจากรอบ", "โอนภารกิจตามกฎหมาย")
    actions.close_round(round_=open_round, by=people["staff"])
    for verb in (withdraw, actions.restore_report):
        given = {} if verb is withdraw else {"version": report.version}
        assert refused(verb, report=report, by=admin, **given) == {"": ROUND_CLOSED}


# Taken back by who submitted ---------------------------------------------------------------------

NOT_YOURS = "ดึงกลับได้เฉพาะรายการที่ท่านส่งเองและยังรอตรวจ เปิดหน้าใหม่เพื่อดูขั้นล่าสุด"


def test_a_submission_is_taken_back_until_a_reviewer_opens_it(open_round, people):
    report = make_report(open_round, by=people["staff"], state="submitted")
    actions.recall(report=report, by=people["staff"], version=report.version)
    again = stored(report)
    assert (again.state, again.submitted_by, again.submitted_at) == ("draft", None, None)
    assert again.results == report.results, "what was written stays"
    said = history.entries(report=again)[0][0]
    assert (said.who, said.sentence) == (str(people["staff"]), "ดึงรายงานที่ส่งแล้วกลับมาแก้ไข")
    actions.submit(report=again, by=people["colleague"], version=again.version)
    assert stored(report).submitted_by == people["colleague"]


def test_what_a_reviewer_has_opened_is_not_taken_back(open_round, people):
    report = make_report(open_round, by=people["staff"], state="submitted")
    with time_machine.travel("2026-11-20T14:05:00+07:00", tick=False):
        assert actions.note_review_opened(report=stored(report), by=people["reviewer"])
        assert not actions.note_review_opened(report=stored(report), by=people["administrator"])
    assert stored(report).review_opened_by == people["reviewer"], "the first one stays"
    why = "ผู้ตรวจเปิดอ่านแล้วเมื่อ 20 พฤศจิกายน 2569 14.05 น. ขอให้ผู้ตรวจส่งกลับเพื่อแก้ไข"
    call = {"by": people["staff"], "version": report.version}
    # The page was opened before the reviewer came.
    assert refused(actions.recall, report=report, **call) == {"": why}
    actions.send_back(
        report=stored(report), by=people["reviewer"], version=report.version, reason="ระบุจำนวน"
    )
    returned = stored(report)
    actions.submit(report=returned, by=people["staff"], version=returned.version)
    assert stored(report).review_opened_at is None, "a new submission begins anew"
    actions.recall(report=returned, by=people["staff"], version=returned.version)


def test_only_who_submitted_takes_back_and_only_while_it_waits(open_round, people):
    report = make_report(open_round, by=people["staff"], state="submitted")
    for who in ("colleague", "reviewer"):
        call = {"report": report, "by": people[who], "version": report.version}
        assert refused(actions.recall, **call) == {"": NOT_YOURS}
    with pytest.raises(Conflict):
        actions.recall(report=report, by=people["staff"], version=report.version - 1)
    actions.close_round(round_=open_round, by=people["staff"])
    call = {"report": report, "by": people["staff"], "version": report.version}
    assert refused(actions.recall, **call) == {"": NOT_YOURS}


def test_a_link_takes_back_what_was_submitted_through_itself(open_round, people, msdhs):
    issue = {"round_": open_round, "agency": msdhs, "by": people["staff"]}
    first = actions.issue_link(**issue)
    report = find_report(open_round, "1.2", "MSDHS")
    fields = fields_for("in_progress")
    actions.save_draft(report=report, link=first, version=0, fields=fields, evidence=[])
    actions.submit(report=report, link=first, version=1)
    assert refused(actions.recall, report=report, by=people["staff"], version=2) == {"": NOT_YOURS}
    actions.recall(report=report, link=first, version=2)
    assert stored(report).submitted_link is None
    assert first.uses.latest("at").act == "recalled"
    actions.submit(report=report, link=first, version=3)
    other = actions.issue_link(**issue, replaces=first.pk)
    assert refused(actions.recall, report=report, link=other, version=4) == {"": NOT_YOURS}
    other.key = "x"  # the wrong agency's link reaches nothing
    other.agency = Agency.objects.get(code="CODI")
    with pytest.raises(PermissionDenied):
        actions.recall(report=report, link=other, version=4)


def test_only_who_may_decide_counts_as_a_reviewer_who_opened_it(open_round, people):
    report = make_report(open_round, by=people["reviewer"], state="submitted")
    for who in ("reviewer", "staff"):
        with pytest.raises(PermissionDenied):
            actions.note_review_opened(report=report, by=people[who])
    assert stored(report).review_opened_at is None
