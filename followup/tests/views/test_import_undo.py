"""The page that takes an import back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from followup import actions, background
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    FocalPoint,
    ImportState,
    SpreadsheetImport,
)
from followup.spreadsheets import session
from followup.tests.factories import dump
from followup.tests.queued import empty_queue, queued
from followup.tests.spreadsheets.imports import (
    RESULTS,
    applied,
    expected,
    picture,
    told,
    write_for,
)

pytestmark = pytest.mark.django_db


def test_the_page_says_what_goes_and_writes_nothing(made, people, desk, new_agency):
    AgencyAlias.objects.create(agency=Agency.objects.get(code="DOPA"), name="กรมการปกครองง")
    alias = AgencyAlias.objects.get(name="กรมการปกครองง")
    made.made["aliases"] = [alias.pk]
    made.made["as_made"]["aliases"] = {
        str(alias.pk): {"agency_id": alias.agency_id, "name": alias.name}
    }
    made.save()
    before = dump()
    page = told(desk.get(reverse("import-undo", args=[made.pk])))
    for sentence in (
        "รายงานผล <b>1</b> รายการกลับเป็นอย่างเดิมก่อนนำเข้า",
        "ลบรายงานผล <b>2</b> รายการที่การนำเข้านี้สร้าง",
        "ลบลิงก์หลักฐาน <b>3</b> ลิงก์ที่การนำเข้านี้เพิ่ม",
        "ลบการมอบหมาย <b>2</b> รายการที่การนำเข้านี้เพิ่ม",
        "ลบหน่วยงาน <b>1</b> แห่งที่การนำเข้านี้เพิ่ม: มูลนิธิทดสอบ",
        "เลิกจำว่า “กรมการปกครองง” หมายถึงกรมการปกครอง",
        ">ย้อนการนำเข้า</button>",
        ">ยกเลิก</a>",
    ):
        assert sentence in page
    assert dump() == before


def test_it_is_taken_back_once_and_the_other_tab_is_told(made, desk, new_agency):
    FocalPoint.objects.create(agency=new_agency, name="สมหญิง", phone="02")
    assert "สิ่งที่จะคงไว้" in told(desk.get(reverse("import-undo", args=[made.pk])))
    page = told(desk.post(reverse("import-undo", args=[made.pk]), follow=True))
    assert "<h1>ย้อนการนำเข้านี้แล้ว</h1>" in page
    assert "รายงานผล 1 รายการกลับเป็นอย่างเดิม ลบ 2 รายการที่การนำเข้านี้สร้าง" in page
    assert 'หน่วยงาน มูลนิธิทดสอบ <span class="meta">มีผู้ประสานงานของหน่วยงานที่ใช้อยู่</span>' in page
    before = picture(history=True)
    again = told(desk.post(reverse("import-undo", args=[made.pk]), follow=True))
    assert "การนำเข้านี้ย้อนไปแล้ว หรือกำลังย้อน หรือยังไม่ได้นำเข้า" in again
    assert picture(history=True) == before
    assert desk.get(reverse("import-undo", args=[made.pk])).status_code == 302


def test_the_page_says_who_changed_what_and_offers_no_button(made, people, desk, open_round):
    report = expected(open_round, "3.1", "SWF")
    actions.save_draft(
        report=report, by=people["staff"], version=1, fields={"results": "แก้ต่อ"}, evidence=[]
    )
    page = told(desk.get(reverse("import-undo", args=[made.pk])))
    assert "ย้อนไม่ได้ เพราะมีผู้แก้ไข 1 รายการหลังจากนำเข้า" in page
    assert "คุณstaff บันทึกเมื่อ" in page
    assert ">ย้อนการนำเข้า</button>" not in page
    after = told(desk.post(reverse("import-undo", args=[made.pk]), follow=True))
    assert "ย้อนไม่ได้ เพราะมีผู้แก้ไข 1 รายการหลังจากนำเข้า" in after
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED


def test_a_long_one_runs_elsewhere_and_the_page_waits(made, people, desk, monkeypatch):
    user = people["administrator"].pk
    monkeypatch.setattr(session, "INLINE_ROWS", 2)
    address = reverse("import-undo", args=[made.pk])
    page = told(desk.post(address, follow=True))
    assert queued() == [("run_import", made.pk, "undo", 1, user)]
    assert "<h1>กำลังย้อนการนำเข้า</h1>" in page
    assert "0 จาก 3 รายการ" in page
    assert "กำลังย้อน" in told(desk.get(reverse("import-result", args=[made.pk]), follow=True))
    desk.post(address)
    assert len(queued()) == 1, "a second click starts no second one"
    # Its job has failed: the page says so, and a click starts it anew.
    empty_queue()
    monkeypatch.setattr(background, "LOST_AFTER", timedelta(seconds=-1))
    page = told(desk.get(address, follow=True))
    assert "การย้อนหยุดกลางคัน ยังไม่มีรายการใดเปลี่ยน ลองอีกครั้ง" in page
    desk.post(address)
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED
    monkeypatch.setattr(background, "LOST_AFTER", timedelta(seconds=25))
    desk.post(address)
    assert len(queued()) == 1
    made.refresh_from_db()
    assert made.state == ImportState.UNDOING


def test_only_the_own_import_and_only_with_the_right(made, people, sign_in):
    address = reverse("import-undo", args=[made.pk])
    for name, status in (("staff", 403), ("outsider", 403)):
        assert sign_in(people[name]).post(address).status_code == status
    SpreadsheetImport.objects.update(created_by=people["staff"])
    assert sign_in(people["administrator"]).post(address).status_code == 404
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED


def test_the_result_names_what_was_set_aside(record, people, open_round, desk):
    mine, theirs = expected(open_round, "3.1", "SWF"), expected(open_round, "3.2", "DOPA")
    gone = expected(open_round, "1.2", "MSDHS")
    writes = [
        write_for(mine, **RESULTS),
        write_for(theirs, row=3, **RESULTS),
        write_for(gone, row=4, **RESULTS),
    ]
    actions.save_draft(
        report=theirs, by=people["staff"], version=0, fields={"results": "ก"}, evidence=[]
    )
    Assignment.objects.filter(pk=gone.assignment_id).update(valid_from=2565, valid_to=2568)
    applied(record, people["administrator"], writes)
    page = told(desk.get(reverse("import-result", args=[record.pk])))
    assert "<h1>นำเข้าแล้ว 1 รายการ</h1>" in page
    assert "กันไว้ 2 รายการ เพราะเปลี่ยนไปหลังจากตรวจไฟล์" in page
    assert "<b>3.2</b>กรมการปกครอง" in page
    assert "คุณstaff บันทึกเมื่อ" in page
    assert "การมอบหมายสิ้นสุดแล้ว จึงไม่มีรายการให้เขียน · แถว 4" in page
    assert "ตรวจไฟล์อีกครั้งแล้วนำเข้าเฉพาะรายการนี้" in page
    assert f'href="{reverse("import-undo", args=[record.pk])}"' in page


def test_the_page_lists_the_first_reports_and_counts_the_rest(record, people, open_round, desk):
    reports = list(open_round.reports.with_context()[:23])
    writes = [write_for(each, row=row, **RESULTS) for row, each in enumerate(reports, start=2)]
    applied(record, people["administrator"], writes)
    page = told(desk.get(reverse("import-undo", args=[record.pk])))
    assert page.count('<li class="task">') == 20
    assert "และอีก 3 รายการ" in page
