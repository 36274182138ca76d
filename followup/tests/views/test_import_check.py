"""The check's page: fixes and answers keep to what they were made about; two tabs."""

import pytest
from django.urls import reverse

from followup import actions
from followup.models import AgencyAlias, ImportState
from followup.spreadsheets import session
from followup.tests.factories import make_report
from followup.tests.sentences import CHANGED_IN_ANOTHER_WINDOW
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    HEAD,
    answer,
    confirm,
    report_of,
    row,
    saved,
    sentences,
    walk_to_check,
    workbook,
    xlsx,
)

pytestmark = pytest.mark.django_db


def check_page(desk, record):
    return desk.get(reverse("import-check", args=[record.pk])).content.decode()


def test_another_sheets_row_does_not_take_the_first_ones_fix(desk):
    """Row 2 of the first sheet is mended; row 2 of the second, chosen later, stays as it is."""
    content = saved(
        workbook(
            ("ก", [HEAD, row("3.9", "กสจ."), row("3.2", "ปค.")]),
            ("ข", [["ลำดับ", *HEAD], [1, *row("3.8", "กสจ.")]]),
        )
    )
    record = walk_to_check(desk, content)
    record = answer(desk, record, fix_2_0="3.1")
    assert record.counts["ready"] == 2
    desk.post(
        reverse("import-sheet", args=[record.pk]),
        {"version": record.version, "read": "0:1", "next": "1"},
    )
    record.refresh_from_db()
    desk.post(reverse("import-columns", args=[record.pk]), {"version": record.version})
    record.refresh_from_db()
    assert (record.counts["ready"], record.counts["wrong"]) == (0, 1)
    assert told("R02", v="3.8", i="3", list="3.1–3.6") in sentences(record)
    assert "ไม่ได้ใช้ (เป็นของชีตหรือแถวหัวตารางอื่น)" in check_page(desk, record)


def test_fixes_are_listed_edited_and_taken_back(desk):
    record = walk_to_check(desk, xlsx(HEAD, row("3.9", "กสจ.")))
    record = answer(desk, record, fix_3_0="3.8")
    page = check_page(desk, record)
    assert "ค่าที่พิมพ์แทน 1 จุด" in page
    url = reverse("import-check", args=[record.pk])
    desk.post(url, {"version": record.version, "edit-0": "3.1"})
    record.refresh_from_db()
    assert record.counts["ready"] == 1
    desk.post(url, {"version": record.version, "unfix-0": "on"})
    record.refresh_from_db()
    assert (record.fixes, record.counts["wrong"]) == ({}, 1)


def test_a_long_text_is_shown_whole_and_nothing_of_the_typed_one_is_cut(desk):
    long = "ก" * 5000
    record = walk_to_check(desk, xlsx(HEAD, row(results=long)))
    assert f"\n{long}</textarea>" in check_page(desk, record)
    record = answer(desk, record, fix_3_3="ข" * 4500)
    [fix] = record.fixes.values()
    assert fix["typed"] == "ข" * 4500
    assert record.counts["wrong"] == 1


def test_an_answer_from_another_tab_is_shown_before_writing(desk):
    record = walk_to_check(desk, xlsx(HEAD, row(status="ดำเนินการแล้ว")))
    earlier = record.version
    record = answer(desk, record, S02="completed")
    [question] = session.load_preview(record)["questions"]
    response = desk.post(
        reverse("import-check", args=[record.pk]),
        {"version": earlier, "key-0": question["key"], "answer-0": "in_progress", "next": "1"},
    )
    page = response.content.decode()
    assert response.status_code == 409
    assert CHANGED_IN_ANOTHER_WINDOW in page
    assert "(คำตอบที่บันทึกอยู่)" in page
    record.refresh_from_db()
    assert record.answers[question["key"]] == "completed"


def test_a_confirm_page_of_before_another_tabs_change_writes_nothing(desk):
    record = walk_to_check(desk, xlsx(HEAD, row(), row("3.9", "กสจ.")))
    earlier = record.version
    record = answer(desk, record, fix_4_0="3.2")
    url = reverse("import-confirm", args=[record.pk])
    page = desk.post(url, {"version": earlier}, follow=True).content.decode()
    assert CHANGED_IN_ANOTHER_WINDOW in page
    assert report_of("3.1", "SWF").is_untouched
    record.refresh_from_db()
    assert record.state == ImportState.CHECKED


@pytest.mark.parametrize("step", ["sheet", "columns"])
def test_the_other_steps_carry_the_version_too(desk, step):
    record = walk_to_check(desk, xlsx(HEAD, row()))
    url = reverse(f"import-{step}", args=[record.pk])
    page = desk.post(
        url, {"version": record.version - 1, "read": [], "column-3": ""}, follow=True
    ).content.decode()
    assert CHANGED_IN_ANOTHER_WINDOW in page
    version = record.version
    record.refresh_from_db()
    assert (record.version, record.state) == (version, ImportState.CHECKED)


def test_a_report_saved_meanwhile_is_named_before_and_set_aside_when_writing(desk, people):
    rows = [HEAD, row("3.1", "กสจ."), row("1.1", "กสป.", results="ใหม่")]
    record = walk_to_check(desk, xlsx(*rows))
    make = report_of("1.1", "DSDW_CSO")
    actions.save_draft(
        report=make, by=people["staff"], version=0, fields={"results": "ของเจ้าหน้าที่"}, evidence=[]
    )
    page = desk.get(reverse("import-confirm", args=[record.pk])).content.decode()
    assert "จะกันไว้ 1 รายการ เพราะมีผู้แก้ไขหลังการตรวจ" in page
    page = confirm(desk, record).content.decode()
    assert "นำเข้าแล้ว 1 รายการ" in page
    assert "คุณstaff" in page
    assert report_of("1.1", "DSDW_CSO").results == "ของเจ้าหน้าที่"
    assert report_of("3.1", "SWF").results == "อนุมัติแล้ว"


def test_going_on_to_confirm_saves_the_answers_first(desk):
    record = walk_to_check(desk, xlsx(HEAD, row(status="ดำเนินการแล้ว")))
    [question] = session.load_preview(record)["questions"]
    response = desk.post(
        reverse("import-check", args=[record.pk]),
        {
            "version": record.version,
            "key-0": question["key"],
            "answer-0": "in_progress",
            "next": "1",
        },
    )
    assert response["Location"] == reverse("import-confirm", args=[record.pk])
    confirm(desk, record)
    assert report_of("3.1", "SWF").reported_status == "in_progress"


def test_an_alias_is_learnt_only_with_the_import(desk):
    record = walk_to_check(desk, xlsx(HEAD, row("1.1", "กสป ภาคประชาสังคม")))
    agency = report_of("1.1", "DSDW_CSO").assignment.agency_id
    record = answer(desk, record, A01=f"agency:{agency}")
    assert not AgencyAlias.objects.filter(name="กสป ภาคประชาสังคม").exists()
    confirm(desk, record)
    assert AgencyAlias.objects.filter(name="กสป ภาคประชาสังคม", agency=agency).exists()


def test_settled_reports_are_one_table_with_ticks(desk, open_round, people):
    for code, agency in (("3.1", "SWF"), ("1.1", "DSDW_CSO"), ("1.2", "MSDHS")):
        make_report(open_round, code, agency, by=people["staff"], state="submitted")
    rows = [HEAD, *(row(c, a, results="ใหม่") for c, a in (("3.1", "กสจ."), ("1.1", "กสป.")))]
    rows.append(row("1.2", "พม.", results="ใหม่"))
    record = walk_to_check(desk, xlsx(*rows))
    assert (record.counts["questions"], record.counts["open"], record.counts["asked"]) == (1, 1, 3)
    page = check_page(desk, record)
    assert "ส่งตรวจหรือรับรองแล้วและต่างจากไฟล์ 3 รายการ" in page
    kept = session.load_preview(record)["settled"]
    ticked = next(number for number, each in enumerate(kept) if each["row"] == 4)
    desk.post(
        reverse("import-check", args=[record.pk]),
        {"version": record.version, "settled": "ticked", f"settled-{ticked}": "on"},
    )
    record.refresh_from_db()
    assert (record.counts["ready"], record.counts["skipped"]) == (1, 2)
    confirm(desk, record)
    assert report_of("1.1", "DSDW_CSO").state == "draft"
    assert report_of("3.1", "SWF").state == "submitted"
