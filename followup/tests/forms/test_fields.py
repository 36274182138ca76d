"""Field types: texts, money, whole numbers, days, and the list of errors."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from followup.forms.fields import CountField, DayField, error_list
from followup.forms.report import (
    ReportForm,
)
from followup.forms.secretariat import NewRoundForm, PublishForm
from followup.tests.forms.filled import (
    TOO_LONG,
    cleaned,
    errors,
    evidence_forms,
    report_form,
)

pytestmark = pytest.mark.django_db  # a report's form offers the provinces that there are


@pytest.mark.parametrize(
    ("field", "label", "limit"),
    [
        ("results", "ผลการดำเนินงาน", 4000),
        ("obstacles", "ปัญหา/อุปสรรค", 4000),
        ("next_steps", "ข้อเสนอแนะ/แผนระยะต่อไป", 4000),
        ("meeting_ref", "มติ คสป. ครั้งที่", 40),
    ],
)
def test_a_text_over_its_limit_says_by_how_much_and_stays(field, label, limit):
    assert cleaned(**{field: "ก" * limit})[field] == "ก" * limit
    long = "ก" * limit + "ข"
    form = report_form(**{field: long})
    assert errors(form) == {field: [TOO_LONG % (label, limit + 1, limit)]}
    assert form[field].value() == long, "nothing of it is cut"
    assert long in str(form[field])
    assert "maxlength" not in str(form[field]), "nor does the browser cut it"


def test_a_line_end_counts_once_however_the_browser_sends_it():
    for end in ("\r\n", "\r", "\n"):
        assert cleaned(results=end.join(["ก"] * 2000))["results"] == "\n".join(["ก"] * 2000)


def test_a_limit_counts_what_is_stored_not_what_was_sent():
    padded = f"  \u200b{'ก' * 4000}\x00\ufeff\r\n  "
    assert cleaned(results=padded)["results"] == "ก" * 4000
    exactly = "\r\n".join(["ก"] * 2000)  # 3999 as stored, 5998 as sent
    assert len(cleaned(results=exactly)["results"]) == 3999
    form = report_form(results=exactly + "\r\nข")  # 4001
    assert errors(form) == {"results": [TOO_LONG % ("ผลการดำเนินงาน", 4001, 4000)]}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("จัดเวที\u200bประชาคม", "จัดเวทีประชาคม"),
        ("\ufeffจัดเวที", "จัดเวที"),
        ("จัด\x00เวที", "จัดเวที"),
        ("สองวรรค\r\nบรรทัด\rสาม", "สองวรรค\nบรรทัด\nสาม"),
        ("จัด\u00a0เวที", "จัด เวที"),
        ("กํากับ เเละ น้ํา", "กำกับ และ น้ำ"),  # as some PDF readers and keyboards write it
        ("๑๒๓ คน", "๑๒๓ คน"),  # the digits of a text are the writer's own
        (" \u200b\r\n ", ""),
        ("<b>หนา</b>", "<b>หนา</b>"),
    ],
)
def test_texts_are_cleaned_and_otherwise_left_alone(typed, stored):
    assert cleaned(results=typed)["results"] == stored


def test_a_text_of_nothing_but_invisible_characters_is_empty():
    data = cleaned(results="\u200b\u200b", obstacles="\x00", meeting_ref="\ufeff ")
    assert (data["results"], data["obstacles"], data["meeting_ref"]) == ("", "", "")


# Money -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        ("-", None),
        ("0", Decimal("0")),
        ("1,250,000", Decimal("1250000")),
        ("1.25 ล้าน", Decimal("1250000")),
        ("๑,๒๕๐,๐๐๐.๕๐ บาท", Decimal("1250000.50")),
        (" 1250000.5 ", Decimal("1250000.50")),
        ("9,999,999,999,999.99", Decimal("9999999999999.99")),
    ],
)
def test_amounts_as_people_write_them(typed, amount):
    data = cleaned(budget_received=typed, budget_spent=typed)
    assert (data["budget_received"], data["budget_spent"]) == (amount, amount)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("สองล้าน", "งบประมาณ “สองล้าน” ไม่ใช่ตัวเลข"),
        ("1O0,000", "งบประมาณ “1O0,000” ไม่ใช่ตัวเลข (มีตัวอักษร O)"),
        ("1,25,000", "งบประมาณ “1,25,000” ไม่ใช่ตัวเลข"),
        ("๑00", "งบประมาณ “๑00” ไม่ใช่ตัวเลข"),
        ("-500", "จำนวนเงินต้องไม่ติดลบ"),
        ("1.250", "จำนวนเงินมีทศนิยมได้ไม่เกิน 2 ตำแหน่ง (สตางค์)"),
        ("10000000000000", "จำนวนเงินมากเกินไป ระบุไม่เกิน 9,999,999,999,999.99 บาท"),
        ("10,000,000 ล้าน", "จำนวนเงินมากเกินไป ระบุไม่เกิน 9,999,999,999,999.99 บาท"),
        ("5\x00", "งบประมาณ “5\ufffd” ไม่ใช่ตัวเลข"),
    ],
)
def test_what_is_no_amount_is_said_and_kept(typed, message):
    form = report_form(budget_received=typed, results="ก")
    assert errors(form) == {"budget_received": [message]}
    assert form["budget_received"].value() == typed
    assert form["results"].value() == "ก"


def test_a_stored_amount_shows_with_commas():
    form = ReportForm(initial={"budget_received": Decimal("1250000.00")}, last=None)
    assert form["budget_received"].value() == "1,250,000"
    form = ReportForm(initial={"budget_received": Decimal("0.50")}, last=None)
    assert form["budget_received"].value() == "0.50"
    assert (
        ReportForm(initial={"budget_received": None}, last=None)["budget_received"].value() is None
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1,250", 1250), ("๑๒๕๐", 1250), ("1,250 คน", 1250), ("0", 0), ("", None), ("-", None)],
)
def test_whole_numbers_as_people_write_them(typed, number):
    assert CountField(label="จำนวน").clean(typed) == number


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("หลาย", "“หลาย” ไม่ใช่จำนวนเต็ม พิมพ์เป็นตัวเลข เช่น 1,250"),
        ("12.5", "“12.5” ไม่ใช่จำนวนเต็ม พิมพ์เป็นตัวเลข เช่น 1,250"),
        ("-3", "“-3” ไม่ใช่จำนวนเต็ม พิมพ์เป็นตัวเลข เช่น 1,250"),
        ("99999999999", "จำนวนมากเกินไป ระบุไม่เกิน 2,147,483,647"),
    ],
)
def test_what_is_no_whole_number_is_said(typed, message):
    with pytest.raises(ValidationError) as refused:
        CountField(label="จำนวน").clean(typed)
    assert refused.value.messages == [message]


def test_a_stored_number_shows_with_commas():
    assert CountField(label="จำนวน").prepare_value(1250) == "1,250"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("30/11/2569", date(2026, 11, 30)),
        ("๓๐/๑๑/๒๕๖๙", date(2026, 11, 30)),
        ("1-2-2567", date(2024, 2, 1)),
        ("30 พ.ย. 2569", date(2026, 11, 30)),
        ("30 พฤศจิกายน 2569", date(2026, 11, 30)),
        ("30/11/2026", date(2026, 11, 30)),
        ("29/2/2567", date(2024, 2, 29)),
    ],
)
def test_days_as_people_write_them(typed, day):
    assert DayField().clean(typed) == day


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("พรุ่งนี้", "วันที่ “พรุ่งนี้” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569"),
        ("30/11/69", "วันที่ “30/11/69” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569"),
        ("2569-11-30", "วันที่ “2569-11-30” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569"),
        ("31/11/2569", "ไม่มีวันที่ 31/11/2569 ในปฏิทิน"),
        ("29/2/2569", "ไม่มีวันที่ 29/2/2569 ในปฏิทิน"),
        ("30 ไม่ทราบ 2569", "ไม่มีวันที่ 30 ไม่ทราบ 2569 ในปฏิทิน"),
    ],
)
def test_what_is_no_day_is_said_and_kept(typed, message):
    form = PublishForm({"meeting_on": typed, "meeting_ref": "5/2569"})
    assert errors(form) == {"meeting_on": [message]}
    assert form["meeting_on"].value() == typed
    assert form["meeting_ref"].value() == "5/2569"


def test_a_stored_day_shows_in_the_buddhist_era():
    form = NewRoundForm(initial={"due_on": date(2026, 11, 30)})
    assert form["due_on"].value() == "30/11/2569"
    assert DayField().clean(form["due_on"].value()) == date(2026, 11, 30)


def test_the_list_of_errors_follows_the_order_of_the_fields():
    form = report_form(
        last=None, reported_status="?", results="ก" * 4001, budget_spent="x", no_change="on"
    )
    form.is_valid()
    form.add_error(None, "ประโยคของทั้งแบบ")
    form.add_error("results", "อีกประโยค")
    assert error_list(form) == [
        ("id_reported_status", "เลือกสถานะจากรายการ"),
        ("id_results", TOO_LONG % ("ผลการดำเนินงาน", 4001, 4000)),
        ("id_results", "อีกประโยค"),
        ("id_budget_spent", "งบประมาณ “x” ไม่ใช่ตัวเลข"),
        ("", "ประโยคของทั้งแบบ"),
    ]


def test_errors_of_an_evidence_row_point_to_that_row():
    row = {"title": "หนึ่ง", "url": "https://example.org/1"}
    formset = evidence_forms(row, {"title": "", "url": "https://example.org/2"})
    assert not formset.is_valid()
    assert [error_list(form) for form in formset] == [
        [],
        [("id_evidence-1-title", "ระบุชื่อหลักฐาน เช่น “สรุปโครงการ ปีงบประมาณ 2567”")],
    ]
