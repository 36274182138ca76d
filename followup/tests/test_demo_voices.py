"""The demo's letters, organisations and assessments: seen as a newcomer sees them, and removed."""

from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from followup import actions, chain, permissions
from followup import demo as demo_data
from followup.actions import Refused
from followup.actions.narratives import Written
from followup.history import one_batch
from followup.models import (
    Agency,
    Assessment,
    AssessmentEvidence,
    AssessmentState,
    AssessorLink,
    Assignment,
    Feedback,
    FocalPoint,
    Letter,
    Narrative,
    Organisation,
    RecordEntry,
    Round,
    SentMail,
    Snapshot,
    StatusReport,
    User,
)
from followup.status import missing_from_independent
from followup.tests import files
from followup.tests.assessing import accepted, invite, make_organisation, save
from followup.tests.evidence_files import kept_names
from followup.tests.factories import dump, measure_of
from followup.tests.ground import ground, layer
from followup.tests.public import measure_section
from followup.tests.visitors import write


@layer
def voiced() -> None:
    demo_data.load(with_voices=True)


@pytest.fixture(name="voiced")
def voiced_fixture(forum):
    """The demo as the command loads it: with letters and independent assessments."""
    ground.lay("voiced")


def test_its_ledger_tells_letters_answers_and_silence(voiced, visitor):
    page = visitor.page("/silence/?year=2568")
    mfa, moi, dla = page.select("li.led")
    assert mfa.texts("ol.plan li")[:3] == [
        "ขอรายงาน พม 0305/2319 · 2 ต.ค. 2568",
        "เตือนครั้งที่ 1 พม 0305/2703 · 4 พ.ย. 2568",
        "เตือนครั้งที่ 2 พม 0305/2988 · 1 ธ.ค. 2568",
    ]
    assert "ไม่มีบันทึกหนังสือตอบ" in mfa.text
    assert "คำตอบของหนังสือ พม 0305/2989 เมื่อ 17 ธ.ค. 2568" in moi.text
    assert "คำชี้แจงในหนังสือตอบ ข้อ 2.2 ต้องรวบรวมข้อมูล" in dla.text
    late = page.select("table.ag")[0]
    assert [row.texts("td")[:2] for row in late.select("tbody tr")] == [
        ["พม 0305/2705 4 พ.ย. 2568", "11 พ.ย. 2568"],
        ["พม 0305/2705 4 พ.ย. 2568", "13 พ.ย. 2568"],
        ["พม 0305/2706 4 พ.ย. 2568", "10 พ.ย. 2568"],
    ]


@pytest.mark.parametrize("year", [2566, 2567])
def test_every_published_year_has_letters_and_reports_after_a_reminder(voiced, visitor, year):
    page = visitor.page(f"/silence/?year={year}")
    assert len(page.select("ol.plan .plan__done")) > len(page.select("li.led"))
    assert page.select("table.ag")[0].texts("td")[0].startswith("พม 0305/")
    assert "คำตอบของหนังสือ พม 0305/" in page.text


def test_its_disagreements_go_both_ways(voiced, visitor):
    page = visitor.page("/disagreements/?year=2568")
    told = [
        (
            row.one("th").text.split()[0],
            *(cell.removeprefix("สถานะ: ") for cell in row.texts("td")),
        )
        for row in page.one("table.ag").select("tbody tr")
    ]
    budget = "เครือข่ายดอกคูนเฝ้าดูงบท้องถิ่น (ตัวอย่าง)"
    media = "สมาคมเพื่อนสื่อคลองปลายฝัน (ตัวอย่าง)"
    data = "มูลนิธิข้อมูลบ้านปลายฟ้า (ตัวอย่าง)"
    assert told == [
        ("2.5", "ชะลอ / ติดปัญหา", f"ยังไม่ดำเนินการ {budget}", "ต่ำกว่า 1 ขั้น"),
        ("2.6", "ดำเนินการต่อเนื่องทุกปี", f"อยู่ระหว่างดำเนินการ {budget}", "ต่ำกว่า 1 ขั้น"),
        ("4.2", "อยู่ระหว่างดำเนินการ", f"ชะลอ / ติดปัญหา {media}", "ต่ำกว่า 1 ขั้น"),
        ("5.3", "ดำเนินการแล้วเสร็จ", f"อยู่ระหว่างดำเนินการ {data}", "ต่ำกว่า 1 ขั้น"),
        ("1.4", "อยู่ระหว่างดำเนินการ", f"ดำเนินการต่อเนื่องทุกปี {data}", "สูงกว่า 1 ขั้น"),
        ("3.3", "ชะลอ / ติดปัญหา", f"อยู่ระหว่างดำเนินการ {data}", "สูงกว่า 1 ขั้น"),
        ("2.2", "ยังไม่ได้รับรายงาน", f"อยู่ระหว่างดำเนินการ {budget}", "เทียบเป็นขั้นไม่ได้"),
    ]
    assert "1 จาก 8 ข้อที่ประเมิน" in page.one("dl.count3").text


def test_a_measure_shows_its_two_assessors_and_the_answer(voiced, visitor):
    voices = measure_section(visitor.page("/resolutions/2565/2/?year=2568"), "2.6")
    voice = voices.one(".voice--cso")
    assert voice.texts(".voice__d") == [
        "เครือข่ายดอกคูนเฝ้าดูงบท้องถิ่น (ตัวอย่าง) 14 พ.ย. 2568",
        "มูลนิธิข้อมูลบ้านปลายฟ้า (ตัวอย่าง) 20 พ.ย. 2568",
    ]
    assert voice.texts(".tag") == ["อยู่ระหว่างดำเนินการ", "ดำเนินการต่อเนื่องทุกปี"]
    assert "https://example.org/demo/2568/2-6-meetings.pdf" in [
        a["href"] for a in voice.select("a")
    ]
    assert "คสป. ตอบเครือข่ายดอกคูนเฝ้าดูงบท้องถิ่น (ตัวอย่าง)" in voices.one(".reply").text


def test_its_letters_could_have_come_through_the_rules(voiced):
    """As for the reports: the demo writes past the actions."""
    asked = {
        year: set(Assignment.objects.valid_in(year).values_list("agency", flat=True))
        for year in (2566, 2567, 2568, 2569)
    }
    before = None
    for each in Letter.objects.select_related("round", "agency"):
        of = each.round_id, each.agency_id
        done = before.attempt if before and of == (before.round_id, before.agency_id) else 0
        assert each.attempt == done + 1, each
        assert each.agency_id in asked[each.round.year_be], each
        assert timezone.localdate(each.round.opened_at) <= each.sent_on, each
        assert not done or before.sent_on <= each.sent_on, each
        # Nobody writes again to whom has answered.
        assert not done or before.answered_on is None or before.answered_on >= each.sent_on, each
        assert each.sent_on <= each.answer_by, each
        last = each.round.published_at
        assert not each.answered_on or each.answered_on >= each.sent_on, each
        assert not last or (each.answered_on or each.sent_on) <= timezone.localdate(last), each
        assert each.number.startswith("พม 0305/"), each
        assert not each.explanation or each.answered_on, each
        before = each
    numbers = Letter.objects.values_list("round", "number")
    assert len(set(numbers)) == len(numbers)
    assert set(Letter.objects.filter(round__state="open").values_list("attempt", flat=True)) == {1}
    answered = Letter.objects.filter(answered_on__gt=F("answer_by"))
    assert answered.exists(), "some answer late"


def test_its_assessments_could_have_come_through_the_rules(voiced):
    rows = Assessment.objects.select_related("round", "measure", "submitted_link", "decided_by")
    assert {each.round.year_be for each in rows} == {2567, 2568}
    for each in rows:
        assert each.state == AssessmentState.ACCEPTED
        assert permissions.assessable_in(each.round).filter(pk=each.measure_id).exists(), each
        assert not missing_from_independent(
            status=each.status,
            kind=each.measure.kind,
            reason=each.reason,
            evidence=each.evidence.count(),
        ), each
        assert each.round.opened_at <= each.submitted_at < each.decided_at, each
        assert each.decided_at < each.round.published_at, each
        link = each.submitted_link
        assert (link.round_id, link.organisation_id) == (each.round_id, each.organisation_id)
        assert not permissions.issued_its_link(each.decided_by, each)
        assert permissions.may_review(each.decided_by)
        assert each.history.latest().history_user == each.decided_by
        assert each.history.earliest().via == link.writer
        if each.answered:
            assert each.answered.answered_on <= timezone.localdate(each.round.published_at)
    assert sum(1 for each in rows if each.answered) == 2
    assert not Organisation.objects.exclude(name_th__endswith="(ตัวอย่าง)").exists()
    urls = [
        *AssessmentEvidence.objects.values_list("url", flat=True),
        *Organisation.objects.exclude(website="").values_list("website", flat=True),
    ]
    assert urls
    assert all(url.startswith("https://example.org/demo/") for url in urls)


def test_staff_read_how_they_came(voiced, sign_in):
    staff, reviewer, _round = as_demo_people()
    desk = sign_in(staff)
    mine = Organisation.objects.get(registration_number="ตัวอย่าง 1/2567")
    assessed = Assessment.objects.get(
        organisation=mine, measure=measure_of("2565-2.6"), round__year_be=2568
    )
    page = desk.page(f"/staff/assessments/{assessed.pk}/")
    for who in (mine.name_th, reviewer.display_name):
        assert who in page.text
    assert "รับไว้เป็นข้อสังเกต" in page.text
    assert mine.name_th in desk.page("/staff/organisations/").text
    latest = desk.page("/staff/history/").text
    assert "มูลนิธิข้อมูลบ้านปลายฟ้า (ตัวอย่าง)" in latest, "who wrote is the organisation"
    assert "พม 0305/2266" in desk.page("/staff/letters/BOB/").text


def test_it_refuses_beside_an_organisation_of_the_same_number(forum, people):
    make_organisation(people["staff"], registration_number="ตัวอย่าง 1/2567")
    before = dump()
    with pytest.raises(Refused, match="องค์กรที่ใช้เลขที่จดแจ้งเดียวกับองค์กรตัวอย่าง"):
        demo_data.load(with_voices=True)
    assert dump() == before


def as_demo_people() -> tuple[User, User, Round]:
    """Who try the demo, and its open round."""
    staff, reviewer = (User.objects.get(username=name) for name in ("demo-staff", "demo-reviewer"))
    return staff, reviewer, Round.objects.get(year_be=2569)


def ask_and_answer(staff: User) -> None:
    """A message with a file about a demo year, whose answer was shown and hidden again."""
    about = {"measure": measure_of("2565-4.2"), "round_": Round.objects.get(year_be=2568)}
    row = write(file=files.stored(), may_publish=True, **about)
    for shows in (True, False):
        row = actions.answer_feedback(
            feedback=row, by=staff, version=row.version, answer="ตรวจแล้ว", shows=shows
        )
    # One that was read without a year, and made a demo edition be corrected.
    other = write(text="ข้อความที่ยาวพอสำหรับเรื่องที่สอง")
    edition = Snapshot.objects.filter(round__year_be=2568).latest("pk")
    Feedback.objects.filter(pk=other.pk).update(correction=edition)


def test_its_voices_go_too_and_what_people_added_to_them(
    forum, request, empty_storage, django_capture_on_commit_callbacks
):
    mof = Agency.objects.get(code="MOF")
    FocalPoint.objects.create(agency=mof, name="คนจริง", email="real@example.org")
    before = dump()
    chain.begin("test")
    request.getfixturevalue("voiced")
    staff, reviewer, round_ = as_demo_people()
    mine = make_organisation(staff, "องค์กรที่ผู้ทดลองเชิญ")
    link = invite(round_, staff, mine)
    assessed = accepted(link, "2565-1.2", reviewer)
    actions.answer_assessment(assessment=assessed, by=reviewer, seen="", text="ขอบคุณ")
    gone = save(link, "2565-1.3")
    with one_batch(staff):
        gone.delete()  # its evidence's history has no assessment any more
    actions.end_organisation(organisation=mine, by=staff)
    actions.record_letter(
        round_=round_,
        agency=Agency.objects.get(code="CODI"),
        by=staff,
        attempt=1,
        number="พม 0305/9",
        sent_on=round_.starts_on,
        answer_by=round_.due_on,
    )
    actions.issue_link(round_=round_, agency=mof, by=staff)
    actions.queue_mails(
        round_=round_, agencies=[mof], content=SentMail.Content.WORKBOOK, sending=uuid4(), by=staff
    )
    actions.write_narratives(round_=round_, by=staff, texts={"preface": Written("คำนำ", "")})
    waiting = StatusReport.objects.filter(round=round_, state="submitted").with_context()
    assert actions.note_review_opened(report=waiting[0], by=reviewer)
    ask_and_answer(staff)
    assert kept_names()
    assert {each.model.removeprefix("followup.") for each in RecordEntry.objects.all()} == {
        "agencylink",
        "assessorlink",
        "feedback",
        "publicanswer",
        "sentmail",
        "statusreport",
    }
    assert Narrative.history.exists()

    with django_capture_on_commit_callbacks(execute=True):
        removed = demo_data.remove()
    assert (removed["letters"], removed["assessments"]) == (56, 15)
    assert (removed["organisations"], removed["feedback"]) == (4, 2)
    assert not kept_names()
    after = dump()
    assert {name for name in before if before[name] != after[name]} == {
        "followup_recordentry",
        "followup_chainentry",
        "followup_feedbackcount",  # a number that somebody was told is not given again
        "django_tasks_database_dbtaskresult",  # a job finds nothing to do, and is pruned
    }
    assert {each.act for each in RecordEntry.objects.all()} == {RecordEntry.Act.DEMO_REMOVED}
    chain.verify()


def test_organisations_and_messages_of_real_rounds_stay(voiced, people):
    """An organisation that a demo user invited stays while it assesses in a real round."""
    staff, reviewer, demo_round = as_demo_people()
    round_ = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=round_, by=people["staff"])
    theirs = Organisation.objects.get(registration_number="ตัวอย่าง 1/2567")
    kept = accepted(invite(round_, people["staff"], theirs), "2565-1.2", people["reviewer"])
    asked_only = make_organisation(staff, "ได้รับเชิญในรอบจริง")
    invite(round_, people["staff"], asked_only)
    real = make_organisation(people["staff"], "องค์กรจริง")
    accepted(invite(demo_round, staff, real), "2565-1.2", reviewer)
    about_real, about_none = write(round_=round_), write(text="เรื่องทั่วไปที่ยาวพอสำหรับการส่ง")
    notes = RecordEntry.objects.filter(model="followup.feedback").count()

    demo_data.remove()
    assert set(Organisation.objects.all()) == {theirs, asked_only, real}
    assert set(Organisation.history.values_list("id", flat=True)) == {
        theirs.pk,
        asked_only.pk,
        real.pk,
    }
    assert list(Assessment.objects.all()) == [kept]
    assert set(Assessment.history.values_list("id", flat=True)) == {kept.pk}
    assert list(AssessmentEvidence.objects.values_list("assessment", flat=True)) == [kept.pk]
    assert set(AssessmentEvidence.history.values_list("assessment", flat=True)) == {kept.pk}
    assert set(AssessorLink.objects.values_list("round", flat=True)) == {round_.pk}
    assert set(Feedback.objects.all()) == {about_real, about_none}
    assert RecordEntry.objects.filter(model="followup.feedback").count() == notes == 2
