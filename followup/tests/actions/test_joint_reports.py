"""One activity, told once and referred to from several measures of an agency."""

from collections import Counter

import pytest
from django.db import IntegrityError, transaction

from followup import actions, history
from followup.actions import Conflict
from followup.models import StatusReport
from followup.tests.actions.verbs import lacking, stored
from followup.tests.annual_report.reading import report_pages
from followup.tests.factories import fields_for
from forum_portal.thai import to_thai_digits

TEXTS = {"results": "จัดเวทีร่วม 4 ภาค", "obstacles": "งบน้อย", "next_steps": "ทำต่อ"}


@pytest.fixture
def trio(open_round):
    """Three expected reports of one agency as lead, in the source's order."""
    leads = open_round.reports.filter(assignment__role="lead").with_context()
    most = Counter(each.assignment.agency_id for each in leads).most_common(1)
    return [each for each in leads if each.assignment.agency_id == most[0][0]][:3]


def save(report, by, evidence=(), **more):
    fields = more.pop("fields", fields_for("in_progress") | TEXTS)
    return actions.save_draft(
        report=report, by=by, version=report.version, fields=fields, evidence=evidence, **more
    )


def texts(report):
    fresh = stored(report)
    return {name: getattr(fresh, name) for name in TEXTS}


def refer(report, main, by, **fields):
    fields = {"reported_status": "in_progress", "budget_spent": 5} | fields
    return save(report, by, fields=fields, told_in=main)


def test_it_is_typed_once_and_shown_at_each(trio, people):
    main, other, third = trio
    save(main, people["staff"])
    refer(other, main, people["staff"])
    refer(third, main, people["colleague"])
    assert texts(other) == texts(third) == TEXTS
    assert stored(other).budget_spent == 5
    assert stored(main).budget_spent is None, "amounts are each report's own"
    before = stored(other).version
    fresh = stored(main)
    save(fresh, people["staff"], fields={"results": "จัดเวทีแล้ว 5 ภาค"})
    assert texts(other) == texts(third) == TEXTS | {"results": "จัดเวทีแล้ว 5 ภาค"}
    assert stored(other).version == before + 1
    assert [each.sentence for each in history.entries(report=other)[0]] == [
        "ปรับข้อความตามรายงานที่รายงานร่วม",
        "บันทึกร่าง",
        "เปิดรายการให้รายงาน",
    ]
    batches = {each.history.first().batch for each in (main, other, third)}
    assert len(batches) == 1, "one write"
    with pytest.raises(Conflict):  # who had it open meanwhile is told
        save(other, people["colleague"], fields={"results": "อื่น"})
    # What is typed at a report that refers to another is not stored: the page says so.
    save(stored(other), people["staff"], fields={"results": "พิมพ์ทับ"})
    assert texts(other)["results"] == "จัดเวทีแล้ว 5 ภาค"


def test_it_is_told_on_its_own_again_with_the_text_it_had(trio, people):
    main, other, _third = trio
    save(main, people["staff"])
    refer(other, main, people["staff"])
    save(stored(other), people["staff"], fields={}, told_in=None)
    assert stored(other).told_in is None
    assert texts(other) == TEXTS
    save(stored(main), people["staff"], fields={"results": "ใหม่"})
    assert texts(other) == TEXTS


def test_what_cannot_be_joint_is_refused_with_what_to_do(trio, people, open_round):
    main, other, third = trio
    staff = people["staff"]
    save(main, staff)
    assert lacking(refer, main, main, staff) == {
        "told_in": "รายงานร่วมได้เฉพาะรายการอื่นของหน่วยงานเดียวกันในรอบเดียวกัน"
    }
    foreign = open_round.reports.exclude(assignment__agency=main.assignment.agency).with_context()[
        0
    ]
    assert "told_in" in lacking(refer, foreign, main, staff)
    refer(stored(other), main, staff)
    assert lacking(refer, stored(third), stored(other), staff) == {
        "told_in": f"{other.assignment} รายงานร่วมกับรายการอื่นอยู่แล้ว เลือกรายการที่พิมพ์ข้อความไว้จริง"
    }
    assert lacking(refer, stored(main), stored(third), staff) == {
        "told_in": "มีรายการอื่นใช้ข้อความของรายการนี้อยู่ แยกรายการเหล่านั้นก่อน แล้วบันทึกอีกครั้ง"
    }
    own = lacking(refer, stored(third), main, staff, results="ผลของตนเอง")
    assert set(own) == {"results"}
    assert "ย้ายไปไว้ใน" in own["results"]
    assert stored(third).told_in is None
    actions.submit(report=(fresh := stored(main)), by=staff, version=fresh.version)
    assert "อยู่ในขั้น “ส่งตรวจ” แล้ว" in lacking(refer, stored(third), main, staff)["told_in"]


def test_a_settled_report_is_not_changed_by_the_other(trio, people):
    main, other, _third = trio
    staff = people["staff"]
    save(main, staff)
    refer(other, main, staff)
    actions.submit(report=(fresh := stored(other)), by=staff, version=fresh.version)
    refusal = lacking(save, stored(main), staff, fields={"results": "แก้ผล"})
    assert str(other.assignment) in refusal[""]
    assert "ส่งตรวจหรือรับรองแล้ว จึงยังไม่บันทึก" in refusal[""]
    assert texts(main) == texts(other) == TEXTS
    save(stored(main), staff, fields={"budget_spent": 9})  # what is not shared may change


def test_an_agencys_link_reaches_its_own_only(trio, people, open_round):
    main, other, _third = trio
    issued = actions.issue_link(
        round_=open_round, agency=main.assignment.agency, by=people["staff"]
    )
    for report, told_in in ((main, None), (other, main)):
        actions.save_draft(
            report=report,
            link=issued,
            version=0,
            fields=TEXTS if told_in is None else {},
            evidence=[],
            told_in=told_in,
        )
    assert texts(other) == TEXTS
    foreign = open_round.reports.exclude(assignment__agency=main.assignment.agency).with_context()[
        0
    ]
    fresh = stored(other)
    refusal = lacking(
        actions.save_draft,
        report=fresh,
        link=issued,
        version=fresh.version,
        fields={},
        evidence=[],
        told_in=foreign,
    )
    assert set(refusal) == {"told_in"}


def test_no_report_is_told_in_itself(trio):
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusReport.objects.filter(pk=trio[0].pk).update(told_in=trio[0].pk)


def test_editions_and_pages_name_the_received_ones(open_round, people, visitor, trio):
    main, other, third = trio
    staff, reviewer = people["staff"], people["reviewer"]
    save(main, staff)
    for each in (other, third):
        refer(each, main, staff)
    for each in (main, other):
        fresh = stored(each)
        actions.submit(report=fresh, by=staff, version=fresh.version)
        actions.approve(report=fresh, by=reviewer, version=fresh.version)
    actions.close_round(round_=open_round, by=staff)
    actions.publish_round(round_=open_round, by=reviewer)
    measure = other.measure
    page = visitor.page(f"/resolutions/2565/{measure.resolution.number}/")
    assert f"รายงานร่วมกับ {main.measure.code}" in page.text
    assert f"รายงานร่วมกับ {main.measure.code} และ" not in page.text, "the third is not received"
    StatusReport.objects.update(told_in=None)
    again = visitor.page(f"/resolutions/2565/{measure.resolution.number}/")
    assert again.one("main").text == page.one("main").text, "an edition keeps what it said"
    report = " ".join(part.text for part in report_pages(visitor, "/reports/2569/"))
    for each in (main, other):
        words = f"รายงานร่วมกับ {to_thai_digits(each.measure.code)} จัดเวทีร่วม"
        assert report.count(words) == 1
