"""The history: one entry for each write, as a Thai sentence, and no way to change it."""

from datetime import date

from django.apps import apps
from django.contrib.auth.models import Permission
from django.urls import get_resolver

from followup import actions, history
from followup.models import Assignment, Letter, Ruling, StatusReport
from followup.tests.client import read
from followup.tests.factories import fields_for, find_report, link, make_report
from followup.tests.test_permissions import names_of

TRACKED = {
    record
    for record in apps.get_app_config("followup").get_models()
    if hasattr(record, "history") and not record.__name__.startswith("Historical")
}


def told(report):
    found, more = history.entries(report=report)
    assert more is None
    return found


def test_every_tracked_record_is_told():
    assert set(history.TOLD) == TRACKED - history.UNTOLD


def test_a_report_tells_its_year_from_the_last_to_the_first(open_round, people):
    report = make_report(
        open_round,
        "1.3",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="continuous",
        evidence=[link(1), link(2)],
        assessed={"assessed_status": "in_progress", "assessed_note": "หลักฐานไม่พอ"},
        results="จัดเวที",
    )
    found = told(report)
    assert [(each.who, each.sentence) for each in found] == [
        (
            str(people["reviewer"]),
            "รับรอง",
        ),
        (str(people["staff"]), "ส่งตรวจ"),
        (str(people["staff"]), "บันทึกร่าง"),
        (str(people["staff"]), "เปิดรายการให้รายงาน"),
    ]
    draft = {change.label: (change.before, change.after) for change in found[2].changes}
    assert draft["สถานะที่หน่วยงานรายงาน"] == ("", "ดำเนินการต่อเนื่องทุกปี")
    assert draft["ผลการดำเนินงาน"] == ("", "จัดเวที")
    evidence = [each.after for each in found[2].changes if each.label == "หลักฐาน: ชื่อหลักฐาน"]
    assert evidence == ["หลักฐานที่ 1", "หลักฐานที่ 2"], "part of the same entry"
    assert ("สถานะที่ คสป. ประเมิน", "", "อยู่ระหว่างดำเนินการ") in [
        (change.label, change.before, change.after) for change in found[0].changes
    ]


def test_a_change_of_status_is_a_sentence_from_what_to_what(open_round, people):
    report = make_report(open_round, by=people["staff"], state="draft", status="in_progress")
    actions.save_draft(
        report=report, by=people["colleague"], version=1, fields=fields_for("on_hold"), evidence=[]
    )
    latest = told(report)[0]
    assert f"{latest.who} {latest.sentence}" == (
        f"{people['colleague']} บันทึกร่าง และเปลี่ยนสถานะจาก “อยู่ระหว่างดำเนินการ” เป็น “ชะลอ / ติดปัญหา”"
    )


def test_a_return_tells_why(open_round, people):
    report = make_report(
        open_round, by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    latest = told(report)[0]
    assert (latest.sentence, latest.reason) == ("ส่งกลับแก้ไข", "ระบุจำนวนผู้เข้าร่วม")


def test_one_write_is_one_entry_whatever_it_touches(open_round, people):
    report = find_report(open_round, "1.2")
    before = len(told(report))
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=0,
        fields=fields_for("completed"),
        evidence=[link(1), link(2), link(3)],
        provinces=["10", "50"],
    )
    assert len(told(report)) == before + 1
    actions.save_draft(
        report=report, by=people["staff"], version=1, fields={}, evidence=[link(2)], provinces=[]
    )
    assert len(told(report)) == before + 2
    gone = [each.before for each in told(report)[0].changes if each.label == "หลักฐาน: ชื่อหลักฐาน"]
    assert sorted(gone) == ["หลักฐานที่ 1", "หลักฐานที่ 3"]


def test_rounds_assignments_rulings_and_letters_are_told(open_round, people):
    assignment = Assignment.objects.first()
    assignment.basis = "confirmed"
    assignment.save()
    Ruling.objects.create(
        round=open_round, measure=assignment.measure, status="on_hold", meeting_ref="1/2569"
    )
    Letter.objects.create(
        round=open_round,
        agency=assignment.agency,
        attempt=1,
        number="พม 0301/1",
        sent_on=date(2026, 10, 5),
        answer_by=date(2026, 11, 4),
    )
    actions.close_round(round_=open_round, by=people["staff"])
    sentences = [each.sentence for each in history.entries()[0][:4]]
    assert sentences == [
        "เปลี่ยนขั้นของรอบจาก “เปิดรับรายงาน” เป็น “ปิดรับรายงาน”",
        "เพิ่มหนังสือติดตาม",
        "เพิ่มมติ คสป. ที่กำหนดสถานะ",
        "แก้ไขการมอบหมาย",
    ]


def test_history_cannot_be_edited_from_the_application(people):
    assert not [name for name in names_of(get_resolver().url_patterns) if "historical" in name]
    for person in people.values():
        rights = person.get_all_permissions()
        assert not [right for right in rights if ".historical" in right or "_historical" in right]
    assert Permission.objects.filter(codename__contains="historical").exists(), "the control"


def approved_on(open_round, people, *titles):
    """A report with two pieces, approved as documented by those with these titles."""
    report = make_report(
        open_round, by=people["staff"], state="submitted", evidence=[link(1), link(2)]
    )
    chosen = [each.pk for each in report.evidence.all() if each.title in titles]
    return actions.approve(
        report=report,
        by=people["reviewer"],
        version=report.version,
        assessed_grade="documented",
        grounds=chosen,
    )


def test_an_approval_says_which_evidence_it_rests_on(open_round, people):
    report = approved_on(open_round, people, "หลักฐานที่ 2")
    entry = told(report)[0]
    assert (entry.sentence, entry.who) == ("รับรอง", str(people["reviewer"]))
    changes = [(each.label, each.before, each.after) for each in entry.changes]
    assert ("หลักฐานที่ใช้ประเมิน", "", "มีเอกสารยืนยัน") in changes
    assert ("หลักฐาน: คสป. ใช้ประเมิน", "", "หลักฐานที่ 2") in changes
    assert [each for each in changes if "หลักฐานที่ 1" in each] == []
    actions.send_back(
        report=report, by=people["reviewer"], version=report.version, reason="แก้ตัวเลข"
    )
    changes = [(each.label, each.before, each.after) for each in told(report)[0].changes]
    assert ("หลักฐานที่ใช้ประเมิน", "มีเอกสารยืนยัน", "") in changes
    assert ("หลักฐาน: คสป. ใช้ประเมิน", "หลักฐานที่ 2", "") in changes


def test_a_reviewer_reads_what_the_last_approval_rested_on(open_round, people, sign_in):
    report = approved_on(open_round, people, "หลักฐานที่ 1")
    by = people["administrator"]
    actions.send_back(report=report, by=by, version=report.version, reason="แก้ตัวเลข")
    actions.submit(report=report, by=people["staff"], version=report.version)
    assert history.last_ground(report) == ("documented", ["หลักฐานที่ 1"])
    page = sign_in(people["reviewer"]).page(f"/staff/reports/{report.pk}/review/")
    section = page.one("section[aria-labelledby=h-ch]")
    assert section.one("p.grade").text == "หลักฐานที่ใช้เมื่อรับรองครั้งก่อน มีเอกสารยืนยัน หลักฐานที่ 1"
    other = make_report(open_round, "1.3", by=people["staff"], state="submitted")
    assert history.last_ground(other) is None


def test_what_a_reviewer_sees_again_shows_what_changed_since(open_round, people, sign_in):
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    report = make_report(open_round, "1.2", state="returned", results="จัดเวที 3 ภาค", **write)
    make_report(open_round, "1.2", state="submitted", results="จัดเวที 4 ภาค", **write)
    page = sign_in(people["reviewer"]).page(f"/staff/reports/{report.pk}/review/")
    section = page.one("section[aria-labelledby=h-ch]")
    assert "ส่งกลับเพราะ ระบุจำนวนผู้เข้าร่วม" in section.text
    assert (section.texts("del"), section.texts("ins")) == (["3"], ["4"])
    first = make_report(open_round, "1.3", state="submitted", **write)
    fresh = sign_in(people["reviewer"]).page(f"/staff/reports/{first.pk}/review/")
    assert not fresh.has("section[aria-labelledby=h-ch]"), "nobody decided on it before"


def test_markup_in_a_text_stays_text(open_round, people, sign_in):
    report = make_report(
        open_round, by=people["staff"], state="draft", results="<script>alert(1)</script>"
    )
    response = sign_in(people["staff"]).get(f"/staff/reports/{report.pk}/history/")
    assert "<script>alert(1)" not in response.content.decode()
    assert "&lt;script&gt;alert(1)" in response.content.decode()


def test_the_review_goes_on_with_the_next_in_the_queue(open_round, people, sign_in):
    waiting = [
        make_report(open_round, code, by=people["staff"], state="submitted")
        for code in ("1.1", "1.2", "1.3")
    ]
    client = sign_in(people["reviewer"])
    address = "/staff/reports/{}/review/".format
    page = client.page(address(waiting[1].pk))
    assert page.one("a[rel=prev]")["href"] == address(waiting[0].pk)
    assert page.one("a[rel=next]")["href"] == address(waiting[2].pk)
    assert client.send(page, do="approve", assessed_grade="said")["Location"] == address(
        waiting[2].pk
    )
    page = client.page(address(waiting[2].pk))
    assert client.send(page, do="approve", assessed_grade="said")["Location"] == address(
        waiting[0].pk
    ), "back to the first"
    page = client.page(address(waiting[0].pk))
    assert client.send(page, do="approve", assessed_grade="said")["Location"] == "/staff/review/"


def test_ticked_reports_are_approved_together(open_round, people, sign_in):
    reports = [
        make_report(open_round, code, by=people["staff"], state="submitted")
        for code in ("1.1", "1.2")
    ]
    client = sign_in(people["reviewer"])
    ticks = [f"{report.pk}.{report.version}" for report in reports]
    for wrong, sentence in (
        ([], "ยังไม่ได้เลือกรายการ"),
        ([ticks[0], "999999.1"], "บางรายการไม่ได้รอตรวจแล้ว ดูรายการล่าสุดแล้วเลือกอีกครั้ง"),
        (["x", "1.2.3"], "ยังไม่ได้เลือกรายการ"),
    ):
        client.post("/staff/review/", {"report": wrong})
        assert client.page("/staff/review/").one(".flash").text == sentence
    assert set(
        StatusReport.objects.filter(pk__in=[r.pk for r in reports]).values_list("state")
    ) == {("submitted",)}
    response = client.post("/staff/review/", {"report": ticks})
    assert set(StatusReport.objects.filter(version__gt=0).values_list("state")) == {("submitted",)}
    page = read(response)
    assert "จะรับรอง 2 รายการต่อไปนี้" in page.text
    assert [item.one("b").text for item in page.select("ol.tasks li")] == ["1.1", "1.2"]
    client.send(page)
    assert client.page("/staff/review/").one(".flash").text == "รับรองแล้ว 2 รายการ"
    assert grades_of(reports) == {""}, "the batch may leave it out"


def grades_of(reports):
    rows = StatusReport.objects.filter(pk__in=[report.pk for report in reports])
    return set(rows.values_list("assessed_grade", flat=True))


def test_ticked_reports_get_one_grade_that_names_no_evidence(open_round, people, sign_in):
    reports = [
        make_report(open_round, code, by=people["staff"], state="submitted")
        for code in ("1.1", "1.2")
    ]
    ticks = [f"{report.pk}.{report.version}" for report in reports]
    client = sign_in(people["reviewer"])
    page = read(client.post("/staff/review/", {"report": ticks}))
    assert page.one("main form label").text == "หลักฐานที่ใช้ของทุกรายการที่เลือก"
    assert page.texts("main form option") == ["ยังไม่ระบุ", "หน่วยงานแจ้ง", "ไม่มีหลักฐาน"]
    crafted = {"report": ticks, "do": "confirm", "assessed_grade": "documented"}
    client.post("/staff/review/", crafted)
    assert client.page("/staff/review/").one(".flash").text == "เลือกหลักฐานที่ใช้จากรายการ"
    assert grades_of(reports) == {""}
    client.send(page, assessed_grade="said")
    assert client.page("/staff/review/").one(".flash").text == "รับรองแล้ว 2 รายการ"
    assert grades_of(reports) == {"said"}
