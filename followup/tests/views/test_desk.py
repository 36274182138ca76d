"""One report at the secretariat's desk: submitted, reviewed, sent back, read."""

import pytest

from followup import actions
from followup.models import StatusReport
from followup.tests.client import read
from followup.tests.desk import FULL, codes, errors, path_of, said, stored, typed
from followup.tests.factories import link, make_report
from followup.tests.sentences import (
    CHANGED_SINCE_OPENED,
    MEETING_NEEDED,
    NOT_RECEIVED,
    NOT_WAITING,
    OWN_REPORT,
    REASON_NEEDED,
    ROUND_CLOSED,
)


def review_path(report: StatusReport) -> str:
    return f"/staff/reports/{report.pk}/review/"


def test_submitting_hands_it_over_and_closes_the_form(staff, report):
    page = staff.page(path_of(report))
    response = staff.send(page, "form#f", do="submit", **FULL)
    assert response["Location"] == "/staff/"
    assert said(staff.page("/staff/")) == ["ส่งตรวจ 2565-1.2 พม. แล้ว ผู้ตรวจคนอื่นจะเป็นผู้รับรอง"]
    assert (stored(report).state, stored(report).submitted_by.username) == ("submitted", "staff")
    page = staff.page(path_of(report))
    assert not page.has("form#f")
    assert (
        page.one("p.notice").text
        == "ส่งตรวจแล้ว หากต้องแก้ไข ขอให้ผู้ตรวจส่งกลับก่อน ผู้รายงานตรวจรายการของตนเองไม่ได้"
    )
    assert "จัดเวทีรับฟัง 4 ภาค" in page.text
    assert "ส่งตรวจโดย คุณstaff" in page.text


def test_another_person_approves(submitted, reviewer, colleague):
    page = reviewer.page(review_path(submitted))
    assert "จัดทำร่างแล้ว" in page.text
    response = reviewer.send(page, do="approve", assessed_grade="said")
    assert response["Location"] == "/staff/review/"
    assert said(reviewer.page("/staff/review/")) == ["รับรอง 2565-1.2 พม. แล้ว"]
    now = stored(submitted)
    assert (now.state, now.approved_by.username, now.assessed_status) == (
        "approved",
        "reviewer",
        "",
    )
    page = colleague.page(path_of(submitted))
    assert page.one("p.notice").text == "รับรองแล้ว จะแสดงต่อสาธารณะเมื่อเผยแพร่รอบ"
    assert "รับรองโดย คุณreviewer" in page.text


def test_returning_needs_a_reason_and_the_writer_reads_it(submitted, reviewer, staff):
    page = reviewer.page(review_path(submitted))
    response = reviewer.send(page, do="return", return_reason=" ")
    assert response.status_code == 422
    assert read(response).one(".errs h2").text == "ยังบันทึกผลการตรวจไม่ได้ แก้ไข 1 จุดต่อไปนี้"
    assert errors(read(response)) == [("#id_return_reason", "ระบุสิ่งที่ต้องแก้ไข")]
    assert stored(submitted).state == "submitted"

    response = reviewer.send(read(response), do="return", return_reason="ระบุจำนวนฉบับ")
    assert said(reviewer.page("/staff/review/")) == ["ส่ง 2565-1.2 พม. กลับแก้ไขแล้ว"]
    assert stored(submitted).state == "returned"
    page = staff.page(path_of(submitted))
    assert page.one("p.notice").text == "ส่งกลับแก้ไข: ระบุจำนวนฉบับ"
    assert typed(page)["results"] == "จัดทำร่างแล้ว"
    response = staff.send(page, "form#f", do="submit", results="จัดทำร่างแล้ว 3 ฉบับ")
    assert response.status_code == 302
    assert (stored(submitted).state, stored(submitted).return_reason) == ("submitted", "")


def test_nobody_decides_on_what_they_submitted_themselves(open_round, people, reviewer):
    own = make_report(open_round, by=people["reviewer"], state="submitted")
    page = reviewer.page(review_path(own))
    assert not page.has("main form")
    assert OWN_REPORT in page.texts("p.notice")
    for do in ("approve", "return"):
        data = {"version": own.version, "do": do, "return_reason": "x"}
        response = reviewer.post(review_path(own), data)
        assert response.status_code == 422
        assert errors(read(response)) == [("", OWN_REPORT)]
    assert stored(own).state == "submitted"


def test_the_committee_finds_another_status_and_says_why(open_round, people, reviewer, visitor):
    report = make_report(open_round, by=people["staff"], state="submitted", status="completed")
    page = reviewer.page(review_path(report))
    response = reviewer.send(
        page, do="approve", assessed_grade="said", assessed_status="in_progress"
    )
    assert errors(read(response)) == [
        ("#id_assessed_note", REASON_NEEDED),
    ]
    assert stored(report).state == "submitted"

    response = reviewer.send(
        page,
        do="approve",
        assessed_grade="said",
        assessed_status="cancelled",
        assessed_note="หยุดจริง",
    )
    assert errors(read(response)) == [("#id_assessed_meeting", MEETING_NEEDED)]
    form = read(response).one("main form").controls()
    assert (form["assessed_status"], form["assessed_note"]) == ("cancelled", "หยุดจริง")

    # The agency wrote no obstacles: the committee's reason is enough.
    response = reviewer.send(
        page,
        do="approve",
        assessed_grade="said",
        assessed_status="on_hold",
        assessed_note="ยังเป็นร่าง",
        assessed_meeting="4/2569",
    )
    assert response.status_code == 302
    now = stored(report)
    assert (now.state, now.assessed_status, now.assessed_meeting) == (
        "approved",
        "on_hold",
        "4/2569",
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    agency, committee = (
        visitor.page("/resolutions/2565/1/").one("section#m2565-1-2").select(".voice")
    )
    assert "ดำเนินการแล้วเสร็จ" in agency.text
    assert (
        "คสป. ประเมิน ครั้งที่ 4/2569 สถานะ: ชะลอ / ติดปัญหา หลักฐานที่ใช้ หน่วยงานแจ้ง ยังเป็นร่าง"
        in committee.text
    )


@pytest.fixture
def backed(open_round, people):
    return make_report(
        open_round,
        by=people["staff"],
        state="submitted",
        evidence=[link(1), link(2, is_public=False)],
    )


def test_the_review_asks_what_the_status_rests_on(backed, reviewer):
    """Nothing is chosen beforehand: a default would be nobody's judgement."""
    page = reviewer.page(review_path(backed))
    form = page.one("main form")
    assert form.texts("label.radio") == [
        "มีเอกสารยืนยัน คสป. ระบุหลักฐานที่ใช้ และหลักฐานนั้นยืนยันสถานะ",
        "หน่วยงานแจ้ง มีเพียงคำของหน่วยงานเอง ไม่มีเอกสารยืนยัน",
        "ไม่มีหลักฐาน ไม่มีสิ่งใดยืนยันสถานะ",
    ]
    assert form.texts("#id_grounds label") == [
        "หลักฐานที่ 1",
        "หลักฐานที่ 2 ภายใน สาธารณะเห็นเพียงว่ามี",
    ]
    assert form.select("input[checked]") == []
    response = reviewer.send(page, do="approve")
    assert response.status_code == 422
    assert errors(read(response)) == [("#id_assessed_grade", "ระบุหลักฐานที่ใช้ประเมิน")]
    assert stored(backed).state == "submitted"


def test_a_reviewer_names_the_evidence(backed, reviewer, colleague):
    page = reviewer.page(review_path(backed))
    piece = backed.evidence.get(is_public=False)
    response = reviewer.send(page, do="approve", assessed_grade="said", grounds=[str(piece.pk)])
    again = read(response)
    assert errors(again) == [
        (
            "#id_assessed_grade",
            "เลือกหลักฐานไว้ 1 รายการ เลือก “มีเอกสารยืนยัน” หรือเอาเครื่องหมายออก",
        )
    ]
    assert [each["value"] for each in again.select("input[checked]")] == ["said", str(piece.pk)]
    reviewer.send(page, do="approve", assessed_grade="documented", grounds=[str(piece.pk)])
    assert [each.title for each in stored(backed).grounds] == ["หลักฐานที่ 2"]
    page = colleague.page(path_of(backed))
    assert page.one("p.grade").text == "หลักฐานที่ใช้ประเมิน มีเอกสารยืนยัน หลักฐานที่ 2"


def test_evidence_that_went_while_the_page_was_open_is_no_ground(backed, reviewer):
    page = reviewer.page(review_path(backed))
    words = {"do": "approve", "assessed_grade": "documented", "grounds": ["999999"]}
    response = reviewer.post(review_path(backed), {"version": backed.version, **words})
    assert errors(read(response)) == [
        (
            "#id_grounds",
            "หลักฐานที่เลือกบางรายการไม่อยู่ในรายงานนี้แล้ว เปิดหน้าใหม่แล้วเลือกอีกครั้ง",
        )
    ]
    assert page.has("main form")
    assert stored(backed).state == "submitted"


def test_sending_back_asks_for_no_grade(backed, reviewer):
    page = reviewer.page(review_path(backed))
    assert reviewer.send(page, do="return", return_reason="ระบุจำนวน").status_code == 302
    assert stored(backed).state == "returned"


def test_the_agencys_own_status_chosen_again_is_no_second_voice(submitted, reviewer):
    page = reviewer.page(review_path(submitted))
    reviewer.send(
        page,
        do="approve",
        assessed_grade="said",
        assessed_status="in_progress",
        assessed_note="เห็นด้วย",
    )
    assert stored(submitted).state == "approved"
    assert stored(submitted).assessed_status == ""


def test_what_another_reviewer_decided_is_not_decided_again(submitted, people, reviewer):
    page = reviewer.page(review_path(submitted))
    actions.approve(report=stored(submitted), by=people["administrator"], version=submitted.version)
    response = reviewer.send(page, do="return", return_reason="ช้าไป")
    assert response.status_code == 409
    assert errors(read(response)) == [("", CHANGED_SINCE_OPENED)]
    response = reviewer.send(page, do="approve", assessed_grade="said")
    assert response.status_code == 422
    assert errors(read(response)) == [("", NOT_WAITING)]
    assert stored(submitted).state == "approved"


def test_a_reviewer_decides_on_what_they_have_read(submitted, people, reviewer):
    page = reviewer.page(review_path(submitted))
    admin, staff = people["administrator"], people["staff"]
    report = stored(submitted)
    actions.send_back(report=report, by=admin, version=report.version, reason="เพิ่มจำนวน")
    actions.save_draft(
        report=report,
        by=staff,
        version=report.version,
        fields={"results": "ฉบับใหม่"},
        evidence=[],
    )
    actions.submit(report=report, by=staff, version=report.version)
    response = reviewer.send(page, do="approve", assessed_grade="said", assessed_note="อ่านแล้ว")
    assert response.status_code == 409
    assert errors(read(response)) == [("", CHANGED_SINCE_OPENED)]
    assert "ฉบับใหม่" in read(response).text
    assert read(response).one("main form").controls()["assessed_note"] == "อ่านแล้ว"
    assert stored(submitted).state == "submitted"
    assert reviewer.send(read(response), do="approve", assessed_grade="said").status_code == 302
    assert stored(submitted).state == "approved"


def test_what_was_submitted_can_be_approved_after_closing(open_round, submitted, people, reviewer):
    actions.close_round(round_=open_round, by=people["staff"])
    page = reviewer.page("/staff/review/")
    assert codes(page) == ["1.2"]
    reviewer.send(reviewer.page(review_path(submitted)), do="approve", assessed_grade="said")
    assert stored(submitted).state == "approved"


@pytest.mark.parametrize(
    ("state", "notice"), [("closed", ROUND_CLOSED), ("published", "รอบนี้เผยแพร่แล้ว")]
)
def test_a_report_of_a_round_that_is_over_can_be_read_only(
    open_round, people, staff, report, state, notice
):
    actions.close_round(round_=open_round, by=people["staff"])
    if state == "published":
        actions.publish_round(round_=open_round, by=people["reviewer"])
    page = staff.page(path_of(report))
    assert not page.has("form#f")
    assert page.one("p.notice").text == notice
    assert NOT_RECEIVED in page.text


def test_internal_evidence_is_for_those_who_work_here(open_round, people, staff):
    report = make_report(
        open_round,
        by=people["staff"],
        state="submitted",
        evidence=[link(1), link(2, is_public=False)],
    )
    page = staff.page(path_of(report))
    assert "หลักฐานภายใน" in page.texts("dl.field dt")
    assert page.texts("ul.files a") == ["หลักฐานที่ 1", "หลักฐานที่ 2"]


def test_an_administrator_takes_a_report_out_of_its_round_and_back(
    submitted, people, staff, sign_in
):
    admin = sign_in(people["administrator"])
    page = admin.page(path_of(submitted))
    assert "ถอนรายงานนี้ออกจากรอบ" in page.text
    assert "ถอนรายงานนี้ออกจากรอบ" not in staff.page(path_of(submitted)).text
    way = f"{path_of(submitted)}withdraw/"
    response = admin.send(admin.page(way), do="withdraw", withdrawn_reason=" ")
    assert response.status_code == 422
    assert errors(read(response)) == [
        ("#id_withdrawn_reason", "ระบุเหตุผลที่ถอน หากรอบเคยเผยแพร่แล้ว สาธารณะจะเห็นข้อความนี้")
    ]
    response = admin.send(admin.page(way), do="withdraw", withdrawn_reason="โอนภารกิจ")
    page = admin.page(response["Location"])
    assert said(page) == ["ถอน 2565-1.2 พม. ออกจากรอบแล้ว"]
    assert "ถอนออกจากรอบ: โอนภารกิจ" in page.text
    assert "ส่งตรวจแล้ว หากต้องแก้ไข" not in page.text
    assert "โอนภารกิจ" in admin.page("/staff/rounds/2569/").text
    assert "2565-1.2 พม." not in staff.page("/staff/?state=submitted").text
    old = admin.page(way)
    admin.send(old, do="restore")
    assert stored(submitted).state == "submitted"
    response = admin.send(old, do="restore")
    assert (response.status_code, errors(read(response))) == (
        422,
        [("", "รายการนี้อยู่ในรอบแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด")],
    )


def test_a_reason_typed_on_an_old_page_is_kept(submitted, people, sign_in):
    admin = sign_in(people["administrator"])
    way = f"{path_of(submitted)}withdraw/"
    page = admin.page(way)
    actions.send_back(
        report=submitted, by=people["reviewer"], version=submitted.version, reason="แก้"
    )
    response = admin.send(page, do="withdraw", withdrawn_reason="โอนภารกิจ")
    assert response.status_code == 409
    again = read(response)
    assert again.one("#id_withdrawn_reason").text == "โอนภารกิจ"
    admin.logout()
    response = admin.send(again, do="withdraw", withdrawn_reason="โอนภารกิจเดิม")
    assert response.status_code == 403
    assert "โอนภารกิจเดิม" in read(response).text
    assert stored(submitted).state == "returned"


def test_a_submission_is_taken_back_on_its_page(submitted, staff, reviewer):
    path = f"/staff/reports/{submitted.pk}/"
    page = staff.page(path)
    assert "ยังไม่มีผู้ตรวจเปิดอ่าน" in page.one("main").text
    assert "ดึงกลับมาแก้ไข" not in reviewer.page(path).one("main").text
    assert staff.post(path, {"do": "recall", "version": "1"}).status_code == 302
    assert said(staff.page(path)) == ["รายการนี้เปลี่ยนไปหลังจากเปิดหน้า จึงยังไม่ดึงกลับ อ่านฉบับล่าสุดก่อน"]
    assert staff.post(path, {"do": "recall", "version": "2"})["Location"] == path
    page = staff.page(path)
    assert said(page) == ["ดึงรายงานกลับมาเป็นฉบับร่างแล้ว แก้ไขแล้วส่งใหม่ได้"]
    assert page.one("form#f")


def test_from_the_moment_a_reviewer_opens_it_the_page_says_so(submitted, staff, reviewer):
    path = f"/staff/reports/{submitted.pk}/"
    reviewer.get("/staff/review/")
    reviewer.head(f"{path}review/")
    assert "ยังไม่มีผู้ตรวจเปิดอ่าน" in staff.page(path).one("main").text
    reviewer.page(f"{path}review/")
    assert "ผู้ตรวจเปิดอ่านแล้วเมื่อ" in staff.page(path).one("main").text
    staff.post(path, {"do": "recall", "version": "2"})
    assert said(staff.page(path))[0].startswith("ผู้ตรวจเปิดอ่านแล้วเมื่อ")
    assert StatusReport.objects.get(pk=submitted.pk).state == "submitted"


def test_the_reviewer_goes_through_the_queue_from_the_oldest_without_their_own(
    demo, people, sign_in
):
    waiting = list(StatusReport.objects.waiting().order_by("submitted_at", "pk"))
    # Two of one moment are in the order of their keys.
    same = StatusReport.objects.filter(pk__in=[waiting[2].pk, waiting[3].pk])
    same.update(submitted_at=waiting[2].submitted_at)
    own = waiting.pop(5)
    StatusReport.objects.filter(pk=own.pk).update(submitted_by=people["reviewer"])
    expected = [
        each.pk
        for each in StatusReport.objects.waiting().order_by("submitted_at", "pk")
        if each.pk != own.pk
    ]
    reviewer = sign_in(people["reviewer"])
    seen, address = [], f"/staff/reports/{expected[0]}/review/"
    while address:
        page = reviewer.page(address)
        before = [a["href"] for a in page.select("nav.btns a[rel=prev]")]
        assert before == [f"/staff/reports/{pk}/review/" for pk in seen[-1:]]
        assert f"รอคุณตรวจ {len(expected)} รายการ" in page.text
        seen.append(int(address.split("/")[3]))
        address = next((a["href"] for a in page.select("nav.btns a[rel=next]")), "")
    assert seen == expected
